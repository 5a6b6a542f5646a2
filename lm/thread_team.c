/* See thread_team.h. The first thread posts jobs by counting them up; barriers count
 * arrivals of the whole team and never go down, so that nobody has to reset them. */
#include "lm/thread_team.h"

#include "lm/processors.h"

#include <omp.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>

enum {
    LINE = 64,         /* bytes of a cache line */
    LINES = 4,         /* fetched between two looks for a job */
    PATIENCE = 50000,  /* looks before a thread lets others run, some 0.1 ms ... */
    HASTE = 100,       /* ... and with more threads than processors */
    AHEAD = 512 << 10, /* bytes fetched ahead by a thread: a quarter of its cache */
};

struct memory {
    const char *begin;
    size_t bytes;
};

/* What a thread alone writes, on lines of its own. */
struct seat {
    _Alignas(LINE) atomic_size_t fetched;
    unsigned awaited; /* arrivals at the last barrier it passed */
};

struct thread_team {
    int threads, lent;
    unsigned patience;
    bool is_held;
    struct processors *processors; /* NULL: threads run where the system puts them */
    /* Written by the first thread between jobs, read by the others behind `posted`. */
    int size; /* threads of the region */
    void (*job)(void *context, int me, int threads);
    void *context;
    struct memory expected;
    _Alignas(LINE) atomic_uint posted;
    _Alignas(LINE) atomic_uint arrived;
    struct seat seat[];
};

enum error_code thread_team_create(struct thread_team **team, int threads,
                                   struct error *err)
{
    *team = NULL;
    if (threads < 1 || threads > TEAM_MOST)
        return error_set(err, ERR_ARGUMENT, "%d threads: expected 1 to %d", threads,
                         TEAM_MOST);
    const size_t bytes =
        sizeof(struct thread_team) + (size_t)threads * sizeof(struct seat);
    struct thread_team *self = aligned_alloc(_Alignof(struct thread_team), bytes);
    if (!self)
        return error_memory(err, "a team of threads", (double)bytes);
    self->threads = threads;
    self->lent = 0;
    self->patience = threads > omp_get_num_procs() ? HASTE : PATIENCE;
    self->is_held = false;
    self->processors = NULL;
    *team = self;
    return OK;
}

void thread_team_free(struct thread_team *team)
{
    if (team)
        processors_free(team->processors);
    free(team);
}

enum error_code thread_team_pin(struct thread_team *team, struct error *err)
{
    return team->processors ? OK : processors_create(&team->processors, err);
}

int thread_team_threads(const struct thread_team *team)
{
    return team ? team->threads : 1;
}

void thread_team_lend(struct thread_team *team, int threads)
{
    if (team)
        team->lent = threads < team->threads ? threads : team->threads - 1;
}

/* Nobody but the caller. */
static bool is_alone(const struct thread_team *team)
{
    return !team || team->threads - team->lent == 1;
}

static void look_away(const struct thread_team *team, size_t *looks)
{
    if (++*looks > team->patience)
        sched_yield();
}

void thread_team_barrier(struct thread_team *team, int me)
{
    if (!team || !team->is_held)
        return;
    const unsigned awaited = team->seat[me].awaited += (unsigned)team->size;
    size_t looks = 0;
    atomic_fetch_add_explicit(&team->arrived, 1, memory_order_acq_rel);
    while ((int)(atomic_load_explicit(&team->arrived, memory_order_acquire) - awaited) <
           0)
        look_away(team, &looks);
}

static bool is_posted(struct thread_team *team, unsigned jobs)
{
    return atomic_load_explicit(&team->posted, memory_order_acquire) != jobs;
}

/* Until another job than the first `jobs` is posted. */
static void await_job(struct thread_team *team, int me, unsigned jobs,
                      const struct memory *expected)
{
    atomic_size_t *counter = &team->seat[me].fetched;
    const size_t part = expected->bytes / (size_t)team->size * (size_t)me;
    size_t most = expected->bytes - part, looks = 0;
    size_t fetched = atomic_load_explicit(counter, memory_order_relaxed);
    if (most > AHEAD)
        most = AHEAD;
    while (!is_posted(team, jobs)) {
        if (fetched + LINES * LINE > most) {
            look_away(team, &looks);
            continue;
        }
        for (size_t line = 0; line < LINES; line++, fetched += LINE)
            __builtin_prefetch(expected->begin + part + fetched, 0, 2);
        atomic_store_explicit(counter, fetched, memory_order_relaxed);
    }
}

/* Any thread but the first, until a job without work is posted. */
static void serve(struct thread_team *team, int me)
{
    struct memory expected = { NULL, 0 };
    for (unsigned jobs = 0;; jobs++) {
        await_job(team, me, jobs, &expected);
        if (!team->job)
            return;
        if (team->expected.begin != expected.begin) {
            expected = team->expected;
            atomic_store_explicit(&team->seat[me].fetched, 0, memory_order_relaxed);
        }
        team->job(team->context, me, team->size);
        thread_team_barrier(team, me);
    }
}

static void post(struct thread_team *team,
                 void (*job)(void *context, int me, int threads), void *context)
{
    team->job = job;
    team->context = context;
    atomic_fetch_add_explicit(&team->posted, 1, memory_order_release);
}

/* What one thread of the region does. */
static void take_seat(struct thread_team *team, int me, void (*body)(void *context),
                      void *context)
{
    processors_bind(team->processors, me);
    if (me == 0) {
        body(context);
        post(team, NULL, NULL);
    } else {
        serve(team, me);
    }
    processors_release(team->processors);
}

void thread_team_hold(struct thread_team *team, void (*body)(void *context),
                      void *context)
{
    if (!team || team->is_held || omp_in_parallel()) {
        body(context);
        return;
    }
    if (is_alone(team)) {
        processors_bind(team->processors, 0);
        body(context);
        processors_release(team->processors);
        return;
    }
    team->is_held = true;
    team->expected = (struct memory){ NULL, 0 };
    atomic_init(&team->posted, 0);
    atomic_init(&team->arrived, 0);
    for (int me = 0; me < team->threads; me++)
        team->seat[me] = (struct seat){ 0 };
#pragma omp parallel num_threads(team->threads - team->lent)
    {
#pragma omp single
        team->size = omp_get_num_threads();
        take_seat(team, omp_get_thread_num(), body, context);
    }
    team->is_held = false;
}

struct lone_job {
    struct thread_team *team;
    void (*job)(void *context, int me, int threads);
    void *context;
};

static void run_lone_job(void *context)
{
    const struct lone_job *lone = context;
    thread_team_run(lone->team, lone->job, lone->context);
}

void thread_team_run(struct thread_team *team,
                     void (*job)(void *context, int me, int threads), void *context)
{
    struct lone_job lone = { team, job, context };
    if (is_alone(team) || (!team->is_held && omp_in_parallel())) {
        job(context, 0, 1);
    } else if (!team->is_held) {
        thread_team_hold(team, run_lone_job, &lone);
    } else {
        post(team, job, context);
        job(context, 0, team->size);
        thread_team_barrier(team, 0);
    }
}

void thread_team_expect(struct thread_team *team, const void *memory, size_t bytes)
{
    if (team)
        team->expected = (struct memory){ memory, bytes };
}

size_t thread_team_fetched(const struct thread_team *team, const void *memory,
                           int thread)
{
    if (!team || !team->is_held || team->expected.begin != memory)
        return 0;
    return atomic_load_explicit(&team->seat[thread].fetched, memory_order_relaxed);
}
