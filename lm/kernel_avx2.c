/* 256 bits: AVX2 and F16C. Two rows are interleaved byte by byte, widened to 16 bits
 * and multiplied by their two factors in one vpmaddwd (vpmaddubsw saturates). Sixteen
 * lanes of floats are two registers; padding with +0 leaves a lane as it was. */
#include "lm/kernel_rows.h"

#if defined(__x86_64__)
#include <cpuid.h>
#include <immintrin.h>
#include <string.h>

#define AVX2 __attribute__((target("avx2,f16c")))
#define INLINE static inline __attribute__((always_inline))

enum {
    WIDTH = 8, /* floats or sums in a register */
    LANES = 16,
    TILE_STEPS = 4, /* of 16 outputs: 8 accumulators of 16 registers */
    NEAREST = _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC,
};

struct lanes {
    __m256 low, high;
};

static bool is_supported(void)
{
    unsigned a, b, c, d;
    bool has_half = __get_cpuid(1, &a, &b, &c, &d) && (c & bit_F16C);
    return has_half && __builtin_cpu_supports("avx2");
}

AVX2 INLINE __m256i load_sums(const int32_t *sum)
{
    return _mm256_loadu_si256((const __m256i *)sum);
}

AVX2 INLINE void store_sums(int32_t *sum, __m256i value)
{
    _mm256_storeu_si256((__m256i *)sum, value);
}

AVX2 INLINE void add_two(__m256i acc[2], const int8_t *a, const int8_t *b,
                         __m256i factor)
{
    __m128i first = _mm_loadu_si128((const __m128i *)a);
    __m128i second = _mm_loadu_si128((const __m128i *)b);
    __m256i low = _mm256_cvtepi8_epi16(_mm_unpacklo_epi8(first, second));
    __m256i high = _mm256_cvtepi8_epi16(_mm_unpackhi_epi8(first, second));
    acc[0] = _mm256_add_epi32(acc[0], _mm256_madd_epi16(low, factor));
    acc[1] = _mm256_add_epi32(acc[1], _mm256_madd_epi16(high, factor));
}

/* All rows into `steps` * 16 outputs. */
AVX2 INLINE void add_tile(int32_t *sum, const int8_t *weight, size_t stride,
                          size_t steps, const uint32_t *row, const int8_t *factor,
                          size_t count)
{
    __m256i acc[TILE_STEPS][2];
    for (size_t s = 0; s < steps; s++)
        for (size_t j = 0; j < 2; j++)
            acc[s][j] = load_sums(sum + s * LANES + j * WIDTH);
    for (size_t e = 0; e < count; e += 2) {
        size_t next = e + 1 < count ? e + 1 : e;
        int8_t last = next > e ? factor[next] : 0;
        __m256i two = _mm256_set1_epi32(factor_pair(factor[e], last));
        const int8_t *a = weight + row[e] * stride;
        const int8_t *b = weight + row[next] * stride;
        for (size_t s = 0; s < steps; s++)
            add_two(acc[s], a + s * LANES, b + s * LANES, two);
    }
    for (size_t s = 0; s < steps; s++)
        for (size_t j = 0; j < 2; j++)
            store_sums(sum + s * LANES + j * WIDTH, acc[s][j]);
}

AVX2 static void add_rows(int32_t *sum, const int8_t *weight, size_t stride,
                          size_t width, const uint32_t *row, const int8_t *factor,
                          size_t count)
{
    size_t o = 0;
    for (; o + TILE_STEPS * LANES <= width; o += TILE_STEPS * LANES)
        add_tile(sum + o, weight + o, stride, TILE_STEPS, row, factor, count);
    for (; o + LANES <= width; o += LANES)
        add_tile(sum + o, weight + o, stride, 1, row, factor, count);
    reference_kernel.add_rows(sum + o, weight + o, stride, width - o, row, factor,
                              count);
}

AVX2 static void add_rows_wide(int32_t *sum, const int8_t *weight, size_t stride,
                               size_t width, const uint32_t *row, const int32_t *factor,
                               size_t count)
{
    size_t whole = width / WIDTH * WIDTH;
    for (size_t e = 0; e < count; e++) {
        const int8_t *from = weight + row[e] * stride;
        __m256i times = _mm256_set1_epi32(factor[e]);
        for (size_t o = 0; o < whole; o += WIDTH) {
            __m128i eight = _mm_loadl_epi64((const __m128i *)(from + o));
            __m256i more = _mm256_mullo_epi32(_mm256_cvtepi8_epi32(eight), times);
            store_sums(sum + o, _mm256_add_epi32(load_sums(sum + o), more));
        }
    }
    reference_kernel.add_rows_wide(sum + whole, weight + whole, stride, width - whole,
                                   row, factor, count);
}

