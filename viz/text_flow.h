/* The text of a run set in lines: words are broken between, or within where they are
 * wider than a line. A character that is spread over tokens belongs to the last of
 * them, which completes it. */
#ifndef VIZ_TEXT_FLOW_H
#define VIZ_TEXT_FLOW_H

#include "viz/canvas.h"
#include "viz/scene.h"

/* Bytes [from, to) of the scene's text, of one token, in one line. */
struct text_piece {
    uint64_t token;
    uint64_t from, to;
    uint32_t line;
    float x, width;
};

struct text_flow {
    struct text_piece *piece; /* malloc'ed */
    size_t pieces, room;
    uint32_t lines;
};

/* The tokens about `token`, as many as may be needed to fill a pane. */
enum error_code text_flow_set(struct text_flow *flow, const struct scene *scene,
                              struct canvas *canvas, const struct pen *pen, float width,
                              uint64_t token, struct error *err);
void text_flow_release(struct text_flow *flow);
/* The line in which a token ends; 0: it is not among these. */
uint32_t text_flow_line(const struct text_flow *flow, uint64_t token);

#endif
