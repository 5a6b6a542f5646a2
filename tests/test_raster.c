/* The raster and the words of recordings that are written here. */
#include "sim/recording.h"
#include "tests/golden_picture.h"
#include "tests/suites.h"
#include "tests/temporary_path.h"
#include "viz/pane.h"
#include "viz/raster_plot.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { STEPS = 5, POPULATIONS = 4, NEURONS = 96 };

static const struct population_info populations[POPULATIONS] = {
    { .name = "L00.ffn_down",
      .role = "ffn_down",
      .layer = 0,
      .size = 40,
      .channels = 40,
      .neuron = "if",
      .encoder = "bitwise" },
    { .name = "L01.attn_in",
      .role = "attn_in",
      .layer = 1,
      .first_node = 40,
      .first_channel = 40,
      .size = 16,
      .channels = 16 },
    { .name = "L01.ffn_down",
      .role = "ffn_down",
      .layer = 1,
      .first_node = 56,
      .first_channel = 56,
      .size = 24,
      .channels = 24 },
    { .name = "head",
      .role = "head",
      .layer = -1,
      .first_node = 80,
      .first_channel = 80,
      .size = 16,
      .channels = 16 },
};

/* Spikes of a token into `spike`, rising by step and node; returns how many. */
typedef size_t spike_source(uint32_t token, struct recorded_spike *spike);

static size_t busy(uint32_t token, struct recorded_spike *spike)
{
    size_t count = 0;
    for (uint32_t step = 0; step < STEPS; step++)
        for (uint32_t node = 0; node < NEURONS; node++)
            if ((token * 31 + step * 17 + node * node * 7) % 23 <= step)
                spike[count++] = (struct recorded_spike){
                    node, step, (node % 3 == 0 ? -1 : 1) * (1 << (STEPS - 1 - step))
                };
    return count;
}

static size_t alone(uint32_t token, struct recorded_spike *spike)
{
    spike[0] = (struct recorded_spike){ 61, 3, 1 };
    return token == 997;
}

static size_t silent(uint32_t token, struct recorded_spike *spike)
{
    (void)token;
    (void)spike;
    return 0;
}

static enum error_code append_token(struct recording_writer *writer, uint32_t token,
                                    spike_source *source, struct error *err)
{
    static const char *const words[] = { "Once", " upon", " a", " time", "\n" };
    struct recorded_spike spike[STEPS * NEURONS];
    struct site_counters site[POPULATIONS] = { 0 };
    struct host_cost host = { 0 };
    const char *word = words[token % 5];
    int32_t id = (int32_t)token;
    unsigned char kind = token < 3 ? TOKEN_PROMPT : TOKEN_GENERATED;
    uint32_t sequence = 0, steps = STEPS;
    double log_probability = (double)NAN;
    uint64_t text_length = strlen(word), spikes = source(token, spike);
    for (int i = 0; i < POPULATIONS; i++)
        site[i].n[COUNT_SILENT] = populations[i].channels / 4;
    struct token_batch batch = {
        .tokens = 1,
        .id = &id,
        .kind = &kind,
        .sequence = &sequence,
        .position = &token,
        .steps = &steps,
        .log_probability = &log_probability,
        .text = word,
        .text_length = &text_length,
        .site = site,
        .host = &host,
        .spike = spike,
        .spike_length = &spikes,
    };
    return recording_append(writer, &batch, err);
}

/* Writes a recording of so many tokens. */
static const char *record(const char *name, uint32_t tokens, spike_source *source)
{
    static char config[] = "k = 3\n", command[] = "test";
    struct error err = { 0 };
    struct recording_writer *writer = NULL;
    struct recording_plan plan = {
        .info = { .model = "tiny.gguf",
                  .command = command,
                  .config = config,
                  .dt_ms = 1,
                  .sequences = 1 },
        .population = populations,
        .populations = POPULATIONS,
        .neurons = NEURONS,
        .channels = NEURONS,
        .spikes = true,
    };
    const char *path = temporary_path(name);
    CU_ASSERT_EQUAL_FATAL(recording_create(&writer, path, &plan, &err), OK);
    for (uint32_t token = 0; token < tokens; token++)
        CU_ASSERT_EQUAL_FATAL(append_token(writer, token, source, &err), OK);
    CU_ASSERT_EQUAL_FATAL(recording_close(writer, RECORDING_FINISHED, "", &err), OK);
    return path;
}

