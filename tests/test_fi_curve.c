/* f-I curves of models made for the purpose, whose rates are known exactly. */
#include "sim/fi_curve.h"
#include "tests/suites.h"

#include <math.h>
#include <string.h>

/* Counts its drive less an offset up and fires at 1, between a lowest and a highest
 * drive: rate = (drive - offset) / dt, rounded to whole intervals. */
enum { OFFSET, LOWEST, HIGHEST };
static const struct field params[] = {
    [OFFSET] = { "offset", "", "taken from the drive", 0, -10, 10 },
    [LOWEST] = { "lowest", "", "silent below", -100, -100, 100 },
    [HIGHEST] = { "highest", "", "silent above", 100, -100, 100 },
    { 0 },
};
static const struct field state_vars[] = { { "v", "", "count", 0, -1, 2 }, { 0 } };
static const struct field inputs[] = {
    { "other", "", "not driven", 0, -1, 1 },
    { "current", "", "per step", 0, -64, 64 },
    { 0 },
};

static size_t step(struct population *p, const double *const *input,
                   struct spike *fired)
{
    size_t spikes = 0;
    for (size_t neuron = 0; neuron < p->count; neuron++) {
        double drive = input[1][neuron] - p->param[OFFSET][neuron] + input[0][neuron];
        if (drive < p->param[LOWEST][neuron] || drive > p->param[HIGHEST][neuron])
            continue;
        double *v = &p->state[0][neuron];
        *v = fmax(0, *v + drive);
        if (*v < 1)
            continue;
        *v = 0;
        fired[spikes++] = (struct spike){ (uint32_t)neuron, 1 };
    }
    return spikes;
}

static size_t step_to_nan(struct population *p, const double *const *input,
                          struct spike *fired)
{
    (void)fired;
    for (size_t neuron = 0; neuron < p->count; neuron++)
        p->state[0][neuron] = input[1][neuron] > 1 ? (double)NAN : 0;
    return 0;
}

static const struct neuron_model ramp = {
    .name = "ramp",
    .params = params,
    .state_vars = state_vars,
    .inputs = inputs,
    .drive = 1,
    .step = step,
};

static struct fi_settings settings_of(const struct neuron_model *model,
                                      const double *param)
{
    return (struct fi_settings){ .model = model,
                                 .param = param,
                                 .dt_ms = 0.5,
                                 .window_ms = 1000,
                                 .settle_ms = 100 };
}

/* A drive of 1/n fires every n steps; powers of two leave nothing to rounding. */
static void rates_are_counted_exactly(void)
{
    struct error err = { 0 };
    struct fi_settings settings = settings_of(&ramp, NULL);
    struct fi_point point[] = { { .drive = -1 },
                                { .drive = 0 },
                                { .drive = 1.0 / 64 },
                                { .drive = 0.25 },
                                { .drive = 1.0 / 1024 } };
    CU_ASSERT_EQUAL_FATAL(fi_measure(&settings, point, 5, &err), OK);
    CU_ASSERT(point[0].spikes == 0 && point[1].spikes == 0);
    CU_ASSERT(isnan(point[0].first_ms) && point[0].steady_hz == 0);
    CU_ASSERT_EQUAL(point[2].spikes, 2000 / 64);
    CU_ASSERT_EQUAL(point[2].first_ms, 32);
    CU_ASSERT_EQUAL(point[2].last_ms, 31 * 32);
    CU_ASSERT_EQUAL(point[2].rate_hz, 31);
    CU_ASSERT_DOUBLE_EQUAL(point[2].steady_hz, 31.25, 1e-12);
    CU_ASSERT_EQUAL(point[3].rate_hz, 500);
    CU_ASSERT_DOUBLE_EQUAL(point[3].steady_hz, 500, 1e-12);
    CU_ASSERT(point[4].spikes == 1 && point[4].steady_hz == 0);
    settings.input = "other";
    CU_ASSERT_EQUAL_FATAL(fi_measure(&settings, point, 5, &err), OK);
    CU_ASSERT_EQUAL(point[3].rate_hz, 500);
}

static void rheobase_is_found_from_both_sides(void)
{
    struct error err = { 0 };
    double rheobase = 0, param[] = { 0, 0.3, 100 };
    struct fi_settings settings = settings_of(&ramp, param);
    CU_ASSERT_EQUAL(fi_rheobase(&settings, FI_REPEATS, &rheobase, &err), OK);
    CU_ASSERT_DOUBLE_EQUAL(rheobase, 0.3, 1e-9);
    CU_ASSERT_EQUAL(fi_rheobase(&settings, FI_FIRES, &rheobase, &err), OK);
    CU_ASSERT_DOUBLE_EQUAL(rheobase, 0.3, 1e-9);
    /* Fires without drive: its rheobase lies below 0. */
    param[OFFSET] = -2;
    CU_ASSERT_EQUAL(fi_rheobase(&settings, FI_REPEATS, &rheobase, &err), OK);
    CU_ASSERT_DOUBLE_EQUAL(rheobase, 0.3 - 2, 1e-8);
    /* One spike takes half the drive that two do: 1 / 2000 steps. */
    param[OFFSET] = 0;
    param[LOWEST] = 0;
    CU_ASSERT_EQUAL(fi_rheobase(&settings, FI_FIRES, &rheobase, &err), OK);
    CU_ASSERT_DOUBLE_EQUAL(rheobase, 1.0 / 2000, 1e-9);
    CU_ASSERT_EQUAL(fi_rheobase(&settings, FI_REPEATS, &rheobase, &err), OK);
    CU_ASSERT(rheobase > 1.0 / 2000 && rheobase < 1.0 / 500);
}

