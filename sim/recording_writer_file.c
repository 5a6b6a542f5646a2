/* The writer of recordings. Tokens gather in blocks of ROWS_PER_BLOCK; counts go to
 * disk as whole chunks past HDF5's cache. Everything a token needs is flushed before
 * the number of complete tokens in run/status grows, so a reader of a killed run
 * knows where to stop. */
#include "base/progress.h"
#include "sim/appender_file.h"
#include "sim/recording_create_file.h"
#include "sim/recording_trace_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static const double flush_seconds = 0.5;

enum { LIST_ROOM = 1024, SPIKE_ROOM = 16384, SPIKE_PIECE = 256 };

/* A block of counts, laid out as the chunks it becomes: (slabs, ROWS_PER_BLOCK,
 * width). */
struct count_block {
    hid_t dataset;
    int8_t *buffer;
    uint64_t channels, base;
    hsize_t width;
    size_t slabs, fill, written;
};

struct recording_writer {
    char *path;
    hid_t file, status_dataset, status_type;
    struct run_status status;
    struct column_layout layout[COLUMNS];
    struct appender column[COLUMNS];
    struct count_block counts;
    struct trace_writer *trace;
    uint32_t populations, traces;
    bool has_counts, has_spikes, has_failed;
    uint64_t tokens, clock;           /* appended; steps so far */
    uint64_t text, overflows, spikes; /* ends of the lists */
    double dt_ms, flushed_at;
};

static size_t column_room(unsigned column)
{
    if (column >= COLUMN_TIMESTAMPS)
        return SPIKE_ROOM;
    if (column == COLUMN_TEXT || column == COLUMN_OVERFLOW)
        return LIST_ROOM;
    return ROWS_PER_BLOCK;
}

static bool is_offset(unsigned column)
{
    return column == COLUMN_TEXT_OFFSET || column == COLUMN_OVERFLOW_OFFSET ||
           column == COLUMN_SPIKE_OFFSET;
}

static enum error_code open_counts(struct recording_writer *writer, uint64_t channels,
                                   struct error *err)
{
    struct count_block *counts = &writer->counts;
    counts->channels = channels;
    counts->width = slab_width(channels);
    counts->slabs = (size_t)((channels + counts->width - 1) / counts->width);
    counts->buffer = calloc(counts->slabs, ROWS_PER_BLOCK * (size_t)counts->width);
    if (!counts->buffer)
        return error_memory(err, "a block of counts",
                            ROWS_PER_BLOCK * (double)channels);
    counts->dataset = H5Dopen2(writer->file, "counts/values", H5P_DEFAULT);
    return counts->dataset < 0 ? hdf5_error(err, ERR_IO, "cannot open counts/values")
                               : OK;
}

static enum error_code open_columns(struct recording_writer *writer, uint64_t channels,
                                    struct error *err)
{
    const uint64_t zero = 0;
    for (unsigned column = 0; column < COLUMNS; column++) {
        if (!column_is_planned(column, writer->has_counts, writer->has_spikes))
            continue;
        column_layout(column, writer->populations, &writer->layout[column]);
        struct appender *appender = &writer->column[column];
        if (appender_init(appender, writer->file, &writer->layout[column],
                          column_room(column), err) != OK)
            return err->code;
        if (is_offset(column) && appender_put(appender, &zero, 1, err) != OK)
            return err->code;
    }
    writer->status_type = status_type(false);
    writer->status_dataset = H5Dopen2(writer->file, "run/status", H5P_DEFAULT);
    if (writer->status_dataset < 0)
        return hdf5_error(err, ERR_IO, "cannot open run/status");
    return writer->has_counts ? open_counts(writer, channels, err) : OK;
}

static enum error_code open_traces(struct recording_writer *writer,
                                   const struct recording_plan *plan, struct error *err)
{
    if (plan->traces == 0)
        return OK;
    writer->trace = calloc(plan->traces, sizeof *writer->trace);
    if (!writer->trace)
        return error_memory(err, "traces", plan->traces * sizeof *writer->trace);
    for (; writer->traces < plan->traces; writer->traces++)
        if (trace_writer_init(&writer->trace[writer->traces], writer->file,
                              &plan->trace[writer->traces], err) != OK)
            return err->code;
    return OK;
}

