/* The recording and the picture of a network's run. A picture without -o is drawn from a
 * recording that does not stay. */
#ifndef EXPERIMENTS_NETWORK_OUTPUT_H
#define EXPERIMENTS_NETWORK_OUTPUT_H

#include "experiments/named_network.h"
#include "sim/network_recorder.h"

struct network_output {
    const struct network_job *job;
    struct network_recorder *recorder; /* NULL: neither recording nor picture */
    char path[4096 + 16];              /* of the recording */
    char folder[4096];                 /* where it does not stay; "" where it does */
};

/* After network_build. Reads --trace. Release whatever is returned. */
enum error_code network_output_open(struct network_output *output,
                                    const struct network_job *job,
                                    struct network *network, double slice_ms,
                                    struct error *err);
struct network_sink network_output_sink(
    struct network_output *output); /* may be empty */
/* Closes the recording: as failed where *err already holds an error, which stays. */
enum error_code network_output_close(struct network_output *output, struct error *err);
/* --png, from the closed recording. */
enum error_code network_output_draw(const struct network_output *output, bool is_dark,
                                    struct error *err);
void network_output_release(struct network_output *output);

#endif
