/* Energy and operations, running with playback: what the spikes cost and what the dense
 * networks would have cost for the same tokens. Where one draws the line decides the
 * answer, so each figure stands under the name of its boundary. Of a network there are
 * spikes and synaptic operations. */
#include "viz/number_text.h"
#include "viz/pane_frame.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* Sums up to the cursor; within a token, its share of the token. */
static struct scene_sum sum_at(const struct scene *scene, double step)
{
    uint64_t token = scene_token_at(scene, step);
    if (scene->tokens == 0)
        return scene->sum[0];
    double begin = (double)scene->start_step[token];
    double length = (double)scene->start_step[token + 1] - begin;
    double share = length > 0 ? (step - begin) / length : 1;
    share = share < 0 ? 0 : share > 1 ? 1 : share;
    const struct scene_sum *a = &scene->sum[token], *b = a + 1;
    struct scene_sum sum = { .spikes = a->spikes + share * (b->spikes - a->spikes),
                             .sop = a->sop + share * (b->sop - a->sop),
                             .dense_macs = a->dense_macs +
                                           share * (b->dense_macs - a->dense_macs) };
    for (int boundary = 0; boundary < BOUNDARIES; boundary++)
        for (int v = 0; v < VARIANTS; v++)
            sum.nj[boundary][v] =
                a->nj[boundary][v] + share * (b->nj[boundary][v] - a->nj[boundary][v]);
    return sum;
}

struct bars {
    const char *const *name;
    const double *value;
    const uint32_t *colour;
    int count;
    const char *unit;
    const double *most; /* (count), as long as there is room */
    bool shows_saving;  /* of the first against each other */
};

/* "503 uJ, 59.8 % saved" */
static void bar_text(char *text, size_t size, const struct bars *bars, int i)
{
    char figure[NUMBER_TEXT], share[NUMBER_TEXT];
    number_text(figure, bars->value[i], bars->unit);
    double saving = 1 - bars->value[0] / bars->value[i];
    percent_text(share, fabs(saving));
    if (bars->shows_saving && i > 0 && isfinite(saving))
        snprintf(text, size, "%s, %s %s", figure, share,
                 saving < 0 ? "more spent" : "saved");
    else
        snprintf(text, size, "%s", figure);
}

struct bar_place {
    int left, room; /* of the longest; room 0: figures alone */
    int line;
};

static struct bar_place place_bars(const struct stage *stage, struct canvas *canvas,
                                   struct box box, const struct bars *bars)
{
    struct pen pen = pane_pen(stage, 1, stage->palette->ink);
    int gap = (int)stage->cap;
    float names = 0, figures = 0;
    char text[64];
    for (int i = 0; i < bars->count; i++) {
        bar_text(text, sizeof text, bars, i);
        names = fmaxf(names, canvas_text_width(canvas, &pen, bars->name[i]));
        figures = fmaxf(figures, canvas_text_width(canvas, &pen, text));
    }
    struct bar_place place = { .left = box.x + (int)ceilf(names) + gap,
                               .line = pane_line(stage, 1.1f) };
    int room = box.x + box.width - place.left - (int)ceilf(figures) - gap / 2 - 1;
    place.room = room > 2 * gap ? room : 0;
    return place;
}

/* Name, bar, figure; bars begin under one another. */
static void draw_bars(const struct stage *stage, struct canvas *canvas, struct box *box,
                      const struct bars *bars)
{
    struct pen pen = pane_pen(stage, 1, stage->palette->ink);
    struct bar_place place = place_bars(stage, canvas, *box, bars);
    struct box row;
    for (int i = 0; i < bars->count && box_take_top(box, place.line, &row); i++) {
        char text[64], whole[100];
        float y = pane_baseline(row, &pen);
        double share = bars->most[i] > 0 ? bars->value[i] / bars->most[i] : 0;
        share = isfinite(share) ? fmin(share, 1) : 0;
        struct box bar = { place.left, row.y + place.line / 5,
                           (int)lround(share * place.room),
                           place.line - 2 * (place.line / 5) };
        bar_text(text, sizeof text, bars, i);
        snprintf(whole, sizeof whole, "%s %s", bars->name[i], text);
        if (place.room == 0) {
            canvas_text_in(canvas, &pen, (float)row.x, y, (float)row.width, whole);
            continue;
        }
        canvas_text_to(canvas, &pen, (float)place.left - stage->cap, y, bars->name[i]);
        canvas_fill(canvas, bar, bars->colour[i]);
        canvas_text(canvas, &pen, (float)(place.left + bar.width) + stage->cap / 2, y,
                    text);
    }
}

