/* Opening a recording: telling a living writer from a killed one, clearing what the
 * killed one left, and checking every shape before a row is read. */
#include "sim/recording_handle_file.h"
#include "sim/recording_trace_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* HDF5 1.10, superblock version 3: signature, version, two sizes, then the flags. */
enum {
    SUPERBLOCK_VERSION = 8,
    SUPERBLOCK_FLAGS = 11,
    SUPERBLOCK_BYTES = 12,
    OPEN_FOR_WRITING = 1 | 4
};

enum { MOST_POPULATIONS = 1 << 20, MOST_TEXT = 64 << 20 };

struct file_condition {
    bool is_live, is_marked;
};

static enum error_code look(const char *path, struct file_condition *condition,
                            struct error *err)
{
    static const unsigned char signature[] = { 0x89, 'H',  'D',  'F',
                                               '\r', '\n', 0x1a, '\n' };
    unsigned char head[SUPERBLOCK_BYTES] = { 0 };
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return error_set(err, ERR_IO, "%s", strerror(errno));
    ssize_t got = read(fd, head, sizeof head);
    condition->is_live = recording_is_locked(fd);
    int reason = errno;
    close(fd);
    if (got < 0)
        return error_set(err, ERR_IO, "%s", strerror(reason));
    if (got < SUPERBLOCK_BYTES || memcmp(head, signature, sizeof signature) != 0)
        return error_set(err, ERR_FORMAT, "not an HDF5 file");
    condition->is_marked =
        head[SUPERBLOCK_VERSION] >= 3 && (head[SUPERBLOCK_FLAGS] & OPEN_FOR_WRITING);
    return OK;
}

/* What h5clear --status --increment=0 does: two properties of HDF5 that are set by
 * name, one for the mark of the writer, one for an end of file that the writer
 * announced and did not reach. False: they are unknown here, or the file may not be
 * written. */
static bool repair(const char *path)
{
    static const char clear[] = "clear_status_flags", skip[] = "skip_eof_check";
    const hbool_t yes = 1;
    hid_t access = H5Pcreate(H5P_FILE_ACCESS);
    hid_t file = H5I_INVALID_HID;
    if (H5Pexist(access, clear) > 0 && H5Pset(access, clear, &yes) >= 0 &&
        H5Pexist(access, skip) > 0 && H5Pset(access, skip, &yes) >= 0)
        file = H5Fopen(path, H5F_ACC_RDWR, access);
    H5Pclose(access);
    if (file < 0)
        return false;
    bool good = H5Fincrement_filesize(file, 0) >= 0;
    return H5Fclose(file) >= 0 && good;
}

static enum error_code open_file(struct recording *recording, const char *path,
                                 struct error *err)
{
    struct file_condition condition = { 0 };
    if (look(path, &condition, err) != OK)
        return err->code;
    unsigned flags = H5F_ACC_RDONLY;
    recording->is_live = condition.is_live;
    if (condition.is_live)
        flags |= H5F_ACC_SWMR_READ;
    else if (condition.is_marked && repair(path))
        recording->was_repaired = true;
    else if (condition.is_marked)
        flags |= H5F_ACC_SWMR_READ;

    hid_t access = H5Pcreate(H5P_FILE_ACCESS);
    H5Pset_fclose_degree(access, H5F_CLOSE_STRONG);
    if (condition.is_live)
        H5Pset_libver_bounds(access, H5F_LIBVER_LATEST, H5F_LIBVER_LATEST);
    recording->file->file = H5Fopen(path, flags, access);
    if (recording->file->file < 0)
        hdf5_error(err, ERR_FORMAT, "HDF5 cannot open the file");
    H5Pclose(access);
    return err->code;
}

/* Checks that a dataset is there with this many dimensions, the last `width` wide. */
static enum error_code check_shape(hid_t dataset, const char *path, int rank,
                                   hsize_t width, struct error *err)
{
    hsize_t extent[2] = { 0, 0 };
    hid_t space = dataset >= 0 ? H5Dget_space(dataset) : H5I_INVALID_HID;
    int found = space >= 0 ? H5Sget_simple_extent_ndims(space) : -1;
    if (found == rank && rank <= 2)
        H5Sget_simple_extent_dims(space, extent, NULL);
    if (space >= 0)
        H5Sclose(space);
    if (found < 0)
        return hdf5_error(err, ERR_FORMAT, "no dataset %s", path);
    if (found != rank)
        return error_set(err, ERR_FORMAT, "%s: expected %d dimensions, found %d", path,
                         rank, found);
    if (rank > 0 && width && extent[rank - 1] != width)
        return error_set(err, ERR_FORMAT, "%s: expected %llu columns, found %llu", path,
                         (unsigned long long)width,
                         (unsigned long long)extent[rank - 1]);
    return OK;
}

static hid_t open_dataset(hid_t file, const char *path, int rank, hsize_t width,
                          struct error *err)
{
    hid_t dataset = H5Dopen2(file, path, H5P_DEFAULT);
    if (check_shape(dataset, path, rank, width, err) == OK)
        return dataset;
    if (dataset >= 0)
        H5Dclose(dataset);
    return H5I_INVALID_HID;
}

