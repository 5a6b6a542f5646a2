/* See page_trains.h. Trains are found by a hash table of their packed bytes, open
 * addressing, never more than half full. */
#include "viz/page_trains.h"

#include <stdlib.h>
#include <string.h>

struct train {
    size_t offset, length; /* into the table's bytes, its number of spikes left out */
    uint32_t hash, uses;   /* uses: in the population at hand */
    uint32_t rank;
};

struct train_set {
    struct train *train;
    uint32_t room;
    uint32_t *slot; /* (slots) index + 1; 0: empty */
    uint32_t slots; /* a power of two */
    uint32_t *used; /* (room) trains of the population at hand */
    struct page_bytes key;
};

enum { FIRST_SLOTS = 1 << 12 };

static enum error_code grow(struct page_trains *trains, struct error *err)
{
    struct train_set *set = trains->set;
    uint32_t slots = set->slots ? 2 * set->slots : FIRST_SLOTS;
    struct train *train = realloc(set->train, slots / 2 * sizeof *train);
    set->train = train ? train : set->train;
    uint32_t *used = realloc(set->used, slots / 2 * sizeof *used);
    set->used = used ? used : set->used;
    uint32_t *slot = calloc(slots, sizeof *slot);
    if (!train || !used || !slot) {
        free(slot);
        return error_memory(err, "spike trains", 36.0 * slots);
    }
    for (uint32_t i = 0; i < trains->trains; i++) {
        uint32_t at = set->train[i].hash & (slots - 1);
        while (slot[at])
            at = (at + 1) & (slots - 1);
        slot[at] = i + 1;
    }
    free(set->slot);
    set->slot = slot;
    set->slots = slots;
    set->room = slots / 2;
    return OK;
}

/* FNV-1a. */
static uint32_t hash_of(const struct page_bytes *key)
{
    uint32_t hash = 2166136261u;
    for (size_t i = 0; i < key->length; i++)
        hash = (hash ^ key->byte[i]) * 16777619u;
    return hash;
}

/* The index of the train whose packed bytes are set->key, with so many spikes. */
static enum error_code find_train(struct page_trains *trains, size_t spikes,
                                  uint32_t *index, struct error *err)
{
    struct train_set *set = trains->set;
    const struct page_bytes *key = &set->key;
    uint32_t hash = hash_of(key), at = hash & (set->slots - 1);
    for (; set->slot[at]; at = (at + 1) & (set->slots - 1)) {
        const struct train *train = &set->train[set->slot[at] - 1];
        if (train->hash == hash && train->length == key->length &&
            (key->length == 0 ||
             memcmp(trains->table.byte + train->offset, key->byte, key->length) == 0)) {
            *index = set->slot[at] - 1;
            return OK;
        }
    }
    if (trains->trains == set->room) {
        if (grow(trains, err) != OK)
            return err->code;
        return find_train(trains, spikes, index, err);
    }
    page_bytes_number(&trains->table, spikes);
    set->train[trains->trains] =
        (struct train){ trains->table.length, key->length, hash, 0, 0 };
    page_bytes_add(&trains->table, key->byte, key->length);
    if (trains->table.is_short || key->is_short)
        return error_memory(err, "spike trains", (double)trains->table.length);
    *index = trains->trains++;
    set->slot[at] = *index + 1;
    return OK;
}

enum error_code page_trains_init(struct page_trains *trains, struct error *err)
{
    uint32_t silent;
    *trains = (struct page_trains){ .set = calloc(1, sizeof *trains->set) };
    if (!trains->set)
        return error_memory(err, "spike trains", sizeof *trains->set);
    if (grow(trains, err) == OK && find_train(trains, 0, &silent, err) == OK)
        return OK;
    enum error_code code = err->code;
    page_trains_release(trains);
    return code;
}

void page_trains_release(struct page_trains *trains)
{
    if (trains->set) {
        free(trains->set->train);
        free(trains->set->slot);
        free(trains->set->used);
        page_bytes_release(&trains->set->key);
        free(trains->set);
    }
    page_bytes_release(&trains->table);
    page_bytes_release(&trains->cells);
    page_bytes_release(&trains->symbols);
    *trains = (struct page_trains){ 0 };
}

/* Spikes of one token by neuron: a counting sort, which keeps their order. */
struct by_neuron {
    size_t *first; /* (neurons + 1) */
    struct recorded_spike *spike;
};

