/* See work.h. */
#include "sim/work.h"

#include "lm/dense_projector.h"

#include <math.h>
#include <string.h>

const char *const boundary_name[BOUNDARIES] = {
    [BOUNDARY_SUMS] = "sums of spiking sites",
    [BOUNDARY_PROJECTIONS] = "all projections",
    [BOUNDARY_WEIGHTS] = "+ weight fetches",
    [BOUNDARY_STATE] = "+ neuron state",
    [BOUNDARY_TOKEN] = "whole token",
};

/* The dense networks at the same site, INT8 on the same weights; FP16 counts its multiply-accumulates alone. */
static void add_baselines(struct work *work, const struct site *site,
                          const struct weight_setting *weights, uint64_t tokens)
{
    struct dense_cost cost;
    dense_int8_cost(site, weights, &cost);
    struct energy_work *int8 = &work->projection[VARIANT_INT8];
    struct energy_work *fp16 = &work->projection[VARIANT_FP16];
    op_count_add(&int8->ops, &cost.ops, tokens);
    int8->weight_bytes += tokens * cost.weight_bytes;
    uint64_t macs = tokens * cost.ops.n[OP_MAC_I8_I32];
    fp16->ops.n[OP_MAC_F16] += macs;
    fp16->weight_bytes += 2 * macs;
    work->spiking_macs += macs;
}

static void add_population(struct work *work, const struct population_info *population,
                           const struct site_total *total,
                           const struct spiking_settings *settings,
                           const struct weight_plan *weights)
{
    bool is_head = strcmp(population->role, site_role_name[ROLE_HEAD]) == 0;
    const struct weight_setting *setting = weight_plan_get(weights, is_head);
    struct site site = { .inputs = (uint32_t)population->channels,
                         .outputs = (uint32_t)population->fan_out };
    struct weight_matrix shape =
        weight_matrix_shape(setting, site.inputs, site.outputs);
    struct energy_work *own = &work->projection[VARIANT_SPIKING];
    struct op_count ops;
    add_baselines(work, &site, setting, total->tokens);
    spiking_ops(settings, &site, &shape, &total->sum, total->tokens, &ops);
    const uint64_t *n = total->sum.n;
    uint64_t additions = spiking_event_cost(settings).n[OP_ADD_I32] * n[COUNT_SOP];
    ops.n[OP_ADD_I32] -= additions;
    op_count_add(&own->ops, &ops, 1);
    own->spike_additions += additions;
    own->weight_bytes += n[COUNT_ROW_BYTES];
    own->state_bytes += n[COUNT_STATE_BYTES];
    work->spiking_sop += n[COUNT_SOP];
    work->spike_additions += additions;

    struct op_count event = spiking_event_cost(settings);
    event.n[OP_ADD_I32] = 0;
    op_count_add(&own->event_ops, &event, n[COUNT_SOP]);
    op_count_add(&own->update_ops, &settings->neuron->cost, n[COUNT_UPDATES]);
    own->event_bytes += n[COUNT_ROW_BYTES];
    own->spikes += n[COUNT_SPIKES];
    own->updates += n[COUNT_UPDATES];
    own->active_updates += total->active_updates < n[COUNT_UPDATES]
                               ? total->active_updates
                               : n[COUNT_UPDATES];
}

/* Projections that do not spike are the same 8-bit products in the spiking network and
 * the INT8 one, and 16-bit ones in the FP16 one. */
static void add_dense_projections(struct work *work, const struct host_cost *host)
{
    const struct op_count *ops = &host->ops[HOST_PROJECTION];
    for (int v = VARIANT_SPIKING; v <= VARIANT_INT8; v++) {
        op_count_add(&work->projection[v].ops, ops, 1);
        work->projection[v].weight_bytes += host->weight_bytes;
    }
    struct energy_work *fp16 = &work->projection[VARIANT_FP16];
    fp16->ops.n[OP_MAC_F16] += ops->n[OP_MAC_I8_I32];
    fp16->weight_bytes += 2 * ops->n[OP_MAC_I8_I32];
}

void work_of(struct work *work, const struct run_totals *totals,
             const struct spiking_settings *settings, const struct weight_plan *weights)
{
    *work = (struct work){ .tokens = totals->tokens };
    for (uint32_t p = 0; p < totals->populations; p++)
        add_population(work, &totals->population[p], &totals->site[p], settings,
                       weights);
    add_dense_projections(work, &totals->host);
    for (int part = 0; part < HOST_PARTS; part++)
        if (part != HOST_PROJECTION)
            op_count_add(&work->host.ops, &totals->host.ops[part], 1);
    work->host.cache_bytes = totals->host.cache_bytes;

    work->all_operations = work->projection[VARIANT_FP16].ops.n[OP_MAC_F16];
    for (int kind = 0; kind < OP_KINDS; kind++)
        work->all_operations += work->host.ops.n[kind];
}

double work_event_driven_share(const struct work *work)
{
    return work->all_operations
               ? (double)work->spiking_macs / (double)work->all_operations
               : 0;
}

struct energy_work work_within(const struct work *work, enum variant variant,
                               enum boundary boundary)
{
    struct energy_work inside = { 0 };
    if (boundary == BOUNDARY_SUMS) {
        if (variant == VARIANT_INT8)
            inside.ops.n[OP_MAC_I8_I32] = work->spiking_macs;
        else if (variant == VARIANT_FP16)
            inside.ops.n[OP_MAC_F16] = work->spiking_macs;
        else if (work->spike_additions > 0)
            inside.spike_additions = work->spike_additions;
        else
            inside.ops.n[OP_MAC_I8_I32] = inside.event_ops.n[OP_MAC_I8_I32] =
                work->spiking_sop;
        return inside;
    }
    inside = work->projection[variant];
    if (boundary < BOUNDARY_WEIGHTS)
        inside.weight_bytes = inside.event_bytes = 0;
    if (boundary < BOUNDARY_STATE)
        inside.state_bytes = 0;
    if (boundary < BOUNDARY_TOKEN)
        return inside;
    op_count_add(&inside.ops, &work->host.ops, 1);
    inside.cache_bytes += work->host.cache_bytes;
    return inside;
}

double work_price_pj(const struct work *work, const struct energy_profile *profile,
                     enum variant variant, enum boundary boundary)
{
    struct energy_work sums = work_within(work, variant, BOUNDARY_SUMS);
    struct energy_work inside = work_within(work, variant, boundary);
    struct energy_price core, cost;
    energy_price(profile, &sums, &core);
    energy_price(profile, &inside, &cost);
    bool is_partial = core.unpriced_ops || cost.unpriced_kind[OP_MAC_I8_I32] ||
                      cost.unpriced_kind[OP_MAC_F16];
    return cost.unpriced_memory || is_partial ? (double)NAN : cost.total_pj;
}
