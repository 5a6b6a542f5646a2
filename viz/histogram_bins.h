/* What the histogram shows, gathered from the recording for the selection: |count| of
 * channels, or of a network how often its neurons fired in the time in sight. */
#ifndef VIZ_HISTOGRAM_BINS_H
#define VIZ_HISTOGRAM_BINS_H

#include "viz/pane.h"

enum { HISTOGRAM_BINS = 24 };

struct histogram_bins {
    uint32_t bins;
    double share[HISTOGRAM_BINS]; /* of what is counted */
    double items;                 /* how many are counted */
    double small;                 /* share with |count| <= 7; NaN: of a network */
    double bin_hz;                /* width of a bin of a network */
    double mean_hz;
    char what[140]; /* "channels of L07, all 52 tokens" */
};

enum error_code histogram_bins_gather(struct histogram_bins *bins,
                                      const struct stage *stage, unsigned which,
                                      struct error *err);
/* "0", "8+" (to 15), "128+": of counts. */
const char *histogram_bin_name(uint32_t bin);

#endif
