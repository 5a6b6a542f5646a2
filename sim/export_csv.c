/* Spikes as lines of text. */
#include "sim/export.h"
#include "sim/export_spikes.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

struct table {
    const struct recording *recording;
    FILE *file;
};

static enum error_code write_lines(void *context, const struct exported_token *token,
                                   struct error *err)
{
    struct table *table = context;
    double dt_ms = table->recording->info.dt_ms;
    for (size_t i = 0; i < token->length; i++) {
        const struct recorded_spike *spike = &token->spike[i];
        const struct population_info *population =
            export_population(table->recording, spike->node);
        uint64_t per_channel =
            population->channels ? population->size / population->channels : 1;
        fprintf(table->file,
                "%.17g,%" PRIu64 ",%s,%" PRIu64 ",%" PRIu64 ",%" PRIu32 ",%" PRId32
                "\n",
                (double)(token->start_step + spike->step) * dt_ms, spike->node,
                population->name, (spike->node - population->first_node) / per_channel,
                token->token, spike->step, spike->worth);
    }
    if (ferror(table->file))
        return error_set(err, ERR_IO, "cannot write: %s", strerror(errno));
    return OK;
}

static enum error_code write_table(const struct recording *recording, const char *path,
                                   struct error *err)
{
    struct table table = { recording, fopen(path, "w") };
    if (!table.file)
        return error_set(err, ERR_IO, "%s", strerror(errno));
    fputs("timestamp_ms,node_id,population,channel,token,step,worth\n", table.file);
    export_each(recording, write_lines, &table, err);
    if (fclose(table.file) != 0 && err->code == OK)
        error_set(err, ERR_IO, "cannot write: %s", strerror(errno));
    return err->code;
}

enum error_code export_csv(const struct recording *recording, const char *path,
                           struct error *err)
{
    return export_whole(recording, path, write_table, err);
}
