/* A writer that dies at any moment, or whose disk is full, leaves a file that holds
 * what was flushed: for us, and for other tools once we opened it. */
#include "tests/suites.h"
#include "tests/synthetic_recording.h"
#include "tests/temporary_path.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { KILLS = 50, CHANNELS = 3000, OTHER_TOOLS_EVERY = 10 };

/* Not 0: at _exit(0) LeakSanitizer looks for leaks, and in a forked child finds what
 * the parent's threads hold. */
enum { CHILD_GOOD = 42 };

/* Seen by parent and child. */
struct shared {
    volatile uint64_t flushed;
};

static struct shared *share(void)
{
    FILE *file = tmpfile();
    if (!file || ftruncate(fileno(file), sizeof(struct shared)) < 0)
        return NULL;
    void *map = mmap(NULL, sizeof(struct shared), PROT_READ | PROT_WRITE, MAP_SHARED,
                     fileno(file), 0);
    fclose(file);
    return map == MAP_FAILED ? NULL : map;
}

/* Appends and flushes until it is killed. */
static void write_for_ever(const char *path, bool spikes, struct shared *shared)
{
    struct synthetic synthetic;
    struct recording_writer *writer;
    struct error err = { 0 };
    if (!synthetic_init(&synthetic, "ternary", CHANNELS, true, spikes) ||
        recording_create(&writer, path, &synthetic.plan, &err) != OK)
        _exit(1);
    for (uint64_t round = 0;; round++) {
        if (synthetic_append(&synthetic, writer, 1 + round % 23, &err) != OK ||
            recording_flush(writer, &err) != OK)
            _exit(1);
        shared->flushed = synthetic.tokens;
    }
}

static void wait_ms(long ms)
{
    nanosleep(&(struct timespec){ ms / 1000, ms % 1000 * 1000000 }, NULL);
}

/* Every token is as it was made; expansion gives the spikes its counters tell. */
static void check_content(const struct recording *found)
{
    struct synthetic synthetic;
    struct error err = { 0 };
    CU_ASSERT(synthetic_init(&synthetic, "ternary", CHANNELS, true, found->has_spikes));
    size_t bytes = found->channels * sizeof(int32_t);
    int32_t *count = malloc(bytes);
    uint64_t wrong = 0;
    for (uint64_t token = 0; token < found->tokens; token++) {
        struct recorded_spike *spike = NULL;
        size_t length = 0;
        uint64_t expected = 0;
        synthetic_next(&synthetic);
        for (int i = 0; i < 4; i++)
            expected += synthetic.site[i].n[COUNT_SPIKES];
        wrong += recording_read_counts(found, token, count, &err) != OK ||
                 memcmp(count, synthetic.count, bytes) != 0 ||
                 recording_expand(found, token, &spike, &length, &err) != OK ||
                 length != expected;
        free(spike);
    }
    CU_ASSERT_EQUAL(wrong, 0);
    free(count);
    synthetic_release(&synthetic);
}

static bool has_tool(const char *probe, const char *name)
{
    bool found = system(probe) == 0;
    if (!found)
        printf("    skipped: %s is not installed\n", name);
    return found;
}

static void check_other_tools(const char *path, bool h5dump, bool h5py)
{
    char command[600];
    snprintf(command, sizeof command, "h5dump -d tokens/id '%s' > /dev/null 2>&1",
             path);
    CU_ASSERT(!h5dump || system(command) == 0);
    snprintf(command, sizeof command,
             "python3 -c \"import h5py, sys; f = h5py.File(sys.argv[1]); "
             "f['counts/values'][:]; f['by_token/spikes'][:].sum()\" '%s'",
             path);
    CU_ASSERT(!h5py || system(command) == 0);
}

static void a_killed_run_holds_what_was_flushed(void)
{
    bool h5dump = has_tool("command -v h5dump > /dev/null", "h5dump");
    bool h5py = has_tool("python3 -c 'import h5py' 2> /dev/null", "h5py");
    struct shared *shared = share();
    CU_ASSERT_PTR_NOT_NULL_FATAL(shared);
    const char *path = temporary_path("killed.h5");
    fflush(stdout);
    srand(1);
    for (int kill_number = 0; kill_number < KILLS; kill_number++) {
        struct recording found;
        struct error err = { 0 };
        shared->flushed = 0;
        pid_t child = fork();
        if (child == 0)
            write_for_ever(path, kill_number % 2, shared);
        CU_ASSERT_FATAL(child > 0);
        for (int ms = 0; shared->flushed == 0 && ms < 10000; ms++)
            wait_ms(1);
        nanosleep(&(struct timespec){ 0, rand() % 60 * 1000000 + rand() % 1000 }, NULL);
        kill(child, SIGKILL);
        waitpid(child, NULL, 0);
        CU_ASSERT_EQUAL_FATAL(recording_open(&found, path, &err), OK);
        CU_ASSERT(found.was_repaired && !found.is_live);
        CU_ASSERT_EQUAL(found.state, RECORDING_RUNNING);
        CU_ASSERT(found.tokens >= shared->flushed);
        check_content(&found);
        recording_close_reader(&found);
        bool asks = kill_number % OTHER_TOOLS_EVERY == 0;
        check_other_tools(path, h5dump, h5py && asks);
    }
    munmap(shared, sizeof *shared);
}

