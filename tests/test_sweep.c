/* Sweeps: what a grid is made of, what a folder keeps after a kill and refuses of
 * another sweep, processes that share the work, and a second run that has nothing left
 * to do. */
#include "experiments/sweep.h"
#include "experiments/sweep_pictures.h"
#include "experiments/workers.h"
#include "tests/model_builder.h"
#include "tests/suites.h"
#include "tests/temporary_path.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { ARGUMENTS = 40 };

static const struct option *const tables[] = { option_sweep, option_model,
                                               option_spiking, option_common, NULL };

/* Options of a line of words with blanks between; `line` is cut up. */
static bool read_line(struct options *options, char *line)
{
    char *argv[ARGUMENTS] = { line }, *rest = NULL;
    struct error err = { 0 };
    int argc = 0;
    for (char *word = strtok_r(line, " ", &rest); word;
         word = strtok_r(NULL, " ", &rest))
        argv[argc++] = word;
    return options_read(options, tables, "", "", 0, argc, argv, &err) == OK;
}

static void a_grid_is_the_product_of_its_lists(void)
{
    char line[] = "sweep --k 2,3.0,4 --dead-zone 0,0.1 --spike all,attn_in+ffn_down "
                  "--neuron if,izhikevich:a=0.02,b=0.2,lif:tau_m=5";
    struct options options, point;
    struct sweep_grid grid;
    struct error err = { 0 };
    CU_ASSERT_FATAL(read_line(&options, line));
    CU_ASSERT_EQUAL_FATAL(sweep_grid_read(&grid, &options, &err), OK);
    CU_ASSERT_EQUAL(grid.points, 3 * 2 * 2 * 3);
    json_t *seen = json_object();
    for (uint32_t p = 0; p < grid.points; p++) {
        json_t *values = sweep_grid_point(&grid, p);
        char *key = json_dumps(values, JSON_SORT_KEYS);
        json_object_set(seen, key, values);
        free(key);
        json_decref(values);
    }
    CU_ASSERT_EQUAL(json_object_size(seen), grid.points);
    json_decref(seen);

    point = options;
    sweep_grid_set(&grid, 0, &point);
    CU_ASSERT_STRING_EQUAL(option_text(&point, "k"), "2");
    CU_ASSERT_STRING_EQUAL(option_text(&point, "neuron"), "if");
    CU_ASSERT_PTR_NULL(option_text(&point, "threshold"));
    sweep_grid_set(&grid, 1, &point);
    CU_ASSERT_STRING_EQUAL(option_text(&point, "k"), "3");
    sweep_grid_set(&grid, grid.points - 1, &point);
    CU_ASSERT_STRING_EQUAL(option_text(&point, "spike"), "attn_in,ffn_down");
    CU_ASSERT_STRING_EQUAL(option_text(&point, "dead-zone"), "0.1");
    CU_ASSERT_STRING_EQUAL(option_text(&point, "neuron"), "lif:tau_m=5");
    sweep_grid_set(&grid, grid.points / 3, &point);
    CU_ASSERT_STRING_EQUAL(option_text(&point, "neuron"), "izhikevich:a=0.02,b=0.2");
    sweep_grid_release(&grid);
    options_release(&options);
}

static void a_list_with_a_fault_is_refused(void)
{
    static const char *const wrong[] = { "--k 2,,3",        "--k 2,x",
                                         "--k 3,3.0",       "--k 2,",
                                         "--dead-zone inf", "--encoder bitwise,bitwise",
                                         "--neuron if,,lif" };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        char line[80];
        struct options options;
        struct sweep_grid grid;
        struct error err = { 0 };
        snprintf(line, sizeof line, "sweep %s", wrong[i]);
        CU_ASSERT_FATAL(read_line(&options, line));
        CU_ASSERT_EQUAL(sweep_grid_read(&grid, &options, &err), ERR_ARGUMENT);
        CU_ASSERT_PTR_NOT_NULL(strstr(err.text, "--"));
        sweep_grid_release(&grid);
        options_release(&options);
    }
}

static void all_names_every_neuron_and_code(void)
{
    char line[] = "sweep --neuron all --encoder all";
    struct options options;
    struct sweep_grid grid;
    struct error err = { 0 };
    uint32_t neurons = 0, codes = 0;
    for (; neuron_models[neurons]; neurons++)
        ;
    for (; encoders[codes]; codes++)
        ;
    CU_ASSERT_FATAL(read_line(&options, line));
    CU_ASSERT_EQUAL(sweep_grid_read(&grid, &options, &err), OK);
    CU_ASSERT_EQUAL(grid.points, neurons * codes);
    sweep_grid_release(&grid);
    options_release(&options);
}

