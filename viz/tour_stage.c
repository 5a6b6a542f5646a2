/* See tour_stage.h. */
#include "viz/tour_stage.h"

#include "viz/tour_figure.h"

#include <math.h>
#include <string.h>

/* A step is over a little before the next one begins: the cursor stays in the last token
 * that was played. */
static const double within = 1e-6;

/* Steps of a range. */
static enum error_code steps_of(const struct tour_range *range,
                                const struct scene *scene, double *from, double *to,
                                struct error *err)
{
    double first = scene->tokens > 0 ? (double)scene->start_step[0] : 0;
    double end = (double)scene_end(scene), dt_ms = scene->recording.info.dt_ms;
    *from = first;
    *to = end;
    if (range->unit == TOUR_TOKENS) {
        if (range->to >= (double)scene->tokens)
            return error_set(err, ERR_ARGUMENT, "token %.0f: the recording has %llu",
                             range->to, (unsigned long long)scene->tokens);
        *from = (double)scene->start_step[(uint64_t)range->from];
        *to = (double)scene->start_step[(uint64_t)range->to + 1];
    } else if (range->unit == TOUR_MS) {
        *from = first + range->from / dt_ms;
        *to = first + range->to / dt_ms;
        if (!(*to <= end))
            return error_set(err, ERR_ARGUMENT, "%g ms: the recording ends at %g ms",
                             range->to, (end - first) * dt_ms);
    }
    return OK;
}

static enum error_code set_panes(const struct tour_stop *stop, struct show *show,
                                 struct error *err)
{
    struct view_state *view = &show->view;
    for (unsigned pane = 0; pane < VIEW_PANES; pane++) {
        bool is_wanted = stop->has_panes && stop->is_shown[pane];
        is_wanted = is_wanted || stop->enlarged == pane;
        if (is_wanted && !show->extent.has[pane])
            return error_set(err, ERR_ARGUMENT,
                             "the recording has nothing for the view '%s'",
                             panes[pane]->name);
        view->is_shown[pane] =
            stop->has_panes ? is_wanted : is_wanted || show->extent.has[pane];
    }
    view->enlarged = stop->enlarged;
    return OK;
}

/* The selected population's, or the first one's, of a stack that shows nothing else. */
static enum error_code set_neurons(const struct tour_stop *stop, struct show *show,
                                   struct error *err)
{
    if (isnan(stop->first_neuron))
        return OK;
    if (stop->last_neuron >= show->extent.units)
        return error_set(err, ERR_ARGUMENT, "neuron %.0f: there are %.0f in sight",
                         stop->last_neuron, show->extent.units);
    view_state_see_units(&show->view, &show->extent, stop->first_neuron,
                         stop->last_neuron - stop->first_neuron + 1);
    return OK;
}

double tour_stage_end(const struct tour_stage *stage)
{
    return stage->to - within;
}

static enum error_code set_view(struct tour_stage *stage, const struct tour_stop *stop,
                                struct show *show, struct error *err)
{
    struct view_state *view = &show->view;
    const struct scene *scene = &show->scene[0];
    double first, end;
    view->selection = (struct selection){ -1, -1, -1, -1 };
    view->keeps_up = true;
    view_state_loop(view, 0, 0);
    if (set_panes(stop, show, err) != OK ||
        steps_of(&stop->see, scene, &first, &end, err) != OK ||
        (stop->select && show_select(show, stop->select, err) != OK) ||
        show_update(show, err) != OK)
        return err->code;
    view_state_restack(view, &show->extent);
    view_state_see(view, first, end - first);
    stage->from = stage->to = end;
    if (stop->plays &&
        steps_of(&stop->play, scene, &stage->from, &stage->to, err) != OK)
        return err->code;
    playback_seek(&view->playback, stop->plays ? stage->from : tour_stage_end(stage));
    view->playback.is_paused = !stop->plays;
    view->playback.steps_per_second = view->playback.normal_pace * stop->speed;
    return set_neurons(stop, show, err);
}

/* The word that a caption speaks of: the first that is played, the last that is seen. */
static uint64_t word_of(const struct tour_stage *stage, const struct tour_stop *stop,
                        const struct scene *scene)
{
    return scene_token_at(scene, stop->plays ? stage->from : stage->to - 0.5);
}

enum error_code tour_stage_enter(struct tour_stage *stage, size_t stop,
                                 struct show *show, struct error *err)
{
    const struct tour_stop *at = &stage->tour->stop[stop];
    char *caption = show->view.caption;
    stage->stop = stop;
    stage->waited = 0;
    if (set_view(stage, at, show, err) != OK ||
        tour_figure_fill(tour_caption(at, stage->language), stage->language, show,
                         word_of(stage, at, &show->scene[0]), caption,
                         sizeof show->view.caption, err) != OK)
        return error_wrap(err, "line %u: stop '%s'", at->line, at->name);
    return show_update(show, err);
}

enum error_code tour_stage_begin(struct tour_stage *stage, const struct tour *tour,
                                 int language, struct show *show, struct error *err)
{
    *stage = (struct tour_stage){ .tour = tour };
    for (int l = 0; l < TOUR_LANGUAGES; l++)
        for (size_t stop = 0; stop < tour->stops; stop++) {
            stage->language = l;
            if (tour_stage_enter(stage, stop, show, err) != OK)
                return err->code;
        }
    stage->language = language;
    return tour_stage_enter(stage, 0, show, err);
}

enum error_code tour_stage_go(struct tour_stage *stage, int by, struct show *show,
                              struct error *err)
{
    size_t last = stage->tour->stops - 1, stop = stage->stop;
    if (by < 0)
        stop = stop > 0 ? stop - 1 : 0;
    else if (by > 0)
        stop = stop < last ? stop + 1 : last;
    return tour_stage_enter(stage, stop, show, err);
}

bool tour_stage_advance(struct tour_stage *stage, double seconds, struct show *show)
{
    struct playback *playback = &show->view.playback;
    if (stage->from < stage->to && playback->step < tour_stage_end(stage)) {
        view_state_advance(&show->view, seconds);
        if (playback->step < stage->to)
            return false;
        playback_seek(playback, tour_stage_end(stage));
        playback->is_paused = true;
        return false;
    }
    stage->waited += seconds;
    return stage->waited >= stage->tour->stop[stage->stop].pause;
}

double tour_stage_seconds(const struct tour_stage *stage, const struct show *show)
{
    return (stage->to - stage->from) / show->view.playback.steps_per_second +
           stage->tour->stop[stage->stop].pause;
}
