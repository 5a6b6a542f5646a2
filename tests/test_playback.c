/* Playback and the command line of lucciola-view. */
#include "tests/suites.h"
#include "viz/playback.h"
#include "viz/view_options.h"

#include <string.h>

static const uint64_t starts[] = { 100, 104, 104, 110 }; /* the second has no steps */

static void playback_stops_at_the_end(void)
{
    struct playback playback;
    playback_start(&playback, starts, 3, 20);
    CU_ASSERT_EQUAL(playback.step, 100);
    playback_advance(&playback, 2 / playback.steps_per_second);
    CU_ASSERT_DOUBLE_EQUAL(playback.step, 102, 1e-9);
    CU_ASSERT_EQUAL(playback_token(&playback), 0);
    playback_advance(&playback, 1e9);
    CU_ASSERT_EQUAL(playback.step, 110);
    CU_ASSERT_EQUAL(playback_token(&playback), 2);
    CU_ASSERT_TRUE(playback.is_paused);
    playback_toggle(&playback);
    CU_ASSERT_EQUAL(playback.step, 100);
    CU_ASSERT_FALSE(playback.is_paused);
}

static void pause_holds_the_step(void)
{
    struct playback playback;
    playback_start(&playback, starts, 3, 20);
    playback_toggle(&playback);
    playback_advance(&playback, 1);
    CU_ASSERT_EQUAL(playback.step, 100);
}

static void arrows_go_by_tokens(void)
{
    struct playback playback;
    playback_start(&playback, starts, 3, 20);
    playback_back(&playback);
    CU_ASSERT_EQUAL(playback.step, 100);
    playback_forward(&playback);
    CU_ASSERT_EQUAL(playback.step, 104);
    playback_forward(&playback);
    playback_forward(&playback);
    CU_ASSERT_EQUAL(playback.step, 110);
    playback_back(&playback);
    CU_ASSERT_EQUAL(playback.step, 104);
    playback_back(&playback);
    playback_back(&playback);
    CU_ASSERT_EQUAL(playback.step, 100);
    playback.step = 103;
    playback_back(&playback);
    CU_ASSERT_EQUAL(playback.step, 100);
}

static void pace_has_limits(void)
{
    struct playback playback;
    playback_start(&playback, starts, 3, 20);
    for (int i = 0; i < 100; i++)
        playback_pace(&playback, 0.5);
    CU_ASSERT(playback.steps_per_second > 0);
    for (int i = 0; i < 200; i++)
        playback_pace(&playback, 2);
    CU_ASSERT(playback.steps_per_second < 1e7);
}

static void nothing_plays_as_nothing(void)
{
    static const uint64_t none[] = { 0 };
    struct playback playback;
    playback_start(&playback, none, 0, 20);
    playback_forward(&playback);
    playback_back(&playback);
    playback_advance(&playback, 1);
    CU_ASSERT_EQUAL(playback.step, 0);
    CU_ASSERT_EQUAL(playback_token(&playback), 0);
}

static void options_are_read(void)
{
    char *argv[] = { "lucciola-view", "run.h5",   "--png",     "a.png",   "--size",
                     "640x480",       "--tokens", "3-7",       "--loop",  "2-",
                     "--populations", "L07,head", "--dark",    "b.h5",    "--panes",
                     "raster",        "--at",     "12.5",      "--speed", "0.5",
                     "--enlarge",     "raster",   "--measure", "2" };
    struct view_options options;
    struct error err = { 0 };
    CU_ASSERT_EQUAL(view_options_read(&options, sizeof argv / sizeof argv[0], argv,
                                      &err),
                    OK);
    CU_ASSERT_STRING_EQUAL(options.recording[0], "run.h5");
    CU_ASSERT_STRING_EQUAL(options.recording[1], "b.h5");
    CU_ASSERT(options.place[0] == 1 && options.place[1] == 13);
    CU_ASSERT_STRING_EQUAL(options.png, "a.png");
    CU_ASSERT(options.width == 640 && options.height == 480);
    CU_ASSERT(options.first_token == 3 && options.tokens == 5);
    CU_ASSERT(options.loops && options.loop_first == 2);
    CU_ASSERT_STRING_EQUAL(options.population[1], "head");
    CU_ASSERT_PTR_NULL(options.population[2]);
    CU_ASSERT_EQUAL(options.palette, VIEW_DARK);
    CU_ASSERT(options.is_shown[PANE_RASTER] && !options.is_shown[PANE_TEXT]);
    CU_ASSERT(options.at == 12.5 && options.speed == 0.5 && options.measure == 2);
    CU_ASSERT_EQUAL(options.enlarged, PANE_RASTER);
    view_options_release(&options);
}

static void wrong_options_are_refused_in_a_sentence(void)
{
    static const char *const wrong[][2] = {
        { "--size", "640" },
        { "--size", "0x9" },
        { "--size", "-1x5" },
        { "--size", "99999x9" },
        { "--tokens", "7-3" },
        { "--tokens", "x" },
        { "--tokens", "99999999999999999999" },
        { "--tokens", "1-2-3" },
        { "--loop", "5-1" },
        { "--populations", "," },
        { "--colour", "red" },
        { "--palette", "red" },
        { "--panes", "map,tower" },
        { "--panes", "," },
        { "--enlarge", "" },
        { "--compare", "both" },
        { "--at", "-1" },
        { "--at", "1e300" },
        { "--step", "nan" },
        { "--speed", "0" },
        { "--font-scale", "9" },
        { "--measure", "0" },
        { "run2.h5", "run3.h5" },
    };
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        char first[32], second[32];
        char *argv[] = { "lucciola-view", "run.h5", first, second };
        struct view_options options;
        struct error err = { 0 };
        strcpy(first, wrong[i][0]);
        strcpy(second, wrong[i][1]);
        CU_ASSERT_EQUAL(view_options_read(&options, 4, argv, &err), ERR_ARGUMENT);
        CU_ASSERT_PTR_NOT_NULL(strstr(err.text, wrong[i][0]));
        view_options_release(&options);
        CU_ASSERT_EQUAL(view_options_read(&options, 1, argv, &err), ERR_ARGUMENT);
        view_options_release(&options);
    }
}

CU_TestInfo playback_tests[] = {
    { "playback stops at the end and begins anew", playback_stops_at_the_end },
    { "a pause holds the step", pause_holds_the_step },
    { "arrows go by tokens", arrows_go_by_tokens },
    { "the pace has limits", pace_has_limits },
    { "a recording without tokens plays as nothing", nothing_plays_as_nothing },
    { "the viewer's options are read", options_are_read },
    { "wrong options are refused in a sentence",
      wrong_options_are_refused_in_a_sentence },
    CU_TEST_INFO_NULL,
};
