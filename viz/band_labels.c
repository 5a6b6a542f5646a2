/* See band_labels.h. */
#include "viz/band_labels.h"

#include "viz/number_text.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static const float line = 1.6f, small_size = 0.85f; /* in capitals */

/* Second line of a band's label. */
static void describe_band(const struct population_info *info, char *text, size_t size)
{
    char number[COUNT_TEXT];
    const char *dot = strrchr(info->name, '.');
    bool is_said = strcmp(dot ? dot + 1 : info->name, info->role) == 0 ||
                   strcmp(info->role, "neurons") == 0;
    count_text(number, info->size);
    snprintf(text, size, "%s%s%s neurons", is_said ? "" : info->role,
             is_said || !info->role[0] ? "" : ", ", number);
}

/* Of the tokens in sight; false: nothing is known. */
static bool silent_share(const struct raster_plot *plot, uint32_t population,
                         double *share)
{
    const struct scene *scene = plot->exhibit->scene;
    uint64_t from, to, silent = 0, channels = 0;
    uint32_t all = scene->recording.populations;
    const struct population_info *info = &scene->recording.population[population];
    if (!scene->has_counters || info->channels == 0)
        return false;
    raster_plot_tokens(plot, &from, &to);
    for (uint64_t token = from; token < to; token++) {
        const struct scene_cell *cell = &scene->cell[token * all + population];
        if (isnan(cell->threshold))
            continue;
        silent += cell->silent;
        channels += info->channels;
    }
    *share = channels ? (double)silent / (double)channels : 0;
    return channels > 0;
}

static void draw_one(const struct raster_plot *plot, uint32_t population,
                     float baseline, bool has_detail)
{
    const struct palette *palette = plot->stage->palette;
    const struct population_info *info =
        &plot->exhibit->scene->recording.population[population];
    float cap = plot->stage->cap, left = (float)plot->box.x;
    float room = (float)(plot->bands.x - plot->box.x) - cap;
    struct pen plain = { cap, 0, false, palette->ink };
    struct pen small = { small_size * cap, 0, false, palette->muted };
    char text[80];
    canvas_text_in(plot->canvas, &plain, left, baseline, room, info->name);
    if (has_detail) {
        describe_band(info, text, sizeof text);
        canvas_text_in(plot->canvas, &small, left, baseline + line * cap, room, text);
    }
    double share;
    if (!silent_share(plot, population, &share))
        return;
    float right = (float)(plot->bands.x + plot->bands.width) + 0.6f * cap;
    room = (float)(plot->box.x + plot->box.width) - right;
    float y = baseline + (has_detail ? line * cap / 2 : 0);
    percent_text(text, share);
    if (canvas_text_whole(plot->canvas, &plain, right, y, room, text))
        return;
    snprintf(text, sizeof text, "%.0f %%", 100 * share);
    canvas_text_whole(plot->canvas, &plain, right, y, room, text);
}

/* "silent" over the shares, beside the strip or not at all. */
static void draw_heading(const struct raster_plot *plot)
{
    const struct scene *scene = plot->exhibit->scene;
    float cap = plot->stage->cap;
    float right = (float)(plot->bands.x + plot->bands.width) + 0.6f * cap;
    float room = (float)(plot->box.x + plot->box.width) - right;
    struct pen small = { small_size * cap, 0, false, plot->stage->palette->muted };
    if (scene->is_timed || !scene->has_counters || plot->strip.height < 3 * cap)
        return;
    float foot = (float)(plot->strip.y + plot->strip.height);
    canvas_text_whole(plot->canvas, &small, right, foot - 1.6f * cap, room, "silent");
    canvas_text_whole(plot->canvas, &small, right, foot - 0.2f * cap, room, "channels");
}

void band_labels_draw(const struct raster_plot *plot, const struct spike_band *band,
                      uint32_t bands)
{
    float cap = plot->stage->cap, free_from = INFINITY;
    const struct scene *scene = plot->exhibit->scene;
    for (uint32_t i = 0; i < bands; i++) {
        uint32_t population;
        struct box box = raster_plot_box(plot, &band[i]);
        if (!scene_population_of(scene, band[i].first_node, &population))
            continue;
        float middle = (float)box.y + (float)box.height / 2;
        bool has_detail = (float)box.height > 2.4f * line * cap;
        float baseline = middle + cap / 2 - (has_detail ? line * cap / 2 : 0);
        float foot = baseline + (has_detail ? line * cap : 0) + 0.4f * cap;
        /* Bands rise; a label stands clear of the one below and within the raster. */
        if (foot > free_from || baseline - cap < (float)plot->bands.y - cap / 2 ||
            foot > (float)(plot->bands.y + plot->bands.height) + cap)
            continue;
        draw_one(plot, population, baseline, has_detail);
        free_from = baseline - 1.2f * cap;
    }
    draw_heading(plot);
}
