/* Jobs run on every thread of a team, one after another, whoever holds it; what threads
 * fetch while they wait is at most what was announced. */
#define _GNU_SOURCE /* sched_getaffinity() */
#include "lm/thread_team.h"
#include "tests/suites.h"

#include <omp.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_THREADS = 5, JOBS = 400, CELLS = 1000, PARTS = 1 << 16 };

/* Every job turns the cells over: a thread writes its own in the first half and reads all
 * in the second. */
struct relay {
    struct thread_team *team;
    int cell[CELLS];
    int turn, threads;
    atomic_int wrong;
};

static void turn_over(void *context, int me, int threads)
{
    struct relay *relay = context;
    if (me == 0)
        relay->threads = threads;
    for (int i = me; i < CELLS; i += threads)
        relay->cell[i] = relay->turn;
    thread_team_barrier(relay->team, me);
    for (int i = 0; i < CELLS; i++)
        if (relay->cell[i] != relay->turn)
            atomic_fetch_add(&relay->wrong, 1);
    thread_team_barrier(relay->team, me);
}

static void run_jobs(void *context)
{
    struct relay *relay = context;
    for (relay->turn = 1; relay->turn <= JOBS; relay->turn++)
        thread_team_run(relay->team, turn_over, relay);
}

static struct relay *relay_create(int threads)
{
    struct error err = { 0 };
    struct relay *relay = calloc(1, sizeof *relay);
    CU_ASSERT_PTR_NOT_NULL_FATAL(relay);
    CU_ASSERT_EQUAL_FATAL(thread_team_create(&relay->team, threads, &err), OK);
    CU_ASSERT_EQUAL(thread_team_threads(relay->team), threads);
    return relay;
}

static void relay_free(struct relay *relay)
{
    thread_team_free(relay->team);
    free(relay);
}

static void every_thread_does_every_job(void)
{
    for (int threads = 1; threads <= MOST_THREADS; threads++) {
        struct relay *relay = relay_create(threads);
        for (int hold = 0; hold < 3; hold++)
            thread_team_hold(relay->team, run_jobs, relay);
        CU_ASSERT_EQUAL(atomic_load(&relay->wrong), 0);
        CU_ASSERT_EQUAL(relay->threads, threads);
        relay->turn = -1;
        thread_team_run(relay->team, turn_over, relay); /* held for one job */
        CU_ASSERT_EQUAL(relay->cell[CELLS - 1], -1);
        CU_ASSERT_EQUAL(atomic_load(&relay->wrong), 0);
        relay_free(relay);
    }
}

static void nobody_and_nested_regions_run_alone(void)
{
    struct relay *relay = relay_create(3);
    struct thread_team *team = relay->team;
    int regions = 0;
    relay->team = NULL;
    run_jobs(relay);
    CU_ASSERT_EQUAL(relay->threads, 1);
    relay->team = team;
#pragma omp parallel num_threads(2)
    {
#pragma omp single
        {
            thread_team_hold(team, run_jobs, relay);
            regions += omp_get_num_threads() == 2 && relay->threads == 1;
        }
    }
    CU_ASSERT_EQUAL(regions, 1);
    CU_ASSERT_EQUAL(atomic_load(&relay->wrong), 0);
    CU_ASSERT_EQUAL(thread_team_threads(NULL), 1);
    relay_free(relay);
}

/* A team runs smaller while some of its threads are lent, and whole again after. */
static void lent_threads_stay_out(void)
{
    struct relay *relay = relay_create(MOST_THREADS);
    for (int lent = 0; lent <= MOST_THREADS; lent++)
        for (int turn = 0; turn < 2; turn++) {
            const int away = turn ? 0 : lent < MOST_THREADS ? lent : MOST_THREADS - 1;
            thread_team_lend(relay->team, turn ? 0 : lent);
            thread_team_hold(relay->team, run_jobs, relay);
            CU_ASSERT_EQUAL(relay->threads, MOST_THREADS - away);
            relay->turn = -1;
            thread_team_run(relay->team, turn_over, relay);
            CU_ASSERT_EQUAL(relay->threads, MOST_THREADS - away);
            CU_ASSERT_EQUAL(relay->cell[CELLS - 1], -1);
        }
    CU_ASSERT_EQUAL(atomic_load(&relay->wrong), 0);
    CU_ASSERT_EQUAL(thread_team_threads(relay->team), MOST_THREADS);
    thread_team_lend(NULL, 1);
    relay_free(relay);
}

