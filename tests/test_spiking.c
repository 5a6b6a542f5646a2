/* The spiking projector on random weights: the two engines against one another, against
 * the closed forms, and against sums in double. */
#include "tests/spiking_fixture.h"

#include "tests/suites.h"
#include "tests/weight_builder.h"

#include <gsl/gsl_randist.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static int by_step_and_neuron(const void *a, const void *b)
{
    const struct sent_event *x = a, *y = b;
    if (x->step != y->step)
        return x->step < y->step ? -1 : 1;
    return x->neuron < y->neuron ? -1 : x->neuron > y->neuron;
}

/* The events that the counts of a run stand for. */
static void expand(const struct fixture *f, const struct encoder *encoder,
                   const struct outcome *of, struct outcome *out)
{
    for (uint32_t site = 0; site < SITES; site++)
        for (uint32_t row = 0; row < ROWS; row++) {
            const size_t first = out->events;
            const unsigned steps = (unsigned)of->counters[site][row].n[COUNT_STEPS];
            struct code_event *train = malloc(
                ((size_t)steps * encoder->neurons_per_channel + 1) * sizeof *train);
            CU_ASSERT_PTR_NOT_NULL_FATAL(train);
            for (uint32_t channel = 0; channel < f->site[site].inputs; channel++) {
                uint32_t spikes =
                    encoder->train(of->count[site][row][channel], steps, train);
                for (uint32_t i = 0; i < spikes; i++)
                    spiking_outcome_send(out,
                                         (struct sent_event){
                                             site, row, train[i].step,
                                             channel * encoder->neurons_per_channel +
                                                 train[i].neuron,
                                             train[i].worth });
            }
            free(train);
            CU_ASSERT_EQUAL(out->events - first,
                            of->counters[site][row].n[COUNT_SPIKES]);
            if (out->events > first)
                qsort(out->event + first, out->events - first, sizeof *out->event,
                      by_step_and_neuron);
        }
}

static void check_same_events(const struct outcome *a, const struct outcome *b)
{
    CU_ASSERT(a->events == b->events && a->events > 0 &&
              memcmp(a->event, b->event, a->events * sizeof *a->event) == 0);
}

static void check_same(const struct outcome *a, const struct outcome *b)
{
    CU_ASSERT_EQUAL(memcmp(a->y, b->y, sizeof a->y), 0);
    CU_ASSERT_EQUAL(memcmp(a->count, b->count, sizeof a->count), 0);
    CU_ASSERT_EQUAL(memcmp(a->counters, b->counters, sizeof a->counters), 0);
}

/* What the spikes of every row are worth by channel: counts in thresholds, which are
 * those of x and, with a stateful code, of x minus what came before. */
static void decoded_rows(const struct fixture *f,
                         const struct spiking_settings *settings,
                         const struct outcome *out, uint32_t site,
                         double value[ROWS][WIDEST])
{
    const struct threshold_rule *rule = &settings->threshold;
    const uint32_t inputs = f->matrix[site].inputs;
    float unit[WIDEST], held[WIDEST] = { 0 }, change[WIDEST];
    int32_t count[WIDEST];
    struct quantised quantised;
    const struct threshold_loops loops = { kernels[0]->sum_abs,
                                           kernels[0]->count_channels };
    for (size_t row = 0; row < ROWS; row++) {
        const float *x = f->x[site] + row * inputs;
        for (size_t i = 0; i < inputs; i++)
            change[i] = x[i] - held[i];
        threshold_quantise(rule, x, settings->encoder->is_stateful ? change : x, inputs,
                           &loops, unit, count, &quantised);
        for (size_t i = 0; i < inputs; i++) {
            float v = unit[rule->group ? i / rule->group : 0];
            held[i] += v * (float)out->count[site][row][i];
            value[row][i] = (double)v * (double)out->count[site][row][i];
        }
    }
}

/* What one row's spikes add to output o, and the size of its terms. */
static double row_sum(const struct weight_matrix *m, const double *value, size_t o,
                      double *size)
{
    double sum = 0;
    for (size_t i = 0; i < m->inputs; i++) {
        double part = value[i] * weight_value(m, i, o);
        sum += part;
        *size += fabs(part);
    }
    return sum;
}

/* y against the sum it stands for, with a stateful code all rows up to this one;
 * float32 sums of up to 5 segments and 7 rows: 1e-5 of their size. */
