/* One pass over a recording for what models of cost bill: by role, and for windows of
 * tokens that stand in for sequences run at once. */
#ifndef EXPERIMENTS_COST_SURVEY_H
#define EXPERIMENTS_COST_SURVEY_H

#include "experiments/recorded.h"
#include "sim/cost_model.h"

enum { SURVEY_WINDOWS = 3 };
extern const unsigned survey_window[SURVEY_WINDOWS]; /* 1, 8, 32 */

/* Tokens that follow one upon another, in place of as many sequences: tokens of one
 * text are more alike than those of several. */
struct window_counts {
    uint64_t windows;              /* whole ones; the rest of the tokens is left out */
    double channels, silent;       /* silent for all tokens of a window */
    double row_bytes, dense_bytes; /* fetched once a window, scales included */
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
    struct window_counts window[SURVEY_WINDOWS];
};

enum error_code cost_survey_make(struct cost_survey *survey, const struct recorded *run,
                                 const struct energy_profile *prices,
                                 struct error *err);

#endif
