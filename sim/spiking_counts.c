/* See spiking_counts.h. Few rows go one by one: the rows of weights of the channels
 * that spike are added. Many rows are one product of 8-bit integers; counts beyond 8
 * bits are 0 in it and are added on top. Outputs are cut into panels, whose sums stay
 * in the cache until they are decoded. */
#include "sim/spiking_counts.h"

#include <omp.h>
#include <stdlib.h>
#include <string.h>

enum {
    LARGEST_FACTOR = 127,
    AGAIN = 8,            /* times that a row is added for one large factor */
    FEW_ROWS = 3,         /* up to here skipping beats the dense product */
    PANEL_SUMS = 1 << 17, /* per thread: half a megabyte */
};
_Static_assert((int)PANEL_SUMS >= (int)PRODUCT_SUMS, "sums serve one row too");

struct counts_engine {
    const struct kernel *kernel;
    struct spiking_limits limits;
    struct thread_team *team;
    struct arena arena;
    int32_t *sum;                   /* (threads, PANEL_SUMS) */
    struct row_list list;           /* of one row ... */
    struct weight_segment *segment; /* (segments): ... and how it is decoded */

    struct arena batch_arena; /* the rest, for many rows; grown with them */
    size_t rows, wide_room;
    int8_t *plane;        /* by segment: (rows, channels of the segment) */
    struct row_list wide; /* segment k of row r is list segment r * segments + k */
};

void counts_free(struct counts_engine *engine)
{
    if (!engine)
        return;
    arena_free(&engine->batch_arena);
    arena_free(&engine->arena);
    free(engine);
}

enum error_code counts_create(struct counts_engine **engine,
                              const struct kernel *kernel,
                              const struct spiking_limits *limits,
                              struct thread_team *team, struct error *err)
{
    struct counts_engine *self = calloc(1, sizeof *self);
    *engine = NULL;
    if (!self)
        return error_memory(err, "engine counts", sizeof *self);
    self->kernel = kernel;
    self->limits = *limits;
    self->team = team;
    size_t sums = (size_t)thread_team_threads(team) * PANEL_SUMS;
    self->sum = arena_array(&self->arena, sums, sizeof *self->sum);
    self->segment = arena_array(&self->arena, limits->segments, sizeof *self->segment);
    if (!self->sum || !self->segment ||
        !row_list_init(&self->list, &self->arena, AGAIN * limits->channels,
                       limits->segments)) {
        counts_free(self);
        return error_memory(err, "engine counts", (double)(sums * sizeof *self->sum));
    }
    *engine = self;
    return OK;
}

static bool is_wide(int32_t count)
{
    return count > LARGEST_FACTOR || count < -LARGEST_FACTOR;
}

static bool has_wide(const struct encoded *row)
{
    return is_wide(row->quantised.lowest * row->gain) ||
           is_wide(row->quantised.highest * row->gain);
}

/* Entries of one row, behind those that stand at list segment `at` already. */
static void list_wide(const struct spiking_site *s, const struct encoded *row,
                      struct row_list *list, size_t at)
{
    size_t entries = list->wide_begin[at];
    for (uint32_t k = 0; k < s->segments; k++) {
        uint32_t end = has_wide(row) ? spiking_segment_end(s, k) : 0;
        for (uint32_t i = spiking_segment_first(s, k); i < end; i++)
            if (is_wide(row->count[i] * row->gain)) {
                list->wide_channel[entries] = i;
                list->wide_factor[entries++] = row->count[i] * row->gain;
            }
        list->wide_begin[at + k + 1] = entries;
    }
}

static int8_t nearest_factor(int32_t product)
{
    return (int8_t)(product > LARGEST_FACTOR    ? LARGEST_FACTOR
                    : product < -LARGEST_FACTOR ? -LARGEST_FACTOR
                                                : product);
}

/* Products of a segment beyond 8 bits, where the kernel has marked them: a row of
 * weights that was just fetched costs little to add again, so one is a few of 127 and a
 * rest; the largest stay whole, and leave a factor of 0. */
static void list_again(const struct encoded *row, struct row_list *list, uint32_t k)
{
    int8_t *factor = list->factor, *mark = factor + list->begin[k];
    const int8_t *end = factor + list->begin[k + 1];
    size_t at = list->begin[k + 1], wide = list->wide_begin[k];
    while ((mark = memchr(mark, (uint8_t)COUNT_BEYOND, (size_t)(end - mark)))) {
        const uint32_t channel = list->channel[mark - factor];
        int32_t left = row->count[channel] * row->gain;
        if (left > AGAIN * LARGEST_FACTOR || left < -AGAIN * LARGEST_FACTOR) {
            list->wide_channel[wide] = channel;
            list->wide_factor[wide++] = left;
            *mark = 0;
            continue;
        }
        *mark = nearest_factor(left);
        for (left -= *mark; left != 0; left -= factor[at++]) {
            list->channel[at] = channel;
            factor[at] = nearest_factor(left);
        }
    }
    list->begin[k + 1] = at;
    list->wide_begin[k + 1] = wide;
}

static void list_row(struct counts_engine *self, const struct spiking_site *s,
                     const struct encoded *row)
{
    struct row_list *list = &self->list;
    list->begin[0] = list->wide_begin[0] = 0;
    for (uint32_t k = 0; k < s->segments; k++) {
        const uint32_t first = spiking_segment_first(s, k);
        const size_t at = list->begin[k];
        list->begin[k + 1] =
            at + self->kernel->list_rows(list->channel + at, list->factor + at,
                                         row->count + first,
                                         spiking_segment_end(s, k) - first, row->gain,
                                         first);
        list_again(row, list, k);
        self->segment[k] = spiking_site_segment(s, list, row->unit, k);
    }
}

