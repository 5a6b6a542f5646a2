/* See calibration.h. */
#include "experiments/calibration.h"

#include "base/progress.h"
#include "experiments/silencer.h"

#include <gsl/gsl_histogram.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Bins of log2(|x| / mean|x|). */
enum { LOWEST = -12, HIGHEST = 8, PER_OCTAVE = 16 };
enum { BINS = (HIGHEST - LOWEST) * PER_OCTAVE };
/* Of the rows of a window one in so many is counted: neighbours tell little more. */
enum { EVERY = 4 };

struct calibration {
    struct session *session;
    const struct scoring_text *text;
    struct projector watched; /* the dense one */
    struct silencer *silencer;
    gsl_histogram **channels, **energy; /* (sites), by bin: how many, and their x^2 */
    struct row_id *ids;                 /* (window) */
    unsigned char *wanted;              /* (window) */
    float *heard;                       /* (listened, per chunk, vocabulary) */
    float *logits;                      /* (per chunk, vocabulary) */
    size_t listened;
};

static void count_group(struct calibration *c, uint32_t site, const float *x,
                        size_t channels)
{
    const double mean =
        (double)c->session->kernel->sum_abs(x, channels) / (double)channels;
    for (size_t i = 0; mean > 0 && i < channels; i++) {
        double size = fabs((double)x[i]) / mean, place = LOWEST;
        if (size > 0)
            place = log2(size);
        place = place < LOWEST ? LOWEST : place;
        place = place >= HIGHEST ? HIGHEST - 0.5 / PER_OCTAVE : place;
        gsl_histogram_increment(c->channels[site], place);
        gsl_histogram_accumulate(c->energy[site], place, size * size);
    }
}

static enum error_code apply(void *state, uint32_t site, const float *x, size_t rows,
                             const struct row_id *ids, float *y, struct error *err)
{
    struct calibration *c = state;
    const struct projector *dense = &c->session->dense_float;
    const size_t channels = c->session->model.site[site].inputs;
    const uint32_t shared = c->session->spiking_settings.threshold.group;
    const size_t group = shared ? shared : channels;
    for (size_t row = 0; row < rows; row += EVERY)
        for (size_t first = 0; first < channels; first += group)
            count_group(c, site, x + row * channels + first,
                        channels - first < group ? channels - first : group);
    return dense->apply(dense->self, site, x, rows, ids, y, err);
}

static bool make_room(struct calibration *c)
{
    const struct model *model = &c->session->model;
    const uint32_t window = c->text->window;
    c->channels = calloc(model->sites, sizeof *c->channels);
    c->energy = calloc(model->sites, sizeof *c->energy);
    if (!c->channels || !c->energy)
        return false;
    for (uint32_t s = 0; s < model->sites; s++) {
        c->channels[s] = gsl_histogram_alloc(BINS);
        c->energy[s] = gsl_histogram_alloc(BINS);
        if (!c->channels[s] || !c->energy[s])
            return false;
        gsl_histogram_set_ranges_uniform(c->channels[s], LOWEST, HIGHEST);
        gsl_histogram_set_ranges_uniform(c->energy[s], LOWEST, HIGHEST);
    }
    c->ids = calloc(window, sizeof *c->ids);
    c->wanted = calloc(window, 1);
    if (!c->ids || !c->wanted)
        return false;
    for (uint32_t i = 0; i < window; i++) {
        c->ids[i].position = i;
        c->wanted[i] = i >= window / 2 && i + 1 < window;
    }
    return true;
}

enum error_code calibration_create(struct calibration **calibration,
                                   struct session *session,
                                   const struct scoring_text *text, struct error *err)
{
    struct calibration *c = calloc(1, sizeof *c);
    *calibration = NULL;
    if (!c)
        return error_memory(err, "a calibration", sizeof *c);
    *c = (struct calibration){ .session = session, .text = text };
    c->watched = (struct projector){ .name = "watched", .self = c, .apply = apply };
    if (silencer_create(&c->silencer, session, text->window, err) == OK &&
        !make_room(c))
        error_memory(err, "histograms", 2.0 * BINS * session->model.sites * 8);
    if (err->code != OK)
        calibration_free(c);
    else
        *calibration = c;
    return err->code;
}

void calibration_free(struct calibration *c)
{
    if (!c)
        return;
    for (uint32_t s = 0; s < c->session->model.sites; s++) {
        if (c->channels && c->channels[s])
            gsl_histogram_free(c->channels[s]);
        if (c->energy && c->energy[s])
            gsl_histogram_free(c->energy[s]);
    }
    free(c->channels);
    free(c->energy);
    silencer_free(c->silencer);
    free(c->ids);
    free(c->wanted);
    free(c->heard);
    free(c->logits);
    free(c);
}

