/* Text in lines within a box over the picture: the hover, captions and messages. */
#ifndef VIZ_TEXT_BOX_H
#define VIZ_TEXT_BOX_H

#include "viz/canvas.h"
#include "viz/palette.h"

#include <stdbool.h>

enum { TEXT_BOX_LINES = 12, TEXT_BOX_ROOM = 256 };

struct text_box {
    struct box box; /* width 0: nothing to show */
    float cap;
    bool is_bold;
    char text[TEXT_BOX_ROOM];
    struct {
        unsigned from, length; /* within the text */
    } line[TEXT_BOX_LINES];
    unsigned lines;
};

/* Breaks the text between words where a line would be wider than `width`, and at \n; what
 * is beyond the last line is left out. is_bold is set by the caller, the place stays 0, 0
 * until then too. */
void text_box_lay(struct text_box *box, struct canvas *canvas, const char *text,
                  float cap, float width);
/* Beside a point, within width x height. */
void text_box_place(struct text_box *box, int x, int y, int width, int height);
void text_box_draw(const struct text_box *box, struct canvas *canvas,
                   const struct palette *palette);

#endif
