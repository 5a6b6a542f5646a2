/* Which state to trace, as the user writes it: "L07.ffn_down.v:0-9,e.v:3", that is
 * POPULATION.VARIABLE[:FIRST[-LAST]] in a list. */
#ifndef SIM_TRACE_SELECTION_H
#define SIM_TRACE_SELECTION_H

#include "base/error.h"
#include "sim/recording.h"

enum { TRACE_CHOICES = 16, TRACE_MOST_NEURONS = 4096 };

struct trace_choice {
    char population[32], variable[24];
    uint64_t first, last; /* neurons, both included */
};

struct trace_selection {
    struct trace_choice choice[TRACE_CHOICES];
    uint32_t choices;
};

/* text NULL: nothing. Without neurons the first ten are meant. */
enum error_code trace_selection_parse(struct trace_selection *selection,
                                      const char *text, struct error *err);
/* Fills in a trace of `size` neurons at most whose first has global id first_node; cuts
 * `last` to the population where it was not given. trace->node is malloc'ed. */
enum error_code trace_choose(struct trace_info *trace,
                             const struct trace_choice *choice, const char *unit,
                             uint64_t first_node, uint64_t size, double interval_ms,
                             struct error *err);

#endif
