/* The page of a recording: what it packs, unpacked as its script does it, and what it
 * refuses. What a browser makes of it: test_page.sh. */
#include "tests/suites.h"
#include "tests/synthetic_recording.h"
#include "tests/temporary_path.h"
#include "viz/page.h"
#include "viz/page_trains.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <zlib.h>

enum { CHANNELS = 90, TOKENS = 7 };

struct numbers {
    const uint8_t *byte;
    size_t length, at;
};

static uint64_t next(struct numbers *numbers)
{
    uint64_t value = 0;
    for (unsigned shift = 0; numbers->at < numbers->length; shift += 7) {
        uint8_t byte = numbers->byte[numbers->at++];
        value |= (uint64_t)(byte & 127) << shift;
        if (byte < 128)
            return value;
    }
    CU_FAIL("numbers end early");
    return 0;
}

static int32_t next_signed(struct numbers *numbers)
{
    uint64_t value = next(numbers);
    return value % 2 ? -(int32_t)(value / 2) - 1 : (int32_t)(value / 2);
}

static struct numbers numbers_of(const struct page_bytes *bytes)
{
    return (struct numbers){ bytes->byte, bytes->length, 0 };
}

/* Where each train begins in the table. */
static size_t *find_trains(const struct page_trains *trains)
{
    struct numbers table = numbers_of(&trains->table);
    size_t *place = calloc(trains->trains, sizeof *place);
    for (uint32_t train = 0; train < trains->trains; train++) {
        place[train] = table.at;
        uint64_t spikes = next(&table);
        for (uint64_t i = 0; i < 2 * spikes; i++)
            next(&table);
    }
    CU_ASSERT_EQUAL(table.at, table.length);
    return place;
}

/* Adds the spikes of one train to spike[]; they come by neuron, then step. */
static size_t unpack_train(const struct page_trains *trains, size_t place,
                           uint64_t node, struct recorded_spike *spike)
{
    struct numbers table = numbers_of(&trains->table);
    uint32_t step = 0;
    table.at = place;
    size_t spikes = (size_t)next(&table);
    for (size_t i = 0; i < spikes; i++) {
        step += (uint32_t)next(&table);
        spike[i] = (struct recorded_spike){ node, step, next_signed(&table) };
    }
    return spikes;
}

static size_t unpack_token(const struct page_trains *trains, const size_t *place,
                           const struct recording *recording, struct numbers *cells,
                           struct numbers *symbols, struct recorded_spike *spike)
{
    size_t length = 0;
    for (uint32_t p = 0; p < recording->populations; p++) {
        const struct population_info *info = &recording->population[p];
        size_t ranks = (size_t)next(cells);
        uint64_t *train = calloc(ranks + 1, sizeof *train);
        for (size_t rank = 0; rank < ranks; rank++)
            train[rank] = next(cells);
        for (uint64_t neuron = 0; ranks > 0 && neuron < info->size; neuron++) {
            uint64_t rank = ranks > 1 ? next(symbols) : 0;
            length += unpack_train(trains, place[train[rank]],
                                   info->first_node + neuron, spike + length);
        }
        free(train);
    }
    return length;
}

static int by_neuron(const void *a, const void *b)
{
    const struct recorded_spike *left = a, *right = b;
    if (left->node != right->node)
        return left->node < right->node ? -1 : 1;
    return (left->step > right->step) - (left->step < right->step);
}

static void compare_tokens(const struct recording *recording,
                           const struct page_trains *trains)
{
    struct error err = { 0 };
    struct numbers cells = numbers_of(&trains->cells),
                   symbols = numbers_of(&trains->symbols);
    size_t *place = find_trains(trains);
    for (uint64_t token = 0; token < recording->tokens; token++) {
        struct recorded_spike *spike = NULL;
        size_t length = 0, differ = 0;
        CU_ASSERT_EQUAL_FATAL(recording_expand(recording, token, &spike, &length, &err),
                              OK);
        qsort(spike, length, sizeof *spike, by_neuron);
        struct recorded_spike *found = malloc((trains->spikes + 1) * sizeof *found);
        CU_ASSERT_EQUAL_FATAL(unpack_token(trains, place, recording, &cells, &symbols,
                                           found),
                              length);
        for (size_t i = 0; i < length; i++)
            differ += found[i].node != spike[i].node ||
                      found[i].step != spike[i].step ||
                      found[i].worth != spike[i].worth;
        CU_ASSERT_EQUAL(differ, 0);
        free(found);
        free(spike);
    }
    CU_ASSERT_EQUAL(symbols.at, symbols.length);
    CU_ASSERT_EQUAL(cells.at, cells.length);
    free(place);
}

static void open_synthetic(struct recording *recording, const char *encoder)
{
    struct error err = { 0 };
    const char *path = temporary_path("page.h5");
    CU_ASSERT_EQUAL_FATAL(synthetic_write(path, encoder, CHANNELS, TOKENS, true, false,
                                          &err),
                          OK);
    CU_ASSERT_EQUAL_FATAL(recording_open(recording, path, &err), OK);
}

