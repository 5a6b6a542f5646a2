/* The counters of a real run, counted once more in the slowest way: every recorded spike
 * is walked to each of its targets, every weight and line of weights is fetched one by
 * one, every neuron updated at every step. And the same run against what `info` says of
 * the model without its weights. */
#include "experiments/cost_tokens.h"
#include "experiments/measuring.h"
#include "lm/gguf_plan.h"
#include "tests/naive_cost.h"
#include "tests/suites.h"
#include "tests/temporary_path.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { WINDOW = 12, BATCH_WINDOW = 4, BATCH = 8, ARGUMENTS = 24, ROOM = 200 };

static const struct option *const tables[] = { option_model, option_spiking,
                                               option_common, NULL };
static const char run_text[] = "one word after another of a text that says little, and "
                               "once more one word after another of it";

/* A scored window of a model of the plan: half of its rows ask for logits. */
struct scored_run {
    struct options options;
    struct session session;
    struct scoring_text text;
    struct tally tally;
    const struct run_totals *totals;
    struct recorded recorded;
    struct scoring_result result;
    char line[2 * ROOM];
};

static bool begin_run(struct scored_run *run, const struct model_plan *plan,
                      const char *settings, const char *path, uint32_t window,
                      size_t chunks)
{
    char *argv[ARGUMENTS], *rest = NULL, model[ROOM], name[40];
    struct error err = { 0 };
    int argc = 0;
    *run = (struct scored_run){ 0 };
    snprintf(name, sizeof name, "%.20s.gguf", plan->name);
    snprintf(model, sizeof model, "%s", temporary_path(name));
    CU_ASSERT_FATAL(model_builder_write(plan, NULL, model));
    snprintf(run->line, sizeof run->line, "test -t 1 -m %s %s", model, settings);
    for (char *word = strtok_r(run->line, " ", &rest); word && argc < ARGUMENTS;
         word = strtok_r(NULL, " ", &rest))
        argv[argc++] = word;
    struct measuring measuring = { .session = &run->session,
                                   .text = &run->text,
                                   .output = path,
                                   .record = "spikes",
                                   .command = "test" };
    if (options_read(&run->options, tables, "", "", 0, argc, argv, &err) == OK &&
        session_start(&run->session, &run->options, window, window, &err) == OK &&
        scoring_prepare(&run->text, &run->session, run_text, strlen(run_text), window,
                        chunks, &err) == OK &&
        measure_spiking(&measuring, &run->tally, &run->result, &err) == OK)
        tally_totals(&run->tally, &run->totals, &err);
    CU_ASSERT_STRING_EQUAL(err.text, "");
    return err.code == OK;
}

static void end_run(struct scored_run *run)
{
    struct error err = { 0 };
    tally_end(&run->tally, &err);
    recorded_close(&run->recorded);
    scoring_result_release(&run->result);
    scoring_release(&run->text);
    session_close(&run->session);
    options_release(&run->options);
}

/* What one population did, or several did together. */
struct slow_count {
    uint64_t n[SITE_COUNTERS];
    uint64_t active_updates, active_macs, dense, lines, blocks, register_bytes;
};

static uint64_t groups_of(const struct session *session, uint64_t channels)
{
    uint64_t groups = 0, group = session->weights.layers.group;
    for (uint64_t channel = 0; channel < channels; channel++)
        groups += channel % (group ? group : channels) == 0;
    return groups;
}

/* Steps of a token, from its largest count. */
static uint64_t steps_of(const char *encoder, const int32_t *count, uint64_t channels)
{
    uint32_t largest = 1;
    for (uint64_t channel = 0; channel < channels; channel++)
        if ((uint32_t)abs(count[channel]) > largest)
            largest = (uint32_t)abs(count[channel]);
    uint64_t bits = 0;
    while (largest >> bits)
        bits++;
    return strcmp(encoder, "bitwise") == 0 ? bits : largest;
}

static void walk_spikes(const struct population_info *info,
                        const struct recorded_spike *spike, size_t length,
                        uint64_t *spikes_of, struct slow_count *sum)
{
    uint64_t per_channel = info->size / info->channels;
    memset(spikes_of, 0, info->channels * sizeof *spikes_of);
    for (size_t i = 0; i < length; i++) {
        if (spike[i].node < info->first_node ||
            spike[i].node >= info->first_node + info->size)
            continue;
        spikes_of[(spike[i].node - info->first_node) / per_channel]++;
        sum->n[COUNT_SPIKES]++;
        for (uint64_t target = 0; target < info->fan_out; target++) {
            sum->n[COUNT_SOP]++;
            sum->n[COUNT_SPIKE_BYTES]++;
            sum->n[COUNT_STATE_BYTES] += 4 + 4; /* its sum, read and written */
        }
    }
}

