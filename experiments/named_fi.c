/* Single neurons at constant currents: `fi-lif` beside its closed form, `fi-hh` beside
 * the onset of Hodgkin and Huxley's axon, and `fi` for any model of the table.
 *
 *     f = 1 / (t_ref + tau_m ln((R I + V_rest - V_reset) / (R I + V_rest - V_threshold)))
 *
 * Spikes lie on the grid of steps, so an interval is up to one step longer: the
 * tolerance of a rate f is f^2 dt. */
#include "experiments/drawing.h"
#include "experiments/named_network.h"
#include "sim/fi_curve.h"

#include <math.h>
#include <string.h>

static const struct column point_columns[] = {
    { "neuron", NULL, 0, 0, false },
    { "drive", "drive", 12, 4, false },
    { "first_ms", "first at ms", 12, 2, false },
    { "spikes", "spikes", 8, -1, false },
    { "rate_hz", "rate Hz", 10, 3, false },
    { "steady_hz", "steady Hz", 10, 3, false },
    { 0 },
};

static void add_point(json_t *rows, const char *neuron, const struct fi_point *point)
{
    json_array_append_new(rows, json_pack("{s:s, s:o, s:o, s:I, s:o, s:o}", "neuron",
                                          neuron, "drive", json_number(point->drive),
                                          "first_ms", json_number(point->first_ms),
                                          "spikes", (json_int_t)point->spikes,
                                          "rate_hz", json_number(point->rate_hz),
                                          "steady_hz", json_number(point->steady_hz)));
}

/* ---- leaky integrate-and-fire ---- */

enum { LIF_POINTS = 6 };

struct lif_case {
    const char *name, *unit, *param, *source;
    double tau_m, t_ref, resistance, span; /* span: threshold - reset, rest = reset */
    double drive[LIF_POINTS];              /* 0 ends them */
    double expected[LIF_POINTS];
};

/* Brian's drive v0 in mV is a current through 1 GOhm. */
static const struct lif_case lif_cases[] = {
    { "lif (Brian)",
      "mV",
      "tau_m=10,v_rest=0,v_reset=0,v_threshold=10,t_ref=5,resistance=1,hard_reset=1",
      "closed form; Brian 2, IF_curve_LIF",
      10,
      5,
      1,
      10,
      { 10.5, 11, 12, 15, 20, 30 },
      { 28.2125, 34.5078, 43.6346, 62.5543, 83.8120, 110.4405 } },
    { "lif (NEST)",
      "pA",
      "tau_m=10,v_rest=-70,v_reset=-70,v_threshold=-55,t_ref=2,resistance=0.04,"
      "hard_reset=1",
      "closed form; NEST, iaf_psc defaults",
      10,
      2,
      0.04,
      15,
      { 376, 400, 500, 750, 1000 },
      { 16.3143, 33.6407, 63.0400, 111.9636, 149.2529 } },
};

static double lif_rate(const struct lif_case *lif, double drive)
{
    double reach = lif->resistance * drive;
    return 1000 / (lif->t_ref + lif->tau_m * log(reach / (reach - lif->span)));
}

static enum error_code run_lif_case(struct network_job *job, const struct lif_case *lif,
                                    json_t *rows, struct error *err)
{
    const struct neuron_model *model = neuron_model_find("lif");
    double param[NEURON_MAX_PARAMS], rheobase = 0, worst = 0;
    struct fi_point point[LIF_POINTS] = { { 0 } };
    struct fi_settings settings = { .model = model,
                                    .param = param,
                                    .input = "current",
                                    .dt_ms = job->dt_ms,
                                    .window_ms = job->ms };
    char what[64];
    size_t points = 0;
    field_defaults(model->params, param);
    if (field_assign(model->params, lif->param, param, err) != OK)
        return err->code;
    for (; points < LIF_POINTS && lif->drive[points] > 0; points++)
        point[points].drive = lif->drive[points];
    if (fi_measure(&settings, point, points, err) != OK)
        return err->code;
    for (size_t i = 0; i < points; i++) {
        double rate = lif_rate(lif, point[i].drive);
        add_point(rows, lif->name, &point[i]);
        snprintf(what, sizeof what, "%s at %g %s", lif->name, point[i].drive,
                 lif->unit);
        findings_theory(&job->findings, what, "Hz", point[i].steady_hz, rate,
                        rate * rate * job->dt_ms / 1000, lif->source);
        worst = fmax(worst, fabs(rate - lif->expected[i]));
    }
    snprintf(what, sizeof what, "%s closed form off by", lif->name);
    findings_band(&job->findings, what, "Hz", worst, 0, 5.1e-5, "its printed values");
    settings.dt_ms = 0.125; /* the onset of an exact neuron does not depend on it */
    if (fi_rheobase(&settings, FI_REPEATS, &rheobase, err) != OK)
        return err->code;
    /* It must come round twice in the window: exp(-ms / 2 tau) above the limit. */
    double limit = lif->span / lif->resistance;
    snprintf(what, sizeof what, "%s rheobase", lif->name);
    findings_theory(&job->findings, what, lif->unit, rheobase, limit,
                    limit * (exp(-job->ms / (2 * lif->tau_m)) + 1e-8),
                    "(threshold - rest) / resistance");
    return OK;
}

