/* See raster_paint.h. */
#include "viz/raster_paint.h"

#include "viz/number_text.h"
#include "viz/time_axis.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

enum {
    SHADES = 256,
    LEAST_STRIPE = 4, /* width of a token from which it may have one */
    STEP_AHEAD = 8    /* worths are looked for in so many tokens at most */
};

/* Large worths are rare: this lets the usual ones be told from the smallest. */
static const float contrast = 0.7f;

void raster_paint_ground(const struct raster_plot *plot, const struct spike_band *band,
                         uint32_t bands)
{
    const struct palette *palette = plot->stage->palette;
    const struct scene *scene = plot->exhibit->scene;
    uint64_t from, to;
    raster_plot_tokens(plot, &from, &to);
    bool is_striped =
        !scene->is_timed && (to - from) * LEAST_STRIPE <= (uint64_t)plot->bands.width;
    for (uint32_t i = 0; i < bands; i++) {
        struct box box = raster_plot_box(plot, &band[i]);
        canvas_fill(plot->canvas, box, palette->plot);
        for (uint64_t token = from | 1; is_striped && token < to; token += 2) {
            int left, right;
            time_axis_span(plot->stage, scene, plot->bands, token, &left, &right);
            if (right - left >= LEAST_STRIPE)
                canvas_fill(plot->canvas,
                            (struct box){ left, box.y, right - left, box.height },
                            palette->stripe);
        }
    }
}

/* Colours by strength; alpha lets the stripes through. */
static void make_shades(const struct palette *palette, uint32_t colour,
                        uint32_t shade[SHADES])
{
    for (int i = 0; i < SHADES; i++) {
        float strength = powf((float)i / (SHADES - 1), contrast);
        float share = palette->faintest + (1 - palette->faintest) * strength;
        shade[i] = (uint32_t)(share * 255 + 0.5f) << 24 | (colour & 0xffffff);
    }
}

enum error_code raster_paint_cells(const struct raster_plot *plot,
                                   const struct spike_grid *grid, bool is_inhibitory,
                                   struct error *err)
{
    uint32_t shade[2][SHADES];
    struct image image;
    if (image_create(&image, grid->columns, grid->rows, err) != OK)
        return err->code;
    make_shades(plot->stage->palette, plot->stage->palette->excited, shade[0]);
    make_shades(plot->stage->palette, plot->stage->palette->inhibited, shade[1]);
    for (uint32_t i = 0; i < grid->bands; i++) {
        const struct spike_band *band = &grid->band[i];
        size_t first = (size_t)band->top * grid->columns;
        size_t end = first + (size_t)band->height * grid->columns;
        float scale = spike_grid_scale(grid, band);
#pragma omp parallel for
        for (size_t cell = first; cell < end; cell++) {
            float excited = grid->excited[cell], inhibited = grid->inhibited[cell];
            if (!(excited + inhibited > 0))
                continue;
            float strength = spike_grid_strength(scale, excited + inhibited);
            /* The stronger sign takes the cell: a mixture would be a third colour. */
            image.pixel[cell] = shade[is_inhibitory || excited < inhibited]
                                     [(int)(strength * (SHADES - 1) + 0.5f)];
        }
    }
    struct box old = canvas_clip(plot->canvas, plot->bands);
    canvas_pixels(plot->canvas, plot->field, &image);
    plot->canvas->clip = old;
    image_release(&image);
    return OK;
}

static const struct spike_band *band_of(const struct spike_band *band, uint32_t bands,
                                        uint64_t node)
{
    for (uint32_t i = 0; i < bands; i++)
        if (node >= band[i].first_node && node - band[i].first_node < band[i].neurons)
            return &band[i];
    return NULL;
}

