/* 8-bit weights and the two dense projectors, on a small model written to a temporary
 * file: against plain products in double. */
#include "lm/block_format.h"
#include "lm/dense_projector.h"
#include "lm/model.h"
#include "tests/suites.h"
#include "tests/weight_builder.h"

#include <gsl/gsl_randist.h>
#include <gsl/gsl_rng.h>
#include <math.h>
#include <omp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SITES = 2, TENSORS = 4, MANY = 300, WIDE = 576, NARROW = 50, MOST_THREADS = 8 };

/* Site 0: 576 inputs, three matrices (F32, Q8_0, F32), bias. Site 1: 50 inputs. */
struct fixture {
    FILE *file;
    gsl_rng *generator;
    struct model model;
    struct site site[SITES];
    struct tensor tensor[TENSORS];
    float *weight[SITES]; /* (outputs, inputs), decoded */
    float *bias;
    float *x;    /* (MANY, WIDE) */
    float *y[2]; /* (MANY, outputs) */
    struct arena arena;
    struct weight_matrix matrix[SITES];
    struct thread_team *team[MOST_THREADS]; /* of 1, 2, ... */
};

static void draw(struct fixture *f, float *values, size_t count, double size)
{
    for (size_t i = 0; i < count; i++)
        values[i] = (float)gsl_ran_gaussian(f->generator, size);
}

/* Appends a tensor to the file and its decoded values to those of the site. */
static void write_tensor(struct fixture *f, size_t index, uint32_t format,
                         uint32_t site, size_t outputs)
{
    struct tensor *tensor = &f->tensor[index];
    size_t inputs = f->site[site].inputs, count = inputs * outputs;
    *tensor = (struct tensor){ .name = { "test.weight", 11 },
                               .format = block_format_find(format),
                               .dims = 2,
                               .extent = { inputs, outputs, 1, 1 },
                               .offset = (uint64_t)ftell(f->file) };
    CU_ASSERT_PTR_NOT_NULL_FATAL(tensor->format);
    size_t blocks = count / tensor->format->elements;
    tensor->bytes = blocks * tensor->format->bytes;

    uint8_t *raw = calloc(blocks, tensor->format->bytes);
    CU_ASSERT_PTR_NOT_NULL_FATAL(raw);
    for (size_t b = 0; b < blocks; b++) {
        uint8_t *at = raw + b * tensor->format->bytes;
        float value = (float)gsl_ran_gaussian(f->generator, 0.05);
        uint16_t scale = float_to_half(value / 60);
        memcpy(at, &value, tensor->format->bytes == sizeof value ? sizeof value : 0);
        for (size_t i = 2; i < tensor->format->bytes && tensor->format->elements > 1;
             i++) {
            memcpy(at, &scale, sizeof scale);
            at[i] = (uint8_t)gsl_rng_uniform_int(f->generator, 255);
        }
    }
    if (index == 0) /* an output whose weights are all zero */
        memset(raw + 3 * inputs * sizeof(float), 0, inputs * sizeof(float));
    CU_ASSERT_EQUAL(fwrite(raw, 1, tensor->bytes, f->file), tensor->bytes);
    float *values = f->weight[site] + (size_t)f->site[site].outputs * inputs;
    CU_ASSERT(tensor->format->decode(raw, blocks, values));
    free(raw);
    f->site[site].matrix[f->site[site].matrix_count++] = tensor;
    f->site[site].outputs += (uint32_t)outputs;
}

static struct fixture *fixture_create(void)
{
    enum { F32 = 0, Q8_0 = 8, OUTPUTS = 500 };
    struct fixture *f = calloc(1, sizeof *f);
    struct error err = { 0 };
    CU_ASSERT_PTR_NOT_NULL_FATAL(f);
    f->file = tmpfile();
    CU_ASSERT_PTR_NOT_NULL_FATAL(f->file);
    f->generator = gsl_rng_alloc(gsl_rng_mt19937);
    for (int t = 0; t < MOST_THREADS; t++)
        CU_ASSERT_EQUAL_FATAL(thread_team_create(&f->team[t], t + 1, &err), OK);
    f->site[0] = (struct site){ .name = "L00.attn_in", .inputs = WIDE };
    f->site[1] = (struct site){ .name = "head", .inputs = NARROW };
    f->bias = arena_array(&f->arena, OUTPUTS, sizeof(float));
    f->x = arena_array(&f->arena, MANY * WIDE, sizeof(float));
    for (size_t i = 0; i < 2; i++) {
        f->weight[i] = arena_array(&f->arena, OUTPUTS * WIDE, sizeof(float));
        f->y[i] = arena_array(&f->arena, MANY * OUTPUTS, sizeof(float));
    }
    draw(f, f->bias, OUTPUTS, 1);
    draw(f, f->x, MANY * WIDE, 2);
    write_tensor(f, 0, F32, 0, 70);
    write_tensor(f, 1, Q8_0, 0, 333);
    write_tensor(f, 2, F32, 0, 61);
    write_tensor(f, 3, F32, 1, 91);
    fflush(f->file);