static void every_spike_comes_back(void)
{
    static const char *const encoders[] = { "bitwise", "ternary", "graded", "binary" };
    for (size_t i = 0; i < sizeof encoders / sizeof encoders[0]; i++) {
        struct error err = { 0 };
        struct recording recording;
        struct page_trains trains;
        uint32_t population[16];
        open_synthetic(&recording, encoders[i]);
        for (uint32_t p = 0; p < recording.populations; p++)
            population[p] = p;
        CU_ASSERT_EQUAL_FATAL(page_trains_init(&trains, &err), OK);
        for (uint64_t token = 0; token < recording.tokens; token++) {
            struct recorded_spike *spike = NULL;
            size_t length = 0;
            CU_ASSERT_EQUAL_FATAL(recording_expand(&recording, token, &spike, &length,
                                                   &err),
                                  OK);
            CU_ASSERT_EQUAL_FATAL(page_trains_add(&trains, &recording, population,
                                                  recording.populations, spike, length,
                                                  &err),
                                  OK);
            free(spike);
        }
        CU_ASSERT_TRUE(trains.spikes > 0);
        compare_tokens(&recording, &trains);
        page_trains_release(&trains);
        recording_close_reader(&recording);
    }
}

/* More trains than the table of hashes begins with room for. */
static void many_trains_fit(void)
{
    enum { NEURONS = 1 << 14 };
    struct error err = { 0 };
    struct population_info info = { .name = "all", .size = NEURONS };
    struct recording recording = { .population = &info,
                                   .populations = 1,
                                   .neurons = NEURONS };
    struct page_trains trains;
    uint32_t population = 0;
    struct recorded_spike *spike = malloc(NEURONS * sizeof *spike);
    CU_ASSERT_PTR_NOT_NULL_FATAL(spike);
    for (uint32_t i = 0; i < NEURONS; i++)
        spike[i] = (struct recorded_spike){ i, i, (int32_t)i - 99 };
    CU_ASSERT_EQUAL_FATAL(page_trains_init(&trains, &err), OK);
    CU_ASSERT_EQUAL(page_trains_add(&trains, &recording, &population, 1, spike, NEURONS,
                                    &err),
                    OK);
    CU_ASSERT_EQUAL(trains.trains, NEURONS + 1); /* and the silent one */
    CU_ASSERT_EQUAL(trains.spikes, NEURONS);
    spike[0].node = NEURONS;
    CU_ASSERT_EQUAL(page_trains_add(&trains, &recording, &population, 1, spike, NEURONS,
                                    &err),
                    ERR_FORMAT);
    page_trains_release(&trains);
    free(spike);
}

static void base64_and_deflate_can_be_undone(void)
{
    static const char digits[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    enum { LENGTH = 100000 };
    struct error err = { 0 };
    struct page_bytes plain = { 0 }, packed = { 0 }, raw = { 0 };
    for (uint32_t i = 0; i < LENGTH; i++)
        page_bytes_put(&plain, (uint8_t)(i * i >> 7));
    CU_ASSERT_EQUAL_FATAL(page_bytes_pack(&packed, &plain, &err), OK);
    CU_ASSERT_EQUAL(packed.length % 4, 0);
    uint32_t bits = 0;
    for (size_t i = 0; i < packed.length && packed.byte[i] != '='; i++) {
        bits = bits << 6 | (uint32_t)(strchr(digits, packed.byte[i]) - digits);
        if (i % 4 > 0)
            page_bytes_put(&raw, (uint8_t)(bits >> (6 - 2 * (i % 4))));
    }
    uint8_t *back = malloc(LENGTH + 1);
    z_stream stream = { .next_in = raw.byte,
                        .avail_in = (uInt)raw.length,
                        .next_out = back,
                        .avail_out = LENGTH + 1 };
    CU_ASSERT_EQUAL_FATAL(inflateInit2(&stream, -15), Z_OK);
    CU_ASSERT_EQUAL(inflate(&stream, Z_FINISH), Z_STREAM_END);
    CU_ASSERT_EQUAL_FATAL(stream.total_out, LENGTH);
    CU_ASSERT_EQUAL(memcmp(back, plain.byte, LENGTH), 0);
    inflateEnd(&stream);
    free(back);
    page_bytes_release(&plain);
    page_bytes_release(&packed);
    page_bytes_release(&raw);
}

static void what_does_not_fit_is_refused(void)
{
    struct error err = { 0 };
    struct population_info info = { .name = "all", .size = 1u << 24 };
    struct scene scene = {
        .recording = { .population = &info, .populations = 1, .has_spikes = true },
        .tokens = 100
    };
    struct stack_band band = { 0 };
    struct stack stack = { &band, 1, 1 };
    struct page_settings settings = { .stack = &stack };
    struct page_size size;
    const char *path = temporary_path("page.html");
    CU_ASSERT_EQUAL(page_write(&scene, &settings, path, &size, &err), ERR_ARGUMENT);
    CU_ASSERT_PTR_NOT_NULL(strstr(err.text, "--tokens"));
    settings.first_token = 100;
    CU_ASSERT_EQUAL(page_write(&scene, &settings, path, &size, &err), ERR_ARGUMENT);
    CU_ASSERT_PTR_NOT_NULL(strstr(err.text, "token 100 is not among the 100"));
    scene.recording.has_spikes = false;
    CU_ASSERT_EQUAL(page_write(&scene, &settings, path, &size, &err), ERR_ARGUMENT);
    CU_ASSERT_PTR_NOT_NULL(strstr(err.text, "no spikes"));
    struct stat status;
    CU_ASSERT_NOT_EQUAL(stat(path, &status), 0);
}

CU_TestInfo page_tests[] = {
    { "every spike comes back, every code", every_spike_comes_back },
    { "many trains fit, and a stray neuron is refused", many_trains_fit },
    { "base64 and deflate can be undone", base64_and_deflate_can_be_undone },
    { "what does not fit a page is refused", what_does_not_fit_is_refused },
    CU_TEST_INFO_NULL,
};
