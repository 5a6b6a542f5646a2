/* Allotting silence, and the files that say who is silent. */
#include "experiments/allocation.h"
#include "experiments/cost_refinement.h"
#include "experiments/silencer.h"
#include "experiments/threshold_file.h"
#include "tests/model_builder.h"
#include "tests/suites.h"
#include "tests/temporary_path.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LEVELS = 5, SITES = 3 };

static double total(const double (*of)[LEVELS], const size_t *level)
{
    double sum = 0;
    for (int s = 0; s < SITES; s++)
        sum += of[s][level[s]];
    return sum;
}

/* Of all (LEVELS ^ SITES) choices within the budget. */
static double best_saving(const double (*saving)[LEVELS], const double (*cost)[LEVELS],
                          double budget)
{
    double best = 0;
    for (size_t code = 0; code < LEVELS * LEVELS * LEVELS; code++) {
        size_t level[SITES] = { code % LEVELS, code / LEVELS % LEVELS,
                                code / LEVELS / LEVELS };
        if (total(cost, level) <= budget && total(saving, level) > best)
            best = total(saving, level);
    }
    return best;
}

/* Savings of equal steps and costs that rise with the square: what greed leaves over is
 * less than one step. */
static void greed_comes_within_a_step_of_the_best(void)
{
    static const double weight[SITES] = { 1, 2, 5 }, dear[SITES] = { 1, 7, 3 };
    double saving[SITES][LEVELS], cost[SITES][LEVELS];
    struct level_curve curve[SITES];
    for (int s = 0; s < SITES; s++) {
        for (int l = 0; l < LEVELS; l++) {
            saving[s][l] = weight[s] * l;
            cost[s][l] = dear[s] * l * l;
        }
        curve[s] = (struct level_curve){ saving[s], cost[s], LEVELS };
    }
    for (int budget = 0; budget < 200; budget++) {
        size_t level[SITES];
        struct allocation got;
        CU_ASSERT(allocation_greedy(curve, SITES, budget, level, &got));
        double best = best_saving((const double(*)[LEVELS])saving,
                                  (const double(*)[LEVELS])cost, budget);
        CU_ASSERT(got.cost <= budget && got.saving <= best && got.saving > best - 5);
        CU_ASSERT(got.saving == total((const double(*)[LEVELS])saving, level));
        CU_ASSERT(got.cost == total((const double(*)[LEVELS])cost, level));
    }
}

/* By hand: 10 per unit of cost at b, 5 and then 2 at a. */
static void the_step_that_saves_most_for_its_cost_comes_first(void)
{
    static const double saving_a[] = { 0, 5, 9 }, cost_a[] = { 0, 1, 3 };
    static const double saving_b[] = { 0, 20 }, cost_b[] = { 0, 2 };
    const struct level_curve curve[] = { { saving_a, cost_a, 3 },
                                         { saving_b, cost_b, 2 } };
    static const size_t expected[][2] = { { 0, 0 }, { 1, 0 }, { 0, 1 },
                                          { 1, 1 }, { 1, 1 }, { 2, 1 } };
    for (int budget = 0; budget < 6; budget++) {
        size_t level[2];
        struct allocation got;
        CU_ASSERT(allocation_greedy(curve, 2, budget, level, &got));
        CU_ASSERT(level[0] == expected[budget][0] && level[1] == expected[budget][1]);
    }
}

static void a_dear_level_does_not_hide_a_cheap_one(void)
{
    static const double saving[] = { 0, 1, 10 }, cost[] = { 0, 4, 5 };
    const struct level_curve curve = { saving, cost, 3 };
    size_t level = 7;
    struct allocation got;
    CU_ASSERT(allocation_greedy(&curve, 1, 5, &level, &got) && level == 2);
    CU_ASSERT(allocation_greedy(&curve, 1, 4.5, &level, &got) && level == 1);
    CU_ASSERT(allocation_greedy(&curve, 0, 1, NULL, &got) && got.saving == 0);
}

