/* See appender_file.h. */
#include "sim/appender_file.h"

#include <stdlib.h>
#include <string.h>

enum error_code appender_init(struct appender *appender, hid_t file,
                              const struct column_layout *layout, size_t room,
                              struct error *err)
{
    *appender = (struct appender){ .width = layout->width,
                                   .room = room,
                                   .path = layout->path,
                                   .type = H5I_INVALID_HID };
    appender->row_bytes = (layout->width ? layout->width : 1) * layout->element_bytes;
    appender->dataset = H5Dopen2(file, layout->path, H5P_DEFAULT);
    appender->type = element_type(layout->element, false);
    if (appender->dataset < 0 || appender->type < 0)
        return hdf5_error(err, ERR_IO, "cannot open %s", layout->path);
    appender->buffer = calloc(room, appender->row_bytes);
    if (!appender->buffer)
        return error_memory(err, layout->path,
                            (double)room * (double)appender->row_bytes);
    return OK;
}

void appender_release(struct appender *appender)
{
    if (appender->dataset > 0)
        H5Dclose(appender->dataset);
    if (appender->type > 0)
        H5Tclose(appender->type);
    free(appender->buffer);
    *appender = (struct appender){ 0 };
}

enum error_code appender_sync(struct appender *appender, struct error *err)
{
    if (appender->written == appender->fill)
        return OK;
    int rank = appender->width ? 2 : 1;
    hsize_t extent[2] = { appender->base + appender->fill, appender->width };
    hsize_t start[2] = { appender->base + appender->written, 0 };
    hsize_t count[2] = { appender->fill - appender->written, appender->width };
    const unsigned char *rows =
        appender->buffer + appender->written * appender->row_bytes;

    bool good = H5Dset_extent(appender->dataset, extent) >= 0;
    hid_t memory = H5Screate_simple(rank, count, NULL);
    hid_t space = H5Dget_space(appender->dataset);
    good = good && memory >= 0 && space >= 0 &&
           H5Sselect_hyperslab(space, H5S_SELECT_SET, start, NULL, count, NULL) >= 0 &&
           H5Dwrite(appender->dataset, appender->type, memory, space, H5P_DEFAULT,
                    rows) >= 0;
    if (!good)
        hdf5_error(err, ERR_IO, "cannot write row %llu of %s",
                   (unsigned long long)start[0], appender->path);
    if (space >= 0)
        H5Sclose(space);
    if (memory >= 0)
        H5Sclose(memory);
    if (!good)
        return err->code;
    appender->written = appender->fill;
    if (appender->fill == appender->room) {
        appender->base += appender->fill;
        appender->fill = appender->written = 0;
    }
    return OK;
}

enum error_code appender_put(struct appender *appender, const void *rows, size_t count,
                             struct error *err)
{
    const unsigned char *from = rows;
    while (count) {
        size_t part = appender->room - appender->fill;
        if (part > count)
            part = count;
        memcpy(appender->buffer + appender->fill * appender->row_bytes, from,
               part * appender->row_bytes);
        appender->fill += part;
        from += part * appender->row_bytes;
        count -= part;
        if (appender->fill == appender->room && appender_sync(appender, err) != OK)
            return err->code;
    }
    return OK;
}

void *appender_row(const struct appender *appender)
{
    return appender->buffer + appender->fill * appender->row_bytes;
}

enum error_code appender_push(struct appender *appender, struct error *err)
{
    appender->fill++;
    return appender->fill == appender->room ? appender_sync(appender, err) : OK;
}
