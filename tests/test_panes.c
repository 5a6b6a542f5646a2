/* The map, rates, histogram, energy and traces, drawn into boxes of a larger picture. */
#include "tests/suites.h"
#include "tests/synthetic_recording.h"
#include "tests/temporary_path.h"
#include "tests/traced_network.h"
#include "viz/map_tiles.h"
#include "viz/pane_frame.h"
#include "viz/scene_energy.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TOKENS = 12, MARGIN = 24, CHANNELS = 60 };

static const uint32_t ground = 0xff123456;

struct gallery {
    struct scene scene;
    struct spike_index *index;
    struct stack stack;
    struct view_state view;
    struct font *font;
    struct stage stage;
};

static void open_gallery(struct gallery *gallery, const char *path)
{
    struct error err = { 0 };
    const struct stack_filter all = { NULL, -1, -1 };
    *gallery = (struct gallery){ .view = { .selection = { -1, -1, -1, -1 },
                                           .enlarged = VIEW_PANES,
                                           .font_scale = 1 } };
    CU_ASSERT_EQUAL_FATAL(scene_open(&gallery->scene, path, &err), OK);
    CU_ASSERT_EQUAL_FATAL(spike_index_open(&gallery->index, &gallery->scene, true,
                                           &err),
                          OK);
    CU_ASSERT_EQUAL_FATAL(stack_build(&gallery->stack, &gallery->scene, &all, &err),
                          OK);
    CU_ASSERT_EQUAL_FATAL(font_open(&gallery->font, &err), OK);
    gallery->view.steps = (double)scene_end(&gallery->scene);
    gallery->view.playback.step = 0.4 * gallery->view.steps;
    gallery->stage = (struct stage){
        .exhibit[0] = { .scene = &gallery->scene,
                        .index = gallery->index,
                        .stack = &gallery->stack },
        .exhibits = 1,
        .view = &gallery->view,
        .palette = &palette_dark,
        .cap = 9,
    };
}

static void close_gallery(struct gallery *gallery)
{
    font_close(gallery->font);
    stack_release(&gallery->stack);
    spike_index_close(gallery->index);
    scene_release(&gallery->scene);
}

/* Draws into a box with a margin around it, and says whether the margin stayed clean. */
static bool draw(struct gallery *gallery, const struct pane *pane, int width,
                 int height, struct image *image)
{
    struct error err = { 0 };
    struct canvas canvas;
    bool is_clean = true;
    struct box box = { MARGIN, MARGIN, width, height };
    CU_ASSERT_EQUAL_FATAL(image_create(image, (uint32_t)(width + 2 * MARGIN),
                                       (uint32_t)(height + 2 * MARGIN), &err),
                          OK);
    for (size_t i = 0; i < (size_t)image->width * image->height; i++)
        image->pixel[i] = ground;
    canvas_on_image(&canvas, image, gallery->font);
    const struct box clip = canvas.clip;
    CU_ASSERT_EQUAL(pane->draw(&gallery->stage, 0, &canvas, box, &err), OK);
    CU_ASSERT_EQUAL(canvas.error.code, OK);
    CU_ASSERT_EQUAL(memcmp(&canvas.clip, &clip, sizeof clip), 0);
    for (int y = 0; y < (int)image->height; y++)
        for (int x = 0; x < (int)image->width; x++)
            if (!box_holds(box, x, y))
                is_clean &= image->pixel[(size_t)y * image->width + x] == ground;
    return is_clean;
}

static void make_model(struct gallery *gallery, uint64_t tokens)
{
    struct error err = { 0 };
    const char *path = temporary_path("panes.h5");
    CU_ASSERT_EQUAL_FATAL(synthetic_write(path, "bitwise", CHANNELS, tokens, true,
                                          false, &err),
                          OK);
    open_gallery(gallery, path);
}

static void make_network(struct gallery *gallery)
{
    struct error err = { 0 };
    const char *path = temporary_path("network.h5");
    CU_ASSERT_EQUAL_FATAL(traced_network_write(path, &err), OK);
    open_gallery(gallery, path);
}

static const enum view_pane mine[] = { PANE_MAP, PANE_RATES, PANE_HISTOGRAM,
                                       PANE_ENERGY, PANE_TRACE };
enum { MINE = sizeof mine / sizeof mine[0] };

static const int sizes[][2] = { { 0, 0 },    { 1, 1 },     { 3, 90 },    { 17, 5 },
                                { 60, 30 },  { 130, 75 },  { 300, 220 }, { 500, 40 },
                                { 90, 400 }, { 1200, 300 } };

static void check_bounds(struct gallery *gallery)
{
    static const struct palette *const palettes[] = { &palette_light, &palette_dark,
                                                      &palette_colour_blind };
    for (size_t size = 0; size < sizeof sizes / sizeof sizes[0]; size++)
        for (int i = 0; i < 3 * MINE; i++) {
            struct image image;
            gallery->stage.palette = palettes[i % 3];
            bool is_clean = draw(gallery, panes[mine[i / 3]], sizes[size][0],
                                 sizes[size][1], &image);
            if (!is_clean)
                printf("\n    %s in %d x %d draws outside", panes[mine[i / 3]]->name,
                       sizes[size][0], sizes[size][1]);
            CU_ASSERT_TRUE(is_clean);
            image_release(&image);
        }
}

