/* Canvases against slow references, text against its box, palettes against WCAG. */
#include "tests/golden_picture.h"
#include "tests/suites.h"
#include "tests/temporary_path.h"
#include "viz/canvas.h"
#include "viz/palette.h"

#include "base/utf8.h"

#include <gsl/gsl_rng.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { WIDTH = 96, HEIGHT = 64 };

static const uint32_t ground = 0xff203040;
static const char phrase[] = "Quickly, j\u00fcgend \u00c5gypt (fj)";

struct paper {
    struct image image;
    struct canvas canvas;
    struct font *font;
};

static void open_paper(struct paper *paper, uint32_t width, uint32_t height)
{
    struct error err = { 0 };
    CU_ASSERT_EQUAL_FATAL(font_open(&paper->font, &err), OK);
    CU_ASSERT_EQUAL_FATAL(image_create(&paper->image, width, height, &err), OK);
    for (size_t i = 0; i < (size_t)width * height; i++)
        paper->image.pixel[i] = ground;
    canvas_on_image(&paper->canvas, &paper->image, paper->font);
}

static void close_paper(struct paper *paper)
{
    canvas_release(&paper->canvas);
    image_release(&paper->image);
    font_close(paper->font);
}

static uint32_t pixel_at(const struct image *image, int x, int y)
{
    return image->pixel[(size_t)y * image->width + (size_t)x];
}

/* In doubles, a channel at a time. */
static uint32_t slow_over(uint32_t below, uint32_t colour, double coverage)
{
    uint32_t result = 0xff000000u;
    double alpha = coverage * (double)(colour >> 24) / 255;
    for (unsigned shift = 0; shift < 24; shift += 8) {
        double from = (double)(below >> shift & 255),
               to = (double)(colour >> shift & 255);
        result |= (uint32_t)lround(from + (to - from) * alpha) << shift;
    }
    return result;
}

/* Coverage is kept in 255 parts, and each channel is rounded once more. */
static bool is_close(uint32_t a, uint32_t b)
{
    for (unsigned shift = 0; shift < 24; shift += 8)
        if (abs((int)(a >> shift & 255) - (int)(b >> shift & 255)) > 2)
            return false;
    return true;
}

static struct box random_box(gsl_rng *random)
{
    int x = (int)gsl_rng_uniform_int(random, 2 * WIDTH) - WIDTH / 2;
    int y = (int)gsl_rng_uniform_int(random, 2 * HEIGHT) - HEIGHT / 2;
    return (struct box){ x, y, (int)gsl_rng_uniform_int(random, WIDTH) - 3,
                         (int)gsl_rng_uniform_int(random, HEIGHT) - 3 };
}

static bool holds(struct box box, int x, int y)
{
    return x >= box.x && y >= box.y && x < box.x + box.width && y < box.y + box.height;
}

static void boxes_cover_what_a_slow_count_says(void)
{
    gsl_rng *random = gsl_rng_alloc(gsl_rng_taus2);
    for (int round = 0; round < 200; round++) {
        struct paper paper;
        open_paper(&paper, WIDTH, HEIGHT);
        struct box box = random_box(random), clip = random_box(random);
        uint32_t colour = (uint32_t)gsl_rng_get(random);
        struct box old = canvas_clip(&paper.canvas, clip);
        canvas_fill(&paper.canvas, box, colour);
        CU_ASSERT(old.width == WIDTH && old.height == HEIGHT);
        bool is_right = true;
        for (int y = 0; y < HEIGHT; y++)
            for (int x = 0; x < WIDTH; x++) {
                bool is_in = holds(box, x, y) && holds(clip, x, y);
                uint32_t expected = is_in ? slow_over(ground, colour, 1) : ground;
                is_right = is_right && is_close(pixel_at(&paper.image, x, y), expected);
            }
        CU_ASSERT_TRUE(is_right);
        close_paper(&paper);
    }
    gsl_rng_free(random);
}

