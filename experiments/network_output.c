/* See network_output.h. */
#include "experiments/network_output.h"

#include "experiments/drawing.h"
#include "experiments/provenance.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { PICTURE_WIDTH = 1600, PICTURE_HEIGHT = 1000, TRACE_TEXT = 1024 };

static bool find_population(const struct network *network, const char *name,
                            uint32_t *population)
{
    for (uint32_t i = 0; i < network_populations(network); i++)
        if (strcmp(network_population(network, i).name, name) == 0) {
            *population = i;
            return true;
        }
    return false;
}

/* "FIRST-LAST" or "FIRST". */
static bool read_range(const char *text, size_t neurons, size_t *first, size_t *count)
{
    char *end;
    unsigned long long from, to;
    if (*text < '0' || *text > '9')
        return false;
    errno = 0;
    from = to = strtoull(text, &end, 10);
    if (*end == '-' && end[1] >= '0' && end[1] <= '9')
        to = strtoull(end + 1, &end, 10);
    if (*end || errno || to < from || to >= neurons)
        return false;
    *first = (size_t)from;
    *count = (size_t)(to - from + 1);
    return true;
}

/* POPULATION.VARIABLE[:FIRST-LAST]; the text is cut where its parts end, and the trace
 * keeps a pointer into it. */
static enum error_code read_trace(char *text, const struct network *network,
                                  struct network_trace *trace, struct error *err)
{
    char *dot = strrchr(text, '.'), *colon = strchr(text, ':');
    struct network_population_info info = { 0 };
    if (colon)
        *colon = '\0';
    if (!dot || (colon && dot > colon))
        return error_set(err, ERR_ARGUMENT,
                         "--trace '%s': expected POPULATION.VARIABLE[:FIRST-LAST]",
                         text);
    *dot = '\0';
    if (!find_population(network, text, &trace->population))
        return error_set(err, ERR_ARGUMENT, "--trace: no population '%s'", text);
    info = network_population(network, trace->population);
    trace->variable = dot + 1;
    if (!info.model || field_find(info.model->state_vars, trace->variable) < 0)
        return error_set(err, ERR_ARGUMENT, "--trace: %s has no variable '%s'", text,
                         trace->variable);
    trace->first = 0;
    trace->count = info.count;
    if (colon && !read_range(colon + 1, info.count, &trace->first, &trace->count))
        return error_set(err, ERR_ARGUMENT,
                         "--trace: %s: expected FIRST-LAST from 0 to %zu, found '%s'",
                         text, info.count - 1, colon + 1);
    return OK;
}

static enum error_code read_traces(const char *list, char *text,
                                   const struct network *network,
                                   struct network_trace *trace, uint32_t *traces,
                                   struct error *err)
{
    char *rest = NULL;
    *traces = 0;
    if (!list)
        return OK;
    if (strlen(list) >= TRACE_TEXT)
        return error_set(err, ERR_ARGUMENT, "--trace is longer than %d bytes",
                         TRACE_TEXT - 1);
    strcpy(text, list);
    for (char *item = strtok_r(text, ",", &rest); item;
         item = strtok_r(NULL, ",", &rest)) {
        if (*traces == NETWORK_MAX_TRACES)
            return error_set(err, ERR_ARGUMENT, "--trace takes %d items at most",
                             NETWORK_MAX_TRACES);
        if (read_trace(item, network, &trace[(*traces)++], err) != OK)
            return err->code;
    }
    return OK;
}

static enum error_code choose_path(struct network_output *output, struct error *err)
{
    const char *folder = getenv("TMPDIR");
    if (output->job->output) {
        snprintf(output->path, sizeof output->path, "%s", output->job->output);
        return OK;
    }
    snprintf(output->folder, sizeof output->folder, "%.2000s/lucciola-XXXXXX",
             folder && folder[0] ? folder : "/tmp");
    if (!mkdtemp(output->folder)) {
        error_set(err, ERR_IO, "%s: %s", output->folder, strerror(errno));
        output->folder[0] = '\0';
        return err->code;
    }
    snprintf(output->path, sizeof output->path, "%.4000s/run.h5", output->folder);
    return OK;
}

enum error_code network_output_open(struct network_output *output,
                                    const struct network_job *job,
                                    struct network *network, double slice_ms,
                                    struct error *err)
{
    struct network_trace trace[NETWORK_MAX_TRACES];
    struct network_recorder_settings settings = { .slice_ms = slice_ms,
                                                  .trace = trace };
    char text[TRACE_TEXT];
    *output = (struct network_output){ .job = job };
    err->code = OK;
    if (read_traces(job->trace, text, network, trace, &settings.traces, err) != OK ||
        (!job->output && !job->png) || choose_path(output, err) != OK)
        return err->code;
    settings.path = output->path;
    if (provenance_host(&settings.info, err) != OK)
        return err->code;
    settings.info.command = (char *)job->command;
    settings.info.config = job->options ? options_to_config(job->options) : NULL;
    settings.info.seed = job->seed;
    settings.info.threads = job->threads;
    settings.info.sequences = 1;
    settings.info.dt_ms = job->dt_ms;
    snprintf(settings.info.engine, sizeof settings.info.engine, "network");
    snprintf(settings.info.model, sizeof settings.info.model, "%s", job->named->name);
    network_recorder_create(&output->recorder, network, &settings, err);
    free(settings.info.config);
    return err->code;
}

struct network_sink network_output_sink(struct network_output *output)
{
    return output->recorder ? network_recorder_sink(output->recorder)
                            : (struct network_sink){ 0 };
}

enum error_code network_output_close(struct network_output *output, struct error *err)
{
    struct error closing = { 0 };
    bool has_failed = err->code != OK;
    if (output->recorder)
        network_recorder_close(output->recorder,
                               has_failed ? RECORDING_FAILED : RECORDING_FINISHED,
                               &closing);
    output->recorder = NULL;
    if (!has_failed && closing.code != OK)
        *err = closing;
    return err->code;
}

enum error_code network_output_draw(const struct network_output *output, bool is_dark,
                                    struct error *err)
{
    if (!output->job->png)
        return OK;
    return drawing_raster(output->path, output->job->png, PICTURE_WIDTH, PICTURE_HEIGHT,
                          is_dark, err);
}

void network_output_release(struct network_output *output)
{
    struct error ignored = { 0 };
    if (output->recorder)
        network_recorder_close(output->recorder, RECORDING_FAILED, &ignored);
    if (output->folder[0]) {
        unlink(output->path);
        rmdir(output->folder);
    }
    *output = (struct network_output){ 0 };
}
