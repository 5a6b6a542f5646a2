/* Reading rows of an open recording. */
#include "sim/recording_handle_file.h"
#include "sim/recording_trace_file.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum error_code handle_read_rows(hid_t dataset, hid_t type, uint64_t first,
                                 uint64_t count, hsize_t width, void *rows,
                                 const char *path, struct error *err)
{
    if (count == 0)
        return OK;
    hsize_t start[2] = { first, 0 }, size[2] = { count, width };
    hid_t space = H5Dget_space(dataset);
    hid_t memory = H5Screate_simple(width ? 2 : 1, size, NULL);
    bool good =
        space >= 0 && memory >= 0 &&
        H5Sselect_hyperslab(space, H5S_SELECT_SET, start, NULL, size, NULL) >= 0 &&
        H5Dread(dataset, type, memory, space, H5P_DEFAULT, rows) >= 0;
    if (!good)
        hdf5_error(err, ERR_FORMAT, "cannot read rows %llu to %llu of %s",
                   (unsigned long long)first, (unsigned long long)(first + count),
                   path);
    if (memory >= 0)
        H5Sclose(memory);
    if (space >= 0)
        H5Sclose(space);
    return good ? OK : err->code;
}

enum error_code handle_read(const struct recording_file *handle, unsigned column,
                            uint32_t populations, uint64_t first, uint64_t count,
                            void *rows, struct error *err)
{
    struct column_layout layout;
    column_layout(column, populations, &layout);
    if (column >= COLUMN_HOST && column < TOKEN_COLUMNS)
        layout.width = handle->op_kinds;
    hid_t type = element_type(layout.element, false);
    enum error_code code = handle_read_rows(handle->column[column], type, first, count,
                                            layout.width, rows, layout.path, err);
    H5Tclose(type);
    return code;
}

uint64_t handle_rows(hid_t dataset)
{
    hsize_t extent[2] = { 0, 0 };
    hid_t space = H5Dget_space(dataset);
    if (space >= 0 && H5Sget_simple_extent_ndims(space) <= 2)
        H5Sget_simple_extent_dims(space, extent, NULL);
    if (space >= 0)
        H5Sclose(space);
    return extent[0];
}

