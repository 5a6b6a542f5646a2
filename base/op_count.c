/* See op_count.h. */
#include "base/op_count.h"

const char *const op_kind_name[OP_KINDS] = {
    [OP_ADD_I8] = "add_i8",
    [OP_ADD_I32] = "add_i32",
    [OP_MAC_I8_I32] = "mac_i8_i32",
    [OP_MAC_F16] = "mac_f16",
    [OP_MAC_F32] = "mac_f32",
    [OP_ADD_F32] = "add_f32",
    [OP_MULTIPLY_F32] = "multiply_f32",
    [OP_DIVIDE_F32] = "divide_f32",
    [OP_ROUND_F32] = "round_f32",
    [OP_COMPARE_F32] = "compare_f32",
    [OP_EXP_F32] = "exp_f32",
    [OP_SHIFT_I32] = "shift_i32",
    [OP_MULTIPLY_I32] = "multiply_i32",
};

void op_count_add(struct op_count *total, const struct op_count *part, uint64_t times)
{
    for (int kind = 0; kind < OP_KINDS; kind++)
        total->n[kind] += times * part->n[kind];
}
