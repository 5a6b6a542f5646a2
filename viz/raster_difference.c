/* See raster_difference.h. */
#include "viz/raster_difference.h"

#include "viz/raster_paint.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { FEW_TOKENS = 32 }; /* so many are laid spike by spike, more by stretches */

static const float mostly = 0.9f; /* of a cell's sum: the rest is not worth a colour */

struct difference {
    const struct raster_plot *plot;
    const struct exhibit *other;
    struct spike_band *band; /* (bands), of the other, rising; those it has */
    uint32_t bands;
    struct spike_grid grid[2]; /* the plot's own, and the other */
};

static const struct population_info *find_named(const struct scene *scene,
                                                const struct population_info *info)
{
    for (uint32_t i = 0; i < scene->recording.populations; i++) {
        const struct population_info *other = &scene->recording.population[i];
        if (strcmp(other->name, info->name) == 0 && other->size == info->size)
            return other;
    }
    return NULL;
}

static int compare_bands(const void *a, const void *b)
{
    const struct spike_band *left = a, *right = b;
    return (left->first_node > right->first_node) -
           (left->first_node < right->first_node);
}

/* The same rows, with the other's neurons. */
static void map_bands(struct difference *difference, const struct spike_band *band,
                      uint32_t bands)
{
    const struct scene *scene = difference->plot->exhibit->scene;
    for (uint32_t i = 0; i < bands; i++) {
        const struct population_info *own =
            scene_population_of(scene, band[i].first_node, NULL);
        const struct population_info *other =
            own ? find_named(difference->other->scene, own) : NULL;
        if (!other)
            continue;
        struct spike_band mapped = band[i];
        mapped.first_node += other->first_node - own->first_node;
        difference->band[difference->bands++] = mapped;
    }
    qsort(difference->band, difference->bands, sizeof *difference->band, compare_bands);
}

/* Where a step of the drawn recording lies, in columns. */
static double column_of(const struct raster_plot *plot, double step)
{
    return (step - (double)plot->first_step) / (double)plot->steps * plot->columns;
}

static void add_cells(struct spike_grid *grid, const struct spike_band *band,
                      uint32_t left, uint32_t right, const struct recorded_spike *spike)
{
    uint32_t below, above;
    bool is_positive = spike->worth >= 0;
    spike_grid_cover(spike->node - band->first_node, band->neurons, band->height,
                     &below, &above);
    for (uint32_t i = left; i < right; i++)
        (is_positive ? grid->column_excited : grid->column_inhibited)[i]++;
    grid->strongest = fmaxf(grid->strongest, spike_strength(spike->worth));
    grid->spikes++;
    right = left + spike_grid_drawn(right - left);
    above = below + spike_grid_drawn(above - below);
    for (uint32_t up = below; up < above; up++) {
        size_t row = band->top + band->height - 1 - up;
        float *sum =
            (is_positive ? grid->excited : grid->inhibited) + row * grid->columns;
        for (uint32_t i = left; i < right; i++)
            sum[i] += spike_power(spike->worth);
    }
}

static const struct spike_band *band_of(const struct difference *difference,
                                        uint64_t node)
{
    uint32_t low = 0, high = difference->bands;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        const struct spike_band *band = &difference->band[middle];
        if (node < band->first_node)
            high = middle;
        else if (node - band->first_node >= band->neurons)
            low = middle + 1;
        else
            return band;
    }
    return NULL;
}