/* model 0 is of the first plan, 1 of another. */
static void open_model(struct model *model, int plan)
{
    struct error err = { 0 };
    const char *path = temporary_path(plan ? "other.gguf" : "one.gguf");
    CU_ASSERT_FATAL(model_builder_write(&model_plans[plan], NULL, path));
    CU_ASSERT_EQUAL_FATAL(model_open(model, path, &err), OK);
}

static struct threshold_rule *some_rules(const struct model *model)
{
    struct threshold_rule *rule = calloc(model->sites, sizeof *rule);
    CU_ASSERT_PTR_NOT_NULL_FATAL(rule);
    for (uint32_t s = 0; s < model->sites; s++) {
        rule[s] = threshold_default;
        rule[s].k = 1 + s / 3.0;
        rule[s].dead_zone = s / 7.0;
        rule[s].group = s % 3 * 8;
    }
    return rule;
}

/* Nine digits of a double near 1: 1e-8. */
static void rows_come_back_as_they_were_written(void)
{
    struct model model;
    struct error err = { 0 };
    struct config_text config;
    open_model(&model, 0);
    struct threshold_rule *rule = some_rules(&model), *back = some_rules(&model);
    for (uint32_t s = 0; s < model.sites; s++)
        back[s].k = back[s].dead_zone = 99, back[s].group = 0;
    const char *path = temporary_path("rows.conf");
    char *text = threshold_file_text(&model, rule, NULL, "# a comment\n");
    CU_ASSERT_PTR_NOT_NULL_FATAL(text);
    CU_ASSERT_EQUAL(threshold_file_write(path, text, &err), OK);
    CU_ASSERT_EQUAL_FATAL(config_text_open(&config, path, &err), OK);
    CU_ASSERT(threshold_file_is(&config));
    CU_ASSERT_EQUAL(threshold_file_apply(&config, "rows", &model, back, &err), OK);
    for (uint32_t s = 0; s < model.sites; s++) {
        CU_ASSERT_DOUBLE_EQUAL(back[s].k, rule[s].k, 1e-8 * rule[s].k);
        CU_ASSERT_DOUBLE_EQUAL(back[s].dead_zone, rule[s].dead_zone, 1e-7);
        CU_ASSERT_EQUAL(back[s].group, rule[s].group);
    }
    config_text_release(&config);
    free(text);
    free(rule);
    free(back);
    model_close(&model);
}

/* `from` in the text of a right file becomes `to`. */
static void expect_refusal(const struct model *model, const char *from, const char *to,
                           const char *sentence)
{
    struct error err = { 0 };
    struct config_text config;
    struct threshold_rule *rule = some_rules(model);
    char *text = threshold_file_text(model, rule, NULL, ""), changed[8192];
    CU_ASSERT_PTR_NOT_NULL_FATAL(text);
    const char *at = strstr(text, from);
    CU_ASSERT_PTR_NOT_NULL_FATAL(at);
    snprintf(changed, sizeof changed, "%.*s%s%s", (int)(at - text), text, to,
             at + strlen(from));
    CU_ASSERT_EQUAL_FATAL(config_text_parse(&config, changed, strlen(changed), &err),
                          OK);
    CU_ASSERT(threshold_file_apply(&config, "rows", model, rule, &err) != OK);
    if (!strstr(err.text, sentence))
        printf("\n    expected '%s', found '%s'", sentence, err.text);
    CU_ASSERT(strstr(err.text, sentence) != NULL);
    config_text_release(&config);
    free(text);
    free(rule);
}

