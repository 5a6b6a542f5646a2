/* See neuron_totals.h. A run adds some hundred thousand counts per token here, into
 * histograms larger than a cache. So tokens are held back, and each stretch of channels
 * meets HELD of them at once. */
#include "sim/neuron_totals.h"

#include <stdlib.h>
#include <string.h>

enum { TABLE_STEPS = 64, TILE = 64, HELD = 32 };

struct spike_table {
    const struct encoder *encoder;
    bool is_made[TABLE_STEPS + 1];
    uint16_t spikes[TABLE_STEPS + 1][256];
};

enum error_code neuron_totals_init(struct neuron_totals *totals,
                                   const struct population_info *population,
                                   uint32_t populations, bool derive, struct error *err)
{
    *totals =
        (struct neuron_totals){ .population = population, .populations = populations };
    for (uint32_t i = 0; i < populations; i++)
        totals->channels += population[i].channels;
    size_t channels = (size_t)totals->channels;
    totals->encoder = calloc(populations, sizeof(const struct encoder *));
    totals->tokens_fired = calloc(channels, sizeof *totals->tokens_fired);
    totals->spikes = calloc(channels, sizeof *totals->spikes);
    totals->histogram = calloc(channels, COUNT_BINS * sizeof *totals->histogram);
    totals->table = calloc(1, sizeof *totals->table);
    totals->held = calloc(channels, HELD);
    totals->held_steps = calloc(populations, HELD * sizeof *totals->held_steps);
    if (!totals->encoder || !totals->tokens_fired || !totals->spikes ||
        !totals->histogram || !totals->table || !totals->held || !totals->held_steps)
        return error_memory(err, "the totals of neurons",
                            (double)channels * (COUNT_BINS + 2) * sizeof(uint64_t));
    for (uint32_t i = 0; derive && i < populations; i++) {
        const struct encoder *encoder = encoder_find(population[i].encoder);
        totals->encoder[i] = encoder && encoder->spikes ? encoder : NULL;
    }
    totals->table->encoder = totals->encoder[0];
    for (int32_t count = INT8_MIN; count <= INT8_MAX; count++)
        totals->bin[(uint8_t)count] = (unsigned char)count_bin(count);
    return OK;
}

void neuron_totals_release(struct neuron_totals *totals)
{
    free(totals->encoder);
    free(totals->tokens_fired);
    free(totals->spikes);
    free(totals->histogram);
    free(totals->table);
    free(totals->held);
    free(totals->held_steps);
    *totals = (struct neuron_totals){ 0 };
}

bool neuron_totals_derives(const struct neuron_totals *totals, uint32_t population)
{
    return totals->encoder[population] != NULL;
}

void neuron_totals_add(struct neuron_totals *totals, uint32_t population,
                       const int32_t *count, unsigned steps)
{
    const struct encoder *encoder = totals->encoder[population];
    uint64_t first = totals->population[population].first_channel;
    uint64_t *histogram = totals->histogram + first * COUNT_BINS;
    for (uint64_t i = 0; i < totals->population[population].channels; i++) {
        histogram[i * COUNT_BINS + count_bin(count[i])]++;
        if (encoder && count[i])
            totals->spikes[first + i] += encoder->spikes(count[i], steps);
    }
}

/* NULL: not tabulated. */
static const uint16_t *spikes_of(struct spike_table *table,
                                 const struct encoder *encoder, int32_t steps)
{
    if (encoder != table->encoder || steps > TABLE_STEPS)
        return NULL;
    uint16_t *row = table->spikes[steps];
    if (!table->is_made[steps]) {
        for (int32_t count = -INT8_MAX; count <= INT8_MAX; count++)
            if (count)
                row[(uint8_t)count] = (uint16_t)encoder->spikes(count, (unsigned)steps);
        table->is_made[steps] = true;
    }
    return row;
}

static void add_spikes(const struct encoder *encoder, const int8_t *count,
                       size_t length, unsigned steps, uint64_t *spikes)
{
    for (size_t i = 0; i < length; i++)
        if (count[i] && count[i] != COUNT_BEYOND)
            spikes[i] += encoder->spikes(count[i], steps);
}