/* One token, spike by spike: its steps are stretched to the drawn one's. */
static enum error_code lay_token(struct difference *difference, uint64_t token,
                                 struct error *err)
{
    const struct raster_plot *plot = difference->plot;
    struct spike_grid *grid = &difference->grid[1];
    const uint64_t *own = plot->exhibit->scene->start_step + token;
    const uint64_t *start = difference->other->scene->start_step + token;
    struct recorded_spike *spike = NULL;
    size_t length = 0;
    if (spike_index_token(difference->other->index, token, &spike, &length, err) != OK)
        return err->code;
    double each = (double)(own[1] - own[0]) / fmax(1, (double)(start[1] - start[0]));
    for (size_t i = 0; i < length; i++) {
        const struct spike_band *band = band_of(difference, spike[i].node);
        double at = (double)own[0] + each * spike[i].step;
        double left = column_of(plot, at), right = column_of(plot, at + each);
        if (!band || !(right > 0) || left >= grid->columns)
            continue;
        uint32_t from = left > 0 ? (uint32_t)left : 0;
        uint32_t to = right < grid->columns ? (uint32_t)right : grid->columns;
        add_cells(grid, band, from, to > from ? to : from + 1, &spike[i]);
    }
    free(spike);
    return OK;
}

/* Tokens [from, to) at once, over the columns that they have. */
static enum error_code lay_stretch(struct difference *difference, uint64_t from,
                                   uint64_t to, int64_t left, int64_t right,
                                   struct error *err)
{
    struct spike_grid part, *grid = &difference->grid[1];
    const struct scene *other = difference->other->scene;
    if (spike_grid_create(&part, (uint32_t)(right - left), grid->rows, err) != OK)
        return err->code;
    part.first_step = other->start_step[from];
    part.steps = other->start_step[to] - part.first_step;
    part.band = difference->band;
    part.bands = difference->bands;
    enum error_code code =
        part.steps > 0 ? spike_index_fill(difference->other->index, &part, err) : OK;
    for (uint32_t i = 0; code == OK && i < part.columns; i++) {
        int64_t column = left + i;
        if (column < 0 || column >= grid->columns)
            continue;
        grid->column_excited[column] += part.column_excited[i];
        grid->column_inhibited[column] += part.column_inhibited[i];
        for (size_t row = 0; row < grid->rows; row++) {
            size_t cell = row * part.columns + i;
            grid->excited[row * grid->columns + (size_t)column] += part.excited[cell];
            grid->inhibited[row * grid->columns + (size_t)column] +=
                part.inhibited[cell];
        }
    }
    grid->strongest = fmaxf(grid->strongest, part.strongest);
    spike_grid_release(&part);
    return code;
}

static enum error_code lay_other(struct difference *difference, struct error *err)
{
    const struct raster_plot *plot = difference->plot;
    const uint64_t *start = plot->exhibit->scene->start_step;
    uint64_t token, end, all = difference->other->scene->tokens;
    enum error_code code = OK;
    raster_plot_tokens(plot, &token, &end);
    if (end > all)
        end = all;
    if (token >= end || end - token <= FEW_TOKENS) {
        for (; token < end && code == OK; token++)
            code = lay_token(difference, token, err);
        return code;
    }
    while (token < end && code == OK) {
        uint64_t to = token;
        int64_t left = (int64_t)floor(column_of(plot, (double)start[token]));
        int64_t right = left;
        while (to < end && right <= left)
            right = (int64_t)floor(column_of(plot, (double)start[++to]));
        code = lay_stretch(difference, token, to, left, right > left ? right : left + 1,
                           err);
        token = to;
    }
    return code;
}

/* Colour of a cell: 0 first only, 1 second only, 2 both, 3 of other sign. */
static int class_of(const float first[2], const float second[2], bool is_merged)
{
    float one = first[0] + first[1], two = second[0] + second[1];
    float least = is_merged ? (1 - mostly) * (one + two) : 0;
    if (two <= least)
        return 0;
    if (one <= least)
        return 1;
    bool is_opposed = (first[0] > first[1]) != (second[0] > second[1]);
    return is_opposed ? 3 : 2;
}

