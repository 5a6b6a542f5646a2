/* Recordings whose counts, windows and codes have nothing to do with one another: they
 * are expanded and summed, or refused. Random bytes would test HDF5's own parser, which
 * is not ours to mend; so bytes say what our own writer writes. */
#include "encoders/encoder.h"
#include "sim/recording.h"
#include "tests/fuzz/feed.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_CHANNELS = 4, MOST_TOKENS = 3 };

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

/* Small for most bytes, of any size for some. */
static uint64_t next_number(struct feed *feed)
{
    const uint8_t byte = next(feed);
    if (byte < 240)
        return byte % 40;
    return (uint64_t)next(feed) << (byte - 240) * 4;
}

static void name_code(struct feed *feed, char *name, size_t room)
{
    size_t codes = 0;
    while (encoders[codes])
        codes++;
    const size_t choice = next(feed) % (codes + 1);
    snprintf(name, room, "%s", choice < codes ? encoders[choice]->name : "other");
}

static void append(struct feed *feed, struct recording_writer *writer,
                   const struct population_info *population, uint64_t token,
                   struct error *err)
{
    static const double unknown = (double)NAN;
    int8_t count[MOST_CHANNELS];
    struct recorded_overflow beyond[MOST_CHANNELS];
    const int32_t id = 1;
    const uint32_t zero = 0;
    const uint64_t nothing = 0;
    const struct host_cost host = { .cache_bytes = 0 };
    struct site_counters site = { .threshold = next(feed) ? 1 : (double)NAN };
    struct token_batch batch = { .tokens = 1,
                                 .id = &id,
                                 .kind = (const unsigned char[]){ 0 },
                                 .sequence = &zero,
                                 .position = &zero,
                                 .steps = &zero,
                                 .log_probability = &unknown,
                                 .text = "",
                                 .text_length = &nothing,
                                 .site = &site,
                                 .host = &host,
                                 .count = count,
                                 .overflow = beyond };
    site.n[COUNT_STEPS] = next_number(feed);
    for (uint64_t i = 0; i < population->channels; i++) {
        count[i] = (int8_t)next(feed);
        if (count[i] == COUNT_BEYOND)
            beyond[batch.overflows++] =
                (struct recorded_overflow){ token, i,
                                            (int32_t)(uint32_t)next_number(feed) };
    }
    recording_append(writer, &batch, err);
}

static bool write_file(struct feed *feed, const char *path)
{
    struct error err = { 0 };
    struct recording_writer *writer;
    struct population_info population = { .name = "site",
                                          .role = "site",
                                          .neuron = "if",
                                          .channels = 1 + next(feed) % MOST_CHANNELS };
    population.size = population.channels * (1 + next(feed) % 9);
    name_code(feed, population.encoder, sizeof population.encoder);
    struct recording_plan plan = { .info.dt_ms = 1,
                                   .population = &population,
                                   .populations = 1,
                                   .neurons = population.size,
                                   .channels = population.channels,
                                   .counts = true };
    plan.info.command = plan.info.config = (char[]){ "" };
    if (recording_create(&writer, path, &plan, &err) != OK)
        return false;
    const uint64_t tokens = 1 + next(feed) % MOST_TOKENS;
    for (uint64_t token = 0; token < tokens && err.code == OK; token++)
        append(feed, writer, &population, token, &err);
    return recording_close(writer, RECORDING_FINISHED, "", &err) == OK;
}

static void read_file(const char *path)
{
    struct error err = { 0 };
    struct recording found;
    uint64_t total[MOST_CHANNELS * (COUNT_BINS + 2)];
    if (recording_open(&found, path, &err) != OK)
        return;
    for (uint64_t token = 0; token < found.tokens; token++) {
        struct recorded_spike *spike = NULL;
        size_t length;
        if (recording_expand(&found, token, &spike, &length, &err) == OK)
            free(spike);
    }
    recording_read_totals(&found, total, total + MOST_CHANNELS,
                          total + 2 * MOST_CHANNELS, &err);
    recording_close_reader(&found);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct feed feed = { bytes, size };
    char path[64];
    feed_path(path, sizeof path, "fuzz_recording");
    if (write_file(&feed, path))
        read_file(path);
    unlink(path);
    return 0;
}
