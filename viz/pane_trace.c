/* Membrane traces under the axis of time: a strip for each recorded variable, a line for
 * each of its neurons, with the threshold where it is known. Where a pixel holds many
 * samples the line runs between the least and the largest of them. */
#include "viz/number_text.h"
#include "viz/pane_frame.h"
#include "viz/trace_levels.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { STRIP_LINES = 3, MOST_LINES = 8 }; /* text lines a strip needs, colours */

struct strip {
    const struct stage *stage;
    struct canvas *canvas;
    const struct scene *scene;
    uint32_t trace, selected;      /* selected: traces of what is; 0 hides none */
    struct box box, plot;          /* of the strip */
    double first, samples;         /* in sight */
    struct trace_extreme *extreme; /* (columns, nodes) */
    double least, most, threshold; /* threshold NaN: not known */
};

/* Of the time in sight, in samples. */
static double sample_at(const struct scene *scene, const struct trace_info *trace,
                        double step)
{
    double each = trace->interval_ms / scene->recording.info.dt_ms;
    return each > 0 ? step / each : 0;
}

static bool is_of(const struct trace_info *trace, const struct population_info *info)
{
    return strcmp(trace->population, info->name) == 0;
}

static bool is_selected(const struct stage *stage, const struct scene *scene,
                        const struct trace_info *trace)
{
    const struct selection *selection = &stage->view->selection;
    for (uint32_t i = 0; i < scene->recording.populations; i++) {
        const struct population_info *info = &scene->recording.population[i];
        bool is_chosen = selection->population >= 0
                             ? (uint32_t)selection->population == i
                             : selection->layer >= 0 && info->layer == selection->layer;
        if (is_chosen && is_of(trace, info))
            return true;
    }
    return false;
}

static uint32_t count_selected(const struct stage *stage, const struct scene *scene)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < scene->recording.traces; i++)
        count += is_selected(stage, scene, &scene->recording.trace[i]);
    return count;
}

/* "v_threshold=-50" among the parameters of its population, for what is a potential. A
 * spike code moves the threshold from step to step. */
static double threshold_of(const struct scene *scene, const struct trace_info *trace)
{
    static const char key[] = "v_threshold=";
    for (uint32_t i = 0; i < scene->recording.populations; i++) {
        const struct population_info *info = &scene->recording.population[i];
        const char *at = strstr(info->parameters, key);
        if (is_of(trace, info) && at && !info->encoder[0] &&
            strcmp(trace->variable, "v") == 0)
            return strtod(at + strlen(key), NULL);
    }
    return (double)NAN;
}

/* A neuron that is selected is shown alone, if it was recorded. */
static bool shows_node(const struct strip *strip, uint32_t node)
{
    const struct trace_info *trace = &strip->scene->recording.trace[strip->trace];
    int64_t neuron = strip->stage->view->selection.neuron;
    bool any = false;
    for (uint32_t i = 0; i < strip->scene->trace_levels[strip->trace].nodes; i++)
        any |= neuron >= 0 && trace->node[i] == (uint64_t)neuron;
    return any ? trace->node[node] == (uint64_t)neuron : node < MOST_LINES;
}

static void find_scale(struct strip *strip)
{
    uint32_t nodes = strip->scene->trace_levels[strip->trace].nodes;
    double least = HUGE_VAL, most = -HUGE_VAL;
    for (int column = 0; column < strip->plot.width; column++)
        for (uint32_t node = 0; node < nodes; node++) {
            const struct trace_extreme *e =
                &strip->extreme[(size_t)column * nodes + node];
            if (!shows_node(strip, node) || e->least > e->most)
                continue;
            least = fmin(least, (double)e->least);
            most = fmax(most, (double)e->most);
        }
    if (!(least <= most))
        least = most = 0;
    /* A threshold far from all that happens would press the lines flat. */
    double range = most - least;
    if (strip->threshold > most && strip->threshold - most < range)
        most = strip->threshold;
    if (strip->threshold < least && least - strip->threshold < range)
        least = strip->threshold;
    double margin = most > least ? 0.05 * (most - least) : fmax(1e-9, fabs(most) * 0.1);
    strip->least = least - margin;
    strip->most = most + margin;
}

static float height_of(const struct strip *strip, double value)
{
    double share = (value - strip->least) / (strip->most - strip->least);
    return (float)(strip->plot.y + strip->plot.height) -
           (float)share * (float)strip->plot.height;
}

static enum error_code read_strip(struct strip *strip, struct error *err)
{
    const struct recording *recording = &strip->scene->recording;
    const struct trace_levels *levels = &strip->scene->trace_levels[strip->trace];
    const struct trace_info *trace = &recording->trace[strip->trace];
    const struct view_state *view = strip->stage->view;
    size_t items = (size_t)strip->plot.width * levels->nodes;
    strip->first = sample_at(strip->scene, trace, view->first_step);
    strip->samples = sample_at(strip->scene, trace, view->steps);
    strip->threshold = threshold_of(strip->scene, trace);
    strip->extreme = malloc((items ? items : 1) * sizeof *strip->extreme);
    if (!strip->extreme)
        return error_memory(err, "a trace", (double)items * sizeof *strip->extreme);
    return trace_levels_read(levels, recording, strip->trace, strip->first,
                             strip->samples, (uint32_t)strip->plot.width,
                             strip->extreme, err);
}

