/* The reference row: plain C, what every other row is held against. Integer sums are
 * taken in unsigned arithmetic, where wrapping is defined. */
#include "lm/block_format.h"
#include "lm/kernel_rows.h"

#include <math.h>
#include <string.h>

enum { LANES = 16 };

const struct exp_constants exp_constants = {
    .log2_e = 1.44269504088896341f,
    .round = 12582912.0f, /* 1.5 * 2^23 */
    .ln2_high = 0.693359375f,
    .ln2_low = -2.12194440e-4f,
    .lowest = -87.3365447f,
    .p = { 1.9875691500e-4f, 1.3981999507e-3f, 8.3334519073e-3f, 4.1665795894e-2f,
           1.6666665459e-1f, 5.0000001201e-1f },
};

static bool is_supported(void)
{
    return true;
}

/* Without a branch: which channels are silent cannot be predicted. */
size_t reference_list_rows(uint32_t *row, int8_t *factor, const int32_t *count,
                           size_t channels, int32_t gain, uint32_t first)
{
    size_t entries = 0;
    for (size_t i = 0; i < channels; i++) {
        uint32_t product = (uint32_t)count[i] * (uint32_t)gain;
        row[entries] = first + (uint32_t)i;
        factor[entries] = product + 127 <= 254 ? (int8_t)product : COUNT_BEYOND;
        entries += product != 0;
    }
    return entries;
}

static void add_row(int32_t *sum, const int8_t *weight, uint32_t factor, size_t width)
{
    for (size_t o = 0; o < width; o++)
        sum[o] = (int32_t)((uint32_t)sum[o] + factor * (uint32_t)weight[o]);
}

static void add_rows(int32_t *sum, const int8_t *weight, size_t stride, size_t width,
                     const uint32_t *row, const int8_t *factor, size_t count)
{
    for (size_t e = 0; e < count; e++)
        add_row(sum, weight + row[e] * stride, (uint32_t)factor[e], width);
}

void reference_add_rows_wide(int32_t *sum, const int8_t *weight, size_t stride,
                             size_t width, const uint32_t *row, const int32_t *factor,
                             size_t count)
{
    for (size_t e = 0; e < count; e++)
        add_row(sum, weight + row[e] * stride, (uint32_t)factor[e], width);
}

static void add_nibbles(int32_t *sum, const struct kernel_nibbles *nibbles,
                        size_t width, const uint32_t *row, const int8_t *factor,
                        size_t count)
{
    for (size_t e = 0; e < count; e++) {
        const uint8_t *nibble = nibbles->nibble + row[e] * nibbles->stride;
        size_t scales = row[e] / nibbles->group * nibbles->scale_stride;
        const int8_t *scale = nibbles->scale + scales;
        const int16_t *centre = nibbles->centre ? nibbles->centre + scales : NULL;
        for (size_t o = 0; o < width; o++) {
            int byte = nibble[o / 32 * 16 + o % 16];
            int q = o % 32 < 16 ? byte & 0x0f : byte >> 4;
            int weight = scale[o] * (q - 8) + (centre ? centre[o] : 0);
            sum[o] =
                (int32_t)((uint32_t)sum[o] + (uint32_t)factor[e] * (uint32_t)weight);
        }
    }
}

void reference_decode(float *y, const int32_t *sum, const float *scale, float unit,
                      bool accumulate, size_t width)
{
    for (size_t o = 0; o < width; o++)
        y[o] = (accumulate ? y[o] : 0.0f) + (float)sum[o] * (unit * scale[o]);
}

static float sum_lanes(float lane[LANES])
{
    for (size_t apart = LANES / 2; apart > 0; apart /= 2)
        for (size_t l = 0; l < apart; l++)
            lane[l] += lane[l + apart];
    return lane[0];
}

static float dot_half(const float *x, const uint16_t *half, size_t count)
{
    float lane[LANES] = { 0 };
    for (size_t i = 0; i < count; i++)
        lane[i % LANES] += x[i] * half_to_float(half[i]);
    return sum_lanes(lane);
}

static void add_half(float *y, float a, const uint16_t *half, size_t count)
{
    for (size_t i = 0; i < count; i++)
        y[i] += a * half_to_float(half[i]);
}

static float dot(const float *x, const float *y, size_t count)
{
    float lane[LANES] = { 0 };
    for (size_t i = 0; i < count; i++)
        lane[i % LANES] += x[i] * y[i];
    return sum_lanes(lane);
}

static float sum_abs(const float *x, size_t count)
{
    float lane[LANES] = { 0 };
    for (size_t i = 0; i < count; i++)
        lane[i % LANES] += fabsf(x[i]);
    return sum_lanes(lane);
}

static float max_abs(const float *x, size_t count)
{
    float largest = 0;
    for (size_t i = 0; i < count; i++)
        largest = fabsf(x[i]) > largest ? fabsf(x[i]) : largest;
    return largest;
}

static float largest(const float *x, size_t count)
{
    float most = -INFINITY;
    for (size_t i = 0; i < count; i++)
        most = x[i] > most ? x[i] : most;
    return most;
}

static float exp_one(float x)
{
    const struct exp_constants *c = &exp_constants;
    float shifted = x * c->log2_e + c->round;
    float n = shifted - c->round;
    float r = (x - n * c->ln2_high) - n * c->ln2_low;
    float p = c->p[0];
    for (size_t i = 1; i < sizeof c->p / sizeof c->p[0]; i++)
        p = p * r + c->p[i];
    float value = (p * (r * r) + r) + 1.0f;

    /* n + 127 moves to the place of the exponent; what is above it falls off. */
    uint32_t bits;
    memcpy(&bits, &shifted, sizeof bits);
    bits = (bits + 127) << 23;
    float power;
    memcpy(&power, &bits, sizeof power);
    return x < c->lowest ? 0.0f : value * power;
}

static void exp_array(float *x, size_t count)
{
    for (size_t i = 0; i < count; i++)
        x[i] = exp_one(x[i]);
}

static void to_half(uint16_t *half, const float *x, size_t count)
{
    for (size_t i = 0; i < count; i++)
        half[i] = float_to_half(x[i]);
}

static void from_half(float *x, const uint16_t *half, size_t count)
{
    for (size_t i = 0; i < count; i++)
        x[i] = half_to_float(half[i]);
}

void reference_quantise(int8_t *count, const float *x, float unit, int limit, size_t n)
{
    float bound = (float)limit;
    for (size_t i = 0; i < n; i++) {
        float value = rintf(x[i] / unit);
        value = value > bound ? bound : value;
        count[i] = (int8_t)(value < -bound ? -bound : value);
    }
}

const struct kernel reference_kernel = {
    .name = "reference",
    .is_supported = is_supported,
    .list_rows = reference_list_rows,
    .add_rows = add_rows,
    .add_rows_wide = reference_add_rows_wide,
    .add_nibbles = add_nibbles,
    .decode = reference_decode,
    .dot_half = dot_half,
    .add_half = add_half,
    .dot = dot,
    .sum_abs = sum_abs,
    .max_abs = max_abs,
    .largest = largest,
    .exp_array = exp_array,
    .to_half = to_half,
    .from_half = from_half,
    .quantise = reference_quantise,
    .count_channels = reference_count_channels,
    .add_histogram = reference_add_histogram,
    .pack_counts = reference_pack_counts,
};