/* Opens the finished skeleton for writing among readers, and locks it. */
static enum error_code open_for_writing(struct recording_writer *writer,
                                        const char *partial, struct error *err)
{
    hid_t access = H5Pcreate(H5P_FILE_ACCESS);
    H5Pset_libver_bounds(access, H5F_LIBVER_LATEST, H5F_LIBVER_LATEST);
    H5Pset_fclose_degree(access, H5F_CLOSE_STRONG);
    writer->file = H5Fopen(partial, H5F_ACC_RDWR | H5F_ACC_SWMR_WRITE, access);
    int *handle = NULL;
    bool good = writer->file >= 0 &&
                H5Fget_vfd_handle(writer->file, access, (void **)&handle) >= 0;
    if (!good)
        hdf5_error(err, ERR_IO, "cannot open the file for writing");
    H5Pclose(access);
    if (!good)
        return err->code;
    if (!recording_lock(*handle))
        return error_set(err, ERR_IO, "another run is writing this file");
    return OK;
}

static enum error_code refuse_live(const char *path, struct error *err)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    bool is_live = fd >= 0 && recording_is_locked(fd);
    if (fd >= 0)
        close(fd);
    return is_live ? error_set(err, ERR_IO, "another run is writing this file") : OK;
}

static void release(struct recording_writer *writer)
{
    for (unsigned column = 0; column < COLUMNS; column++)
        appender_release(&writer->column[column]);
    for (uint32_t i = 0; i < writer->traces; i++)
        trace_writer_release(&writer->trace[i]);
    free(writer->trace);
    if (writer->counts.dataset > 0)
        H5Dclose(writer->counts.dataset);
    if (writer->status_dataset > 0)
        H5Dclose(writer->status_dataset);
    if (writer->status_type > 0)
        H5Tclose(writer->status_type);
    free(writer->counts.buffer);
    free(writer->path);
    free(writer);
}

static enum error_code check_plan(const struct recording_plan *plan, struct error *err)
{
    if (plan->populations == 0 || plan->neurons == 0 ||
        (plan->counts && plan->channels == 0))
        return error_set(err, ERR_ARGUMENT,
                         "a recording needs a population with %s, "
                         "found %u with %llu",
                         plan->counts ? "channels" : "neurons", plan->populations,
                         (unsigned long long)(plan->counts ? plan->channels
                                                           : plan->neurons));
    for (uint32_t i = 0; i < plan->traces; i++)
        if (trace_check(&plan->trace[i], plan, err) != OK)
            return err->code;
    return OK;
}

static enum error_code create_at(struct recording_writer *writer, const char *partial,
                                 const struct recording_plan *plan, struct error *err)
{
    if (check_plan(plan, err) != OK || refuse_live(writer->path, err) != OK ||
        refuse_live(partial, err) != OK)
        return err->code;
    if (recording_create_objects(partial, plan, err) != OK ||
        open_for_writing(writer, partial, err) != OK ||
        open_columns(writer, plan->channels, err) != OK ||
        open_traces(writer, plan, err) != OK || recording_flush(writer, err) != OK)
        goto out;
    if (rename(partial, writer->path) < 0)
        error_set(err, ERR_IO, "cannot rename: %s", strerror(errno));
out:
    if (err->code != OK)
        unlink(partial);
    return err->code;
}

enum error_code recording_create(struct recording_writer **writer, const char *path,
                                 const struct recording_plan *plan, struct error *err)
{
    *writer = NULL;
    err->code = OK;
    hdf5_prepare();
    struct recording_writer *made = calloc(1, sizeof *made);
    size_t length = strlen(path);
    char *partial = malloc(length + sizeof ".partial");
    if (made)
        made->path = malloc(length + 1);
    if (!made || !partial || !made->path) {
        free(partial);
        if (made)
            release(made);
        return error_memory(err, path, sizeof *made);
    }
    memcpy(made->path, path, length + 1);
    snprintf(partial, length + sizeof ".partial", "%s.partial", path);
    made->populations = plan->populations;
    made->has_counts = plan->counts;
    made->has_spikes = plan->spikes;
    made->dt_ms = plan->info.dt_ms;

    if (create_at(made, partial, plan, err) == OK) {
        *writer = made;
    } else {
        error_wrap(err, "%s", path);
        hid_t file = made->file;
        release(made);
        if (file > 0)
            H5Fclose(file);
    }
    free(partial);
    return err->code;
}

