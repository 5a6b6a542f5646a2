/* What every named network of more than one neuron goes through: described, built, put
 * at its initial conditions, run with statistics, recorded and drawn, examined. */
#ifndef EXPERIMENTS_NETWORK_SESSION_H
#define EXPERIMENTS_NETWORK_SESSION_H

#include "experiments/named_network.h"
#include "sim/network.h"
#include "sim/spike_statistics.h"

#include <gsl/gsl_rng.h>

enum { NETWORK_POPULATIONS = 16 };

struct network_session {
    struct network_job *job;
    struct network *network;
    /* After the run, by population. */
    struct population_statistics statistics[NETWORK_POPULATIONS];
    struct network_totals totals;
    double last_ms[NETWORK_POPULATIONS]; /* of the last spike; below 0: none */
    void *context;                       /* the plan's */
};

struct network_plan {
    enum error_code (*describe)(struct network_session *session, struct error *err);
    /* After building; NULL: at rest. */
    enum error_code (*begin)(struct network_session *session, struct error *err);
    /* While it runs; NULL: nobody watches. */
    void (*spiked)(struct network_session *session, double now_ms, uint32_t population,
                   const struct spike *spike, size_t spikes);
    void (*stepped)(struct network_session *session, double now_ms);
    /* Adds to the job's findings. */
    enum error_code (*examine)(struct network_session *session, struct error *err);
    struct spike_statistics_settings statistics;
    double slice_ms;   /* of the recording and its picture; 0: 10 ms */
    bool is_dark;      /* the picture */
    bool draws_itself; /* examine() does, not the raster */
    void *context;
};

enum error_code network_session_run(struct network_job *job,
                                    const struct network_plan *plan, struct error *err);

/* "name=value,..." over a model's defaults: `param` for network_add_population. */
enum error_code network_model(const char *name, const char *assigned,
                              const struct neuron_model **model, double *param,
                              struct error *err);
/* The port of that name of a population's model. */
unsigned network_port(const struct network *network, uint32_t population,
                      const char *name);
/* State `name` of a population, (count); NULL where it has none. */
double *network_state_named(struct network *network, uint32_t population,
                            const char *name);

/* Draws of an initial condition: a stream of its own for each `purpose`. GSL's
 * distributions take the generator; gsl_rng_free() it. NULL: no memory. */
gsl_rng *network_draws(const struct network_job *job, uint32_t purpose);

#endif
