/* What a network is made of; for the files sim/network*.c alone.
 *
 * A row is the synapses of one source neuron that share a delay and a class; an event
 * names a row. Rows of a population form a grid: neuron times key, so the row of a spike
 * is arithmetic. Inputs of all populations and ports stand one behind another, so a
 * synapse names its target and port by one number. Every part owns a slice of every
 * population and keeps the synapses onto its own slice. */
#ifndef SIM_NETWORK_LAYOUT_H
#define SIM_NETWORK_LAYOUT_H

#include "base/arena.h"
#include "sim/event_queue.h"
#include "sim/network.h"

enum {
    NETWORK_MAX_DELAY = 1 << 16, /* steps */
    NETWORK_MAX_POISSON = 10000, /* mean spikes of a step */
};

static const uint32_t no_index = UINT32_MAX;

/* First coordinate of a random place; the second is a projection or source. */
enum network_place {
    PLACE_LINKS = 1,
    PLACE_QUOTAS,
    PLACE_DELAYS,
    PLACE_WEIGHTS,
    PLACE_POISSON,
    PLACE_POISSON_TIE,
    PLACE_CURRENT
};

struct planned_spike {
    uint64_t step;
    uint32_t neuron;
};

/* Synapses of a class are stored alike. */
struct synapse_class {
    bool stored; /* a weight a synapse; else `weight` holds for all */
    double weight;
    uint32_t plastic; /* of the network's plastic projections; no_index: fixed */
};

struct row_key {
    uint32_t delay, class;
};

struct group { /* a population */
    char *name;
    const struct neuron_model *model; /* NULL: a generator */
    size_t count;
    uint64_t first_node;
    double *param;                     /* one value a parameter */
    double *column[NEURON_MAX_PARAMS]; /* one value a neuron; NULL: param holds */
    struct planned_spike *planned;     /* of a generator, by step, then neuron */
    size_t plans, next_plan;
    unsigned ports;
    size_t first_input;            /* of port 0; port p is p * count behind */
    bool hears[NEURON_MAX_INPUTS]; /* something can arrive at the port */
    struct population population;
    struct row_key *key; /* (keys) rising delay, then class */
    uint32_t keys;
    uint64_t first_row; /* of neuron 0 */
    uint64_t synapses_out;
    struct spike *fired; /* (count), parts write behind their first neuron */
    size_t spikes;       /* of the present step */
};

struct link {                /* a projection */
    struct projection spec;  /* with pointers to copies */
    struct synapse *synapse; /* CONNECT_EXPLICIT: by target, then as given */
    size_t *first_of_target; /* CONNECT_EXPLICIT (targets + 1) */
    uint32_t *quota;         /* CONNECT_TOTAL_NUMBER (targets), synapses of each */
    size_t most;             /* synapses of one target, at most */
    double expected;         /* synapses; exact but for CONNECT_PROBABILITY */
    uint32_t class;
    uint32_t fixed_delay;          /* 0: drawn or listed */
    uint32_t lowest_delay, delays; /* range of used delays */
    uint32_t *key;                 /* (delays) of the source group; no_index: none */
};

struct poisson_train {
    struct poisson_source spec;
    uint64_t start, stop; /* steps */
    uint64_t *level;      /* a word below level[k] means at most k spikes */
    uint16_t *guide;      /* least number of spikes for the leading bits of a word */
};

struct current_train {
    struct current_source spec;
    uint64_t start, stop;
};

struct row {
    uint64_t first; /* of part->target, and of part->weight where stored */
    uint32_t count, class;
};

struct incoming {     /* one plastic synapse, seen from its target */
    uint32_t synapse; /* of part->weight */
    uint32_t source;  /* neuron */
};

struct plastic_part {
    size_t first_target, targets;
    uint64_t *first; /* (targets * delays + 1) */
    struct incoming *incoming;
};

/* Traces of a plastic projection, in rings of steps: slot s mod length is what spikes
 * before step s have left. */
struct plastic {
    uint32_t link, delays, longest;
    uint32_t *delay;         /* (delays) */
    uint32_t *key;           /* (delays) of the source group */
    uint32_t first_incoming; /* event of target 0, delay 0 */
    double decay_plus, decay_minus;
    uint32_t pre_length, post_length;
    double *pre, *post; /* (pre_length, sources), (post_length, targets) */
};

struct network_part {
    struct row *row;  /* (rows) */
    uint32_t *target; /* (synapses) input numbers; stored classes first */
    double *weight;   /* (stored) */
    uint64_t synapses, stored;
    struct plastic_part *plastic; /* (plastics) */
    struct population *view;      /* (groups) this part's slice */
    size_t *first, *fired;        /* (groups) first neuron; spikes in this step */
    uint32_t *word;               /* random words for the largest slice */
    void *generator;              /* gsl_rng */
    uint64_t synaptic_events;
};

struct network {
    struct network_settings settings;
    unsigned parts;
    struct arena description, built;
    struct group *group;
    uint32_t groups;
    struct link *link;
    uint32_t links;
    struct poisson_train *poisson;
    uint32_t poissons;
    struct current_train *current;
    uint32_t currents;

    /* after building */
    bool is_built;
    struct synapse_class *class;
    uint32_t classes;
    struct plastic *plastic;
    uint32_t plastics;
    uint64_t rows, nodes;
    size_t inputs;
    uint32_t *row_synapses; /* (rows) over all parts */
    double *input;          /* (inputs) */
    struct network_part *part;
    uint32_t longest_delay;
    struct event_queue *queue;      /* rows */
    struct event_queue *post_queue; /* incoming lists of plastic synapses */
    struct event *arrival, *spare;  /* what arrives now, by row */
    size_t arrivals, arrival_room;
    uint64_t step, spikes, updates, events, arrived;
};

/* Neuron of a group where a part's slice begins; that of part `parts` is the count. */
size_t network_slice(const struct group *group, unsigned part, unsigned parts);
uint64_t network_rounded_steps(const struct network *network, double time_ms);

/* network_check.c */
enum error_code network_check_projection(const struct network *network,
                                         const struct projection *projection,
                                         struct error *err);
/* Copies the listed synapses, by target. */
enum error_code network_sort_synapses(const struct network *network, struct link *link,
                                      struct error *err);
/* Does it keep a weight for every synapse? */
bool network_link_is_stored(const struct link *link);
/* Fills most, expected, fixed_delay. */
void network_size_link(const struct network *network, struct link *link);

/* network_build.c */
/* Different delays that a projection is expected to have; *longest may be NULL. */
double network_link_delays(const struct network *network, const struct link *link,
                           double *longest);
void network_release_built(struct network *network);

/* network_sources.c: tables of the Poisson trains; what sources add to a part's inputs
 * in this step. */
bool network_build_sources(struct network *network);
double network_source_bytes(const struct network *network);
void network_add_sources(struct network *network, struct network_part *part);
/* Spikes of a generator in this step. */
void network_generate(struct network *network, struct group *group);

/* network_stdp.c */
bool network_build_stdp(struct network *network);
double network_stdp_bytes(const struct network *network, const struct link *link);
/* Post-synaptic spikes whose time has come raise weights of a part. */
void network_potentiate(struct network *network, struct network_part *part);
/* Delivers a row of a plastic class: weights fall, then count. */
void network_deliver_plastic(struct network *network, struct network_part *part,
                             struct event event);
/* After a step: traces move on, post-synaptic spikes are sent. False: no memory. */
bool network_trace(struct network *network);

#endif
