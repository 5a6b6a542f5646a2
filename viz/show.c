/* See show.h. */
#include "viz/show.h"

#include "viz/layout.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static const double steps_of_text = 20;  /* a second: two or three tokens */
static const double ms_of_network = 100; /* likewise */
static const double quiet_seconds = 5;

static const struct palette *const palettes[VIEW_PALETTES] = {
    &palette_light,
    &palette_dark,
    &palette_colour_blind,
};

/* A step of the one recording as the other counts: the same share of the same token. */
static double linked_step(const struct scene *from, const struct scene *to, double step)
{
    uint64_t token = scene_token_at(from, step);
    if (from->tokens == 0 || to->tokens == 0)
        return 0;
    if (token >= to->tokens)
        return (double)to->start_step[to->tokens];
    double begin = (double)from->start_step[token];
    double length = (double)from->start_step[token + 1] - begin;
    double share = length > 0 ? fmin((step - begin) / length, 1) : 0;
    double other = (double)to->start_step[token];
    return other + share * ((double)to->start_step[token + 1] - other);
}

static int32_t linked_population(const struct scene *from, const struct scene *to,
                                 int32_t population)
{
    const struct population_info *other = to->recording.population;
    for (uint32_t p = 0; population >= 0 && p < to->recording.populations; p++)
        if (strcmp(other[p].name, from->recording.population[population].name) == 0)
            return (int32_t)p;
    return -1;
}

/* A neuron stands for the one at the same share of its population: codes differ in the
 * neurons they give a channel. */
static void link_selection(const struct scene *from, const struct scene *to,
                           struct selection *s)
{
    int32_t other = linked_population(from, to, s->population);
    if (s->token >= 0 && (uint64_t)s->token >= to->tokens)
        s->token = -1;
    if (s->neuron >= 0 && other >= 0) {
        const struct population_info *a = &from->recording.population[s->population];
        const struct population_info *b = &to->recording.population[other];
        uint64_t place = (uint64_t)s->neuron - a->first_node;
        s->neuron = (int64_t)(b->first_node + place * b->size / a->size);
    } else {
        s->neuron = -1;
    }
    s->population = other;
}

double show_step(const struct show *show, unsigned which, double step)
{
    return which ? linked_step(&show->scene[1], &show->scene[0], step) : step;
}

void show_selection(const struct show *show, unsigned which,
                    struct selection *selection)
{
    if (which)
        link_selection(&show->scene[1], &show->scene[0], selection);
}

static void link_views(struct show *show)
{
    const struct scene *from = &show->scene[0], *to = &show->scene[1];
    struct view_state *view = &show->linked;
    *view = show->view;
    playback_extend(&view->playback, to->start_step, to->tokens);
    view->playback.step = linked_step(from, to, show->view.playback.step);
    double end = linked_step(from, to, view->first_step + view->steps);
    view->first_step = linked_step(from, to, view->first_step);
    view->steps = end - view->first_step;
    double scale =
        show->stack[0].units > 0 ? show->stack[1].units / show->stack[0].units : 1;
    view->first_unit *= scale;
    view->units *= scale;
    if (view->loop_to > view->loop_from) {
        view->loop_from = linked_step(from, to, view->loop_from);
        view->loop_to = linked_step(from, to, view->loop_to);
    }
    link_selection(from, to, &view->selection);
}

static enum error_code restack(struct show *show, struct error *err)
{
    const struct selection *s = &show->view.selection;
    struct stack made[2] = { { 0 }, { 0 } };
    for (unsigned which = 0; which < show->exhibits; which++) {
        struct stack_filter filter = { show->name, s->layer, s->population };
        if (which == 1 && s->population >= 0)
            filter.population =
                linked_population(&show->scene[0], &show->scene[1], s->population);
        if (stack_build(&made[which], &show->scene[which], &filter, err) != OK) {
            stack_release(&made[0]);
            return err->code;
        }
    }
    for (unsigned which = 0; which < show->exhibits; which++) {
        stack_release(&show->stack[which]);
        show->stack[which] = made[which];
    }
    show->stacked_layer = s->layer;
    show->stacked_population = s->population;
    show->extent.units = show->stack[0].units;
    view_state_restack(&show->view, &show->extent);
    return OK;
}

enum error_code show_update(struct show *show, struct error *err)
{
    struct view_state *view = &show->view;
    bool is_other = view->selection.layer != show->stacked_layer ||
                    view->selection.population != show->stacked_population;
    if (is_other && restack(show, err) != OK)
        return err->code;
    show->stage.palette = palettes[view->palette];
    if (show->exhibits > 1)
        link_views(show);
    return OK;
}

void show_size(struct show *show, uint32_t width, uint32_t height)
{
    show->stage.cap = layout_cap(&show->view, width, height);
}

enum error_code show_act(struct show *show, enum view_action action, double amount,
                         struct error *err)
{
    view_state_act(&show->view, &show->extent, action, amount);
    return show_update(show, err);
}

bool show_is_live(const struct show *show)
{
    for (unsigned which = 0; which < show->exhibits; which++)
        if (show->scene[which].recording.is_live)
            return true;
    return false;
}

/* A pane that the recording can fill from now on is shown. */
static void find_panes(struct show *show)
{
    for (unsigned p = 0; p < VIEW_PANES; p++)
        for (unsigned which = 0; which < show->exhibits; which++)
            if (!show->extent.has[p] &&
                layout_can_show((enum view_pane)p, &show->scene[which]))
                show->extent.has[p] = show->view.is_shown[p] = true;
}