static void what_cannot_fire_is_an_error(void)
{
    struct error err = { 0 };
    double rheobase = 0, param[] = { 0, 100, 100 }, drive[] = { 0, 1, 2 };
    struct fi_settings settings = settings_of(&ramp, param);
    CU_ASSERT_EQUAL(fi_rheobase(&settings, FI_REPEATS, &rheobase, &err), ERR_ARGUMENT);
    CU_ASSERT_PTR_NOT_NULL(strstr(err.text, "found none"));
    CU_ASSERT_EQUAL(fi_drive_for(&settings, 0, 100, &rheobase, &err), ERR_ARGUMENT);
    struct fi_curve *curve;
    CU_ASSERT_EQUAL(fi_curve_create(&curve, &settings, drive, 3, &err), ERR_ARGUMENT);
    CU_ASSERT_PTR_NULL(curve);
    fi_curve_free(curve);

    struct neuron_model broken = ramp;
    broken.step = step_to_nan;
    settings = settings_of(&broken, NULL);
    CU_ASSERT_EQUAL(fi_rheobase(&settings, FI_FIRES, &rheobase, &err), ERR_ARGUMENT);
    CU_ASSERT_PTR_NOT_NULL(strstr(err.text, "not finite"));

    double bad[] = { 0, (double)NAN, 0 };
    settings = settings_of(&ramp, bad);
    CU_ASSERT_EQUAL(fi_curve_create(&curve, &settings, drive, 3, &err), ERR_ARGUMENT);
    CU_ASSERT_PTR_NOT_NULL(strstr(err.text, "lowest"));
    settings = settings_of(&ramp, NULL);
    drive[2] = 1;
    CU_ASSERT_EQUAL(fi_curve_create(&curve, &settings, drive, 3, &err), ERR_ARGUMENT);
    settings.input = "none";
    drive[2] = 2;
    CU_ASSERT_EQUAL(fi_curve_create(&curve, &settings, drive, 3, &err), ERR_ARGUMENT);
    CU_ASSERT_PTR_NOT_NULL(strstr(err.text, "'none'"));
    settings.input = NULL;
    settings.settle_ms = 1000;
    drive[2] = 2;
    CU_ASSERT_EQUAL(fi_curve_create(&curve, &settings, drive, 3, &err), ERR_ARGUMENT);
}

/* Silent below 0.1 and above 0.6: the inverse stays on the rising part. */
static void curves_are_inverted_where_they_rise(void)
{
    enum { POINTS = 30 };
    struct error err = { 0 };
    double param[] = { 0, 0.1, 0.6 }, drive[POINTS];
    for (int i = 0; i < POINTS; i++)
        drive[i] = pow(2, -5 + i / 5.0);
    struct fi_settings settings = settings_of(&ramp, param);
    struct fi_curve *curve;
    CU_ASSERT_EQUAL_FATAL(fi_curve_create(&curve, &settings, drive, POINTS, &err), OK);
    double lowest, highest;
    fi_curve_span(curve, &lowest, &highest);
    CU_ASSERT(lowest > 150 && highest > lowest && highest <= 1000);
    size_t points;
    const struct fi_point *point = fi_curve_points(curve, &points);
    CU_ASSERT_EQUAL(points, POINTS);
    size_t inverted = 0;
    for (size_t i = 0; i < points; i++) {
        CU_ASSERT_DOUBLE_EQUAL(fi_curve_rate(curve, drive[i]), point[i].steady_hz,
                               1e-9);
        if (point[i].steady_hz < lowest || inverted >= 2)
            continue;
        CU_ASSERT_DOUBLE_EQUAL(fi_curve_drive(curve, point[i].steady_hz), drive[i],
                               1e-12);
        inverted++;
    }
    CU_ASSERT_EQUAL(inverted, 2);
    CU_ASSERT_EQUAL(fi_curve_drive(curve, 1e9), fi_curve_drive(curve, highest));
    CU_ASSERT_EQUAL(fi_curve_drive(curve, -1), fi_curve_drive(curve, lowest));
    CU_ASSERT_EQUAL(fi_curve_rate(curve, 1e9), 0);
    /* In between it rises with the rate. */
    double before = -HUGE_VAL;
    for (double rate = lowest; rate <= highest; rate += 0.5) {
        double here = fi_curve_drive(curve, rate);
        CU_ASSERT(here >= before);
        before = here;
    }
    fi_curve_free(curve);
}

static void a_drive_is_found_for_a_rate(void)
{
    struct error err = { 0 };
    double drive = 0, param[] = { 0, 0.01, 0.6 };
    struct fi_settings settings = settings_of(&ramp, param);
    CU_ASSERT_EQUAL(fi_drive_for(&settings, 0.01, 200, &drive, &err), OK);
    struct fi_point point = { .drive = drive };
    CU_ASSERT_EQUAL(fi_measure(&settings, &point, 1, &err), OK);
    CU_ASSERT(point.steady_hz >= 200);
    /* More than it can: the best it does. */
    CU_ASSERT_EQUAL(fi_drive_for(&settings, 0.01, 1e6, &drive, &err), OK);
    point.drive = drive;
    CU_ASSERT_EQUAL(fi_measure(&settings, &point, 1, &err), OK);
    CU_ASSERT(point.steady_hz >= 500);
}

CU_TestInfo fi_curve_tests[] = {
    { "rates are counted exactly", rates_are_counted_exactly },
    { "the rheobase is found from both sides", rheobase_is_found_from_both_sides },
    { "what cannot fire is an error", what_cannot_fire_is_an_error },
    { "curves are inverted where they rise", curves_are_inverted_where_they_rise },
    { "a drive is found for a rate", a_drive_is_found_for_a_rate },
    CU_TEST_INFO_NULL,
};
