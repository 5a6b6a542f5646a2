/* The raster: neurons upwards in bands of populations, steps to the right. What is in
 * sight is counted into the cells of a grid, whatever the number of spikes; from a few
 * steps and neurons on each spike is a mark with its worth. */
#include "viz/band_labels.h"
#include "viz/raster_difference.h"
#include "viz/raster_legend.h"
#include "viz/raster_paint.h"
#include "viz/raster_plot.h"
#include "viz/time_axis.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

static void say(const struct raster_plot *plot, const char *sentence)
{
    struct pen pen = { plot->stage->cap, 0, false, plot->stage->palette->muted };
    float width = canvas_text_width(plot->canvas, &pen, sentence);
    float room = (float)plot->box.width, x = (float)plot->box.x;
    canvas_text_in(plot->canvas, &pen, x + fmaxf(0, (room - width) / 2),
                   (float)plot->box.y + (float)plot->box.height / 2, room, sentence);
}

/* What keeps a raster from being drawn; NULL: nothing. */
static const char *reason(const struct scene *scene)
{
    if (scene->recording.tokens > 0 && !scene->recording.has_counts &&
        !scene->recording.has_spikes)
        return "no spikes recorded; record with --record counts or spikes";
    if (scene->recording.populations == 0 || scene_end(scene) == 0)
        return "no spikes yet";
    return NULL;
}

/* Counts and paints the bands of one kind, and adds their columns to `sum`. */
static enum error_code draw_kind(const struct raster_plot *plot,
                                 const struct spike_band *band, uint32_t bands,
                                 bool is_inhibitory, struct spike_grid *sum,
                                 struct error *err)
{
    struct spike_grid grid;
    if (bands == 0)
        return OK;
    if (spike_grid_create(&grid, plot->columns, plot->rows, err) != OK)
        return err->code;
    grid.first_step = plot->first_step;
    grid.steps = plot->steps;
    grid.band = band;
    grid.bands = bands;
    enum error_code code = spike_index_fill(plot->exhibit->index, &grid, err);
    if (code == OK)
        code = raster_paint_cells(plot, &grid, is_inhibitory, err);
    for (uint32_t i = 0; code == OK && i < grid.columns; i++) {
        sum->column_excited[i] +=
            is_inhibitory ? grid.column_inhibited[i] : grid.column_excited[i];
        sum->column_inhibited[i] +=
            is_inhibitory ? grid.column_excited[i] : grid.column_inhibited[i];
    }
    spike_grid_release(&grid);
    return code;
}

/* Bands of each kind, in their order, into `part` (bands); returns how many. */
static uint32_t choose(const struct raster_plot *plot, const struct spike_band *band,
                       uint32_t bands, bool is_inhibitory, struct spike_band *part)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < bands; i++)
        if (raster_plot_inhibits(plot, &band[i]) == is_inhibitory)
            part[count++] = band[i];
    return count;
}

static enum error_code draw_cells(const struct raster_plot *plot,
                                  const struct spike_band *band, uint32_t bands,
                                  struct error *err)
{
    struct spike_grid sum; /* of no rows: columns alone */
    struct spike_band *part = calloc((size_t)bands + 1, sizeof *part);
    if (!part)
        return error_memory(err, "the bands of a raster", 0);
    enum error_code code = spike_grid_create(&sum, plot->columns, 1, err);
    sum.steps = plot->steps;
    for (int kind = 0; kind < 2 && code == OK; kind++) {
        uint32_t count = choose(plot, band, bands, kind == 1, part);
        code = draw_kind(plot, part, count, kind == 1, &sum, err);
    }
    if (code == OK)
        code = raster_paint_worths(plot, band, bands, err);
    if (code == OK)
        raster_paint_strip(plot, &sum);
    spike_grid_release(&sum);
    free(part);
    return code;
}

static enum error_code draw_parts(const struct raster_plot *plot, unsigned which,
                                  const struct spike_band *band, uint32_t bands,
                                  struct error *err)
{
    const struct stage *stage = plot->stage;
    bool is_difference =
        stage->exhibits == 2 && stage->view->compare == COMPARE_DIFFERENCE;
    raster_paint_ground(plot, band, bands);
    enum error_code code = is_difference
                               ? raster_difference_draw(plot, which, band, bands, err)
                               : draw_cells(plot, band, bands, err);
    if (code != OK)
        return code;
    raster_paint_selection(plot, band, bands);
    raster_legend_draw(plot, band, bands, is_difference);
    band_labels_draw(plot, band, bands);
    time_axis_draw(stage, plot->exhibit->scene, plot->canvas, plot->bands, plot->axis);
    return OK;
}

static enum error_code draw(const struct stage *stage, unsigned which,
                            struct canvas *canvas, struct box box, struct error *err)
{
    struct raster_plot plot;
    enum error_code code = OK;
    bool has_room = raster_plot_init(&plot, stage, which, canvas, box);
    const char *why = reason(plot.exhibit->scene);
    struct box old = canvas_clip(canvas, box);
    if (why)
        say(&plot, why);
    if (!why && has_room && plot.columns > 0 && plot.rows > 0) {
        struct spike_band *band =
            calloc((size_t)plot.exhibit->stack->bands + 1, sizeof *band);
        uint32_t bands = band ? raster_plot_bands(&plot, band) : 0;
        code = band ? draw_parts(&plot, which, band, bands, err)
                    : error_memory(err, "the bands of a raster", 0);
        free(band);
    }
    canvas->clip = old;
    return code;
}

