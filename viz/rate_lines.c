/* See rate_lines.h. */
#include "viz/rate_lines.h"

#include "viz/pane_frame.h"

#include <math.h>
#include <stdlib.h>

/* Pixels of a token, and of a network's slice of time, from which what happens within it
 * can be seen. */
enum { WIDE_TOKEN = 20, WIDE_SLICE = 2 };

static void add_line(struct rate_lines *lines, const struct stage *stage,
                     struct rate_line line)
{
    if (lines->lines == RATE_LINES)
        return;
    line.colour = series_colour(stage->palette, lines->lines);
    lines->line[lines->lines++] = line;
}

static void add_population(struct rate_lines *lines, const struct stage *stage,
                           uint32_t index)
{
    const struct population_info *info = &lines->scene->recording.population[index];
    add_line(lines, stage,
             (struct rate_line){ info->name, true, index, info->size, 0 });
}

void rate_lines_select(struct rate_lines *lines, const struct stage *stage,
                       const struct scene *scene)
{
    const struct selection *selection = &stage->view->selection;
    const struct recording *recording = &scene->recording;
    *lines = (struct rate_lines){ .scene = scene };
    if (selection->population >= 0 &&
        (uint32_t)selection->population < recording->populations) {
        add_population(lines, stage, (uint32_t)selection->population);
        return;
    }
    for (uint32_t i = 0; selection->layer >= 0 && i < recording->populations; i++)
        if (recording->population[i].layer == selection->layer)
            add_population(lines, stage, i);
    if (lines->lines > 0)
        return;
    for (uint32_t i = 0; i < scene->serieses; i++) {
        const struct scene_series *series = &scene->series[i];
        add_line(lines, stage,
                 (struct rate_line){ series->name, false, i, series->neurons, 0 });
    }
}

struct series_sum rate_line_between(const struct rate_lines *lines, uint32_t line,
                                    uint64_t from, uint64_t to)
{
    const struct rate_line *own = &lines->line[line];
    if (own->is_population)
        return scene_population_between(lines->scene, own->index, from, to);
    return scene_series_between(lines->scene, own->index, from, to);
}

bool token_span_at(const struct stage *stage, const struct scene *scene,
                   struct box plot, int x, struct token_span *span)
{
    const struct view_state *view = stage->view;
    double step = pane_x_step(view, plot, (float)x);
    if (scene->tokens == 0 || x >= plot.x + plot.width ||
        step >= (double)scene_end(scene))
        return false;
    uint64_t from = scene_token_at(scene, fmax(step, 0));
    float right = pane_step_x(view, plot, (double)scene->start_step[from + 1]);
    float edge = (float)(plot.x + plot.width);
    int end = (int)lroundf(fminf(right, edge));
    end = end > x ? end : x + 1;
    uint64_t to = scene_token_at(scene, fmax(pane_x_step(view, plot, (float)end), 0));
    if (pane_x_step(view, plot, (float)end) >= (double)scene_end(scene))
        to = scene->tokens;
    *span = (struct token_span){ x, end - x, from, to > from ? to : from + 1 };
    return true;
}

static bool shows_steps(const struct stage *stage, const struct scene *scene,
                        int pixels)
{
    double tokens_each = (double)scene->tokens / fmax(1, (double)scene_end(scene));
    double tokens = fmax(1, tokens_each * stage->view->steps);
    int wide = scene->is_timed ? WIDE_SLICE : WIDE_TOKEN;
    return pixels / tokens >= wide && stage->view->steps > 0;
}

/* The populations of a line, as bands of a grid of one row each. */
static uint32_t bands_of(const struct rate_lines *lines, const struct rate_line *line,
                         struct spike_band *band)
{
    const struct recording *recording = &lines->scene->recording;
    uint32_t bands = 0;
    for (uint32_t i = 0; i < recording->populations; i++) {
        bool is_in = line->is_population ? i == line->index
                                         : lines->scene->series_of[i] == line->index;
        const struct population_info *info = &recording->population[i];
        if (is_in && info->size > 0) {
            band[bands] = (struct spike_band){ info->first_node, info->size, bands, 1 };
            bands++;
        }
    }
    return bands;
}

static enum error_code count_line(struct step_counts *counts,
                                  const struct rate_lines *lines, uint32_t line,
                                  struct spike_index *index, struct spike_band *band,
                                  struct error *err)
{
    struct spike_grid grid;
    uint32_t bands = bands_of(lines, &lines->line[line], band);
    double *spikes = counts->spikes + (size_t)line * counts->columns;
    if (bands == 0)
        return OK;
    if (spike_grid_create(&grid, counts->columns, bands, err) != OK)
        return err->code;
    grid.first_step = counts->first_step;
    grid.steps = counts->steps_each * counts->columns;
    grid.band = band;
    grid.bands = bands;
    enum error_code code = spike_index_fill(index, &grid, err);
    for (uint32_t i = 0; i < counts->columns && code == OK; i++)
        spikes[i] = (double)(grid.column_excited[i] + grid.column_inhibited[i]);
    spike_grid_release(&grid);
    return code;
}

enum error_code step_counts_init(struct step_counts *counts,
                                 const struct rate_lines *lines,
                                 const struct stage *stage, unsigned which, int pixels,
                                 struct error *err)
{
    const struct scene *scene = lines->scene;
    struct spike_index *index = stage->exhibit[which].index;
    *counts = (struct step_counts){ 0 };
    if (!index || pixels < 1 || !shows_steps(stage, scene, pixels))
        return OK;
    double first = fmax(0, floor(stage->view->first_step));
    double last = fmin(ceil(stage->view->first_step + stage->view->steps),
                       (double)scene_end(scene));
    if (last <= first)
        return OK;
    counts->first_step = (uint64_t)first;
    counts->steps_each = (uint64_t)ceil((last - first) / pixels);
    counts->columns = (uint32_t)ceil((last - first) / (double)counts->steps_each);
    counts->spikes =
        calloc((size_t)counts->columns * RATE_LINES, sizeof *counts->spikes);
    struct spike_band *band = calloc(scene->recording.populations + 1, sizeof *band);
    enum error_code code = OK;
    if (!counts->spikes || !band)
        code = error_memory(err, "spikes by step", 8.0 * counts->columns);
    for (uint32_t line = 0; line < lines->lines && code == OK; line++)
        code = count_line(counts, lines, line, index, band, err);
    free(band);
    if (code != OK)
        step_counts_release(counts);
    return code;
}

void step_counts_release(struct step_counts *counts)
{
    free(counts->spikes);
    counts->spikes = NULL;
}
