/* The parts of a recording that need no HDF5: bins, packing, expansion of counts. */
#include "sim/recording.h"
#include "sim/spike_list.h"

#include <math.h>
#include <stdlib.h>

unsigned count_bin(int32_t count)
{
    uint32_t size = count < 0 ? 0u - (uint32_t)count : (uint32_t)count;
    if (size < 8)
        return size;
    unsigned bin = 8;
    for (; size >= 16 && bin < COUNT_BINS - 1; size >>= 1)
        bin++;
    return bin;
}

void count_bin_bounds(unsigned char least[COUNT_BINS])
{
    for (int32_t size = -COUNT_BEYOND; size >= 0; size--)
        least[count_bin(size)] = (unsigned char)size;
}

/* The windows of the populations that ran. */
static enum error_code list_windows(const struct recording *recording,
                                    const struct site_counters *site,
                                    const int32_t *count, struct counted_window *window,
                                    size_t *windows, struct error *err)
{
    *windows = 0;
    for (uint32_t i = 0; i < recording->populations; i++) {
        const struct population_info *population = &recording->population[i];
        const struct encoder *encoder = encoder_find(population->encoder);
        if (isnan(site[i].threshold))
            continue;
        if (!encoder || !encoder->train)
            return error_set(err, ERR_ARGUMENT,
                             "population %s: code '%s' has no closed form; "
                             "record its spikes",
                             population->name, population->encoder);
        window[(*windows)++] =
            (struct counted_window){ population, encoder,
                                     count + population->first_channel,
                                     site[i].n[COUNT_STEPS] };
    }
    return OK;
}

static enum error_code expand_counts(const struct recording *recording, uint64_t token,
                                     struct spike_list *list, struct error *err)
{
    int32_t *count = malloc((size_t)recording->channels * sizeof *count);
    struct site_counters *site = malloc(recording->populations * sizeof *site);
    struct counted_window *window = malloc(recording->populations * sizeof *window);
    struct train_table trains = { 0 };
    size_t windows;
    if (!count || !site || !window)
        error_memory(err, "counts", (double)recording->channels * sizeof *count);
    else if (recording_read_counts(recording, token, count, err) == OK &&
             recording_read_counters(recording, token, 1, site, err) == OK &&
             list_windows(recording, site, count, window, &windows, err) == OK)
        spike_list_spell(list, &trains, window, windows, err);
    train_table_free(&trains);
    free(window);
    free(site);
    free(count);
    return err->code;
}

enum error_code recording_expand(const struct recording *recording, uint64_t token,
                                 struct recorded_spike **spike, size_t *length,
                                 struct error *err)
{
    struct spike_list list = { 0 };
    err->code = OK;
    *spike = NULL;
    *length = 0;
    if (recording->has_spikes) {
        if (recording_read_spikes(recording, token, NULL, &list.length, err) != OK)
            return err->code;
        list.at = malloc((list.length + 1) * sizeof *list.at);
        if (!list.at)
            return error_memory(err, "spikes", (double)list.length * sizeof *list.at);
        recording_read_spikes(recording, token, list.at, &list.length, err);
    } else {
        expand_counts(recording, token, &list, err);
    }
    if (err->code == OK) {
        *spike = list.at;
        *length = list.length;
        list.at = NULL;
    }
    spike_list_free(&list);
    return err->code;
}
