/* By enum view_pane. */
#include "viz/pane.h"

extern const struct pane energy_pane, histogram_pane, map_pane, raster_pane, rates_pane,
    text_pane, trace_pane;

const struct pane *const panes[VIEW_PANES] = {
    [PANE_TEXT] = &text_pane,
    [PANE_RASTER] = &raster_pane,
    [PANE_MAP] = &map_pane,
    [PANE_RATES] = &rates_pane,
    [PANE_HISTOGRAM] = &histogram_pane,
    [PANE_ENERGY] = &energy_pane,
    [PANE_TRACE] = &trace_pane,
};
