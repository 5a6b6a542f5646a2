/* See cost_survey.h. */
#include "experiments/cost_survey.h"

#include "lm/dense_projector.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

const unsigned survey_window[SURVEY_WINDOWS] = { 1, 8, 32 };

enum { SUM_BYTES = 8 }; /* a 32-bit sum, read and written */

struct pass {
    struct cost_survey *survey;
    const struct recorded *run;
    const struct energy_profile *prices;
    struct site_counters *site;           /* (populations) */
    int32_t *count;                       /* (channels), or NULL */
    unsigned char *spoke[SURVEY_WINDOWS]; /* (channels), in the window under way */
    unsigned char *ran[SURVEY_WINDOWS];   /* (populations), likewise */
};

static uint64_t groups_of(const struct recorded *run,
                          const struct population_info *population)
{
    uint64_t group = run->weight_group && run->weight_group < population->channels
                         ? run->weight_group
                         : population->channels;
    return group ? (population->channels + group - 1) / group : 0;
}

static double scale_bytes(const struct recorded *run,
                          const struct population_info *population)
{
    return (double)(groups_of(run, population) * population->fan_out * sizeof(float));
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

static void add_run(struct pass *pass, struct survey_role *role, uint32_t index)
{
    const struct population_info *population = &pass->run->recording.population[index];
    const uint64_t *n = pass->site[index].n;
    struct cost_counts *sum = &role->counts;
    double out = (double)population->fan_out, channels = (double)population->channels;
    double active = channels - (double)n[COUNT_SILENT];
    double scales = scale_bytes(pass->run, population);
    double bits = matched_bits(n[COUNT_STEPS]);

    sum->runs++;
    sum->macs += channels * out;
    sum->active_macs += active * out;
    sum->sop += (double)n[COUNT_SOP];
    sum->spikes += (double)n[COUNT_SPIKES];
    sum->neuron_steps += (double)population->size * (double)n[COUNT_STEPS];
    sum->spike_bytes += (double)n[COUNT_SPIKE_BYTES];
    sum->row_bytes += (double)n[COUNT_ROW_BYTES];
    sum->dense_bytes += channels * out + scales;
    sum->line_bytes += active * CACHE_LINE * ceil(out / CACHE_LINE) + scales;
    sum->state_bytes += (double)n[COUNT_STATE_BYTES];
    sum->register_bytes += (double)n[COUNT_STATE_BYTES] -
                           (double)n[COUNT_SOP] * SUM_BYTES +
                           out * (double)groups_of(pass->run, population) * SUM_BYTES;
    sum->bits += bits;
    sum->bit_macs += bits * channels * out;
    sum->steps += (double)n[COUNT_STEPS];
    role->channel_runs += channels;
    role->silent += (double)n[COUNT_SILENT];
    if (pass->count) {
        const int32_t *count = pass->count + population->first_channel;
        sum->block_bytes +=
            blocks_of(count, population->channels) * CACHE_LINE * out + scales;
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

/* The models of Lemaire et al. are linear in spikes, steps and runs, so sums will do. */
static void add_lemaire(struct pass *pass, struct survey_role *role, uint32_t index)
{
    const struct population_info *population = &pass->run->recording.population[index];
    const struct site_total *total = &pass->run->totals.site[index];
    const struct linear_site site = { .inputs = population->channels,
                                      .outputs = population->fan_out,
                                      .runs = total->tokens,
                                      .spikes = total->sum.n[COUNT_SPIKES],
                                      .steps = total->sum.n[COUNT_STEPS] };
    double spiking[3], dense[3];
    lemaire_spiking(pass->prices, &site, spiking);
    lemaire_dense(pass->prices, &site, dense);
    for (int part = 0; part < 3; part++) {
        role->counts.lemaire_spiking[part] += spiking[part];
        role->counts.lemaire_dense[part] += dense[part];
    }
    role->counts.updates += (double)total->sum.n[COUNT_UPDATES];
    role->counts.active_updates += (double)total->active_updates;
}

static void end_window(struct pass *pass, int w)
{
    const struct recording *recording = &pass->run->recording;
    struct window_counts *sum = &pass->survey->window[w];
    sum->windows++;
    for (uint32_t p = 0; p < recording->populations; p++) {
        const struct population_info *population = &recording->population[p];
        const unsigned char *spoke = pass->spoke[w] + population->first_channel;
        uint64_t active = 0;
        if (!pass->ran[w][p])
            continue;
        for (uint64_t channel = 0; channel < population->channels; channel++)
            active += spoke[channel];
        double scales = scale_bytes(pass->run, population);
        double channels = (double)population->channels,
               out = (double)population->fan_out;
        sum->channels += channels;
        sum->silent += channels - (double)active;
        sum->row_bytes += (double)active * out + scales;
        sum->dense_bytes += channels * out + scales;
    }
    memset(pass->spoke[w], 0, recording->channels);
    memset(pass->ran[w], 0, recording->populations);
}

static void add_to_windows(struct pass *pass, uint64_t token)
{
    const struct recording *recording = &pass->run->recording;
    for (int w = 0; w < SURVEY_WINDOWS; w++) {
        for (uint32_t p = 0; p < recording->populations; p++) {
            const struct population_info *population = &recording->population[p];
            if (isnan(pass->site[p].threshold))
                continue;
            pass->ran[w][p] = 1;
            for (uint64_t i = 0; i < population->channels; i++)
                pass->spoke[w][population->first_channel + i] |=
                    pass->count[population->first_channel + i] != 0;
        }
        if ((token + 1) % survey_window[w] == 0)
            end_window(pass, w);
    }
}

static enum error_code walk(struct pass *pass, const size_t *role_of, struct error *err)
{
    const struct recording *recording = &pass->run->recording;
    struct cost_survey *survey = pass->survey;
    for (uint64_t token = 0; token < recording->tokens; token++) {
        if (recording_read_counters(recording, token, 1, pass->site, err) != OK ||
            (pass->count &&
             recording_read_counts(recording, token, pass->count, err) != OK))
            return err->code;
        for (uint32_t p = 0; p < recording->populations; p++) {
            if (isnan(pass->site[p].threshold))
                continue;
            add_run(pass, &survey->role[role_of[p]], p);
        }
        if (pass->count)
            add_to_windows(pass, token);
    }
    complete_roles(survey, recording->tokens);
    for (uint32_t p = 0; p < recording->populations; p++) {
        add_lemaire(pass, &survey->role[role_of[p]], p);
        add_lemaire(pass, &survey->role[survey->roles], p);
    }
    return OK;
}

/* Fills names and the role of each population; roles beyond the room share the last. */
static void find_roles(struct cost_survey *survey, const struct recorded *run,
                       size_t *role_of)
{
    for (uint32_t p = 0; p < run->recording.populations; p++) {
        const char *name = run->recording.population[p].role;
        size_t role = 0;
        while (role < survey->roles && strcmp(survey->role[role].role, name) != 0)
            role++;
        if (role == survey->roles && role < MAX_ROLES)
            memcpy(survey->role[survey->roles++].role, name,
                   sizeof survey->role[0].role);
        role_of[p] = role < MAX_ROLES ? role : MAX_ROLES - 1;
        survey->role[role_of[p]].populations++;
    }
    strcpy(survey->role[survey->roles].role, "all");
    bool multiplies = spiking_event_cost(&run->settings).n[OP_ADD_I32] == 0;
    for (size_t role = 0; role <= survey->roles; role++) {
        survey->role[role].counts.spikes_multiply = multiplies;
        if (!survey->has_counts)
            survey->role[role].counts.block_bytes =
                survey->role[role].counts.effective = (double)NAN;
    }
}

static bool make_room(struct pass *pass, const struct recording *recording)
{
    bool good =
        (pass->site = calloc(recording->populations, sizeof *pass->site)) != NULL;
    if (!recording->has_counts || !good)
        return good;
    good = (pass->count = calloc(recording->channels, sizeof *pass->count)) != NULL;
    for (int w = 0; w < SURVEY_WINDOWS; w++) {
        pass->spoke[w] = calloc(recording->channels, 1);
        pass->ran[w] = calloc(recording->populations, 1);
        good = good && pass->spoke[w] && pass->ran[w];
    }
    return good;
}

enum error_code cost_survey_make(struct cost_survey *survey, const struct recorded *run,
                                 const struct energy_profile *prices, struct error *err)
{
    const struct recording *recording = &run->recording;
    struct pass pass = { .survey = survey, .run = run, .prices = prices };
    size_t *role_of = calloc(recording->populations, sizeof *role_of);
    *survey = (struct cost_survey){ .has_counts = recording->has_counts };
    err->code = OK;
    if (!role_of || !make_room(&pass, recording)) {
        error_memory(err, "a survey", (double)recording->channels);
    } else {
        find_roles(survey, run, role_of);
        walk(&pass, role_of, err);
    }
    for (int w = 0; w < SURVEY_WINDOWS; w++) {
        free(pass.spoke[w]);
        free(pass.ran[w]);
    }
    free(pass.count);
    free(pass.site);
    free(role_of);
    return err->code;
}
