/* See map_moment.h. A flash fades by exp(-age / fading), so that it stays in sight for
 * about a quarter of a second at any pace. */
#include "viz/map_moment.h"

#include "viz/scene_series.h"

#include <math.h>
#include <stdlib.h>

enum { COLUMNS = 12 };

static const double fading_seconds = 0.12, seen_fadings = 4;

static uint64_t shown_token(const struct stage *stage, const struct scene *scene)
{
    int64_t selected = stage->view->selection.token;
    if (selected >= 0 && (uint64_t)selected < scene->tokens)
        return (uint64_t)selected;
    return scene_token_at(scene, stage->view->playback.step);
}

static void take_token(struct map_moment *moment, const struct scene *scene)
{
    for (uint32_t i = 0; i < scene->recording.populations; i++) {
        struct series_sum sum =
            scene_population_between(scene, i, moment->token, moment->token + 1);
        moment->rate[i] = sum.spikes / sum.neuron_steps; /* 0 / 0: it did not run */
    }
}

/* The steps that still glow at the cursor, in columns. */
struct afterglow {
    uint64_t first_step, steps;
    uint32_t columns;
    double weight[COLUMNS]; /* of a spike in a column */
};

static struct afterglow look_back(const struct view_state *view)
{
    double fading = fmax(1, fading_seconds * view->playback.steps_per_second);
    double now = floor(view->playback.step);
    double first = fmax(0, floor(now - seen_fadings * fading));
    struct afterglow glow = { .first_step = (uint64_t)first,
                              .steps = now > first ? (uint64_t)(now - first) : 1 };
    glow.columns = glow.steps < COLUMNS ? (uint32_t)glow.steps : COLUMNS;
    for (uint32_t i = 0; i < glow.columns; i++) {
        double end = (double)glow.steps * (i + 1) / glow.columns;
        glow.weight[i] = exp((end - (double)glow.steps) / fading);
    }
    return glow;
}

/* Weighted spikes of a row. Those of a network are worth 1 or -1, so a cell holds their
 * number. */
static double row_sum(const struct afterglow *glow, const struct spike_grid *grid,
                      uint32_t row)
{
    double sum = 0;
    for (uint32_t column = 0; column < glow->columns; column++) {
        size_t cell = (size_t)row * grid->columns + column;
        sum += glow->weight[column] *
               (double)(grid->excited[cell] + grid->inhibited[cell]);
    }
    return sum;
}

static void take_rows(struct map_moment *moment, const struct afterglow *glow,
                      const struct spike_grid *grid, const struct scene *scene)
{
    double weights = 0;
    for (uint32_t i = 0; i < glow->columns; i++)
        weights += glow->weight[i] * (double)glow->steps / glow->columns;
    uint32_t population = 0;
    for (uint32_t i = 0; i < grid->bands; i++, population++) {
        const struct spike_band *band = &grid->band[i];
        double sum = 0;
        while (scene->recording.population[population].size == 0)
            population++;
        for (uint32_t row = 0; row < band->height; row++) {
            double own = row_sum(glow, grid, band->top + row);
            uint64_t neuron = band->first_node + (band->height - 1 - row);
            sum += own;
            if (moment->light && neuron < scene->rows)
                moment->light[neuron] = (float)fmin(1, own);
        }
        moment->rate[population] = sum / weights / (double)band->neurons;
    }
}

/* A row for each neuron where these glow one by one, else for each population. */
static uint32_t make_bands(const struct map_moment *moment, const struct scene *scene,
                           struct spike_band *band, uint32_t *rows)
{
    uint32_t bands = 0;
    *rows = 0;
    for (uint32_t i = 0; i < scene->recording.populations; i++) {
        const struct population_info *info = &scene->recording.population[i];
        uint32_t height = moment->light ? (uint32_t)info->size : 1;
        if (info->size == 0)
            continue;
        band[bands++] =
            (struct spike_band){ info->first_node, info->size, *rows, height };
        *rows += height;
    }
    return bands;
}

static enum error_code take_afterglow(struct map_moment *moment,
                                      const struct stage *stage, unsigned which,
                                      struct error *err)
{
    const struct scene *scene = stage->exhibit[which].scene;
    const struct afterglow glow = look_back(stage->view);
    struct spike_grid grid;
    uint32_t rows;
    struct spike_band *band = calloc(scene->recording.populations + 1, sizeof *band);
    if (!band)
        return error_memory(err, "the bands of a map", 0);
    uint32_t bands = make_bands(moment, scene, band, &rows);
    enum error_code code = OK;
    if (bands > 0)
        code = spike_grid_create(&grid, glow.columns, rows, err);
    if (code == OK && bands > 0) {
        grid.first_step = glow.first_step;
        grid.steps = glow.steps;
        grid.band = band;
        grid.bands = bands;
        code = spike_index_fill(stage->exhibit[which].index, &grid, err);
        if (code == OK)
            take_rows(moment, &glow, &grid, scene);
        spike_grid_release(&grid);
    }
    free(band);
    return code;
}

enum error_code map_moment_init(struct map_moment *moment, const struct stage *stage,
                                unsigned which, struct error *err)
{
    const struct scene *scene = stage->exhibit[which].scene;
    const size_t populations = scene->recording.populations;
    bool fades = scene->is_timed && stage->view->selection.token < 0 &&
                 stage->exhibit[which].index;
    *moment = (struct map_moment){ .token = shown_token(stage, scene) };
    moment->rate = calloc(populations + 1, sizeof *moment->rate);
    if (fades && scene->rows <= MOST_LIGHTS)
        moment->light = calloc((size_t)scene->rows + 1, sizeof *moment->light);
    if (!moment->rate || (fades && scene->rows <= MOST_LIGHTS && !moment->light)) {
        map_moment_release(moment);
        return error_memory(err, "what glows on a map", 0);
    }
    if (scene->tokens == 0)
        return OK;
    if (!fades) {
        take_token(moment, scene);
        return OK;
    }
    enum error_code code = take_afterglow(moment, stage, which, err);
    if (code != OK)
        map_moment_release(moment);
    return code;
}

void map_moment_release(struct map_moment *moment)
{
    free(moment->rate);
    free(moment->light);
    *moment = (struct map_moment){ 0 };
}
