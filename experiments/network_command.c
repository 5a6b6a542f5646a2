/* `lucciola network`: runs a named network, or one from a NIR file, and lays what it
 * measured beside what is expected. */
#include "experiments/command.h"
#include "experiments/drawing.h"
#include "experiments/live_view.h"
#include "experiments/named_network.h"
#include "experiments/nir_network.h"
#include "experiments/text_input.h"

#include <omp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct option option_network[] = {
    { "list", 0, NULL, "list the named networks", NULL },
    { "output", 'o', "FILE", "write a recording", NULL },
    { "view", 0, NULL, "show the recording while it is written", NULL },
    { "png", 0, "FILE", "draw the raster or the curves", NULL },
    { "ms", 0, "T", "time to run, in the network's milliseconds", NULL },
    { "dt", 0, "MS", "length of a step", NULL },
    { "scale", 0, "S", "size, as a share of the published one", NULL },
    { "param", 0, "LIST", "parameters of the network, name=value,...", NULL },
    { "neuron", 0, "NAME", "of fi: model, NAME or NAME:parameter=value,...", NULL },
    { "trace", 0, "LIST", "record state: POPULATION.VARIABLE[:FIRST-LAST],...", NULL },
    { 0 },
};

static json_t *fields_to_json(const struct field *table, const double *value)
{
    json_t *object = json_object();
    for (size_t i = 0; table && table[i].name; i++)
        json_object_set_new(object, table[i].name, json_number(value[i]));
    return object;
}

static void print_params(const struct field *table)
{
    for (; table && table->name; table++)
        printf("    --param %-12s %s; default %g %s, from %g to %g\n", table->name,
               table->meaning, table->initial, table->unit, table->minimum,
               table->maximum);
}

static enum error_code list_networks(bool is_json, struct error *err)
{
    json_t *rows = json_array();
    for (size_t i = 0; named_networks[i]; i++) {
        const struct named_network *named = named_networks[i];
        if (is_json) {
            double initial[NAMED_MAX_PARAMS] = { 0 };
            if (named->params)
                field_defaults(named->params, initial);
            json_array_append_new(rows,
                                  json_pack("{s:s, s:s, s:s, s:s, s:f, s:f, s:o}",
                                            "name", named->name, "size", named->size,
                                            "summary", named->summary, "source",
                                            named->source, "ms", named->ms, "dt_ms",
                                            named->dt_ms, "parameters",
                                            fields_to_json(named->params, initial)));
            continue;
        }
        printf("%-20s %s\n    %s\n    source: %s\n", named->name, named->summary,
               named->size, named->source);
        print_params(named->params);
    }
    if (is_json)
        return json_print(rows, err);
    json_decref(rows);
    return OK;
}

static enum error_code read_neuron(struct network_job *job, struct error *err)
{
    const char *text = option_text(job->options, "neuron");
    char name[64];
    if (text && !job->named->takes_neuron)
        return error_set(err, ERR_ARGUMENT, "%s takes no --neuron", job->named->name);
    if (!job->named->takes_neuron)
        return OK;
    if (!text)
        text = "izhikevich";
    size_t length = strcspn(text, ":");
    snprintf(name, sizeof name, "%.*s", (int)(length < 63 ? length : 63), text);
    job->model = neuron_model_find(name);
    if (!job->model)
        return error_set(err, ERR_ARGUMENT,
                         "no neuron model '%s'; 'lucciola neurons' lists them", name);
    field_defaults(job->model->params, job->model_param);
    if (text[length] && field_assign(job->model->params, text + length + 1,
                                     job->model_param, err) != OK)
        return error_wrap(err, "--neuron %s", name);
    return OK;
}

/* An option that this network has no use for is refused by name. */
static enum error_code refuse(const struct network_job *job, const char *option,
                              bool has_use, struct error *err)
{
    if (has_use || !option_is_given(job->options, option))
        return OK;
    return error_set(err, ERR_ARGUMENT, "--%s has no meaning for %s", option,
                     job->named->name);
}

static enum error_code read_number(const struct network_job *job, const char *name,
                                   double lowest, double highest, double initial,
                                   double *value, struct error *err)
{
    *value = initial;
    if (!option_is_given(job->options, name))
        return OK;
    return option_number(job->options, name, lowest, highest, value, err);
}

