/* See text_flow.h. */
#include "viz/text_flow.h"

#include "base/utf8.h"

#include <stdlib.h>

enum { STRIDE = 1024 }; /* tokens: set from a multiple of it on, so that lines stay */

struct setter {
    struct text_flow *flow;
    const struct scene *scene;
    struct canvas *canvas;
    const struct pen *pen;
    float x, width;
    uint64_t token; /* of the next byte */
    bool is_short;
};

static void add_piece(struct setter *setter, uint64_t token, uint64_t from, uint64_t to,
                      float width)
{
    struct text_flow *flow = setter->flow;
    if (flow->pieces == flow->room) {
        size_t room = flow->room ? 2 * flow->room : 256;
        struct text_piece *piece = realloc(flow->piece, room * sizeof *piece);
        setter->is_short = setter->is_short || !piece;
        if (!piece)
            return;
        flow->piece = piece;
        flow->room = room;
    }
    flow->piece[flow->pieces++] =
        (struct text_piece){ token, from, to, flow->lines, setter->x, width };
    setter->x += width;
}

static void new_line(struct setter *setter)
{
    setter->flow->lines++;
    setter->x = 0;
}

/* The token of a character's last byte. */
static uint64_t token_of(struct setter *setter, uint64_t last)
{
    while (setter->scene->text_offset[setter->token + 1] <= last)
        setter->token++;
    return setter->token;
}

static uint64_t next_character(const struct scene *scene, uint64_t at, uint64_t end)
{
    size_t bytes = utf8_read(scene->text + at, (size_t)(end - at), NULL);
    return at + (bytes ? bytes : 1);
}

static float measure(const struct setter *setter, uint64_t from, uint64_t to)
{
    return font_width(setter->canvas->font, setter->pen, setter->scene->text + from,
                      (size_t)(to - from));
}

/* Bytes [from, to) without spaces: pieces by token, each within a line. */
static void set_word(struct setter *setter, uint64_t from, uint64_t to)
{
    if (setter->x > 0 && setter->x + measure(setter, from, to) > setter->width)
        new_line(setter);
    for (uint64_t at = from; at < to;) {
        uint64_t end = next_character(setter->scene, at, to);
        uint64_t token = token_of(setter, end - 1);
        float width = measure(setter, at, end);
        while (end < to) {
            uint64_t next = next_character(setter->scene, end, to);
            float wider = width + measure(setter, end, next);
            if (setter->scene->text_offset[token + 1] < next ||
                setter->x + wider > setter->width)
                break;
            end = next;
            width = wider;
        }
        if (setter->x > 0 && setter->x + width > setter->width)
            new_line(setter);
        add_piece(setter, token, at, end, width);
        at = end;
    }
}

/* Bytes [from, to) are spaces: none at the end of a line, a mark for a new line. */
static void set_spaces(struct setter *setter, uint64_t from, uint64_t to)
{
    for (uint64_t at = from; at < to; at++) {
        char byte = setter->scene->text[at];
        uint64_t token = token_of(setter, at);
        float width =
            byte == '\n' ? setter->pen->cap_height : measure(setter, at, at + 1);
        if (byte == '\t')
            width = 4 * setter->pen->cap_height;
        if (byte == '\n') {
            if (setter->x + width > setter->width)
                new_line(setter);
            add_piece(setter, token, at, at + 1, width);
            new_line(setter);
        } else if (setter->x > 0 && setter->x + width <= setter->width) {
            add_piece(setter, token, at, at + 1, width);
        }
    }
}

static bool is_space(char byte)
{
    return byte == ' ' || byte == '\n' || byte == '\t' || byte == '\r';
}

enum error_code text_flow_set(struct text_flow *flow, const struct scene *scene,
                              struct canvas *canvas, const struct pen *pen, float width,
                              uint64_t token, struct error *err)
{
    *flow = (struct text_flow){ 0 };
    if (scene->tokens == 0)
        return OK;
    uint64_t first = token < STRIDE ? 0 : token / STRIDE * STRIDE - STRIDE / 2;
    uint64_t last =
        first + 2 * STRIDE < scene->tokens ? first + 2 * STRIDE : scene->tokens;
    struct setter setter = { flow, scene, canvas, pen, 0, width, first, false };
    uint64_t at = scene->text_offset[first], end = scene->text_offset[last];
    while (at < end) {
        uint64_t to = at;
        bool is_blank = is_space(scene->text[at]);
        while (to < end && is_space(scene->text[to]) == is_blank)
            to++;
        if (is_blank)
            set_spaces(&setter, at, to);
        else
            set_word(&setter, at, to);
        at = to;
    }
    flow->lines++;
    if (!setter.is_short)
        return OK;
    text_flow_release(flow);
    return error_memory(err, "the words of a run", 0);
}

void text_flow_release(struct text_flow *flow)
{
    free(flow->piece);
    *flow = (struct text_flow){ 0 };
}

uint32_t text_flow_line(const struct text_flow *flow, uint64_t token)
{
    size_t low = 0, high = flow->pieces; /* tokens of pieces rise */
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (flow->piece[middle].token <= token)
            low = middle + 1;
        else
            high = middle;
    }
    return low > 0 ? flow->piece[low - 1].line : 0;
}