static void a_living_run_is_read_as_it_grows(void)
{
    struct recording found;
    struct error err = { 0 };
    struct shared *shared = share();
    CU_ASSERT_PTR_NOT_NULL_FATAL(shared);
    const char *path = temporary_path("living.h5");
    fflush(stdout);
    pid_t child = fork();
    if (child == 0)
        write_for_ever(path, true, shared);
    CU_ASSERT_FATAL(child > 0);
    for (int ms = 0; shared->flushed < 5 && ms < 10000; ms++)
        wait_ms(1);
    CU_ASSERT_EQUAL_FATAL(recording_open(&found, path, &err), OK);
    CU_ASSERT(found.is_live && !found.was_repaired);
    CU_ASSERT(found.tokens >= 5);
    for (int round = 0; round < 20; round++) {
        uint64_t before = shared->flushed;
        wait_ms(5);
        CU_ASSERT_EQUAL(recording_refresh(&found, &err), OK);
        CU_ASSERT(found.tokens >= before);
    }
    check_content(&found);
    struct synthetic synthetic;
    struct recording_writer *writer = NULL;
    CU_ASSERT(synthetic_init(&synthetic, "ternary", 8, true, false));
    CU_ASSERT_EQUAL(recording_create(&writer, path, &synthetic.plan, &err), ERR_IO);
    CU_ASSERT_PTR_NOT_NULL(strstr(err.text, "another run"));
    synthetic_release(&synthetic);
    kill(child, SIGKILL);
    waitpid(child, NULL, 0);
    CU_ASSERT_EQUAL(recording_refresh(&found, &err), OK);
    CU_ASSERT(!found.is_live && found.state == RECORDING_RUNNING);
    recording_close_reader(&found);
    munmap(shared, sizeof *shared);
}

/* In a child, because a limit on the size of files stands in for a full disk. */
static void write_until_full(const char *path, struct shared *shared)
{
    struct synthetic synthetic;
    struct recording_writer *writer;
    struct error err = { 0 };
    signal(SIGXFSZ, SIG_IGN);
    if (!synthetic_init(&synthetic, "ternary", CHANNELS, true, true) ||
        recording_create(&writer, path, &synthetic.plan, &err) != OK)
        _exit(1);
    if (setrlimit(RLIMIT_FSIZE, &(struct rlimit){ 4000000, 4000000 }) < 0)
        _exit(2);
    while (synthetic_append(&synthetic, writer, 5, &err) == OK &&
           recording_flush(writer, &err) == OK)
        shared->flushed = synthetic.tokens;
    if (!strstr(err.text, "File too large") ||
        strncmp(err.text, path, strlen(path)) != 0)
        _exit(3);
    if (recording_flush(writer, &err) != ERR_IO)
        _exit(4);
    recording_close(writer, RECORDING_FAILED, "", &err);
    _exit(CHILD_GOOD);
}

static void a_full_disk_leaves_what_was_flushed(void)
{
    struct recording found;
    struct error err = { 0 };
    struct shared *shared = share();
    CU_ASSERT_PTR_NOT_NULL_FATAL(shared);
    const char *path = temporary_path("full.h5");
    int status = -1;
    fflush(stdout);
    pid_t child = fork();
    if (child == 0)
        write_until_full(path, shared);
    CU_ASSERT_FATAL(child > 0);
    waitpid(child, &status, 0);
    CU_ASSERT(WIFEXITED(status) && WEXITSTATUS(status) == CHILD_GOOD);
    CU_ASSERT_EQUAL_FATAL(recording_open(&found, path, &err), OK);
    CU_ASSERT(shared->flushed > 0 && found.tokens >= shared->flushed);
    check_content(&found);
    recording_close_reader(&found);
    munmap(shared, sizeof *shared);
}

/* No room for the objects: what stood at the path stays, and no partial file. */
static void a_full_disk_at_the_start_spares_what_was_there(void)
{
    struct recording found;
    struct error err = { 0 };
    const char *path = temporary_path("spared.h5");
    CU_ASSERT_EQUAL_FATAL(synthetic_write(path, "ternary", 8, 3, true, false, &err),
                          OK);
    int status = -1;
    fflush(stdout);
    pid_t child = fork();
    if (child == 0) {
        signal(SIGXFSZ, SIG_IGN);
        setrlimit(RLIMIT_FSIZE, &(struct rlimit){ 20000, 20000 });
        enum error_code code =
            synthetic_write(path, "ternary", CHANNELS, 3, true, false, &err);
        _exit(code == ERR_IO ? CHILD_GOOD : 1);
    }
    CU_ASSERT_FATAL(child > 0);
    waitpid(child, &status, 0);
    CU_ASSERT(WIFEXITED(status) && WEXITSTATUS(status) == CHILD_GOOD);
    CU_ASSERT(access(temporary_path("spared.h5.partial"), F_OK) < 0);
    CU_ASSERT_EQUAL_FATAL(recording_open(&found, temporary_path("spared.h5"), &err),
                          OK);
    CU_ASSERT_EQUAL(found.tokens, 3);
    recording_close_reader(&found);
}

CU_TestInfo kill_tests[] = {
    { "a killed run holds what was flushed", a_killed_run_holds_what_was_flushed },
    { "a living run is read as it grows", a_living_run_is_read_as_it_grows },
    { "a full disk leaves what was flushed", a_full_disk_leaves_what_was_flushed },
    { "a full disk at the start spares what was there",
      a_full_disk_at_the_start_spares_what_was_there },
    CU_TEST_INFO_NULL,
};