static enum error_code read_text(hid_t file, const char *path, char **text,
                                 struct error *err)
{
    hid_t dataset = open_dataset(file, path, 0, 0, err);
    if (dataset < 0)
        return err->code;
    hid_t type = H5Dget_type(dataset);
    size_t size = H5Tget_size(type);
    if (H5Tget_class(type) != H5T_STRING || H5Tis_variable_str(type) != 0 ||
        size > MOST_TEXT) {
        error_set(err, ERR_FORMAT, "%s: expected text of fixed length", path);
    } else if ((*text = calloc(size + 1, 1)) == NULL) {
        error_memory(err, path, (double)size);
    } else if (H5Dread(dataset, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, *text) < 0) {
        hdf5_error(err, ERR_FORMAT, "cannot read %s", path);
    }
    H5Tclose(type);
    H5Dclose(dataset);
    return err->code;
}

static enum error_code read_info_field(hid_t group, const struct info_field *field,
                                       char *to, struct error *err)
{
    hid_t attribute = H5Aopen(group, field->name, H5P_DEFAULT), type = info_type(field);
    hid_t space = attribute >= 0 ? H5Aget_space(attribute) : H5I_INVALID_HID;
    if (space < 0 || H5Sget_simple_extent_npoints(space) != 1 ||
        H5Aread(attribute, type, to) < 0)
        hdf5_error(err, ERR_FORMAT, "/run: cannot read attribute %s", field->name);
    else if (field->kind == INFO_TEXT)
        to[field->bytes - 1] = '\0';
    if (space >= 0)
        H5Sclose(space);
    H5Tclose(type);
    if (attribute >= 0)
        H5Aclose(attribute);
    return err->code;
}

static enum error_code read_info(struct recording *recording, struct error *err)
{
    hid_t file = recording->file->file;
    hid_t group = H5Gopen2(file, "run", H5P_DEFAULT);
    if (group < 0)
        return hdf5_error(err, ERR_FORMAT, "not a recording: no group /run");
    for (const struct info_field *field = info_fields; err->code == OK && field->name;
         field++)
        read_info_field(group, field, (char *)&recording->info + field->offset, err);
    H5Gclose(group);
    if (err->code != OK ||
        read_text(file, "run/command", &recording->info.command, err) != OK)
        return err->code;
    return read_text(file, "run/config", &recording->info.config, err);
}

static enum error_code check_population(struct population_info *population,
                                        const struct recording *recording,
                                        struct error *err)
{
    char *const text[] = { population->name, population->role, population->neuron,
                           population->encoder, population->parameters };
    const size_t bytes[] = { sizeof population->name, sizeof population->role,
                             sizeof population->neuron, sizeof population->encoder,
                             sizeof population->parameters };
    for (int i = 0; i < 5; i++)
        text[i][bytes[i] - 1] = '\0';
    if (population->first_node != recording->neurons ||
        population->first_channel != recording->channels || population->size == 0 ||
        (population->channels && population->size % population->channels != 0) ||
        population->channels > UINT32_MAX || population->size > UINT32_MAX)
        return error_set(err, ERR_FORMAT,
                         "population %s: %llu channels from %llu do not "
                         "follow the one before",
                         population->name, (unsigned long long)population->channels,
                         (unsigned long long)population->first_channel);
    return OK;
}

static enum error_code read_populations(struct recording *recording, struct error *err)
{
    hid_t dataset = open_dataset(recording->file->file, "populations", 1, 0, err);
    if (dataset < 0)
        return err->code;
    hid_t space = H5Dget_space(dataset), type = population_type(false);
    hssize_t rows = H5Sget_simple_extent_npoints(space);
    if (rows < 1 || rows > MOST_POPULATIONS)
        error_set(err, ERR_FORMAT, "populations: expected 1 to %d rows, found %lld",
                  MOST_POPULATIONS, (long long)rows);
    else if ((recording->population =
                  calloc((size_t)rows, sizeof *recording->population)) == NULL)
        error_memory(err, "populations", (double)rows);
    else if (H5Dread(dataset, type, H5S_ALL, H5S_ALL, H5P_DEFAULT,
                     recording->population) < 0)
        hdf5_error(err, ERR_FORMAT, "cannot read populations");
    H5Tclose(type);
    H5Sclose(space);
    H5Dclose(dataset);
    if (err->code != OK)
        return err->code;
    recording->populations = (uint32_t)rows;
    for (uint32_t i = 0; i < recording->populations; i++) {
        struct population_info *population = &recording->population[i];
        if (check_population(population, recording, err) != OK)
            return err->code;
        recording->neurons += population->size;
        recording->channels += population->channels;
    }
    return OK;
}

/* A token's counts lie in a row of chunks: room for one row of them, or every token
 * read would fetch ROWS_PER_BLOCK tokens anew. */
