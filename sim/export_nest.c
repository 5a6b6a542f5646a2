/* Spikes as NEST's ASCII recording backend writes them: three lines of comments, then a
 * sender and a time. NEST counts its nodes from 1, so a sender is the node id plus 1. */
#include "base/version.h"
#include "sim/export.h"
#include "sim/export_spikes.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

struct table {
    double dt_ms;
    FILE *file;
};

static enum error_code write_lines(void *context, const struct exported_token *token,
                                   struct error *err)
{
    struct table *table = context;
    for (size_t i = 0; i < token->length; i++)
        fprintf(table->file, "%" PRIu64 "\t%.17g\n", token->spike[i].node + 1,
                (double)(token->start_step + token->spike[i].step) * table->dt_ms);
    if (ferror(table->file))
        return error_set(err, ERR_IO, "cannot write: %s", strerror(errno));
    return OK;
}

static enum error_code write_table(const struct recording *recording, const char *path,
                                   struct error *err)
{
    struct table table = { recording->info.dt_ms, fopen(path, "w") };
    if (!table.file)
        return error_set(err, ERR_IO, "%s", strerror(errno));
    fprintf(table.file,
            "# NEST version: none, written by lucciola %s\n"
            "# RecordingBackendASCII version: 2\n"
            "# sender\ttime_ms\n",
            version_number);
    export_each(recording, write_lines, &table, err);
    if (fclose(table.file) != 0 && err->code == OK)
        error_set(err, ERR_IO, "cannot write: %s", strerror(errno));
    return err->code;
}

enum error_code export_nest(const struct recording *recording, const char *path,
                            struct error *err)
{
    return export_whole(recording, path, write_table, err);
}
