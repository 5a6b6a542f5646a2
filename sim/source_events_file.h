/* Spikes in HDF5 files of other tools: lists of events (times, neurons, and perhaps
 * values) or grids of zeros and ones, one after another. */
#ifndef SIM_SOURCE_EVENTS_FILE_H
#define SIM_SOURCE_EVENTS_FILE_H

#include "sim/recording_layout_file.h"
#include "sim/source_reader.h"

struct event_list {
    uint32_t population;
    hid_t time, node, value; /* value: 0 when there is none */
    hid_t grid;              /* or this alone: (samples, steps, neurons) */
    unsigned rank;           /* of time and node: 1, or 2 with samples */
    hsize_t samples, length; /* events or steps of a sample */
    hsize_t neurons;         /* of a grid */
    double scale;            /* ms of a unit of time; of a step of a grid */
    double sample_ms;        /* between samples */
    bool is_padded;          /* neuron -1 or time infinite: no event */
};

enum { MOST_LISTS = 65536 };

/* Opens the file and makes an empty state. */
enum error_code events_open(struct spike_source *source, struct error *err);
/* A list of the state that will be closed with it; NULL: no memory. */
struct event_list *events_add(struct spike_source *source, struct error *err);
hid_t events_file(const struct spike_source *source);
/* A dataset of `rank` dimensions of numbers; extent (rank). Negative: err is set. */
hid_t events_dataset(struct spike_source *source, hid_t group, const char *name,
                     unsigned rank, hsize_t *extent, struct error *err);
/* Text of an attribute: a string of either kind, or the name of an enum's value. False:
 * not there, or something else. */
bool events_text(hid_t object, const char *name, char *text, size_t room);
bool events_number(hid_t object, const char *name, double *value);
/* The name of a group's link by number; false: too long. */
bool events_link(hid_t group, hsize_t index, char name[SOURCE_NAME]);

enum error_code events_read(struct spike_source *source, struct source_spike *spike,
                            size_t room, size_t *count, struct error *err);
enum error_code events_rewind(struct spike_source *source, struct error *err);
void events_close(struct source_state *state);

#endif