static void fetch_weights(const struct population_info *info, const uint64_t *spikes_of,
                          struct slow_count *sum)
{
    for (uint64_t channel = 0; channel < info->channels; channel++)
        for (uint64_t target = 0; target < info->fan_out; target++) {
            sum->dense++;
            if (spikes_of[channel] == 0)
                continue;
            sum->active_macs++;
            sum->n[COUNT_ROW_BYTES]++;
            sum->lines += target % CACHE_LINE == 0 ? CACHE_LINE : 0;
        }
    for (uint64_t target = 0; target < info->fan_out; target++) {
        bool is_fetched = false; /* the line under way */
        for (uint64_t channel = 0; channel < info->channels; channel++) {
            if (channel % CACHE_LINE == 0)
                is_fetched = false;
            if (spikes_of[channel] > 0 && !is_fetched) {
                is_fetched = true;
                sum->blocks += CACHE_LINE;
            }
        }
    }
}

static void update_neurons(const struct session *session,
                           const struct population_info *info, uint64_t steps,
                           const int32_t *count, struct slow_count *sum)
{
    const struct field *variable = session->spiking_settings.neuron->state_vars;
    uint64_t per_channel = info->size / info->channels;
    for (uint64_t step = 0; step < steps; step++)
        for (uint64_t neuron = 0; neuron < info->size; neuron++) {
            sum->n[COUNT_UPDATES]++;
            sum->active_updates += count[neuron / per_channel] != 0;
            for (const struct field *v = variable; v->name; v++) {
                sum->n[COUNT_STATE_BYTES] += 8 + 8;
                sum->register_bytes += 8 + 8;
            }
        }
}

static void count_site(const struct session *session,
                       const struct population_info *info, const int32_t *count,
                       const struct recorded_spike *spike, size_t length,
                       uint64_t *spikes_of, struct slow_count *sum)
{
    uint64_t steps = steps_of(info->encoder, count, info->channels);
    uint64_t scales = 4 * groups_of(session, info->channels) * info->fan_out;
    sum->n[COUNT_STEPS] += steps;
    for (uint64_t channel = 0; channel < info->channels; channel++) {
        sum->n[COUNT_SILENT] += count[channel] == 0;
        sum->n[COUNT_SMALL] += abs(count[channel]) <= 7;
        sum->n[COUNT_MAGNITUDE] += (uint64_t)abs(count[channel]);
    }
    walk_spikes(info, spike, length, spikes_of, sum);
    fetch_weights(info, spikes_of, sum);
    update_neurons(session, info, steps, count, sum);
    sum->n[COUNT_SPIKE_BYTES] += scales;
    sum->n[COUNT_ROW_BYTES] += scales;
    sum->lines += scales;
    sum->blocks += scales;
    sum->register_bytes += 2 * scales; /* a sum of 4 bytes for each scale, twice */
    for (uint64_t channel = 0; channel < info->channels; channel++)
        CU_ASSERT((spikes_of[channel] > 0) == (count[channel] != 0));
}

static void add_count(struct slow_count *sum, const struct slow_count *part)
{
    for (int c = 0; c < SITE_COUNTERS; c++)
        sum->n[c] += part->n[c];
    sum->active_updates += part->active_updates;
    sum->active_macs += part->active_macs;
    sum->dense += part->dense;
    sum->lines += part->lines;
    sum->blocks += part->blocks;
    sum->register_bytes += part->register_bytes;
}

/* Of one population over the tokens of the recording; returns for how many it ran. */
static uint64_t count_population(const struct scored_run *run, uint32_t index,
                                 struct slow_count *sum)
{
    const struct recording *recording = &run->recorded.recording;
    const struct population_info *info = &recording->population[index];
    struct site_counters *site = calloc(recording->populations, sizeof *site);
    int32_t *count = calloc(recording->channels, sizeof *count);
    uint64_t *spikes_of = calloc(recording->channels, sizeof *spikes_of), ran = 0;
    struct error err = { 0 };
    for (uint64_t token = 0; token < recording->tokens; token++) {
        struct recorded_spike *spike = NULL;
        struct slow_count own = { .dense = 0 };
        size_t length = 0;
        recording_read_counters(recording, token, 1, site, &err);
        recording_read_counts(recording, token, count, &err);
        if (isnan(site[index].threshold))
            continue;
        CU_ASSERT_EQUAL(recording_expand(recording, token, &spike, &length, &err), OK);
        count_site(&run->session, info, count + info->first_channel, spike, length,
                   spikes_of, &own);
        for (int c = 0; c < SITE_COUNTERS; c++)
            CU_ASSERT_EQUAL(site[index].n[c], own.n[c]);
        add_count(sum, &own);
        free(spike);
        ran++;
    }
    free(site);
    free(count);
    free(spikes_of);
    return ran;
}

