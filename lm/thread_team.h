/* Threads that share out the parts of one token. A token has hundreds of parts of a few
 * microseconds, and OpenMP needs one to begin and end a parallel region: held together,
 * threads stay in a single region for as long as a body runs on the first of them, wait
 * in it for jobs by spinning, and fetch meanwhile what the next job will read. On a busy
 * machine they let others run between two looks.
 *
 * One body at a time uses a team. NULL is a team of the calling thread alone. */
#ifndef LM_THREAD_TEAM_H
#define LM_THREAD_TEAM_H

#include "base/error.h"

#include <stddef.h>

enum { TEAM_MOST = 1024 }; /* threads */

struct thread_team;

/* Threads 1 to TEAM_MOST; OpenMP owns them, and may hand out fewer. */
enum error_code thread_team_create(struct thread_team **team, int threads,
                                   struct error *err);
void thread_team_free(struct thread_team *team);
/* As created; 1 of NULL. */
int thread_team_threads(const struct thread_team *team);
/* From now on every thread is bound to a processor of its own, of those that the caller
 * may use now, while the team is held. Between bodies. */
enum error_code thread_team_pin(struct thread_team *team, struct error *err);

/* So many threads, but never the first, stay out of the bodies that follow: their cores
 * are lent to others. Between bodies. What a job computes must not depend on it. */
void thread_team_lend(struct thread_team *team, int threads);

/* Runs body(context) on the calling thread, which is the first of the team; the others
 * stand by for thread_team_run(). */
void thread_team_hold(struct thread_team *team, void (*body)(void *context),
                      void *context);
/* Runs job(context, me, threads) on every thread, me = 0 on the caller; returns when all
 * are done. Called by a body or, where nobody holds the team, holds it for this job. */
void thread_team_run(struct thread_team *team,
                     void (*job)(void *context, int me, int threads), void *context);
/* Within a job: no thread leaves before all have come. */
void thread_team_barrier(struct thread_team *team, int me);

/* Between jobs: threads without work are to fetch `bytes` from `memory` on, each from its
 * part on, which for thread t begins at t / threads. A hint: they stop when a job comes. */
void thread_team_expect(struct thread_team *team, const void *memory, size_t bytes);
/* Bytes of its part of `memory` that the thread has fetched so far; 0 if something else
 * was expected. May differ from run to run. */
size_t thread_team_fetched(const struct thread_team *team, const void *memory,
                           int thread);

#endif
