/* Counters summed over the tokens of a run, by population: what the tables of the
 * commands are made of. Filled as the run goes, or from a recording. */
#ifndef SIM_RUN_TOTALS_H
#define SIM_RUN_TOTALS_H

#include "lm/kernel.h"
#include "sim/recording.h"

struct site_total {
    uint64_t tokens;          /* for which the site ran */
    struct site_counters sum; /* threshold: sum, divide by tokens */
    uint64_t
        active_updates; /* of neurons whose channel's count is not 0, at every step */
    uint64_t histogram[COUNT_BINS]; /* of |count|, over channels and tokens */
};

struct run_totals {
    const struct population_info *population; /* the caller's */
    uint32_t populations;
    struct site_total *site; /* (populations) */
    uint64_t tokens;
    uint32_t scaled;           /* populations that run_totals_complete changed */
    struct host_cost host;     /* sum */
    uint8_t least[COUNT_BINS]; /* |count| of a bin */
};

enum error_code run_totals_init(struct run_totals *totals,
                                const struct population_info *population,
                                uint32_t populations, struct error *err);
void run_totals_release(struct run_totals *totals);
/* One token at one site. */
void run_totals_add(struct run_totals *totals, uint32_t population,
                    const struct site_counters *counters);
/* Its counts (channels of the population). */
void run_totals_add_counts(struct run_totals *totals, uint32_t population,
                           const struct kernel *kernel, const int32_t *count);
/* Replaces all histograms by the sums of those of channels (channels, COUNT_BINS). */
void run_totals_set_histograms(struct run_totals *totals, const uint64_t *histogram);
/* A token is complete; host may be NULL. */
void run_totals_add_token(struct run_totals *totals, const struct host_cost *host);
/* A site that ran for some of the tokens alone (the head, where logits were asked for)
 * gets the sums it would have had for all, rounded: per-token figures are those of a
 * token as generation makes it. One that never ran stays out. */
enum error_code run_totals_complete(struct run_totals *complete,
                                    const struct run_totals *totals, struct error *err);
/* Tokens [first, first + count) of a recording; histograms if it holds counts and the
 * range is all of it. */
enum error_code run_totals_read(struct run_totals *totals,
                                const struct recording *recording, uint64_t first,
                                uint64_t count, struct error *err);

/* The populations of one role together. */
struct role_total {
    const char *role;
    uint32_t populations;
    uint64_t channel_tokens;   /* channels times tokens: a denominator */
    uint64_t neuron_steps;     /* neurons times steps */
    uint64_t dense_operations; /* channels times fan-out times tokens */
    struct site_total total;
};
enum { MAX_ROLES = 16 };
/* Fills role[] in order of appearance and returns how many; the sum of all stands in
 * *all (role "all"), which may be NULL. */
size_t run_totals_roles(const struct run_totals *totals,
                        struct role_total role[MAX_ROLES], struct role_total *all);

#endif
