/* The forms in which weights are held: their names, 4-bit grids against the weights they
 * stand for, and what they fetch. Products of them: tests/test_kernel.c, test_dense.c and
 * test_spiking.c. */
#include "lm/block_format.h"
#include "lm/weight_fit.h"
#include "tests/suites.h"
#include "tests/weight_builder.h"

#include <gsl/gsl_randist.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

static void forms_have_names(void)
{
    struct weight_setting s = weight_setting_of("output");
    CU_ASSERT(s.format == &weights_int8 && s.group == 0);
    s = weight_setting_of("128");
    CU_ASSERT(s.format == &weights_int8 && s.group == 128);
    s = weight_setting_of("4bit");
    CU_ASSERT(s.format == &weights_int4 && s.group == 64);
    s = weight_setting_of("4bit:256");
    CU_ASSERT(s.format == &weights_int4 && s.group == 256);
    s = weight_setting_of("4bit:32:min");
    CU_ASSERT(s.format == &weights_int4_minimum && s.group == 32);
    s = weight_setting_of("4bit:min");
    CU_ASSERT(s.format == &weights_int4_minimum && s.group == 64);
}

static void forms_are_named_again(void)
{
    static const char *const form[] = {
        "output",  "128",      "1048576",  "4bit",
        "4bit:32", "4bit:256", "4bit:min", "4bit:32:min"
    };
    char text[WEIGHT_TEXT_ROOM];
    for (size_t f = 0; f < sizeof form / sizeof form[0]; f++) {
        const struct weight_setting setting = weight_setting_of(form[f]);
        weight_setting_text(&setting, text);
        CU_ASSERT_STRING_EQUAL(text, form[f]);
    }
    const struct weight_setting usual = weight_setting_of("4bit:064:min");
    weight_setting_text(&usual, text);
    CU_ASSERT_STRING_EQUAL(text, "4bit:min");
}

static void other_names_are_refused(void)
{
    static const char *const bad[] = { "",         "0",         "7",
                                       "outputs",  "4",         "4bits",
                                       "4bit:",    "4bit:15",   "4bit:257",
                                       "4bit:32:", "4bit:32:m", "4bit:32:min:",
                                       "64x",      "-64",       "99999999999999999999",
                                       " 64",      "1048577",   "4bit:32 min" };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct weight_setting setting;
        struct error err = { 0 };
        CU_ASSERT_EQUAL(weight_setting_read(&setting, bad[i], &err), ERR_ARGUMENT);
        CU_ASSERT_PTR_NOT_NULL(strstr(err.text, "4bit:N:min"));
    }
}

static void the_head_is_as_the_layers_unless_told(void)
{
    struct weight_plan plan;
    struct error err = { 0 };
    CU_ASSERT_EQUAL(weight_plan_read(&plan, "4bit", NULL, &err), OK);
    CU_ASSERT_PTR_EQUAL(weight_plan_get(&plan, true)->format, &weights_int4);
    CU_ASSERT_EQUAL(weight_plan_read(&plan, "4bit", "128", &err), OK);
    CU_ASSERT_PTR_EQUAL(weight_plan_get(&plan, true)->format, &weights_int8);
    CU_ASSERT_PTR_EQUAL(weight_plan_get(&plan, false)->format, &weights_int4);
    CU_ASSERT_EQUAL(weight_plan_read(&plan, NULL, NULL, &err), OK);
    CU_ASSERT_PTR_EQUAL(weight_plan_get(&plan, false)->format, &weights_int8);
}

static void bytes_are_counted_by_form(void)
{
    const struct weight_setting eight = weight_setting_of("128");
    const struct weight_setting four = weight_setting_of("4bit:128");
    const struct weight_setting least = weight_setting_of("4bit:32:min");
    CU_ASSERT_EQUAL(weight_row_bytes(&eight, 577), 577);
    CU_ASSERT_EQUAL(weight_row_bytes(&four, 577), 289);
    CU_ASSERT_EQUAL(weight_scale_bytes(&eight, 576, 100), 5 * 100 * 4);
    CU_ASSERT_EQUAL(weight_scale_bytes(&four, 576, 100), 100 * (4 + 5));
    CU_ASSERT_EQUAL(weight_scale_bytes(&least, 576, 100), 100 * (4 + 18 * 3));
    CU_ASSERT_EQUAL(weight_groups(&eight, 576), 5);
    CU_ASSERT_EQUAL(weight_groups(&four, 576), 1);
    CU_ASSERT_EQUAL(weight_group(&four, 576), 576);
    CU_ASSERT_EQUAL(weight_group(&eight, 50), 50);
    CU_ASSERT_EQUAL(weight_group_products(&eight, 576), 0);
    CU_ASSERT_EQUAL(weight_group_products(&four, 576), 5);
    CU_ASSERT_EQUAL(weight_group_products(&least, 576), 2 * 18);
}

