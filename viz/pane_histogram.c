/* Histogram of counts: how many channels sent how much, of the selected token or of all,
 * of the selected layer or population or of all. Of a network: how fast its neurons
 * fire. */
#include "viz/histogram_bins.h"
#include "viz/number_text.h"
#include "viz/pane_frame.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { SMALL = 7 }; /* counts up to here are those that three bits hold */

struct bar_chart {
    struct box notes, plot, axis; /* height 0: not shown */
};

static struct bar_chart divide(const struct stage *stage, struct box box)
{
    struct bar_chart chart = { .plot = box };
    int line = pane_line(stage, 0.85f);
    int notes = 2 * pane_line(stage, 1);
    if (chart.plot.height > 3 * line) {
        chart.plot.height -= line;
        chart.axis = (struct box){ box.x, box.y + chart.plot.height, box.width, line };
    }
    if (chart.plot.height > 2 * notes)
        box_take_top(&chart.plot, notes, &chart.notes);
    return chart;
}

static struct box bar_of(const struct bar_chart *chart, uint32_t bin, uint32_t bins)
{
    struct box bar = chart->plot;
    int64_t left = (int64_t)bar.width * bin / bins;
    int64_t right = (int64_t)bar.width * (bin + 1) / bins;
    bar.x += (int)left;
    bar.width = (int)(right - left);
    return bar;
}

static double highest(const struct histogram_bins *bins)
{
    double most = 0;
    for (uint32_t bin = 0; bin < bins->bins; bin++)
        most = fmax(most, bins->share[bin]);
    return most;
}

/* The figure stands above its bar where both the bar's width and the room above it take
 * it. */
static void draw_bars(const struct stage *stage, struct canvas *canvas,
                      const struct histogram_bins *bins, const struct bar_chart *chart)
{
    struct pen pen = pane_pen(stage, 0.85f, stage->palette->ink);
    double most = highest(bins);
    int line = pane_line(stage, 0.85f);
    bool has_figures = chart->plot.height > 3 * line;
    int room = chart->plot.height - (has_figures ? line : 0);
    for (uint32_t bin = 0; bin < bins->bins && most > 0; bin++) {
        struct box bar = bar_of(chart, bin, bins->bins);
        int height = (int)lround(bins->share[bin] / most * room);
        bool is_silent = bin == 0 && !isnan(bins->small);
        char text[NUMBER_TEXT];
        if (bins->share[bin] > 0 && height == 0)
            height = 1;
        double percent = 100 * bins->share[bin];
        snprintf(text, sizeof text, "%.*f", percent < 9.95 ? 1 : 0, percent);
        float width = canvas_text_width(canvas, &pen, text);
        struct box label = { bar.x, bar.y + bar.height - height - line, 0, line };
        if (has_figures && width + stage->cap / 4 <= (float)bar.width &&
            bins->share[bin] > 0)
            canvas_text(canvas, &pen, (float)bar.x + ((float)bar.width - width) / 2,
                        pane_baseline(label, &pen), text);
        bar.y += bar.height - height;
        bar.height = height;
        bar.width -= bar.width > 3;
        canvas_fill(canvas, bar,
                    is_silent ? stage->palette->muted : stage->palette->excited);
    }
    canvas_fill(canvas,
                (struct box){ chart->plot.x, chart->plot.y + chart->plot.height - 1,
                              chart->plot.width, 1 },
                stage->palette->rule);
}

static void bin_text(char text[NUMBER_TEXT], const struct histogram_bins *bins,
                     uint32_t bin)
{
    if (isnan(bins->small))
        hertz_text(text, bin * bins->bin_hz);
    else
        snprintf(text, NUMBER_TEXT, "%s", histogram_bin_name(bin));
}

/* Under bars of counts in their middle, of rates at their beginning; what would touch
 * the name before is left out. */
