/* From a running network to a recording: spikes in slices of time (one "token" of the
 * recording a slice), and traces of chosen state. Of the counters of a slice it keeps
 * steps, spikes, synaptic operations and updates. */
#ifndef SIM_NETWORK_RECORDER_H
#define SIM_NETWORK_RECORDER_H

#include "sim/network.h"
#include "sim/recording.h"

enum { NETWORK_MAX_TRACES = 16 };

/* Neurons [first, first + count) of a population, one state variable by name. */
struct network_trace {
    uint32_t population;
    const char *variable;
    size_t first, count;
};

struct network_recorder_settings {
    const char *path;      /* NULL: no file */
    double slice_ms;       /* 0: 10 ms */
    double trace_every_ms; /* 0: every step */
    const struct network_trace *trace;
    uint32_t traces;
    struct recording_info info; /* command, config, seed, ... as experiments fill it */
};

struct network_recorder;

/* After network_build. info.dt_ms is set to the network's. */
enum error_code network_recorder_create(
    struct network_recorder **recorder, struct network *network,
    const struct network_recorder_settings *settings, struct error *err);
/* For network_run. The time of the recording begins with the first call, which takes
 * the first sample of every trace: initial conditions are to be set before. */
struct network_sink network_recorder_sink(struct network_recorder *recorder);
/* Spikes so far of a population. */
uint64_t network_recorder_spikes(const struct network_recorder *recorder,
                                 uint32_t population);
/* Completes and closes the file; state as in recording_close. Frees the recorder
 * whatever happens. */
enum error_code network_recorder_close(struct network_recorder *recorder,
                                       enum recording_state state, struct error *err);

#endif