/* One boundary: a line with its name, then the bars. False: no room. */
static bool draw_boundary(const struct stage *stage, struct canvas *canvas,
                          struct box *box, const struct scene_sum *sum,
                          const struct scene_sum *whole, enum boundary boundary)
{
    static const char *const name[VARIANTS] = { "spikes", "INT8", "FP16" };
    const struct palette *palette = stage->palette;
    const uint32_t colour[VARIANTS] = { palette->excited, palette->inhibited,
                                        palette->muted };
    double joule[VARIANTS];
    for (int v = 0; v < VARIANTS; v++)
        joule[v] = sum->nj[boundary][v] * 1e-9;
    const double fp16 = whole->nj[boundary][VARIANT_FP16] * 1e-9;
    const double most[VARIANTS] = { fp16, fp16, fp16 };
    struct bars bars = { name, joule, colour, VARIANTS, "J", most, true };
    if (box->height < pane_line(stage, 0.9f) + VARIANTS * pane_line(stage, 1.1f))
        return false;
    pane_write(stage, canvas, box, 0.9f, palette->muted, boundary_name[boundary]);
    draw_bars(stage, canvas, box, &bars);
    return true;
}

/* The figure to be read from the back of the room, with what it is about behind it. */
static bool draw_big(const struct stage *stage, struct canvas *canvas, struct box *box,
                     double value, const char *unit, const char *about)
{
    enum { SCALE = 3 };
    struct pen pen = pane_pen(stage, SCALE, stage->palette->ink);
    struct pen small = pane_pen(stage, 1, stage->palette->muted);
    char figure[NUMBER_TEXT];
    struct box line;
    if (box->height < pane_line(stage, SCALE))
        return false;
    number_text(figure, value, unit);
    pen.is_bold = true;
    float width = canvas_text_width(canvas, &pen, figure);
    if (width > (float)box->width)
        return false;
    box_take_top(box, pane_line(stage, SCALE * 0.8f), &line);
    float y = (float)line.y + ((float)line.height + pen.cap_height) / 2;
    float left = width + stage->cap;
    canvas_text(canvas, &pen, (float)line.x, y, figure);
    if ((float)line.width - left > 8 * stage->cap)
        canvas_text_in(canvas, &small, (float)line.x + left, y,
                       (float)line.width - left, about);
    return true;
}

static void draw_operations(const struct stage *stage, struct canvas *canvas,
                            struct box *box, const struct scene *scene,
                            const struct scene_sum *sum)
{
    const struct scene_sum *whole = &scene->sum[scene->tokens];
    const char *const name[] = { scene->is_graded ? "multiplied by spikes"
                                                  : "additions of spikes",
                                 "dense multiply-adds" };
    const double value[] = { sum->sop, sum->dense_macs };
    const uint32_t colour[] = { stage->palette->excited, stage->palette->inhibited };
    const double longest = fmax(whole->sop, whole->dense_macs);
    const double most[] = { longest, longest };
    struct bars bars = { name, value, colour, 2, "", most, false };
    draw_bars(stage, canvas, box, &bars);
}

