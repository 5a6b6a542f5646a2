/* See source_events_file.h. */
#include "sim/source_events_file.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { BLOCK = 4096, CHUNK_CACHE = 16 << 20 };

struct source_state {
    hid_t file;
    uint64_t bytes; /* of the file */
    struct event_list *list;
    uint32_t lists, at; /* the list that is read */
    hsize_t sample, next;
    uint64_t row; /* events looked at, for messages */
    double time[BLOCK];
    int64_t node[BLOCK];
    int32_t value[BLOCK];
    /* Rows of a grid: (rows, neurons), and what of them is still to be read. */
    int32_t *cell;
    size_t cell_room;
    hsize_t cells, cell_at;
};

enum error_code events_open(struct spike_source *source, struct error *err)
{
    struct source_state *state = source->state = calloc(1, sizeof *state);
    struct stat status = { 0 };
    if (!state)
        return error_memory(err, "a file of spikes", sizeof *state);
    hdf5_prepare();
    if (stat(source->path, &status) == 0)
        state->bytes = (uint64_t)status.st_size;
    hid_t access = H5Pcreate(H5P_FILE_ACCESS);
    H5Pset_fclose_degree(access, H5F_CLOSE_STRONG);
    H5Pset_cache(access, 0, 521, CHUNK_CACHE, 0.75);
    state->file = H5Fopen(source->path, H5F_ACC_RDONLY, access);
    H5Pclose(access);
    if (state->file < 0)
        return hdf5_error(err, ERR_FORMAT, "HDF5 cannot open the file");
    return OK;
}

void events_close(struct source_state *state)
{
    for (uint32_t i = 0; i < state->lists; i++) {
        const struct event_list *list = &state->list[i];
        const hid_t dataset[] = { list->time, list->node, list->value, list->grid };
        for (int d = 0; d < 4; d++)
            if (dataset[d] > 0)
                H5Dclose(dataset[d]);
    }
    if (state->file > 0)
        H5Fclose(state->file);
    free(state->list);
    free(state->cell);
    free(state);
}

struct event_list *events_add(struct spike_source *source, struct error *err)
{
    struct source_state *state = source->state;
    uint32_t count = state->lists;
    if (count >= MOST_LISTS) {
        error_set(err, ERR_FORMAT, "expected at most %d lists of spikes", MOST_LISTS);
        return NULL;
    }
    if ((count & (count - 1)) == 0) {
        size_t room = count ? 2 * (size_t)count : 1;
        void *grown = realloc(state->list, room * sizeof *state->list);
        if (!grown) {
            error_memory(err, "lists of spikes", (double)room * sizeof *state->list);
            return NULL;
        }
        state->list = grown;
    }
    struct event_list *list = &state->list[state->lists++];
    *list = (struct event_list){ .rank = 1, .samples = 1, .scale = 1 };
    return list;
}

hid_t events_file(const struct spike_source *source)
{
    return source->state->file;
}

static bool is_number(hid_t dataset)
{
    hid_t type = H5Dget_type(dataset);
    H5T_class_t class = H5Tget_class(type);
    H5Tclose(type);
    return class == H5T_INTEGER || class == H5T_FLOAT || class == H5T_ENUM;
}

/* A small file can claim more rows than anyone could read: unwritten chunks cost
 * nothing. No filter packs a spike into less than this. */
static bool is_credible(const struct source_state *state, unsigned rank,
                        const hsize_t *extent)
{
    double items = 1;
    for (unsigned i = 0; i < rank; i++)
        items *= (double)extent[i];
    return items <= 1e6 + 8192.0 * (double)state->bytes;
}

hid_t events_dataset(struct spike_source *source, hid_t group, const char *name,
                     unsigned rank, hsize_t *extent, struct error *err)
{
    hid_t dataset = H5Dopen2(group, name, H5P_DEFAULT);
    if (dataset < 0) {
        hdf5_error(err, ERR_FORMAT, "no dataset %s", name);
        return H5I_INVALID_HID;
    }
    hid_t space = H5Dget_space(dataset);
    int found = space >= 0 ? H5Sget_simple_extent_ndims(space) : -1;
    if (found != (int)rank)
        error_set(err, ERR_FORMAT, "%s: expected %u dimensions, found %d", name, rank,
                  found);
    else if (H5Sget_simple_extent_dims(space, extent, NULL) < 0 || !is_number(dataset))
        error_set(err, ERR_FORMAT, "%s: expected numbers", name);
    else if (!is_credible(source->state, rank, extent))
        error_set(err, ERR_FORMAT, "%s: claims %llu rows in a file of %llu bytes", name,
                  (unsigned long long)extent[0],
                  (unsigned long long)source->state->bytes);
    if (space >= 0)
        H5Sclose(space);
    if (err->code == OK)
        return dataset;
    H5Dclose(dataset);
    return H5I_INVALID_HID;
}