/* What `energy` bills against all populations counted slowly. */
static void expect_same_survey(const struct scored_run *run,
                               const struct slow_count *slow)
{
    struct cost_survey *survey = malloc(sizeof *survey);
    struct energy_profile prices;
    struct error err = { 0 };
    if (survey && energy_profile_find(&prices, "horowitz-45nm", &err) == OK) {
        CU_ASSERT_EQUAL(cost_survey_make(survey, &run->recorded, &prices, &err), OK);
        const struct cost_counts *all = &survey->role[survey->roles].counts;
        CU_ASSERT_EQUAL(all->macs, (double)slow->dense);
        CU_ASSERT_EQUAL(all->active_macs, (double)slow->active_macs);
        CU_ASSERT_EQUAL(all->effective, (double)slow->active_macs);
        CU_ASSERT_EQUAL(all->sop, (double)slow->n[COUNT_SOP]);
        CU_ASSERT_EQUAL(all->spikes, (double)slow->n[COUNT_SPIKES]);
        CU_ASSERT_EQUAL(all->updates, (double)slow->n[COUNT_UPDATES]);
        CU_ASSERT_EQUAL(all->neuron_steps, (double)slow->n[COUNT_UPDATES]);
        CU_ASSERT_EQUAL(all->active_updates, (double)slow->active_updates);
        CU_ASSERT_EQUAL(all->spike_bytes, (double)slow->n[COUNT_SPIKE_BYTES]);
        CU_ASSERT_EQUAL(all->row_bytes, (double)slow->n[COUNT_ROW_BYTES]);
        CU_ASSERT_EQUAL(all->line_bytes, (double)slow->lines);
        CU_ASSERT_EQUAL(all->block_bytes, (double)slow->blocks);
        CU_ASSERT_EQUAL(all->state_bytes, (double)slow->n[COUNT_STATE_BYTES]);
        CU_ASSERT_EQUAL(all->register_bytes, (double)slow->register_bytes);
        energy_profile_release(&prices);
    }
    CU_ASSERT_STRING_EQUAL(err.text, "");
    free(survey);
}

/* Attention, norms and the rest at every position, and the dense head of every token. */
static void expect_same_host(const struct scored_run *run,
                             const struct model_plan *plan)
{
    const struct host_cost *found = &run->totals->host;
    const struct session *session = &run->session;
    struct host_cost expected = { 0 };
    uint64_t macs = 0, bytes = 0;
    for (uint64_t token = 0; token < run->totals->tokens; token++) {
        struct host_cost one;
        naive_host_cost(plan, (uint32_t)(token % WINDOW), &one);
        for (int part = 0; part < HOST_PARTS; part++)
            op_count_add(&expected.ops[part], &one.ops[part], 1);
        expected.cache_bytes += one.cache_bytes;
        for (uint32_t s = 0; s < session->model.sites; s++) {
            const struct site *site = &session->model.site[s];
            for (uint32_t output = 0; !session->spikes[s] && output < site->outputs;
                 output++) {
                for (uint32_t input = 0; input < site->inputs; input++)
                    macs++, bytes++;
                bytes += 4 * groups_of(session, site->inputs);
            }
        }
    }
    CU_ASSERT_EQUAL(found->cache_bytes, expected.cache_bytes);
    CU_ASSERT_EQUAL(found->weight_bytes, bytes);
    CU_ASSERT_EQUAL(found->ops[HOST_PROJECTION].n[OP_MAC_I8_I32], macs);
    for (int part = 0; part < HOST_PARTS; part++)
        for (int kind = 0; kind < OP_KINDS && part != HOST_PROJECTION; kind++)
            CU_ASSERT_EQUAL(found->ops[part].n[kind], expected.ops[part].n[kind]);
}

static const char *const settings_of_runs[] = {
    "--encoder bitwise",
    "--encoder ternary --weights 16 --k 2",
    "--encoder bitwise --k 1 --spike ffn --dead-zone 0.4",
    "--encoder bitwise --head spike --engine events",
};
enum { RUNS = sizeof settings_of_runs / sizeof settings_of_runs[0] };

