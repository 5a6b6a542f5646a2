/* Rates over time, under the same axis as the raster: for a language model spikes of all
 * neurons a step, stacked by role, and below them the share of channels that stay
 * silent; for a network the firing rate of each population. */
#include "viz/number_text.h"
#include "viz/pane_frame.h"
#include "viz/rate_lines.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LINE_COLUMN = 4 }; /* pixels */

struct chart {
    const struct stage *stage;
    struct canvas *canvas;
    struct rate_lines lines;
    struct legend_entry entry[RATE_LINES];
    struct step_counts counts;
    struct box plot;   /* of the spikes */
    struct box silent; /* height 0: not shown */
    struct box legend; /* likewise */
    double most, most_silent;
};

/* The value of a line over some tokens: spikes a step, or hertz of a network. */
static double value_of(const struct chart *chart, uint32_t line, double spikes,
                       double steps)
{
    const struct scene *scene = chart->lines.scene;
    double rate = steps > 0 ? spikes / steps : 0;
    if (!scene->is_timed)
        return rate;
    double neurons = (double)chart->lines.line[line].neurons;
    return rate / fmax(1, neurons) / scene->recording.info.dt_ms * 1000;
}

static void value_text(const struct chart *chart, char text[NUMBER_TEXT], double value)
{
    if (chart->lines.scene->is_timed)
        hertz_text(text, value);
    else
        number_text(text, value, "");
}

static double token_value(const struct chart *chart, uint32_t line,
                          const struct token_span *span)
{
    const uint64_t *start = chart->lines.scene->start_step;
    struct series_sum sum =
        rate_line_between(&chart->lines, line, span->from, span->to);
    return value_of(chart, line, sum.spikes,
                    (double)(start[span->to] - start[span->from]));
}

static double column_value(const struct chart *chart, uint32_t line, uint32_t column)
{
    const struct step_counts *counts = &chart->counts;
    return value_of(chart, line,
                    counts->spikes[(size_t)line * counts->columns + column],
                    (double)counts->steps_each);
}

/* Of stacked lines the sum, else the largest. */
static double joined(const struct chart *chart, double a, double b)
{
    return chart->lines.scene->is_timed ? fmax(a, b) : a + b;
}

/* What is drawn between two places: values of all lines. */
struct slot {
    int x, width;
    double value[RATE_LINES];
};

/* The slot that begins at x or after; false: the end. */
static bool slot_at(const struct chart *chart, int x, struct slot *slot)
{
    const struct view_state *view = chart->stage->view;
    const struct step_counts *counts = &chart->counts;
    struct token_span span;
    if (!counts->spikes) {
        if (!token_span_at(chart->stage, chart->lines.scene, chart->plot, x, &span))
            return false;
        slot->x = x;
        slot->width = span.width;
        for (uint32_t i = 0; i < chart->lines.lines; i++)
            slot->value[i] = token_value(chart, i, &span);
        return true;
    }
    double step = pane_x_step(view, chart->plot, (float)x + 0.5f);
    double at = (step - (double)counts->first_step) / (double)counts->steps_each;
    if (at >= counts->columns || x >= chart->plot.x + chart->plot.width)
        return false;
    uint32_t column = at > 0 ? (uint32_t)at : 0;
    double end =
        (double)counts->first_step + (double)(column + 1) * (double)counts->steps_each;
    int right = (int)lroundf(pane_step_x(view, chart->plot, end));
    int edge = chart->plot.x + chart->plot.width;
    right = right < edge ? right : edge;
    slot->x = x;
    slot->width = right > x ? right - x : 1;
    for (uint32_t i = 0; i < chart->lines.lines; i++)
        slot->value[i] = column_value(chart, i, column);
    return true;
}

static void find_scale(struct chart *chart)
{
    struct slot slot;
    for (int x = chart->plot.x; slot_at(chart, x, &slot); x += slot.width) {
        double value = 0;
        for (uint32_t i = 0; i < chart->lines.lines; i++)
            value = joined(chart, value, slot.value[i]);
        chart->most = fmax(chart->most, value);
    }
    chart->most = number_ceiling(chart->most);
}