    f->site[0].bias = f->bias;
    f->model.site = f->site;
    f->model.sites = SITES;
    f->model.file.descriptor = fileno(f->file);
    f->model.file.size = (uint64_t)ftell(f->file);
    return f;
}

static void load(struct fixture *f, const char *form, int threads)
{
    struct error err = { 0 };
    const struct weight_setting setting = weight_setting_of(form);
    for (size_t s = 0; s < SITES; s++)
        CU_ASSERT_EQUAL_FATAL(weight_builder_load(&f->matrix[s], &f->arena,
                                                  &f->model.file, &f->site[s], &setting,
                                                  threads, &err),
                              OK);
}

static void fixture_free(struct fixture *f)
{
    fclose(f->file);
    for (int t = 0; t < MOST_THREADS; t++)
        thread_team_free(f->team[t]);
    gsl_rng_free(f->generator);
    arena_free(&f->arena);
    free(f);
}

static void weights_are_within_half_a_scale(void)
{
    struct fixture *f = fixture_create();
    for (uint32_t group = 0; group <= 128; group += 128) {
        load(f, group ? "128" : "output", 2);
        const struct weight_matrix *m = &f->matrix[0];
        CU_ASSERT_EQUAL(m->groups, group ? 5 : 1);
        CU_ASSERT_EQUAL(f->matrix[1].groups, 1);
        CU_ASSERT(m->outputs == 464 && m->stride == 512 && m->inputs == WIDE);
        bool is_close = true, is_padded = true;
        for (size_t i = 0; i < m->inputs; i++) {
            for (size_t o = 0; o < m->outputs; o++) {
                float scale = m->scale[i / m->group * m->outputs + o];
                int8_t weight = m->weight[i * m->stride + o];
                double error =
                    (double)f->weight[0][o * m->inputs + i] - (double)scale * weight;
                is_close = is_close && weight >= -127 &&
                           fabs(error) <= 0.50001 * (double)scale;
            }
            for (size_t o = m->outputs; o < m->stride; o++)
                is_padded = is_padded && m->weight[i * m->stride + o] == 0;
        }
        CU_ASSERT(is_close && is_padded);
        CU_ASSERT_EQUAL(m->scale[3], 0);
    }
    fixture_free(f);
}

static void weights_do_not_depend_on_threads(void)
{
    struct fixture *f = fixture_create();
    load(f, "128", 1);
    struct weight_matrix one = f->matrix[0];
    load(f, "128", 2);
    struct weight_matrix two = f->matrix[0];
    CU_ASSERT_EQUAL(memcmp(one.weight, two.weight, one.inputs * one.stride), 0);
    CU_ASSERT_EQUAL(memcmp(one.scale, two.scale,
                           (size_t)one.groups * one.outputs * sizeof *one.scale),
                    0);
    fixture_free(f);
}

static void weights_that_are_not_finite_are_refused(void)
{
    static const float bad[] = { NAN, INFINITY, -INFINITY };
    struct fixture *f = fixture_create();
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct error err = { 0 };
        const struct weight_setting setting = { &weights_int8, 0 };
        fseek(f->file, (long)(f->tensor[2].offset + 40 * sizeof(float)), SEEK_SET);
        fwrite(&bad[i], sizeof bad[i], 1, f->file);
        fflush(f->file);
        CU_ASSERT_NOT_EQUAL(weight_builder_load(&f->matrix[0], &f->arena,
                                                &f->model.file, &f->site[0], &setting,
                                                2, &err),
                            OK);
        CU_ASSERT_PTR_NOT_NULL(strstr(err.text, "test.weight"));
        CU_ASSERT_PTR_NOT_NULL(strstr(err.text, "L00.attn_in"));
    }
    fixture_free(f);
}

static void apply(struct fixture *f, struct projector *projector, uint32_t site,
                  size_t rows, float *y)
{
    static const struct row_id ids[MANY];
    struct error err = { 0 };
    CU_ASSERT_EQUAL_FATAL(projector->apply(projector->self, site, f->x, rows, ids, y,
                                           &err),
                          OK);
}

static void float_projector(struct fixture *f, struct projector *projector, int threads)
{
    struct error err = { 0 };
    CU_ASSERT_EQUAL_FATAL(dense_float_create(projector, &f->model, kernel_find(NULL),
                                             f->team[threads - 1], &err),
                          OK);
}

