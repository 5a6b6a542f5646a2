/* See sweep_pictures.h. */
#include "experiments/sweep_pictures.h"

#include "experiments/claim_facts.h"
#include "experiments/drawing.h"
#include "experiments/sweep_table.h"
#include "sim/work.h"

#include <stdlib.h>
#include <string.h>

enum { PATH_ROOM = 4200, KEY_ROOM = 160, SERIES_ROOM = 400 };

static bool get(const json_t *row, const char *name, double *value)
{
    const json_t *number = json_object_get(row, name);
    *value = json_number_value(number);
    return json_is_number(number);
}

static const char *text_of(const json_t *row, const char *name)
{
    const char *text = json_string_value(json_object_get(row, name));
    return text ? text : "";
}

struct priced {
    double cost, loss;
    size_t row;
};

static int by_cost(const void *a, const void *b)
{
    const struct priced *left = a, *right = b;
    if (left->cost != right->cost)
        return left->cost < right->cost ? -1 : 1;
    return (left->loss > right->loss) - (left->loss < right->loss);
}

size_t sweep_front(const json_t *rows, const char *cost, const char *loss,
                   size_t *front)
{
    struct priced *point = calloc(json_array_size(rows) + 1, sizeof *point);
    size_t points = 0, kept = 0, index;
    json_t *row;
    if (!point)
        return 0;
    json_array_foreach(rows, index, row)
    {
        struct priced *next = &point[points];
        next->row = index;
        points += get(row, cost, &next->cost) && get(row, loss, &next->loss);
    }
    qsort(point, points, sizeof *point, by_cost);
    double best = 0;
    for (size_t i = 0; i < points; i++) {
        if (kept > 0 && point[i].loss >= best)
            continue;
        best = point[i].loss;
        front[kept++] = point[i].row;
    }
    free(point);
    return kept;
}

/* The axis that a line follows: the fastest that varies. */
static const char *line_axis(const struct sweep_grid *grid)
{
    static const char *const order[] = { "k", "dead-zone", "window", "threshold",
                                         "threshold-group" };
    for (size_t i = 0; i < sizeof order / sizeof *order; i++)
        if (sweep_grid_varies(grid, order[i]))
            return order[i];
    return "k";
}

/* What the points of one line share: all axes that vary but the line's. */
static void series_name(const struct sweep_grid *grid, const json_t *row,
                        const char *along, char text[SERIES_ROOM])
{
    snprintf(text, SERIES_ROOM, "%s, %s", text_of(row, "neuron"),
             text_of(row, "encoder"));
    for (int a = 0; a < SWEEP_AXES; a++) {
        const char *name = grid->axis[a].name;
        size_t used = strlen(text);
        if (strcmp(name, "neuron") != 0 && strcmp(name, "encoder") != 0 &&
            strcmp(name, along) != 0 && grid->axis[a].values > 1)
            snprintf(text + used, SERIES_ROOM - used, ", %s %s", name,
                     text_of(row, name));
    }
}

/* Writes a text that gnuplot reads as one column heading. */
static void quote(FILE *out, const char *text)
{
    fputc('"', out);
    for (; *text; text++)
        fputc(*text == '"' || *text == '\\' || (unsigned char)*text < ' ' ? ' ' : *text,
              out);
    fputc('"', out);
}

/* A data block $points of (x, y, error of y, label, and spikes of a token, 5 and 95 %), a
 * part for every line; returns how many parts. */
static unsigned put_lines(FILE *out, const char *block, const struct sweep_grid *grid,
                          const json_t *rows, const char *x, const char *y,
                          const char *error)
{
    const char *along = line_axis(grid);
    json_t *seen = json_object(), *row, *other;
    unsigned parts = 0;
    size_t i, j;
    double at, height, wide, low, high;
    fprintf(out, "$%s << EOD\n", block);
    json_array_foreach(rows, i, row)
    {
        char name[SERIES_ROOM], same[SERIES_ROOM];
        series_name(grid, row, along, name);
        if (!get(row, x, &at) || !get(row, y, &height) || json_object_get(seen, name))
            continue;
        json_object_set_new(seen, name, json_true());
        fprintf(out, parts++ ? "\n\n" : "");
        quote(out, name);
        fputc('\n', out);
        json_array_foreach(rows, j, other)
        {
            series_name(grid, other, along, same);
            if (strcmp(name, same) != 0 || !get(other, x, &at) ||
                !get(other, y, &height))
                continue;
            get(other, error, &wide);
            fprintf(out, "%.10g %.10g %.10g ", at, height, wide);
            quote(out, text_of(other, along));
            if (get(other, "spikes_p5", &low) && get(other, "spikes_p95", &high))
                fprintf(out, " %.10g %.10g", low, high);
            fputc('\n', out);
        }
    }
    fprintf(out, "EOD\n");
    json_decref(seen);
    return parts;
}

