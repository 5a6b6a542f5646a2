/* See response.h. */
#include "sim/response.h"

#include "sim/coded_population.h"
#include "sim/fi_curve.h"

#include <math.h>
#include <stdlib.h>

enum {
    MOST_COUNTS = 512,   /* measured, spread over the range */
    RANDOM_REPEATS = 16, /* of a count, for random codes */
};

static const double curve_window_ms = 1000, curve_settle_ms = 200;

bool response_is_needed(const struct neuron_model *neuron,
                        const struct encoder *encoder, unsigned window)
{
    return !neuron->is_exact_counter && encoder->reading != READ_LEVELS &&
           (!neuron->follows_levels || window > 0);
}

double response_drive(const struct response *response, double injection)
{
    if (injection <= 0)
        return 0;
    return response->rheobase +
           (response->top - response->rheobase) * injection / response->steps;
}

int32_t response_worth(const struct response *response, uint32_t earlier, unsigned step)
{
    if (!response->value)
        return 1;
    if (response->reading == READ_FIRST)
        return step < response->entries ? response->value[step] : 0;
    if (earlier + 1 >= response->entries)
        return 0;
    return response->value[earlier + 1] - response->value[earlier];
}

/* Rheobase, and the drive of as many spikes as the steps can show: every second one. */
static enum error_code find_drives(struct response *response,
                                   const struct coded_settings *coded,
                                   struct error *err)
{
    struct fi_settings curve = {
        .model = coded->neuron,
        .param = coded->neuron_param,
        .dt_ms = coded->dt_ms,
        .window_ms = curve_window_ms,
        .settle_ms = curve_settle_ms,
    };
    const double most_hz = 0.5e3 / coded->dt_ms;
    struct fi_point point[2] = { 0 };
    if (coded->neuron->follows_levels) {
        response->top = response->steps;
        return OK;
    }
    if (fi_rheobase(&curve, FI_REPEATS, &response->rheobase, err) != OK ||
        fi_drive_for(&curve, response->rheobase, most_hz, &response->top, err) != OK)
        return err->code;
    point[0].drive = response->rheobase;
    point[1].drive = response->top;
    if (fi_measure(&curve, point, 2, err) != OK)
        return err->code;
    response->rheobase_hz = point[0].steady_hz;
    response->top_hz = point[1].steady_hz;
    return OK;
}

/* What every neuron of a run over all counts was given, and what it did. */
struct trial {
    struct arena arena;
    struct coded_population coded;
    size_t channels, neurons;
    int32_t *count;   /* (channels) */
    double *injected; /* (neurons) of one step */
    double *given;    /* (neurons) mean injection; READ_FIRST: the first one */
    uint32_t *spikes; /* (neurons) */
    uint32_t *first;  /* (neurons) step of the first spike */
};

static enum error_code trial_init(struct trial *trial,
                                  const struct coded_settings *settings, unsigned steps,
                                  struct error *err)
{
    const struct encoder *encoder = settings->encoder;
    int32_t lowest, highest;
    encoder->range(steps, &lowest, &highest);
    const size_t counts = highest < MOST_COUNTS ? (size_t)highest : MOST_COUNTS;
    const size_t repeats = encoder->is_random ? RANDOM_REPEATS : 1;
    *trial = (struct trial){ .channels = counts * repeats };
    trial->neurons = trial->channels * encoder->neurons_per_channel;
    struct arena *arena = &trial->arena;
    trial->count = arena_array(arena, trial->channels, sizeof *trial->count);
    trial->injected = arena_array(arena, trial->neurons, sizeof *trial->injected);
    trial->given = arena_array(arena, trial->neurons, sizeof *trial->given);
    trial->spikes = arena_array(arena, trial->neurons, sizeof *trial->spikes);
    trial->first = arena_array(arena, trial->neurons, sizeof *trial->first);
    if (!coded_init(&trial->coded, arena, settings, trial->neurons) || !trial->count ||
        !trial->injected || !trial->given || !trial->spikes || !trial->first)
        return error_memory(err, "measuring a response", (double)arena->bytes);
    for (size_t i = 0; i < trial->channels; i++)
        trial->count[i] = (int32_t)((i / repeats + 1) * (size_t)highest / counts);
    return OK;
}

static void trial_release(struct trial *trial)
{
    coded_release(&trial->coded);
    arena_free(&trial->arena);
}

static void trial_run(struct trial *trial, const struct response *response)
{
    const struct encoder *encoder = trial->coded.settings.encoder;
    const struct random_place place = { .population = UINT32_MAX };
    coded_begin(&trial->coded, trial->channels, trial->count, response->steps, &place,
                false);
    for (unsigned step = 0; step < response->steps; step++) {
        const double part =
            response->reading == READ_FIRST ? step == 0 : 1.0 / response->steps;
        if (encoder->inject(&trial->coded.encoding, step, trial->injected))
            for (size_t neuron = 0; neuron < trial->neurons; neuron++)
                trial->given[neuron] += part * trial->injected[neuron];
        size_t spikes = coded_step(&trial->coded, step);
        for (size_t i = 0; i < spikes; i++) {
            const uint32_t neuron = trial->coded.event[i].source;
            if (trial->spikes[neuron]++ == 0)
                trial->first[neuron] = step;
        }
    }
}

