/* See sampler.h. Candidates are kept in a heap, largest logit first and lowest id on
 * a tie, and taken off it only as far as top-p reaches; top-k keeps a heap of the k
 * likeliest so far, the least of them first: no vocabulary is sorted. Logits that are
 * NaN or minus infinity are never chosen. */
#include "lm/sampler.h"

#include "base/random.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

/* Of logits taken at a time. Short enough that a block's sum of exp in 32 bits, eight
 * to a lane, loses no more than 7e-7 of itself. */
enum { BLOCK = 128 };

struct candidate {
    float logit;
    int32_t id;
};

struct sampler {
    const struct kernel *kernel;
    struct sampler_settings settings;
    uint32_t vocabulary;
    gsl_rng *generator;
    struct candidate *candidate; /* (vocabulary) */
    double *weight;              /* (vocabulary) of candidates in the order taken */
};

/* Behind all populations of neurons, so no draw is theirs. */
static const uint32_t sampler_population = UINT32_MAX;

enum error_code sampler_create(struct sampler **sampler, const struct kernel *kernel,
                               uint32_t vocabulary,
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
        made->kernel = kernel;
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

/* Of a heap with the likeliest first or, where `rises`, with the least likely first. */
static void sink(struct candidate *heap, uint32_t count, uint32_t hole, bool rises)
{
    struct candidate moved = heap[hole];
    for (uint64_t child; (child = 2 * (uint64_t)hole + 1) < count;
         hole = (uint32_t)child) {
        if (child + 1 < count && is_before(&heap[child + 1], &heap[child]) != rises)
            child++;
        if (is_before(&heap[child], &moved) == rises)
            break;
        heap[hole] = heap[child];
    }
    heap[hole] = moved;
}

static void make_heap(struct candidate *heap, uint32_t count, bool rises)
{
    for (uint32_t i = count / 2; i-- > 0;)
        sink(heap, count, i, rises);
}

/* Takes the likeliest of the heap's `count` candidates and puts it behind the others. */
static void take(struct candidate *heap, uint32_t count)
{
    struct candidate first = heap[0];
    heap[0] = heap[count - 1];
    sink(heap, count - 1, 0, false);
    heap[count - 1] = first;
}

static double weight(const struct candidate *candidate, float largest,
                     double temperature)
{
    return exp(((double)candidate->logit - (double)largest) / temperature);
}

/* Applies top-p; those kept are the last ones, the likeliest last of all. The first
 * `count - taken` candidates are in any order, those behind them in rising order. */
static uint32_t narrow(struct sampler *sampler, uint32_t count, uint32_t taken,
                       float largest)
{
    struct candidate *heap = sampler->candidate;
    if (sampler->settings.top_p >= 1)
        return count;
    make_heap(heap, count - taken, false);
    double all = 0, mass = 0;
    for (uint32_t i = 0; i < count; i++)
        all += weight(&heap[i], largest, 1);
    uint32_t kept = 0;
    while (kept < count && (kept == 0 || mass < sampler->settings.top_p * all)) {
        if (kept == taken)
            take(heap, count - taken++);
        mass += weight(&heap[count - 1 - kept++], largest, 1);
    }
    return kept;
}

/* Every candidate, in rising order of id. */
static uint32_t gather_all(struct sampler *sampler, const float *logits)
{
    uint32_t count = 0;
    for (uint32_t id = 0; id < sampler->vocabulary; id++) {
        sampler->candidate[count] = (struct candidate){ logits[id], (int32_t)id };
        count += logits[id] > -INFINITY;
    }
    return count;
}

/* The top-k candidates in rising order; top_k is below the vocabulary. Later ids must
 * be larger than the least of those kept, so of equals the lowest ids stay. */
static uint32_t gather_likeliest(struct sampler *sampler, const float *logits)
{
    const uint32_t top_k = sampler->settings.top_k, vocabulary = sampler->vocabulary;
    struct candidate *heap = sampler->candidate;
    uint32_t count = 0;
    float bound = -INFINITY;
    for (uint32_t first = 0; first < vocabulary; first += BLOCK) {
        const uint32_t length = vocabulary - first < BLOCK ? vocabulary - first : BLOCK;
        if (!(sampler->kernel->largest(logits + first, length) > bound))
            continue;
        for (uint32_t id = first; id < first + length; id++) {
            if (!(logits[id] > bound))
                continue;
            const struct candidate added = { logits[id], (int32_t)id };
            if (count < top_k) {
                heap[count++] = added;
                if (count == top_k)
                    make_heap(heap, count, true);
            } else {
                heap[0] = added;
                sink(heap, count, 0, true);
            }
            bound = count == top_k ? heap[0].logit : bound;
        }
    }
    make_heap(heap, count, false);
    for (uint32_t taken = 0; taken < count; taken++)
        take(heap, count - taken);
    return count;
}

/* The lowest id of the largest logit; -1 when there is none. */
static int32_t find_largest(const struct kernel *kernel, const float *logits,
                            uint32_t vocabulary)
{
    float largest = -INFINITY;
    uint32_t at = 0;
    for (uint32_t first = 0; first < vocabulary; first += BLOCK) {
        const uint32_t length = vocabulary - first < BLOCK ? vocabulary - first : BLOCK;
        float most = kernel->largest(logits + first, length);
        if (most > largest) {
            largest = most;
            at = first;
        }
    }
    if (!(largest > -INFINITY))
        return -1;
    while (logits[at] != largest)
        at++;
    return (int32_t)at;
}

int32_t sampler_choose(struct sampler *sampler, const float *logits, uint32_t sequence,
                       uint32_t position)
{
    const struct sampler_settings *settings = &sampler->settings;
    const int32_t best = find_largest(sampler->kernel, logits, sampler->vocabulary);
    if (best < 0)
        return 0;
    float largest = logits[best];
    if (settings->temperature == 0 || isinf(largest))
        return best;

    const bool cuts = settings->top_k > 0 && settings->top_k < sampler->vocabulary;
    const uint32_t count =
        cuts ? gather_likeliest(sampler, logits) : gather_all(sampler, logits);
    const uint32_t kept = narrow(sampler, count, cuts ? count : 0, largest);
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

/* Rounding the distance d to the largest costs exp(-d) 6e-8 d of itself. The mean of d,
 * weighted by the probabilities, is their entropy less the logarithm of the sum: at
 * most ln(vocabulary), 12.5 for the largest in use. With 2e-7 of exp_array and 7e-7 of
 * the sum of a block, what is returned is within 2e-6 of itself. */
static double sum_exp(const struct kernel *kernel, const float *logits, uint32_t count,
                      float largest)
{
    double sum = 0;
    for (uint32_t first = 0; first < count; first += BLOCK) {
        const uint32_t length = count - first < BLOCK ? count - first : BLOCK;
        float power[BLOCK];
        for (uint32_t i = 0; i < length; i++) {
            float distance = logits[first + i] - largest;
            power[i] = isnan(distance) ? -INFINITY : distance;
        }
        kernel->exp_array(power, length);
        sum += (double)kernel->sum_abs(power, length);
    }
    return sum;
}

double log_probability(const struct kernel *kernel, const float *logits,
                       uint32_t vocabulary, int32_t id)
{
    const float largest = kernel->largest(logits, vocabulary);
    if (isinf(largest))
        return logits[id] == largest && largest > 0 ? 0 : -HUGE_VAL;
    if (isnan(logits[id]))
        return -HUGE_VAL;
    return (double)logits[id] - (double)largest -
           log(sum_exp(kernel, logits, vocabulary, largest));
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
