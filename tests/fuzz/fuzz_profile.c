/* Price profiles: any bytes give a profile or one sentence, and prices never go below
 * zero. */
#include "sim/energy.h"

#include <assert.h>
#include <math.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct energy_profile profile;
    struct error err = { 0 };
    if (energy_profile_parse(&profile, (const char *)bytes, size, &err) != OK) {
        assert(err.text[0] && !strchr(err.text, '\n'));
        return 0;
    }
    struct energy_work work = { .spike_additions = 5,
                                .weight_bytes = 7,
                                .state_bytes = 9,
                                .cache_bytes = 11,
                                .event_bytes = 3,
                                .spikes = 2,
                                .updates = 8,
                                .active_updates = 6 };
    for (int kind = 0; kind < OP_KINDS; kind++) {
        work.ops.n[kind] = (uint64_t)kind + 2;
        work.update_ops.n[kind] = work.event_ops.n[kind] = 1;
    }
    struct energy_price price;
    energy_price(&profile, &work, &price);
    assert(price.total_pj >= 0 && isfinite(price.total_pj));
    energy_profile_release(&profile);
    return 0;
}
