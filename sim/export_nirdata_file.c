/* Spikes as NIRData (the `nir` package, 1.0): flat, a node a population, one sample.
 * Populations with a spike code get ValuedEventData, for their spikes have a worth. */
#include "sim/export.h"
#include "sim/export_spikes.h"
#include "sim/recording_create_file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ROOM = 4096, CHUNK = 16384, PARTS = 3 };

/* The events of one node: three datasets of shape (1, events) that grow. */
struct node_writer {
    hid_t dataset[PARTS]; /* idx, time, value; 0: none */
    hsize_t written;
    size_t fill;
    int64_t idx[ROOM];
    double time[ROOM];
    int32_t value[ROOM];
};

struct nirdata {
    const struct recording *recording;
    hid_t file;
    struct node_writer *node; /* (populations) */
};

static const char *const part_name[PARTS] = { "idx", "time", "value" };

static enum error_code flush_node(struct node_writer *node, struct error *err)
{
    const hid_t type[PARTS] = { H5T_NATIVE_INT64, H5T_NATIVE_DOUBLE, H5T_NATIVE_INT32 };
    const void *const rows[PARTS] = { node->idx, node->time, node->value };
    hsize_t extent[2] = { 1, node->written + node->fill };
    hsize_t start[2] = { 0, node->written }, count[2] = { 1, node->fill };
    if (node->fill == 0)
        return OK;
    for (int part = 0; part < PARTS; part++) {
        if (node->dataset[part] <= 0)
            continue;
        bool good = H5Dset_extent(node->dataset[part], extent) >= 0;
        hid_t memory = H5Screate_simple(2, count, NULL);
        hid_t space = H5Dget_space(node->dataset[part]);
        good =
            good && space >= 0 &&
            H5Sselect_hyperslab(space, H5S_SELECT_SET, start, NULL, count, NULL) >= 0 &&
            H5Dwrite(node->dataset[part], type[part], memory, space, H5P_DEFAULT,
                     rows[part]) >= 0;
        if (space >= 0)
            H5Sclose(space);
        H5Sclose(memory);
        if (!good)
            return hdf5_error(err, ERR_IO, "cannot write events");
    }
    node->written += node->fill;
    node->fill = 0;
    return OK;
}

static enum error_code write_spikes(void *context, const struct exported_token *token,
                                    struct error *err)
{
    struct nirdata *data = context;
    double dt_ms = data->recording->info.dt_ms;
    for (size_t i = 0; i < token->length; i++) {
        const struct recorded_spike *spike = &token->spike[i];
        const struct population_info *population =
            export_population(data->recording, spike->node);
        struct node_writer *node =
            &data->node[population - data->recording->population];
        node->idx[node->fill] = (int64_t)(spike->node - population->first_node);
        node->time[node->fill] =
            (double)(token->start_step + spike->step) * dt_ms / 1000;
        node->value[node->fill] = spike->worth;
        if (++node->fill == ROOM && flush_node(node, err) != OK)
            return err->code;
    }
    return OK;
}

static hid_t create_events(hid_t group, const char *name, hid_t type)
{
    const hsize_t none[2] = { 1, 0 }, most[2] = { 1, H5S_UNLIMITED };
    const hsize_t chunk[2] = { 1, CHUNK };
    hid_t space = H5Screate_simple(2, none, most),
          creation = H5Pcreate(H5P_DATASET_CREATE);
    H5Pset_chunk(creation, 2, chunk);
    hid_t dataset =
        H5Dcreate2(group, name, type, space, H5P_DEFAULT, creation, H5P_DEFAULT);
    H5Pclose(creation);
    H5Sclose(space);
    return dataset;
}

/* Of variable length: h5py gives other strings as bytes, which `nir` does not take. */
static bool write_type(hid_t object, const char *text)
{
    hid_t type = text_type(1), scalar = H5Screate(H5S_SCALAR);
    H5Tset_size(type, H5T_VARIABLE);
    bool good = attribute_write(object, "__type__", type, scalar, &text);
    H5Sclose(scalar);
    H5Tclose(type);
    return good;
}

