/* What single neurons are known to do: firing against current, rheobases, end values,
 * resonance. Closed forms are written beside; computed figures say where from. */
#include "tests/neuron_bench.h"
#include "tests/suites.h"

#include <math.h>

static const double pi = 3.14159265358979323846;

/* Rate in Hz from the last interval of neuron 0 under a constant input; 0: fewer than
 * two spikes. */
static double rate_of(const char *model, double dt_ms, const char *assigned,
                      const char *input, double amount, double length_ms)
{
    struct neuron_bench bench;
    neuron_bench_open(&bench, model, dt_ms, assigned);
    neuron_bench_input(&bench, input)[0] = amount;
    const struct spike_times times =
        neuron_bench_run(&bench, (size_t)lrint(length_ms / dt_ms));
    neuron_bench_close(&bench);
    return times.count < 2 ? 0 : 1000 / (times.last_ms - times.before_last_ms);
}

/* f = 1 / (t_ref + tau ln((R I + E_L - V_r) / (R I + E_L - V_th))), beside figures of an
 * independent program; a spike waits for the end of its step, so an interval is longer
 * than that by less than a step. */
static void lif_rate_is_the_closed_form(void)
{
    static const char brian[] = "tau_m=10,v_rest=0,v_reset=0,v_threshold=10,t_ref=5,"
                                "resistance=1,hard_reset=1";
    static const char nest[] =
        "tau_m=10,v_rest=-70,v_reset=-70,v_threshold=-55,t_ref=2,"
        "resistance=0.04,hard_reset=1";
    static const struct {
        const char *assigned;
        double current, drive, distance, t_ref, rate;
    } cases[] = {
        { brian, 10.5, 10.5, 10, 5, 28.2125 }, { brian, 11, 11, 10, 5, 34.5078 },
        { brian, 12, 12, 10, 5, 43.6346 },     { brian, 15, 15, 10, 5, 62.5543 },
        { brian, 20, 20, 10, 5, 83.8120 },     { brian, 30, 30, 10, 5, 110.4405 },
        { nest, 376, 15.04, 15, 2, 16.3143 },  { nest, 400, 16, 15, 2, 33.6407 },
        { nest, 500, 20, 15, 2, 63.0400 },     { nest, 750, 30, 15, 2, 111.9636 },
        { nest, 1000, 40, 15, 2, 149.2529 },
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const double drive = cases[i].drive, t_ref = cases[i].t_ref;
        const double interval = t_ref + 10 * log(drive / (drive - cases[i].distance));
        const double dt = 1.0 / 64;
        const double rate =
            rate_of("lif", dt, cases[i].assigned, "current", cases[i].current, 500);
        CU_ASSERT_DOUBLE_EQUAL(1000 / interval, cases[i].rate, 5e-5);
        CU_ASSERT(1000 / rate > interval - 1e-9 && 1000 / rate < interval + dt + 1e-9);
    }
    CU_ASSERT_EQUAL(rate_of("lif", 0.1, nest, "current", 374.99, 2000), 0);
    CU_ASSERT_EQUAL(rate_of("cuba_lif", 0.1, "", "current", 374.99, 2000), 0);
    CU_ASSERT(rate_of("cuba_lif", 0.1, "", "current", 376, 2000) > 16);
}

/* v after 5 ms of 500 pA, at steps of 2^0 to 2^-13 ms, as in NEST's own test: 1e-13 of
 * the value. */
static void lif_end_value_does_not_depend_on_the_step(void)
{
    static const double v_rest[] = { 0, -70 };
    for (int i = 0; i < 2; i++)
        for (int halvings = 0; halvings <= 13; halvings++) {
            struct neuron_bench bench;
            neuron_bench_open(&bench, "lif", ldexp(1, -halvings),
                              i ? "" : "v_rest=0,v_reset=0,v_threshold=15");
            neuron_bench_input(&bench, "current")[0] = 500;
            CU_ASSERT_EQUAL(neuron_bench_run(&bench, (size_t)5 << halvings).count, 0);
            const double expected = v_rest[i] - 20 * expm1(-0.5);
            CU_ASSERT_DOUBLE_EQUAL(bench.population.state[0][0], expected,
                                   1e-13 * fabs(expected));
            neuron_bench_close(&bench);
        }
}

