/* See histogram_bins.h. */
#include "viz/histogram_bins.h"

#include "viz/number_text.h"
#include "viz/scene_histogram.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SMALL = 7, MOST_ROWS = 16384 };

const char *histogram_bin_name(uint32_t bin)
{
    static const char *const name[COUNT_BINS] = { "0",   "1",   "2",   "3",  "4",
                                                  "5",   "6",   "7",   "8+", "16+",
                                                  "32+", "64+", "128+" };
    return bin < COUNT_BINS ? name[bin] : "";
}

static bool is_in(const struct selection *selection, const struct scene *scene,
                  uint32_t population)
{
    const struct population_info *info = &scene->recording.population[population];
    if (selection->population >= 0)
        return (uint32_t)selection->population == population;
    return selection->layer < 0 || info->layer == selection->layer;
}

static void name_selection(const struct selection *selection, const struct scene *scene,
                           char *text, size_t size)
{
    const struct recording *recording = &scene->recording;
    if (selection->population >= 0 &&
        (uint32_t)selection->population < recording->populations)
        snprintf(text, size, " of %s",
                 recording->population[selection->population].name);
    else if (selection->layer >= 0)
        snprintf(text, size, " of layer %d", (int)selection->layer);
    else
        text[0] = '\0';
}

static void add_up(struct histogram_bins *bins, const struct scene *scene,
                   const struct selection *selection, const uint64_t *histogram)
{
    double small = 0;
    bins->bins = COUNT_BINS;
    for (uint32_t i = 0; i < scene->recording.populations; i++)
        for (uint32_t bin = 0; bin < COUNT_BINS && is_in(selection, scene, i); bin++)
            bins->share[bin] += (double)histogram[(size_t)i * COUNT_BINS + bin];
    for (uint32_t bin = 0; bin < COUNT_BINS; bin++) {
        bins->items += bins->share[bin];
        small += bin <= SMALL ? bins->share[bin] : 0;
    }
    for (uint32_t bin = 0; bin < COUNT_BINS && bins->items > 0; bin++)
        bins->share[bin] /= bins->items;
    bins->small = small / bins->items;
}

static enum error_code gather_counts(struct histogram_bins *bins,
                                     const struct stage *stage,
                                     const struct scene *scene, struct error *err)
{
    const struct selection *selection = &stage->view->selection;
    char of[60], word[40];
    name_selection(selection, scene, of, sizeof of);
    if (selection->token < 0 || (uint64_t)selection->token >= scene->tokens) {
        add_up(bins, scene, selection, scene->histogram);
        snprintf(bins->what, sizeof bins->what, "channels%s, %llu tokens", of,
                 (unsigned long long)scene->histogram_tokens);
        return OK;
    }
    size_t items = (size_t)scene->recording.populations * COUNT_BINS;
    uint64_t token = (uint64_t)selection->token, *own = malloc(items * sizeof *own);
    if (!own)
        return error_memory(err, "a histogram", (double)items * sizeof *own);
    enum error_code code = scene_token_histogram(scene, token, own, err);
    if (code == OK)
        add_up(bins, scene, selection, own);
    free(own);
    scene_token_text(scene, token, word, sizeof word);
    snprintf(bins->what, sizeof bins->what, "channels%s, token %llu, %s", of,
             (unsigned long long)token, word);
    return code;
}

/* Neurons as rows of one column; of many, neighbours share a row and are counted by their
 * mean. A spike of a network is worth 1 or -1, so a cell of the grid is their number. */
