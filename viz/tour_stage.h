/* A tour put on: its stops brought to the view of a show, played and left again. */
#ifndef VIZ_TOUR_STAGE_H
#define VIZ_TOUR_STAGE_H

#include "viz/show.h"
#include "viz/tour.h"

struct tour_stage {
    const struct tour *tour;
    int language;
    size_t stop;
    double from, to; /* steps that this stop plays; equal: none */
    double waited;   /* seconds since it had played */
};

/* Tries every stop on the recording, then enters the first. Errors name the line. */
enum error_code tour_stage_begin(struct tour_stage *stage, const struct tour *tour,
                                 int language, struct show *show, struct error *err);
enum error_code tour_stage_enter(struct tour_stage *stage, size_t stop,
                                 struct show *show, struct error *err);
/* To another stop (1: the next one); stays at the ends. */
enum error_code tour_stage_go(struct tour_stage *stage, int by, struct show *show,
                              struct error *err);
/* Plays on. The stop ends where its range ends; true: its pause is over, too. */
bool tour_stage_advance(struct tour_stage *stage, double seconds, struct show *show);
/* Where the cursor comes to rest. */
double tour_stage_end(const struct tour_stage *stage);
/* Seconds from a stop's beginning to its end. */
double tour_stage_seconds(const struct tour_stage *stage, const struct show *show);

#endif
