/* Energy and operations, running with playback: what the spikes cost and what the dense
 * networks would have cost for the same tokens. Where one draws the line decides the
 * answer, so each figure stands under the name of its boundary. Of a network there are
 * spikes and synaptic operations. */
#include "viz/number_text.h"
#include "viz/pane_frame.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static const float small = 0.9f, big = 3; /* texts, in plain ones */

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

/* What the pane is made of, from top to bottom; as a line or, with more room, in full. */
enum part {
    PART_BIG,
    PART_SUMS,
    PART_WEIGHTS,
    PART_TOKEN,
    PART_OPERATIONS,
    PART_PRICES,
    PART_OUTSIDE,
    PARTS
};
enum form { FORM_NONE, FORM_LINE, FORM_FULL };

/* What room is spent on, the most needed first. */
static const struct {
    enum part part;
    enum form form;
} wishes[] = {
    { PART_SUMS, FORM_LINE },    { PART_SUMS, FORM_FULL },
    { PART_WEIGHTS, FORM_LINE }, { PART_OPERATIONS, FORM_LINE },
    { PART_PRICES, FORM_LINE },  { PART_TOKEN, FORM_LINE },
    { PART_BIG, FORM_FULL },     { PART_OPERATIONS, FORM_FULL },
    { PART_WEIGHTS, FORM_FULL }, { PART_OUTSIDE, FORM_LINE },
    { PART_TOKEN, FORM_FULL },
};

static int part_height(const struct stage *stage, enum part part, enum form form)
{
    int line = pane_line(stage, small), bar = pane_line(stage, 1.1f);
    if (form == FORM_NONE)
        return 0;
    if (form == FORM_LINE)
        return line;
    if (part == PART_BIG)
        return pane_line(stage, big * 0.8f);
    return part == PART_OPERATIONS ? 2 * bar : line + VARIANTS * bar;
}

static void choose_forms(const struct stage *stage, int height, enum form form[PARTS])
{
    memset(form, 0, PARTS * sizeof *form);
    for (size_t i = 0; i < sizeof wishes / sizeof wishes[0]; i++) {
        enum part part = wishes[i].part;
        int more = part_height(stage, part, wishes[i].form) -
                   part_height(stage, part, form[part]);
        if (more <= height) {
            form[part] = wishes[i].form;
            height -= more;
        }
    }
}

/* A name and the savings: "+ weight fetches: 12.1 % saved on INT8, 55.9 % on FP16". */
static void write_saving(const struct stage *stage, struct canvas *canvas,
                         struct box *box, const double nj[VARIANTS], const char *name)
{
    char text[160], share[2][NUMBER_TEXT];
    percent_text(share[0], 1 - nj[VARIANT_SPIKING] / nj[VARIANT_INT8]);
    percent_text(share[1], 1 - nj[VARIANT_SPIKING] / nj[VARIANT_FP16]);
    snprintf(text, sizeof text, "%s: %s saved on INT8, %s on FP16", name, share[0],
             share[1]);
    pane_write(stage, canvas, box, small, stage->palette->ink, text);
}

static void draw_boundary(const struct stage *stage, struct canvas *canvas,
                          struct box *box, const struct scene_sum *sum,
                          const struct scene_sum *whole, enum boundary boundary,
                          enum form form)
{
    static const char *const name[VARIANTS] = { "spikes", "INT8", "FP16" };
    const struct palette *palette = stage->palette;
    const uint32_t colour[VARIANTS] = { palette->excited, palette->inhibited,
                                        palette->muted };
    const double fp16 = whole->nj[boundary][VARIANT_FP16] * 1e-9;
    const double most[VARIANTS] = { fp16, fp16, fp16 };
    double joule[VARIANTS];
    for (int v = 0; v < VARIANTS; v++)
        joule[v] = sum->nj[boundary][v] * 1e-9;
    struct bars bars = { name, joule, colour, VARIANTS, "J", most, true };
    if (form == FORM_LINE)
        write_saving(stage, canvas, box, sum->nj[boundary], boundary_name[boundary]);
    if (form != FORM_FULL)
        return;
    pane_write(stage, canvas, box, small, palette->muted, boundary_name[boundary]);
    draw_bars(stage, canvas, box, &bars);
}

/* The figure to be read from the back of the room, with what it is about behind it. */
static void draw_big(const struct stage *stage, struct canvas *canvas, struct box *box,
                     double value, const char *unit, const char *about)
{
    struct pen pen = pane_pen(stage, big, stage->palette->ink);
    struct pen plain = pane_pen(stage, 1, stage->palette->muted);
    char figure[NUMBER_TEXT];
    struct box line;
    number_text(figure, value, unit);
    pen.is_bold = true;
    float width = canvas_text_width(canvas, &pen, figure), left = width + stage->cap;
    if (width > (float)box->width ||
        !box_take_top(box, pane_line(stage, big * 0.8f), &line))
        return;
    float y = pane_baseline(line, &pen), room = (float)line.width - left;
    canvas_text(canvas, &pen, (float)line.x, y, figure);
    if (room > 8 * stage->cap)
        canvas_text_in(canvas, &plain, (float)line.x + left, y, room, about);
}

static void draw_operations(const struct stage *stage, struct canvas *canvas,
                            struct box *box, const struct scene *scene,
                            const struct scene_sum *sum, enum form form)
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
    char figure[2][NUMBER_TEXT], text[160];
    number_text(figure[0], sum->sop, "");
    number_text(figure[1], sum->dense_macs, "");
    snprintf(text, sizeof text, "%s %s, %s %s", figure[0], name[0], figure[1], name[1]);
    if (form == FORM_LINE)
        pane_write(stage, canvas, box, small, stage->palette->ink, text);
    else if (form == FORM_FULL)
        draw_bars(stage, canvas, box, &bars);
}

static void draw_model(const struct stage *stage, struct canvas *canvas, struct box box,
                       const struct scene *scene)
{
    static const enum boundary boundary[] = { [PART_SUMS] = BOUNDARY_SUMS,
                                              [PART_WEIGHTS] = BOUNDARY_WEIGHTS,
                                              [PART_TOKEN] = BOUNDARY_TOKEN };
    const uint32_t muted = stage->palette->muted;
    struct scene_sum sum = sum_at(scene, stage->view->playback.step);
    const struct scene_sum *whole = &scene->sum[scene->tokens];
    enum form form[PARTS];
    char prices[64];
    if (!scene->profile[0]) {
        draw_operations(stage, canvas, &box, scene, &sum, FORM_FULL);
        pane_say(stage, canvas, box, scene->unpriced);
        return;
    }
    choose_forms(stage, box.height, form);
    if (form[PART_BIG] == FORM_FULL)
        draw_big(stage, canvas, &box, sum.nj[BOUNDARY_SUMS][VARIANT_SPIKING] * 1e-9,
                 "J", "spent on sums so far");
    for (int part = PART_SUMS; part <= PART_TOKEN; part++)
        draw_boundary(stage, canvas, &box, &sum, whole, boundary[part], form[part]);
    draw_operations(stage, canvas, &box, scene, &sum, form[PART_OPERATIONS]);
    snprintf(prices, sizeof prices, "prices: %s", scene->profile);
    if (form[PART_PRICES])
        pane_write(stage, canvas, &box, small, muted, prices);
    if (form[PART_OUTSIDE])
        pane_write(stage, canvas, &box, small, muted,
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
    .title = "energy and operations",
    .summary = "energy and operations so far, beside FP16 and INT8",
    .changes = PANE_BY_STEP,
    .has = has,
    .draw = draw,
    .find = find,
};
