/* See sweep.h. The caller's process reads options and text and writes results; weights
 * are loaded and run in the workers alone, because threads do not survive a fork. */
#include "experiments/sweep.h"

#include "base/progress.h"
#include "base/version.h"
#include "experiments/measuring.h"
#include "experiments/spiking_options.h"
#include "experiments/text_input.h"
#include "experiments/workers.h"

#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const struct option option_sweep[] = {
    { "file", 'f', "FILE", "the text", NULL },
    { "prompt", 'p', "TEXT", "the text itself", NULL },
    { "output", 'o', "FOLDER", "where results are kept and taken up again", NULL },
    { "window-tokens", 'w', "N", "tokens of a window", "512" },
    { "chunks", 0, "N", "windows to score; 0: all", "0" },
    { "jobs", 'j', "N", "processes; with more than one, each has one thread", "1" },
    { "profile", 0, "NAME", "price profiles, NAME,NAME; 'lucciola profiles' lists them",
      PROFILES_USUAL },
    { "csv", 0, NULL, "print results as CSV", NULL },
    { "chosen", 0, "N", "number of the point whose counts and rates are drawn", "1" },
    { 0 },
};

static json_t *profile_names(const struct profile_list *profiles)
{
    json_t *names = json_array();
    for (size_t p = 0; p < profiles->count; p++)
        json_array_append_new(names, json_string(profiles->profile[p].name));
    return names;
}

static enum error_code text_digest(const char *bytes, size_t length, char hex[65],
                                   struct error *err)
{
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned size = 0;
    if (!EVP_Digest(bytes, length, digest, &size, EVP_sha256(), NULL) || size != 32)
        return error_set(err, ERR_IO, "libcrypto cannot compute SHA-256");
    for (unsigned i = 0; i < size; i++)
        snprintf(hex + 2 * i, 3, "%02x", (unsigned)digest[i]);
    return OK;
}

/* What every point has in common: `of` must stay, the rest describes. */
static json_t *describe(const struct sweep *sweep, const char *text_hash,
                        const char *threshold_hash, const char *command)
{
    const struct session *session = &sweep->session;
    const struct model_file *file = &session->model.file;
    const char *slash = strrchr(file->path, '/');
    json_t *of =
        json_pack("{s:s, s:I, s:I, s:s, s:i, s:I, s:I, s:s, s:s, s:s, s:s, s:o}",
                  "model", slash ? slash + 1 : file->path, "model_size",
                  (json_int_t)file->size, "model_modified", (json_int_t)file->modified,
                  "text_sha256", text_hash, "window_tokens", (int)sweep->text.window,
                  "windows", (json_int_t)sweep->text.chunks, "seed",
                  (json_int_t)session->seed, "weights",
                  option_text(sweep->options, "weights"), "thresholds_sha256",
                  threshold_hash, "version", version_number, "head_counted",
                  "every token", "profiles", profile_names(&sweep->profiles));
    const char *head = option_text(sweep->options, "head-weights");
    if (head)
        json_object_set_new(of, "head_weights", json_string(head));
    return json_pack("{s:o, s:o, s:s, s:s, s:s}", "of", of, "grid",
                     sweep_grid_axes(&sweep->grid), "commit", version_commit, "kernel",
                     session->kernel->name, "command", command);
}

static void set_point(struct sweep *sweep, uint32_t point)
{
    sweep->point = *sweep->options;
    sweep_grid_set(&sweep->grid, point, &sweep->point);
}

static enum error_code check_points(struct sweep *sweep, struct error *err)
{
    for (uint32_t point = 0; point < sweep->grid.points; point++) {
        set_point(sweep, point);
        sweep->session.options = &sweep->point;
        if (spiking_options_read(&sweep->session, err) != OK)
            return err->code;
    }
    return OK;
}

static enum error_code check_options(struct sweep *sweep, uint64_t *window,
                                     uint64_t *chunks, struct error *err)
{
    const struct options *options = sweep->options;
    uint64_t jobs = 0, chosen = 0;
    if (!option_text(options, "output"))
        return error_set(err, ERR_ARGUMENT, "a folder is needed: -o FOLDER");
    if (option_flag(options, "dense") || option_is_given(options, "precision"))
        return error_set(err, ERR_ARGUMENT,
                         "--dense has no place here: the dense float model and the "
                         "price of INT8 stand beside every point");
    if (option_flag(options, "csv") && option_flag(options, "json"))
        return error_set(err, ERR_ARGUMENT, "--csv and --json exclude each other");
    if (option_whole(options, "window-tokens", 4, 1 << 20, window, err) != OK ||
        option_whole(options, "chunks", 0, UINT32_MAX, chunks, err) != OK ||
        option_whole(options, "jobs", 1, WORKERS_MAX, &jobs, err) != OK ||
        option_whole(options, "chosen", 1, SWEEP_POINTS_MAX, &chosen, err) != OK)
        return err->code;
    sweep->jobs = (unsigned)jobs;
    if (sweep_grid_read(&sweep->grid, options, err) != OK)
        return err->code;
    if (option_text(options, "thresholds") &&
        (sweep_grid_varies(&sweep->grid, "k") ||
         sweep_grid_varies(&sweep->grid, "dead-zone")))
        return error_set(err, ERR_ARGUMENT,
                         "--thresholds gives every site its k and dead zone, a list of "
                         "--k or --dead-zone excludes it");
    if (chosen > sweep->grid.points)
        return error_set(err, ERR_ARGUMENT, "--chosen: point %u of a grid of %u",
                         (unsigned)chosen, sweep->grid.points);
    return OK;
}