static enum error_code read_job(struct network_job *job, struct error *err)
{
    const struct options *o = job->options;
    const struct named_network *named = job->named;
    uint64_t threads = 0;
    if (refuse(job, "ms", named->ms > 0, err) != OK ||
        refuse(job, "dt", named->dt_ms > 0, err) != OK ||
        refuse(job, "scale", named->scale > 0, err) != OK ||
        refuse(job, "param", named->params != NULL, err) != OK ||
        refuse(job, "output", named->records, err) != OK ||
        refuse(job, "trace", named->records, err) != OK || read_neuron(job, err) != OK)
        return err->code;
    if (read_number(job, "ms", 1e-3, 1e9, named->ms, &job->ms, err) != OK ||
        read_number(job, "dt", 1e-6, 1e3, named->dt_ms, &job->dt_ms, err) != OK ||
        read_number(job, "scale", 1e-4, 10, named->scale, &job->scale, err) != OK ||
        option_whole(o, "seed", 0, UINT64_MAX, &job->seed, err) != OK ||
        option_whole(o, "threads", 0, 1024, &threads, err) != OK)
        return err->code;
    job->threads = threads ? (int)threads : omp_get_num_procs();
    if (named->params) {
        field_defaults(named->params, job->param);
        if (field_assign(named->params, option_text(o, "param"), job->param, err) != OK)
            return error_wrap(err, "%s: --param", named->name);
    }
    job->output = option_text(o, "output");
    job->png = option_text(o, "png");
    job->trace = option_text(o, "trace");
    if (job->trace && !job->output)
        return error_set(err, ERR_ARGUMENT,
                         "--trace records state: it expects -o FILE");
    if (live_view_check(o, err) != OK || drawing_check(job->output, err) != OK)
        return err->code;
    return drawing_check(job->png, err);
}

/* Options of the one kind of network have no meaning for the other. */
static enum error_code refuse_other(const struct options *options, bool is_nir,
                                    struct error *err)
{
    static const char *const named_only[] = { "scale", "param", "neuron", "trace",
                                              NULL };
    for (size_t i = 0; is_nir && named_only[i]; i++)
        if (option_is_given(options, named_only[i]))
            return error_set(err, ERR_ARGUMENT, "--%s has no meaning for a NIR file",
                             named_only[i]);
    for (const struct option *o = option_nir; !is_nir && o->name; o++)
        if (option_is_given(options, o->name))
            return error_set(err, ERR_ARGUMENT, "--%s has a meaning for NIR files only",
                             o->name);
    return OK;
}

/* What published outcomes hold for: nothing changed but seed and threads. */
static bool is_published(const struct options *options)
{
    static const char *const changes[] = { "ms", "dt", "scale", "param" };
    for (size_t i = 0; i < sizeof changes / sizeof changes[0]; i++)
        if (option_is_given(options, changes[i]))
            return false;
    return true;
}

static enum error_code report(const struct network_job *job, struct error *err)
{
    const struct named_network *named = job->named;
    if (option_flag(job->options, "json")) {
        json_t *object =
            json_pack("{s:s, s:s, s:s, s:f, s:f, s:I, s:o}", "network", named->name,
                      "summary", named->summary, "source", named->source, "ms", job->ms,
                      "dt_ms", job->dt_ms, "seed", (json_int_t)job->seed, "parameters",
                      fields_to_json(named->params, job->param));
        if (object)
            findings_to_json(&job->findings, object);
        if (json_print(object, err) != OK)
            return err->code;
    } else {
        printf("%s: %s\n%s\n", named->name, named->summary, named->source);
        if (!job->findings.is_published)
            printf("settings differ from the published ones\n");
        findings_print(&job->findings);
    }
    return findings_judge(&job->findings, err);
}

static enum error_code run_named(const struct options *options, const char *command,
                                 struct error *err)
{
    struct network_job job = { .options = options, .command = command };
    job.named = named_network_find(options->operand[0]);
    if (!job.named)
        return error_set(err, ERR_ARGUMENT,
                         "no network '%.60s'; 'lucciola network --list' lists them",
                         options->operand[0]);
    if (read_job(&job, err) != OK)
        return err->code;
    if (!findings_init(&job.findings, is_published(options)))
        return error_memory(err, "findings", 0);
    if (job.named->run(&job, err) != OK)
        error_wrap(err, "%s", job.named->name);
    else
        report(&job, err);
    if (job.note[0])
        fprintf(stderr, "%s\n", job.note);
    findings_release(&job.findings);
    return err->code;
}

static enum error_code run(int argc, char **argv, struct error *err)
{
    static const struct option *const tables[] = { option_network, option_nir,
                                                   option_common, NULL };
    struct options options;
    char *command = join_words(argc, argv);
    err->code = OK;
    if (options_read(
            &options, tables, "network NAME or FILE.nir [options]",
            "Runs a network with a known outcome (--list names them), or a NIR "
            "graph.",
            1, argc, argv, err) != OK ||
        options.help_shown)
        goto out;
    if (!command)
        error_memory(err, "command line", 0);
    else if (option_flag(&options, "list"))
        list_networks(option_flag(&options, "json"), err);
    else if (options.operands == 0)
        error_set(err, ERR_ARGUMENT,
                  "expected the name of a network; "
                  "'lucciola network --list' lists them");
    else if (refuse_other(&options, nir_network_is_path(options.operand[0]), err) != OK)
        goto out;
    else if (nir_network_is_path(options.operand[0]))
        nir_network_run(&options, options.operand[0], command, err);
    else
        run_named(&options, command, err);
out:
    free(command);
    options_release(&options);
    return err->code;
}

const struct command network_command = {
    .name = "network",
    .arguments = "NAME or FILE.nir [-o RUN.h5]",
    .summary = "run a network with a known outcome, or a NIR graph",
    .run = run,
};