static void paint_worth(const struct raster_plot *plot, const struct spike_band *band,
                        uint64_t step, const struct recorded_spike *spike)
{
    char text[16];
    struct box cell = raster_plot_cell(plot, band, step, spike->node);
    struct pen pen = { fminf(plot->stage->cap, 0.6f * (float)cell.height), 0, true,
                       plot->stage->palette->page };
    snprintf(text, sizeof text, "%+ld", (long)spike->worth);
    float width = canvas_text_width(plot->canvas, &pen, text);
    if (width + pen.cap_height > (float)cell.width)
        return;
    /* In full colour whatever its worth: the number says how much, and can be read. */
    bool inhibits = spike->worth < 0 || raster_plot_inhibits(plot, band);
    struct box mark = { cell.x, cell.y, cell.width - 1, cell.height - 1 };
    canvas_fill(plot->canvas, mark,
                inhibits ? plot->stage->palette->inhibited
                         : plot->stage->palette->excited);
    canvas_text(plot->canvas, &pen, (float)cell.x + ((float)cell.width - width) / 2,
                (float)cell.y + ((float)cell.height + pen.cap_height) / 2, text);
}

static void paint_token(const struct raster_plot *plot, const struct spike_band *band,
                        uint32_t bands, uint64_t start,
                        const struct recorded_spike *spike, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        uint64_t step = start + spike[i].step;
        const struct spike_band *own = band_of(band, bands, spike[i].node);
        if (own && step >= plot->first_step && step - plot->first_step < plot->steps)
            paint_worth(plot, own, step, &spike[i]);
    }
}

/* Room for three letters in a cell, in bands that show neuron by neuron. */
static bool has_room(const struct raster_plot *plot, const struct spike_band *band,
                     uint32_t bands)
{
    double width = plot->steps ? plot->field.width / (double)plot->steps : 0;
    double height = 0;
    for (uint32_t i = 0; i < bands; i++)
        height = fmax(height, band[i].height / (double)band[i].neurons);
    return width >= 2.5 * (double)plot->stage->cap &&
           height * plot->cell >= 1.4 * (double)plot->stage->cap;
}

enum error_code raster_paint_worths(const struct raster_plot *plot,
                                    const struct spike_band *band, uint32_t bands,
                                    struct error *err)
{
    const struct scene *scene = plot->exhibit->scene;
    uint64_t from, to;
    raster_plot_tokens(plot, &from, &to);
    if (!has_room(plot, band, bands) || to - from > STEP_AHEAD)
        return OK;
    struct box old = canvas_clip(plot->canvas, plot->bands);
    enum error_code code = OK;
    for (uint64_t token = from; token < to && code == OK; token++) {
        struct recorded_spike *spike = NULL;
        size_t length = 0;
        code = spike_index_token(plot->exhibit->index, token, &spike, &length, err);
        if (code == OK)
            paint_token(plot, band, bands, scene->start_step[token], spike, length);
        free(spike);
    }
    plot->canvas->clip = old;
    return code;
}

/* One box for each run of columns of the same heights. */
static void paint_bars(const struct raster_plot *plot, const uint64_t *column,
                       uint32_t columns, double scale, int zero, int direction,
                       uint32_t colour)
{
    struct box old = canvas_clip(plot->canvas, plot->strip);
    double each = (double)plot->field.width / (columns ? columns : 1);
    for (uint32_t i = 0; i < columns;) {
        uint32_t end = i;
        while (end < columns && column[end] == column[i])
            end++;
        int x = plot->field.x + (int)(i * each + 0.5);
        int right = plot->field.x + (int)(end * each + 0.5);
        int height = (int)ceil(scale * (double)column[i]);
        canvas_fill(plot->canvas,
                    (struct box){ x, direction > 0 ? zero - height : zero, right - x,
                                  height },
                    colour);
        i = end;
    }
    plot->canvas->clip = old;
}