static double distance(const struct point *from, const struct point *to, double x,
                       double y)
{
    double along_x = (double)to->x - (double)from->x;
    double along_y = (double)to->y - (double)from->y;
    double square = along_x * along_x + along_y * along_y;
    double t = ((x - (double)from->x) * along_x + (y - (double)from->y) * along_y) /
               (square > 0 ? square : 1);
    t = fmin(fmax(t, 0), 1);
    return hypot(x - (double)from->x - t * along_x, y - (double)from->y - t * along_y);
}

static void paths_are_as_far_as_their_width(void)
{
    enum { POINTS = 5 };
    gsl_rng *random = gsl_rng_alloc(gsl_rng_taus2);
    for (int round = 0; round < 60; round++) {
        struct paper paper;
        struct point point[POINTS];
        open_paper(&paper, WIDTH, HEIGHT);
        for (int i = 0; i < POINTS; i++)
            point[i] = (struct point){ (float)gsl_rng_uniform(random) * 150 - 25,
                                       (float)gsl_rng_uniform(random) * 100 - 20 };
        float width = 0.5f + (float)gsl_rng_uniform(random) * 8;
        size_t points = 1 + round % POINTS;
        canvas_path(&paper.canvas, point, points, width, 0xa0ff8000);
        bool is_right = true;
        for (int y = 0; y < HEIGHT; y++)
            for (int x = 0; x < WIDTH; x++) {
                double nearest = HUGE_VAL;
                for (size_t i = 0; i < points; i++)
                    nearest = fmin(nearest, distance(&point[i ? i - 1 : 0], &point[i],
                                                     x + 0.5, y + 0.5));
                double share = (double)width / 2 + 0.5 - nearest;
                share = fmin(fmax(share, 0), 1);
                is_right = is_right && is_close(pixel_at(&paper.image, x, y),
                                                slow_over(ground, 0xa0ff8000, share));
            }
        CU_ASSERT_TRUE(is_right);
        close_paper(&paper);
    }
    gsl_rng_free(random);
}

static void points_that_are_no_numbers_draw_nothing(void)
{
    const struct point wrong[] = { { NAN, 3 }, { 5, INFINITY }, { 1e30f, -1e30f } };
    struct paper paper;
    struct pen pen = { .cap_height = NAN, .colour = 0xffffffff };
    open_paper(&paper, WIDTH, HEIGHT);
    canvas_path(&paper.canvas, wrong, 3, 2, 0xffffffff);
    canvas_path(&paper.canvas, wrong, 1, 2, 0xffffffff);
    canvas_path(&paper.canvas, wrong, 0, 2, 0xffffffff);
    canvas_text(&paper.canvas, &pen, NAN, 4, "text");
    pen.cap_height = 8;
    canvas_text(&paper.canvas, &pen, 1e30f, 4, "text");
    canvas_fill(&paper.canvas, (struct box){ 3, 3, -5, 9 }, 0xffffffff);
    for (int i = 0; i < WIDTH * HEIGHT; i++)
        CU_ASSERT_EQUAL(paper.image.pixel[i], ground);
    CU_ASSERT_EQUAL(paper.canvas.error.code, OK);
    close_paper(&paper);
}

static void pixels_are_stretched_to_the_nearest(void)
{
    struct paper paper;
    struct image small;
    struct error err = { 0 };
    const struct box box = { -7, 5, 5 * 9, 4 * 6 };
    open_paper(&paper, WIDTH, HEIGHT);
    CU_ASSERT_EQUAL_FATAL(image_create(&small, 5, 4, &err), OK);
    for (uint32_t i = 0; i < 20; i++)
        small.pixel[i] = (i % 3 == 0   ? 0
                          : i % 3 == 1 ? 0x80000000u
                                       : 0xff000000u) |
                         i * 0x0b1723;
    canvas_clip(&paper.canvas, (struct box){ 0, 0, 30, HEIGHT });
    canvas_pixels(&paper.canvas, box, &small);
    for (int y = 0; y < HEIGHT; y++)
        for (int x = 0; x < WIDTH; x++) {
            uint32_t expected = ground;
            if (holds(box, x, y) && x < 30)
                expected =
                    slow_over(ground,
                              pixel_at(&small, (x - box.x) / 9, (y - box.y) / 6), 1);
            CU_ASSERT_TRUE(is_close(pixel_at(&paper.image, x, y), expected));
        }
    image_release(&small);
    close_paper(&paper);
}

