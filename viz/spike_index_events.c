/* Adds events one by one, as spike_grid_add would. The places of a block rise, unless
 * its bytes are foreign; then some are left out. */
#include "viz/spike_index_slice.h"

enum { FEW_BANDS = 4 };

/* The events of a block on the plot: steps are counted from the plot's first. */
struct event_stretch {
    const uint32_t *place;
    size_t events;
    int64_t step;  /* of place 0 */
    uint64_t node; /* likewise */
    uint32_t bits;
};

/* What worths add, by what a block stores of them. */
struct event_worths {
    const unsigned char *code;
    const int32_t *worth;
    float power[INDEX_DICTIONARY];
    bool is_inhibited[INDEX_DICTIONARY];
};

static size_t first_place(const uint32_t *place, size_t events, uint32_t bits,
                          int64_t step)
{
    size_t low = 0, high = events;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if ((int64_t)(place[middle] >> bits) < step)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static void read_worths(struct event_worths *worths, const struct index_block *block,
                        const unsigned char *bytes, size_t skipped)
{
    const unsigned char *behind = bytes + (size_t)block->events * sizeof(uint32_t);
    *worths = (struct event_worths){ .code = NULL };
    worths->power[0] = spike_power(block->worth);
    worths->is_inhibited[0] = block->worth < 0;
    if (block->worth_bytes == 4) {
        worths->worth = (const int32_t *)(const void *)behind + skipped;
    } else if (block->worth_bytes == 1) {
        const int32_t *dictionary = (const void *)behind;
        for (int i = 0; i < INDEX_DICTIONARY; i++) {
            worths->power[i] = spike_power(dictionary[i]);
            worths->is_inhibited[i] = dictionary[i] < 0;
        }
        worths->code = behind + INDEX_DICTIONARY * sizeof *dictionary + skipped;
    }
}

/* Spikes of neighbours in time mostly share a column: counted in a register. */
struct column_run {
    uint32_t column, spikes;
};

static void end_run(struct query_slice *slice, struct column_run *run,
                    bool is_inhibited)
{
    (is_inhibited ? slice->inhibited : slice->excited)[run->column] += run->spikes;
    slice->spikes += run->spikes;
    run->spikes = 0;
}

/* Where steps and neurons share cells: each event has one. */
static void add_narrow(struct query_slice *slice, const struct event_stretch *stretch,
                       const struct event_worths *worths, const struct spike_band *band)
{
    const struct spike_grid *grid = slice->plan->grid;
    const double across = (double)grid->columns / (double)grid->steps;
    const double up = (double)band->height / (double)band->neurons;
    const uint32_t columns = slice->end_column - slice->first_column;
    const uint32_t mask = (UINT32_C(1) << stretch->bits) - 1;
    const uint32_t bottom = band->top + band->height - 1;
    float power = worths->power[0];
    bool is_inhibited = worths->is_inhibited[0];
    struct column_run run[2] = { { slice->first_column, 0 },
                                 { slice->first_column, 0 } };
    for (size_t i = 0; i < stretch->events; i++) {
        uint32_t place = stretch->place[i];
        uint64_t neuron = stretch->node + (place & mask) - band->first_node;
        uint32_t column =
            (uint32_t)(int64_t)((double)(stretch->step + (place >> stretch->bits)) *
                                across);
        column = column < grid->columns ? column : grid->columns - 1;
        if (neuron >= band->neurons || column - slice->first_column >= columns)
            continue;
        uint32_t row = (uint32_t)((double)(uint32_t)neuron * up);
        row = row < band->height ? row : band->height - 1;
        if (worths->code) {
            power = worths->power[worths->code[i]];
            is_inhibited = worths->is_inhibited[worths->code[i]];
        } else if (worths->worth) {
            power = spike_power(worths->worth[i]);
            is_inhibited = worths->worth[i] < 0;
        }
        size_t cell = (size_t)(bottom - row) * grid->columns + column;
        (is_inhibited ? grid->inhibited : grid->excited)[cell] += power;
        if (column != run[is_inhibited].column) {
            end_run(slice, &run[is_inhibited], is_inhibited);
            run[is_inhibited].column = column;
        }
        run[is_inhibited].spikes++;
    }
    end_run(slice, &run[0], false);
    end_run(slice, &run[1], true);
}

static void add_wide_one(struct query_slice *slice, const struct spike_band *band,
                         uint64_t step, uint64_t neuron, float power, bool is_inhibited)
{
    const struct spike_grid *grid = slice->plan->grid;
    uint32_t left, right, below, above;
    spike_grid_cover(step, grid->steps, grid->columns, &left, &right);
    spike_grid_cover(neuron, band->neurons, band->height, &below, &above);
    uint32_t drawn = left + spike_grid_drawn(right - left);
    above = below + spike_grid_drawn(above - below);
    if (left >= slice->first_column && left < slice->end_column)
        slice->spikes++;
    left = left > slice->first_column ? left : slice->first_column;
    right = right < slice->end_column ? right : slice->end_column;
    drawn = drawn < right ? drawn : right;
    for (uint32_t column = left; column < right; column++)
        (is_inhibited ? slice->inhibited : slice->excited)[column]++;
    float *sum = is_inhibited ? grid->inhibited : grid->excited;
    for (uint32_t row = below; row < above; row++) {
        float *cell =
            sum + (size_t)(band->top + band->height - 1 - row) * grid->columns;
        for (uint32_t column = left; column < drawn; column++)
            cell[column] += power;
    }
}

static void add_wide(struct query_slice *slice, const struct event_stretch *stretch,
                     const struct event_worths *worths, const struct spike_band *band)
{
    const uint64_t steps = slice->plan->grid->steps;
    const uint32_t mask = (UINT32_C(1) << stretch->bits) - 1;
    for (size_t i = 0; i < stretch->events; i++) {
        uint64_t neuron = stretch->node + (stretch->place[i] & mask) - band->first_node;
        uint64_t step =
            (uint64_t)(stretch->step + (stretch->place[i] >> stretch->bits));
        if (neuron >= band->neurons || step >= steps)
            continue;
        unsigned code = worths->code ? worths->code[i] : 0;
        bool is_plain = worths->worth != NULL;
        add_wide_one(slice, band, step, neuron,
                     is_plain ? spike_power(worths->worth[i]) : worths->power[code],
                     is_plain ? worths->worth[i] < 0 : worths->is_inhibited[code]);
    }
}

/* The steps of the plot that the slice's columns show of a part. */
static void find_steps(const struct query_slice *slice, const struct query_part *part,
                       int64_t *from, int64_t *to)
{
    const struct query_plan *plan = slice->plan;
    const struct spike_grid *grid = plan->grid;
    int64_t first = (int64_t)grid->first_step;
    *from = (int64_t)part->from - first;
    *to = (int64_t)part->to - first;
    int64_t begin = 0, end = (int64_t)grid->steps;
    if (plan->time.begin) {
        begin = (int64_t)plan->time.begin[slice->first_column];
        end = (int64_t)plan->time.begin[slice->end_column];
    }
    *from = *from > begin ? *from : begin;
    *to = *to < end ? *to : end;
}

/* Where a range holds many small populations, each event looks for its band. */
static void add_to_many(struct query_slice *slice, const struct index_level **level,
                        uint32_t range, const struct event_stretch *stretch,
                        const struct event_worths *worths)
{
    const struct query_plan *plan = slice->plan;
    const struct spike_band *bands = plan->grid->band;
    const uint32_t mask = (UINT32_C(1) << stretch->bits) - 1;
    for (size_t i = 0; i < stretch->events; i++) {
        uint64_t node = stretch->node + (stretch->place[i] & mask);
        uint64_t step =
            (uint64_t)(stretch->step + (stretch->place[i] >> stretch->bits));
        uint32_t low = plan->band_from[range], high = plan->band_to[range];
        while (high - low > 1) {
            uint32_t middle = low + (high - low) / 2;
            if (bands[middle].first_node <= node)
                low = middle;
            else
                high = middle;
        }
        const struct spike_band *band = &bands[low];
        if (level[low] || band->height == 0 || node < band->first_node ||
            node - band->first_node >= band->neurons || step >= plan->grid->steps)
            continue;
        unsigned code = worths->code ? worths->code[i] : 0;
        bool is_plain = worths->worth != NULL;
        add_wide_one(slice, band, step, node - band->first_node,
                     is_plain ? spike_power(worths->worth[i]) : worths->power[code],
                     is_plain ? worths->worth[i] < 0 : worths->is_inhibited[code]);
    }
}

static void add_block(struct query_slice *slice, size_t part_index, uint32_t range,
                      const struct event_stretch *stretch,
                      const struct event_worths *worths)
{
    const struct query_plan *plan = slice->plan;
    const struct index_level **level = plan->level + part_index * plan->grid->bands;
    if (plan->band_to[range] - plan->band_from[range] > FEW_BANDS) {
        add_to_many(slice, level, range, stretch, worths);
        return;
    }
    for (uint32_t b = plan->band_from[range]; b < plan->band_to[range]; b++) {
        const struct spike_band *band = &plan->grid->band[b];
        if (level[b] || band->height == 0)
            continue;
        if (plan->time.begin && plan->neurons[b].begin)
            add_narrow(slice, stretch, worths, band);
        else
            add_wide(slice, stretch, worths, band);
    }
}

static bool wants_events(const struct query_plan *plan, size_t part_index,
                         uint32_t range)
{
    const struct index_level **level = plan->level + part_index * plan->grid->bands;
    for (uint32_t b = plan->band_from[range]; b < plan->band_to[range]; b++)
        if (!level[b] && plan->grid->band[b].height > 0)
            return true;
    return false;
}

void query_add_events(struct query_slice *slice, size_t part_index)
{
    const struct query_plan *plan = slice->plan;
    const struct query_part *wanted = &plan->part[part_index];
    const struct index_part *part = wanted->part;
    struct event_worths worths;
    int64_t from, to, origin = query_origin(plan, wanted);
    find_steps(slice, wanted, &from, &to);
    for (uint32_t s = 0; s < part->head->strips; s++) {
        int64_t begin = origin + part->strip[s].first;
        if (begin >= to || begin + part->strip[s].steps <= from)
            continue;
        for (uint32_t range = 0; range < plan->map->ranges; range++) {
            const struct index_block *block =
                &part->block[(size_t)s * plan->map->ranges + range];
            if (block->events == 0 || !wants_events(plan, part_index, range))
                continue;
            const uint32_t *place = (const void *)(part->bytes + block->at);
            uint32_t bits = plan->map->range_bits;
            size_t first = first_place(place, block->events, bits, from - begin);
            size_t end = first_place(place, block->events, bits, to - begin);
            const struct event_stretch stretch = { place + first,
                                                   end > first ? end - first : 0, begin,
                                                   plan->map->range[range], bits };
            read_worths(&worths, block, part->bytes + block->at, first);
            add_block(slice, part_index, range, &stretch, &worths);
        }
    }
}