static void rows_of_another_model_are_refused(void)
{
    struct model one, other;
    struct error err = { 0 };
    struct config_text config;
    open_model(&one, 0);
    open_model(&other, 1);
    struct threshold_rule *rule = some_rules(&one);
    char *text = threshold_file_text(&one, rule, NULL, "");
    CU_ASSERT_PTR_NOT_NULL_FATAL(text);
    CU_ASSERT_EQUAL_FATAL(config_text_parse(&config, text, strlen(text), &err), OK);
    CU_ASSERT(threshold_file_apply(&config, "rows", &other, rule, &err) != OK);
    CU_ASSERT(strstr(err.text, "rows: made for one.gguf (5 layers") != NULL);
    config_text_release(&config);
    free(text);
    free(rule);

    expect_refusal(&one, "L01.ffn_in", "L01.nothing", "one.gguf has no site L01.noth");
    expect_refusal(&one, "L01.ffn_in = ", "#", "no row for L01.ffn_in, a site of one");
    expect_refusal(&one, "L00.attn_in = 1 0", "L00.attn_in = 1", "two or");
    expect_refusal(&one, "L00.attn_in = 1 0", "L00.attn_in = 1 0 x", "three numbers");
    expect_refusal(&one, "L00.attn_in = 1 0", "L00.attn_in = 1 0 8 9", "three numbers");
    expect_refusal(&one, "L00.attn_in = 1 0", "L00.attn_in = 1 0 2.5", "groups of 2.5");
    expect_refusal(&one, "L00.attn_in = 1 0", "L00.attn_in = 1 0 999", "groups of 999");
    expect_refusal(&one, "L00.attn_in = 1 0", "L00.attn_in = 0 0", "L00.attn_in: k 0");
    expect_refusal(&one, "L00.attn_in = 1 0", "L00.attn_in = 1 nan", "dead zone nan");
    expect_refusal(&one, "shape = ", "form = ", "expected the model's name and shape");
    model_close(&one);
    model_close(&other);
}

/* A session on a random model, a text of a few windows, and its histograms. */
struct bench {
    struct options options;
    struct session session;
    struct scoring_text text;
    struct calibration *calibration;
    double *cost, *dead_zone; /* (sites) */
    struct site_rules rules;
};

enum { WINDOW = 32, WINDOWS = 4 };

static void bench_init(struct bench *bench, const char *threshold_group)
{
    static const struct option *const tables[] = { option_model, option_spiking,
                                                   option_common, NULL };
    char *argv[] = { "tune", NULL };
    static char path[512];
    char bytes[WINDOW * WINDOWS * 4];
    struct error err = { 0 };
    snprintf(path, sizeof path, "%s", temporary_path("tuned.gguf"));
    CU_ASSERT_FATAL(model_builder_write(&model_plans[0], NULL, path));
    CU_ASSERT_EQUAL_FATAL(options_read(&bench->options, tables, "", "", 0, 1, argv,
                                       &err),
                          OK);
    options_set(&bench->options, "model", path);
    options_set(&bench->options, "threads", "1");
    options_set(&bench->options, "k", "64");
    options_set(&bench->options, "threshold-group", threshold_group);
    CU_ASSERT_EQUAL_FATAL(session_start(&bench->session, &bench->options, WINDOW,
                                        WINDOW, &err),
                          OK);
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (char)('a' + i * i % 19);
    CU_ASSERT_EQUAL_FATAL(scoring_prepare(&bench->text, &bench->session, bytes,
                                          sizeof bytes, WINDOW, WINDOWS, &err),
                          OK);
    CU_ASSERT_EQUAL_FATAL(calibration_create(&bench->calibration, &bench->session,
                                             &bench->text, &err),
                          OK);
    CU_ASSERT_EQUAL_FATAL(calibration_collect(bench->calibration, &err), OK);
    const uint32_t sites = bench->session.model.sites;
    bench->cost = calloc(sites, sizeof(double));
    bench->dead_zone = calloc(sites, sizeof(double));
    CU_ASSERT_FATAL(bench->cost && bench->dead_zone);
    for (uint32_t s = 0; s + 1 < sites; s++)
        bench->cost[s] = 1 + s % 3;
    bench->rules = (struct site_rules){ .session = &bench->session,
                                        .calibration = bench->calibration,
                                        .probe_cost = bench->cost,
                                        .finest = 64 };
}

