/* Rows of synapses: which there are, how long each is, and what stands in them. The
 * synapses of a target are drawn once to see which delays occur (if delays are drawn),
 * once to count and once to fill, since a draw costs less than keeping it. */
#include "sim/network_draw.h"
#include "sim/network_rows.h"

#include <stdlib.h>
#include <string.h>

size_t network_slice(const struct group *group, unsigned part, unsigned parts)
{
    /* Whole lines of eight doubles, so that threads share none. */
    return part == parts ? group->count : group->count * part / parts / 8 * 8;
}

/* ---- classes ---- */

/* Projections share a class where their synapses can still be told apart by source and
 * input. */
static bool can_join(const struct network *network, uint32_t class, uint32_t projection)
{
    const struct synapse_class *of = &network->class[class];
    const struct link *link = &network->link[projection];
    if (link->spec.stdp || of->plastic != no_index ||
        of->stored != network_link_is_stored(link) ||
        (!of->stored && of->weight != link->spec.weight.a))
        return false;
    for (uint32_t i = 0; i < projection; i++) {
        const struct projection *other = &network->link[i].spec;
        if (network->link[i].class == class && other->source == link->spec.source &&
            other->target == link->spec.target && other->port == link->spec.port)
            return false;
    }
    return true;
}

bool rows_classify(struct network *network)
{
    network->classes = 0;
    network->plastics = 0;
    network->class =
        arena_array(&network->built, network->links, sizeof *network->class);
    if (!network->class)
        return false;
    for (uint32_t projection = 0; projection < network->links; projection++) {
        struct link *link = &network->link[projection];
        uint32_t class = 0;
        while (class < network->classes && !can_join(network, class, projection))
            class ++;
        link->class = class;
        if (class < network->classes)
            continue;
        network->classes++;
        network->class[class] = (struct synapse_class){
            .stored = network_link_is_stored(link),
            .weight = link->spec.weight.a,
            .plastic = link->spec.stdp ? network->plastics++ : no_index,
        };
    }
    return true;
}

/* ---- delays and keys ---- */

enum { MARKS = NETWORK_MAX_DELAY + 2 };

static bool mark_delays(const struct network *network, uint32_t projection,
                        unsigned part, unsigned char *mark)
{
    const struct link *link = &network->link[projection];
    const struct group *target = &network->group[link->spec.target];
    struct drawing drawing;
    bool good = drawing_init(&drawing, network, projection);
    size_t end = network_slice(target, part + 1, network->parts);
    for (size_t neuron = network_slice(target, part, network->parts);
         good && neuron < end; neuron++) {
        size_t synapses = draw_sources(&drawing, (uint32_t)neuron);
        draw_delays(&drawing, (uint32_t)neuron, synapses);
        for (size_t i = 0; i < synapses; i++)
            mark[drawing.delay[i]] = 1;
    }
    drawing_release(&drawing);
    return good;
}

static enum error_code find_delays(struct network *network, uint32_t projection,
                                   unsigned char *mark, struct error *err)
{
    struct link *link = &network->link[projection];
    unsigned parts = network->parts;
    bool good = true;
    memset(mark, 0, (size_t)parts * MARKS);
    if (link->fixed_delay) {
        mark[link->fixed_delay] = 1;
    } else {
#pragma omp parallel for num_threads(network->settings.threads) reduction(&& : good)
        for (unsigned part = 0; part < parts; part++)
            good =
                mark_delays(network, projection, part, mark + (size_t)part * MARKS) &&
                good;
    }
    if (!good)
        return error_memory(err, "synapses of a neuron",
                            (double)link->most * 2 * sizeof(double));
    uint32_t lowest = MARKS, highest = 0;
    for (unsigned part = 0; part < parts; part++)
        for (uint32_t delay = 1; delay < MARKS; delay++)
            if (mark[(size_t)part * MARKS + delay]) {
                mark[delay] = 1;
                lowest = delay < lowest ? delay : lowest;
                highest = delay > highest ? delay : highest;
            }
    if (highest > NETWORK_MAX_DELAY)
        return error_set(err, ERR_ARGUMENT,
                         "projection %s to %s: a delay of more than %d steps was drawn",
                         network->group[link->spec.source].name,
                         network->group[link->spec.target].name, NETWORK_MAX_DELAY);
    link->lowest_delay = highest ? lowest : 1;
    link->delays = highest ? highest - lowest + 1 : 0;
    link->key = arena_array(&network->built, link->delays, sizeof *link->key);
    if (!link->key)
        return error_memory(err, "delays", (double)link->delays * sizeof *link->key);
    for (uint32_t i = 0; i < link->delays; i++)
        link->key[i] = mark[lowest + i] ? 0 : no_index;
    if (highest > network->longest_delay)
        network->longest_delay = highest;
    return OK;
}

