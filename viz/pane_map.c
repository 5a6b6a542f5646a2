/* The model as a map: every population glows with its rate of the moment, the token (or
 * slice of time) under the cursor or the selected one, on one scale for the whole
 * recording. Dark until it has something to say. */
#include "viz/map_tiles.h"
#include "viz/number_text.h"
#include "viz/pane_frame.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { LEGEND_STEPS = 48 };

/* Most rates of a model lie near the largest, of a network far below its bursts. */
static const float contrast_of_model = 1.6f, contrast_of_network = 0.6f;

static uint64_t shown_token(const struct stage *stage, const struct scene *scene)
{
    int64_t selected = stage->view->selection.token;
    if (selected >= 0 && (uint64_t)selected < scene->tokens)
        return (uint64_t)selected;
    return scene_token_at(scene, stage->view->playback.step);
}

/* Spikes a neuron and step; NaN where the population did not run. */
static double rate_of(const struct scene *scene, uint32_t population, uint64_t token)
{
    struct series_sum sum =
        scene_population_between(scene, population, token, token + 1);
    return sum.spikes / sum.neuron_steps;
}

static float contrast(const struct scene *scene)
{
    return scene->is_timed ? contrast_of_network : contrast_of_model;
}

static float glow_of(const struct scene *scene, double rate)
{
    if (!(rate > 0) || !(scene->peak_rate > 0))
        return 0;
    return powf((float)rate / scene->peak_rate, contrast(scene));
}

/* What the map shows, per step or in hertz. */
static void rate_text(char text[NUMBER_TEXT], const struct scene *scene, double rate)
{
    if (scene->is_timed)
        number_text(text, rate / scene->recording.info.dt_ms * 1000, "Hz");
    else
        number_text(text, rate, "");
}

static bool is_selected(const struct stage *stage, const struct population_info *info,
                        uint32_t population)
{
    const struct selection *selection = &stage->view->selection;
    if (selection->population >= 0)
        return (uint32_t)selection->population == population;
    return selection->layer >= 0 && info->layer == selection->layer;
}

static void draw_tiles(const struct stage *stage, struct canvas *canvas,
                       const struct scene *scene, const struct map_tiles *map)
{
    const struct recording *recording = &scene->recording;
    uint64_t token = shown_token(stage, scene);
    for (uint32_t i = 0; i < recording->populations; i++) {
        struct box tile = map->tile[i];
        double rate = scene->tokens > 0 ? rate_of(scene, i, token) : (double)NAN;
        if (tile.width <= 0 || tile.height <= 0)
            continue;
        canvas_fill(canvas, tile,
                    isnan(rate) ? stage->palette->stripe
                                : glow_colour(glow_of(scene, rate)));
        if (is_selected(stage, &recording->population[i], i))
            canvas_outline(canvas, tile, stage->palette->ink);
    }
}

/* Names and rates within the tiles of a network, where they fit. */
static void label_tiles(const struct stage *stage, struct canvas *canvas,
                        const struct scene *scene, const struct map_tiles *map)
{
    uint64_t token = shown_token(stage, scene);
    for (uint32_t i = 0; i < scene->recording.populations && scene->tokens > 0; i++) {
        struct box tile = map->tile[i];
        const char *name = scene->recording.population[i].name;
        double rate = rate_of(scene, i, token);
        uint32_t ink = glow_of(scene, rate) > 0.5f ? 0xff10161f : 0xfff4f4e8;
        struct pen pen = pane_pen(stage, 1, ink);
        char text[NUMBER_TEXT];
        tile.x += (int)stage->cap / 2;
        tile.width -= (int)stage->cap;
        if (canvas_text_width(canvas, &pen, name) > (float)tile.width)
            continue;
        pane_write(stage, canvas, &tile, 1, ink, name);
        rate_text(text, scene, rate);
        if (canvas_text_width(canvas, &pen, text) <= (float)tile.width)
            pane_write(stage, canvas, &tile, 1, ink, text);
    }
}

