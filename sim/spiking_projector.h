/* The spiking implementation of the seam: per site and token a threshold, a spike code,
 * a population of neurons, an event queue and integer accumulators. Two engines give
 * the same spikes and bit-identical y where the pair of neuron and code has a closed
 * form: `events` (step by step, through the queue) and `counts` (at once, silent
 * channels skipped). Source: SpikingBrain report (arXiv 2509.05276), section 3.3. */
#ifndef SIM_SPIKING_PROJECTOR_H
#define SIM_SPIKING_PROJECTOR_H

#include "base/error.h"
#include "encoders/encoder.h"
#include "encoders/threshold.h"
#include "lm/weight_matrix.h"
#include "lm/kernel.h"
#include "lm/model.h"
#include "lm/projector.h"
#include "lm/thread_team.h"
#include "neurons/neuron_model.h"
#include "sim/response.h"
#include "sim/site_counters.h"

enum engine { ENGINE_COUNTS, ENGINE_EVENTS };

/* Called for every site that spikes, rows in the order of apply(). Any may be NULL. */
struct spike_observer {
    void *context;
    enum error_code (*site)(void *context, uint32_t site, size_t row,
                            const int32_t *count, const struct site_counters *counters,
                            struct error *err);
    /* Engine `events` only: every event as it is sent. */
    enum error_code (*event)(void *context, uint32_t site, size_t row, unsigned step,
                             uint32_t neuron, int32_t worth, struct error *err);
    /* Engine `events` only: the population after each of its steps. */
    enum error_code (*stepped)(void *context, uint32_t site, size_t row,
                               const struct population *population, struct error *err);
};

struct spiking_settings {
    const struct neuron_model *neuron;
    const struct encoder *encoder;
    double neuron_param[NEURON_MAX_PARAMS];
    double encoder_param[ENCODER_MAX_PARAMS];
    struct threshold_rule threshold;             /* of every site ... */
    const struct threshold_rule *site_threshold; /* ... unless (sites) is given */
    unsigned window; /* fixed T; 0: from the largest count */
    enum engine engine;
    double dt_ms;
    uint64_t seed;               /* of random codes */
    const unsigned char *spikes; /* (sites): 1 spikes, 0 goes to `dense` */
    struct thread_team *team;    /* NULL: one thread */
};

/* Pairs that are read through a response (sim/response.h) get it measured, and need a
 * window. A sequence that is truncated starts from nothing again where the
 * code is stateful: rows after it cost what a first row costs.
 * `matrix` (one per site), `dense` (for the sites that do not spike; NULL if all do),
 * the kernel, the team and the model must outlive it; the settings are copied. Refuses
 * pairs that cannot work and engine `counts` without closed form. */
enum error_code spiking_create(struct projector *projector, const struct model *model,
                               const struct weight_matrix *matrix,
                               struct projector *dense, const struct kernel *kernel,
                               const struct spiking_settings *settings,
                               struct error *err);
void spiking_observe(struct projector *projector,
                     const struct spike_observer *observer);
/* The threshold rule of a site. */
const struct threshold_rule *spiking_rule(const struct spiking_settings *settings,
                                          uint32_t site);
/* True when the pair has a closed form: an exact counter with a code that has one. */
bool spiking_has_closed_form(const struct neuron_model *neuron,
                             const struct encoder *encoder);
/* As measured when the projector was made; NULL: the pair needs none. */
const struct response *spiking_response(const struct projector *projector);
/* Operations of one spike at one target: the code's, or a multiply-accumulate where the
 * worth of a spike is read from a response. */
struct op_count spiking_event_cost(const struct spiking_settings *settings);
/* Operations, typed, behind the counters of a site summed over `tokens`: encode,
 * neurons, spikes, decode, bias. Of site and matrix only the shapes are read.
 * Thresholds of single sites (site_threshold) cost what settings->threshold costs. */
void spiking_ops(const struct spiking_settings *settings, const struct site *site,
                 const struct weight_matrix *matrix,
                 const struct site_counters *counters, uint64_t tokens,
                 struct op_count *ops);

#endif
