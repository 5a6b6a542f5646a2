/* See sweep_table.h. */
#include "experiments/sweep_table.h"

#include "experiments/claim_facts.h"
#include "sim/work.h"

#include <stdio.h>
#include <string.h>

enum { LABEL_ROOM = 400, KEY_ROOM = 160 };

void sweep_energy_key(char *text, size_t room, const char *profile,
                      const char *boundary, const char *figure)
{
    snprintf(text, room, "%s, %s, %s", profile, boundary, figure);
}

static void put_energy(json_t *row, const json_t *energy)
{
    size_t p, b;
    json_t *profile, *boundary, *value;
    const char *figure;
    char key[KEY_ROOM];
    json_array_foreach(energy, p, profile)
        json_array_foreach(json_object_get(profile, "boundaries"), b, boundary)
            json_object_foreach(boundary, figure, value)
    {
        if (!json_is_number(value))
            continue;
        sweep_energy_key(key, sizeof key,
                         json_string_value(json_object_get(profile, "profile")),
                         json_string_value(json_object_get(boundary, "boundary")),
                         figure);
        json_object_set(row, key, value);
    }
}

/* Of |count| from 16 on; the report counts those above 16. */
static void put_large_share(json_t *row, const json_t *histogram)
{
    enum { LARGE = 9 }; /* the bin of 16 to 31 */
    double all = 0, large = 0;
    for (size_t bin = 0; bin < json_array_size(histogram); bin++) {
        double part = json_number_value(json_array_get(histogram, bin));
        all += part;
        large += bin >= LARGE ? part : 0;
    }
    if (all > 0)
        json_object_set_new(row, "large_share", json_real(large / all));
}

static json_t *flat_row(const struct sweep_grid *grid, const json_t *line,
                        size_t number)
{
    char label[LABEL_ROOM];
    const char *name;
    json_t *value, *row = json_object();
    json_t *point = json_object_get(line, "point");
    json_t *figures = json_object_get(line, "row");
    sweep_grid_label(grid, point, label, sizeof label);
    json_object_set_new(row, "number", json_integer((json_int_t)number));
    json_object_set_new(row, "label", json_string(label));
    json_object_update(row, point);
    json_object_foreach(figures, name, value) if (!json_is_object(value) &&
                                                  !json_is_array(value) &&
                                                  strcmp(name, "setting") != 0)
        json_object_set(row, name, value);
    put_large_share(row, json_object_get(figures, "histogram"));
    put_energy(row, json_object_get(figures, "energy"));
    if (json_object_get(line, "sentence"))
        json_object_set(row, "sentence", json_object_get(line, "sentence"));
    return row;
}

json_t *sweep_rows(const struct sweep_grid *grid, const json_t *lines)
{
    size_t index;
    json_t *line, *rows = json_array();
    json_array_foreach(lines, index, line)
        json_array_append_new(rows, flat_row(grid, line, index + 1));
    return rows;
}

static int label_width(const json_t *rows)
{
    size_t index, width = 10;
    json_t *row;
    json_array_foreach(rows, index, row)
    {
        size_t length = json_string_length(json_object_get(row, "label"));
        width = length > width ? length : width;
    }
    return (int)(width < 60 ? width : 60);
}

/* The first two columns of every table, and then `columns`. */
static void print_columns(const struct column *columns, const json_t *rows)
{
    enum { COLUMNS = 16 };
    struct column all[COLUMNS] = {
        { "number", "#", 4, -1, false },
        { "label", "setting", -label_width(rows), -1, false },
    };
    for (int c = 0; columns[c].name && c + 3 < COLUMNS; c++)
        all[c + 2] = columns[c];
    table_print(all, rows);
}

