/* What watches a spiking run: totals for the tables, and a recording where one is asked
 * for. Begin it before the run; call before and after every batch; end it. */
#ifndef EXPERIMENTS_TALLY_H
#define EXPERIMENTS_TALLY_H

#include "experiments/session.h"
#include "sim/recorder.h"

struct tally {
    struct session *session;
    struct population_table table;
    struct recorder *recorder;
    struct recording_writer *writer; /* NULL: totals alone */
    struct record_selection selection;
    struct state_traces *traces; /* NULL: none */
    bool lends_core;             /* of the network's, while spikes are written */
    struct host_cost *host;      /* (rows) */
    struct op_count sampling;    /* of a generated token; the caller's, may stay 0 */
    struct host_cost dense;      /* of the dense sites, the head too, for every row */
    struct run_totals complete;  /* what tally_totals returns */
    double *spikes;              /* (tokens) of every token so far */
    size_t tokens, tokens_room;
    char *text;
    size_t text_room;
    uint64_t *text_length; /* (rows) */
    size_t rows;
};

/* path NULL: no file. `record`: as --record; `trace`: as --trace, NULL: none;
 * `command`: the command line. */
enum error_code tally_begin(struct tally *tally, struct session *session, size_t rows,
                            const char *path, const char *record, const char *trace,
                            const char *command, struct error *err);
/* Size of the recording of so many tokens, at a typical rate of spikes. */
double tally_predict_bytes(const struct tally *tally, uint64_t tokens);
void tally_before(struct tally *tally, size_t rows, const unsigned char *wanted);
/* kind: (rows) enum token_kind; log_probability (rows), NaN: unknown. */
enum error_code tally_after(struct tally *tally, size_t rows, const int32_t *token,
                            const struct row_id *ids, const unsigned char *kind,
                            const double *log_probability, struct error *err);
/* Of all tokens so far, every one with the head it needs when it is generated
 * (run_totals_complete). Valid until the next call. */
enum error_code tally_totals(struct tally *tally, const struct run_totals **totals,
                             struct error *err);
/* Closes the recording, finished when err->code is OK, else failed; an error before it
 * is kept. Whatever began is released. */
enum error_code tally_end(struct tally *tally, struct error *err);

#endif
