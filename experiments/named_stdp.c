/* Plasticity of spike pairs: `stdp-window`, a pair a synapse, beside the exponentials
 * that define it; and `stdp`, one neuron under a thousand plastic synapses, whose
 * competition for its spikes splits the weights into strong and weak ones.
 *
 *     dw = a_plus exp(-D / tau_plus) for D > 0, -a_minus exp(D / tau_minus) for D < 0,
 *
 * D = t_post + delay - t_pre, in units of the largest weight. Parameters, and those of the
 * neuron: Song, Miller and Abbott, Nature Neurosci. 3 (2000) 919; window: Bi and Poo, J.
 * Neurosci. 18 (1998) 10464. */
#include "experiments/drawing.h"
#include "experiments/network_session.h"

#include <math.h>
#include <stdlib.h>

static const double tau_plus = 20, tau_minus = 20, a_plus = 0.005, a_minus = 0.00525;

static struct stdp_rule rule_of(double highest)
{
    return (struct stdp_rule){ .tau_plus_ms = tau_plus,
                               .tau_minus_ms = tau_minus,
                               .a_plus = a_plus,
                               .a_minus = a_minus,
                               .highest = highest };
}

/* ---- the window ---- */

enum { PRE, FORCE, POST };
enum { PAIRS = 60 };

/* About 2 ms, in whole steps. */
static double window_step(const struct network_job *job)
{
    return fmax(1, rint(2 / job->dt_ms)) * job->dt_ms;
}

/* D of a pair: -60 .. -2, 2 .. 60 ms. */
static double difference(const struct network_job *job, size_t pair)
{
    double half = PAIRS / 2.0, i = (double)pair;
    return window_step(job) * (i < half ? i - half : i - half + 1);
}

static enum error_code add_generators(struct network_session *session,
                                      struct error *err)
{
    struct timed_spike pre[PAIRS], force[PAIRS];
    uint32_t population;
    /* A forced spike comes a delay of one step after FORCE's, and D counts another. */
    double forced_ms = PAIRS * window_step(session->job);
    double seen_ms = forced_ms + 2 * session->job->dt_ms;
    for (size_t i = 0; i < PAIRS; i++) {
        size_t pair = PAIRS - 1 - i; /* rising in time */
        pre[i] = (struct timed_spike){ seen_ms - difference(session->job, pair),
                                       (uint32_t)pair };
        force[i] = (struct timed_spike){ forced_ms, (uint32_t)i };
    }
    if (network_add_generator(session->network, "pre", PAIRS, pre, PAIRS, &population,
                              err) != OK)
        return err->code;
    return network_add_generator(session->network, "force", PAIRS, force, PAIRS,
                                 &population, err);
}

static enum error_code describe_window(struct network_session *session,
                                       struct error *err)
{
    const struct neuron_model *model;
    const struct stdp_rule rule = rule_of(1);
    double param[NEURON_MAX_PARAMS];
    uint32_t population;
    if (add_generators(session, err) != OK ||
        network_model("lif", "hard_reset=1", &model, param, err) != OK ||
        network_add_population(session->network, "post", model, PAIRS, param,
                               &population, err) != OK)
        return err->code;
    struct projection projection = {
        .source = PRE,
        .target = POST,
        .port = network_port(session->network, POST, "jump"),
        .rule = CONNECT_ONE_TO_ONE,
        .weight = { .a = 0.5 },
        .delay_ms = { .a = session->job->dt_ms },
        .stdp = &rule,
    };
    if (network_connect(session->network, &projection, err) != OK)
        return err->code;
    projection.source = FORCE;
    projection.weight.a = 1000;
    projection.stdp = NULL;
    return network_connect(session->network, &projection, err);
}

static const struct column window_columns[] = {
    { "difference_ms", "D ms", 8, 1, false },
    { "change", "change", 12, 7, false },
    { "expected", "expected", 12, 7, false },
    { 0 },
};

static enum error_code draw_window(const struct network_job *job, const json_t *rows,
                                   struct error *err)
{
    struct drawing drawing;
    size_t index;
    json_t *row;
    if (!job->png)
        return OK;
    if (drawing_open(&drawing, job->png, 900, 600, err) != OK)
        return err->code;
    fprintf(drawing.file, "$data << EOD\n");
    json_array_foreach(rows, index, row)
        fprintf(drawing.file, "%.10g %.10g\n",
                json_number_value(json_object_get(row, "difference_ms")),
                json_number_value(json_object_get(row, "change")));
    fprintf(drawing.file,
            "EOD\nset xlabel 'post after pre (ms)'\nset ylabel 'change of weight'\n"
            "set zeroaxis lc 4\nset key top left\nset samples 1000\n"
            "f(x) = x > 0 ? %g * exp(-x / %g) : x < 0 ? -%g * exp(x / %g) : NaN\n"
            "plot f(x) title 'window' lc 2 lw 2, $data title 'measured' pt 7 lc 1\n",
            a_plus, tau_plus, a_minus, tau_minus);
    return drawing_finish(&drawing, err);
}

