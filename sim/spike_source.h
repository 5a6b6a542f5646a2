/* Spikes out of a file, whoever wrote it: our own recordings, SONATA (with populations,
 * and the old layout without), NIRData, and text (CSV, or NEST's ASCII). They come in
 * the order of the file, block by block, so that memory does not grow with the file.
 *
 * Text: columns named in the first line, parted by comma, semicolon or white space:
 * time_ms or timestamp_ms (time_s: seconds), node or node_id (sender: counted from 1),
 * and if there population and value or worth; others are passed over. Without such a
 * line the columns are time_ms and node. Lines that begin with # are comments.
 * NIRData: times and dt are taken as seconds; samples follow each other on one clock;
 * of gridded data only what is binary is read. */
#ifndef SIM_SPIKE_SOURCE_H
#define SIM_SPIKE_SOURCE_H

#include "base/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { SOURCE_NAME = 64, SOURCE_MOST_NEURONS = 100000000 };

struct source_population {
    char name[SOURCE_NAME];
    /* As the file states it, else the highest neuron seen and one. Text whose
     * populations number their neurons apart (as our own export does): from the first
     * seen to the first of the next population. */
    uint64_t neurons;
};

struct source_spike {
    uint32_t population;
    uint64_t neuron; /* of its population, from 0 */
    double time_ms;  /* finite, not negative */
    int32_t value;   /* worth; 1 where the file has none */
};

struct source_state;

struct spike_source {
    const char *format; /* "recording", "SONATA", "SONATA (old)", "NIRData", "text" */
    char *path;
    struct source_population *population;
    uint32_t populations;
    uint64_t spikes;
    double end_ms;   /* as stated, or the last spike */
    bool has_end;    /* end_ms is stated, and after the last spike */
    double dt_ms;    /* 0: not stated */
    bool is_ordered; /* by time over all populations */
    struct source_state *state;
    const struct source_reader *reader;
};

/* Whether a readable file is anything but one of our recordings. */
bool spike_source_is_foreign(const char *path);
/* Reads a foreign file once from end to end, to learn what the struct holds. */
enum error_code spike_source_open(struct spike_source *source, const char *path,
                                  struct error *err);
/* The next spikes, at most `room`; *count is 0 at the end and only there. */
enum error_code spike_source_read(struct spike_source *source,
                                  struct source_spike *spike, size_t room,
                                  size_t *count, struct error *err);
/* Reading begins anew. */
enum error_code spike_source_rewind(struct spike_source *source, struct error *err);
void spike_source_close(struct spike_source *source);

#endif
