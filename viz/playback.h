/* Where playback stands. No window here: tests drive this without one. */
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
    bool is_paused;
};

/* From the beginning, running, at a pace that can be followed. */
void playback_start(struct playback *playback, const uint64_t *token_start,
                    uint64_t tokens);
/* Stops at the end and pauses there. */
void playback_advance(struct playback *playback, double seconds);
void playback_home(struct playback *playback);
/* Pauses or goes on; at the end, begins anew. */
void playback_toggle(struct playback *playback);
/* To the beginning of this token, or if it stands there of the one before; tokens
 * without steps are passed over. */
void playback_back(struct playback *playback);
/* To the end of this token. */
void playback_forward(struct playback *playback);
/* Runs `factor` times as fast, within limits. */
void playback_pace(struct playback *playback, double factor);
/* The token being played; at the end, the last one. */
uint64_t playback_token(const struct playback *playback);

#endif
