/* What every channel did over a run: how often its count fell into each bin, in how
 * many tokens it was not silent, how many spikes it sent. */
#ifndef SIM_NEURON_TOTALS_H
#define SIM_NEURON_TOTALS_H

#include "base/arena.h"
#include "encoders/encoder.h"
#include "sim/recording.h"

/* Spikes that each int8 count makes in a window, tabulated for short windows. */
struct spike_table;

struct neuron_totals {
    const struct population_info *population; /* the caller's */
    uint32_t populations;
    uint64_t channels;
    const struct encoder **encoder;  /* (populations); NULL: no closed form */
    uint64_t *tokens_fired, *spikes; /* (channels) */
    uint64_t *histogram;             /* (channels, COUNT_BINS) */
    uint16_t *recent;                /* the same, of tokens not in `histogram` yet */
    size_t recent_tokens;
    struct spike_table *table;
    int8_t *held;        /* (HELD, channels) */
    int32_t *held_steps; /* (HELD, populations) */
    size_t holds;        /* tokens in there */
    unsigned char
        least[COUNT_BINS]; /* |count| of each bin; a count beyond int8 has 128 */
    struct arena arena;
    int threads; /* share the adding; 0, as initialised: one does it */
};

/* derive: spikes follow from counts where the code has a closed form; without, the
 * caller adds to `spikes` itself. Release what failed, too. */
enum error_code neuron_totals_init(struct neuron_totals *totals,
                                   const struct population_info *population,
                                   uint32_t populations, bool derive,
                                   struct error *err);
void neuron_totals_release(struct neuron_totals *totals);
bool neuron_totals_derives(const struct neuron_totals *totals, uint32_t population);
/* The counts of one population and token, and its steps. */
void neuron_totals_add(struct neuron_totals *totals, uint32_t population,
                       const int32_t *count, unsigned steps);
/* One token of all populations in packed form (channels), with the steps of each
 * population or STEPS_NOT_RUN. Tokens are held back and added several at a time.
 * Spikes of counts beyond int8 are added by neuron_totals_beyond. */
enum { STEPS_NOT_RUN = -1 };
void neuron_totals_put(struct neuron_totals *totals, const int8_t *packed,
                       const int32_t *steps);
void neuron_totals_beyond(struct neuron_totals *totals, uint64_t channel, int32_t count,
                          const int32_t *steps);
/* Adds what is held back and brings tokens_fired up to date. */
void neuron_totals_settle(struct neuron_totals *totals);

#endif
