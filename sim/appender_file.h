/* A dataset that grows by rows: they gather in memory and go to disk in whole
 * blocks, so a token costs a memcpy and a block one HDF5 call. */
#ifndef SIM_APPENDER_FILE_H
#define SIM_APPENDER_FILE_H

#include "sim/recording_layout_file.h"

struct appender {
    hid_t dataset, type;
    hsize_t width;          /* elements of a row; 0: a plain list */
    size_t row_bytes, room; /* rows of the buffer */
    unsigned char *buffer;
    enum element element;
    unsigned char *packed; /* a chunk on its way to disk; NULL: HDF5 packs, or nobody */
    uint64_t base;         /* rows in the file before the buffer's first */
    size_t fill, written;  /* rows in the buffer, and of these in the file */
    const char *path;
};

/* Opens the layout's dataset in the file; `room` divides the chunk. The layout must
 * outlive the appender. Release what failed, too. */
enum error_code appender_init(struct appender *appender, hid_t file,
                              const struct column_layout *layout, size_t room,
                              struct error *err);
void appender_release(struct appender *appender);
enum error_code appender_put(struct appender *appender, const void *rows, size_t count,
                             struct error *err);
/* The next row, for the caller to fill and push. */
void *appender_row(const struct appender *appender);
enum error_code appender_push(struct appender *appender, struct error *err);
/* Hands what is in the buffer to HDF5. */
enum error_code appender_sync(struct appender *appender, struct error *err);

#endif