static bool read_string(hid_t attribute, hid_t type, char *text, size_t room)
{
    hid_t memory = text_type(room);
    char *variable = NULL;
    bool good;
    H5Tset_cset(memory, H5Tget_cset(type));
    if (H5Tis_variable_str(type) > 0) {
        H5Tset_size(memory, H5T_VARIABLE);
        good = H5Aread(attribute, memory, &variable) >= 0 && variable;
        if (good)
            snprintf(text, room, "%s", variable);
        H5free_memory(variable);
    } else {
        good = H5Aread(attribute, memory, text) >= 0;
    }
    text[room - 1] = '\0';
    H5Tclose(memory);
    return good;
}

static bool read_enum(hid_t attribute, hid_t type, char *text, size_t room)
{
    unsigned char value[16] = { 0 };
    return H5Tget_size(type) <= sizeof value && H5Aread(attribute, type, value) >= 0 &&
           H5Tenum_nameof(type, value, text, room) >= 0;
}

bool events_text(hid_t object, const char *name, char *text, size_t room)
{
    if (H5Aexists(object, name) <= 0)
        return false;
    hid_t attribute = H5Aopen(object, name, H5P_DEFAULT);
    if (attribute < 0)
        return false;
    hid_t space = H5Aget_space(attribute), type = H5Aget_type(attribute);
    bool good = space >= 0 && type >= 0 && H5Sget_simple_extent_npoints(space) == 1;
    if (good && H5Tget_class(type) == H5T_STRING)
        good = read_string(attribute, type, text, room);
    else
        good = good && H5Tget_class(type) == H5T_ENUM &&
               read_enum(attribute, type, text, room);
    if (type >= 0)
        H5Tclose(type);
    if (space >= 0)
        H5Sclose(space);
    H5Aclose(attribute);
    return good;
}

bool events_number(hid_t object, const char *name, double *value)
{
    if (H5Aexists(object, name) <= 0)
        return false;
    hid_t attribute = H5Aopen(object, name, H5P_DEFAULT);
    if (attribute < 0)
        return false;
    hid_t space = H5Aget_space(attribute);
    bool good = space >= 0 && H5Sget_simple_extent_npoints(space) == 1 &&
                H5Aread(attribute, H5T_NATIVE_DOUBLE, value) >= 0;
    if (space >= 0)
        H5Sclose(space);
    H5Aclose(attribute);
    return good;
}

bool events_link(hid_t group, hsize_t index, char name[SOURCE_NAME])
{
    ssize_t length = H5Lget_name_by_idx(group, ".", H5_INDEX_NAME, H5_ITER_INC, index,
                                        name, SOURCE_NAME, H5P_DEFAULT);
    return length > 0 && length < SOURCE_NAME;
}

static enum error_code read_slab(hid_t dataset, hid_t type, unsigned rank,
                                 const hsize_t *start, const hsize_t *size, void *to,
                                 struct error *err)
{
    hid_t space = H5Dget_space(dataset),
          memory = H5Screate_simple((int)rank, size, NULL);
    bool good =
        space >= 0 && memory >= 0 &&
        H5Sselect_hyperslab(space, H5S_SELECT_SET, start, NULL, size, NULL) >= 0 &&
        H5Dread(dataset, type, memory, space, H5P_DEFAULT, to) >= 0;
    if (!good)
        hdf5_error(err, ERR_FORMAT, "cannot read spikes from row %llu",
                   (unsigned long long)start[rank - 1]);
    if (memory >= 0)
        H5Sclose(memory);
    if (space >= 0)
        H5Sclose(space);
    return good ? OK : err->code;
}

