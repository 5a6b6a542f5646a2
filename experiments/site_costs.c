/* See site_costs.h. */
#include "experiments/site_costs.h"

#include "base/config_text.h"
#include "base/progress.h"
#include "experiments/threshold_file.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Windows of a probe: a divergence is far less noisy than a loss, and the allocation
 * asks for no more than about 10 %. */
enum { PROBE_WINDOWS = 1 };

/* Model and what is probed of the text in a line: FNV-1a of the tokens. */
static void describe(const struct session *session, const struct scoring_text *text,
                     char *line, size_t room)
{
    uint64_t hash = 14695981039346656037u;
    for (size_t i = 0; i < (size_t)PROBE_WINDOWS * text->window; i++)
        hash = (hash ^ (uint32_t)text->tokens.id[i]) * 1099511628211u;
    snprintf(line, room, "model of %llu bytes, %d windows of %u tokens, %016llx",
             (unsigned long long)session->model.file.size, PROBE_WINDOWS, text->window,
             (unsigned long long)hash);
}

static enum error_code read_costs(const struct session *session, const char *path,
                                  const char *made_with, double *cost,
                                  struct error *err)
{
    struct config_text file;
    if (config_text_open(&file, path, err) != OK)
        return err->code;
    const char *found = config_text_find(&file, "made-with");
    if (!found || strcmp(found, made_with) != 0)
        error_set(err, ERR_ARGUMENT, "%s: costs of '%s', expected '%s'", path,
                  found ? found : "", made_with);
    for (uint32_t s = 0; err->code == OK && s < session->model.sites; s++) {
        const char *text = config_text_find(&file, session->model.site[s].name);
        char *end = NULL;
        if (!text)
            continue;
        cost[s] = strtod(text, &end);
        if (end == text || *end || !(cost[s] >= 0) || !isfinite(cost[s]))
            error_set(err, ERR_FORMAT, "%s: %s: expected a cost, found '%s'", path,
                      session->model.site[s].name, text);
    }
    config_text_release(&file);
    return err->code;
}

static enum error_code write_costs(const struct session *session, const char *path,
                                   const char *made_with, const double *cost,
                                   struct error *err)
{
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    if (!out)
        return error_memory(err, path, 0);
    fprintf(out,
            "# nats per token that silencing half of a site's channels costs\n"
            "made-with = \"%s\"\n",
            made_with);
    for (uint32_t s = 0; s < session->model.sites; s++)
        if (!isnan(cost[s]))
            fprintf(out, "%s = %.9g\n", session->model.site[s].name, cost[s]);
    if (fclose(out) != 0)
        error_memory(err, path, (double)size);
    else
        threshold_file_write(path, text, err);
    free(text);
    return err->code;
}

static enum error_code probe_all(struct calibration *calibration,
                                 const struct session *session, const char *path,
                                 const char *made_with, double *dead_zone, double *cost,
                                 struct error *err)
{
    const struct model *model = &session->model;
    struct progress progress;
    progress_begin(&progress, "probing sites");
    for (uint32_t s = 0; s < model->sites && err->code == OK; s++) {
        if (!isnan(cost[s]))
            continue;
        cost[s] = 0;
        if (session->spikes[s]) {
            dead_zone[s] = calibration_dead_zone(calibration, s, probe_share);
            calibration_probe(calibration, dead_zone, &cost[s], err);
            dead_zone[s] = 0;
        }
        if (err->code == OK)
            write_costs(session, path, made_with, cost, err);
        progress_update(&progress, s + 1, model->sites, model->site[s].name);
    }
    progress_end(&progress);
    return err->code;
}

enum error_code site_costs_measure(struct calibration *calibration,
                                   const struct session *session,
                                   const struct scoring_text *text, const char *path,
                                   double *cost, struct error *err)
{
    const uint32_t sites = session->model.sites;
    char made_with[160];
    bool is_complete = true;
    describe(session, text, made_with, sizeof made_with);
    for (uint32_t s = 0; s < sites; s++)
        cost[s] = (double)NAN;
    err->code = OK;
    if (access(path, F_OK) == 0 &&
        read_costs(session, path, made_with, cost, err) != OK)
        return err->code;
    for (uint32_t s = 0; s < sites; s++)
        is_complete = is_complete && !isnan(cost[s]);
    if (is_complete)
        return OK;
    double *dead_zone = calloc(sites, sizeof *dead_zone);
    if (!dead_zone)
        return error_memory(err, "dead zones", sites * sizeof *dead_zone);
    if (calibration_listen(calibration, PROBE_WINDOWS, err) == OK)
        probe_all(calibration, session, path, made_with, dead_zone, cost, err);
    free(dead_zone);
    return err->code;
}