static void label_axis(const struct stage *stage, struct canvas *canvas,
                       const struct histogram_bins *bins, const struct bar_chart *chart)
{
    struct pen pen = pane_pen(stage, 0.85f, stage->palette->muted);
    float end = (float)chart->axis.x, y = pane_baseline(chart->axis, &pen);
    float right = (float)(chart->axis.x + chart->axis.width);
    for (uint32_t bin = 0; bin < bins->bins; bin++) {
        struct box bar = bar_of(chart, bin, bins->bins);
        char text[NUMBER_TEXT];
        bin_text(text, bins, bin);
        float width = canvas_text_width(canvas, &pen, text);
        float x = (float)bar.x;
        if (!isnan(bins->small))
            x += ((float)bar.width - width) / 2;
        if (x < end || x + width > right)
            continue;
        canvas_text(canvas, &pen, x, y, text);
        end = x + width + stage->cap;
    }
}

static void write_notes(const struct stage *stage, struct canvas *canvas,
                        const struct histogram_bins *bins, struct box box)
{
    char text[160], figure[NUMBER_TEXT], items[NUMBER_TEXT];
    snprintf(text, sizeof text, "%% of %s", bins->what);
    pane_write(stage, canvas, &box, 1, stage->palette->muted, text);
    number_text(items, bins->items, "");
    if (isnan(bins->small)) {
        hertz_text(figure, bins->mean_hz);
        snprintf(text, sizeof text, "mean rate %s of %.0f neurons", figure,
                 bins->items);
    } else {
        percent_text(figure, bins->small);
        snprintf(text, sizeof text, "|count| <= %d: %s of %s counts", SMALL, figure,
                 items);
    }
    pane_write(stage, canvas, &box, 1, stage->palette->ink, text);
}

static bool has(const struct scene *scene)
{
    return scene->is_timed || scene->histogram;
}

static enum error_code draw(const struct stage *stage, unsigned which,
                            struct canvas *canvas, struct box box, struct error *err)
{
    const struct scene *scene = stage->exhibit[which].scene;
    struct histogram_bins bins;
    struct box old = canvas_clip(canvas, box);
    enum error_code code = OK;
    if (!has(scene))
        pane_say(stage, canvas, box, "counts are not recorded here");
    else
        code = histogram_bins_gather(&bins, stage, which, err);
    if (code == OK && has(scene)) {
        struct bar_chart chart = divide(stage, box);
        if (chart.notes.height > 0)
            write_notes(stage, canvas, &bins, chart.notes);
        draw_bars(stage, canvas, &bins, &chart);
        if (chart.axis.height > 0)
            label_axis(stage, canvas, &bins, &chart);
    }
    canvas->clip = old;
    return code;
}

static bool find(const struct stage *stage, unsigned which, struct canvas *canvas,
                 struct box box, int x, int y, struct finding *finding)
{
    const struct scene *scene = stage->exhibit[which].scene;
    struct bar_chart chart = divide(stage, box);
    struct histogram_bins bins;
    struct error err;
    char share[NUMBER_TEXT], from[NUMBER_TEXT];
    (void)canvas;
    if (!has(scene) || !box_holds(chart.plot, x, y) ||
        histogram_bins_gather(&bins, stage, which, &err) != OK)
        return false;
    uint32_t bin =
        (uint32_t)((int64_t)(x - chart.plot.x) * bins.bins / chart.plot.width);
    finding->selection = (struct selection){ -1, -1, -1, -1 };
    finding->step = (double)NAN;
    bin_text(from, &bins, bin);
    percent_text(share, bins.share[bin]);
    snprintf(finding->text, sizeof finding->text, "%s%s: %s of %.40s",
             isnan(bins.small) ? "from " : "|count| ", from, share, bins.what);
    return true;
}

const struct pane histogram_pane = {
    .name = "histogram",
    .title = "histogram",
    .summary = "how many channels sent how much, or how fast a network's neurons fire",
    .changes = PANE_STILL,
    .has = has,
    .draw = draw,
    .find = find,
};
