/* The rules that tuning has to beat, measured beside it: one k for all sites; one k fine
 * enough to be exact, with one dead zone; and TEAL's rule (silencer.h) at fixed silent
 * shares, the same at every site and allotted by cost. */
#ifndef EXPERIMENTS_SIMPLE_RULES_H
#define EXPERIMENTS_SIMPLE_RULES_H

#include "experiments/held_out.h"
#include "experiments/site_rules.h"

/* Adds their rows. One k and one dead zone shall silence as many channels, by the
 * histograms, as the rules `tuned` (sites); TEAL's shares are 25, 40, 50 and 65 %. */
enum error_code simple_rules_judge(struct held_out *held_out,
                                   const struct site_rules *rules,
                                   const struct threshold_rule *tuned,
                                   struct error *err);

#endif
