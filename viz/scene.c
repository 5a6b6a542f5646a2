/* See scene.h. A file may say anything: what the views rely on, windows and texts in
 * order, is checked here, and nothing of a stretch is kept that fails. */
#include "viz/scene.h"

#include "viz/scene_energy.h"
#include "viz/scene_histogram.h"
#include "viz/scene_series.h"
#include "viz/trace_levels.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LEAST_ROOM = 256, COUNTER_TOKENS = 16 };

static bool enlarge(void *array, uint64_t items, uint64_t size)
{
    void **at = array;
    if (items > SIZE_MAX / size)
        return false;
    void *larger = realloc(*at, (size_t)(items * size));
    if (larger)
        *at = larger;
    return larger != NULL;
}

static enum error_code make_room(struct scene *scene, uint64_t tokens,
                                 struct error *err)
{
    if (tokens <= scene->room)
        return OK;
    uint64_t room = scene->room ? scene->room : LEAST_ROOM;
    uint64_t populations = scene->recording.populations;
    while (room < tokens && room <= UINT64_MAX / 2)
        room *= 2;
    bool good = room < UINT64_MAX / (sizeof *scene->cell * (populations + 1)) &&
                enlarge(&scene->start_step, room + 1, sizeof *scene->start_step) &&
                enlarge(&scene->kind, room, sizeof *scene->kind) &&
                enlarge(&scene->log_probability, room, sizeof(double)) &&
                enlarge(&scene->text_offset, room + 1, sizeof *scene->text_offset) &&
                enlarge(&scene->cell, room * populations, sizeof *scene->cell);
    if (!good)
        return error_memory(err, "the tokens of a recording",
                            (double)room * (double)populations * sizeof *scene->cell);
    scene->room = room;
    return OK;
}

static enum error_code check_tokens(const struct scene *scene, uint64_t end,
                                    uint64_t to, const uint32_t *steps,
                                    struct error *err)
{
    uint64_t next = end;
    for (uint64_t token = scene->tokens; token < to; token++) {
        uint64_t begin = scene->start_step[token];
        if (scene->text_offset[token + 1] < scene->text_offset[token])
            return error_set(err, ERR_FORMAT,
                             "the text of token %llu ends before it begins",
                             (unsigned long long)token);
        if (begin < next || begin > UINT64_MAX - steps[token - scene->tokens])
            return error_set(err, ERR_FORMAT,
                             "the window of token %llu begins at step %llu, expected "
                             "%llu or later",
                             (unsigned long long)token, (unsigned long long)begin,
                             (unsigned long long)next);
        next = begin + steps[token - scene->tokens];
    }
    scene->start_step[to] = next;
    return OK;
}

/* Windows and texts of tokens [scene->tokens, to), behind those there are. */
static enum error_code read_tokens(struct scene *scene, uint64_t to, struct error *err)
{
    uint64_t from = scene->tokens, count = to - from;
    uint64_t end = from ? scene->start_step[from] : 0;
    uint64_t text = from ? scene->text_offset[from] : 0;
    uint32_t *steps = malloc((size_t)count * sizeof *steps);
    if (!steps)
        return error_memory(err, "the windows of tokens", 4.0 * (double)count);
    struct token_column column = { .kind = scene->kind + from,
                                   .steps = steps,
                                   .start_step = scene->start_step + from,
                                   .log_probability = scene->log_probability + from,
                                   .text_offset = scene->text_offset + from };
    if (recording_read_tokens(&scene->recording, from, count, &column, err) == OK &&
        check_tokens(scene, end, to, steps, err) == OK) {
        uint64_t last = scene->text_offset[to];
        if (scene->text_offset[from] != text)
            error_set(err, ERR_FORMAT,
                      "the text of token %llu begins at byte %llu, expected %llu",
                      (unsigned long long)from,
                      (unsigned long long)scene->text_offset[from],
                      (unsigned long long)text);
        else if (!enlarge(&scene->text, last + 1, 1))
            error_memory(err, "the tokens' text", (double)last);
        else
            recording_read_text(&scene->recording, text, last, scene->text + text, err);
    }
    free(steps);
    return err->code;
}