static enum error_code write_counts(struct count_block *counts, struct error *err)
{
    if (counts->written == counts->fill)
        return OK;
    hsize_t extent[2] = { counts->base + counts->fill, counts->channels };
    size_t bytes = ROWS_PER_BLOCK * (size_t)counts->width;
    bool good = H5Dset_extent(counts->dataset, extent) >= 0;
    for (size_t slab = 0; good && slab < counts->slabs; slab++) {
        hsize_t at[2] = { counts->base, slab * counts->width };
        good = H5Dwrite_chunk(counts->dataset, H5P_DEFAULT, 0, at, bytes,
                              counts->buffer + slab * bytes) >= 0;
    }
    if (!good)
        return hdf5_error(err, ERR_IO, "cannot write counts of token %llu",
                          (unsigned long long)(counts->base + counts->written));
    counts->written = counts->fill;
    if (counts->fill == ROWS_PER_BLOCK) {
        counts->base += ROWS_PER_BLOCK;
        counts->fill = counts->written = 0;
        memset(counts->buffer, 0, counts->slabs * bytes);
    }
    return OK;
}

static enum error_code put_counts(struct count_block *counts, const int8_t *row,
                                  struct error *err)
{
    for (size_t slab = 0; slab < counts->slabs; slab++) {
        uint64_t first = slab * counts->width, left = counts->channels - first;
        memcpy(counts->buffer + (slab * ROWS_PER_BLOCK + counts->fill) * counts->width,
               row + first, left < counts->width ? left : counts->width);
    }
    counts->fill++;
    return counts->fill == ROWS_PER_BLOCK ? write_counts(counts, err) : OK;
}

static enum error_code put_spikes(struct recording_writer *writer, uint64_t start_step,
                                  const struct recorded_spike *spike, uint64_t length,
                                  struct error *err)
{
    double timestamp[SPIKE_PIECE];
    uint64_t node[SPIKE_PIECE];
    int32_t value[SPIKE_PIECE];
    while (length) {
        size_t part = length < SPIKE_PIECE ? (size_t)length : SPIKE_PIECE;
        for (size_t i = 0; i < part; i++) {
            timestamp[i] = (double)(start_step + spike[i].step) * writer->dt_ms;
            node[i] = spike[i].node;
            value[i] = spike[i].worth;
        }
        if (appender_put(&writer->column[COLUMN_TIMESTAMPS], timestamp, part, err) !=
                OK ||
            appender_put(&writer->column[COLUMN_NODES], node, part, err) != OK ||
            appender_put(&writer->column[COLUMN_VALUES], value, part, err) != OK)
            return err->code;
        spike += part;
        length -= part;
    }
    return OK;
}

static enum error_code put_counters(struct recording_writer *writer,
                                    const struct site_counters *site, struct error *err)
{
    /* A token has sites times counters values, by site; a dataset has one counter. */
    uint64_t *row[SITE_COUNTERS];
    double *threshold = appender_row(&writer->column[COLUMN_THRESHOLD]);
    for (unsigned counter = 0; counter < SITE_COUNTERS; counter++)
        row[counter] = appender_row(&writer->column[COLUMN_COUNTER + counter]);
    for (uint32_t i = 0; i < writer->populations; i++) {
        threshold[i] = site[i].threshold;
        for (unsigned counter = 0; counter < SITE_COUNTERS; counter++)
            row[counter][i] = site[i].n[counter];
    }
    for (unsigned column = COLUMN_THRESHOLD; column < COLUMN_HOST; column++)
        if (appender_push(&writer->column[column], err) != OK)
            return err->code;
    return OK;
}

