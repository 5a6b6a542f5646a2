/* See cost_tokens.h. */
#include "experiments/cost_tokens.h"

#include "base/utf8.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct token_pass {
    const struct recorded *run;
    const struct energy_profile *prices;
    const struct cost_model *only;
    struct site_counters *site; /* (populations) */
    int32_t *count;             /* (channels) */
    struct token_column column; /* of all tokens */
    char *text;
};

static double ratio(double part, double whole)
{
    return whole > 0 ? part / whole : (double)NAN;
}

static void put(json_t *row, const char *name, double value)
{
    json_object_set_new(row, name, json_number(value));
}

/* A token's bytes as one line: a part of a character becomes "?", a control "\n" or the
 * like. */
static json_t *shown(const char *bytes, size_t length)
{
    char text[256];
    size_t used = 0;
    for (size_t i = 0; i < length && used + 8 < sizeof text;) {
        size_t width = utf8_read(bytes + i, length - i, NULL);
        unsigned char first = (unsigned char)bytes[i];
        if (width == 0)
            text[used++] = '?';
        else if (first == '\n' || first == '\t')
            used += (size_t)snprintf(text + used, 8, first == '\n' ? "\\n" : "\\t");
        else if (first < ' ' || first == 0x7f)
            used += (size_t)snprintf(text + used, 8, "\\x%02x", first);
        else
            memcpy(text + used, bytes + i, width), used += width;
        i += width ? width : 1;
    }
    return json_stringn(text, used);
}

static double price_of(const struct energy_profile *prices,
                       const struct energy_work *work)
{
    struct energy_price price;
    energy_price(prices, work, &price);
    return price.total_pj / 1000;
}

/* Attention, norms, the dense head, the cache ...: the same in every model. */
static void put_rest(json_t *row, const struct host_cost *host,
                     const struct energy_profile *prices)
{
    double sum = 0;
    for (int part = 0; part <= HOST_PARTS; part++) {
        char name[40];
        struct energy_work work = { .spikes = 0 };
        if (part == HOST_PARTS)
            work.cache_bytes = host->cache_bytes;
        else
            work.ops = host->ops[part];
        if (part == HOST_PROJECTION)
            work.weight_bytes = host->weight_bytes;
        double nj = price_of(prices, &work);
        snprintf(name, sizeof name, "%.30s_nj",
                 part == HOST_PARTS ? "cache" : host_part_name[part]);
        put(row, name, nj);
        sum += nj;
    }
    put(row, "rest_nj", sum);
}

static void put_model(json_t *row, const struct cost_counts *counts,
                      const struct energy_profile *prices,
                      const struct cost_model *model)
{
    double pj[COST_VARIANTS];
    model->price(prices, counts, pj);
    json_object_set_new(row, "model", json_string(model->name));
    json_object_set_new(row, "other", json_string(model->other));
    put(row, "spiking_nj", pj[COST_SPIKING] / 1000);
    put(row, "int8_nj", pj[COST_INT8] / 1000);
    put(row, "other_nj", pj[COST_OTHER] / 1000);
    put(row, "saved_int8", 1 - ratio(pj[COST_SPIKING], pj[COST_INT8]));
    put(row, "saved_other", 1 - ratio(pj[COST_SPIKING], pj[COST_OTHER]));
}

