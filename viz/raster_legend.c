/* See raster_legend.h. */
#include "viz/raster_legend.h"

#include <math.h>

enum { MOST_ENTRIES = 4, SHADES = 16 };

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

void raster_legend_draw(const struct raster_plot *plot, bool is_difference)
{
    const struct palette *palette = plot->stage->palette;
    const struct entry sides[] = { { "only the first", palette->excited, false },
                                   { "only the second", palette->inhibited, false },
                                   { "both", palette->both, false },
                                   { "sign differs", palette->opposed, false } };
    const struct entry signs[] = { { "positive", palette->excited, true },
                                   { "negative", palette->inhibited, true } };
    const struct entry *entry = is_difference ? sides : signs;
    int entries = is_difference ? 4 : 2;
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
    canvas_text_in(
        plot->canvas, &note, x, y, end - x,
        is_difference
            ? "token upon token; the second's windows are stretched to the first's"
            : "pale to strong by their worth");
}
