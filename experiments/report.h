/* The tables that every spiking run prints: sparsity with its denominators by role, and
 * energy by boundary and profile. */
#ifndef EXPERIMENTS_REPORT_H
#define EXPERIMENTS_REPORT_H

#include "experiments/table.h"
#include "sim/work.h"

/* One object per role and one for all; the ratios of notes/architecture.md. */
json_t *report_roles(const struct run_totals *totals, double dt_ms);
void report_print_roles(const json_t *roles);
/* What all roles do together into a row. */
void report_sparsity(const struct run_totals *totals, double dt_ms, json_t *row);

/* For each profile and boundary: nJ per token of the three variants, and savings. */
json_t *report_energy(const struct work *work, const struct energy_profile *profile,
                      size_t profiles);
void report_print_energy(const json_t *energy);

#endif
