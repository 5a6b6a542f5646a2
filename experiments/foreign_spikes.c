/* See foreign_spikes.h. */
#include "experiments/foreign_spikes.h"

#include "base/version.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

enum error_code foreign_import(struct spike_source *source, const char *path,
                               struct import_settings *settings,
                               struct import_result *result, struct error *err)
{
    struct recording_info *info = &settings->info;
    const char *slash = strrchr(source->path, '/');
    char library[32];
    struct tm tm;
    time_t now = time(NULL);
    recording_library(library);
    snprintf(info->version, sizeof info->version, "%s", version_number);
    snprintf(info->commit, sizeof info->commit, "%s", version_commit);
    snprintf(info->engine, sizeof info->engine, "import of %s", source->format);
    snprintf(info->model, sizeof info->model, "%s", slash ? slash + 1 : source->path);
    snprintf(info->libraries, sizeof info->libraries, "%s", library);
    if (!gmtime_r(&now, &tm) ||
        !strftime(info->start, sizeof info->start, "%Y-%m-%dT%H:%M:%SZ", &tm))
        return error_set(err, ERR_IO, "the clock gives no date");
    info->threads = info->sequences = 1;
    return spike_import(source, path, settings, result, err);
}

void foreign_describe(const struct spike_source *source,
                      const struct import_result *result)
{
    fprintf(stderr, "%s: %s, %llu spikes, times on steps of %g ms", source->path,
            source->format, (unsigned long long)result->spikes, result->dt_ms);
    if (result->largest_shift_ms > 1e-6 * result->dt_ms)
        fprintf(stderr, " (moved by up to %.3g ms)", result->largest_shift_ms);
    fputc('\n', stderr);
}
