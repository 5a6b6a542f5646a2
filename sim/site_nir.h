/* The linear part of a language model's site as NIR nodes:
 *
 *     <site>.input -> <site> (Linear, or Affine where it has a bias) -> <site>.output
 *
 * with the weights decoded to f32. What goes in are the values that a spike code stands
 * for: count times threshold. The neurons themselves do not fit: they count by soft
 * reset, fire both signs, and their thresholds follow the token; NIR's IF goes to
 * v_reset, fires one sign, and has constants. */
#ifndef SIM_SITE_NIR_H
#define SIM_SITE_NIR_H

#include "lm/model_file.h"
#include "lm/site.h"
#include "sim/nir_graph.h"

enum error_code nir_graph_add_site(struct nir_graph *graph,
                                   const struct model_file *file,
                                   const struct site *site, struct error *err);

#endif