/* One token's counts of a stretch of channels. */
static void add_stretch(struct neuron_totals *totals, const struct encoder *encoder,
                        const int8_t *count, uint64_t first, size_t length,
                        int32_t steps)
{
    uint64_t *histogram = totals->histogram + first * COUNT_BINS;
    uint64_t *spikes = totals->spikes + first;
    for (size_t i = 0; i < length; i++)
        histogram[i * COUNT_BINS + totals->bin[(uint8_t)count[i]]]++;
    if (!encoder)
        return;
    const uint16_t *table = spikes_of(totals->table, encoder, steps);
    for (size_t i = 0; table && i < length; i++)
        spikes[i] += table[(uint8_t)count[i]];
    if (!table)
        add_spikes(encoder, count, length, (unsigned)steps, spikes);
}

static void add_held(struct neuron_totals *totals, uint32_t population)
{
    const struct encoder *encoder = totals->encoder[population];
    uint64_t first = totals->population[population].first_channel;
    uint64_t end = first + totals->population[population].channels;
    for (uint64_t at = first; at < end; at += TILE) {
        size_t length = (size_t)(end - at < TILE ? end - at : TILE);
        for (size_t token = 0; token < totals->holds; token++) {
            int32_t steps =
                totals->held_steps[token * totals->populations + population];
            if (steps != STEPS_NOT_RUN)
                add_stretch(totals, encoder,
                            totals->held + token * totals->channels + at, at, length,
                            steps);
        }
    }
}

/* Threads find the tables made. */
static void make_tables(struct neuron_totals *totals)
{
    for (size_t i = 0; i < totals->holds * totals->populations; i++) {
        const struct encoder *encoder = totals->encoder[i % totals->populations];
        if (encoder && totals->held_steps[i] != STEPS_NOT_RUN)
            spikes_of(totals->table, encoder, totals->held_steps[i]);
    }
}

static void add_all_held(struct neuron_totals *totals)
{
    const int threads = totals->threads > 1 ? totals->threads : 1;
    make_tables(totals);
#pragma omp parallel for num_threads(threads) schedule(dynamic)
    for (uint32_t i = 0; i < totals->populations; i++)
        add_held(totals, i);
    totals->holds = 0;
}

void neuron_totals_put(struct neuron_totals *totals, const int8_t *packed,
                       const int32_t *steps)
{
    memcpy(totals->held + totals->holds * totals->channels, packed,
           (size_t)totals->channels);
    memcpy(totals->held_steps + totals->holds * totals->populations, steps,
           totals->populations * sizeof *steps);
    if (++totals->holds == HELD)
        add_all_held(totals);
}

/* Populations lie one behind another: the last that begins at or before the channel. */
static uint32_t population_of(const struct neuron_totals *totals, uint64_t channel)
{
    uint32_t first = 0, last = totals->populations - 1;
    while (first < last) {
        uint32_t middle = first + (last - first + 1) / 2;
        if (totals->population[middle].first_channel <= channel)
            first = middle;
        else
            last = middle - 1;
    }
    return first;
}

void neuron_totals_beyond(struct neuron_totals *totals, uint64_t channel, int32_t count,
                          const int32_t *steps)
{
    uint32_t population = population_of(totals, channel);
    const struct encoder *encoder = totals->encoder[population];
    if (encoder)
        totals->spikes[channel] += encoder->spikes(count, (unsigned)steps[population]);
}

void neuron_totals_settle(struct neuron_totals *totals)
{
    add_all_held(totals);
    for (uint64_t channel = 0; channel < totals->channels; channel++) {
        const uint64_t *histogram = totals->histogram + channel * COUNT_BINS;
        totals->tokens_fired[channel] = 0;
        for (unsigned bin = 1; bin < COUNT_BINS; bin++)
            totals->tokens_fired[channel] += histogram[bin];
    }
}
