/* See cost_survey.h. */
#include "experiments/cost_survey.h"

#include "lm/dense_projector.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { SUM_BYTES = 8 }; /* a 32-bit sum, read and written */

static const struct weight_setting *weights_of(const struct recorded *run,
                                               const struct population_info *population)
{
    bool is_head = strcmp(population->role, site_role_name[ROLE_HEAD]) == 0;
    return weight_plan_get(&run->weights, is_head);
}

static uint64_t groups_of(const struct recorded *run,
                          const struct population_info *population)
{
    return weight_groups(weights_of(run, population), (uint32_t)population->channels);
}

double cost_survey_scales(const struct recorded *run,
                          const struct population_info *population)
{
    return (double)weight_scale_bytes(weights_of(run, population),
                                      (uint32_t)population->channels,
                                      population->fan_out);
}

double cost_survey_row(const struct recorded *run,
                       const struct population_info *population)
{
    return (double)weight_row_bytes(weights_of(run, population), population->fan_out);
}

/* Lines of CACHE_LINE channels, any of which spoke. */
static double blocks_of(const int32_t *count, uint64_t channels)
{
    uint64_t blocks = 0;
    for (uint64_t first = 0; first < channels; first += CACHE_LINE) {
        uint64_t end = first + CACHE_LINE < channels ? first + CACHE_LINE : channels;
        uint64_t channel = first;
        while (channel < end && count[channel] == 0)
            channel++;
        blocks += channel < end;
    }
    return (double)blocks;
}

/* The models of Lemaire et al. are linear in spikes, steps and runs, so sums will do. */
static void add_lemaire(struct cost_counts *sum,
                        const struct population_info *population, const uint64_t *n,
                        const struct energy_profile *prices)
{
    const struct linear_site site = { .inputs = population->channels,
                                      .outputs = population->fan_out,
                                      .runs = 1,
                                      .spikes = n[COUNT_SPIKES],
                                      .steps = n[COUNT_STEPS] };
    double spiking[3], dense[3];
    lemaire_spiking(prices, &site, spiking);
    lemaire_dense(prices, &site, dense);
    for (int part = 0; part < 3; part++) {
        sum->lemaire_spiking[part] += spiking[part];
        sum->lemaire_dense[part] += dense[part];
    }
}

void cost_survey_add(struct survey_role *role, const struct recorded *run,
                     uint32_t index, const struct site_counters *site,
                     const int32_t *count, const struct energy_profile *prices)
{
    const struct population_info *population = &run->recording.population[index];
    const uint64_t *n = site->n;
    struct cost_counts *sum = &role->counts;
    double out = (double)population->fan_out, channels = (double)population->channels;
    double active = channels - (double)n[COUNT_SILENT];
    double scales = cost_survey_scales(run, population);
    double fetch = cost_survey_row(run, population);
    double steps = (double)n[COUNT_STEPS], bits = matched_bits(n[COUNT_STEPS]);

    sum->runs++;
    sum->macs += channels * out;
    sum->active_macs += active * out;
    sum->sop += (double)n[COUNT_SOP];
    sum->spikes += (double)n[COUNT_SPIKES];
    sum->neuron_steps += (double)population->size * steps;
    sum->updates += (double)n[COUNT_UPDATES];
    sum->active_updates += active * (double)population->size / channels * steps;
    sum->spike_bytes += (double)n[COUNT_SPIKE_BYTES];
    sum->row_bytes += (double)n[COUNT_ROW_BYTES];
    sum->dense_bytes += channels * fetch + scales;
    sum->line_bytes += active * CACHE_LINE * ceil(fetch / CACHE_LINE) + scales;
    sum->state_bytes += (double)n[COUNT_STATE_BYTES];
    sum->register_bytes += (double)n[COUNT_STATE_BYTES] -
                           (double)n[COUNT_SOP] * SUM_BYTES +
                           out * (double)groups_of(run, population) * SUM_BYTES;
    sum->bits += bits;
    sum->bit_macs += bits * channels * out;
    sum->steps += steps;
    sum->step_macs += steps * channels * out;
    add_lemaire(sum, population, n, prices);
    role->channel_runs += channels;
    role->silent += (double)n[COUNT_SILENT];
    if (count) {
        sum->block_bytes +=
            blocks_of(count, population->channels) * CACHE_LINE * fetch + scales;
        sum->effective += (double)effective_operations(count, population->channels,
                                                       NULL, population->fan_out);
    }
}

