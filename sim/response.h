/* How neurons that do not count exactly carry a code. Those with a threshold of their own
 * get a count as a current between the rheobase (the smallest constant drive that makes
 * the neuron fire) and the top of its f-I curve; those that follow levels get it as the
 * code injects it. What their spikes are worth is the inverse of the measured response: the code is run once over every count of the window, from rest, and n
 * spikes (or a first spike at step t) are taken for the mean drive that gave them.
 * Worths of the 1st, 2nd, ... spike are the steps of that table, so that sums of spikes
 * are estimates of counts. */
#ifndef SIM_RESPONSE_H
#define SIM_RESPONSE_H

#include "base/arena.h"
#include "encoders/encoder.h"
#include "neurons/neuron_model.h"

enum {
    RESPONSE_SCALE = 16,  /* units of a worth in one count */
    RESPONSE_WINDOW = 64, /* steps, where the user names none */
};

struct coded_settings;

/* Whether a pair is read so: its neuron does not count exactly, and the code can be read
 * by spikes or by the first of them. A neuron that follows levels is, besides, taken at
 * the code's word where the window (0: adaptive) is not fixed. */
bool response_is_needed(const struct neuron_model *neuron,
                        const struct encoder *encoder, unsigned window);

struct response {
    enum reading reading;
    unsigned steps;       /* of the window it was measured for */
    double rheobase, top; /* of the model's drive, in its unit; 0 and steps where it
                           * follows levels */
    double rheobase_hz, top_hz;
    unsigned entries;
    int32_t *value; /* (entries), in 1/RESPONSE_SCALE of a count: READ_COUNT, after n
                     * spikes; READ_FIRST, with the first spike at step n. NULL while
                     * measuring */
};

/* Refuses codes that move the threshold, and models that no constant drive makes fire.
 * Memory comes from the arena. */
enum error_code response_measure(struct response *response, struct arena *arena,
                                 const struct coded_settings *settings, unsigned steps,
                                 struct error *err);
/* The drive for an injection of 0 .. steps; 0 stays 0, so that silence is silent. With
 * neurons that follow levels it is the injection. */
double response_drive(const struct response *response, double injection);
/* Worth of a spike that `earlier` spikes of the neuron came before. */
int32_t response_worth(const struct response *response, uint32_t earlier,
                       unsigned step);

#endif
