/* A tour without a window: as a video, or a picture of every stop. */
#ifndef VIZ_TOUR_FILM_H
#define VIZ_TOUR_FILM_H

#include "viz/tour_stage.h"
#include "viz/video.h"

/* settings: path, size and fps; from, to and the pace are the tour's. */
enum error_code tour_film_video(struct tour_stage *stage, struct show *show,
                                struct video_settings *settings, struct error *err);
/* Pictures 01-NAME.png, ... of how each stop ends, into a folder that is made if it is
 * not there. */
enum error_code tour_film_pictures(struct tour_stage *stage, struct show *show,
                                   const char *folder, uint32_t width, uint32_t height,
                                   struct error *err);

#endif