/* A glyph may lean over its advance by a pixel and its smooth edge. */
static void text_stays_in_its_box(void)
{
    for (float cap = 4; cap < 60; cap *= 1.3f) {
        struct paper paper;
        struct pen pen = { .cap_height = cap, .colour = 0xffffffff };
        open_paper(&paper, 1400, 160);
        float width = canvas_text_width(&paper.canvas, &pen, phrase);
        float lean = 1 + cap / 12;
        canvas_text(&paper.canvas, &pen, 40, 90, phrase);
        for (int y = 0; y < 160; y++)
            for (int x = 0; x < 1400; x++) {
                if (pixel_at(&paper.image, x, y) == ground)
                    continue;
                CU_ASSERT((float)x >= 40 - lean && (float)x < 40 + width + lean);
                CU_ASSERT((float)y >= 90 - 1.4f * cap - 1 &&
                          (float)y <= 90 + font_descent(&pen) + 1);
            }
        close_paper(&paper);
    }
}

static void text_is_cut_between_characters(void)
{
    struct paper paper;
    struct pen pen = { .cap_height = 7, .colour = 0xffffffff };
    const char *text = "a\u00e9\u2026\xff";
    open_paper(&paper, WIDTH, HEIGHT);
    CU_ASSERT_EQUAL(font_fit(paper.font, &pen, text, strlen(text), 1000), strlen(text));
    for (float width = 0; width < 40; width++) {
        size_t fits = font_fit(paper.font, &pen, text, strlen(text), width);
        CU_ASSERT(fits == 0 || fits == 1 || fits == 3 || fits == 6 || fits == 7);
        CU_ASSERT(font_width(paper.font, &pen, text, fits) <= width);
    }
    for (float width = 0; width < 90; width += 3) {
        canvas_fill(&paper.canvas, paper.canvas.clip, ground);
        canvas_text_in(&paper.canvas, &pen, 2, 30, width, "much too long for this");
        for (int y = 0; y < HEIGHT; y++)
            for (int x = (int)width + 4; x < WIDTH; x++)
                CU_ASSERT_EQUAL(pixel_at(&paper.image, x, y), ground);
    }
    close_paper(&paper);
}

/* What the typeface lacks, control characters and bytes that are no UTF-8. */
static void what_cannot_be_drawn_is_a_box(void)
{
    static const char *const odd[] = { "\xff",   "\xc3",     "\x01",
                                       "\u4e00", "\xc2\x85", "\xed\xa0\x80" };
    struct paper paper;
    struct pen pen = { .cap_height = 9, .colour = 0xffffffff };
    open_paper(&paper, WIDTH, HEIGHT);
    float box = font_width(paper.font, &pen, "\xff", 1);
    CU_ASSERT(box > 4);
    for (size_t i = 0; i < sizeof odd / sizeof odd[0]; i++) {
        float boxes = font_width(paper.font, &pen, odd[i], strlen(odd[i])) / box;
        CU_ASSERT(boxes == 1 || (i == 5 && boxes == 3));
        canvas_fill(&paper.canvas, paper.canvas.clip, ground);
        canvas_text(&paper.canvas, &pen, 10, 30, odd[i]);
        CU_ASSERT_NOT_EQUAL(pixel_at(&paper.image, 11, 25), ground);
    }
    close_paper(&paper);
}

