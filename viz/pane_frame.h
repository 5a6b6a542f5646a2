/* What panes are drawn with: sentences where there is nothing to draw, lines of text that
 * are cut or left out, colours of series and of glowing. All stay within their box. */
#ifndef VIZ_PANE_FRAME_H
#define VIZ_PANE_FRAME_H

#include "viz/pane.h"

#include <stdbool.h>

struct pen pane_pen(const struct stage *stage, float scale, uint32_t colour);
/* Height of a line of text of that scale. */
int pane_line(const struct stage *stage, float scale);
/* A sentence in the middle, over several lines if need be. */
void pane_say(const struct stage *stage, struct canvas *canvas, struct box box,
              const char *sentence);
/* Takes a line off the top of the box and writes into it, cut to the width; does nothing
 * and returns false where the box is too low. */
bool pane_write(const struct stage *stage, struct canvas *canvas, struct box *box,
                float scale, uint32_t colour, const char *text);
struct legend_entry {
    const char *name;
    uint32_t colour;
};
/* Names behind squares of their colours, as many as fit: from `line` on, or where that is
 * too narrow for all, over the whole width of the box. */
void pane_legend(const struct stage *stage, struct canvas *canvas, struct box box,
                 struct box line, const struct legend_entry *entry, int entries);
/* Baseline of text in the middle of a line. */
float pane_baseline(struct box line, const struct pen *pen);
/* Takes `height` off the top; false: it is not there. */
bool box_take_top(struct box *box, int height, struct box *top);
bool box_holds(struct box box, int x, int y);

/* Okabe and Ito's colours, in an order that keeps neighbours apart. */
uint32_t series_colour(const struct palette *palette, unsigned index);
/* From dark (0) to a firefly's light (1): brighter with every step, on any page. */
uint32_t glow_colour(float strength);

#endif
