/* Weights kept beside the model: every form comes back bit for bit, and whatever else
 * may lie there is refused in a sentence that names the file. */
#include "lm/packed_weights.h"

#include "lm/packed_layout.h"
#include "tests/model_builder.h"
#include "tests/suites.h"
#include "tests/temporary_path.h"
#include "tests/weight_builder.h"

#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <xxhash.h>

/* A model, its weights in two copies, and where they are packed. */
struct fixture {
    struct model model;
    struct weight_plan plan;
    struct arena arena;
    struct weight_matrix *made, *read; /* (sites) */
    char path[PACKED_PATH_ROOM];
    uint64_t bytes;
};

static struct weight_plan plan_of(const char *layers, const char *head)
{
    struct weight_plan plan;
    struct error err = { 0 };
    CU_ASSERT_EQUAL_FATAL(weight_plan_read(&plan, layers, head, &err), OK);
    return plan;
}

static struct weight_matrix *matrices_of(struct fixture *f)
{
    struct error err = { 0 };
    struct weight_matrix *matrix =
        arena_array(&f->arena, f->model.sites, sizeof *matrix);
    CU_ASSERT_PTR_NOT_NULL_FATAL(matrix);
    for (uint32_t s = 0; s < f->model.sites; s++) {
        const struct site *site = &f->model.site[s];
        weight_matrix_allocate(&matrix[s], &f->arena,
                               weight_plan_get(&f->plan, site->role == ROLE_HEAD),
                               site->inputs, site->outputs, &err);
        CU_ASSERT_PTR_NOT_NULL_FATAL(matrix[s].memory);
        memset(matrix[s].memory, 0xa5, matrix[s].bytes);
    }
    return matrix;
}

static void fixture_open(struct fixture *f, const char *name, const char *layers,
                         const char *head)
{
    const char *path = temporary_path("packed.gguf");
    struct error err = { 0 };
    *f = (struct fixture){ .plan = plan_of(layers, head) };
    CU_ASSERT_FATAL(model_builder_write(model_plan_find(name), NULL, path));
    CU_ASSERT_EQUAL_FATAL(model_open(&f->model, path, &err), OK);
    CU_ASSERT_EQUAL_FATAL(packed_weights_path(f->path, f->model.file.path, &f->plan,
                                              &err),
                          OK);
    unlink(f->path);
    f->made = matrices_of(f);
    f->read = matrices_of(f);
    for (uint32_t s = 0; s < f->model.sites; s++)
        CU_ASSERT_EQUAL_FATAL(weight_matrix_make(&f->made[s], &f->model.file,
                                                 &f->model.site[s], 2, &err),
                              OK);
}

static void fixture_pack(struct fixture *f)
{
    struct error err = { 0 };
    CU_ASSERT_EQUAL_FATAL(packed_weights_write(&f->model, &f->plan, f->made, &f->bytes,
                                               &err),
                          OK);
}

static void fixture_close(struct fixture *f)
{
    unlink(f->path);
    model_close(&f->model);
    arena_free(&f->arena);
}

/* Opens and reads; what it says is in err. */
static enum error_code load(struct fixture *f, int threads, struct error *err)
{
    struct packed_weights packed;
    *err = (struct error){ OK, "" };
    if (packed_weights_open(&packed, &f->model, &f->plan, err) != OK)
        return err->code;
    CU_ASSERT(packed.descriptor >= 0);
    packed_weights_read(&packed, &f->model, f->read, threads, NULL, err);
    packed_weights_close(&packed);
    return err->code;
}

/* Refused, in a sentence with the path and `part`. */
static bool is_refused(struct fixture *f, const char *part)
{
    struct error err;
    enum error_code code = load(f, 2, &err);
    bool is_good = code != OK && strstr(err.text, f->path) && strstr(err.text, part);
    if (!is_good)
        printf("    '%s' expected, found '%s'\n", part, err.text);
    return is_good;
}

static bool is_same(const struct fixture *f)
{
    for (uint32_t s = 0; s < f->model.sites; s++)
        if (memcmp(f->made[s].memory, f->read[s].memory, f->made[s].bytes) != 0)
            return false;
    return true;
}

