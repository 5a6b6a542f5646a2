/* Prices of a recording's tokens one by one. What a site's operations depend on besides
 * its counters is read back from the recording: plug-ins and groups of thresholds from
 * its populations, the rest from its configuration text, by the names of the command's
 * options. */
#include "base/config_text.h"
#include "sim/energy.h"
#include "sim/work.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { BATCH = 64 };

struct pricing {
    const struct recording *recording;
    const struct energy_profile *profile;
    struct spiking_settings settings;
    struct weight_plan weights;
    struct run_totals totals;   /* of one token */
    struct run_totals ran;      /* of all tokens */
    struct site_counters *mean; /* (populations), where a site did not run */
    struct site_counters *site; /* (BATCH, populations) */
    struct host_cost host[BATCH];
};

static unsigned long whole(const struct config_text *config, const char *name)
{
    const char *text = config_text_find(config, name);
    return text ? strtoul(text, NULL, 10) : 0;
}

static enum error_code read_plugins(struct spiking_settings *settings,
                                    const struct population_info *population,
                                    struct error *err)
{
    settings->neuron = neuron_model_find(population->neuron);
    settings->encoder = encoder_find(population->encoder);
    if (!settings->neuron)
        return error_set(err, ERR_FORMAT, "population %s: no neuron model '%s' here",
                         population->name, population->neuron);
    if (!settings->encoder)
        return error_set(err, ERR_FORMAT, "population %s: no spike code '%s' here",
                         population->name, population->encoder);
    return OK;
}

/* Of thresholds only what coding costs by. */
static void read_threshold(struct threshold_rule *rule,
                           const struct config_text *config, const char *parameters)
{
    const char *fixed = config_text_find(config, "threshold");
    const char *dead_zone = config_text_find(config, "dead-zone");
    const char *group = strstr(parameters, " group=");
    *rule = threshold_default;
    rule->fixed = fixed ? strtod(fixed, NULL) : 0;
    rule->dead_zone = dead_zone ? strtod(dead_zone, NULL) : 0;
    if (config_text_find(config, "thresholds") && rule->dead_zone == 0)
        rule->dead_zone = DBL_MIN; /* rows may have one */
    rule->group = group ? (uint32_t)strtoul(group + strlen(" group="), NULL, 10) : 0;
}

static enum error_code read_settings(struct pricing *pricing, struct error *err)
{
    const struct recording *recording = pricing->recording;
    struct spiking_settings *settings = &pricing->settings;
    struct config_text config;
    if (read_plugins(settings, &recording->population[0], err) != OK)
        return err->code;
    if (config_text_parse(&config, recording->info.config,
                          strlen(recording->info.config), err) != OK)
        return error_wrap(err, "stored configuration");
    settings->window = (unsigned)whole(&config, "window");
    if (settings->window == 0 &&
        response_is_needed(settings->neuron, settings->encoder, 0))
        settings->window = RESPONSE_WINDOW;
    read_threshold(&settings->threshold, &config, recording->population[0].parameters);
    weight_plan_read(&pricing->weights, config_text_find(&config, "weights"),
                     config_text_find(&config, "head-weights"), err);
    config_text_release(&config);
    return err->code;
}

/* Means over the tokens for which a site ran; threshold NaN: none. */
static void find_means(struct pricing *pricing)
{
    const struct run_totals *ran = &pricing->ran;
    for (uint32_t i = 0; i < ran->populations; i++) {
        const struct site_total *site = &ran->site[i];
        double tokens = (double)site->tokens;
        pricing->mean[i].threshold = site->sum.threshold / tokens;
        for (int counter = 0; counter < SITE_COUNTERS && site->tokens > 0; counter++)
            pricing->mean[i].n[counter] =
                (uint64_t)llround((double)site->sum.n[counter] / tokens);
    }
}

/* Reading costs by the call, so tokens come in batches. */
static enum error_code read_batch(struct pricing *pricing, uint64_t first,
                                  uint64_t count, struct error *err)
{
    if (recording_read_counters(pricing->recording, first, count, pricing->site, err) ==
        OK)
        recording_read_host(pricing->recording, first, count, pricing->host, err);
    return err->code;
}

