/* A view as JSON, for scripts and tests: what --state writes. */
#ifndef VIZ_VIEW_REPORT_H
#define VIZ_VIEW_REPORT_H

#include "viz/show.h"

enum error_code view_report_write(const struct show *show, const char *path,
                                  struct error *err);

#endif
