/* Chunks packed the way HDF5's scale-offset filter packs them (H5Z_FILTER_SCALEOFFSET),
 * for H5Dwrite_chunk(): the least value is taken off, and what is left of every value
 * lies in as many bits as the largest needs, the highest bit first. HDF5 reads them as
 * its own; its filter walks bytes and calls pow() for every double, and took more than
 * half of the time that writing spikes takes (notes/measurements.md). */
#ifndef SIM_SCALE_OFFSET_FILE_H
#define SIM_SCALE_OFFSET_FILE_H

#include "sim/recording_layout_file.h"

/* Bytes that packing `count` elements of any type takes. */
size_t scale_offset_room(size_t count);
/* Packs a chunk of `count` elements whose fill value is 0, as set by H5Pset_scaleoffset()
 * with H5Z_SO_INT and the least number of bits, doubles with H5Z_SO_FLOAT_DSCALE and 0,
 * to the front of `room`, which is aligned for int64_t. Returns its bytes. 0: HDF5 must
 * do it (elements that are no 64-bit integers, no signed 32-bit ones and no whole
 * doubles, or that lie too far apart). */
size_t scale_offset_pack(enum element element, const void *rows, size_t count,
                         unsigned char *room);

#endif