static void put_file(const char *folder, const char *name, const char *text)
{
    char path[1400];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *file = fopen(path, "w");
    CU_ASSERT_PTR_NOT_NULL_FATAL(file);
    fputs(text, file);
    fclose(file);
}

static long file_size(const char *folder, const char *name)
{
    char path[1400];
    struct stat found;
    snprintf(path, sizeof path, "%s/%s", folder, name);
    return stat(path, &found) == 0 ? (long)found.st_size : -1;
}

/* A folder of the test's own, empty. */
static void fresh_folder(const char *name, char path[1300])
{
    static const char *const inside[] = { "sweep.json", "results.jsonl" };
    char file[1400];
    snprintf(path, 1300, "%s", temporary_path(name));
    for (int i = 0; i < 2; i++) {
        snprintf(file, sizeof file, "%s/%s", path, inside[i]);
        unlink(file);
    }
    rmdir(path);
}

static bool opens(struct sweep_folder *folder, const char *path, const char *of,
                  struct error *err)
{
    json_t *about = json_pack("{s:{s:s, s:i}}", "of", "model", of, "windows", 3);
    err->code = OK;
    bool good = sweep_folder_open(folder, path, about, err) == OK;
    json_decref(about);
    return good;
}

static const char first[] = "{\"point\":{\"k\":\"2\"},\"row\":{\"spikes\":1}}",
                  second[] = "{\"point\":{\"k\":\"3\"},\"sentence\":\"no\"}";

static bool has(const struct sweep_folder *folder, const char *k)
{
    json_t *point = json_pack("{s:s}", "k", k);
    bool found = sweep_folder_find(folder, point) != NULL;
    json_decref(point);
    return found;
}

static void a_torn_line_is_dropped(void)
{
    char path[1300];
    struct sweep_folder folder;
    struct error err = { 0 };
    fresh_folder("torn", path);
    CU_ASSERT_FATAL(opens(&folder, path, "a", &err));
    CU_ASSERT_EQUAL(sweep_folder_append(&folder, first, &err), OK);
    CU_ASSERT_EQUAL(sweep_folder_append(&folder, second, &err), OK);
    CU_ASSERT_EQUAL(sweep_folder_append(&folder, "{\"poi", &err), ERR_FORMAT);
    sweep_folder_close(&folder);
    /* However much of the second line a kill left, and whether its end was there. */
    for (size_t left = 0; left <= sizeof second; left++) {
        char text[300];
        bool is_whole = left >= sizeof second - 1;
        snprintf(text, sizeof text, "%s\n%.*s%s", first, (int)left, second,
                 left == sizeof second ? "\n" : "");
        put_file(path, "results.jsonl", text);
        CU_ASSERT_FATAL(opens(&folder, path, "a", &err));
        CU_ASSERT(has(&folder, "2"));
        CU_ASSERT_EQUAL(has(&folder, "3"), left == sizeof second);
        CU_ASSERT_EQUAL(file_size(path, "results.jsonl"),
                        (long)(is_whole && left == sizeof second
                                   ? sizeof first + sizeof second
                                   : sizeof first));
        CU_ASSERT_EQUAL(sweep_folder_append(&folder, second, &err), OK);
        CU_ASSERT(has(&folder, "3"));
        sweep_folder_close(&folder);
        CU_ASSERT_FATAL(opens(&folder, path, "a", &err));
        CU_ASSERT(has(&folder, "2") && has(&folder, "3"));
        sweep_folder_close(&folder);
    }
    put_file(path, "results.jsonl", "nonsense\n{\"point\":{}}\n");
    CU_ASSERT(!opens(&folder, path, "a", &err) && err.code == ERR_FORMAT);
    CU_ASSERT_PTR_NOT_NULL(strstr(err.text, "line 1"));
    fresh_folder("torn", path);
}

