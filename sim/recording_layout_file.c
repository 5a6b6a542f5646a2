/* See recording_layout_file.h. */
#include "sim/recording_layout_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum {
    SMALL_CHUNK = 1024, /* rows of a column of numbers */
    BYTE_CHUNK = 4096,
    SPIKE_CHUNK = 16384,
    SLAB_CHANNELS = 65536,
};

static const struct column_layout fixed_columns[COLUMNS] = {
    [COLUMN_ID] = { "tokens/id", ELEMENT_I32, .chunk = SMALL_CHUNK,
                    .meaning = "token of the vocabulary" },
    [COLUMN_START_STEP] = { "tokens/start_step", ELEMENT_U64, .chunk = SMALL_CHUNK,
                            .unit = "steps", .meaning = "clock when its window opens" },
    [COLUMN_STEPS] = { "tokens/steps", ELEMENT_U32, .chunk = SMALL_CHUNK,
                       .unit = "steps", .meaning = "length of its window" },
    [COLUMN_KIND] = { "tokens/kind", ELEMENT_U8, .chunk = SMALL_CHUNK,
                      .meaning = "0 prompt, 1 generated" },
    [COLUMN_LOG_PROBABILITY] = { "tokens/log_probability", ELEMENT_F64,
                                 .chunk = SMALL_CHUNK, .unit = "nat",
                                 .meaning = "given what came before; NaN: not known" },
    [COLUMN_SEQUENCE] = { "tokens/sequence", ELEMENT_U32, .chunk = SMALL_CHUNK,
                          .meaning = "sequence it belongs to" },
    [COLUMN_POSITION] = { "tokens/position", ELEMENT_U32, .chunk = SMALL_CHUNK,
                          .meaning = "place in its sequence" },
    [COLUMN_CACHE] = { "host/cache_bytes", ELEMENT_U64, .chunk = SMALL_CHUNK,
                       .unit = "B", .meaning = "key-value cache, read and written" },
    [COLUMN_WEIGHTS] = { "host/weight_bytes", ELEMENT_U64, .chunk = SMALL_CHUNK,
                         .unit = "B",
                         .meaning = "weights of projections that do not spike" },
    [COLUMN_TEXT_OFFSET] = { "tokens/text_offset", ELEMENT_U64, .chunk = SMALL_CHUNK,
                             .unit = "B",
                             .meaning = "where its text begins; one row more" },
    [COLUMN_TEXT] = { "tokens/text", ELEMENT_U8, .chunk = BYTE_CHUNK,
                      .meaning = "bytes of all tokens" },
    [COLUMN_OVERFLOW_OFFSET] = { "counts/overflow_offset", ELEMENT_U64,
                                 .chunk = SMALL_CHUNK,
                                 .meaning = "first overflow of a token; one row more" },
    [COLUMN_OVERFLOW] = { "counts/overflow", ELEMENT_OVERFLOW, .chunk = SMALL_CHUNK,
                          .meaning = "counts that values holds as -128" },
    [COLUMN_SPIKE_OFFSET] = { "spikes/model/token_offsets", ELEMENT_U64,
                              .chunk = SMALL_CHUNK,
                              .meaning = "first spike of a token; one row more" },
    [COLUMN_TIMESTAMPS] = { "spikes/model/timestamps", ELEMENT_F64,
                            .chunk = SPIKE_CHUNK, .packing = PACK_STEPS, .unit = "ms" },
    [COLUMN_NODES] = { "spikes/model/node_ids", ELEMENT_U64, .chunk = SPIKE_CHUNK,
                       .packing = PACK_INTEGERS },
    [COLUMN_VALUES] = { "spikes/model/values", ELEMENT_I32, .chunk = SPIKE_CHUNK,
                        .packing = PACK_INTEGERS,
                        .meaning = "worth of the spike, in units of V" },
};

static size_t element_size(enum element element)
{
    switch (element) {
    case ELEMENT_U8: return 1;
    case ELEMENT_I32:
    case ELEMENT_U32:
    case ELEMENT_F32: return 4;
    case ELEMENT_U64:
    case ELEMENT_F64: return 8;
    case ELEMENT_OVERFLOW: break;
    }
    return sizeof(struct recorded_overflow);
}

void column_layout(unsigned column, uint32_t populations, struct column_layout *layout)
{
    *layout = fixed_columns[column];
    if (column == COLUMN_THRESHOLD) {
        *layout = (struct column_layout){
            "by_token/threshold", ELEMENT_F64, .width = populations,
            .chunk = ROWS_PER_BLOCK,
            .meaning = "V, mean over groups; NaN: the site did not run"
        };
    } else if (column >= COLUMN_COUNTER && column < COLUMN_HOST) {
        const struct site_counter_info *info =
            &site_counter_info[column - COLUMN_COUNTER];
        *layout = (struct column_layout){ .element = ELEMENT_U64,
                                          .width = populations,
                                          .chunk = ROWS_PER_BLOCK,
                                          .unit = info->unit,
                                          .meaning = info->meaning };
        snprintf(layout->path, sizeof layout->path, "by_token/%s", info->name);
    } else if (column >= COLUMN_HOST && column < TOKEN_COLUMNS) {
        *layout =
            (struct column_layout){ .element = ELEMENT_U64,
                                    .width = OP_KINDS,
                                    .chunk = ROWS_PER_BLOCK,
                                    .meaning = "operations by kind, see host/op_kind" };
        snprintf(layout->path, sizeof layout->path, "host/%s",
                 host_part_name[column - COLUMN_HOST]);
    }
    layout->element_bytes = element_size(layout->element);
}

