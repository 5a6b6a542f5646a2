/* `lucciola pack`: writes the weights of a model as they lie in memory into a file
 * beside it, so that later starts read them instead of making them. */
#include "experiments/command.h"
#include "experiments/session_weights.h"
#include "experiments/session.h"
#include "experiments/spiking_options.h"
#include "experiments/table.h"
#include "lm/packed_weights.h"

#include <errno.h>
#include <omp.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const struct option option_pack[] = {
    { "model", 'm', "MODEL", "GGUF or llama2.c file (default: the demo model)", NULL },
    { "weights", 0, "FORM", "as run takes it: output, 4bit, 4bit:32:min, ...",
      "output" },
    { "head-weights", 0, "FORM", "the same for the output head (default: as --weights)",
      NULL },
    { "remove", 0, NULL, "remove the file instead", NULL },
    { 0 },
};

struct packing {
    const char *model_path;
    char path[PACKED_PATH_ROOM];
    struct weight_plan plan;
    int threads;
};

/* Makes the weights anew and writes them. */
static enum error_code pack(const struct packing *packing, uint64_t *bytes,
                            double *seconds, struct error *err)
{
    struct model model;
    struct arena arena = { 0 };
    struct weight_matrix *matrix = NULL;
    if (model_open(&model, packing->model_path, err) != OK)
        return err->code;
    const double started = clock_seconds();
    if (weights_allocate(&matrix, &arena, &model, &packing->plan, err) == OK &&
        weights_make(matrix, &model, packing->threads, err) == OK) {
        *seconds = clock_seconds() - started;
        packed_weights_write(&model, &packing->plan, matrix, bytes, err);
    }
    arena_free(&arena);
    model_close(&model);
    return err->code;
}

static enum error_code print_packed(const struct packing *packing, uint64_t bytes,
                                    double seconds, bool is_json, struct error *err)
{
    if (is_json)
        return json_print(json_pack("{s:s, s:I, s:f}", "path", packing->path, "bytes",
                                    (json_int_t)bytes, "seconds", seconds),
                          err);
    printf("%s: %llu bytes of weights that took %.2f s to make\n", packing->path,
           (unsigned long long)bytes, seconds);
    return OK;
}

static enum error_code remove_packed(const struct packing *packing, bool is_json,
                                     struct error *err)
{
    if (unlink(packing->path) != 0)
        return error_set(err, ERR_IO, "%s: %s", packing->path, strerror(errno));
    if (is_json)
        return json_print(json_pack("{s:s}", "removed", packing->path), err);
    printf("%s: removed\n", packing->path);
    return OK;
}

static enum error_code execute(const struct options *options, struct error *err)
{
    enum { MAX_THREADS = 256 };
    const bool is_json = option_flag(options, "json");
    struct packing packing = { .model_path = session_model_path(options, err) };
    uint64_t threads = 0, bytes = 0;
    double seconds = 0;
    if (!packing.model_path || weights_read(options, &packing.plan, err) != OK ||
        option_whole(options, "threads", 0, MAX_THREADS, &threads, err) != OK ||
        packed_weights_path(packing.path, packing.model_path, &packing.plan, err) != OK)
        return err->code;
    packing.threads = threads ? (int)threads : omp_get_num_procs();
    if (option_flag(options, "remove"))
        return remove_packed(&packing, is_json, err);
    if (pack(&packing, &bytes, &seconds, err) != OK)
        return err->code;
    return print_packed(&packing, bytes, seconds, is_json, err);
}

static enum error_code run(int argc, char **argv, struct error *err)
{
    static const struct option *const tables[] = { option_pack, option_common, NULL };
    struct options options;
    if (options_read(&options, tables, "pack [-m MODEL] [--weights FORM]",
                     "Writes the weights, as they lie in memory, into a file beside "
                     "the model.\nCommands that load the same weights read them from "
                     "there; --packed off forbids it.",
                     0, argc, argv, err) == OK &&
        !options.help_shown)
        execute(&options, err);
    options_release(&options);
    return err->code;
}

const struct command pack_command = {
    .name = "pack",
    .arguments = "-m MODEL",
    .summary = "keep prepared weights beside the model",
    .run = run,
};