static void draw_model(const struct stage *stage, struct canvas *canvas, struct box box,
                       const struct scene *scene)
{
    static const enum boundary shown[] = { BOUNDARY_SUMS, BOUNDARY_WEIGHTS,
                                           BOUNDARY_TOKEN };
    const uint32_t muted = stage->palette->muted;
    struct scene_sum sum = sum_at(scene, stage->view->playback.step);
    const struct scene_sum *whole = &scene->sum[scene->tokens];
    char prices[64];
    if (!scene->profile[0]) {
        pane_write(stage, canvas, &box, 1, muted, scene->unpriced);
        draw_operations(stage, canvas, &box, scene, &sum);
        return;
    }
    draw_big(stage, canvas, &box, sum.nj[BOUNDARY_SUMS][VARIANT_SPIKING] * 1e-9, "J",
             "spent on sums so far");
    int kept = pane_line(stage, 0.9f) + 2 * pane_line(stage, 1.1f);
    for (size_t i = 0; i < sizeof shown / sizeof shown[0]; i++) {
        struct box above = box; /* the operations keep their room below */
        above.height -= i > 0 ? kept : 0;
        if (draw_boundary(stage, canvas, &above, &sum, whole, shown[i])) {
            box.height -= above.y - box.y;
            box.y = above.y;
        }
    }
    draw_operations(stage, canvas, &box, scene, &sum);
    snprintf(prices, sizeof prices, "prices: %s", scene->profile);
    pane_write(stage, canvas, &box, 0.9f, muted, prices);
    pane_write(stage, canvas, &box, 0.9f, muted,
               "attention, cache, norms, softmax: in the whole token alone");
}

static void draw_network(const struct stage *stage, struct canvas *canvas,
                         struct box box, const struct scene *scene)
{
    static const char *const name[] = { "spikes", "synaptic operations" };
    struct scene_sum sum = sum_at(scene, stage->view->playback.step);
    const struct scene_sum *whole = &scene->sum[scene->tokens];
    const double value[] = { sum.spikes, sum.sop };
    const uint32_t colour[] = { stage->palette->excited, stage->palette->inhibited };
    if (whole->sop > 0)
        draw_big(stage, canvas, &box, sum.sop, "", name[1]);
    else
        draw_big(stage, canvas, &box, sum.spikes, "", name[0]);
    const double most[] = { whole->spikes, whole->sop };
    struct bars bars = { name, value, colour, whole->sop > 0 ? 2 : 1, "", most, false };
    draw_bars(stage, canvas, &box, &bars);
}

static bool has(const struct scene *scene)
{
    return scene->has_counters;
}

static enum error_code draw(const struct stage *stage, unsigned which,
                            struct canvas *canvas, struct box box, struct error *err)
{
    const struct scene *scene = stage->exhibit[which].scene;
    struct box old = canvas_clip(canvas, box);
    (void)err;
    if (!has(scene))
        pane_say(stage, canvas, box, "no operations are counted in this recording");
    else if (scene->is_timed)
        draw_network(stage, canvas, box, scene);
    else
        draw_model(stage, canvas, box, scene);
    canvas->clip = old;
    return OK;
}

static bool find(const struct stage *stage, unsigned which, struct canvas *canvas,
                 struct box box, int x, int y, struct finding *finding)
{
    const struct scene *scene = stage->exhibit[which].scene;
    char text[3][NUMBER_TEXT];
    (void)canvas;
    if (!has(scene) || !box_holds(box, x, y))
        return false;
    struct scene_sum sum = sum_at(scene, stage->view->playback.step);
    finding->selection = (struct selection){ -1, -1, -1, -1 };
    finding->step = (double)NAN;
    number_text(text[0], sum.spikes, "");
    number_text(text[1], sum.sop, "");
    number_text(text[2], sum.dense_macs, "");
    snprintf(finding->text, sizeof finding->text, "%s spikes, %s synaptic operations",
             text[0], text[1]);
    size_t used = strlen(finding->text);
    if (!scene->is_timed)
        snprintf(finding->text + used, sizeof finding->text - used,
                 ", %s dense multiply-accumulates", text[2]);
    return true;
}

const struct pane energy_pane = {
    .name = "energy",
    .title = "energy",
    .summary = "energy and operations so far, beside FP16 and INT8",
    .changes = PANE_BY_STEP,
    .has = has,
    .draw = draw,
    .find = find,
};
