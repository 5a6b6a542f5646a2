/* See font.h. SDL2_ttf rasterises each glyph once for a size; texts are put together
 * from these at whole pixels, and slanted texts are drawn level and then turned. */
#include "viz/font.h"

#include "base/utf8.h"

#include <SDL2/SDL_ttf.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
    FACES = 48,        /* sizes kept at once */
    MAX_GLYPHS = 4096, /* of a size, before it is forgotten */
    LEAST_SIZE = 4,
    LARGEST_SIZE = 400,
    MEASURED_SIZE = 200, /* at which proportions are measured */
    BOX = 0xffff,        /* stands for what the typeface lacks; no character */
    MAX_TURNED = 4096    /* pixels of a slanted text */
};

static const float box_width = 0.7f, box_gap = 0.12f; /* of a capital's height */

struct glyph {
    uint32_t code;
    int left, top; /* of the bitmap, from the pen's place on the baseline */
    int width, height, advance;
    unsigned char *coverage; /* (height, width), malloc'ed; NULL: empty */
};

/* Glyphs of one size. */
struct face {
    int size; /* pixels of an em; 0: none */
    bool is_bold;
    uint64_t used; /* when last */
    struct glyph *glyph;
    size_t glyphs, room;
    uint16_t *slot; /* open addressing: index + 1 */
    size_t slots;   /* a power of two */
};

struct font {
    TTF_Font *typeface[2]; /* plain and bold */
    int size[2];           /* they stand at */
    float capital;         /* height of an H, of an em */
    struct face face[FACES];
    uint64_t clock;
    bool is_started;
};

static const char *const folders[] = {
    "/usr/share/fonts/truetype/dejavu", "/usr/share/fonts/TTF",
    "/usr/share/fonts/dejavu",          "/usr/share/fonts/dejavu-sans-fonts",
    "/usr/local/share/fonts/dejavu",
};

static TTF_Font *open_named(const char *name)
{
    char path[256];
    for (size_t i = 0; i < sizeof folders / sizeof folders[0]; i++) {
        snprintf(path, sizeof path, "%s/%s", folders[i], name);
        TTF_Font *typeface = TTF_OpenFont(path, MEASURED_SIZE);
        if (typeface)
            return typeface;
    }
    return NULL;
}

static enum error_code open_typefaces(struct font *font, struct error *err)
{
    const char *chosen = getenv("LUCCIOLA_FONT");
    if (chosen && chosen[0]) {
        for (int i = 0; i < 2; i++)
            font->typeface[i] = TTF_OpenFont(chosen, MEASURED_SIZE);
        if (!font->typeface[0] || !font->typeface[1])
            return error_set(err, ERR_IO,
                             "%s (LUCCIOLA_FONT) cannot be read as a typeface: %s",
                             chosen, TTF_GetError());
        TTF_SetFontStyle(font->typeface[1], TTF_STYLE_BOLD);
        return OK;
    }
    font->typeface[0] = open_named("DejaVuSans.ttf");
    font->typeface[1] = open_named("DejaVuSans-Bold.ttf");
    if (!font->typeface[0] || !font->typeface[1])
        return error_set(err, ERR_IO,
                         "no typeface DejaVu Sans: install the package "
                         "fonts-dejavu-core, or name a TrueType file in LUCCIOLA_FONT");
    return OK;
}

enum error_code font_open(struct font **font, struct error *err)
{
    int low = 0, high = 0;
    *font = calloc(1, sizeof **font);
    if (!*font)
        return error_memory(err, "a typeface", sizeof **font);
    struct font *f = *font;
    if (TTF_Init() != 0) {
        error_set(err, ERR_IO, "cannot start SDL2_ttf: %s", TTF_GetError());
        goto out;
    }
    f->is_started = true;
    if (open_typefaces(f, err) != OK)
        goto out;
    for (int i = 0; i < 2; i++) {
        TTF_SetFontHinting(f->typeface[i], TTF_HINTING_LIGHT);
        TTF_SetFontKerning(f->typeface[i], 0);
        f->size[i] = MEASURED_SIZE;
    }
    TTF_GlyphMetrics32(f->typeface[0], 'H', NULL, NULL, &low, &high, NULL);
    f->capital = high > 0 ? (float)high / MEASURED_SIZE : 0.73f;
    return OK;
out:
    font_close(f);
    *font = NULL;
    return err->code;
}

static void forget(struct face *face)
{
    for (size_t i = 0; i < face->glyphs; i++)
        free(face->glyph[i].coverage);
    free(face->glyph);
    free(face->slot);
    *face = (struct face){ 0 };
}