enum error_code sweep_open(struct sweep *sweep, const struct options *options,
                           const char *command, struct error *err)
{
    uint64_t window = 0, chunks = 0;
    size_t length = 0;
    char *bytes = NULL, text_hash[65], threshold_hash[65] = "";
    *sweep = (struct sweep){ .options = options, .folder = { .results = -1 } };
    if (check_options(sweep, &window, &chunks, err) == OK &&
        profile_list_open(&sweep->profiles, option_text(options, "profile"), err) ==
            OK &&
        text_read(options, &bytes, &length, err) == OK &&
        session_open(&sweep->session, options, err) == OK &&
        check_points(sweep, err) == OK &&
        scoring_prepare(&sweep->text, &sweep->session, bytes, length, (uint32_t)window,
                        (size_t)chunks, err) == OK &&
        text_digest(bytes, length, text_hash, err) == OK) {
        const char *rows = sweep->session.threshold_text;
        if (rows)
            text_digest(rows, strlen(rows), threshold_hash, err);
        if (sweep->jobs > 1 && !option_is_given(options, "threads"))
            sweep->session.threads = 1;
        json_t *about = describe(sweep, text_hash, threshold_hash, command);
        if (about)
            sweep_folder_open(&sweep->folder, option_text(options, "output"), about,
                              err);
        else
            error_set(err, ERR_ARGUMENT, "JSON wants names and texts in UTF-8");
        json_decref(about);
    }
    free(bytes);
    return err->code;
}

void sweep_close(struct sweep *sweep)
{
    sweep_folder_close(&sweep->folder);
    scoring_release(&sweep->text);
    session_close(&sweep->session);
    profile_list_close(&sweep->profiles);
    sweep_grid_release(&sweep->grid);
}

/* Only of this point, or of all? */
static bool is_of_the_point(enum error_code code)
{
    return code == ERR_ARGUMENT || code == ERR_FORMAT;
}

static enum error_code measure(struct sweep *sweep, json_t *row, struct error *err)
{
    const struct measuring measuring = {
        .session = &sweep->session,
        .text = &sweep->text,
        .compares = true,
        .record = "counts",
        .command = "",
        .profiles = &sweep->profiles,
    };
    struct scoring_result result = { 0 };
    if (session_set_spiking(&sweep->session, &sweep->point, err) == OK)
        measure_setting(&measuring, row, &result, err);
    scoring_result_release(&result);
    return err->code;
}

static char *make_point(void *context, uint32_t point, struct error *err)
{
    struct sweep *sweep = context;
    double started = clock_seconds();
    err->code = OK;
    set_point(sweep, point);
    if (!sweep->is_loaded) {
        uint32_t window = sweep->text.window;
        sweep->session.options = &sweep->point;
        if (session_load(&sweep->session, window, window, err) != OK)
            return NULL;
        sweep->is_loaded = true;
    }
    json_t *row = json_object();
    json_t *line = json_pack("{s:o}", "point", sweep_grid_point(&sweep->grid, point));
    char *text = NULL;
    measure(sweep, row, err);
    if (err->code == OK)
        json_object_set(line, "row", row);
    else if (is_of_the_point(err->code))
        json_object_set_new(line, "sentence", json_string(err->text));
    if (err->code == OK || is_of_the_point(err->code)) {
        json_object_set_new(line, "seconds", json_number(clock_seconds() - started));
        json_object_set_new(line, "commit", json_string(version_commit));
        err->code = OK;
        text = json_dumps(line, JSON_COMPACT | JSON_REAL_PRECISION(10));
    }
    json_decref(line);
    json_decref(row);
    return text;
}

struct watching {
    struct progress progress;
    size_t done, missing;
};

static enum error_code take_point(void *context, uint32_t point, const char *result,
                                  struct error *err)
{
    struct sweep *sweep = context;
    struct watching *watching = sweep->watching;
    char label[160];
    if (sweep_folder_append(&sweep->folder, result, err) != OK)
        return err->code;
    json_t *values = sweep_grid_point(&sweep->grid, point);
    sweep_grid_label(&sweep->grid, values, label, sizeof label);
    json_decref(values);
    progress_update(&watching->progress, (double)++watching->done,
                    (double)watching->missing, label);
    return OK;
}

static bool is_missing(const struct sweep *sweep, uint32_t point)
{
    json_t *values = sweep_grid_point(&sweep->grid, point);
    bool is_there = sweep_folder_find(&sweep->folder, values) != NULL;
    json_decref(values);
    return !is_there;
}

enum error_code sweep_run(struct sweep *sweep, size_t *measured, struct error *err)
{
    const struct worker_job job = { sweep, make_point, take_point };
    struct watching watching = { 0 };
    uint32_t *task = calloc(sweep->grid.points, sizeof *task);
    *measured = 0;
    if (!task)
        return error_memory(err, "points", 4.0 * sweep->grid.points);
    for (uint32_t point = 0; point < sweep->grid.points; point++)
        if (is_missing(sweep, point))
            task[watching.missing++] = point;
    progress_begin(&watching.progress, "sweeping");
    sweep->watching = &watching;
    workers_run(&job, sweep->jobs, task, watching.missing, err);
    sweep->watching = NULL;
    progress_end(&watching.progress);
    free(task);
    *measured = watching.done;
    return err->code;
}

json_t *sweep_lines(const struct sweep *sweep)
{
    json_t *lines = json_array();
    for (uint32_t point = 0; point < sweep->grid.points; point++) {
        json_t *values = sweep_grid_point(&sweep->grid, point);
        json_t *line = json_deep_copy(sweep_folder_find(&sweep->folder, values));
        json_decref(values);
        json_object_del(line, "seconds");
        json_object_del(line, "commit");
        json_object_del(json_object_get(line, "row"), "tokens_per_second");
        if (line)
            json_array_append_new(lines, line);
    }
    return lines;
}