/* The columns of one number, and of the host. */
static enum error_code put_numbers(struct recording_writer *writer,
                                   const struct token_batch *batch, size_t i,
                                   struct error *err)
{
    const void *row[TOKEN_COLUMNS] = {
        [COLUMN_ID] = &batch->id[i],
        [COLUMN_START_STEP] = &writer->clock,
        [COLUMN_STEPS] = &batch->steps[i],
        [COLUMN_KIND] = &batch->kind[i],
        [COLUMN_LOG_PROBABILITY] = &batch->log_probability[i],
        [COLUMN_SEQUENCE] = &batch->sequence[i],
        [COLUMN_POSITION] = &batch->position[i],
        [COLUMN_CACHE] = &batch->host[i].cache_bytes,
        [COLUMN_WEIGHTS] = &batch->host[i].weight_bytes,
    };
    for (unsigned part = 0; part < HOST_PARTS; part++)
        row[COLUMN_HOST + part] = batch->host[i].ops[part].n;
    for (unsigned column = 0; column < TOKEN_COLUMNS; column++)
        if (row[column] &&
            appender_put(&writer->column[column], row[column], 1, err) != OK)
            return err->code;
    return OK;
}

static enum error_code put_list(struct recording_writer *writer, unsigned column,
                                const void *rows, uint64_t count, uint64_t *end,
                                struct error *err)
{
    *end += count;
    if (appender_put(&writer->column[column - 1], end, 1, err) != OK)
        return err->code;
    return appender_put(&writer->column[column], rows, (size_t)count, err);
}

/* Where the lists of a batch stand while its tokens are taken one by one. */
struct batch_cursor {
    const char *text;
    size_t overflow;
    const struct recorded_spike *spike;
};

static enum error_code put_token(struct recording_writer *writer,
                                 const struct token_batch *batch, size_t i,
                                 struct batch_cursor *cursor, struct error *err)
{
    if (put_numbers(writer, batch, i, err) != OK ||
        put_counters(writer, batch->site + i * writer->populations, err) != OK ||
        put_list(writer, COLUMN_TEXT, cursor->text, batch->text_length[i],
                 &writer->text, err) != OK)
        return err->code;
    cursor->text += batch->text_length[i];

    if (writer->has_counts) {
        size_t first = cursor->overflow;
        while (cursor->overflow < batch->overflows &&
               batch->overflow[cursor->overflow].token == writer->tokens)
            cursor->overflow++;
        if (put_counts(&writer->counts, batch->count + i * writer->counts.channels,
                       err) != OK ||
            put_list(writer, COLUMN_OVERFLOW, batch->overflow + first,
                     cursor->overflow - first, &writer->overflows, err) != OK)
            return err->code;
    }
    if (writer->has_spikes) {
        uint64_t length = batch->spike_length[i];
        writer->spikes += length;
        if (appender_put(&writer->column[COLUMN_SPIKE_OFFSET], &writer->spikes, 1,
                         err) != OK ||
            put_spikes(writer, writer->clock, cursor->spike, length, err) != OK)
            return err->code;
        cursor->spike += length;
    }
    writer->clock += batch->steps[i];
    writer->tokens++;
    return OK;
}

/* Adds the file's name to an error, and leaves the file as a killed run leaves it. */
static enum error_code fail(struct recording_writer *writer, struct error *err)
{
    hdf5_abandon(writer->file);
    writer->has_failed = true;
    return error_wrap(err, "%s", writer->path);
}

static enum error_code refuse_failed(const struct recording_writer *writer,
                                     struct error *err)
{
    err->code = OK;
    if (!writer->has_failed)
        return OK;
    return error_set(err, ERR_IO, "%s: writing failed before", writer->path);
}

enum error_code recording_append(struct recording_writer *writer,
                                 const struct token_batch *batch, struct error *err)
{
    if (refuse_failed(writer, err) != OK)
        return err->code;
    struct batch_cursor cursor = { batch->text, 0, batch->spike };
    for (size_t i = 0; i < batch->tokens; i++)
        if (put_token(writer, batch, i, &cursor, err) != OK)
            return fail(writer, err);
    if (clock_seconds() - writer->flushed_at < flush_seconds)
        return OK;
    return recording_flush(writer, err);
}

static enum error_code write_status(struct recording_writer *writer, struct error *err)
{
    if (H5Dwrite(writer->status_dataset, writer->status_type, H5S_ALL, H5S_ALL,
                 H5P_DEFAULT, &writer->status) < 0 ||
        H5Dflush(writer->status_dataset) < 0)
        return hdf5_error(err, ERR_IO, "cannot write run/status");
    return OK;
}