bool column_is_planned(unsigned column, bool counts, bool spikes)
{
    if (column == COLUMN_OVERFLOW || column == COLUMN_OVERFLOW_OFFSET)
        return counts;
    return column < COLUMN_SPIKE_OFFSET || spikes;
}

hsize_t slab_width(uint64_t channels)
{
    uint64_t slabs = (channels + SLAB_CHANNELS - 1) / SLAB_CHANNELS;
    return slabs ? (channels + slabs - 1) / slabs : 1;
}

hid_t element_type(enum element element, bool in_file)
{
    switch (element) {
    case ELEMENT_U8: return H5Tcopy(H5T_STD_U8LE);
    case ELEMENT_I32: return H5Tcopy(in_file ? H5T_STD_I32LE : H5T_NATIVE_INT32);
    case ELEMENT_U32: return H5Tcopy(in_file ? H5T_STD_U32LE : H5T_NATIVE_UINT32);
    case ELEMENT_U64: return H5Tcopy(in_file ? H5T_STD_U64LE : H5T_NATIVE_UINT64);
    case ELEMENT_F32: return H5Tcopy(in_file ? H5T_IEEE_F32LE : H5T_NATIVE_FLOAT);
    case ELEMENT_F64: return H5Tcopy(in_file ? H5T_IEEE_F64LE : H5T_NATIVE_DOUBLE);
    case ELEMENT_OVERFLOW: break;
    }
    hid_t type = H5Tcreate(H5T_COMPOUND, sizeof(struct recorded_overflow));
    H5Tinsert(type, "token", offsetof(struct recorded_overflow, token),
              in_file ? H5T_STD_U64LE : H5T_NATIVE_UINT64);
    H5Tinsert(type, "channel", offsetof(struct recorded_overflow, channel),
              in_file ? H5T_STD_U64LE : H5T_NATIVE_UINT64);
    H5Tinsert(type, "count", offsetof(struct recorded_overflow, count),
              in_file ? H5T_STD_I32LE : H5T_NATIVE_INT32);
    return type;
}

hid_t text_type(size_t bytes)
{
    hid_t type = H5Tcopy(H5T_C_S1);
    H5Tset_size(type, bytes ? bytes : 1);
    H5Tset_cset(type, H5T_CSET_UTF8);
    return type;
}

static void insert_text(hid_t compound, const char *name, size_t offset, size_t bytes)
{
    hid_t type = text_type(bytes);
    H5Tinsert(compound, name, offset, type);
    H5Tclose(type);
}

hid_t population_type(bool in_file)
{
    typedef struct population_info info;
    hid_t u64 = in_file ? H5T_STD_U64LE : H5T_NATIVE_UINT64;
    hid_t type = H5Tcreate(H5T_COMPOUND, sizeof(info));
    insert_text(type, "name", offsetof(info, name), sizeof((info *)0)->name);
    H5Tinsert(type, "layer", offsetof(info, layer),
              in_file ? H5T_STD_I32LE : H5T_NATIVE_INT32);
    insert_text(type, "role", offsetof(info, role), sizeof((info *)0)->role);
    H5Tinsert(type, "first_node", offsetof(info, first_node), u64);
    H5Tinsert(type, "size", offsetof(info, size), u64);
    H5Tinsert(type, "channels", offsetof(info, channels), u64);
    H5Tinsert(type, "fan_out", offsetof(info, fan_out), u64);
    H5Tinsert(type, "first_channel", offsetof(info, first_channel), u64);
    insert_text(type, "neuron", offsetof(info, neuron), sizeof((info *)0)->neuron);
    insert_text(type, "encoder", offsetof(info, encoder), sizeof((info *)0)->encoder);
    insert_text(type, "parameters", offsetof(info, parameters),
                sizeof((info *)0)->parameters);
    return type;
}

hid_t status_type(bool in_file)
{
    static const char *const name[] = { "running", "finished", "failed" };
    typedef struct run_status status;
    hid_t u64 = in_file ? H5T_STD_U64LE : H5T_NATIVE_UINT64;
    hid_t state = H5Tenum_create(in_file ? H5T_STD_I32LE : H5T_NATIVE_INT32);
    for (int32_t i = 0; i <= RECORDING_FAILED; i++) {
        int32_t value = i;
        if (in_file)
            H5Tconvert(H5T_NATIVE_INT32, H5T_STD_I32LE, 1, &value, NULL, H5P_DEFAULT);
        H5Tenum_insert(state, name[i], &value);
    }
    hid_t type = H5Tcreate(H5T_COMPOUND, sizeof(status));
    H5Tinsert(type, "state", offsetof(status, state), state);
    H5Tinsert(type, "tokens", offsetof(status, tokens), u64);
    H5Tinsert(type, "totals_tokens", offsetof(status, totals_tokens), u64);
    insert_text(type, "end", offsetof(status, end), sizeof((status *)0)->end);
    insert_text(type, "model_sha256", offsetof(status, model_sha256),
                sizeof((status *)0)->model_sha256);
    H5Tclose(state);
    return type;
}

