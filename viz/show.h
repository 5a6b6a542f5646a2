/* Recordings opened to be looked at, with the view of them: what the window, pictures,
 * videos, pages and tours all begin with. */
#ifndef VIZ_SHOW_H
#define VIZ_SHOW_H

#include "viz/comparison.h"
#include "viz/pane.h"

struct show {
    struct scene scene[2];
    struct spike_index *index[2];
    struct stack stack[2];
    unsigned exhibits;
    const char *const *name; /* filter of populations; the caller's */
    struct view_state view;
    struct view_state linked; /* the same, in steps and units of the second */
    struct view_extent extent;
    int32_t stacked_layer, stacked_population; /* what the stacks show */
    struct comparison comparison;              /* of two */
    bool follows; /* show_refresh() looks for what was added */
    char notice[200], label[2][256];
    double grown; /* when the recording last grew, seconds; 0: not yet looked at */
    struct font *font;
    struct stage stage; /* points into the above: a show stays where it is */
};

/* path[1] NULL: one recording. waits: for the index. The view shows all of the time. */
enum error_code show_open(struct show *show, const char *const path[2],
                          const char *const *name, bool waits, struct error *err);
void show_close(struct show *show);
/* Brings stack, palette and capitals in line with the view; call after changing it. */
enum error_code show_update(struct show *show, struct error *err);
/* For a picture of width x height pixels, before drawing. */
void show_size(struct show *show, uint32_t width, uint32_t height);
/* From now on keeps up with a run that is still written, from its end so far. */
void show_follow(struct show *show);
/* How the index and, where the show follows it, the run got on; now: seconds of a clock.
 * Call show_update() if it grew. */
enum error_code show_refresh(struct show *show, double now, bool *grew,
                             struct error *err);
bool show_is_live(const struct show *show);
/* A step of an exhibit in those of the view, and what is selected in it likewise. */
double show_step(const struct show *show, unsigned which, double step);
void show_selection(const struct show *show, unsigned which,
                    struct selection *selection);
/* "L07", "L07.ffn_down", "L07.ffn_down:17" or "@5", a token; several by commas
 * (view_setup.c). */
enum error_code show_select(struct show *show, const char *names, struct error *err);
/* Does an action, and what follows from it. */
enum error_code show_act(struct show *show, enum view_action action, double amount,
                         struct error *err);

#endif