/* What a packed file keeps is all there is of a matrix. */
static void parts_lie_side_by_side(void)
{
    enum { INPUTS = 100, OUTPUTS = 70, PADDED = 96, GROUPS = 4 };
    static const char *const form[] = { "output", "32", "4bit:32", "4bit:32:min" };
    static const size_t bytes[] = { 100 * 128 + 320, 100 * 128 + 1152,
                                    100 * 48 + GROUPS * PADDED + 320,
                                    100 * 48 + 3 * GROUPS * PADDED + 320 };
    for (size_t f = 0; f < sizeof form / sizeof form[0]; f++) {
        const struct weight_setting setting = weight_setting_of(form[f]);
        struct arena arena = { 0 };
        struct weight_matrix m;
        struct error err = { 0 };
        CU_ASSERT_EQUAL_FATAL(weight_matrix_allocate(&m, &arena, &setting, INPUTS,
                                                     OUTPUTS, &err),
                              OK);
        const void *const part[] = { m.weight, m.nibble, m.scale, m.whole_scale,
                                     m.centre };
        CU_ASSERT_EQUAL(m.bytes, bytes[f]);
        CU_ASSERT_EQUAL(m.bytes, weight_matrix_shape(&setting, INPUTS, OUTPUTS).bytes);
        CU_ASSERT_PTR_EQUAL(part[f < 2 ? 0 : 1], m.memory);
        for (size_t p = 0; p < sizeof part / sizeof part[0]; p++) {
            size_t at =
                part[p] ? (size_t)((const char *)part[p] - (char *)m.memory) : 0;
            CU_ASSERT(at < m.bytes && at % 64 == 0);
        }
        arena_free(&arena);
    }
    size_t all = 64;
    CU_ASSERT_PTR_NULL(weight_part(&all, &all, SIZE_MAX / 2, 2));
    CU_ASSERT_EQUAL(all, SIZE_MAX);
    CU_ASSERT_PTR_NULL(weight_part(&all, &all, 1, 1));
    CU_ASSERT_EQUAL(all, SIZE_MAX);
}

/* A sum over all inputs, each with a count of 8 bits, fits 32 bits. */
static void sums_of_4_bits_have_room(void)
{
    static const uint32_t inputs[] = { 1, 576, 8192, 11008, 28672, 100000 };
    static const char *const form[] = { "4bit:32", "4bit:32:min" };
    for (size_t i = 0; i < sizeof inputs / sizeof inputs[0]; i++)
        for (size_t f = 0; f < 2; f++) {
            const struct weight_setting setting = weight_setting_of(form[f]);
            const int32_t largest = setting.format->largest(inputs[i]);
            CU_ASSERT(largest >= (f ? 15 : 8) && largest <= (f ? 15 : 8) * 127);
            CU_ASSERT((int64_t)largest * 127 * inputs[i] <= INT32_MAX);
        }
}

static const struct fit_limits limits_of[] = { { 127, false }, { 127, true } };

static double squared_error(const struct weight_fit *fit, float unit,
                            const float *value, size_t count)
{
    double error = 0;
    for (size_t i = 0; i < count; i++) {
        int whole = fit->scale * (fit->whole[i] - 8) + fit->centre;
        error += pow((double)value[i] - (double)unit * whole, 2);
    }
    return error;
}

/* Fits the groups of an output and says what is lost in all. */
static double fit_output(const float *value, size_t count, size_t group,
                         bool has_minimum)
{
    const struct fit_limits *limits = &limits_of[has_minimum];
    const float unit = weight_fit_unit(value, count, group, limits);
    double error = 0;
    for (size_t first = 0; first < count; first += group) {
        struct weight_fit fit;
        size_t size = count - first < group ? count - first : group;
        bool has_room = true;
        weight_fit(&fit, kernel_find(NULL), value + first, size, unit, limits);
        for (size_t i = 0; i < size; i++) {
            int whole = fit.scale * (fit.whole[i] - 8) + fit.centre;
            has_room = has_room && fit.whole[i] >= 0 && fit.whole[i] <= 15 &&
                       abs(whole) <= (has_minimum ? 15 : 8) * limits->most;
        }
        CU_ASSERT(has_room && abs(fit.scale) <= limits->most);
        CU_ASSERT(has_minimum || fit.centre == 0);
        error += squared_error(&fit, unit, value + first, size);
    }
    return error;
}

/* Weights as files hold them, whose q come back; scale and minimum but for their
 * rounding: a unit is a 127th of the largest scale or less, and half of one is lost in
 * each. */
