/* What is looked at and how: plain data that keys, the mouse, options and tours change.
 * No window here: tests drive it without one. */
#ifndef VIZ_VIEW_STATE_H
#define VIZ_VIEW_STATE_H

#include "sim/recording.h"
#include "viz/playback.h"

#include <stdbool.h>
#include <stdint.h>

enum view_pane {
    PANE_TEXT, /* the words, spoken so far in full ink */
    PANE_RASTER,
    PANE_MAP,
    PANE_RATES,
    PANE_HISTOGRAM,
    PANE_ENERGY,
    PANE_TRACE,
    VIEW_PANES
};

enum view_palette { VIEW_LIGHT, VIEW_DARK, VIEW_COLOUR_BLIND, VIEW_PALETTES };
enum compare_mode { COMPARE_SIDES, COMPARE_DIFFERENCE, COMPARE_MODES };

/* By their enums, as options and reports call them. */
extern const char *const view_palette_names[VIEW_PALETTES];
extern const char *const compare_mode_names[COMPARE_MODES];

/* -1: none. A population implies its layer, a neuron its population. */
struct selection {
    int32_t layer, population;
    int64_t neuron; /* global id */
    int64_t token;
};

struct view_state {
    struct playback playback;
    double first_step, steps;  /* the stretch of time in sight */
    double first_unit, units;  /* of the stack, from its foot */
    double loop_from, loop_to; /* steps; equal: no loop */
    struct selection selection;
    bool is_shown[VIEW_PANES];
    enum view_pane enlarged; /* VIEW_PANES: none fills the window */
    enum view_palette palette;
    enum compare_mode compare;
    float font_scale;
    bool keeps_up; /* the stretch in sight follows playback */
    bool shows_help;
    int pointer_x, pointer_y; /* -1: outside */
    char caption[240];        /* of a tour; "": none */
};

/* What bounds a view. */
struct view_extent {
    double units;         /* of the stack */
    bool has[VIEW_PANES]; /* what the recording can fill */
    unsigned exhibits;    /* recordings beside one another */
    const struct population_info *population;
    uint32_t populations;
};

/* What a key, an option or a tour does; the amount's meaning in brackets. */
enum view_action {
    VIEW_NOTHING,
    VIEW_PLAY,  /* pauses or goes on */
    VIEW_STEP,  /* (steps) */
    VIEW_TOKEN, /* (tokens) */
    VIEW_SEEK,  /* (step) */
    VIEW_BEGIN,
    VIEW_END,
    VIEW_PACE,       /* (factor) 0: the normal one */
    VIEW_ZOOM_TIME,  /* (factor) about the cursor; above 1 shows less */
    VIEW_ZOOM_UNITS, /* (factor) about the middle */
    VIEW_PAN_TIME,   /* (share of what is in sight) */
    VIEW_PAN_UNITS,
    VIEW_WHOLE,     /* all of the time, all neurons */
    VIEW_KEEP_UP,   /* follow playback or stay */
    VIEW_LOOP,      /* the selected token, else what is in sight; or no loop */
    VIEW_LOOP_FROM, /* from the cursor */
    VIEW_LOOP_TO,
    VIEW_SELECT_TOKEN, /* (0: at the cursor; else so many on) */
    VIEW_SELECT_LAYER, /* (so many on) */
    VIEW_SELECT_POPULATION,
    VIEW_SELECT_NEURON,
    VIEW_CLEAR,   /* help, enlargement or selection, whichever is there */
    VIEW_PANE,    /* (enum view_pane) shows or hides it */
    VIEW_ENLARGE, /* (1: the next pane, -1: the one before) */
    VIEW_PALETTE, /* (so many on) */
    VIEW_FONT,    /* (factor) */
    VIEW_COMPARE, /* side by side, or the difference */
    VIEW_HELP,
    VIEW_FULL_SCREEN, /* these two are the window's */
    VIEW_QUIT,
    VIEW_ACTIONS
};

/* All of the time and nothing selected; which panes are shown follows the extent. */
void view_state_init(struct view_state *view, const struct view_extent *extent,
                     const uint64_t *token_start, uint64_t tokens, double normal_pace);
/* Whatever the amount, the view stays within its extent. */
void view_state_act(struct view_state *view, const struct view_extent *extent,
                    enum view_action action, double amount);
/* Plays on, round the loop if there is one. */
void view_state_advance(struct view_state *view, double seconds);

/* About a place that stays where it is. */
void view_state_zoom_time(struct view_state *view, double factor, double step);
void view_state_zoom_units(struct view_state *view, const struct view_extent *extent,
                           double factor, double unit);
void view_state_see(struct view_state *view, double first_step, double steps);
void view_state_see_units(struct view_state *view, const struct view_extent *extent,
                          double first_unit, double units);
void view_state_loop(struct view_state *view, double from, double to);
/* Completes what a selection implies; selecting the same again clears it. */
void view_state_select(struct view_state *view, const struct view_extent *extent,
                       const struct selection *selection);
/* After the stack changed: all of it. */
void view_state_restack(struct view_state *view, const struct view_extent *extent);
/* The recording grew; a view that saw its end goes on seeing it. */
void view_state_extend(struct view_state *view, const uint64_t *token_start,
                       uint64_t tokens);

#endif