/* One or two recordings with a picture that panes are drawn in. */
struct wall {
    struct scene scene[2];
    struct spike_index *index[2];
    struct stack stack[2];
    struct view_state view;
    struct font *font;
    struct stage stage;
    struct image image;
    struct canvas canvas;
    struct box box;
};

static void hang(struct wall *wall, unsigned which, const char *path,
                 const char *const *name)
{
    struct error err = { 0 };
    const struct stack_filter filter = { name, -1, -1 };
    CU_ASSERT_EQUAL_FATAL(scene_open(&wall->scene[which], path, &err), OK);
    CU_ASSERT_EQUAL_FATAL(spike_index_open(&wall->index[which], &wall->scene[which],
                                           true, &err),
                          OK);
    CU_ASSERT_EQUAL_FATAL(stack_build(&wall->stack[which], &wall->scene[which], &filter,
                                      &err),
                          OK);
    wall->stage.exhibit[which] = (struct exhibit){ .scene = &wall->scene[which],
                                                   .index = wall->index[which],
                                                   .stack = &wall->stack[which],
                                                   .view = &wall->view };
    wall->stage.exhibits = which + 1;
}

static struct wall *wall_create(const char *path, const char *const *name, int width,
                                int height)
{
    struct error err = { 0 };
    struct wall *wall = calloc(1, sizeof *wall);
    CU_ASSERT_PTR_NOT_NULL_FATAL(wall);
    wall->view.selection = (struct selection){ -1, -1, -1, -1 };
    wall->stage.view = &wall->view;
    wall->stage.palette = &palette_light;
    wall->stage.cap = 7;
    CU_ASSERT_EQUAL_FATAL(font_open(&wall->font, &err), OK);
    CU_ASSERT_EQUAL_FATAL(image_create(&wall->image, (uint32_t)width, (uint32_t)height,
                                       &err),
                          OK);
    canvas_on_image(&wall->canvas, &wall->image, wall->font);
    wall->box = (struct box){ 0, 0, width, height };
    hang(wall, 0, path, name);
    wall->view.steps = (double)scene_end(&wall->scene[0]);
    wall->view.units = wall->stack[0].units;
    return wall;
}

static void wall_free(struct wall *wall)
{
    for (unsigned which = 0; which < wall->stage.exhibits; which++) {
        stack_release(&wall->stack[which]);
        spike_index_close(wall->index[which]);
        scene_release(&wall->scene[which]);
    }
    canvas_release(&wall->canvas);
    image_release(&wall->image);
    font_close(wall->font);
    free(wall);
}

static void draw(struct wall *wall, enum view_pane pane)
{
    struct error err = { 0 };
    canvas_fill(&wall->canvas, wall->canvas.clip, wall->stage.palette->page);
    CU_ASSERT_EQUAL(panes[pane]->draw(&wall->stage, 0, &wall->canvas, wall->box, &err),
                    OK);
    CU_ASSERT_EQUAL(wall->canvas.error.code, OK);
}

static struct raster_plot plot_of(struct wall *wall)
{
    struct raster_plot plot;
    CU_ASSERT_TRUE(raster_plot_init(&plot, &wall->stage, 0, &wall->canvas, wall->box));
    return plot;
}

static bool is_spike(uint32_t pixel)
{
    int red = pixel >> 16 & 255, blue = pixel & 255;
    return abs(red - blue) > 20; /* the ground of the plot is grey */
}

static bool shows_in_column(const struct wall *wall, struct box area, int column)
{
    for (int y = area.y; y < area.y + area.height; y++)
        if (is_spike(wall->image.pixel[(size_t)y * wall->image.width +
                                       (size_t)(area.x + column)]))
            return true;
    return false;
}

