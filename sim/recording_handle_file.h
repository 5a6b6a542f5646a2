/* An open recording: its datasets, and reading stretches of rows from them. */
#ifndef SIM_RECORDING_HANDLE_FILE_H
#define SIM_RECORDING_HANDLE_FILE_H

#include "sim/recording_layout_file.h"

struct recording_file {
    char *path;
    hid_t file;
    hid_t column[COLUMNS]; /* 0: not in this file */
    hid_t values, status;
    uint32_t op_kinds; /* columns of a part of the host: no more than OP_KINDS */
    hid_t *trace, *trace_time; /* (traces of the recording) */
    uint32_t traces;           /* opened */
};

/* Rows [first, first + count) of a column into memory of the column's element type. */
enum error_code handle_read(const struct recording_file *handle, unsigned column,
                            uint32_t populations, uint64_t first, uint64_t count,
                            void *rows, struct error *err);
enum error_code handle_read_rows(hid_t dataset, hid_t type, uint64_t first,
                                 uint64_t count, hsize_t width, void *rows,
                                 const char *path, struct error *err);
uint64_t handle_rows(hid_t dataset);
/* Counts and the ends of the lists: what `recording` holds of a file that may grow. */
enum error_code handle_measure(struct recording *recording, struct error *err);
void handle_close(struct recording_file *handle);

#endif
