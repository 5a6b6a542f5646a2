/* See tour.h. */
#include "viz/tour.h"

#include "base/version.h"
#include "viz/pane.h"
#include "viz/tour_figure.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

const char *const tour_language[TOUR_LANGUAGES] = { "en", "it" };

enum { PATH_ROOM = 4096 };

static const double most_tokens = 1e9, most_ms = 1e12, longest_pause = 600;
static const double slowest = 0.001, fastest = 1000;

int tour_language_find(const char *name)
{
    for (int i = 0; i < TOUR_LANGUAGES; i++) {
        size_t length = strlen(tour_language[i]);
        if (strncmp(name, tour_language[i], length) == 0 &&
            (name[length] == '\0' || name[length] == '_' || name[length] == '.'))
            return i;
    }
    return -1;
}

int tour_language_usual(void)
{
    static const char *const variable[] = { "LC_ALL", "LC_MESSAGES", "LANG" };
    for (size_t i = 0; i < sizeof variable / sizeof variable[0]; i++) {
        const char *value = getenv(variable[i]);
        if (value && value[0]) /* the first that is set decides */
            return tour_language_find(value) < 0 ? 0 : tour_language_find(value);
    }
    return 0;
}

/* A key's value goes into a stop. */
typedef enum error_code read_value(struct tour_stop *stop,
                                   const struct config_entry *entry, struct error *err);

static enum error_code expected(const struct config_entry *entry, const char *what,
                                struct error *err)
{
    return error_set(err, ERR_FORMAT, "line %u: expected %s, found '%.60s'",
                     entry->line, what, entry->value);
}

/* A number from 0 on, and nothing else that strtod takes. */
static bool read_number(const char **text, double most, double *value)
{
    char *end;
    if (**text < '0' || **text > '9' || (*text)[1] == 'x' || (*text)[1] == 'X')
        return false;
    *value = strtod(*text, &end);
    *text = end;
    return *value <= most;
}

/* "all", "0-8" of tokens, "0-3000 ms", or one of them alone. */
static enum error_code read_range(const struct config_entry *entry,
                                  struct tour_range *range, struct error *err)
{
    static const char what[] = "all, tokens such as 0-8 or a time such as 0-300 ms";
    const char *text = entry->value;
    *range = (struct tour_range){ .unit = TOUR_WHOLE };
    if (strcmp(text, "all") == 0)
        return OK;
    if (!read_number(&text, most_ms, &range->from))
        return expected(entry, what, err);
    range->to = range->from;
    if (*text == '-') {
        text++;
        if (!read_number(&text, most_ms, &range->to))
            return expected(entry, what, err);
    }
    bool is_ms = strcmp(text, " ms") == 0;
    range->unit = is_ms ? TOUR_MS : TOUR_TOKENS;
    bool is_whole = range->from == floor(range->from) && range->to == floor(range->to);
    if ((!is_ms && (*text || !is_whole || range->to > most_tokens)) ||
        (is_ms && range->to <= range->from) || range->to < range->from)
        return expected(entry, what, err);
    return OK;
}

static enum error_code read_see(struct tour_stop *stop,
                                const struct config_entry *entry, struct error *err)
{
    return read_range(entry, &stop->see, err);
}

static enum error_code read_play(struct tour_stop *stop,
                                 const struct config_entry *entry, struct error *err)
{
    stop->plays = true;
    return read_range(entry, &stop->play, err);
}

static enum error_code read_one(const struct config_entry *entry, double least,
                                double most, double *value, struct error *err)
{
    char what[80];
    const char *text = entry->value;
    if (read_number(&text, most, value) && *text == '\0' && *value >= least)
        return OK;
    snprintf(what, sizeof what, "a number from %g to %g", least, most);
    return expected(entry, what, err);
}

static enum error_code read_speed(struct tour_stop *stop,
                                  const struct config_entry *entry, struct error *err)
{
    return read_one(entry, slowest, fastest, &stop->speed, err);
}