static void check_values(const struct fixture *f,
                         const struct spiking_settings *settings,
                         const struct outcome *out)
{
    static double value[ROWS][WIDEST];
    for (uint32_t site = 0; site < SITES; site++) {
        decoded_rows(f, settings, out, site, value);
        for (size_t row = 0; row < ROWS; row++) {
            const uint32_t outputs = f->matrix[site].outputs;
            const size_t first = settings->encoder->is_stateful ? 0 : row;
            for (size_t o = 0; o < outputs; o += 13) {
                double sum = f->site[site].bias ? (double)f->site[site].bias[o] : 0;
                double size = fabs(sum);
                for (size_t earlier = first; earlier <= row; earlier++)
                    sum += row_sum(&f->matrix[site], value[earlier], o, &size);
                CU_ASSERT_DOUBLE_EQUAL((double)out->y[site][row * outputs + o], sum,
                                       1e-5 * size + 1e-30);
            }
        }
    }
}

/* Both engines, one and two threads, row by row and in batches: one outcome. */
static void check_engines(struct fixture *f, struct spiking_settings settings)
{
    const struct kernel *kernel = kernel_find(NULL);
    settings.engine = ENGINE_EVENTS;
    settings.team = NULL;
    struct outcome *reference = spiking_fixture_run(f, &settings, kernels[0], 1);
    struct outcome expected = { 0 };
    expand(f, settings.encoder, reference, &expected);
    check_same_events(reference, &expected);
    check_values(f, &settings, reference);
    for (int variant = 0; variant < 6; variant++) {
        static const size_t batch[] = { ROWS, 1, ROWS, 2, ROWS, 4 };
        settings.engine = variant == 0 ? ENGINE_EVENTS : ENGINE_COUNTS;
        settings.team = variant != 1 && variant != 2 ? f->pair : NULL;
        struct outcome *out =
            spiking_fixture_run(f, &settings, variant == 5 ? kernels[0] : kernel,
                                batch[variant]);
        check_same(out, reference);
        if (settings.engine == ENGINE_EVENTS)
            check_same_events(out, &expected);
        spiking_outcome_free(out);
    }
    free(expected.event);
    spiking_outcome_free(reference);
}

static bool holds_counts(const struct encoder *encoder, unsigned window)
{
    int32_t lowest, highest;
    encoder->range(window ? window : encoder->max_steps, &lowest, &highest);
    return lowest < 0 || highest > 0;
}

static void for_every_closed_form(const char *weights,
                                  const struct threshold_rule *rule, unsigned window)
{
    struct fixture *f = spiking_fixture_create(weights);
    int pairs = 0;
    for (size_t n = 0; neuron_models[n]; n++)
        for (size_t c = 0; encoders[c]; c++) {
            if (!spiking_has_closed_form(neuron_models[n], encoders[c]) ||
                window > encoders[c]->max_steps || !holds_counts(encoders[c], window))
                continue;
            struct spiking_settings settings =
                spiking_settings_for(neuron_models[n]->name, encoders[c]->name,
                                     ENGINE_EVENTS);
            settings.threshold = *rule;
            settings.window = window;
            check_engines(f, settings);
            pairs++;
        }
    CU_ASSERT(pairs >= 5);
    spiking_fixture_free(f);
}

static void engines_agree_in_every_grouping(void)
{
    static const char *const weights[] = { "output", "128", "4bit:128", "4bit:32:min" };
    for (int form = 0; form < 4; form++) {
        struct threshold_rule rule = threshold_default;
        for_every_closed_form(weights[form], &rule, 0);
        rule.group = 128;
        for_every_closed_form(weights[form], &rule, 0);
    }
}

static void engines_agree_when_groups_divide(void)
{
    struct threshold_rule rule = threshold_default;
    rule.group = 32;
    for_every_closed_form("64", &rule, 0);
    for_every_closed_form("4bit:64:min", &rule, 0);
    rule.group = 192;
    for_every_closed_form("64", &rule, 0);
    for_every_closed_form("4bit:64", &rule, 0);
}

static void engines_agree_with_a_dead_zone(void)
{
    struct threshold_rule rule = threshold_default;
    rule.dead_zone = 0.7;
    rule.k = 8;
    for_every_closed_form("128", &rule, 0);
}

static void engines_agree_in_fixed_windows(void)
{
    static const unsigned window[] = { 1, 3, 8, 31 };
    struct threshold_rule rule = threshold_default;
    for (size_t i = 0; i < sizeof window / sizeof window[0]; i++) {
        rule.group = i % 2 ? 128 : 0;
        for_every_closed_form(i < 2 ? "output" : "4bit", &rule, window[i]);
    }
}

