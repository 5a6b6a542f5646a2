/* See export_spikes.h. */
#include "sim/export_spikes.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum error_code export_each(const struct recording *recording, export_visit visit,
                            void *context, struct error *err)
{
    err->code = OK;
    for (uint64_t i = 0; i < recording->tokens && err->code == OK; i++) {
        struct exported_token token = { .token = i };
        struct token_column column = { .start_step = &token.start_step };
        struct recorded_spike *spike = NULL;
        if (recording_read_tokens(recording, i, 1, &column, err) != OK ||
            recording_expand(recording, i, &spike, &token.length, err) != OK)
            break;
        token.spike = spike;
        visit(context, &token, err);
        free(spike);
    }
    return err->code;
}

const struct population_info *export_population(const struct recording *recording,
                                                uint64_t node)
{
    uint32_t first = 0, last = recording->populations - 1;
    while (first < last) {
        uint32_t middle = first + (last - first + 1) / 2;
        if (recording->population[middle].first_node <= node)
            first = middle;
        else
            last = middle - 1;
    }
    return &recording->population[first];
}

enum error_code export_whole(const struct recording *recording, const char *path,
                             export_write write, struct error *err)
{
    size_t room = strlen(path) + sizeof ".partial";
    char *partial = malloc(room);
    err->code = OK;
    if (!partial)
        return error_memory(err, path, (double)room);
    snprintf(partial, room, "%s.partial", path);
    if (write(recording, partial, err) == OK && rename(partial, path) < 0)
        error_set(err, ERR_IO, "cannot rename: %s", strerror(errno));
    if (err->code != OK) {
        unlink(partial);
        error_wrap(err, "%s", path);
    }
    free(partial);
    return err->code;
}
