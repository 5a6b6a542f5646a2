/* See stack.h. */
#include "viz/stack.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const double largest_gap = 0.012; /* of the whole stack, between two bands */
static const double all_gaps = 0.12;
static const double least_share = 0.25; /* of an even share, what a band has at least */

/* A whole name, a layer ("L07" of "L07.ffn_down") or a role. */
static bool is_named(const struct population_info *info, const char *name)
{
    size_t length = strlen(name);
    if (strcmp(info->name, name) == 0 || strcmp(info->role, name) == 0)
        return true;
    return length > 0 && strncmp(info->name, name, length) == 0 &&
           info->name[length] == '.';
}

static enum error_code check_names(const struct recording *recording,
                                   const char *const *name, struct error *err)
{
    for (; *name; name++) {
        uint32_t p = 0, all = recording->populations;
        while (p < all && !is_named(&recording->population[p], *name))
            p++;
        if (p == all && all == 0)
            return error_set(err, ERR_FORMAT, "the recording has no populations");
        if (p == all)
            return error_set(err, ERR_ARGUMENT,
                             "no population, layer or role '%s' among the %u recorded, "
                             "'%s' to '%s'",
                             *name, all, recording->population[0].name,
                             recording->population[all - 1].name);
    }
    return OK;
}

static bool is_shown(const struct stack_filter *filter, const struct recording *from,
                     uint32_t p)
{
    const struct population_info *info = &from->population[p];
    bool is_chosen = !filter->name;
    for (size_t i = 0; filter->name && filter->name[i]; i++)
        is_chosen = is_chosen || is_named(info, filter->name[i]);
    if (filter->population >= 0)
        is_chosen = (uint32_t)filter->population == p;
    else if (filter->layer >= 0)
        is_chosen = info->layer == filter->layer;
    return is_chosen && info->size > 0;
}

/* Foots and heights of the chosen bands. */
static void pile(struct stack *stack, const struct recording *recording)
{
    double neurons = 0, bottom = 0;
    for (uint32_t i = 0; i < stack->bands; i++)
        neurons += (double)recording->population[stack->band[i].population].size;
    double least = least_share * neurons / fmax(1, stack->bands);
    double gap = neurons * fmin(largest_gap, all_gaps / fmax(1, stack->bands));
    for (uint32_t i = 0; i < stack->bands; i++) {
        struct stack_band *band = &stack->band[i];
        band->bottom = bottom;
        band->units = fmax((double)recording->population[band->population].size, least);
        bottom += band->units + gap;
    }
    stack->units = stack->bands ? bottom - gap : 0;
}

enum error_code stack_build(struct stack *stack, const struct scene *scene,
                            const struct stack_filter *filter, struct error *err)
{
    const struct recording *recording = &scene->recording;
    *stack = (struct stack){ 0 };
    if (filter->name && check_names(recording, filter->name, err) != OK)
        return err->code;
    stack->band = calloc((size_t)recording->populations + 1, sizeof *stack->band);
    if (!stack->band)
        return error_memory(err, "the bands of a raster",
                            (double)recording->populations * sizeof *stack->band);
    for (uint32_t p = 0; p < recording->populations; p++)
        if (is_shown(filter, recording, p))
            stack->band[stack->bands++].population = p;
    pile(stack, recording);
    return OK;
}

void stack_release(struct stack *stack)
{
    free(stack->band);
    *stack = (struct stack){ 0 };
}

const struct stack_band *stack_band_at(const struct stack *stack, double unit)
{
    for (uint32_t i = 0; i < stack->bands; i++) {
        const struct stack_band *band = &stack->band[i];
        if (unit >= band->bottom && unit < band->bottom + band->units)
            return band;
    }
    return NULL;
}

bool stack_node_at(const struct stack *stack, const struct scene *scene, double unit,
                   uint64_t *node)
{
    const struct stack_band *band = stack_band_at(stack, unit);
    if (!band)
        return false;
    const struct population_info *info = &scene->recording.population[band->population];
    double neuron = (unit - band->bottom) / band->units * (double)info->size;
    uint64_t index = (uint64_t)fmax(0, neuron);
    *node = info->first_node + (index < info->size ? index : info->size - 1);
    return true;
}

bool stack_node_units(const struct stack *stack, const struct scene *scene,
                      uint64_t node, double *bottom, double *units)
{
    for (uint32_t i = 0; i < stack->bands; i++) {
        const struct stack_band *band = &stack->band[i];
        const struct population_info *info =
            &scene->recording.population[band->population];
        if (node < info->first_node || node - info->first_node >= info->size)
            continue;
        *units = band->units / (double)info->size;
        *bottom = band->bottom + (double)(node - info->first_node) * *units;
        return true;
    }
    return false;
}

void stack_widen(const struct stack *stack, const struct scene *scene, double *first,
                 double *units)
{
    double end = *first + *units, bottom, height;
    uint64_t node;
    if (stack_node_at(stack, scene, *first, &node) &&
        stack_node_units(stack, scene, node, &bottom, &height))
        *first = fmin(*first, bottom);
    if (stack_node_at(stack, scene, end, &node) &&
        stack_node_units(stack, scene, node, &bottom, &height) && bottom < end)
        end = fmax(end, bottom + height);
    *units = end - *first;
}

/* Neurons of a band that [low, high) touches, in units from its foot. */
static void cut_neurons(const struct stack_band *band, uint64_t size, double low,
                        double high, uint64_t *from, uint64_t *to)
{
    double each = band->units / (double)size, hair = 1e-6;
    double first = floor(low / each + hair), last = ceil(high / each - hair);
    *from = first > 0 ? (uint64_t)first : 0;
    *to = last < (double)size ? (uint64_t)last : size;
    if (*from >= size)
        *from = size - 1;
    if (*to <= *from)
        *to = *from + 1;
}

uint32_t stack_bands(const struct stack *stack, const struct scene *scene, double first,
                     double units, uint32_t rows, struct spike_band *band)
{
    uint32_t count = 0;
    double scale = rows / units;
    for (uint32_t i = 0; i < stack->bands && rows > 0; i++) {
        const struct stack_band *from = &stack->band[i];
        const struct population_info *info =
            &scene->recording.population[from->population];
        double low = fmax(from->bottom, first) - from->bottom;
        double high = fmin(from->bottom + from->units, first + units) - from->bottom;
        if (high <= low)
            continue;
        uint64_t neuron, end;
        cut_neurons(from, info->size, low, high, &neuron, &end);
        /* Rows count down from the top. */
        double up = (from->bottom + high - first) * scale;
        double foot = (from->bottom + low - first) * scale;
        int64_t top = (int64_t)rows - llround(up),
                below = (int64_t)rows - llround(foot);
        top = top < 0 ? 0 : top >= rows ? rows - 1 : top;
        below = below <= top ? top + 1 : below > rows ? rows : below;
        band[count++] = (struct spike_band){ info->first_node + neuron, end - neuron,
                                             (uint32_t)top, (uint32_t)(below - top) };
    }
    return count;
}
