/* One site as the spiking engines see it: its threshold rule, its segments, and the two
 * things done with integers there, adding rows of weights and decoding sums. A segment
 * is a run of channels that share both a threshold and a weight scale, so that a sum
 * over it is one integer per output. */
#ifndef SIM_SPIKING_SITE_H
#define SIM_SPIKING_SITE_H

#include "base/error.h"
#include "encoders/encoder.h"
#include "encoders/threshold.h"
#include "lm/weight_product.h"
#include "sim/site_counters.h"

enum {
    SHARE_COLUMNS = 64, /* threads own outputs in multiples of this */
    BLOCK_ROWS = 256,   /* rows that an engine takes at a time */
};

struct spiking_site {
    const struct site *site;
    const struct weight_matrix *matrix;
    const struct weight_matrix *next; /* of the site behind it; NULL: it is the last */
    struct threshold_rule rule;       /* clips to the window */
    size_t thresholds;                /* how many V */
    size_t neurons;
    uint32_t segment, segments; /* channels of one, and how many */
    int32_t resolution;         /* units of an accumulator in one unit of the code */
    const float *bias;          /* (outputs) that decoding adds; NULL: none, or the
                                 * receiver's to add */
};

/* The largest of every site, for scratch that serves all. */
struct spiking_limits {
    size_t channels, neurons, outputs, thresholds, segments, sums;
};

/* One row at a site, quantised. */
struct encoded {
    int32_t *count; /* (channels) */
    float *unit;    /* (thresholds): V / gain: what an accumulator counts in */
    struct quantised quantised;
    unsigned steps;
    int32_t gain;            /* units of an accumulator in one count */
    uint64_t spikes, active; /* events, and channels that sent any */
};

/* Rows of weights to add, each with its factor, by segment; those within 8 bits
 * apart. */
struct row_list {
    uint32_t *channel, *wide_channel;
    int8_t *factor;
    int32_t *wide_factor;
    size_t *begin, *wide_begin; /* (segments + 1) */
};

/* window 0: from the largest count. Refuses groups that do not fit one another.
 * resolution 1 unless it is set afterwards. */
enum error_code spiking_site_init(struct spiking_site *s, const struct site *site,
                                  const struct weight_matrix *matrix,
                                  const struct threshold_rule *rule,
                                  const struct encoder *encoder, unsigned window,
                                  struct error *err);
void spiking_limits_cover(struct spiking_limits *limits, const struct spiking_site *s);

/* Quantises and chooses T. `held` (channels) is what the receiver of a stateful code
 * has: the change is coded, with `change` (channels) for scratch, and added to it;
 * NULL: x itself is coded. Refuses x that is not
 * finite, and counts whose sums of products could leave 32 bits. */
enum error_code spiking_site_encode(const struct spiking_site *s,
                                    const struct kernel *kernel,
                                    const struct encoder *encoder, unsigned window,
                                    const float *x, float *held, float *change,
                                    struct encoded *row, struct error *err);
/* Refuses a sum of |factor| over a segment whose products could leave 32 bits. */
enum error_code spiking_site_check_sum(const struct spiking_site *s, uint64_t magnitude,
                                       struct error *err);
/* state_bytes: what one update of a neuron reads and writes. */
void spiking_site_count(const struct spiking_site *s, const struct encoded *row,
                        size_t state_bytes, struct site_counters *counters);

/* Channels [first, end) of segment k. */
uint32_t spiking_segment_first(const struct spiking_site *s, uint32_t k);
uint32_t spiking_segment_end(const struct spiking_site *s, uint32_t k);

/* `entries`: the most of either width. Memory comes from the arena; false: none. */
bool row_list_init(struct row_list *list, struct arena *arena, size_t entries,
                   size_t segments);
/* sum (width) += the list's rows of segment k, outputs [first, first + width). Sums
 * wrap mod 2^32 on their way; the last one fits, and is exact. */
void spiking_site_add(const struct spiking_site *s, const struct kernel *kernel,
                      const struct row_list *list, uint32_t k, int32_t *sum,
                      size_t first, size_t width);
/* y (width) takes segment k of outputs [first, first + width): call with k rising from
 * 0; the last adds the bias. */
void spiking_site_decode(const struct spiking_site *s, const struct kernel *kernel,
                         const float *unit, uint32_t k, const int32_t *sum, float *y,
                         size_t first, size_t width);
/* What is decoded with segment k. */
struct weight_segment spiking_site_segment(const struct spiking_site *s,
                                           const struct row_list *list,
                                           const float *unit, uint32_t k);
/* Outputs of one thread out of `threads`. */
size_t spiking_site_share(const struct spiking_site *s, int threads);

#endif