/* Reads or writes `size` bytes of the packed file. */
static void file_bytes(const struct fixture *f, bool writes, uint64_t offset,
                       void *bytes, size_t size)
{
    int descriptor = open(f->path, writes ? O_WRONLY : O_RDONLY);
    ssize_t done = writes ? pwrite(descriptor, bytes, size, (off_t)offset)
                          : pread(descriptor, bytes, size, (off_t)offset);
    CU_ASSERT_EQUAL_FATAL(done, (ssize_t)size);
    close(descriptor);
}

static void flip(const struct fixture *f, uint64_t offset)
{
    uint8_t byte;
    file_bytes(f, false, offset, &byte, 1);
    byte ^= 0x10;
    file_bytes(f, true, offset, &byte, 1);
}

static size_t table_end(const struct fixture *f)
{
    return PACKED_FIXED + (size_t)f->model.sites * PACKED_ROW;
}

static void seal(uint8_t *header, size_t end)
{
    const uint64_t sum = XXH3_64bits(header, end);
    memcpy(header + end, &sum, sizeof sum);
}

/* Of the table, by the file itself. */
static uint64_t offset_of(const struct fixture *f, uint32_t site)
{
    uint64_t offset = 0;
    file_bytes(f, false, PACKED_FIXED + (uint64_t)site * PACKED_ROW + 8, &offset,
               sizeof offset);
    return offset;
}

static int files_left(void)
{
    char folder[1300];
    snprintf(folder, sizeof folder, "%s", temporary_path(""));
    int left = 0;
    DIR *open = opendir(folder);
    for (struct dirent *entry; open && (entry = readdir(open));)
        left += strstr(entry->d_name, ".partial") != NULL;
    if (open)
        closedir(open);
    return left;
}

static void files_are_named_after_weights(void)
{
    static const struct {
        const char *layers, *head, *path;
    } names[] = {
        { "output", NULL, "x.gguf.output.packed" },
        { "output", "output", "x.gguf.output.packed" },
        { "4bit", "4bit:64", "x.gguf.4bit.packed" },
        { "4bit:32:min", "output", "x.gguf.4bit-32-min+output.packed" },
        { "128", "4bit:min", "x.gguf.128+4bit-min.packed" },
    };
    char path[PACKED_PATH_ROOM], wanted[100];
    struct error err = { 0 };
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        const struct weight_plan plan = plan_of(names[i].layers, names[i].head);
        CU_ASSERT_EQUAL(packed_weights_path(path, "a:b/x.gguf", &plan, &err), OK);
        snprintf(wanted, sizeof wanted, "a:b/%s", names[i].path);
        CU_ASSERT_STRING_EQUAL(path, wanted);
    }
    char *endless = calloc(1, PACKED_PATH_ROOM);
    CU_ASSERT_PTR_NOT_NULL_FATAL(endless);
    memset(endless, 'x', PACKED_PATH_ROOM - 10);
    const struct weight_plan plan = plan_of("output", NULL);
    CU_ASSERT_EQUAL(packed_weights_path(path, endless, &plan, &err), ERR_ARGUMENT);
    free(endless);
}

static void every_form_comes_back_bit_for_bit(void)
{
    static const struct {
        const char *layers, *head;
    } plans[] = {
        { "output", NULL },  { "32", NULL },          { "4bit", NULL },
        { "4bit:32", NULL }, { "4bit:32:min", NULL }, { "4bit:min", "output" }
    };
    for (size_t p = 0; p < sizeof plans / sizeof plans[0]; p++) {
        struct fixture f;
        struct stat st;
        struct error err;
        fixture_open(&f, "llama", plans[p].layers, plans[p].head);
        fixture_pack(&f);
        CU_ASSERT_FATAL(stat(f.path, &st) == 0 && (uint64_t)st.st_size == f.bytes);
        for (int threads = 1; threads <= 4; threads += 3) {
            f.read = matrices_of(&f);
            CU_ASSERT_EQUAL(load(&f, threads, &err), OK);
            CU_ASSERT(is_same(&f));
        }
        CU_ASSERT_EQUAL(files_left(), 0);
        fixture_close(&f);
    }
}

