/* A field of fireflies that fall into step. Each is an oscillator that charges towards a
 * level above its threshold and flashes; every flash it sees pushes it a little further.
 * Since charging slows down on the way up, pushes bring phases together, and whoever is
 * pushed over the threshold flashes along (Mirollo and Strogatz 1990).
 *
 *     tau v' = level - v;   at v = 1: flash, v <- 0, blind for t_ref
 *
 * They show absorption for pulses without delay; here a flash is seen a step later, and
 * the blind time after a flash keeps that from pulling the swarm apart again. The order
 * parameter is R = |mean exp(2 pi i phase)|, the phase being the time since v = 0 over the
 * time to the threshold: 0 in disorder, 1 in step.
 * Source: Mirollo and Strogatz, SIAM J. Appl. Math. 50 (1990) 1645. */
#include "experiments/network_session.h"

#include <gsl/gsl_math.h>
#include <gsl/gsl_randist.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { SIDE, RADIUS, COUPLING, SPREAD };
static const struct field params[] = {
    [SIDE] = { "side", "", "fireflies along a side of the field", 30, 2, 200 },
    [RADIUS] = { "radius", "", "how far a flash is seen, in fireflies; 0: everywhere",
                 4, 0, 200 },
    [COUPLING] = { "coupling", "", "push of a flash, over all who see it", 0.15, 0,
                   10 },
    [SPREAD] = { "spread", "", "deviation of the own periods, as a share", 0.01, 0,
                 0.5 },
    { 0 },
};

static const double period_ms = 1000, level = 1.2, sample_ms = 500;
enum { SAMPLES = 4096, BAR = 40 };

struct field_of_fireflies {
    size_t count;
    double every_ms, next_ms; /* samples of the order parameter */
    double order[SAMPLES], at_ms[SAMPLES];
    size_t samples;
};

/* Of the charging that reaches 1 after period_ms. */
static double time_constant(void)
{
    return period_ms / log(level / (level - 1));
}

static size_t side_of(const struct network_job *job)
{
    return (size_t)rint(job->param[SIDE]);
}

/* Whoever stands within the radius sees a flash; fewer do at the edge, and push alike. */
static enum error_code connect_near(struct network_session *session, struct error *err)
{
    const struct network_job *job = session->job;
    long side = (long)side_of(job), reach = (long)floor(job->param[RADIUS]);
    size_t seen = 0, synapses = 0;
    for (long x = -reach; x <= reach; x++)
        for (long y = -reach; y <= reach; y++)
            seen += x * x + y * y <= reach * reach && (x != 0 || y != 0);
    struct synapse *synapse = calloc((size_t)(side * side) * seen + 1, sizeof *synapse);
    if (!synapse)
        return error_memory(err, "the field", (double)(side * side) * (double)seen);
    for (long source = 0; source < side * side; source++)
        for (long x = -reach; x <= reach; x++)
            for (long y = -reach; y <= reach; y++) {
                long column = source % side + x, row = source / side + y;
                if (x * x + y * y > reach * reach || (x == 0 && y == 0) || column < 0 ||
                    row < 0 || column >= side || row >= side)
                    continue;
                synapse[synapses++] =
                    (struct synapse){ (uint32_t)source, (uint32_t)(row * side + column),
                                      job->param[COUPLING] / (double)seen, job->dt_ms };
            }
    const struct projection projection = {
        .port = network_port(session->network, 0, "jump"),
        .rule = CONNECT_EXPLICIT,
        .synapse = synapse,
        .synapses = synapses,
    };
    network_connect(session->network, &projection, err);
    free(synapse);
    return err->code;
}

static enum error_code connect_all(struct network_session *session, struct error *err)
{
    double others = (double)network_population(session->network, 0).count - 1;
    const struct projection projection = {
        .port = network_port(session->network, 0, "jump"),
        .rule = CONNECT_ALL_TO_ALL,
        .weight = { .a = session->job->param[COUPLING] / others },
        .delay_ms = { .a = session->job->dt_ms },
    };
    return network_connect(session->network, &projection, err);
}

static enum error_code describe(struct network_session *session, struct error *err)
{
    struct field_of_fireflies *field = session->context;
    const struct neuron_model *model;
    double param[NEURON_MAX_PARAMS];
    uint32_t population;
    field->count = side_of(session->job) * side_of(session->job);
    if (network_model("lif",
                      "v_rest=0,v_reset=0,v_threshold=1,resistance=1,t_ref=40,"
                      "hard_reset=1",
                      &model, param, err) != OK)
        return err->code;
    if (network_add_population(session->network, "field", model, field->count, param,
                               &population, err) != OK)
        return err->code;
    double *tau = network_param(session->network, 0,
                                (unsigned)field_find(model->params, "tau_m"));
    gsl_rng *draws = network_draws(session->job, 0);
    if (!tau || !draws) {
        gsl_rng_free(draws);
        return error_memory(err, "the field", 0);
    }
    for (size_t i = 0; i < field->count; i++)
        tau[i] = time_constant() *
                 fmax(0.1, 1 + gsl_ran_gaussian(draws, session->job->param[SPREAD]));
    gsl_rng_free(draws);
    const struct current_source charge = {
        .port = network_port(session->network, 0, "current"), .mean = level
    };
    if (network_add_current(session->network, &charge, err) != OK)
        return err->code;
    return session->job->param[RADIUS] >= 1 ? connect_near(session, err)
                                            : connect_all(session, err);
}

