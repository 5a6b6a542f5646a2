/* Reading the traces of a recording. See recording_trace_file.h. */
#include "sim/recording_trace_file.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_TRACES = 4096, PATH_ROOM = RECORD_TEXT + 64 };

/* Opens report/<name>/<object> of `rank` dimensions; extent as found. */
static hid_t open_part(hid_t file, const char *name, const char *object, int rank,
                       hsize_t extent[2], struct error *err)
{
    char path[PATH_ROOM];
    snprintf(path, sizeof path, "report/%s/%s", name, object);
    hid_t dataset = H5Dopen2(file, path, H5P_DEFAULT);
    hid_t space = dataset >= 0 ? H5Dget_space(dataset) : H5I_INVALID_HID;
    int found = space >= 0 ? H5Sget_simple_extent_ndims(space) : -1;
    if (found == rank)
        H5Sget_simple_extent_dims(space, extent, NULL);
    if (space >= 0)
        H5Sclose(space);
    if (found == rank)
        return dataset;
    if (found < 0)
        hdf5_error(err, ERR_FORMAT, "no dataset %s", path);
    else
        error_set(err, ERR_FORMAT, "%s: expected %d dimensions, found %d", path, rank,
                  found);
    if (dataset >= 0)
        H5Dclose(dataset);
    return H5I_INVALID_HID;
}

static enum error_code read_attribute(hid_t file, const char *path, const char *name,
                                      char *text, size_t room, struct error *err)
{
    hid_t type = text_type(room);
    hid_t attribute = H5Aopen_by_name(file, path, name, H5P_DEFAULT, H5P_DEFAULT);
    hid_t space = attribute >= 0 ? H5Aget_space(attribute) : H5I_INVALID_HID;
    if (space < 0 || H5Sget_simple_extent_npoints(space) != 1 ||
        H5Aread(attribute, type, text) < 0)
        hdf5_error(err, ERR_FORMAT, "%s: cannot read attribute %s", path, name);
    text[room - 1] = '\0';
    if (space >= 0)
        H5Sclose(space);
    if (attribute >= 0)
        H5Aclose(attribute);
    H5Tclose(type);
    return err->code;
}

static enum error_code read_names(hid_t file, struct trace_info *trace,
                                  struct error *err)
{
    char path[PATH_ROOM];
    snprintf(path, sizeof path, "report/%s", trace->name);
    if (read_attribute(file, path, "population", trace->population,
                       sizeof trace->population, err) != OK ||
        read_attribute(file, path, "variable", trace->variable, sizeof trace->variable,
                       err) != OK)
        return err->code;
    snprintf(path, sizeof path, "report/%s/data", trace->name);
    if (H5Aexists_by_name(file, path, "units", H5P_DEFAULT) <= 0)
        return OK; /* a number without unit */
    return read_attribute(file, path, "units", trace->unit, sizeof trace->unit, err);
}

static enum error_code read_nodes(hid_t file, struct trace_info *trace, hsize_t nodes,
                                  uint64_t neurons, struct error *err)
{
    hsize_t extent[2] = { 0, 0 };
    hid_t dataset = open_part(file, trace->name, "mapping/node_ids", 1, extent, err);
    if (dataset < 0)
        return err->code;
    uint64_t *node = NULL;
    if (extent[0] != nodes || nodes == 0 || nodes > neurons)
        error_set(err, ERR_FORMAT, "trace %s: %llu nodes for %llu columns", trace->name,
                  (unsigned long long)extent[0], (unsigned long long)nodes);
    else if ((node = malloc((size_t)nodes * sizeof *node)) == NULL)
        error_memory(err, trace->name, (double)nodes * sizeof *node);
    else if (H5Dread(dataset, H5T_NATIVE_UINT64, H5S_ALL, H5S_ALL, H5P_DEFAULT, node) <
             0)
        hdf5_error(err, ERR_FORMAT, "trace %s: cannot read its nodes", trace->name);
    H5Dclose(dataset);
    trace->node = node;
    trace->nodes = (size_t)nodes;
    return err->code;
}

static enum error_code open_trace(struct recording *recording, struct trace_info *trace,
                                  struct error *err)
{
    struct recording_file *handle = recording->file;
    hsize_t extent[2] = { 0, 0 }, parts[2] = { 0, 0 };
    hid_t data = open_part(handle->file, trace->name, "data", 2, extent, err);
    if (data < 0)
        return err->code;
    handle->trace[handle->traces] = data;
    handle->trace_time[handle->traces] = 0;
    hid_t time = open_part(handle->file, trace->name, "mapping/time", 1, parts, err);
    handle->trace_time[handle->traces++] = time;
    if (time < 0)
        return err->code;
    if (parts[0] != TIME_PARTS)
        return error_set(err, ERR_FORMAT, "trace %s: its time has %llu numbers",
                         trace->name, (unsigned long long)parts[0]);
    if (read_nodes(handle->file, trace, extent[1], recording->neurons, err) != OK)
        return err->code;
    return read_names(handle->file, trace, err);
}