static enum error_code flush(struct recording_writer *writer, struct error *err)
{
    for (unsigned column = 0; column < COLUMNS; column++)
        if (writer->column[column].buffer &&
            appender_sync(&writer->column[column], err) != OK)
            return err->code;
    for (uint32_t i = 0; i < writer->traces; i++)
        if (appender_sync(&writer->trace[i].data, err) != OK)
            return err->code;
    if (writer->has_counts && write_counts(&writer->counts, err) != OK)
        return err->code;
    if (H5Fflush(writer->file, H5F_SCOPE_LOCAL) < 0)
        return hdf5_error(err, ERR_IO, "cannot flush");
    for (uint32_t i = 0; i < writer->traces; i++)
        if (trace_writer_mark(&writer->trace[i], err) != OK)
            return err->code;
    writer->status.tokens = writer->tokens;
    writer->flushed_at = clock_seconds();
    return write_status(writer, err);
}

enum error_code recording_flush(struct recording_writer *writer, struct error *err)
{
    if (refuse_failed(writer, err) != OK)
        return err->code;
    return flush(writer, err) == OK ? OK : fail(writer, err);
}

enum error_code recording_append_trace(struct recording_writer *writer,
                                       uint32_t trace_index, const float *value,
                                       size_t samples, struct error *err)
{
    if (refuse_failed(writer, err) != OK)
        return err->code;
    if (trace_index >= writer->traces)
        return error_set(err, ERR_ARGUMENT, "%s: trace %u of %u", writer->path,
                         trace_index, writer->traces);
    if (appender_put(&writer->trace[trace_index].data, value, samples, err) != OK)
        return fail(writer, err);
    if (clock_seconds() - writer->flushed_at < flush_seconds)
        return OK;
    return recording_flush(writer, err);
}

static bool replace(hid_t file, const char *path, const uint64_t *value)
{
    hid_t dataset = H5Dopen2(file, path, H5P_DEFAULT);
    bool good = dataset >= 0 && H5Dwrite(dataset, H5T_NATIVE_UINT64, H5S_ALL, H5S_ALL,
                                         H5P_DEFAULT, value) >= 0;
    if (dataset >= 0)
        H5Dclose(dataset);
    return good;
}

enum error_code recording_totals(struct recording_writer *writer,
                                 const uint64_t *tokens_fired, const uint64_t *spikes,
                                 const uint64_t *histogram, struct error *err)
{
    if (refuse_failed(writer, err) != OK || !writer->has_counts)
        return err->code;
    if (!replace(writer->file, "by_neuron/tokens_fired", tokens_fired) ||
        !replace(writer->file, "by_neuron/spikes", spikes) ||
        !replace(writer->file, "by_neuron/count_histogram", histogram)) {
        hdf5_error(err, ERR_IO, "cannot write the totals of neurons");
        return fail(writer, err);
    }
    writer->status.totals_tokens = writer->tokens;
    return OK;
}

static void write_end(struct recording_writer *writer, enum recording_state state,
                      const char *model_sha256)
{
    time_t now = time(NULL);
    struct tm utc;
    writer->status.state = state;
    if (gmtime_r(&now, &utc))
        strftime(writer->status.end, sizeof writer->status.end, "%Y-%m-%dT%H:%M:%SZ",
                 &utc);
    snprintf(writer->status.model_sha256, sizeof writer->status.model_sha256, "%s",
             model_sha256 ? model_sha256 : "");
}

enum error_code recording_close(struct recording_writer *writer,
                                enum recording_state state, const char *model_sha256,
                                struct error *err)
{
    err->code = OK;
    if (!writer)
        return OK;
    hid_t file = writer->file;
    if (!writer->has_failed) {
        write_end(writer, state, model_sha256);
        recording_flush(writer, err);
    }
    char *path = writer->path;
    writer->path = NULL;
    release(writer);
    if (H5Fclose(file) < 0 && err->code == OK) {
        hdf5_error(err, ERR_IO, "cannot close");
        error_wrap(err, "%s", path);
    }
    free(path);
    return err->code;
}
