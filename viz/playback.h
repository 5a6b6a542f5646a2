/* Where playback stands. No window here: tests drive it without one. */
#ifndef VIZ_PLAYBACK_H
#define VIZ_PLAYBACK_H

#include <stdbool.h>
#include <stdint.h>

struct playback {
    /* (tokens + 1) steps at which the tokens begin, rising; the last is the end. */
    const uint64_t *token_start;
    uint64_t tokens;
    double step; /* what lies before it is shown; fractional */
    double steps_per_second;
    double normal_pace; /* steps per second of speed 1 */
    bool is_paused;
    bool is_live;    /* the end is not yet the end: playback waits there */
    bool is_rushing; /* it had reached the end of a run, and does again soon */
};

/* From the beginning, running, at the normal pace. */
void playback_start(struct playback *playback, const uint64_t *token_start,
                    uint64_t tokens, double normal_pace);
/* The recording has grown, or its tokens lie elsewhere in memory. */
void playback_extend(struct playback *playback, const uint64_t *token_start,
                     uint64_t tokens);
/* Pauses at the end, or waits there for more. */
void playback_advance(struct playback *playback, double seconds);
void playback_home(struct playback *playback);
double playback_end(const struct playback *playback);
/* To a step; what lies beyond an end is taken to it. */
void playback_seek(struct playback *playback, double step);
/* To the next whole step (1) or the one before (-1), and so on. */
void playback_step(struct playback *playback, double steps);
/* Pauses or goes on; at an end that stays one, begins anew. */
void playback_toggle(struct playback *playback);
/* To the beginning of this token, or if it stands there of the one before; tokens
 * without steps are passed over. */
void playback_back(struct playback *playback);
/* To the end of this token. */
void playback_forward(struct playback *playback);
/* Runs `factor` times as fast, from a thousandth to a thousand times the normal pace. */
void playback_pace(struct playback *playback, double factor);
/* In normal paces. */
double playback_speed(const struct playback *playback);
/* The token being played; at the end, the last one. */
uint64_t playback_token(const struct playback *playback);

#endif