void font_close(struct font *font)
{
    if (!font)
        return;
    for (int i = 0; i < FACES; i++)
        forget(&font->face[i]);
    for (int i = 0; i < 2; i++)
        if (font->typeface[i])
            TTF_CloseFont(font->typeface[i]);
    if (font->is_started)
        TTF_Quit();
    free(font);
}

/* A pen that is no number has the least size. */
static int size_of(const struct font *font, const struct pen *pen)
{
    float size = pen->cap_height / font->capital;
    return size >= LARGEST_SIZE ? LARGEST_SIZE
           : size >= LEAST_SIZE ? (int)lroundf(size)
                                : LEAST_SIZE;
}

float font_em(struct font *font, const struct pen *pen)
{
    return (float)size_of(font, pen);
}

/* Of the size, or in place of the one that was not used for longest. */
static struct face *find_face(struct font *font, const struct pen *pen)
{
    int size = size_of(font, pen);
    struct face *oldest = &font->face[0];
    font->clock++;
    for (int i = 0; i < FACES; i++) {
        struct face *face = &font->face[i];
        if (face->size == size && face->is_bold == pen->is_bold) {
            if (face->glyphs >= MAX_GLYPHS)
                forget(face);
            face->size = size;
            face->is_bold = pen->is_bold;
            face->used = font->clock;
            return face;
        }
        if (face->used < oldest->used)
            oldest = face;
    }
    forget(oldest);
    oldest->size = size;
    oldest->is_bold = pen->is_bold;
    oldest->used = font->clock;
    return oldest;
}

static bool copy_coverage(struct glyph *glyph, SDL_Surface *surface)
{
    glyph->width = surface->w;
    glyph->height = surface->h;
    glyph->coverage = malloc((size_t)surface->w * (size_t)surface->h + 1);
    if (!glyph->coverage)
        return false;
    for (int y = 0; y < surface->h; y++) {
        const uint32_t *row =
            (const uint32_t *)((const char *)surface->pixels + y * surface->pitch);
        for (int x = 0; x < surface->w; x++)
            glyph->coverage[y * surface->w + x] = (unsigned char)(row[x] >> 24);
    }
    return true;
}

/* A rectangle of lines a pixel wide, or more in large sizes. */
static void make_box(struct glyph *glyph, float capital)
{
    int line = capital >= 16 ? (int)(capital / 8) : 1;
    glyph->width = (int)fmaxf(3, roundf(box_width * capital));
    glyph->height = (int)fmaxf(3, roundf(capital));
    glyph->left = (int)fmaxf(1, roundf(box_gap * capital));
    glyph->top = -glyph->height;
    glyph->advance = glyph->width + 2 * glyph->left;
    glyph->coverage = calloc((size_t)glyph->width, (size_t)glyph->height);
    if (!glyph->coverage)
        return;
    for (int y = 0; y < glyph->height; y++)
        for (int x = 0; x < glyph->width; x++)
            if (x < line || y < line || x >= glyph->width - line ||
                y >= glyph->height - line)
                glyph->coverage[y * glyph->width + x] = 255;
}

static bool has_glyph(TTF_Font *typeface, uint32_t code)
{
    bool is_control = code < ' ' || (code >= 0x7f && code < 0xa0);
    return code != BOX && !is_control && TTF_GlyphIsProvided32(typeface, code);
}

/* Without memory a glyph stays empty; the text goes on. */
static struct glyph make_glyph(struct font *font, const struct face *face,
                               uint32_t code)
{
    struct glyph glyph = { .code = code };
    int bold = face->is_bold, left = 0, top = 0;
    TTF_Font *typeface = font->typeface[bold];
    if (!has_glyph(typeface, code)) {
        make_box(&glyph, font->capital * (float)face->size);
        return glyph;
    }
    if (font->size[bold] != face->size && TTF_SetFontSize(typeface, face->size) == 0)
        font->size[bold] = face->size;
    TTF_GlyphMetrics32(typeface, code, &left, NULL, NULL, &top, &glyph.advance);
    SDL_Surface *surface =
        TTF_RenderGlyph32_Blended(typeface, code, (SDL_Color){ 255, 255, 255, 255 });
    if (!surface)
        return glyph;
    int ascent = TTF_FontAscent(typeface);
    glyph.left = left < 0 ? left : 0;
    glyph.top = top > ascent ? -top : -ascent;
    if (!copy_coverage(&glyph, surface))
        glyph.width = glyph.height = 0;
    SDL_FreeSurface(surface);
    return glyph;
}

