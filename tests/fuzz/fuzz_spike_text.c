/* Spikes out of hostile text: what is read lies within what the source announces, twice
 * the same. */
#include "sim/spike_source.h"
#include "sim/spike_statistics.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { BLOCK = 64 };

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static uint64_t read_all(struct spike_source *source,
                         struct spike_statistics *statistics)
{
    struct source_spike spike[BLOCK];
    struct error err;
    uint64_t spikes = 0;
    size_t count;
    while (spike_source_read(source, spike, BLOCK, &count, &err) == OK && count > 0) {
        for (size_t i = 0; i < count; i++) {
            if (spike[i].population >= source->populations ||
                spike[i].neuron >= source->population[spike[i].population].neurons ||
                !(spike[i].time_ms >= 0 && spike[i].time_ms <= source->end_ms))
                abort();
            if (spike[i].neuron < BLOCK)
                spike_statistics_add(statistics, 0, spike[i].neuron, spike[i].time_ms);
        }
        spikes += count;
    }
    if (err.code != OK)
        abort();
    return spikes;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    static char path[64];
    struct spike_source source;
    struct spike_statistics *statistics;
    struct population_statistics result;
    struct error err;
    const struct spike_statistics_settings settings = { .seed = 1 };
    const uint64_t neurons = BLOCK;
    if (!path[0])
        snprintf(path, sizeof path, "/dev/shm/fuzz_spike_text.%ld", (long)getpid());
    FILE *file = fopen(path, "wb");
    if (!file)
        return 0;
    fwrite(bytes, 1, size, file);
    fclose(file);
    if (size < 4 || bytes[1] != 'H' ||
        bytes[2] != 'D') { /* not HDF5 by its signature */
        if (spike_source_open(&source, path, &err) == OK) {
            if (spike_statistics_create(&statistics, &neurons, 1, &settings, &err) !=
                OK)
                abort();
            uint64_t spikes = read_all(&source, statistics);
            if (spikes != source.spikes || spike_source_rewind(&source, &err) != OK ||
                read_all(&source, statistics) != spikes ||
                spike_statistics_finish(statistics, 0, &result, &err) != OK)
                abort();
            spike_statistics_free(statistics);
            spike_source_close(&source);
        }
    }
    unlink(path);
    return 0;
}
