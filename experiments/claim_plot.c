/* Pictures as inline SVG, drawn as wide as a narrow telephone shows them, so that their
 * letters keep their size; colours come from the page's style sheet. */
#include "experiments/claim.h"
#include "experiments/claim_page.h"

#include <math.h>
#include <string.h>

enum { WIDTH = 340, BAR_LEFT = 4, BAR_ROOM = 270, BAR_STEP = 34, SERIES_COLOURS = 6 };

static double number_of(const json_t *object, const char *name)
{
    const json_t *value = json_object_get(object, name);
    return json_is_number(value) ? json_number_value(value) : (double)NAN;
}

static void open_svg(FILE *file, const json_t *plot, int height)
{
    fprintf(file, "<figure><figcaption><b>");
    page_member(file, plot, "title");
    fprintf(file, "</b><br>");
    page_member(file, plot, "note");
    fprintf(file,
            "</figcaption>\n<svg viewBox=\"0 0 %d %d\" role=\"img\" aria-label=\"",
            WIDTH, height);
    page_member(file, plot, "title");
    fprintf(file, "\">\n");
}

static void put_label(FILE *file, double x, double y, const char *anchor,
                      const char *text)
{
    fprintf(file, "<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"%s\">", x, y, anchor);
    page_text(file, text);
    fprintf(file, "</text>\n");
}

/* Largest of all values and marks, and room for bars that go below 0. */
static void bar_range(const json_t *rows, double *low, double *high)
{
    size_t index;
    const json_t *row;
    *low = 0;
    *high = 0;
    json_array_foreach(rows, index, row)
    {
        *low = fmin(*low, number_of(row, "value"));
        *high = fmax(*high, fmax(number_of(row, "value"), number_of(row, "mark")));
    }
    if (*high <= *low)
        *high = *low + 1;
}

static void draw_bars(FILE *file, const json_t *plot)
{
    const json_t *rows = json_object_get(plot, "rows"), *row;
    const char *unit = claim_text(plot, "unit");
    double low, high;
    size_t index;
    bar_range(rows, &low, &high);
    open_svg(file, plot, BAR_STEP * (int)json_array_size(rows) + 4);
    double scale = BAR_ROOM / (high - low), zero = BAR_LEFT - low * scale;
    json_array_foreach(rows, index, row)
    {
        char text[CLAIM_NUMBER_ROOM];
        double y = BAR_STEP * (double)index, value = number_of(row, "value");
        double mark = number_of(row, "mark");
        put_label(file, BAR_LEFT, y + 13, "start", claim_text(row, "label"));
        if (!isfinite(value)) {
            put_label(file, zero, y + 28, "start", "not priced");
            continue;
        }
        double end = zero + value * scale;
        fprintf(file,
                "<rect class=\"bar\" x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" "
                "height=\"12\"/>\n",
                fmin(zero, end), y + 18, fabs(end - zero));
        if (isfinite(mark))
            fprintf(file,
                    "<line class=\"mark\" x1=\"%.1f\" x2=\"%.1f\" y1=\"%.1f\" "
                    "y2=\"%.1f\"/>\n",
                    zero + mark * scale, zero + mark * scale, y + 15, y + 33);
        put_label(file, WIDTH - 2, y + 29, "end", claim_number(value, unit, text));
    }
    fprintf(file, "</svg></figure>\n");
}

/* Where a value falls between the first and last tick. */
struct axis {
    double low, high, from, to;
    bool is_log;
};

static struct axis axis_of(const json_t *ticks, double from, double to, bool is_log)
{
    double low = json_number_value(json_array_get(ticks, 0));
    double high = json_number_value(json_array_get(ticks, json_array_size(ticks) - 1));
    return (struct axis){ is_log ? log(low) : low, is_log ? log(high) : high, from, to,
                          is_log };
}

static double place(const struct axis *axis, double value)
{
    double at = axis->is_log ? log(value) : value;
    return axis->from +
           (axis->to - axis->from) * (at - axis->low) / (axis->high - axis->low);
}