/* Dots for what was measured, a line where a closed form is known. */
static enum error_code draw(const struct network_job *job, const json_t *rows,
                            const char *unit, const char *onset, struct error *err)
{
    struct drawing drawing;
    size_t index;
    json_t *row;
    if (!job->png)
        return OK;
    if (drawing_open(&drawing, job->png, 900, 600, err) != OK)
        return err->code;
    fprintf(drawing.file, "$data << EOD\n");
    const char *before = NULL;
    int curves = 0;
    json_array_foreach(rows, index, row)
    {
        const char *neuron = json_string_value(json_object_get(row, "neuron"));
        if (!before || strcmp(before, neuron) != 0) {
            fprintf(drawing.file, "%s\"%s\"\n", curves ? "\n\n" : "", neuron);
            curves++;
        }
        before = neuron;
        fprintf(drawing.file, "%.10g %.10g\n",
                json_number_value(json_object_get(row, "drive")),
                json_number_value(json_object_get(row, "steady_hz")));
    }
    fprintf(drawing.file,
            "EOD\nset key autotitle columnhead top left\nset xlabel 'drive (%s)'\n"
            "set ylabel 'steady rate (Hz)'\nset yrange [0:*]\nset grid lc rgb "
            "'#dddddd'\n%s"
            "plot for [i=0:%d] $data index i using 1:2 with linespoints pt 7 lw 2\n",
            unit, onset, curves - 1);
    return drawing_finish(&drawing, err);
}

static enum error_code run_lif(struct network_job *job, struct error *err)
{
    json_t *rows =
        findings_table(&job->findings, "points", "f-I points", point_columns);
    for (size_t i = 0; i < sizeof lif_cases / sizeof lif_cases[0]; i++)
        if (run_lif_case(job, &lif_cases[i], rows, err) != OK)
            return error_wrap(err, "%s", lif_cases[i].name);
    return draw(job, rows, "mV or pA", "set logscale x\n", err);
}

/* ---- any model ---- */

enum { CURVE_POINTS = 25 };

/* A few below the onset, then up to `top`, closer together at the onset. */
static void spread(double *drive, double onset, double top)
{
    static const double below[] = { -0.1, -0.05, -0.001 };
    enum { BELOW = sizeof below / sizeof below[0] };
    for (int i = 0; i < CURVE_POINTS; i++) {
        double x = (i - BELOW) / (CURVE_POINTS - 1.0 - BELOW);
        drive[i] = onset + (top - onset) * (i < BELOW ? below[i] : x * x);
    }
}

/* The drives for round rates, where the curve can be inverted. */
static void add_inverse(struct network_job *job, const struct fi_settings *settings,
                        const double *drive)
{
    static const double wanted[] = { 10, 20, 50, 100, 200 };
    double lowest, highest;
    struct fi_curve *curve;
    struct error flat = { 0 };
    if (fi_curve_create(&curve, settings, drive, CURVE_POINTS, &flat) != OK)
        return;
    fi_curve_span(curve, &lowest, &highest);
    for (size_t i = 0; i < sizeof wanted / sizeof wanted[0]; i++) {
        char what[48];
        if (wanted[i] < lowest || wanted[i] > highest)
            continue;
        snprintf(what, sizeof what, "drive for %g Hz, by the inverse", wanted[i]);
        findings_measure(&job->findings, what, fi_input(settings)->unit,
                         fi_curve_drive(curve, wanted[i]));
    }
    fi_curve_free(curve);
}

static enum error_code measure_curve(struct network_job *job,
                                     const struct fi_settings *settings, double onset,
                                     double top_hz, json_t *rows, struct error *err)
{
    double drive[CURVE_POINTS], top = onset;
    struct fi_point point[CURVE_POINTS] = { { 0 } };
    if (fi_drive_for(settings, onset, top_hz, &top, err) != OK)
        return err->code;
    spread(drive, onset, top);
    for (size_t i = 0; i < CURVE_POINTS; i++)
        point[i].drive = drive[i];
    if (fi_measure(settings, point, CURVE_POINTS, err) != OK)
        return err->code;
    for (size_t i = 0; i < CURVE_POINTS; i++)
        add_point(rows, settings->model->name, &point[i]);
    add_inverse(job, settings, drive);
    return OK;
}