static void an_absent_file_is_no_error(void)
{
    struct fixture f;
    struct packed_weights packed;
    struct error err = { 0 };
    fixture_open(&f, "llama", "output", NULL);
    CU_ASSERT_EQUAL(packed_weights_open(&packed, &f.model, &f.plan, &err), OK);
    CU_ASSERT_EQUAL(packed.descriptor, -1);
    packed_weights_close(&packed);
    CU_ASSERT_FATAL(mkdir(f.path, 0700) == 0);
    CU_ASSERT(is_refused(&f, "not a regular file"));
    rmdir(f.path);
    fixture_close(&f);
}

/* Weights made otherwise (by another fit, another order) need another version, or files
 * of before would be believed. Change the numbers and packed_magic together. */
static void weights_are_those_of_this_version(void)
{
    static const struct {
        const char *form;
        uint64_t sum;
    } known[] = { { "output", 0x1b04462e93c15de7 },
                  { "32", 0x0981e0e7c09d8b30 },
                  { "4bit", 0xfb9efb722ea8d483 },
                  { "4bit:32:min", 0xfaa75ec65824fef9 } };
    CU_ASSERT_STRING_EQUAL(packed_magic, "LUCPACK1");
    for (size_t k = 0; k < sizeof known / sizeof known[0]; k++) {
        struct fixture f;
        fixture_open(&f, "llama", known[k].form, NULL);
        uint64_t sum = 0;
        for (uint32_t s = 0; s < f.model.sites; s++)
            sum = XXH3_64bits_withSeed(f.made[s].memory, f.made[s].bytes, sum);
        CU_ASSERT_EQUAL(sum, known[k].sum);
        if (sum != known[k].sum)
            printf("    %s: %#llx\n", known[k].form, (unsigned long long)sum);
        fixture_close(&f);
    }
}

static void packed_weights_of_another_model_are_refused(void)
{
    struct fixture f, other;
    struct error err;
    fixture_open(&f, "llama", "output", NULL);
    fixture_pack(&f);
    f.model.file.modified++;
    CU_ASSERT(is_refused(&f, "made from a model file written at"));
    f.model.file.modified--;
    f.model.file.size++;
    CU_ASSERT(is_refused(&f, "made from a model file of"));
    f.model.file.size--;
    const uint32_t outputs = f.model.site[3].outputs;
    f.model.site[3].outputs++;
    CU_ASSERT(is_refused(&f, "site L00.ffn_down: "));
    f.model.site[3].outputs = outputs;
    f.model.sites--;
    CU_ASSERT(is_refused(&f, "20 sites expected, found 21"));
    f.model.sites++;
    CU_ASSERT_EQUAL(load(&f, 1, &err), OK);

    fixture_open(&other, "llama", "32", NULL);
    CU_ASSERT_EQUAL(rename(f.path, other.path), 0);
    other.model.file.modified = f.model.file.modified;
    CU_ASSERT(is_refused(&other, "weights 32 and 32 of the head expected"));
    fixture_close(&other);
    fixture_close(&f);
}

static void a_header_with_a_flipped_byte_is_refused(void)
{
    struct fixture f;
    fixture_open(&f, "llama", "4bit:32:min", "output");
    fixture_pack(&f);
    const size_t end = table_end(&f), size = end + PACKED_SUM;
    uint8_t *header = malloc(size);
    CU_ASSERT_PTR_NOT_NULL_FATAL(header);
    file_bytes(&f, false, 0, header, size);
    for (size_t i = 0; i < size; i++) {
        struct packed_weights packed;
        struct error err;
        header[i] ^= 0x04;
        CU_ASSERT_EQUAL(packed_weights_parse(&packed, header, size, f.bytes, &err),
                        ERR_FORMAT);
        header[i] ^= 0x04;
    }
    free(header);
    fixture_close(&f);
}

/* The same with a checksum that fits: what is believed nevertheless is the digest, that
 * nothing reads. */