/* Jumps move the membrane at once, synapses first in the next step. */
static void input_acts_when_it_is_said_to(void)
{
    struct neuron_bench bench;
    neuron_bench_open(&bench, "lif", 0.1, "");
    neuron_bench_input(&bench, "jump")[0] = 15;
    CU_ASSERT_EQUAL(neuron_bench_step(&bench), 1);
    neuron_bench_close(&bench);
    static const char *const synaptic[] = { "cuba_lif", "coba_lif" };
    for (int i = 0; i < 2; i++) {
        neuron_bench_open(&bench, synaptic[i], 0.1, "");
        const double start = neuron_bench_state(&bench, "v")[0];
        neuron_bench_input(&bench, "exc")[0] = 100;
        neuron_bench_step(&bench);
        CU_ASSERT_EQUAL(neuron_bench_state(&bench, "v")[0], start);
        neuron_bench_input(&bench, "exc")[0] = 0;
        neuron_bench_step(&bench);
        CU_ASSERT(neuron_bench_state(&bench, "v")[0] > start);
        neuron_bench_close(&bench);
    }
}

/* With resistance 1 the currents are in mV: one arrival of 1.62 mV peaks as the closed
 * form of Vogels and Abbott's equations does; the peak lies between steps: 1e-6. */
static void cuba_lif_speaks_millivolts_too(void)
{
    struct neuron_bench bench;
    const double tau_m = 20, tau_s = 5;
    neuron_bench_open(&bench, "cuba_lif", 0.01,
                      "tau_m=20,tau_exc=5,tau_inh=10,v_rest=-49,v_reset=-60,"
                      "v_threshold=0,resistance=1");
    neuron_bench_input(&bench, "exc")[0] = 1.62;
    neuron_bench_step(&bench);
    neuron_bench_input(&bench, "exc")[0] = 0;
    double peak = -HUGE_VAL;
    for (int step = 0; step < 5000; step++) {
        neuron_bench_step(&bench);
        peak = fmax(peak, bench.population.state[0][0] + 49);
    }
    const double at = log(tau_m / tau_s) / (1 / tau_s - 1 / tau_m);
    const double expected =
        1.62 * tau_s / (tau_m - tau_s) * (exp(-at / tau_m) - exp(-at / tau_s));
    CU_ASSERT_DOUBLE_EQUAL(peak, expected, 1e-6);
    neuron_bench_close(&bench);
}

/* The rising threshold: in the steady state of interval T, a before a spike is
 * q / (1 - q) with q = exp(-T / tau_a), and v rises from reset to 1 + beta a in T. A step
 * of 1/64 ms moves T by less than one, and the threshold by less than v's slope times it:
 * 0.002. */
static void alif_settles_where_its_threshold_meets_v(void)
{
    struct neuron_bench bench;
    neuron_bench_open(&bench, "alif", 1.0 / 64, "hard_reset=1");
    neuron_bench_input(&bench, "current")[0] = 3;
    const struct spike_times times = neuron_bench_run(&bench, 64 * 3000);
    const double interval = times.last_ms - times.before_last_ms;
    const double q = exp(-interval / 200), v = 3 * -expm1(-interval / 20);
    CU_ASSERT_DOUBLE_EQUAL(v, 1 + 0.16 * q / (1 - q), 0.005);
    CU_ASSERT(times.first_ms < 0.9 * interval);
    neuron_bench_close(&bench);
}

/* sigmoid(0) = 1/2 halves the way to x in each step; sigmoid(-ln 3) = 1/4. */
static void plif_leaks_by_the_sigmoid_of_w(void)
{
    struct neuron_bench bench;
    neuron_bench_open(&bench, "plif", 1, "v_threshold=100");
    neuron_bench_param(&bench, "w")[1] = -log(3);
    population_prepare(&bench.population, bench.model);
    bench.input[0][0] = bench.input[0][1] = 8;
    neuron_bench_step(&bench);
    neuron_bench_step(&bench);
    CU_ASSERT_DOUBLE_EQUAL(bench.population.state[0][0], 6, 1e-14);
    CU_ASSERT_DOUBLE_EQUAL(bench.population.state[0][1], 8 * (1 - 9.0 / 16), 1e-14);
    neuron_bench_close(&bench);
}

/* 68.31 Hz at 10 uA/cm2 (Runge-Kutta of an independent program, same to four digits for
 * steps of 0.005 to 0.05 ms). An interval of whole steps at 0.025 ms is good to 0.12 Hz:
 * the mean over 2 s is taken, good to 0.01. */
static double hh_mean_rate(double dt_ms, double current, size_t *count)
{
    struct neuron_bench bench;
    neuron_bench_open(&bench, "hh", dt_ms, "");
    neuron_bench_input(&bench, "current")[0] = current;
    neuron_bench_run(&bench, (size_t)lrint(1000 / dt_ms));
    const struct spike_times times =
        neuron_bench_run(&bench, (size_t)lrint(2000 / dt_ms));
    neuron_bench_close(&bench);
    *count = times.count;
    return times.count < 2
               ? 0
               : 1000 * (double)(times.count - 1) / (times.last_ms - times.first_ms);
}

