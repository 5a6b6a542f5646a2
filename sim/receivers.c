/* See receivers.h. One block a sequence: x and y of every site, one behind another. */
#include "sim/receivers.h"

#include <stdlib.h>
#include <string.h>

struct place {
    size_t x, y; /* where the site's begin */
};

struct receivers {
    size_t sites, floats; /* of one sequence */
    struct place *place;  /* (sites) */
    float **held;         /* (sequences); NULL: nothing held yet */
    uint32_t sequences;
};

struct receivers *receivers_create(size_t sites)
{
    struct receivers *receivers = calloc(1, sizeof *receivers);
    if (!receivers)
        return NULL;
    receivers->sites = sites;
    receivers->place = calloc(sites, sizeof *receivers->place);
    if (receivers->place)
        return receivers;
    free(receivers);
    return NULL;
}

void receivers_free(struct receivers *receivers)
{
    if (!receivers)
        return;
    for (uint32_t i = 0; i < receivers->sequences; i++)
        free(receivers->held[i]);
    free(receivers->held);
    free(receivers->place);
    free(receivers);
}

void receivers_add_site(struct receivers *receivers, uint32_t site, size_t channels,
                        size_t outputs)
{
    receivers->place[site].x = receivers->floats;
    receivers->place[site].y = receivers->floats + channels;
    receivers->floats += channels + outputs;
}

static enum error_code grow(struct receivers *receivers, uint32_t sequence,
                            struct error *err)
{
    if (sequence < receivers->sequences)
        return OK;
    float **more = realloc(receivers->held, ((size_t)sequence + 1) * sizeof *more);
    if (!more)
        return error_memory(err, "receivers", (double)sequence * sizeof *more);
    for (uint32_t i = receivers->sequences; i <= sequence; i++)
        more[i] = NULL;
    receivers->held = more;
    receivers->sequences = sequence + 1;
    return OK;
}

enum error_code receivers_get(struct receivers *receivers, uint32_t sequence,
                              uint32_t site, struct receiver *receiver,
                              struct error *err)
{
    if (grow(receivers, sequence, err) != OK)
        return err->code;
    float **held = &receivers->held[sequence];
    if (!*held && !(*held = calloc(receivers->floats, sizeof **held)))
        return error_memory(err, "receivers of a sequence",
                            (double)receivers->floats * sizeof **held);
    receiver->x = *held + receivers->place[site].x;
    receiver->y = *held + receivers->place[site].y;
    return OK;
}

void receivers_forget(struct receivers *receivers, uint32_t sequence)
{
    if (sequence < receivers->sequences && receivers->held[sequence])
        memset(receivers->held[sequence], 0,
               receivers->floats * sizeof *receivers->held[sequence]);
}