static void int8_projector(struct fixture *f, struct projector *projector,
                           const struct kernel *kernel, int threads)
{
    struct error err = { 0 };
    CU_ASSERT_EQUAL_FATAL(dense_int8_create(projector, &f->model, f->matrix, kernel,
                                            f->team[threads - 1], &err),
                          OK);
}

/* Sum of x w plus bias in double; *size is the sum of |x w|. */
static double product(const struct fixture *f, uint32_t site, size_t row, size_t output,
                      double *size)
{
    const struct site *s = &f->site[site];
    double sum = s->bias ? (double)s->bias[output] : 0;
    *size = fabs(sum);
    for (size_t i = 0; i < s->inputs; i++) {
        double term = (double)f->x[row * s->inputs + i] *
                      (double)f->weight[site][output * s->inputs + i];
        sum += term;
        *size += fabs(term);
    }
    return sum;
}

static void float_is_close_to_double(void)
{
    static const size_t counts[] = { 1, 2, 37, MANY };
    struct fixture *f = fixture_create();
    struct projector projector;
    float_projector(f, &projector, 2);
    for (uint32_t site = 0; site < SITES; site++)
        for (size_t c = 0; c < sizeof counts / sizeof counts[0]; c++) {
            double worst = 0;
            size_t outputs = f->site[site].outputs;
            apply(f, &projector, site, counts[c], f->y[0]);
            for (size_t row = 0; row < counts[c]; row += 7)
                for (size_t o = 0; o < outputs; o++) {
                    double size, expected = product(f, site, row, o, &size);
                    double error = fabs((double)f->y[0][row * outputs + o] - expected);
                    worst = fmax(worst, error / size);
                }
            /* A few dozen roundings of 6e-8 on partial sums below the whole. */
            CU_ASSERT(worst < 2e-6);
        }
    projector_release(&projector);
    fixture_free(f);
}

static void float_does_not_depend_on_threads(void)
{
    struct fixture *f = fixture_create();
    struct projector one, two;
    int team = omp_get_max_threads();
    float_projector(f, &one, 1);
    float_projector(f, &two, 2);
    for (size_t rows = 1; rows <= MANY; rows += 299) {
        apply(f, &one, 0, rows, f->y[0]);
        apply(f, &two, 0, rows, f->y[1]);
        CU_ASSERT_EQUAL(memcmp(f->y[0], f->y[1], rows * f->site[0].outputs * 4), 0);
    }
    CU_ASSERT_EQUAL(omp_get_max_threads(), team);
    projector_release(&one);
    projector_release(&two);
    fixture_free(f);
}

/* Largest error that rounding x to its unit and w to its scale can make. */
static double int8_bound(const struct fixture *f, size_t row, size_t output)
{
    const struct weight_matrix *m = &f->matrix[0];
    const float *x = f->x + row * m->inputs;
    double unit = (double)kernels[0]->max_abs(x, m->inputs) / 127, bound = 1e-6;
    for (size_t i = 0; i < m->inputs; i++) {
        double scale = (double)m->scale[i / m->group * m->outputs + output];
        double weight = fabs((double)f->weight[0][output * m->inputs + i]);
        bound +=
            0.5001 * (unit * weight + scale * fabs((double)x[i])) + 0.26 * unit * scale;
    }
    return bound;
}

static void int8_errs_no_more_than_rounding(void)
{
    struct fixture *f = fixture_create();
    for (uint32_t group = 0; group <= 128; group += 128) {
        struct projector projector;
        load(f, group ? "128" : "output", 2);
        int8_projector(f, &projector, kernel_find(NULL), 2);
        size_t outputs = f->site[0].outputs;
        double error2 = 0, size2 = 0;
        apply(f, &projector, 0, 40, f->y[0]);
        for (size_t row = 0; row < 40; row++)
            for (size_t o = 0; o < outputs; o++) {
                double size, expected = product(f, 0, row, o, &size);
                double error = (double)f->y[0][row * outputs + o] - expected;
                CU_ASSERT(fabs(error) <= int8_bound(f, row, o));
                error2 += error * error;
                size2 += expected * expected;
            }
        /* Uniform rounding of Gaussians that reach 3.3 deviations: 1.1 % from x and as
         * much from w where a group is wide. */
        CU_ASSERT(sqrt(error2 / size2) < 0.02);
        projector_release(&projector);
    }
    fixture_free(f);
}

