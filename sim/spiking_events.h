/* The reference engine: step by step, every spike through the event queue. The only one
 * for pairs without a closed form. */
#ifndef SIM_SPIKING_EVENTS_H
#define SIM_SPIKING_EVENTS_H

#include "neurons/neuron_model.h"
#include "sim/spiking_site.h"

struct events_engine;

struct events_settings {
    const struct kernel *kernel;
    const struct neuron_model *neuron;
    const struct encoder *encoder;
    double neuron_param[NEURON_MAX_PARAMS];
    double encoder_param[ENCODER_MAX_PARAMS];
    double dt_ms;
    int threads;
};

/* Called for every event as it is sent. */
struct event_sink {
    void *context;
    enum error_code (*event)(void *context, unsigned step, uint32_t neuron,
                             int32_t worth, struct error *err); /* NULL: none */
};

enum error_code events_create(struct events_engine **engine,
                              const struct events_settings *settings,
                              const struct spiking_limits *limits, struct error *err);
void events_free(struct events_engine *engine);
/* y (outputs). Fills in how many spikes there were. The population starts each row at
 * rest, so that neither order nor batches matter. */
enum error_code events_project(struct events_engine *engine,
                               const struct spiking_site *s, struct encoded *row,
                               const struct event_sink *sink, float *y,
                               struct error *err);

#endif
