/* Every named network. A new one: its `extern` and its row. */
#include "experiments/named_network.h"

#include <string.h>

extern const struct named_network fi_network;
extern const struct named_network fi_hh_network;
extern const struct named_network fi_lif_network;
extern const struct named_network izhikevich_patterns_network;

const struct named_network *const named_networks[] = {
    &fi_network, &fi_hh_network, &fi_lif_network, &izhikevich_patterns_network, NULL,
};

const struct named_network *named_network_find(const char *name)
{
    for (size_t i = 0; named_networks[i]; i++)
        if (strcmp(named_networks[i]->name, name) == 0)
            return named_networks[i];
    return NULL;
}