/* More sizes than are kept at once, between one drawing and the next. */
static void the_same_text_is_the_same_pixels(void)
{
    struct paper paper;
    struct image before;
    struct error err = { 0 };
    struct pen pen = { .cap_height = 11, .angle = 0.7f, .colour = 0xc0ffffff };
    open_paper(&paper, 300, 300);
    canvas_text(&paper.canvas, &pen, 20, 250, phrase);
    pen.angle = 0;
    canvas_text(&paper.canvas, &pen, 20, 280, phrase);
    CU_ASSERT_EQUAL_FATAL(image_create(&before, 300, 300, &err), OK);
    memcpy(before.pixel, paper.image.pixel, 300 * 300 * sizeof *before.pixel);
    for (int i = 0; i < 150; i++) {
        struct pen other = { .cap_height = (float)(4 + i), .is_bold = i & 1 };
        canvas_text(&paper.canvas, &other, 0, 100, "ab");
    }
    canvas_fill(&paper.canvas, paper.canvas.clip, ground);
    canvas_text(&paper.canvas, &pen, 20, 280, phrase);
    pen.angle = 0.7f;
    canvas_text(&paper.canvas, &pen, 20, 250, phrase);
    CU_ASSERT_EQUAL(memcmp(before.pixel, paper.image.pixel,
                           300 * 300 * sizeof *before.pixel),
                    0);
    image_release(&before);
    close_paper(&paper);
}

/* Upright text is the level one turned by a quarter; the sine of it is no whole number,
 * so an edge may differ by a few parts of 255. */
static void a_quarter_turn_moves_pixels(void)
{
    struct paper level, upright;
    struct pen pen = { .cap_height = 12, .colour = 0xffffffff };
    open_paper(&level, 200, 200);
    open_paper(&upright, 200, 200);
    canvas_text(&level.canvas, &pen, 40, 100, "turn");
    pen.angle = 1.57079633f;
    canvas_text(&upright.canvas, &pen, 100, 160, "turn");
    for (int y = 60; y < 140; y++)
        for (int x = 30; x < 120; x++) {
            int right = x - 40, down = y - 100;
            uint32_t turned = pixel_at(&upright.image, 100 + down, 160 - 1 - right);
            CU_ASSERT_TRUE(is_close(pixel_at(&level.image, x, y), turned));
        }
    close_paper(&level);
    close_paper(&upright);
}

static void a_missing_typeface_is_named(void)
{
    struct font *font = NULL;
    struct error err = { 0 };
    CU_ASSERT_EQUAL_FATAL(setenv("LUCCIOLA_FONT", "build/no such typeface.ttf", 1), 0);
    CU_ASSERT_EQUAL(font_open(&font, &err), ERR_IO);
    CU_ASSERT_PTR_NULL(font);
    CU_ASSERT_PTR_NOT_NULL(strstr(err.text, "build/no such typeface.ttf"));
    CU_ASSERT_EQUAL_FATAL(setenv("LUCCIOLA_FONT", "Makefile", 1), 0);
    CU_ASSERT_EQUAL(font_open(&font, &err), ERR_IO);
    unsetenv("LUCCIOLA_FONT");
}