static void add_scaled(struct survey_role *to, const struct survey_role *from,
                       double factor)
{
    struct cost_counts *sum = &to->counts;
    const struct cost_counts *part = &from->counts;
    sum->runs += factor * part->runs;
    sum->macs += factor * part->macs;
    sum->effective += factor * part->effective;
    sum->active_macs += factor * part->active_macs;
    sum->sop += factor * part->sop;
    sum->spikes += factor * part->spikes;
    sum->neuron_steps += factor * part->neuron_steps;
    sum->spike_bytes += factor * part->spike_bytes;
    sum->row_bytes += factor * part->row_bytes;
    sum->dense_bytes += factor * part->dense_bytes;
    sum->line_bytes += factor * part->line_bytes;
    sum->block_bytes += factor * part->block_bytes;
    sum->state_bytes += factor * part->state_bytes;
    sum->register_bytes += factor * part->register_bytes;
    sum->bit_macs += factor * part->bit_macs;
    sum->bits += factor * part->bits;
    sum->steps += factor * part->steps;
    sum->step_macs += factor * part->step_macs;
    sum->updates += factor * part->updates;
    sum->active_updates += factor * part->active_updates;
    for (int i = 0; i < 3; i++) {
        sum->lemaire_spiking[i] += factor * part->lemaire_spiking[i];
        sum->lemaire_dense[i] += factor * part->lemaire_dense[i];
    }
    to->channel_runs += factor * from->channel_runs;
    to->silent += factor * from->silent;
}

/* The head counts for every token, as in run_totals_complete; and all roles together. */
static void complete_roles(struct cost_survey *survey, uint64_t tokens)
{
    for (size_t role = 0; role < survey->roles; role++) {
        struct survey_role *own = &survey->role[role], part = *own;
        double wanted = (double)tokens * own->populations;
        if (part.counts.runs > 0 && part.counts.runs < wanted)
            add_scaled(own, &part, wanted / part.counts.runs - 1);
        add_scaled(&survey->role[survey->roles], own, 1);
    }
}

struct survey_role survey_role_of(const struct recorded *run)
{
    struct survey_role role = { .populations = 0 };
    role.counts.spikes_multiply = spiking_event_cost(&run->settings).n[OP_ADD_I32] == 0;
    if (!run->recording.has_counts)
        role.counts.block_bytes = role.counts.effective = (double)NAN;
    return role;
}

/* Names of the roles, and the role of each population; roles beyond the room share the
 * last. */
static void find_roles(struct cost_survey *survey, const struct recorded *run,
                       size_t *role_of)
{
    for (size_t role = 0; role <= MAX_ROLES; role++)
        survey->role[role] = survey_role_of(run);
    for (uint32_t p = 0; p < run->recording.populations; p++) {
        const struct population_info *population = &run->recording.population[p];
        const char *name = population->role;
        size_t role = 0;
        while (role < survey->roles && strcmp(survey->role[role].role, name) != 0)
            role++;
        if (role == survey->roles && role < MAX_ROLES)
            memcpy(survey->role[survey->roles++].role, name,
                   sizeof survey->role[0].role);
        role_of[p] = role < MAX_ROLES ? role : MAX_ROLES - 1;
        survey->role[role_of[p]].populations++;
        survey->held_bytes +=
            (double)population->channels * cost_survey_row(run, population) +
            cost_survey_scales(run, population);
    }
    strcpy(survey->role[survey->roles].role, "all");
}

enum error_code cost_survey_make(struct cost_survey *survey, const struct recorded *run,
                                 const struct energy_profile *prices, struct error *err)
{
    const struct recording *recording = &run->recording;
    struct site_counters *site = calloc(recording->populations, sizeof *site);
    size_t *role_of = calloc(recording->populations, sizeof *role_of);
    int32_t *count = calloc(recording->channels + 1, sizeof *count);
    *survey = (struct cost_survey){ .has_counts = recording->has_counts };
    err->code = OK;
    if (!site || !role_of || !count)
        error_memory(err, "a survey", (double)recording->channels);
    else
        find_roles(survey, run, role_of);
    for (uint64_t token = 0; err->code == OK && token < recording->tokens; token++) {
        if (recording_read_counters(recording, token, 1, site, err) != OK ||
            (recording->has_counts &&
             recording_read_counts(recording, token, count, err) != OK))
            break;
        for (uint32_t p = 0; p < recording->populations; p++)
            if (!isnan(site[p].threshold))
                cost_survey_add(&survey->role[role_of[p]], run, p, &site[p],
                                recording->has_counts
                                    ? count + recording->population[p].first_channel
                                    : NULL,
                                prices);
    }
    if (err->code == OK) {
        complete_roles(survey, recording->tokens);
        if (recording->has_counts)
            cost_batches_count(survey, run, err);
    }
    free(site);
    free(role_of);
    free(count);
    return err->code;
}
