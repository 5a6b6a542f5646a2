/* SONATA spikes: /spikes/<population>/{timestamps, node_ids}, and the old layout
 * /spikes/{timestamps, gids} (github.com/AllenInstitute/sonata, version 0.1). Whether
 * the attribute sorting is an enum, a text or absent does not matter: the order is seen
 * on reading. Of other datasets only `values` is known, ours. */
#include "sim/source_events_file.h"

#include <string.h>

static enum error_code open_list(struct spike_source *source, hid_t group,
                                 const char *population, const char *nodes,
                                 struct error *err)
{
    struct event_list *list = events_add(source, err);
    hsize_t events = 0, ids = 0, values = 0;
    char unit[32];
    if (!list)
        return err->code;
    list->population = source->populations;
    if (!source_add_population(source, population, err))
        return err->code;
    hid_t dataset = events_dataset(source, group, "timestamps", 1, &events, err);
    if (dataset < 0)
        return error_wrap(err, "spikes of %s", population);
    list->time = dataset;
    if ((dataset = events_dataset(source, group, nodes, 1, &ids, err)) < 0)
        return error_wrap(err, "spikes of %s", population);
    list->node = dataset;
    if (events != ids)
        return error_set(err, ERR_FORMAT, "spikes of %s: %llu timestamps for %llu %s",
                         population, (unsigned long long)events,
                         (unsigned long long)ids, nodes);
    list->length = events;
    if (events_text(list->time, "units", unit, sizeof unit)) {
        if (strcmp(unit, "s") == 0)
            list->scale = 1000;
        else if (strcmp(unit, "ms") != 0)
            return error_set(err, ERR_FORMAT,
                             "spikes of %s: times in '%s', expected ms or s",
                             population, unit);
    }
    if (H5Lexists(group, "values", H5P_DEFAULT) <= 0)
        return OK;
    dataset = events_dataset(source, group, "values", 1, &values, err);
    if (dataset >= 0 && values == events)
        list->value = dataset;
    else if (dataset >= 0)
        H5Dclose(dataset);
    err->code = OK; /* another tool's dataset of that name */
    return OK;
}

static enum error_code open_populations(struct spike_source *source, hid_t group,
                                        struct error *err)
{
    H5G_info_t info;
    if (H5Gget_info(group, &info) < 0)
        return hdf5_error(err, ERR_FORMAT, "cannot read the group spikes");
    for (hsize_t i = 0; i < info.nlinks; i++) {
        char name[SOURCE_NAME];
        H5O_info_t object;
        if (!events_link(group, i, name))
            return error_set(err, ERR_FORMAT, "spikes: name %llu has over %d bytes",
                             (unsigned long long)i, SOURCE_NAME - 1);
        if (H5Oget_info_by_name(group, name, &object, H5P_DEFAULT) < 0 ||
            object.type != H5O_TYPE_GROUP)
            continue;
        hid_t population = H5Gopen2(group, name, H5P_DEFAULT);
        if (population < 0)
            return hdf5_error(err, ERR_FORMAT, "cannot open spikes/%s", name);
        open_list(source, population, name, "node_ids", err);
        H5Gclose(population);
        if (err->code != OK)
            return err->code;
    }
    if (source->populations == 0)
        return error_set(err, ERR_FORMAT, "no population in the group spikes");
    return OK;
}

static enum error_code open_group(struct spike_source *source, bool is_old,
                                  struct error *err)
{
    if (events_open(source, err) != OK)
        return err->code;
    hid_t group = H5Gopen2(events_file(source), "spikes", H5P_DEFAULT);
    if (group < 0)
        return hdf5_error(err, ERR_FORMAT, "no group spikes");
    if (is_old)
        open_list(source, group, "neurons", "gids", err);
    else
        open_populations(source, group, err);
    H5Gclose(group);
    return err->code;
}

static enum error_code open_new(struct spike_source *source, struct error *err)
{
    return open_group(source, false, err);
}

static enum error_code open_old(struct spike_source *source, struct error *err)
{
    return open_group(source, true, err);
}

const struct source_reader sonata_reader = {
    .format = "SONATA",
    .open = open_new,
    .read = events_read,
    .rewind = events_rewind,
    .close = events_close,
};

const struct source_reader old_sonata_reader = {
    .format = "SONATA (old)",
    .open = open_old,
    .read = events_read,
    .rewind = events_rewind,
    .close = events_close,
};
