/* See playback.h. */
#include "viz/playback.h"

#include <math.h>

static const double initial_pace = 20; /* steps per second: two or three tokens */
static const double slowest = 0.5, fastest = 1e6;

static double end_of(const struct playback *playback)
{
    return (double)playback->token_start[playback->tokens];
}

void playback_start(struct playback *playback, const uint64_t *token_start,
                    uint64_t tokens)
{
    *playback = (struct playback){ .token_start = token_start,
                                   .tokens = tokens,
                                   .step = (double)token_start[0],
                                   .steps_per_second = initial_pace };
}

void playback_advance(struct playback *playback, double seconds)
{
    if (playback->is_paused)
        return;
    playback->step += seconds * playback->steps_per_second;
    if (playback->step >= end_of(playback)) {
        playback->step = end_of(playback);
        playback->is_paused = true;
    }
}

void playback_home(struct playback *playback)
{
    playback->step = (double)playback->token_start[0];
}

void playback_toggle(struct playback *playback)
{
    playback->is_paused = !playback->is_paused;
    if (!playback->is_paused && playback->step >= end_of(playback))
        playback_home(playback);
}

uint64_t playback_token(const struct playback *playback)
{
    uint64_t low = 0, high = playback->tokens;
    while (high - low > 1) {
        uint64_t middle = low + (high - low) / 2;
        if ((double)playback->token_start[middle] <= playback->step)
            low = middle;
        else
            high = middle;
    }
    return low;
}

void playback_back(struct playback *playback)
{
    uint64_t token = playback_token(playback);
    while (token > 0 && playback->step <= (double)playback->token_start[token])
        token--;
    playback->step = (double)playback->token_start[token];
}

void playback_forward(struct playback *playback)
{
    if (playback->tokens > 0)
        playback->step = (double)playback->token_start[playback_token(playback) + 1];
}

void playback_pace(struct playback *playback, double factor)
{
    double pace = playback->steps_per_second * factor;
    playback->steps_per_second = fmin(fmax(pace, slowest), fastest);
}
