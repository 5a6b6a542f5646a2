/* See packed_weights.h. Read and not mapped: huge pages hold what is read, and a file
 * that shrinks is an error. */
#include "lm/packed_weights.h"

#include "lm/model_format.h"
#include "lm/packed_layout.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <xxhash.h>

enum {
    MOST_FRONT = 1 << 20,  /* 32,000 sites */
    PIECE_BYTES = 1 << 20, /* still in the cache when its checksum is taken */
};

_Static_assert(PACKED_FIXED ==
                   PACKED_MAGIC + 2 * 8 + PACKED_SHA256 + 2 * WEIGHT_TEXT_ROOM + 8,
               "the fields in front of the table");

enum error_code packed_weights_path(char path[PACKED_PATH_ROOM], const char *model,
                                    const struct weight_plan *plan, struct error *err)
{
    char layers[WEIGHT_TEXT_ROOM], head[WEIGHT_TEXT_ROOM];
    weight_setting_text(&plan->layers, layers);
    weight_setting_text(&plan->head, head);
    const bool is_one = strcmp(layers, head) == 0;
    int length = snprintf(path, PACKED_PATH_ROOM, "%s.%s%s%s.packed", model, layers,
                          is_one ? "" : "+", is_one ? "" : head);
    if (length < 0 || length >= PACKED_PATH_ROOM)
        return error_set(err, ERR_ARGUMENT, "a path of %d bytes is too long", length);
    for (char *c = path + strlen(model); *c; c++)
        if (*c == ':')
            *c = '-';
    return OK;
}

static bool is_hex(const uint8_t *digits, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (!strchr("0123456789abcdef", digits[i]) || digits[i] == '\0')
            return false;
    return true;
}

/* A text with NULs behind it to the end of its field. */
static bool take_text(struct byte_reader *in, char text[WEIGHT_TEXT_ROOM])
{
    const uint8_t *at = byte_reader_take(in, WEIGHT_TEXT_ROOM);
    if (!at)
        return false;
    memcpy(text, at, WEIGHT_TEXT_ROOM);
    bool has_ended = false;
    for (size_t i = 0; i < WEIGHT_TEXT_ROOM; i++) {
        if (has_ended ? text[i] != '\0' : text[i] < 0 || (text[i] && text[i] < ' '))
            return false;
        has_ended = has_ended || text[i] == '\0';
    }
    return has_ended;
}

static enum error_code read_magic(struct byte_reader *in, struct error *err)
{
    const uint8_t *magic = byte_reader_take(in, PACKED_MAGIC);
    if (!magic || memcmp(magic, packed_magic, PACKED_MAGIC - 1) != 0)
        return error_set(err, ERR_FORMAT, "not a file of packed weights");
    if (magic[PACKED_MAGIC - 1] != (uint8_t)packed_magic[PACKED_MAGIC - 1])
        return error_set(
            err, ERR_FORMAT, "of another version: expected %s, found %s", packed_magic,
            printable((struct text){ (const char *)magic, PACKED_MAGIC }).text);
    return OK;
}

/* The number of sites, with a checksum over all that goes before it at the end. */
static enum error_code check_front(const struct byte_reader *in, uint32_t *sites,
                                   struct error *err)
{
    if (in->size < PACKED_FIXED)
        return error_set(err, ERR_FORMAT, "%zu bytes are too few for a header",
                         in->size);
    const uint64_t count = little_endian(in->bytes + PACKED_FIXED - 8, 8);
    const size_t room = in->size - PACKED_FIXED;
    if (room < PACKED_SUM || count > (room - PACKED_SUM) / PACKED_ROW)
        return error_set(err, ERR_FORMAT,
                         "a header of %" PRIu64 " sites does not fit %zu bytes", count,
                         in->size);
    const size_t end = PACKED_FIXED + (size_t)count * PACKED_ROW;
    if (XXH3_64bits(in->bytes, end) != little_endian(in->bytes + end, PACKED_SUM))
        return error_set(err, ERR_FORMAT, "the header is damaged");
    *sites = (uint32_t)count;
    return OK;
}

static enum error_code read_identity(struct packed_weights *packed,
                                     struct byte_reader *in, struct error *err)
{
    uint64_t modified = 0, sites = 0;
    const uint8_t *digits = NULL;
    if (!byte_reader_u64(in, &packed->model_size) || !byte_reader_u64(in, &modified) ||
        !(digits = byte_reader_take(in, PACKED_SHA256)) ||
        !is_hex(digits, PACKED_SHA256) || !take_text(in, packed->layers) ||
        !take_text(in, packed->head) || !byte_reader_u64(in, &sites))
        return error_set(err, ERR_FORMAT, "the header says nothing that can be");
    packed->model_modified = (int64_t)modified;
    memcpy(packed->model_sha256, digits, PACKED_SHA256);
    return OK;
}