static void bench_release(struct bench *bench)
{
    free(bench->cost);
    free(bench->dead_zone);
    calibration_free(bench->calibration);
    scoring_release(&bench->text);
    session_close(&bench->session);
    options_release(&bench->options);
}

/* What is silent and what is fetched at dead zones, measured on all windows. */
static void run_silenced(struct bench *bench, const double *dead_zone, double *silent,
                         double *fetched)
{
    struct silencer *silencer;
    struct scoring_result result;
    struct error err = { 0 };
    CU_ASSERT_EQUAL_FATAL(silencer_create(&silencer, &bench->session, WINDOW, &err),
                          OK);
    silencer_set(silencer, dead_zone);
    CU_ASSERT_EQUAL_FATAL(scoring_run(&bench->text, &bench->session,
                                      silencer_projector(silencer),
                                      &bench->session.dense_float, NULL, &result, &err),
                          OK);
    *silent = silencer_silent_share(silencer);
    *fetched = silencer_fetched_share(silencer);
    for (size_t i = 0; !dead_zone && i < WINDOWS * scoring_per_chunk(&bench->text); i++)
        CU_ASSERT_EQUAL(result.loss[i], result.reference_loss[i]);
    scoring_result_release(&result);
    silencer_free(silencer);
}

static void nobody_is_silent_without_dead_zones(void)
{
    struct bench bench = { 0 };
    double silent, fetched;
    bench_init(&bench, "auto");
    run_silenced(&bench, NULL, &silent, &fetched);
    CU_ASSERT(silent == 0 && fetched == 1);
    bench_release(&bench);
}

/* One row in four is counted, silence upstream changes what comes downstream, and there
 * are 128 tokens: 3 %. */
static void a_share_asked_of_every_site_is_what_falls_silent(void)
{
    static const char *const group[] = { "auto", "16" };
    for (int g = 0; g < 2; g++) {
        struct bench bench = { 0 };
        double silent, fetched;
        bench_init(&bench, group[g]);
        site_rules_uniform(&bench.rules, 0.4, bench.dead_zone);
        run_silenced(&bench, bench.dead_zone, &silent, &fetched);
        CU_ASSERT_DOUBLE_EQUAL(silent, 0.4, 0.03);
        CU_ASSERT_DOUBLE_EQUAL(fetched, 0.6, 0.03);
        for (uint32_t s = 0; s + 1 < bench.session.model.sites; s++)
            CU_ASSERT_DOUBLE_EQUAL(calibration_share(bench.calibration, s,
                                                     bench.dead_zone[s]),
                                   0.4, 1e-9);
        bench_release(&bench);
    }
}

/* Within the 3 % of the test above and a level of 1.5 %. */
static void what_is_to_be_saved_is_what_is_saved(void)
{
    struct bench bench = { 0 };
    struct error err = { 0 };
    double silent[2], fetched[2], share = 0;
    bench_init(&bench, "auto");
    for (int channels = 0; channels < 2; channels++) {
        bench.rules.saving = channels ? SAVE_CHANNELS : SAVE_BYTES;
        CU_ASSERT_EQUAL_FATAL(site_rules_silence(&bench.rules, 0.35, bench.dead_zone,
                                                 &err),
                              OK);
        run_silenced(&bench, bench.dead_zone, &silent[channels], &fetched[channels]);
    }
    CU_ASSERT_DOUBLE_EQUAL(fetched[0], 0.65, 0.045);
    CU_ASSERT_DOUBLE_EQUAL(silent[1], 0.35, 0.045);
    CU_ASSERT(fetched[0] < fetched[1] && silent[0] < silent[1]);
    CU_ASSERT_EQUAL(site_rules_share(&bench.rules, 1e9, &share, &err), OK);
    CU_ASSERT_DOUBLE_EQUAL(share, 0.95, 1e-9); /* the most that a site may */
    CU_ASSERT_EQUAL(site_rules_share(&bench.rules, 0, &share, &err), OK);
    CU_ASSERT_DOUBLE_EQUAL(share, 0, 1e-9);
    bench_release(&bench);
}