static enum error_code sum_up(struct pricing *pricing, struct error *err)
{
    const uint32_t populations = pricing->recording->populations;
    const uint64_t tokens = pricing->recording->tokens;
    for (uint64_t first = 0; first < tokens; first += BATCH) {
        uint64_t batch = tokens - first < BATCH ? tokens - first : BATCH;
        if (read_batch(pricing, first, batch, err) != OK)
            return err->code;
        for (uint64_t i = 0; i < batch * populations; i++)
            if (!isnan(pricing->site[i].threshold))
                run_totals_add(&pricing->ran, (uint32_t)(i % populations),
                               &pricing->site[i]);
    }
    find_means(pricing);
    return OK;
}

static void price_token(struct pricing *pricing, const struct site_counters *site,
                        const struct host_cost *host, struct token_energy *energy)
{
    struct run_totals *totals = &pricing->totals;
    struct work work;
    totals->tokens = 0;
    totals->host = (struct host_cost){ 0 };
    memset(totals->site, 0, totals->populations * sizeof *totals->site);
    for (uint32_t i = 0; i < totals->populations; i++) {
        const struct site_counters *own =
            isnan(site[i].threshold) ? &pricing->mean[i] : &site[i];
        if (!isnan(own->threshold))
            run_totals_add(totals, i, own);
    }
    run_totals_add_token(totals, host);

    work_of(&work, totals, &pricing->settings, &pricing->weights);
    energy->dense_macs = work.spiking_macs;
    energy->sop = work.spiking_sop;
    energy->spikes_multiply = work.spiking_sop > 0 && work.spike_additions == 0;
    for (int boundary = 0; boundary < BOUNDARIES; boundary++)
        for (int variant = 0; variant < VARIANTS; variant++)
            energy->pj[boundary][variant] =
                work_price_pj(&work, pricing->profile, variant, boundary);
}

static enum error_code price_tokens(struct pricing *pricing, uint64_t first,
                                    uint64_t count, struct token_energy *token,
                                    struct error *err)
{
    const uint32_t populations = pricing->recording->populations;
    if (sum_up(pricing, err) != OK)
        return err->code;
    for (uint64_t done = 0; done < count; done += BATCH) {
        uint64_t batch = count - done < BATCH ? count - done : BATCH;
        if (read_batch(pricing, first + done, batch, err) != OK)
            return err->code;
        for (uint64_t i = 0; i < batch; i++)
            price_token(pricing, pricing->site + i * populations, &pricing->host[i],
                        &token[done + i]);
    }
    return OK;
}

static enum error_code make_room(struct pricing *pricing, struct error *err)
{
    const struct recording *recording = pricing->recording;
    const size_t populations = recording->populations;
    pricing->site = malloc(populations * BATCH * sizeof *pricing->site);
    pricing->mean = calloc(populations, sizeof *pricing->mean);
    if (!pricing->site || !pricing->mean)
        return error_memory(err, "counters",
                            (double)populations * BATCH * sizeof *pricing->site);
    if (run_totals_init(&pricing->totals, recording->population, recording->populations,
                        err) == OK)
        run_totals_init(&pricing->ran, recording->population, recording->populations,
                        err);
    return err->code;
}

enum error_code energy_of_tokens(const struct energy_profile *profile,
                                 const struct recording *recording, uint64_t first,
                                 uint64_t count, struct token_energy *token,
                                 struct error *err)
{
    struct pricing pricing = { .recording = recording, .profile = profile };
    if (recording->channels == 0 || recording->populations == 0)
        return error_set(err, ERR_ARGUMENT,
                         "a network's recording has no tokens to price");
    err->code = OK;
    if (make_room(&pricing, err) == OK && read_settings(&pricing, err) == OK)
        price_tokens(&pricing, first, count, token, err);
    free(pricing.site);
    free(pricing.mean);
    run_totals_release(&pricing.totals);
    run_totals_release(&pricing.ran);
    return err->code;
}
