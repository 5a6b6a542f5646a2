/* Chunks that we pack are, byte for byte, those that HDF5's filter makes. */
#include "sim/recording_create_file.h"
#include "sim/scale_offset_file.h"
#include "tests/suites.h"
#include "tests/temporary_path.h"

#include <gsl/gsl_rng.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { CHUNK = 1000 };

union chunk {
    int32_t i32[CHUNK];
    uint64_t u64[CHUNK];
    double f64[CHUNK];
};

/* What HDF5 stores of the chunk; its bytes. */
static size_t pack_by_library(enum element element, const union chunk *chunk,
                              unsigned char *packed)
{
    const struct column_layout layout = { .path = "list",
                                          .element = element,
                                          .chunk = CHUNK,
                                          .packing = element == ELEMENT_F64
                                                         ? PACK_STEPS
                                                         : PACK_INTEGERS };
    struct error err = { 0 };
    hsize_t extent = CHUNK, at = 0, bytes = 0;
    uint32_t filters = 0;
    hid_t file =
        H5Fcreate(temporary_path("packed.h5"), H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT);
    CU_ASSERT_EQUAL_FATAL(column_create(file, &layout, 1, &err), OK);
    hid_t dataset = H5Dopen2(file, layout.path, H5P_DEFAULT);
    hid_t type = element_type(element, false);
    CU_ASSERT(H5Dset_extent(dataset, &extent) >= 0);
    CU_ASSERT(H5Dwrite(dataset, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, chunk) >= 0);
    CU_ASSERT(H5Fflush(file, H5F_SCOPE_LOCAL) >= 0);
    CU_ASSERT(H5Dget_chunk_storage_size(dataset, &at, &bytes) >= 0);
    CU_ASSERT_FATAL(bytes <= scale_offset_room(CHUNK));
    CU_ASSERT(H5Dread_chunk(dataset, H5P_DEFAULT, &at, &filters, packed) >= 0);
    H5Tclose(type);
    H5Dclose(dataset);
    H5Fclose(file);
    return (size_t)bytes;
}

static void compare(enum element element, const union chunk *chunk)
{
    unsigned char *theirs = calloc(2, scale_offset_room(CHUNK));
    unsigned char *ours = theirs + scale_offset_room(CHUNK);
    const size_t bytes = pack_by_library(element, chunk, theirs);
    CU_ASSERT_EQUAL(scale_offset_pack(element, chunk, CHUNK, ours), bytes);
    CU_ASSERT_EQUAL(memcmp(ours, theirs, bytes), 0);
    free(theirs);
}

static void set(enum element element, union chunk *chunk, size_t i, int64_t value)
{
    if (element == ELEMENT_I32)
        chunk->i32[i] = (int32_t)value;
    else if (element == ELEMENT_U64)
        chunk->u64[i] = (uint64_t)value;
    else
        chunk->f64[i] = (double)value;
}

/* Values least .. least + range - 1, and here and there 0, which is the fill value. */
static void compare_random(enum element element, int64_t least, uint64_t range,
                           gsl_rng *random)
{
    union chunk chunk;
    for (size_t i = 0; i < CHUNK; i++) {
        const uint64_t draw = (uint64_t)gsl_rng_get(random) << 32 ^ gsl_rng_get(random);
        set(element, &chunk, i, draw % 7 == 0 ? 0 : least + (int64_t)(draw % range));
    }
    compare(element, &chunk);
}

static void packed_as_the_library_does(void)
{
    static const enum element elements[] = { ELEMENT_I32, ELEMENT_U64, ELEMENT_F64 };
    gsl_rng *random = gsl_rng_alloc(gsl_rng_mt19937);
    for (size_t e = 0; e < sizeof elements / sizeof *elements; e++) {
        const enum element element = elements[e];
        for (unsigned bits = 0; bits < 31; bits++) {
            compare_random(element, 1, UINT64_C(1) << bits, random);
            compare_random(element, 3, (UINT64_C(1) << bits) - (bits > 1), random);
            if (element != ELEMENT_U64)
                compare_random(element, -5, (UINT64_C(1) << bits) + 1, random);
        }
        for (unsigned bits = 31; element != ELEMENT_I32 && bits < 52; bits++)
            compare_random(element, INT64_C(1) << 40, UINT64_C(1) << bits, random);
        union chunk chunk = { .u64 = { 0 } };
        compare(element, &chunk); /* nothing but the fill value */
        set(element, &chunk, CHUNK - 1, 12345678);
        compare(element, &chunk);
        for (size_t i = 0; i < CHUNK; i++)
            set(element, &chunk, i, 7);
        compare(element, &chunk);
    }
    gsl_rng_free(random);
}

static void others_are_left_to_the_library(void)
{
    _Alignas(int64_t) unsigned char packed[128];
    static const double refused[] = { 0.5, (double)NAN, (double)INFINITY, 1e30,
                                      -4611686018427387904.0 };
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++)
        CU_ASSERT_EQUAL(scale_offset_pack(ELEMENT_F64, &refused[i], 1, packed), 0);
    CU_ASSERT_EQUAL(scale_offset_pack(ELEMENT_U64, &(uint64_t){ UINT64_MAX }, 1,
                                      packed),
                    0);
    CU_ASSERT_EQUAL(scale_offset_pack(ELEMENT_I32, (int32_t[]){ INT32_MIN, INT32_MAX },
                                      2, packed),
                    0);
    CU_ASSERT_EQUAL(scale_offset_pack(ELEMENT_U8, "x", 1, packed), 0);
}

CU_TestInfo scale_offset_tests[] = {
    { "packed as the library does", packed_as_the_library_does },
    { "others are left to the library", others_are_left_to_the_library },
    CU_TEST_INFO_NULL,
};
