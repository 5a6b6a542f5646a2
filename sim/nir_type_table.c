/* The types of nodes that NIR 1.0 has, and the datasets of each. */
#include "sim/nir_graph.h"

#include <string.h>

enum { /* bits of datasets that go together */
       POOL = 1 << NIR_KERNEL_SIZE | 1 << NIR_STRIDE | 1 << NIR_PADDING,
       CONVOLUTION = 1 << NIR_WEIGHT | 1 << NIR_BIAS | 1 << NIR_STRIDE |
                     1 << NIR_PADDING | 1 << NIR_DILATION | 1 << NIR_GROUPS,
       LEAK = 1 << NIR_TAU | 1 << NIR_R | 1 << NIR_V_LEAK,
       CURRENT_LEAK = 1 << NIR_TAU_SYN | 1 << NIR_TAU_MEM | 1 << NIR_R | 1 << NIR_V_LEAK
};

const char *const nir_param_names[NIR_PARAMS] = {
    [NIR_BIAS] = "bias",
    [NIR_DELAY_TIME] = "delay",
    [NIR_DILATION] = "dilation",
    [NIR_END_DIM] = "end_dim",
    [NIR_GROUPS] = "groups",
    [NIR_INPUT_SHAPE] = "input_shape",
    [NIR_INPUT_TYPE] = "input_type",
    [NIR_KERNEL_SIZE] = "kernel_size",
    [NIR_PADDING] = "padding",
    [NIR_R] = "r",
    [NIR_SCALE_FACTOR] = "scale",
    [NIR_SHAPE] = "shape",
    [NIR_START_DIM] = "start_dim",
    [NIR_STRIDE] = "stride",
    [NIR_TAU] = "tau",
    [NIR_TAU_MEM] = "tau_mem",
    [NIR_TAU_SYN] = "tau_syn",
    [NIR_THRESHOLD_LEVEL] = "threshold",
    [NIR_V_LEAK] = "v_leak",
    [NIR_V_RESET] = "v_reset",
    [NIR_V_THRESHOLD] = "v_threshold",
    [NIR_W_IN] = "w_in",
    [NIR_WEIGHT] = "weight",
};

const struct nir_type nir_types[NIR_TYPES] = {
    [NIR_AFFINE] = { .name = "Affine", .required = 1 << NIR_WEIGHT | 1 << NIR_BIAS },
    [NIR_AVG_POOL_2D] = { .name = "AvgPool2d", .required = POOL },
    [NIR_CONV_1D] = { .name = "Conv1d",
                      .required = CONVOLUTION,
                      .optional = 1 << NIR_INPUT_SHAPE },
    [NIR_CONV_2D] = { .name = "Conv2d",
                      .required = CONVOLUTION,
                      .optional = 1 << NIR_INPUT_SHAPE },
    [NIR_CUBA_LI] = { .name = "CubaLI",
                      .required = CURRENT_LEAK,
                      .optional = 1 << NIR_W_IN,
                      .has_state = true,
                      .is_elementwise = true },
    [NIR_CUBA_LIF] = { .name = "CubaLIF",
                       .required = CURRENT_LEAK | 1 << NIR_V_THRESHOLD,
                       .optional = 1 << NIR_W_IN | 1 << NIR_V_RESET,
                       .has_state = true,
                       .is_spiking = true,
                       .is_elementwise = true },
    [NIR_DELAY] = { .name = "Delay",
                    .required = 1 << NIR_DELAY_TIME,
                    .is_elementwise = true },
    [NIR_FLATTEN] = { .name = "Flatten",
                      .required = 1 << NIR_START_DIM | 1 << NIR_END_DIM,
                      .optional = 1 << NIR_INPUT_TYPE },
    [NIR_I] = { .name = "I",
                .required = 1 << NIR_R,
                .has_state = true,
                .is_elementwise = true },
    [NIR_IF] = { .name = "IF",
                 .required = 1 << NIR_R | 1 << NIR_V_THRESHOLD,
                 .optional = 1 << NIR_V_RESET,
                 .has_state = true,
                 .is_spiking = true,
                 .is_elementwise = true },
    [NIR_INPUT] = { .name = "Input", .required = 1 << NIR_SHAPE },
    [NIR_LI] = { .name = "LI",
                 .required = LEAK,
                 .has_state = true,
                 .is_elementwise = true },
    [NIR_LIF] = { .name = "LIF",
                  .required = LEAK | 1 << NIR_V_THRESHOLD,
                  .optional = 1 << NIR_V_RESET,
                  .has_state = true,
                  .is_spiking = true,
                  .is_elementwise = true },
    [NIR_LINEAR] = { .name = "Linear", .required = 1 << NIR_WEIGHT },
    [NIR_GRAPH] = { .name = "NIRGraph" },
    [NIR_OUTPUT] = { .name = "Output", .required = 1 << NIR_SHAPE },
    [NIR_SCALE] = { .name = "Scale",
                    .required = 1 << NIR_SCALE_FACTOR,
                    .is_elementwise = true },
    [NIR_SUM_POOL_2D] = { .name = "SumPool2d", .required = POOL },
    [NIR_THRESHOLD] = { .name = "Threshold",
                        .required = 1 << NIR_THRESHOLD_LEVEL,
                        .is_spiking = true,
                        .is_elementwise = true },
};

const struct nir_type *nir_type_find(const char *name)
{
    for (size_t i = 0; i < NIR_TYPES; i++)
        if (strcmp(nir_types[i].name, name) == 0)
            return &nir_types[i];
    return NULL;
}
