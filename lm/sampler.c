/* See sampler.h. Candidates are kept in a heap, largest logit first and lowest id on
 * a tie, and taken off it only as far as top-k and top-p reach: no vocabulary is
 * sorted. Logits that are NaN or minus infinity are never chosen. */
#include "lm/sampler.h"

#include "base/random.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

struct candidate {
    float logit;
    int32_t id;
};

struct sampler {
    struct sampler_settings settings;
    uint32_t vocabulary;
    gsl_rng *generator;
    struct candidate *candidate; /* (vocabulary) */
    double *weight;              /* (vocabulary) of candidates in the order taken */
};

/* Behind all populations of neurons, so no draw is theirs. */
static const uint32_t sampler_population = UINT32_MAX;

enum error_code sampler_create(struct sampler **sampler, uint32_t vocabulary,
                               const struct sampler_settings *settings,
                               struct error *err)
{
    *sampler = NULL;
    if (vocabulary == 0 || vocabulary > INT32_MAX)
        return error_set(err, ERR_ARGUMENT, "a vocabulary of %u tokens", vocabulary);
    if (!(settings->temperature >= 0 && isfinite(settings->temperature)))
        return error_set(err, ERR_ARGUMENT, "temperature %g, expected 0 or more",
                         settings->temperature);
    if (!(settings->top_p >= 0 && settings->top_p <= 1))
        return error_set(err, ERR_ARGUMENT, "top-p %g, expected 0 to 1",
                         settings->top_p);
    if (!(settings->min_p >= 0 && settings->min_p <= 1))
        return error_set(err, ERR_ARGUMENT, "min-p %g, expected 0 to 1",
                         settings->min_p);

    struct sampler *made = calloc(1, sizeof *made);
    if (made) {
        made->settings = *settings;
        made->vocabulary = vocabulary;
        made->generator = gsl_rng_alloc(random_gsl_type);
        made->candidate = calloc(vocabulary, sizeof *made->candidate);
        made->weight = calloc(vocabulary, sizeof *made->weight);
    }
    if (!made || !made->generator || !made->candidate || !made->weight) {
        sampler_free(made);
        return error_memory(err, "a sampler", (double)vocabulary * 16);
    }
    *sampler = made;
    return OK;
}

void sampler_free(struct sampler *sampler)
{
    if (!sampler)
        return;
    if (sampler->generator)
        gsl_rng_free(sampler->generator);
    free(sampler->candidate);
    free(sampler->weight);
    free(sampler);
}

static bool is_before(const struct candidate *a, const struct candidate *b)
{
    return a->logit > b->logit || (a->logit == b->logit && a->id < b->id);
}

static void sink(struct candidate *heap, uint32_t count, uint32_t hole)
{
    struct candidate moved = heap[hole];
    for (uint64_t child; (child = 2 * (uint64_t)hole + 1) < count;
         hole = (uint32_t)child) {
        if (child + 1 < count && is_before(&heap[child + 1], &heap[child]))
            child++;
        if (!is_before(&heap[child], &moved))
            break;
        heap[hole] = heap[child];
    }
    heap[hole] = moved;
}

/* Takes the largest of the heap's `count` candidates and puts it behind the others. */
static void take(struct candidate *heap, uint32_t count)
{
    struct candidate first = heap[0];
    heap[0] = heap[count - 1];
    sink(heap, count - 1, 0);
    heap[count - 1] = first;
}

static double weight(const struct candidate *candidate, float largest,
                     double temperature)
{
    return exp(((double)candidate->logit - (double)largest) / temperature);
}