static enum error_code open_values(struct recording *recording, struct error *err)
{
    enum { SLOTS = 521, MOST_CACHE = 256 << 20 };
    if (recording->channels == 0)
        return error_set(err, ERR_FORMAT, "counts of populations without channels");
    hsize_t width = slab_width(recording->channels);
    size_t slabs = (size_t)((recording->channels + width - 1) / width);
    size_t bytes = (slabs + 1) * ROWS_PER_BLOCK * (size_t)width;
    hid_t access = H5Pcreate(H5P_DATASET_ACCESS);
    H5Pset_chunk_cache(access, SLOTS, bytes < MOST_CACHE ? bytes : MOST_CACHE, 0.75);
    hid_t dataset = H5Dopen2(recording->file->file, "counts/values", access);
    H5Pclose(access);
    recording->file->values = dataset;
    return check_shape(dataset, "counts/values", 2, recording->channels, err);
}

/* Kinds are added behind those that there are, so fewer mean an earlier recording. */
static enum error_code read_op_kinds(struct recording_file *handle, struct error *err)
{
    hid_t names = open_dataset(handle->file, "host/op_kind", 1, 0, err);
    if (names < 0)
        return err->code;
    uint64_t kinds = handle_rows(names);
    H5Dclose(names);
    if (kinds < OP_MULTIPLY_I32 || kinds > OP_KINDS)
        return error_set(err, ERR_FORMAT,
                         "host/op_kind: expected %d to %d kinds, found %llu",
                         OP_MULTIPLY_I32, OP_KINDS, (unsigned long long)kinds);
    handle->op_kinds = (uint32_t)kinds;
    return OK;
}

static enum error_code open_columns(struct recording *recording, struct error *err)
{
    struct recording_file *handle = recording->file;
    recording->has_counts = H5Lexists(handle->file, "counts", H5P_DEFAULT) > 0;
    recording->has_spikes = H5Lexists(handle->file, "spikes", H5P_DEFAULT) > 0;
    handle->status = open_dataset(handle->file, "run/status", 0, 0, err);
    if (handle->status < 0 || read_op_kinds(handle, err) != OK ||
        (recording->has_counts && open_values(recording, err) != OK))
        return err->code;
    for (unsigned column = 0; column < COLUMNS; column++) {
        if (!column_is_planned(column, recording->has_counts, recording->has_spikes))
            continue;
        struct column_layout layout;
        column_layout(column, recording->populations, &layout);
        if (column >= COLUMN_HOST && column < TOKEN_COLUMNS)
            layout.width = handle->op_kinds;
        handle->column[column] = open_dataset(handle->file, layout.path,
                                              layout.width ? 2 : 1, layout.width, err);
        if (handle->column[column] < 0)
            return err->code;
    }
    return OK;
}

enum error_code recording_open(struct recording *recording, const char *path,
                               struct error *err)
{
    *recording = (struct recording){ 0 };
    err->code = OK;
    hdf5_prepare();
    recording->file = calloc(1, sizeof *recording->file);
    char *copy = malloc(strlen(path) + 1);
    if (!recording->file || !copy) {
        free(copy);
        recording_close_reader(recording);
        return error_memory(err, path, sizeof *recording->file);
    }
    recording->file->path = strcpy(copy, path);
    if (open_file(recording, path, err) != OK || read_info(recording, err) != OK ||
        read_populations(recording, err) != OK || open_columns(recording, err) != OK ||
        traces_open(recording, err) != OK || handle_measure(recording, err) != OK) {
        error_wrap(err, "%s", path);
        recording_close_reader(recording);
    }
    return err->code;
}

/* A writer that ends or is killed lets go of its lock. */
static bool has_writer(const char *path)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    bool is_locked = fd >= 0 && recording_is_locked(fd);
    if (fd >= 0)
        close(fd);
    return is_locked;
}

enum error_code recording_refresh(struct recording *recording, struct error *err)
{
    struct recording_file *handle = recording->file;
    err->code = OK;
    if (!recording->is_live)
        return OK;
    recording->is_live = has_writer(handle->path); /* before the last look */
    /* Status first: what it promises was flushed before it. */
    bool good = H5Drefresh(handle->status) >= 0 &&
                (!handle->values || H5Drefresh(handle->values) >= 0);
    for (unsigned column = 0; good && column < COLUMNS; column++)
        good = !handle->column[column] || H5Drefresh(handle->column[column]) >= 0;
    for (uint32_t i = 0; good && i < handle->traces; i++)
        good =
            H5Drefresh(handle->trace_time[i]) >= 0 && H5Drefresh(handle->trace[i]) >= 0;
    if (!good)
        hdf5_error(err, ERR_IO, "cannot read what was added");
    else
        handle_measure(recording, err);
    return err->code == OK ? OK : error_wrap(err, "%s", handle->path);
}

void recording_close_reader(struct recording *recording)
{
    if (recording->file)
        handle_close(recording->file);
    free(recording->info.command);
    free(recording->info.config);
    for (uint32_t i = 0; i < recording->traces; i++)
        free((void *)recording->trace[i].node);
    free(recording->trace);
    free(recording->trace_length);
    free(recording->population);
    *recording = (struct recording){ 0 };
}