static void draw_stacked(const struct chart *chart, const struct slot *slot)
{
    double below = 0;
    int foot = chart->plot.y + chart->plot.height, top = foot;
    for (uint32_t i = 0; i < chart->lines.lines; i++) {
        below += slot->value[i];
        int y = foot - (int)lround(below / chart->most * chart->plot.height);
        if (y < top)
            canvas_fill(chart->canvas, (struct box){ slot->x, y, slot->width, top - y },
                        chart->lines.line[i].colour);
        top = y < top ? y : top;
    }
}

static void draw_areas(const struct chart *chart)
{
    struct slot slot;
    for (int x = chart->plot.x; slot_at(chart, x, &slot); x += slot.width)
        draw_stacked(chart, &slot);
}

/* Steps of a line: two points for each slot. */
static void draw_line(const struct chart *chart, uint32_t line, struct point *point)
{
    struct slot slot;
    size_t points = 0;
    float foot = (float)(chart->plot.y + chart->plot.height) - 1;
    for (int x = chart->plot.x; slot_at(chart, x, &slot); x += slot.width) {
        double share = slot.value[line] / chart->most;
        float y = foot - (float)share * (float)(chart->plot.height - 2);
        point[points++] = (struct point){ (float)x, y };
        point[points++] = (struct point){ (float)(x + slot.width), y };
    }
    canvas_path(chart->canvas, point, points, fmaxf(1.5f, chart->stage->cap / 6),
                chart->lines.line[line].colour);
}

static double silent_share(const struct chart *chart, uint32_t line,
                           const struct token_span *span)
{
    struct series_sum sum =
        rate_line_between(&chart->lines, line, span->from, span->to);
    return sum.channels > 0 ? sum.silent / sum.channels : (double)NAN;
}

/* A site that did not run leaves a gap. */
static void draw_silent(const struct chart *chart, uint32_t line, struct point *point)
{
    const struct scene *scene = chart->lines.scene;
    struct token_span span;
    size_t points = 0;
    uint32_t colour = chart->lines.line[line].colour;
    float width = fmaxf(1.5f, chart->stage->cap / 6);
    float foot = (float)(chart->silent.y + chart->silent.height) - 1;
    for (int x = chart->plot.x;
         token_span_at(chart->stage, scene, chart->plot, x, &span); x += span.width) {
        double share = silent_share(chart, line, &span);
        if (isnan(share)) {
            canvas_path(chart->canvas, point, points, width, colour);
            points = 0;
            continue;
        }
        float y = foot - (float)(share / chart->most_silent) *
                             (float)(chart->silent.height - 2);
        point[points++] = (struct point){ (float)x, y };
        point[points++] = (struct point){ (float)(x + span.width), y };
    }
    canvas_path(chart->canvas, point, points, width, colour);
}

static void find_silent_scale(struct chart *chart)
{
    struct token_span span;
    for (int x = chart->plot.x;
         token_span_at(chart->stage, chart->lines.scene, chart->plot, x, &span);
         x += span.width)
        for (uint32_t i = 0; i < chart->lines.lines; i++)
            chart->most_silent =
                fmax(chart->most_silent, fmax(0, silent_share(chart, i, &span)));
    chart->most_silent = fmin(1, number_ceiling(chart->most_silent));
}

