/* Spikes out of strange HDF5 files. Random bytes would test HDF5's own parser, which is
 * not ours to mend; so bytes say what HDF5 writes: groups, names, attributes, shapes and
 * numbers that are right, wrong, or missing. */
#include "sim/spike_source.h"
#include "tests/fuzz/feed.h"

#include <hdf5.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum { BLOCK = 64, MOST_VALUES = 48, MOST_NODES = 3 };

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

/* One of `count` names; beyond them something else. */
static const char *pick(struct feed *feed, const char *const *names, unsigned count)
{
    unsigned choice = next(feed) % (count + 1);
    return choice < count ? names[choice] : "other";
}

/* Zero bytes make good data: `rank` dimensions of 2, 3 and 2, zeros and ones. */
static void write_numbers(struct feed *feed, hid_t group, const char *name,
                          int good_rank)
{
    static const double special[] = { -1, 1e300, 0.0 / 0.0, 1.0 / 0.0, 1e9, -1e-9 };
    double value[MOST_VALUES];
    hsize_t extent[3] = { 2, 3, 2 };
    uint8_t shape = next(feed), content = next(feed);
    int rank = shape ? shape & 3 : good_rank;
    for (int i = 0; shape && i < rank; i++)
        extent[i] = (shape >> (2 + 2 * i)) & 3;
    if (!shape && rank == 1)
        extent[0] = 6;
    for (int i = 0; i < MOST_VALUES; i++) {
        uint8_t byte = content == 0xff ? next(feed) : (uint8_t)(i * content);
        value[i] = content == 0 ? i % 2 : byte < 250 ? byte / 4.0 : special[byte - 250];
    }
    const hid_t types[] = { H5T_STD_I8LE,   H5T_STD_U64LE, H5T_IEEE_F64LE,
                            H5T_IEEE_F32BE, H5T_STD_I64LE, H5T_C_S1,
                            H5T_STD_U16LE };
    hid_t type = types[next(feed) % 7];
    bool is_huge = next(feed) == 0xff;
    if (is_huge && rank)
        extent[rank - 1] = (hsize_t)1 << 50;
    hid_t space = H5Screate_simple(rank, extent, NULL);
    hid_t creation = H5Pcreate(H5P_DATASET_CREATE);
    hsize_t chunk[3] = { 2, 2, 2 };
    if (is_huge && rank)
        H5Pset_chunk(creation, rank, chunk);
    hid_t dataset =
        H5Dcreate2(group, name, type, space, H5P_DEFAULT, creation, H5P_DEFAULT);
    if (dataset >= 0) {
        if (type != H5T_C_S1 && !is_huge)
            H5Dwrite(dataset, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, value);
        H5Dclose(dataset);
    }
    H5Pclose(creation);
    H5Sclose(space);
}

static void write_attribute(struct feed *feed, hid_t object, const char *name)
{
    static const char *const texts[] = {
        "NIRGraphData",    "NIRNodeData", "EventData", "ValuedEventData",
        "TimeGriddedData", "ms",          "s",         "by_id"
    };
    uint8_t kind = next(feed);
    const char *text = pick(feed, texts, 8);
    double number = next(feed) / 16.0 - 1;
    hsize_t two = 2;
    hid_t space = kind & 4 ? H5Screate_simple(1, &two, NULL) : H5Screate(H5S_SCALAR);
    hid_t type = H5Tcopy(kind & 1 ? H5T_C_S1 : H5T_NATIVE_DOUBLE);
    if (kind & 1)
        H5Tset_size(type, kind & 2 ? H5T_VARIABLE : 16);
    char fixed[32] = "";
    snprintf(fixed, 16, "%s", text);
    const char *pair[2] = { text, text };
    double numbers[2] = { number, number };
    hid_t attribute = H5Acreate2(object, name, type, space, H5P_DEFAULT, H5P_DEFAULT);
    if (attribute >= 0) {
        if (kind & 8)
            H5Awrite(attribute, type,
                     !(kind & 1) ? (const void *)numbers
                     : kind & 2  ? (const void *)pair
                                 : (const void *)fixed);
        H5Aclose(attribute);
    }
    H5Tclose(type);
    H5Sclose(space);
}