/* Lines with error bars, and the value of the axis beside every point. */
static void plot_lines(FILE *out, const char *block, unsigned parts, const char *scale)
{
    fprintf(out,
            "plot for [i=0:%u] $%s index i using ($1*%s):2:3 with yerrorlines pt 7 "
            "ps 0.8 title columnheader(1) noenhanced, \\\n"
            "  $%s using ($1*%s):2:4 with labels left offset 0.6,0.5 font ',9' "
            "notitle",
            parts - 1, block, scale, block, scale);
}

static enum error_code begin(struct drawing *drawing, const char *folder,
                             const char *name, int width, int height,
                             char path[PATH_ROOM], struct error *err)
{
    snprintf(path, PATH_ROOM, "%s/%s.png", folder, name);
    if (drawing_open(drawing, path, width, height, err) == OK)
        fprintf(drawing->file,
                "set grid\nset key below noenhanced\n"
                "set offsets graph 0.05, graph 0.05, graph 0.1, graph 0.05\n");
    return err->code;
}

static enum error_code draw_silence(const char *folder, const struct sweep_grid *grid,
                                    const json_t *rows, struct error *err)
{
    struct drawing drawing;
    char path[PATH_ROOM];
    if (begin(&drawing, folder, "silence", 800, 600, path, err) != OK)
        return err->code;
    FILE *out = drawing.file;
    unsigned parts =
        put_lines(out, "points", grid, rows, "silent_share", "ratio", "ratio_error");
    fprintf(out,
            "set xlabel 'silent channels, %%'\n"
            "set ylabel 'perplexity over that of the dense float model'\n"
            "set title 'beside each point: %s'\n",
            line_axis(grid));
    plot_lines(out, "points", parts, "100");
    fputc('\n', out);
    return drawing_finish(&drawing, err);
}

/* Codes that hardly work stand far above the others. */
static bool spans_decades(const json_t *rows)
{
    size_t index;
    json_t *row;
    double ratio;
    json_array_foreach(rows, index,
                       row) if (get(row, "ratio", &ratio) && ratio > 5) return true;
    return false;
}

/* The first row's value; dense networks cost the same at every point. */
static bool first_value(const json_t *rows, const char *key, double *value)
{
    size_t index;
    json_t *row;
    json_array_foreach(rows, index, row) if (get(row, key, value)) return true;
    return false;
}

/* A fixed window leaves no axis of steps. */
static bool varies(const json_t *rows, const char *name)
{
    size_t index;
    json_t *row;
    double first, value;
    if (!first_value(rows, name, &first))
        return false;
    json_array_foreach(rows, index,
                       row) if (get(row, name, &value) && value != first) return true;
    return false;
}

static enum error_code draw_spikes(const char *folder, const struct sweep_grid *grid,
                                   const json_t *rows, struct error *err)
{
    static const struct {
        const char *name, *label, *scale;
    } panel[] = {
        { "spikes", "thousand spikes per token; across: 5 to 95 % of tokens", "0.001" },
        { "mean_steps", "steps of a token (mean over sites)", "1" },
    };
    struct drawing drawing;
    char path[PATH_ROOM];
    double low;
    int panels = varies(rows, "mean_steps") ? 2 : 1;
    if (begin(&drawing, folder, "spikes", 700 * panels, 600, path, err) != OK)
        return err->code;
    FILE *out = drawing.file;
    fprintf(out,
            "%sset multiplot layout 1,%d title 'beside each point: %s'\n"
            "set ylabel 'perplexity over that of the dense float model'\n",
            spans_decades(rows) ? "set logscale y\n" : "", panels, line_axis(grid));
    for (int i = 0; i < panels; i++) {
        unsigned parts = put_lines(out, panel[i].name, grid, rows, panel[i].name,
                                   "ratio", "ratio_error");
        fprintf(out, "set xlabel '%s'\n", panel[i].label);
        plot_lines(out, panel[i].name, parts, panel[i].scale);
        if (i == 0 && first_value(rows, "spikes_p5", &low))
            fprintf(out,
                    ", \\\n  $%s using ($1*%s):2:($5*%s):($6*%s) with xerrorbars "
                    "pt 0 lc 'gray60' notitle",
                    panel[i].name, panel[i].scale, panel[i].scale, panel[i].scale);
        fputc('\n', out);
    }
    fprintf(out, "unset multiplot\n");
    return drawing_finish(&drawing, err);
}

