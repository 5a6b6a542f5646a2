/* What panes share: the place of the axis of time. */
#include "viz/pane.h"

#include <math.h>
#include <string.h>

static const float letter = 0.92f; /* average width of a name's letters, in capitals */
static const float least_label = 12.5f, most_label = 21,
                   right_column = 6.5f;                    /* likewise */
static const float most_share = 0.24f, most_right = 0.12f; /* of the box's width */

/* Room for the names of the bands, by their letters: the same in every pane. */
static float label_room(const struct stage *stage)
{
    size_t longest = 0;
    for (unsigned which = 0; which < stage->exhibits; which++) {
        const struct exhibit *exhibit = &stage->exhibit[which];
        const struct population_info *info = exhibit->scene->recording.population;
        for (uint32_t i = 0; i < exhibit->stack->bands; i++) {
            size_t length = strlen(info[exhibit->stack->band[i].population].name);
            longest = length > longest ? length : longest;
        }
    }
    return fminf(fmaxf((float)longest * letter + 1, least_label), most_label);
}

struct box pane_plot(const struct stage *stage, struct box box)
{
    float width = (float)box.width;
    int left = (int)fminf(label_room(stage) * stage->cap, most_share * width);
    int right = (int)fminf(right_column * stage->cap, most_right * width);
    struct box plot = box;
    plot.x += left;
    plot.width -= left + right;
    if (plot.width < 0)
        plot.width = 0;
    return plot;
}

float pane_step_x(const struct view_state *view, struct box plot, double step)
{
    double share = view->steps > 0 ? (step - view->first_step) / view->steps : 0;
    return (float)(plot.x + share * plot.width);
}

double pane_x_step(const struct view_state *view, struct box plot, float x)
{
    double share = plot.width > 0 ? ((double)x - plot.x) / plot.width : 0;
    return view->first_step + share * view->steps;
}