static void a_header_that_lies_is_refused(void)
{
    enum { DIGEST = 24 };
    struct fixture f;
    fixture_open(&f, "llama", "4bit:32:min", "output");
    fixture_pack(&f);
    const size_t end = table_end(&f), size = end + PACKED_SUM;
    uint8_t *header = malloc(size), *right = malloc(size);
    CU_ASSERT_FATAL(header && right);
    file_bytes(&f, false, 0, right, size);
    for (size_t i = 0; i < end; i++) {
        struct error err;
        bool is_digest = i >= DIGEST && i < DIGEST + PACKED_SHA256;
        memcpy(header, right, size);
        header[i] ^= 0x01;
        seal(header, end);
        file_bytes(&f, true, 0, header, size);
        bool is_good = load(&f, 1, &err) == (is_digest ? OK : ERR_FORMAT);
        CU_ASSERT(is_good || (is_digest && err.code == ERR_FORMAT));
        if (!is_good && !is_digest)
            printf("    byte %zu: %s\n", i, err.text);
    }
    file_bytes(&f, true, 0, right, size);
    struct error err;
    CU_ASSERT(load(&f, 1, &err) == OK && is_same(&f));
    free(header);
    free(right);
    fixture_close(&f);
}

static void damaged_weights_are_refused(void)
{
    struct fixture f;
    struct error err;
    fixture_open(&f, "llama", "4bit:32:min", NULL);
    fixture_pack(&f);
    for (uint32_t s = 0; s < f.model.sites; s++) {
        const uint64_t at = offset_of(&f, s) + (s % 2 ? f.made[s].bytes - 1 : 0);
        flip(&f, at);
        CU_ASSERT(is_refused(&f, "the weights are damaged"));
        flip(&f, at);
    }
    CU_ASSERT_EQUAL(load(&f, 1, &err), OK);
    flip(&f, offset_of(&f, 20));
    flip(&f, offset_of(&f, 5));
    flip(&f, offset_of(&f, 9));
    for (int threads = 1; threads <= 4; threads++) {
        CU_ASSERT_NOT_EQUAL(load(&f, threads, &err), OK);
        CU_ASSERT_PTR_NOT_NULL(strstr(err.text, f.model.site[5].name));
    }
    fixture_close(&f);
}

/* Whoever sealed it. */
static void scales_that_are_not_finite_are_refused(void)
{
    struct fixture f;
    fixture_open(&f, "llama", "output", NULL);
    float *scale = f.made[2].scale;
    scale[f.made[2].outputs - 1] = (float)1e30 * (float)1e30;
    fixture_pack(&f);
    CU_ASSERT(is_refused(&f, "a scale is not finite"));
    fixture_close(&f);
}

static void files_of_another_length_are_refused(void)
{
    struct fixture f;
    struct packed_weights packed;
    struct error err = { 0 };
    fixture_open(&f, "llama", "4bit", NULL);
    fixture_pack(&f);
    const uint64_t header = table_end(&f) + PACKED_SUM, last = offset_of(&f, 20);
    const uint64_t lengths[] = { f.bytes + 1, f.bytes - 1, last,       last - 1, 4097,
                                 4096,        header,      header - 1, 168,      160,
                                 159,         8,           7,          0 };
    CU_ASSERT_EQUAL_FATAL(packed_weights_open(&packed, &f.model, &f.plan, &err), OK);
    for (size_t i = 0; i < sizeof lengths / sizeof lengths[0]; i++) {
        CU_ASSERT_EQUAL_FATAL(truncate(f.path, (off_t)lengths[i]), 0);
        CU_ASSERT(is_refused(&f, ""));
    }
    CU_ASSERT_EQUAL(packed_weights_read(&packed, &f.model, f.read, 4, NULL, &err),
                    ERR_IO);
    CU_ASSERT_PTR_NOT_NULL(strstr(err.text, "the file has shrunk"));
    CU_ASSERT_PTR_NOT_NULL(strstr(err.text, f.model.site[0].name));
    packed_weights_close(&packed);
    fixture_close(&f);
}

