/* Rasters from an index against a slow count: the same spikes one by one. */
#include "tests/large_recording.h"
#include "tests/suites.h"
#include "tests/synthetic_recording.h"
#include "tests/temporary_path.h"
#include "viz/spike_index_state.h"

#include <gsl/gsl_rng.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { MOST_BANDS = LARGE_POPULATIONS, VIEWS = 48 };

/* Small parts, a file from the first event on. */
static const struct index_settings small_parts = {
    .sizes = { .part_events = 40000, .cache_events = 1, .sample_events = 10000 },
};
/* The same, from sums wherever there are any. */
static const struct index_settings sums_only = {
    .sizes = { .part_events = 40000, .cache_events = 1, .sample_events = 10000 },
    .limits = { .exact_events = 0, .most_events = UINT64_MAX },
};

static void make_path(char path[512], const char *name)
{
    char cache[520];
    snprintf(path, 512, "%s", temporary_path(name));
    snprintf(cache, sizeof cache, "%s.index", path);
    unlink(cache);
}

static void open_scene(struct scene *scene, const char *path)
{
    struct error err = { 0 };
    CU_ASSERT_EQUAL_FATAL(scene_open(scene, path, &err), OK);
}

static void open_index(struct spike_index **index, const struct scene *scene,
                       const struct index_settings *settings)
{
    struct error err = { 0 };
    CU_ASSERT_EQUAL_FATAL(spike_index_open_sized(index, scene, true, settings, &err),
                          OK);
    CU_ASSERT_EQUAL(spike_index_progress(*index), 1);
}

/* 400,000 spikes of 500 neurons in 3000 steps. */
static void write_network(char path[512], const char *name)
{
    static const struct large_plan plan = { 400000, 500, 3000, 3, 0 };
    struct error err = { 0 };
    make_path(path, name);
    CU_ASSERT_EQUAL_FATAL(large_recording_write(path, &plan, &err), OK);
}

/* A plot of random place, size and resolution: at most so many pixels wide, and high a
 * band. */
struct plot {
    struct spike_grid grid;
    struct spike_band band[MOST_BANDS];
};

static void make_plot(struct plot *plot, const struct scene *scene, gsl_rng *random,
                      unsigned most_columns, unsigned most_height)
{
    struct error err = { 0 };
    uint32_t columns = 1 + (uint32_t)gsl_rng_uniform_int(random, most_columns);
    uint32_t rows = 0;
    double zoom = pow(gsl_rng_uniform(random), 4);
    uint64_t end = scene_end(scene), steps = 1 + (uint64_t)(zoom * (double)end);
    uint64_t first = gsl_rng_uniform_int(random, end);
    double up = pow(gsl_rng_uniform(random), 3);
    plot->grid.bands = 0;
    for (uint32_t p = 0; p < scene->recording.populations; p++) {
        const struct population_info *info = &scene->recording.population[p];
        uint64_t neurons = 1 + (uint64_t)(up * (double)(info->size - 1));
        uint64_t node = gsl_rng_uniform_int(random, info->size - neurons + 1);
        uint32_t height = 1 + (uint32_t)gsl_rng_uniform_int(random, most_height);
        if (gsl_rng_uniform_int(random, 4) == 0)
            continue;
        plot->band[plot->grid.bands++] =
            (struct spike_band){ info->first_node + node, neurons, rows, height };
        rows += height + 1;
    }
    uint32_t bands = plot->grid.bands;
    CU_ASSERT_EQUAL_FATAL(spike_grid_create(&plot->grid, columns, rows + 1, &err), OK);
    plot->grid.first_step = first;
    plot->grid.steps = steps;
    plot->grid.band = plot->band;
    plot->grid.bands = bands;
}

