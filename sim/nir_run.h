/* Running a NIR graph in steps.
 *
 * A NIR file is in continuous time; what a step of dt makes of it:
 * - Signals are constant over a step. A spike is a pulse: the value 1 for the step it is
 *   fired in (SPIKE_PULSE, as the programs of the NIR paper have it), or a pulse of area
 *   1, the value 1 / dt (SPIKE_IMPULSE: the delta function of the NIR paper's equations,
 *   spread over its step).
 * - I, IF, LI, LIF, CubaLI and CubaLIF are integrated exactly for such signals
 *   (NIR_EXACT), or by the forward Euler rule that the NIR paper compares tools with
 *   (NIR_EULER). At the end of the step v > v_threshold fires, and v is v_reset.
 * - At the start v is v_leak (0 for I and IF), synaptic currents are 0, and nothing is
 *   on its way.
 * - Within a step values run through the whole graph; nir_order.h says which edge of a
 *   loop waits one step. A Delay lasts rint(delay / dt) steps.
 * - Several edges into one node are added, in the order of the file.
 * Sums run over rising index of the input, whatever the number of threads: threads own
 * outputs. Inputs that are 0 are skipped, so a silent layer costs nothing. */
#ifndef SIM_NIR_RUN_H
#define SIM_NIR_RUN_H

#include "sim/nir_graph.h"

enum nir_spike { SPIKE_PULSE, SPIKE_IMPULSE };
enum nir_integration { NIR_EXACT, NIR_EULER };

struct nir_settings {
    double dt; /* in the graph's unit of time: seconds, by convention */
    enum nir_spike spike;
    enum nir_integration integration;
    int threads;
};

/* A node of the graph laid flat. */
struct nir_unit_info {
    const char *name, *type;
    size_t size; /* values that leave it */
    struct nir_shape shape;
    bool is_spiking;   /* what leaves it are spikes, or 0 */
    bool is_input;     /* of the root graph: nir_run_input() */
    bool is_output;    /* of the root graph */
    const double *out; /* (size), of the last step */
    const double *sum; /* (size), over all steps; spiking: spikes of each neuron */
    uint64_t spikes;
    uint64_t additions; /* weights fetched and added, inputs of 0 skipped */
    size_t driver;      /* of what adds weights: the unit whose spikes cause it;
                         * SIZE_MAX: several, or values that are not spikes */
};

struct nir_run;

/* The time constants of a graph: false where it has none (IF and I alone), and the unit
 * of time is then the step. */
bool nir_graph_has_time(const struct nir_graph *graph);

/* What nir_run_create() will allocate beside the graph. */
double nir_run_bytes(const struct nir_graph *graph);
/* The graph is checked and must live as long as the run. */
enum error_code nir_run_create(struct nir_run **run, const struct nir_graph *graph,
                               const struct nir_settings *settings, struct error *err);
void nir_run_free(struct nir_run *run);

size_t nir_run_units(const struct nir_run *run);
/* Units are in the order in which a step works them out; info.out stays valid. */
struct nir_unit_info nir_run_unit(const struct nir_run *run, size_t unit);
/* What a spike is worth as an input. */
double nir_run_worth(const struct nir_run *run);
/* The values of an Input of the root graph, written by the caller before each step and
 * kept until written again. */
double *nir_run_input(struct nir_run *run, size_t unit);
/* One step. Fails where a value is not finite. */
enum error_code nir_run_step(struct nir_run *run, struct error *err);
/* The membrane of a neuron node (NULL: not one). */
const double *nir_run_membrane(const struct nir_run *run, size_t unit);

#endif
