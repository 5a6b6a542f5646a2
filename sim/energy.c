/* Applying prices. Bytes are priced as whole and part accesses of the width the source
 * measured: bytes / access_bytes * price of an access. What the price of a synaptic
 * event includes is taken out of the rest, so that nothing is priced twice. */
#include "sim/energy.h"

#include <math.h>

static double price_ops(const struct energy_profile *profile,
                        const struct op_count *ops, struct energy_price *price)
{
    double sum = 0;
    bool any = false, any_priced = false;
    for (int kind = 0; kind < OP_KINDS; kind++) {
        if (ops->n[kind] == 0)
            continue;
        any = true;
        if (isnan(profile->op_pj[kind])) {
            price->unpriced_ops += ops->n[kind];
            price->unpriced_kind[kind] = true;
        } else {
            any_priced = true;
            sum += (double)ops->n[kind] * profile->op_pj[kind];
        }
    }
    return any && !any_priced ? (double)NAN : sum;
}

static double price_bytes(const struct energy_profile *profile, enum memory_level level,
                          uint64_t bytes, struct energy_price *price)
{
    if (bytes == 0)
        return 0;
    if (isnan(profile->access_pj[level])) {
        price->unpriced_memory = true;
        return (double)NAN;
    }
    return (double)bytes / profile->access_bytes * profile->access_pj[level];
}

static void take_out(struct op_count *ops, const struct op_count *part)
{
    for (int kind = 0; kind < OP_KINDS; kind++)
        ops->n[kind] -= part->n[kind];
}

/* Idle neurons cost what active ones do only where the source says so. */
static double price_updates(const struct energy_profile *profile,
                            const struct energy_work *work, struct energy_price *price)
{
    uint64_t idle = work->updates - work->active_updates;
    double sum = 0;
    if (work->updates == 0 || profile->event_includes[EVENT_UPDATES])
        return 0;
    if (isnan(profile->update_active_pj))
        price->unpriced_updates += work->active_updates;
    else
        sum += (double)work->active_updates * profile->update_active_pj;
    if (isnan(profile->update_idle_pj))
        price->unpriced_updates += idle;
    else
        sum += (double)idle * profile->update_idle_pj;
    return price->unpriced_updates == work->updates ? (double)NAN : sum;
}

static double price_sent(const struct energy_profile *profile,
                         const struct energy_work *work, struct energy_price *price)
{
    if (work->spikes == 0 || profile->event_includes[EVENT_SPIKES])
        return 0;
    if (!isnan(profile->spike_out_pj))
        return (double)work->spikes * profile->spike_out_pj;
    price->unpriced_spikes = work->spikes;
    return (double)NAN;
}

static double price_events(const struct energy_profile *profile,
                           const struct energy_work *work)
{
    uint64_t events = work->spike_additions;
    for (int kind = 0; kind < OP_KINDS; kind++)
        events += work->event_ops.n[kind];
    return (double)events * profile->synaptic_event_pj;
}

void energy_price(const struct energy_profile *profile, const struct energy_work *work,
                  struct energy_price *price)
{
    struct op_count ops = work->ops, additions = { { 0 } };
    uint64_t weight_bytes = work->weight_bytes, state_bytes = work->state_bytes;
    bool has_events = !isnan(profile->synaptic_event_pj);
    *price = (struct energy_price){ 0 };
    if (has_events) {
        take_out(&ops, &work->event_ops);
        price->spike_pj = price_events(profile, work);
        weight_bytes -= profile->event_includes[EVENT_WEIGHTS] ? work->event_bytes : 0;
        state_bytes = profile->event_includes[EVENT_STATE] ? 0 : state_bytes;
    } else {
        additions.n[profile->spike_op] = work->spike_additions;
        price->spike_pj = price_ops(profile, &additions, price);
    }
    if (has_events || !isnan(profile->update_active_pj)) {
        take_out(&ops, &work->update_ops);
        price->update_pj = price_updates(profile, work, price);
    }
    price->ops_pj = price_ops(profile, &ops, price);
    price->sent_pj = price_sent(profile, work, price);
    price->hop_pj = (double)work->spikes * profile->hop_pj;
    price->weight_pj = price_bytes(profile, profile->weight_level, weight_bytes, price);
    price->state_pj = price_bytes(profile, profile->state_level, state_bytes, price);
    price->cache_pj =
        price_bytes(profile, profile->cache_level, work->cache_bytes, price);

    const double part[] = { price->ops_pj,   price->spike_pj, price->weight_pj,
                            price->state_pj, price->cache_pj, price->update_pj,
                            price->sent_pj };
    for (size_t i = 0; i < sizeof part / sizeof part[0]; i++)
        if (!isnan(part[i]))
            price->total_pj += part[i];
}
