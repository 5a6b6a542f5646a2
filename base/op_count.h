/* Counts of operations by type and width. An addition into a 32-bit accumulator is not
 * an 8-bit addition, and the two are priced apart. */
#ifndef BASE_OP_COUNT_H
#define BASE_OP_COUNT_H

#include <stdint.h>

enum op_kind {
    OP_ADD_I8, /* 8-bit result: only for those who price it so */
    OP_ADD_I32,
    OP_MAC_I8_I32, /* 8-bit factors, 32-bit sum */
    OP_MAC_F16,
    OP_MAC_F32,
    OP_ADD_F32,
    OP_MULTIPLY_F32,
    OP_DIVIDE_F32,
    OP_ROUND_F32,
    OP_COMPARE_F32,
    OP_EXP_F32, /* exp, tanh, sine, square root: one elementary function */
    OP_SHIFT_I32,
    OP_MULTIPLY_I32, /* the first that early recordings lack; new kinds go behind it */
    OP_KINDS
};

struct op_count {
    uint64_t n[OP_KINDS];
};

/* Names as they stand in tables, recordings and price profiles: add_i8, mac_f16, ... */
extern const char *const op_kind_name[OP_KINDS];

/* total += times * part. */
void op_count_add(struct op_count *total, const struct op_count *part, uint64_t times);

#endif