static void put_front(FILE *out, const char *block, const json_t *rows,
                      const char *cost)
{
    size_t *front = calloc(json_array_size(rows) + 1, sizeof *front);
    size_t kept = front ? sweep_front(rows, cost, "ratio", front) : 0;
    fprintf(out, "$%s << EOD\n", block);
    for (size_t i = 0; i < kept; i++) {
        const json_t *row = json_array_get(rows, front[i]);
        double x = 0, y = 0;
        get(row, cost, &x);
        get(row, "ratio", &y);
        fprintf(out, "%.10g %.10g\n", x, y);
    }
    fprintf(out, "EOD\n");
    free(front);
}

/* Where the dense network stands, as a line over the height of the points: drawn of
 * data, since gnuplot makes room for data alone. */
static void put_dense(FILE *out, const char *block, const json_t *rows, const char *key)
{
    double cost = 0, ratio, lowest = 1, highest = 1;
    size_t index;
    json_t *row;
    first_value(rows, key, &cost);
    json_array_foreach(rows, index, row) if (get(row, "ratio", &ratio))
    {
        lowest = ratio < lowest ? ratio : lowest;
        highest = ratio > highest ? ratio : highest;
    }
    fprintf(out, "$%s << EOD\n%.10g %.10g\n%.10g %.10g\nEOD\n", block, cost, lowest,
            cost, highest);
}

static void plot_boundary(FILE *out, const struct sweep_grid *grid, const json_t *rows,
                          const char *profile, int boundary)
{
    char cost[KEY_ROOM], dense[KEY_ROOM], block[3][32];
    double int8 = 0;
    static const char *const what[] = { "points", "front", "dense" };
    for (int i = 0; i < 3; i++)
        snprintf(block[i], sizeof block[i], "%s%d", what[i], boundary);
    sweep_energy_key(cost, sizeof cost, profile, boundary_name[boundary], "spiking_nj");
    sweep_energy_key(dense, sizeof dense, profile, boundary_name[boundary], "int8_nj");
    unsigned parts = put_lines(out, block[0], grid, rows, cost, "ratio", "ratio_error");
    put_front(out, block[1], rows, cost);
    put_dense(out, block[2], rows, dense);
    /* Ticks of five digits would run into each other. */
    bool is_milli = first_value(rows, dense, &int8) && int8 > 1e6;
    const char *scale = is_milli ? "1e-6" : "1e-3";
    fprintf(out, "set title '%s'\nset xlabel '%sjoules per token'\n",
            boundary_name[boundary], is_milli ? "milli" : "micro");
    plot_lines(out, block[0], parts, scale);
    fprintf(out,
            ", \\\n  $%s using ($1*%s):2 with lines lc rgb '#000000' dt 3 lw 2 title "
            "'Pareto front', \\\n"
            "  $%s using ($1*%s):2 with lines lc rgb '#888888' dt 2 title 'dense INT8 "
            "costs this'\n",
            block[1], scale, block[2], scale);
}

