/* The order in which the nodes of a NIR graph are worked out within one step.
 *
 * Nested graphs are laid flat (their Input and Output pass on what they get). A node
 * comes after all that lead to it, so a spike crosses the whole graph in the step it
 * is fired, as in the tools that write these files. A loop must pass through a node with
 * state (I, IF, LI, LIF, CubaLI, CubaLIF) or through a Delay of a step or more:
 * - A Delay gives what went in steps ago, so nothing waits for it.
 * - Else one edge of the loop is given a delay of one step: it leaves the last node
 *   with state before the loop closes at the one that is nearest to the inputs (fewest
 *   edges; of equals the first by name). So a layer with recurrent weights, lif ->
 *   w_rec -> lif, gets w_rec times its spikes of the step before, and the bias of w_rec
 *   already in the first step.
 * A loop without either has no solution step by step and is refused. */
#ifndef SIM_NIR_ORDER_H
#define SIM_NIR_ORDER_H

#include "sim/nir_graph.h"

struct nir_place {
    const struct nir_node *node;
    char *name;        /* of nested ones "outer/inner" */
    unsigned depth;    /* 0: of the root graph */
    bool is_early;     /* a Delay whose output does not wait for its input */
    uint32_t *in_edge; /* edges that lead here, in the order of the file */
    size_t in_edges;
};

struct nir_link {
    uint32_t from, to; /* places */
    bool is_late;      /* carries what `from` gave one step before */
};

struct nir_order {
    struct nir_place *place;
    size_t places;
    struct nir_link *link;
    size_t links;
    uint32_t *sequence; /* (places) */
    struct arena arena;
};

/* dt: the step in the time unit of the graph; 0: none is chosen yet, and any Delay
 * above 0 counts. The graph's shapes are known. Release whatever is returned. */
enum error_code nir_order_init(struct nir_order *order, const struct nir_graph *graph,
                               double dt, struct error *err);
void nir_order_release(struct nir_order *order);

/* Steps of a Delay, to the nearest, halves to even. */
double nir_delay_steps(double delay, double dt);

#endif
