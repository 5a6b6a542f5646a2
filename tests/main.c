/* Runs every suite, or the one that the argument names. Tests take extra cases from the
 * folder named by CASES and say what they skipped when it is not there. With two
 * arguments, PLAN FILE: writes the random model of that plan, for the tests of the
 * programs. With more, measure-index FOLDER EVENTS...: what a viewer's frames cost. */
#include "sim/recording_layout_file.h"
#include "tests/measure_index.h"
#include "tests/model_builder.h"
#include "tests/suites.h"

#include <CUnit/Basic.h>
#include <gsl/gsl_errno.h>
#include <stdio.h>
#include <string.h>

int main(int argc, char **argv)
{
    if (argc > 3 && strcmp(argv[1], "measure-index") == 0)
        return measure_index(argv[2], argv + 3, argc - 3);
    if (argc == 3) {
        const struct model_plan *plan = model_plan_find(argv[1]);
        return !plan || !model_builder_write(plan, NULL, argv[2]);
    }
    gsl_set_error_handler_off();
    hdf5_prepare(); /* before the first test that calls HDF5 itself */
    if (CU_initialize_registry() != CUE_SUCCESS)
        return 1;
    if (CU_register_suites(test_suites) != CUE_SUCCESS)
        return 1;
    CU_basic_set_mode(CU_BRM_NORMAL);
    CU_pSuite suite = argc == 2 ? CU_get_suite(argv[1]) : NULL;
    if (argc == 2 && !suite) {
        fprintf(stderr, "no suite '%s'\n", argv[1]);
        return 2;
    }
    if (suite)
        CU_basic_run_suite(suite);
    else
        CU_basic_run_tests();
    unsigned failures = CU_get_number_of_failures(); /* run_tests returns 0 anyway */
    CU_cleanup_registry();
    return failures != 0;
}
