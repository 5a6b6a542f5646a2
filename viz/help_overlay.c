/* See help_overlay.h. */
#include "viz/help_overlay.h"

#include "viz/key_table.h"

#include <math.h>

enum { COLUMNS = 3 };

static const float line_height = 2, column_gap = 3, margin = 2; /* in capitals */
static const float least_cap = 4;                               /* pixels */

struct sizes {
    float keys, meaning; /* widths at a capital of 1 pixel */
    unsigned lines;      /* a group's name takes one, and one before it */
};

static struct sizes measure(struct canvas *canvas)
{
    /* Widths are measured large, so that rounding to pixels does not matter. */
    struct pen bold = { 64, 0, true, 0 }, plain = { 64, 0, false, 0 };
    struct sizes sizes = { 0 };
    for (const struct key_row *row = key_rows; row->keys; row++) {
        float keys = canvas_text_width(canvas, &bold, row->keys) / 64;
        float meaning = canvas_text_width(canvas, &plain, row->meaning) / 64;
        sizes.keys = fmaxf(sizes.keys, keys * 1.03f);
        sizes.meaning = fmaxf(sizes.meaning, meaning * 1.03f);
        sizes.lines += row->group ? 3 : 1;
    }
    return sizes;
}

/* Lines of a column that breaks between groups only; counts columns filled. */
static unsigned columns_of(unsigned most)
{
    unsigned columns = 1, lines = 0;
    for (const struct key_row *row = key_rows; row->keys;) {
        unsigned group = 2;
        do
            group++, row++;
        while (row->keys && !row->group);
        if (lines + group > most && lines > 0)
            columns++, lines = 0;
        lines += group;
    }
    return columns;
}

static unsigned lines_for(unsigned columns, const struct sizes *sizes)
{
    unsigned lines = sizes->lines / columns;
    while (lines < sizes->lines && columns_of(lines) > columns)
        lines++;
    return lines;
}

/* The largest letters with so many columns. */
static float cap_for(unsigned columns, const struct sizes *sizes, struct box box)
{
    float n = (float)columns;
    float wide = n * (sizes->keys + 1.5f + sizes->meaning) + (n - 1) * column_gap;
    float high = (float)lines_for(columns, sizes) * line_height;
    return fminf((float)box.width / (wide + 2 * margin),
                 (float)box.height / (high + 2 * margin));
}

static void draw_rows(struct canvas *canvas, const struct palette *palette,
                      struct box box, float cap, unsigned most,
                      const struct sizes *sizes)
{
    struct pen head = { cap, 0, true, palette->generated };
    struct pen bold = { cap, 0, true, palette->ink };
    struct pen plain = { cap, 0, false, palette->ink };
    float x = (float)box.x + margin * cap, top = (float)box.y + margin * cap;
    unsigned lines = 0;
    for (const struct key_row *row = key_rows; row->keys;) {
        unsigned group = 2;
        for (const struct key_row *r = row; r == row || (r->keys && !r->group); r++)
            group++;
        if (lines + group > most && lines > 0) {
            x += (sizes->keys + 1.5f + sizes->meaning + column_gap) * cap;
            lines = 0;
        }
        float y = top + (float)(lines + 1) * line_height * cap;
        canvas_text(canvas, &head, x, y, row->group);
        for (unsigned i = 2; i < group; i++, row++) {
            y = top + (float)(lines + i) * line_height * cap;
            canvas_text(canvas, &bold, x, y, row->keys);
            canvas_text(canvas, &plain, x + (sizes->keys + 1.5f) * cap, y,
                        row->meaning);
        }
        lines += group;
    }
}

void help_overlay_draw(struct canvas *canvas, const struct palette *palette,
                       struct box box, float cap)
{
    struct sizes sizes = measure(canvas);
    unsigned columns = 1;
    for (unsigned n = 2; n <= COLUMNS; n++)
        if (cap_for(n, &sizes, box) > cap_for(columns, &sizes, box))
            columns = n;
    cap = fmaxf(fminf(cap, cap_for(columns, &sizes, box)), least_cap);
    canvas_fill(canvas, box, (palette->page & 0xffffffu) | 0xf4000000u);
    canvas_outline(canvas, box, palette->rule);
    draw_rows(canvas, palette, box, cap, lines_for(columns, &sizes), &sizes);
}

void help_overlay_print(FILE *out)
{
    for (const struct key_row *row = key_rows; row->keys; row++) {
        if (row->group)
            fprintf(out, "\n%s\n", row->group);
        fprintf(out, "  %-20s %s\n", row->keys, row->meaning);
    }
}
