/* Scenes of recordings that are written here: whole, of counters alone, empty, growing,
 * and out of order. */
#include "tests/suites.h"
#include "tests/synthetic_recording.h"
#include "tests/temporary_path.h"
#include "viz/scene.h"

#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { TOKENS = 70, CHANNELS = 50 };

static void copy(char *to, const char *name)
{
    snprintf(to, 512, "%s", temporary_path(name));
}

/* Cells against the counters they come from. */
static void check_cells(const struct scene *scene)
{
    const struct recording *recording = &scene->recording;
    struct error err = { 0 };
    struct site_counters site[4];
    for (uint64_t token = 0; token < scene->tokens; token++) {
        CU_ASSERT_EQUAL_FATAL(recording_read_counters(recording, token, 1, site, &err),
                              OK);
        for (uint32_t i = 0; i < 4; i++) {
            const struct scene_cell *cell = &scene->cell[token * 4 + i];
            CU_ASSERT_EQUAL(cell->steps, site[i].n[COUNT_STEPS]);
            CU_ASSERT_EQUAL(cell->silent, site[i].n[COUNT_SILENT]);
            CU_ASSERT_EQUAL(cell->spikes, site[i].n[COUNT_SPIKES]);
            CU_ASSERT_EQUAL(cell->sop, site[i].n[COUNT_SOP]);
            CU_ASSERT_EQUAL(cell->threshold, (float)site[i].threshold);
        }
    }
}

static void a_scene_holds_what_the_recording_says(void)
{
    struct error err = { 0 };
    struct scene scene;
    char path[512], text[16];
    for (int counts = 0; counts < 2; counts++) {
        copy(path, "scene.h5");
        CU_ASSERT_EQUAL_FATAL(synthetic_write(path, "bitwise", CHANNELS, TOKENS, counts,
                                              false, &err),
                              OK);
        CU_ASSERT_EQUAL_FATAL(scene_open(&scene, path, &err), OK);
        CU_ASSERT(scene.tokens == TOKENS && scene.rows == scene.recording.neurons);
        CU_ASSERT(scene.layers == 2 && !scene.is_timed && scene.has_counters);
        CU_ASSERT(scene.kind[2] == TOKEN_PROMPT && scene.kind[3] == TOKEN_GENERATED);
        CU_ASSERT(isnan(scene.log_probability[0]) && scene.log_probability[4] == -2);
        check_cells(&scene);
        CU_ASSERT_EQUAL(scene_token_text(&scene, 12, text, sizeof text), 3);
        CU_ASSERT_STRING_EQUAL(text, "t12");
        CU_ASSERT_EQUAL(scene_token_text(&scene, 12, text, 3), 2);
        for (uint64_t token = 0; token < TOKENS; token++) {
            double start = (double)scene.start_step[token];
            CU_ASSERT(scene.start_step[token] < scene.start_step[token + 1]);
            CU_ASSERT_EQUAL(scene_token_at(&scene, start), token);
            CU_ASSERT_EQUAL(scene_token_at(&scene, start + 0.5), token);
        }
        CU_ASSERT_EQUAL(scene_token_at(&scene, 1e300), TOKENS - 1);
        CU_ASSERT_EQUAL(scene_token_at(&scene, -1), 0);
        uint32_t index;
        for (uint32_t i = 0; i < 4; i++) {
            const struct population_info *info = &scene.recording.population[i];
            CU_ASSERT_PTR_EQUAL(scene_population_of(&scene, info->first_node, &index),
                                info);
            CU_ASSERT_EQUAL(index, i);
            CU_ASSERT_PTR_EQUAL(scene_population_of(&scene,
                                                    info->first_node + info->size - 1,
                                                    NULL),
                                info);
        }
        CU_ASSERT_PTR_NULL(scene_population_of(&scene, scene.rows, NULL));
        scene_release(&scene);
    }
}

static void a_recording_without_tokens_is_a_scene(void)
{
    struct error err = { 0 };
    struct scene scene;
    char path[512];
    copy(path, "scene_empty.h5");
    CU_ASSERT_EQUAL_FATAL(synthetic_write(path, "ternary", 8, 0, true, true, &err), OK);
    CU_ASSERT_EQUAL_FATAL(scene_open(&scene, path, &err), OK);
    CU_ASSERT(scene.tokens == 0 && scene_end(&scene) == 0 && !scene.has_counters);
    CU_ASSERT_EQUAL(scene_token_at(&scene, 3), 0);
    scene_release(&scene);
}