/* A site's live totals, scaled to all tokens where the head ran for some, rounded. */
static void expect_same_site(const struct site_total *live,
                             const struct slow_count *slow, double scale)
{
    double rounding = scale > 1 ? 0.5 : 0;
    for (int c = 0; c < SITE_COUNTERS; c++)
        CU_ASSERT_DOUBLE_EQUAL((double)live->sum.n[c], scale * (double)slow->n[c],
                               rounding);
    CU_ASSERT_DOUBLE_EQUAL((double)live->active_updates,
                           scale * (double)slow->active_updates, rounding);
}

static void walk_run(const struct model_plan *plan, const char *settings)
{
    struct scored_run run;
    struct slow_count all = { .dense = 0 };
    struct error err = { 0 };
    bool is_whole = true;
    char path[ROOM];
    snprintf(path, sizeof path, "%s", temporary_path("walked.h5"));
    if (begin_run(&run, plan, settings, path, WINDOW, 2)) {
        uint32_t populations = run.totals->populations;
        struct site_total *live = calloc(populations, sizeof *live);
        memcpy(live, run.totals->site, populations * sizeof *live);
        expect_same_host(&run, plan);
        tally_end(&run.tally, &err);
        CU_ASSERT_EQUAL_FATAL(recorded_open(&run.recorded, path, &err), OK);
        for (uint32_t p = 0; p < populations; p++) {
            struct slow_count own = { .dense = 0 };
            double ran = (double)count_population(&run, p, &own);
            double scale = (double)run.recorded.recording.tokens / ran;
            expect_same_site(&live[p], &own, scale);
            is_whole = is_whole && scale <= 1;
            add_count(&all, &own);
        }
        CU_ASSERT_EQUAL(is_whole, strstr(settings, "head") == NULL);
        if (is_whole)
            expect_same_survey(&run, &all);
        free(live);
    }
    CU_ASSERT_STRING_EQUAL(err.text, "");
    end_run(&run);
}

/* Walking takes its time: the first plan meets all settings, every other one of them. */
static void counters_agree_with_a_walk_over_spikes(void)
{
    for (const struct model_plan *plan = model_plans; plan->name; plan++)
        for (int i = 0; i < RUNS; i++)
            if (plan == model_plans || i == (plan - model_plans) % RUNS)
                walk_run(plan, settings_of_runs[i]);
}

/* Products of a role over the positions of the windows, by the header alone. */
static void counters_agree_with_the_plan(void)
{
    for (const struct model_plan *plan = model_plans; plan->name; plan++) {
        struct scored_run run;
        struct operation_plan header;
        struct plan_counts sum = { .total_mac = 0 };
        struct error err = { 0 };
        char path[ROOM];
        snprintf(path, sizeof path, "%s", temporary_path("planned.h5"));
        if (begin_run(&run, plan, settings_of_runs[plan == model_plans ? 3 : 0], path,
                      WINDOW, 2)) {
            CU_ASSERT_EQUAL(gguf_plan_read(&header, &run.session.model.file, &err), OK);
            for (uint64_t token = 0; token < run.totals->tokens; token++) {
                struct plan_counts one;
                operation_plan_count(&header, (uint32_t)(token % WINDOW) + 1, &one);
                for (int part = 0; part < PLAN_PARTS; part++)
                    sum.mac[part] += one.mac[part];
                sum.cache_traffic_bytes += one.cache_traffic_bytes;
            }
            struct role_total role[MAX_ROLES], all;
            size_t roles = run_totals_roles(run.totals, role, &all);
            uint64_t dense[ROLE_COUNT] = { 0 };
            dense[ROLE_HEAD] = run.totals->host.ops[HOST_PROJECTION].n[OP_MAC_I8_I32];
            for (size_t r = 0; r < roles; r++)
                for (int named = 0; named < ROLE_COUNT; named++)
                    if (strcmp(role[r].role, site_role_name[named]) == 0)
                        dense[named] += role[r].dense_operations;
            for (int named = 0; named < ROLE_COUNT; named++)
                CU_ASSERT_EQUAL(dense[named], sum.mac[named]);
            CU_ASSERT_EQUAL(run.totals->host.ops[HOST_ATTENTION].n[OP_MAC_F16],
                            sum.mac[PLAN_ATTENTION]);
            CU_ASSERT_EQUAL(run.totals->host.cache_bytes, sum.cache_traffic_bytes);
            operation_plan_release(&header);
        }
        end_run(&run);
    }
}

/* Channels silent for all of eight tokens: neighbours, or the same place of eight
 * windows. */
