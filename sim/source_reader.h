/* What a layout of spike files brings along, one const struct a layout. */
#ifndef SIM_SOURCE_READER_H
#define SIM_SOURCE_READER_H

#include "sim/spike_source.h"

struct source_reader {
    const char *format;
    /* Sets state, and population, end_ms, dt_ms, spikes, is_ordered as far as the file
     * states them. What it set is closed after a failure, too. */
    enum error_code (*open)(struct spike_source *source, struct error *err);
    enum error_code (*read)(struct spike_source *source, struct source_spike *spike,
                            size_t room, size_t *count, struct error *err);
    enum error_code (*rewind)(struct spike_source *source, struct error *err);
    /* After a survey from end to end; NULL: nothing to do. */
    void (*settle)(struct spike_source *source);
    void (*close)(struct source_state *state);
    bool is_surveyed; /* the file states everything */
};

extern const struct source_reader recording_reader, sonata_reader, old_sonata_reader,
    nirdata_reader, text_reader;

/* The reader for an HDF5 file. One that cannot be opened plainly is left to the reader
 * of recordings: it may be written just now, or carry the mark of a killed writer. */
enum error_code source_recognise(const char *path, const struct source_reader **reader,
                                 struct error *err);

/* Appends a population; NULL: no memory, err is set. */
struct source_population *source_add_population(struct spike_source *source,
                                                const char *name, struct error *err);
/* Refuses what no spike can have: `row` names the place. */
enum error_code source_check_spike(uint64_t row, int64_t node, double time_ms,
                                   struct error *err);

#endif
