/* The reference engine: step by step, every spike through the event queue. The only one
 * for pairs without a closed form. */
#ifndef SIM_SPIKING_EVENTS_H
#define SIM_SPIKING_EVENTS_H

#include "sim/coded_population.h"
#include "sim/spiking_site.h"

struct events_engine;

/* Called for every event as it is sent. */
struct event_sink {
    void *context;
    enum error_code (*event)(void *context, unsigned step, uint32_t neuron,
                             int32_t worth, struct error *err); /* NULL: none */
    /* After every step, with the state it left. NULL: none */
    enum error_code (*stepped)(void *context, const struct population *population,
                               struct error *err);
};

enum error_code events_create(struct events_engine **engine,
                              const struct coded_settings *settings,
                              const struct kernel *kernel,
                              const struct spiking_limits *limits, struct error *err);
void events_free(struct events_engine *engine);
/* y (outputs). Fills in how many spikes there were. The population starts each row at
 * rest and random codes draw by place (sequence and position of the row, site as
 * population), so that neither order nor batches matter. */
enum error_code events_project(struct events_engine *engine,
                               const struct spiking_site *s,
                               const struct random_place *place, struct encoded *row,
                               const struct event_sink *sink, float *y,
                               struct error *err);

#endif
