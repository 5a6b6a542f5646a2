/* The options that say how a model spikes, read into a session's settings. */
#ifndef EXPERIMENTS_SPIKING_OPTIONS_H
#define EXPERIMENTS_SPIKING_OPTIONS_H

#include "experiments/session.h"

enum { K_MAX = 16 };

/* The list of --k; every value is finite and positive. */
enum error_code k_list_read(const struct options *options, double k[K_MAX],
                            unsigned *count, struct error *err);
/* Neuron, encoder, threshold (k: the first of the list), window, engine, dt. */
enum error_code spiking_settings_read(const struct options *options,
                                      struct spiking_settings *settings,
                                      struct error *err);
/* In which form weights are held. */
enum error_code weights_read(const struct options *options, struct weight_plan *weights,
                             struct error *err);
/* Fills a session's precision, spikes, weights and spiking_settings. */
enum error_code spiking_options_read(struct session *session, struct error *err);

#endif