/* Applies top-k and top-p; those kept are the last ones, the largest last of all. */
static uint32_t narrow(struct sampler *sampler, uint32_t count, float largest)
{
    const struct sampler_settings *settings = &sampler->settings;
    struct candidate *heap = sampler->candidate;
    uint32_t keep =
        settings->top_k > 0 && settings->top_k < count ? settings->top_k : count;
    if (keep == count && settings->top_p >= 1)
        return count;

    uint32_t taken = 0;
    for (uint32_t i = count / 2; i-- > 0;)
        sink(heap, count, i);
    if (keep < count)
        for (; taken < keep; taken++)
            take(heap, count - taken);
    if (settings->top_p >= 1)
        return keep;

    double all = 0, mass = 0;
    for (uint32_t i = count - keep; i < count; i++)
        all += weight(&heap[i], largest, 1);
    uint32_t kept = 0;
    while (kept < keep && (kept == 0 || mass < settings->top_p * all)) {
        if (kept == taken)
            take(heap, count - taken++);
        mass += weight(&heap[count - 1 - kept++], largest, 1);
    }
    return kept;
}

/* The id of the largest logit, the lowest on a tie, -1 when there is none; counts the
 * candidates. */
static int32_t gather(struct sampler *sampler, const float *logits, uint32_t *count)
{
    int32_t best = -1;
    *count = 0;
    for (uint32_t id = 0; id < sampler->vocabulary; id++) {
        if (!(logits[id] > -INFINITY))
            continue;
        sampler->candidate[(*count)++] = (struct candidate){ logits[id], (int32_t)id };
        if (best < 0 || logits[id] > logits[best])
            best = (int32_t)id;
    }
    return best;
}

int32_t sampler_choose(struct sampler *sampler, const float *logits, uint32_t sequence,
                       uint32_t position)
{
    const struct sampler_settings *settings = &sampler->settings;
    uint32_t count;
    int32_t best = gather(sampler, logits, &count);
    if (best < 0)
        return 0;
    float largest = logits[best];
    if (settings->temperature == 0 || isinf(largest))
        return best;

    uint32_t kept = narrow(sampler, count, largest);
    const struct candidate *candidate = sampler->candidate + (count - kept);
    double sum = 0;
    for (uint32_t i = 0; i < kept; i++) {
        bool is_likely = weight(&candidate[i], largest, 1) >= settings->min_p;
        sampler->weight[i] =
            is_likely ? weight(&candidate[i], largest, settings->temperature) : 0;
        sum += sampler->weight[i];
    }

    const struct random_place place = { sequence, position, sampler_population, 0, 0 };
    random_set(sampler->generator, settings->seed, &place);
    double rest = gsl_rng_uniform(sampler->generator) * sum;
    int32_t chosen = best;
    for (uint32_t i = 0; i < kept; i++) {
        if (sampler->weight[i] <= 0)
            continue;
        chosen = candidate[i].id;
        rest -= sampler->weight[i];
        if (rest < 0)
            break;
    }
    return chosen;
}

double log_probability(const float *logits, uint32_t vocabulary, int32_t id)
{
    float largest = -INFINITY;
    for (uint32_t i = 0; i < vocabulary; i++)
        if (logits[i] > largest)
            largest = logits[i];
    if (isinf(largest))
        return logits[id] == largest && largest > 0 ? 0 : -HUGE_VAL;

    double sum = 0;
    for (uint32_t i = 0; i < vocabulary; i++)
        if (!isnan(logits[i]))
            sum += exp((double)logits[i] - (double)largest);
    if (isnan(logits[id]))
        return -HUGE_VAL;
    return (double)logits[id] - (double)largest - log(sum);
}

void sampler_cost(const struct sampler_settings *settings, uint32_t vocabulary,
                  struct op_count *ops)
{
    *ops = (struct op_count){ 0 };
    ops->n[OP_COMPARE_F32] = vocabulary;
    if (settings->temperature > 0) {
        bool cuts = settings->top_k > 0 && settings->top_k < vocabulary;
        uint64_t candidates = cuts ? settings->top_k : vocabulary;
        ops->n[OP_MULTIPLY_F32] = candidates;
        ops->n[OP_EXP_F32] = candidates;
        ops->n[OP_ADD_F32] = candidates;
    }
}
