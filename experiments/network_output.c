/* See network_output.h. */
#include "experiments/network_output.h"

#include "experiments/child_program.h"
#include "experiments/drawing.h"
#include "experiments/live_view.h"
#include "experiments/provenance.h"
#include "sim/trace_selection.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { PICTURE_WIDTH = 1600, PICTURE_HEIGHT = 1000 };

static enum error_code find_population(const struct network *network,
                                       const struct trace_choice *choice,
                                       struct network_trace *trace, struct error *err)
{
    for (uint32_t i = 0; i < network_populations(network); i++)
        if (strcmp(network_population(network, i).name, choice->population) == 0) {
            trace->population = i;
            return OK;
        }
    return error_set(err, ERR_ARGUMENT, "--trace: no population '%s'",
                     choice->population);
}

/* Of a choice without neurons all are meant. */
static enum error_code choose(const struct network *network,
                              const struct trace_choice *choice,
                              struct network_trace *trace, struct error *err)
{
    if (find_population(network, choice, trace, err) != OK)
        return err->code;
    const struct network_population_info info =
        network_population(network, trace->population);
    const uint64_t last = choice->last == UINT64_MAX ? info.count - 1 : choice->last;
    if (!info.model || field_find(info.model->state_vars, choice->variable) < 0)
        return error_set(err, ERR_ARGUMENT, "--trace: %s has no variable '%s'",
                         choice->population, choice->variable);
    if (last >= info.count)
        return error_set(err, ERR_ARGUMENT,
                         "--trace: %s: expected FIRST-LAST from 0 to %zu, found %llu",
                         choice->population, info.count - 1, (unsigned long long)last);
    trace->variable = choice->variable;
    trace->first = (size_t)choice->first;
    trace->count = (size_t)(last - choice->first + 1);
    return OK;
}

static enum error_code choose_path(struct network_output *output, struct error *err)
{
    if (output->job->output) {
        snprintf(output->path, sizeof output->path, "%s", output->job->output);
        return OK;
    }
    if (scratch_folder(output->folder, err) != OK)
        return err->code;
    snprintf(output->path, sizeof output->path, "%s/run.h5", output->folder);
    return OK;
}

enum error_code network_output_open(struct network_output *output,
                                    const struct network_job *job,
                                    struct network *network, double slice_ms,
                                    struct error *err)
{
    struct network_trace trace[TRACE_CHOICES];
    struct network_recorder_settings settings = { .slice_ms = slice_ms,
                                                  .trace = trace };
    struct trace_selection selection;
    *output = (struct network_output){ .job = job };
    err->code = OK;
    if (trace_selection_parse(&selection, job->trace, err) != OK)
        return err->code;
    for (; settings.traces < selection.choices; settings.traces++)
        if (choose(network, &selection.choice[settings.traces], &trace[settings.traces],
                   err) != OK)
            return err->code;
    if ((!job->output && !job->png) || choose_path(output, err) != OK)
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
    if (err->code == OK && job->options && job->output)
        live_view_start(job->options, output->path);
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
