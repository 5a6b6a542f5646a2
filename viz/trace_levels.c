/* See trace_levels.h. */
#include "viz/trace_levels.h"

#include <math.h>
#include <stdlib.h>

enum {
    BLOCK = 1 << 16,      /* values read at a time */
    MOST_VALUES = 1 << 21 /* that are read to draw */
};

static const struct trace_extreme nothing = { INFINITY, -INFINITY };

static void take(struct trace_extreme *extreme, struct trace_extreme other)
{
    extreme->least = fminf(extreme->least, other.least);
    extreme->most = fmaxf(extreme->most, other.most);
}

static enum error_code make_room(struct trace_levels *levels, int level,
                                 uint64_t entries, struct error *err)
{
    if (entries <= levels->level[level].room)
        return OK;
    uint64_t room = entries + entries / 2;
    struct trace_extreme *larger = NULL;
    if (room < SIZE_MAX / sizeof *larger / levels->nodes)
        larger = realloc(levels->level[level].extreme,
                         (size_t)(room * levels->nodes) * sizeof *larger);
    if (!larger)
        return error_memory(err, "a coarse trace",
                            (double)room * levels->nodes * sizeof *larger);
    levels->level[level].extreme = larger;
    levels->level[level].room = room;
    return OK;
}

/* Entry `entry` of a level takes a value; it may be a new one. */
static enum error_code add(struct trace_levels *levels, int level, uint64_t entry,
                           uint32_t node, struct trace_extreme value, struct error *err)
{
    if (make_room(levels, level, entry + 1, err) != OK)
        return err->code;
    struct trace_extreme *row = levels->level[level].extreme + entry * levels->nodes;
    if (entry == levels->level[level].entries) {
        for (uint32_t i = 0; i < levels->nodes; i++)
            row[i] = nothing;
        levels->level[level].entries++;
    }
    take(&row[node], value);
    return OK;
}

static struct trace_extreme extreme_of(float value)
{
    return isfinite(value) ? (struct trace_extreme){ value, value } : nothing;
}

/* Samples [first, first + count) into all levels; value: (count, nodes). A grain that was
 * half full is taken again, which changes nothing, since extremes do not add up. */
static enum error_code add_block(struct trace_levels *levels, uint64_t first,
                                 uint64_t count, uint64_t nodes, const float *value,
                                 struct error *err)
{
    for (uint64_t i = 0; i < count; i++)
        for (uint32_t node = 0; node < levels->nodes; node++)
            if (add(levels, 0, (first + i) / TRACE_GRAIN, node,
                    extreme_of(value[i * nodes + node]), err) != OK)
                return err->code;
    uint64_t from = first / TRACE_GRAIN;
    for (int level = 1; level < TRACE_LEVELS; level++, from /= TRACE_GRAIN) {
        uint64_t end = levels->level[level - 1].entries;
        for (uint64_t entry = from; entry < end; entry++)
            for (uint32_t node = 0; node < levels->nodes; node++) {
                struct trace_extreme below =
                    levels->level[level - 1].extreme[entry * levels->nodes + node];
                if (add(levels, level, entry / TRACE_GRAIN, node, below, err) != OK)
                    return err->code;
            }
    }
    return OK;
}

enum error_code trace_levels_extend(struct trace_levels *levels,
                                    const struct recording *recording,
                                    uint32_t trace_index, struct error *err)
{
    const uint64_t nodes = recording->trace[trace_index].nodes;
    const uint64_t samples = recording->trace_length[trace_index];
    uint64_t block = 1 + BLOCK / nodes; /* of many neurons few samples */
    float *value = malloc((size_t)(block * nodes) * sizeof *value);
    if (!value)
        return error_memory(err, "a trace", (double)(block * nodes) * sizeof *value);
    levels->nodes = nodes < TRACE_NODES ? (uint32_t)nodes : TRACE_NODES;
    enum error_code code = OK;
    while (levels->samples < samples && code == OK) {
        uint64_t first = levels->samples, left = samples - first;
        uint64_t count = left < block ? left : block;
        code = recording_read_trace(recording, trace_index, first, count, value, err);
        if (code == OK)
            code = add_block(levels, first, count, nodes, value, err);
        if (code == OK)
            levels->samples += count;
    }
    free(value);
    return code;
}

