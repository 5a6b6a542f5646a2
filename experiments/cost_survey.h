/* What models of cost bill, from a recording: by role, and for tokens that stand in for
 * sequences run at once. */
#ifndef EXPERIMENTS_COST_SURVEY_H
#define EXPERIMENTS_COST_SURVEY_H

#include "experiments/recorded.h"
#include "sim/cost_model.h"

enum { BATCH_SIZES = 3 };
extern const unsigned batch_size[BATCH_SIZES]; /* 1, 8, 32 */

/* What stands in for sequences run at once: tokens that follow one upon another, or
 * tokens at the same place of as many windows of a scored text. Both are of one text:
 * what several texts have in common is not known from it. */
enum batch_kind { BATCH_NEIGHBOURS, BATCH_WINDOWS, BATCH_KINDS };

struct batch_counts {
    uint64_t batches;              /* whole ones; the rest of the tokens is left out */
    double channels, silent;       /* silent for all tokens of a batch */
    double row_bytes, dense_bytes; /* fetched once a batch, scales included */
};

struct survey_role {
    char role[16]; /* "all": of the whole */
    unsigned populations;
    struct cost_counts counts;
    double channel_runs, silent;
};

struct cost_survey {
    struct survey_role role[MAX_ROLES + 1]; /* the last is all */
    size_t roles;
    bool has_counts;
    struct batch_counts batch[BATCH_KINDS][BATCH_SIZES];
    double held_bytes; /* weights and scales of the sites that spike */
};

enum error_code cost_survey_make(struct cost_survey *survey, const struct recorded *run,
                                 const struct energy_profile *prices,
                                 struct error *err);

/* One token at one site, added to a role; count: its channels', or NULL. */
void cost_survey_add(struct survey_role *role, const struct recorded *run,
                     uint32_t population, const struct site_counters *site,
                     const int32_t *count, const struct energy_profile *prices);
/* Zeroed, but for what a recording without counts does not know. */
struct survey_role survey_role_of(const struct recorded *run);
/* Bytes of one row of a site's weights, and of all their scales. */
double cost_survey_row(const struct recorded *run,
                       const struct population_info *population);
double cost_survey_scales(const struct recorded *run,
                          const struct population_info *population);
/* Fills survey->batch from the counts. */
enum error_code cost_batches_count(struct cost_survey *survey,
                                   const struct recorded *run, struct error *err);

#endif