static enum error_code read_pause(struct tour_stop *stop,
                                  const struct config_entry *entry, struct error *err)
{
    return read_one(entry, 0, longest_pause, &stop->pause, err);
}

static enum error_code read_select(struct tour_stop *stop,
                                   const struct config_entry *entry, struct error *err)
{
    (void)err;
    stop->select = entry->value;
    return OK;
}

static enum error_code read_neurons(struct tour_stop *stop,
                                    const struct config_entry *entry, struct error *err)
{
    struct tour_range range;
    if (read_range(entry, &range, err) != OK || range.unit != TOUR_TOKENS)
        return expected(entry, "neurons such as 0-31", err);
    stop->first_neuron = range.from;
    stop->last_neuron = range.to;
    return OK;
}

static int find_pane(const char *name, size_t length)
{
    for (int pane = 0; pane < VIEW_PANES; pane++)
        if (panes[pane] && strlen(panes[pane]->name) == length &&
            memcmp(panes[pane]->name, name, length) == 0)
            return pane;
    return -1;
}

static enum error_code no_pane(const struct config_entry *entry, struct error *err)
{
    static const char views[] = "views among";
    char what[160];
    size_t used = (size_t)snprintf(what, sizeof what, "%s", views);
    for (int pane = 0; pane < VIEW_PANES && used < sizeof what; pane++)
        if (panes[pane])
            used +=
                (size_t)snprintf(what + used, sizeof what - used, "%s %s",
                                 used > strlen(views) ? "," : "", panes[pane]->name);
    return expected(entry, what, err);
}

static enum error_code read_panes(struct tour_stop *stop,
                                  const struct config_entry *entry, struct error *err)
{
    for (const char *text = entry->value; *text;) {
        size_t length = strcspn(text, ", ");
        int pane = find_pane(text, length);
        if (pane < 0)
            return no_pane(entry, err);
        stop->is_shown[pane] = stop->has_panes = true;
        text += length;
        text += strspn(text, ", ");
    }
    return stop->has_panes ? OK : no_pane(entry, err);
}

static enum error_code read_enlarge(struct tour_stop *stop,
                                    const struct config_entry *entry, struct error *err)
{
    int pane = find_pane(entry->value, strlen(entry->value));
    if (pane < 0)
        return no_pane(entry, err);
    stop->enlarged = (enum view_pane)pane;
    return OK;
}

static const struct {
    const char *name;
    read_value *read;
} keys[] = {
    { "enlarge", read_enlarge }, { "neurons", read_neurons }, { "panes", read_panes },
    { "pause", read_pause },     { "play", read_play },       { "see", read_see },
    { "select", read_select },   { "speed", read_speed },
};

enum { KEYS = sizeof keys / sizeof keys[0] };

/* "caption.it": 1 of "caption."; -1: not such a key. */
static int language_of(const char *key, const char *stem)
{
    size_t length = strlen(stem);
    if (strncmp(key, stem, length) != 0)
        return -1;
    for (int i = 0; i < TOUR_LANGUAGES; i++)
        if (strcmp(key + length, tour_language[i]) == 0)
            return i;
    return -1;
}

static struct tour_stop *stop_of(struct tour *tour, const struct config_entry *entry,
                                 size_t length)
{
    for (size_t i = 0; i < tour->stops; i++)
        if (strncmp(tour->stop[i].name, entry->name, length) == 0 &&
            tour->stop[i].name[length] == '\0')
            return &tour->stop[i];
    if (tour->stops == TOUR_MAX_STOPS)
        return NULL;
    struct tour_stop *stop = &tour->stop[tour->stops];
    *stop = (struct tour_stop){ .name = arena_text(&tour->config.arena, entry->name,
                                                   length),
                                .line = entry->line,
                                .enlarged = VIEW_PANES,
                                .first_neuron = (double)NAN,
                                .last_neuron = (double)NAN,
                                .speed = 1,
                                .pause = 4 };
    if (!stop->name)
        return NULL;
    tour->stops++;
    return stop;
}