AVX2 INLINE struct lanes load_lanes(const float *x, size_t left)
{
    float padded[LANES] = { 0 };
    if (left < LANES)
        x = memcpy(padded, x, left * sizeof *x);
    return (struct lanes){ _mm256_loadu_ps(x), _mm256_loadu_ps(x + WIDTH) };
}

AVX2 INLINE __m256 load_eight(const uint16_t *half)
{
    return _mm256_cvtph_ps(_mm_loadu_si128((const __m128i *)half));
}

AVX2 INLINE struct lanes load_half(const uint16_t *half, size_t left)
{
    uint16_t padded[LANES] = { 0 };
    if (left < LANES)
        half = memcpy(padded, half, left * sizeof *half);
    return (struct lanes){ load_eight(half), load_eight(half + WIDTH) };
}

AVX2 INLINE struct lanes add_products(struct lanes sum, struct lanes x, struct lanes y)
{
    return (struct lanes){ _mm256_add_ps(sum.low, _mm256_mul_ps(x.low, y.low)),
                           _mm256_add_ps(sum.high, _mm256_mul_ps(x.high, y.high)) };
}

AVX2 INLINE struct lanes absolute(struct lanes x)
{
    const __m256 sign = _mm256_set1_ps(-0.0f);
    return (struct lanes){ _mm256_andnot_ps(sign, x.low),
                           _mm256_andnot_ps(sign, x.high) };
}

AVX2 INLINE float sum_lanes(struct lanes lane)
{
    __m256 eight = _mm256_add_ps(lane.low, lane.high);
    __m128 upper = _mm256_extractf128_ps(eight, 1);
    __m128 four = _mm_add_ps(_mm256_castps256_ps128(eight), upper);
    __m128 two = _mm_add_ps(four, _mm_movehl_ps(four, four));
    return _mm_cvtss_f32(_mm_add_ss(two, _mm_movehdup_ps(two)));
}

AVX2 static float dot_half(const float *x, const uint16_t *half, size_t count)
{
    struct lanes sum = { _mm256_setzero_ps(), _mm256_setzero_ps() };
    for (size_t i = 0; i < count; i += LANES)
        sum = add_products(sum, load_lanes(x + i, count - i),
                           load_half(half + i, count - i));
    return sum_lanes(sum);
}

AVX2 static void add_half(float *y, float a, const uint16_t *half, size_t count)
{
    const __m256 times = _mm256_set1_ps(a);
    size_t whole = count / WIDTH * WIDTH;
    for (size_t i = 0; i < whole; i += WIDTH) {
        __m256 more = _mm256_mul_ps(times, load_eight(half + i));
        _mm256_storeu_ps(y + i, _mm256_add_ps(_mm256_loadu_ps(y + i), more));
    }
    reference_kernel.add_half(y + whole, a, half + whole, count - whole);
}

AVX2 static float dot(const float *x, const float *y, size_t count)
{
    struct lanes sum = { _mm256_setzero_ps(), _mm256_setzero_ps() };
    for (size_t i = 0; i < count; i += LANES)
        sum = add_products(sum, load_lanes(x + i, count - i),
                           load_lanes(y + i, count - i));
    return sum_lanes(sum);
}

AVX2 static float sum_abs(const float *x, size_t count)
{
    struct lanes sum = { _mm256_setzero_ps(), _mm256_setzero_ps() };
    for (size_t i = 0; i < count; i += LANES) {
        struct lanes more = absolute(load_lanes(x + i, count - i));
        sum.low = _mm256_add_ps(sum.low, more.low);
        sum.high = _mm256_add_ps(sum.high, more.high);
    }
    return sum_lanes(sum);
}

AVX2 static float max_abs(const float *x, size_t count)
{
    /* vmaxps gives its second operand when one is NaN: NaN is passed over. */
    __m256 largest = _mm256_setzero_ps();
    for (size_t i = 0; i < count; i += LANES) {
        struct lanes more = absolute(load_lanes(x + i, count - i));
        largest = _mm256_max_ps(more.low, largest);
        largest = _mm256_max_ps(more.high, largest);
    }
    float each[WIDTH];
    _mm256_storeu_ps(each, largest);
    return reference_kernel.max_abs(each, WIDTH);
}

AVX2 static float largest(const float *x, size_t count)
{
    const size_t whole = count / WIDTH * WIDTH;
    float each[WIDTH];
    __m256 most = _mm256_set1_ps(reference_kernel.largest(x + whole, count - whole));
    for (size_t i = 0; i < whole; i += WIDTH) /* NaN is passed over, as above */
        most = _mm256_max_ps(_mm256_loadu_ps(x + i), most);
    _mm256_storeu_ps(each, most);
    return reference_kernel.largest(each, WIDTH);
}