static size_t slot_of(const struct face *face, uint32_t code)
{
    size_t at = code * 2654435761u & (face->slots - 1);
    while (face->slot[at] && face->glyph[face->slot[at] - 1].code != code)
        at = (at + 1) & (face->slots - 1);
    return at;
}

static bool enlarge(struct face *face)
{
    size_t room = face->room ? 2 * face->room : 128;
    struct glyph *glyph = realloc(face->glyph, room * sizeof *glyph);
    if (!glyph)
        return false;
    face->glyph = glyph;
    uint16_t *slot = calloc(2 * room, sizeof *slot);
    if (!slot)
        return false;
    free(face->slot);
    face->slot = slot;
    face->slots = 2 * room;
    face->room = room;
    for (size_t i = 0; i < face->glyphs; i++)
        slot[slot_of(face, face->glyph[i].code)] = (uint16_t)(i + 1);
    return true;
}

/* NULL: no memory. Valid until the next one is looked for. */
static const struct glyph *find_glyph(struct font *font, struct face *face,
                                      uint32_t code)
{
    if (face->slots) {
        size_t at = slot_of(face, code);
        if (face->slot[at])
            return &face->glyph[face->slot[at] - 1];
    }
    if (face->glyphs == face->room && !enlarge(face))
        return NULL;
    face->glyph[face->glyphs] = make_glyph(font, face, code);
    face->slot[slot_of(face, code)] = (uint16_t)++face->glyphs;
    return &face->glyph[face->glyphs - 1];
}

/* Bytes of the character at the front, and what is drawn for it. */
static size_t next_glyph(struct font *font, struct face *face, const char *text,
                         size_t length, const struct glyph **glyph)
{
    uint32_t code = 0;
    size_t bytes = utf8_read(text, length, &code);
    *glyph = find_glyph(font, face, bytes ? code : BOX);
    return bytes ? bytes : 1;
}

size_t font_fit(struct font *font, const struct pen *pen, const char *text,
                size_t length, float width)
{
    struct face *face = find_face(font, pen);
    float used = 0;
    size_t at = 0;
    while (at < length) {
        const struct glyph *glyph;
        size_t bytes = next_glyph(font, face, text + at, length - at, &glyph);
        used += glyph ? (float)glyph->advance : 0;
        if (!(used <= width))
            break;
        at += bytes;
    }
    return at;
}

float font_width(struct font *font, const struct pen *pen, const char *text,
                 size_t length)
{
    struct face *face = find_face(font, pen);
    int used = 0;
    for (size_t at = 0; at < length;) {
        const struct glyph *glyph;
        at += next_glyph(font, face, text + at, length - at, &glyph);
        used += glyph ? glyph->advance : 0;
    }
    return (float)used;
}

float font_line(const struct pen *pen)
{
    return 1.75f * pen->cap_height;
}

float font_descent(const struct pen *pen)
{
    return 0.33f * pen->cap_height;
}

/* Coverage laid on the pixels of `bounds` that are within the image. */
static void lay(struct image *image, struct box bounds, int x, int y,
                const unsigned char *coverage, int width, int height, uint32_t colour)
{
    struct box all = { 0, 0, (int)image->width, (int)image->height };
    struct box part =
        box_shared(box_shared(all, bounds), (struct box){ x, y, width, height });
    for (int row = part.y; row < part.y + part.height; row++) {
        uint32_t *pixel = image->pixel + (size_t)row * image->width;
        const unsigned char *from = coverage + (size_t)(row - y) * (size_t)width;
        for (int column = part.x; column < part.x + part.width; column++)
            if (from[column - x])
                pixel[column] = colour_over(pixel[column], colour, from[column - x]);
    }
}

static void draw_level(struct font *font, struct image *image, struct box clip,
                       const struct pen *pen, int x, int y, const char *text,
                       size_t length)
{
    struct face *face = find_face(font, pen);
    for (size_t at = 0; at < length && x < clip.x + clip.width + face->size;) {
        const struct glyph *glyph;
        at += next_glyph(font, face, text + at, length - at, &glyph);
        if (!glyph)
            continue;
        if (glyph->coverage)
            lay(image, clip, x + glyph->left, y + glyph->top, glyph->coverage,
                glyph->width, glyph->height, pen->colour);
        x += glyph->advance;
    }
}

