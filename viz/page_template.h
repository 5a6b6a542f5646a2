/* Puts a page together: data/page/page.html, in which {{name}} stands for the file of
 * that name in the same folder and {{data}} for what the page plays. */
#ifndef VIZ_PAGE_TEMPLATE_H
#define VIZ_PAGE_TEMPLATE_H

#include "viz/page_bytes.h"

enum error_code page_template_fill(struct page_bytes *page,
                                   const struct page_bytes *data, struct error *err);

#endif
