/* What k does: the report's table 11 beside what was measured at the same k. */
#include "experiments/claim_document.h"
#include "experiments/claim_page.h"
#include "experiments/table.h"

#include <stdio.h>

static const struct column columns[] = {
    { "k", "k", 4, 1, false },
    { "printed_score", "score, report", 13, 4, false },
    { "printed_slots", "slots, report", 13, 1, true },
    { "slot_sparsity_3", "slots", 8, 1, true },
    { "printed_small", "|c|<=7, report", 14, 1, true },
    { "small_share", "|c|<=7", 8, 1, true },
    { "silent_share", "silent", 8, 1, true },
    { "spikes_per_channel", "spikes", 8, 3, false },
    { "ratio", "ppl x", 8, 4, false },
    { 0 },
};

static json_t *row_of(const struct claim_setting *setting)
{
    static const enum claim_quantity shown[] = {
        MEASURED_K,
        MEASURED_SLOT_SPARSITY_3,
        MEASURED_SMALL_SHARE,
        MEASURED_SILENT_SHARE,
        MEASURED_SPIKES_PER_CHANNEL,
        MEASURED_RATIO,
    };
    json_t *row = json_object();
    for (size_t i = 0; i < sizeof shown / sizeof shown[0]; i++)
        json_object_set_new(row, claim_quantity_info[shown[i]].name,
                            json_number(setting->quantity[shown[i]]));
    for (int i = 0; i < PUBLISHED_K; i++)
        if (published_k[i].k == setting->quantity[MEASURED_K]) {
            json_object_set_new(row, "printed_score", json_real(published_k[i].score));
            json_object_set_new(row, "printed_slots",
                                json_real(published_k[i].slot_sparsity));
            json_object_set_new(row, "printed_small",
                                json_real(published_k[i].small_share));
        }
    return row;
}

json_t *claim_k_table(const struct claim_measurements *measurements)
{
    json_t *tables = json_array();
    for (unsigned m = 0; m < measurements->count; m++) {
        json_t *rows = json_array();
        const struct claim_measurement *at = &measurements->at[m];
        for (unsigned s = 0; s < at->settings; s++)
            json_array_append_new(rows, row_of(&at->setting[s]));
        json_array_append_new(tables,
                              json_pack("{s:s, s:s, s:o}", "model", at->model, "source",
                                        published_k_source, "rows", rows));
    }
    return tables;
}

void claims_print_k(const json_t *document)
{
    size_t index;
    const json_t *table;
    json_array_foreach(json_object_get(document, "k_table"), index, table)
    {
        printf("k beside the %s;\nmeasured on %s\n",
               json_string_value(json_object_get(table, "source")),
               json_string_value(json_object_get(table, "model")));
        table_print(columns, json_object_get(table, "rows"));
        putchar('\n');
    }
}

static void put_cell(FILE *file, const json_t *row, const struct column *column)
{
    const json_t *value = json_object_get(row, column->name);
    if (!json_is_number(value)) {
        fprintf(file, "<td class=\"n\">-</td>");
        return;
    }
    double number = json_number_value(value);
    fprintf(file, "<td class=\"n\"><data value=\"%.10g\">%.*f%s</data></td>", number,
            column->digits, number * (column->is_percent ? 100 : 1),
            column->is_percent ? " %" : "");
}

static void put_table(FILE *file, const json_t *table)
{
    size_t index;
    const json_t *row;
    fprintf(file, "<h3>");
    page_member(file, table, "model");
    fprintf(file, "</h3>\n<table class=\"k\"><tr>");
    for (const struct column *c = columns; c->name; c++) {
        fprintf(file, "<th class=\"n\">");
        page_text(file, c->heading);
        fprintf(file, "</th>");
    }
    fprintf(file, "</tr>\n");
    json_array_foreach(json_object_get(table, "rows"), index, row)
    {
        fprintf(file, "<tr>");
        for (const struct column *c = columns; c->name; c++)
            put_cell(file, row, c);
        fprintf(file, "</tr>\n");
    }
    fprintf(file, "</table>\n");
}

void page_k_table(FILE *file, const json_t *document)
{
    const json_t *tables = json_object_get(document, "k_table");
    size_t index;
    const json_t *table;
    if (json_array_size(tables) == 0)
        return;
    fprintf(file, "<h2>What k does</h2>\n<p>");
    page_member(file, json_array_get(tables, 0), "source");
    fprintf(file,
            ", beside what was measured here. Slots: empty slots, three steps a "
            "channel; spikes: per channel; ppl x: perplexity over that of the float "
            "model.</p>\n");
    json_array_foreach(tables, index, table)
    {
        put_table(file, table);
    }
}