/* Every so many that the numbers keep apart. */
static void label_columns(const struct stage *stage, struct canvas *canvas,
                          const struct scene *scene, const struct map_tiles *map,
                          struct box line)
{
    struct pen pen = pane_pen(stage, 0.85f, stage->palette->muted);
    static const uint32_t every[] = { 1, 2, 5, 10, 20, 50, 100, 1000 };
    float wide = canvas_text_width(canvas, &pen, "00") + 1.5f * stage->cap;
    float each = (float)map->field.width / (float)(map->columns ? map->columns : 1);
    unsigned step = 0;
    while (step + 1 < sizeof every / sizeof every[0] &&
           each * (float)every[step] < wide)
        step++;
    for (uint32_t layer = 0; layer < scene->layers; layer += every[step]) {
        char text[16];
        int x, width;
        map_part(map->field.x, map->field.width, layer, map->columns, &x, &width);
        snprintf(text, sizeof text, "%u", (unsigned)layer);
        float middle = (float)x + (float)width / 2;
        float half = canvas_text_width(canvas, &pen, text) / 2;
        if (middle - half >= (float)line.x &&
            middle + half <= (float)(line.x + line.width))
            canvas_text(canvas, &pen, middle - half, pane_baseline(line, &pen), text);
    }
}

/* What has no layer is named below its column, where that is wide enough. */
static void label_lone(const struct stage *stage, struct canvas *canvas,
                       const struct scene *scene, const struct map_tiles *map,
                       struct box line)
{
    struct pen pen = pane_pen(stage, 0.85f, stage->palette->muted);
    for (uint32_t i = 0; i < scene->recording.populations; i++) {
        const struct population_info *info = &scene->recording.population[i];
        float room = (float)map->tile[i].width;
        float width = canvas_text_width(canvas, &pen, info->name);
        if (info->layer < 0 && width <= room)
            canvas_text(canvas, &pen, (float)map->tile[i].x + (room - width) / 2,
                        pane_baseline(line, &pen), info->name);
    }
}

/* Names of rows, to the left of them. */
static void label_rows(const struct stage *stage, struct canvas *canvas,
                       const struct map_tiles *map, struct box box)
{
    struct pen pen = pane_pen(stage, 0.85f, stage->palette->muted);
    for (uint32_t row = 0; row < map->roles; row++) {
        struct box line = box;
        map_part(map->field.y, map->field.height, map->roles - 1 - row, map->roles,
                 &line.y, &line.height);
        if (line.height >= pane_line(stage, 0.6f))
            canvas_text_to(canvas, &pen, (float)(box.x + box.width),
                           pane_baseline(line, &pen), map->role[row]);
    }
}

/* The scale: from dark to the brightest of the recording. */
static void draw_legend(const struct stage *stage, struct canvas *canvas,
                        const struct scene *scene, struct box line)
{
    struct pen pen = pane_pen(stage, 0.85f, stage->palette->muted);
    char most[NUMBER_TEXT], text[80];
    rate_text(most, scene, (double)scene->peak_rate);
    snprintf(text, sizeof text, "%s%s", most,
             scene->is_timed ? "" : " spikes a neuron and step");
    float y = pane_baseline(line, &pen);
    float zero = canvas_text_width(canvas, &pen, "0");
    float end = canvas_text_width(canvas, &pen, text);
    int gap = (int)stage->cap / 2 + 1;
    int width = line.width - (int)ceilf(zero + end) - 2 * gap;
    if (width < 4 * gap)
        return;
    width = width < 14 * gap ? width : 14 * gap;
    int right = line.x + line.width - (int)ceilf(end) - gap;
    canvas_text_to(canvas, &pen, (float)(right - width - gap), y, "0");
    canvas_text(canvas, &pen, (float)(right + gap), y, text);
    for (uint32_t i = 0; i < LEGEND_STEPS; i++) {
        struct box part = { 0, line.y + line.height / 4, 0, line.height / 2 };
        map_part(right - width, width, i, LEGEND_STEPS, &part.x, &part.width);
        float share = ((float)i + 0.5f) / LEGEND_STEPS;
        canvas_fill(canvas, part, glow_colour(powf(share, contrast(scene))));
    }
}

struct map_parts {
    struct box field, rows, columns, legend; /* width or height 0: no room */
};

