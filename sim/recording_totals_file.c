/* The totals of every channel: as the run left them, or summed anew from the counts. */
#include "sim/neuron_totals.h"
#include "sim/population_check.h"
#include "sim/recording_handle_file.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static enum error_code read_total(const struct recording *recording, const char *path,
                                  hsize_t width, uint64_t *rows, struct error *err)
{
    hid_t dataset = H5Dopen2(recording->file->file, path, H5P_DEFAULT);
    if (dataset < 0)
        return hdf5_error(err, ERR_FORMAT, "no dataset %s", path);
    if (handle_rows(dataset) != recording->channels)
        error_set(err, ERR_FORMAT, "%s: expected %llu rows, found %llu", path,
                  (unsigned long long)recording->channels,
                  (unsigned long long)handle_rows(dataset));
    else
        handle_read_rows(dataset, H5T_NATIVE_UINT64, 0, recording->channels, width,
                         rows, path, err);
    H5Dclose(dataset);
    return err->code;
}

static enum error_code read_totals(const struct recording *recording,
                                   const struct neuron_totals *totals,
                                   struct error *err)
{
    if (read_total(recording, "by_neuron/spikes", 0, totals->spikes, err) != OK)
        return err->code;
    return read_total(recording, "by_neuron/count_histogram", COUNT_BINS,
                      totals->histogram, err);
}

/* Codes without closed form keep the spikes that stand in the file. */
static void clear_totals(const struct recording *recording,
                         struct neuron_totals *totals)
{
    memset(totals->histogram, 0,
           (size_t)recording->channels * COUNT_BINS * sizeof *totals->histogram);
    for (uint32_t i = 0; i < recording->populations; i++) {
        const struct population_info *population = &recording->population[i];
        if (neuron_totals_derives(totals, i))
            memset(totals->spikes + population->first_channel, 0,
                   (size_t)population->channels * sizeof *totals->spikes);
    }
}

static enum error_code add_token(const struct recording *recording,
                                 struct neuron_totals *totals, const int32_t *count,
                                 const struct site_counters *site, struct error *err)
{
    for (uint32_t i = 0; i < recording->populations; i++) {
        const struct population_info *population = &recording->population[i];
        const int32_t *own = count + population->first_channel;
        const uint64_t steps = site[i].n[COUNT_STEPS];
        if (isnan(site[i].threshold))
            continue;
        if (neuron_totals_derives(totals, i) &&
            population_check_counts(population, encoder_find(population->encoder), own,
                                    steps, err) != OK)
            return err->code;
        neuron_totals_add(totals, i, own, (unsigned)steps);
    }
    return OK;
}

static enum error_code sum_anew(const struct recording *recording,
                                struct neuron_totals *totals, struct error *err)
{
    size_t channels = (size_t)recording->channels;
    int32_t *count = malloc(channels * sizeof *count);
    struct site_counters *site = malloc(recording->populations * sizeof *site);
    if (!count || !site)
        error_memory(err, "counts", (double)channels * sizeof *count);
    clear_totals(recording, totals);
    for (uint64_t token = 0; token < recording->tokens && err->code == OK; token++) {
        if (recording_read_counts(recording, token, count, err) != OK ||
            recording_read_counters(recording, token, 1, site, err) != OK)
            break;
        add_token(recording, totals, count, site, err);
    }
    free(site);
    free(count);
    return err->code;
}

enum error_code recording_read_totals(const struct recording *recording,
                                      uint64_t *tokens_fired, uint64_t *spikes,
                                      uint64_t *histogram, struct error *err)
{
    struct neuron_totals totals = { 0 };
    err->code = OK;
    if (!recording->has_counts)
        return error_set(err, ERR_ARGUMENT, "%s: holds no counts",
                         recording->file->path);
    if (neuron_totals_init(&totals, recording->population, recording->populations, true,
                           err) != OK ||
        read_totals(recording, &totals, err) != OK)
        goto out;
    if (recording->totals_tokens != recording->tokens &&
        sum_anew(recording, &totals, err) != OK)
        goto out;
    size_t bytes = (size_t)recording->channels * sizeof(uint64_t);
    neuron_totals_settle(&totals);
    if (tokens_fired)
        memcpy(tokens_fired, totals.tokens_fired, bytes);
    if (spikes)
        memcpy(spikes, totals.spikes, bytes);
    if (histogram)
        memcpy(histogram, totals.histogram, bytes * COUNT_BINS);
out:
    neuron_totals_release(&totals);
    return err->code == OK ? OK : error_wrap(err, "%s", recording->file->path);
}
