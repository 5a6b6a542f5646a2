/* Every neuron model. A new one: its `extern` and its row. */
#include "neurons/neuron_model.h"

#include <string.h>

extern const struct neuron_model adex_model;
extern const struct neuron_model alif_model;
extern const struct neuron_model coba_lif_model;
extern const struct neuron_model cuba_lif_model;
extern const struct neuron_model eif_model;
extern const struct neuron_model hh_model;
extern const struct neuron_model if_model;
extern const struct neuron_model izhikevich_model;
extern const struct neuron_model lif_model;
extern const struct neuron_model plif_model;
extern const struct neuron_model qif_model;
extern const struct neuron_model resonate_fire_model;
extern const struct neuron_model srm0_model;

const struct neuron_model *const neuron_models[] = {
    &adex_model, &alif_model, &coba_lif_model, &cuba_lif_model,
    &eif_model,  &hh_model,   &if_model,       &izhikevich_model,
    &lif_model,  &plif_model, &qif_model,      &resonate_fire_model,
    &srm0_model, NULL,
};

const struct neuron_model *neuron_model_find(const char *name)
{
    for (size_t i = 0; neuron_models[i]; i++)
        if (strcmp(neuron_models[i]->name, name) == 0)
            return neuron_models[i];
    return NULL;
}
