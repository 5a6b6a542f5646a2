/* Which key does what: one table, from which the window, the help over the picture and
 * --help are made. */
#ifndef VIZ_KEY_TABLE_H
#define VIZ_KEY_TABLE_H

#include "viz/view_state.h"

#include <stddef.h>
#include <stdint.h>

enum { ROW_KEYS = 7 };

struct key_binding {
    uint32_t key; /* input.h; 0 ends the row */
    enum view_action action;
    double amount;
};

struct key_row {
    const char *group; /* NULL: as the row before */
    struct key_binding binding[ROW_KEYS];
    const char *keys; /* as written on them; of the mouse: the gesture, no binding */
    const char *meaning;
};

extern const struct key_row key_rows[]; /* ends with keys NULL */

/* NULL: the key does nothing. */
const struct key_binding *key_find(uint32_t key);

#endif