/* Room for two windows of four, then for all. */
static void a_remembered_reference_is_the_reference(void)
{
    struct bench bench = { 0 };
    struct error err = { 0 };
    struct scoring_memory memory;
    struct scoring_result plain, result;
    struct scoring_text *text = &bench.text;
    bench_init(&bench, "auto");
    struct projector *spiking = &bench.session.spiking;
    struct projector *dense = &bench.session.dense_float;
    const size_t count = WINDOWS * scoring_per_chunk(text);
    CU_ASSERT_EQUAL_FATAL(scoring_run(text, &bench.session, spiking, dense, NULL,
                                      &plain, &err),
                          OK);
    const double chunk = (double)scoring_per_chunk(text) *
                         bench.session.model.shape.vocabulary * sizeof(float);
    for (int windows = 2; windows <= WINDOWS; windows += 2) {
        CU_ASSERT_EQUAL_FATAL(scoring_remember(text, &memory, &bench.session,
                                               (windows + 0.5) * chunk, &err),
                              OK);
        for (int again = 0; again < 2; again++) {
            CU_ASSERT_EQUAL_FATAL(scoring_run(text, &bench.session, spiking, dense,
                                              NULL, &result, &err),
                                  OK);
            CU_ASSERT(memcmp(result.divergence, plain.divergence,
                             count * sizeof(double)) == 0);
            CU_ASSERT(memcmp(result.reference_loss, plain.reference_loss,
                             count * sizeof(double)) == 0);
            scoring_result_release(&result);
        }
        CU_ASSERT(memory.heard == (size_t)windows && memory.room == (size_t)windows);
        free(memory.logits);
        text->memory = NULL;
    }
    scoring_result_release(&plain);
    bench_release(&bench);
}

/* The costs of a role are made four times too dear. */
static void refined_costs_stray_no_farther(void)
{
    struct bench bench = { 0 };
    struct error err = { 0 };
    struct cost_refinement found;
    bench_init(&bench, "auto");
    const uint32_t sites = bench.session.model.sites;
    for (uint32_t s = 0; s < sites; s++)
        if (bench.session.model.site[s].role == ROLE_FFN_DOWN)
            bench.cost[s] *= 4;
    CU_ASSERT_EQUAL_FATAL(cost_refine(bench.calibration, &bench.rules, 0.4, 2,
                                      bench.cost, &found, &err),
                          OK);
    CU_ASSERT(found.after <= found.before && found.before > 0);
    double divergence = 0;
    CU_ASSERT_EQUAL(site_rules_silence(&bench.rules, 0.4, bench.dead_zone, &err), OK);
    CU_ASSERT_EQUAL(calibration_probe(bench.calibration, bench.dead_zone, &divergence,
                                      &err),
                    OK);
    CU_ASSERT_EQUAL(divergence, found.after);
    bench_release(&bench);
}

CU_TestInfo tuning_tests[] = {
    { "greed comes within a step of the best", greed_comes_within_a_step_of_the_best },
    { "the step that saves most for its cost comes first",
      the_step_that_saves_most_for_its_cost_comes_first },
    { "a dear level does not hide a cheap one",
      a_dear_level_does_not_hide_a_cheap_one },
    { "rows come back as they were written", rows_come_back_as_they_were_written },
    { "rows of another model are refused", rows_of_another_model_are_refused },
    { "nobody is silent without dead zones", nobody_is_silent_without_dead_zones },
    { "a share asked of every site is what falls silent",
      a_share_asked_of_every_site_is_what_falls_silent },
    { "what is to be saved is what is saved", what_is_to_be_saved_is_what_is_saved },
    { "a remembered reference is the reference",
      a_remembered_reference_is_the_reference },
    { "refined costs stray no farther", refined_costs_stray_no_farther },
    CU_TEST_INFO_NULL,
};
