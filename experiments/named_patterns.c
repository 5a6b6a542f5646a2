/* The twenty firing patterns of Izhikevich (2004), each run with its own parameters,
 * step and current, beside the spikes of the author's scheme. */
#include "experiments/drawing.h"
#include "experiments/named_network.h"
#include "neurons/izhikevich_patterns.h"
#include "neurons/population.h"

#include <math.h>
#include <string.h>

static const struct column columns[] = {
    { "letter", "", -1, -1, false },
    { "name", "pattern", -28, -1, false },
    { "spikes", "spikes", 6, -1, false },
    { "first_ms", "first ms", 9, 2, false },
    { "last_ms", "last ms", 9, 2, false },
    { "expected", "expected", -20, -1, false },
    { "verdict", "", -4, -1, false },
    { "outcome", "", -1, -1, false },
    { 0 },
};

enum { PATTERNS = 20 };

struct outcome {
    int spikes;
    double first_ms, last_ms;
    double lowest, highest; /* current */
};

/* Steps 0 .. length / dt, as the loop of figure1.m; traces v and the current where there
 * is a drawing. */
static void run_pattern(struct population *population,
                        const struct izhikevich_pattern *pattern, FILE *trace,
                        struct outcome *outcome)
{
    const struct neuron_model *model = neuron_model_find("izhikevich");
    double *v = population->state[field_find(model->state_vars, "v")];
    double *u = population->state[field_find(model->state_vars, "u")];
    int steps = (int)lround(pattern->length_ms / pattern->dt_ms);
    *outcome = (struct outcome){ 0, (double)NAN, (double)NAN, HUGE_VAL, -HUGE_VAL };
    population_prepare(population, model);
    v[0] = pattern->v0;
    u[0] = pattern->u0;
    for (int step = 0; step <= steps; step++) {
        double now = step * pattern->dt_ms, current;
        const double *input[NEURON_MAX_INPUTS] = { NULL };
        struct spike fired;
        current = izhikevich_pattern_current(pattern, now);
        input[model->drive] = &current;
        bool has_fired = model->step(population, input, &fired) > 0;
        outcome->lowest = fmin(outcome->lowest, current);
        outcome->highest = fmax(outcome->highest, current);
        if (trace)
            fprintf(trace, "%.6g %.6g %.6g\n", now, has_fired ? 30 : v[0], current);
        if (!has_fired)
            continue;
        if (outcome->spikes++ == 0)
            outcome->first_ms = now;
        outcome->last_ms = now;
    }
}

static void add_row(struct findings *findings, json_t *rows,
                    const struct izhikevich_pattern *pattern,
                    const struct outcome *outcome)
{
    char letter[2] = { pattern->letter, '\0' }, expected[48];
    snprintf(expected, sizeof expected,
             pattern->spikes > 1 ? "%d (%g .. %g)" : "%d (%g)", pattern->spikes,
             pattern->first_ms, pattern->last_ms);
    bool is_met = outcome->spikes == pattern->spikes &&
                  fabs(outcome->first_ms - pattern->first_ms) < 1e-6 &&
                  fabs(outcome->last_ms - pattern->last_ms) < 1e-6;
    findings->expected++;
    findings->missed += !is_met;
    json_array_append_new(
        rows,
        json_pack("{s:s, s:s, s:i, s:o, s:o, s:s, s:i, s:f, s:f, s:s, s:s}", "letter",
                  letter, "name", pattern->name, "spikes", outcome->spikes, "first_ms",
                  json_number(outcome->first_ms), "last_ms",
                  json_number(outcome->last_ms), "expected", expected,
                  "expected_spikes", pattern->spikes, "expected_first_ms",
                  pattern->first_ms, "expected_last_ms", pattern->last_ms, "verdict",
                  is_met ? "pass" : "MISS", "outcome", pattern->outcome));
}

/* v above, the current below it in a band of its own height. */
static void draw_panel(FILE *out, const struct izhikevich_pattern *pattern,
                       const struct outcome *outcome)
{
    double span = outcome->highest - outcome->lowest;
    fprintf(out,
            "set title '(%c) %s' font ',10' offset 0,-0.8\n"
            "set xrange [0:%g]\nset yrange [-115:35]\n"
            "plot $data%c using 1:(-110 + %.6g * ($3 - %.6g)) with lines lc 4, "
            "'' using 1:2 with lines lc 1 lw 1.2\n",
            pattern->letter, pattern->name, pattern->length_ms, pattern->letter,
            span > 0 ? 15 / span : 1, outcome->lowest);
}

static enum error_code finish_drawing(struct drawing *drawing,
                                      const struct outcome *outcome, struct error *err)
{
    if (!drawing->file)
        return OK;
    fprintf(drawing->file, "set multiplot layout 5,4\nunset key\nunset tics\n"
                           "set lmargin 1\nset rmargin 1\nset bmargin 0.6\n");
    for (size_t i = 0; i < PATTERNS && izhikevich_patterns[i].letter; i++)
        draw_panel(drawing->file, &izhikevich_patterns[i], &outcome[i]);
    fprintf(drawing->file, "unset multiplot\n");
    return drawing_finish(drawing, err);
}

static enum error_code run(struct network_job *job, struct error *err)
{
    const struct neuron_model *model = neuron_model_find("izhikevich");
    struct drawing drawing = { 0 };
    struct outcome outcome[PATTERNS] = { { 0 } };
    json_t *rows = findings_table(&job->findings, "patterns",
                                  "spikes (first .. last, in ms)", columns);
    if (job->png && drawing_open(&drawing, job->png, 1200, 1100, err) != OK)
        return err->code;
    for (size_t i = 0; i < PATTERNS && izhikevich_patterns[i].letter; i++) {
        const struct izhikevich_pattern *pattern = &izhikevich_patterns[i];
        struct arena arena = { 0 };
        struct population population;
        double param[NEURON_MAX_PARAMS];
        field_defaults(model->params, param);
        izhikevich_pattern_param(pattern, param);
        if (drawing.file)
            fprintf(drawing.file, "$data%c << EOD\n", pattern->letter);
        if (population_init(&population, &arena, model, 1, pattern->dt_ms, param)) {
            run_pattern(&population, pattern, drawing.file, &outcome[i]);
            add_row(&job->findings, rows, pattern, &outcome[i]);
        } else {
            error_memory(err, "one neuron", 0);
        }
        if (drawing.file)
            fprintf(drawing.file, "EOD\n");
        arena_free(&arena);
    }
    struct error failure = { 0 };
    finish_drawing(&drawing, outcome, err->code == OK ? err : &failure);
    return err->code;
}

const struct named_network izhikevich_patterns_network = {
    .name = "izhikevich-patterns",
    .size = "one neuron, twenty parameter sets and currents",
    .summary = "the twenty firing patterns, spike for spike as figure1.m makes them",
    .source = "Izhikevich, IEEE Trans. Neural Networks 15 (2004) 1063",
    .run = run,
};