static void project_row(struct counts_engine *self, const struct spiking_site *s,
                        const struct encoded *row, float *y)
{
    const struct row_list *list = &self->list;
    list_row(self, s, row);
    const struct weight_product product = {
        .matrix = s->matrix,
        .kernel = self->kernel,
        .row = list->channel,
        .factor = list->factor,
        .segment = self->segment,
        .segments = s->segments,
        .wide_row = list->wide_channel,
        .wide_factor = list->wide_factor,
        .wide_begin = list->wide_begin,
        .bias = s->bias,
        .next = s->next,
    };
    weight_product_run(&product, self->sum, self->team, y);
}

static size_t count_wide(const struct spiking_site *s, const struct encoded *row,
                         size_t rows)
{
    size_t wide = 0;
    for (size_t r = 0; r < rows; r++)
        for (uint32_t i = 0; has_wide(&row[r]) && i < s->site->inputs; i++)
            wide += is_wide(row[r].count[i] * row[r].gain);
    return wide;
}

static enum error_code batch_grow(struct counts_engine *self, size_t rows, size_t wide,
                                  struct error *err)
{
    if (rows <= self->rows && wide <= self->wide_room)
        return OK;
    rows = rows > self->rows ? rows : self->rows;
    wide = wide > self->wide_room ? 2 * wide : self->wide_room;
    arena_free(&self->batch_arena);
    self->rows = self->wide_room = 0;
    self->plane = arena_array(&self->batch_arena, rows, self->limits.channels);
    if (!self->plane || !row_list_init(&self->wide, &self->batch_arena, wide,
                                       rows * self->limits.segments))
        return error_memory(err, "a batch of rows",
                            (double)rows * (double)self->limits.channels);
    self->rows = rows;
    self->wide_room = wide;
    return OK;
}

static void fill_plane(struct counts_engine *self, const struct spiking_site *s,
                       const struct encoded *row, size_t rows, size_t r)
{
    for (uint32_t k = 0; k < s->segments; k++) {
        const size_t first = spiking_segment_first(s, k);
        const size_t length = spiking_segment_end(s, k) - first;
        const int32_t *count = row[r].count + first, gain = row[r].gain;
        int8_t *plane = self->plane + first * rows + r * length;
        for (size_t i = 0; i < length; i++)
            plane[i] = (int8_t)(is_wide(count[i] * gain) ? 0 : count[i] * gain);
    }
}

static void project_panel(struct counts_engine *self, const struct spiking_site *s,
                          const struct encoded *row, size_t rows, float *y,
                          size_t first, size_t width)
{
    const struct weight_panel panel = { s->matrix, self->kernel, first, width };
    int32_t *sum = self->sum + (size_t)omp_get_thread_num() * PANEL_SUMS;
    for (uint32_t k = 0; k < s->segments; k++) {
        const size_t channel = spiking_segment_first(s, k);
        s->matrix->setting.format->multiply(&panel, sum, self->plane + channel * rows,
                                            rows, channel,
                                            spiking_segment_end(s, k) - channel);
        for (size_t r = 0; r < rows; r++) {
            spiking_site_add(s, self->kernel, &self->wide,
                             (uint32_t)(r * s->segments + k), sum + r * width, first,
                             width);
            spiking_site_decode(s, self->kernel, row[r].unit, k, sum + r * width,
                                y + r * s->site->outputs + first, first, width);
        }
    }
}

static enum error_code project_batch(struct counts_engine *self,
                                     const struct spiking_site *s,
                                     const struct encoded *row, size_t rows, float *y,
                                     struct error *err)
{
    const size_t outputs = s->site->outputs;
    const size_t room = PANEL_SUMS / rows / SHARE_COLUMNS * SHARE_COLUMNS;
    size_t panel = spiking_site_share(s, thread_team_threads(self->team));
    if (panel > room)
        panel = room;
    if (batch_grow(self, rows, count_wide(s, row, rows), err) != OK)
        return err->code;

#pragma omp parallel for num_threads(thread_team_threads(self->team))                  \
    schedule(static) if (rows * s->site->inputs > KERNEL_SHARED_WORK)
    for (size_t r = 0; r < rows; r++)
        fill_plane(self, s, row, rows, r);
    self->wide.wide_begin[0] = 0;
    for (size_t r = 0; r < rows; r++)
        list_wide(s, &row[r], &self->wide, r * s->segments);
#pragma omp parallel for num_threads(thread_team_threads(self->team))                  \
    schedule(dynamic) if (rows * outputs * s->site->inputs > KERNEL_SHARED_WORK)
    for (size_t first = 0; first < outputs; first += panel)
        project_panel(self, s, row, rows, y, first,
                      outputs - first < panel ? outputs - first : panel);
    return OK;
}

enum error_code counts_project(struct counts_engine *engine,
                               const struct spiking_site *s, const struct encoded *row,
                               size_t rows, float *y, struct error *err)
{
    if (rows > FEW_ROWS)
        return project_batch(engine, s, row, rows, y, err);
    for (size_t r = 0; r < rows; r++)
        project_row(engine, s, &row[r], y + r * s->site->outputs);
    return OK;
}
