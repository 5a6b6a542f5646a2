/* What keys do to a view, without a window. */
#include "tests/suites.h"
#include "viz/input.h"
#include "viz/key_table.h"
#include "viz/view_state.h"

#include <gsl/gsl_rng.h>
#include <math.h>
#include <string.h>

static const uint64_t starts[] = { 0, 10, 10, 30, 60, 100 };
enum { TOKENS = 5 };

static const struct population_info populations[] = {
    { .name = "L00.attn_in", .layer = 0, .first_node = 0, .size = 8 },
    { .name = "L00.ffn_in", .layer = 0, .first_node = 8, .size = 8 },
    { .name = "L01.attn_in", .layer = 1, .first_node = 16, .size = 16 },
    { .name = "head", .layer = -1, .first_node = 32, .size = 4 },
};

static const struct view_extent extent = {
    .units = 40,
    .has = { true, true, true, true, true, true, false },
    .exhibits = 1,
    .population = populations,
    .populations = 4,
};

static void begin(struct view_state *view)
{
    view_state_init(view, &extent, starts, TOKENS, 20);
}

static void act(struct view_state *view, enum view_action action, double amount)
{
    view_state_act(view, &extent, action, amount);
}

static void a_view_begins_with_everything(void)
{
    struct view_state view;
    begin(&view);
    CU_ASSERT(view.first_step == 0 && view.steps == 100);
    CU_ASSERT(view.first_unit == 0 && view.units == 40);
    CU_ASSERT_TRUE(view.is_shown[PANE_RASTER]);
    CU_ASSERT_FALSE(view.is_shown[PANE_TRACE]);
    CU_ASSERT_EQUAL(view.selection.layer, -1);
    CU_ASSERT_EQUAL(view.enlarged, VIEW_PANES);
}

static void a_zoom_keeps_its_place(void)
{
    struct view_state view;
    begin(&view);
    view_state_zoom_time(&view, 4, 40);
    CU_ASSERT_DOUBLE_EQUAL(view.steps, 25, 1e-12);
    CU_ASSERT_DOUBLE_EQUAL((40 - view.first_step) / view.steps, 0.4, 1e-12);
    view_state_zoom_time(&view, 0.25, 40);
    CU_ASSERT_DOUBLE_EQUAL(view.first_step, 0, 1e-12);
    view_state_zoom_units(&view, &extent, 2, 10);
    CU_ASSERT_DOUBLE_EQUAL(view.first_unit, 5, 1e-12);
    CU_ASSERT_DOUBLE_EQUAL(view.units, 20, 1e-12);
    act(&view, VIEW_WHOLE, 0);
    CU_ASSERT(view.first_unit == 0 && view.units == 40 && view.steps == 100);
}

static void panning_stops_at_the_ends(void)
{
    struct view_state view;
    begin(&view);
    act(&view, VIEW_ZOOM_TIME, 4);
    for (int i = 0; i < 50; i++)
        act(&view, VIEW_PAN_TIME, 0.2);
    CU_ASSERT_DOUBLE_EQUAL(view.first_step + view.steps, 100, 1e-9);
    for (int i = 0; i < 50; i++)
        act(&view, VIEW_PAN_TIME, -0.2);
    CU_ASSERT_DOUBLE_EQUAL(view.first_step, 0, 1e-12);
}

static void a_page_turns_when_the_cursor_leaves(void)
{
    struct view_state view;
    begin(&view);
    act(&view, VIEW_ZOOM_TIME, 4); /* 25 steps from 0 */
    view_state_advance(&view, 26.0 / 20);
    CU_ASSERT(view.first_step > 20 && view.first_step <= 26);
    CU_ASSERT_DOUBLE_EQUAL(view.steps, 25, 1e-12);
    act(&view, VIEW_KEEP_UP, 0);
    double first = view.first_step;
    view_state_advance(&view, 2);
    CU_ASSERT_EQUAL(view.first_step, first);
    act(&view, VIEW_KEEP_UP, 0);
    act(&view, VIEW_BEGIN, 0);
    CU_ASSERT_EQUAL(view.first_step, 0);
}