typedef struct recording_info run_info;

const struct info_field info_fields[] = {
    { "version", offsetof(run_info, version), RECORD_TEXT, INFO_TEXT },
    { "commit", offsetof(run_info, commit), RECORD_TEXT, INFO_TEXT },
    { "engine", offsetof(run_info, engine), RECORD_TEXT, INFO_TEXT },
    { "generator", offsetof(run_info, generator), RECORD_TEXT, INFO_TEXT },
    { "model", offsetof(run_info, model), sizeof((run_info *)0)->model, INFO_TEXT },
    { "host_cpu", offsetof(run_info, host_cpu), sizeof((run_info *)0)->host_cpu,
      INFO_TEXT },
    { "libraries", offsetof(run_info, libraries), sizeof((run_info *)0)->libraries,
      INFO_TEXT },
    { "start", offsetof(run_info, start), RECORD_TEXT, INFO_TEXT },
    { "seed", offsetof(run_info, seed), 8, INFO_U64 },
    { "model_size", offsetof(run_info, model_size), 8, INFO_U64 },
    { "model_modified", offsetof(run_info, model_modified), 8, INFO_I64 },
    { "threads", offsetof(run_info, threads), 4, INFO_I32 },
    { "sequences", offsetof(run_info, sequences), 4, INFO_I32 },
    { "dt_ms", offsetof(run_info, dt_ms), 8, INFO_F64 },
    { 0 },
};

hid_t info_type(const struct info_field *field)
{
    switch (field->kind) {
    case INFO_I32: return H5Tcopy(H5T_NATIVE_INT32);
    case INFO_I64: return H5Tcopy(H5T_NATIVE_INT64);
    case INFO_U64: return H5Tcopy(H5T_NATIVE_UINT64);
    case INFO_F64: return H5Tcopy(H5T_NATIVE_DOUBLE);
    case INFO_TEXT: break;
    }
    return text_type(field->bytes);
}

/* Walking downward, the last entry is the innermost; the driver's holds strerror. */
static herr_t keep_reason(unsigned depth, const H5E_error2_t *entry, void *reason)
{
    static const char mark[] = "error message = '";
    (void)depth;
    const char *text = entry->desc ? entry->desc : "";
    const char *found = strstr(text, mark);
    if (found)
        text = found + sizeof mark - 1;
    size_t length = found ? strcspn(text, "'") : strlen(text);
    snprintf(reason, 160, "%.*s", (int)length, text);
    return 0;
}

enum error_code hdf5_error(struct error *err, enum error_code code, const char *format,
                           ...)
{
    char reason[160] = "", text[300];
    H5Ewalk2(H5E_DEFAULT, H5E_WALK_DOWNWARD, keep_reason, reason);
    H5Eclear2(H5E_DEFAULT);
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    return error_set(err, code, "%s%s%s", text, reason[0] ? ": " : "", reason);
}

void hdf5_prepare(void)
{
    H5dont_atexit(); /* does nothing from the second time on */
    H5Eset_auto2(H5E_DEFAULT, NULL, NULL);
}

void hdf5_abandon(hid_t file)
{
    int *handle = NULL, nowhere = open("/dev/null", O_RDWR | O_CLOEXEC);
    if (nowhere >= 0 && H5Fget_vfd_handle(file, H5P_DEFAULT, (void **)&handle) >= 0)
        dup2(nowhere, *handle);
    if (nowhere >= 0)
        close(nowhere);
}

static const struct flock writer_lock = {
    .l_type = F_WRLCK,
    .l_whence = SEEK_SET,
    .l_start = (off_t)1 << 62,
    .l_len = 1,
};

/* False only when another process holds the lock: a file system without locks must not
 * stop a run. */
bool recording_lock(int fd)
{
    struct flock lock = writer_lock;
    return fcntl(fd, F_SETLK, &lock) == 0 || (errno != EAGAIN && errno != EACCES);
}

bool recording_is_locked(int fd)
{
    struct flock lock = writer_lock;
    lock.l_type = F_RDLCK;
    return fcntl(fd, F_GETLK, &lock) == 0 && lock.l_type != F_UNLCK;
}

bool recording_prepare_thread(void)
{
    hbool_t is_safe = false;
    hdf5_prepare(); /* whether errors are printed is every thread's own affair */
    return H5is_library_threadsafe(&is_safe) >= 0 && is_safe;
}

void recording_library(char text[32])
{
    unsigned major = 0, minor = 0, release = 0;
    H5get_libversion(&major, &minor, &release);
    snprintf(text, 32, "hdf5 %u.%u.%u", major, minor, release);
}
