/* See view_state.h. */
#include "viz/view_state.h"

#include <math.h>
#include <string.h>

const char *const view_palette_names[VIEW_PALETTES] = { "light", "dark",
                                                        "colour-blind" };
const char *const compare_mode_names[COMPARE_MODES] = { "sides", "difference" };

static const double least_steps = 2, least_units = 4;
static const float smallest_font = 0.5f, largest_font = 4;
/* Where the cursor stands after the stretch in sight has been turned over. */
static const double turned = 0.05;

static const struct selection nothing = { -1, -1, -1, -1 };

static double start_of(const struct view_state *view)
{
    return (double)view->playback.token_start[0];
}

static double length_of(const struct view_state *view)
{
    return playback_end(&view->playback) - start_of(view);
}

void view_state_init(struct view_state *view, const struct view_extent *extent,
                     const uint64_t *token_start, uint64_t tokens, double normal_pace)
{
    *view = (struct view_state){ .selection = nothing,
                                 .enlarged = VIEW_PANES,
                                 .font_scale = 1,
                                 .keeps_up = true,
                                 .pointer_x = -1,
                                 .pointer_y = -1 };
    memcpy(view->is_shown, extent->has, sizeof view->is_shown);
    playback_start(&view->playback, token_start, tokens, normal_pace);
    view_state_see(view, start_of(view), length_of(view));
    view_state_restack(view, extent);
}

/* [first, first + length) of a stretch that begins at `from` and is `whole` long. */
static void see(double *first, double *length, double from, double whole, double least)
{
    if (!isfinite(*first) || !isfinite(*length))
        *first = from, *length = whole;
    *length = fmin(fmax(*length, fmin(least, whole)), whole);
    *first = fmin(fmax(*first, from), from + whole - *length);
}

void view_state_see(struct view_state *view, double first_step, double steps)
{
    view->first_step = first_step;
    view->steps = steps;
    see(&view->first_step, &view->steps, start_of(view), length_of(view), least_steps);
}

void view_state_see_units(struct view_state *view, const struct view_extent *extent,
                          double first_unit, double units)
{
    view->first_unit = first_unit;
    view->units = units;
    see(&view->first_unit, &view->units, 0, extent->units, least_units);
}

void view_state_restack(struct view_state *view, const struct view_extent *extent)
{
    view_state_see_units(view, extent, 0, extent->units);
}

void view_state_zoom_time(struct view_state *view, double factor, double step)
{
    if (!(factor > 0))
        return;
    double steps = fmin(fmax(view->steps / factor, least_steps), length_of(view));
    double share = view->steps > 0 ? (step - view->first_step) / view->steps : 0;
    view_state_see(view, step - share * steps, steps);
}

void view_state_zoom_units(struct view_state *view, const struct view_extent *extent,
                           double factor, double unit)
{
    if (!(factor > 0))
        return;
    double units = fmin(fmax(view->units / factor, least_units), extent->units);
    double share = view->units > 0 ? (unit - view->first_unit) / view->units : 0;
    view_state_see_units(view, extent, unit - share * units, units);
}

void view_state_extend(struct view_state *view, const uint64_t *token_start,
                       uint64_t tokens)
{
    double end = playback_end(&view->playback);
    bool saw_all = view->first_step <= start_of(view) && view->steps >= length_of(view);
    bool saw_end = view->first_step + view->steps >= end;
    playback_extend(&view->playback, token_start, tokens);
    if (saw_all)
        view_state_see(view, start_of(view), length_of(view));
    else if (saw_end)
        view_state_see(view, playback_end(&view->playback) - view->steps, view->steps);
}

/* Turns what is in sight over like a page when the cursor has left it. */
static void keep_up(struct view_state *view)
{
    double step = view->playback.step;
    if (!view->keeps_up ||
        (step >= view->first_step && step <= view->first_step + view->steps))
        return;
    view_state_see(view, step - turned * view->steps, view->steps);
}

void view_state_advance(struct view_state *view, double seconds)
{
    struct playback *playback = &view->playback;
    double length = view->loop_to - view->loop_from;
    if (playback->is_paused)
        return;
    if (length > 0 && playback->step < view->loop_to) {
        playback->step += seconds * playback->steps_per_second;
        if (playback->step >= view->loop_to)
            playback->step =
                view->loop_from + fmod(playback->step - view->loop_from, length);
    } else {
        playback_advance(playback, seconds);
    }
    keep_up(view);
}

void view_state_loop(struct view_state *view, double from, double to)
{
    double first = fmax(fmin(from, to), start_of(view));
    double last = fmin(fmax(from, to), playback_end(&view->playback));
    if (!(last > first))
        first = last = 0;
    view->loop_from = first;
    view->loop_to = last;
    if (last > first && (view->playback.step < first || view->playback.step >= last))
        playback_seek(&view->playback, first);
}

