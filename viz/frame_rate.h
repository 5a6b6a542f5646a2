/* How fast a view is drawn: plays, zooms and pans in a window by a fixed script and times
 * every frame, from the change of the view to the pixels handed to the display. */
#ifndef VIZ_FRAME_RATE_H
#define VIZ_FRAME_RATE_H

#include "viz/player.h"

/* A line per part of the script, or JSON, on stdout. */
enum error_code frame_rate_measure(struct player *player, double seconds, bool json,
                                   struct error *err);

#endif