/* A group of datasets, attributes and, to some depth, groups of the names that matter. */
static void write_group(struct feed *feed, hid_t group, int depth)
{
    static const char *const names[] = { "spikes", "timestamps",  "node_ids",
                                         "values", "gids",        "nodes",
                                         "idx",    "time",        "value",
                                         "data",   "observables", "v" };
    static const char *const attributes[] = { "__type__", "n_neurons", "t_max",
                                              "dt",       "units",     "sorting" };
    for (unsigned left = next(feed) % 8; left > 0; left--) {
        uint8_t kind = next(feed) % 4;
        if (kind == 0)
            write_attribute(feed, group, pick(feed, attributes, 6));
        else if (kind == 1 && depth < 5) {
            const char *name = pick(feed, names, 12);
            hid_t inner =
                H5Gcreate2(group, name, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
            if (inner >= 0) {
                write_group(feed, inner, depth + 1);
                H5Gclose(inner);
            }
        } else {
            write_numbers(feed, group, pick(feed, names, 12), 1);
        }
    }
}

static void set_text(hid_t object, const char *name, const char *text)
{
    hid_t space = H5Screate(H5S_SCALAR), type = H5Tcopy(H5T_C_S1);
    H5Tset_size(type, strlen(text) + 1);
    hid_t attribute = H5Acreate2(object, name, type, space, H5P_DEFAULT, H5P_DEFAULT);
    if (attribute >= 0) {
        H5Awrite(attribute, type, text);
        H5Aclose(attribute);
    }
    H5Tclose(type);
    H5Sclose(space);
}

/* What the layout asks for, unless a byte takes it away. */
static void write_expected(struct feed *feed, hid_t group, int layout)
{
    static const char *const lists[][4] = { { "idx", "time", "value", "data" },
                                            { "timestamps", "node_ids", "values" },
                                            { "timestamps", "gids", "values" } };
    static const char *const numbers[] = { "n_neurons", "t_max", "dt" };
    for (int i = 0; i < 4 && lists[layout][i]; i++)
        if (next(feed) < 0xf0)
            write_numbers(feed, group, lists[layout][i], layout ? 1 : i < 3 ? 2 : 3);
    for (int i = 0; i < 3 && layout == 0; i++) {
        double number = 4 + next(feed) / 16.0 - (next(feed) == 0xff ? 5 : 0);
        hid_t space = H5Screate(H5S_SCALAR);
        hid_t attribute = H5Acreate2(group, numbers[i], H5T_NATIVE_DOUBLE, space,
                                     H5P_DEFAULT, H5P_DEFAULT);
        if (attribute >= 0) {
            H5Awrite(attribute, H5T_NATIVE_DOUBLE, &number);
            H5Aclose(attribute);
        }
        H5Sclose(space);
    }
    write_group(feed, group, 4);
}

/* Good down to the group that holds the lists, so that what follows counts. */
static void write_layout(struct feed *feed, hid_t file)
{
    static const char *const kinds[] = { "EventData", "ValuedEventData",
                                         "TimeGriddedData" };
    uint8_t layout = next(feed) % 4;
    if (layout == 3) {
        write_group(feed, file, 0);
        return;
    }
    hid_t top = H5Gcreate2(file, layout ? "spikes" : "nodes", H5P_DEFAULT, H5P_DEFAULT,
                           H5P_DEFAULT);
    if (layout == 0)
        set_text(file, "__type__", "NIRGraphData");
    for (unsigned n = 0; n < MOST_NODES && layout < 2; n++) {
        const char name[2] = { (char)('a' + n), '\0' };
        hid_t node = H5Gcreate2(top, name, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
        hid_t inner = node;
        if (layout == 0) {
            set_text(node, "__type__", "NIRNodeData");
            hid_t all =
                H5Gcreate2(node, "observables", H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
            inner = H5Gcreate2(all, "x", H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
            set_text(inner, "__type__", pick(feed, kinds, 3));
            H5Gclose(all);
        }
        write_expected(feed, inner, layout);
        if (inner != node)
            H5Gclose(inner);
        H5Gclose(node);
    }
    if (layout == 2)
        write_expected(feed, top, layout);
    H5Gclose(top);
}

static void read_all(struct spike_source *source)
{
    struct source_spike spike[BLOCK];
    struct error err;
    uint64_t spikes = 0;
    size_t count;
    while (spike_source_read(source, spike, BLOCK, &count, &err) == OK && count > 0) {
        for (size_t i = 0; i < count; i++)
            if (spike[i].population >= source->populations ||
                spike[i].neuron >= source->population[spike[i].population].neurons ||
                !(spike[i].time_ms >= 0 && spike[i].time_ms <= source->end_ms))
                abort();
        spikes += count;
    }
    if (err.code != OK || spikes != source->spikes)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    static char path[64];
    struct feed feed = { bytes, size };
    struct spike_source source;
    struct error err;
    if (!path[0])
        feed_path(path, sizeof path, "fuzz_spike_file");
    H5Eset_auto2(H5E_DEFAULT, NULL, NULL);
    hid_t file = H5Fcreate(path, H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT);
    if (file < 0)
        return 0;
    write_layout(&feed, file);
    H5Fclose(file);
    if (spike_source_open(&source, path, &err) == OK) {
        read_all(&source);
        if (spike_source_rewind(&source, &err) != OK)
            abort();
        read_all(&source);
        spike_source_close(&source);
    }
    unlink(path);
    return 0;
}
