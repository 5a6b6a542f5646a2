/* See raster.h. From top to bottom: title and legend, spikes per step, the bands, the
 * token axis, a caption. */
#include "viz/raster.h"

#include "viz/drawing.h"
#include "viz/raster_labels.h"

#include <math.h>
#include <stdlib.h>

enum {
    DEFAULT_WIDTH = 1600,
    DEFAULT_HEIGHT = 1000,
    LEAST_PLOT = 16, /* pixels of width without which there is no picture */
    LEAST_STRIPE = 4 /* width of a token from which it may have one */
};

/* Large worths are rare: this lets the usual ones be told from the smallest. */
static const float contrast = 0.7f;

static bool has_steps(const struct raster_source *source)
{
    return source->start_step[source->tokens] > source->start_step[0];
}

static enum error_code lay_out(struct drawing *drawing, struct error *err)
{
    float cap = drawing->cap;
    int width = (int)drawing->image->width, height = (int)drawing->image->height;

    drawing->margin = (int)(1.8f * cap);
    drawing->label_right =
        drawing->margin + (int)fminf(label_band_width(drawing), 0.25f * (float)width);
    drawing->x = drawing->label_right + (int)cap;
    drawing->width = width - drawing->x - drawing->margin - (int)(5.5f * cap);
    drawing->strip_y = drawing->margin + (int)(5.2f * cap);
    drawing->strip_height = (int)(5 * cap);
    drawing->y = drawing->strip_y + drawing->strip_height + (int)cap;

    int bands = (int)drawing->source->populations;
    if (drawing->width > 0 && has_steps(drawing->source))
        token_axis_init(&drawing->axis, drawing->source, drawing->palette, cap,
                        (uint32_t)drawing->width);
    drawing->height = height - drawing->y - drawing->axis.height - (int)(2.6f * cap) -
                      drawing->margin / 2;
    if (drawing->width < LEAST_PLOT || drawing->height < LEAST_PLOT ||
        drawing->height < 2 * bands)
        return error_set(err, ERR_ARGUMENT,
                         "a picture of %dx%d pixels has no room for %d populations",
                         width, height, bands);
    return OK;
}

/* Every band gets the room of its label where there is enough; the rest is shared out
 * by the number of neurons. The first population is at the bottom. */
static void stack_bands(struct drawing *drawing)
{
    uint32_t bands = drawing->source->populations;
    uint64_t neurons = 0, below = 0;
    for (uint32_t i = 0; i < bands; i++)
        neurons += drawing->source->population[i].info->size;

    int gap =
        drawing->height / (int)bands >= 3 * drawing->cap ? (int)(drawing->cap / 2) : 1;
    double room = drawing->height - gap * (int)(bands - 1);
    double least = fmin(2.6 * (double)drawing->cap, room / bands);
    double shared = room - least * bands;
    int bottom = drawing->height;
    for (uint32_t i = 0; i < bands; i++) {
        const struct population_info *info = drawing->source->population[i].info;
        below += info->size;
        double up = least * (i + 1) + shared * (double)below / (double)neurons;
        int top = drawing->height - gap * (int)i - (int)lround(up);
        top = top < 0 ? 0 : top >= bottom ? bottom - 1 : top;
        drawing->band[i] =
            (struct spike_band){ info->first_node, info->size, (uint32_t)top,
                                 (uint32_t)(bottom - top) };
        bottom = top - gap;
    }
}

static enum error_code gather(struct drawing *drawing, struct error *err)
{
    const struct raster_source *source = drawing->source;
    for (uint64_t token = 0; token < source->tokens; token++) {
        struct recorded_spike *spike = NULL;
        size_t length = 0;
        if (recording_expand(source->recording, source->first + token, &spike, &length,
                             err) != OK)
            return err->code;
        spike_grid_add(drawing->grid, source->start_step[token], spike, length);
        free(spike);
    }
    return OK;
}

static void paint_ground(const struct drawing *drawing)
{
    const struct palette *palette = drawing->palette;
    for (uint32_t i = 0; i < drawing->source->populations; i++) {
        const struct spike_band *band = &drawing->band[i];
        int y = drawing->y + (int)band->top;
        image_fill(drawing->image, drawing->x, y, drawing->width, (int)band->height,
                   palette->plot);
        for (uint64_t token = 1; token < drawing->source->tokens; token += 2) {
            uint32_t from, to;
            token_axis_span(&drawing->axis, token, &from, &to);
            if (to - from >= LEAST_STRIPE)
                image_fill(drawing->image, drawing->x + (int)from, y, (int)(to - from),
                           (int)band->height, palette->stripe);
        }
    }
}

