/* The joules that a machine's own counters say were spent: RAPL as Linux shows it under
 * /sys/class/powercap. Whole packages and, where counted apart, memory; of everything
 * that ran on them meanwhile, idle power included. */
#ifndef SIM_ENERGY_METER_H
#define SIM_ENERGY_METER_H

#include "base/error.h"

#include <stddef.h>

enum { METER_DOMAINS = 32 };

struct energy_meter {
    struct meter_domain {
        char path[320];  /* of energy_uj */
        double last_uj;  /* when it was last read */
        double range_uj; /* where it starts from 0 again */
    } domain[METER_DOMAINS];
    size_t domains;
    double joules; /* since it was opened, up to the last read */
};

/* folder NULL: LUCCIOLA_POWERCAP, or else /sys/class/powercap. An error says that there
 * are no counters, or how to be allowed to read them. */
enum error_code energy_meter_open(struct energy_meter *meter, const char *folder,
                                  struct error *err);
/* Brings meter->joules up to date. To be called before a counter has gone around more
 * than once: some minutes at full load. */
enum error_code energy_meter_read(struct energy_meter *meter, struct error *err);

#endif