static void like(struct spike_grid *copy, const struct spike_grid *grid)
{
    struct error err = { 0 };
    CU_ASSERT_EQUAL_FATAL(spike_grid_create(copy, grid->columns, grid->rows, &err), OK);
    copy->first_step = grid->first_step;
    copy->steps = grid->steps;
    copy->band = grid->band;
    copy->bands = grid->bands;
}

static void count_slowly(struct spike_grid *grid, const struct scene *scene)
{
    struct error err = { 0 };
    for (uint64_t token = 0; token < scene->tokens; token++) {
        struct recorded_spike *spike;
        size_t length;
        CU_ASSERT_EQUAL_FATAL(recording_expand(&scene->recording, token, &spike,
                                               &length, &err),
                              OK);
        spike_grid_add(grid, scene->start_step[token], spike, length);
        free(spike);
    }
}

static double sum(const float *cell, size_t cells)
{
    double all = 0;
    for (size_t i = 0; i < cells; i++)
        all += (double)cell[i];
    return all;
}

/* Sums of floats in another order: 1e-5. */
static void check_equal(const struct spike_grid *found, const struct spike_grid *slow)
{
    size_t cells = (size_t)slow->columns * slow->rows, different = 0;
    for (size_t i = 0; i < cells; i++) {
        double excited = (double)slow->excited[i];
        double inhibited = (double)slow->inhibited[i];
        different += fabs((double)found->excited[i] - excited) > 1e-5 * excited;
        different += fabs((double)found->inhibited[i] - inhibited) > 1e-5 * inhibited;
    }
    CU_ASSERT_EQUAL(different, 0);
    CU_ASSERT_EQUAL(memcmp(found->column_excited, slow->column_excited,
                           slow->columns * sizeof *slow->column_excited),
                    0);
    CU_ASSERT_EQUAL(memcmp(found->column_inhibited, slow->column_inhibited,
                           slow->columns * sizeof *slow->column_inhibited),
                    0);
    CU_ASSERT_EQUAL(found->spikes, slow->spikes);
    CU_ASSERT(found->strongest >= slow->strongest);
}

static void exact_plots_of(const struct scene *scene, struct spike_index *index,
                           unsigned views)
{
    gsl_rng *random = gsl_rng_alloc(gsl_rng_taus2);
    struct error err = { 0 };
    struct plot plot;
    struct spike_grid slow;
    for (unsigned view = 0; view < views; view++) {
        make_plot(&plot, scene, random, 300, 60);
        like(&slow, &plot.grid);
        CU_ASSERT_EQUAL(spike_index_fill(index, &plot.grid, &err), OK);
        count_slowly(&slow, scene);
        check_equal(&plot.grid, &slow);
        spike_grid_release(&plot.grid);
        spike_grid_release(&slow);
    }
    gsl_rng_free(random);
}

static void few_events_are_drawn_one_by_one(void)
{
    static const char *const codes[] = { "ternary", "bitwise", "graded" };
    struct error err = { 0 };
    struct scene scene;
    struct spike_index *index;
    char path[512];
    write_network(path, "exact.h5");
    open_scene(&scene, path);
    open_index(&index, &scene, &small_parts);
    exact_plots_of(&scene, index, VIEWS);
    spike_index_close(index);
    scene_release(&scene);
    for (int spikes = 0; spikes < 2; spikes++)
        for (size_t i = 0; i < sizeof codes / sizeof codes[0]; i++) {
            make_path(path, "codes.h5");
            CU_ASSERT_EQUAL_FATAL(synthetic_write(path, codes[i], 100, 60, true, spikes,
                                                  &err),
                                  OK);
            open_scene(&scene, path);
            open_index(&index, &scene, &small_parts);
            exact_plots_of(&scene, index, VIEWS / 4);
            spike_index_close(index);
            scene_release(&scene);
        }
}

/* A column or a row: whether anything is lit in it. */
static bool is_lit(const struct spike_grid *grid, size_t first, size_t step,
                   size_t cells)
{
    for (size_t i = 0; i < cells; i++)
        if (grid->excited[first + i * step] + grid->inhibited[first + i * step] > 0)
            return true;
    return false;
}