static int compare_keys(const void *left, const void *right)
{
    const struct row_key *a = left, *b = right;
    if (a->delay != b->delay)
        return a->delay < b->delay ? -1 : 1;
    return (a->class > b->class) - (a->class < b->class);
}

/* The keys of a group: what its projections use, each once. */
static bool collect_keys(struct network *network, uint32_t population)
{
    struct group *group = &network->group[population];
    size_t room = 0, keys = 0;
    for (uint32_t i = 0; i < network->links; i++)
        if (network->link[i].spec.source == population)
            room += network->link[i].delays;
    struct row_key *key = arena_array(&network->built, room, sizeof *key);
    if (!key)
        return false;
    for (uint32_t i = 0; i < network->links; i++) {
        const struct link *link = &network->link[i];
        if (link->spec.source != population)
            continue;
        for (uint32_t delay = 0; delay < link->delays; delay++)
            if (link->key[delay] != no_index)
                key[keys++] =
                    (struct row_key){ link->lowest_delay + delay, link->class };
    }
    qsort(key, keys, sizeof *key, compare_keys);
    group->keys = 0;
    group->key = key;
    for (size_t i = 0; i < keys; i++)
        if (i == 0 || compare_keys(&key[i], &key[i - 1]) != 0)
            key[group->keys++] = key[i];
    for (uint32_t i = 0; i < network->links; i++) {
        struct link *link = &network->link[i];
        if (link->spec.source != population)
            continue;
        for (uint32_t k = 0; k < group->keys; k++)
            if (key[k].class == link->class && key[k].delay >= link->lowest_delay &&
                key[k].delay - link->lowest_delay < link->delays)
                link->key[key[k].delay - link->lowest_delay] = k;
    }
    return true;
}

enum error_code rows_find(struct network *network, struct error *err)
{
    unsigned char *mark = malloc((size_t)network->parts * MARKS);
    if (!mark)
        return error_memory(err, "delays", (double)network->parts * MARKS);
    network->longest_delay = 1;
    for (uint32_t i = 0; i < network->links; i++)
        if (find_delays(network, i, mark, err) != OK)
            break;
    free(mark);
    network->rows = 0;
    for (uint32_t i = 0; i < network->groups && err->code == OK; i++) {
        if (!collect_keys(network, i))
            return error_memory(err, "rows", (double)network->groups);
        network->group[i].first_row = network->rows;
        network->rows += (uint64_t)network->group[i].count * network->group[i].keys;
    }
    if (err->code == OK && network->rows >= no_index)
        return error_set(err, ERR_ARGUMENT,
                         "network: %llu rows of synapses (neurons times different "
                         "delays): expected at most %u",
                         (unsigned long long)network->rows, no_index - 1);
    return err->code;
}

/* ---- synapses ---- */