static enum error_code add_token(const struct token_pass *pass, uint64_t token,
                                 json_t *rows, struct error *err)
{
    const struct recording *recording = &pass->run->recording;
    const struct token_column *column = &pass->column;
    struct survey_role sum = survey_role_of(pass->run);
    struct host_cost host;
    if (recording_read_counters(recording, token, 1, pass->site, err) != OK ||
        recording_read_host(recording, token, 1, &host, err) != OK ||
        (recording->has_counts &&
         recording_read_counts(recording, token, pass->count, err) != OK))
        return err->code;
    for (uint32_t p = 0; p < recording->populations; p++)
        if (!isnan(pass->site[p].threshold))
            cost_survey_add(&sum, pass->run, p, &pass->site[p],
                            recording->has_counts
                                ? pass->count + recording->population[p].first_channel
                                : NULL,
                            pass->prices);
    for (const struct cost_model *model = cost_models; model->name; model++) {
        if (pass->only && pass->only != model)
            continue;
        json_t *row = json_object();
        uint64_t from = column->text_offset[token] - column->text_offset[0];
        json_object_set_new(row, "token", json_integer((json_int_t)token));
        json_object_set_new(row, "position", json_integer(column->position[token]));
        json_object_set_new(row, "kind",
                            json_string(column->kind[token] == TOKEN_GENERATED
                                            ? "generated"
                                            : "prompt"));
        json_object_set_new(row, "text",
                            shown(pass->text + from, column->text_offset[token + 1] -
                                                         column->text_offset[token]));
        put(row, "silent_share", ratio(sum.silent, sum.channel_runs));
        put(row, "spikes_per_channel", ratio(sum.counts.spikes, sum.channel_runs));
        put_model(row, &sum.counts, pass->prices, model);
        put_rest(row, &host, pass->prices);
        json_array_append_new(rows, row);
    }
    return OK;
}

static enum error_code read_tokens(struct token_pass *pass, struct error *err)
{
    const struct recording *recording = &pass->run->recording;
    uint64_t tokens = recording->tokens;
    struct token_column *column = &pass->column;
    pass->site = calloc(recording->populations, sizeof *pass->site);
    pass->count = calloc(recording->channels + 1, sizeof *pass->count);
    column->position = calloc(tokens, sizeof *column->position);
    column->kind = calloc(tokens, 1);
    column->text_offset = calloc(tokens + 1, sizeof *column->text_offset);
    if (!pass->site || !pass->count || !column->position || !column->kind ||
        !column->text_offset)
        return error_memory(err, "tokens", 16.0 * (double)tokens);
    if (recording_read_tokens(recording, 0, tokens, column, err) != OK)
        return err->code;
    uint64_t from = column->text_offset[0], to = column->text_offset[tokens];
    pass->text = calloc(to - from + 1, 1);
    if (!pass->text)
        return error_memory(err, "text", (double)(to - from));
    return recording_read_text(recording, from, to, pass->text, err);
}

enum error_code cost_tokens(const struct recorded *run,
                            const struct energy_profile *prices,
                            const struct cost_model *only, json_t **rows,
                            struct error *err)
{
    struct token_pass pass = { .run = run, .prices = prices, .only = only };
    *rows = json_array();
    if (read_tokens(&pass, err) == OK)
        for (uint64_t token = 0; token < run->recording.tokens; token++)
            if (add_token(&pass, token, *rows, err) != OK)
                break;
    free(pass.site);
    free(pass.count);
    free(pass.column.position);
    free(pass.column.kind);
    free(pass.column.text_offset);
    free(pass.text);
    return err->code;
}

void cost_tokens_print(const json_t *rows)
{
    static const struct column columns[] = {
        { "token", "token", 6, -1, false },
        { "text", "text", -14, -1, false },
        { "model", "model", -15, -1, false },
        { "silent_share", "silent", 8, 1, true },
        { "spikes_per_channel", "spikes/ch", 9, 3, false },
        { "spiking_nj", "spiking nJ", 13, 1, false },
        { "int8_nj", "INT8 nJ", 13, 1, false },
        { "saved_int8", "saved/INT8", 10, 1, true },
        { "other", "other", -5, -1, false },
        { "other_nj", "other nJ", 13, 1, false },
        { "saved_other", "saved", 8, 1, true },
        { "rest_nj", "rest nJ", 13, 1, false },
        { 0 },
    };
    printf(
        "\nby token: the sites that spike; rest: attention, norms, softmax, RoPE, "
        "gates, sampling, dense\nprojections with their weights, and the cache, each "
        "part in --json and --csv\n");
    table_print(columns, rows);
}
