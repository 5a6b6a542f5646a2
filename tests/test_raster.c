/* Pictures of recordings that are written here. */
#include "sim/recording.h"
#include "tests/suites.h"
#include "tests/synthetic_recording.h"
#include "tests/temporary_path.h"
#include "viz/stroke_text.h"
#include "viz/raster.h"

#include <math.h>
#include <png.h>
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
    double log_probability = NAN;
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

/* Writes a recording and opens it. */
static void record(struct recording *recording, uint32_t tokens, spike_source *source)
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
    const char *path = temporary_path("raster.h5");
    CU_ASSERT_EQUAL_FATAL(recording_create(&writer, path, &plan, &err), OK);
    for (uint32_t token = 0; token < tokens; token++)
        CU_ASSERT_EQUAL_FATAL(append_token(writer, token, source, &err), OK);
    CU_ASSERT_EQUAL_FATAL(recording_close(writer, RECORDING_FINISHED, "", &err), OK);
    CU_ASSERT_EQUAL_FATAL(recording_open(recording, path, &err), OK);
}

static bool is_spike(uint32_t pixel)
{
    int red = pixel >> 16 & 255, blue = pixel & 255;
    return abs(red - blue) > 20; /* the ground of the plot is grey */
}

static bool shows_in_column(const struct image *image, const struct raster_frame *frame,
                            uint32_t column)
{
    for (uint32_t y = frame->y; y < frame->y + frame->height; y++)
        if (is_spike(image->pixel[(size_t)y * image->width + frame->x + column]))
            return true;
    return false;
}

/* Over 1000 tokens a step is a fraction of a pixel, of 8 a wide bar. */
static void a_lone_spike_shows_at_every_zoom(void)
{
    static const uint64_t ranges[][2] = {
        { 0, 1000 }, { 0, 998 }, { 500, 500 }, { 990, 10 }, { 997, 1 }, { 997, 3 },
    };
    struct recording recording;
    record(&recording, 1000, alone);
    for (size_t i = 0; i < sizeof ranges / sizeof ranges[0]; i++) {
        struct raster_settings settings = { .width = 500,
                                            .height = 400,
                                            .first_token = ranges[i][0],
                                            .tokens = ranges[i][1] };
        struct raster_frame frame;
        struct image image;
        struct error err = { 0 };
        CU_ASSERT_EQUAL_FATAL(raster_draw(&image, &recording, &settings, &frame, &err),
                              OK);
        double step = (double)((997 - ranges[i][0]) * STEPS + 3);
        uint32_t expected = (uint32_t)(step * frame.width / (double)frame.steps);
        unsigned columns = 0;
        for (uint32_t column = 0; column < frame.width; column++)
            columns += shows_in_column(&image, &frame, column);
        CU_ASSERT_TRUE(shows_in_column(&image, &frame, expected));
        CU_ASSERT(columns >= 1 && columns <= frame.width / frame.steps + 1);
        image_release(&image);
    }
    recording_close_reader(&recording);
}

static void every_step_with_a_spike_shows(void)
{
    struct recorded_spike spike[STEPS * NEURONS];
    struct raster_settings settings = { .width = 700, .height = 400 };
    struct recording recording;
    struct raster_frame frame;
    struct image image;
    struct error err = { 0 };
    record(&recording, 40, busy);
    CU_ASSERT_EQUAL_FATAL(raster_draw(&image, &recording, &settings, &frame, &err), OK);
    CU_ASSERT_EQUAL(frame.steps, 40 * STEPS);
    for (uint32_t token = 0; token < 40; token++) {
        size_t count = busy(token, spike);
        for (size_t i = 0; i < count; i++) {
            uint64_t step = token * STEPS + spike[i].step;
            if (spike[i].node >= 40) /* layer 0 is not drawn */
                CU_ASSERT_TRUE(
                    shows_in_column(&image, &frame,
                                    (uint32_t)(step * frame.width / frame.steps)));
        }
    }
    image_release(&image);
    recording_close_reader(&recording);
}

static void silence_and_nothing_are_pictures_too(void)
{
    for (uint32_t tokens = 0; tokens <= 7; tokens += 7) {
        struct raster_settings settings = { .dark = tokens > 0 };
        struct recording recording;
        struct image image;
        struct error err = { 0 };
        record(&recording, tokens, silent);
        CU_ASSERT_EQUAL_FATAL(raster_draw(&image, &recording, &settings, NULL, &err),
                              OK);
        CU_ASSERT(image.width == 1600 && image.height == 1000);
        image_release(&image);
        recording_close_reader(&recording);
    }
}