static void a_folder_of_another_sweep_is_left_alone(void)
{
    char path[1300];
    struct sweep_folder folder, other;
    struct error err = { 0 };
    fresh_folder("other", path);
    CU_ASSERT_FATAL(opens(&folder, path, "a", &err));
    CU_ASSERT_EQUAL(sweep_folder_append(&folder, first, &err), OK);
    sweep_folder_close(&folder);
    long size = file_size(path, "sweep.json");
    CU_ASSERT(!opens(&other, path, "b", &err) && err.code == ERR_ARGUMENT);
    CU_ASSERT_PTR_NOT_NULL(strstr(err.text, "model \"a\", this one has \"b\""));
    CU_ASSERT_EQUAL(file_size(path, "sweep.json"), size);
    CU_ASSERT_EQUAL(file_size(path, "results.jsonl"), (long)sizeof first);
    put_file(path, "sweep.json", "{");
    CU_ASSERT(!opens(&other, path, "a", &err) && err.code == ERR_FORMAT);
    put_file(path, "results.jsonl", second);
    CU_ASSERT(!opens(&other, path, "a", &err));
    fresh_folder("other", path);
    put_file(temporary_path(""), "file", "");
    CU_ASSERT(!opens(&other, temporary_path("file"), "a", &err) && err.code == ERR_IO);
    CU_ASSERT(!opens(&other, temporary_path("no/such"), "a", &err) &&
              err.code == ERR_IO);
}

/* Squares its tasks; `fault` fails, `death` dies. */
struct squares {
    uint32_t fault, death;
    uint64_t sum;
    unsigned taken;
};

static char *square(void *context, uint32_t task, struct error *err)
{
    const struct squares *squares = context;
    char *text = malloc(32);
    if (task == squares->death)
        raise(SIGKILL);
    if (task == squares->fault) {
        free(text);
        error_set(err, ERR_FORMAT, "task %u is wrong", task);
        return NULL;
    }
    if (text)
        snprintf(text, 32, "%u", task * task);
    return text;
}

static enum error_code add(void *context, uint32_t task, const char *result,
                           struct error *err)
{
    struct squares *squares = context;
    if (strtoul(result, NULL, 10) != task * task)
        return error_set(err, ERR_FORMAT, "%s is not the square of %u", result, task);
    squares->sum += strtoul(result, NULL, 10);
    squares->taken++;
    return OK;
}

static void workers_share_the_tasks(void)
{
    enum { TASKS = 100 };
    uint32_t task[TASKS];
    for (uint32_t i = 0; i < TASKS; i++)
        task[i] = i;
    for (unsigned workers = 0; workers < 5; workers++) {
        struct squares squares = { .fault = TASKS, .death = TASKS };
        const struct worker_job job = { &squares, square, add };
        struct error err = { 0 };
        CU_ASSERT_EQUAL(workers_run(&job, workers, task, TASKS, &err), OK);
        CU_ASSERT_EQUAL(squares.sum, 328350);
        CU_ASSERT_EQUAL(squares.taken, TASKS);
        CU_ASSERT_EQUAL(workers_run(&job, workers, task, 0, &err), OK);
        squares = (struct squares){ .fault = 40, .death = TASKS };
        CU_ASSERT_EQUAL(workers_run(&job, workers, task, TASKS, &err), ERR_FORMAT);
        CU_ASSERT_STRING_EQUAL(err.text, "task 40 is wrong");
        squares = (struct squares){ .fault = TASKS, .death = 40 };
        CU_ASSERT_EQUAL(workers_run(&job, workers, task, TASKS, &err), ERR_IO);
        CU_ASSERT_PTR_NOT_NULL(strstr(err.text, "signal 9"));
    }
}

/* Runs the sweep of a line; `measured` tells how much there was left to do. */
static json_t *sweep_of(const char *settings, const char *model, const char *folder,
                        size_t *measured, struct error *err)
{
    char line[4000];
    struct options options;
    struct sweep sweep;
    json_t *lines = NULL;
    *err = (struct error){ 0 };
    snprintf(line, sizeof line,
             "sweep -m %s -p a-text-of-many-letters-that-is-longer-than-a-window "
             "-w 16 -o %s --threads 1 %s",
             model, folder, settings);
    CU_ASSERT_FATAL(read_line(&options, line));
    if (sweep_open(&sweep, &options, "sweep", err) == OK &&
        sweep_run(&sweep, measured, err) == OK)
        lines = sweep_lines(&sweep);
    sweep_close(&sweep);
    options_release(&options);
    return lines;
}

