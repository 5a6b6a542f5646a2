/* The options of lucciola-view brought to a view: names looked up in the recording,
 * tokens made steps. */
#include "viz/view_options.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { NAME_ROOM = 64 };

static enum error_code check_token(const struct scene *scene, const char *option,
                                   uint64_t token, struct error *err)
{
    if (token < scene->tokens)
        return OK;
    return error_set(err, ERR_ARGUMENT, "%s %llu: the recording has %llu tokens",
                     option, (unsigned long long)token,
                     (unsigned long long)scene->tokens);
}

static enum error_code see_tokens(const struct view_options *options, struct show *show,
                                  struct error *err)
{
    const struct scene *scene = &show->scene[0];
    uint64_t first = options->first_token;
    if (first == 0 && options->tokens == 0)
        return OK;
    if (check_token(scene, "--tokens", first, err) != OK)
        return err->code;
    uint64_t end = scene->tokens;
    if (options->tokens > 0 && options->tokens < end - first)
        end = first + options->tokens;
    double from = (double)scene->start_step[first];
    view_state_see(&show->view, from, (double)scene->start_step[end] - from);
    return OK;
}

static enum error_code set_loop(const struct view_options *options, struct show *show,
                                struct error *err)
{
    const struct scene *scene = &show->scene[0];
    if (!options->loops)
        return OK;
    if (check_token(scene, "--loop", options->loop_first, err) != OK)
        return err->code;
    uint64_t last = options->loop_last;
    last = last < scene->tokens ? last + 1 : scene->tokens;
    view_state_loop(&show->view, (double)scene->start_step[options->loop_first],
                    (double)scene->start_step[last]);
    return OK;
}

static enum error_code set_cursor(const struct view_options *options, struct show *show,
                                  struct error *err)
{
    const struct scene *scene = &show->scene[0];
    struct playback *playback = &show->view.playback;
    bool is_picture = options->png || options->svg || options->video || options->html;
    if (!isnan(options->at)) {
        if (check_token(scene, "--at", (uint64_t)options->at, err) != OK)
            return err->code;
        uint64_t token = (uint64_t)options->at;
        double begin = (double)scene->start_step[token];
        double length = (double)scene->start_step[token + 1] - begin;
        playback_seek(playback, begin + (options->at - (double)token) * length);
    } else if (!isnan(options->step)) {
        playback_seek(playback, options->step);
    } else if (is_picture) {
        playback_seek(playback, playback_end(playback));
    } else if (!playback->is_live) {
        playback_seek(playback, show->view.first_step);
    }
    playback->is_paused = options->paused || is_picture;
    return OK;
}

static bool find_population(const struct scene *scene, const char *name, int32_t *index)
{
    const struct population_info *info = scene->recording.population;
    for (uint32_t p = 0; p < scene->recording.populations; p++)
        if (strcmp(info[p].name, name) == 0) {
            *index = (int32_t)p;
            return true;
        }
    return false;
}

static bool find_layer(const struct scene *scene, const char *name, int32_t *layer)
{
    char *end;
    if ((name[0] != 'L' && name[0] != 'l') || name[1] < '0' || name[1] > '9')
        return false;
    unsigned long number = strtoul(name + 1, &end, 10);
    if (*end || number >= scene->layers)
        return false;
    *layer = (int32_t)number;
    return true;
}

/* "@5", "L07", "L07.ffn_down" or "L07.ffn_down:17". */
static enum error_code select_one(struct show *show, char *name, struct error *err)
{
    const struct scene *scene = &show->scene[0];
    struct selection s = { -1, -1, -1, -1 };
    char *end, *colon = strchr(name, ':');
    if (name[0] == '@' && name[1] >= '0' && name[1] <= '9') {
        unsigned long long token = strtoull(name + 1, &end, 10);
        if (!*end && check_token(scene, "select @", token, err) != OK)
            return err->code;
        s.token = *end ? -1 : (int64_t)token;
    } else {
        if (colon)
            *colon = '\0';
        if (!find_population(scene, name, &s.population) && !colon)
            find_layer(scene, name, &s.layer);
    }
    if (s.population >= 0 && colon) {
        const struct population_info *info = &scene->recording.population[s.population];
        unsigned long long place = strtoull(colon + 1, &end, 10);
        if (*end || colon[1] < '0' || colon[1] > '9' || place >= info->size)
            return error_set(err, ERR_ARGUMENT,
                             "select: no neuron '%s' in %s, which has %llu, counted "
                             "from 0",
                             colon + 1, name, (unsigned long long)info->size);
        s.neuron = (int64_t)(info->first_node + place);
    }
    if (s.token < 0 && s.population < 0 && s.layer < 0)
        return error_set(err, ERR_ARGUMENT,
                         "select: nothing called '%s'; a population such as %s, a "
                         "layer such as L00, a neuron %s:0 or a token @0",
                         name, scene->recording.population[0].name,
                         scene->recording.population[0].name);
    view_state_select(&show->view, &show->extent, &s);
    return OK;
}

enum error_code show_select(struct show *show, const char *names, struct error *err)
{
    char name[NAME_ROOM];
    for (const char *rest = names; rest && *rest;) {
        size_t length = strcspn(rest, ", ");
        if (length >= sizeof name)
            return error_set(err, ERR_ARGUMENT, "select: nothing called '%s'", rest);
        memcpy(name, rest, length);
        name[length] = '\0';
        if (length > 0 && select_one(show, name, err) != OK)
            return err->code;
        rest += length;
        rest += strspn(rest, ", ");
    }
    return OK;
}

static void set_panes(const struct view_options *options, struct show *show)
{
    struct view_state *view = &show->view;
    if (options->has_panes)
        memcpy(view->is_shown, options->is_shown, sizeof view->is_shown);
    view->enlarged = options->enlarged;
    if (view->enlarged != VIEW_PANES)
        view->is_shown[view->enlarged] = true;
}

/* A pane named on the command line has to be one the recording can fill. */
static enum error_code check_panes(const struct view_options *options,
                                   const struct show *show, struct error *err)
{
    for (unsigned p = 0; p < VIEW_PANES; p++) {
        bool is_named = (options->has_panes && options->is_shown[p]) ||
                        options->enlarged == (enum view_pane)p;
        if (is_named && !show->extent.has[p])
            return error_set(err, ERR_ARGUMENT, "%s has nothing for the pane '%s'",
                             options->recording[0], panes[p]->name);
    }
    return OK;
}

enum error_code view_options_apply(const struct view_options *options,
                                   struct show *show, struct error *err)
{
    struct view_state *view = &show->view;
    view->palette = options->palette;
    view->compare = options->compare;
    if (!isnan(options->font_scale))
        view->font_scale = (float)options->font_scale;
    if (!isnan(options->speed))
        playback_pace(&view->playback,
                      options->speed / playback_speed(&view->playback));
    if (check_panes(options, show, err) != OK || see_tokens(options, show, err) != OK ||
        set_cursor(options, show, err) != OK || set_loop(options, show, err) != OK ||
        show_select(show, options->select, err) != OK)
        return err->code;
    set_panes(options, show);
    return show_update(show, err);
}
