/* Figures within the captions of tours: {spikes_per_channel} and the like are filled
 * from the recording, so that no number is ever typed in. */
#ifndef VIZ_TOUR_FIGURE_H
#define VIZ_TOUR_FIGURE_H

#include "base/config_text.h"
#include "viz/show.h"

/* Refuses names of figures that do not exist, with the line. */
enum error_code tour_figure_check(const struct config_entry *entry, struct error *err);
/* text: room for `size`; the caption as it is shown for what is selected and the token
 * it speaks of, numbers as the language (of tour.h) writes them. Refuses figures that the recording
 * does not have and captions that are too long. */
enum error_code tour_figure_fill(const char *caption, int language,
                                 const struct show *show, uint64_t token, char *text,
                                 size_t size, struct error *err);
enum { TOUR_FIGURE_NAME = 40 };
/* Goes through all, for tests; false: no more. */
bool tour_figure_list(size_t index, char name[TOUR_FIGURE_NAME], const char **meaning);

#endif
