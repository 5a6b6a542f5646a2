/* See silencer.h. */
#include "experiments/silencer.h"

#include <math.h>
#include <stdlib.h>

struct silencer {
    struct session *session;
    struct projector projector;
    const double *dead_zone; /* (sites), or NULL */
    float *quiet;            /* (rows, most inputs) */
    double *silent, *seen;   /* (sites), channels */
};

/* Returns how many are silent. */
static size_t silence_row(const struct silencer *s, const float *x, size_t channels,
                          double dead_zone, float *quiet)
{
    const uint32_t shared = s->session->spiking_settings.threshold.group;
    const size_t group = shared ? shared : channels;
    size_t silent = 0;
    for (size_t first = 0; first < channels; first += group) {
        size_t length = channels - first < group ? channels - first : group;
        double mean =
            (double)s->session->kernel->sum_abs(x + first, length) / (double)length;
        const float least = (float)(dead_zone * mean);
        for (size_t i = first; i < first + length; i++) {
            bool is_silent = fabsf(x[i]) < least;
            quiet[i] = is_silent ? 0 : x[i];
            silent += is_silent;
        }
    }
    return silent;
}

static enum error_code apply(void *state, uint32_t site, const float *x, size_t rows,
                             const struct row_id *ids, float *y, struct error *err)
{
    struct silencer *s = state;
    const struct projector *dense = &s->session->dense_float;
    const size_t channels = s->session->model.site[site].inputs;
    const double dead_zone = s->dead_zone ? s->dead_zone[site] : 0;
    s->seen[site] += (double)(rows * channels);
    if (dead_zone > 0) {
        size_t silent = 0;
#pragma omp parallel for num_threads(s->session->threads) reduction(+ : silent)
        for (size_t row = 0; row < rows; row++)
            silent += silence_row(s, x + row * channels, channels, dead_zone,
                                  s->quiet + row * channels);
        s->silent[site] += (double)silent;
        x = s->quiet;
    }
    return dense->apply(dense->self, site, x, rows, ids, y, err);
}

enum error_code silencer_create(struct silencer **silencer, struct session *session,
                                size_t rows, struct error *err)
{
    const struct model *model = &session->model;
    struct silencer *s = calloc(1, sizeof *s);
    size_t inputs = 1;
    *silencer = NULL;
    if (!s)
        return error_memory(err, "a silencer", sizeof *s);
    for (uint32_t i = 0; i < model->sites; i++)
        inputs = model->site[i].inputs > inputs ? model->site[i].inputs : inputs;
    s->session = session;
    s->projector = (struct projector){ .name = "silenced", .self = s, .apply = apply };
    s->quiet = malloc(rows * inputs * sizeof *s->quiet);
    s->silent = calloc(model->sites, sizeof *s->silent);
    s->seen = calloc(model->sites, sizeof *s->seen);
    if (!s->quiet || !s->silent || !s->seen)
        error_memory(err, "silenced rows", (double)(rows * inputs) * 4);
    else if (session_need_float(session, err) == OK) {
        *silencer = s;
        return OK;
    }
    silencer_free(s);
    return err->code;
}

void silencer_free(struct silencer *s)
{
    if (!s)
        return;
    free(s->quiet);
    free(s->silent);
    free(s->seen);
    free(s);
}

void silencer_set(struct silencer *s, const double *dead_zone)
{
    s->dead_zone = dead_zone;
    for (uint32_t site = 0; site < s->session->model.sites; site++)
        s->silent[site] = s->seen[site] = 0;
}

struct projector *silencer_projector(struct silencer *s)
{
    return &s->projector;
}

/* Silent of all, a channel of a site counting `outputs` or 1. */
static double share_of(const struct silencer *s, bool by_weights)
{
    double silent = 0, all = 0;
    for (uint32_t site = 0; site < s->session->model.sites; site++) {
        if (!s->session->spikes[site])
            continue;
        double worth = by_weights ? s->session->model.site[site].outputs : 1;
        silent += worth * s->silent[site];
        all += worth * s->seen[site];
    }
    return all > 0 ? silent / all : 0;
}

double silencer_silent_share(const struct silencer *s)
{
    return share_of(s, false);
}

double silencer_fetched_share(const struct silencer *s)
{
    return 1 - share_of(s, true);
}