/* Spikes of a neuron in a token, and the sum of their worths. */
static bool count_of(const struct exhibit *exhibit, uint64_t token, uint64_t node,
                     unsigned *spikes, long *sum)
{
    struct error ignored = { 0 };
    struct recorded_spike *spike = NULL;
    size_t length = 0;
    *spikes = 0;
    *sum = 0;
    if (spike_index_token(exhibit->index, token, &spike, &length, &ignored) != OK)
        return false;
    for (size_t i = 0; i < length; i++) {
        if (spike[i].node != node)
            continue;
        (*spikes)++;
        *sum += spike[i].worth;
    }
    free(spike);
    return true;
}

/* Name, index, token, count, rate. */
static void describe(const struct exhibit *exhibit, uint64_t node, double step,
                     char *text, size_t size)
{
    const struct scene *scene = exhibit->scene;
    uint32_t population;
    char word[48], place[96];
    unsigned spikes;
    long sum;
    const struct population_info *info = scene_population_of(scene, node, &population);
    if (!info || scene->tokens == 0)
        return;
    uint64_t token = scene_token_at(scene, step);
    double steps = (double)(scene->start_step[token + 1] - scene->start_step[token]);
    double dt_ms = scene->recording.info.dt_ms;
    scene_token_text(scene, token, word, sizeof word);
    if (scene->is_timed)
        snprintf(place, sizeof place, "%.6g ms", floor(step) * dt_ms);
    else
        snprintf(place, sizeof place, "token %llu \u201c%s\u201d, step %.0f",
                 (unsigned long long)token, word,
                 floor(step) - (double)scene->start_step[token]);
    int used = snprintf(text, size, "%s, neuron %llu\n%s", info->name,
                        (unsigned long long)(node - info->first_node), place);
    if (used < 0 || (size_t)used >= size ||
        !count_of(exhibit, token, node, &spikes, &sum))
        return;
    if (scene->is_timed)
        snprintf(text + used, size - (size_t)used, "\n%u spikes in %g ms: %.3g Hz",
                 spikes, steps * dt_ms, spikes / fmax(1, steps) / dt_ms * 1000);
    else
        snprintf(text + used, size - (size_t)used,
                 "\ncount %+ld in %u spikes: %.2g a step", sum, spikes,
                 spikes / fmax(1, steps));
}

static bool find(const struct stage *stage, unsigned which, struct canvas *canvas,
                 struct box box, int x, int y, struct finding *finding)
{
    struct raster_plot plot;
    *finding = (struct finding){ .selection = { -1, -1, -1, -1 }, .step = (double)NAN };
    if (!raster_plot_init(&plot, stage, which, canvas, box) || plot.rows == 0)
        return false;
    const struct scene *scene = plot.exhibit->scene;
    double step = pane_x_step(plot.view, plot.bands, (float)x + 0.5f);
    if (x < plot.bands.x || x >= plot.bands.x + plot.bands.width || y < box.y ||
        y >= box.y + box.height || reason(scene) || !(step >= 0) ||
        step >= (double)scene_end(scene))
        return false;
    finding->step = step;
    uint64_t token = scene_token_at(scene, step);
    if (y >= plot.axis.y) {
        finding->selection.token = (int64_t)token;
        if (!scene->is_timed)
            scene_token_text(scene, token, finding->text, sizeof finding->text);
        return true;
    }
    struct spike_band *band =
        calloc((size_t)plot.exhibit->stack->bands + 1, sizeof *band);
    if (!band)
        return true;
    uint64_t node;
    uint32_t population, bands = raster_plot_bands(&plot, band);
    if (y >= plot.bands.y && y < plot.bands.y + plot.bands.height &&
        raster_plot_node_at(&plot, band, bands, y, &node) &&
        scene_population_of(scene, node, &population)) {
        finding->selection.layer = scene->recording.population[population].layer;
        finding->selection.population = (int32_t)population;
        finding->selection.neuron = (int64_t)node;
        finding->selection.token = scene->is_timed ? -1 : (int64_t)token;
        describe(plot.exhibit, node, step, finding->text, sizeof finding->text);
    }
    free(band);
    return true;
}

/* Spikes per step, the bands and the words below. */
static struct box place(const struct stage *stage, unsigned which,
                        struct canvas *canvas, struct box box)
{
    struct raster_plot plot;
    if (!raster_plot_init(&plot, stage, which, canvas, box))
        return (struct box){ 0 };
    int top = plot.strip.height > 0 ? plot.strip.y : plot.bands.y;
    return (struct box){ plot.bands.x, top, plot.bands.width,
                         plot.axis.y + plot.axis.height - top };
}

const struct pane raster_pane = {
    .name = "raster",
    .title = "spikes",
    .summary = "neurons upwards, time to the right; orange excites, blue inhibits",
    .changes = PANE_STILL,
    .has_time = true,
    .plot = place,
    .draw = draw,
    .find = find,
};
