/* A canvas of pixels. Lines are smooth: a pixel is covered by as much as its middle is
 * nearer to the path than half the width and half a pixel, 0 .. 1. */
#include "viz/canvas.h"

#include <math.h>
#include <stdlib.h>

static const float farthest = 1e7f; /* pixels; points beyond are not drawn to */

static void fill(struct canvas *canvas, struct box box, uint32_t colour)
{
    struct image *image = canvas->image;
    bool is_opaque = colour >> 24 == 255;
    for (int y = box.y; y < box.y + box.height; y++) {
        uint32_t *pixel = image->pixel + (size_t)y * image->width;
        if (is_opaque)
            for (int x = box.x; x < box.x + box.width; x++)
                pixel[x] = colour;
        else
            for (int x = box.x; x < box.x + box.width; x++)
                pixel[x] = colour_over(pixel[x], colour, 255);
    }
}

/* Coverage of the pixels of a box, 0 .. 255. */
struct mask {
    struct box box;
    unsigned char *coverage; /* (height, width) */
};

static bool is_near(struct point p)
{
    return fabsf(p.x) < farthest && fabsf(p.y) < farthest; /* false of NaN */
}

static float distance(struct point from, struct point to, float x, float y)
{
    float along_x = to.x - from.x, along_y = to.y - from.y;
    float dx = x - from.x, dy = y - from.y;
    float square = along_x * along_x + along_y * along_y;
    float t = square > 0 ? (dx * along_x + dy * along_y) / square : 0;
    t = fminf(fmaxf(t, 0), 1);
    dx -= t * along_x;
    dy -= t * along_y;
    return sqrtf(dx * dx + dy * dy);
}

/* The part of the line between two heights; its ends if it is level. */
static void span_at(struct point from, struct point to, float top, float bottom,
                    float *low, float *high)
{
    float rise = to.y - from.y, t0 = 0, t1 = 1;
    if (fabsf(rise) > 1e-6f) {
        float a = (top - from.y) / rise, b = (bottom - from.y) / rise;
        t0 = fminf(fmaxf(fminf(a, b), 0), 1);
        t1 = fminf(fmaxf(fmaxf(a, b), 0), 1);
    }
    float x0 = from.x + t0 * (to.x - from.x), x1 = from.x + t1 * (to.x - from.x);
    *low = fminf(x0, x1);
    *high = fmaxf(x0, x1);
}

static int clamp(float value, int low, int high)
{
    return value <= (float)low ? low : value >= (float)high ? high : (int)value;
}

static void cover(struct mask *mask, struct point from, struct point to, float half)
{
    if (!is_near(from) || !is_near(to))
        return;
    struct box box = mask->box;
    int right = box.x + box.width, bottom = box.y + box.height;
    float reach = half + 1;
    int top = clamp(floorf(fminf(from.y, to.y) - reach), box.y, bottom);
    int end = clamp(ceilf(fmaxf(from.y, to.y) + reach), box.y, bottom);
    for (int y = top; y < end; y++) {
        float low, high, middle = (float)y + 0.5f;
        span_at(from, to, middle - reach, middle + reach, &low, &high);
        int first = clamp(floorf(low - reach), box.x, right);
        int last = clamp(ceilf(high + reach), box.x, right);
        unsigned char *row =
            mask->coverage + (size_t)(y - box.y) * (size_t)box.width - box.x;
        for (int x = first; x < last; x++) {
            float share = half + 0.5f - distance(from, to, (float)x + 0.5f, middle);
            int value = clamp(share * 255 + 0.5f, 0, 255);
            if (value > row[x])
                row[x] = (unsigned char)value;
        }
    }
}

static struct box bounds_of(const struct point *point, size_t points, float reach,
                            struct box clip)
{
    float low_x = farthest, low_y = farthest, high_x = -farthest, high_y = -farthest;
    int right = clip.x + clip.width, bottom = clip.y + clip.height;
    for (size_t i = 0; i < points; i++) {
        if (!is_near(point[i]))
            continue;
        low_x = fminf(low_x, point[i].x);
        low_y = fminf(low_y, point[i].y);
        high_x = fmaxf(high_x, point[i].x);
        high_y = fmaxf(high_y, point[i].y);
    }
    int x = clamp(floorf(low_x - reach), clip.x, right);
    int y = clamp(floorf(low_y - reach), clip.y, bottom);
    return (struct box){ x, y, clamp(ceilf(high_x + reach), x, right) - x,
                         clamp(ceilf(high_y + reach), y, bottom) - y };
}

/* Gathered before it is laid on, so that a path that crosses itself is of one colour. */
static void path(struct canvas *canvas, const struct point *point, size_t points,
                 float width, uint32_t colour)
{
    float half = width / 2;
    struct mask mask = { bounds_of(point, points, half + 1, canvas->clip), NULL };
    struct box box = mask.box;
    if (box.width == 0 || box.height == 0)
        return;
    mask.coverage = calloc((size_t)box.width, (size_t)box.height);
    if (!mask.coverage) {
        error_memory(&canvas->error, "a path", (double)box.width * box.height);
        return;
    }
    if (points == 1)
        cover(&mask, point[0], point[0], half);
    for (size_t i = 1; i < points; i++)
        cover(&mask, point[i - 1], point[i], half);
    const unsigned char *coverage = mask.coverage;
    for (int y = box.y; y < box.y + box.height; y++) {
        uint32_t *pixel = canvas->image->pixel + (size_t)y * canvas->image->width;
        for (int x = box.x; x < box.x + box.width; x++, coverage++)
            if (*coverage)
                pixel[x] = colour_over(pixel[x], colour, *coverage);
    }
    free(mask.coverage);
}

static void text(struct canvas *canvas, const struct pen *pen, float x, float y,
                 const char *bytes, size_t length)
{
    font_draw(canvas->font, canvas->image, &canvas->clip, pen, x, y, bytes, length);
}

static void pixels(struct canvas *canvas, struct box box, const struct image *image)
{
    struct box part = box_shared(box, canvas->clip);
    for (int y = part.y; y < part.y + part.height; y++) {
        uint32_t *to = canvas->image->pixel + (size_t)y * canvas->image->width;
        uint64_t row = (uint64_t)(y - box.y) * image->height / (uint64_t)box.height;
        const uint32_t *from = image->pixel + row * image->width;
        uint64_t each = ((uint64_t)image->width << 32) / (uint64_t)box.width;
        uint64_t at = each * (uint64_t)(part.x - box.x) + each / 2;
        for (int x = part.x; x < part.x + part.width; x++, at += each) {
            uint32_t colour = from[at >> 32];
            if (colour >> 24 == 255)
                to[x] = colour;
            else if (colour >> 24)
                to[x] = colour_over(to[x], colour, 255);
        }
    }
}

static const struct canvas_kind image_kind = {
    .fill = fill,
    .path = path,
    .text = text,
    .pixels = pixels,
};

void canvas_on_image(struct canvas *canvas, struct image *image, struct font *font)
{
    *canvas = (struct canvas){
        .kind = &image_kind,
        .font = font,
        .clip = { 0, 0, (int)image->width, (int)image->height },
        .image = image,
    };
}
