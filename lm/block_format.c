/* The table of GGML's types (ggml.h), and numbers of 16 bits. */
#include "lm/block_format.h"
#include "lm/block_decode.h"

/* By id. Sizes of types without a decoder are known too: they bound the tensor in the
 * file, so that a model of them can still be listed. */
static const struct block_format formats[] = {
    { "F32", 0, 1, 4, decode_f32 },
    { "F16", 1, 1, 2, decode_f16 },
    { "Q4_0", 2, 32, 18, decode_q4_0 },
    { "Q4_1", 3, 32, 20, decode_q4_1 },
    { "Q5_0", 6, 32, 22, decode_q5_0 },
    { "Q5_1", 7, 32, 24, decode_q5_1 },
    { "Q8_0", 8, 32, 34, decode_q8_0 },
    { "Q8_1", 9, 32, 36, NULL },
    { "Q2_K", 10, 256, 84, decode_q2_k },
    { "Q3_K", 11, 256, 110, decode_q3_k },
    { "Q4_K", 12, 256, 144, decode_q4_k },
    { "Q5_K", 13, 256, 176, decode_q5_k },
    { "Q6_K", 14, 256, 210, decode_q6_k },
    { "Q8_K", 15, 256, 292, NULL },
    { "IQ2_XXS", 16, 256, 66, NULL },
    { "IQ2_XS", 17, 256, 74, NULL },
    { "IQ3_XXS", 18, 256, 98, NULL },
    { "IQ1_S", 19, 256, 50, NULL },
    { "IQ4_NL", 20, 32, 18, NULL },
    { "IQ3_S", 21, 256, 110, NULL },
    { "IQ2_S", 22, 256, 82, NULL },
    { "IQ4_XS", 23, 256, 136, NULL },
    { "I8", 24, 1, 1, NULL },
    { "I16", 25, 1, 2, NULL },
    { "I32", 26, 1, 4, NULL },
    { "I64", 27, 1, 8, NULL },
    { "F64", 28, 1, 8, NULL },
    { "IQ1_M", 29, 256, 56, NULL },
    { "BF16", 30, 1, 2, decode_bf16 },
    { "TQ1_0", 34, 256, 54, NULL },
    { "TQ2_0", 35, 256, 66, NULL },
    { "MXFP4", 39, 32, 17, NULL },
    { "NVFP4", 40, 64, 36, NULL },
    { "Q1_0", 41, 128, 18, NULL },
};

const struct block_format *block_format_find(uint32_t id)
{
    for (size_t i = 0; i < sizeof formats / sizeof formats[0]; i++)
        if (formats[i].id == id)
            return &formats[i];
    return NULL;
}

float half_to_float(uint16_t bits)
{
    return widen_half(bits);
}

uint16_t float_to_half(float value)
{
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    uint32_t sign = bits >> 16 & 0x8000, magnitude = bits & 0x7fffffff;
    if (magnitude > 0x7f800000) /* NaN: keep it one, and quiet */
        return (uint16_t)(sign | 0x7e00 | (magnitude >> 13 & 0x1ff));
    if (magnitude >= 0x477ff000) /* 65520 and above round to infinity */
        return (uint16_t)(sign | 0x7c00);
    if (magnitude < 0x38800000) { /* below 2^-14: subnormal */
        /* A sum with 0.5 rounds to multiples of 2^-24, nearest even. */
        float rounded;
        memcpy(&rounded, &magnitude, sizeof rounded);
        rounded += 0.5f;
        memcpy(&bits, &rounded, sizeof bits);
        return (uint16_t)(sign | (bits - 0x3f000000));
    }
    uint32_t even = magnitude >> 13 & 1;
    return (uint16_t)(sign | (magnitude - 0x38000000 + 0xfff + even) >> 13);
}
