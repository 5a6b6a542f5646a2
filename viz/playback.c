/* See playback.h. */
#include "viz/playback.h"

#include <math.h>

static const double slowest = 1e-3, fastest = 1e3;
static const double catch_up_seconds = 0.5;

double playback_end(const struct playback *playback)
{
    return (double)playback->token_start[playback->tokens];
}

void playback_start(struct playback *playback, const uint64_t *token_start,
                    uint64_t tokens, double normal_pace)
{
    *playback = (struct playback){ .token_start = token_start,
                                   .tokens = tokens,
                                   .step = (double)token_start[0],
                                   .steps_per_second = normal_pace,
                                   .normal_pace = normal_pace };
}

void playback_extend(struct playback *playback, const uint64_t *token_start,
                     uint64_t tokens)
{
    playback->token_start = token_start;
    playback->tokens = tokens;
    playback->step = fmin(playback->step, playback_end(playback));
}

void playback_advance(struct playback *playback, double seconds)
{
    if (playback->is_paused)
        return;
    double end = playback_end(playback), pace = playback->steps_per_second;
    if (playback->is_rushing)
        pace = fmax(pace, (end - playback->step) / catch_up_seconds);
    playback->step += seconds * pace;
    if (playback->step >= end) {
        playback->step = end;
        playback->is_paused = !playback->is_live;
        playback->is_rushing = playback->is_live;
    }
}

void playback_home(struct playback *playback)
{
    playback_seek(playback, (double)playback->token_start[0]);
}

void playback_seek(struct playback *playback, double step)
{
    double from = (double)playback->token_start[0];
    playback->is_rushing = false;
    playback->step = fmin(fmax(step, from), playback_end(playback));
}

void playback_step(struct playback *playback, double steps)
{
    double whole = steps < 0 ? ceil(playback->step) : floor(playback->step);
    playback_seek(playback, whole + steps);
}

void playback_toggle(struct playback *playback)
{
    playback->is_paused = !playback->is_paused;
    if (!playback->is_paused && !playback->is_live &&
        playback->step >= playback_end(playback))
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
    playback_seek(playback, (double)playback->token_start[token]);
}

void playback_forward(struct playback *playback)
{
    if (playback->tokens > 0)
        playback->step = (double)playback->token_start[playback_token(playback) + 1];
}

void playback_pace(struct playback *playback, double factor)
{
    double speed = playback_speed(playback) * factor;
    playback->steps_per_second =
        fmin(fmax(speed, slowest), fastest) * playback->normal_pace;
}

double playback_speed(const struct playback *playback)
{
    return playback->steps_per_second / playback->normal_pace;
}
