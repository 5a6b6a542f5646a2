/* See layout.h. Two columns: what has the axis of time on the left, so that the same
 * step stands at the same place in each, and beside it what sums up. */
#include "viz/layout.h"

#include "viz/pane_frame.h"

#include <math.h>
#include <string.h>

/* In capitals: below `least` a pane cannot be read; what is left over goes by `share`;
 * `most` is what a pane can use, 0: any. */
struct claim {
    enum view_pane pane;
    float least, share, most;
};

static const struct claim timed[] = {
    { PANE_RASTER, 20, 6, 0 },
    { PANE_TEXT, 5, 1.2f, 16 },
    { PANE_RATES, 8, 1.5f, 0 },
    { PANE_TRACE, 8, 2, 0 },
};

static const struct claim summed[] = {
    { PANE_MAP, 14, 4, 0 },
    { PANE_HISTOGRAM, 11, 2, 0 },
    { PANE_ENERGY, 11, 2, 0 },
};

/* The first to be left out stands first. */
static const enum view_pane dispensable[] = { PANE_HISTOGRAM, PANE_TRACE, PANE_RATES,
                                              PANE_ENERGY,    PANE_MAP,   PANE_TEXT };

enum { TIMED = sizeof timed / sizeof timed[0] };
enum { SUMMED = sizeof summed / sizeof summed[0] };
enum { DISPENSABLE = sizeof dispensable / sizeof dispensable[0] };

static const float least_cap = 6;       /* pixels */
static const float cap_share = 0.0115f; /* of the height of a wide picture */
static const float bar = 3.2f, scrub_bar = 1.6f, gap = 1.2f; /* in capitals */
static const float caption_wide = 90, caption_line = 1.9f, caption_margin = 2.4f;
static const float mean_letter = 0.95f; /* of bold text, rather too much */
static const float timed_least = 52, summed_least = 30; /* widths */
static const float timed_share = 0.66f;

struct column {
    const struct claim *claim;
    unsigned claims;
};

float layout_cap(const struct view_state *view, uint32_t width, uint32_t height)
{
    float size = fminf((float)height, (float)width * 9 / 16);
    return fmaxf(size * cap_share, least_cap) * view->font_scale;
}

bool layout_can_show(enum view_pane pane, const struct scene *scene)
{
    return panes[pane] && (!panes[pane]->has || panes[pane]->has(scene));
}

static float least_of(struct column column, const bool *shown, float cap)
{
    float sum = 0;
    for (unsigned i = 0; i < column.claims; i++)
        if (shown[column.claim[i].pane])
            sum += (column.claim[i].least + gap) * cap;
    return sum > 0 ? sum - gap * cap : 0;
}

/* One above another, or in a row where the column is the only one and lies wide. */
static void pile(struct column column, const bool *shown, struct box room, float cap,
                 struct box *pane)
{
    int space = (int)(gap * cap);
    float least = least_of(column, shown, cap), shares = 0, extra;
    for (unsigned i = 0; i < column.claims; i++)
        if (shown[column.claim[i].pane])
            shares += column.claim[i].share;
    extra = fmaxf((float)room.height - least, 0);
    /* What a pane cannot use falls to those with no limit. */
    for (unsigned i = 0; i < column.claims; i++) {
        const struct claim *c = &column.claim[i];
        if (shown[c->pane] && c->most > 0 &&
            extra * c->share / shares > (c->most - c->least) * cap &&
            shares > c->share) {
            extra -= (c->most - c->least) * cap;
            shares -= c->share;
        }
    }
    int y = room.y, end = room.y + room.height;
    unsigned last = 0;
    for (unsigned i = 0; i < column.claims; i++)
        if (shown[column.claim[i].pane])
            last = i;
    for (unsigned i = 0; i < column.claims; i++) {
        const struct claim *c = &column.claim[i];
        if (!shown[c->pane])
            continue;
        float height = c->least * cap + extra * c->share / shares;
        if (c->most > 0)
            height = fminf(height, c->most * cap);
        int h = i == last ? end - y : (int)height;
        pane[c->pane] = (struct box){ room.x, y, room.width, h > 0 ? h : 0 };
        y += h + space;
    }
}

static void spread(struct column column, const bool *shown, struct box room, float cap,
                   struct box *pane)
{
    int space = (int)(gap * cap);
    unsigned count = 0, done = 0;
    for (unsigned i = 0; i < column.claims; i++)
        count += shown[column.claim[i].pane];
    for (unsigned i = 0; i < column.claims; i++) {
        if (!shown[column.claim[i].pane])
            continue;
        int from = (int)((uint64_t)(room.width + space) * done / count);
        int to = (int)((uint64_t)(room.width + space) * (done + 1) / count);
        pane[column.claim[i].pane] =
            (struct box){ room.x + from, room.y, to - from - space, room.height };
        done++;
    }
}

