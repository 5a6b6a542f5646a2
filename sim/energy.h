/* Prices applied to counts. Counters come first and are the result; a profile is an
 * opinion with a source. A term without a price is listed as unpriced, never taken as
 * zero. Formulas and sources: notes/energy.md. */
#ifndef SIM_ENERGY_H
#define SIM_ENERGY_H

#include "base/arena.h"
#include "base/error.h"
#include "base/op_count.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum memory_level { MEMORY_8K, MEMORY_32K, MEMORY_1M, MEMORY_DRAM, MEMORY_LEVELS };

/* Operations that sources price and no counter here counts: for models of cost. */
enum priced_only {
    PRICED_MULTIPLY_I8,
    PRICED_MAC_I32,
    PRICED_ADD_F16,
    PRICED_MULTIPLY_F16,
    PRICED_ONLY
};
extern const char *const priced_only_name[PRICED_ONLY];

/* What the price of a synaptic event includes; the rest is priced apart. */
enum event_part {
    EVENT_WEIGHTS,
    EVENT_STATE,
    EVENT_UPDATES,
    EVENT_SPIKES,
    EVENT_STATIC,
    EVENT_PARTS
};
extern const char *const event_part_name[EVENT_PARTS];

struct energy_profile {
    struct arena arena;
    const char *name, *summary, *source, *process, *basis, *note;
    int year;
    double voltage;                  /* V; NaN: not given */
    double op_pj[OP_KINDS];          /* NaN: unpriced */
    double access_pj[MEMORY_LEVELS]; /* of one access; NaN: unpriced */
    double access_bytes;             /* width of an access */
    enum memory_level weight_level;  /* where weights live */
    enum memory_level state_level;   /* membranes and accumulators */
    enum memory_level cache_level;   /* the key-value cache */
    enum op_kind spike_op;           /* what the addition of a spike is priced as */
    double only_pj[PRICED_ONLY];     /* NaN: unpriced */
    /* Of chips, NaN: unpriced. Where synaptic_event_pj is given it stands in for
     * spike_op, and neuron updates are priced as such, not as operations. */
    double synaptic_event_pj;
    bool event_includes[EVENT_PARTS];
    double update_active_pj, update_idle_pj; /* of one neuron and step */
    double spike_out_pj;                     /* once a spike */
    double hop_pj;    /* once a spike and hop; in no total: a mapping is needed */
    double static_mw; /* of a chip; in no total: a duration is needed */
};

/* `bytes` is configuration text. Required: name, source, year, process, basis. Unknown
 * names, negative prices and unknown units are refused with their line. */
enum error_code energy_profile_parse(struct energy_profile *profile, const char *bytes,
                                     size_t size, struct error *err);
enum error_code energy_profile_open(struct energy_profile *profile, const char *path,
                                    struct error *err);
/* By name among the profiles of data/ (or of the folder LUCCIOLA_DATA), or by path
 * where the name holds a '/' or ends in .conf. */
enum error_code energy_profile_find(struct energy_profile *profile, const char *name,
                                    struct error *err);
void energy_profile_release(struct energy_profile *profile);

/* Work of one kind of layer, or of a whole token. */
struct energy_work {
    struct op_count ops;      /* without the additions of spikes */
    uint64_t spike_additions; /* SOP */
    uint64_t weight_bytes, state_bytes, cache_bytes;
    /* Parts of the above: operations of neuron updates, multiply-accumulates of graded
     * spikes, weights that spikes fetch. */
    struct op_count update_ops, event_ops;
    uint64_t event_bytes;
    uint64_t spikes, updates;
    uint64_t active_updates; /* of neurons whose channel has a count that is not 0 */
};

struct energy_price {
    /* NaN: there is work of this kind, and none of it has a price. */
    double ops_pj, spike_pj, weight_pj, state_pj, cache_pj, update_pj, sent_pj;
    double total_pj;              /* of what has a price */
    double hop_pj;                /* of one hop for every spike, not in the total */
    uint64_t unpriced_ops;        /* operations without a price ... */
    bool unpriced_kind[OP_KINDS]; /* ... and which */
    bool unpriced_memory;
    uint64_t unpriced_updates, unpriced_spikes; /* as a whole, not as operations */
};

void energy_price(const struct energy_profile *profile, const struct energy_work *work,
                  struct energy_price *price);

/* A spiking network, and the dense ones that would have done its work. */
enum variant { VARIANT_SPIKING, VARIANT_INT8, VARIANT_FP16, VARIANTS };

/* Where one draws the line: each holds the one before it. */
enum boundary {
    BOUNDARY_SUMS,        /* sums of the projections that spike */
    BOUNDARY_PROJECTIONS, /* all projections, with coding, neurons, decoding */
    BOUNDARY_WEIGHTS,     /* and the weights they fetch */
    BOUNDARY_STATE,       /* and membranes and accumulators */
    BOUNDARY_TOKEN,       /* and attention, cache, norms, softmax, gates */
    BOUNDARIES
};
extern const char *const boundary_name[BOUNDARIES];

/* What one token of a language model costs; NaN: nothing within has a price. */
struct token_energy {
    double pj[BOUNDARIES][VARIANTS];
    uint64_t dense_macs; /* that the sites which spike stand in for */
    uint64_t sop; /* additions, or multiply-accumulates where spikes are graded */
    bool spikes_multiply;
};

struct recording;
/* Tokens [first, first + count) of a recording, each priced as `lucciola energy` prices
 * their sum: token (count). A site that did not run for a token (the head, where no logits
 * were asked for) counts as the mean of the tokens for which it ran. Refuses the recording
 * of a network, and plug-ins that this program does not have. */
enum error_code energy_of_tokens(const struct energy_profile *profile,
                                 const struct recording *recording, uint64_t first,
                                 uint64_t count, struct token_energy *token,
                                 struct error *err);

#endif