static enum error_code read_stop(struct tour *tour, const struct config_entry *entry,
                                 struct error *err)
{
    size_t length = strcspn(entry->name, ".");
    const char *key = entry->name + length + 1;
    if (entry->name[length] == '\0')
        return error_set(err, ERR_FORMAT,
                         "line %u: '%.40s' before the first stop: expected title.en, "
                         "title.it or recording",
                         entry->line, entry->name);
    struct tour_stop *stop = stop_of(tour, entry, length);
    if (!stop)
        return error_set(err, ERR_FORMAT, "line %u: more than %d stops", entry->line,
                         TOUR_MAX_STOPS);
    int language = language_of(key, "caption.");
    if (language >= 0) {
        stop->caption[language] = entry->value;
        return tour_figure_check(entry, err);
    }
    for (size_t i = 0; i < KEYS; i++)
        if (strcmp(keys[i].name, key) == 0)
            return keys[i].read(stop, entry, err);
    return error_set(err, ERR_FORMAT,
                     "line %u: no key '%.40s': expected caption.en, caption.it, "
                     "enlarge, neurons, panes, pause, play, see, select or speed",
                     entry->line, key);
}

static enum error_code read_entries(struct tour *tour, struct error *err)
{
    for (size_t i = 0; i < tour->config.count; i++) {
        const struct config_entry *entry = &tour->config.entry[i];
        int language = language_of(entry->name, "title.");
        if (language >= 0)
            tour->title[language] = entry->value;
        else if (strcmp(entry->name, "recording") == 0)
            tour->recording = entry->value;
        else if (read_stop(tour, entry, err) != OK)
            return err->code;
    }
    if (tour->stops == 0)
        return error_set(err, ERR_FORMAT,
                         "a tour without stops: expected [NAME] and "
                         "caption.en = TEXT");
    for (size_t i = 0; i < tour->stops; i++)
        if (!tour->stop[i].caption[0])
            return error_set(err, ERR_FORMAT, "line %u: stop '%.40s' has no caption.en",
                             tour->stop[i].line, tour->stop[i].name);
    return OK;
}

static enum error_code read_config(struct tour *tour, struct error *err)
{
    tour->stop = malloc(TOUR_MAX_STOPS * sizeof *tour->stop);
    if (!tour->stop)
        error_memory(err, "a tour", TOUR_MAX_STOPS * sizeof *tour->stop);
    else if (read_entries(tour, err) == OK)
        return OK;
    enum error_code code = err->code;
    tour_release(tour);
    return code;
}

enum error_code tour_parse(struct tour *tour, const char *bytes, size_t size,
                           struct error *err)
{
    *tour = (struct tour){ 0 };
    if (config_text_parse(&tour->config, bytes, size, err) != OK)
        return err->code;
    return read_config(tour, err);
}

enum error_code tour_open(struct tour *tour, const char *name, struct error *err)
{
    char path[PATH_ROOM];
    *tour = (struct tour){ 0 };
    int length = snprintf(path, sizeof path, "%s", name);
    if (!strchr(name, '/') && access(name, F_OK) != 0)
        length = snprintf(path, sizeof path, "%s/tours/%s.conf", version_data_folder(),
                          name);
    if (length < 0 || (size_t)length >= sizeof path)
        return error_set(err, ERR_ARGUMENT, "--tour: a path of over %d bytes",
                         PATH_ROOM);
    if (config_text_open(&tour->config, path, err) != OK)
        return err->code;
    if (read_config(tour, err) != OK)
        return error_wrap(err, "%s", path);
    return OK;
}

void tour_release(struct tour *tour)
{
    config_text_release(&tour->config);
    free(tour->stop);
    *tour = (struct tour){ 0 };
}

const char *tour_title(const struct tour *tour, int language)
{
    const char *title = tour->title[language] ? tour->title[language] : tour->title[0];
    return title ? title : "";
}

const char *tour_caption(const struct tour_stop *stop, int language)
{
    return stop->caption[language] ? stop->caption[language] : stop->caption[0];
}
