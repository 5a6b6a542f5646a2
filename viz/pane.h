/* A view within the picture: one file and one row of pane_table.c each. Panes read the
 * stage and draw; they keep nothing and change nothing. */
#ifndef VIZ_PANE_H
#define VIZ_PANE_H

#include "viz/canvas.h"
#include "viz/palette.h"
#include "viz/scene.h"
#include "viz/spike_index.h"
#include "viz/stack.h"
#include "viz/view_state.h"

#include <stdbool.h>

/* One recording with what belongs to it alone. */
struct exhibit {
    const struct scene *scene;
    struct spike_index *index;
    const struct stack *stack;
    const struct view_state *view; /* in its own steps and units */
    const char *label;             /* where there are two: which this is */
};

/* Everything that is drawn from. */
struct stage {
    struct exhibit exhibit[2]; /* the second to be compared with */
    unsigned exhibits;
    /* Of the exhibit that is drawn; the second's follows the first token by token. */
    const struct view_state *view;
    const struct palette *palette;
    struct font *font;
    struct box rubber;  /* the mouse zooms into it; width 0: none */
    const char *notice; /* of the run and its index, for the line of state; "": none */
    float cap;          /* height in pixels of a capital of plain text */
};

/* What lies under the pointer. */
struct finding {
    struct selection selection;
    double step;    /* NaN: no place in time */
    char text[200]; /* for the hover: name, index, count, rate, token */
};

/* How often what draw() draws changes while it plays: a window draws it anew only then. */
enum pane_change { PANE_STILL, PANE_BY_TOKEN, PANE_BY_STEP };

struct pane {
    /* The picture writes the title above the pane: its box is what lies below. */
    const char *name, *title, *summary;
    enum pane_change changes;
    /* It has the axis of time of pane_plot(): the picture lays the cursor over it, and a
     * veil over what is still to come; draw() leaves both out. */
    bool has_time;
    /* Where it stands; NULL: pane_plot(). */
    struct box (*plot)(const struct stage *stage, unsigned which, struct canvas *canvas,
                       struct box box);
    /* Whether the recording has what it shows; NULL: always. */
    bool (*has)(const struct scene *scene);
    /* which: the exhibit to draw. */
    enum error_code (*draw)(const struct stage *stage, unsigned which,
                            struct canvas *canvas, struct box box, struct error *err);
    /* False: nothing there. NULL: nothing anywhere. */
    bool (*find)(const struct stage *stage, unsigned which, struct canvas *canvas,
                 struct box box, int x, int y, struct finding *finding);
};

/* By enum view_pane. */
extern const struct pane *const panes[VIEW_PANES];

/* Where steps and stack units lie within a pane that has an axis of time: shared by the
 * raster, the rates, the traces and the words, so that they stand under one another. */
struct box pane_plot(const struct stage *stage, struct box box);
float pane_step_x(const struct view_state *view, struct box plot, double step);
double pane_x_step(const struct view_state *view, struct box plot, float x);

#endif