/* What the axis measures stands in its upper corner, its ends to the left. */
static void draw_axis(const struct chart *chart, struct box box, struct box plot,
                      const char *most, const char *meaning)
{
    struct pen pen = pane_pen(chart->stage, 0.85f, chart->stage->palette->muted);
    float gap = chart->stage->cap / 2;
    int line = pane_line(chart->stage, 0.85f);
    struct box top = { box.x, plot.y, plot.x - box.x, line };
    if (plot.height < line)
        return;
    if (canvas_text_width(chart->canvas, &pen, most) <= (float)top.width - gap)
        canvas_text_to(chart->canvas, &pen, (float)plot.x - gap,
                       pane_baseline(top, &pen), most);
    top.y = plot.y + plot.height - line;
    if (plot.height >= 3 * line)
        canvas_text_to(chart->canvas, &pen, (float)plot.x - gap,
                       pane_baseline(top, &pen), "0");
    canvas_fill(chart->canvas,
                (struct box){ plot.x, plot.y + plot.height, plot.width, 1 },
                chart->stage->palette->rule);
    if (meaning)
        canvas_text_in(chart->canvas, &pen, (float)plot.x + gap,
                       pane_baseline((struct box){ plot.x, plot.y - line, 0, line },
                                     &pen),
                       (float)plot.width - gap, meaning);
}

static void lay_out(struct chart *chart, struct box box)
{
    const struct scene *scene = chart->lines.scene;
    struct box plot = pane_plot(chart->stage, box);
    int line = pane_line(chart->stage, 0.85f);
    plot.y = box.y;
    plot.height = box.height - 1;
    if (plot.height > 5 * line) {
        box_take_top(&plot, line, &chart->legend);
        plot.y += line;
        plot.height -= line;
    }
    bool has_silent = !scene->is_timed && plot.height > 8 * line;
    chart->plot = chart->silent = plot;
    chart->silent.height = 0;
    if (has_silent) {
        chart->plot.height = (plot.height - line) * 3 / 5;
        chart->silent.y = chart->plot.y + chart->plot.height + line;
        chart->silent.height = plot.y + plot.height - chart->silent.y;
    }
}

static void stripe(const struct chart *chart, struct box plot)
{
    const struct stage *stage = chart->stage;
    const struct scene *scene = chart->lines.scene;
    int64_t token = stage->view->selection.token;
    canvas_fill(chart->canvas, plot, stage->palette->plot);
    if (token < 0 || (uint64_t)token >= scene->tokens)
        return;
    int x = (int)pane_step_x(stage->view, plot, (double)scene->start_step[token]);
    int end = (int)pane_step_x(stage->view, plot, (double)scene->start_step[token + 1]);
    struct box old = canvas_clip(chart->canvas, plot);
    canvas_fill(chart->canvas,
                (struct box){ x, plot.y, end > x ? end - x : 1, plot.height },
                stage->palette->stripe);
    chart->canvas->clip = old;
}

static enum error_code draw_chart(struct chart *chart, struct box box,
                                  struct error *err)
{
    char text[NUMBER_TEXT];
    const struct scene *scene = chart->lines.scene;
    size_t room = 2 * (size_t)chart->plot.width + 4;
    struct point *point = malloc(room * sizeof *point);
    if (!point)
        return error_memory(err, "the points of a line", (double)room * sizeof *point);
    stripe(chart, chart->plot);
    find_scale(chart);
    if (!scene->is_timed)
        draw_areas(chart);
    for (uint32_t i = 0; i < chart->lines.lines && scene->is_timed; i++)
        draw_line(chart, i, point);
    value_text(chart, text, chart->most);
    bool has_names = chart->legend.height > 0;
    draw_axis(chart, box, chart->plot, text,
              !has_names        ? NULL
              : scene->is_timed ? "spikes a second of a neuron"
                                : "spikes a step");
    if (chart->silent.height > 0) {
        stripe(chart, chart->silent);
        find_silent_scale(chart);
        for (uint32_t i = 0; i < chart->lines.lines; i++)
            draw_silent(chart, i, point);
        percent_text(text, chart->most_silent);
        draw_axis(chart, box, chart->silent, text, "silent channels / channels");
    }
    if (has_names)
        pane_legend(chart->stage, chart->canvas, box, chart->legend, chart->entry,
                    (int)chart->lines.lines);
    free(point);
    return OK;
}

static bool has(const struct scene *scene)
{
    return scene->has_counters && scene->serieses > 0;
}

