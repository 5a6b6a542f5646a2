/* See scene_histogram.h. */
#include "viz/scene_histogram.h"

#include <stdlib.h>
#include <string.h>

enum { MOST_TOKENS = 500 }; /* a call: a quarter of a second */

static uint32_t magnitude(int32_t count)
{
    return count < 0 ? 0u - (uint32_t)count : (uint32_t)count;
}

static void add_counts(const struct scene *scene, const int32_t *count, uint64_t *bins)
{
    for (uint32_t i = 0; i < scene->recording.populations; i++) {
        const struct population_info *info = &scene->recording.population[i];
        uint64_t *row = bins + (size_t)i * COUNT_BINS;
        for (uint64_t c = 0; c < info->channels; c++) {
            uint32_t size = magnitude(count[info->first_channel + c]);
            row[size < 8 ? size
                         : count_bin(size > INT32_MAX ? INT32_MAX : (int32_t)size)]++;
        }
    }
}

static enum error_code add_tokens(const struct scene *scene, uint64_t from, uint64_t to,
                                  uint64_t *bins, struct error *err)
{
    size_t bytes = (size_t)scene->recording.channels * sizeof(int32_t);
    int32_t *count = malloc(bytes);
    if (!count)
        return error_memory(err, "counts", (double)bytes);
    enum error_code code = OK;
    for (uint64_t token = from; token < to && code == OK; token++) {
        code = recording_read_counts(&scene->recording, token, count, err);
        if (code == OK)
            add_counts(scene, count, bins);
    }
    free(count);
    return code;
}

static enum error_code take_totals(struct scene *scene, struct error *err)
{
    const struct recording *recording = &scene->recording;
    size_t bytes = (size_t)recording->channels * COUNT_BINS * sizeof(uint64_t);
    uint64_t *all = malloc(bytes);
    if (!all)
        return error_memory(err, "histograms", (double)bytes);
    enum error_code code = recording_read_totals(recording, NULL, NULL, all, err);
    memset(scene->histogram, 0,
           (size_t)recording->populations * COUNT_BINS * sizeof *scene->histogram);
    for (uint32_t i = 0; i < recording->populations && code == OK; i++) {
        const struct population_info *info = &recording->population[i];
        const uint64_t *row = all + info->first_channel * COUNT_BINS;
        for (uint64_t cell = 0; cell < info->channels * COUNT_BINS; cell++)
            scene->histogram[(size_t)i * COUNT_BINS + cell % COUNT_BINS] += row[cell];
    }
    free(all);
    return code;
}

enum error_code scene_histogram(struct scene *scene, struct error *err)
{
    const struct recording *recording = &scene->recording;
    uint64_t from = scene->histogram_tokens, to = scene->tokens;
    if (!recording->has_counts || recording->channels == 0)
        return OK;
    if (!scene->histogram)
        scene->histogram = calloc((size_t)recording->populations * COUNT_BINS,
                                  sizeof *scene->histogram);
    if (!scene->histogram)
        return error_memory(err, "histograms", 0);
    bool is_summed = !recording->is_live && recording->totals_tokens == to;
    if (!is_summed && to > from + MOST_TOKENS)
        to = from + MOST_TOKENS;
    enum error_code code = is_summed
                               ? take_totals(scene, err)
                               : add_tokens(scene, from, to, scene->histogram, err);
    if (code == OK)
        scene->histogram_tokens = to;
    return code;
}

enum error_code scene_token_histogram(const struct scene *scene, uint64_t token,
                                      uint64_t *bins, struct error *err)
{
    memset(bins, 0, (size_t)scene->recording.populations * COUNT_BINS * sizeof *bins);
    return add_tokens(scene, token, token + 1, bins, err);
}