/* Every phase as likely. */
static enum error_code begin(struct network_session *session, struct error *err)
{
    const struct field_of_fireflies *field = session->context;
    double *v = network_state_named(session->network, 0, "v");
    gsl_rng *draws = network_draws(session->job, 1);
    if (!draws)
        return error_memory(err, "the field", 0);
    for (size_t i = 0; i < field->count; i++)
        v[i] = level * -expm1(-gsl_rng_uniform(draws) * period_ms / time_constant());
    gsl_rng_free(draws);
    return OK;
}

static void sample(struct network_session *session, double now_ms)
{
    struct field_of_fireflies *field = session->context;
    if (now_ms < field->next_ms || field->samples == SAMPLES)
        return;
    const double *v = network_state_named(session->network, 0, "v");
    double x = 0, y = 0;
    for (size_t i = 0; i < field->count; i++) {
        double phase = log1p(-fmin(v[i], 1) / level) / log1p(-1 / level);
        x += cos(2 * M_PI * phase);
        y += sin(2 * M_PI * phase);
    }
    field->order[field->samples] = hypot(x, y) / (double)field->count;
    field->at_ms[field->samples++] = now_ms;
    field->next_ms += field->every_ms;
}

static const struct column order_columns[] = {
    { "at_s", "at s", 7, 1, false },
    { "order", "R", 7, 3, false },
    { "bar", "", -BAR, -1, false },
    { 0 },
};

/* At most 24 rows, and each sample in JSON. */
static void add_orders(struct network_session *session)
{
    const struct field_of_fireflies *field = session->context;
    json_t *rows =
        findings_table(&session->job->findings, "order",
                       "order parameter R: 0 disorder, 1 in step", order_columns);
    size_t every = field->samples / 24 + 1;
    for (size_t i = 0; i < field->samples; i += every) {
        char bar[BAR + 1] = "";
        memset(bar, '*', (size_t)rint(field->order[i] * BAR));
        json_array_append_new(rows, json_pack("{s:f, s:f, s:s}", "at_s",
                                              field->at_ms[i] / 1000, "order",
                                              field->order[i], "bar", bar));
    }
}

static enum error_code examine(struct network_session *session, struct error *err)
{
    (void)err;
    const struct field_of_fireflies *field = session->context;
    struct findings *findings = &session->job->findings;
    double together_ms = (double)NAN;
    if (field->samples == 0)
        return error_set(err, ERR_ARGUMENT, "%g ms are too short to sample",
                         session->job->ms);
    for (size_t i = field->samples; i-- > 0 && field->order[i] >= 0.9;)
        together_ms = field->at_ms[i];
    add_orders(session);
    findings_band(findings, "R at the beginning", "", field->order[0], 0, 0.2,
                  "phases at random: 1 / sqrt(fireflies)");
    findings_band(findings, "R at the end", "", field->order[field->samples - 1], 0.95,
                  1, "Mirollo and Strogatz (1990): all fall into step");
    findings_band(findings, "in step (R above 0.9) since", "s", together_ms / 1000, 0,
                  0.8 * session->job->ms / 1000, "before the last fifth");
    return OK;
}

static enum error_code run(struct network_job *job, struct error *err)
{
    struct field_of_fireflies *field = calloc(1, sizeof *field);
    if (!field)
        return error_memory(err, "the field", sizeof *field);
    field->every_ms = fmax(sample_ms, job->ms / SAMPLES);
    const struct network_plan plan = {
        .describe = describe,
        .begin = begin,
        .stepped = sample,
        .examine = examine,
        .slice_ms = 50,
        .is_dark = true,
        .context = field,
    };
    network_session_run(job, &plan, err);
    free(field);
    return err->code;
}

const struct named_network fireflies_network = {
    .name = "fireflies",
    .size = "900 lif on a square field, 40,000 synapses",
    .summary = "a field of fireflies that fall into step",
    .source = "Mirollo and Strogatz, SIAM J. Appl. Math. 50 (1990) 1645",
    .params = params,
    .ms = 40000,
    .dt_ms = 1,
    .records = true,
    .run = run,
};
