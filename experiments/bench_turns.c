/* See bench.h: turns, medians, and the projector that is timed. */
#include "experiments/bench.h"

#include "base/progress.h"

#include <gsl/gsl_sort.h>
#include <gsl/gsl_statistics_double.h>
#include <stdlib.h>

static struct bench_median median_of(double *value, size_t count)
{
    gsl_sort(value, 1, count);
    return (struct bench_median){ gsl_stats_median_from_sorted_data(value, 1, count),
                                  value[0], value[count - 1] };
}

enum error_code bench_turns(struct entrant *entrant, size_t entrants, unsigned rounds,
                            struct error *err)
{
    double *value = calloc((size_t)rounds * entrants * BENCH_FIGURES, sizeof *value);
    if (!value)
        return error_memory(err, "timings", 0);
    struct progress progress;
    progress_begin(&progress, "timing");
    err->code = OK;
    for (unsigned round = 0; round < rounds && err->code == OK; round++)
        for (size_t i = 0; i < entrants && err->code == OK; i++) {
            double figure[BENCH_FIGURES] = { 0 };
            if (entrant[i].time(&entrant[i], figure, err) != OK)
                error_wrap(err, "%s", entrant[i].name);
            for (size_t f = 0; f < BENCH_FIGURES; f++)
                value[(i * BENCH_FIGURES + f) * rounds + round] = figure[f];
            progress_update(&progress, (double)(round * entrants + i + 1),
                            (double)(rounds * entrants), entrant[i].name);
        }
    progress_end(&progress);
    for (size_t i = 0; i < entrants && err->code == OK; i++)
        for (size_t f = 0; f < BENCH_FIGURES; f++)
            entrant[i].figure[f] =
                median_of(value + (i * BENCH_FIGURES + f) * rounds, rounds);
    free(value);
    return err->code;
}

json_t *bench_row(const struct entrant *entrant)
{
    const struct bench_median *figure = &entrant->figure[0];
    return json_pack("{s:s, s:o, s:o, s:o}", "name", entrant->name, "median",
                     json_number(figure->median), "lowest", json_number(figure->lowest),
                     "highest", json_number(figure->highest));
}

static enum error_code apply(void *self, uint32_t site, const float *x, size_t rows,
                             const struct row_id *ids, float *y, struct error *err)
{
    struct timed_projector *timed = self;
    double started = clock_seconds();
    enum error_code code =
        timed->inner->apply(timed->inner->self, site, x, rows, ids, y, err);
    if (timed->is_timed[site])
        timed->seconds += clock_seconds() - started;
    return code;
}

static void begin_sequence(void *self, uint32_t sequence)
{
    struct timed_projector *timed = self;
    if (timed->inner->begin_sequence)
        timed->inner->begin_sequence(timed->inner->self, sequence);
}

static void truncate_sequence(void *self, uint32_t sequence, uint32_t length)
{
    struct timed_projector *timed = self;
    if (timed->inner->truncate)
        timed->inner->truncate(timed->inner->self, sequence, length);
}

void timed_projector_init(struct timed_projector *timed, struct projector *inner,
                          const unsigned char *is_timed)
{
    *timed = (struct timed_projector){
        .projector = { .name = inner->name,
                       .self = timed,
                       .apply = apply,
                       .begin_sequence = begin_sequence,
                       .truncate = truncate_sequence },
        .inner = inner,
        .is_timed = is_timed,
    };
}