/* The table's row that a neuron's answer belongs to; false: it did not answer. */
static bool answer(const struct trial *trial, enum reading reading, size_t neuron,
                   uint32_t *row)
{
    *row = reading == READ_FIRST ? trial->first[neuron] : trial->spikes[neuron];
    return trial->given[neuron] > 0 && trial->spikes[neuron] > 0;
}

/* Runs of answers that share a mean. */
struct pool {
    double first, last; /* answers */
    double sum, number; /* of what was given, and of neurons */
};

static double pool_mean(const struct pool *pool)
{
    return pool->number > 0 ? pool->sum / pool->number : 0;
}

/* Least squares in order: neighbours out of order share their mean (pool adjacent
 * violators; Ayer et al., Ann. Math. Stat. 26, 1955). Returns how many are left. */
static size_t pool_in_order(struct pool *pool, size_t pools, bool rises)
{
    size_t used = 0;
    for (size_t i = 0; i < pools; i++) {
        pool[used++] = pool[i];
        while (used > 1) {
            struct pool *left = &pool[used - 2], *right = &pool[used - 1];
            double rise = pool_mean(right) - pool_mean(left);
            if (rises ? rise > 0 : rise < 0)
                break;
            *left = (struct pool){ left->first, right->last, left->sum + right->sum,
                                   left->number + right->number };
            used--;
        }
    }
    return used;
}

/* The mean at an answer: within its pool, or on the line between two. */
static double mean_at(const struct pool *pool, size_t pools, double answer_row)
{
    size_t i = 0;
    while (i + 1 < pools && answer_row > pool[i].last)
        i++;
    if (i == 0 || answer_row >= pool[i].first)
        return pool_mean(&pool[i]);
    const struct pool *left = &pool[i - 1];
    double share = (answer_row - left->last) / (pool[i].first - left->last);
    return pool_mean(left) + share * (pool_mean(&pool[i]) - pool_mean(left));
}

/* What was given by answer; pool (rows). Returns how many answers there were. */
static size_t gather(const struct trial *trial, enum reading reading, struct pool *pool,
                     uint32_t rows)
{
    uint32_t row;
    size_t used = 0;
    for (size_t neuron = 0; neuron < trial->neurons; neuron++)
        if (answer(trial, reading, neuron, &row)) {
            pool[row].sum += trial->given[neuron];
            pool[row].number++;
        }
    for (row = 0; row < rows; row++) {
        if (pool[row].number == 0 && !(reading == READ_COUNT && row == 0))
            continue;
        pool[row].first = pool[row].last = row;
        pool[used++] = pool[row];
    }
    return used;
}

static enum error_code tabulate(struct response *response, struct arena *arena,
                                const struct trial *trial, struct error *err)
{
    const bool is_count = response->reading == READ_COUNT;
    uint32_t row, rows = is_count ? 1 : response->steps;
    for (size_t neuron = 0; neuron < trial->neurons; neuron++)
        if (answer(trial, response->reading, neuron, &row) && row + 1 > rows)
            rows = row + 1;
    struct pool *pool = calloc(rows, sizeof *pool);
    response->value = arena_array(arena, rows, sizeof *response->value);
    if (!pool || !response->value) {
        free(pool);
        return error_memory(err, "a response", (double)rows * sizeof *pool);
    }
    size_t pools = gather(trial, response->reading, pool, rows);
    const bool is_silent = pools <= (is_count ? 1u : 0u);
    pools = pool_in_order(pool, pools, is_count);
    for (row = 0; row < rows && !is_silent; row++)
        response->value[row] =
            (int32_t)lrint(mean_at(pool, pools, row) * RESPONSE_SCALE);
    response->entries = rows;
    free(pool);
    if (!is_silent)
        return OK;
    return error_set(err, ERR_ARGUMENT,
                     "no count made the neuron fire within %u steps: expected a longer "
                     "window",
                     response->steps);
}

enum error_code response_measure(struct response *response, struct arena *arena,
                                 const struct coded_settings *settings, unsigned steps,
                                 struct error *err)
{
    struct coded_settings coded = *settings;
    struct trial trial;
    *response =
        (struct response){ .reading = settings->encoder->reading, .steps = steps };
    if (find_drives(response, settings, err) != OK)
        return error_wrap(err, "neuron %s", settings->neuron->name);
    coded.response = response;
    if (trial_init(&trial, &coded, steps, err) == OK) {
        trial_run(&trial, response);
        tabulate(response, arena, &trial, err);
    }
    trial_release(&trial);
    if (err->code != OK)
        return error_wrap(err, "neuron %s with encoder %s", settings->neuron->name,
                          settings->encoder->name);
    return OK;
}
