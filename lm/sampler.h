/* Choosing the next token. In this order: temperature 0 takes the largest logit (lowest
 * id on a tie); else top-k, top-p, min-p, temperature, then one draw. */
#ifndef LM_SAMPLER_H
#define LM_SAMPLER_H

#include "base/error.h"
#include "base/op_count.h"
#include "lm/kernel.h"

#include <gsl/gsl_rng.h>
#include <stdint.h>

struct sampler_settings {
    double temperature;  /* 0: greedy */
    uint32_t top_k;      /* 0: all */
    double top_p, min_p; /* 1 and 0: off */
    uint64_t seed;
};

struct sampler;

enum error_code sampler_create(struct sampler **sampler, const struct kernel *kernel,
                               uint32_t vocabulary,
                               const struct sampler_settings *settings,
                               struct error *err);
void sampler_free(struct sampler *sampler);
/* The draw is a function of (seed, sequence, position). logits (vocabulary) is kept. */
int32_t sampler_choose(struct sampler *sampler, const float *logits, uint32_t sequence,
                       uint32_t position);
/* Operations of one choice: every logit is compared once; above temperature 0 each of the
 * candidates that top-k leaves is scaled, put through exp, and summed. Comparisons that
 * order the candidates among themselves are not counted. */
void sampler_cost(const struct sampler_settings *settings, uint32_t vocabulary,
                  struct op_count *ops);
/* Natural logarithm of the softmax of one logit, log(exp(l_i) / sum exp(l)), to 2e-6;
 * the same for every kernel. */
double log_probability(const struct kernel *kernel, const float *logits,
                       uint32_t vocabulary, int32_t id);

#endif
