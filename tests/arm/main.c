/* Runs the kernel tests on an emulated processor, for which there are neither CUnit nor
 * GSL: of their headers, what tests/test_kernel*.c call is filled in here. The argument
 * is the name of the row that the table must pick. */
#include "lm/kernel.h"
#include "tests/suites.h"

#include <gsl/gsl_math.h>
#include <gsl/gsl_randist.h>
#include <gsl/gsl_rng.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_REPORTED = 5 };

static unsigned failures;

CU_BOOL CU_assertImplementation(CU_BOOL value, unsigned line, const char *condition,
                                const char *file, const char *function, CU_BOOL fatal)
{
    (void)function;
    if (!value && failures++ < MOST_REPORTED)
        printf("    %s:%u: %s\n", file, line, condition);
    if (!value && fatal)
        exit(1);
    return value;
}

const gsl_rng_type *gsl_rng_mt19937;

/* Weyl's sequence, mixed (Steele et al., OOPSLA 2014, "splitmix"): any generator does. */
struct state {
    uint64_t weyl;
};

gsl_rng *gsl_rng_alloc(const gsl_rng_type *type)
{
    gsl_rng *generator = malloc(sizeof *generator);
    struct state *state = calloc(1, sizeof *state);
    if (!generator || !state)
        exit(1);
    *generator = (gsl_rng){ type, state };
    return generator;
}

void gsl_rng_free(gsl_rng *generator)
{
    free(generator->state);
    free(generator);
}

unsigned long gsl_rng_get(const gsl_rng *generator)
{
    struct state *state = generator->state;
    uint64_t mixed = state->weyl += 0x9e3779b97f4a7c15u;
    mixed = (mixed ^ mixed >> 30) * 0xbf58476d1ce4e5b9u;
    mixed = (mixed ^ mixed >> 27) * 0x94d049bb133111ebu;
    return mixed >> 32;
}

unsigned long gsl_rng_uniform_int(const gsl_rng *generator, unsigned long limit)
{
    return gsl_rng_get(generator) * limit >> 32;
}

double gsl_ran_gaussian(const gsl_rng *generator, double sigma)
{
    double radius = ((double)gsl_rng_get(generator) + 1) / 0x1p32;
    double turn = (double)gsl_rng_get(generator) / 0x1p32;
    return sigma * sqrt(-2 * log(radius)) * cos(2 * M_PI * turn);
}

static void run(const CU_TestInfo *test)
{
    for (; test->pName; test++) {
        unsigned before = failures;
        test->pTestFunc();
        if (failures > before)
            printf("    failed: %s\n", test->pName);
    }
}

int main(int argc, char **argv)
{
    const char *found = kernel_find(NULL)->name;
    if (argc != 2 || strcmp(found, argv[1]) != 0) {
        printf("    the table picks %s\n", found);
        return 1;
    }
    run(kernel_tests);
    run(kernel_float_tests);
    return failures != 0;
}
