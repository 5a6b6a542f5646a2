/* NIRData (the `nir` package, 1.0): /nodes/<node>/observables/<name> with events or a
 * grid. A population is a node's observable; what holds no spikes is passed over, and
 * so are nested graphs' other contents: a graph within a graph is refused. */
#include "sim/source_events_file.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static bool is_whole_number(hid_t group, const char *name)
{
    hid_t dataset = H5Dopen2(group, name, H5P_DEFAULT);
    hid_t type = dataset >= 0 ? H5Dget_type(dataset) : H5I_INVALID_HID;
    H5T_class_t class = type >= 0 ? H5Tget_class(type) : H5T_NO_CLASS;
    if (type >= 0)
        H5Tclose(type);
    if (dataset >= 0)
        H5Dclose(dataset);
    H5Eclear2(H5E_DEFAULT);
    return class == H5T_INTEGER || class == H5T_ENUM;
}

static enum error_code take_size(struct spike_source *source, double neurons,
                                 double end_ms, struct error *err)
{
    if (!(neurons >= 0 && neurons <= SOURCE_MOST_NEURONS))
        return error_set(err, ERR_FORMAT, "%g neurons, expected at most %d", neurons,
                         SOURCE_MOST_NEURONS);
    if (!(end_ms >= 0 && end_ms < 1e15))
        return error_set(err, ERR_FORMAT, "a recording of %g ms", end_ms);
    source->population[source->populations - 1].neurons = (uint64_t)neurons;
    source->end_ms = fmax(source->end_ms, end_ms);
    return OK;
}

static enum error_code open_events(struct spike_source *source, hid_t group,
                                   bool has_values, struct event_list *list,
                                   struct error *err)
{
    hsize_t times[2], nodes[2], values[2];
    double neurons, seconds;
    list->rank = 2;
    list->is_padded = true;
    list->scale = 1000;
    hid_t dataset = events_dataset(source, group, "time", 2, times, err);
    if (dataset < 0)
        return err->code;
    list->time = dataset;
    if ((dataset = events_dataset(source, group, "idx", 2, nodes, err)) < 0)
        return err->code;
    list->node = dataset;
    if (has_values) {
        if ((dataset = events_dataset(source, group, "value", 2, values, err)) < 0)
            return err->code;
        list->value = dataset;
    }
    if (memcmp(times, nodes, sizeof times) != 0 ||
        (has_values && memcmp(times, values, sizeof times) != 0))
        return error_set(err, ERR_FORMAT, "idx, time and value differ in shape");
    list->samples = times[0];
    list->length = times[1];
    if (!events_number(group, "n_neurons", &neurons) ||
        !events_number(group, "t_max", &seconds))
        return error_set(err, ERR_FORMAT, "no attributes n_neurons and t_max");
    list->sample_ms = 1000 * seconds;
    return take_size(source, neurons, list->sample_ms * (double)list->samples, err);
}

static enum error_code open_grid(struct spike_source *source, hid_t group,
                                 struct event_list *list, struct error *err)
{
    hsize_t extent[3];
    double seconds;
    hid_t dataset = events_dataset(source, group, "data", 3, extent, err);
    if (dataset < 0)
        return err->code;
    list->grid = dataset;
    if (!events_number(group, "dt", &seconds) || !(seconds > 0 && seconds < 1e9))
        return error_set(err, ERR_FORMAT, "no attribute dt, or not a time");
    list->samples = extent[0];
    list->length = extent[2] ? extent[1] : 0;
    list->neurons = extent[2];
    list->scale = 1000 * seconds;
    list->sample_ms = list->scale * (double)extent[1];
    if (source->dt_ms == 0 || list->scale < source->dt_ms)
        source->dt_ms = list->scale;
    return take_size(source, (double)extent[2], list->sample_ms * (double)list->samples,
                     err);
}

