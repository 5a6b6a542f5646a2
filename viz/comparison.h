/* Two recordings beside one another: whether they can be, how far their texts agree, and
 * by which settings their runs differ. */
#ifndef VIZ_COMPARISON_H
#define VIZ_COMPARISON_H

#include "base/error.h"
#include "viz/scene.h"

enum { SETTINGS_ROOM = 160 };

struct comparison {
    uint64_t common; /* tokens from the beginning whose texts are the same */
    bool differs;    /* a token later on does not */
    char settings[2][SETTINGS_ROOM]; /* "k = 1"; "": the runs were set alike */
};

/* Refuses a network beside a language model. */
enum error_code comparison_make(struct comparison *comparison, const struct scene *a,
                                const struct scene *b, struct error *err);
/* After the scenes have grown. */
void comparison_extend(struct comparison *comparison, const struct scene *a,
                       const struct scene *b);

#endif