static void steps_and_tokens_move_the_cursor(void)
{
    struct view_state view;
    begin(&view);
    act(&view, VIEW_STEP, 1);
    act(&view, VIEW_STEP, 1);
    CU_ASSERT_EQUAL(view.playback.step, 2);
    CU_ASSERT_TRUE(view.playback.is_paused);
    view.playback.step = 2.5;
    act(&view, VIEW_STEP, -1);
    CU_ASSERT_EQUAL(view.playback.step, 2);
    act(&view, VIEW_TOKEN, 2); /* over the token without steps */
    CU_ASSERT_EQUAL(view.playback.step, 30);
    act(&view, VIEW_TOKEN, -1);
    CU_ASSERT_EQUAL(view.playback.step, 10);
    act(&view, VIEW_TOKEN, 1e18);
    CU_ASSERT_EQUAL(view.playback.step, 100);
    act(&view, VIEW_SEEK, -7);
    CU_ASSERT_EQUAL(view.playback.step, 0);
}

static void speed_goes_from_a_thousandth_to_a_thousand(void)
{
    struct view_state view;
    begin(&view);
    act(&view, VIEW_PACE, 2);
    CU_ASSERT_DOUBLE_EQUAL(playback_speed(&view.playback), 2, 1e-12);
    act(&view, VIEW_PACE, 1e9);
    CU_ASSERT_DOUBLE_EQUAL(playback_speed(&view.playback), 1000, 1e-9);
    act(&view, VIEW_PACE, 1e-9);
    CU_ASSERT_DOUBLE_EQUAL(playback_speed(&view.playback), 0.001, 1e-12);
    act(&view, VIEW_PACE, 0);
    CU_ASSERT_DOUBLE_EQUAL(playback_speed(&view.playback), 1, 1e-12);
}

static void a_loop_comes_round(void)
{
    struct view_state view;
    begin(&view);
    view.selection.token = 2; /* 10 to 30 */
    act(&view, VIEW_LOOP, 0);
    CU_ASSERT(view.loop_from == 10 && view.loop_to == 30);
    CU_ASSERT_EQUAL(view.playback.step, 10);
    view_state_advance(&view, 25.0 / 20);
    CU_ASSERT_DOUBLE_EQUAL(view.playback.step, 15, 1e-9);
    view_state_advance(&view, 1e6); /* however long a frame took */
    CU_ASSERT(view.playback.step >= 10 && view.playback.step < 30);
    act(&view, VIEW_LOOP, 0);
    CU_ASSERT_EQUAL(view.loop_from, view.loop_to);
    act(&view, VIEW_SEEK, 40);
    act(&view, VIEW_LOOP_FROM, 0);
    CU_ASSERT(view.loop_from == 40 && view.loop_to == 100);
    act(&view, VIEW_SEEK, 60);
    act(&view, VIEW_LOOP_TO, 0);
    CU_ASSERT(view.loop_from == 40 && view.loop_to == 60);
}

static void a_choice_implies_what_holds_it(void)
{
    struct view_state view;
    struct selection neuron = { -1, -1, 20, -1 };
    begin(&view);
    view_state_select(&view, &extent, &neuron);
    CU_ASSERT_EQUAL(view.selection.population, 2);
    CU_ASSERT_EQUAL(view.selection.layer, 1);
    view_state_select(&view, &extent, &neuron); /* again: its population */
    CU_ASSERT_EQUAL(view.selection.neuron, -1);
    CU_ASSERT_EQUAL(view.selection.population, 2);
    struct selection token = { -1, -1, -1, 3 };
    view_state_select(&view, &extent, &token);
    CU_ASSERT_EQUAL(view.selection.token, 3);
    CU_ASSERT_EQUAL(view.selection.population, 2);
    act(&view, VIEW_CLEAR, 0);
    CU_ASSERT_EQUAL(view.selection.token, -1);
    CU_ASSERT_EQUAL(view.selection.layer, -1);
    struct selection beyond = { -1, -1, 9999, 9999 };
    view_state_select(&view, &extent, &beyond);
    CU_ASSERT(view.selection.neuron == -1 && view.selection.token == -1);
}

