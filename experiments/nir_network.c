/* See nir_network.h. */
#include "experiments/nir_network.h"

#include "base/progress.h"
#include "experiments/drawing.h"
#include "experiments/live_view.h"
#include "experiments/nir_input.h"
#include "experiments/provenance.h"
#include "experiments/table.h"
#include "sim/nir_file.h"
#include "sim/nir_recorder.h"

#include <math.h>
#include <omp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const struct option option_nir[] = {
    { "input", 0, "FILE", "NIR: spikes in (SONATA, NIRData, CSV, a recording)", NULL },
    { "input-rate", 0, "HZ", "NIR: Poisson spikes into every input (default: 100)",
      NULL },
    { "input-value", 0, "X", "NIR: a constant into every input", NULL },
    { "steps", 0, "N", "NIR: steps (default: the input's, or 1000; with --to none)",
      NULL },
    { "spike", 0, "KIND", "NIR: pulse (1 for its step) or impulse (area 1)", NULL },
    { "integration", 0, "KIND", "NIR: exact or euler", NULL },
    { "to", 0, "FILE.nir", "NIR: write the graph again", NULL },
    { 0 },
};

enum {
    DEFAULT_STEPS = 1000,
    MOST_SHOWN = 16,
    PICTURE_WIDTH = 1600,
    PICTURE_HEIGHT = 1000
};
static const double default_dt_ms = 0.1; /* as the NIR paper runs its files */

struct job {
    const struct options *options;
    const char *path, *command;
    struct nir_graph *graph;
    struct nir_run *run;
    struct nir_input *input;
    struct nir_recorder *recorder;
    struct nir_settings settings;
    double dt_ms; /* as printed and recorded */
    uint64_t steps, seed;
};

bool nir_network_is_path(const char *operand)
{
    size_t length = strlen(operand);
    return length > 4 && strcmp(operand + length - 4, ".nir") == 0;
}

/* Index of the text of an option among two, the first of them the default. */
static enum error_code choose(const struct options *options, const char *name,
                              const char *const choice[2], int *chosen,
                              struct error *err)
{
    const char *text = option_text(options, name);
    *chosen = text && strcmp(text, choice[1]) == 0;
    if (text && !*chosen && strcmp(text, choice[0]) != 0)
        return error_set(err, ERR_ARGUMENT, "--%s: expected %s or %s, found '%s'", name,
                         choice[0], choice[1], text);
    return OK;
}

/* Files without time constants count in steps; a step is then printed as 1 ms. */
static enum error_code read_time(struct job *job, struct error *err)
{
    const struct options *o = job->options;
    bool has_time = nir_graph_has_time(job->graph), has_dt = option_is_given(o, "dt");
    double ms = 0;
    job->dt_ms = has_time ? default_dt_ms : 1;
    job->steps = option_is_given(o, "to") ? 0 : DEFAULT_STEPS;
    if (has_dt && option_number(o, "dt", 1e-9, 1e9, &job->dt_ms, err) != OK)
        return err->code;
    job->settings.dt = has_time || has_dt ? job->dt_ms / 1000 : 1;
    if (option_is_given(o, "ms")) {
        if (option_is_given(o, "steps"))
            return error_set(err, ERR_ARGUMENT, "expected one of --ms and --steps");
        if (option_number(o, "ms", 0, 1e12, &ms, err) != OK)
            return err->code;
        if (ms / job->dt_ms > UINT32_MAX)
            return error_set(err, ERR_ARGUMENT, "--ms %g is more than %u steps", ms,
                             UINT32_MAX);
        job->steps = (uint64_t)rint(ms / job->dt_ms);
    }
    if (option_is_given(o, "steps"))
        return option_whole(o, "steps", 0, UINT32_MAX, &job->steps, err);
    return OK;
}

static enum error_code read_options(struct job *job, struct error *err)
{
    static const char *const spikes[2] = { "pulse", "impulse" };
    static const char *const schemes[2] = { "exact", "euler" };
    uint64_t threads = 0;
    int spike = 0, scheme = 0;
    if (read_time(job, err) != OK ||
        choose(job->options, "spike", spikes, &spike, err) != OK ||
        choose(job->options, "integration", schemes, &scheme, err) != OK ||
        option_whole(job->options, "seed", 0, UINT64_MAX, &job->seed, err) != OK ||
        option_whole(job->options, "threads", 0, 1024, &threads, err) != OK)
        return err->code;
    job->settings.spike = spike ? SPIKE_IMPULSE : SPIKE_PULSE;
    job->settings.integration = scheme ? NIR_EULER : NIR_EXACT;
    job->settings.threads = threads ? (int)threads : omp_get_num_procs();
    if (option_is_given(job->options, "png") &&
        !option_is_given(job->options, "output"))
        return error_set(
            err, ERR_ARGUMENT,
            "--png draws the recording of a NIR graph: it expects -o FILE");
    if (drawing_check(option_text(job->options, "png"), err) != OK)
        return err->code;
    if (live_view_check(job->options, err) != OK)
        return err->code;
    return drawing_check(option_text(job->options, "output"), err);
}

