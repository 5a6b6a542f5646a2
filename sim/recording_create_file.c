/* See recording_create_file.h. After H5Fopen for single-writer/multiple-reader
 * writing no object, attribute or variable-length value may be added, so everything
 * is here. */
#include "sim/recording_create_file.h"
#include "sim/recording_trace_file.h"

#include <math.h>
#include <string.h>

bool attribute_write(hid_t object, const char *name, hid_t type, hid_t space,
                     const void *value)
{
    hid_t attribute = H5Acreate2(object, name, type, space, H5P_DEFAULT, H5P_DEFAULT);
    bool good = attribute >= 0 && H5Awrite(attribute, type, value) >= 0;
    if (attribute >= 0)
        H5Aclose(attribute);
    return good;
}

bool attribute_write_text(hid_t object, const char *name, const char *text)
{
    if (!text || !text[0])
        return true;
    hid_t type = text_type(strlen(text)), space = H5Screate(H5S_SCALAR);
    H5Tset_strpad(type, H5T_STR_NULLPAD);
    bool good = attribute_write(object, name, type, space, text);
    H5Sclose(space);
    H5Tclose(type);
    return good;
}

enum error_code sonata_create_root(hid_t file, struct error *err)
{
    const uint32_t magic = SONATA_MAGIC, version[2] = { 0, 1 };
    const hsize_t two = 2;
    hid_t scalar = H5Screate(H5S_SCALAR), pair = H5Screate_simple(1, &two, NULL);
    bool good = attribute_write(file, "magic", H5T_NATIVE_UINT32, scalar, &magic) &&
                attribute_write(file, "version", H5T_NATIVE_UINT32, pair, version);
    H5Sclose(pair);
    H5Sclose(scalar);
    return good ? OK : hdf5_error(err, ERR_IO, "cannot write the root attributes");
}

/* An HDF5 enum as the SONATA text asks and libsonata reads. */
enum error_code sonata_mark_sorting(hid_t group, struct error *err)
{
    static const char *const name[] = { "none", "by_id", "by_time" };
    hid_t type = H5Tenum_create(H5T_STD_U8LE), scalar = H5Screate(H5S_SCALAR);
    uint8_t value = 0;
    for (; value < 3; value++)
        H5Tenum_insert(type, name[value], &value);
    value = 2;
    bool good = attribute_write(group, "sorting", type, scalar, &value);
    H5Sclose(scalar);
    H5Tclose(type);
    return good ? OK : hdf5_error(err, ERR_IO, "cannot write the sorting of spikes");
}

static void set_packing(hid_t creation, enum packing packing, double dt_ms)
{
    if (packing == PACK_INTEGERS)
        H5Pset_scaleoffset(creation, H5Z_SO_INT, H5Z_SO_INT_MINBITS_DEFAULT);
    else if (packing == PACK_STEPS && dt_ms == floor(dt_ms))
        H5Pset_scaleoffset(creation, H5Z_SO_FLOAT_DSCALE, 0);
}

enum error_code column_create(hid_t file, const struct column_layout *layout,
                              double dt_ms, struct error *err)
{
    int rank = layout->width ? 2 : 1;
    hsize_t extent[2] = { 0, layout->width };
    hsize_t most[2] = { H5S_UNLIMITED, layout->width };
    hsize_t chunk[2] = { layout->chunk, layout->width };
    hid_t type = element_type(layout->element, true);
    hid_t space = H5Screate_simple(rank, extent, most);
    hid_t creation = H5Pcreate(H5P_DATASET_CREATE);
    hid_t links = H5Pcreate(H5P_LINK_CREATE);
    H5Pset_create_intermediate_group(links, 1);
    H5Pset_chunk(creation, rank, chunk);
    set_packing(creation, layout->packing, dt_ms);
    hid_t dataset =
        H5Dcreate2(file, layout->path, type, space, links, creation, H5P_DEFAULT);
    bool good = dataset >= 0 && attribute_write_text(dataset, "units", layout->unit) &&
                attribute_write_text(dataset, "meaning", layout->meaning);
    if (!good)
        hdf5_error(err, ERR_IO, "cannot create %s", layout->path);
    if (dataset >= 0)
        H5Dclose(dataset);
    H5Pclose(links);
    H5Pclose(creation);
    H5Sclose(space);
    H5Tclose(type);
    return good ? OK : err->code;
}