static enum error_code put(struct source_state *state, const struct event_list *list,
                           int64_t node, double time, int32_t value,
                           struct source_spike *spike, size_t *count, struct error *err)
{
    double time_ms = time * list->scale;
    if (list->is_padded && (node == -1 || isinf(time)))
        return OK;
    time_ms += list->sample_ms * (double)state->sample;
    if (source_check_spike(state->row, node, time_ms, err) != OK)
        return err->code;
    spike[(*count)++] = (struct source_spike){ .population = list->population,
                                               .neuron = (uint64_t)node,
                                               .time_ms = time_ms,
                                               .value = value };
    return OK;
}

static enum error_code read_events(struct source_state *state,
                                   const struct event_list *list,
                                   struct source_spike *spike, size_t room,
                                   size_t *count, struct error *err)
{
    hsize_t left = list->length - state->next, most = room < BLOCK ? room : BLOCK;
    hsize_t part = left < most ? left : most;
    hsize_t start[2] = { state->sample, state->next }, size[2] = { 1, part };
    unsigned skip = 2 - list->rank;
    if (read_slab(list->time, H5T_NATIVE_DOUBLE, list->rank, start + skip, size + skip,
                  state->time, err) != OK ||
        read_slab(list->node, H5T_NATIVE_INT64, list->rank, start + skip, size + skip,
                  state->node, err) != OK)
        return err->code;
    if (list->value > 0 &&
        read_slab(list->value, H5T_NATIVE_INT32, list->rank, start + skip, size + skip,
                  state->value, err) != OK)
        return err->code;
    for (hsize_t i = 0; i < part; i++, state->row++)
        if (put(state, list, state->node[i], state->time[i],
                list->value > 0 ? state->value[i] : 1, spike, count, err) != OK)
            return err->code;
    state->next += part;
    return OK;
}

static enum error_code read_rows(struct source_state *state,
                                 const struct event_list *list, struct error *err)
{
    hsize_t rows = list->neurons < BLOCK ? BLOCK / list->neurons : 1;
    rows = rows < list->length - state->next ? rows : list->length - state->next;
    size_t cells = (size_t)(rows * list->neurons);
    if (cells > state->cell_room) {
        void *grown = realloc(state->cell, cells * sizeof *state->cell);
        if (!grown)
            return error_memory(err, "a row of a grid",
                                (double)cells * sizeof *state->cell);
        state->cell = grown;
        state->cell_room = cells;
    }
    hsize_t start[3] = { state->sample, state->next, 0 };
    hsize_t size[3] = { 1, rows, list->neurons };
    state->cells = cells;
    state->cell_at = 0;
    return read_slab(list->grid, H5T_NATIVE_INT32, 3, start, size, state->cell, err);
}

static enum error_code read_grid(struct source_state *state,
                                 const struct event_list *list,
                                 struct source_spike *spike, size_t room, size_t *count,
                                 struct error *err)
{
    if (state->cell_at == state->cells && read_rows(state, list, err) != OK)
        return err->code;
    hsize_t step = state->next;
    size_t limit = *count + room;
    while (state->cell_at < state->cells && *count < limit) {
        hsize_t at = state->cell_at++;
        int32_t cell = state->cell[at];
        if (cell == 0)
            continue;
        if (cell != 1)
            return error_set(err, ERR_FORMAT, "a grid of spikes holds %d", (int)cell);
        if (put(state, list, (int64_t)(at % list->neurons),
                (double)(step + at / list->neurons), 1, spike, count, err) != OK)
            return err->code;
        state->row++;
    }
    if (state->cell_at == state->cells)
        state->next += state->cells / list->neurons;
    return OK;
}

enum error_code events_read(struct spike_source *source, struct source_spike *spike,
                            size_t room, size_t *count, struct error *err)
{
    struct source_state *state = source->state;
    *count = 0;
    while (*count < room && state->at < state->lists) {
        const struct event_list *list = &state->list[state->at];
        if (state->sample >= list->samples || list->length == 0) {
            state->at++;
            state->sample = 0;
        } else if (state->next >= list->length) {
            state->sample++;
            state->next = 0;
        } else if (list->grid > 0
                       ? read_grid(state, list, spike, room - *count, count, err)
                       : read_events(state, list, spike, room - *count, count, err)) {
            return err->code;
        }
    }
    return OK;
}

enum error_code events_rewind(struct spike_source *source, struct error *err)
{
    (void)err;
    struct source_state *state = source->state;
    state->at = 0;
    state->sample = state->next = 0;
    state->cells = state->cell_at = 0;
    state->row = 0;
    return OK;
}