static void count_silent_for_all(const struct scored_run *run, size_t stride,
                                 size_t first_step, size_t firsts, uint64_t *silent)
{
    const struct recording *recording = &run->recorded.recording;
    int32_t *count = calloc(recording->channels, sizeof *count);
    struct error err = { 0 };
    *silent = 0;
    for (size_t first = 0; first < firsts; first++) {
        unsigned char *spoke = calloc(recording->channels, 1);
        for (size_t member = 0; member < BATCH; member++) {
            recording_read_counts(recording, first * first_step + member * stride,
                                  count, &err);
            for (uint64_t channel = 0; channel < recording->channels; channel++)
                spoke[channel] = spoke[channel] || count[channel] != 0;
        }
        for (uint64_t channel = 0; channel < recording->channels; channel++)
            *silent += !spoke[channel];
        free(spoke);
    }
    free(count);
}

static void batches_agree_with_a_union_of_channels(void)
{
    struct scored_run run;
    struct energy_profile prices;
    struct error err = { 0 };
    char path[ROOM];
    struct cost_survey *survey = malloc(sizeof *survey);
    snprintf(path, sizeof path, "%s", temporary_path("batches.h5"));
    if (begin_run(&run, model_plans, "--k 0.3", path, BATCH_WINDOW, BATCH)) {
        uint64_t near, far;
        tally_end(&run.tally, &err);
        CU_ASSERT_EQUAL_FATAL(recorded_open(&run.recorded, path, &err), OK);
        CU_ASSERT_EQUAL_FATAL(energy_profile_find(&prices, "horowitz-45nm", &err), OK);
        CU_ASSERT_EQUAL(cost_survey_make(survey, &run.recorded, &prices, &err), OK);
        count_silent_for_all(&run, 1, BATCH, BATCH_WINDOW, &near);
        count_silent_for_all(&run, BATCH_WINDOW, 1, BATCH_WINDOW, &far);
        const struct batch_counts *neighbours = survey->batch[BATCH_NEIGHBOURS];
        const struct batch_counts *windows = survey->batch[BATCH_WINDOWS];
        CU_ASSERT(near > 0 && far > 0);
        CU_ASSERT_EQUAL(neighbours[1].batches, BATCH_WINDOW);
        CU_ASSERT_EQUAL(neighbours[1].silent, (double)near);
        CU_ASSERT_EQUAL(windows[1].batches, BATCH_WINDOW);
        CU_ASSERT_EQUAL(windows[1].silent, (double)far);
        CU_ASSERT_EQUAL(neighbours[2].batches, 1);
        CU_ASSERT_EQUAL(windows[2].batches, 0);
        energy_profile_release(&prices);
    }
    free(survey);
    end_run(&run);
}

/* A row a token adds up to the row of all, in every model of cost. */
static void tokens_add_up_to_the_run(void)
{
    struct scored_run run;
    struct energy_profile prices;
    struct error err = { 0 };
    char path[ROOM];
    json_t *rows = NULL, *row;
    size_t index;
    struct cost_survey *survey = malloc(sizeof *survey);
    snprintf(path, sizeof path, "%s", temporary_path("tokens.h5"));
    if (begin_run(&run, model_plans, "--k 2", path, WINDOW, 2)) {
        tally_end(&run.tally, &err);
        CU_ASSERT_EQUAL_FATAL(recorded_open(&run.recorded, path, &err), OK);
        CU_ASSERT_EQUAL_FATAL(energy_profile_find(&prices, "horowitz-45nm", &err), OK);
        CU_ASSERT_EQUAL(cost_survey_make(survey, &run.recorded, &prices, &err), OK);
        CU_ASSERT_EQUAL(cost_tokens(&run.recorded, &prices, NULL, &rows, &err), OK);
        for (const struct cost_model *model = cost_models; model->name; model++) {
            double pj[COST_VARIANTS], sum = 0;
            model->price(&prices, &survey->role[survey->roles].counts, pj);
            json_array_foreach(rows, index, row)
            {
                const char *name = json_string_value(json_object_get(row, "model"));
                if (strcmp(name, model->name) == 0)
                    sum += json_number_value(json_object_get(row, "spiking_nj"));
            }
            /* Sums of doubles in another order. */
            CU_ASSERT_DOUBLE_EQUAL(1000 * sum, pj[COST_SPIKING],
                                   1e-9 * pj[COST_SPIKING]);
        }
        energy_profile_release(&prices);
        json_decref(rows);
    }
    free(survey);
    end_run(&run);
}

CU_TestInfo slow_count_tests[] = {
    { "counters agree with a walk over spikes",
      counters_agree_with_a_walk_over_spikes },
    { "counters agree with the plan", counters_agree_with_the_plan },
    { "batches agree with a union of channels",
      batches_agree_with_a_union_of_channels },
    { "tokens add up to the run", tokens_add_up_to_the_run },
    CU_TEST_INFO_NULL,
};