static hid_t create_group(hid_t parent, const char *name, const char *type)
{
    hid_t group = H5Gcreate2(parent, name, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
    if (group >= 0 && type && !write_type(group, type)) {
        H5Gclose(group);
        return H5I_INVALID_HID;
    }
    return group;
}

static bool create_observable(hid_t spikes, const struct population_info *population,
                              double seconds, struct node_writer *node)
{
    const hid_t type[PARTS] = { H5T_STD_I64LE, H5T_IEEE_F64LE, H5T_STD_I32LE };
    const int64_t neurons = (int64_t)population->size;
    int parts = population->encoder[0] ? PARTS : PARTS - 1;
    hid_t scalar = H5Screate(H5S_SCALAR);
    bool good =
        attribute_write(spikes, "n_neurons", H5T_NATIVE_INT64, scalar, &neurons) &&
        attribute_write(spikes, "t_max", H5T_NATIVE_DOUBLE, scalar, &seconds);
    H5Sclose(scalar);
    for (int part = 0; good && part < parts; part++) {
        node->dataset[part] = create_events(spikes, part_name[part], type[part]);
        good = node->dataset[part] >= 0;
    }
    return good;
}

static enum error_code create_node(hid_t nodes,
                                   const struct population_info *population,
                                   double seconds, struct node_writer *node,
                                   struct error *err)
{
    const char *type = population->encoder[0] ? "ValuedEventData" : "EventData";
    hid_t group = create_group(nodes, population->name, "NIRNodeData");
    hid_t observables =
        group >= 0 ? create_group(group, "observables", NULL) : H5I_INVALID_HID;
    hid_t spikes =
        observables >= 0 ? create_group(observables, "spikes", type) : H5I_INVALID_HID;
    if (spikes < 0 || !create_observable(spikes, population, seconds, node))
        hdf5_error(err, ERR_IO, "cannot create node %s", population->name);
    const hid_t made[] = { spikes, observables, group };
    for (int i = 0; i < 3; i++)
        if (made[i] >= 0)
            H5Gclose(made[i]);
    return err->code;
}

static enum error_code create(struct nirdata *data, struct error *err)
{
    const struct recording *recording = data->recording;
    uint64_t start = 0;
    uint32_t steps = 0;
    struct token_column last = { .start_step = &start, .steps = &steps };
    if (recording->tokens &&
        recording_read_tokens(recording, recording->tokens - 1, 1, &last, err) != OK)
        return err->code;
    double seconds = (double)(start + steps) * recording->info.dt_ms / 1000;
    hid_t root = H5Gopen2(data->file, "/", H5P_DEFAULT);
    bool good = root >= 0 && write_type(root, "NIRGraphData");
    hid_t nodes = good ? create_group(root, "nodes", NULL) : H5I_INVALID_HID;
    if (nodes < 0)
        hdf5_error(err, ERR_IO, "cannot create the group of nodes");
    for (uint32_t i = 0; i < recording->populations && err->code == OK; i++)
        create_node(nodes, &recording->population[i], seconds, &data->node[i], err);
    if (nodes >= 0)
        H5Gclose(nodes);
    if (root >= 0)
        H5Gclose(root);
    return err->code;
}

static enum error_code write_open(struct nirdata *data, struct error *err)
{
    if (create(data, err) == OK)
        export_each(data->recording, write_spikes, data, err);
    for (uint32_t i = 0; i < data->recording->populations && err->code == OK; i++)
        flush_node(&data->node[i], err);
    if (err->code == OK && H5Fflush(data->file, H5F_SCOPE_LOCAL) < 0)
        hdf5_error(err, ERR_IO, "cannot write the file");
    if (err->code != OK)
        hdf5_abandon(data->file);
    for (uint32_t i = 0; i < data->recording->populations; i++)
        for (int part = 0; part < PARTS; part++)
            if (data->node[i].dataset[part] > 0)
                H5Dclose(data->node[i].dataset[part]);
    if (H5Fclose(data->file) < 0 && err->code == OK)
        hdf5_error(err, ERR_IO, "cannot close the file");
    return err->code;
}

static enum error_code write_file(const struct recording *recording, const char *path,
                                  struct error *err)
{
    hdf5_prepare();
    struct nirdata data = { .recording = recording };
    data.node = calloc(recording->populations, sizeof *data.node);
    if (!data.node)
        return error_memory(err, "events", recording->populations * sizeof *data.node);
    hid_t access = H5Pcreate(H5P_FILE_ACCESS);
    H5Pset_fclose_degree(access, H5F_CLOSE_STRONG);
    data.file = H5Fcreate(path, H5F_ACC_TRUNC, H5P_DEFAULT, access);
    if (data.file < 0)
        hdf5_error(err, ERR_IO, "cannot create the file");
    else
        write_open(&data, err);
    H5Pclose(access);
    free(data.node);
    return err->code;
}

enum error_code export_nirdata(const struct recording *recording, const char *path,
                               struct error *err)
{
    return export_whole(recording, path, write_file, err);
}
