/* See spiking_fixture.h. */
#include "tests/spiking_fixture.h"

#include "tests/suites.h"
#include "tests/weight_builder.h"

#include <gsl/gsl_randist.h>
#include <stdlib.h>
#include <string.h>

/* Rows: normal, all zero, with outliers, or tiny. */
static void fill_inputs(struct fixture *f, uint32_t site)
{
    size_t inputs = f->site[site].inputs;
    for (size_t row = 0; row < ROWS; row++)
        for (size_t i = 0; i < inputs; i++) {
            double value = gsl_ran_gaussian(f->generator, row == 5 ? 1e-3 : 2);
            if (row == 1)
                value = 0;
            if ((row == 2 || row == 6) && i % 97 == 3)
                value *= 60;
            f->x[site][row * inputs + i] = (float)value;
        }
}

struct fixture *spiking_fixture_create(const char *weights)
{
    static const struct {
        uint32_t inputs, outputs;
    } size[SITES] = {
        { 576, 200 },
        { 200, 576 },
        { 128, 64 },
    };
    struct fixture *f = calloc(1, sizeof *f);
    struct error err = { 0 };
    CU_ASSERT_PTR_NOT_NULL_FATAL(f);
    f->generator = gsl_rng_alloc(gsl_rng_mt19937);
    CU_ASSERT_PTR_NOT_NULL_FATAL(f->generator);
    for (uint32_t site = 0; site < SITES; site++) {
        f->site[site] = (struct site){ .name = "test",
                                       .inputs = size[site].inputs,
                                       .outputs = size[site].outputs };
        weight_builder_fill(&f->matrix[site], &f->arena, weights, size[site].inputs,
                            size[site].outputs, f->generator);
        fill_inputs(f, site);
    }
    float *bias = arena_array(&f->arena, size[0].outputs, sizeof *bias);
    CU_ASSERT_PTR_NOT_NULL_FATAL(bias);
    for (size_t o = 0; o < size[0].outputs; o++)
        bias[o] = (float)gsl_ran_gaussian(f->generator, 1);
    f->site[0].bias = bias;
    f->model.site = f->site;
    f->model.sites = SITES;
    CU_ASSERT_EQUAL_FATAL(thread_team_create(&f->pair, 2, &err), OK);
    return f;
}

void spiking_fixture_free(struct fixture *f)
{
    thread_team_free(f->pair);
    gsl_rng_free(f->generator);
    arena_free(&f->arena);
    free(f);
}

struct spiking_settings spiking_settings_for(const char *neuron, const char *encoder,
                                             enum engine engine)
{
    struct spiking_settings settings = {
        .neuron = neuron_model_find(neuron),
        .encoder = encoder_find(encoder),
        .threshold = threshold_default,
        .engine = engine,
        .dt_ms = 1,
    };
    CU_ASSERT_FATAL(settings.neuron && settings.encoder);
    field_defaults(settings.neuron->params, settings.neuron_param);
    field_defaults(settings.encoder->params, settings.encoder_param);
    return settings;
}

struct watcher {
    const struct fixture *fixture;
    struct outcome *outcome;
    size_t first; /* of the rows being run */
};

static enum error_code watch_site(void *context, uint32_t site, size_t row,
                                  const int32_t *count,
                                  const struct site_counters *counters,
                                  struct error *err)
{
    struct watcher *watcher = context;
    struct outcome *out = watcher->outcome;
    (void)err;
    row += watcher->first;
    CU_ASSERT_EQUAL_FATAL(out->rows_seen++, (size_t)site * ROWS + row);
    out->counters[site][row] = *counters;
    memcpy(out->count[site][row], count,
           watcher->fixture->site[site].inputs * sizeof *count);
    return OK;
}

void spiking_outcome_send(struct outcome *out, struct sent_event event)
{
    if (out->events == out->room) {
        out->room = out->room ? 2 * out->room : 4096;
        out->event = realloc(out->event, out->room * sizeof *out->event);
        CU_ASSERT_PTR_NOT_NULL_FATAL(out->event);
    }
    out->event[out->events++] = event;
}

static enum error_code watch_event(void *context, uint32_t site, size_t row,
                                   unsigned step, uint32_t neuron, int32_t worth,
                                   struct error *err)
{
    struct watcher *watcher = context;
    (void)err;
    spiking_outcome_send(watcher->outcome,
                         (struct sent_event){ site, (uint32_t)(row + watcher->first),
                                              step, neuron, worth });
    return OK;
}

struct outcome *spiking_fixture_run(struct fixture *f,
                                    const struct spiking_settings *settings,
                                    const struct kernel *kernel, size_t batch)
{
    struct error err = { 0 };
    struct projector projector;
    struct outcome *out = calloc(1, sizeof *out);
    CU_ASSERT_PTR_NOT_NULL_FATAL(out);
    CU_ASSERT_EQUAL_FATAL(spiking_create(&projector, &f->model, f->matrix, NULL, kernel,
                                         settings, &err),
                          OK);
    struct watcher watcher = { f, out, 0 };
    struct spike_observer observer = { &watcher, watch_site, watch_event, NULL };
    struct row_id id[ROWS] = { { 0, 0 } };
    spiking_observe(&projector, &observer);
    for (uint32_t site = 0; site < SITES; site++)
        for (watcher.first = 0; watcher.first < ROWS; watcher.first += batch) {
            size_t rows = ROWS - watcher.first < batch ? ROWS - watcher.first : batch;
            const float *x = f->x[site] + watcher.first * f->site[site].inputs;
            float *y = out->y[site] + watcher.first * f->site[site].outputs;
            CU_ASSERT_EQUAL(projector.apply(projector.self, site, x, rows, id, y, &err),
                            OK);
        }
    projector_release(&projector);
    CU_ASSERT_EQUAL(out->rows_seen, SITES * ROWS);
    return out;
}

void spiking_outcome_free(struct outcome *out)
{
    free(out->event);
    free(out);
}