AVX2 INLINE __m256 exp_lanes(__m256 x)
{
    const struct exp_constants *c = &exp_constants;
    __m256 round = _mm256_set1_ps(c->round);
    __m256 shifted = _mm256_add_ps(_mm256_mul_ps(x, _mm256_set1_ps(c->log2_e)), round);
    __m256 n = _mm256_sub_ps(shifted, round);
    __m256 r = _mm256_sub_ps(x, _mm256_mul_ps(n, _mm256_set1_ps(c->ln2_high)));
    r = _mm256_sub_ps(r, _mm256_mul_ps(n, _mm256_set1_ps(c->ln2_low)));
    __m256 p = _mm256_set1_ps(c->p[0]);
    for (size_t i = 1; i < sizeof c->p / sizeof c->p[0]; i++)
        p = _mm256_add_ps(_mm256_mul_ps(p, r), _mm256_set1_ps(c->p[i]));
    __m256 value = _mm256_add_ps(_mm256_mul_ps(p, _mm256_mul_ps(r, r)), r);
    value = _mm256_add_ps(value, _mm256_set1_ps(1.0f));

    __m256i power = _mm256_castps_si256(shifted);
    power = _mm256_slli_epi32(_mm256_add_epi32(power, _mm256_set1_epi32(127)), 23);
    __m256 is_tiny = _mm256_cmp_ps(x, _mm256_set1_ps(c->lowest), _CMP_LT_OQ);
    return _mm256_andnot_ps(is_tiny, _mm256_mul_ps(value, _mm256_castsi256_ps(power)));
}

AVX2 static void exp_array(float *x, size_t count)
{
    size_t whole = count / WIDTH * WIDTH;
    for (size_t i = 0; i < whole; i += WIDTH)
        _mm256_storeu_ps(x + i, exp_lanes(_mm256_loadu_ps(x + i)));
    reference_kernel.exp_array(x + whole, count - whole);
}

AVX2 static void to_half(uint16_t *half, const float *x, size_t count)
{
    size_t whole = count / WIDTH * WIDTH;
    for (size_t i = 0; i < whole; i += WIDTH)
        _mm_storeu_si128((__m128i *)(half + i),
                         _mm256_cvtps_ph(_mm256_loadu_ps(x + i), NEAREST));
    reference_kernel.to_half(half + whole, x + whole, count - whole);
}

AVX2 static void from_half(float *x, const uint16_t *half, size_t count)
{
    size_t whole = count / WIDTH * WIDTH;
    for (size_t i = 0; i < whole; i += WIDTH)
        _mm256_storeu_ps(x + i, load_eight(half + i));
    reference_kernel.from_half(x + whole, half + whole, count - whole);
}

AVX2 static void quantise(int8_t *count, const float *x, float unit, int limit,
                          size_t n)
{
    const __m256 units = _mm256_set1_ps(unit);
    const __m256 high = _mm256_set1_ps((float)limit);
    const __m256 low = _mm256_set1_ps(-(float)limit);
    size_t whole = n / WIDTH * WIDTH;
    for (size_t i = 0; i < whole; i += WIDTH) {
        __m256 value = _mm256_div_ps(_mm256_loadu_ps(x + i), units);
        value = _mm256_max_ps(_mm256_min_ps(value, high), low);
        __m256i whole_number = _mm256_cvtps_epi32(value);
        __m128i words = _mm_packs_epi32(_mm256_castsi256_si128(whole_number),
                                        _mm256_extracti128_si256(whole_number, 1));
        _mm_storel_epi64((__m128i *)(count + i), _mm_packs_epi16(words, words));
    }
    reference_kernel.quantise(count + whole, x + whole, unit, limit, n - whole);
}

const struct kernel avx2_kernel = {
    .name = "avx2",
    .is_supported = is_supported,
    .list_rows = reference_list_rows,
    .add_rows = add_rows,
    .add_rows_wide = add_rows_wide,
    .add_nibbles = avx2_add_nibbles,
    .decode = avx2_decode,
    .dot_half = dot_half,
    .add_half = add_half,
    .dot = dot,
    .sum_abs = sum_abs,
    .max_abs = max_abs,
    .largest = largest,
    .exp_array = exp_array,
    .to_half = to_half,
    .from_half = from_half,
    .quantise = quantise,
    .count_channels = reference_count_channels,
    .add_histogram = reference_add_histogram,
    .pack_counts = reference_pack_counts,
};
#endif