static void paint_cells(const struct drawing *drawing, const struct spike_band *band)
{
    const struct spike_grid *grid = drawing->grid;
    const struct palette *palette = drawing->palette;
    for (uint32_t row = band->top; row < band->top + band->height; row++) {
        for (uint32_t column = 0; column < grid->columns; column++) {
            size_t cell = (size_t)row * grid->columns + column;
            float excited = grid->excited[cell], inhibited = grid->inhibited[cell];
            if (excited + inhibited <= 0)
                continue;
            float strength = spike_grid_strength(grid, band, excited + inhibited);
            float share =
                palette->faintest + (1 - palette->faintest) * powf(strength, contrast);
            /* The stronger sign takes the cell: a mixture would be a third colour. */
            image_blend(drawing->image, drawing->x + (int)column, drawing->y + (int)row,
                        excited >= inhibited ? palette->excited : palette->inhibited,
                        share);
        }
    }
}

static enum error_code draw_spikes(struct drawing *drawing, struct error *err)
{
    const struct raster_source *source = drawing->source;
    if (source->populations == 0 || !has_steps(source)) {
        label_empty(drawing);
        return OK;
    }
    stack_bands(drawing);
    if (gather(drawing, err) != OK)
        return err->code;

    paint_ground(drawing);
    for (uint32_t i = 0; i < source->populations; i++)
        paint_cells(drawing, &drawing->band[i]);
    label_bands(drawing);
    label_rates(drawing);
    label_legend(drawing);
    token_axis_draw(&drawing->axis, drawing->image, drawing->x,
                    drawing->y + drawing->height + 3);
    return OK;
}

static enum error_code draw(struct drawing *drawing, struct raster_frame *frame,
                            struct error *err)
{
    const struct raster_source *source = drawing->source;
    struct spike_grid grid;
    if (lay_out(drawing, err) != OK ||
        spike_grid_create(&grid, (uint32_t)drawing->width, (uint32_t)drawing->height,
                          err) != OK)
        return err->code;
    grid.first_step = source->start_step[0];
    grid.steps = source->start_step[source->tokens] - grid.first_step;
    grid.bands = source->populations;
    grid.band = drawing->band = calloc((size_t)grid.bands + 1, sizeof *drawing->band);
    drawing->grid = &grid;

    enum error_code code = OK;
    if (!drawing->band) {
        code = error_memory(err, "the bands of a raster", 0);
    } else {
        image_fill(drawing->image, 0, 0, (int)drawing->image->width,
                   (int)drawing->image->height, drawing->palette->page);
        code = draw_spikes(drawing, err);
        label_title(drawing);
        label_caption(drawing);
    }
    if (frame)
        *frame = (struct raster_frame){ (uint32_t)drawing->x, (uint32_t)drawing->y,
                                        grid.columns,         grid.rows,
                                        grid.first_step,      grid.steps };
    free(drawing->band);
    spike_grid_release(&grid);
    return code;
}

enum error_code raster_draw(struct image *image, const struct recording *recording,
                            const struct raster_settings *settings,
                            struct raster_frame *frame, struct error *err)
{
    *image = (struct image){ 0 };
    if (recording->tokens > 0 && !recording->has_counts && !recording->has_spikes)
        return error_set(err, ERR_FORMAT,
                         "the recording holds neither counts nor "
                         "spikes; record with --record counts or spikes");

    uint32_t width = settings->width ? settings->width : DEFAULT_WIDTH;
    uint32_t height = settings->height ? settings->height : DEFAULT_HEIGHT;
    unsigned scale = settings->font_scale ? settings->font_scale
                     : height < 600       ? 1
                                          : 1 + (height + 100) / 1100;
    struct raster_source source;
    if (raster_source_open(&source, recording, settings, err) != OK)
        return err->code;

    enum error_code code = image_create(image, width, height, err);
    if (code == OK) {
        struct drawing drawing = {
            .image = image,
            .source = &source,
            .cap = 3.0f + 4.0f * (float)scale,
            .palette = settings->dark ? &palette_dark : &palette_light,
        };
        code = draw(&drawing, frame, err);
    }
    if (code != OK)
        image_release(image);
    raster_source_release(&source);
    return code;
}
