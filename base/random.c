/* See random.h. The key is the run's seed and the neuron; the counter is sequence and
 * position (mixed with the population), step and draw. */
#include "base/random.h"

#include <stdbool.h>
#include <string.h>

const char random_name[] = "philox4x32-10";

enum { ROUNDS = 10 };

void random_philox(const uint32_t counter[4], const uint32_t key[2], uint32_t out[4])
{
    uint32_t c[4] = { counter[0], counter[1], counter[2], counter[3] };
    uint32_t k[2] = { key[0], key[1] };
    for (int round = 0; round < ROUNDS; round++) {
        uint64_t left = (uint64_t)0xD2511F53u * c[0];
        uint64_t right = (uint64_t)0xCD9E8D57u * c[2];
        uint32_t next[4] = { (uint32_t)(right >> 32) ^ c[1] ^ k[0], (uint32_t)right,
                             (uint32_t)(left >> 32) ^ c[3] ^ k[1], (uint32_t)left };
        memcpy(c, next, sizeof c);
        k[0] += 0x9E3779B9u;
        k[1] += 0xBB67AE85u;
    }
    memcpy(out, c, sizeof c);
}

/* State of the GSL generator: a stream of blocks at one place. */
struct stream {
    uint32_t key[2], counter[4], block[4];
    unsigned used; /* words of the block handed out */
};

static unsigned long get(void *state)
{
    struct stream *stream = state;
    if (stream->used == 4) {
        random_philox(stream->counter, stream->key, stream->block);
        stream->counter[3]++;
        stream->used = 0;
    }
    return stream->block[stream->used++];
}

static double get_double(void *state)
{
    return (double)get(state) / 4294967296.0;
}

static void set(void *state, unsigned long seed)
{
    struct stream *stream = state;
    *stream =
        (struct stream){ .key = { (uint32_t)seed, (uint32_t)(seed >> 32) }, .used = 4 };
}

static const gsl_rng_type philox_type = {
    .name = random_name,
    .max = 0xffffffffUL,
    .min = 0,
    .size = sizeof(struct stream),
    .set = set,
    .get = get,
    .get_double = get_double,
};

const gsl_rng_type *const random_gsl_type = &philox_type;

/* Six coordinates and the draw do not fit 192 bits of key and counter: a first block
 * folds seed, population and sequence into the key. */
static void fold(uint64_t seed, const struct random_place *place, uint32_t key[2])
{
    uint32_t seed_key[2] = { (uint32_t)seed, (uint32_t)(seed >> 32) };
    uint32_t outer[4] = { place->population, place->sequence, 0, 0 }, folded[4];
    random_philox(outer, seed_key, folded);
    key[0] = folded[0];
    key[1] = folded[1];
}

void random_set(gsl_rng *generator, uint64_t seed, const struct random_place *place)
{
    struct stream *stream = generator->state;
    *stream = (struct stream){
        .counter = { place->position, place->neuron, place->step, 0 },
        .used = 4,
    };
    fold(seed, place, stream->key);
}

/* Many blocks at once, word by word: what a compiler makes vector code of. */
enum { LANES = 64 };

static inline __attribute__((always_inline)) void philox_lanes(
    const uint32_t counter[4], const uint32_t key[2], uint32_t *restrict word)
{
    uint32_t c0[LANES], c1[LANES], c2[LANES], c3[LANES];
    uint32_t k0 = key[0], k1 = key[1];
    for (uint32_t i = 0; i < LANES; i++) {
        c0[i] = counter[0];
        c1[i] = counter[1] + i;
        c2[i] = counter[2];
        c3[i] = counter[3];
    }
    for (int round = 0; round < ROUNDS; round++) {
        for (uint32_t i = 0; i < LANES; i++) {
            uint64_t left = (uint64_t)0xD2511F53u * c0[i];
            uint64_t right = (uint64_t)0xCD9E8D57u * c2[i];
            c0[i] = (uint32_t)(right >> 32) ^ c1[i] ^ k0;
            c1[i] = (uint32_t)right;
            c2[i] = (uint32_t)(left >> 32) ^ c3[i] ^ k1;
            c3[i] = (uint32_t)left;
        }
        k0 += 0x9E3779B9u;
        k1 += 0xBB67AE85u;
    }
    for (uint32_t i = 0; i < LANES; i++) {
        word[4 * i] = c0[i];
        word[4 * i + 1] = c1[i];
        word[4 * i + 2] = c2[i];
        word[4 * i + 3] = c3[i];
    }
}

static void any_lanes(const uint32_t counter[4], const uint32_t key[2], uint32_t *word)
{
    philox_lanes(counter, key, word);
}

#if defined(__x86_64__)
__attribute__((target("avx512f,avx512bw,avx512vl,avx512dq"))) static void avx512_lanes(
    const uint32_t counter[4], const uint32_t key[2], uint32_t *word)
{
    philox_lanes(counter, key, word);
}

static bool has_avx512(void)
{
    return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
           __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512dq");
}
#endif

void random_words(uint64_t seed, const struct random_place *place, size_t count,
                  uint32_t *word)
{
    uint32_t key[2], block[4];
    void (*lanes)(const uint32_t *, const uint32_t *, uint32_t *) = any_lanes;
#if defined(__x86_64__)
    if (has_avx512())
        lanes = avx512_lanes;
#endif
    fold(seed, place, key);
    for (size_t i = 0; i < count;) {
        uint32_t neuron = place->neuron + (uint32_t)i;
        uint32_t counter[4] = { place->position, neuron / 4, place->step, UINT32_MAX };
        if (neuron % 4 == 0 && count - i >= 4 * LANES) {
            lanes(counter, key, word + i);
            i += 4 * (size_t)LANES;
            continue;
        }
        random_philox(counter, key, block);
        for (uint32_t j = neuron % 4; j < 4 && i < count; j++)
            word[i++] = block[j];
    }
}