/* From a fraction of a pixel for a step to half of the picture, and neurons likewise. */
static void a_lone_spike_shows_at_every_zoom(void)
{
    static const double ranges[][2] = { { 0, 5000 },    { 0, 4990 },   { 2500, 2500 },
                                        { 4950, 50 },   { 4985, 5 },   { 4985, 15 },
                                        { 4987.4, 2 },  { 4987, 2.5 }, { 4911.3, 89 },
                                        { 1.7, 4998.2 } };
    static const double heights[] = { 1, 0.5, 0.1, 0.03 };
    struct wall *wall = wall_create(record("lone.h5", 1000, alone), NULL, 500, 400);
    double bottom, each;
    CU_ASSERT_TRUE(
        stack_node_units(&wall->stack[0], &wall->scene[0], 61, &bottom, &each));
    for (size_t i = 0; i < sizeof ranges / sizeof ranges[0]; i++) {
        wall->view.first_step = ranges[i][0];
        wall->view.steps = ranges[i][1];
        for (size_t j = 0; j < sizeof heights / sizeof heights[0]; j++) {
            wall->view.units = wall->stack[0].units * heights[j];
            wall->view.first_unit = fmax(0, bottom + each / 2 - wall->view.units * 0.4);
            draw(wall, PANE_RASTER);
            struct box area = plot_of(wall).bands;
            double at = (4988 - ranges[i][0]) / ranges[i][1] * area.width;
            double wide = area.width / ranges[i][1];
            int columns = 0, nearest = area.width;
            for (int column = 0; column < area.width; column++)
                if (shows_in_column(wall, area, column)) {
                    int away = abs(column - (int)at);
                    nearest = away < nearest ? away : nearest;
                    columns++;
                }
            CU_ASSERT(columns >= 1 && columns <= wide + 2);
            CU_ASSERT(nearest <= 1); /* whole pixels of a field of whole steps */
        }
    }
    wall_free(wall);
}

static void every_step_with_a_spike_shows(void)
{
    struct recorded_spike spike[STEPS * NEURONS];
    struct wall *wall = wall_create(record("busy.h5", 40, busy), NULL, 700, 400);
    draw(wall, PANE_RASTER);
    struct raster_plot plot = plot_of(wall);
    CU_ASSERT_EQUAL(plot.steps, 40 * STEPS);
    for (uint32_t token = 0; token < 40; token++) {
        size_t count = busy(token, spike);
        for (size_t i = 0; i < count; i++) {
            uint64_t step = token * STEPS + spike[i].step;
            CU_ASSERT_TRUE(shows_in_column(
                wall, plot.bands,
                (int)((step * (uint64_t)plot.bands.width) / plot.steps + 1)));
        }
    }
    wall_free(wall);
}

/* Spikes come with their worths, silent neurons keep their rows. */
static void a_close_look_shows_each_spike(void)
{
    struct recorded_spike spike[STEPS * NEURONS];
    struct wall *wall = wall_create(record("close.h5", 12, busy), NULL, 700, 500);
    wall->view.first_step = 3 * STEPS;
    wall->view.steps = STEPS;
    wall->view.units = 12;
    draw(wall, PANE_RASTER);
    struct raster_plot plot = plot_of(wall);
    struct spike_band band[POPULATIONS];
    uint32_t bands = raster_plot_bands(&plot, band);
    CU_ASSERT_EQUAL_FATAL(bands, 1);
    size_t count = busy(3, spike);
    for (uint64_t node = band[0].first_node; node < band[0].first_node + 12; node++)
        for (uint32_t step = 0; step < STEPS; step++) {
            bool has_spike = false;
            for (size_t i = 0; i < count; i++)
                has_spike =
                    has_spike || (spike[i].node == node && spike[i].step == step);
            struct box cell = raster_plot_cell(&plot, band, 3 * STEPS + step, node);
            CU_ASSERT(cell.width > 60 && cell.height > 10);
            size_t at = (size_t)(cell.y + 2) * wall->image.width + (size_t)cell.x + 2;
            CU_ASSERT_EQUAL(is_spike(wall->image.pixel[at]), has_spike);
        }
    CU_ASSERT_TRUE(golden_matches(&wall->image, "raster_close.png"));
    wall_free(wall);
}

static void silence_and_nothing_are_pictures_too(void)
{
    for (uint32_t tokens = 0; tokens <= 7; tokens += 7) {
        struct wall *wall =
            wall_create(record("silent.h5", tokens, silent), NULL, 640, 400);
        wall->stage.palette = tokens ? &palette_dark : &palette_light;
        draw(wall, PANE_RASTER);
        draw(wall, PANE_TEXT);
        wall_free(wall);
    }
}

