/* The objects of a new recording: all of them exist before the run writes a row. */
#ifndef SIM_RECORDING_CREATE_FILE_H
#define SIM_RECORDING_CREATE_FILE_H

#include "sim/recording_layout_file.h"

/* A complete file without tokens at `path`, closed again. */
enum error_code recording_create_objects(const char *path,
                                         const struct recording_plan *plan,
                                         struct error *err);
/* The root attributes and the group of SONATA spikes in an open file. */
enum error_code sonata_create_root(hid_t file, struct error *err);
enum error_code sonata_mark_sorting(hid_t group, struct error *err);
/* An empty growing dataset, with its unit and meaning. dt_ms decides how timestamps are
 * packed. */
enum error_code column_create(hid_t file, const struct column_layout *layout,
                              double dt_ms, struct error *err);
/* A dataset of fixed size, written now (value) or later (NULL: zeros). rank 0: one
 * element. */
enum error_code dataset_create(hid_t file, const char *path, hid_t file_type,
                               hid_t memory_type, int rank, const hsize_t *extent,
                               const void *value, struct error *err);
/* False when HDF5 fails; an empty text needs no attribute. */
bool attribute_write(hid_t object, const char *name, hid_t type, hid_t space,
                     const void *value);
bool attribute_write_text(hid_t object, const char *name, const char *text);

#endif