static enum error_code allocate(struct recording *recording, size_t traces,
                                struct error *err)
{
    struct recording_file *handle = recording->file;
    recording->trace = calloc(traces, sizeof *recording->trace);
    recording->trace_length = calloc(traces, sizeof *recording->trace_length);
    handle->trace = calloc(traces, sizeof *handle->trace);
    handle->trace_time = calloc(traces, sizeof *handle->trace_time);
    if (!recording->trace || !recording->trace_length || !handle->trace ||
        !handle->trace_time)
        return error_memory(err, "traces", (double)traces * sizeof *recording->trace);
    return OK;
}

enum error_code traces_open(struct recording *recording, struct error *err)
{
    hid_t file = recording->file->file;
    H5G_info_t group;
    if (H5Lexists(file, "report", H5P_DEFAULT) <= 0)
        return OK;
    if (H5Gget_info_by_name(file, "report", &group, H5P_DEFAULT) < 0)
        return hdf5_error(err, ERR_FORMAT, "cannot read report");
    if (group.nlinks > MOST_TRACES)
        return error_set(err, ERR_FORMAT,
                         "report: expected at most %d traces, "
                         "found %llu",
                         MOST_TRACES, (unsigned long long)group.nlinks);
    if (group.nlinks == 0)
        return OK;
    if (allocate(recording, (size_t)group.nlinks, err) != OK)
        return err->code;
    for (hsize_t i = 0; i < group.nlinks; i++) {
        struct trace_info *trace = &recording->trace[recording->traces++];
        ssize_t length =
            H5Lget_name_by_idx(file, "report", H5_INDEX_NAME, H5_ITER_INC, i,
                               trace->name, sizeof trace->name, H5P_DEFAULT);
        if (length <= 0 || (size_t)length >= sizeof trace->name)
            return hdf5_error(err, ERR_FORMAT, "report: trace %llu has no fitting name",
                              (unsigned long long)i);
        if (open_trace(recording, trace, err) != OK)
            return err->code;
    }
    return OK;
}

enum error_code traces_measure(struct recording *recording, struct error *err)
{
    for (uint32_t i = 0; i < recording->traces; i++) {
        struct trace_info *trace = &recording->trace[i];
        double time[TIME_PARTS];
        if (H5Dread(recording->file->trace_time[i], H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL,
                    H5P_DEFAULT, time) < 0)
            return hdf5_error(err, ERR_FORMAT, "trace %s: cannot read its time",
                              trace->name);
        double length =
            nearbyint((time[TIME_STOP] - time[TIME_START]) / time[TIME_STEP]);
        if (!(time[TIME_STEP] > 0) || !(length >= 0 && length < 0x1p53))
            return error_set(err, ERR_FORMAT,
                             "trace %s: from %g to %g ms in steps of %g", trace->name,
                             time[TIME_START], time[TIME_STOP], time[TIME_STEP]);
        uint64_t rows = handle_rows(recording->file->trace[i]);
        trace->interval_ms = time[TIME_STEP];
        recording->trace_length[i] = (uint64_t)length < rows ? (uint64_t)length : rows;
    }
    return OK;
}

void traces_close(struct recording_file *handle)
{
    for (uint32_t i = 0; i < handle->traces; i++) {
        if (handle->trace[i] > 0)
            H5Dclose(handle->trace[i]);
        if (handle->trace_time[i] > 0)
            H5Dclose(handle->trace_time[i]);
    }
    free(handle->trace);
    free(handle->trace_time);
}

enum error_code recording_read_trace(const struct recording *recording,
                                     uint32_t trace_index, uint64_t first,
                                     uint64_t count, float *value, struct error *err)
{
    err->code = OK;
    if (trace_index >= recording->traces ||
        first > recording->trace_length[trace_index] ||
        count > recording->trace_length[trace_index] - first)
        error_set(err, ERR_ARGUMENT, "samples %llu to %llu of trace %u of %u",
                  (unsigned long long)first, (unsigned long long)(first + count),
                  trace_index, recording->traces);
    else
        handle_read_rows(recording->file->trace[trace_index], H5T_NATIVE_FLOAT, first,
                         count, recording->trace[trace_index].nodes, value,
                         recording->trace[trace_index].name, err);
    return err->code == OK ? OK : error_wrap(err, "%s", recording->file->path);
}
