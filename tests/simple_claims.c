/* See simple_claims.h. */
#include "tests/simple_claims.h"

#include <string.h>

struct claim_measurement simple_measurement(double spikes, double silent)
{
    struct claim_measurement m = { .model = "simple",
                                   .text = "none",
                                   .date = "2000-01-01",
                                   .command = "none",
                                   .version = "0",
                                   .cpu = "none",
                                   .how = "by hand",
                                   .windows = 1,
                                   .window_tokens = 1,
                                   .settings = 1 };
    static const double mac[CLAIM_PRICES][VARIANTS] = { { 0, 0.23, 1.5 },
                                                        { 0, 0.3, 1.5 } };
    static const double add[CLAIM_PRICES] = { 0.03, 0.1 };
    struct claim_setting *setting = &m.setting[0];
    for (int q = 0; q < CLAIM_QUANTITIES; q++)
        setting->quantity[q] = 1;
    setting->quantity[MEASURED_K] = 3;
    setting->quantity[MEASURED_SPIKES_PER_CHANNEL] = spikes;
    setting->quantity[MEASURED_SOP] = spikes;
    setting->quantity[MEASURED_SILENT_SHARE] = silent;
    for (int p = 0; p < CLAIM_PRICES; p++)
        for (int b = 0; b < BOUNDARIES; b++) {
            double *nj = setting->nj[p][b];
            if (b < BOUNDARY_WEIGHTS) {
                memcpy(nj, mac[p], sizeof mac[p]);
                nj[VARIANT_SPIKING] = spikes * add[p];
            } else {
                nj[VARIANT_SPIKING] = 1 - silent;
                nj[VARIANT_INT8] = 1;
                nj[VARIANT_FP16] = 2;
            }
        }
    return m;
}