static void draw_sampler(struct canvas *canvas)
{
    const struct point zigzag[] = { { 10, 90 }, { 60, 60 }, { 110, 95 }, { 160, 62 } };
    struct image tile = { 2, 2, (uint32_t[]){ 0xffd55e00, 0, 0x800072b2, 0xff0072b2 } };
    struct pen pen = { .cap_height = 9, .colour = 0xff1d2733 };
    canvas_fill(canvas, (struct box){ 0, 0, 240, 160 }, 0xffffffff);
    canvas_fill(canvas, (struct box){ 6, 6, 100, 30 }, 0x60009e73);
    canvas_outline(canvas, (struct box){ 6, 6, 100, 30 }, 0xff009e73);
    canvas_path(canvas, zigzag, 4, 3, 0xffcc79a7);
    canvas_text(canvas, &pen, 12, 26, "a < b & \"c\" \x01\xff");
    pen.is_bold = true;
    canvas_text_to(canvas, &pen, 234, 26, "bold");
    pen.angle = 0.7853982f;
    canvas_text(canvas, &pen, 180, 90, "slanted");
    struct box old = canvas_clip(canvas, (struct box){ 20, 110, 60, 40 });
    canvas_pixels(canvas, (struct box){ 10, 100, 120, 60 }, &tile);
    pen.angle = 0;
    pen.colour = 0xffffffff;
    canvas_text(canvas, &pen, 30, 145, "clipped text");
    canvas->clip = old;
    pen.colour = 0xff1d2733;
    canvas_text_in(canvas, &pen, 140, 140, 90, "an ellipsis at the end");
}

static void the_sampler_is_the_golden_one(void)
{
    struct paper paper;
    open_paper(&paper, 240, 160);
    draw_sampler(&paper.canvas);
    CU_ASSERT_TRUE(golden_matches(&paper.image, "canvas.png"));
    close_paper(&paper);
}

static char *read_file(const char *path, size_t *length)
{
    FILE *file = fopen(path, "rb");
    char *text = calloc(1, 1 << 20);
    CU_ASSERT_FATAL(file && text);
    *length = fread(text, 1, (1 << 20) - 1, file);
    fclose(file);
    return text;
}

/* Marks in balance, each & one of four, no byte that XML lacks. */
static void check_xml(const char *text, size_t length)
{
    static const char *const entity[] = { "&amp;", "&lt;", "&gt;", "&quot;" };
    int open = 0;
    for (size_t at = 0; at < length;) {
        uint32_t code = 0;
        size_t taken = utf8_read(text + at, length - at, &code);
        CU_ASSERT_FATAL(taken > 0);
        CU_ASSERT(code >= ' ' || code == '\n');
        open += code == '<' ? 1 : code == '>' ? -1 : 0;
        CU_ASSERT(open == 0 || open == 1);
        bool is_known = code != '&';
        for (size_t i = 0; i < 4; i++)
            is_known =
                is_known || strncmp(text + at, entity[i], strlen(entity[i])) == 0;
        CU_ASSERT_TRUE(is_known);
        at += taken;
    }
    CU_ASSERT_EQUAL(open, 0);
}

static unsigned count(const char *text, const char *part)
{
    unsigned found = 0;
    for (const char *at = text; (at = strstr(at, part)); at += strlen(part))
        found++;
    return found;
}

static void svg_is_valid_and_holds_all(void)
{
    struct paper paper;
    struct canvas canvas;
    struct error err = { 0 };
    size_t length;
    open_paper(&paper, 8, 8);
    CU_ASSERT_EQUAL_FATAL(canvas_on_svg(&canvas, 240, 160, paper.font, &err), OK);
    draw_sampler(&canvas);
    const char *path = temporary_path("sampler.svg");
    CU_ASSERT_EQUAL_FATAL(canvas_write_svg(&canvas, path, &err), OK);
    char *text = read_file(path, &length);
    check_xml(text, length);
    CU_ASSERT_EQUAL(count(text, "<text "), 5);
    CU_ASSERT_EQUAL(count(text, "textLength="), 5);
    CU_ASSERT_EQUAL(count(text, "<rect "), 6 + count(text, "<clipPath "));
    CU_ASSERT_EQUAL(count(text, "<path "), 1);
    CU_ASSERT_EQUAL(count(text, "<image "), 1);
    CU_ASSERT_EQUAL(count(text, "<g "), count(text, "</g>"));
    CU_ASSERT_PTR_NOT_NULL(strstr(text, ">a &lt; b &amp; &quot;c&quot; \u25a1\u25a1<"));
    free(text);
    CU_ASSERT_EQUAL(canvas_write_svg(&canvas, "build/no/such/folder.svg", &err),
                    ERR_IO);
    CU_ASSERT_PTR_NOT_NULL(strstr(err.text, "build/no/such/folder.svg"));
    canvas_release(&canvas);
    close_paper(&paper);
}

