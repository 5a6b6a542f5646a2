/* The model as a map: every population glows with its rate of the moment, on one scale for
 * the whole recording; of a small network every neuron, as fireflies do. Dark until it has
 * something to say. */
#include "viz/map_moment.h"
#include "viz/map_tiles.h"
#include "viz/number_text.h"
#include "viz/pane_frame.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { LEGEND_STEPS = 48 };

/* Most rates of a model lie near the largest, of a network far below its bursts. */
static const float contrast_of_model = 1.6f, contrast_of_network = 0.6f;

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
        hertz_text(text, rate / scene->recording.info.dt_ms * 1000);
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

/* The part of a tile that glows: below its label, where it has one. */
static struct box lights_of(const struct stage *stage, struct box tile)
{
    int line = pane_line(stage, 1);
    if (tile.height > 4 * line) {
        tile.y += line;
        tile.height -= line;
    }
    return tile;
}

static uint32_t light_colour(float light)
{
    return light > 0 ? glow_colour(0.15f + 0.85f * light) : glow_colour(0.04f);
}

/* False: the neurons would be too small to see. */
static bool draw_lights(const struct stage *stage, struct canvas *canvas,
                        const struct population_info *info, struct box tile,
                        const float *light)
{
    struct light_grid grid = light_grid_of(lights_of(stage, tile), info->size);
    for (uint64_t i = 0; grid.columns > 0 && i < info->size; i++)
        canvas_fill(canvas, light_grid_cell(&grid, i),
                    light_colour(light[info->first_node + i]));
    return grid.columns > 0;
}

/* Thick enough for any size of picture, and set off from what glows. */
static void outline(const struct stage *stage, struct canvas *canvas, struct box tile)
{
    int width = (int)fmaxf(1, stage->cap / 5);
    for (int i = 0; i < 2 * width && tile.width > 2 && tile.height > 2; i++) {
        canvas_outline(canvas, tile,
                       i < width ? stage->palette->chosen : glow_colour(0));
        tile = (struct box){ tile.x + 1, tile.y + 1, tile.width - 2, tile.height - 2 };
    }
}

static void draw_tiles(const struct stage *stage, struct canvas *canvas,
                       const struct scene *scene, const struct map_tiles *map,
                       const struct map_moment *moment)
{
    const struct recording *recording = &scene->recording;
    for (uint32_t i = 0; i < recording->populations; i++) {
        struct box tile = map->tile[i];
        double rate = moment->rate[i];
        if (tile.width <= 0 || tile.height <= 0)
            continue;
        canvas_fill(canvas, tile,
                    isnan(rate) ? stage->palette->stripe : glow_colour(0));
        if (!moment->light ||
            !draw_lights(stage, canvas, &recording->population[i], tile, moment->light))
            canvas_fill(canvas, tile,
                        isnan(rate) ? stage->palette->stripe
                                    : glow_colour(glow_of(scene, rate)));
        if (is_selected(stage, &recording->population[i], i))
            outline(stage, canvas, tile);
    }
}