static void a_second_run_does_what_is_missing(void)
{
    char path[1300], again[1300], model[1300];
    struct error err = { 0 };
    size_t measured = 0;
    snprintf(model, sizeof model, "%s", temporary_path("sweep.gguf"));
    fresh_folder("sweep", path);
    fresh_folder("again", again);
    CU_ASSERT_FATAL(model_builder_write(&model_plans[0], NULL, model));

    json_t *some = sweep_of("--k 2,3", model, path, &measured, &err);
    CU_ASSERT_STRING_EQUAL(err.text, "");
    CU_ASSERT_EQUAL_FATAL(json_array_size(some), 2);
    CU_ASSERT_EQUAL(measured, 2);
    json_t *more =
        sweep_of("--k 2,3,4 --dead-zone 0,0.1", model, path, &measured, &err);
    CU_ASSERT_EQUAL(json_array_size(more), 6);
    CU_ASSERT_EQUAL(measured, 4);
    CU_ASSERT(json_equal(json_array_get(some, 1), json_array_get(more, 1)));
    json_t *same =
        sweep_of("--k 2,3,4 --dead-zone 0,0.1 --jobs 3", model, path, &measured, &err);
    CU_ASSERT_EQUAL(measured, 0);
    CU_ASSERT(json_equal(more, same));
    json_t *fresh =
        sweep_of("--k 2,3,4 --dead-zone 0,0.1 --jobs 3", model, again, &measured, &err);
    CU_ASSERT_EQUAL(measured, 6);
    CU_ASSERT(json_equal(more, fresh));
    const json_t *row = json_object_get(json_array_get(fresh, 0), "row");
    CU_ASSERT(json_number_value(json_object_get(row, "perplexity")) > 1);
    CU_ASSERT(json_number_value(json_object_get(row, "kl")) > 0);
    CU_ASSERT_EQUAL(json_array_size(json_object_get(row, "histogram")), COUNT_BINS);
    CU_ASSERT(json_array_size(json_object_get(row, "energy")) > 0);

    CU_ASSERT_PTR_NULL(sweep_of("--k 2 --seed 2", model, path, &measured, &err));
    CU_ASSERT_PTR_NOT_NULL(strstr(err.text, "seed 1, this one has 2"));
    CU_ASSERT_PTR_NULL(sweep_of("--k 2 --chunks 1", model, path, &measured, &err));
    CU_ASSERT_PTR_NOT_NULL(strstr(err.text, "windows"));
    CU_ASSERT_FATAL(model_builder_write(&model_plans[1], NULL, model));
    CU_ASSERT_PTR_NULL(sweep_of("--k 2", model, path, &measured, &err));
    CU_ASSERT_PTR_NOT_NULL(strstr(err.text, "model_size"));
    json_decref(some);
    json_decref(more);
    json_decref(same);
    json_decref(fresh);
    fresh_folder("sweep", path);
    fresh_folder("again", again);
}

static void the_front_holds_what_nothing_beats(void)
{
    static const double point[][2] = { { 5, 1 }, { 1, 9 }, { 3, 4 }, { 4, 4 },
                                       { 3, 5 }, { 2, 9 }, { 6, 1 } };
    enum { POINTS = sizeof point / sizeof *point };
    size_t front[POINTS + 1];
    json_t *rows = json_array();
    for (int i = 0; i < POINTS; i++)
        json_array_append_new(rows, json_pack("{s:f, s:f}", "nj", point[i][0], "ppl",
                                              point[i][1]));
    json_array_append_new(rows, json_pack("{s:f}", "nj", 0.5));
    CU_ASSERT_EQUAL_FATAL(sweep_front(rows, "nj", "ppl", front), 3);
    CU_ASSERT(front[0] == 1 && front[1] == 2 && front[2] == 0);
    json_decref(rows);
}

CU_TestInfo sweep_tests[] = {
    { "a grid is the product of its lists", a_grid_is_the_product_of_its_lists },
    { "a list with a fault is refused", a_list_with_a_fault_is_refused },
    { "all names every neuron and code", all_names_every_neuron_and_code },
    { "a torn line is dropped", a_torn_line_is_dropped },
    { "a folder of another sweep is left alone",
      a_folder_of_another_sweep_is_left_alone },
    { "workers share the tasks", workers_share_the_tasks },
    { "a second run does what is missing", a_second_run_does_what_is_missing },
    { "the front holds what nothing beats", the_front_holds_what_nothing_beats },
    CU_TEST_INFO_NULL,
};
