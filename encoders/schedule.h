/* What several counting codes share: ways to inject a count, and the two weights a step
 * can have, one unit each (unary) or binary digits from the top down (bitwise). The
 * functions have the signatures of struct encoder. */
#ifndef ENCODERS_SCHEDULE_H
#define ENCODERS_SCHEDULE_H

#include "encoders/encoder.h"

enum { BITWISE_MAX_STEPS = 31 }; /* the worth of the first is 2^30 */

extern const struct field schedule_no_fields[];

uint32_t schedule_magnitude(int32_t count);
/* Binary digits of a value; 0 has none. */
unsigned schedule_digits(uint32_t value);

/* The whole count at step 0, sign and all. */
bool schedule_inject_signed(const struct encoding *e, unsigned step, double *input);
/* The magnitude at step 0, into ON where the count is positive, else into OFF. */
bool schedule_inject_on_off(const struct encoding *e, unsigned step, double *input);
/* 1 for ON (even) neurons, -1 for OFF. */
int32_t schedule_on_off_sign(uint32_t neuron);

unsigned unary_steps(int32_t lowest, int32_t highest);
void unary_range(unsigned steps, int32_t *lowest, int32_t *highest);
/* Every neuron of `neurons` at one level. */
void schedule_fill(double *level, size_t neurons, double value);
/* One unit throughout, for codes with one neuron a channel and with two. */
bool unary_levels(const struct encoding *e, unsigned step, double *level);
bool unary_levels_on_off(const struct encoding *e, unsigned step, double *level);
int32_t unary_worth(const struct encoding *e, uint32_t neuron, unsigned step);
uint32_t unary_spikes(int32_t count, unsigned steps);
/* Neuron 0 for positive counts, `negative` for the others; worth with the sign. */
uint32_t unary_train(int32_t count, uint32_t negative, struct code_event *event);
uint32_t unary_train_signed(int32_t count, unsigned steps, struct code_event *event);

/* The step of spike 0, 1, .. `spikes` - 1 when that many are spread evenly over
 * `steps` >= spikes: the first step t with (t + 1) * spikes >= (spike + 1) * steps. */
unsigned even_step(uint32_t spike, uint32_t spikes, unsigned steps);

/* Of magnitudes: the sign is elsewhere. */
unsigned bitwise_steps(int32_t lowest, int32_t highest);
void bitwise_range(unsigned steps, int32_t *lowest, int32_t *highest);
bool bitwise_levels(const struct encoding *e, unsigned step, double *level);
bool bitwise_levels_on_off(const struct encoding *e, unsigned step, double *level);
/* 2^(steps - 1 - step) */
int32_t bitwise_worth(unsigned steps, unsigned step);
uint32_t bitwise_spikes(int32_t count, unsigned steps);
/* One event per digit 1 of `magnitude`, each worth `sign` times the digit. */
uint32_t bitwise_train(uint32_t magnitude, unsigned steps, uint32_t neuron,
                       int32_t sign, struct code_event *event);

#endif