static enum error_code open_observable(struct spike_source *source, hid_t group,
                                       const char *name, struct error *err)
{
    char type[32] = "";
    events_text(group, "__type__", type, sizeof type);
    bool is_grid = strcmp(type, "TimeGriddedData") == 0;
    bool has_values = strcmp(type, "ValuedEventData") == 0;
    if (!is_grid && !has_values && strcmp(type, "EventData") != 0)
        return error_set(err, ERR_FORMAT, "%s: unknown kind of data '%s'", name, type);
    if (is_grid && !is_whole_number(group, "data"))
        return OK; /* a membrane potential, say */
    struct event_list *list = events_add(source, err);
    if (!list)
        return err->code;
    list->population = source->populations;
    if (!source_add_population(source, name, err))
        return err->code;
    if ((is_grid ? open_grid(source, group, list, err)
                 : open_events(source, group, has_values, list, err)) != OK)
        return error_wrap(err, "%s", name);
    return OK;
}

/* A name that says node and observable, where the node has more than spikes. */
static enum error_code open_node(struct spike_source *source, hid_t node,
                                 const char *name, struct error *err)
{
    H5G_info_t info;
    char type[32] = "";
    events_text(node, "__type__", type, sizeof type);
    if (strcmp(type, "NIRNodeData") != 0)
        return error_set(err, ERR_FORMAT,
                         "node %s is '%s': only flat NIRData can be read", name, type);
    hid_t group = H5Gopen2(node, "observables", H5P_DEFAULT);
    if (group < 0 || H5Gget_info(group, &info) < 0)
        hdf5_error(err, ERR_FORMAT, "node %s has no group observables", name);
    for (hsize_t i = 0; err->code == OK && i < info.nlinks; i++) {
        char part[SOURCE_NAME], full[2 * SOURCE_NAME];
        hid_t observable = H5I_INVALID_HID;
        if (events_link(group, i, part))
            observable = H5Gopen2(group, part, H5P_DEFAULT);
        if (observable < 0) {
            hdf5_error(err, ERR_FORMAT, "node %s: cannot open observable %llu", name,
                       (unsigned long long)i);
            break;
        }
        bool is_alone = info.nlinks == 1 || strcmp(part, "spikes") == 0;
        snprintf(full, sizeof full, "%s%s%s", name, is_alone ? "" : ".",
                 is_alone ? "" : part);
        open_observable(source, observable, full, err);
        H5Gclose(observable);
    }
    if (group >= 0)
        H5Gclose(group);
    return err->code;
}

static enum error_code open_nodes(struct spike_source *source, hid_t group,
                                  struct error *err)
{
    H5G_info_t info;
    if (H5Gget_info(group, &info) < 0)
        return hdf5_error(err, ERR_FORMAT, "cannot read the group nodes");
    for (hsize_t i = 0; err->code == OK && i < info.nlinks; i++) {
        char name[SOURCE_NAME];
        hid_t node = H5I_INVALID_HID;
        if (events_link(group, i, name))
            node = H5Gopen2(group, name, H5P_DEFAULT);
        if (node < 0)
            return hdf5_error(err, ERR_FORMAT, "cannot open node %llu",
                              (unsigned long long)i);
        open_node(source, node, name, err);
        H5Gclose(node);
    }
    if (err->code == OK && source->populations == 0)
        error_set(err, ERR_FORMAT, "no node has events or a grid of zeros and ones");
    return err->code;
}

static enum error_code open(struct spike_source *source, struct error *err)
{
    if (events_open(source, err) != OK)
        return err->code;
    hid_t group = H5Gopen2(events_file(source), "nodes", H5P_DEFAULT);
    if (group < 0)
        return hdf5_error(err, ERR_FORMAT, "no group nodes");
    open_nodes(source, group, err);
    H5Gclose(group);
    return err->code;
}

const struct source_reader nirdata_reader = {
    .format = "NIRData",
    .open = open,
    .read = events_read,
    .rewind = events_rewind,
    .close = events_close,
};
