/* A tour of a recording: stops with a caption, a view, and what is played there. A small
 * text script (notes/viewer.md), in configuration text:
 *
 *     title.en = "One neuron, one threshold"
 *     recording = build/demo/neuron.h5
 *     [dark]
 *     caption.en = "A firefly charges up. It will flash {neuron_spikes} times."
 *     panes = trace
 *     play = 0-3000 ms
 *
 * Here it is text only, so it can be checked without a recording; tour_stage.h puts it
 * on. */
#ifndef VIZ_TOUR_H
#define VIZ_TOUR_H

#include "base/config_text.h"
#include "viz/view_state.h"

enum { TOUR_LANGUAGES = 2, TOUR_MAX_STOPS = 200 };
extern const char *const tour_language[TOUR_LANGUAGES]; /* "en", "it" */
/* By name, such as "it" or "it_IT.UTF-8"; -1: none. */
int tour_language_find(const char *name);
/* What the environment asks for (LC_ALL, LC_MESSAGES, LANG), else English. */
int tour_language_usual(void);

enum tour_unit { TOUR_WHOLE, TOUR_TOKENS, TOUR_MS };

struct tour_range {
    enum tour_unit unit;
    double from, to; /* tokens: the first and the last; ms */
};

struct tour_stop {
    const char *name; /* of its section */
    unsigned line;    /* where it begins */
    const char *caption[TOUR_LANGUAGES];
    bool has_panes, is_shown[VIEW_PANES];
    enum view_pane enlarged;          /* VIEW_PANES: none */
    const char *select;               /* NULL: nothing */
    double first_neuron, last_neuron; /* in sight, of what is selected; NaN: all */
    struct tour_range see, play;
    bool plays;
    double speed, pause; /* times the normal one; seconds */
};

struct tour {
    struct config_text config; /* owns the texts */
    const char *title[TOUR_LANGUAGES], *recording;
    struct tour_stop *stop;
    size_t stops;
};

/* Refuses what it does not know, with its line. On failure nothing needs to be
 * released. */
enum error_code tour_parse(struct tour *tour, const char *bytes, size_t size,
                           struct error *err);
/* A path, or the name of one in data/tours/. */
enum error_code tour_open(struct tour *tour, const char *name, struct error *err);
void tour_release(struct tour *tour);
/* In a language, or in English where it is not translated. */
const char *tour_title(const struct tour *tour, int language);
const char *tour_caption(const struct tour_stop *stop, int language);

#endif
