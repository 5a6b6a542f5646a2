/* Which layout an HDF5 file has. */
#include "sim/source_events_file.h"

#include <stdio.h>
#include <string.h>

static const struct source_reader *look(hid_t file)
{
    char type[32];
    if (events_text(file, "__type__", type, sizeof type) &&
        strcmp(type, "NIRGraphData") == 0)
        return &nirdata_reader;
    if (H5Lexists(file, "run", H5P_DEFAULT) > 0 &&
        H5Lexists(file, "populations", H5P_DEFAULT) > 0)
        return &recording_reader;
    if (H5Lexists(file, "spikes", H5P_DEFAULT) <= 0)
        return NULL;
    return H5Lexists(file, "spikes/gids", H5P_DEFAULT) > 0 ? &old_sonata_reader
                                                           : &sonata_reader;
}

enum error_code source_recognise(const char *path, const struct source_reader **reader,
                                 struct error *err)
{
    hdf5_prepare();
    hid_t file = H5Fopen(path, H5F_ACC_RDONLY, H5P_DEFAULT);
    if (file < 0) {
        H5Eclear2(H5E_DEFAULT);
        *reader = &recording_reader;
        return OK;
    }
    *reader = look(file);
    H5Fclose(file);
    if (!*reader)
        error_set(err, ERR_FORMAT,
                  "holds no spikes: expected a recording, SONATA or "
                  "NIRData");
    return err->code;
}