/* Names and rates at the top of the tiles of a network, where they fit. */
static void label_tiles(const struct stage *stage, struct canvas *canvas,
                        const struct scene *scene, const struct map_tiles *map,
                        const struct map_moment *moment)
{
    for (uint32_t i = 0; i < scene->recording.populations; i++) {
        const struct population_info *info = &scene->recording.population[i];
        struct box tile = map->tile[i];
        bool is_lit = moment->light &&
                      light_grid_of(lights_of(stage, tile), info->size).columns > 0;
        bool is_bright = !is_lit && glow_of(scene, moment->rate[i]) > 0.5f;
        uint32_t ink = is_bright ? 0xff10161f : 0xfff4f4e8;
        struct pen pen = pane_pen(stage, 1, ink);
        char rate[NUMBER_TEXT], text[NUMBER_TEXT + 40];
        rate_text(rate, scene, moment->rate[i]);
        snprintf(text, sizeof text, "%s  %s", info->name, rate);
        tile.x += (int)stage->cap / 2;
        tile.width -= (int)stage->cap;
        if (is_lit && lights_of(stage, tile).y == tile.y)
            continue;
        if (canvas_text_width(canvas, &pen, text) <= (float)tile.width)
            pane_write(stage, canvas, &tile, 1, ink, text);
        else if (canvas_text_width(canvas, &pen, info->name) <= (float)tile.width)
            pane_write(stage, canvas, &tile, 1, ink, info->name);
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

static bool has_lights(const struct stage *stage, const struct map_tiles *map,
                       const struct scene *scene, const struct map_moment *moment)
{
    for (uint32_t i = 0; moment->light && i < scene->recording.populations; i++) {
        uint64_t neurons = scene->recording.population[i].size;
        if (light_grid_of(lights_of(stage, map->tile[i]), neurons).columns > 0)
            return true;
    }
    return false;
}

/* The scale: from dark to the brightest of the recording, or from a flash that is over
 * to one that is new. */
static void draw_legend(const struct stage *stage, struct canvas *canvas,
                        const struct scene *scene, struct box line, bool is_of_lights)
{
    struct pen pen = pane_pen(stage, 0.85f, stage->palette->muted);
    char most[NUMBER_TEXT], text[80];
    const char *least = is_of_lights ? "over" : "0";
    rate_text(most, scene, (double)scene->peak_rate);
    snprintf(text, sizeof text, "%s%s", is_of_lights ? "a neuron fires" : most,
             scene->is_timed ? "" : " spikes a neuron and step");
    float y = pane_baseline(line, &pen);
    float begin = canvas_text_width(canvas, &pen, least);
    float end = canvas_text_width(canvas, &pen, text);
    int gap = (int)stage->cap / 2 + 1;
    int width = line.width - (int)ceilf(begin + end) - 2 * gap;
    if (width < 4 * gap)
        return;
    width = width < 14 * gap ? width : 14 * gap;
    int right = line.x + line.width - (int)ceilf(end) - gap;
    canvas_text_to(canvas, &pen, (float)(right - width - gap), y, least);
    canvas_text(canvas, &pen, (float)(right + gap), y, text);
    for (uint32_t i = 0; i < LEGEND_STEPS; i++) {
        struct box part = { 0, line.y + line.height / 4, 0, line.height / 2 };
        map_part(right - width, width, i, LEGEND_STEPS, &part.x, &part.width);
        float share = ((float)i + 0.5f) / LEGEND_STEPS;
        canvas_fill(canvas, part,
                    is_of_lights ? light_colour(share)
                                 : glow_colour(powf(share, contrast(scene))));
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
    struct map_parts parts = divide(stage, canvas, scene, box);
    struct map_tiles map;
    struct map_moment moment;
    if (map_moment_init(&moment, stage, which, err) != OK)
        return err->code;
    struct box old = canvas_clip(canvas, box);
    enum error_code code = map_tiles_init(&map, scene, parts.field, err);
    if (code == OK) {
        draw_tiles(stage, canvas, scene, &map, &moment);
        if (scene->is_timed)
            label_tiles(stage, canvas, scene, &map, &moment);
        if (parts.rows.width > 0)
            label_rows(stage, canvas, &map, parts.rows);
        if (parts.columns.height > 0) {
            label_columns(stage, canvas, scene, &map, parts.columns);
            label_lone(stage, canvas, scene, &map, parts.columns);
        }
        if (parts.legend.height > 0)
            draw_legend(stage, canvas, scene, parts.legend,
                        has_lights(stage, &map, scene, &moment));
        map_tiles_release(&map);
    }
    canvas->clip = old;
    map_moment_release(&moment);
    return code;
}

static void describe(const struct scene *scene, const struct map_moment *moment,
                     uint32_t population, struct finding *finding)
{
    const struct population_info *info = &scene->recording.population[population];
    struct series_sum sum =
        scene_population_between(scene, population, moment->token, moment->token + 1);
    char rate[NUMBER_TEXT], spikes[NUMBER_TEXT], silent[NUMBER_TEXT];
    rate_text(rate, scene, moment->rate[population]);
    number_text(spikes, sum.spikes, "");
    percent_text(silent, sum.silent / sum.channels);
    if (scene->is_timed)
        snprintf(finding->text, sizeof finding->text, "%s, %llu neurons: %s",
                 info->name, (unsigned long long)info->size, rate);
    else if (sum.neuron_steps > 0)
        snprintf(finding->text, sizeof finding->text,
                 "%s: %s spikes, %s a neuron and step, %s of channels silent",
                 info->name, spikes, rate, silent);
    else
        snprintf(finding->text, sizeof finding->text, "%s did not run for this token",
                 info->name);
}

/* The neuron under the pointer, where they glow one by one. */
static void describe_light(const struct stage *stage, const struct scene *scene,
                           struct box tile, int x, int y, struct finding *finding)
{
    const struct population_info *info =
        &scene->recording.population[finding->selection.population];
    struct light_grid grid = light_grid_of(lights_of(stage, tile), info->size);
    uint64_t neuron;
    if (!light_grid_at(&grid, info->size, x, y, &neuron))
        return;
    size_t used = strlen(finding->text);
    finding->selection.neuron = (int64_t)(info->first_node + neuron);
    snprintf(finding->text + used, sizeof finding->text - used, "; neuron %llu",
             (unsigned long long)neuron);
}

static bool find(const struct stage *stage, unsigned which, struct canvas *canvas,
                 struct box box, int x, int y, struct finding *finding)
{
    const struct scene *scene = stage->exhibit[which].scene;
    struct map_parts parts = divide(stage, canvas, scene, box);
    struct map_tiles map;
    struct map_moment moment;
    struct error err;
    if (scene->tokens == 0 || map_tiles_init(&map, scene, parts.field, &err) != OK)
        return false;
    int32_t at = map_tiles_at(&map, scene, x, y);
    bool found = at >= 0 && map_moment_init(&moment, stage, which, &err) == OK;
    if (found) {
        finding->selection =
            (struct selection){ scene->recording.population[at].layer, at, -1, -1 };
        finding->step = (double)NAN;
        describe(scene, &moment, (uint32_t)at, finding);
        if (moment.light)
            describe_light(stage, scene, map.tile[at], x, y, finding);
        map_moment_release(&moment);
    }
    map_tiles_release(&map);
    return found;
}

static bool has(const struct scene *scene)
{
    return scene->has_counters && scene->recording.populations > 0;
}

const struct pane map_pane = {
    .name = "map",
    .title = "map",
    .summary = "populations, glowing with their rate of the moment",
    .changes = PANE_BY_STEP,
    .has = has,
    .draw = draw,
    .find = find,
};
