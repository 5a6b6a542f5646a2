/* From what a spiking projector reports to a recording and to totals. Rows that went
 * through the model together are gathered, then committed as tokens:
 *
 *     recorder_begin(recorder, rows, wanted);
 *     transformer_run(..., wanted, ...);          the observer is called from in there
 *     recorder_commit(recorder, &tokens, err);
 */
#ifndef SIM_RECORDER_H
#define SIM_RECORDER_H

#include "sim/population_table.h"
#include "sim/record_selection.h"
#include "sim/run_totals.h"
#include "sim/spiking_projector.h"
#include "sim/state_traces.h"

struct recorder_settings {
    const struct population_table *table; /* outlives the recorder */
    const struct kernel *kernel;
    struct record_selection selection;
    struct recording_writer *writer; /* NULL: only the totals are kept */
    size_t rows;                     /* most rows of a batch */
    struct state_traces *traces;     /* NULL: none; else the observer sees every step */
    bool has_thread;  /* a thread of its own writes: for runs that leave a core free.
                      * Beside threads that spin it would hold them up ... */
    bool in_bursts;   /* ... unless it writes several tokens at once, and a core is left
                      * to it meanwhile: recorder_is_writing() */
    int threads;      /* that share adding up neurons between tokens; 0: one */
    bool closed_form; /* spikes follow from counts; else they come as events, which
                             * needs engine `events` */
};

struct recorded_tokens {
    const int32_t *id; /* (rows) each */
    const struct row_id *place;
    const unsigned char *kind;     /* enum token_kind */
    const double *log_probability; /* NaN: not known; NULL: none is */
    const struct host_cost *host;
    const char *text;            /* of all, one behind another; NULL: none */
    const uint64_t *text_length; /* NULL: none */
};

struct recorder;

enum error_code recorder_create(struct recorder **recorder,
                                const struct recorder_settings *settings,
                                struct error *err);
void recorder_free(struct recorder *recorder);
struct spike_observer recorder_observer(struct recorder *recorder);
/* Before each run of rows <= settings.rows; wanted (rows) as given to transformer_run:
 * the head sees these rows alone. NULL: none. */
void recorder_begin(struct recorder *recorder, size_t rows,
                    const unsigned char *wanted);
enum error_code recorder_commit(struct recorder *recorder,
                                const struct recorded_tokens *tokens,
                                struct error *err);
/* Whether the thread has a burst to write. */
bool recorder_is_writing(const struct recorder *recorder);
/* Spikes of a row of the last batch, at all sites; until the next begins. */
uint64_t recorder_row_spikes(const struct recorder *recorder, size_t row);
/* Waits until every token is in the file, writes the totals of neurons and completes the
 * histograms of the totals; behind the last commit. Nobody else may use the writer
 * before it, or before recorder_free. */
enum error_code recorder_finish(struct recorder *recorder, struct error *err);
const struct run_totals *recorder_totals(const struct recorder *recorder);

#endif