void raster_paint_strip(const struct raster_plot *plot, const struct spike_grid *grid)
{
    const struct palette *palette = plot->stage->palette;
    float cap = plot->stage->cap;
    uint64_t up = 0, down = 0;
    if (plot->strip.height == 0)
        return;
    for (uint32_t i = 0; i < grid->columns; i++) {
        up = grid->column_excited[i] > up ? grid->column_excited[i] : up;
        down = grid->column_inhibited[i] > down ? grid->column_inhibited[i] : down;
    }
    double scale = plot->strip.height / (double)(up + down ? up + down : 1);
    int zero = plot->strip.y + (int)lround(scale * (double)up);
    paint_bars(plot, grid->column_excited, grid->columns, scale, zero, 1,
               palette->excited);
    paint_bars(plot, grid->column_inhibited, grid->columns, scale, zero, -1,
               palette->inhibited);
    canvas_fill(plot->canvas, (struct box){ plot->strip.x, zero, plot->strip.width, 1 },
                palette->rule);

    char text[64], number[COUNT_TEXT];
    struct pen plain = { cap, 0, false, palette->ink };
    struct pen small = { 0.85f * cap, 0, false, palette->muted };
    double merged = fmax(1, (double)grid->steps / grid->columns);
    float room = (float)(plot->strip.x - plot->box.x) - cap;
    float middle = (float)plot->strip.y + (float)plot->strip.height / 2;
    bool has_two = (float)plot->strip.height > 3 * cap;
    float y = middle + (has_two ? -0.3f * cap : cap / 2), x = (float)plot->box.x;
    if (!canvas_text_whole(plot->canvas, &plain, x, y, room, "spikes per step"))
        canvas_text_in(plot->canvas, &plain, x, y, room, "spikes/step");
    count_text(number, (uint64_t)ceil((double)(up > down ? up : down) / merged));
    snprintf(text, sizeof text, "%sup to %s", merged > 1 ? "mean " : "", number);
    if (has_two)
        canvas_text_in(plot->canvas, &small, (float)plot->box.x, middle + 1.4f * cap,
                       room, text);
}

/* The four corners beside a cross of a column and a row; one of them may be all. */
static void veil_corners(const struct raster_plot *plot, struct box column,
                         struct box row, uint32_t veil)
{
    struct box all = plot->bands;
    int x[2] = { column.x, column.x + column.width }, right = all.x + all.width;
    int y[2] = { row.y, row.y + row.height }, bottom = all.y + all.height;
    struct box corner[4] = { { all.x, all.y, x[0] - all.x, y[0] - all.y },
                             { x[1], all.y, right - x[1], y[0] - all.y },
                             { all.x, y[1], x[0] - all.x, bottom - y[1] },
                             { x[1], y[1], right - x[1], bottom - y[1] } };
    for (int i = 0; i < 4; i++)
        canvas_fill(plot->canvas, corner[i], veil);
}

void raster_paint_selection(const struct raster_plot *plot,
                            const struct spike_band *band, uint32_t bands)
{
    const struct selection *selection = &plot->view->selection;
    const struct palette *palette = plot->stage->palette;
    const struct scene *scene = plot->exhibit->scene;
    struct box all = plot->bands, column = { all.x, 0, 0, 0 }, row = { 0, all.y, 0, 0 };
    if (selection->token >= 0 && (uint64_t)selection->token < scene->tokens) {
        int to;
        time_axis_span(plot->stage, scene, all, (uint64_t)selection->token, &column.x,
                       &to);
        column.width = to - column.x;
    }
    const struct spike_band *own =
        selection->neuron >= 0 ? band_of(band, bands, (uint64_t)selection->neuron)
                               : NULL;
    if (own && plot->steps > 0)
        row =
            raster_plot_cell(plot, own, plot->first_step, (uint64_t)selection->neuron);
    if (column.width <= 0 && row.height <= 0)
        return;
    veil_corners(plot, column, row, 0xa0000000u | (palette->page & 0xffffff));
    if (row.height <= 0)
        return;
    struct box frame = { all.x - 1, row.y - 1, all.width + 2, row.height + 2 };
    canvas_outline(plot->canvas, frame, palette->chosen);
}