static enum error_code open_recorder(struct job *job, struct error *err)
{
    const char *slash = strrchr(job->path, '/');
    struct nir_recorder_settings settings = {
        .path = option_text(job->options, "output"),
        .inputs_are_spikes = nir_input_is_spikes(job->input),
    };
    if (!settings.path)
        return OK;
    if (provenance_host(&settings.info, err) != OK)
        return err->code;
    settings.info.command = (char *)(uintptr_t)job->command;
    settings.info.config = options_to_config(job->options);
    settings.info.seed = job->seed;
    settings.info.threads = job->settings.threads;
    settings.info.sequences = 1;
    settings.info.dt_ms = job->dt_ms;
    snprintf(settings.info.engine, sizeof settings.info.engine, "nir");
    snprintf(settings.info.model, sizeof settings.info.model, "%s",
             slash ? slash + 1 : job->path);
    if (nir_recorder_create(&job->recorder, job->run, &settings, err) == OK)
        live_view_start(job->options, settings.path);
    free(settings.info.config);
    return err->code;
}

static enum error_code run_steps(struct job *job, struct error *err)
{
    struct progress progress;
    progress_begin(&progress, "network");
    for (uint64_t step = 0; step < job->steps && err->code == OK; step++) {
        if (nir_input_step(job->input, step, err) != OK ||
            nir_run_step(job->run, err) != OK)
            break;
        if (job->recorder)
            nir_recorder_step(job->recorder, err);
        if (step % 16 == 0)
            progress_update(&progress, (double)step, (double)job->steps, NULL);
    }
    progress_end(&progress);
    return err->code;
}

/* ---- what is printed ---- */

static const struct column unit_columns[] = {
    { "node", "node", -20, -1, false },
    { "type", "type", -10, -1, false },
    { "shape", "shape", -14, -1, false },
    { "spikes", "spikes", 10, -1, false },
    { "rate_hz", "rate Hz", 10, 3, false },
    { "silent_share", "silent %", 9, 2, true },
    { "mean", "mean", 12, 6, false },
    { "additions", "additions", 12, -1, false },
    { 0 },
};

/* Spikes where a unit fires or passes spikes on, means where it gives values. */
static json_t *unit_to_json(const struct job *job, const struct nir_unit_info *unit)
{
    const double seconds = (double)job->steps * job->dt_ms / 1000;
    const bool is_spikes =
        unit->is_spiking || (unit->is_input && nir_input_is_spikes(job->input));
    double sum = 0, silent = 0;
    for (size_t i = 0; i < unit->size; i++) {
        sum += unit->sum[i];
        silent += unit->sum[i] == 0;
    }
    json_t *row = json_pack("{s:s, s:s, s:s}", "node", unit->name, "type", unit->type,
                            "shape", nir_shape_text(&unit->shape).text);
    if (is_spikes) {
        double spikes = unit->is_spiking ? sum : sum / nir_run_worth(job->run);
        json_object_set_new(row, "spikes", json_integer((json_int_t)rint(spikes)));
        json_object_set_new(row, "rate_hz",
                            json_number(spikes / (double)unit->size / seconds));
        json_object_set_new(row, "silent_share",
                            json_number(silent / (double)unit->size));
    } else {
        json_object_set_new(row, "mean",
                            json_number(sum / (double)unit->size / (double)job->steps));
    }
    if (unit->additions)
        json_object_set_new(row, "additions",
                            json_integer((json_int_t)unit->additions));
    return row;
}

/* The values of an Output: spikes of each neuron, or means and last values. */
static json_t *output_to_json(const struct job *job, const struct nir_unit_info *unit)
{
    json_t *sums = json_array(), *last = json_array();
    for (size_t i = 0; i < unit->size; i++) {
        json_array_append_new(sums,
                              unit->is_spiking
                                  ? json_integer((json_int_t)unit->sum[i])
                                  : json_number(unit->sum[i] / (double)job->steps));
        json_array_append_new(last, json_number(unit->out[i]));
    }
    return json_pack("{s:s, s:o, s:o}", "node", unit->name,
                     unit->is_spiking ? "spikes" : "mean", sums, "last", last);
}

