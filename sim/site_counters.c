/* See site_counters.h. */
#include "sim/site_counters.h"

const struct site_counter_info site_counter_info[SITE_COUNTERS] = {
    [COUNT_STEPS] = { "steps", "steps", "virtual steps T of this site and token" },
    [COUNT_SILENT] = { "silent", "channels", "channels with count 0" },
    [COUNT_SMALL] = { "small", "channels", "channels with |count| <= 7" },
    [COUNT_MAGNITUDE] = { "magnitude", "counts", "sum of |count| over channels" },
    [COUNT_SPIKES] = { "spikes", "spikes", "spikes fired" },
    [COUNT_CLIPPED] = { "clipped", "channels", "channels whose count the window cut" },
    [COUNT_SOP] = { "sop", "operations", "synaptic operations: spikes times fan-out" },
    [COUNT_SPIKE_BYTES] = { "spike_bytes", "bytes",
                            "weights and scales if every spike fetches its row" },
    [COUNT_ROW_BYTES] = { "row_bytes", "bytes",
                          "weights and scales if every active row is fetched once" },
    [COUNT_STATE_BYTES] = { "state_bytes", "bytes",
                            "membranes and accumulators, read and written" },
    [COUNT_UPDATES] = { "updates", "updates", "neuron updates: neurons times steps" },
};
