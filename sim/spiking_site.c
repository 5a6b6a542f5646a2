/* See spiking_site.h. */
#include "sim/spiking_site.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum { SMALL_COUNT = 7, SUM_BYTES = 4 };

static uint32_t group_or_all(uint32_t group, uint32_t channels)
{
    return group == 0 || group > channels ? channels : group;
}

enum error_code spiking_site_init(struct spiking_site *s, const struct site *site,
                                  const struct weight_matrix *matrix,
                                  const struct threshold_rule *rule,
                                  const struct encoder *encoder, unsigned window,
                                  struct error *err)
{
    if (matrix->inputs != site->inputs || matrix->outputs != site->outputs)
        return error_set(err, ERR_ARGUMENT,
                         "site %s: weights are %" PRIu32 " x %" PRIu32
                         ", expected %" PRIu32 " x %" PRIu32,
                         site->name, matrix->inputs, matrix->outputs, site->inputs,
                         site->outputs);
    if (threshold_check(rule, err) != OK)
        return error_wrap(err, "site %s", site->name);

    const uint32_t channels = site->inputs;
    uint32_t sharing_v = group_or_all(rule->group, channels);
    uint32_t sharing_scale = group_or_all(matrix->group, channels);
    uint32_t fine = sharing_v < sharing_scale ? sharing_v : sharing_scale;
    uint32_t coarse = sharing_v < sharing_scale ? sharing_scale : sharing_v;
    if (coarse % fine != 0 && coarse < channels)
        return error_set(err, ERR_ARGUMENT,
                         "site %s: thresholds are shared by %" PRIu32
                         " channels and weight scales by %" PRIu32
                         ": expected one to divide the other",
                         site->name, sharing_v, sharing_scale);

    *s = (struct spiking_site){
        .site = site,
        .matrix = matrix,
        .rule = *rule,
        .thresholds = threshold_groups(rule, channels),
        .neurons = (size_t)channels * encoder->neurons_per_channel,
        .segment = fine,
        .segments = (channels + fine - 1) / fine,
        .resolution = 1,
        .bias = encoder->is_stateful ? NULL : site->bias,
    };
    s->rule.rounds_to_zero = encoder->rounds_to_zero;
    int32_t lowest, highest;
    encoder->range(window ? window : encoder->max_steps, &lowest, &highest);
    if (s->rule.count_lowest < lowest)
        s->rule.count_lowest = lowest;
    if (s->rule.count_highest > highest)
        s->rule.count_highest = highest;
    return OK;
}

static void raise_to(size_t *limit, size_t value)
{
    if (value > *limit)
        *limit = value;
}

void spiking_limits_cover(struct spiking_limits *limits, const struct spiking_site *s)
{
    raise_to(&limits->channels, s->site->inputs);
    raise_to(&limits->neurons, s->neurons);
    raise_to(&limits->outputs, s->site->outputs);
    raise_to(&limits->thresholds, s->thresholds);
    raise_to(&limits->segments, s->segments);
    raise_to(&limits->sums, (size_t)s->segments * s->site->outputs);
}

uint32_t spiking_segment_first(const struct spiking_site *s, uint32_t k)
{
    return k * s->segment;
}

uint32_t spiking_segment_end(const struct spiking_site *s, uint32_t k)
{
    return k + 1 < s->segments ? (k + 1) * s->segment : s->site->inputs;
}

/* Of |factor| over a segment. */
static uint64_t largest_sum(const struct spiking_site *s)
{
    return (uint64_t)(INT32_MAX / s->matrix->largest);
}

/* Sums of whole segments only have to fit: additions mod 2^32 are exact whenever their
 * last result is within 32 bits, whatever the ones before did. */
enum error_code spiking_site_check_sum(const struct spiking_site *s, uint64_t magnitude,
                                       struct error *err)
{
    const uint64_t most = largest_sum(s);
    if (magnitude <= most)
        return OK;
    return error_set(err, ERR_ARGUMENT,
                     "site %s: counts add up to %" PRIu64 ", and above %" PRIu64
                     " a 32-bit sum could overflow: a larger threshold helps",
                     s->site->name, magnitude, most);
}

static enum error_code check_sums(const struct spiking_site *s,
                                  const struct encoded *row, struct error *err)
{
    const uint64_t gain = (uint64_t)row->gain;
    if (row->quantised.magnitude <= largest_sum(s) / gain)
        return OK;
    for (uint32_t k = 0; k < s->segments; k++) {
        uint64_t magnitude = 0;
        const uint32_t end = spiking_segment_end(s, k);
        for (uint32_t i = spiking_segment_first(s, k); i < end; i++)
            magnitude += (uint64_t)llabs(row->count[i]);
        if (spiking_site_check_sum(s, magnitude * gain, err) != OK)
            return err->code;
    }
    return OK;
}

/* V of a channel's group, while row->unit still is V. */
static float unit_of(const struct spiking_site *s, const struct encoded *row, size_t i)
{
    return row->unit[s->rule.group ? i / s->rule.group : 0];
}

