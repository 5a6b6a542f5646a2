/* Every named network. A new one: its `extern` and its row. */
#include "experiments/named_network.h"

#include <string.h>

extern const struct named_network brunel_a_network, brunel_b_network, brunel_c_network,
    brunel_d_network;
extern const struct named_network fi_network;
extern const struct named_network fi_hh_network;
extern const struct named_network fi_lif_network;
extern const struct named_network fireflies_network;
extern const struct named_network izhikevich_1000_network;
extern const struct named_network izhikevich_patterns_network;
extern const struct named_network potjans_diesmann_network;
extern const struct named_network stdp_network, stdp_window_network;
extern const struct named_network vogels_abbott_coba_network;
extern const struct named_network vogels_abbott_cuba_network;

const struct named_network *const named_networks[] = {
    &brunel_a_network,
    &brunel_b_network,
    &brunel_c_network,
    &brunel_d_network,
    &fi_network,
    &fi_hh_network,
    &fi_lif_network,
    &fireflies_network,
    &izhikevich_1000_network,
    &izhikevich_patterns_network,
    &potjans_diesmann_network,
    &stdp_network,
    &stdp_window_network,
    &vogels_abbott_coba_network,
    &vogels_abbott_cuba_network,
    NULL,
};

const struct named_network *named_network_find(const char *name)
{
    for (size_t i = 0; named_networks[i]; i++)
        if (strcmp(named_networks[i]->name, name) == 0)
            return named_networks[i];
    return NULL;
}
