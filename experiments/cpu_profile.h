/* The profile `cpu-measured`: what operations cost on this machine, by its own energy
 * counters, measured when it is asked for. */
#ifndef EXPERIMENTS_CPU_PROFILE_H
#define EXPERIMENTS_CPU_PROFILE_H

#include "sim/energy.h"
#include "sim/energy_meter.h"

enum { MEMORY_LINE = 64 }; /* bytes */

struct cpu_measurement {
    double mac_i8_pj, mac_f32_pj, line_pj; /* of one each */
};

/* One core works for about three seconds. */
enum error_code cpu_measure(struct cpu_measurement *measured,
                            struct energy_meter *meter, struct error *err);
enum error_code cpu_profile_make(struct energy_profile *profile,
                                 const struct cpu_measurement *measured,
                                 const char *cpu, int year, struct error *err);
/* Both, with this machine's name and year. Says in one sentence that it cannot. */
enum error_code cpu_profile_open(struct energy_profile *profile, struct error *err);

#endif