/* Blue of a level text drawn white on black, between pixels. */
static float sample(const struct image *level, float x, float y)
{
    int left = (int)floorf(x), top = (int)floorf(y);
    float right = x - (float)left, below = y - (float)top, sum = 0;
    for (int i = 0; i < 4; i++) {
        int column = left + (i & 1), row = top + (i >> 1);
        if (column < 0 || row < 0 || column >= (int)level->width ||
            row >= (int)level->height)
            continue;
        float weight = (i & 1 ? right : 1 - right) * (i >> 1 ? below : 1 - below);
        size_t at = (size_t)row * level->width + (size_t)column;
        sum += weight * (float)(level->pixel[at] & 255);
    }
    return sum;
}

/* Where the level text's origin lies in its own image. */
struct turn {
    float x, y, origin_x, origin_y, cosine, sine;
};

/* The columns of a row that the level text's height may reach. */
static void columns_of(const struct turn *turn, const struct image *level, float below,
                       struct box part, int *from, int *to)
{
    *from = part.x;
    *to = part.x + part.width;
    if (fabsf(turn->sine) < 0.01f)
        return;
    float top = (-1 - turn->origin_y - below * turn->cosine) / turn->sine;
    float foot = top + ((float)level->height + 2) / turn->sine;
    float left = floorf(fminf(top, foot) + turn->x) - 1;
    float right = ceilf(fmaxf(top, foot) + turn->x) + 1;
    if (left > (float)*from)
        *from = left < (float)*to ? (int)left : *to;
    if (right < (float)*to)
        *to = right > (float)*from ? (int)right : *from;
}

static void lay_turned(struct image *image, struct box clip, const struct image *level,
                       const struct turn *turn, uint32_t colour)
{
    float low_x = INFINITY, low_y = INFINITY, high_x = -INFINITY, high_y = -INFINITY;
    for (int i = 0; i < 4; i++) {
        float along = (i & 1 ? (float)level->width : 0) - turn->origin_x;
        float down = (i & 2 ? (float)level->height : 0) - turn->origin_y;
        float x = turn->x + along * turn->cosine + down * turn->sine;
        float y = turn->y - along * turn->sine + down * turn->cosine;
        low_x = fminf(low_x, x);
        low_y = fminf(low_y, y);
        high_x = fmaxf(high_x, x);
        high_y = fmaxf(high_y, y);
    }
    struct box all = { 0, 0, (int)image->width, (int)image->height };
    struct box part =
        box_shared(box_shared(all, clip),
                   (struct box){ (int)floorf(low_x) - 1, (int)floorf(low_y) - 1,
                                 (int)(high_x - low_x) + 4,
                                 (int)(high_y - low_y) + 4 });
    for (int row = part.y; row < part.y + part.height; row++) {
        float below = (float)row + 0.5f - turn->y;
        int column, end;
        columns_of(turn, level, below, part, &column, &end);
        for (; column < end; column++) {
            float right = (float)column + 0.5f - turn->x;
            float along = right * turn->cosine - below * turn->sine + turn->origin_x;
            float down = right * turn->sine + below * turn->cosine + turn->origin_y;
            float coverage = sample(level, along - 0.5f, down - 0.5f);
            uint32_t *pixel =
                &image->pixel[(size_t)row * image->width + (size_t)column];
            if (coverage >= 1)
                *pixel = colour_over(*pixel, colour, (unsigned)(coverage + 0.5f));
        }
    }
}

static void draw_turned(struct font *font, struct image *image, struct box clip,
                        const struct pen *pen, float x, float y, const char *text,
                        size_t length)
{
    struct error ignored = { 0 };
    struct image level;
    struct pen plain = *pen;
    int size = size_of(font, pen), pad = size;
    float width = fminf(font_width(font, pen, text, length), MAX_TURNED);
    plain.colour = 0xffffffff;
    if (image_create(&level, (uint32_t)(width + 2 * (float)pad), (uint32_t)(2 * size),
                     &ignored) != OK)
        return;
    struct box whole = { 0, 0, (int)level.width, (int)level.height };
    draw_level(font, &level, whole, &plain, pad, 3 * size / 2, text, length);
    struct turn turn = {
        x, y, (float)pad, (float)(3 * size / 2), cosf(pen->angle), sinf(pen->angle)
    };
    lay_turned(image, clip, &level, &turn, pen->colour);
    image_release(&level);
}

void font_draw(struct font *font, struct image *image, const struct box *clip,
               const struct pen *pen, float x, float y, const char *text, size_t length)
{
    static const float farthest = 1e6f; /* pixels; beyond lies no picture */
    if (!(fabsf(x) < farthest && fabsf(y) < farthest))
        return;
    if (pen->angle == 0)
        draw_level(font, image, *clip, pen, (int)lroundf(x), (int)lroundf(y), text,
                   length);
    else
        draw_turned(font, image, *clip, pen, x, y, text, length);
}
