/* See raster_plot.h. */
#include "viz/raster_plot.h"

#include "viz/time_axis.h"

#include <math.h>
#include <string.h>

static const float strip_height = 4.5f, gap = 0.8f, legend_height = 2; /* capitals */
/* Cells grow with letters: a spike is to be seen wherever its name can be read. */
static const float cell_share = 10; /* of a capital */

enum {
    LEAST_BANDS = 12, /* pixels of height without which there is no raster */
    STRIP_SHARE = 7,  /* the strip takes a seventh of the height at most */
    LEGEND_SHARE = 14,
    MOST_CELL = 4,
    MOST_FIELD = 1 << 20 /* pixels; beyond lies what is out of sight */
};

/* Cells are whole steps: their field is a little wider than the plot. */
static void place_steps(struct raster_plot *plot)
{
    const struct view_state *view = plot->view;
    double end = fmin(ceil(view->first_step + view->steps - 1e-9),
                      (double)scene_end(plot->exhibit->scene));
    double first = fmax(floor(view->first_step + 1e-9), 0);
    plot->first_step = (uint64_t)first;
    plot->steps = end > first ? (uint64_t)(end - first) : 0;
    float left = pane_step_x(view, plot->bands, first);
    float right = pane_step_x(view, plot->bands, end);
    plot->field.x = (int)lroundf(fmaxf(left, -MOST_FIELD));
    plot->field.width = (int)lroundf(fminf(right, MOST_FIELD)) - plot->field.x;
}

static void place_units(struct raster_plot *plot)
{
    const struct view_state *view = plot->view;
    const struct stack *stack = plot->exhibit->stack;
    plot->first_unit = view->first_unit;
    plot->units = view->units;
    stack_widen(stack, plot->exhibit->scene, &plot->first_unit, &plot->units);
    double scale = view->units > 0 ? plot->bands.height / view->units : 0;
    double below = (view->first_unit - plot->first_unit) * scale;
    double above = plot->units * scale - below - plot->bands.height;
    int up = (int)lround(fmin(fmax(above, 0), MOST_FIELD));
    plot->field.y = plot->bands.y - up;
    plot->field.height =
        plot->bands.height + up + (int)lround(fmin(fmax(below, 0), MOST_FIELD));
}

/* From the top: the legend, the strip, the bands, the axis. */
static void lay_out(struct raster_plot *plot, struct box area)
{
    float cap = plot->stage->cap;
    int axis = time_axis_height(plot->stage, plot->exhibit->scene, plot->canvas, area);
    int strip = (int)(strip_height * cap), between = (int)(gap * cap);
    int legend = (int)(legend_height * cap), top = area.y;
    if (strip > area.height / STRIP_SHARE)
        strip = 0;
    if (legend > area.height / LEGEND_SHARE)
        legend = 0;
    if (axis > area.height / 2)
        axis = area.height / 2;
    plot->legend = (struct box){ area.x, top, area.width, legend };
    top += legend;
    plot->strip = (struct box){ area.x, top, area.width, strip };
    top += strip ? strip + between : 0;
    int foot = area.y + area.height - axis;
    plot->bands = (struct box){ area.x, top, area.width, foot - top };
    plot->axis = (struct box){ area.x, foot, area.width, axis };
}

bool raster_plot_init(struct raster_plot *plot, const struct stage *stage,
                      unsigned which, struct canvas *canvas, struct box box)
{
    *plot = (struct raster_plot){
        .stage = stage,
        .exhibit = &stage->exhibit[which],
        .view = stage->view,
        .canvas = canvas,
        .box = box,
    };
    lay_out(plot, pane_plot(stage, box));
    if (plot->bands.width < LEAST_BANDS || plot->bands.height < LEAST_BANDS)
        return false;
    place_steps(plot);
    place_units(plot);
    int cell = (int)(stage->cap / cell_share);
    plot->cell = cell < 1 ? 1 : cell > MOST_CELL ? MOST_CELL : (uint32_t)cell;
    plot->columns =
        ((uint32_t)(plot->field.width > 0 ? plot->field.width : 0) + plot->cell - 1) /
        plot->cell;
    plot->rows = ((uint32_t)plot->field.height + plot->cell - 1) / plot->cell;
    return true;
}

uint32_t raster_plot_bands(const struct raster_plot *plot, struct spike_band *band)
{
    return stack_bands(plot->exhibit->stack, plot->exhibit->scene, plot->first_unit,
                       plot->units, plot->rows, band);
}

/* The pixel where a part of the field begins, as canvas_pixels stretches it. */
static int edge(int start, int length, uint64_t part, uint64_t parts)
{
    return start + (int)((double)part * length / (double)(parts ? parts : 1) + 0.5);
}

struct box raster_plot_box(const struct raster_plot *plot,
                           const struct spike_band *band)
{
    int top = edge(plot->field.y, plot->field.height, band->top, plot->rows);
    int end =
        edge(plot->field.y, plot->field.height, band->top + band->height, plot->rows);
    struct box box = { plot->bands.x, top, plot->bands.width, end - top };
    return box_shared(box, plot->bands);
}

struct box raster_plot_cell(const struct raster_plot *plot,
                            const struct spike_band *band, uint64_t step, uint64_t node)
{
    uint32_t left, right, below, above;
    spike_grid_cover(step - plot->first_step, plot->steps, plot->columns, &left,
                     &right);
    spike_grid_cover(node - band->first_node, band->neurons, band->height, &below,
                     &above);
    uint32_t foot = band->top + band->height;
    int x = edge(plot->field.x, plot->field.width, left, plot->columns);
    int y = edge(plot->field.y, plot->field.height, foot - above, plot->rows);
    return (struct box){
        x, y, edge(plot->field.x, plot->field.width, right, plot->columns) - x,
        edge(plot->field.y, plot->field.height, foot - below, plot->rows) - y
    };
}

const struct spike_band *raster_plot_node_at(const struct raster_plot *plot,
                                             const struct spike_band *band,
                                             uint32_t bands, int y, uint64_t *node)
{
    for (uint32_t i = 0; i < bands; i++) {
        struct box box = raster_plot_box(plot, &band[i]);
        if (y < box.y || y >= box.y + box.height)
            continue;
        double row = (y + 0.5 - plot->field.y) * plot->rows / plot->field.height;
        double up = (double)(band[i].top + band[i].height) - row;
        double neuron = up * (double)band[i].neurons / band[i].height;
        uint64_t index = neuron > 0 ? (uint64_t)neuron : 0;
        *node = band[i].first_node +
                (index < band[i].neurons ? index : band[i].neurons - 1);
        return &band[i];
    }
    return NULL;
}

bool raster_plot_inhibits(const struct raster_plot *plot, const struct spike_band *band)
{
    const struct population_info *info =
        scene_population_of(plot->exhibit->scene, band->first_node, NULL);
    if (!info || !plot->exhibit->scene->is_timed)
        return false;
    return strcmp(info->name, "I") == 0 || strncmp(info->name, "inh", 3) == 0 ||
           strncmp(info->role, "inh", 3) == 0;
}

void raster_plot_tokens(const struct raster_plot *plot, uint64_t *from, uint64_t *to)
{
    const struct scene *scene = plot->exhibit->scene;
    *from = *to = 0;
    if (scene->tokens == 0 || plot->steps == 0)
        return;
    *from = scene_token_at(scene, (double)plot->first_step);
    *to = scene_token_at(scene, (double)(plot->first_step + plot->steps) - 0.5) + 1;
}