/* The field gets what labels leave, or all where it would get too little. */
static struct map_parts divide(const struct stage *stage, struct canvas *canvas,
                               const struct scene *scene, struct box box)
{
    struct map_parts parts = { .field = box };
    struct pen pen = pane_pen(stage, 0.85f, stage->palette->muted);
    int line = pane_line(stage, 0.85f);
    float names = 0;
    for (uint32_t i = 0; i < scene->serieses && scene->layers > 0 && !scene->is_timed;
         i++)
        names = fmaxf(names, canvas_text_width(canvas, &pen, scene->series[i].name));
    int left = names > 0 ? (int)ceilf(names + stage->cap) : 0;
    if (left > 0 && left * 3 < box.width) {
        parts.field.x += left;
        parts.field.width -= left;
        parts.rows = (struct box){ box.x, box.y, (int)ceilf(names), box.height };
    }
    if (box.height < 5 * line)
        return parts;
    parts.field.height -= line;
    parts.legend = (struct box){ box.x, box.y + box.height - line, box.width, line };
    if (!scene->is_timed) {
        parts.field.height -= line;
        parts.columns =
            (struct box){ box.x, parts.field.y + parts.field.height, box.width, line };
    }
    return parts;
}

static enum error_code draw(const struct stage *stage, unsigned which,
                            struct canvas *canvas, struct box box, struct error *err)
{
    const struct scene *scene = stage->exhibit[which].scene;
    struct box old = canvas_clip(canvas, box);
    struct map_parts parts = divide(stage, canvas, scene, box);
    struct map_tiles map;
    enum error_code code = map_tiles_init(&map, scene, parts.field, err);
    if (code == OK) {
        draw_tiles(stage, canvas, scene, &map);
        if (scene->is_timed)
            label_tiles(stage, canvas, scene, &map);
        if (parts.rows.width > 0)
            label_rows(stage, canvas, &map, parts.rows);
        if (parts.columns.height > 0) {
            label_columns(stage, canvas, scene, &map, parts.columns);
            label_lone(stage, canvas, scene, &map, parts.columns);
        }
        if (parts.legend.height > 0)
            draw_legend(stage, canvas, scene, parts.legend);
        map_tiles_release(&map);
    }
    canvas->clip = old;
    return code;
}

static void describe(const struct stage *stage, const struct scene *scene,
                     uint32_t population, struct finding *finding)
{
    const struct population_info *info = &scene->recording.population[population];
    uint64_t token = shown_token(stage, scene);
    struct series_sum sum =
        scene_population_between(scene, population, token, token + 1);
    char rate[NUMBER_TEXT], spikes[NUMBER_TEXT], silent[NUMBER_TEXT];
    rate_text(rate, scene, sum.neuron_steps > 0 ? sum.spikes / sum.neuron_steps : 0);
    number_text(spikes, sum.spikes, "");
    percent_text(silent, sum.silent / sum.channels);
    if (scene->is_timed)
        snprintf(finding->text, sizeof finding->text, "%s, %llu neurons: %s spikes, %s",
                 info->name, (unsigned long long)info->size, spikes, rate);
    else if (sum.neuron_steps > 0)
        snprintf(finding->text, sizeof finding->text,
                 "%s: %s spikes, %s a neuron and step, %s of channels silent",
                 info->name, spikes, rate, silent);
    else
        snprintf(finding->text, sizeof finding->text, "%s did not run for this token",
                 info->name);
}

static bool find(const struct stage *stage, unsigned which, struct canvas *canvas,
                 struct box box, int x, int y, struct finding *finding)
{
    const struct scene *scene = stage->exhibit[which].scene;
    struct map_parts parts = divide(stage, canvas, scene, box);
    struct map_tiles map;
    struct error err;
    if (map_tiles_init(&map, scene, parts.field, &err) != OK)
        return false;
    int32_t at = map_tiles_at(&map, scene, x, y);
    map_tiles_release(&map);
    if (at < 0 || scene->tokens == 0)
        return false;
    finding->selection =
        (struct selection){ scene->recording.population[at].layer, at, -1, -1 };
    finding->step = (double)NAN;
    describe(stage, scene, (uint32_t)at, finding);
    return true;
}

static bool has(const struct scene *scene)
{
    return scene->has_counters && scene->recording.populations > 0;
}

const struct pane map_pane = {
    .name = "map",
    .title = "map",
    .summary = "populations, glowing with their rate of the moment",
    .changes = PANE_BY_TOKEN,
    .has = has,
    .draw = draw,
    .find = find,
};