void trace_levels_release(struct trace_levels *levels)
{
    for (int level = 0; level < TRACE_LEVELS; level++)
        free(levels->level[level].extreme);
    *levels = (struct trace_levels){ 0 };
}

/* Samples of a column, cut to what there is. */
static void column_range(const struct trace_levels *levels, double first, double each,
                         uint32_t column, uint64_t *from, uint64_t *to)
{
    double begin = fmax(0, floor(first + each * column));
    double end = fmax(begin + 1, floor(first + each * (column + 1)));
    double last = (double)levels->samples;
    *from = (uint64_t)fmin(begin, last);
    *to = (uint64_t)fmin(end, last);
}

static void read_coarse(const struct trace_levels *levels, int level, uint64_t grain,
                        uint64_t from, uint64_t to, struct trace_extreme *extreme)
{
    uint64_t entries = levels->level[level].entries;
    uint64_t last = (to + grain - 1) / grain;
    for (uint64_t entry = from / grain; entry < last && entry < entries; entry++)
        for (uint32_t node = 0; node < levels->nodes; node++)
            take(&extreme[node],
                 levels->level[level].extreme[entry * levels->nodes + node]);
}

static enum error_code read_fine(const struct trace_levels *levels,
                                 const struct recording *recording,
                                 uint32_t trace_index, double first, double each,
                                 uint32_t columns, struct trace_extreme *extreme,
                                 struct error *err)
{
    const uint64_t nodes = recording->trace[trace_index].nodes;
    uint64_t from, to, begin, end;
    column_range(levels, first, each, 0, &begin, &to);
    column_range(levels, first, each, columns - 1, &from, &end);
    if (end <= begin)
        return OK;
    float *value = malloc((size_t)((end - begin) * nodes) * sizeof *value);
    if (!value)
        return error_memory(err, "a trace", 0);
    enum error_code code =
        recording_read_trace(recording, trace_index, begin, end - begin, value, err);
    for (uint32_t column = 0; column < columns && code == OK; column++) {
        column_range(levels, first, each, column, &from, &to);
        for (uint64_t sample = from; sample < to; sample++)
            for (uint32_t node = 0; node < levels->nodes; node++)
                take(&extreme[(size_t)column * levels->nodes + node],
                     extreme_of(value[(sample - begin) * nodes + node]));
    }
    free(value);
    return code;
}

enum error_code trace_levels_read(const struct trace_levels *levels,
                                  const struct recording *recording,
                                  uint32_t trace_index, double first, double samples,
                                  uint32_t columns, struct trace_extreme *extreme,
                                  struct error *err)
{
    double each = columns ? samples / columns : 0;
    double values = samples * (double)recording->trace[trace_index].nodes;
    for (size_t i = 0; i < (size_t)columns * levels->nodes; i++)
        extreme[i] = nothing;
    if (columns == 0 || !(each > 0))
        return OK;
    if (each < TRACE_GRAIN && values < MOST_VALUES)
        return read_fine(levels, recording, trace_index, first, each, columns, extreme,
                         err);
    int level = 0;
    uint64_t grain = TRACE_GRAIN;
    while (level + 1 < TRACE_LEVELS && each >= (double)grain * TRACE_GRAIN) {
        grain *= TRACE_GRAIN;
        level++;
    }
    for (uint32_t column = 0; column < columns; column++) {
        uint64_t from, to;
        column_range(levels, first, each, column, &from, &to);
        if (to > from)
            read_coarse(levels, level, grain, from, to,
                        extreme + (size_t)column * levels->nodes);
    }
    return OK;
}
