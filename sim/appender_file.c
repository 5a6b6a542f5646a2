/* See appender_file.h. */
#include "sim/appender_file.h"

#include "sim/scale_offset_file.h"

#include <stdlib.h>
#include <string.h>

/* Whether the buffer is a chunk of a list that is packed. */
static bool is_packed_chunk(const struct appender *appender,
                            const struct column_layout *layout)
{
    const hid_t creation = H5Dget_create_plist(appender->dataset);
    const bool is_packed = H5Pget_nfilters(creation) == 1;
    H5Pclose(creation);
    return is_packed && !layout->width && appender->room == layout->chunk;
}

enum error_code appender_init(struct appender *appender, hid_t file,
                              const struct column_layout *layout, size_t room,
                              struct error *err)
{
    *appender = (struct appender){ .width = layout->width,
                                   .room = room,
                                   .element = layout->element,
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
    if (!is_packed_chunk(appender, layout))
        return OK;
    appender->packed = malloc(scale_offset_room(room));
    if (!appender->packed)
        return error_memory(err, layout->path, (double)scale_offset_room(room));
    return OK;
}

void appender_release(struct appender *appender)
{
    if (appender->dataset > 0)
        H5Dclose(appender->dataset);
    if (appender->type > 0)
        H5Tclose(appender->type);
    free(appender->packed);
    free(appender->buffer);
    *appender = (struct appender){ 0 };
}

/* The buffer's chunk as it shall lie in the file; its bytes. 0: HDF5 must pack it. */
static size_t pack(struct appender *appender)
{
    if (!appender->packed)
        return 0;
    memset(appender->buffer + appender->fill * appender->row_bytes, 0,
           (appender->room - appender->fill) * appender->row_bytes);
    return scale_offset_pack(appender->element, appender->buffer, appender->room,
                             appender->packed);
}

static bool write_rows(struct appender *appender)
{
    int rank = appender->width ? 2 : 1;
    hsize_t start[2] = { appender->base + appender->written, 0 };
    hsize_t count[2] = { appender->fill - appender->written, appender->width };
    const unsigned char *rows =
        appender->buffer + appender->written * appender->row_bytes;
    hid_t memory = H5Screate_simple(rank, count, NULL);
    hid_t space = H5Dget_space(appender->dataset);
    bool good =
        memory >= 0 && space >= 0 &&
        H5Sselect_hyperslab(space, H5S_SELECT_SET, start, NULL, count, NULL) >= 0 &&
        H5Dwrite(appender->dataset, appender->type, memory, space, H5P_DEFAULT, rows) >=
            0;
    if (space >= 0)
        H5Sclose(space);
    if (memory >= 0)
        H5Sclose(memory);
    return good;
}

enum error_code appender_sync(struct appender *appender, struct error *err)
{
    if (appender->written == appender->fill)
        return OK;
    const hsize_t extent[2] = { appender->base + appender->fill, appender->width };
    const hsize_t at = appender->base;
    const size_t bytes = pack(appender);
    bool good = H5Dset_extent(appender->dataset, extent) >= 0;
    if (bytes > 0)
        good = good && H5Dwrite_chunk(appender->dataset, H5P_DEFAULT, 0, &at, bytes,
                                      appender->packed) >= 0;
    else
        good = good && write_rows(appender);
    if (!good)
        return hdf5_error(err, ERR_IO, "cannot write row %llu of %s",
                          (unsigned long long)(appender->base + appender->written),
                          appender->path);
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
