/* Errors, arena, field tables, configuration text, random numbers. */
#include "base/arena.h"
#include "base/config_text.h"
#include "base/field.h"
#include "base/random.h"
#include "tests/suites.h"

#include <gsl/gsl_randist.h>
#include <math.h>
#include <stdint.h>
#include <string.h>

static void errors_gain_context(void)
{
    struct error err = { 0 };
    CU_ASSERT_EQUAL(error_set(&err, ERR_FORMAT, "found %d", 3), ERR_FORMAT);
    CU_ASSERT_EQUAL(error_wrap(&err, "%s", "file"), ERR_FORMAT);
    CU_ASSERT_STRING_EQUAL(err.text, "file: found 3");
}

static void arena_blocks_are_zeroed_aligned_and_checked(void)
{
    struct arena arena = { 0 };
    for (size_t size = 1; size < 300000; size = size * 3 + 1) {
        unsigned char *block = arena_array(&arena, size, 1);
        CU_ASSERT_PTR_NOT_NULL_FATAL(block);
        CU_ASSERT_EQUAL((uintptr_t)block % 64, 0);
        CU_ASSERT(block[0] == 0 && block[size - 1] == 0);
        memset(block, 0xff, size);
    }
    CU_ASSERT_PTR_NULL(arena_array(&arena, SIZE_MAX / 2, 4));
    CU_ASSERT_PTR_NULL(arena_array(&arena, SIZE_MAX, 1));
    CU_ASSERT_PTR_NOT_NULL(arena_array(&arena, 0, 8));
    arena_free(&arena);
}

static void what_an_arena_reserves_lies_side_by_side(void)
{
    enum { PIECES = 40, PIECE = 100000 };
    struct arena arena = { 0 };
    arena_reserve(&arena, (size_t)PIECES * (PIECE + 64) + 30);
    const char *first = arena_array(&arena, PIECE, 1), *last = first;
    CU_ASSERT_PTR_NOT_NULL_FATAL(first);
    for (int i = 1; i < PIECES; i++) {
        const char *piece = arena_array(&arena, PIECE, 1);
        CU_ASSERT(piece && piece > last && (size_t)(piece - last) < PIECE + 64);
        last = piece;
    }
    CU_ASSERT_PTR_NOT_NULL(arena_array(&arena, 1 << 20, 1)); /* more than reserved */
    arena_reserve(&arena, SIZE_MAX);                         /* only a hint */
    CU_ASSERT_PTR_NOT_NULL(arena_array(&arena, 8, 1));
    arena_free(&arena);
}

static void fields_check_their_range(void)
{
    static const struct field table[] = {
        { "tau", "ms", "time constant", 10, 0.1, 100 },
        { "gain", "", "gain", 1, 0, 5 },
        { 0 },
    };
    struct error err = { 0 };
    double value[2];
    field_defaults(table, value);
    CU_ASSERT_EQUAL(field_assign(table, "gain=2.5,tau=20", value, &err), OK);
    CU_ASSERT_EQUAL(value[0], 20);
    CU_ASSERT_EQUAL(value[1], 2.5);
    static const char *const bad[] = { "tau=nan", "tau=inf", "tau=0", "tau=x",
                                       "tau=",    "other=1", "tau",   "gain=1e999" };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        CU_ASSERT_EQUAL(field_assign(table, bad[i], value, &err), ERR_ARGUMENT);
        CU_ASSERT(strlen(err.text) > 5);
    }
    CU_ASSERT_EQUAL(value[0], 20);
}

static void configuration_is_read_by_line(void)
{
    static const char text[] =
        "# comment\n a = 1 # one\n\n[price]\r\nadd = \"x # y\"\n";
    struct config_text config;
    struct error err = { 0 };
    CU_ASSERT_EQUAL_FATAL(config_text_parse(&config, text, strlen(text), &err), OK);
    CU_ASSERT_EQUAL(config.count, 2);
    CU_ASSERT_STRING_EQUAL(config_text_find(&config, "a"), "1");
    CU_ASSERT_STRING_EQUAL(config_text_find(&config, "price.add"), "x # y");
    CU_ASSERT_PTR_NULL(config_text_find(&config, "b"));
    config_text_release(&config);
}