static void fill_cell(struct scene_cell *cell, const struct site_counters *site)
{
    bool ran = !isnan(site->threshold);
    *cell = (struct scene_cell){ .threshold = (float)site->threshold };
    if (!ran)
        return;
    uint64_t steps = site->n[COUNT_STEPS], silent = site->n[COUNT_SILENT];
    cell->steps = steps < UINT32_MAX ? (uint32_t)steps : UINT32_MAX;
    cell->silent = silent < UINT32_MAX ? (uint32_t)silent : UINT32_MAX;
    cell->spikes = site->n[COUNT_SPIKES];
    cell->sop = site->n[COUNT_SOP];
    cell->row_bytes = site->n[COUNT_ROW_BYTES];
}

/* A few tokens at a time: counters take more room than cells. */
static enum error_code read_cells(struct scene *scene, uint64_t to, struct error *err)
{
    size_t populations = scene->recording.populations;
    struct site_counters *site = calloc(COUNTER_TOKENS * populations, sizeof *site);
    if (!site)
        return error_memory(err, "counters", COUNTER_TOKENS * 100.0);
    for (uint64_t token = scene->tokens; token < to && err->code == OK;) {
        uint64_t count = to - token < COUNTER_TOKENS ? to - token : COUNTER_TOKENS;
        if (recording_read_counters(&scene->recording, token, count, site, err) != OK)
            break;
        struct scene_cell *cell = scene->cell + token * populations;
        for (size_t i = 0; i < count * populations; i++) {
            fill_cell(&cell[i], &site[i]);
            scene->has_counters = scene->has_counters || cell[i].steps > 0;
        }
        token += count;
    }
    free(site);
    return err->code;
}

static enum error_code extend_traces(struct scene *scene, struct error *err)
{
    const uint32_t traces = scene->recording.traces;
    if (!scene->trace_levels && traces > 0)
        scene->trace_levels = calloc(traces, sizeof *scene->trace_levels);
    if (!scene->trace_levels && traces > 0)
        return error_memory(err, "traces",
                            (double)traces * sizeof(struct trace_levels));
    err->code = OK;
    for (uint32_t i = 0; i < traces && err->code == OK; i++)
        trace_levels_extend(&scene->trace_levels[i], &scene->recording, i, err);
    return err->code;
}

/* Takes what the recording has; on failure the scene stays as it was. */
static enum error_code grow(struct scene *scene, struct error *err)
{
    uint64_t from = scene->tokens, to = scene->recording.tokens;
    err->code = OK;
    if (to <= from)
        return OK;
    if (make_room(scene, to, err) != OK)
        return err->code;
    uint64_t step = from ? scene->start_step[from] : 0;
    uint64_t text = from ? scene->text_offset[from] : 0;
    if (read_tokens(scene, to, err) == OK && read_cells(scene, to, err) == OK) {
        scene->tokens = to;
        if (scene_energy(scene, from, err) == OK &&
            scene_series(scene, from, err) == OK && scene_histogram(scene, err) == OK)
            extend_traces(scene, err);
    }
    if (err->code != OK) {
        scene->tokens = from;
        scene->start_step[from] = step;
        scene->text_offset[from] = text;
    }
    return err->code;
}

static char *copy_text(const char *text)
{
    char *copy = malloc(strlen(text) + 1);
    return copy ? strcpy(copy, text) : NULL;
}