static void hh_fires_at_the_known_rates(void)
{
    size_t count;
    CU_ASSERT_DOUBLE_EQUAL(hh_mean_rate(0.025, 10, &count), 68.31, 0.02);
    /* a step of 1 ms is cut into 40 parts: only the ends of 2 s are coarse */
    CU_ASSERT_DOUBLE_EQUAL(hh_mean_rate(1, 10, &count), 68.31, 0.05);
    hh_mean_rate(0.1, 6.0, &count);
    CU_ASSERT_EQUAL(count, 0);
    const double onset = hh_mean_rate(0.1, 6.4, &count);
    CU_ASSERT(onset > 50 && onset < 55);
}

/* Rest of the equations: total current 0 and gates still; -65 within 0.01 mV. */
static void hh_rests_where_its_currents_balance(void)
{
    struct neuron_bench bench;
    neuron_bench_open(&bench, "hh", 0.1, "");
    static const double expected[] = { -65, 0.0529, 0.5961, 0.3177 };
    for (int i = 0; i < 4; i++)
        CU_ASSERT_DOUBLE_EQUAL(bench.population.state[i][0], expected[i],
                               i == 0 ? 0.01 : 2e-4);
    neuron_bench_close(&bench);
}

/* Constant current, a saddle-node: v_soft - v_rest - slope over the resistance, and for
 * adex with a = 0 times the leak. 1e-3 below it stays silent for 5 s, 1 % above it fires. */
static void exponential_models_fire_above_their_rheobase(void)
{
    const double eif = (65 - 59.9 - 3.48) / 0.04, adex = 30 * (70.6 - 50.4 - 2);
    CU_ASSERT_EQUAL(rate_of("eif", 0.1, "", "current", 0.999 * eif, 5000), 0);
    CU_ASSERT(rate_of("eif", 0.1, "", "current", 1.01 * eif, 5000) > 0);
    CU_ASSERT_EQUAL(rate_of("adex", 0.1, "a=0,b=0", "current", 0.999 * adex, 5000), 0);
    CU_ASSERT(rate_of("adex", 0.1, "a=0,b=0", "current", 1.01 * adex, 5000) > 0);
}

/* With the paper's a, rest loses its stability in a Hopf bifurcation, a / g_L being above
 * tau_m / tau_w (Touboul and Brette, Biol. Cybern. 99 (2008) 319). The closed form of its
 * current, approached slowly: oscillations grow slowly too, so within 2 % above. */
static void adex_rest_ends_at_its_hopf_current(void)
{
    const double tau_ratio = 281.0 / 30 / 144, a = 4.0 / 30;
    const double hopf = (30 + 4) * (70.6 - 50.4 - 2 + 2 * log(1 + tau_ratio)) +
                        2 * 30 * (a - tau_ratio);
    struct neuron_bench bench;
    neuron_bench_open(&bench, "adex", 0.1, "");
    double *current = neuron_bench_input(&bench, "current");
    size_t spikes = 0;
    while (spikes == 0 && *current < 1.1 * hopf) {
        *current += *current < 0.97 * hopf ? 0.01 : 2e-4;
        spikes = neuron_bench_step(&bench);
    }
    CU_ASSERT(*current > 0.995 * hopf && *current < 1.02 * hopf);
    neuron_bench_close(&bench);
}

/* With s = R I / curvature - (half the distance of the fixed points)^2 > 0 the interval is
 * tau / (curvature sqrt(s)) (atan(x_peak / sqrt(s)) - atan(x_reset / sqrt(s))), and a
 * spike waits for the end of its step. */
static void qif_rate_is_the_closed_form(void)
{
    static const double currents[] = { 94, 100, 200, 1000, 5000 };
    const double dt = 1.0 / 64;
    for (size_t i = 0; i < sizeof currents / sizeof currents[0]; i++) {
        const double root = sqrt(0.04 * currents[i] / 0.0667 - 7.5 * 7.5);
        const double interval = 10 / (0.0667 * root) *
                                (atan((30 + 57.5) / root) - atan((-70 + 57.5) / root));
        const double rate = rate_of("qif", dt, "", "current", currents[i], 4500);
        CU_ASSERT(1000 / rate > interval - 1e-9 && 1000 / rate < interval + dt + 1e-9);
    }
    const double rheobase = 0.0667 * 7.5 * 7.5 / 0.04;
    CU_ASSERT_EQUAL(rate_of("qif", 0.1, "", "current", 0.9999 * rheobase, 5000), 0);
    CU_ASSERT(rate_of("qif", 0.1, "", "current", 1.001 * rheobase, 5000) > 0);
}