static enum error_code draw(const struct stage *stage, unsigned which,
                            struct canvas *canvas, struct box box, struct error *err)
{
    const struct scene *scene = stage->exhibit[which].scene;
    struct chart chart = { .stage = stage, .canvas = canvas };
    if (!has(scene)) {
        pane_say(stage, canvas, box, "no spikes are counted in this recording");
        return OK;
    }
    rate_lines_select(&chart.lines, stage, scene);
    for (uint32_t i = 0; i < chart.lines.lines; i++)
        chart.entry[i] = (struct legend_entry){ chart.lines.line[i].name,
                                                chart.lines.line[i].colour };
    lay_out(&chart, box);
    if (chart.plot.width < 2 || chart.plot.height < 2)
        return OK;
    /* Rates of single milliseconds would hide one another. */
    int pixels = scene->is_timed ? chart.plot.width / LINE_COLUMN : chart.plot.width;
    if (step_counts_init(&chart.counts, &chart.lines, stage, which, pixels, err) != OK)
        return err->code;
    struct box old = canvas_clip(canvas, box);
    enum error_code code = draw_chart(&chart, box, err);
    canvas->clip = old;
    step_counts_release(&chart.counts);
    return code;
}

static void describe(const struct chart *chart, uint64_t token, char *text, size_t size)
{
    const struct scene *scene = chart->lines.scene;
    struct token_span span = { 0, 1, token, token + 1 };
    char word[40], value[NUMBER_TEXT], silent[NUMBER_TEXT];
    scene_token_text(scene, token, word, sizeof word);
    if (scene->is_timed)
        snprintf(text, size, "%.6g ms",
                 (double)scene->start_step[token] * scene->recording.info.dt_ms);
    else
        snprintf(text, size, "token %llu, %s", (unsigned long long)token, word);
    for (uint32_t i = 0; i < chart->lines.lines; i++) {
        size_t used = strlen(text);
        value_text(chart, value, token_value(chart, i, &span));
        snprintf(text + used, size - used, "; %s %s", chart->lines.line[i].name, value);
        double share = silent_share(chart, i, &span);
        used = strlen(text);
        percent_text(silent, share);
        if (!isnan(share))
            snprintf(text + used, size - used, ", silent %s", silent);
    }
}

static bool find(const struct stage *stage, unsigned which, struct canvas *canvas,
                 struct box box, int x, int y, struct finding *finding)
{
    const struct scene *scene = stage->exhibit[which].scene;
    struct chart chart = { .stage = stage, .canvas = canvas };
    struct token_span span;
    if (!has(scene) || !box_holds(box, x, y))
        return false;
    rate_lines_select(&chart.lines, stage, scene);
    lay_out(&chart, box);
    if (x < chart.plot.x || !token_span_at(stage, scene, chart.plot, x, &span))
        return false;
    finding->selection = (struct selection){ -1, -1, -1, (int64_t)span.from };
    finding->step = pane_x_step(stage->view, chart.plot, (float)x);
    describe(&chart, span.from, finding->text, sizeof finding->text);
    return true;
}

static struct box place(const struct stage *stage, unsigned which,
                        struct canvas *canvas, struct box box)
{
    struct chart chart = { .stage = stage, .canvas = canvas };
    if (!has(stage->exhibit[which].scene))
        return (struct box){ 0 };
    rate_lines_select(&chart.lines, stage, stage->exhibit[which].scene);
    lay_out(&chart, box);
    struct box plot = chart.plot;
    if (chart.silent.height > 0) /* both, one below the other */
        plot.height = chart.silent.y + chart.silent.height - plot.y;
    return plot;
}

const struct pane rates_pane = {
    .name = "rates",
    .title = "rates",
    .summary = "spikes over time by role, and the share of channels that is silent",
    .changes = PANE_STILL,
    .has_time = true,
    .plot = place,
    .has = has,
    .draw = draw,
    .find = find,
};
