/* Random numbers as a function of where they are used: Philox 4x32-10 (Salmon et al.,
 * SC 2011) keyed by the run's seed and counted by (sequence, position, population,
 * neuron, step, draw). Neither threads nor batches nor order can change a run.
 * Wrapped as a gsl_rng_type, so that every GSL distribution works on it. */
#ifndef BASE_RANDOM_H
#define BASE_RANDOM_H

#include <gsl/gsl_rng.h>
#include <stddef.h>
#include <stdint.h>

struct random_place {
    uint32_t sequence, position, population, neuron, step;
};

/* The generator's block function: 128 bits out of a 128-bit counter and a 64-bit
 * key. */
void random_philox(const uint32_t counter[4], const uint32_t key[2], uint32_t out[4]);

/* gsl_rng_alloc(random_gsl_type) then random_set() before each use at a place. */
extern const gsl_rng_type *const random_gsl_type;
void random_set(gsl_rng *generator, uint64_t seed, const struct random_place *place);

/* One word for each of the neurons [place->neuron, place->neuron + count), from blocks
 * shared by four: that of neuron n is word n % 4 of the block at neuron n / 4, of draw
 * 2^32 - 1, which streams never reach. The same words in whatever pieces. */
void random_words(uint64_t seed, const struct random_place *place, size_t count,
                  uint32_t *word);

/* Name and version, stored in recordings. */
extern const char random_name[];

#endif
