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
    CU_ASSERT_EQUAL(weight_scale_bytes(&four, 576, 100), 5 * 100 * 2);
    CU_ASSERT_EQUAL(weight_scale_bytes(&least, 576, 100), 18 * 100 * 4);
    CU_ASSERT_EQUAL(weight_groups(&four, 50), 1);
    CU_ASSERT_EQUAL(weight_group(&four, 50), 50);
}

/* Weights as files hold them, of which the fit must give back scale, minimum and q. */
static void grids_are_found_exactly(void)
{
    enum { COUNT = 32, TRIALS = 2000 };
    gsl_rng *generator = gsl_rng_alloc(gsl_rng_mt19937);
    for (int trial = 0; trial < TRIALS; trial++) {
        bool has_minimum = trial % 2;
        struct weight_fit fit;
        float value[COUNT];
        int q[COUNT];
        uint16_t scale = float_to_half((float)gsl_ran_flat(generator, 1e-3, 0.1));
        uint16_t minimum = float_to_half((float)gsl_ran_gaussian(generator, 0.2));
        if (!has_minimum && trial % 4)
            scale ^= 0x8000;
        for (size_t i = 0; i < COUNT; i++) {
            q[i] = (int)gsl_rng_uniform_int(generator, 16);
            q[i] = i == 7 ? 0 : i == 9 ? 15 : q[i];
            float step = half_to_float(scale);
            value[i] = has_minimum ? step * (float)q[i] + half_to_float(minimum)
                                   : step * (float)(q[i] - 8);
        }
        CU_ASSERT(weight_fit(&fit, kernel_find(NULL), value, COUNT, has_minimum));
        bool is_same = fit.scale == scale && (!has_minimum || fit.minimum == minimum);
        for (size_t i = 0; i < COUNT; i++)
            is_same = is_same && fit.whole[i] == q[i];
        CU_ASSERT(is_same);
    }
    gsl_rng_free(generator);
}

static double squared_error(const struct weight_fit *fit, const float *value,
                            size_t count, bool has_minimum)
{
    double scale = (double)half_to_float(fit->scale), error = 0;
    double minimum = has_minimum ? (double)half_to_float(fit->minimum) : -8 * scale;
    for (size_t i = 0; i < count; i++)
        error += pow((double)value[i] - (scale * fit->whole[i] + minimum), 2);
    return error;
}

/* Against the widest grid, rounded to nearest: what formats without a search do. */
static double widest_error(const float *value, size_t count, bool has_minimum)
{
    double lowest = INFINITY, highest = -INFINITY, error = 0;
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
    static const size_t counts[] = { 16, 32, 50, 64, 128, 256 };
    gsl_rng *generator = gsl_rng_alloc(gsl_rng_mt19937);
    for (size_t c = 0; c < sizeof counts / sizeof counts[0]; c++)
        for (int has_minimum = 0; has_minimum < 2; has_minimum++) {
            double fitted = 0, widest = 0, size = 0;
            for (int trial = 0; trial < 200; trial++) {
                struct weight_fit fit;
                float value[FIT_MOST];
                for (size_t i = 0; i < counts[c]; i++) {
                    value[i] = (float)gsl_ran_gaussian(generator, 0.05);
                    size += pow((double)value[i], 2);
                }
                CU_ASSERT(
                    weight_fit(&fit, kernel_find(NULL), value, counts[c], has_minimum));
                fitted += squared_error(&fit, value, counts[c], has_minimum);
                widest += widest_error(value, counts[c], has_minimum);
            }
            CU_ASSERT(fitted < 0.95 * widest);
            /* The best even grid of 16 steps on a Gaussian: 0.0115 (Max 1960). */
            CU_ASSERT(fitted < 0.0125 * size);
        }
    gsl_rng_free(generator);
}

static void weights_without_a_scale_are_held(void)
{
    static const float alike[] = { 0, 0.1f, -3, 1e-9f };
    for (size_t a = 0; a < 4; a++)
        for (int has_minimum = 0; has_minimum < 2; has_minimum++) {
            struct weight_fit fit;
            float value[40];
            for (size_t i = 0; i < 40; i++)
                value[i] = alike[a];
            CU_ASSERT(weight_fit(&fit, kernels[0], value, 40, has_minimum));
            /* Half a step of a 16-bit float near 3: 0.001. */
            CU_ASSERT(squared_error(&fit, value, 40, has_minimum) < 40e-6);
        }
    float large[2] = { 1, 65504 };
    struct weight_fit fit;
    CU_ASSERT_FALSE(weight_fit(&fit, kernels[0], large, 2, true));
    CU_ASSERT_FALSE(weight_fit(&fit, kernels[0], large, 2, false));
}

/* One tensor per form of block, cut so that tiles of the site span tensors. */
static void blocks_of_a_file_are_kept_exactly(void)
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
        CU_ASSERT_EQUAL_FATAL(weight_matrix_load(&matrix, &arena, &model, &site,
                                                 &setting, 2, &err),
                              OK);
        double worst = 0;
        for (size_t o = 0; o < 2 * OUTPUTS; o++)
            for (size_t i = 0; i < INPUTS; i++)
                worst = fmax(worst, fabs(weight_value(&matrix, i, o) -
                                         (double)value[o * INPUTS + i]));
        CU_ASSERT(worst < 1e-7); /* the file's decoder rounds to float */
        arena_free(&arena);
        fclose(file);
    }
    gsl_rng_free(generator);
}

CU_TestInfo weight_tests[] = {
    { "forms have names", forms_have_names },
    { "other names are refused", other_names_are_refused },
    { "the head is as the layers unless told", the_head_is_as_the_layers_unless_told },
    { "bytes are counted by form", bytes_are_counted_by_form },
    { "grids are found exactly", grids_are_found_exactly },
    { "fits beat the widest grid", fits_beat_the_widest_grid },
    { "weights without a scale are held", weights_without_a_scale_are_held },
    { "blocks of a file are kept exactly", blocks_of_a_file_are_kept_exactly },
    CU_TEST_INFO_NULL,
};