static void grids_are_found(void)
{
    enum { COUNT = 32, GROUPS = 6, TRIALS = 400 };
    gsl_rng *generator = gsl_rng_alloc(gsl_rng_mt19937);
    for (int trial = 0; trial < TRIALS; trial++) {
        bool has_minimum = trial % 2;
        const struct fit_limits *limits = &limits_of[has_minimum];
        float value[COUNT * GROUPS];
        int q[COUNT * GROUPS];
        for (size_t g = 0; g < GROUPS; g++) {
            float scale = (float)gsl_ran_flat(generator, 0.02, 0.1);
            float minimum = -scale * (float)gsl_ran_flat(generator, 5, 10);
            if (!has_minimum && trial % 4)
                scale = -scale;
            for (size_t i = g * COUNT; i < (g + 1) * COUNT; i++) {
                q[i] = (int)gsl_rng_uniform_int(generator, 16);
                q[i] = i % COUNT == 7 ? 0 : i % COUNT == 9 ? 15 : q[i];
                value[i] = has_minimum ? scale * (float)q[i] + minimum
                                       : scale * (float)(q[i] - 8);
            }
        }
        const float unit = weight_fit_unit(value, COUNT * GROUPS, COUNT, limits);
        CU_ASSERT(unit <= 0.1f / 127);
        bool is_same = true, is_close = true;
        for (size_t g = 0; g < GROUPS; g++) {
            struct weight_fit fit;
            const float *from = value + g * COUNT;
            weight_fit(&fit, kernel_find(NULL), from, COUNT, unit, limits);
            for (size_t i = 0; i < COUNT; i++) {
                int whole = fit.scale * (fit.whole[i] - 8) + fit.centre;
                is_same = is_same && fit.whole[i] == q[g * COUNT + i];
                is_close = is_close && fabsf(from[i] - unit * (float)whole) <
                                           (0.501f * 8 + 0.501f) * unit;
            }
        }
        CU_ASSERT(is_same && is_close);
    }
    gsl_rng_free(generator);
}

/* Against the widest grid, rounded to nearest: what formats without a search do. */
static double widest_error(const float *value, size_t count, bool has_minimum)
{
    double lowest = HUGE_VAL, highest = -HUGE_VAL, error = 0;
    for (size_t i = 0; i < count; i++) {
        lowest = fmin(lowest, (double)value[i]);
        highest = fmax(highest, (double)value[i]);
    }
    double scale = has_minimum ? (highest - lowest) / 15 : fmax(highest, -lowest) / 8;
    double centre = has_minimum ? lowest + 8 * scale : 0;
    double sign = !has_minimum && highest > -lowest ? -1 : 1;
    for (size_t i = 0; i < count; i++) {
        double c = fmin(rint(sign * ((double)value[i] - centre) / scale), 7);
        error += pow((double)value[i] - centre - sign * scale * c, 2);
    }
    return error;
}

static void fits_beat_the_widest_grid(void)
{
    enum { GROUPS = 5 };
    static const size_t counts[] = { 16, 32, 50, 64, 128, 256 };
    gsl_rng *generator = gsl_rng_alloc(gsl_rng_mt19937);
    for (size_t c = 0; c < sizeof counts / sizeof counts[0]; c++)
        for (int has_minimum = 0; has_minimum < 2; has_minimum++) {
            double fitted = 0, widest = 0, size = 0;
            for (int trial = 0; trial < 40; trial++) {
                float value[GROUPS * FIT_MOST];
                for (size_t i = 0; i < GROUPS * counts[c]; i++) {
                    value[i] = (float)gsl_ran_gaussian(generator, 0.05);
                    size += pow((double)value[i], 2);
                }
                fitted += fit_output(value, GROUPS * counts[c], counts[c], has_minimum);
                for (size_t g = 0; g < GROUPS; g++)
                    widest +=
                        widest_error(value + g * counts[c], counts[c], has_minimum);
            }
            CU_ASSERT(fitted < 0.95 * widest);
            /* The best even grid of 16 steps on a Gaussian: 0.0115 (Max 1960). */
            CU_ASSERT(fitted < 0.0125 * size);
        }
    gsl_rng_free(generator);
}

static void weights_without_a_scale_are_held(void)
{
    static const float alike[] = { 0, 0.1f, -3, 1e-9f, 1e-42f, 3e38f };
    for (size_t a = 0; a < sizeof alike / sizeof alike[0]; a++)
        for (int has_minimum = 0; has_minimum < 2; has_minimum++) {
            float value[40];
            for (size_t i = 0; i < 40; i++)
                value[i] = alike[a];
            double each = fit_output(value, 40, 32, has_minimum) / 40;
            /* Rounding to floats: 6e-8; below the smallest normal one, nothing. */
            CU_ASSERT(sqrt(each) <= 1e-6 * fabs((double)alike[a]) + 2e-38);
        }
    const float large[2] = { 3e38f, -3e38f };
    CU_ASSERT(isinf(weight_fit_unit(large, 2, 2, &limits_of[true])));
    CU_ASSERT(isfinite(weight_fit_unit(large, 2, 2, &limits_of[false])));
}