static enum error_code paint(const struct difference *difference, unsigned which,
                             struct error *err)
{
    const struct raster_plot *plot = difference->plot;
    const struct palette *palette = plot->stage->palette;
    const uint32_t colour[4] = { palette->excited, palette->inhibited, palette->both,
                                 palette->opposed };
    const struct spike_grid *first = &difference->grid[which == 0 ? 0 : 1];
    const struct spike_grid *second = &difference->grid[which == 0 ? 1 : 0];
    struct image image;
    if (image_create(&image, first->columns, first->rows, err) != OK)
        return err->code;
    for (uint32_t i = 0; i < difference->grid[0].bands; i++) {
        const struct spike_band *band = &difference->grid[0].band[i];
        bool is_merged = band->neurons > band->height || plot->steps > first->columns;
        size_t begin = (size_t)band->top * first->columns;
        size_t end = begin + (size_t)band->height * first->columns;
        const float scale[2] = { spike_grid_scale(first, band),
                                 spike_grid_scale(second, band) };
        for (size_t cell = begin; cell < end; cell++) {
            float one[2] = { first->excited[cell], first->inhibited[cell] };
            float two[2] = { second->excited[cell], second->inhibited[cell] };
            float sum[2] = { one[0] + one[1], two[0] + two[1] };
            if (!(sum[0] + sum[1] > 0))
                continue;
            float strength = fmaxf(spike_grid_strength(scale[0], sum[0]),
                                   spike_grid_strength(scale[1], sum[1]));
            float share = palette->faintest + (1 - palette->faintest) * strength;
            image.pixel[cell] = (uint32_t)(share * 255 + 0.5f) << 24 |
                                (colour[class_of(one, two, is_merged)] & 0xffffff);
        }
    }
    struct box old = canvas_clip(plot->canvas, plot->bands);
    canvas_pixels(plot->canvas, plot->field, &image);
    plot->canvas->clip = old;
    image_release(&image);
    return OK;
}

/* Spikes of the first upwards and of the second downwards. */
static void paint_strip(struct difference *difference, unsigned which)
{
    struct spike_grid *grid = difference->grid, *own = &grid[0];
    for (uint32_t i = 0; i < own->columns; i++) {
        uint64_t sum[2] = { grid[0].column_excited[i] + grid[0].column_inhibited[i],
                            grid[1].column_excited[i] + grid[1].column_inhibited[i] };
        own->column_excited[i] = sum[which == 0 ? 0 : 1];
        own->column_inhibited[i] = sum[which == 0 ? 1 : 0];
    }
    raster_paint_strip(difference->plot, own);
}

static enum error_code fill(struct difference *difference, struct error *err)
{
    const struct raster_plot *plot = difference->plot;
    if (spike_index_fill(plot->exhibit->index, &difference->grid[0], err) != OK)
        return err->code;
    return lay_other(difference, err);
}

enum error_code raster_difference_draw(const struct raster_plot *plot, unsigned which,
                                       const struct spike_band *band, uint32_t bands,
                                       struct error *err)
{
    struct difference difference = { .plot = plot,
                                     .other = &plot->stage->exhibit[1 - which] };
    enum error_code code = OK;
    difference.band = calloc((size_t)bands + 1, sizeof *difference.band);
    if (!difference.band)
        return error_memory(err, "the bands of a raster", 0);
    map_bands(&difference, band, bands);
    for (int i = 0; i < 2 && code == OK; i++)
        code = spike_grid_create(&difference.grid[i], plot->columns, plot->rows, err);
    for (int i = 0; i < 2; i++) {
        difference.grid[i].first_step = plot->first_step;
        difference.grid[i].steps = plot->steps;
        difference.grid[i].band = i == 0 ? band : difference.band;
        difference.grid[i].bands = i == 0 ? bands : difference.bands;
    }
    if (code == OK)
        code = fill(&difference, err);
    if (code == OK)
        code = paint(&difference, which, err);
    if (code == OK)
        paint_strip(&difference, which);
    for (int i = 0; i < 2; i++)
        spike_grid_release(&difference.grid[i]);
    free(difference.band);
    return code;
}
