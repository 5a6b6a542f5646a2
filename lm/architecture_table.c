/* See architecture.h. Facts: the models' own configuration files and the GGUF keys
 * their converters write (notes/formats.md). */
#include "lm/architecture.h"

#include "lm/layer.h"

#include <string.h>

const struct architecture architectures[] = {
    {
        .name = "gemma3",
        .mixer = &attention_mixer,
        .feed_forward = &gated_feed_forward,
        .rope_halves = true,
        .head_norms = true,
        .post_norms = true,
        .gelu_gate = true,
        .scaled_embedding = true,
        .window_period = 6,
        .rope_base_local = 10000,
        .wide_scale_layers = 62,
    },
    {
        .name = "llama", /* Llama 2 and 3, SmolLM2, Mistral, llama2.c files */
        .mixer = &attention_mixer,
        .feed_forward = &gated_feed_forward,
    },
    {
        .name = "qwen2",
        .mixer = &attention_mixer,
        .feed_forward = &gated_feed_forward,
        .rope_halves = true,
        .projection_bias = true,
    },
    {
        .name = "qwen3",
        .mixer = &attention_mixer,
        .feed_forward = &gated_feed_forward,
        .rope_halves = true,
        .head_norms = true,
    },
    { 0 },
};

const struct architecture *architecture_find(const char *name)
{
    for (const struct architecture *a = architectures; a->name; a++)
        if (strcmp(a->name, name) == 0)
            return a;
    return NULL;
}