enum error_code scene_open(struct scene *scene, const char *path, struct error *err)
{
    *scene = (struct scene){ 0 };
    if (recording_open(&scene->recording, path, err) != OK)
        return err->code;
    const struct recording *recording = &scene->recording;
    scene->is_timed = recording->channels == 0;
    scene->rows = recording->neurons;
    for (uint32_t i = 0; i < recording->populations; i++)
        if (recording->population[i].layer >= (int32_t)scene->layers)
            scene->layers = (uint32_t)recording->population[i].layer + 1;
    scene->path = copy_text(path);
    if (!scene->path)
        error_memory(err, path, (double)strlen(path));
    else if (make_room(scene, 1, err) == OK) {
        scene->start_step[0] = scene->text_offset[0] = 0;
        if (grow(scene, err) == OK)
            return OK;
        error_wrap(err, "%s", path);
    }
    scene_release(scene);
    return err->code;
}

void scene_release(struct scene *scene)
{
    for (uint32_t i = 0; scene->trace_levels && i < scene->recording.traces; i++)
        trace_levels_release(&scene->trace_levels[i]);
    void *const part[] = { scene->path,        scene->start_step,
                           scene->kind,        scene->log_probability,
                           scene->text_offset, scene->text,
                           scene->cell,        scene->sum,
                           scene->series,      scene->series_of,
                           scene->series_sum,  scene->histogram,
                           scene->trace_levels };
    for (size_t i = 0; i < sizeof part / sizeof part[0]; i++)
        free(part[i]);
    recording_close_reader(&scene->recording);
    *scene = (struct scene){ 0 };
}

enum error_code scene_refresh(struct scene *scene, bool *grew, struct error *err)
{
    uint64_t tokens = scene->tokens;
    enum recording_state state = scene->recording.state;
    *grew = false;
    if (recording_refresh(&scene->recording, err) != OK)
        return err->code;
    if (grow(scene, err) != OK)
        return error_wrap(err, "%s", scene->path);
    *grew = scene->tokens > tokens || scene->recording.state != state;
    return OK;
}

uint64_t scene_end(const struct scene *scene)
{
    return scene->start_step[scene->tokens];
}

uint64_t scene_token_at(const struct scene *scene, double step)
{
    uint64_t low = 0, high = scene->tokens;
    while (high - low > 1) {
        uint64_t middle = low + (high - low) / 2;
        if ((double)scene->start_step[middle] <= step)
            low = middle;
        else
            high = middle;
    }
    return low;
}

size_t scene_token_text(const struct scene *scene, uint64_t token, char *text,
                        size_t size)
{
    const char *bytes = scene->text + scene->text_offset[token];
    size_t length = (size_t)(scene->text_offset[token + 1] - scene->text_offset[token]);
    size_t used = 0;
    if (length > 1 && bytes[0] == ' ') {
        bytes++;
        length--;
    }
    for (size_t i = 0; i < length; i++) {
        char one[5] = { bytes[i], 0 };
        unsigned char byte = (unsigned char)bytes[i];
        if (byte == '\n')
            memcpy(one, "\\n", sizeof "\\n");
        else if (byte == '\t')
            memcpy(one, "\\t", sizeof "\\t");
        else if (byte < ' ' || byte == 0x7f)
            snprintf(one, sizeof one, "\\x%02x", byte);
        else if (byte == ' ')
            memcpy(one, "\u2423", sizeof "\u2423");
        if (used + strlen(one) + 1 > size)
            break;
        memcpy(text + used, one, strlen(one));
        used += strlen(one);
    }
    if (size)
        text[used] = '\0';
    return used;
}

const struct population_info *scene_population_of(const struct scene *scene,
                                                  uint64_t node, uint32_t *index)
{
    const struct population_info *population = scene->recording.population;
    uint32_t low = 0, high = scene->recording.populations;
    if (node >= scene->rows)
        return NULL;
    while (high - low > 1) {
        uint32_t middle = low + (high - low) / 2;
        if (population[middle].first_node <= node)
            low = middle;
        else
            high = middle;
    }
    if (index)
        *index = low;
    return &population[low];
}
