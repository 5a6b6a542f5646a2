/* Which rows of weights several sequences at once would have to fetch: those of channels
 * that speak in any of them. See cost_survey.h for what stands in for a sequence. */
#include "experiments/cost_survey.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

const unsigned batch_size[BATCH_SIZES] = { 1, 8, 32 };

struct gathering {
    const struct recorded *run;
    struct site_counters *site; /* (populations) */
    int32_t *count;             /* (channels) */
    unsigned char *spoke;       /* (channels), in the batch under way */
    unsigned char *ran;         /* (populations), likewise */
};

static enum error_code gather(struct gathering *g, uint64_t token, struct error *err)
{
    const struct recording *recording = &g->run->recording;
    if (recording_read_counters(recording, token, 1, g->site, err) != OK ||
        recording_read_counts(recording, token, g->count, err) != OK)
        return err->code;
    for (uint32_t p = 0; p < recording->populations; p++) {
        const struct population_info *population = &recording->population[p];
        if (isnan(g->site[p].threshold))
            continue;
        g->ran[p] = 1;
        for (uint64_t i = population->first_channel;
             i < population->first_channel + population->channels; i++)
            g->spoke[i] |= g->count[i] != 0;
    }
    return OK;
}

static void end_batch(struct gathering *g, struct batch_counts *sum)
{
    const struct recording *recording = &g->run->recording;
    sum->batches++;
    for (uint32_t p = 0; p < recording->populations; p++) {
        const struct population_info *population = &recording->population[p];
        const unsigned char *spoke = g->spoke + population->first_channel;
        uint64_t active = 0;
        if (!g->ran[p])
            continue;
        for (uint64_t channel = 0; channel < population->channels; channel++)
            active += spoke[channel];
        double scales = cost_survey_scales(g->run, population);
        double channels = (double)population->channels;
        double row = cost_survey_row(g->run, population);
        sum->channels += channels;
        sum->silent += channels - (double)active;
        sum->row_bytes += (double)active * row + scales;
        sum->dense_bytes += channels * row + scales;
    }
    memset(g->spoke, 0, recording->channels);
    memset(g->ran, 0, recording->populations);
}

/* Batches of one token of each of `size` windows of `length` tokens. */
static enum error_code count_batches(struct gathering *g, uint64_t windows,
                                     uint64_t length, unsigned size,
                                     struct batch_counts *sum, struct error *err)
{
    for (uint64_t first = 0; first + size <= windows; first += size)
        for (uint64_t position = 0; position < length; position++) {
            for (uint64_t window = first; window < first + size; window++)
                if (gather(g, window * length + position, err) != OK)
                    return err->code;
            end_batch(g, sum);
        }
    return OK;
}

/* Windows of equal length, one behind another, each from position 0; 0: it is no scored
 * text. */
static enum error_code find_windows(const struct recording *recording,
                                    uint64_t *windows, uint64_t *length,
                                    struct error *err)
{
    uint64_t tokens = recording->tokens;
    uint32_t *position = calloc(tokens, sizeof *position);
    struct token_column column = { .position = position };
    *windows = *length = 0;
    if (!position)
        return error_memory(err, "positions", (double)tokens * sizeof *position);
    if (recording_read_tokens(recording, 0, tokens, &column, err) == OK) {
        uint64_t token = 0;
        while (*length < tokens && (*length == 0 || position[*length] > 0))
            ++*length;
        while (token < tokens && position[token] == token % *length)
            token++;
        *windows = token / *length;
    }
    free(position);
    return err->code;
}

enum error_code cost_batches_count(struct cost_survey *survey,
                                   const struct recorded *run, struct error *err)
{
    const struct recording *recording = &run->recording;
    struct gathering g = {
        .run = run,
        .site = calloc(recording->populations, sizeof *g.site),
        .count = calloc(recording->channels, sizeof *g.count),
        .spoke = calloc(recording->channels, 1),
        .ran = calloc(recording->populations, 1),
    };
    uint64_t windows, length;
    err->code = OK;
    if (!g.site || !g.count || !g.spoke || !g.ran)
        error_memory(err, "batches", (double)recording->channels);
    else if (find_windows(recording, &windows, &length, err) == OK)
        for (int size = 0; size < BATCH_SIZES && err->code == OK; size++) {
            struct batch_counts *near = &survey->batch[BATCH_NEIGHBOURS][size];
            struct batch_counts *far = &survey->batch[BATCH_WINDOWS][size];
            if (count_batches(&g, recording->tokens, 1, batch_size[size], near, err) ==
                    OK &&
                batch_size[size] > 1 && length > 1)
                count_batches(&g, windows, length, batch_size[size], far, err);
        }
    free(g.site);
    free(g.count);
    free(g.spoke);
    free(g.ran);
    return err->code;
}