enum error_code dataset_create(hid_t file, const char *path, hid_t file_type,
                               hid_t memory_type, int rank, const hsize_t *extent,
                               const void *value, struct error *err)
{
    hid_t space = rank ? H5Screate_simple(rank, extent, NULL) : H5Screate(H5S_SCALAR);
    hid_t creation = H5Pcreate(H5P_DATASET_CREATE), links = H5Pcreate(H5P_LINK_CREATE);
    H5Pset_create_intermediate_group(links, 1);
    H5Pset_alloc_time(creation, H5D_ALLOC_TIME_EARLY);
    hid_t dataset =
        H5Dcreate2(file, path, file_type, space, links, creation, H5P_DEFAULT);
    bool good = dataset >= 0 && (!value || H5Dwrite(dataset, memory_type, H5S_ALL,
                                                    H5S_ALL, H5P_DEFAULT, value) >= 0);
    if (!good)
        hdf5_error(err, ERR_IO, "cannot create %s", path);
    if (dataset >= 0)
        H5Dclose(dataset);
    H5Pclose(links);
    H5Pclose(creation);
    H5Sclose(space);
    return good ? OK : err->code;
}

static enum error_code create_text(hid_t file, const char *path, const char *text,
                                   struct error *err)
{
    hid_t type = text_type(strlen(text) + 1);
    dataset_create(file, path, type, type, 0, NULL, text, err);
    H5Tclose(type);
    return err->code;
}

static enum error_code create_run(hid_t file, const struct recording_info *info,
                                  struct error *err)
{
    hid_t group = H5Gcreate2(file, "run", H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
    hid_t scalar = H5Screate(H5S_SCALAR);
    bool good = group >= 0;
    for (const struct info_field *field = info_fields; good && field->name; field++) {
        hid_t type = info_type(field);
        good = attribute_write(group, field->name, type, scalar,
                               (const char *)info + field->offset);
        H5Tclose(type);
    }
    if (!good)
        hdf5_error(err, ERR_IO, "cannot write the attributes of /run");
    H5Sclose(scalar);
    if (group >= 0)
        H5Gclose(group);
    if (!good)
        return err->code;

    struct run_status status = { .state = RECORDING_RUNNING };
    hid_t in_file = status_type(true), in_memory = status_type(false);
    dataset_create(file, "run/status", in_file, in_memory, 0, NULL, &status, err);
    H5Tclose(in_memory);
    H5Tclose(in_file);
    if (err->code != OK)
        return err->code;
    /* Datasets, because an attribute may not pass 64 KB. */
    if (create_text(file, "run/command", info->command ? info->command : "", err) != OK)
        return err->code;
    return create_text(file, "run/config", info->config ? info->config : "", err);
}

static enum error_code create_tables(hid_t file, const struct recording_plan *plan,
                                     struct error *err)
{
    const hsize_t populations = plan->populations, kinds = OP_KINDS;
    hid_t in_file = population_type(true), in_memory = population_type(false);
    dataset_create(file, "populations", in_file, in_memory, 1, &populations,
                   populations ? plan->population : NULL, err);
    H5Tclose(in_memory);
    H5Tclose(in_file);
    if (err->code != OK)
        return err->code;