/* One tensor per form of block, cut so that tiles of the site span tensors. */
static void blocks_of_a_file_are_kept(void)
{
    enum { INPUTS = 96, OUTPUTS = 45, BLOCKS = INPUTS * OUTPUTS / 32 };
    static const struct {
        uint32_t id;
        const char *form;
    } kinds[] = { { 2, "4bit:32" }, { 3, "4bit:32:min" } };
    gsl_rng *generator = gsl_rng_alloc(gsl_rng_mt19937);
    for (size_t kind = 0; kind < 2; kind++) {
        static uint8_t raw[2 * BLOCKS * 20];
        static float value[2 * INPUTS * OUTPUTS];
        const struct block_format *format = block_format_find(kinds[kind].id);
        FILE *file = tmpfile();
        CU_ASSERT_FATAL(format && file);
        for (size_t b = 0; b < 2 * BLOCKS; b++) {
            uint8_t *at = raw + b * format->bytes;
            uint16_t scale = float_to_half((float)gsl_ran_flat(generator, 0.001, 0.01));
            uint16_t minimum = float_to_half((float)gsl_ran_gaussian(generator, 0.1));
            for (size_t i = 2; i < format->bytes; i++)
                at[i] = (uint8_t)gsl_rng_uniform_int(generator, 256);
            memcpy(at, &scale, 2);
            if (format->bytes == 20)
                memcpy(at + 2, &minimum, 2);
            at[format->bytes - 1] = 0xf0; /* both ends of the grid are used */
        }
        CU_ASSERT_FATAL(format->decode(raw, 2 * BLOCKS, value));
        fwrite(raw, format->bytes, 2 * BLOCKS, file);
        fflush(file);
        struct tensor tensor[2];
        struct site site = { .name = "L00.attn_in", .inputs = INPUTS };
        for (size_t t = 0; t < 2; t++) {
            tensor[t] = (struct tensor){ .name = { "test.weight", 11 },
                                         .format = format,
                                         .dims = 2,
                                         .extent = { INPUTS, OUTPUTS, 1, 1 },
                                         .offset = t * BLOCKS * format->bytes,
                                         .bytes = BLOCKS * format->bytes };
            site.matrix[site.matrix_count++] = &tensor[t];
            site.outputs += OUTPUTS;
        }
        struct model_file model = { .descriptor = fileno(file),
                                    .size = 2 * BLOCKS * format->bytes };
        struct arena arena = { 0 };
        struct weight_matrix matrix;
        struct error err = { 0 };
        const struct weight_setting setting = weight_setting_of(kinds[kind].form);
        CU_ASSERT_EQUAL_FATAL(weight_builder_load(&matrix, &arena, &model, &site,
                                                  &setting, 2, &err),
                              OK);
        double worst = 0, squares = 0; /* in units of an output */
        for (size_t o = 0; o < 2 * OUTPUTS; o++)
            for (size_t i = 0; i < INPUTS; i++) {
                double error =
                    weight_value(&matrix, i, o) - (double)value[o * INPUTS + i];
                error /= (double)matrix.scale[o];
                worst = fmax(worst, fabs(error));
                squares += error * error / (2 * OUTPUTS * INPUTS);
            }
        /* Half of one in the scale, at q - 8 = -8, and in the centre; and where a scale
         * is but a few units the next grid may fit better, a step off at its ends. */
        CU_ASSERT(worst < 8 && sqrt(squares) < 2);
        arena_free(&arena);
        fclose(file);
    }
    gsl_rng_free(generator);
}

CU_TestInfo weight_tests[] = {
    { "forms have names", forms_have_names },
    { "forms are named again", forms_are_named_again },
    { "other names are refused", other_names_are_refused },
    { "the head is as the layers unless told", the_head_is_as_the_layers_unless_told },
    { "bytes are counted by form", bytes_are_counted_by_form },
    { "parts lie side by side", parts_lie_side_by_side },
    { "sums of 4 bits have room", sums_of_4_bits_have_room },
    { "grids are found", grids_are_found },
    { "fits beat the widest grid", fits_beat_the_widest_grid },
    { "weights without a scale are held", weights_without_a_scale_are_held },
    { "blocks of a file are kept", blocks_of_a_file_are_kept },
    CU_TEST_INFO_NULL,
};
