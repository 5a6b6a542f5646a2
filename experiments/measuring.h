/* One setting of a session, measured on a text: what a row of `ppl` and a point of
 * `sweep` hold. */
#ifndef EXPERIMENTS_MEASURING_H
#define EXPERIMENTS_MEASURING_H

#include "experiments/profile_list.h"
#include "experiments/scoring.h"
#include "experiments/table.h"
#include "experiments/tally.h"

struct measuring {
    struct session *session;
    const struct scoring_text *text;
    struct projector *projector; /* NULL: the one that the session's options ask for */
    bool compares;               /* with the dense float model, token by token */
    const char *output;          /* recording; NULL: none */
    const char *record, *command;
    const struct profile_list *profiles; /* NULL: no details */
    struct chunk_watcher watcher;        /* also told; may be empty */
};

/* Scores with the spiking network; `tally` holds its totals. End it, and release result,
 * in any case. */
enum error_code measure_spiking(const struct measuring *measuring, struct tally *tally,
                                struct scoring_result *result, struct error *err);

/* Scores what the session is set to. `row` gets the setting, perplexity and its errors,
 * and of a spiking network all sparsities, operations and the event-driven share; with
 * profiles also `roles`, `sites` (a row per population), `histogram` (of |count|, as
 * COUNT_BINS) and `energy`. result->loss holds the losses; release it. */
enum error_code measure_setting(const struct measuring *measuring, json_t *row,
                                struct scoring_result *result, struct error *err);

#endif
