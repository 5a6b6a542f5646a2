/* By enum view_pane; NULL: there is none. */
#include "viz/pane.h"

extern const struct pane raster_pane, text_pane;

const struct pane *const panes[VIEW_PANES] = {
    [PANE_TEXT] = &text_pane,
    [PANE_RASTER] = &raster_pane,
};