static void nothing_is_drawn_outside(void)
{
    struct gallery gallery;
    static const uint64_t tokens[] = { 0, 1, TOKENS };
    for (int i = 0; i < 3; i++) {
        make_model(&gallery, tokens[i]);
        check_bounds(&gallery);
        gallery.view.selection = (struct selection){ 0, 1, 70, tokens[i] ? 0 : -1 };
        check_bounds(&gallery);
        close_gallery(&gallery);
    }
    make_network(&gallery);
    check_bounds(&gallery);
    gallery.view.selection = (struct selection){ -1, 0, 2, 3 };
    gallery.view.first_step = 0.25 * gallery.view.steps;
    gallery.view.steps /= 100;
    check_bounds(&gallery);
    close_gallery(&gallery);
}

/* Whatever is found lies in the recording, and is said in words. */
static void check_findings(struct gallery *gallery, enum view_pane which)
{
    struct canvas canvas;
    struct image image;
    const struct box box = { MARGIN, MARGIN, 400, 240 };
    const struct scene *scene = &gallery->scene;
    size_t found = 0;
    draw(gallery, panes[which], box.width, box.height, &image);
    canvas_on_image(&canvas, &image, gallery->font);
    for (int y = 0; y < (int)image.height; y += 7)
        for (int x = 0; x < (int)image.width; x += 7) {
            struct finding finding = { 0 };
            if (!panes[which]->find(&gallery->stage, 0, &canvas, box, x, y, &finding))
                continue;
            found++;
            CU_ASSERT_TRUE(box_holds(box, x, y));
            CU_ASSERT_TRUE(strlen(finding.text) > 0);
            CU_ASSERT_TRUE(finding.selection.population <
                           (int32_t)scene->recording.populations);
            CU_ASSERT_TRUE(finding.selection.neuron < (int64_t)scene->rows);
            CU_ASSERT_TRUE(finding.selection.token < (int64_t)scene->tokens);
        }
    CU_ASSERT_TRUE(found > 0 || !panes[which]->has(scene));
    image_release(&image);
}

static void finds_are_of_the_recording(void)
{
    struct gallery gallery;
    make_model(&gallery, TOKENS);
    for (int i = 0; i < MINE; i++)
        check_findings(&gallery, mine[i]);
    close_gallery(&gallery);
    make_network(&gallery);
    for (int i = 0; i < MINE; i++)
        check_findings(&gallery, mine[i]);
    close_gallery(&gallery);
}

static double brightness(uint32_t colour)
{
    return 0.2126 * (colour >> 16 & 255) + 0.7152 * (colour >> 8 & 255) +
           0.0722 * (colour & 255);
}

static uint32_t middle_of(const struct image *image, struct box tile)
{
    return image->pixel[(size_t)(tile.y + tile.height / 2) * image->width +
                        (size_t)(tile.x + tile.width / 2)];
}

/* The tiles of a map of 400 x 200 pixels, by asking at every pixel. */
static void find_tiles(const struct gallery *gallery, struct image *image,
                       struct box tile[4])
{
    struct canvas canvas;
    const struct box box = { MARGIN, MARGIN, 400, 200 };
    canvas_on_image(&canvas, image, gallery->font);
    memset(tile, 0, 4 * sizeof *tile);
    for (int y = 0; y < (int)image->height; y++)
        for (int x = 0; x < (int)image->width; x++) {
            struct finding finding;
            if (!panes[PANE_MAP]->find(&gallery->stage, 0, &canvas, box, x, y,
                                       &finding))
                continue;
            struct box *own = &tile[finding.selection.population];
            if (own->width == 0)
                *own = (struct box){ x, y, 1, 1 };
            own->width = x - own->x + 1 > own->width ? x - own->x + 1 : own->width;
            own->height = y - own->y + 1;
        }
}

/* More spikes glow brighter, and as many glow the same. */
static void the_map_glows_with_the_rate(void)
{
    struct gallery gallery;
    struct image image, again;
    make_model(&gallery, TOKENS);
    double before = -1;
    for (int i = 0; i <= 50; i++) {
        double now = brightness(glow_colour((float)i / 50));
        CU_ASSERT_TRUE(now > before);
        before = now;
    }
    struct scene_cell *cell =
        gallery.scene.cell +
        4 * scene_token_at(&gallery.scene, gallery.view.playback.step);
    gallery.scene.peak_rate = 0.5f;
    for (int i = 0; i < 4; i++) { /* of 60, 123, 60 and 61 neurons */
        cell[i].steps = 10;
        cell[i].spikes = i == 1 ? 100 : 200;
    }
    CU_ASSERT_TRUE(draw(&gallery, panes[PANE_MAP], 400, 200, &image));
    CU_ASSERT_TRUE(draw(&gallery, panes[PANE_MAP], 400, 200, &again));
    CU_ASSERT_EQUAL(memcmp(image.pixel, again.pixel,
                           4 * (size_t)image.width * image.height),
                    0);
    struct box tile[4];
    find_tiles(&gallery, &image, tile);
    CU_ASSERT_EQUAL(middle_of(&image, tile[0]), middle_of(&image, tile[2]));
    CU_ASSERT_TRUE(brightness(middle_of(&image, tile[0])) >
                   brightness(middle_of(&image, tile[1])));
    image_release(&image);
    image_release(&again);
    close_gallery(&gallery);
}

CU_TestInfo pane_tests[] = {
    { "nothing is drawn outside a pane's box", nothing_is_drawn_outside },
    { "what is found lies in the recording", finds_are_of_the_recording },
    { "the map glows with the rate", the_map_glows_with_the_rate },
    CU_TEST_INFO_NULL,
};
