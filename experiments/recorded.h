/* A recording with the settings it was made with and the totals of its tokens. */
#ifndef EXPERIMENTS_RECORDED_H
#define EXPERIMENTS_RECORDED_H

#include "experiments/options.h"
#include "sim/run_totals.h"
#include "sim/spiking_projector.h"

struct recorded {
    struct recording recording;
    struct options options;           /* as stored in the recording */
    struct spiking_settings settings; /* plug-ins, threshold, window; no sites */
    struct weight_plan weights;
    struct run_totals totals;
};

/* Says on stderr when a killed run's flag was cleared. Close what failed, too. */
enum error_code recorded_open(struct recorded *run, const char *path,
                              struct error *err);
void recorded_close(struct recorded *run);

#endif