static void print_energy(const json_t *profile, const json_t *rows)
{
    static const char *const heading[BOUNDARIES] = {
        [BOUNDARY_SUMS] = "sums",        [BOUNDARY_PROJECTIONS] = "projections",
        [BOUNDARY_WEIGHTS] = "+weights", [BOUNDARY_STATE] = "+state",
        [BOUNDARY_TOKEN] = "token",
    };
    char key[2 * BOUNDARIES][KEY_ROOM], saved[BOUNDARIES][24];
    struct column columns[2 * BOUNDARIES + 1] = { { 0 } };
    const char *name = json_string_value(json_object_get(profile, "profile"));
    for (int b = 0; b < BOUNDARIES; b++) {
        sweep_energy_key(key[b], KEY_ROOM, name, boundary_name[b], "spiking_nj");
        sweep_energy_key(key[BOUNDARIES + b], KEY_ROOM, name, boundary_name[b],
                         "saved_int8");
        snprintf(saved[b], sizeof saved[b], "%s", heading[b]);
        columns[b] = (struct column){ key[b], heading[b], 12, 0, false };
        columns[BOUNDARIES + b] =
            (struct column){ key[BOUNDARIES + b], saved[b], 11, 1, true };
    }
    printf("\nnJ per token by boundary, and what that saves against dense INT8, prices "
           "of %s\n",
           name);
    print_columns(columns, rows);
    const json_t *sums = json_object_get(profile, "sums");
    const json_t *below = json_object_get(sums, "wins_int8_below");
    const json_t *fetching = json_object_get(sums, "wins_fetching_below");
    if (json_is_number(below))
        printf("sums alone win against INT8 below %.2f spikes a synapse",
               json_number_value(below));
    if (json_is_number(below) && json_is_number(fetching))
        printf(", with a fetch a spike below %.2f", json_number_value(fetching));
    if (json_is_number(below))
        putchar('\n');
}

/* The published figures in a row of their own, in front. */
static void print_counts(const json_t *rows)
{
    static const struct column columns[] = {
        { "silent_share", "silent", 9, 2, true },
        { "small_share", "|c|<=7", 9, 2, true },
        { "large_share", "|c|>=16", 9, 2, true },
        { "spikes_per_channel", "spikes/ch", 10, 3, false },
        { "spikes_min", "spikes of a token: least", 24, 0, false },
        { "spikes_p5", "5 %", 9, 0, false },
        { "spikes_median", "median", 9, 0, false },
        { "spikes_p95", "95 %", 9, 0, false },
        { "spikes_max", "most", 9, 0, false },
        { 0 },
    };
    json_t *all = json_array();
    json_array_append_new(all,
                          json_pack("{s:s, s:f, s:f, s:f, s:f}", "label",
                                    "report, 7B, k = 3", "silent_share",
                                    claim_facts[FACT_SILENT_SHARE].value, "small_share",
                                    claim_facts[FACT_SMALL_SHARE].value, "large_share",
                                    claim_facts[FACT_LARGE_SHARE].value,
                                    "spikes_per_channel",
                                    claim_facts[FACT_SPIKES_PER_CHANNEL].value));
    json_array_extend(all, (json_t *)rows);
    printf("\ncounts of channels beside figure 9 and section 5.5 of the SpikingBrain "
           "report (which has those\nabove 16 as about 1 %%), and spikes of tokens\n");
    print_columns(columns, all);
    json_decref(all);
}

static void print_sentences(const json_t *rows)
{
    size_t index;
    json_t *row;
    bool said = false;
    json_array_foreach(rows, index, row)
    {
        const char *sentence = json_string_value(json_object_get(row, "sentence"));
        if (!sentence)
            continue;
        if (!said)
            printf("\nwhat cannot work\n");
        said = true;
        printf("%4zu %s: %s\n", index + 1,
               json_string_value(json_object_get(row, "label")), sentence);
    }
}

void sweep_print_tables(const json_t *rows, const json_t *lines)
{
    static const struct column scores[] = {
        { "perplexity", "perplexity", 10, 3, false },
        { "perplexity_error", "+-", 7, 3, false },
        { "ratio", "to float", 9, 4, false },
        { "ratio_error", "+-", 7, 4, false },
        { "kl", "KL nats", 9, 5, false },
        { "kl_error", "+-", 8, 5, false },
        { 0 },
    };
    static const struct column sparsity[] = {
        { "silent_share", "silent", 8, 2, true },
        { "spikes_per_channel", "spikes/ch", 10, 3, false },
        { "spikes", "spikes/token", 12, 0, false },
        { "slot_sparsity_3", "slots(3)", 9, 2, true },
        { "small_share", "|c|<=7", 8, 2, true },
        { "mean_steps", "T mean", 7, 2, false },
        { "rate_hz", "rate Hz", 8, 1, false },
        { "sop", "SOP/token", 12, 0, false },
        { "sop_per_dense_op", "spikes/syn", 10, 3, false },
        { "event_driven_share", "event-driven", 12, 1, true },
        { 0 },
    };
    size_t index, p;
    json_t *line, *profile;
    print_columns(scores, rows);
    putchar('\n');
    print_columns(sparsity, rows);
    print_counts(rows);
    json_array_foreach(lines, index, line)
    {
        const json_t *energy = json_object_get(json_object_get(line, "row"), "energy");
        if (!energy)
            continue;
        json_array_foreach(energy, p, profile) print_energy(profile, rows);
        break;
    }
    print_sentences(rows);
}
