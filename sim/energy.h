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
};

struct energy_price {
    /* NaN: there is work of this kind, and none of it has a price. */
    double ops_pj, spike_pj, weight_pj, state_pj, cache_pj;
    double total_pj;              /* of what has a price */
    uint64_t unpriced_ops;        /* operations without a price ... */
    bool unpriced_kind[OP_KINDS]; /* ... and which */
    bool unpriced_memory;
};

void energy_price(const struct energy_profile *profile, const struct energy_work *work,
                  struct energy_price *price);

#endif