/* Sums in 16 bits are 0.1 % fine. A plot's edge may cut cells, whose spikes are then
 * shared by area: in a plot few pixels large that is much (cut). */
static void check_alike(const struct spike_grid *found, const struct spike_grid *slow,
                        double cut)
{
    size_t cells = (size_t)slow->columns * slow->rows, dark = 0, uncounted = 0;
    for (uint32_t column = 0; column < slow->columns; column++) {
        uint64_t spikes = slow->column_excited[column] + slow->column_inhibited[column];
        dark += is_lit(slow, column, slow->columns, slow->rows) &&
                !is_lit(found, column, slow->columns, slow->rows);
        uncounted +=
            spikes > 0 &&
            found->column_excited[column] + found->column_inhibited[column] == 0;
    }
    for (uint32_t row = 0; row < slow->rows; row++) {
        size_t first = (size_t)row * slow->columns;
        dark += is_lit(slow, first, 1, slow->columns) &&
                !is_lit(found, first, 1, slow->columns);
    }
    CU_ASSERT_EQUAL(dark, 0);
    CU_ASSERT_EQUAL(uncounted, 0);
    double slowly = sum(slow->excited, cells) + sum(slow->inhibited, cells);
    double all = sum(found->excited, cells) + sum(found->inhibited, cells);
    CU_ASSERT(fabs(all - slowly) <= (0.001 + cut) * slowly + 200 * cut);
    CU_ASSERT(fabs((double)found->spikes - (double)slow->spikes) <=
              (0.001 + cut) * (double)slow->spikes + 200 * cut);
}

/* All of the time, and of the populations that are in it. */
static void show_all(struct plot *plot, const struct scene *scene)
{
    plot->grid.first_step = 0;
    plot->grid.steps = scene_end(scene);
    for (uint32_t b = 0; b < plot->grid.bands; b++) {
        const struct population_info *info =
            scene_population_of(scene, plot->band[b].first_node, NULL);
        plot->band[b].first_node = info->first_node;
        plot->band[b].neurons = info->size;
    }
}

/* All of which lie in one range of the index. */
static void small_populations_are_told_apart(void)
{
    static const struct large_plan plan = { 60000, 200, 2000, 5, LARGE_POPULATIONS };
    struct error err = { 0 };
    struct scene scene;
    struct spike_index *index;
    char path[512];
    make_path(path, "small.h5");
    CU_ASSERT_EQUAL_FATAL(large_recording_write(path, &plan, &err), OK);
    open_scene(&scene, path);
    CU_ASSERT_EQUAL(scene.recording.populations, LARGE_POPULATIONS);
    open_index(&index, &scene, &small_parts);
    exact_plots_of(&scene, index, VIEWS / 4);
    spike_index_close(index);
    scene_release(&scene);
}

static bool differs(const struct spike_grid *found, const struct spike_grid *slow)
{
    size_t cells = (size_t)slow->columns * slow->rows;
    for (size_t i = 0; i < cells; i++)
        if (fabsf(found->excited[i] - slow->excited[i]) > 1e-5f * slow->excited[i])
            return true;
    return false;
}

