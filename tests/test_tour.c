/* Scripts of tours: what is read, and what is refused with its line. What a tour makes
 * of a recording: test_tour.sh. */
#include "tests/suites.h"
#include "viz/tour.h"
#include "viz/tour_figure.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static enum error_code parse(struct tour *tour, const char *text, struct error *err)
{
    return tour_parse(tour, text, strlen(text), err);
}

static void keys_are_read(void)
{
    struct tour tour;
    struct error err = { 0 };
    const char *text =
        "title.en = Test\ntitle.it = Prova\nrecording = a/b.h5\n"
        "[one]\ncaption.en = \"{spikes} spikes\"\npanes = raster, map\n"
        "select = L07:3\nneurons = 0-31\nsee = 0-8\nplay = 100-250.5 ms\n"
        "speed = 0.5\npause = 0\n"
        "[two]\ncaption.en = B\ncaption.it = C\nenlarge = map\n"
        "play = all\n[three]\ncaption.en = D\nsee = 7\n";
    CU_ASSERT_EQUAL_FATAL(parse(&tour, text, &err), OK);
    CU_ASSERT_EQUAL_FATAL(tour.stops, 3);
    const struct tour_stop *one = &tour.stop[0], *two = &tour.stop[1];
    CU_ASSERT_STRING_EQUAL(tour.recording, "a/b.h5");
    CU_ASSERT_STRING_EQUAL(tour_title(&tour, 1), "Prova");
    CU_ASSERT_STRING_EQUAL(tour_caption(one, 1), "{spikes} spikes"); /* no other */
    CU_ASSERT_STRING_EQUAL(tour_caption(two, 1), "C");
    CU_ASSERT_STRING_EQUAL(one->name, "one");
    CU_ASSERT_EQUAL(one->line, 5);
    CU_ASSERT_TRUE(one->has_panes && one->is_shown[PANE_RASTER] &&
                   one->is_shown[PANE_MAP] && !one->is_shown[PANE_TEXT]);
    CU_ASSERT_STRING_EQUAL(one->select, "L07:3");
    CU_ASSERT_EQUAL(one->last_neuron, 31);
    CU_ASSERT_TRUE(one->see.unit == TOUR_TOKENS && one->see.from == 0 &&
                   one->see.to == 8);
    CU_ASSERT_TRUE(one->play.unit == TOUR_MS && one->play.to == 250.5 && one->plays);
    CU_ASSERT_TRUE(one->speed == 0.5 && one->pause == 0);
    CU_ASSERT_TRUE(two->enlarged == PANE_MAP && two->play.unit == TOUR_WHOLE);
    CU_ASSERT_TRUE(two->speed == 1 && isnan(two->first_neuron) && !two->has_panes);
    CU_ASSERT_TRUE(!tour.stop[2].plays && tour.stop[2].see.to == 7);
    tour_release(&tour);
}

static void what_is_wrong_is_refused_with_its_line(void)
{
    static const struct {
        const char *text, *sentence;
    } wrong[] = {
        { "", "without stops" },
        { "speed = 1\n", "line 1" },
        { "[a]\nspeed = 1\n", "line 2: stop 'a' has no caption.en" },
        { "[a]\ncaption.en = A\ncolour = red\n", "line 3: no key 'colour'" },
        { "[a]\ncaption.fr = A\n", "line 2: no key 'caption.fr'" },
        { "[a]\ncaption.en = A\nspeed = fast\n",
          "line 3: expected a number from 0.001" },
        { "[a]\ncaption.en = A\nspeed = 0\n", "line 3" },
        { "[a]\ncaption.en = A\nspeed = -1\n", "line 3" },
        { "[a]\ncaption.en = A\nspeed = 0x10\n", "line 3" },
        { "[a]\ncaption.en = A\npause = 1e9\n", "line 3" },
        { "[a]\ncaption.en = A\npause = nan\n", "line 3" },
        { "[a]\ncaption.en = A\npanes = raster, sound\n",
          "line 3: expected views among" },
        { "[a]\ncaption.en = A\npanes =\n", "line 3" },
        { "[a]\ncaption.en = A\nenlarge = raster, map\n", "line 3" },
        { "[a]\ncaption.en = A\nplay = 8-0\n", "line 3: expected all, tokens such as" },
        { "[a]\ncaption.en = A\nplay = 0.5\n", "line 3" },
        { "[a]\ncaption.en = A\nplay = 3 ms\n", "line 3" },
        { "[a]\ncaption.en = A\nplay = 0-5 s\n", "line 3" },
        { "[a]\ncaption.en = A\nneurons = all\n", "line 3: expected neurons" },
        { "[a]\ncaption.en = {spikes\n", "line 2: a '{' without '}'" },
        { "[a]\ncaption.en = {dots}\n", "line 2: no figure '{dots}'" },
        { "[a]\ncaption.en = A\ncaption.en = B\n", "line 3" },
    };
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        struct tour tour;
        struct error err = { 0 };
        CU_ASSERT_EQUAL(parse(&tour, wrong[i].text, &err), ERR_FORMAT);
        if (!strstr(err.text, wrong[i].sentence)) {
            fprintf(stderr, "%s: %s\n", wrong[i].text, err.text);
            CU_FAIL("another sentence");
        }
    }
}

static void languages_are_known_by_their_locales(void)
{
    CU_ASSERT_EQUAL(tour_language_find("en"), 0);
    CU_ASSERT_EQUAL(tour_language_find("it_IT.UTF-8"), 1);
    CU_ASSERT_EQUAL(tour_language_find("italian"), -1);
    CU_ASSERT_EQUAL(tour_language_find("C"), -1);
}

/* Every figure has a name of its own and can stand in a caption. */
static void every_figure_can_be_named(void)
{
    char name[TOUR_FIGURE_NAME], text[160];
    const char *meaning;
    size_t figures = 0;
    for (; tour_figure_list(figures, name, &meaning); figures++) {
        struct tour tour;
        struct error err = { 0 };
        snprintf(text, sizeof text, "[a]\ncaption.en = x {%s} y\n", name);
        CU_ASSERT_EQUAL(parse(&tour, text, &err), OK);
        CU_ASSERT_TRUE(meaning[0] != '\0');
        tour_release(&tour);
    }
    CU_ASSERT_TRUE(figures > 40);
}

CU_TestInfo tour_tests[] = {
    { "keys of a tour are read", keys_are_read },
    { "what is wrong in a tour is refused with its line",
      what_is_wrong_is_refused_with_its_line },
    { "languages are known by their locales", languages_are_known_by_their_locales },
    { "every figure can be named in a caption", every_figure_can_be_named },
    CU_TEST_INFO_NULL,
};
