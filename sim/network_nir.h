/* A network as a NIR graph, for other tools.
 *
 * Populations of `lif` with hard reset become LIF nodes, generators Input nodes (their
 * spikes go apart, as NIRData), every projection a Delay and a Linear of its weights, and
 * every LIF gets an Output of its own. In NIR a spike is a current that lasts its step:
 *
 *     a jump of w becomes the current w / (1 - exp(-dt / tau)) at r = 1,
 *     a current of w becomes resistance * w,
 *
 * so the weights hold for the network's dt, at which the graph fires the same spikes.
 * Times are in seconds, membranes in mV, and the threshold is one number below ours,
 * since NIR fires at v > v_threshold and we at v >= v_threshold.
 *
 * Refused by name, because NIR has nothing for it: other models (soft reset, adaptation,
 * conductances, synaptic currents that jump at the end of a step), refractory times,
 * Poisson and current sources, plasticity, delays that differ within a projection, and
 * what would be more than NIR_MOST_VALUES weights as matrices. */
#ifndef SIM_NETWORK_NIR_H
#define SIM_NETWORK_NIR_H

#include "sim/network.h"
#include "sim/nir_graph.h"

/* After network_build. The caller frees the graph; NULL on failure. */
enum error_code nir_graph_of_network(struct nir_graph **graph,
                                     const struct network *network, struct error *err);

#endif