static void broken_configuration_names_the_line(void)
{
    static const char *const bad[] = { "a = 1\na = 2\n", "x\nz",       "[a\n",
                                       "= 3\n",          "a = \"b\n",  "a = \"b\" c\n",
                                       "a b = 1\n",      "a = \x01\n", "[]\n" };
    struct config_text config;
    struct error err = { 0 };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        CU_ASSERT_EQUAL(config_text_parse(&config, bad[i], strlen(bad[i]), &err),
                        ERR_FORMAT);
        CU_ASSERT_PTR_NOT_NULL(strstr(err.text, "line "));
    }
    CU_ASSERT_EQUAL(config_text_open(&config, "/nonexistent/file", &err), ERR_IO);
}

/* Known answers of Random123 (kat_vectors, philox4x32 10). */
static void philox_gives_the_known_answers(void)
{
    static const uint32_t ones = 0xffffffffu;
    uint32_t out[4];
    random_philox((uint32_t[]){ 0, 0, 0, 0 }, (uint32_t[]){ 0, 0 }, out);
    CU_ASSERT(out[0] == 0x6627e8d5 && out[1] == 0xe169c58d && out[2] == 0xbc57ac4c &&
              out[3] == 0x9b00dbd8);
    random_philox((uint32_t[]){ ones, ones, ones, ones }, (uint32_t[]){ ones, ones },
                  out);
    CU_ASSERT(out[0] == 0x408f276d && out[1] == 0x41c83b0e && out[2] == 0xa20bc7c6 &&
              out[3] == 0x6d5451fd);
}

static void random_numbers_depend_on_the_place_alone(void)
{
    gsl_rng *generator = gsl_rng_alloc(random_gsl_type);
    struct random_place place = { .position = 7, .neuron = 3, .step = 1 };
    random_set(generator, 42, &place);
    double first = gsl_ran_gaussian(generator, 1), sum = 0;
    for (int i = 0; i < 10; i++)
        gsl_rng_uniform(generator);
    random_set(generator, 42, &place);
    CU_ASSERT_EQUAL(gsl_ran_gaussian(generator, 1), first);
    random_set(generator, 43, &place);
    CU_ASSERT_NOT_EQUAL(gsl_ran_gaussian(generator, 1), first);
    for (place.neuron = 0; place.neuron < 10000; place.neuron++) {
        random_set(generator, 1, &place);
        sum += gsl_rng_uniform(generator);
    }
    /* Mean of 10,000 uniforms: standard error 0.0029. */
    CU_ASSERT_DOUBLE_EQUAL(sum / 10000, 0.5, 0.012);
    gsl_rng_free(generator);
}

static void words_of_many_neurons_are_those_of_each(void)
{
    enum { NEURONS = 1500 };
    static uint32_t all[NEURONS], some[NEURONS];
    struct random_place place = { .sequence = 5, .population = 2, .step = 9 };
    random_words(42, &place, NEURONS, all);
    for (size_t count = 1; count < NEURONS; count = 3 * count + 1)
        for (place.neuron = 0; place.neuron + count <= NEURONS; place.neuron += 113) {
            random_words(42, &place, count, some);
            CU_ASSERT_EQUAL(memcmp(some, all + place.neuron, count * sizeof *some), 0);
        }
    place.neuron = 2;
    random_words(43, &place, 1, some);
    CU_ASSERT_NOT_EQUAL(some[0], all[2]);
    place.step = 10;
    random_words(42, &place, 1, some);
    CU_ASSERT_NOT_EQUAL(some[0], all[2]);
}

CU_TestInfo base_tests[] = {
    { "errors gain context on the way up", errors_gain_context },
    { "arena blocks are zeroed, aligned, checked",
      arena_blocks_are_zeroed_aligned_and_checked },
    { "what an arena reserves lies side by side",
      what_an_arena_reserves_lies_side_by_side },
    { "fields check their range", fields_check_their_range },
    { "configuration is read by line", configuration_is_read_by_line },
    { "broken configuration names the line", broken_configuration_names_the_line },
    { "philox gives the known answers", philox_gives_the_known_answers },
    { "random numbers depend on the place alone",
      random_numbers_depend_on_the_place_alone },
    { "words of many neurons are those of each",
      words_of_many_neurons_are_those_of_each },
    CU_TEST_INFO_NULL,
};