enum error_code spiking_site_encode(const struct spiking_site *s,
                                    const struct kernel *kernel,
                                    const struct encoder *encoder, unsigned window,
                                    const float *x, float *held, float *change,
                                    struct encoded *row, struct error *err)
{
    const size_t channels = s->site->inputs;
    const struct threshold_loops loops = { kernel->sum_abs, kernel->count_channels };
    for (size_t i = 0; held && i < channels; i++)
        change[i] = x[i] - held[i];
    if (!threshold_quantise(&s->rule, x, held ? change : x, channels, &loops, row->unit,
                            row->count, &row->quantised))
        return error_set(err, ERR_ARGUMENT, "site %s: an activation is not finite",
                         s->site->name);
    for (size_t i = 0; held && i < channels; i++)
        held[i] += unit_of(s, row, i) * (float)row->count[i];
    row->steps = window;
    if (window == 0)
        row->steps = encoder->steps(row->quantised.lowest, row->quantised.highest);
    row->spikes = row->active = 0;
    row->gain = s->resolution;
    if (encoder->gain && row->steps)
        row->gain *= encoder->gain(row->steps);
    for (size_t g = 0; row->gain > 1 && g < s->thresholds; g++)
        row->unit[g] /= (float)row->gain;
    return check_sums(s, row, err);
}

void spiking_site_count(const struct spiking_site *s, const struct encoded *row,
                        size_t state_bytes, struct site_counters *counters)
{
    const uint64_t fan_out = s->site->outputs;
    const struct weight_setting *weights = &s->matrix->setting;
    const uint64_t fetch = weight_row_bytes(weights, fan_out);
    const uint64_t scales = weight_scale_bytes(weights, s->site->inputs, fan_out);
    uint64_t *n = counters->n;
    uint32_t small = 0;
    for (size_t i = 0; i < s->site->inputs; i++)
        small += row->count[i] <= SMALL_COUNT && row->count[i] >= -SMALL_COUNT;

    counters->threshold = row->quantised.mean_threshold;
    n[COUNT_STEPS] = row->steps;
    n[COUNT_SILENT] = row->quantised.silent;
    n[COUNT_SMALL] = small;
    n[COUNT_MAGNITUDE] = row->quantised.magnitude;
    n[COUNT_SPIKES] = row->spikes;
    n[COUNT_CLIPPED] = row->quantised.clipped;
    n[COUNT_SOP] = row->spikes * fan_out;
    n[COUNT_SPIKE_BYTES] = row->spikes * fetch + scales;
    n[COUNT_ROW_BYTES] = row->active * fetch + scales;
    n[COUNT_UPDATES] = s->neurons * row->steps;
    n[COUNT_STATE_BYTES] =
        n[COUNT_UPDATES] * state_bytes + n[COUNT_SOP] * 2 * SUM_BYTES;
}

bool row_list_init(struct row_list *list, struct arena *arena, size_t entries,
                   size_t segments)
{
    list->channel = arena_array(arena, entries, sizeof *list->channel);
    list->factor = arena_array(arena, entries, sizeof *list->factor);
    list->wide_channel = arena_array(arena, entries, sizeof *list->wide_channel);
    list->wide_factor = arena_array(arena, entries, sizeof *list->wide_factor);
    list->begin = arena_array(arena, segments + 1, sizeof *list->begin);
    list->wide_begin = arena_array(arena, segments + 1, sizeof *list->wide_begin);
    return list->channel && list->factor && list->wide_channel && list->wide_factor &&
           list->begin && list->wide_begin;
}

void spiking_site_add(const struct spiking_site *s, const struct kernel *kernel,
                      const struct row_list *list, uint32_t k, int32_t *sum,
                      size_t first, size_t width)
{
    const struct weight_format *format = s->matrix->setting.format;
    const struct weight_panel panel = { s->matrix, kernel, first, width };
    size_t at = list->begin[k], wide_at = list->wide_begin[k];
    size_t count = list->begin[k + 1] - at;
    size_t wide_count = list->wide_begin[k + 1] - wide_at;
    if (count)
        format->add_rows(&panel, sum, list->channel + at, list->factor + at, count);
    if (wide_count)
        format->add_rows_wide(&panel, sum, list->wide_channel + wide_at,
                              list->wide_factor + wide_at, wide_count);
}

static float unit_at(const struct spiking_site *s, const float *unit, uint32_t k)
{
    return unit[s->rule.group ? spiking_segment_first(s, k) / s->rule.group : 0];
}

void spiking_site_decode(const struct spiking_site *s, const struct kernel *kernel,
                         const float *unit, uint32_t k, const int32_t *sum, float *y,
                         size_t first, size_t width)
{
    const struct weight_panel panel = { s->matrix, kernel, first, width };
    weight_panel_decode(&panel, y, sum, spiking_segment_first(s, k) / s->matrix->group,
                        unit_at(s, unit, k), k > 0);
    if (k + 1 == s->segments)
        weight_panel_add_bias(&panel, y, s->bias);
}

struct weight_segment spiking_site_segment(const struct spiking_site *s,
                                           const struct row_list *list,
                                           const float *unit, uint32_t k)
{
    return (struct weight_segment){
        .begin = list->begin[k],
        .end = list->begin[k + 1],
        .group = spiking_segment_first(s, k) / s->matrix->group,
        .unit = unit_at(s, unit, k),
    };
}

size_t spiking_site_share(const struct spiking_site *s, int threads)
{
    size_t unit = (size_t)threads * SHARE_COLUMNS;
    return (s->site->outputs + unit - 1) / unit * SHARE_COLUMNS;
}
