/* See cost_model.h. */
#include "sim/cost_model.h"

#include <math.h>
#include <string.h>

static const double word_bytes = 4; /* Lemaire's numbers have 32 bits */

static double fetch(const struct energy_profile *profile, double bytes)
{
    return bytes / profile->access_bytes * profile->access_pj[profile->weight_level];
}

/* An 8-bit multiply-accumulate with an 8-bit or a 32-bit sum. */
static double mac_i8(const struct energy_profile *profile, bool narrow)
{
    return narrow ? profile->only_pj[PRICED_MULTIPLY_I8] + profile->op_pj[OP_ADD_I8]
                  : profile->op_pj[OP_MAC_I8_I32];
}

static double addition(const struct energy_profile *profile, bool narrow)
{
    return profile->op_pj[narrow ? OP_ADD_I8 : OP_ADD_I32];
}

/* Spikes at their targets. */
static double spikes(const struct energy_profile *profile, const struct cost_counts *n,
                     bool narrow)
{
    return n->sop *
           (n->spikes_multiply ? mac_i8(profile, narrow) : addition(profile, narrow));
}

double access_price(const struct energy_profile *profile, double buffer_bytes)
{
    static const double size[] = { 8192, 32768, 1048576 };
    const double *price = profile->access_pj;
    if (buffer_bytes <= size[0])
        return price[MEMORY_8K];
    int low = buffer_bytes <= size[1] ? 0 : 1;
    double slope = (price[low + 1] - price[low]) / (size[low + 1] - size[low]);
    double linear = price[low] + slope * (buffer_bytes - size[low]);
    return linear > price[MEMORY_DRAM] ? price[MEMORY_DRAM] : linear;
}

/* `words` words moved to or from a buffer that holds `held`. */
static double move(const struct energy_profile *profile, double words, double held)
{
    return words * word_bytes / profile->access_bytes *
           access_price(profile, held * word_bytes);
}

/* Equations 2.4 (with its fully connected sum over N_out alone), 5, 8, 15 and 17.2; a
 * potential is read as often as it is written. What a site puts out is decoded, not
 * spiked, so there are no spikes out. */
void lemaire_spiking(const struct energy_profile *profile,
                     const struct linear_site *site, double pj[3])
{
    double in = (double)site->inputs, out = (double)site->outputs;
    double events = (double)site->spikes, sop = events * out;
    double add = profile->op_pj[OP_ADD_I32];
    pj[LEMAIRE_OPERATIONS] = (sop + (double)site->steps * out) * add;
    pj[LEMAIRE_ADDRESSES] = sop * add;
    pj[LEMAIRE_MEMORY] = move(profile, events, in) + move(profile, sop, in * out) +
                         2 * move(profile, sop + (double)site->runs * out, out);
}

/* Equations 2.1, 2.2, 4, 6.2 and 12; addresses N_in + N_out. */
void lemaire_dense(const struct energy_profile *profile, const struct linear_site *site,
                   double pj[3])
{
    double in = (double)site->inputs, out = (double)site->outputs;
    double runs = (double)site->runs, add = profile->op_pj[OP_ADD_I32];
    double mac = profile->op_pj[OP_MULTIPLY_I32] + add;
    pj[LEMAIRE_OPERATIONS] = runs * (in * out * mac + out * add);
    pj[LEMAIRE_ADDRESSES] = runs * (in + out) * add;
    pj[LEMAIRE_MEMORY] =
        runs * (move(profile, in, in) + move(profile, in * out, in * out) +
                move(profile, out, out));
}

unsigned matched_bits(uint64_t steps)
{
    unsigned bits = 0;
    while (bits < 64 && steps >> bits)
        bits++;
    return bits;
}

double matched_rate(double bits, double weight_bits, double steps)
{
    return bits / (weight_bits * steps);
}

uint64_t effective_operations(const int32_t *input, size_t channels,
                              const uint32_t *targets, uint64_t outputs)
{
    uint64_t sum = 0;
    for (size_t i = 0; i < channels; i++)
        sum += input[i] ? (targets ? targets[i] : outputs) : 0;
    return sum;
}

