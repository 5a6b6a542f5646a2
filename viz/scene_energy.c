/* See scene_energy.h. */
#include "viz/scene_energy.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

static const char prices[] = "horowitz-45nm";

/* Spikes and operations of token t, from its cells: of the sites that ran for it. */
static void add_counters(const struct scene *scene, uint64_t t, struct scene_sum *sum)
{
    uint32_t populations = scene->recording.populations;
    for (uint32_t i = 0; i < populations; i++) {
        const struct scene_cell *cell = &scene->cell[t * populations + i];
        const struct population_info *info = &scene->recording.population[i];
        sum->spikes += (double)cell->spikes;
        sum->sop += (double)cell->sop;
        if (!isnan(cell->threshold))
            sum->dense_macs += (double)info->channels * (double)info->fan_out;
    }
}

static void add_tokens(struct scene *scene, uint64_t from,
                       const struct token_energy *energy)
{
    for (uint64_t t = from; t < scene->tokens; t++) {
        struct scene_sum *sum = &scene->sum[t + 1];
        *sum = scene->sum[t];
        add_counters(scene, t, sum);
        for (int boundary = 0; boundary < BOUNDARIES; boundary++)
            for (int variant = 0; variant < VARIANTS; variant++)
                sum->nj[boundary][variant] +=
                    energy ? energy[t - from].pj[boundary][variant] / 1000
                           : (double)NAN;
        if (!energy)
            continue;
        scene->is_graded |= energy[t - from].spikes_multiply;
        sum->sop = scene->sum[t].sop + (double)energy[t - from].sop;
        sum->dense_macs =
            scene->sum[t].dense_macs + (double)energy[t - from].dense_macs;
    }
}

/* Why there are no prices is no reason not to look at the spikes. */
static bool find_prices(struct scene *scene, uint64_t from, struct token_energy *energy)
{
    struct energy_profile profile;
    struct error err = { 0 };
    if (energy_profile_find(&profile, prices, &err) == OK) {
        energy_of_tokens(&profile, &scene->recording, from, scene->tokens - from,
                         energy, &err);
        energy_profile_release(&profile);
    }
    snprintf(scene->profile, sizeof scene->profile, "%s", err.code == OK ? prices : "");
    snprintf(scene->unpriced, sizeof scene->unpriced, "%s",
             err.code == OK ? "" : err.text);
    return err.code == OK;
}

enum error_code scene_energy(struct scene *scene, uint64_t from_token,
                             struct error *err)
{
    if (!scene->has_counters)
        return OK;
    size_t rows = (size_t)scene->tokens + 1;
    size_t new = (size_t)(scene->tokens - from_token);
    struct scene_sum *sum = realloc(scene->sum, rows * sizeof *sum);
    if (!sum)
        return error_memory(err, "energies", (double)rows * sizeof *sum);
    scene->sum = sum;
    if (from_token == 0)
        sum[0] = (struct scene_sum){ 0 };
    struct token_energy *energy = malloc((new ? new : 1) * sizeof *energy);
    if (!energy)
        return error_memory(err, "energies", (double)new * sizeof *energy);
    bool is_priced = find_prices(scene, from_token, energy);
    add_tokens(scene, from_token, is_priced ? energy : NULL);
    free(energy);
    return OK;
}
