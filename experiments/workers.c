/* See workers.h. A worker and its caller talk over a socket pair: task numbers one way,
 * a header and text the other. */
#include "experiments/workers.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>
#ifdef __linux__
#include <sys/prctl.h>
#endif

struct worker {
    pid_t process;
    int channel;   /* -1: done */
    uint32_t task; /* under way */
};

struct answer {
    uint64_t length;      /* of the text behind it */
    enum error_code code; /* OK, or the text is the error's */
};

/* All of it, or false: the other side is gone. A closed channel raises no signal. */
static bool send_all(int channel, const void *bytes, size_t size)
{
    for (const char *at = bytes; size > 0;) {
        ssize_t sent = send(channel, at, size, MSG_NOSIGNAL);
        if (sent < 0 && errno == EINTR)
            continue;
        if (sent <= 0)
            return false;
        at += sent;
        size -= (size_t)sent;
    }
    return true;
}

static bool receive_all(int channel, void *bytes, size_t size)
{
    for (char *at = bytes; size > 0;) {
        ssize_t got = recv(channel, at, size, 0);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return false;
        at += got;
        size -= (size_t)got;
    }
    return true;
}

/* Works until the caller closes the channel or kills it. */
static void work(const struct worker_job *job, int channel, pid_t caller)
{
    uint32_t task = 0;
#ifdef __linux__
    prctl(PR_SET_PDEATHSIG, SIGKILL);
#endif
    /* One progress line at a time: the caller's. */
    if (isatty(STDERR_FILENO) && !freopen("/dev/null", "w", stderr))
        _exit(1);
    while (getppid() == caller && receive_all(channel, &task, sizeof task)) {
        struct error err = { 0 };
        char *text = job->make(job->context, task, &err);
        if (!text && err.code == OK)
            error_memory(&err, "a result", 0);
        const char *said = text ? text : err.text;
        struct answer answer = { strlen(said), text ? OK : err.code };
        bool is_sent = send_all(channel, &answer, sizeof answer) &&
                       send_all(channel, said, answer.length);
        free(text);
        if (!is_sent)
            break;
    }
    _exit(1);
}

static enum error_code start(const struct worker_job *job, struct worker *worker,
                             const struct worker *all, unsigned started,
                             struct error *err)
{
    int pair[2];
    pid_t caller = getpid();
    if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair) < 0)
        return error_set(err, ERR_IO, "a worker cannot be started: %s",
                         strerror(errno));
    fflush(NULL);
    worker->process = fork();
    if (worker->process == 0) {
        close(pair[0]);
        for (unsigned w = 0; w < started; w++)
            close(all[w].channel);
        work(job, pair[1], caller);
    }
    close(pair[1]);
    worker->channel = pair[0];
    if (worker->process > 0)
        return OK;
    error_set(err, ERR_IO, "a worker cannot be started: %s", strerror(errno));
    close(pair[0]);
    return err->code;
}

static enum error_code died(struct worker *worker, struct error *err)
{
    int status = 0;
    if (waitpid(worker->process, &status, 0) == worker->process)
        worker->process = -1;
    if (WIFSIGNALED(status))
        return error_set(err, ERR_IO, "a worker died of signal %d (%s)",
                         WTERMSIG(status), strsignal(WTERMSIG(status)));
    return error_set(err, ERR_IO, "a worker ended with status %d before its result",
                     WEXITSTATUS(status));
}

static enum error_code take_answer(const struct worker_job *job, struct worker *worker,
                                   struct error *err)
{
    struct answer answer;
    err->code = OK;
    if (!receive_all(worker->channel, &answer, sizeof answer))
        return died(worker, err);
    char *text = malloc(answer.length + 1);
    if (!text)
        return error_memory(err, "a result", (double)answer.length);
    text[answer.length] = '\0';
    if (!receive_all(worker->channel, text, answer.length))
        died(worker, err);
    else if (answer.code != OK)
        error_set(err, answer.code, "%s", text);
    else
        job->take(job->context, worker->task, text, err);
    free(text);
    return err->code;
}

/* The next task, or none: the worker is done. */
static enum error_code give(struct worker *worker, const uint32_t *task, size_t tasks,
                            size_t *given, struct error *err)
{
    if (*given == tasks) {
        close(worker->channel);
        worker->channel = -1;
        return OK;
    }
    worker->task = task[(*given)++];
    if (!send_all(worker->channel, &worker->task, sizeof worker->task))
        return died(worker, err);
    return OK;
}

static enum error_code serve(const struct worker_job *job, struct worker *worker,
                             unsigned workers, const uint32_t *task, size_t tasks,
                             struct error *err)
{
    struct pollfd ready[WORKERS_MAX];
    size_t given = 0, taken = 0;
    for (unsigned w = 0; w < workers; w++)
        if (give(&worker[w], task, tasks, &given, err) != OK)
            return err->code;
    while (taken < tasks) {
        for (unsigned w = 0; w < workers; w++)
            ready[w] = (struct pollfd){ .fd = worker[w].channel, .events = POLLIN };
        if (poll(ready, workers, -1) < 0 && errno != EINTR)
            return error_set(err, ERR_IO, "waiting for workers: %s", strerror(errno));
        for (unsigned w = 0; w < workers; w++) {
            if (worker[w].channel < 0 || !ready[w].revents)
                continue;
            if (take_answer(job, &worker[w], err) != OK ||
                give(&worker[w], task, tasks, &given, err) != OK)
                return err->code;
            taken++;
        }
    }
    return OK;
}

enum error_code workers_run(const struct worker_job *job, unsigned workers,
                            const uint32_t *task, size_t tasks, struct error *err)
{
    struct worker worker[WORKERS_MAX];
    unsigned started = 0;
    err->code = OK;
    workers = workers > WORKERS_MAX ? WORKERS_MAX : workers > 0 ? workers : 1;
    workers = workers > tasks ? (unsigned)tasks : workers;
    while (started < workers && err->code == OK) {
        start(job, &worker[started], worker, started, err);
        started += worker[started].process > 0;
    }
    if (err->code == OK)
        serve(job, worker, workers, task, tasks, err);
    /* Killed rather than asked: after an error they may be deep in their work. */
    for (unsigned w = 0; w < started; w++) {
        if (worker[w].channel >= 0)
            close(worker[w].channel);
        if (worker[w].process > 0) {
            kill(worker[w].process, SIGKILL);
            waitpid(worker[w].process, NULL, 0);
        }
    }
    return err->code;
}