/* Linear: after a spike v of a soft reset differs from no spike by a decaying jump, which
 * is what eta is. All spikes remembered: the same train as lif for any input. Only the
 * last: the same until the second spike, whose eta forgets the first. */
static void srm0_is_lif_where_they_coincide(void)
{
    for (int memory = 0; memory < 2; memory++) {
        struct neuron_bench lif, srm;
        size_t spikes = 0;
        neuron_bench_open(&lif, "lif", 0.1, "v_rest=0,v_reset=0,v_threshold=15");
        neuron_bench_open(&srm, "srm0", 0.1, memory ? "memory=1" : "memory=0");
        for (int step = 0; step < 20000 && (memory || spikes < 2); step++) {
            const double current = 500 + 300 * sin(0.01 * step);
            neuron_bench_input(&lif, "current")[0] = current;
            neuron_bench_input(&srm, "current")[0] = current;
            neuron_bench_input(&lif, "jump")[0] = step % 97 ? 0 : 2;
            neuron_bench_input(&srm, "jump")[0] = step % 97 ? 0 : 2;
            const size_t fired = neuron_bench_step(&lif);
            CU_ASSERT_EQUAL(neuron_bench_step(&srm), fired);
            spikes += fired;
            const double u =
                neuron_bench_state(&srm, "h")[0] + neuron_bench_state(&srm, "eta")[0];
            if (memory || spikes < 2)
                CU_ASSERT_DOUBLE_EQUAL(u, neuron_bench_state(&lif, "v")[0], 1e-10);
        }
        CU_ASSERT(spikes >= 2);
        neuron_bench_close(&lif);
        neuron_bench_close(&srm);
    }
}

/* Spikes for two pulses of 0.8, `apart` of a period (2 pi / omega) apart. A pulse alone
 * lifts y to 0.8 exp(-0.1 pi / 2) = 0.68; a second one a period later finds
 * exp(-0.2 pi) = 0.53 of the first and lifts it to 1.05. */
static size_t spikes_of_pair(double apart)
{
    struct neuron_bench bench;
    const double dt = 0.01;
    size_t spikes = 0;
    neuron_bench_open(&bench, "resonate_fire", dt, "");
    const int second = (int)lrint(apart * 2 * pi / dt);
    for (int step = 0; step < 4000; step++) {
        neuron_bench_input(&bench, "jump")[0] = step == 0 || step == second ? 0.8 : 0;
        spikes += neuron_bench_step(&bench);
    }
    neuron_bench_close(&bench);
    return spikes;
}

static void resonate_fire_answers_the_right_interval(void)
{
    CU_ASSERT_EQUAL(spikes_of_pair(100), 0);
    CU_ASSERT_EQUAL(spikes_of_pair(1), 1);
    CU_ASSERT_EQUAL(spikes_of_pair(0.5), 0);
    CU_ASSERT_EQUAL(spikes_of_pair(0.7), 0);
    CU_ASSERT_EQUAL(spikes_of_pair(1.5), 0);
}

CU_TestInfo neuron_outcome_tests[] = {
    { "lif rate is the closed form", lif_rate_is_the_closed_form },
    { "lif end value does not depend on the step",
      lif_end_value_does_not_depend_on_the_step },
    { "input acts when it is said to", input_acts_when_it_is_said_to },
    { "cuba_lif speaks millivolts too", cuba_lif_speaks_millivolts_too },
    { "alif settles where its threshold meets v",
      alif_settles_where_its_threshold_meets_v },
    { "plif leaks by the sigmoid of w", plif_leaks_by_the_sigmoid_of_w },
    { "hh fires at the known rates", hh_fires_at_the_known_rates },
    { "hh rests where its currents balance", hh_rests_where_its_currents_balance },
    { "exponential models fire above their rheobase",
      exponential_models_fire_above_their_rheobase },
    { "adex rest ends at its Hopf current", adex_rest_ends_at_its_hopf_current },
    { "qif rate is the closed form", qif_rate_is_the_closed_form },
    { "srm0 is lif where they coincide", srm0_is_lif_where_they_coincide },
    { "resonate_fire answers the right interval",
      resonate_fire_answers_the_right_interval },
    CU_TEST_INFO_NULL,
};