static void price_additions(const struct energy_profile *profile,
                            const struct cost_counts *n, bool narrow,
                            double pj[COST_VARIANTS])
{
    pj[COST_SPIKING] = spikes(profile, n, narrow);
    pj[COST_INT8] = n->macs * mac_i8(profile, narrow);
    pj[COST_OTHER] = n->macs * profile->op_pj[OP_MAC_F16];
}

static void price_narrow(const struct energy_profile *profile,
                         const struct cost_counts *n, double pj[COST_VARIANTS])
{
    price_additions(profile, n, true, pj);
}

static double bound_narrow(const struct energy_profile *profile,
                           const struct cost_counts *n)
{
    (void)n;
    return mac_i8(profile, true) / addition(profile, true);
}

static void price_wide(const struct energy_profile *profile,
                       const struct cost_counts *n, double pj[COST_VARIANTS])
{
    price_additions(profile, n, false, pj);
}

static double bound_wide(const struct energy_profile *profile,
                         const struct cost_counts *n)
{
    (void)n;
    return mac_i8(profile, false) / addition(profile, false);
}

/* 32-bit additions, and weights. */
static void price_fetches(const struct energy_profile *profile,
                          const struct cost_counts *n, double bytes,
                          double pj[COST_VARIANTS])
{
    price_wide(profile, n, pj);
    pj[COST_SPIKING] += fetch(profile, bytes);
    pj[COST_INT8] += fetch(profile, n->dense_bytes);
    pj[COST_OTHER] += fetch(profile, 2 * n->macs);
}

static void price_spike_rows(const struct energy_profile *profile,
                             const struct cost_counts *n, double pj[COST_VARIANTS])
{
    price_fetches(profile, n, n->spike_bytes, pj);
}

/* s (add + byte) = mac + byte. */
static double bound_spike_rows(const struct energy_profile *profile,
                               const struct cost_counts *n)
{
    (void)n;
    double byte = fetch(profile, 1);
    return (mac_i8(profile, false) + byte) / (addition(profile, false) + byte);
}

static void price_channel_rows(const struct energy_profile *profile,
                               const struct cost_counts *n, double pj[COST_VARIANTS])
{
    price_fetches(profile, n, n->row_bytes, pj);
}

static void price_lines(const struct energy_profile *profile,
                        const struct cost_counts *n, double pj[COST_VARIANTS])
{
    price_fetches(profile, n, n->line_bytes, pj);
}

static void price_blocks(const struct energy_profile *profile,
                         const struct cost_counts *n, double pj[COST_VARIANTS])
{
    price_fetches(profile, n, n->block_bytes, pj);
}

static double state(const struct energy_profile *profile, double bytes)
{
    return bytes / profile->access_bytes * profile->access_pj[profile->state_level];
}

static void price_memory_state(const struct energy_profile *profile,
                               const struct cost_counts *n, double pj[COST_VARIANTS])
{
    price_channel_rows(profile, n, pj);
    pj[COST_SPIKING] += state(profile, n->state_bytes);
}

static void price_register_state(const struct energy_profile *profile,
                                 const struct cost_counts *n, double pj[COST_VARIANTS])
{
    price_channel_rows(profile, n, pj);
    pj[COST_SPIKING] += state(profile, n->register_bytes);
}

static void price_lemaire(const struct energy_profile *profile,
                          const struct cost_counts *n, double pj[COST_VARIANTS])
{
    (void)profile;
    pj[COST_SPIKING] = pj[COST_OTHER] = 0;
    pj[COST_INT8] = (double)NAN;
    for (int part = 0; part < 3; part++) {
        pj[COST_SPIKING] += n->lemaire_spiking[part];
        pj[COST_OTHER] += n->lemaire_dense[part];
    }
}