static void split(const bool *wanted, struct box room, float cap, struct box *pane)
{
    static const struct column left = { timed, TIMED }, right = { summed, SUMMED };
    bool shown[VIEW_PANES];
    memcpy(shown, wanted, sizeof shown);
    int space = (int)(gap * cap);
    bool is_narrow = (float)room.width < (timed_least + summed_least + gap) * cap;
    /* Narrow: what stands beside goes below, as far as there is room. */
    for (unsigned i = 0; i < DISPENSABLE; i++) {
        float l = least_of(left, shown, cap), r = least_of(right, shown, cap);
        bool both = l > 0 && r > 0;
        float needed = is_narrow && both ? l + r + gap * cap : fmaxf(l, r);
        bool others = false;
        for (unsigned p = 0; p < VIEW_PANES; p++)
            others = others || (shown[p] && p != (unsigned)dispensable[i]);
        if (needed > (float)room.height && others)
            shown[dispensable[i]] = false;
    }
    float l = least_of(left, shown, cap), r = least_of(right, shown, cap);
    if (l == 0 && room.width > room.height) {
        spread(right, shown, room, cap, pane);
    } else if (l == 0 || r == 0) {
        pile(l == 0 ? right : left, shown, room, cap, pane);
    } else if (is_narrow) {
        int below = (int)fmaxf(r, (float)room.height * 0.4f);
        below =
            below > room.height - (int)l - space ? room.height - (int)l - space : below;
        struct box upper = { room.x, room.y, room.width, room.height - below - space };
        struct box lower = { room.x, room.y + room.height - below, room.width, below };
        pile(left, shown, upper, cap, pane);
        pile(right, shown, lower, cap, pane);
    } else {
        int width = (int)fmaxf((float)room.width * timed_share, timed_least * cap);
        if ((float)(room.width - width - space) < summed_least * cap)
            width = room.width - space - (int)(summed_least * cap);
        struct box first = { room.x, room.y, width, room.height };
        struct box second = { room.x + width + space, room.y,
                              room.width - width - space, room.height };
        pile(left, shown, first, cap, pane);
        pile(right, shown, second, cap, pane);
    }
}

static void fill_room(struct layout *layout, const struct stage *stage, unsigned which,
                      struct box room, bool *shown)
{
    const struct view_state *view = stage->view;
    if (view->enlarged != VIEW_PANES && shown[view->enlarged])
        layout->pane[which][view->enlarged] = room;
    else
        split(shown, room, layout->cap, layout->pane[which]);
}

/* The difference of two rasters is one pane over the whole width, above the rest. */
static void lay_side_by_side(struct layout *layout, const struct stage *stage,
                             struct box room, bool *shown)
{
    float cap = layout->cap;
    int space = (int)(gap * cap);
    if (stage->view->compare == COMPARE_DIFFERENCE && shown[PANE_RASTER]) {
        bool others = false;
        for (unsigned p = 0; p < VIEW_PANES; p++)
            others = others || (shown[p] && p != PANE_RASTER);
        struct box above = room;
        if (others && stage->view->enlarged == VIEW_PANES) {
            above.height = room.height / 2;
            room.y += above.height + space;
            room.height -= above.height + space;
        }
        layout->pane[0][PANE_RASTER] = above;
        if (!others || stage->view->enlarged == PANE_RASTER)
            return;
        shown[PANE_RASTER] = false;
    }
    int label = (int)(2.2f * cap), half = (room.width - space) / 2;
    for (unsigned which = 0; which < 2; which++) {
        struct box part = { room.x + (int)which * (half + space), room.y, half,
                            room.height };
        layout->label[which] = (struct box){ part.x, part.y, half, label };
        part.y += label;
        part.height -= label;
        fill_room(layout, stage, which, part, shown);
    }
}

float layout_caption_cap(const struct layout *layout)
{
    return 1.4f * layout->cap;
}

float layout_caption_width(const struct layout *layout)
{
    float cap = layout_caption_cap(layout);
    return fminf((float)layout->title.width - 6 * cap, caption_wide * cap);
}

/* Room below the panes for a caption, by the length of its text. */
static void lay_caption(struct layout *layout, const char *text, struct box *room)
{
    float cap = layout_caption_cap(layout), wide = layout_caption_width(layout);
    if (!text[0] || wide <= 0)
        return;
    float lines = floorf((float)strlen(text) * mean_letter * cap / wide) + 1;
    int height = (int)((fmaxf(lines, 2) * caption_line + caption_margin) * cap);
    if (height > room->height / 2)
        height = room->height / 2;
    room->height -= height;
    layout->caption =
        (struct box){ room->x, room->y + room->height, room->width, height };
}

void layout_of(struct layout *layout, const struct stage *stage, uint32_t width,
               uint32_t height)
{
    const struct view_state *view = stage->view;
    float cap = layout_cap(view, width, height);
    int w = (int)width, h = (int)height, title = (int)(bar * cap);
    int scrub = (int)(scrub_bar * cap), edge = (int)(gap * cap);
    *layout = (struct layout){ .cap = cap };
    layout->title = (struct box){ 0, 0, w, title };
    layout->status = (struct box){ 0, h - title, w, title };
    layout->scrub = (struct box){ edge, h - title - scrub, w - 2 * edge, scrub };
    layout->help = (struct box){ edge, title, w - 2 * edge, h - 2 * title };
    struct box room = { edge, title, w - 2 * edge, h - 2 * title - scrub - edge / 2 };
    if (room.width <= 0 || room.height <= 0)
        return;
    lay_caption(layout, view->caption, &room);

    bool shown[VIEW_PANES];
    for (unsigned p = 0; p < VIEW_PANES; p++) {
        shown[p] = false;
        for (unsigned which = 0; which < stage->exhibits; which++)
            shown[p] = shown[p] || (view->is_shown[p] &&
                                    layout_can_show((enum view_pane)p,
                                                    stage->exhibit[which].scene));
    }
    if (stage->exhibits > 1)
        lay_side_by_side(layout, stage, room, shown);
    else
        fill_room(layout, stage, 0, room, shown);
}

bool layout_at(const struct layout *layout, int x, int y, unsigned *which,
               enum view_pane *pane)
{
    for (unsigned w = 0; w < 2; w++)
        for (unsigned p = 0; p < VIEW_PANES; p++)
            if (box_holds(layout->pane[w][p], x, y)) {
                *which = w;
                *pane = (enum view_pane)p;
                return true;
            }
    return false;
}