    char name[OP_KINDS][32] = { "" };
    for (int kind = 0; kind < OP_KINDS; kind++)
        strncpy(name[kind], op_kind_name[kind], sizeof name[kind] - 1);
    hid_t type = text_type(sizeof name[0]);
    dataset_create(file, "host/op_kind", type, type, 1, &kinds, name, err);
    H5Tclose(type);
    return err->code;
}

static enum error_code create_counts(hid_t file, const struct recording_plan *plan,
                                     struct error *err)
{
    const hsize_t totals[2] = { plan->channels, COUNT_BINS };
    static const char *const path[] = { "by_neuron/tokens_fired", "by_neuron/spikes",
                                        "by_neuron/count_histogram" };
    for (int i = 0; i < 3; i++)
        if (dataset_create(file, path[i], H5T_STD_U64LE, H5T_NATIVE_UINT64,
                           i == 2 ? 2 : 1, totals, NULL, err) != OK)
            return err->code;

    hsize_t extent[2] = { 0, plan->channels },
            most[2] = { H5S_UNLIMITED, plan->channels };
    hsize_t chunk[2] = { ROWS_PER_BLOCK, slab_width(plan->channels) };
    hid_t space = H5Screate_simple(2, extent, most);
    hid_t creation = H5Pcreate(H5P_DATASET_CREATE), links = H5Pcreate(H5P_LINK_CREATE);
    H5Pset_create_intermediate_group(links, 1);
    H5Pset_chunk(creation, 2, chunk);
    hid_t dataset = H5Dcreate2(file, "counts/values", H5T_STD_I8LE, space, links,
                               creation, H5P_DEFAULT);
    if (dataset < 0)
        hdf5_error(err, ERR_IO, "cannot create counts/values");
    else
        H5Dclose(dataset);
    H5Pclose(links);
    H5Pclose(creation);
    H5Sclose(space);
    return err->code;
}

static enum error_code create_all(hid_t file, const struct recording_plan *plan,
                                  struct error *err)
{
    if (sonata_create_root(file, err) != OK ||
        create_run(file, &plan->info, err) != OK ||
        create_tables(file, plan, err) != OK)
        return err->code;
    if (plan->counts && create_counts(file, plan, err) != OK)
        return err->code;
    for (unsigned column = 0; column < COLUMNS; column++) {
        if (!column_is_planned(column, plan->counts, plan->spikes))
            continue;
        struct column_layout layout;
        column_layout(column, plan->populations, &layout);
        if (column_create(file, &layout, plan->info.dt_ms, err) != OK)
            return err->code;
    }
    for (uint32_t i = 0; i < plan->traces; i++)
        if (trace_create(file, &plan->trace[i], err) != OK)
            return err->code;
    if (!plan->spikes)
        return OK;
    hid_t group = H5Gopen2(file, "spikes/model", H5P_DEFAULT);
    if (group < 0)
        return hdf5_error(err, ERR_IO, "cannot open spikes/model");
    sonata_mark_sorting(group, err);
    H5Gclose(group);
    return err->code;
}

enum error_code recording_create_objects(const char *path,
                                         const struct recording_plan *plan,
                                         struct error *err)
{
    err->code = OK;
    hid_t access = H5Pcreate(H5P_FILE_ACCESS);
    H5Pset_libver_bounds(access, H5F_LIBVER_LATEST, H5F_LIBVER_LATEST);
    H5Pset_fclose_degree(access, H5F_CLOSE_STRONG);
    hid_t file = H5Fcreate(path, H5F_ACC_TRUNC, H5P_DEFAULT, access);
    if (file < 0)
        hdf5_error(err, ERR_IO, "cannot create the file");
    H5Pclose(access);
    if (file < 0)
        return err->code;
    create_all(file, plan, err);
    if (err->code == OK && H5Fflush(file, H5F_SCOPE_LOCAL) < 0)
        hdf5_error(err, ERR_IO, "cannot write the file");
    if (err->code != OK)
        hdf5_abandon(file);
    if (H5Fclose(file) < 0 && err->code == OK)
        hdf5_error(err, ERR_IO, "cannot close the file");
    return err->code;
}
