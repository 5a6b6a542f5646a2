#ifndef TESTS_SIMPLE_CLAIMS_H
#define TESTS_SIMPLE_CLAIMS_H

#include "experiments/claim_measurement.h"

/* A network whose token is one multiply-accumulate and one weight: `spikes` per channel
 * at the prices of the sources, `silent` channels fetch nothing. */
struct claim_measurement simple_measurement(double spikes, double silent);

#endif