static enum error_code examine_window(struct network_session *session,
                                      struct error *err)
{
    struct synapse synapse[PAIRS];
    struct findings *findings = &session->job->findings;
    json_t *rows = findings_table(findings, "window", "change of weight by a pair",
                                  window_columns);
    size_t synapses = network_synapses(session->network, 0, synapse, PAIRS);
    double worst = 0;
    for (size_t i = 0; i < synapses; i++) {
        double d = difference(session->job, synapse[i].source),
               change = synapse[i].weight - 0.5;
        double expected =
            d > 0 ? a_plus * exp(-d / tau_plus) : -a_minus * exp(d / tau_minus);
        worst = fmax(worst, fabs(change - expected));
        json_array_append_new(rows, json_pack("{s:f, s:f, s:f}", "difference_ms", d,
                                              "change", change, "expected", expected));
    }
    findings_theory(findings, "pairs", "", (double)synapses, PAIRS, 0, "one a synapse");
    findings_theory(findings, "forced spikes", "",
                    (double)session->statistics[POST].spikes, PAIRS, 0, "one a pair");
    /* A trace is a product of up to 60 / dt rounded decays. */
    findings_theory(findings, "largest deviation", "", worst, 0, 1e-12,
                    "a exp(-|D| / tau)");
    return draw_window(session->job, rows, err);
}

static enum error_code run_window(struct network_job *job, struct error *err)
{
    static const struct network_plan plan = {
        .describe = describe_window,
        .examine = examine_window,
        .draws_itself = true,
    };
    return network_session_run(job, &plan, err);
}

/* ---- competition ---- */

enum { RATE, INPUTS, HIGHEST };
static const struct field params[] = {
    [RATE] = { "rate", "Hz", "of each input", 15, 0, 500 },
    [INPUTS] = { "inputs", "", "plastic synapses", 1000, 10, 100000 },
    [HIGHEST] = { "highest", "nS", "largest weight", 0.15, 1e-3, 100 },
    { 0 },
};

enum { INPUT, NEURON };
enum { BINS = 20, BAR = 40 };

static enum error_code add_input(struct network_session *session, struct error *err)
{
    const struct neuron_model *model;
    double param[NEURON_MAX_PARAMS];
    uint32_t population;
    /* Every spike of a source makes such a neuron fire: a Poisson train that synapses can
     * learn from. */
    if (network_model("lif", "v_rest=0,v_reset=0,v_threshold=0.5,hard_reset=1", &model,
                      param, err) != OK ||
        network_add_population(session->network, "input", model,
                               (size_t)rint(session->job->param[INPUTS]), param,
                               &population, err) != OK)
        return err->code;
    const struct poisson_source source = {
        .target = { .population = population },
        .port = network_port(session->network, population, "jump"),
        .rate_hz = session->job->param[RATE],
        .weight = 1,
    };
    return network_add_poisson(session->network, &source, err);
}

static enum error_code describe(struct network_session *session, struct error *err)
{
    const struct neuron_model *model;
    const struct stdp_rule rule = rule_of(session->job->param[HIGHEST]);
    double param[NEURON_MAX_PARAMS];
    uint32_t population;
    if (add_input(session, err) != OK ||
        network_model(
            "coba_lif",
            "capacitance=200,g_leak=10,v_rest=-70,v_reset=-60,v_threshold=-54,"
            "t_ref=0,tau_exc=5,tau_inh=5,e_exc=0,e_inh=-70",
            &model, param, err) != OK ||
        network_add_population(session->network, "neuron", model, 1, param, &population,
                               err) != OK)
        return err->code;
    const struct poisson_source inhibition = {
        .target = { .population = population },
        .port = network_port(session->network, population, "inh"),
        .rate_hz = 200 * 10, /* inputs, Hz */
        .weight = 0.5,
    };
    const struct projection projection = {
        .source = INPUT,
        .target = NEURON,
        .port = network_port(session->network, population, "exc"),
        .rule = CONNECT_ALL_TO_ALL,
        .weight = { .distribution = UNIFORM, .b = rule.highest },
        .delay_ms = { .a = session->job->dt_ms },
        .stdp = &rule,
    };
    if (network_add_poisson(session->network, &inhibition, err) != OK)
        return err->code;
    return network_connect(session->network, &projection, err);
}

static const struct column weight_columns[] = {
    { "from", "from", 6, 2, false },
    { "to", "to", 6, 2, false },
    { "synapses", "synapses", 9, -1, false },
    { "bar", "", -BAR, -1, false },
    { 0 },
};