static void price_naive(const struct energy_profile *profile,
                        const struct cost_counts *n, double pj[COST_VARIANTS])
{
    enum op_kind event = n->spikes_multiply ? OP_MAC_F32 : OP_ADD_F32;
    pj[COST_SPIKING] = n->sop * profile->op_pj[event];
    pj[COST_INT8] = (double)NAN;
    pj[COST_OTHER] = n->macs * profile->op_pj[OP_MAC_F32];
}

static double bound_naive(const struct energy_profile *profile,
                          const struct cost_counts *n)
{
    (void)n;
    return profile->op_pj[OP_MAC_F32] / profile->op_pj[OP_ADD_F32];
}

/* A product with b bits as b additions of shifted weights. */
static void price_matched(const struct energy_profile *profile,
                          const struct cost_counts *n, double pj[COST_VARIANTS])
{
    price_fetches(profile, n, n->row_bytes, pj);
    pj[COST_OTHER] =
        n->bit_macs * addition(profile, false) + fetch(profile, n->dense_bytes);
}

const struct cost_model cost_models[] = {
    { "additions-8", "additions with an 8-bit result, and nothing else",
      "SpikingBrain report (arXiv 2509.05276), section 5.5", "FP16", price_narrow,
      bound_narrow },
    { "additions-32", "additions into 32-bit sums, and nothing else",
      "the same with the sum a projection needs", "FP16", price_wide, bound_wide },
    { "spike-rows", "32-bit additions, and a row of weights fetched for every spike",
      "event-driven machines without a cache", "FP16", price_spike_rows,
      bound_spike_rows },
    { "channel-rows", "32-bit additions, and each active channel's row fetched once",
      "an engine that gathers a token's spikes first", "FP16", price_channel_rows,
      NULL },
    { "cache-lines", "the same in whole lines of 64 bytes, weights stored by channel",
      "CPUs and GPUs", "FP16", price_lines, NULL },
    { "cache-blocks",
      "whole lines, weights stored by output as usual: 64 channels share a line",
      "CPUs and GPUs with the usual layout", "FP16", price_blocks, NULL },
    { "state-memory", "channel-rows, membranes and every sum kept in memory",
      "worst case: no sum waits in a register", "FP16", price_memory_state, NULL },
    { "state-registers",
      "channel-rows, membranes in memory, each sum read and written once a token",
      "best case: sums wait in registers", "FP16", price_register_state, NULL },
    { "lemaire", "operations, addresses and memory, all of 32 bits",
      "Lemaire et al., ICONIP 2022 (arXiv 2210.13107)", "int32", price_lemaire, NULL },
    { "naive", "AC 0.9 and MAC 4.6 pJ, and nothing else",
      "convention of the SNN literature, from Horowitz 2014", "fp32", price_naive,
      bound_naive },
    { "bit-matched",
      "channel-rows against a dense network of b = ceil(log2(T + 1)) bits",
      "Yan et al. (arXiv 2409.08290); a product as b shifted additions", "b-bit",
      price_matched, NULL },
    { 0 },
};

const struct cost_model *cost_model_find(const char *name)
{
    for (const struct cost_model *model = cost_models; model->name; model++)
        if (strcmp(model->name, name) == 0)
            return model;
    return NULL;
}

void saving_split(const struct energy_profile *profile, const struct cost_counts *n,
                  bool narrow, bool with_weights, struct saving_split *split)
{
    double mac = mac_i8(profile, narrow), scales = n->row_bytes - n->active_macs;
    double step[4] = { n->macs * profile->op_pj[OP_MAC_F16], n->macs * mac,
                       n->active_macs * mac, spikes(profile, n, narrow) };
    double bytes[4] = { 2 * n->macs, n->macs + scales, n->row_bytes, n->row_bytes };
    for (int i = 0; i < 4 && with_weights; i++)
        step[i] += fetch(profile, bytes[i]);
    *split = (struct saving_split){ step[0], step[0] - step[1], step[1] - step[2],
                                    step[2] - step[3], step[3] };
}