static void engines_agree_with_fixed_thresholds(void)
{
    struct threshold_rule rule = threshold_default;
    rule.fixed = 1.7;
    for_every_closed_form("128", &rule, 0);
}

/* Many counts are some 127 and a rest, and the largest more than eight of them. */
static void engines_agree_on_large_counts(void)
{
    struct threshold_rule rule = threshold_default;
    rule.k = 100;
    for_every_closed_form("output", &rule, 0);
    rule.group = 64;
    for_every_closed_form("4bit:32:min", &rule, 0);
}

static int32_t largest_count(const struct outcome *out)
{
    int32_t largest = 0;
    for (int i = 0; i < WIDEST; i++)
        largest =
            abs(out->count[0][2][i]) > largest ? abs(out->count[0][2][i]) : largest;
    return largest;
}

/* Outliers must reach beyond 8 bits, or the tests above would not see the wide path. */
static void outliers_are_wide(void)
{
    struct fixture *f = spiking_fixture_create("output");
    struct spiking_settings settings =
        spiking_settings_for("if", "bitwise", ENGINE_COUNTS);
    settings.threshold.k = 100;
    struct outcome *out = spiking_fixture_run(f, &settings, kernels[0], ROWS);
    CU_ASSERT(largest_count(out) > 8 * 127);
    spiking_outcome_free(out);
    settings.threshold.k = threshold_default.k;
    out = spiking_fixture_run(f, &settings, kernels[0], ROWS);
    CU_ASSERT(largest_count(out) > 127);
    CU_ASSERT_EQUAL(out->counters[0][1].n[COUNT_STEPS], 0);
    CU_ASSERT_EQUAL(out->counters[0][1].n[COUNT_SILENT], 576);
    CU_ASSERT_EQUAL(memcmp(out->y[0] + f->site[0].outputs, f->site[0].bias,
                           f->site[0].outputs * sizeof(float)),
                    0);
    spiking_outcome_free(out);
    spiking_fixture_free(f);
}

/* Pairs without a closed form: the same whatever the threads and batches, and no more
 * worth than was injected. The random code's injections fire at once, leak or not.
 * Those read by a response: tests/test_spiking_codes.c. */
static void leaky_neurons_run_through_the_queue(void)
{
    struct fixture *f = spiking_fixture_create("128");
    for (size_t c = 0; encoders[c]; c++) {
        if (encoders[c]->is_graded)
            continue;
        struct spiking_settings settings =
            spiking_settings_for("lif", encoders[c]->name, ENGINE_EVENTS);
        CU_ASSERT_FALSE(spiking_has_closed_form(settings.neuron, settings.encoder));
        struct outcome *one = spiking_fixture_run(f, &settings, kernels[0], 1);
        settings.team = f->pair;
        struct outcome *many =
            spiking_fixture_run(f, &settings, kernel_find(NULL), ROWS);
        check_same(one, many);
        check_same_events(one, many);
        settings.neuron = neuron_model_find("if");
        struct outcome *exact = spiking_fixture_run(f, &settings, kernels[0], ROWS);
        if (encoders[c]->is_random) {
            check_same_events(one, exact);
        } else {
            CU_ASSERT(one->events < exact->events);
            CU_ASSERT(memcmp(one->y, exact->y, sizeof one->y) != 0);
        }
        spiking_outcome_free(one);
        spiking_outcome_free(many);
        spiking_outcome_free(exact);
    }
    spiking_fixture_free(f);
}