/* Of a file that was cut at any length nothing is read beyond its end. */
static void cut_files_are_refused_or_read(void)
{
    struct error err = { 0 };
    struct scene scene;
    char path[512];
    copy(path, "scene_cut.h5");
    CU_ASSERT_EQUAL_FATAL(synthetic_write(path, "ternary", 8, 40, true, true, &err),
                          OK);
    FILE *file = fopen(path, "rb");
    CU_ASSERT_PTR_NOT_NULL_FATAL(file);
    fseek(file, 0, SEEK_END);
    long size = ftell(file);
    fclose(file);
    for (long cut = size; cut > 0; cut -= size / 23) {
        CU_ASSERT_EQUAL(truncate(path, cut), 0);
        if (scene_open(&scene, path, &err) == OK) {
            CU_ASSERT(scene.tokens <= 40);
            scene_release(&scene);
        } else {
            CU_ASSERT_PTR_NOT_NULL(strstr(err.text, path));
        }
    }
}

static void windows_and_texts_out_of_order_are_refused(void)
{
    static const struct {
        const char *column;
        uint64_t value;
        const char *words;
    } cases[] = {
        { "tokens/start_step", 0, "window of token 7" },
        { "tokens/start_step", UINT64_MAX, "window of token 7" },
        { "tokens/text_offset", 1, "text of token 6" },
        { "tokens/text_offset", 1u << 30, "text" },
    };
    struct error err = { 0 };
    struct scene scene;
    char path[512];
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        copy(path, "scene_spoilt.h5");
        CU_ASSERT_EQUAL_FATAL(synthetic_write(path, "ternary", 8, 20, true, true, &err),
                              OK);
        CU_ASSERT(synthetic_spoil(path, cases[i].column, 7, cases[i].value));
        CU_ASSERT_EQUAL(scene_open(&scene, path, &err), ERR_FORMAT);
        CU_ASSERT_PTR_NOT_NULL(strstr(err.text, cases[i].words));
    }
}

/* Grows by a piece at every byte it is sent. */
static void write_pieces(const char *path, int orders, int answers)
{
    struct synthetic synthetic;
    struct recording_writer *writer;
    struct error err = { 0 };
    char order = 0;
    if (!synthetic_init(&synthetic, "bitwise", CHANNELS, true, true) ||
        recording_create(&writer, path, &synthetic.plan, &err) != OK)
        _exit(1);
    while (write(answers, &order, 1) == 1 && read(orders, &order, 1) == 1)
        if (synthetic_append(&synthetic, writer, 37, &err) != OK ||
            recording_flush(writer, &err) != OK)
            _exit(1);
    _exit(42); /* as a kill would leave it */
}

static void a_scene_grows_with_its_recording(void)
{
    struct error err = { 0 };
    struct scene scene;
    char path[512], byte = 0;
    int orders[2], answers[2], status;
    bool grew;
    copy(path, "scene_live.h5");
    CU_ASSERT_FATAL(pipe(orders) == 0 && pipe(answers) == 0);
    fflush(NULL);
    pid_t child = fork();
    if (child == 0) {
        close(orders[1]);
        write_pieces(path, orders[0], answers[1]);
    }
    CU_ASSERT_FATAL(child > 0);
    CU_ASSERT_EQUAL_FATAL(read(answers[0], &byte, 1), 1);
    CU_ASSERT_EQUAL_FATAL(scene_open(&scene, path, &err), OK);
    CU_ASSERT(scene.recording.is_live && scene.tokens == 0);
    for (uint64_t piece = 1; piece <= 10; piece++) {
        CU_ASSERT_EQUAL_FATAL(write(orders[1], &byte, 1), 1);
        CU_ASSERT_EQUAL_FATAL(read(answers[0], &byte, 1), 1);
        CU_ASSERT_EQUAL(scene_refresh(&scene, &grew, &err), OK);
        CU_ASSERT(grew && scene.tokens == 37 * piece && scene.has_counters);
        CU_ASSERT_EQUAL(scene_refresh(&scene, &grew, &err), OK);
        CU_ASSERT_FALSE(grew);
    }
    check_cells(&scene);
    char text[16];
    scene_token_text(&scene, 369, text, sizeof text);
    CU_ASSERT_STRING_EQUAL(text, "t369");
    scene_release(&scene);
    for (int i = 0; i < 2; i++) {
        close(orders[i]);
        close(answers[i]);
    }
    waitpid(child, &status, 0);
    CU_ASSERT(WIFEXITED(status) && WEXITSTATUS(status) == 42);
}

CU_TestInfo scene_tests[] = {
    { "a scene holds what the recording says", a_scene_holds_what_the_recording_says },
    { "a recording without tokens is a scene", a_recording_without_tokens_is_a_scene },
    { "cut files are refused or read", cut_files_are_refused_or_read },
    { "windows and texts out of order are refused",
      windows_and_texts_out_of_order_are_refused },
    { "a scene grows with its recording", a_scene_grows_with_its_recording },
    CU_TEST_INFO_NULL,
};
