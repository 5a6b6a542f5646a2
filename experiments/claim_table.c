/* See claim_table.h. */
#include "experiments/claim_table.h"

#include <string.h>

const struct claim *const claim_tables[] = { claims_of_energy,   claims_of_silence,
                                             claims_of_quality,  claims_of_scheme,
                                             claims_of_deepseek, NULL };

const struct claim *claim_find(const char *name)
{
    for (int t = 0; claim_tables[t]; t++)
        for (const struct claim *claim = claim_tables[t]; claim->name; claim++)
            if (strcmp(claim->name, name) == 0)
                return claim;
    return NULL;
}