static enum error_code draw_energy(const char *folder, const struct sweep_grid *grid,
                                   const json_t *rows, const char *profile,
                                   struct error *err)
{
    static const enum boundary shown[] = { BOUNDARY_SUMS, BOUNDARY_WEIGHTS,
                                           BOUNDARY_TOKEN };
    enum boundary priced[BOUNDARIES];
    int panels = 0;
    double value;
    char key[KEY_ROOM], name[KEY_ROOM], path[PATH_ROOM];
    for (size_t i = 0; i < sizeof shown / sizeof *shown; i++) {
        sweep_energy_key(key, sizeof key, profile, boundary_name[shown[i]],
                         "spiking_nj");
        if (first_value(rows, key, &value))
            priced[panels++] = shown[i];
    }
    if (panels == 0)
        return OK;
    struct drawing drawing;
    snprintf(name, sizeof name, "energy-%s", profile);
    for (char *c = name; *c; c++)
        *c = *c == '/' || *c == '\'' || *c == ' ' ? '_' : *c;
    if (begin(&drawing, folder, name, 560 * panels, 600, path, err) != OK)
        return err->code;
    fprintf(drawing.file,
            "set multiplot layout 1,%d title 'prices of %s; beside each point: %s'\n"
            "set ylabel 'perplexity over that of the dense float model'\n",
            panels, profile, line_axis(grid));
    for (int i = 0; i < panels; i++)
        plot_boundary(drawing.file, grid, rows, profile, priced[i]);
    fprintf(drawing.file, "unset multiplot\n");
    return drawing_finish(&drawing, err);
}

/* What figure 9 of the report says in numbers: shares of counts, here and there. */
static void put_published(FILE *out, const json_t *figures, double all)
{
    const json_t *histogram = json_object_get(figures, "histogram");
    double silent = 0, small = 0, large = 0;
    for (size_t bin = 0; bin < json_array_size(histogram); bin++) {
        double part = 100 * json_number_value(json_array_get(histogram, bin)) / all;
        silent += bin == 0 ? part : 0;
        small += bin <= 7 ? part : 0;
        large += bin >= 9 ? part : 0;
    }
    fprintf(out,
            "$published << EOD\n\"0\" %.8g %.8g\n\"at most 7\" %.8g %.8g\n"
            "\"16 and up (report: above)\" %.8g %.8g\nEOD\n",
            silent, 100 * claim_facts[FACT_SILENT_SHARE].value, small,
            100 * claim_facts[FACT_SMALL_SHARE].value, large,
            100 * claim_facts[FACT_LARGE_SHARE].value);
}

static enum error_code draw_counts(const char *folder, const json_t *figures,
                                   const char *label, struct error *err)
{
    static const char *const bin_name[] = { "0",     "1",      "2",   "3",    "4",
                                            "5",     "6",      "7",   "8-15", "16-31",
                                            "32-63", "64-127", "128-" };
    const json_t *histogram = json_object_get(figures, "histogram");
    size_t bins = json_array_size(histogram), room = sizeof bin_name / sizeof *bin_name;
    double all = 0;
    for (size_t i = 0; i < bins; i++)
        all += json_number_value(json_array_get(histogram, i));
    if (all == 0)
        return OK;
    struct drawing drawing;
    char path[PATH_ROOM];
    if (begin(&drawing, folder, "counts", 1400, 600, path, err) != OK)
        return err->code;
    FILE *out = drawing.file;
    fprintf(out, "$counts << EOD\n");
    for (size_t i = 0; i < bins && i < room; i++)
        fprintf(out, "\"%s\" %.8g\n", bin_name[i],
                100 * json_number_value(json_array_get(histogram, i)) / all);
    fprintf(out, "EOD\n");
    put_published(out, figures, all);
    fprintf(out, "set multiplot layout 1,2 title ");
    quote(out, label);
    fprintf(out, " noenhanced\nset xlabel '|count| of a channel'\n"
                 "set ylabel 'channels and tokens, %%'\nset yrange [0:*]\nunset "
                 "key\nset offsets 0, 0, graph 0.08, 0\n"
                 "set style fill solid 0.8\nset boxwidth 0.8\nset grid noxtics\n"
                 "plot $counts using 0:2:xtic(1) with boxes lt 2, \\\n"
                 "  '' using 0:2:(sprintf('%%.2f', $2)) with labels offset 0,0.6 font "
                 "',9'\n");
    fprintf(out, "set xlabel 'beside the SpikingBrain report, 7B, k = 3'\n"
                 "set key inside top right\nset style data histograms\n"
                 "set style histogram clustered gap 1\nset boxwidth 0.9\n"
                 "plot $published using 2:xtic(1) lt 2 title 'here', \\\n"
                 "  '' using 3 lt 3 title 'report', \\\n"
                 "  '' using ($0-0.17):2:(sprintf('%%.1f', $2)) with labels offset "
                 "0,0.6 font ',9' notitle, \\\n"
                 "  '' using ($0+0.17):3:(sprintf('%%.1f', $3)) with labels offset "
                 "0,0.6 font ',9' notitle\nunset multiplot\n");
    return drawing_finish(&drawing, err);
}