static void print_output(const struct job *job, const struct nir_unit_info *unit)
{
    printf("%s, %s:", unit->name,
           unit->is_spiking ? "spikes of each neuron" : "mean and last value");
    for (size_t i = 0; i < unit->size && i < MOST_SHOWN; i++) {
        if (unit->is_spiking)
            printf(" %.0f", unit->sum[i]);
        else
            printf(" %.6g (%.6g)", unit->sum[i] / (double)job->steps, unit->out[i]);
    }
    printf("%s\n", unit->size > MOST_SHOWN ? " ..." : "");
}

static const char *settings_text(const struct job *job, char *text, size_t room)
{
    snprintf(text, room, "%llu steps of %g ms, %s, spikes are %s",
             (unsigned long long)job->steps, job->dt_ms,
             job->settings.integration == NIR_EULER ? "forward Euler"
                                                    : "exact integration",
             job->settings.spike == SPIKE_IMPULSE ? "impulses of area 1"
                                                  : "pulses of 1 for a step");
    return text;
}

static enum error_code report(const struct job *job, struct error *err)
{
    char text[200];
    const char *version = job->graph->version[0] ? job->graph->version : "unknown";
    json_t *rows = json_array(), *outputs = json_array();
    for (size_t i = 0; i < nir_run_units(job->run); i++) {
        const struct nir_unit_info unit = nir_run_unit(job->run, i);
        json_array_append_new(rows, unit_to_json(job, &unit));
        if (unit.is_output)
            json_array_append_new(outputs, output_to_json(job, &unit));
    }
    settings_text(job, text, sizeof text);
    if (option_flag(job->options, "json"))
        return json_print(json_pack("{s:s, s:s, s:I, s:f, s:s, s:s, s:o, s:o}", "file",
                                    job->path, "version", version, "steps",
                                    (json_int_t)job->steps, "dt_ms", job->dt_ms,
                                    "settings", text, "input",
                                    nir_input_text(job->input), "nodes", rows,
                                    "outputs", outputs),
                          err);
    printf("%s: NIR %s, %zu nodes\n%s\n%s\n\n", job->path, version,
           nir_run_units(job->run), text, nir_input_text(job->input));
    table_print(unit_columns, rows);
    printf("\n");
    for (size_t i = 0; i < nir_run_units(job->run); i++) {
        const struct nir_unit_info unit = nir_run_unit(job->run, i);
        if (unit.is_output)
            print_output(job, &unit);
    }
    json_decref(rows);
    json_decref(outputs);
    return OK;
}

/* ---- the job ---- */

static enum error_code run_graph(struct job *job, struct error *err)
{
    const char *output = option_text(job->options, "output");
    const char *png = option_text(job->options, "png");
    struct error failure = { OK, "" };
    double bytes = nir_run_bytes(job->graph);
    if (nir_run_create(&job->run, job->graph, &job->settings, err) != OK) {
        if (err->code == ERR_MEMORY)
            error_wrap(err, "running takes %.3g MB", bytes / 1e6);
        return err->code;
    }
    if (nir_input_open(&job->input, job->options, job->run, job->dt_ms, err) != OK)
        return err->code;
    if (nir_input_steps(job->input) > 0 && !option_is_given(job->options, "steps") &&
        !option_is_given(job->options, "ms"))
        job->steps = nir_input_steps(job->input);
    if (open_recorder(job, err) != OK)
        return err->code;
    run_steps(job, err);
    nir_recorder_close(job->recorder,
                       err->code == OK ? RECORDING_FINISHED : RECORDING_FAILED,
                       &failure);
    job->recorder = NULL;
    if (err->code == OK && failure.code != OK)
        *err = failure;
    if (err->code != OK || report(job, err) != OK)
        return err->code;
    return png ? drawing_raster(output, png, PICTURE_WIDTH, PICTURE_HEIGHT, false, err)
               : OK;
}

static enum error_code write_again(const struct job *job, struct error *err)
{
    const char *to = option_text(job->options, "to");
    if (!to || nir_graph_write(job->graph, to, err) != OK)
        return err->code;
    if (job->graph->dropped_metadata)
        fprintf(stderr, "%s: metadata of %zu nodes is not in %s\n", job->path,
                job->graph->dropped_metadata, to);
    if (job->steps == 0 && !option_flag(job->options, "json"))
        printf("%s\n", to);
    return OK;
}

enum error_code nir_network_run(const struct options *options, const char *path,
                                const char *command, struct error *err)
{
    struct job job = { .options = options, .path = path, .command = command };
    if (nir_graph_read(&job.graph, path, err) == OK && read_options(&job, err) == OK &&
        write_again(&job, err) == OK && job.steps > 0 && run_graph(&job, err) != OK)
        error_wrap(err, "%s", path);
    nir_input_close(job.input);
    nir_run_free(job.run);
    nir_graph_free(job.graph);
    return err->code;
}