static uint64_t smaller(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

/* Tokens whose list is complete in the file, and where the list ends. */
static enum error_code measure_list(const struct recording *recording, unsigned offset,
                                    uint64_t items, uint64_t *tokens, uint64_t *end,
                                    struct error *err)
{
    uint64_t rows = handle_rows(recording->file->column[offset]);
    if (rows < *tokens + 1)
        *tokens = rows ? rows - 1 : 0;
    *end = 0;
    if (rows == 0)
        return OK;
    if (handle_read(recording->file, offset, 0, *tokens, 1, end, err) != OK)
        return err->code;
    while (*end > items && *tokens > 0) {
        (*tokens)--;
        if (handle_read(recording->file, offset, 0, *tokens, 1, end, err) != OK)
            return err->code;
    }
    return OK;
}

enum error_code handle_measure(struct recording *recording, struct error *err)
{
    const struct recording_file *handle = recording->file;
    struct run_status status;
    hid_t type = status_type(false);
    bool good =
        H5Dread(handle->status, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, &status) >= 0;
    H5Tclose(type);
    if (!good)
        return hdf5_error(err, ERR_FORMAT, "cannot read run/status");
    if (status.state < RECORDING_RUNNING || status.state > RECORDING_FAILED)
        return error_set(err, ERR_FORMAT, "run/status: no state %d", (int)status.state);
    recording->state = (enum recording_state)status.state;
    memcpy(recording->end, status.end, sizeof recording->end);
    memcpy(recording->model_sha256, status.model_sha256,
           sizeof recording->model_sha256);
    recording->end[sizeof recording->end - 1] = '\0';
    recording->model_sha256[sizeof recording->model_sha256 - 1] = '\0';

    uint64_t tokens = status.tokens, end;
    for (unsigned column = 0; column < TOKEN_COLUMNS; column++)
        tokens = smaller(tokens, handle_rows(handle->column[column]));
    if (recording->has_counts)
        tokens = smaller(tokens, handle_rows(handle->values));
    if (measure_list(recording, COLUMN_TEXT_OFFSET,
                     handle_rows(handle->column[COLUMN_TEXT]), &tokens, &end,
                     err) != OK)
        return err->code;
    if (recording->has_counts &&
        measure_list(recording, COLUMN_OVERFLOW_OFFSET,
                     handle_rows(handle->column[COLUMN_OVERFLOW]), &tokens,
                     &recording->overflows, err) != OK)
        return err->code;
    if (recording->has_spikes) {
        uint64_t items = UINT64_MAX;
        for (unsigned column = COLUMN_TIMESTAMPS; column <= COLUMN_VALUES; column++)
            items = smaller(items, handle_rows(handle->column[column]));
        if (measure_list(recording, COLUMN_SPIKE_OFFSET, items, &tokens,
                         &recording->spikes, err) != OK)
            return err->code;
    }
    recording->tokens = tokens;
    recording->totals_tokens = recording->has_counts ? status.totals_tokens : 0;
    return traces_measure(recording, err);
}

void handle_close(struct recording_file *handle)
{
    for (unsigned column = 0; column < COLUMNS; column++)
        if (handle->column[column] > 0)
            H5Dclose(handle->column[column]);
    if (handle->values > 0)
        H5Dclose(handle->values);
    if (handle->status > 0)
        H5Dclose(handle->status);
    traces_close(handle);
    if (handle->file > 0)
        H5Fclose(handle->file);
    free(handle->path);
    free(handle);
}

static enum error_code check_range(const struct recording *recording, uint64_t first,
                                   uint64_t count, struct error *err)
{
    err->code = OK;
    if (first <= recording->tokens && count <= recording->tokens - first)
        return OK;
    return error_set(err, ERR_ARGUMENT, "%s: tokens %llu to %llu of %llu",
                     recording->file->path, (unsigned long long)first,
                     (unsigned long long)(first + count),
                     (unsigned long long)recording->tokens);
}

static enum error_code in_file(const struct recording *recording, struct error *err)
{
    return err->code == OK ? OK : error_wrap(err, "%s", recording->file->path);
}

enum error_code recording_read_tokens(const struct recording *recording, uint64_t first,
                                      uint64_t count, struct token_column *column,
                                      struct error *err)
{
    if (check_range(recording, first, count, err) != OK)
        return err->code;
    const struct {
        unsigned column;
        void *rows;
        uint64_t more;
    } part[] = {
        { COLUMN_ID, column->id, 0 },
        { COLUMN_KIND, column->kind, 0 },
        { COLUMN_SEQUENCE, column->sequence, 0 },
        { COLUMN_POSITION, column->position, 0 },
        { COLUMN_STEPS, column->steps, 0 },
        { COLUMN_START_STEP, column->start_step, 0 },
        { COLUMN_LOG_PROBABILITY, column->log_probability, 0 },
        { COLUMN_TEXT_OFFSET, column->text_offset, 1 },
    };
    for (size_t i = 0; i < sizeof part / sizeof part[0] && err->code == OK; i++)
        if (part[i].rows)
            handle_read(recording->file, part[i].column, 0, first, count + part[i].more,
                        part[i].rows, err);
    return in_file(recording, err);
}

enum error_code recording_read_text(const struct recording *recording, uint64_t from,
                                    uint64_t to, char *text, struct error *err)
{
    err->code = OK;
    uint64_t size = handle_rows(recording->file->column[COLUMN_TEXT]);
    if (from > to || to > size)
        error_set(err, ERR_FORMAT, "text %llu to %llu of %llu bytes",
                  (unsigned long long)from, (unsigned long long)to,
                  (unsigned long long)size);
    else
        handle_read(recording->file, COLUMN_TEXT, 0, from, to - from, text, err);
    return in_file(recording, err);
}

enum error_code recording_read_counters(const struct recording *recording,
                                        uint64_t first, uint64_t count,
                                        struct site_counters *site, struct error *err)
{
    if (check_range(recording, first, count, err) != OK)
        return err->code;
    size_t items = (size_t)count * recording->populations;
    union {
        uint64_t n;
        double threshold;
    } *number = malloc((items ? items : 1) * sizeof *number);
    if (!number)
        return error_memory(err, "counters", (double)items * sizeof *number);
    handle_read(recording->file, COLUMN_THRESHOLD, recording->populations, first, count,
                number, err);
    for (size_t i = 0; i < items && err->code == OK; i++)
        site[i].threshold = number[i].threshold;
    for (unsigned counter = 0; counter < SITE_COUNTERS && err->code == OK; counter++) {
        handle_read(recording->file, COLUMN_COUNTER + counter, recording->populations,
                    first, count, number, err);
        for (size_t i = 0; i < items && err->code == OK; i++)
            site[i].n[counter] = number[i].n;
    }
    free(number);
    return in_file(recording, err);
}

enum error_code recording_read_host(const struct recording *recording, uint64_t first,
                                    uint64_t count, struct host_cost *host,
                                    struct error *err)
{
    if (check_range(recording, first, count, err) != OK)
        return err->code;
    uint64_t n[OP_KINDS] = { 0 }; /* of kinds that the file lacks there were none */
    for (uint64_t i = 0; i < count; i++) {
        for (unsigned part = 0; part < HOST_PARTS && err->code == OK; part++) {
            handle_read(recording->file, COLUMN_HOST + part, 0, first + i, 1, n, err);
            memcpy(host[i].ops[part].n, n, sizeof n);
        }
        if (err->code != OK ||
            handle_read(recording->file, COLUMN_CACHE, 0, first + i, 1,
                        &host[i].cache_bytes, err) != OK ||
            handle_read(recording->file, COLUMN_WEIGHTS, 0, first + i, 1,
                        &host[i].weight_bytes, err) != OK)
            break;
    }
    return in_file(recording, err);
}

static enum error_code apply_overflow(const struct recording *recording, uint64_t token,
                                      int32_t *count, struct error *err)
{
    uint64_t end[2];
    if (handle_read(recording->file, COLUMN_OVERFLOW_OFFSET, 0, token, 2, end, err) !=
        OK)
        return err->code;
    if (end[0] > end[1] || end[1] > recording->overflows)
        return error_set(err, ERR_FORMAT,
                         "counts/overflow_offset: token %llu does not "
                         "rise",
                         (unsigned long long)token);
    size_t length = (size_t)(end[1] - end[0]);
    struct recorded_overflow *overflow = calloc(length ? length : 1, sizeof *overflow);
    if (!overflow)
        return error_memory(err, "overflows", (double)length * sizeof *overflow);
    handle_read(recording->file, COLUMN_OVERFLOW, 0, end[0], length, overflow, err);
    for (size_t i = 0; i < length && err->code == OK; i++) {
        if (overflow[i].token != token || overflow[i].channel >= recording->channels)
            error_set(err, ERR_FORMAT,
                      "counts/overflow: row %llu names token %llu, "
                      "channel %llu",
                      (unsigned long long)(end[0] + i),
                      (unsigned long long)overflow[i].token,
                      (unsigned long long)overflow[i].channel);
        else
            count[overflow[i].channel] = overflow[i].count;
    }
    free(overflow);
    return err->code;
}

enum error_code recording_read_counts(const struct recording *recording, uint64_t token,
                                      int32_t *count, struct error *err)
{
    if (check_range(recording, token, 1, err) != OK)
        return err->code;
    if (!recording->has_counts)
        return error_set(err, ERR_ARGUMENT, "%s: holds no counts",
                         recording->file->path);
    if (handle_read_rows(recording->file->values, H5T_NATIVE_INT32, token, 1,
                         recording->channels, count, "counts/values", err) == OK)
        apply_overflow(recording, token, count, err);
    return in_file(recording, err);
}

static enum error_code read_spike_rows(const struct recording *recording,
                                       uint64_t token, uint64_t first, size_t length,
                                       struct recorded_spike *spike, struct error *err)
{
    struct column {
        double timestamp;
        uint64_t node;
        int32_t value;
    };
    const struct recording_file *handle = recording->file;
    uint64_t start_step;
    if (handle_read(handle, COLUMN_START_STEP, 0, token, 1, &start_step, err) != OK)
        return err->code;
    /* One block: timestamps, then nodes, then values. */
    unsigned char *rows = malloc((length ? length : 1) * sizeof(struct column));
    if (!rows)
        return error_memory(err, "spikes", (double)length * sizeof(struct column));
    double *timestamp = (double *)(void *)rows;
    uint64_t *node = (uint64_t *)(void *)(rows + length * sizeof *timestamp);
    int32_t *value =
        (int32_t *)(void *)(rows + length * (sizeof *timestamp + sizeof *node));
    handle_read(handle, COLUMN_TIMESTAMPS, 0, first, length, timestamp, err);
    if (err->code == OK)
        handle_read(handle, COLUMN_NODES, 0, first, length, node, err);
    if (err->code == OK)
        handle_read(handle, COLUMN_VALUES, 0, first, length, value, err);
    for (size_t i = 0; i < length && err->code == OK; i++) {
        double step =
            nearbyint(timestamp[i] / recording->info.dt_ms) - (double)start_step;
        if (!(step >= 0 && step <= UINT32_MAX) || node[i] >= recording->neurons)
            error_set(err, ERR_FORMAT, "spikes/model: row %llu is outside its token",
                      (unsigned long long)(first + i));
        else
            spike[i] = (struct recorded_spike){ node[i], (uint32_t)step, value[i] };
    }
    free(rows);
    return err->code;
}

enum error_code recording_read_spikes(const struct recording *recording, uint64_t token,
                                      struct recorded_spike *spike, size_t *length,
                                      struct error *err)
{
    size_t room = *length;
    uint64_t end[2];
    *length = 0;
    if (check_range(recording, token, 1, err) != OK)
        return err->code;
    if (!recording->has_spikes)
        return error_set(err, ERR_ARGUMENT, "%s: holds no spikes",
                         recording->file->path);
    if (handle_read(recording->file, COLUMN_SPIKE_OFFSET, 0, token, 2, end, err) != OK)
        return in_file(recording, err);
    if (end[0] > end[1] || end[1] > recording->spikes) {
        error_set(err, ERR_FORMAT,
                  "spikes/model/token_offsets: token %llu does not rise",
                  (unsigned long long)token);
        return in_file(recording, err);
    }
    *length = (size_t)(end[1] - end[0]);
    read_spike_rows(recording, token, end[0], *length < room ? *length : room, spike,
                    err);
    return in_file(recording, err);
}
