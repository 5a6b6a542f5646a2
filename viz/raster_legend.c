/* See raster_legend.h. */
#include "viz/raster_legend.h"

#include <stdio.h>

enum { MOST_ENTRIES = 4, SHADES = 16, LABEL_ROOM = 48 };

struct entry {
    const char *text;
    uint32_t colour;
    bool is_shaded;
};

/* From pale to full. */
static void draw_bar(const struct raster_plot *plot, float x, float y, float width,
                     const struct entry *entry)
{
    const struct palette *palette = plot->stage->palette;
    float cap = plot->stage->cap;
    int parts = entry->is_shaded ? SHADES : 1;
    int left = (int)x, top = (int)(y - cap);
    for (int i = 0; i < parts; i++) {
        float share =
            palette->faintest + (1 - palette->faintest) * (float)(i + 1) / (float)parts;
        int from = (int)(width * (float)i / (float)parts);
        int to = (int)(width * (float)(i + 1) / (float)parts);
        canvas_fill(plot->canvas, (struct box){ left + from, top, to - from, (int)cap },
                    colour_mix(palette->plot, entry->colour, share));
    }
}

/* What there is to say, and what is said behind it. */
static int choose(const struct raster_plot *plot, const struct spike_band *band,
                  uint32_t bands, struct entry entry[MOST_ENTRIES], const char **note)
{
    const struct palette *palette = plot->stage->palette;
    bool inhibits = false;
    for (uint32_t i = 0; i < bands; i++)
        inhibits = inhibits || raster_plot_inhibits(plot, &band[i]);
    if (!plot->exhibit->scene->is_timed) {
        entry[0] = (struct entry){ "positive", palette->excited, true };
        entry[1] = (struct entry){ "negative", palette->inhibited, true };
        *note = "pale to strong by their worth";
        return 2;
    }
    *note = "fuller where more fall upon one place";
    entry[0] =
        (struct entry){ inhibits ? "excitatory" : "spikes", palette->excited, true };
    entry[1] = (struct entry){ "inhibitory", palette->inhibited, true };
    return inhibits ? 2 : 1;
}

static int choose_sides(const struct raster_plot *plot,
                        struct entry entry[MOST_ENTRIES], char text[2][LABEL_ROOM],
                        const char **note)
{
    static const char *const side[] = { "the first", "the second" };
    const struct palette *palette = plot->stage->palette;
    for (int i = 0; i < 2; i++) {
        const char *label = plot->stage->exhibit[i].label;
        snprintf(text[i], LABEL_ROOM, "only %s", label && label[0] ? label : side[i]);
    }
    entry[0] = (struct entry){ text[0], palette->excited, false };
    entry[1] = (struct entry){ text[1], palette->inhibited, false };
    entry[2] = (struct entry){ "both", palette->both, false };
    entry[3] = (struct entry){ "sign differs", palette->opposed, false };
    *note = "token upon token, windows stretched to the same length";
    return 4;
}

void raster_legend_draw(const struct raster_plot *plot, const struct spike_band *band,
                        uint32_t bands, bool is_difference)
{
    const struct palette *palette = plot->stage->palette;
    struct entry entry[MOST_ENTRIES];
    char text[2][LABEL_ROOM];
    const char *said = NULL;
    int entries = is_difference ? choose_sides(plot, entry, text, &said)
                                : choose(plot, band, bands, entry, &said);
    float cap = plot->stage->cap, size = 0.85f * cap;
    float x = (float)plot->legend.x, end = x + (float)plot->legend.width;
    float y = (float)plot->legend.y + 1.3f * cap;
    float bar = is_difference ? 1.2f * cap : 5 * cap;
    struct pen pen = { size, 0, false, palette->ink };
    struct pen note = { size, 0, false, palette->muted };
    if (plot->legend.height == 0)
        return;
    for (int i = 0; i < entries; i++) {
        float width = canvas_text_width(plot->canvas, &pen, entry[i].text);
        if (x + bar + width + 2 * cap > end)
            return;
        draw_bar(plot, x, y, bar, &entry[i]);
        canvas_text(plot->canvas, &pen, x + bar + 0.5f * cap, y, entry[i].text);
        x += bar + width + 2 * cap;
    }
    canvas_text_whole(plot->canvas, &note, x, y, end - x, said);
}