static void keys_go_round_layers_and_neurons(void)
{
    struct view_state view;
    begin(&view);
    act(&view, VIEW_SELECT_LAYER, 1);
    CU_ASSERT_EQUAL(view.selection.layer, 0);
    act(&view, VIEW_SELECT_POPULATION, 1);
    CU_ASSERT_EQUAL(view.selection.population, 0);
    act(&view, VIEW_SELECT_POPULATION, -1);
    CU_ASSERT_EQUAL(view.selection.population, 3);
    CU_ASSERT_EQUAL(view.selection.layer, -1);
    act(&view, VIEW_SELECT_NEURON, -1);
    CU_ASSERT_EQUAL(view.selection.neuron, 35);
    act(&view, VIEW_SELECT_NEURON, 1);
    CU_ASSERT_EQUAL(view.selection.neuron, 32);
    act(&view, VIEW_SELECT_TOKEN, 0);
    CU_ASSERT_EQUAL(view.selection.token, 0);
    act(&view, VIEW_SELECT_TOKEN, -1);
    CU_ASSERT_EQUAL(view.selection.token, 4);
}

static void escape_takes_back_one_thing_at_a_time(void)
{
    struct view_state view;
    begin(&view);
    act(&view, VIEW_SELECT_LAYER, 1);
    act(&view, VIEW_ENLARGE, 1);
    act(&view, VIEW_HELP, 0);
    act(&view, VIEW_CLEAR, 0);
    CU_ASSERT_FALSE(view.shows_help);
    CU_ASSERT_NOT_EQUAL(view.enlarged, VIEW_PANES);
    act(&view, VIEW_CLEAR, 0);
    CU_ASSERT_EQUAL(view.enlarged, VIEW_PANES);
    CU_ASSERT_EQUAL(view.selection.layer, 0);
    act(&view, VIEW_CLEAR, 0);
    CU_ASSERT_EQUAL(view.selection.layer, -1);
}

static void the_last_pane_stays(void)
{
    struct view_state view;
    begin(&view);
    for (int p = 0; p < VIEW_PANES; p++)
        if (p != PANE_MAP)
            act(&view, VIEW_PANE, p);
    act(&view, VIEW_PANE, PANE_MAP);
    CU_ASSERT_TRUE(view.is_shown[PANE_MAP]);
    act(&view, VIEW_ENLARGE, 1);
    CU_ASSERT_EQUAL(view.enlarged, PANE_MAP);
    act(&view, VIEW_ENLARGE, 1);
    CU_ASSERT_EQUAL(view.enlarged, VIEW_PANES);
}

static void a_growing_run_stays_in_sight(void)
{
    struct view_state view;
    begin(&view);
    view_state_init(&view, &extent, starts, 3, 20); /* 30 steps so far */
    view_state_extend(&view, starts, TOKENS);
    CU_ASSERT_EQUAL(view.steps, 100);
    act(&view, VIEW_ZOOM_TIME, 4);
    view_state_extend(&view, starts, TOKENS);
    CU_ASSERT_DOUBLE_EQUAL(view.first_step, 0, 1e-12);
    CU_ASSERT_DOUBLE_EQUAL(view.steps, 25, 1e-12);
}

static bool is_sound(const struct view_state *v)
{
    return v->steps > 0 && v->first_step >= 0 && v->first_step + v->steps <= 100.001 &&
           v->units > 0 && v->first_unit >= 0 && v->first_unit + v->units <= 40.001 &&
           v->playback.step >= 0 && v->playback.step <= 100 &&
           v->loop_from <= v->loop_to && v->selection.token < TOKENS &&
           v->selection.population < 4 && v->selection.neuron < 36 &&
           v->font_scale >= 0.49f && v->font_scale <= 4.01f &&
           v->palette < VIEW_PALETTES && v->enlarged <= VIEW_PANES;
}

