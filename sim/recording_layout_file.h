/* What the writer and the reader of recordings share: names, types and shapes of the
 * datasets. The layout in words: notes/recording.md. */
#ifndef SIM_RECORDING_LAYOUT_FILE_H
#define SIM_RECORDING_LAYOUT_FILE_H

#include "sim/recording.h"

#include <hdf5.h>

enum { ROWS_PER_BLOCK = 16 }; /* tokens gathered in memory, and rows of a chunk */

enum { SONATA_MAGIC = 0x0A7A };

/* A column has one row per token; behind TOKEN_COLUMNS stand the offsets, with one row
 * more, and what they point into. */
enum column {
    COLUMN_ID,
    COLUMN_START_STEP,
    COLUMN_STEPS,
    COLUMN_KIND,
    COLUMN_LOG_PROBABILITY,
    COLUMN_SEQUENCE,
    COLUMN_POSITION,
    COLUMN_CACHE,
    COLUMN_WEIGHTS,
    COLUMN_THRESHOLD,
    COLUMN_COUNTER,
    COLUMN_HOST = COLUMN_COUNTER + SITE_COUNTERS,
    TOKEN_COLUMNS = COLUMN_HOST + HOST_PARTS,
    COLUMN_TEXT_OFFSET = TOKEN_COLUMNS,
    COLUMN_TEXT,
    COLUMN_OVERFLOW_OFFSET,
    COLUMN_OVERFLOW,
    COLUMN_SPIKE_OFFSET,
    COLUMN_TIMESTAMPS,
    COLUMN_NODES,
    COLUMN_VALUES,
    COLUMNS
};

enum element {
    ELEMENT_U8,
    ELEMENT_I32,
    ELEMENT_U32,
    ELEMENT_U64,
    ELEMENT_F32,
    ELEMENT_F64,
    ELEMENT_OVERFLOW
};

/* Spikes are packed by HDF5's scale-offset filter. It comes with every build of HDF5,
 * while deflate does not (libsonata's wheels lack it), takes half the time and loses
 * nothing of integers; PACK_STEPS are timestamps, packed where dt_ms is an integer. */
struct column_layout {
    char path[RECORD_TEXT + 32];
    enum element element;
    hsize_t width;        /* elements of a row; 0: a plain list */
    hsize_t chunk;        /* rows */
    size_t element_bytes; /* in memory */
    enum packing { PACK_NONE, PACK_INTEGERS, PACK_STEPS } packing;
    const char *unit, *meaning;
};

void column_layout(unsigned column, uint32_t populations, struct column_layout *layout);
bool column_is_planned(unsigned column, bool counts, bool spikes);

/* /counts/values lies in slabs of this many channels: few enough that reading one
 * population over time stays cheap, equal so that little is padding. */
hsize_t slab_width(uint64_t channels);

/* Types as they lie in the file (fixed byte order) or in memory; the caller closes. */
hid_t element_type(enum element element, bool in_file);
hid_t text_type(size_t bytes);
hid_t population_type(bool in_file);

struct run_status {
    int32_t state;          /* enum recording_state */
    uint64_t tokens;        /* complete in the file */
    uint64_t totals_tokens; /* that /by_neuron covers */
    char end[RECORD_TEXT], model_sha256[72];
};
hid_t status_type(bool in_file);

/* Fixed-length text and the numbers of recording_info, as attributes of /run. */
struct info_field {
    const char *name;
    size_t offset, bytes; /* in struct recording_info */
    enum { INFO_TEXT, INFO_I32, INFO_I64, INFO_U64, INFO_F64 } kind;
};
extern const struct info_field info_fields[];    /* ends with a NULL name */
hid_t info_type(const struct info_field *field); /* the caller closes */

/* Error of a failed HDF5 call: the sentence, then the innermost reason HDF5 gives. */
enum error_code hdf5_error(struct error *err, enum error_code code, const char *format,
                           ...) __attribute__((format(printf, 3, 4)));
/* Before any other HDF5 call: it prints failures on stderr unless told not to, and its
 * cleaning up at exit crashes (1.10) over a file that could not be closed. */
void hdf5_prepare(void);

/* After a failed write: what HDF5 still holds of the file goes to the null device. It
 * would clear the writer's mark and announce an end of file that was never written. */
void hdf5_abandon(hid_t file);

/* The byte that writers of a file lock as long as they live, far behind any data. */
bool recording_lock(int fd);
bool recording_is_locked(int fd);

#endif