static enum error_code draw_rates(const char *folder, const json_t *figures,
                                  const char *label, struct error *err)
{
    const json_t *sites = json_object_get(figures, "sites");
    const json_t *roles = json_object_get(figures, "roles");
    size_t r, s;
    json_t *role, *site;
    unsigned parts = 0;
    double rate, silent;
    json_int_t layer, layers = 0;
    if (json_array_size(sites) == 0)
        return OK;
    struct drawing drawing;
    char path[PATH_ROOM];
    if (begin(&drawing, folder, "rates", 1200, 600, path, err) != OK)
        return err->code;
    FILE *out = drawing.file;
    fprintf(out, "$rates << EOD\n");
    json_array_foreach(roles, r, role)
    {
        const char *name = text_of(role, "role");
        bool is_new = true;
        json_array_foreach(sites, s, site)
        {
            if (strcmp(text_of(site, "role"), name) != 0 ||
                !get(site, "rate_hz", &rate) || !get(site, "silent_share", &silent))
                continue;
            if (is_new) {
                fprintf(out, parts++ ? "\n\n" : "");
                quote(out, name);
                fputc('\n', out);
            }
            is_new = false;
            layer = json_integer_value(json_object_get(site, "layer"));
            layers = layer > layers ? layer : layers;
            fprintf(out, "%lld %.8g %.8g\n", (long long)layer, rate, 100 * silent);
        }
    }
    fprintf(out, "EOD\nset multiplot layout 1,2 title ");
    quote(out, label);
    fprintf(out,
            " noenhanced\nset xlabel 'layer'\nset xtics %d\nset xrange "
            "[-0.5:%d.5]\nset ylabel 'rate, Hz'\n"
            "plot for [i=0:%u] $rates index i using 1:2 with linespoints pt 7 ps 0.7 "
            "title columnheader(1) noenhanced\n"
            "set ylabel 'silent channels, %%'\n"
            "plot for [i=0:%u] $rates index i using 1:3 with linespoints pt 7 ps 0.7 "
            "title columnheader(1) noenhanced\nunset multiplot\n",
            layers > 12 ? 5 : 1, (int)layers, parts ? parts - 1 : 0,
            parts ? parts - 1 : 0);
    return drawing_finish(&drawing, err);
}

/* Perplexity against what it costs. */
static enum error_code draw_curves(const char *folder, const struct sweep_grid *grid,
                                   const json_t *lines, const json_t *rows,
                                   struct error *err)
{
    double value;
    const json_t *energy = NULL;
    json_t *line, *profile;
    size_t i;
    if ((first_value(rows, "silent_share", &value) &&
         draw_silence(folder, grid, rows, err) != OK) ||
        (first_value(rows, "spikes", &value) &&
         draw_spikes(folder, grid, rows, err) != OK))
        return err->code;
    json_array_foreach(lines, i, line) if (!energy) energy =
        json_object_get(json_object_get(line, "row"), "energy");
    json_array_foreach(energy, i, profile) if (draw_energy(folder, grid, rows,
                                                           text_of(profile, "profile"),
                                                           err) != OK) return err->code;
    return OK;
}

enum error_code sweep_draw(const char *folder, const struct sweep_grid *grid,
                           const json_t *lines, const json_t *rows, size_t chosen,
                           struct error *err)
{
    size_t points = 0, index;
    double value;
    json_t *row;
    const json_t *figures = json_object_get(json_array_get(lines, chosen - 1), "row");
    const char *label = text_of(json_array_get(rows, chosen - 1), "label");
    err->code = OK;
    json_array_foreach(rows, index, row) points += get(row, "ratio", &value);
    /* One point is no curve. */
    if (points > 1 && draw_curves(folder, grid, lines, rows, err) != OK)
        return err->code;
    if (figures && (draw_counts(folder, figures, label, err) != OK ||
                    draw_rates(folder, figures, label, err) != OK))
        return err->code;
    return OK;
}
