/* In which form weights are held: as asked for, in a text that recordings keep. */
#ifndef LM_WEIGHT_SETTING_H
#define LM_WEIGHT_SETTING_H

#include "base/error.h"

#include <stdbool.h>
#include <stdint.h>

struct weight_format;

struct weight_setting {
    const struct weight_format *format;
    uint32_t group; /* inputs that share a scale, of 4 bits a whole one; 0: all */
};

/* The head may be held otherwise than the layers. */
struct weight_plan {
    struct weight_setting layers, head;
};

/* "output" (8 bits, one scale per output), "64" (8 bits, 64 inputs share a scale),
 * "4bit" (one scale per output, multiples of which 64 inputs share), "4bit:32",
 * "4bit:32:min" (and a minimum). */
enum error_code weight_setting_read(struct weight_setting *setting, const char *text,
                                    struct error *err);
/* The same back, in the shortest form that reads as it. */
enum { WEIGHT_TEXT_ROOM = 32 };
void weight_setting_text(const struct weight_setting *setting,
                         char text[WEIGHT_TEXT_ROOM]);
/* Texts of both; NULL: "output" for the layers, the same as they for the head. */
enum error_code weight_plan_read(struct weight_plan *plan, const char *layers,
                                 const char *head, struct error *err);
const struct weight_setting *weight_plan_get(const struct weight_plan *plan,
                                             bool is_head);

/* Inputs that share a scale of floats at a site of so many, and how many of them an
 * output has. */
uint32_t weight_group(const struct weight_setting *setting, uint32_t inputs);
uint32_t weight_groups(const struct weight_setting *setting, uint32_t inputs);
/* Multiplications, each followed by an addition, that make sums of what is held into
 * sums of whole weights, one output and all inputs: 0 where those are held. */
uint32_t weight_group_products(const struct weight_setting *setting, uint32_t inputs);
/* Bytes that one row of `outputs` weights fetches, and those of all scales. */
uint64_t weight_row_bytes(const struct weight_setting *setting, uint64_t outputs);
uint64_t weight_scale_bytes(const struct weight_setting *setting, uint32_t inputs,
                            uint64_t outputs);

#endif
