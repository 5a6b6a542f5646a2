/* Scripts of tours from hostile bytes: what is read can be shown. */
#include "viz/tour.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static void check_range(const struct tour_range *range)
{
    if (!(range->from >= 0 && range->to >= range->from && isfinite(range->to)))
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct tour tour;
    struct error err;
    if (tour_parse(&tour, (const char *)bytes, size, &err) != OK)
        return 0;
    if (tour.stops == 0 || tour.stops > TOUR_MAX_STOPS)
        abort();
    for (size_t i = 0; i < tour.stops; i++) {
        const struct tour_stop *stop = &tour.stop[i];
        for (int language = 0; language < TOUR_LANGUAGES; language++)
            if (strlen(tour_caption(stop, language)) > size)
                abort();
        check_range(&stop->see);
        check_range(&stop->play);
        if (!(stop->speed > 0 && stop->pause >= 0 && stop->pause <= 600) ||
            stop->line == 0)
            abort();
    }
    tour_release(&tour);
    return 0;
}
