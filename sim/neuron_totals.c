/* See neuron_totals.h. A run adds some hundred thousand counts per token here, into
 * histograms larger than a cache. So tokens are held back, each tile of channels meets
 * HELD of them at once, and what they add goes to a histogram of 16 bits first. */
#include "sim/neuron_totals.h"

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
    struct arena *arena = &totals->arena;
    totals->encoder = arena_array(arena, populations, sizeof(const struct encoder *));
    totals->tokens_fired = arena_array(arena, channels, sizeof *totals->tokens_fired);
    totals->spikes = arena_array(arena, channels, sizeof *totals->spikes);
    totals->histogram =
        arena_array(arena, channels, COUNT_BINS * sizeof *totals->histogram);
    totals->recent = arena_array(arena, channels, COUNT_BINS * sizeof *totals->recent);
    totals->table = arena_array(arena, 1, sizeof *totals->table);
    totals->held = arena_array(arena, channels, HELD);
    totals->held_steps =
        arena_array(arena, populations, HELD * sizeof *totals->held_steps);
    if (!totals->encoder || !totals->tokens_fired || !totals->spikes ||
        !totals->histogram || !totals->recent || !totals->table || !totals->held ||
        !totals->held_steps)
        return error_memory(err, "the totals of neurons",
                            (double)channels * (COUNT_BINS + 2) * sizeof(uint64_t));
    for (uint32_t i = 0; derive && i < populations; i++) {
        const struct encoder *encoder = encoder_find(population[i].encoder);
        totals->encoder[i] = encoder && encoder->spikes ? encoder : NULL;
    }
    totals->table->encoder = totals->encoder[0];
    count_bin_bounds(totals->least);
    return OK;
}

void neuron_totals_release(struct neuron_totals *totals)
{
    arena_free(&totals->arena);
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

/* Adds to how many tokens of a tile each channel was in each bin. Sizes are held against
 * the bounds of the bins, all channels at once: byte by byte, as vectors do it. */
static void add_bins(const struct neuron_totals *totals, unsigned char size[HELD][TILE],
                     size_t tokens, size_t length, uint16_t *histogram)
{
    unsigned char reached[COUNT_BINS + 1][TILE] = { 0 };
    unsigned char largest = 0;
    memset(reached[0], (int)tokens, TILE);
    for (size_t token = 0; token < tokens; token++)
        for (size_t i = 0; i < TILE; i++)
            largest = size[token][i] > largest ? size[token][i] : largest;
    unsigned bins = 1;
    for (; bins < COUNT_BINS && totals->least[bins] <= largest; bins++)
        for (size_t token = 0; token < tokens; token++)
            for (size_t i = 0; i < TILE; i++)
                reached[bins][i] += size[token][i] >= totals->least[bins];
    for (size_t i = 0; i < length; i++)
        for (unsigned bin = 0; bin < COUNT_BINS; bin++)
            histogram[i * COUNT_BINS + bin] +=
                (uint16_t)(reached[bin][i] - reached[bin + 1][i]);
}

static void add_tile_spikes(struct neuron_totals *totals, const struct encoder *encoder,
                            const int8_t *count, uint64_t first, size_t length,
                            int32_t steps)
{
    uint64_t *spikes = totals->spikes + first;
    const uint16_t *table = spikes_of(totals->table, encoder, steps);
    for (size_t i = 0; table && i < length; i++)
        spikes[i] += table[(uint8_t)count[i]];
    if (!table)
        add_spikes(encoder, count, length, (unsigned)steps, spikes);
}

static void add_tile(struct neuron_totals *totals, uint32_t population, uint64_t first,
                     size_t length)
{
    const struct encoder *encoder = totals->encoder[population];
    unsigned char size[HELD][TILE] = { { 0 } };
    size_t tokens = 0;
    for (size_t token = 0; token < totals->holds; token++) {
        const int8_t *count = totals->held + token * totals->channels + first;
        const int32_t steps =
            totals->held_steps[token * totals->populations + population];
        if (steps == STEPS_NOT_RUN)
            continue;
        for (size_t i = 0; i < length; i++)
            size[tokens][i] = (unsigned char)(count[i] < 0 ? -count[i] : count[i]);
        tokens++;
        if (encoder)
            add_tile_spikes(totals, encoder, count, first, length, steps);
    }
    add_bins(totals, size, tokens, length, totals->recent + first * COUNT_BINS);
}

static void add_held(struct neuron_totals *totals, uint32_t population)
{
    const uint64_t first = totals->population[population].first_channel;
    const uint64_t end = first + totals->population[population].channels;
    for (uint64_t at = first; at < end; at += TILE)
        add_tile(totals, population, at, (size_t)(end - at < TILE ? end - at : TILE));
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

static void spill_recent(struct neuron_totals *totals)
{
    for (uint64_t i = 0; i < totals->channels * COUNT_BINS; i++)
        totals->histogram[i] += totals->recent[i];
    memset(totals->recent, 0,
           (size_t)totals->channels * COUNT_BINS * sizeof *totals->recent);
    totals->recent_tokens = 0;
}

static void add_all_held(struct neuron_totals *totals)
{
    const int threads = totals->threads > 1 ? totals->threads : 1;
    make_tables(totals);
#pragma omp parallel for num_threads(threads) schedule(dynamic)
    for (uint32_t i = 0; i < totals->populations; i++)
        add_held(totals, i);
    totals->recent_tokens += totals->holds;
    totals->holds = 0;
    if (totals->recent_tokens + HELD > UINT16_MAX)
        spill_recent(totals);
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
    spill_recent(totals);
    for (uint64_t channel = 0; channel < totals->channels; channel++) {
        const uint64_t *histogram = totals->histogram + channel * COUNT_BINS;
        totals->tokens_fired[channel] = 0;
        for (unsigned bin = 1; bin < COUNT_BINS; bin++)
            totals->tokens_fired[channel] += histogram[bin];
    }
}