struct announcement {
    struct thread_team *team;
    char *memory;
    size_t before, fetched, other;
};

static void do_nothing(void *context, int me, int threads)
{
    (void)context;
    (void)me;
    (void)threads;
}

static void announce(void *context)
{
    struct announcement *a = context;
    thread_team_expect(a->team, a->memory, 2 * (size_t)PARTS);
    a->before = thread_team_fetched(a->team, a->memory, 1);
    thread_team_run(a->team, do_nothing, NULL);
    double patience = omp_get_wtime() + 5;
    while (a->fetched < PARTS && omp_get_wtime() < patience)
        a->fetched = thread_team_fetched(a->team, a->memory, 1);
    a->other = thread_team_fetched(a->team, a->memory + 1, 1);
    thread_team_run(a->team, do_nothing, NULL);
}

static void waiting_threads_fetch_their_part(void)
{
    struct relay *relay = relay_create(2);
    struct announcement a = { .team = relay->team,
                              .memory = malloc(2 * (size_t)PARTS) };
    CU_ASSERT_PTR_NOT_NULL_FATAL(a.memory);
    thread_team_hold(relay->team, announce, &a);
    CU_ASSERT_EQUAL(a.before, 0);
    CU_ASSERT_EQUAL(a.fetched, PARTS); /* the second half */
    CU_ASSERT_EQUAL(a.other, 0);
    CU_ASSERT_EQUAL(thread_team_fetched(relay->team, a.memory, 1), 0); /* not held */
    free(a.memory);
    relay_free(relay);
}

static void impossible_teams_are_refused(void)
{
    struct thread_team *team;
    struct error err;
    CU_ASSERT_EQUAL(thread_team_create(&team, 0, &err), ERR_ARGUMENT);
    CU_ASSERT_PTR_NULL(team);
    CU_ASSERT_EQUAL(thread_team_create(&team, TEAM_MOST + 1, &err), ERR_ARGUMENT);
    CU_ASSERT_STRING_EQUAL(err.text, "1025 threads: expected 1 to 1024");
}

struct places {
    cpu_set_t mask[MOST_THREADS];
    int threads;
};

static void note_place(void *context, int me, int threads)
{
    struct places *places = context;
    sched_getaffinity(0, sizeof places->mask[me], &places->mask[me]);
    places->threads = threads;
}

static void note_place_of_one(void *context)
{
    note_place(context, 0, 1);
}

/* As many processors as there are; threads beyond them share. */
static void pinned_threads_have_a_processor_each_while_held(void)
{
    cpu_set_t before, after;
    sched_getaffinity(0, sizeof before, &before);
    const int processors = CPU_COUNT(&before);
    for (int threads = 1; threads <= MOST_THREADS; threads++) {
        struct error err = { 0 };
        struct thread_team *team;
        struct places places = { .threads = 0 };
        cpu_set_t used;
        CU_ASSERT_EQUAL_FATAL(thread_team_create(&team, threads, &err), OK);
        CU_ASSERT_EQUAL_FATAL(thread_team_pin(team, &err), OK);
        if (threads == 1)
            thread_team_hold(team, note_place_of_one, &places);
        else
            thread_team_run(team, note_place, &places);
        sched_getaffinity(0, sizeof after, &after);
        CU_ASSERT(CPU_EQUAL(&before, &after));
        CPU_ZERO(&used);
        for (int me = 0; me < places.threads; me++) {
            CU_ASSERT_EQUAL(CPU_COUNT(&places.mask[me]), 1);
            CPU_OR(&used, &used, &places.mask[me]);
        }
        CU_ASSERT_EQUAL(CPU_COUNT(&used),
                        places.threads < processors ? places.threads : processors);
        thread_team_free(team);
    }
}

CU_TestInfo thread_team_tests[] = {
    { "every thread does every job", every_thread_does_every_job },
    { "nobody and nested regions run alone", nobody_and_nested_regions_run_alone },
    { "lent threads stay out", lent_threads_stay_out },
    { "waiting threads fetch their part", waiting_threads_fetch_their_part },
    { "impossible teams are refused", impossible_teams_are_refused },
    { "pinned threads have a processor each while held",
      pinned_threads_have_a_processor_each_while_held },
    CU_TEST_INFO_NULL,
};