/* Sites lie one behind another, each on a page of its own, up to the end of the file:
 * so none overlaps another. */
static enum error_code read_sites(struct packed_weights *packed, struct byte_reader *in,
                                  struct error *err)
{
    uint64_t end = PACKED_FIXED + (uint64_t)packed->sites * PACKED_ROW + PACKED_SUM;
    packed->site = arena_array(&packed->arena, packed->sites, sizeof *packed->site);
    if (!packed->site)
        return error_memory(err, "sites", packed->sites * sizeof *packed->site);
    for (uint32_t s = 0; s < packed->sites; s++) {
        struct packed_site *site = &packed->site[s];
        if (!byte_reader_u32(in, &site->inputs) ||
            !byte_reader_u32(in, &site->outputs) ||
            !byte_reader_u64(in, &site->offset) || !byte_reader_u64(in, &site->bytes) ||
            !byte_reader_u64(in, &site->checksum))
            return error_set(err, ERR_FORMAT, "the table ends at site %u", s);
        if (site->offset != packed_page_end(end) || site->offset > in->file_size ||
            site->bytes > in->file_size - site->offset)
            return error_set(err, ERR_FORMAT,
                             "site %u: %" PRIu64 " bytes at %" PRIu64
                             " expected, the file has %" PRIu64,
                             s, site->bytes, site->offset, in->file_size);
        end = site->offset + site->bytes;
    }
    if (end != in->file_size)
        return error_set(err, ERR_FORMAT, "%" PRIu64 " bytes expected, found %" PRIu64,
                         end, in->file_size);
    return OK;
}

enum error_code packed_weights_parse(struct packed_weights *packed,
                                     const uint8_t *bytes, size_t size,
                                     uint64_t file_size, struct error *err)
{
    struct byte_reader in = { bytes, size, 0, file_size, false };
    *packed = (struct packed_weights){ .descriptor = -1 };
    err->code = OK;
    if (size > file_size || file_size > INT64_MAX)
        return error_set(err, ERR_FORMAT, "a file of %" PRIu64 " bytes", file_size);
    if (read_magic(&in, err) != OK || check_front(&in, &packed->sites, err) != OK ||
        read_identity(packed, &in, err) != OK || read_sites(packed, &in, err) != OK)
        packed_weights_close(packed);
    return err->code;
}

static enum error_code check_sites(const struct packed_weights *packed,
                                   const struct model *model,
                                   const struct weight_plan *plan, struct error *err)
{
    if (packed->sites != model->sites)
        return error_set(err, ERR_FORMAT, "%u sites expected, found %u", model->sites,
                         packed->sites);
    for (uint32_t s = 0; s < model->sites; s++) {
        const struct site *site = &model->site[s];
        const struct packed_site *found = &packed->site[s];
        const struct weight_matrix shape =
            weight_matrix_shape(weight_plan_get(plan, site->role == ROLE_HEAD),
                                site->inputs, site->outputs);
        if (found->inputs != shape.inputs || found->outputs != shape.outputs ||
            found->bytes != shape.bytes)
            return error_set(err, ERR_FORMAT,
                             "site %s: %u x %u weights in %zu bytes expected, found "
                             "%u x %u in %" PRIu64,
                             site->name, shape.inputs, shape.outputs, shape.bytes,
                             found->inputs, found->outputs, found->bytes);
    }
    return OK;
}

static enum error_code check_belongs(const struct packed_weights *packed,
                                     const struct model *model,
                                     const struct weight_plan *plan, struct error *err)
{
    char layers[WEIGHT_TEXT_ROOM], head[WEIGHT_TEXT_ROOM];
    weight_setting_text(&plan->layers, layers);
    weight_setting_text(&plan->head, head);
    if (packed->model_size != model->file.size)
        return error_set(err, ERR_FORMAT,
                         "made from a model file of %" PRIu64
                         " bytes, this one has %" PRIu64,
                         packed->model_size, model->file.size);
    if (packed->model_modified != model->file.modified)
        return error_set(err, ERR_FORMAT,
                         "made from a model file written at %" PRId64
                         ", this one was at %" PRId64 " (seconds since 1970)",
                         packed->model_modified, model->file.modified);
    if (strcmp(packed->layers, layers) != 0 || strcmp(packed->head, head) != 0)
        return error_set(err, ERR_FORMAT,
                         "weights %s and %s of the head expected, found %s and %s",
                         layers, head, packed->layers, packed->head);
    return check_sites(packed, model, plan, err);
}

