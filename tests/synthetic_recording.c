/* See synthetic_recording.h. */
#include "tests/synthetic_recording.h"

#include "encoders/encoder.h"
#include "sim/spike_list.h"

#include <hdf5.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void add_population(struct synthetic *synthetic, const char *name,
                           const char *role, int32_t layer, uint64_t channels,
                           const struct encoder *code)
{
    struct recording_plan *plan = &synthetic->plan;
    struct population_info *population = &synthetic->population[plan->populations++];
    snprintf(population->name, sizeof population->name, "%s", name);
    snprintf(population->role, sizeof population->role, "%s", role);
    snprintf(population->neuron, sizeof population->neuron, "if");
    snprintf(population->encoder, sizeof population->encoder, "%s", code->name);
    snprintf(population->parameters, sizeof population->parameters, "k=3");
    population->layer = layer;
    population->channels = channels;
    population->size = channels * code->neurons_per_channel;
    population->fan_out = 2 * channels + 1;
    population->first_node = plan->neurons;
    population->first_channel = plan->channels;
    plan->neurons += population->size;
    plan->channels += channels;
}

bool synthetic_init(struct synthetic *synthetic, const char *encoder, uint32_t channels,
                    bool counts, bool spikes)
{
    static char command[] = "lucciola run -p \"firefly\"",
                config[] = "k = 3\nseed = 42\n";
    *synthetic = (struct synthetic){ .plan = { .counts = counts, .spikes = spikes } };
    const struct encoder *code = encoder_find(encoder);
    struct recording_info *info = &synthetic->plan.info;
    strcpy(info->version, "0.1");
    strcpy(info->engine, "counts");
    strcpy(info->model, "synthetic");
    info->command = command;
    info->config = config;
    info->seed = 42;
    info->threads = 2;
    info->sequences = 1;
    info->model_size = 123456789012u;
    info->model_modified = -5;
    info->dt_ms = 1;
    add_population(synthetic, "L00.attn_in", "attn_in", 0, channels, code);
    add_population(synthetic, "L00.ffn_down", "ffn_down", 0, 2 * channels + 3, code);
    add_population(synthetic, "L01.attn_in", "attn_in", 1, channels, code);
    add_population(synthetic, "head", "head", -1, channels + 1, code);
    synthetic->plan.population = synthetic->population;
    synthetic->random = gsl_rng_alloc(gsl_rng_mt19937);
    synthetic->count = calloc(synthetic->plan.channels, sizeof *synthetic->count);
    synthetic->packed = calloc(synthetic->plan.channels, 1);
    return synthetic->random && synthetic->count && synthetic->packed;
}

void synthetic_release(struct synthetic *synthetic)
{
    gsl_rng_free(synthetic->random);
    free(synthetic->count);
    free(synthetic->packed);
}

/* Mostly silent, a few small counts, and now and then one beyond int8. */
static int32_t random_count(gsl_rng *random)
{
    unsigned long draw = gsl_rng_uniform_int(random, 1000);
    if (draw < 600)
        return 0;
    if (draw < 999)
        return (int32_t)gsl_rng_uniform_int(random, 9) - 4;
    return (int32_t)gsl_rng_uniform_int(random, 600) - 300;
}

static void next_site(struct synthetic *synthetic, uint32_t index)
{
    const struct population_info *population = &synthetic->population[index];
    const struct encoder *code = encoder_find(population->encoder);
    struct site_counters *site = &synthetic->site[index];
    int32_t *count = synthetic->count + population->first_channel, low = 0, high = 0;
    *site = (struct site_counters){ .threshold = 0.125 * (double)(index + 1) };
    for (uint64_t i = 0; i < population->channels; i++) {
        count[i] = synthetic->overflows < 60 ? random_count(synthetic->random) : 0;
        low = count[i] < low ? count[i] : low;
        high = count[i] > high ? count[i] : high;
        site->n[COUNT_SILENT] += count[i] == 0;
        site->n[COUNT_MAGNITUDE] += (uint64_t)abs(count[i]);
        if (abs(count[i]) > INT8_MAX)
            synthetic->overflow[synthetic->overflows++] =
                (struct recorded_overflow){ synthetic->tokens,
                                            population->first_channel + i, count[i] };
    }
    unsigned steps = code->steps(low, high);
    for (uint64_t i = 0; i < population->channels; i++)
        site->n[COUNT_SPIKES] += count[i] ? code->spikes(count[i], steps) : 0;
    site->n[COUNT_STEPS] = steps;
    site->n[COUNT_SOP] = site->n[COUNT_SPIKES] * population->fan_out;
    site->n[COUNT_UPDATES] = steps * population->size;
    synthetic->steps = steps > synthetic->steps ? steps : synthetic->steps;
}

