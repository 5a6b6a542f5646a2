/* See svg_text.h. */
#include "viz/svg_text.h"

#include "base/utf8.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FIRST_ROOM = 65536, FORMAT_ROOM = 512 };

static const char square[] = "\u25a1";

void svg_text_release(struct svg_text *svg)
{
    free(svg->text);
    *svg = (struct svg_text){ 0 };
}

static bool make_room(struct svg_text *svg, size_t length)
{
    if (svg->is_short)
        return false;
    if (length <= svg->room - svg->length)
        return true;
    size_t room = svg->room ? svg->room : FIRST_ROOM;
    while (room - svg->length < length && room <= SIZE_MAX / 4)
        room *= 2;
    char *text = room - svg->length < length ? NULL : realloc(svg->text, room);
    svg->is_short = !text;
    if (!text)
        return false;
    svg->text = text;
    svg->room = room;
    return true;
}

void svg_text_add(struct svg_text *svg, const char *bytes, size_t length)
{
    if (length == 0 || !make_room(svg, length))
        return;
    memcpy(svg->text + svg->length, bytes, length);
    svg->length += length;
}

void svg_text_format(struct svg_text *svg, const char *format, ...)
{
    char piece[FORMAT_ROOM];
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(piece, sizeof piece, format, arguments);
    va_end(arguments);
    if (length > 0)
        svg_text_add(svg, piece,
                     (size_t)length < sizeof piece ? (size_t)length : sizeof piece - 1);
}

/* XML 1.0, production 2, without the controls that would not be drawn. */
static bool is_character(uint32_t code)
{
    return code >= ' ' && !(code >= 0x7f && code < 0xa0) && code != 0xfffe &&
           code != 0xffff;
}

void svg_text_escape(struct svg_text *svg, const char *bytes, size_t length)
{
    for (size_t at = 0; at < length;) {
        uint32_t code = 0;
        size_t taken = utf8_read(bytes + at, length - at, &code);
        if (taken == 0 || !is_character(code))
            svg_text_add(svg, square, strlen(square));
        else if (code == '&')
            svg_text_add(svg, "&amp;", 5);
        else if (code == '<')
            svg_text_add(svg, "&lt;", 4);
        else if (code == '>')
            svg_text_add(svg, "&gt;", 4);
        else if (code == '"')
            svg_text_add(svg, "&quot;", 6);
        else
            svg_text_add(svg, bytes + at, taken);
        at += taken ? taken : 1;
    }
}

void svg_text_base64(struct svg_text *svg, const unsigned char *bytes, size_t length)
{
    static const char digit[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    for (size_t at = 0; at < length; at += 3) {
        size_t left = length - at;
        uint32_t three = (uint32_t)bytes[at] << 16;
        three |= left > 1 ? (uint32_t)bytes[at + 1] << 8 : 0;
        three |= left > 2 ? bytes[at + 2] : 0;
        char four[4] = { digit[three >> 18], digit[three >> 12 & 63],
                         left > 1 ? digit[three >> 6 & 63] : '=',
                         left > 2 ? digit[three & 63] : '=' };
        svg_text_add(svg, four, 4);
    }
}