/* Counts 3, 0, -9, 1 by hand: digits 2, 0, 2, 1. */
static void counters_are_those_of_the_definition(void)
{
    struct fixture *f = spiking_fixture_create("output");
    struct spiking_settings settings =
        spiking_settings_for("if", "bitwise", ENGINE_COUNTS);
    settings.threshold.fixed = 1;
    memset(f->x, 0, sizeof f->x);
    memcpy(f->x[2], (float[]){ 3, 0.5f, -9.2f, 1 }, 4 * sizeof(float));
    struct outcome *out = spiking_fixture_run(f, &settings, kernels[0], ROWS);
    const struct site_counters *counters = &out->counters[2][0];
    static const uint64_t expected[SITE_COUNTERS] = {
        [COUNT_STEPS] = 4,
        [COUNT_SILENT] = 125,
        [COUNT_SMALL] = 127,
        [COUNT_MAGNITUDE] = 13,
        [COUNT_SPIKES] = 5,
        [COUNT_CLIPPED] = 0,
        [COUNT_SOP] = 5 * 64,
        [COUNT_SPIKE_BYTES] = 5 * 64 + 4 * 64,
        [COUNT_ROW_BYTES] = 3 * 64 + 4 * 64,
        [COUNT_UPDATES] = 128 * 4,
        [COUNT_STATE_BYTES] = 16 * 128 * 4 + 8 * 5 * 64,
    };
    for (int i = 0; i < SITE_COUNTERS; i++)
        CU_ASSERT_EQUAL(counters->n[i], expected[i]);
    CU_ASSERT_EQUAL(counters->threshold, 1);

    struct op_count ops;
    spiking_ops(&settings, &f->site[2], &f->matrix[2], counters, 1, &ops);
    CU_ASSERT_EQUAL(ops.n[OP_ADD_I32], 2 * 128 * 4 + 5 * 64);
    CU_ASSERT_EQUAL(ops.n[OP_SHIFT_I32], 3 * 64);
    CU_ASSERT_EQUAL(ops.n[OP_DIVIDE_F32], 128);
    CU_ASSERT_EQUAL(ops.n[OP_ROUND_F32], 128);
    CU_ASSERT_EQUAL(ops.n[OP_COMPARE_F32], 128 * 4 + 128);
    CU_ASSERT_EQUAL(ops.n[OP_MULTIPLY_F32], 2 * 64);
    CU_ASSERT_EQUAL(ops.n[OP_ADD_F32], 0);
    settings.encoder = encoder_find("graded");
    spiking_ops(&settings, &f->site[2], &f->matrix[2], counters, 1, &ops);
    CU_ASSERT_EQUAL(ops.n[OP_MAC_I8_I32], 5 * 64);
    CU_ASSERT_EQUAL(ops.n[OP_MULTIPLY_I32], 0);
    const struct op_count eight = ops;
    const struct weight_setting four = weight_setting_of("4bit:32:min");
    const struct weight_matrix grouped = weight_matrix_shape(&four, 128, 64);
    spiking_ops(&settings, &f->site[2], &grouped, counters, 1, &ops);
    CU_ASSERT_EQUAL(ops.n[OP_MULTIPLY_I32], 2 * 4 * 64);
    CU_ASSERT_EQUAL(ops.n[OP_ADD_I32], eight.n[OP_ADD_I32] + 2 * 4 * 64);
    CU_ASSERT_EQUAL(ops.n[OP_MULTIPLY_F32], eight.n[OP_MULTIPLY_F32]);
    spiking_outcome_free(out);
    spiking_fixture_free(f);
}

static void refused(struct fixture *f, const struct spiking_settings *settings)
{
    struct projector projector;
    struct error err = { 0 };
    CU_ASSERT_EQUAL(spiking_create(&projector, &f->model, f->matrix, NULL, kernels[0],
                                   settings, &err),
                    ERR_ARGUMENT);
    CU_ASSERT(strlen(err.text) > 20);
    CU_ASSERT_PTR_NULL(projector.self);
}

static void settings_that_cannot_work_are_refused(void)
{
    struct fixture *f = spiking_fixture_create("128");
    const struct spiking_settings good =
        spiking_settings_for("if", "bitwise", ENGINE_COUNTS);
    struct spiking_settings bad = spiking_settings_for("lif", "ternary", ENGINE_COUNTS);
    refused(f, &bad); /* no closed form */
    bad = spiking_settings_for("lif", "graded", ENGINE_EVENTS);
    refused(f, &bad); /* cannot carry a payload */
    bad = spiking_settings_for("lif", "ternary", ENGINE_EVENTS);
    bad.neuron_param[0] = -1;
    refused(f, &bad);
    for (size_t c = 0; encoders[c]; c++) {
        bad = spiking_settings_for("if", encoders[c]->name, ENGINE_COUNTS);
        bad.window = encoders[c]->max_steps + 1;
        refused(f, &bad);
    }
    bad = good;
    bad.threshold.k = nan("");
    refused(f, &bad);
    bad = good;
    bad.threshold.group = 100; /* weights are in groups of 128 */
    refused(f, &bad);
    bad = good;
    bad.dt_ms = 0;
    refused(f, &bad);
    bad = good;
    bad.spikes = (const unsigned char[]){ 1, 0, 1 };
    refused(f, &bad); /* no dense projector */
    spiking_fixture_free(f);
}