enum { TOP = 8, PLOT_HEIGHT = 190, LEFT = 62, RIGHT = 326 };

static void draw_axes(FILE *file, const json_t *plot, const struct axis *x,
                      const struct axis *y)
{
    size_t index;
    const json_t *tick;
    char text[CLAIM_NUMBER_ROOM];
    bool is_share =
        strcmp(claim_text(plot, "unit"), "share") == 0; /* others: the note */
    const char *unit = is_share ? "share" : "";
    json_array_foreach(json_object_get(plot, "y_ticks"), index, tick)
    {
        double at = place(y, json_number_value(tick));
        fprintf(file,
                "<line class=\"grid\" x1=\"%d\" x2=\"%d\" y1=\"%.1f\" y2=\"%.1f\"/>\n",
                LEFT, RIGHT, at, at);
        put_label(file, LEFT - 4, at + 4, "end",
                  claim_number(json_number_value(tick), unit, text));
    }
    json_array_foreach(json_object_get(plot, "x_ticks"), index, tick)
    {
        double at = place(x, json_number_value(tick));
        fprintf(file,
                "<line class=\"grid\" x1=\"%.1f\" x2=\"%.1f\" y1=\"%d\" y2=\"%d\"/>\n",
                at, at, TOP, PLOT_HEIGHT);
        put_label(file, at, PLOT_HEIGHT + 15, "middle",
                  claim_number(json_number_value(tick), "", text));
    }
    put_label(file, (LEFT + RIGHT) / 2.0, PLOT_HEIGHT + 30, "middle",
              claim_text(plot, "x_label"));
}

static void draw_series(FILE *file, const json_t *series, size_t colour,
                        const struct axis *x, const struct axis *y, double legend)
{
    const json_t *points = json_object_get(series, "points"), *point;
    const char *dash = json_is_true(json_object_get(series, "dashed"))
                           ? " stroke-dasharray=\"5 4\""
                           : "";
    int kind = (int)(colour % SERIES_COLOURS);
    size_t index;
    fprintf(file, "<polyline class=\"series s%d\"%s points=\"", kind, dash);
    json_array_foreach(points, index, point)
    {
        fprintf(file, "%s%.1f,%.1f", index ? " " : "",
                place(x, json_number_value(json_array_get(point, 0))),
                place(y, json_number_value(json_array_get(point, 1))));
    }
    fprintf(file, "\"/>\n");
    json_array_foreach(points, index, point)
    {
        fprintf(file, "<circle class=\"dot s%d\" cx=\"%.1f\" cy=\"%.1f\" r=\"3\"/>\n",
                kind, place(x, json_number_value(json_array_get(point, 0))),
                place(y, json_number_value(json_array_get(point, 1))));
    }
    fprintf(file,
            "<line class=\"series s%d\"%s x1=\"6\" x2=\"34\" y1=\"%.1f\" "
            "y2=\"%.1f\"/>\n",
            kind, dash, legend - 4, legend - 4);
    put_label(file, 40, legend, "start", claim_text(series, "label"));
}

static void draw_lines(FILE *file, const json_t *plot)
{
    const json_t *list = json_object_get(plot, "series"), *series;
    bool is_log = json_is_true(json_object_get(plot, "log"));
    size_t index;
    struct axis x = axis_of(json_object_get(plot, "x_ticks"), LEFT, RIGHT, is_log);
    struct axis y = axis_of(json_object_get(plot, "y_ticks"), PLOT_HEIGHT, TOP, is_log);
    open_svg(file, plot, PLOT_HEIGHT + 44 + 18 * (int)json_array_size(list));
    draw_axes(file, plot, &x, &y);
    json_array_foreach(list, index, series)
    {
        draw_series(file, series, index, &x, &y, PLOT_HEIGHT + 52 + 18 * (double)index);
    }
    fprintf(file, "</svg></figure>\n");
}

void page_plot(FILE *file, const json_t *plot)
{
    if (strcmp(claim_text(plot, "kind"), "bars") == 0)
        draw_bars(file, plot);
    else
        draw_lines(file, plot);
}