static void describe_run(struct show *show, double now)
{
    char *text = show->notice;
    double quiet = now - show->grown;
    bool was_killed = false, failed = false, is_live = show_is_live(show);
    for (unsigned which = 0; which < show->exhibits; which++) {
        const struct recording *recording = &show->scene[which].recording;
        was_killed = was_killed ||
                     (!recording->is_live && recording->state == RECORDING_RUNNING);
        failed = failed || recording->state == RECORDING_FAILED;
    }
    text[0] = '\0';
    if (was_killed)
        snprintf(text, sizeof show->notice, "its run was killed");
    else if (failed)
        snprintf(text, sizeof show->notice, "its run failed");
    else if (is_live && !show->follows)
        snprintf(text, sizeof show->notice, "the run goes on (--follow)");
    else if (is_live && show->grown > 0 && quiet > quiet_seconds)
        snprintf(text, sizeof show->notice, "live, nothing new for %.0f s", quiet);
    else if (is_live)
        snprintf(text, sizeof show->notice, "live");
    if (show->exhibits > 1 && show->comparison.differs) {
        size_t used = strlen(text);
        snprintf(text + used, sizeof show->notice - used,
                 "%stexts differ from token %llu on", used ? ", " : "",
                 (unsigned long long)show->comparison.common + 1);
    }
    for (unsigned which = 0; which < show->exhibits; which++) {
        double share = spike_index_progress(show->index[which]);
        size_t used = strlen(text);
        if (share < 1)
            snprintf(text + used, sizeof show->notice - used, "%sindexing %.0f %%",
                     used ? ", " : "", floor(100 * share));
    }
}

void show_follow(struct show *show)
{
    struct playback *playback = &show->view.playback;
    show->follows = true;
    playback->is_live = show->scene[0].recording.is_live;
    if (playback->is_live) {
        playback_seek(playback, playback_end(playback));
        playback->is_rushing = true;
    }
    describe_run(show, 0);
}

enum error_code show_refresh(struct show *show, double now, bool *grew,
                             struct error *err)
{
    *grew = false;
    for (unsigned which = 0; which < show->exhibits; which++) {
        bool has_grown = false;
        struct scene *scene = &show->scene[which];
        if (!show->follows || !scene->recording.is_live)
            continue;
        if (scene_refresh(scene, &has_grown, err) != OK ||
            (has_grown && spike_index_extend(show->index[which], err) != OK))
            return err->code;
        *grew = *grew || has_grown;
    }
    if (*grew || show->grown == 0)
        show->grown = now;
    if (*grew) {
        const struct scene *scene = &show->scene[0];
        find_panes(show);
        if (show->exhibits > 1)
            comparison_extend(&show->comparison, scene, &show->scene[1]);
        view_state_extend(&show->view, scene->start_step, scene->tokens);
    }
    show->view.playback.is_live = show->follows && show->scene[0].recording.is_live;
    describe_run(show, now);
    return OK;
}

/* The file, and what its run was set to otherwise than the other's. */
static void name_exhibit(struct show *show, unsigned which)
{
    const char *path = show->scene[which].path, *slash = strrchr(path, '/');
    const char *settings = show->comparison.settings[which];
    /* Within one struct as they are, gcc takes them for overlapping. */
    char label[sizeof show->label[0]];
    snprintf(label, sizeof label, "%s%s%s", slash ? slash + 1 : path,
             settings[0] ? ": " : "", settings);
    memcpy(show->label[which], label, sizeof label);
}

static void begin_view(struct show *show)
{
    const struct scene *scene = &show->scene[0];
    double dt_ms = scene->recording.info.dt_ms;
    double pace = scene->is_timed && dt_ms > 0 ? ms_of_network / dt_ms : steps_of_text;
    find_panes(show);
    show->extent.exhibits = show->exhibits;
    show->extent.population = scene->recording.population;
    show->extent.populations = scene->recording.populations;
    view_state_init(&show->view, &show->extent, scene->start_step, scene->tokens, pace);
    /* Two have half the room each; their keys bring these back. */
    if (show->exhibits > 1)
        show->view.is_shown[PANE_MAP] = show->view.is_shown[PANE_HISTOGRAM] = false;
    for (unsigned which = 0; which < show->exhibits; which++)
        name_exhibit(show, which);
    show->stage = (struct stage){ .exhibits = show->exhibits,
                                  .view = &show->view,
                                  .font = show->font,
                                  .notice = show->notice };
    describe_run(show, 0);
    for (unsigned which = 0; which < show->exhibits; which++)
        show->stage.exhibit[which] =
            (struct exhibit){ &show->scene[which], show->index[which],
                              &show->stack[which], which ? &show->linked : &show->view,
                              show->label[which] };
}

enum error_code show_open(struct show *show, const char *const path[2],
                          const char *const *name, bool waits, struct error *err)
{
    *show = (struct show){ .name = name };
    if (font_open(&show->font, err) != OK)
        goto out;
    for (unsigned which = 0; which < 2 && path[which]; which++) {
        if (scene_open(&show->scene[which], path[which], err) != OK)
            goto out;
        show->exhibits++;
        if (spike_index_open(&show->index[which], &show->scene[which], waits, err) !=
            OK)
            goto out;
    }
    if (show->exhibits > 1 &&
        comparison_make(&show->comparison, &show->scene[0], &show->scene[1], err) != OK)
        goto out;
    begin_view(show);
    if (restack(show, err) != OK || show_update(show, err) != OK)
        goto out;
    show_size(show, 1280, 720);
    return OK;
out:
    show_close(show);
    return err->code;
}

void show_close(struct show *show)
{
    for (unsigned which = 0; which < show->exhibits; which++) {
        spike_index_close(show->index[which]);
        stack_release(&show->stack[which]);
        scene_release(&show->scene[which]);
    }
    font_close(show->font);
    *show = (struct show){ 0 };
}