/* Down to nothing: what has no room is left out, and the rest of the picture stays. */
static void small_boxes_are_kept_to(void)
{
    struct wall *wall = wall_create(record("small.h5", 9, busy), NULL, 420, 330);
    struct error err = { 0 };
    struct finding finding;
    for (int size = 0; size < 300; size += 7) {
        wall->box = (struct box){ 60, 15, size, size * 3 / 4 };
        draw(wall, PANE_RASTER);
        CU_ASSERT_EQUAL(panes[PANE_TEXT]->draw(&wall->stage, 0, &wall->canvas,
                                               wall->box, &err),
                        OK);
        bool is_clean = true;
        for (int y = 0; y < 330; y++)
            for (int x = 0; x < 420; x++) {
                bool is_in =
                    x >= 60 && x < 60 + size && y >= 15 && y < 15 + size * 3 / 4;
                is_clean = is_clean && (is_in || wall->image.pixel[y * 420 + x] ==
                                                     wall->stage.palette->page);
            }
        CU_ASSERT_TRUE(is_clean);
        for (int y = 0; y < 330; y += 11)
            panes[PANE_RASTER]->find(&wall->stage, 0, &wall->canvas, wall->box, 70, y,
                                     &finding);
    }
    wall_free(wall);
}

static void unknown_names_are_refused(void)
{
    static const char *const unknown[] = { "head", "L07", NULL };
    const struct stack_filter filter = { unknown, -1, -1 };
    struct wall *wall = wall_create(record("names.h5", 4, busy), NULL, 100, 100);
    struct stack stack;
    struct error err = { 0 };
    CU_ASSERT_EQUAL(stack_build(&stack, &wall->scene[0], &filter, &err), ERR_ARGUMENT);
    CU_ASSERT_PTR_NULL(stack.band);
    CU_ASSERT_PTR_NOT_NULL(strstr(err.text, "'L07'"));
    wall_free(wall);
}

static void names_layers_and_roles_choose_bands(void)
{
    static const char *const role[] = { "ffn_down", NULL };
    static const struct {
        struct stack_filter filter;
        uint32_t bands, first;
    } cases[] = {
        { { NULL, -1, -1 }, 4, 0 }, { { role, -1, -1 }, 2, 0 },
        { { NULL, 1, -1 }, 2, 1 },  { { NULL, 1, 3 }, 1, 3 },
        { { role, 1, -1 }, 2, 1 },
    };
    struct wall *wall = wall_create(record("filter.h5", 2, busy), NULL, 100, 100);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct stack stack;
        struct error err = { 0 };
        CU_ASSERT_EQUAL_FATAL(stack_build(&stack, &wall->scene[0], &cases[i].filter,
                                          &err),
                              OK);
        CU_ASSERT_EQUAL_FATAL(stack.bands, cases[i].bands);
        CU_ASSERT_EQUAL(stack.band[0].population, cases[i].first);
        stack_release(&stack);
    }
    wall_free(wall);
}

static void heights_and_neurons_are_inverses(void)
{
    struct wall *wall = wall_create(record("heights.h5", 2, busy), NULL, 300, 200);
    const struct stack *stack = &wall->stack[0];
    for (uint64_t node = 0; node < NEURONS; node++) {
        double bottom, each;
        uint64_t found;
        CU_ASSERT_TRUE(stack_node_units(stack, &wall->scene[0], node, &bottom, &each));
        CU_ASSERT_TRUE(
            stack_node_at(stack, &wall->scene[0], bottom + each / 2, &found));
        CU_ASSERT_EQUAL(found, node);
        CU_ASSERT(bottom >= 0 && bottom + each <= stack->units + 1e-9);
    }
    for (uint32_t rows = 1; rows < 90; rows += 8) { /* bands cover what is in sight */
        struct spike_band band[POPULATIONS];
        uint32_t bands =
            stack_bands(stack, &wall->scene[0], 0, stack->units, rows, band);
        CU_ASSERT_EQUAL(bands, POPULATIONS);
        for (uint32_t i = 0; i < bands; i++)
            CU_ASSERT(band[i].height > 0 && band[i].top + band[i].height <= rows &&
                      band[i].neurons == populations[i].size);
    }
    wall_free(wall);
}

static void the_pointer_finds_what_is_drawn(void)
{
    struct wall *wall = wall_create(record("found.h5", 12, busy), NULL, 700, 500);
    struct raster_plot plot = plot_of(wall);
    struct spike_band band[POPULATIONS];
    uint32_t bands = raster_plot_bands(&plot, band);
    for (uint32_t i = 0; i < bands; i++) {
        struct finding found;
        uint64_t node = band[i].first_node + band[i].neurons / 2;
        struct box cell = raster_plot_cell(&plot, &band[i], 4 * STEPS + 2, node);
        int x = cell.x + cell.width / 2, y = cell.y + cell.height / 2;
        CU_ASSERT_TRUE(panes[PANE_RASTER]->find(&wall->stage, 0, &wall->canvas,
                                                wall->box, x, y, &found));
        CU_ASSERT_EQUAL(found.selection.neuron, (int64_t)node);
        CU_ASSERT_EQUAL(found.selection.token, 4);
        CU_ASSERT_EQUAL(found.selection.population, (int32_t)i);
        CU_ASSERT_EQUAL(floor(found.step), 4 * STEPS + 2);
        CU_ASSERT_PTR_NOT_NULL(strstr(found.text, populations[i].name));
    }
    wall_free(wall);
}

