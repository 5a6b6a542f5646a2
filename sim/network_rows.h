/* The steps in which network_build makes the rows of synapses; in this order. False: no
 * memory. What they allocate is the built arena's. */
#ifndef SIM_NETWORK_ROWS_H
#define SIM_NETWORK_ROWS_H

#include "sim/network_layout.h"

bool rows_classify(struct network *network);
/* Delays that occur, keys of every group, the number of rows. */
enum error_code rows_find(struct network *network, struct error *err);
bool rows_count(struct network *network);
bool rows_fill(struct network *network);

#endif
