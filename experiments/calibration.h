/* What silence at a site costs, measured on a text: histograms of |x| / mean|x| at every
 * site from one dense pass, and the divergence of the model's output when one site alone
 * is silenced (silencer.h). mean|x| is of a site, or of the groups of the session's
 * threshold rule. */
#ifndef EXPERIMENTS_CALIBRATION_H
#define EXPERIMENTS_CALIBRATION_H

#include "experiments/scoring.h"

struct calibration;

/* Session and text (of its windows, all are run) must outlive it; the session's float
 * projector is made. */
enum error_code calibration_create(struct calibration **calibration,
                                   struct session *session,
                                   const struct scoring_text *text, struct error *err);
void calibration_free(struct calibration *calibration);

/* The dense pass. */
enum error_code calibration_collect(struct calibration *calibration, struct error *err);
/* The dead zone, in multiples of mean|x|, under which `share` of the channels lie. */
double calibration_dead_zone(const struct calibration *calibration, uint32_t site,
                             double share);
/* The share of channels under a dead zone: the inverse. */
double calibration_share(const struct calibration *calibration, uint32_t site,
                         double dead_zone);
/* Sum of x^2 under a dead zone over the sum of all x^2, x in units of its mean|x|. */
double calibration_error(const struct calibration *calibration, uint32_t site,
                         double dead_zone);

/* Mean of x^2 over channels, in the same units. */
double calibration_energy(const struct calibration *calibration, uint32_t site);

/* Remembers what the dense model says of the first `windows` windows ... */
enum error_code calibration_listen(struct calibration *calibration, size_t windows,
                                   struct error *err);
/* ... and how far, in nats per scored token, the model strays from it with dead zones
 * (sites) in place. */
enum error_code calibration_probe(struct calibration *calibration,
                                  const double *dead_zone, double *divergence,
                                  struct error *err);

#endif