/* Up and down the columns; a column without a sample ends the line. */
static void draw_node(const struct strip *strip, uint32_t node, uint32_t colour,
                      struct point *point)
{
    uint32_t nodes = strip->scene->trace_levels[strip->trace].nodes;
    double each = strip->samples / strip->plot.width;
    float width = fmaxf(1.2f, strip->stage->cap / 8);
    size_t points = 0;
    double before = -1;
    for (int column = 0; column < strip->plot.width; column++) {
        const struct trace_extreme *e = &strip->extreme[(size_t)column * nodes + node];
        double sample = floor(strip->first + each * column);
        float x = (float)(strip->plot.x + column);
        if (e->least > e->most) {
            canvas_path(strip->canvas, point, points, width, colour);
            points = 0;
            continue;
        }
        if (each < 1 && sample == before)
            continue; /* between two samples runs a straight line */
        before = sample;
        if (each < 1)
            x = (float)strip->plot.x + (float)((sample - strip->first) / each);
        point[points++] = (struct point){ x, height_of(strip, (double)e->least) };
        if (e->most > e->least)
            point[points++] = (struct point){ x, height_of(strip, (double)e->most) };
    }
    canvas_path(strip->canvas, point, points, width, colour);
}

static void draw_threshold(const struct strip *strip)
{
    int dash = (int)strip->stage->cap / 2 + 2;
    float y = height_of(strip, strip->threshold);
    if (isnan(strip->threshold) || strip->threshold < strip->least ||
        strip->threshold > strip->most)
        return;
    for (int x = strip->plot.x; x < strip->plot.x + strip->plot.width; x += 2 * dash)
        canvas_fill(strip->canvas, (struct box){ x, (int)y, dash, 1 },
                    strip->stage->palette->muted);
}

/* The name above the lines; the ends of the scale to the left of them. */
static void label_strip(const struct strip *strip)
{
    const struct trace_info *trace = &strip->scene->recording.trace[strip->trace];
    uint32_t nodes = (uint32_t)trace->nodes, shown = 0;
    struct pen pen = pane_pen(strip->stage, 0.85f, strip->stage->palette->muted);
    int line = pane_line(strip->stage, 0.85f);
    char text[160];
    for (uint32_t i = 0; i < strip->scene->trace_levels[strip->trace].nodes; i++)
        shown += shows_node(strip, i);
    snprintf(text, sizeof text, "%s, %u of %u neurons%s%s", trace->name,
             (unsigned)shown, (unsigned)nodes, trace->unit[0] ? ", " : "", trace->unit);
    if (!isnan(strip->threshold)) {
        size_t used = strlen(text);
        snprintf(text + used, sizeof text - used, "; threshold %.4g, dashed",
                 strip->threshold);
    }
    struct box name = { strip->plot.x, strip->box.y, strip->plot.width, line };
    canvas_text_in(strip->canvas, &pen, (float)name.x, pane_baseline(name, &pen),
                   (float)name.width, text);
    float right = (float)strip->plot.x - strip->stage->cap / 2;
    for (int end = 0; end < 2; end++) {
        struct box at = { strip->box.x, strip->plot.y, 0, line };
        at.y += end ? 0 : strip->plot.height - line;
        if (!end && strip->plot.height < 2 * line)
            continue;
        number_text(text, end ? strip->most : strip->least, "");
        if (right - canvas_text_width(strip->canvas, &pen, text) >= (float)strip->box.x)
            canvas_text_to(strip->canvas, &pen, right, pane_baseline(at, &pen), text);
    }
}

static enum error_code draw_strip(struct strip *strip, struct error *err)
{
    const uint32_t nodes = strip->scene->trace_levels[strip->trace].nodes;
    struct point *point = malloc((2 * (size_t)strip->plot.width + 2) * sizeof *point);
    enum error_code code =
        point ? read_strip(strip, err) : error_memory(err, "the points of a line", 0);
    if (code == OK) {
        canvas_fill(strip->canvas, strip->plot, strip->stage->palette->plot);
        find_scale(strip);
        struct box old = canvas_clip(strip->canvas, strip->plot);
        draw_threshold(strip);
        for (uint32_t node = 0, line = 0; node < nodes; node++)
            if (shows_node(strip, node))
                draw_node(strip, node, series_colour(strip->stage->palette, line++),
                          point);
        strip->canvas->clip = old;
        label_strip(strip);
    }
    free(point);
    free(strip->extreme);
    strip->extreme = NULL;
    return code;
}

