/* See scene_series.h. */
#include "viz/scene_series.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_SERIES = 8 }; /* colours that can be told apart */

static const char *series_name(const struct scene *scene, uint32_t population)
{
    const struct recording *recording = &scene->recording;
    bool by_population = scene->is_timed && recording->populations <= MOST_SERIES;
    const struct population_info *info = &recording->population[population];
    return by_population ? info->name : info->role;
}

/* The last one takes what is too many. */
static void name_series(struct scene *scene)
{
    for (uint32_t i = 0; i < scene->recording.populations; i++) {
        const char *name = series_name(scene, i);
        uint32_t at = 0;
        while (at < scene->serieses && strcmp(scene->series[at].name, name) != 0)
            at++;
        if (at == MOST_SERIES) {
            at--;
            name = "others";
        }
        struct scene_series *series = &scene->series[at];
        scene->serieses = at == scene->serieses ? at + 1 : scene->serieses;
        snprintf(series->name, sizeof series->name, "%.31s", name);
        series->populations++;
        series->neurons += scene->recording.population[i].size;
        scene->series_of[i] = at;
    }
}

static void add_cell(const struct scene *scene, uint32_t population,
                     const struct scene_cell *cell, struct series_sum *sum)
{
    const struct population_info *info = &scene->recording.population[population];
    if (cell->steps == 0)
        return;
    sum->spikes += (double)cell->spikes;
    sum->neuron_steps += (double)info->size * cell->steps;
    sum->silent += cell->silent;
    sum->channels += (double)info->channels;
}

static void add_token(struct scene *scene, uint64_t token)
{
    const uint32_t populations = scene->recording.populations;
    struct series_sum *row = scene->series_sum + (token + 1) * scene->serieses;
    const struct scene_cell *cell = scene->cell + token * populations;
    if (scene->serieses > 0)
        memcpy(row, row - scene->serieses, scene->serieses * sizeof *row);
    for (uint32_t i = 0; i < populations; i++) {
        struct series_sum own = { 0 };
        add_cell(scene, i, &cell[i], &own);
        add_cell(scene, i, &cell[i], &row[scene->series_of[i]]);
        if (own.neuron_steps > 0)
            scene->peak_rate =
                fmaxf(scene->peak_rate, (float)(own.spikes / own.neuron_steps));
    }
}

enum error_code scene_series(struct scene *scene, uint64_t from_token,
                             struct error *err)
{
    if (!scene->has_counters)
        return OK;
    if (!scene->series) {
        scene->series = calloc(MOST_SERIES, sizeof *scene->series);
        scene->series_of =
            calloc(scene->recording.populations, sizeof *scene->series_of);
        if (!scene->series || !scene->series_of)
            return error_memory(err, "series of populations", 0);
        name_series(scene);
    }
    size_t items = ((size_t)scene->tokens + 1) * scene->serieses;
    struct series_sum *sum = realloc(scene->series_sum, items * sizeof *sum);
    if (!sum)
        return error_memory(err, "sums by series", (double)items * sizeof *sum);
    scene->series_sum = sum;
    if (from_token == 0)
        memset(sum, 0, scene->serieses * sizeof *sum);
    for (uint64_t token = from_token; token < scene->tokens; token++)
        add_token(scene, token);
    return OK;
}

struct series_sum scene_series_between(const struct scene *scene, uint32_t series,
                                       uint64_t from, uint64_t to)
{
    const struct series_sum *a = &scene->series_sum[from * scene->serieses + series];
    const struct series_sum *b = &scene->series_sum[to * scene->serieses + series];
    return (struct series_sum){ b->spikes - a->spikes,
                                b->neuron_steps - a->neuron_steps,
                                b->silent - a->silent, b->channels - a->channels };
}

struct series_sum scene_population_between(const struct scene *scene,
                                           uint32_t population, uint64_t from,
                                           uint64_t to)
{
    struct series_sum sum = { 0 };
    for (uint64_t token = from; token < to; token++)
        add_cell(scene, population,
                 &scene->cell[token * scene->recording.populations + population], &sum);
    return sum;
}
