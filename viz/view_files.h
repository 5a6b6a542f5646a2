/* What lucciola-view writes instead of opening a window: pictures, a page, a video, and
 * both of a tour. */
#ifndef VIZ_VIEW_FILES_H
#define VIZ_VIEW_FILES_H

#include "viz/tour_stage.h"
#include "viz/view_options.h"

enum { VIEW_NOTE = 256 };

bool view_files_wanted(const struct view_options *options);
/* tour: begun, or NULL. note: what to tell of what was written, "": nothing. */
enum error_code view_files_write(struct show *show, const struct view_options *options,
                                 struct tour_stage *tour, uint32_t width,
                                 uint32_t height, char note[VIEW_NOTE],
                                 struct error *err);

#endif