static void add_histogram(json_t *rows, const size_t *bin, size_t synapses)
{
    size_t most = 1;
    for (int i = 0; i < BINS; i++)
        most = bin[i] > most ? bin[i] : most;
    for (int i = 0; i < BINS; i++) {
        char bar[BAR + 1] = "";
        size_t length = bin[i] * BAR / most;
        for (size_t k = 0; k < length; k++)
            bar[k] = '*';
        json_array_append_new(rows,
                              json_pack("{s:f, s:f, s:I, s:f, s:s}", "from",
                                        i / (double)BINS, "to", (i + 1) / (double)BINS,
                                        "synapses", (json_int_t)bin[i], "share",
                                        (double)bin[i] / (double)synapses, "bar", bar));
    }
}

static enum error_code draw_histogram(const struct network_job *job, const size_t *bin,
                                      struct error *err)
{
    struct drawing drawing;
    if (!job->png)
        return OK;
    if (drawing_open(&drawing, job->png, 900, 600, err) != OK)
        return err->code;
    fprintf(drawing.file, "$data << EOD\n");
    for (int i = 0; i < BINS; i++)
        fprintf(drawing.file, "%.10g %zu\n", (i + 0.5) / BINS, bin[i]);
    fprintf(drawing.file,
            "EOD\nset xlabel 'weight / largest'\nset ylabel 'synapses'\n"
            "set style fill solid 0.8 noborder\nset boxwidth 0.9 relative\n"
            "unset key\nset xrange [0:1]\nplot $data with boxes lc 1\n");
    return drawing_finish(&drawing, err);
}

static enum error_code examine(struct network_session *session, struct error *err)
{
    struct network_job *job = session->job;
    size_t room = (size_t)rint(job->param[INPUTS]), bin[BINS] = { 0 };
    double weak = 0, strong = 0, middle = 0;
    struct synapse *synapse = calloc(room, sizeof *synapse);
    if (!synapse)
        return error_memory(err, "synapses", (double)room * sizeof *synapse);
    size_t synapses = network_synapses(session->network, 0, synapse, room);
    for (size_t i = 0; i < synapses; i++) {
        double share = synapse[i].weight / job->param[HIGHEST];
        int place = (int)fmin(fmax(share * BINS, 0), BINS - 1);
        bin[place]++;
        weak += share < 0.1;
        strong += share >= 0.9;
        middle += share >= 0.4 && share < 0.6;
    }
    free(synapse);
    add_histogram(findings_table(&job->findings, "weights",
                                 "weights, as a share of the largest", weight_columns),
                  bin, synapses);
    double all = fmax(1, (double)synapses);
    static const char source[] = "Song et al. (2000): weights become bimodal";
    /* Against the mean tenth of the valley between the modes. */
    double valley = fmax(0.5, middle / 2);
    findings_measure(&job->findings, "share of weights under 0.1", "", weak / all);
    findings_measure(&job->findings, "share of weights over 0.9", "", strong / all);
    findings_band(&job->findings, "weak mode over the valley", "", weak / valley, 2,
                  HUGE_VAL, source);
    findings_band(&job->findings, "strong mode over the valley", "", strong / valley,
                  1.5, HUGE_VAL, source);
    findings_measure(&job->findings, "rate of the neuron", "Hz",
                     session->statistics[NEURON].rate_hz);
    findings_measure(&job->findings, "CV of its intervals", "",
                     session->statistics[NEURON].cv);
    return draw_histogram(job, bin, err);
}

static enum error_code run(struct network_job *job, struct error *err)
{
    const struct network_plan plan = {
        .describe = describe,
        .examine = examine,
        .statistics = { .start_ms = job->ms / 2, .window_ms = 1000 },
        .slice_ms = 100,
        .draws_itself = true,
    };
    return network_session_run(job, &plan, err);
}

const struct named_network stdp_network = {
    .name = "stdp",
    .size = "one coba_lif under 1,000 plastic synapses",
    .summary = "synapses compete for a neuron's spikes: weights become bimodal",
    .source = "Song, Miller and Abbott, Nature Neurosci. 3 (2000) 919",
    .params = params,
    .ms = 400000,
    .dt_ms = 1,
    .records = true,
    .run = run,
};

const struct named_network stdp_window_network = {
    .name = "stdp-window",
    .size = "60 pairs of neurons, a plastic synapse each",
    .summary = "change of a weight by one pair of spikes, over their distance",
    .source = "Bi and Poo, J. Neurosci. 18 (1998) 10464; Song et al. (2000)",
    .ms = 300,
    .dt_ms = 0.1,
    .records = true,
    .run = run_window,
};