static enum error_code run_window(struct calibration *c, struct projector *projector,
                                  size_t window, const unsigned char *wanted,
                                  float *logits, struct error *err)
{
    struct transformer *transformer = c->session->transformer;
    const int32_t *token = c->text->tokens.id + window * c->text->window;
    transformer_truncate(transformer, projector, 0, 0);
    return transformer_run(transformer, projector, token, c->ids, c->text->window,
                           wanted, logits, err);
}

/* The head is run only where it spikes: it costs as much as a fifth of a small model. */
enum error_code calibration_collect(struct calibration *c, struct error *err)
{
    const struct model *model = &c->session->model;
    const bool head = c->session->spikes[model->sites - 1];
    const size_t kept = scoring_per_chunk(c->text);
    float *logits = NULL;
    struct progress progress;
    err->code = OK;
    if (head && !(logits = malloc(kept * model->shape.vocabulary * sizeof *logits)))
        return error_memory(err, "logits", (double)kept * model->shape.vocabulary * 4);
    progress_begin(&progress, "calibrating");
    for (size_t w = 0; w < c->text->chunks && err->code == OK; w++) {
        run_window(c, &c->watched, w, head ? c->wanted : NULL, logits, err);
        progress_update(&progress, (double)(w + 1), (double)c->text->chunks, NULL);
    }
    progress_end(&progress);
    free(logits);
    return err->code;
}

double calibration_dead_zone(const struct calibration *c, uint32_t site, double share)
{
    const gsl_histogram *h = c->channels[site];
    double left = share * gsl_histogram_sum(h);
    for (size_t bin = 0; bin < BINS; bin++) {
        double here = gsl_histogram_get(h, bin), low, high;
        gsl_histogram_get_range(h, bin, &low, &high);
        if (left <= here)
            return left <= 0 && bin == 0
                       ? 0
                       : exp2(low + (high - low) * (here > 0 ? left / here : 0));
        left -= here;
    }
    return exp2(HIGHEST);
}

/* Of what a histogram holds, the part below a dead zone. */
static double part_under(const gsl_histogram *h, double dead_zone)
{
    const double place = dead_zone > 0 ? log2(dead_zone) : LOWEST;
    const double all = gsl_histogram_sum(h);
    double under = 0;
    for (size_t bin = 0; bin < BINS; bin++) {
        double low, high;
        gsl_histogram_get_range(h, bin, &low, &high);
        double part = (place - low) / (high - low);
        if (part <= 0)
            break;
        under += gsl_histogram_get(h, bin) * (part < 1 ? part : 1);
    }
    return all > 0 ? under / all : 0;
}

double calibration_share(const struct calibration *c, uint32_t site, double dead_zone)
{
    return part_under(c->channels[site], dead_zone);
}

double calibration_error(const struct calibration *c, uint32_t site, double dead_zone)
{
    return part_under(c->energy[site], dead_zone);
}

double calibration_energy(const struct calibration *c, uint32_t site)
{
    double channels = gsl_histogram_sum(c->channels[site]);
    return channels > 0 ? gsl_histogram_sum(c->energy[site]) / channels : 1;
}

enum error_code calibration_listen(struct calibration *c, size_t windows,
                                   struct error *err)
{
    const size_t kept = scoring_per_chunk(c->text);
    const size_t row = c->session->model.shape.vocabulary;
    if (windows > c->text->chunks)
        windows = c->text->chunks;
    free(c->heard);
    free(c->logits);
    c->listened = 0;
    c->heard = malloc(windows * kept * row * sizeof *c->heard);
    c->logits = malloc(kept * row * sizeof *c->logits);
    if (!c->heard || !c->logits)
        return error_memory(err, "logits", (double)(windows * kept * row) * 4);
    for (; c->listened < windows; c->listened++)
        if (run_window(c, &c->session->dense_float, c->listened, c->wanted,
                       c->heard + c->listened * kept * row, err) != OK)
            return err->code;
    return OK;
}

enum error_code calibration_probe(struct calibration *c, const double *dead_zone,
                                  double *divergence, struct error *err)
{
    const size_t kept = scoring_per_chunk(c->text);
    const uint32_t vocabulary = c->session->model.shape.vocabulary;
    double sum = 0;
    err->code = OK;
    silencer_set(c->silencer, dead_zone);
    for (size_t w = 0; w < c->listened && err->code == OK; w++) {
        const float *heard = c->heard + w * kept * vocabulary;
        if (run_window(c, silencer_projector(c->silencer), w, c->wanted, c->logits,
                       err) == OK)
            sum += scoring_divergence(heard, c->logits, kept, vocabulary,
                                      c->session->threads);
    }
    *divergence = c->listened ? sum / (double)(c->listened * kept) : 0;
    return err->code;
}
