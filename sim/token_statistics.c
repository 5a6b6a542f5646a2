/* See token_statistics.h. */
#include "sim/token_statistics.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { BLOCK = 256, MOST_VOCABULARY = 1 << 24 };

/* Running sums of a pair, Welford's way: no mean is known before the end. */
struct pair_sums {
    uint64_t count;
    double mean_x, mean_y, xx, yy, xy;
};

static void pair_add(struct pair_sums *pair, double x, double y)
{
    pair->count++;
    double dx = x - pair->mean_x, dy = y - pair->mean_y;
    pair->mean_x += dx / (double)pair->count;
    pair->mean_y += dy / (double)pair->count;
    pair->xx += dx * (x - pair->mean_x);
    pair->yy += dy * (y - pair->mean_y);
    pair->xy += dx * (y - pair->mean_y);
}

static double pair_correlation(const struct pair_sums *pair)
{
    double spread = pair->xx * pair->yy;
    return spread > 0 ? pair->xy / sqrt(spread) : (double)NAN;
}

struct reading {
    const struct recording *recording;
    int32_t id[BLOCK];
    double log_probability[BLOCK];
    struct site_counters *site; /* (BLOCK, populations) */
    uint64_t *times;            /* (vocabulary): how often a token is in here */
    size_t vocabulary;
    uint64_t *ran; /* (populations): tokens that the site ran for */
    struct pair_sums surprisal_spikes, surprisal_silent;
    struct pair_sums frequency_spikes, frequency_silent;
};

static enum error_code grow(struct reading *reading, size_t vocabulary,
                            struct error *err)
{
    uint64_t *grown = realloc(reading->times, vocabulary * sizeof *grown);
    if (!grown)
        return error_memory(err, "a vocabulary", (double)vocabulary * sizeof *grown);
    memset(grown + reading->vocabulary, 0,
           (vocabulary - reading->vocabulary) * sizeof *grown);
    reading->times = grown;
    reading->vocabulary = vocabulary;
    return OK;
}

static uint64_t block_at(const struct recording *recording, uint64_t first)
{
    uint64_t left = recording->tokens - first;
    return left < BLOCK ? left : BLOCK;
}

static enum error_code count_ids(struct reading *reading, uint64_t *distinct,
                                 struct error *err)
{
    const struct recording *recording = reading->recording;
    struct token_column column = { .id = reading->id };
    for (uint64_t first = 0; first < recording->tokens; first += BLOCK) {
        uint64_t count = block_at(recording, first);
        if (recording_read_tokens(recording, first, count, &column, err) != OK)
            return err->code;
        for (uint64_t i = 0; i < count; i++) {
            if (reading->id[i] < 0 || reading->id[i] >= MOST_VOCABULARY)
                return error_set(err, ERR_FORMAT,
                                 "token %llu is number %d of a "
                                 "vocabulary",
                                 (unsigned long long)(first + i), (int)reading->id[i]);
            size_t id = (size_t)reading->id[i];
            if (id >= reading->vocabulary && grow(reading, 2 * id + 1, err) != OK)
                return err->code;
            *distinct += reading->times[id]++ == 0;
        }
    }
    return OK;
}

static void add_token(struct reading *reading, uint64_t token)
{
    const struct recording *recording = reading->recording;
    double spikes = 0, silent = 0, channels = 0;
    for (uint32_t i = 0; i < recording->populations; i++) {
        const struct site_counters *site =
            &reading->site[token * recording->populations + i];
        if (isnan(site->threshold))
            continue;
        reading->ran[i]++;
        spikes += (double)site->n[COUNT_SPIKES];
        silent += (double)site->n[COUNT_SILENT];
        channels += (double)recording->population[i].channels;
    }
    double frequency = log((double)reading->times[reading->id[token]]);
    double surprisal = -reading->log_probability[token] / log(2);
    pair_add(&reading->frequency_spikes, frequency, spikes);
    if (channels > 0)
        pair_add(&reading->frequency_silent, frequency, silent / channels);
    if (!isfinite(surprisal))
        return;
    pair_add(&reading->surprisal_spikes, surprisal, spikes);
    if (channels > 0)
        pair_add(&reading->surprisal_silent, surprisal, silent / channels);
}

static enum error_code correlate(struct reading *reading, struct error *err)
{
    const struct recording *recording = reading->recording;
    struct token_column column = { .id = reading->id,
                                   .log_probability = reading->log_probability };
    for (uint64_t first = 0; first < recording->tokens; first += BLOCK) {
        uint64_t count = block_at(recording, first);
        if (recording_read_tokens(recording, first, count, &column, err) != OK ||
            recording_read_counters(recording, first, count, reading->site, err) != OK)
            return err->code;
        for (uint64_t i = 0; i < count; i++)
            add_token(reading, i);
    }
    return OK;
}

static enum error_code read_shares(const struct reading *reading,
                                   struct firing_share *share, struct error *err)
{
    const struct recording *recording = reading->recording;
    uint64_t *fired = malloc((size_t)recording->channels * sizeof *fired);
    if (!fired)
        return error_memory(err, "totals of channels",
                            (double)recording->channels * sizeof *fired);
    recording_read_totals(recording, fired, NULL, NULL, err);
    for (uint32_t i = 0; i < recording->populations && err->code == OK; i++) {
        const struct population_info *population = &recording->population[i];
        double ran = (double)reading->ran[i];
        share[i].channels = population->channels;
        for (uint64_t c = 0; c < population->channels; c++) {
            double times = (double)fired[population->first_channel + c];
            share[i].dead += times == 0;
            share[i].rare += times < 0.01 * ran || times == 0;
            share[i].always += times > 0.99 * ran;
        }
    }
    free(fired);
    return err->code;
}

static void release(struct reading *reading)
{
    if (!reading)
        return;
    free(reading->site);
    free(reading->ran);
    free(reading->times);
    free(reading);
}

enum error_code token_statistics_read(struct token_statistics *statistics,
                                      const struct recording *recording,
                                      struct error *err)
{
    size_t populations = recording->populations;
    struct reading *reading = calloc(1, sizeof *reading);
    *statistics = (struct token_statistics){ .tokens = recording->tokens };
    err->code = OK;
    if (reading) {
        reading->recording = recording;
        reading->site = calloc(BLOCK * populations, sizeof *reading->site);
        reading->ran = calloc(populations, sizeof *reading->ran);
    }
    statistics->share = calloc(populations, sizeof *statistics->share);
    if (!reading || !reading->site || !reading->ran || !statistics->share) {
        error_memory(err, "statistics of tokens",
                     (double)BLOCK * (double)populations *
                         sizeof(struct site_counters));
        goto out;
    }
    if (count_ids(reading, &statistics->distinct, err) != OK ||
        correlate(reading, err) != OK)
        goto out;
    statistics->surprisal =
        (struct token_correlation){ reading->surprisal_spikes.count,
                                    pair_correlation(&reading->surprisal_spikes),
                                    pair_correlation(&reading->surprisal_silent) };
    statistics->frequency =
        (struct token_correlation){ reading->frequency_spikes.count,
                                    pair_correlation(&reading->frequency_spikes),
                                    pair_correlation(&reading->frequency_silent) };
    statistics->has_shares = recording->has_counts;
    if (recording->has_counts)
        read_shares(reading, statistics->share, err);
out:
    release(reading);
    return err->code;
}

void token_statistics_release(struct token_statistics *statistics)
{
    free(statistics->share);
    *statistics = (struct token_statistics){ 0 };
}
