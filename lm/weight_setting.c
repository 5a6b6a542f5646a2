/* See weight_setting.h. */
#include "lm/weight_setting.h"

#include "lm/weight_matrix.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FEWEST_INT8 = 8, MOST_INT8 = 1 << 20, FEWEST_INT4 = 16, USUAL_INT4 = 64 };

/* A whole number that ends where `rest` is set to; 0: there is none. */
static unsigned long read_whole(const char *text, const char **rest)
{
    char *end = (char *)text;
    unsigned long value = *text >= '0' && *text <= '9' ? strtoul(text, &end, 10) : 0;
    *rest = end;
    return value;
}

static enum error_code refuse(const char *text, struct error *err)
{
    return error_set(err, ERR_ARGUMENT,
                     "weights '%.40s': expected output, a number of inputs from %d to "
                     "%d, or 4bit, 4bit:N or 4bit:N:min with N from %d to %d",
                     text, FEWEST_INT8, MOST_INT8, FEWEST_INT4, INT4_MOST_INPUTS);
}

static enum error_code read_int4(struct weight_setting *setting, const char *text,
                                 const char *rest, struct error *err)
{
    unsigned long group = USUAL_INT4;
    if (rest[0] == ':' && strcmp(rest, ":min") != 0)
        group = read_whole(rest + 1, &rest);
    setting->format = &weights_int4;
    setting->group = (uint32_t)group;
    if (strcmp(rest, ":min") == 0) {
        setting->format = &weights_int4_minimum;
        rest += strlen(rest);
    }
    bool is_good = *rest == '\0' && group >= FEWEST_INT4 && group <= INT4_MOST_INPUTS;
    return is_good ? OK : refuse(text, err);
}

enum error_code weight_setting_read(struct weight_setting *setting, const char *text,
                                    struct error *err)
{
    static const char four[] = "4bit";
    *setting = (struct weight_setting){ &weights_int8, 0 };
    if (strcmp(text, "output") == 0)
        return OK;
    if (strncmp(text, four, strlen(four)) == 0)
        return read_int4(setting, text, text + strlen(four), err);
    const char *rest;
    unsigned long group = read_whole(text, &rest);
    setting->group = (uint32_t)group;
    bool is_good = *rest == '\0' && group >= FEWEST_INT8 && group <= MOST_INT8;
    return is_good ? OK : refuse(text, err);
}

void weight_setting_text(const struct weight_setting *setting,
                         char text[WEIGHT_TEXT_ROOM])
{
    const bool has_minimum = setting->format == &weights_int4_minimum;
    char group[12] = "";
    snprintf(group, sizeof group, "%u", (unsigned)setting->group);
    if (setting->format == &weights_int8)
        snprintf(text, WEIGHT_TEXT_ROOM, "%s", setting->group ? group : "output");
    else
        snprintf(text, WEIGHT_TEXT_ROOM, "4bit%s%s%s",
                 setting->group == USUAL_INT4 ? "" : ":",
                 setting->group == USUAL_INT4 ? "" : group, has_minimum ? ":min" : "");
}

enum error_code weight_plan_read(struct weight_plan *plan, const char *layers,
                                 const char *head, struct error *err)
{
    if (weight_setting_read(&plan->layers, layers ? layers : "output", err) != OK)
        return err->code;
    plan->head = plan->layers;
    return head ? weight_setting_read(&plan->head, head, err) : OK;
}

const struct weight_setting *weight_plan_get(const struct weight_plan *plan,
                                             bool is_head)
{
    return is_head ? &plan->head : &plan->layers;
}

uint32_t weight_group(const struct weight_setting *setting, uint32_t inputs)
{
    bool is_divided = setting->group > 0 && setting->format->group_bytes == 0;
    return is_divided && setting->group < inputs ? setting->group : inputs;
}

uint32_t weight_groups(const struct weight_setting *setting, uint32_t inputs)
{
    return inputs ? (inputs - 1) / weight_group(setting, inputs) + 1 : 0;
}

/* Those whose scales are whole. */
static uint32_t whole_groups(const struct weight_setting *setting, uint32_t inputs)
{
    bool is_divided = inputs > 0 && setting->format->group_bytes > 0;
    return is_divided ? (inputs - 1) / setting->group + 1 : 0;
}

uint32_t weight_group_products(const struct weight_setting *setting, uint32_t inputs)
{
    return whole_groups(setting, inputs) * setting->format->group_numbers;
}

uint64_t weight_row_bytes(const struct weight_setting *setting, uint64_t outputs)
{
    return (outputs * setting->format->bits + 7) / 8;
}

uint64_t weight_scale_bytes(const struct weight_setting *setting, uint32_t inputs,
                            uint64_t outputs)
{
    return outputs * (weight_groups(setting, inputs) * sizeof(float) +
                      whole_groups(setting, inputs) * setting->format->group_bytes);
}
