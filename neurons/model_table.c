/* Every neuron model. A new one: its `extern` and its row. */
#include "neurons/neuron_model.h"

#include <string.h>

extern const struct neuron_model if_model;
extern const struct neuron_model lif_model;

const struct neuron_model *const neuron_models[] = {
    &if_model,
    &lif_model,
    NULL,
};

const struct neuron_model *neuron_model_find(const char *name)
{
    for (size_t i = 0; neuron_models[i]; i++)
        if (strcmp(neuron_models[i]->name, name) == 0)
            return neuron_models[i];
    return NULL;
}
