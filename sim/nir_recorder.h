/* From a running NIR graph to a recording: the spikes of every node that fires, and of
 * the inputs where these are spikes, in slices of time (one "token" of the recording a
 * slice). What is counted of a population: its spikes, its updates, and the additions of
 * weights that its spikes alone cause (SOP). */
#ifndef SIM_NIR_RECORDER_H
#define SIM_NIR_RECORDER_H

#include "sim/nir_run.h"
#include "sim/recording.h"

struct nir_recorder_settings {
    const char *path;
    uint32_t slice_steps;       /* 0: 100 */
    bool inputs_are_spikes;     /* record them as populations too */
    struct recording_info info; /* dt_ms included */
};

struct nir_recorder;

enum error_code nir_recorder_create(struct nir_recorder **recorder,
                                    const struct nir_run *run,
                                    const struct nir_recorder_settings *settings,
                                    struct error *err);
/* After every step of the run. */
enum error_code nir_recorder_step(struct nir_recorder *recorder, struct error *err);
/* Completes and closes the file; frees the recorder whatever happens. NULL is allowed. */
enum error_code nir_recorder_close(struct nir_recorder *recorder,
                                   enum recording_state state, struct error *err);

#endif
