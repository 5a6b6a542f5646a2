/* What `tune` says of a setting: a row of its table, measured on windows that nothing
 * was chosen on, and paired by token with the row of the first. */
#ifndef EXPERIMENTS_HELD_OUT_H
#define EXPERIMENTS_HELD_OUT_H

#include "experiments/scoring.h"
#include "experiments/silencer.h"
#include "experiments/table.h"

struct held_out {
    struct session *session;
    const struct scoring_text *text;
    struct silencer *silencer; /* for held_out_silence */
    double *first;             /* losses of the row judged first */
    json_t *rows;
};

/* Each adds a row. The spiking network by rules (sites) ... */
enum error_code held_out_spike(struct held_out *held_out, const char *name,
                               const struct threshold_rule *rule, struct error *err);
/* ... the float model with the channels under dead zones (sites) silenced ... */
enum error_code held_out_silence(struct held_out *held_out, const char *name,
                                 const double *dead_zone, struct error *err);
/* ... and the dense INT8 one. */
enum error_code held_out_int8(struct held_out *held_out, const char *name,
                              struct error *err);
void held_out_release(struct held_out *held_out);

#endif
