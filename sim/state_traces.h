/* Traces of neurons at the sites of a language model: the state after every step that a
 * token takes, kept until the token is written. All sites of a token share its window:
 * one that needs fewer steps holds its last state to the end. */
#ifndef SIM_STATE_TRACES_H
#define SIM_STATE_TRACES_H

#include "sim/population_table.h"
#include "sim/trace_selection.h"

struct state_traces;

/* Of a model's neurons; `rows` at once. Refuses populations and variables that are not
 * there, and neurons out of range. */
enum error_code state_traces_create(struct state_traces **traces,
                                    const struct trace_selection *selection,
                                    const struct population_table *table,
                                    const struct neuron_model *neuron, double dt_ms,
                                    size_t rows, struct error *err);
void state_traces_free(struct state_traces *traces); /* NULL is allowed */
/* For the plan of a recording. */
const struct trace_info *state_traces_info(const struct state_traces *traces,
                                           uint32_t *count);
void state_traces_begin(struct state_traces *traces);
/* A population's state after a step of one row, steps rising. */
enum error_code state_traces_take(struct state_traces *traces, uint32_t population,
                                  size_t row, const struct population *state,
                                  struct error *err);
/* Writes `window` samples of a row; a site that did not run stays at NaN. */
enum error_code state_traces_write(struct state_traces *traces, size_t row,
                                   uint32_t window, struct recording_writer *writer,
                                   struct error *err);

#endif
