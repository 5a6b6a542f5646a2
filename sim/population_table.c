/* See population_table.h. */
#include "sim/population_table.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Appends "name=value " for every field; what does not fit is left out whole. */
static void describe(char *text, size_t room, const struct field *fields,
                     const double *value)
{
    for (size_t i = 0; fields && fields[i].name; i++) {
        char item[80];
        int length = snprintf(item, sizeof item, " %s=%g", fields[i].name, value[i]);
        if (length < 0 || strlen(text) + (size_t)length >= room)
            return;
        memcpy(text + strlen(text), item, (size_t)length + 1);
    }
}

static void describe_threshold(char *text, size_t room,
                               const struct threshold_rule *rule)
{
    if (rule->fixed > 0)
        snprintf(text, room, "fixed=%g", rule->fixed);
    else
        snprintf(text, room, "k=%g", rule->k);
    size_t used = strlen(text);
    snprintf(text + used, room - used, " dead_zone=%g group=%u", rule->dead_zone,
             (unsigned)rule->group);
}

static void fill(struct population_info *population, const struct site *site,
                 const struct spiking_settings *settings, size_t index)
{
    const struct threshold_rule *rule = settings->site_threshold
                                            ? &settings->site_threshold[index]
                                            : &settings->threshold;
    size_t room = sizeof population->parameters;
    snprintf(population->name, sizeof population->name, "%s", site->name);
    snprintf(population->role, sizeof population->role, "%s",
             site_role_name[site->role]);
    snprintf(population->neuron, sizeof population->neuron, "%s",
             settings->neuron->name);
    snprintf(population->encoder, sizeof population->encoder, "%s",
             settings->encoder->name);
    describe_threshold(population->parameters, room, rule);
    describe(population->parameters, room, settings->neuron->params,
             settings->neuron_param);
    describe(population->parameters, room, settings->encoder->params,
             settings->encoder_param);
    population->layer = site->layer;
    population->channels = site->inputs;
    population->size = (uint64_t)site->inputs * settings->encoder->neurons_per_channel;
    population->fan_out = site->outputs;
}

enum error_code population_table_init(struct population_table *table,
                                      const struct model *model,
                                      const struct spiking_settings *settings,
                                      struct error *err)
{
    *table = (struct population_table){ .sites = model->sites };
    table->population = calloc(model->sites, sizeof *table->population);
    table->of_site = malloc(model->sites * sizeof *table->of_site);
    if (!table->population || !table->of_site)
        return error_memory(err, "populations",
                            (double)model->sites * sizeof *table->population);
    for (uint32_t i = 0; i < model->sites; i++) {
        table->of_site[i] = -1;
        if (settings->spikes && !settings->spikes[i])
            continue;
        struct population_info *population = &table->population[table->populations];
        fill(population, &model->site[i], settings, i);
        population->first_node = table->neurons;
        population->first_channel = table->channels;
        table->neurons += population->size;
        table->channels += population->channels;
        table->of_site[i] = (int32_t)table->populations++;
    }
    return OK;
}

void population_table_release(struct population_table *table)
{
    free(table->population);
    free(table->of_site);
    *table = (struct population_table){ 0 };
}
