/* The dense float model with small channels silenced and the others exact: a channel is
 * dropped where |x| < dead zone * mean|x|, whatever it weighs. The rule of TEAL (arXiv
 * 2408.14690), which knows neither counts nor neurons. */
#ifndef EXPERIMENTS_SILENCER_H
#define EXPERIMENTS_SILENCER_H

#include "experiments/session.h"

struct silencer;

/* For calls of up to `rows` rows. The session must outlive it; its float projector is
 * made. mean|x| is taken over the groups of the session's threshold rule. */
enum error_code silencer_create(struct silencer **silencer, struct session *session,
                                size_t rows, struct error *err);
void silencer_free(struct silencer *silencer);

/* dead_zone (sites), which is not copied; NULL: nobody is silent. Shares start anew. */
void silencer_set(struct silencer *silencer, const double *dead_zone);
struct projector *silencer_projector(struct silencer *silencer);

/* Of the sites that spike, over the rows since silencer_set: silent channels of all, and
 * weights that the others fetch of all weights. */
double silencer_silent_share(const struct silencer *silencer);
double silencer_fetched_share(const struct silencer *silencer);

#endif