static void nothing_leads_out_of_bounds(void)
{
    static const double odd[] = { 0,          1,   -1,   0.5,    2,
                                  -0.0,       1e9, -1e9, 1e-300, (double)INFINITY,
                                  (double)NAN };
    struct view_state view;
    gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);
    unsigned bad = 0;
    begin(&view);
    for (int i = 0; i < 200000; i++) {
        act(&view, (enum view_action)gsl_rng_uniform_int(rng, VIEW_ACTIONS),
            odd[gsl_rng_uniform_int(rng, sizeof odd / sizeof odd[0])]);
        if (i % 3 == 0)
            view_state_advance(&view, gsl_rng_uniform(rng) * 100);
        bad += !is_sound(&view);
    }
    CU_ASSERT_EQUAL(bad, 0);
    gsl_rng_free(rng);
}

static void nothing_recorded_is_looked_at(void)
{
    static const uint64_t none[] = { 0 };
    static const struct view_extent empty = { .exhibits = 1 };
    struct view_state view;
    view_state_init(&view, &empty, none, 0, 20);
    for (int action = 0; action < VIEW_ACTIONS; action++) {
        view_state_act(&view, &empty, (enum view_action)action, 1);
        view_state_act(&view, &empty, (enum view_action)action, -1);
        view_state_advance(&view, 1);
    }
    CU_ASSERT_EQUAL(view.playback.step, 0);
    CU_ASSERT_EQUAL(view.selection.token, -1);
}

static void no_key_means_two_things(void)
{
    unsigned keys = 0;
    for (const struct key_row *row = key_rows; row->keys; row++)
        for (unsigned i = 0; i < ROW_KEYS && row->binding[i].key; i++, keys++) {
            const struct key_binding *binding = &row->binding[i];
            CU_ASSERT_PTR_EQUAL(key_find(binding->key), binding);
            CU_ASSERT(binding->key >= KEY_LEFT ||
                      (binding->key >= ' ' && binding->key < 127));
        }
    CU_ASSERT(keys > 40);
    CU_ASSERT_PTR_NULL(key_find('x'));
    CU_ASSERT_PTR_NULL(key_find(0));
}

static void every_action_has_a_key(void)
{
    bool has[VIEW_ACTIONS] = { false };
    has[VIEW_NOTHING] = has[VIEW_SEEK] = true; /* the mouse, options and tours */
    for (const struct key_row *row = key_rows; row->keys; row++)
        for (unsigned i = 0; i < ROW_KEYS && row->binding[i].key; i++)
            has[row->binding[i].action] = true;
    for (int action = 0; action < VIEW_ACTIONS; action++)
        CU_ASSERT_TRUE(has[action]);
}

CU_TestInfo view_state_tests[] = {
    { "a view begins with everything", a_view_begins_with_everything },
    { "a zoom keeps its place", a_zoom_keeps_its_place },
    { "panning stops at the ends", panning_stops_at_the_ends },
    { "a page turns when the cursor leaves", a_page_turns_when_the_cursor_leaves },
    { "steps and tokens move the cursor", steps_and_tokens_move_the_cursor },
    { "speed goes from a thousandth to a thousand",
      speed_goes_from_a_thousandth_to_a_thousand },
    { "a loop comes round", a_loop_comes_round },
    { "a choice implies what holds it", a_choice_implies_what_holds_it },
    { "keys go round layers and neurons", keys_go_round_layers_and_neurons },
    { "escape takes back one thing at a time", escape_takes_back_one_thing_at_a_time },
    { "the last pane stays", the_last_pane_stays },
    { "a growing run stays in sight", a_growing_run_stays_in_sight },
    { "nothing leads out of bounds", nothing_leads_out_of_bounds },
    { "nothing recorded is looked at", nothing_recorded_is_looked_at },
    { "no key means two things", no_key_means_two_things },
    { "every action has a key", every_action_has_a_key },
    CU_TEST_INFO_NULL,
};
