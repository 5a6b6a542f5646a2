/* Allotting silence, and the files that say who is silent. */
#include "experiments/allocation.h"
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
        back[s].k = back[s].dead_zone = 99;
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
    expect_refusal(&one, "L00.attn_in = 1 0", "L00.attn_in = 1", "two numbers");
    expect_refusal(&one, "L00.attn_in = 1 0", "L00.attn_in = 1 0 x", "two numbers");
    expect_refusal(&one, "L00.attn_in = 1 0", "L00.attn_in = 0 0", "L00.attn_in: k 0");
    expect_refusal(&one, "L00.attn_in = 1 0", "L00.attn_in = 1 nan", "dead zone nan");
    expect_refusal(&one, "shape = ", "form = ", "expected the model's name and shape");
    model_close(&one);
    model_close(&other);
}

CU_TestInfo tuning_tests[] = {
    { "greed comes within a step of the best", greed_comes_within_a_step_of_the_best },
    { "the step that saves most for its cost comes first",
      the_step_that_saves_most_for_its_cost_comes_first },
    { "a dear level does not hide a cheap one",
      a_dear_level_does_not_hide_a_cheap_one },
    { "rows come back as they were written", rows_come_back_as_they_were_written },
    { "rows of another model are refused", rows_of_another_model_are_refused },
    CU_TEST_INFO_NULL,
};
