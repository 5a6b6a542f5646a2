/* Traces at ever coarser grains: the least and largest of 16 samples, of 16 of those, and
 * so on, so that drawing any stretch costs by its pixels. */
#ifndef VIZ_TRACE_LEVELS_H
#define VIZ_TRACE_LEVELS_H

#include "sim/recording.h"

enum {
    TRACE_GRAIN = 16,
    TRACE_LEVELS = 12,
    TRACE_NODES = 64, /* of a trace of more neurons, the first */
};

struct trace_extreme {
    float least, most; /* least > most: nothing but NaN */
};

/* Of one trace; zeroed: nothing read yet. */
struct trace_levels {
    uint64_t samples; /* that level 0 covers */
    uint32_t nodes;   /* that are kept */
    struct {
        uint64_t entries, room;
        struct trace_extreme *extreme; /* (entries, nodes) */
    } level[TRACE_LEVELS];             /* an entry of level l: GRAIN^(l + 1) samples */
};

/* Adds the samples that are new. */
enum error_code trace_levels_extend(struct trace_levels *levels,
                                    const struct recording *recording,
                                    uint32_t trace_index, struct error *err);
void trace_levels_release(struct trace_levels *levels);

/* The extremes of samples [first, first + samples) in equal columns; a column holds the
 * sample at its beginning at least. extreme: (columns, levels->nodes). */
enum error_code trace_levels_read(const struct trace_levels *levels,
                                  const struct recording *recording,
                                  uint32_t trace_index, double first, double samples,
                                  uint32_t columns, struct trace_extreme *extreme,
                                  struct error *err);

#endif