static size_t shifted(uint32_t token, struct recorded_spike *spike)
{
    size_t count = busy(token, spike);
    for (size_t i = 0; i < count; i++)
        spike[i].worth = spike[i].node % 5 == 0 ? -spike[i].worth : spike[i].worth;
    size_t kept = 0;
    for (size_t i = 0; i < count; i++)
        if (spike[i].node % 7 != 0)
            spike[kept++] = spike[i];
    return kept;
}

static bool is_like(uint32_t pixel, uint32_t colour)
{
    for (unsigned shift = 0; shift < 24; shift += 8)
        if (abs((int)(pixel >> shift & 255) - (int)(colour >> shift & 255)) > 60)
            return false;
    return true;
}

static void a_difference_says_who_fired(void)
{
    struct wall *wall = wall_create(record("first.h5", 12, busy), NULL, 700, 500);
    struct recorded_spike spike[STEPS * NEURONS];
    const struct palette *palette = wall->stage.palette;
    hang(wall, 1, record("second.h5", 10, shifted), NULL);
    wall->view.compare = COMPARE_DIFFERENCE;
    wall->view.first_step = 2 * STEPS;
    wall->view.steps = STEPS;
    draw(wall, PANE_RASTER);
    struct raster_plot plot = plot_of(wall);
    struct spike_band band[POPULATIONS];
    raster_plot_bands(&plot, band);
    size_t count = busy(2, spike);
    for (size_t i = 0; i < count; i++) {
        const struct spike_band *own = band;
        while (spike[i].node >= own->first_node + own->neurons)
            own++;
        struct box cell =
            raster_plot_cell(&plot, own, 2 * STEPS + spike[i].step, spike[i].node);
        size_t at = (size_t)(cell.y + cell.height / 2) * wall->image.width +
                    (size_t)(cell.x + cell.width / 2);
        bool is_strong = spike[i].step == 0; /* of full colour */
        uint32_t colour = spike[i].node % 7 == 0   ? palette->excited
                          : spike[i].node % 5 == 0 ? palette->opposed
                                                   : palette->both;
        CU_ASSERT(!is_strong || cell.height < 2 ||
                  is_like(wall->image.pixel[at], colour));
    }
    wall->view.first_step = 0;
    wall->view.steps = 12 * STEPS; /* two tokens that the second has not */
    draw(wall, PANE_RASTER);
    CU_ASSERT_TRUE(golden_matches(&wall->image, "raster_difference.png"));
    wall_free(wall);
}

static void the_picture_is_the_golden_one(void)
{
    static const char *const chosen[] = { "ffn_down", "head", NULL };
    struct wall *wall = wall_create(record("golden.h5", 12, busy), chosen, 640, 400);
    draw(wall, PANE_RASTER);
    CU_ASSERT_TRUE(golden_matches(&wall->image, "raster.png"));
    wall->view.selection = (struct selection){ 1, 2, 61, 5 };
    wall->stage.palette = &palette_dark;
    draw(wall, PANE_RASTER);
    CU_ASSERT_TRUE(golden_matches(&wall->image, "raster_selected.png"));
    wall_free(wall);
}

CU_TestInfo raster_tests[] = {
    { "a lone spike shows at every zoom", a_lone_spike_shows_at_every_zoom },
    { "every step with a spike shows", every_step_with_a_spike_shows },
    { "a close look shows each spike", a_close_look_shows_each_spike },
    { "silence and nothing are pictures too", silence_and_nothing_are_pictures_too },
    { "small boxes are kept to", small_boxes_are_kept_to },
    { "unknown names are refused", unknown_names_are_refused },
    { "names, layers and roles choose bands", names_layers_and_roles_choose_bands },
    { "heights and neurons are inverses", heights_and_neurons_are_inverses },
    { "the pointer finds what is drawn", the_pointer_finds_what_is_drawn },
    { "a difference says who fired", a_difference_says_who_fired },
    { "the picture is the golden one", the_picture_is_the_golden_one },
    CU_TEST_INFO_NULL,
};