static void toggle_loop(struct view_state *view)
{
    const struct playback *playback = &view->playback;
    int64_t token = view->selection.token;
    if (view->loop_to > view->loop_from)
        view_state_loop(view, 0, 0);
    else if (token >= 0)
        view_state_loop(view, (double)playback->token_start[token],
                        (double)playback->token_start[token + 1]);
    else
        view_state_loop(view, view->first_step, view->first_step + view->steps);
}

static bool is_within(const struct population_info *population, int64_t neuron)
{
    return neuron >= 0 && (uint64_t)neuron >= population->first_node &&
           (uint64_t)neuron - population->first_node < population->size;
}

/* A neuron's population and a population's layer; what does not exist is none. */
static void complete(const struct view_state *view, const struct view_extent *extent,
                     struct selection *s)
{
    if (s->token >= 0 && (uint64_t)s->token >= view->playback.tokens)
        s->token = -1;
    if (s->neuron >= 0) {
        s->population = -1;
        for (uint32_t p = 0; p < extent->populations; p++)
            if (is_within(&extent->population[p], s->neuron))
                s->population = (int32_t)p;
        if (s->population < 0)
            s->neuron = -1;
    }
    if (s->population >= (int32_t)extent->populations)
        s->population = -1;
    if (s->population >= 0)
        s->layer = extent->population[s->population].layer;
}

void view_state_select(struct view_state *view, const struct view_extent *extent,
                       const struct selection *selection)
{
    struct selection s = *selection, *now = &view->selection;
    complete(view, extent, &s);
    if (s.token >= 0)
        now->token = now->token == s.token ? -1 : s.token;
    if (s.layer < 0 && s.population < 0)
        return;
    bool is_same = now->layer == s.layer && now->population == s.population &&
                   now->neuron == s.neuron;
    if (is_same) /* a step back towards the whole */
        s = (struct selection){ s.neuron >= 0 || s.population >= 0 ? s.layer : -1,
                                s.neuron >= 0 ? s.population : -1, -1, -1 };
    now->layer = s.layer;
    now->population = s.population;
    now->neuron = s.neuron;
}

/* One of `count` that lies `by` on from `now` (-1: none), round the ends. */
static int64_t round_by(int64_t now, double by, int64_t count)
{
    if (count <= 0)
        return -1;
    if (now < 0)
        return by < 0 ? count - 1 : 0;
    int64_t next = (now + (int64_t)fmod(by, (double)count)) % count;
    return next < 0 ? next + count : next;
}

static void select_layer(struct view_state *view, const struct view_extent *extent,
                         double by)
{
    int32_t layers = 0;
    for (uint32_t p = 0; p < extent->populations; p++)
        if (extent->population[p].layer >= layers)
            layers = extent->population[p].layer + 1;
    view->selection.layer = (int32_t)round_by(view->selection.layer, by, layers);
    view->selection.population = -1;
    view->selection.neuron = -1;
}

static void select_population(struct view_state *view, const struct view_extent *extent,
                              double by)
{
    struct selection *s = &view->selection;
    int64_t now = s->population;
    for (uint32_t p = 0; now < 0 && s->layer >= 0 && p < extent->populations; p++)
        if (extent->population[p].layer == s->layer) {
            now = (int64_t)p;
            by = 0;
        }
    s->population = (int32_t)round_by(now, by, extent->populations);
    s->neuron = -1;
    complete(view, extent, s);
}

static void select_neuron(struct view_state *view, const struct view_extent *extent,
                          double by)
{
    struct selection *s = &view->selection;
    if (s->population < 0)
        select_population(view, extent, 1);
    if (s->population < 0)
        return;
    const struct population_info *info = &extent->population[s->population];
    int64_t first = (int64_t)info->first_node;
    int64_t place = s->neuron < 0 ? -1 : s->neuron - first;
    place = round_by(place, by, (int64_t)info->size);
    s->neuron = place < 0 ? -1 : first + place;
}

static void select_token(struct view_state *view, double by)
{
    struct playback *playback = &view->playback;
    int64_t token = view->selection.token, here = (int64_t)playback_token(playback);
    if (playback->tokens == 0)
        return;
    if (by == 0)
        view->selection.token = token == here ? -1 : here;
    else
        view->selection.token =
            token < 0 ? here : round_by(token, by, (int64_t)playback->tokens);
}

static void clear(struct view_state *view)
{
    if (view->shows_help)
        view->shows_help = false;
    else if (view->enlarged != VIEW_PANES)
        view->enlarged = VIEW_PANES;
    else
        view->selection = nothing;
}

static bool is_there(const struct view_state *view, const struct view_extent *extent,
                     unsigned pane)
{
    return pane == VIEW_PANES || (view->is_shown[pane] && extent->has[pane]);
}

static void enlarge(struct view_state *view, const struct view_extent *extent,
                    double amount)
{
    unsigned ring = VIEW_PANES + 1, by = amount < 0 ? ring - 1 : 1;
    unsigned pane = view->enlarged;
    do
        pane = (pane + by) % ring;
    while (!is_there(view, extent, pane));
    view->enlarged = (enum view_pane)pane;
}