static enum error_code sort_spikes(struct by_neuron *sorted, uint64_t neurons,
                                   const struct recorded_spike *spike, size_t length,
                                   struct error *err)
{
    sorted->first = calloc(neurons + 2, sizeof *sorted->first);
    sorted->spike = malloc((length + 1) * sizeof *spike);
    if (!sorted->first || !sorted->spike)
        return error_memory(err, "a token's spikes", 16.0 * (double)length);
    for (size_t i = 0; i < length; i++) {
        if (spike[i].node >= neurons)
            return error_set(err, ERR_FORMAT, "a spike of neuron %llu among %llu",
                             (unsigned long long)spike[i].node,
                             (unsigned long long)neurons);
        sorted->first[spike[i].node + 2]++;
    }
    for (uint64_t neuron = 2; neuron <= neurons; neuron++)
        sorted->first[neuron] += sorted->first[neuron - 1];
    for (size_t i = 0; i < length; i++)
        sorted->spike[sorted->first[spike[i].node + 1]++] = spike[i];
    return OK;
}

static enum error_code train_of(struct page_trains *trains,
                                const struct recorded_spike *spike, size_t length,
                                uint32_t *index, struct error *err)
{
    struct page_bytes *key = &trains->set->key;
    uint32_t step = 0;
    key->length = 0;
    for (size_t i = 0; i < length; i++) {
        if (spike[i].step < step)
            return error_set(err, ERR_FORMAT, "neuron %llu: spikes out of order",
                             (unsigned long long)spike[i].node);
        page_bytes_number(key, spike[i].step - step);
        page_bytes_signed(key, spike[i].worth);
        step = spike[i].step;
    }
    return find_train(trains, length, index, err);
}

struct use {
    uint32_t uses, train;
};

static int compare_uses(const void *a, const void *b)
{
    const struct use *left = a, *right = b;
    if (left->uses != right->uses)
        return left->uses > right->uses ? -1 : 1;
    return (left->train > right->train) - (left->train < right->train);
}

/* Writes the ranks' trains into cells and gives every train in use its rank. */
static enum error_code rank_trains(struct page_trains *trains, uint32_t distinct,
                                   struct error *err)
{
    struct train_set *set = trains->set;
    struct use *use = malloc((distinct + 1) * sizeof *use);
    if (!use)
        return error_memory(err, "spike trains", (double)distinct * sizeof *use);
    for (uint32_t i = 0; i < distinct; i++)
        use[i] = (struct use){ set->train[set->used[i]].uses, set->used[i] };
    qsort(use, distinct, sizeof *use, compare_uses);
    page_bytes_number(&trains->cells, distinct);
    for (uint32_t rank = 0; rank < distinct; rank++) {
        page_bytes_number(&trains->cells, use[rank].train);
        set->train[use[rank].train].rank = rank;
        set->train[use[rank].train].uses = 0;
    }
    free(use);
    return OK;
}

static enum error_code add_population(struct page_trains *trains,
                                      const struct population_info *info,
                                      const struct by_neuron *sorted, uint64_t neurons,
                                      uint32_t *index, struct error *err)
{
    uint32_t distinct = 0;
    if (info->size > neurons || info->first_node > neurons - info->size)
        return error_set(err, ERR_FORMAT, "%s: neurons %llu to %llu of %llu",
                         info->name, (unsigned long long)info->first_node,
                         (unsigned long long)(info->first_node + info->size),
                         (unsigned long long)neurons);
    for (uint64_t neuron = 0; neuron < info->size; neuron++) {
        uint64_t node = info->first_node + neuron;
        size_t first = sorted->first[node], length = sorted->first[node + 1] - first;
        if (train_of(trains, sorted->spike + first, length, &index[neuron], err) != OK)
            return err->code;
        struct train *train = &trains->set->train[index[neuron]];
        if (train->uses++ == 0)
            trains->set->used[distinct++] = index[neuron];
        trains->spikes += length;
    }
    if (rank_trains(trains, distinct, err) != OK)
        return err->code;
    for (uint64_t neuron = 0; distinct > 1 && neuron < info->size; neuron++)
        page_bytes_number(&trains->symbols, trains->set->train[index[neuron]].rank);
    return OK;
}

enum error_code page_trains_add(struct page_trains *trains,
                                const struct recording *recording,
                                const uint32_t *population, uint32_t populations,
                                const struct recorded_spike *spike, size_t length,
                                struct error *err)
{
    struct by_neuron sorted = { 0 };
    uint32_t *index = malloc((recording->neurons + 1) * sizeof *index);
    enum error_code code = OK;
    if (!index)
        code = error_memory(err, "a token's trains", 4.0 * (double)recording->neurons);
    if (code == OK)
        code = sort_spikes(&sorted, recording->neurons, spike, length, err);
    for (uint32_t i = 0; i < populations && code == OK; i++)
        code = add_population(trains, &recording->population[population[i]], &sorted,
                              recording->neurons, index, err);
    free(index);
    free(sorted.first);
    free(sorted.spike);
    if (code == OK && (trains->table.is_short || trains->cells.is_short ||
                       trains->symbols.is_short || trains->set->key.is_short))
        code = error_memory(err, "packed spikes", (double)trains->symbols.length);
    return code;
}
