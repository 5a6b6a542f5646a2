/* Applying prices. Bytes are priced as whole and part accesses of the width the source
 * measured: bytes / access_bytes * price of an access. */
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

void energy_price(const struct energy_profile *profile, const struct energy_work *work,
                  struct energy_price *price)
{
    struct op_count additions = { { 0 } };
    additions.n[profile->spike_op] = work->spike_additions;
    *price = (struct energy_price){ 0 };
    price->ops_pj = price_ops(profile, &work->ops, price);
    price->spike_pj = price_ops(profile, &additions, price);
    price->weight_pj =
        price_bytes(profile, profile->weight_level, work->weight_bytes, price);
    price->state_pj =
        price_bytes(profile, profile->state_level, work->state_bytes, price);
    price->cache_pj =
        price_bytes(profile, profile->cache_level, work->cache_bytes, price);

    const double part[] = { price->ops_pj, price->spike_pj, price->weight_pj,
                            price->state_pj, price->cache_pj };
    for (size_t i = 0; i < sizeof part / sizeof part[0]; i++)
        if (!isnan(part[i]))
            price->total_pj += part[i];
}
