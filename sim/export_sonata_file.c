/* Spikes as SONATA (v0.1) has them, with the worth of each beside it: readers ignore
 * datasets they do not know. */
#include "sim/appender_file.h"
#include "sim/export.h"
#include "sim/export_spikes.h"
#include "sim/recording_create_file.h"

enum {
    FIRST = COLUMN_TIMESTAMPS,
    LISTS = COLUMN_VALUES - COLUMN_TIMESTAMPS + 1,
    ROOM = 16384
};

struct spike_file {
    hid_t file;
    double dt_ms;
    struct column_layout layout[LISTS];
    struct appender list[LISTS]; /* timestamps, nodes, values */
};

static enum error_code write_spikes(void *context, const struct exported_token *token,
                                    struct error *err)
{
    struct spike_file *spikes = context;
    for (size_t i = 0; i < token->length; i++) {
        const struct recorded_spike *spike = &token->spike[i];
        double timestamp = (double)(token->start_step + spike->step) * spikes->dt_ms;
        const void *value[LISTS] = { &timestamp, &spike->node, &spike->worth };
        for (int list = 0; list < LISTS; list++)
            if (appender_put(&spikes->list[list], value[list], 1, err) != OK)
                return err->code;
    }
    return OK;
}

static enum error_code create(struct spike_file *spikes, struct error *err)
{
    if (sonata_create_root(spikes->file, err) != OK)
        return err->code;
    for (unsigned i = 0; i < LISTS; i++) {
        column_layout(FIRST + i, 1, &spikes->layout[i]);
        if (column_create(spikes->file, &spikes->layout[i], spikes->dt_ms, err) != OK ||
            appender_init(&spikes->list[i], spikes->file, &spikes->layout[i], ROOM,
                          err) != OK)
            return err->code;
    }
    hid_t group = H5Gopen2(spikes->file, "spikes/model", H5P_DEFAULT);
    if (group < 0)
        return hdf5_error(err, ERR_IO, "cannot open spikes/model");
    sonata_mark_sorting(group, err);
    H5Gclose(group);
    return err->code;
}

static enum error_code write_file(const struct recording *recording, const char *path,
                                  struct error *err)
{
    hdf5_prepare();
    struct spike_file spikes = { .dt_ms = recording->info.dt_ms };
    hid_t access = H5Pcreate(H5P_FILE_ACCESS);
    H5Pset_fclose_degree(access, H5F_CLOSE_STRONG);
    spikes.file = H5Fcreate(path, H5F_ACC_TRUNC, H5P_DEFAULT, access);
    if (spikes.file < 0)
        hdf5_error(err, ERR_IO, "cannot create the file");
    H5Pclose(access);
    if (spikes.file < 0)
        return err->code;
    if (create(&spikes, err) == OK)
        export_each(recording, write_spikes, &spikes, err);
    for (int i = 0; i < LISTS && err->code == OK; i++)
        appender_sync(&spikes.list[i], err);
    if (err->code == OK && H5Fflush(spikes.file, H5F_SCOPE_LOCAL) < 0)
        hdf5_error(err, ERR_IO, "cannot write the file");
    if (err->code != OK)
        hdf5_abandon(spikes.file);
    for (int i = 0; i < LISTS; i++)
        appender_release(&spikes.list[i]);
    if (H5Fclose(spikes.file) < 0 && err->code == OK)
        hdf5_error(err, ERR_IO, "cannot close the file");
    return err->code;
}

enum error_code export_sonata(const struct recording *recording, const char *path,
                              struct error *err)
{
    return export_whole(recording, path, write_file, err);
}
