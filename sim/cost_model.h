/* Models of cost from the literature, applied to what a site counted: the same run
 * under every way of billing it that a claim was made with. Each row of the table names
 * its source; formulas stand in notes/energy.md. Prices come from one profile, so that
 * models differ by what they count alone. */
#ifndef SIM_COST_MODEL_H
#define SIM_COST_MODEL_H

#include "sim/energy.h"

enum { CACHE_LINE = 64 }; /* bytes, and so 8-bit weights */

/* Sums over tokens and sites; as doubles, for they are multiplied by prices. */
struct cost_counts {
    double runs;      /* of sites, one a token */
    double macs;      /* dense multiply-accumulates */
    double effective; /* NeuroBench's operations, weights of 0 counted; NaN: unknown */
    double active_macs; /* of channels that are not silent */
    double sop, spikes, neuron_steps;
    bool spikes_multiply; /* graded, or read by a response: no addition, a MAC */
    double updates, active_updates;
    double spike_bytes, row_bytes, dense_bytes; /* 8-bit weights and their scales */
    double line_bytes;  /* whole lines, weights in order of channels */
    double block_bytes; /* whole lines, weights in order of outputs; NaN: no counts */
    double state_bytes, register_bytes;
    double bit_macs;                             /* macs times b = ceil(log2(T + 1)) */
    double step_macs;                            /* macs times T */
    double bits, steps;                          /* sums over runs */
    double lemaire_spiking[3], lemaire_dense[3]; /* pJ: operations, addresses, memory */
};

/* One site and the tokens it ran for. */
struct linear_site {
    uint64_t inputs, outputs, runs, spikes, steps;
};
enum { LEMAIRE_OPERATIONS, LEMAIRE_ADDRESSES, LEMAIRE_MEMORY };
/* Lemaire et al. 2022, fully connected layer, integrate and fire, no bias, 32 bits. The
 * profile needs int32 and memory prices; pJ are NaN otherwise. */
void lemaire_spiking(const struct energy_profile *profile,
                     const struct linear_site *site, double pj[3]);
void lemaire_dense(const struct energy_profile *profile, const struct linear_site *site,
                   double pj[3]);
/* pJ of one access of 64 bits to a buffer of so many bytes: linear between the
 * profile's points, level below the first, beyond the last along the last line and at
 * most DRAM's. */
double access_price(const struct energy_profile *profile, double buffer_bytes);

/* b = ceil(log2(T + 1)): bits of a number that T binary steps can tell. */
unsigned matched_bits(uint64_t steps);
/* Yan et al.: the spike rate below which weight traffic favours spikes. */
double matched_rate(double bits, double weight_bits, double steps);

/* NeuroBench: products of a weight and an input that are both not 0. targets: weights
 * that are not 0, by channel; NULL: `outputs` each. */
uint64_t effective_operations(const int32_t *input, size_t channels,
                              const uint32_t *targets, uint64_t outputs);

enum cost_variant { COST_SPIKING, COST_INT8, COST_OTHER, COST_VARIANTS };

struct cost_model {
    const char *name, *counts, *source;
    const char *other; /* what the third figure is of: "FP16", ... */
    /* pJ; NaN: no price, or not counted. */
    void (*price)(const struct energy_profile *profile, const struct cost_counts *n,
                  double pj[COST_VARIANTS]);
    /* Spikes per synapse below which it beats INT8, or the third where INT8 has no
     * figure. NULL: no such bound. */
    double (*bound)(const struct energy_profile *profile, const struct cost_counts *n);
};
/* Ends with a NULL name. */
extern const struct cost_model cost_models[];
const struct cost_model *cost_model_find(const char *name); /* NULL: none */

/* A saving against FP16 by cause. The steps follow one upon another, so they add up:
 * dense FP16, dense INT8 (format), INT8 of active channels alone (silence), spikes
 * (additions for multiplications). Another order would give other parts. */
struct saving_split {
    double fp16_pj, format_pj, silence_pj, additions_pj, spiking_pj;
};
/* with_weights: and rows per active channel, fetched. narrow: 8-bit sums. */
void saving_split(const struct energy_profile *profile, const struct cost_counts *n,
                  bool narrow, bool with_weights, struct saving_split *split);

#endif
