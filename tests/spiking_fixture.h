/* A model of three sites with random weights and inputs for the tests of the spiking
 * projector, and what a run through it leaves behind. */
#ifndef TESTS_SPIKING_FIXTURE_H
#define TESTS_SPIKING_FIXTURE_H

#include "sim/spiking_projector.h"

#include <gsl/gsl_rng.h>

enum {
    SITES = 3,
    ROWS = 7,
    WIDEST = 576,
};

struct sent_event {
    uint32_t site, row, step, neuron;
    int32_t worth;
};

struct fixture {
    gsl_rng *generator;
    struct arena arena;
    struct model model;
    struct site site[SITES];
    struct weight_matrix matrix[SITES];
    float x[SITES][ROWS * WIDEST];
    struct thread_team *pair; /* two threads */
};

/* What a run leaves behind. */
struct outcome {
    float y[SITES][ROWS * WIDEST];
    int32_t count[SITES][ROWS][WIDEST];
    struct site_counters counters[SITES][ROWS];
    struct sent_event *event;
    size_t events, room, rows_seen;
};

/* weights: in the form of --weights. */
struct fixture *spiking_fixture_create(const char *weights);
void spiking_fixture_free(struct fixture *f);
/* With the parameters that the neuron and the code have by default. */
struct spiking_settings spiking_settings_for(const char *neuron, const char *encoder,
                                             enum engine engine);
/* Every site, `batch` rows at a time. */
struct outcome *spiking_fixture_run(struct fixture *f,
                                    const struct spiking_settings *settings,
                                    const struct kernel *kernel, size_t batch);
void spiking_outcome_send(struct outcome *out, struct sent_event event);
void spiking_outcome_free(struct outcome *out);

#endif
