/* NIR graphs as files: HDF5, layout in notes/nir.md. No HDF5 type crosses this header. */
#ifndef SIM_NIR_FILE_H
#define SIM_NIR_FILE_H

#include "sim/nir_graph.h"

/* Reads and checks (nir_graph_check). Strings of fixed or variable length, any integer
 * and floating type up to 8 bytes, any layout and compression HDF5 knows; neither links
 * out of the file nor data stored outside it. Metadata is passed over and counted. On
 * failure *graph is NULL; the caller frees it otherwise. */
enum error_code nir_graph_read(struct nir_graph **graph, const char *path,
                               struct error *err);
/* The same from the bytes of a file. */
enum error_code nir_graph_parse(struct nir_graph **graph, const void *bytes,
                                size_t size, struct error *err);
/* Checks and writes. Floating values keep their kind, integers are written as 64 bits.
 * Writes beside the path and renames, so that a failure leaves what was there. */
enum error_code nir_graph_write(struct nir_graph *graph, const char *path,
                                struct error *err);

#endif
