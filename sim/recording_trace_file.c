/* See recording_trace_file.h. */
#include "sim/recording_trace_file.h"
#include "sim/recording_create_file.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CHUNK_VALUES = 65536, MOST_ROWS = 1024, PATH_ROOM = RECORD_TEXT + 32 };

static const char *trace_path(const char *name, const char *object,
                              char path[PATH_ROOM])
{
    snprintf(path, PATH_ROOM, "report/%.*s/%s", RECORD_TEXT - 1, name, object);
    return path;
}

enum error_code trace_check(const struct trace_info *trace,
                            const struct recording_plan *plan, struct error *err)
{
    if (!memchr(trace->name, '\0', sizeof trace->name) || !trace->name[0] ||
        strchr(trace->name, '/') || strcmp(trace->name, ".") == 0)
        return error_set(err, ERR_ARGUMENT, "a trace cannot be called '%.*s'",
                         RECORD_TEXT - 1, trace->name);
    for (const struct trace_info *other = plan->trace; other < trace; other++)
        if (strcmp(other->name, trace->name) == 0)
            return error_set(err, ERR_ARGUMENT, "two traces are called %s",
                             trace->name);
    if (trace->nodes == 0 || !(trace->interval_ms > 0) || !isfinite(trace->interval_ms))
        return error_set(err, ERR_ARGUMENT, "trace %s: %zu nodes every %g ms",
                         trace->name, trace->nodes, trace->interval_ms);
    for (size_t i = 0; i < trace->nodes; i++)
        if (trace->node[i] >= plan->neurons)
            return error_set(err, ERR_ARGUMENT, "trace %s: node %llu of %llu",
                             trace->name, (unsigned long long)trace->node[i],
                             (unsigned long long)plan->neurons);
    return OK;
}

static void data_layout(const struct trace_info *trace, struct column_layout *layout)
{
    size_t rows = CHUNK_VALUES / trace->nodes;
    *layout = (struct column_layout){
        .element = ELEMENT_F32,
        .width = trace->nodes,
        .chunk = rows < 1 ? 1 : (rows > MOST_ROWS ? MOST_ROWS : rows),
        .element_bytes = sizeof(float),
        .unit = trace->unit,
    };
    trace_path(trace->name, "data", layout->path);
}

static enum error_code mark(hid_t file, const char *path, const char *name, hid_t type,
                            const void *value, struct error *err)
{
    hid_t object = H5Oopen(file, path, H5P_DEFAULT), scalar = H5Screate(H5S_SCALAR);
    bool good =
        object >= 0 && (type < 0 ? attribute_write_text(object, name, value)
                                 : attribute_write(object, name, type, scalar, value));
    if (!good)
        hdf5_error(err, ERR_IO, "cannot write attribute %s of %s", name, path);
    H5Sclose(scalar);
    if (object >= 0)
        H5Oclose(object);
    return good ? OK : err->code;
}

static enum error_code create_mapping(hid_t file, const struct trace_info *trace,
                                      struct error *err)
{
    char path[PATH_ROOM];
    const hsize_t nodes = trace->nodes, pointers = nodes + 1, three = TIME_PARTS;
    const double time[TIME_PARTS] = { 0, 0, trace->interval_ms };
    uint8_t sorted = 1;
    for (size_t i = 1; i < trace->nodes; i++)
        sorted &= trace->node[i] > trace->node[i - 1];
    uint64_t *pointer = malloc(pointers * sizeof *pointer);
    uint32_t *element = calloc(nodes, sizeof *element);
    if (!pointer || !element) {
        error_memory(err, trace->name, (double)pointers * sizeof *pointer);
        goto out;
    }
    for (uint64_t i = 0; i < pointers; i++)
        pointer[i] = i;
    if (dataset_create(file, trace_path(trace->name, "mapping/node_ids", path),
                       H5T_STD_U64LE, H5T_NATIVE_UINT64, 1, &nodes, trace->node,
                       err) != OK ||
        mark(file, path, "sorted", H5T_NATIVE_UINT8, &sorted, err) != OK ||
        dataset_create(file, trace_path(trace->name, "mapping/index_pointers", path),
                       H5T_STD_U64LE, H5T_NATIVE_UINT64, 1, &pointers, pointer,
                       err) != OK ||
        dataset_create(file, trace_path(trace->name, "mapping/element_ids", path),
                       H5T_STD_U32LE, H5T_NATIVE_UINT32, 1, &nodes, element,
                       err) != OK ||
        dataset_create(file, trace_path(trace->name, "mapping/time", path),
                       H5T_IEEE_F64LE, H5T_NATIVE_DOUBLE, 1, &three, time, err) != OK)
        goto out;
    mark(file, path, "units", H5I_INVALID_HID, "ms", err);
out:
    free(element);
    free(pointer);
    return err->code;
}

enum error_code trace_create(hid_t file, const struct trace_info *trace,
                             struct error *err)
{
    char path[PATH_ROOM];
    struct column_layout layout;
    data_layout(trace, &layout);
    if (column_create(file, &layout, 0, err) != OK ||
        create_mapping(file, trace, err) != OK)
        return err->code;
    trace_path(trace->name, "", path);
    if (mark(file, path, "population", H5I_INVALID_HID, trace->population, err) != OK)
        return err->code;
    return mark(file, path, "variable", H5I_INVALID_HID, trace->variable, err);
}

enum error_code trace_writer_init(struct trace_writer *writer, hid_t file,
                                  const struct trace_info *trace, struct error *err)
{
    char path[PATH_ROOM];
    *writer = (struct trace_writer){ .interval_ms = trace->interval_ms };
    data_layout(trace, &writer->layout);
    writer->layout.unit = NULL; /* the plan's; not needed again */
    writer->time =
        H5Dopen2(file, trace_path(trace->name, "mapping/time", path), H5P_DEFAULT);
    if (writer->time < 0)
        hdf5_error(err, ERR_IO, "cannot open %s", path);
    else
        appender_init(&writer->data, file, &writer->layout, writer->layout.chunk, err);
    if (err->code != OK)
        trace_writer_release(writer);
    return err->code;
}

void trace_writer_release(struct trace_writer *writer)
{
    appender_release(&writer->data);
    if (writer->time > 0)
        H5Dclose(writer->time);
    writer->time = 0;
}

enum error_code trace_writer_mark(struct trace_writer *writer, struct error *err)
{
    double rows = (double)(writer->data.base + writer->data.fill);
    const double time[TIME_PARTS] = { 0, rows * writer->interval_ms,
                                      writer->interval_ms };
    if (H5Dwrite(writer->time, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, time) <
            0 ||
        H5Dflush(writer->time) < 0)
        return hdf5_error(err, ERR_IO, "cannot write the end of %s",
                          writer->layout.path);
    return OK;
}