static struct fi_settings settings_of(const struct network_job *job,
                                      const struct neuron_model *model,
                                      const double *param)
{
    bool has_current = field_find(model->inputs, "current") >= 0;
    return (struct fi_settings){ .model = model,
                                 .param = param,
                                 .input = has_current ? "current" : NULL,
                                 .dt_ms = job->dt_ms,
                                 .window_ms = job->ms,
                                 .settle_ms = job->ms / 2 };
}

static enum error_code run_any(struct network_job *job, struct error *err)
{
    json_t *rows = findings_table(&job->findings, "points", "f-I curve", point_columns);
    struct fi_settings settings = settings_of(job, job->model, job->model_param);
    const char *unit = fi_input(&settings)->unit;
    double once = 0, onset = 0;
    struct fi_point point;
    char line[96];
    if (fi_rheobase(&settings, FI_FIRES, &once, err) != OK ||
        fi_rheobase(&settings, FI_REPEATS, &onset, err) != OK)
        return err->code;
    point = (struct fi_point){ .drive = onset };
    if (fi_measure(&settings, &point, 1, err) != OK)
        return err->code;
    findings_measure(&job->findings, "rheobase, one spike", unit, once);
    findings_measure(&job->findings, "rheobase, repetitive", unit, onset);
    findings_measure(&job->findings, "steady rate there", "Hz", point.steady_hz);
    if (measure_curve(job, &settings, onset, fmax(200, 2 * point.steady_hz), rows,
                      err) != OK)
        return err->code;
    snprintf(line, sizeof line,
             "set arrow from %.10g, graph 0 to %.10g, graph 1 nohead "
             "dt 2 lc 4\n",
             onset, onset);
    return draw(job, rows, unit, line, err);
}

/* ---- Hodgkin and Huxley ---- */

static enum error_code run_hh(struct network_job *job, struct error *err)
{
    static const char source[] = "computed by a separate Runge-Kutta program";
    json_t *rows = findings_table(&job->findings, "points", "f-I curve", point_columns);
    const struct neuron_model *model = neuron_model_find("hh");
    if (!model)
        return error_set(err, ERR_ARGUMENT, "no neuron model 'hh'");
    double param[NEURON_MAX_PARAMS], onset = 0;
    field_defaults(model->params, param);
    struct fi_settings settings = settings_of(job, model, param);
    const char *unit = fi_input(&settings)->unit;
    if (fi_rheobase(&settings, FI_REPEATS, &onset, err) != OK)
        return err->code;
    struct fi_point point[] = { { .drive = 10 },
                                { .drive = onset * 0.98 },
                                { .drive = onset * 1.001 } };
    if (fi_measure(&settings, point, 3, err) != OK)
        return err->code;
    /* 34 intervals in the settled half, each spike on a grid of dt. */
    findings_expect(&job->findings, "steady rate at 10 uA/cm2", "Hz",
                    point[0].steady_hz, 68.31, 0.1, source);
    findings_band(&job->findings, "onset of repetitive firing", unit, onset, 6.1, 6.4,
                  source);
    findings_band(&job->findings, "rate at the onset: type II", "Hz",
                  point[2].steady_hz, 50, 54, source);
    findings_expect(&job->findings, "rate 2 % below it", "Hz", point[1].steady_hz, 0, 0,
                    "type II: silent");
    findings_band(&job->findings, "spikes before it falls silent", "",
                  (double)point[1].spikes, 1, 20, "a few");
    if (measure_curve(job, &settings, onset, 110, rows, err) != OK)
        return err->code;
    return draw(job, rows, unit, "", err);
}

const struct named_network fi_network = {
    .name = "fi",
    .size = "one neuron of any model, 25 currents",
    .summary = "f-I curve, rheobase and inverse of --neuron MODEL[:parameters]",
    .source = "measured; nothing is expected",
    .ms = 1000,
    .dt_ms = 0.05,
    .takes_neuron = true,
    .run = run_any,
};

const struct named_network fi_lif_network = {
    .name = "fi-lif",
    .size = "one neuron, two parameter sets, 11 currents",
    .summary = "leaky integrate-and-fire beside its closed form",
    .source = "Brian 2, IF_curve_LIF; NEST, iaf_psc_* defaults",
    .ms = 1000,
    .dt_ms = 1.0 / 1024,
    .run = run_lif,
};

const struct named_network fi_hh_network = {
    .name = "fi-hh",
    .size = "one neuron, 25 currents",
    .summary = "Hodgkin and Huxley's axon: firing sets in at once at 52 Hz (type II)",
    .source = "Hodgkin and Huxley, J. Physiol. 117 (1952) 500",
    .ms = 1000,
    .dt_ms = 0.05,
    .run = run_hh,
};