static void wrong_settings_are_refused(void)
{
    static const char *const unknown[] = { "head", "L07", NULL };
    static const struct raster_settings wrong[] = {
        { .population = unknown },
        { .first_token = 4 },
        { .width = 90, .height = 90 },
        { .width = 100000, .height = 100 },
    };
    struct recording recording;
    record(&recording, 4, busy);
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        struct image image;
        struct error err = { 0 };
        CU_ASSERT_EQUAL(raster_draw(&image, &recording, &wrong[i], NULL, &err),
                        ERR_ARGUMENT);
        CU_ASSERT_PTR_NULL(image.pixel);
        CU_ASSERT(strlen(err.text) > 0);
    }
    recording_close_reader(&recording);
}

static bool read_png(const char *path, png_image *png, unsigned char **bytes)
{
    *png = (png_image){ .version = PNG_IMAGE_VERSION };
    *bytes = NULL;
    if (!png_image_begin_read_from_file(png, path))
        return false;
    png->format = PNG_FORMAT_RGB;
    *bytes = malloc(PNG_IMAGE_SIZE(*png));
    return *bytes && png_image_finish_read(png, NULL, *bytes, 0, NULL);
}

/* Written as PNG and read back; compared with a tolerance for other libms' sines. */
static void the_picture_is_the_golden_one(void)
{
    static const char *const chosen[] = { "ffn_down", "head", NULL };
    struct raster_settings settings = { .width = 640,
                                        .height = 400,
                                        .population = chosen };
    struct recording recording;
    struct image image;
    struct error err = { 0 };
    png_image png[2];
    unsigned char *bytes[2];
    record(&recording, 12, busy);
    CU_ASSERT_EQUAL_FATAL(raster_draw(&image, &recording, &settings, NULL, &err), OK);
    CU_ASSERT_EQUAL_FATAL(image_write_png(&image, "build/raster.png", &err), OK);
    CU_ASSERT_TRUE_FATAL(read_png("build/raster.png", &png[0], &bytes[0]));
    CU_ASSERT_TRUE_FATAL(read_png("tests/golden/raster.png", &png[1], &bytes[1]));
    CU_ASSERT_FATAL(png[0].width == png[1].width && png[0].height == png[1].height);
    int most = 0;
    for (size_t i = 0; i < PNG_IMAGE_SIZE(png[0]); i++)
        most = abs(bytes[0][i] - bytes[1][i]) > most ? abs(bytes[0][i] - bytes[1][i])
                                                     : most;
    CU_ASSERT(most <= 2);
    if (most > 2)
        printf("    build/raster.png differs from tests/golden/raster.png; if that was "
               "meant, copy it there\n");
    free(bytes[0]);
    free(bytes[1]);
    image_release(&image);
    recording_close_reader(&recording);
}

static void a_png_that_cannot_be_written_is_an_error(void)
{
    struct image image;
    struct error err = { 0 };
    CU_ASSERT_EQUAL_FATAL(image_create(&image, 4, 4, &err), OK);
    CU_ASSERT_EQUAL(image_write_png(&image, "build/no/such/folder.png", &err), ERR_IO);
    CU_ASSERT_PTR_NOT_NULL(strstr(err.text, "build/no/such/folder.png"));
    image_release(&image);
}

static void text_is_cut_between_characters(void)
{
    struct pen pen = { .cap_height = 7 };
    const char *text = "a\u00e9\u2026\xff";
    CU_ASSERT_EQUAL(stroke_fit(&pen, text, strlen(text), 1000), strlen(text));
    for (float width = 0; width < 40; width++) {
        size_t fits = stroke_fit(&pen, text, strlen(text), width);
        CU_ASSERT(fits == 0 || fits == 1 || fits == 3 || fits == 6 || fits == 7);
        CU_ASSERT(stroke_width(&pen, text, fits) <= width);
    }
}

CU_TestInfo raster_tests[] = {
    { "a lone spike shows at every zoom", a_lone_spike_shows_at_every_zoom },
    { "every step with a spike shows", every_step_with_a_spike_shows },
    { "silence and nothing are pictures too", silence_and_nothing_are_pictures_too },
    { "wrong settings are refused", wrong_settings_are_refused },
    { "the picture is the golden one", the_picture_is_the_golden_one },
    { "a png that cannot be written is an error",
      a_png_that_cannot_be_written_is_an_error },
    { "text is cut between characters", text_is_cut_between_characters },
    CU_TEST_INFO_NULL,
};
