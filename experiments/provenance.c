/* See provenance.h. */
#include "experiments/provenance.h"

#include "base/random.h"
#include "base/version.h"

#include <gsl/gsl_version.h>
#include <jansson.h>
#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

/* The processor's name where the system tells, else "unknown". */
static void read_cpu(char *text, size_t room)
{
    char line[256];
    snprintf(text, room, "unknown");
    FILE *file = fopen("/proc/cpuinfo", "r");
    while (file && fgets(line, sizeof line, file)) {
        char *colon = strchr(line, ':');
        if (strncmp(line, "model name", 10) != 0 || !colon)
            continue;
        line[strcspn(line, "\n")] = '\0';
        snprintf(text, room, "%s", colon + 2);
        break;
    }
    if (file)
        fclose(file);
}

enum error_code provenance_host(struct recording_info *info, struct error *err)
{
    struct tm tm;
    time_t now = time(NULL);
    char pcre2[32] = "", hdf5[32];
    recording_library(hdf5);
    pcre2_config(PCRE2_CONFIG_VERSION, pcre2);
    snprintf(info->version, sizeof info->version, "%s", version_number);
    snprintf(info->commit, sizeof info->commit, "%s", version_commit);
    snprintf(info->generator, sizeof info->generator, "%s", random_name);
    snprintf(info->libraries, sizeof info->libraries,
             "%s, gsl %s, jansson %s, pcre2 %s", hdf5, GSL_VERSION, JANSSON_VERSION,
             pcre2);
    read_cpu(info->host_cpu, sizeof info->host_cpu);
    if (!gmtime_r(&now, &tm) ||
        !strftime(info->start, sizeof info->start, "%Y-%m-%dT%H:%M:%SZ", &tm))
        return error_set(err, ERR_IO, "the clock gives no date");
    return OK;
}

enum error_code provenance_fill(struct recording_info *info,
                                const struct session *session, struct error *err)
{
    const struct model_file *file = &session->model.file;
    const char *slash = strrchr(file->path, '/');
    if (provenance_host(info, err) != OK)
        return err->code;
    size_t used = strlen(info->libraries);
    snprintf(info->libraries + used, sizeof info->libraries - used, ", kernel %s",
             session->kernel->name);
    snprintf(info->engine, sizeof info->engine, "%s",
             session->spiking_settings.engine == ENGINE_EVENTS ? "events" : "counts");
    snprintf(info->model, sizeof info->model, "%s", slash ? slash + 1 : file->path);
    info->seed = session->seed;
    info->model_size = file->size;
    info->model_modified = file->modified;
    info->threads = session->threads;
    info->sequences = 1;
    info->dt_ms = session->spiking_settings.dt_ms;
    return OK;
}