static void sums_lose_no_column_and_no_row(void)
{
    gsl_rng *random = gsl_rng_alloc(gsl_rng_taus2);
    struct error err = { 0 };
    struct scene scene;
    struct spike_index *index;
    struct plot plot;
    struct spike_grid slow;
    char path[512];
    for (int counts = 0; counts < 2; counts++) {
        int from_sums = 0;
        if (counts) {
            make_path(path, "sums_counts.h5");
            CU_ASSERT_EQUAL_FATAL(synthetic_write(path, "bitwise", 200, 200, true,
                                                  false, &err),
                                  OK);
        } else {
            write_network(path, "sums.h5");
        }
        open_scene(&scene, path);
        open_index(&index, &scene, &sums_only);
        for (int view = 0; view < VIEWS; view++) {
            bool is_whole = view % 4 == 0;
            make_plot(&plot, &scene, random, 40, 9);
            if (is_whole)
                show_all(&plot, &scene);
            like(&slow, &plot.grid);
            CU_ASSERT_EQUAL(spike_index_fill(index, &plot.grid, &err), OK);
            count_slowly(&slow, &scene);
            check_alike(&plot.grid, &slow, is_whole ? 0 : 0.5);
            from_sums += differs(&plot.grid, &slow);
            spike_grid_release(&plot.grid);
            spike_grid_release(&slow);
        }
        CU_ASSERT(from_sums > VIEWS / 8); /* or nothing was tested */
        spike_index_close(index);
        scene_release(&scene);
    }
    gsl_rng_free(random);
}

static off_t size_of(const char *path)
{
    struct stat found;
    return stat(path, &found) == 0 ? found.st_size : -1;
}

static void spoil(const char *path, long at, int byte)
{
    FILE *file = fopen(path, "r+b");
    CU_ASSERT_PTR_NOT_NULL_FATAL(file);
    fseek(file, at, SEEK_SET);
    fputc(byte, file);
    fclose(file);
}

/* Opens an index anew: it shows the spikes in any case; is_cached: from the file. */
static void open_again(const char *path, bool is_cached)
{
    struct scene scene;
    struct spike_index *index;
    open_scene(&scene, path);
    open_index(&index, &scene, &small_parts);
    CU_ASSERT_EQUAL(spike_index_is_cached(index), is_cached);
    exact_plots_of(&scene, index, 3);
    spike_index_close(index);
    scene_release(&scene);
}

static void a_cache_is_taken_only_where_it_fits(void)
{
    struct error err = { 0 };
    char path[512], other[512], cache[520], other_cache[520];
    write_network(path, "cache.h5");
    snprintf(cache, sizeof cache, "%s.index", path);
    open_again(path, false);
    off_t size = size_of(cache);
    CU_ASSERT_FATAL(size > 0);
    open_again(path, true);
    unlink(cache); /* may be deleted */
    open_again(path, false);
    CU_ASSERT_EQUAL(size_of(cache), size);
    open_again(path, true);
    const long places[] = { 0, 9, 13, 20, 30, 60, 80, 65536, 65540, 65600, 65700 };
    for (size_t i = 0; i < sizeof places / sizeof places[0]; i++) {
        spoil(cache, places[i], 0xa5);
        open_again(path, false); /* and made anew */
    }
    CU_ASSERT_EQUAL(truncate(cache, size / 2), 0);
    open_again(path, false);
    CU_ASSERT_EQUAL(truncate(cache, 0), 0);
    open_again(path, false);
    open_again(path, true);
    make_path(other, "cache_other.h5");
    snprintf(other_cache, sizeof other_cache, "%s.index", other);
    CU_ASSERT_EQUAL_FATAL(synthetic_write(other, "ternary", 50, 20, true, true, &err),
                          OK);
    CU_ASSERT_EQUAL(rename(cache, other_cache), 0); /* of another recording */
    open_again(other, false);
    write_network(path, "cache.h5"); /* written anew */
    open_again(path, false);
}

static void a_folder_that_cannot_be_written_is_no_hindrance(void)
{
    struct error err = { 0 };
    struct scene scene;
    struct spike_index *index;
    char path[512], folder[512], cache[520];
    snprintf(folder, sizeof folder, "%s", temporary_path("closed"));
    CU_ASSERT_EQUAL_FATAL(mkdir(folder, 0700), 0);
    snprintf(path, sizeof path, "%s", temporary_path("closed/run.h5"));
    snprintf(cache, sizeof cache, "%s.index", path);
    CU_ASSERT_EQUAL_FATAL(synthetic_write(path, "ternary", 50, 40, true, true, &err),
                          OK);
    open_scene(&scene, path);
    /* Root may write anywhere: so the folder is gone instead, and the file still open. */
    CU_ASSERT_EQUAL(unlink(path), 0);
    CU_ASSERT_EQUAL(rmdir(folder), 0);
    open_index(&index, &scene, &small_parts);
    exact_plots_of(&scene, index, 5);
    spike_index_close(index);
    scene_release(&scene);
    CU_ASSERT_EQUAL(size_of(cache), -1);
}