static void int8_rows_threads_and_kernels_agree_bit_for_bit(void)
{
    struct fixture *f = fixture_create();
    struct projector many, one;
    size_t outputs = f->site[0].outputs;
    const float *x = f->x;
    static const char *const form[] = { "output", "128", "4bit:128", "4bit:32:min" };
    for (size_t w = 0; w < sizeof form / sizeof form[0]; w++)
        for (size_t k = 0; kernels[k]; k++) {
            if (!kernels[k]->is_supported())
                continue;
            load(f, form[w], 2);
            int8_projector(f, &many, kernel_find(NULL), 1 + (int)k);
            int8_projector(f, &one, kernels[k], 2);
            apply(f, &many, 0, MANY, f->y[0]);
            for (size_t row = 0; row < MANY; row += 3) {
                f->x = (float *)x + row * WIDE;
                apply(f, &one, 0, 1, f->y[1]);
                CU_ASSERT_EQUAL(memcmp(f->y[0] + row * outputs, f->y[1], outputs * 4),
                                0);
            }
            f->x = (float *)x;
            for (size_t rows = 2; rows < MANY; rows = 3 * rows + 1) {
                apply(f, &one, 0, rows, f->y[1]);
                CU_ASSERT_EQUAL(memcmp(f->y[0], f->y[1], rows * outputs * 4), 0);
            }
            projector_release(&many);
            projector_release(&one);
        }
    fixture_free(f);
}

static void int8_of_silence_is_the_bias(void)
{
    struct fixture *f = fixture_create();
    struct projector projector;
    struct row_id id = { 0, 0 };
    struct error err = { 0 };
    load(f, "output", 1);
    int8_projector(f, &projector, kernel_find(NULL), 1);
    memset(f->x, 0, WIDE * sizeof *f->x);
    apply(f, &projector, 0, 1, f->y[0]);
    CU_ASSERT_EQUAL(memcmp(f->y[0], f->bias, f->site[0].outputs * 4), 0);
    f->x[500] = NAN;
    CU_ASSERT_EQUAL(projector.apply(projector.self, 0, f->x, 1, &id, f->y[0], &err),
                    ERR_ARGUMENT);
    CU_ASSERT_PTR_NOT_NULL(strstr(err.text, "L00.attn_in"));
    projector_release(&projector);
    fixture_free(f);
}

/* One multiplication and addition a group of 4-bit weights, and another pair for their
 * minima; floats as with 8 bits and one scale per output. */
static void cost_is_what_is_done(void)
{
    static const struct {
        const char *form;
        uint64_t products, scales;
    } cases[] = { { "output", 0, 4 },
                  { "4bit:64", 9, 4 + 9 },
                  { "4bit:32:min", 2 * 18, 4 + 3 * 18 } };
    enum { OUTPUTS = 100 };
    const struct site site = { .name = "head", .inputs = WIDE, .outputs = OUTPUTS };
    for (size_t c = 0; c < sizeof cases / sizeof cases[0]; c++) {
        const struct weight_setting setting = weight_setting_of(cases[c].form);
        const uint64_t row = OUTPUTS * setting.format->bits / 8;
        struct dense_cost cost;
        dense_int8_cost(&site, &setting, &cost);
        CU_ASSERT_EQUAL(cost.ops.n[OP_MAC_I8_I32], WIDE * OUTPUTS);
        CU_ASSERT_EQUAL(cost.ops.n[OP_MULTIPLY_I32], OUTPUTS * cases[c].products);
        CU_ASSERT_EQUAL(cost.ops.n[OP_ADD_I32], OUTPUTS * cases[c].products);
        CU_ASSERT_EQUAL(cost.ops.n[OP_MULTIPLY_F32], 2 * OUTPUTS);
        CU_ASSERT_EQUAL(cost.ops.n[OP_ADD_F32], 0);
        CU_ASSERT_EQUAL(cost.weight_bytes, WIDE * row + OUTPUTS * cases[c].scales);
    }
}

CU_TestInfo dense_tests[] = {
    { "8-bit weights are within half a scale", weights_are_within_half_a_scale },
    { "8-bit weights do not depend on threads", weights_do_not_depend_on_threads },
    { "weights that are not finite are refused",
      weights_that_are_not_finite_are_refused },
    { "float is close to double", float_is_close_to_double },
    { "float does not depend on threads", float_does_not_depend_on_threads },
    { "INT8 errs no more than rounding", int8_errs_no_more_than_rounding },
    { "INT8 rows, threads and kernels agree bit for bit",
      int8_rows_threads_and_kernels_agree_bit_for_bit },
    { "cost is what is done", cost_is_what_is_done },
    { "INT8 of silence is the bias", int8_of_silence_is_the_bias },
    CU_TEST_INFO_NULL,
};
