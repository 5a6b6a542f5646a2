/* What is looked at and how: plain data that keys, the mouse, options and tours change.
 * No window here: tests drive it without one. */
#ifndef VIZ_VIEW_STATE_H
#define VIZ_VIEW_STATE_H

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
enum compare_mode { COMPARE_SIDES, COMPARE_DIFFERENCE };

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

#endif
