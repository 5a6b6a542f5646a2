/* See run_totals.h. */
#include "sim/run_totals.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum error_code run_totals_init(struct run_totals *totals,
                                const struct population_info *population,
                                uint32_t populations, struct error *err)
{
    *totals =
        (struct run_totals){ .population = population, .populations = populations };
    totals->site = calloc(populations ? populations : 1, sizeof *totals->site);
    if (!totals->site)
        return error_memory(err, "totals", (double)populations * sizeof *totals->site);
    count_bin_bounds(totals->least);
    return OK;
}

void run_totals_release(struct run_totals *totals)
{
    free(totals->site);
    *totals = (struct run_totals){ 0 };
}

static void add_counters(struct site_counters *sum, const struct site_counters *part)
{
    sum->threshold += part->threshold;
    for (unsigned counter = 0; counter < SITE_COUNTERS; counter++)
        sum->n[counter] += part->n[counter];
}

void run_totals_add(struct run_totals *totals, uint32_t population,
                    const struct site_counters *counters)
{
    const struct population_info *info = &totals->population[population];
    struct site_total *site = &totals->site[population];
    const uint64_t *n = counters->n;
    site->tokens++;
    add_counters(&site->sum, counters);
    if (info->channels > 0 && n[COUNT_SILENT] <= info->channels)
        site->active_updates += (info->channels - n[COUNT_SILENT]) *
                                (info->size / info->channels) * n[COUNT_STEPS];
}

void run_totals_add_counts(struct run_totals *totals, uint32_t population,
                           const struct kernel *kernel, const int32_t *count)
{
    kernel->add_histogram(totals->site[population].histogram, totals->least, COUNT_BINS,
                          count, (size_t)totals->population[population].channels);
}

void run_totals_set_histograms(struct run_totals *totals, const uint64_t *histogram)
{
    for (uint32_t i = 0; i < totals->populations; i++) {
        const struct population_info *population = &totals->population[i];
        const uint64_t *row = histogram + population->first_channel * COUNT_BINS;
        uint64_t *sum = totals->site[i].histogram;
        memset(sum, 0, sizeof totals->site[i].histogram);
        for (uint64_t channel = 0; channel < population->channels; channel++)
            for (unsigned bin = 0; bin < COUNT_BINS; bin++)
                sum[bin] += row[channel * COUNT_BINS + bin];
    }
}

void run_totals_add_token(struct run_totals *totals, const struct host_cost *host)
{
    totals->tokens++;
    if (!host)
        return;
    for (unsigned part = 0; part < HOST_PARTS; part++)
        op_count_add(&totals->host.ops[part], &host->ops[part], 1);
    totals->host.cache_bytes += host->cache_bytes;
    totals->host.weight_bytes += host->weight_bytes;
}

static void scale(uint64_t *value, double factor)
{
    *value = (uint64_t)llround((double)*value * factor);
}

enum error_code run_totals_complete(struct run_totals *complete,
                                    const struct run_totals *totals, struct error *err)
{
    if (run_totals_init(complete, totals->population, totals->populations, err) != OK)
        return err->code;
    complete->tokens = totals->tokens;
    complete->host = totals->host;
    for (uint32_t i = 0; i < totals->populations; i++) {
        struct site_total *site = &complete->site[i];
        *site = totals->site[i];
        if (site->tokens == 0 || site->tokens == totals->tokens)
            continue;
        double factor = (double)totals->tokens / (double)site->tokens;
        complete->scaled++;
        site->tokens = totals->tokens;
        site->sum.threshold *= factor;
        scale(&site->active_updates, factor);
        for (unsigned counter = 0; counter < SITE_COUNTERS; counter++)
            scale(&site->sum.n[counter], factor);
        for (unsigned bin = 0; bin < COUNT_BINS; bin++)
            scale(&site->histogram[bin], factor);
    }
    return OK;
}

static enum error_code read_histogram(struct run_totals *totals,
                                      const struct recording *recording,
                                      struct error *err)
{
    size_t bytes = (size_t)recording->channels * COUNT_BINS * sizeof(uint64_t);
    uint64_t *histogram = malloc(bytes);
    if (!histogram)
        return error_memory(err, "histograms", (double)bytes);
    enum error_code code = recording_read_totals(recording, NULL, NULL, histogram, err);
    if (code == OK)
        run_totals_set_histograms(totals, histogram);
    free(histogram);
    return code;
}

enum error_code run_totals_read(struct run_totals *totals,
                                const struct recording *recording, uint64_t first,
                                uint64_t count, struct error *err)
{
    struct host_cost host;
    struct site_counters *site = malloc(totals->populations * sizeof *site);
    if (!site)
        return error_memory(err, "counters",
                            (double)totals->populations * sizeof *site);
    err->code = OK;
    for (uint64_t token = first; token < first + count; token++) {
        if (recording_read_counters(recording, token, 1, site, err) != OK ||
            recording_read_host(recording, token, 1, &host, err) != OK)
            break;
        for (uint32_t i = 0; i < totals->populations; i++)
            if (!isnan(site[i].threshold))
                run_totals_add(totals, i, &site[i]);
        run_totals_add_token(totals, &host);
    }
    free(site);
    if (err->code == OK && recording->has_counts && first == 0 &&
        count == recording->tokens)
        read_histogram(totals, recording, err);
    return err->code;
}

static void add_site(struct role_total *role, const struct population_info *population,
                     const struct site_total *site)
{
    role->populations++;
    role->channel_tokens += population->channels * site->tokens;
    role->neuron_steps += population->size * site->sum.n[COUNT_STEPS];
    role->dense_operations += population->channels * population->fan_out * site->tokens;
    role->total.tokens += site->tokens;
    role->total.active_updates += site->active_updates;
    add_counters(&role->total.sum, &site->sum);
    for (unsigned bin = 0; bin < COUNT_BINS; bin++)
        role->total.histogram[bin] += site->histogram[bin];
}

size_t run_totals_roles(const struct run_totals *totals,
                        struct role_total role[MAX_ROLES], struct role_total *all)
{
    size_t roles = 0;
    struct role_total sum = { .role = "all" };
    for (uint32_t i = 0; i < totals->populations; i++) {
        const struct population_info *population = &totals->population[i];
        size_t at = 0;
        while (at < roles && strcmp(role[at].role, population->role) != 0)
            at++;
        if (at == roles && roles < MAX_ROLES)
            role[roles++] = (struct role_total){ .role = population->role };
        if (at < roles)
            add_site(&role[at], population, &totals->site[i]);
        add_site(&sum, population, &totals->site[i]);
    }
    if (all)
        *all = sum;
    return roles;
}