static void nothing_to_show_is_shown(void)
{
    struct error err = { 0 };
    struct scene scene;
    struct spike_index *index;
    struct spike_grid grid;
    const struct spike_band band = { 0, 8, 0, 10 };
    char path[512];
    for (int kind = 0; kind < 2; kind++) {
        bool is_empty = kind == 0;
        make_path(path, "nothing.h5");
        CU_ASSERT_EQUAL_FATAL(synthetic_write(path, "ternary", 8, is_empty ? 0 : 20,
                                              is_empty, false, &err),
                              OK);
        open_scene(&scene, path);
        for (int waits = 0; waits < 2; waits++) {
            CU_ASSERT_EQUAL_FATAL(spike_index_open(&index, &scene, waits, &err), OK);
            CU_ASSERT_EQUAL(spike_index_progress(index), 1);
            CU_ASSERT_EQUAL_FATAL(spike_grid_create(&grid, 10, 10, &err), OK);
            grid.band = &band;
            grid.bands = 1;
            grid.steps = 30;
            CU_ASSERT_EQUAL(spike_index_fill(index, &grid, &err), OK);
            CU_ASSERT_EQUAL(grid.spikes, 0);
            CU_ASSERT_EQUAL(spike_index_extend(index, &err), OK);
            spike_grid_release(&grid);
            spike_index_close(index);
        }
        scene_release(&scene);
    }
}

/* What is seen meanwhile is part of the whole, and in the end all of it. */
static void a_picture_comes_before_the_index_stands(void)
{
    struct error err = { 0 };
    struct scene scene;
    struct spike_index *index;
    struct plot plot;
    struct spike_grid slow;
    char path[512];
    gsl_rng *random = gsl_rng_alloc(gsl_rng_taus2);
    write_network(path, "early.h5");
    open_scene(&scene, path);
    make_plot(&plot, &scene, random, 300, 60);
    plot.grid.first_step = 0;
    plot.grid.steps = scene_end(&scene);
    like(&slow, &plot.grid);
    count_slowly(&slow, &scene);
    CU_ASSERT_EQUAL_FATAL(spike_index_open_sized(&index, &scene, false, &small_parts,
                                                 &err),
                          OK);
    uint64_t age = 0;
    while (spike_index_progress(index) < 1) {
        struct spike_grid part;
        like(&part, &slow);
        CU_ASSERT_EQUAL(spike_index_fill(index, &part, &err), OK);
        CU_ASSERT(part.spikes <= slow.spikes);
        CU_ASSERT(spike_index_age(index) >= age);
        age = spike_index_age(index);
        spike_grid_release(&part);
    }
    CU_ASSERT_EQUAL(spike_index_fill(index, &plot.grid, &err), OK);
    check_equal(&plot.grid, &slow);
    spike_index_close(index);
    CU_ASSERT_EQUAL_FATAL(spike_index_open_sized(&index, &scene, false, &small_parts,
                                                 &err),
                          OK);
    spike_index_close(index); /* while it builds, or not */
    scene_release(&scene);
    spike_grid_release(&plot.grid);
    spike_grid_release(&slow);
    gsl_rng_free(random);
}

enum { PIECE = 11, PIECES = 12 };