static enum error_code count_neurons(struct spike_grid *grid, const struct stage *stage,
                                     unsigned which, struct spike_band *band,
                                     struct error *err)
{
    const struct scene *scene = stage->exhibit[which].scene;
    const struct selection *selection = &stage->view->selection;
    uint64_t neurons = 0;
    uint32_t bands = 0, top = 0;
    for (uint32_t i = 0; i < scene->recording.populations; i++)
        if (is_in(selection, scene, i))
            neurons += scene->recording.population[i].size;
    double each = fmax(1, (double)neurons / MOST_ROWS);
    for (uint32_t i = 0; i < scene->recording.populations; i++) {
        const struct population_info *info = &scene->recording.population[i];
        uint32_t rows = (uint32_t)ceil((double)info->size / each);
        if (!is_in(selection, scene, i) || rows == 0)
            continue;
        band[bands++] = (struct spike_band){ info->first_node, info->size, top, rows };
        top += rows;
    }
    if (spike_grid_create(grid, 1, top ? top : 1, err) != OK)
        return err->code;
    double first = fmax(0, floor(stage->view->first_step));
    double last = fmin(ceil(stage->view->first_step + stage->view->steps),
                       (double)scene_end(scene));
    grid->first_step = (uint64_t)first;
    grid->steps = last > first ? (uint64_t)(last - first) : 1;
    grid->band = band;
    grid->bands = bands;
    enum error_code code = spike_index_fill(stage->exhibit[which].index, grid, err);
    if (code != OK)
        spike_grid_release(grid);
    return code;
}

static double row_hz(const struct spike_grid *grid, const struct spike_band *band,
                     uint32_t row, double seconds)
{
    double neurons = (double)band->neurons / band->height;
    double spikes = (double)grid->excited[row] + (double)grid->inhibited[row];
    return spikes / fmax(1, neurons) / seconds;
}

static void bin_rates(struct histogram_bins *bins, const struct spike_grid *grid,
                      double seconds)
{
    double most = 0;
    for (uint32_t b = 0; b < grid->bands; b++)
        for (uint32_t i = 0; i < grid->band[b].height; i++)
            most = fmax(most,
                        row_hz(grid, &grid->band[b], grid->band[b].top + i, seconds));
    /* A bin holds whole numbers of spikes, or the comb of these would show. */
    double spikes = fmax(1, ceil(most * seconds / (HISTOGRAM_BINS - 1)));
    bins->bin_hz = spikes / seconds;
    bins->bins = (uint32_t)fmin(HISTOGRAM_BINS, floor(most / bins->bin_hz + 1e-6) + 1);
    for (uint32_t b = 0; b < grid->bands; b++)
        for (uint32_t i = 0; i < grid->band[b].height; i++) {
            const struct spike_band *band = &grid->band[b];
            double weight = (double)band->neurons / band->height;
            double hz = row_hz(grid, band, band->top + i, seconds);
            uint32_t bin = (uint32_t)(hz / bins->bin_hz + 1e-6);
            bins->share[bin < bins->bins ? bin : bins->bins - 1] += weight;
            bins->items += weight;
            bins->mean_hz += hz * weight;
        }
    bins->mean_hz /= fmax(1, bins->items);
    for (uint32_t bin = 0; bin < bins->bins; bin++)
        bins->share[bin] /= fmax(1, bins->items);
}

static enum error_code gather_rates(struct histogram_bins *bins,
                                    const struct stage *stage, unsigned which,
                                    struct error *err)
{
    const struct scene *scene = stage->exhibit[which].scene;
    struct spike_grid grid;
    char of[60];
    struct spike_band *band = calloc(scene->recording.populations + 1, sizeof *band);
    if (!band)
        return error_memory(err, "the bands of a histogram", 0);
    enum error_code code = count_neurons(&grid, stage, which, band, err);
    if (code == OK) {
        double ms = (double)grid.steps * scene->recording.info.dt_ms;
        bin_rates(bins, &grid, fmax(ms, 1e-9) / 1000);
        name_selection(&stage->view->selection, scene, of, sizeof of);
        uint64_t group =
            grid.bands ? (band->neurons + band->height - 1) / band->height : 1;
        snprintf(bins->what, sizeof bins->what, "neurons%s, %.4g s", of, ms / 1000);
        size_t used = strlen(bins->what);
        if (group > 1)
            snprintf(bins->what + used, sizeof bins->what - used,
                     ", means of %llu neighbours", (unsigned long long)group);
        spike_grid_release(&grid);
    }
    free(band);
    return code;
}

enum error_code histogram_bins_gather(struct histogram_bins *bins,
                                      const struct stage *stage, unsigned which,
                                      struct error *err)
{
    const struct scene *scene = stage->exhibit[which].scene;
    *bins = (struct histogram_bins){ .small = (double)NAN };
    if (scene->is_timed)
        return gather_rates(bins, stage, which, err);
    return gather_counts(bins, stage, scene, err);
}
