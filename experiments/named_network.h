/* A named network: a classic with a known outcome. One file per family (named_*.c), one
 * row per network in network_table.c. It measures itself and lays what it found beside
 * what is expected. */
#ifndef EXPERIMENTS_NAMED_NETWORK_H
#define EXPERIMENTS_NAMED_NETWORK_H

#include "experiments/findings.h"
#include "experiments/options.h"
#include "neurons/neuron_model.h"

enum { NAMED_MAX_PARAMS = 16 };

struct network_job {
    const struct named_network *named;
    const struct options *options;
    double param[NAMED_MAX_PARAMS];   /* of named->params */
    const struct neuron_model *model; /* --neuron, where it takes one */
    double model_param[NEURON_MAX_PARAMS];
    double ms, dt_ms, scale;
    uint64_t seed;
    int threads;
    const char *output, *png, *trace; /* NULL: none */
    const char *command;
    struct findings findings;
    char note[160]; /* how long it took, for stderr */
};

struct named_network {
    const char *name, *size, *summary, *source;
    const struct field *params; /* ends with a NULL name; NULL: none */
    double ms, dt_ms;           /* defaults; ms 0: --ms has no meaning here */
    double scale;               /* default; 0: cannot be scaled */
    bool takes_neuron;          /* any model, by --neuron */
    bool records;               /* -o and --trace have a meaning */
    enum error_code (*run)(struct network_job *job, struct error *err);
};

/* NULL-terminated, alphabetical. */
extern const struct named_network *const named_networks[];
const struct named_network *named_network_find(const char *name); /* NULL: none */

#endif
