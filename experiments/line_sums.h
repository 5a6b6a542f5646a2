/* Adding memory up, cache line by cache line, so that reading it takes all the time. */
#ifndef EXPERIMENTS_LINE_SUMS_H
#define EXPERIMENTS_LINE_SUMS_H

#include <stddef.h>
#include <stdint.h>

enum { SUM_LINE = 64, SUM_WORDS = SUM_LINE / 8 };

/* Eight sums: one alone would wait for itself. */
struct line_sums {
    uint64_t word[SUM_WORDS];
};

/* Adds whole lines, which begin at multiples of 64 bytes. For each, the line at the same
 * place behind `later` is asked for; NULL: none. */
static inline void line_sums_add(struct line_sums *sums, const void *from,
                                 const void *later, size_t bytes)
{
    const uint64_t *word = from, *asked = later;
    struct line_sums sum = *sums;
    for (size_t at = 0; at < bytes / sizeof *word; at += SUM_WORDS) {
        if (asked)
            __builtin_prefetch(asked + at, 0, 2);
        for (size_t j = 0; j < SUM_WORDS; j++)
            sum.word[j] += word[at + j];
    }
    *sums = sum;
}

/* One number of all, for a caller to use: else nothing need be read. */
static inline uint64_t line_sums_fold(const struct line_sums *sums)
{
    uint64_t all = 0;
    for (size_t j = 0; j < SUM_WORDS; j++)
        all ^= sums->word[j];
    return all;
}

#endif