static enum error_code parse_descriptor(struct packed_weights *packed, int descriptor,
                                        struct error *err)
{
    struct stat st;
    if (fstat(descriptor, &st) < 0)
        return error_set(err, ERR_IO, "%s", strerror(errno));
    if (!S_ISREG(st.st_mode))
        return error_set(err, ERR_IO, "not a regular file");
    const uint64_t file_size = (uint64_t)st.st_size;
    const size_t size = (size_t)(file_size < MOST_FRONT ? file_size : MOST_FRONT);
    uint8_t *front = malloc(size ? size : 1);
    if (!front)
        return error_memory(err, "a header", (double)size);
    if (model_file_read_at(descriptor, 0, front, size, err) == OK)
        packed_weights_parse(packed, front, size, file_size, err);
    free(front);
    return err->code;
}

enum error_code packed_weights_open(struct packed_weights *packed,
                                    const struct model *model,
                                    const struct weight_plan *plan, struct error *err)
{
    char path[PACKED_PATH_ROOM];
    *packed = (struct packed_weights){ .descriptor = -1 };
    err->code = OK;
    if (packed_weights_path(path, model->file.path, plan, err) != OK)
        return err->code;
    int descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    if (descriptor < 0 && (errno == ENOENT || errno == ENAMETOOLONG))
        return OK;
    if (descriptor < 0)
        return error_set(err, ERR_IO, "%s: %s", path, strerror(errno));
    if (parse_descriptor(packed, descriptor, err) != OK ||
        check_belongs(packed, model, plan, err) != OK) {
        error_wrap(err, "%s", path);
        goto failed;
    }
    packed->path = arena_text(&packed->arena, path, strlen(path));
    if (!packed->path) {
        error_memory(err, "a path", (double)strlen(path));
        goto failed;
    }
    packed->descriptor = descriptor;
    return OK;
failed:
    close(descriptor);
    packed_weights_close(packed);
    return err->code;
}

void packed_weights_close(struct packed_weights *packed)
{
    if (packed->descriptor >= 0)
        close(packed->descriptor);
    arena_free(&packed->arena);
    *packed = (struct packed_weights){ .descriptor = -1 };
}

static enum error_code check_scales(const struct weight_matrix *matrix,
                                    struct error *err)
{
    const size_t scales = (size_t)matrix->groups * matrix->outputs;
    bool is_finite = true;
    for (size_t i = 0; i < scales; i++)
        is_finite = is_finite && isfinite(matrix->scale[i]);
    return is_finite ? OK : error_set(err, ERR_FORMAT, "a scale is not finite");
}

static enum error_code read_site(int descriptor, const struct packed_site *site,
                                 const struct weight_matrix *matrix, XXH3_state_t *sum,
                                 struct error *err)
{
    if (!sum || XXH3_64bits_reset(sum) != XXH_OK)
        return error_memory(err, "a checksum", 0);
    for (size_t done = 0; done < matrix->bytes;) {
        const size_t left = matrix->bytes - done;
        const size_t size = left < PIECE_BYTES ? left : PIECE_BYTES;
        char *piece = (char *)matrix->memory + done;
        if (model_file_read_at(descriptor, site->offset + done, piece, size, err) != OK)
            return err->code;
        XXH3_64bits_update(sum, piece, size);
        done += size;
    }
    if (XXH3_64bits_digest(sum) != site->checksum)
        return error_set(err, ERR_FORMAT, "the weights are damaged");
    return check_scales(matrix, err);
}

/* What the threads share. */
struct reading {
    struct progress *progress;
    uint32_t read, failed; /* sites; the first that failed */
    struct error *err;
};

static void note_site(struct reading *reading, const struct model *model, uint32_t s,
                      const struct error *mine)
{
    if (mine->code != OK && s < reading->failed) {
        reading->failed = s;
        *reading->err = *mine;
        error_wrap(reading->err, "site %s", model->site[s].name);
    }
    reading->read++;
    if (reading->progress)
        progress_update(reading->progress, reading->read, model->sites, NULL);
}

enum error_code packed_weights_read(const struct packed_weights *packed,
                                    const struct model *model,
                                    struct weight_matrix *matrix, int threads,
                                    struct progress *progress, struct error *err)
{
    struct reading reading = { progress, 0, model->sites, err };
    err->code = OK;
#pragma omp parallel num_threads(threads > 1 ? threads : 1)
    {
        XXH3_state_t *sum = XXH3_createState();
        /* The last site, the head, is the largest: it goes first. */
#pragma omp for schedule(dynamic)
        for (uint32_t behind = 0; behind < packed->sites; behind++) {
            const uint32_t s = packed->sites - 1 - behind;
            struct error mine = { OK, "" };
            read_site(packed->descriptor, &packed->site[s], &matrix[s], sum, &mine);
#pragma omp critical(packed_weights_read)
            note_site(&reading, model, s, &mine);
        }
        XXH3_freeState(sum);
    }
    return err->code == OK ? OK : error_wrap(err, "%s", packed->path);
}
