/* Which lines a pane over time shows, by the selection, and their values over the columns
 * of a plot: by token (or slice of time) from sums, by step from the index of spikes
 * where steps are wide enough to be told apart. */
#ifndef VIZ_RATE_LINES_H
#define VIZ_RATE_LINES_H

#include "viz/pane.h"
#include "viz/scene_series.h"

enum { RATE_LINES = 8 };

struct rate_line {
    const char *name;
    bool is_population; /* else a series */
    uint32_t index;
    uint64_t neurons;
    uint32_t colour;
};

struct rate_lines {
    const struct scene *scene;
    struct rate_line line[RATE_LINES];
    uint32_t lines;
};

/* All series; of a selected layer its populations, of a selected population itself. */
void rate_lines_select(struct rate_lines *lines, const struct stage *stage,
                       const struct scene *scene);
/* Of tokens [from, to). */
struct series_sum rate_line_between(const struct rate_lines *lines, uint32_t line,
                                    uint64_t from, uint64_t to);

/* Pixels [x, x + width) of a plot and the tokens they show, at least one. */
struct token_span {
    int x, width;
    uint64_t from, to;
};
/* The span that begins at x; false: no token is there. Spans follow one another. */
bool token_span_at(const struct stage *stage, const struct scene *scene,
                   struct box plot, int x, struct token_span *span);

/* Spikes of each line in equal stretches of time. */
struct step_counts {
    uint64_t first_step, steps_each;
    uint32_t columns;
    double *spikes; /* (lines, columns), malloc'ed; NULL: tokens are fine enough */
};
/* What lies in sight, in as many columns as there are steps or pixels. */
enum error_code step_counts_init(struct step_counts *counts,
                                 const struct rate_lines *lines,
                                 const struct stage *stage, unsigned which, int pixels,
                                 struct error *err);
void step_counts_release(struct step_counts *counts);

#endif