/* Counts a projection's synapses onto a part, or writes them behind row->first. */
static bool walk_link(const struct network *network, uint32_t projection,
                      unsigned index, bool fills)
{
    const struct link *link = &network->link[projection];
    const struct group *source = &network->group[link->spec.source];
    const struct group *target = &network->group[link->spec.target];
    struct network_part *part = &network->part[index];
    struct row *rows = part->row + source->first_row;
    size_t input = target->first_input + link->spec.port * target->count;
    size_t end = network_slice(target, index + 1, network->parts), keys = source->keys;
    bool stores = fills && network_link_is_stored(link);
    struct drawing drawing;
    bool good = drawing_init(&drawing, network, projection);
    for (size_t neuron = network_slice(target, index, network->parts);
         good && neuron < end; neuron++) {
        size_t synapses = draw_sources(&drawing, (uint32_t)neuron);
        if (!link->fixed_delay)
            draw_delays(&drawing, (uint32_t)neuron, synapses);
        if (stores)
            draw_weights(&drawing, (uint32_t)neuron, synapses);
        for (size_t i = 0; i < synapses; i++) {
            uint32_t delay =
                link->fixed_delay ? 0 : drawing.delay[i] - link->lowest_delay;
            struct row *row = &rows[drawing.source[i] * keys + link->key[delay]];
            if (stores)
                part->weight[row->first] = drawing.weight[i];
            if (fills)
                part->target[row->first++] = (uint32_t)(input + neuron);
            else
                row->count++;
        }
    }
    drawing_release(&drawing);
    return good;
}

static void place_rows(const struct network *network, struct network_part *part,
                       bool stored)
{
    for (uint32_t population = 0; population < network->groups; population++) {
        const struct group *group = &network->group[population];
        struct row *row = part->row + group->first_row;
        for (size_t i = 0; i < group->count * group->keys; i++) {
            uint32_t class = group->key[i % group->keys].class;
            if (network->class[class].stored != stored)
                continue;
            row[i].class = class;
            row[i].first = part->synapses;
            part->synapses += row[i].count;
        }
    }
    if (stored)
        part->stored = part->synapses;
}

bool rows_count(struct network *network)
{
    bool good = true;
    for (unsigned part = 0; part < network->parts && good; part++) {
        network->part[part].row =
            arena_array(&network->built, (size_t)network->rows, sizeof(struct row));
        good = network->part[part].row != NULL;
    }
    if (!good)
        return false;
#pragma omp parallel for num_threads(network->settings.threads) reduction(&& : good)
    for (unsigned part = 0; part < network->parts; part++) {
        for (uint32_t i = 0; i < network->links; i++)
            good = walk_link(network, i, part, false) && good;
        place_rows(network, &network->part[part], true);
        place_rows(network, &network->part[part], false);
    }
    return good;
}

bool rows_fill(struct network *network)
{
    bool good = true;
    for (unsigned i = 0; i < network->parts && good; i++) {
        struct network_part *part = &network->part[i];
        part->target =
            arena_array(&network->built, (size_t)part->synapses, sizeof *part->target);
        part->weight =
            arena_array(&network->built, (size_t)part->stored, sizeof *part->weight);
        good = part->target && part->weight;
    }
    network->row_synapses = arena_array(&network->built, (size_t)network->rows,
                                        sizeof *network->row_synapses);
    if (!good || !network->row_synapses)
        return false;
#pragma omp parallel for num_threads(network->settings.threads) reduction(&& : good)
    for (unsigned i = 0; i < network->parts; i++) {
        for (uint32_t link = 0; link < network->links; link++)
            good = walk_link(network, link, i, true) && good;
        for (uint64_t row = 0; row < network->rows; row++)
            network->part[i].row[row].first -= network->part[i].row[row].count;
    }
    for (uint32_t population = 0; population < network->groups; population++) {
        struct group *group = &network->group[population];
        for (uint64_t row = group->first_row;
             row < group->first_row + (uint64_t)group->count * group->keys; row++) {
            for (unsigned part = 0; part < network->parts; part++)
                network->row_synapses[row] += network->part[part].row[row].count;
            group->synapses_out += network->row_synapses[row];
        }
    }
    return good;
}