static void toggle_pane(struct view_state *view, const struct view_extent *extent,
                        double amount)
{
    if (!(amount >= 0 && amount < VIEW_PANES))
        return;
    unsigned pane = (unsigned)amount, others = 0;
    for (unsigned p = 0; p < VIEW_PANES; p++)
        others += p != pane && is_there(view, extent, p);
    if (view->is_shown[pane] && others == 0)
        return; /* an empty window would say nothing */
    view->is_shown[pane] = !view->is_shown[pane];
    if (view->enlarged == (enum view_pane)pane)
        view->enlarged = VIEW_PANES;
}

static void go_by_tokens(struct playback *playback, double amount)
{
    double most = (double)playback->tokens;
    for (double n = fmin(fabs(amount), most); n >= 1; n--)
        amount < 0 ? playback_back(playback) : playback_forward(playback);
}

/* Moves the cursor; true: the stretch in sight has to follow. */
static bool play(struct view_state *view, enum view_action action, double amount)
{
    struct playback *playback = &view->playback;
    switch (action) {
    case VIEW_PLAY: playback_toggle(playback); break;
    case VIEW_STEP:
        playback->is_paused = true;
        playback_step(playback, amount);
        break;
    case VIEW_TOKEN: go_by_tokens(playback, amount); break;
    case VIEW_SEEK:
        if (isfinite(amount))
            playback_seek(playback, amount);
        break;
    case VIEW_BEGIN: playback_home(playback); break;
    case VIEW_END: playback_seek(playback, playback_end(playback)); break;
    case VIEW_PACE:
        playback_pace(playback, amount > 0 ? amount : 1 / playback_speed(playback));
        break;
    default: return false;
    }
    return true;
}

static bool look(struct view_state *view, const struct view_extent *extent,
                 enum view_action action, double amount)
{
    double end = view->first_step + view->steps, step = view->playback.step;
    bool is_seen = step >= view->first_step && step <= end;
    switch (action) {
    case VIEW_ZOOM_TIME:
        view_state_zoom_time(view, amount,
                             is_seen ? step : view->first_step + view->steps / 2);
        break;
    case VIEW_ZOOM_UNITS:
        view_state_zoom_units(view, extent, amount, view->first_unit + view->units / 2);
        break;
    case VIEW_PAN_TIME:
        view_state_see(view, view->first_step + amount * view->steps, view->steps);
        break;
    case VIEW_PAN_UNITS:
        view_state_see_units(view, extent, view->first_unit + amount * view->units,
                             view->units);
        break;
    case VIEW_WHOLE:
        view_state_see(view, start_of(view), length_of(view));
        view_state_restack(view, extent);
        break;
    default: return false;
    }
    return true;
}

static void set_font(struct view_state *view, double factor)
{
    if (!(factor > 0 && isfinite(factor)))
        return;
    float scale = view->font_scale * (float)factor;
    view->font_scale = fminf(fmaxf(scale, smallest_font), largest_font);
}

static void choose(struct view_state *view, const struct view_extent *extent,
                   enum view_action action, double amount)
{
    switch (action) {
    case VIEW_SELECT_TOKEN: select_token(view, amount); break;
    case VIEW_SELECT_LAYER: select_layer(view, extent, amount); break;
    case VIEW_SELECT_POPULATION: select_population(view, extent, amount); break;
    case VIEW_SELECT_NEURON: select_neuron(view, extent, amount); break;
    case VIEW_CLEAR: clear(view); break;
    case VIEW_PANE: toggle_pane(view, extent, amount); break;
    case VIEW_ENLARGE: enlarge(view, extent, amount); break;
    case VIEW_PALETTE:
        view->palette =
            (enum view_palette)round_by(view->palette, amount, VIEW_PALETTES);
        break;
    case VIEW_FONT: set_font(view, amount); break;
    case VIEW_COMPARE:
        if (extent->exhibits > 1)
            view->compare = (enum compare_mode)((view->compare + 1) % COMPARE_MODES);
        break;
    default: break;
    }
}

void view_state_act(struct view_state *view, const struct view_extent *extent,
                    enum view_action action, double amount)
{
    double step = view->playback.step;
    switch (action) {
    case VIEW_KEEP_UP: view->keeps_up = !view->keeps_up; break;
    case VIEW_LOOP: toggle_loop(view); break;
    case VIEW_LOOP_FROM:
        view_state_loop(view, step,
                        view->loop_to > step ? view->loop_to
                                             : playback_end(&view->playback));
        break;
    case VIEW_LOOP_TO: view_state_loop(view, view->loop_from, step); break;
    case VIEW_HELP: view->shows_help = !view->shows_help; break;
    default:
        if (play(view, action, amount))
            keep_up(view);
        else if (!look(view, extent, action, amount))
            choose(view, extent, action, amount);
    }
}