static void a_png_that_cannot_be_written_is_an_error(void)
{
    struct image image;
    struct error err = { 0 };
    CU_ASSERT_EQUAL_FATAL(image_create(&image, 4, 4, &err), OK);
    CU_ASSERT_EQUAL(image_write_png(&image, "build/no/such/folder.png", &err), ERR_IO);
    CU_ASSERT_PTR_NOT_NULL(strstr(err.text, "build/no/such/folder.png"));
    image_release(&image);
    CU_ASSERT_EQUAL(image_create(&image, 100000, 100, &err), ERR_ARGUMENT);
    CU_ASSERT_PTR_NULL(image.pixel);
}

/* WCAG 2.1: relative luminance, contrast ratio. */
static double luminance(uint32_t colour)
{
    static const double weight[] = { 0.0722, 0.7152, 0.2126 };
    double sum = 0;
    for (unsigned i = 0; i < 3; i++) {
        double c = (double)(colour >> 8 * i & 255) / 255;
        sum += weight[i] * (c <= 0.03928 ? c / 12.92 : pow((c + 0.055) / 1.055, 2.4));
    }
    return sum;
}

static double contrast(uint32_t a, uint32_t b)
{
    double one = luminance(a) + 0.05, two = luminance(b) + 0.05;
    return one > two ? one / two : two / one;
}

static void palettes_can_be_read(void)
{
    const struct palette *const palettes[] = { &palette_light, &palette_dark,
                                               &palette_colour_blind };
    for (size_t i = 0; i < 3; i++) {
        const struct palette *p = palettes[i];
        const uint32_t under[] = { p->page, p->plot, p->stripe };
        const uint32_t mark[] = { p->excited, p->inhibited, p->prompt, p->generated,
                                  p->both,    p->opposed,   p->chosen };
        for (size_t j = 0; j < 3; j++) {
            CU_ASSERT(contrast(p->ink, under[j]) >= 4.5);
            CU_ASSERT(contrast(p->muted, under[j]) >= 4.5);
            for (size_t k = 0; k < sizeof mark / sizeof mark[0]; k++)
                CU_ASSERT(contrast(mark[k], under[j]) >= 3);
        }
        /* Numbers on marks are bold and large, or the mark is not drawn. */
        CU_ASSERT(contrast(p->page, p->excited) >= 3);
        CU_ASSERT(contrast(p->page, p->inhibited) >= 3);
    }
    /* Told apart without any hue. */
    CU_ASSERT(contrast(palette_colour_blind.excited, palette_colour_blind.inhibited) >=
              2.5);
}

CU_TestInfo canvas_tests[] = {
    { "boxes cover what a slow count says", boxes_cover_what_a_slow_count_says },
    { "paths are as far as their width", paths_are_as_far_as_their_width },
    { "points that are no numbers draw nothing",
      points_that_are_no_numbers_draw_nothing },
    { "pixels are stretched to the nearest", pixels_are_stretched_to_the_nearest },
    { "text stays in its box", text_stays_in_its_box },
    { "text is cut between characters", text_is_cut_between_characters },
    { "what cannot be drawn is a box", what_cannot_be_drawn_is_a_box },
    { "the same text is the same pixels", the_same_text_is_the_same_pixels },
    { "a quarter turn moves pixels", a_quarter_turn_moves_pixels },
    { "a missing typeface is named", a_missing_typeface_is_named },
    { "the sampler is the golden one", the_sampler_is_the_golden_one },
    { "svg is valid and holds all", svg_is_valid_and_holds_all },
    { "a png that cannot be written is an error",
      a_png_that_cannot_be_written_is_an_error },
    { "palettes can be read", palettes_can_be_read },
    CU_TEST_INFO_NULL,
};