static void other_versions_are_refused(void)
{
    struct fixture f;
    fixture_open(&f, "llama", "output", NULL);
    fixture_pack(&f);
    char digit = '2';
    file_bytes(&f, true, PACKED_MAGIC - 1, &digit, 1);
    CU_ASSERT(is_refused(&f, "expected LUCPACK1, found LUCPACK2"));
    digit = '\x1b';
    file_bytes(&f, true, PACKED_MAGIC - 1, &digit, 1);
    CU_ASSERT(is_refused(&f, "found LUCPACK?"));
    file_bytes(&f, true, 0, &digit, 1);
    CU_ASSERT(is_refused(&f, "not a file of packed weights"));
    fixture_close(&f);
}

/* In a child, whose files have a limit: 0 where the file could not be written and said
 * so. */
static int write_limited(struct fixture *f, rlim_t limit)
{
    int status = 0;
    pid_t child = fork();
    if (child == 0) {
        struct error err = { 0 };
        signal(SIGXFSZ, SIG_IGN);
        setrlimit(RLIMIT_FSIZE, &(struct rlimit){ limit, limit });
        packed_weights_write(&f->model, &f->plan, f->made, &f->bytes, &err);
        _exit(err.code == ERR_IO && strstr(err.text, f->path) ? 0 : 1);
    }
    CU_ASSERT_FATAL(child > 0);
    waitpid(child, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void what_cannot_be_written_leaves_nothing(void)
{
    struct fixture f;
    struct error err;
    fixture_open(&f, "llama", "output", NULL);
    CU_ASSERT_EQUAL(write_limited(&f, 20000), 0);
    CU_ASSERT(access(f.path, F_OK) < 0 && files_left() == 0);
    fixture_pack(&f);
    CU_ASSERT_EQUAL(write_limited(&f, 100), 0);
    CU_ASSERT(load(&f, 1, &err) == OK && is_same(&f) && files_left() == 0);
    unlink(f.path);
    CU_ASSERT_FATAL(mkdir(f.path, 0700) == 0);
    CU_ASSERT_EQUAL(packed_weights_write(&f.model, &f.plan, f.made, &f.bytes, &err),
                    ERR_IO);
    CU_ASSERT_EQUAL(files_left(), 0);
    rmdir(f.path);
    fixture_close(&f);
}

static void a_model_that_changes_is_not_packed(void)
{
    struct fixture f;
    struct error err;
    fixture_open(&f, "llama", "output", NULL);
    const struct timespec times[2] = { { 1, 0 }, { 1, 0 } };
    CU_ASSERT_EQUAL_FATAL(utimensat(AT_FDCWD, f.model.file.path, times, 0), 0);
    CU_ASSERT_EQUAL(packed_weights_write(&f.model, &f.plan, f.made, &f.bytes, &err),
                    ERR_IO);
    CU_ASSERT_PTR_NOT_NULL(strstr(err.text, "written to while"));
    CU_ASSERT(access(f.path, F_OK) < 0 && files_left() == 0);
    fixture_close(&f);
}

CU_TestInfo packed_weight_tests[] = {
    { "files are named after weights", files_are_named_after_weights },
    { "every form comes back bit for bit", every_form_comes_back_bit_for_bit },
    { "an absent file is no error", an_absent_file_is_no_error },
    { "weights are those of this version", weights_are_those_of_this_version },
    { "packed weights of another model are refused",
      packed_weights_of_another_model_are_refused },
    { "a header with a flipped byte is refused",
      a_header_with_a_flipped_byte_is_refused },
    { "a header that lies is refused", a_header_that_lies_is_refused },
    { "damaged weights are refused", damaged_weights_are_refused },
    { "scales that are not finite are refused",
      scales_that_are_not_finite_are_refused },
    { "files of another length are refused", files_of_another_length_are_refused },
    { "other versions are refused", other_versions_are_refused },
    { "what cannot be written leaves nothing", what_cannot_be_written_leaves_nothing },
    { "a model that changes is not packed", a_model_that_changes_is_not_packed },
    CU_TEST_INFO_NULL,
};