static void inputs_that_cannot_work_are_refused(void)
{
    for (int engine = 0; engine < 2; engine++) {
        struct fixture *f = spiking_fixture_create("output");
        struct spiking_settings settings =
            spiking_settings_for("if", "bitwise",
                                 engine ? ENGINE_EVENTS : ENGINE_COUNTS);
        struct projector projector;
        struct error err = { 0 };
        struct row_id id[2] = { { 0, 0 }, { 0, 1 } };
        float y[2 * WIDEST];
        settings.threshold.fixed = 1e-6;
        CU_ASSERT_EQUAL_FATAL(spiking_create(&projector, &f->model, f->matrix, NULL,
                                             kernels[0], &settings, &err),
                              OK);
        CU_ASSERT_EQUAL(projector.apply(projector.self, 2, f->x[2], 2, id, y, &err),
                        ERR_ARGUMENT);
        CU_ASSERT_PTR_NOT_NULL(strstr(err.text, "site test"));
        memset(f->x[2], 0, sizeof f->x[2]);
        CU_ASSERT_EQUAL(projector.apply(projector.self, 2, f->x[2], 2, id, y, &err),
                        OK);
        f->x[2][128 + 7] = (float)nan("");
        CU_ASSERT_EQUAL(projector.apply(projector.self, 2, f->x[2], 2, id, y, &err),
                        ERR_ARGUMENT);
        CU_ASSERT_PTR_NOT_NULL(strstr(err.text, "finite"));
        projector_release(&projector);
        spiking_fixture_free(f);
    }
}

/* A dense projector that only says that it was called. */
struct witness {
    uint32_t site, sequence, length;
    size_t rows;
};

static enum error_code witness_apply(void *self, uint32_t site, const float *x,
                                     size_t rows, const struct row_id *ids, float *y,
                                     struct error *err)
{
    struct witness *witness = self;
    (void)x, (void)ids, (void)err;
    witness->site = site;
    witness->rows = rows;
    y[0] = 77;
    return OK;
}

static void witness_begin(void *self, uint32_t sequence)
{
    ((struct witness *)self)->sequence = sequence;
}

static void witness_truncate(void *self, uint32_t sequence, uint32_t length)
{
    struct witness *witness = self;
    witness->sequence = sequence;
    witness->length = length;
}

static void sites_that_do_not_spike_go_to_dense(void)
{
    struct fixture *f = spiking_fixture_create("output");
    struct spiking_settings settings =
        spiking_settings_for("if", "ternary", ENGINE_COUNTS);
    struct witness witness = { 0 };
    struct projector dense = { "witness",     &witness,         witness_apply,
                               witness_begin, witness_truncate, NULL };
    struct projector projector;
    struct error err = { 0 };
    struct row_id id[ROWS] = { { 0, 0 } };
    static float y[ROWS * WIDEST];
    settings.spikes = (const unsigned char[]){ 1, 0, 1 };
    CU_ASSERT_EQUAL_FATAL(spiking_create(&projector, &f->model, f->matrix, &dense,
                                         kernels[0], &settings, &err),
                          OK);
    CU_ASSERT_EQUAL(projector.apply(projector.self, 0, f->x[0], ROWS, id, y, &err), OK);
    CU_ASSERT_EQUAL(witness.rows, 0);
    CU_ASSERT_EQUAL(projector.apply(projector.self, 1, f->x[1], ROWS, id, y, &err), OK);
    CU_ASSERT(witness.rows == ROWS && witness.site == 1 && y[0] == 77);
    projector.begin_sequence(projector.self, 5);
    CU_ASSERT_EQUAL(witness.sequence, 5);
    projector.truncate(projector.self, 6, 9);
    CU_ASSERT(witness.sequence == 6 && witness.length == 9);
    projector_release(&projector);
    spiking_fixture_free(f);
}

CU_TestInfo spiking_tests[] = {
    { "engines agree in every grouping", engines_agree_in_every_grouping },
    { "engines agree when groups divide", engines_agree_when_groups_divide },
    { "engines agree with a dead zone", engines_agree_with_a_dead_zone },
    { "engines agree in fixed windows", engines_agree_in_fixed_windows },
    { "engines agree with fixed thresholds", engines_agree_with_fixed_thresholds },
    { "engines agree on large counts", engines_agree_on_large_counts },
    { "outliers are wide", outliers_are_wide },
    { "leaky neurons run through the queue", leaky_neurons_run_through_the_queue },
    { "counters are those of the definition", counters_are_those_of_the_definition },
    { "settings that cannot work are refused", settings_that_cannot_work_are_refused },
    { "inputs that cannot work are refused", inputs_that_cannot_work_are_refused },
    { "sites that do not spike go to dense", sites_that_do_not_spike_go_to_dense },
    CU_TEST_INFO_NULL,
};