/* The n-th of `strips` that are shown: its box and plot. */
static bool lay_out(struct strip *strip, struct box box, uint32_t n)
{
    const struct recording *recording = &strip->scene->recording;
    int line = pane_line(strip->stage, 0.85f);
    uint32_t shown = strip->selected ? strip->selected : recording->traces;
    uint32_t room = (uint32_t)(box.height / (STRIP_LINES * line));
    uint32_t strips = shown < room ? shown : room, seen = 0, trace = 0;
    if (n >= strips)
        return false;
    for (; trace < recording->traces; trace++) {
        bool is_shown = !strip->selected || is_selected(strip->stage, strip->scene,
                                                        &recording->trace[trace]);
        if (is_shown && seen++ == n)
            break;
    }
    strip->trace = trace;
    int height = box.height / (int)strips;
    strip->box = (struct box){ box.x, box.y + (int)n * height, box.width, height };
    strip->plot = pane_plot(strip->stage, strip->box);
    strip->plot.y = strip->box.y + line;
    strip->plot.height = height - line - line / 4;
    return strip->plot.width >= 2;
}

static bool has(const struct scene *scene)
{
    return scene->recording.traces > 0 && scene->trace_levels;
}

static enum error_code draw(const struct stage *stage, unsigned which,
                            struct canvas *canvas, struct box box, struct error *err)
{
    const struct scene *scene = stage->exhibit[which].scene;
    struct strip strip = { .stage = stage,
                           .canvas = canvas,
                           .scene = scene,
                           .selected = count_selected(stage, scene) };
    struct box old = canvas_clip(canvas, box);
    enum error_code code = OK;
    if (!has(scene))
        pane_say(stage, canvas, box, "no state of neurons is recorded (--trace)");
    else
        for (uint32_t n = 0; code == OK && lay_out(&strip, box, n); n++)
            code = draw_strip(&strip, err);
    canvas->clip = old;
    return code;
}

/* The line nearest to the pointer. */
static uint32_t nearest(const struct strip *strip, int column, int y)
{
    uint32_t nodes = strip->scene->trace_levels[strip->trace].nodes, best = nodes;
    float least = HUGE_VALF;
    for (uint32_t node = 0; node < nodes; node++) {
        const struct trace_extreme *e = &strip->extreme[(size_t)column * nodes + node];
        if (!shows_node(strip, node) || e->least > e->most)
            continue;
        float top = height_of(strip, (double)e->most);
        float foot = height_of(strip, (double)e->least);
        float away = fmaxf(0, fmaxf(top - (float)y, (float)y - foot));
        if (away < least) {
            least = away;
            best = node;
        }
    }
    return best;
}

static void describe(const struct strip *strip, uint32_t node, int column,
                     struct finding *finding)
{
    const struct scene *scene = strip->scene;
    const struct trace_info *trace = &scene->recording.trace[strip->trace];
    uint32_t nodes = scene->trace_levels[strip->trace].nodes, population = 0;
    const struct trace_extreme *e = &strip->extreme[(size_t)column * nodes + node];
    const struct population_info *info =
        scene_population_of(scene, trace->node[node], &population);
    double ms = finding->step * scene->recording.info.dt_ms;
    finding->selection.neuron = (int64_t)trace->node[node];
    if (info) {
        finding->selection.population = (int32_t)population;
        finding->selection.layer = info->layer;
    }
    unsigned long long index =
        (unsigned long long)(trace->node[node] - (info ? info->first_node : 0));
    if (e->most > e->least)
        snprintf(finding->text, sizeof finding->text,
                 "%s, neuron %llu: %.4g to %.4g %s at %.6g ms", trace->name, index,
                 (double)e->least, (double)e->most, trace->unit, ms);
    else
        snprintf(finding->text, sizeof finding->text,
                 "%s, neuron %llu: %.5g %s at %.6g ms", trace->name, index,
                 (double)e->most, trace->unit, ms);
}

static bool find(const struct stage *stage, unsigned which, struct canvas *canvas,
                 struct box box, int x, int y, struct finding *finding)
{
    const struct scene *scene = stage->exhibit[which].scene;
    struct strip strip = { .stage = stage,
                           .canvas = canvas,
                           .scene = scene,
                           .selected = count_selected(stage, scene) };
    struct error err;
    bool found = false;
    for (uint32_t n = 0; has(scene) && lay_out(&strip, box, n); n++) {
        if (!box_holds(strip.plot, x, y))
            continue;
        if (read_strip(&strip, &err) == OK) {
            find_scale(&strip);
            uint32_t node = nearest(&strip, x - strip.plot.x, y);
            finding->selection = (struct selection){ -1, -1, -1, -1 };
            finding->step = pane_x_step(stage->view, strip.plot, (float)x);
            found = node < scene->trace_levels[strip.trace].nodes;
            if (found)
                describe(&strip, node, x - strip.plot.x, finding);
        }
        free(strip.extreme);
        break;
    }
    return found;
}

const struct pane trace_pane = {
    .name = "trace",
    .title = "state of neurons",
    .summary = "recorded potentials and other state over time",
    .changes = PANE_STILL,
    .has_time = true,
    .has = has,
    .draw = draw,
    .find = find,
};