void synthetic_next(struct synthetic *synthetic)
{
    gsl_rng_set(synthetic->random, synthetic->tokens + 1);
    memset(synthetic->count, 0, synthetic->plan.channels * sizeof *synthetic->count);
    synthetic->overflows = 0;
    synthetic->steps = 0;
    synthetic->id = (int32_t)(synthetic->tokens * 7 % 50000);
    for (uint32_t i = 0; i < synthetic->plan.populations; i++) {
        bool is_head = i + 1 == synthetic->plan.populations;
        if (is_head && synthetic->drops_head && synthetic->tokens % 2)
            synthetic->site[i] = (struct site_counters){ .threshold = (double)NAN };
        else
            next_site(synthetic, i);
    }
    kernels[0]->pack_counts(synthetic->count, synthetic->plan.channels,
                            synthetic->packed);
    synthetic->host.cache_bytes = 1000 * synthetic->tokens;
    synthetic->host.weight_bytes = 77 + synthetic->tokens;
    for (int part = 0; part < HOST_PARTS; part++)
        for (int kind = 0; kind < OP_KINDS; kind++)
            synthetic->host.ops[part].n[kind] =
                synthetic->tokens + 100u * (unsigned)part + (unsigned)kind;
    synthetic->tokens++;
}

static enum error_code spell(const struct synthetic *synthetic,
                             struct train_table *trains, struct spike_list *list,
                             struct error *err)
{
    struct counted_window window[4];
    for (uint32_t i = 0; i < synthetic->plan.populations; i++) {
        const struct population_info *population = &synthetic->population[i];
        window[i] =
            (struct counted_window){ population, encoder_find(population->encoder),
                                     synthetic->count + population->first_channel,
                                     synthetic->site[i].n[COUNT_STEPS] };
    }
    return spike_list_spell(list, trains, window, synthetic->plan.populations, err);
}

enum error_code synthetic_append(struct synthetic *synthetic,
                                 struct recording_writer *writer, uint64_t tokens,
                                 struct error *err)
{
    struct spike_list list = { 0 };
    struct train_table trains = { 0 };
    err->code = OK;
    for (uint64_t i = 0; i < tokens && err->code == OK; i++) {
        synthetic_next(synthetic);
        uint32_t sequence = 0, position = (uint32_t)(synthetic->tokens - 1);
        char text[32];
        uint64_t length = (uint64_t)snprintf(text, sizeof text, " t%u", position),
                 spikes;
        double log_probability = position ? -0.5 * position : (double)NAN;
        if (synthetic->plan.spikes && spell(synthetic, &trains, &list, err) != OK)
            break;
        spikes = list.length;
        const struct token_batch batch = {
            .tokens = 1,
            .id = &synthetic->id,
            .kind = (const unsigned char[]){ position > 2 },
            .sequence = &sequence,
            .position = &position,
            .steps = &synthetic->steps,
            .log_probability = &log_probability,
            .text = text,
            .text_length = &length,
            .site = synthetic->site,
            .host = &synthetic->host,
            .count = synthetic->packed,
            .overflow = synthetic->overflow,
            .overflows = synthetic->overflows,
            .spike = list.at,
            .spike_length = &spikes,
        };
        recording_append(writer, &batch, err);
    }
    train_table_free(&trains);
    spike_list_free(&list);
    return err->code;
}

enum error_code synthetic_write(const char *path, const char *encoder,
                                uint32_t channels, uint64_t tokens, bool counts,
                                bool spikes, struct error *err)
{
    struct synthetic synthetic;
    struct recording_writer *writer = NULL;
    if (!synthetic_init(&synthetic, encoder, channels, counts, spikes))
        error_memory(err, "a synthetic recording", channels);
    else if (recording_create(&writer, path, &synthetic.plan, err) == OK) {
        synthetic_append(&synthetic, writer, tokens, err);
        struct error closing = { 0 };
        if (recording_close(writer, RECORDING_FINISHED, "abc", &closing) != OK)
            *err = closing;
    }
    synthetic_release(&synthetic);
    return err->code;
}

bool synthetic_spoil(const char *path, const char *dataset, uint64_t row,
                     uint64_t value)
{
    const hsize_t at[2] = { row, 0 }, one[2] = { 1, 1 };
    const hid_t file = H5Fopen(path, H5F_ACC_RDWR, H5P_DEFAULT);
    const hid_t set = H5Dopen2(file, dataset, H5P_DEFAULT);
    const hid_t space = H5Dget_space(set), memory = H5Screate_simple(1, one, NULL);
    const bool is_written =
        H5Sselect_hyperslab(space, H5S_SELECT_SET, at, NULL, one, NULL) >= 0 &&
        H5Dwrite(set, H5T_NATIVE_UINT64, memory, space, H5P_DEFAULT, &value) >= 0;
    H5Sclose(memory);
    H5Sclose(space);
    H5Dclose(set);
    return H5Fclose(file) >= 0 && is_written;
}