/* Grows by a piece at every byte it is sent. */
static void write_pieces(const char *path, int orders, int answers)
{
    struct synthetic synthetic;
    struct recording_writer *writer;
    struct error err = { 0 };
    char order = 0;
    if (!synthetic_init(&synthetic, "bitwise", 300, true, false) ||
        recording_create(&writer, path, &synthetic.plan, &err) != OK)
        _exit(1);
    while (write(answers, &order, 1) == 1 && read(orders, &order, 1) == 1)
        if (synthetic_append(&synthetic, writer, PIECE, &err) != OK ||
            recording_flush(writer, &err) != OK)
            _exit(1);
    _exit(42);
}

/* Whether all of the scene is seen within a second: what is promised of a live run. */
static bool is_seen(struct spike_index *index)
{
    for (int ms = 0; ms < 1000 && spike_index_progress(index) < 1; ms++)
        nanosleep(&(struct timespec){ .tv_nsec = 1000000 }, NULL);
    return spike_index_progress(index) >= 1;
}

static void follow(const char *path, int orders, int answers)
{
    struct error err = { 0 };
    struct scene scene;
    struct spike_index *index;
    char byte = 0;
    bool grew;
    CU_ASSERT_EQUAL_FATAL(read(answers, &byte, 1), 1);
    open_scene(&scene, path);
    CU_ASSERT(scene.recording.is_live);
    CU_ASSERT_EQUAL_FATAL(spike_index_open_sized(&index, &scene, false, &small_parts,
                                                 &err),
                          OK);
    for (int piece = 0; piece < PIECES; piece++) {
        uint64_t age = spike_index_age(index);
        CU_ASSERT_EQUAL_FATAL(write(orders, &byte, 1), 1);
        CU_ASSERT_EQUAL_FATAL(read(answers, &byte, 1), 1);
        CU_ASSERT_EQUAL(scene_refresh(&scene, &grew, &err), OK);
        CU_ASSERT(grew && scene.tokens == (uint64_t)PIECE * (piece + 1));
        CU_ASSERT(spike_index_progress(index) < 1);
        CU_ASSERT_EQUAL(spike_index_extend(index, &err), OK);
        CU_ASSERT(is_seen(index));
        CU_ASSERT(spike_index_age(index) > age);
        exact_plots_of(&scene, index, 2);
    }
    exact_plots_of(&scene, index, VIEWS / 4);
    spike_index_close(index);
    scene_release(&scene);
}

static void a_living_run_is_seen_within_a_second(void)
{
    char path[512], cache[520];
    int orders[2], answers[2], status;
    make_path(path, "follow.h5");
    snprintf(cache, sizeof cache, "%s.index", path);
    CU_ASSERT_FATAL(pipe(orders) == 0 && pipe(answers) == 0);
    fflush(NULL);
    pid_t child = fork();
    if (child == 0) {
        close(orders[1]);
        write_pieces(path, orders[0], answers[1]);
    }
    CU_ASSERT_FATAL(child > 0);
    follow(path, orders[1], answers[0]);
    for (int i = 0; i < 2; i++) {
        close(orders[i]);
        close(answers[i]);
    }
    waitpid(child, &status, 0);
    CU_ASSERT(WIFEXITED(status) && WEXITSTATUS(status) == 42);
    CU_ASSERT_EQUAL(size_of(cache), -1); /* its file would not fit any more */
}

CU_TestInfo spike_index_tests[] = {
    { "few events are drawn one by one", few_events_are_drawn_one_by_one },
    { "small populations are told apart", small_populations_are_told_apart },
    { "sums lose no column and no row", sums_lose_no_column_and_no_row },
    { "a cache is taken only where it fits", a_cache_is_taken_only_where_it_fits },
    { "a folder that cannot be written is no hindrance",
      a_folder_that_cannot_be_written_is_no_hindrance },
    { "nothing to show is shown", nothing_to_show_is_shown },
    { "a picture comes before the index stands",
      a_picture_comes_before_the_index_stands },
    { "a living run is seen within a second", a_living_run_is_seen_within_a_second },
    CU_TEST_INFO_NULL,
};
