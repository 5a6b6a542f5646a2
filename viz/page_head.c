/* See page_head.h. */
#include "viz/page_head.h"

#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Names come from the file and may be no UTF-8. */
static json_t *text_of(const char *text)
{
    json_t *string = json_string(text ? text : "");
    return string ? string : json_string("?");
}

static json_t *number_of(double number)
{
    return isfinite(number) ? json_real(number) : json_null();
}

static json_t *population_of(const struct population_info *info)
{
    return json_pack("{s:o, s:o, s:i, s:I, s:I, s:I, s:I, s:o, s:o}", "name",
                     text_of(info->name), "role", text_of(info->role), "layer",
                     (int)info->layer, "first", (json_int_t)info->first_node, "size",
                     (json_int_t)info->size, "channels", (json_int_t)info->channels,
                     "fanOut", (json_int_t)info->fan_out, "neuron",
                     text_of(info->neuron), "encoder", text_of(info->encoder));
}

static json_t *energies_of(const struct page_choice *choice, enum boundary boundary,
                           enum variant variant)
{
    json_t *array = json_array();
    const struct scene_sum *sum = choice->scene->sum + choice->first;
    for (uint64_t i = 0; i <= choice->tokens; i++)
        json_array_append_new(array, number_of(sum[i].nj[boundary][variant] -
                                               sum[0].nj[boundary][variant]));
    return array;
}

/* Sums from the page's first token on, tokens and one. */
static void add_sums(json_t *head, const struct page_choice *choice)
{
    const struct scene *scene = choice->scene;
    json_t *energy = json_array(), *sop = json_array(), *macs = json_array();
    bool is_there = scene->sum && !scene->is_timed;
    for (int b = 0; is_there && scene->profile[0] && b < BOUNDARIES; b++) {
        json_t *row = json_array();
        for (int v = 0; v < VARIANTS; v++)
            json_array_append_new(row, energies_of(choice, (enum boundary)b,
                                                   (enum variant)v));
        json_array_append_new(energy, row);
    }
    for (uint64_t i = 0; is_there && i <= choice->tokens; i++) {
        const struct scene_sum *sum = &scene->sum[choice->first + i],
                               *begin = &scene->sum[choice->first];
        json_array_append_new(sop, number_of(sum->sop - begin->sop));
        json_array_append_new(macs, number_of(sum->dense_macs - begin->dense_macs));
    }
    json_object_set_new(head, "energyNj", energy);
    json_object_set_new(head, "sop", sop);
    json_object_set_new(head, "denseMacs", macs);
    json_object_set_new(head, "profile", text_of(scene->profile));
    json_object_set_new(head, "unpriced", text_of(scene->unpriced));
    json_object_set_new(head, "isGraded", json_boolean(scene->is_graded));
}

static void add_tokens(json_t *head, const struct page_choice *choice)
{
    const struct scene *scene = choice->scene;
    json_t *steps = json_array(), *kind = json_array(), *surprisal = json_array(),
           *bytes = json_array();
    for (uint64_t i = choice->first; i < choice->first + choice->tokens; i++) {
        uint64_t length = scene->text_offset[i + 1] - scene->text_offset[i];
        uint64_t window = scene->start_step[i + 1] - scene->start_step[i];
        json_array_append_new(steps, json_integer((json_int_t)window));
        json_array_append_new(kind, json_integer(scene->kind[i]));
        json_array_append_new(surprisal,
                              number_of(-scene->log_probability[i] / log(2)));
        json_array_append_new(bytes, json_integer((json_int_t)length));
    }
    json_object_set_new(head, "steps", steps);
    json_object_set_new(head, "kind", kind);
    json_object_set_new(head, "surprisalBits", surprisal);
    json_object_set_new(head, "bytes", bytes);
}

static json_t *head_of(const struct page_choice *choice, uint64_t spikes)
{
    const struct scene *scene = choice->scene;
    const struct recording_info *info = &scene->recording.info;
    json_t *head = json_object(), *populations = json_array();
    for (uint32_t i = 0; i < choice->populations; i++)
        json_array_append_new(populations,
                              population_of(
                                  &scene->recording.population[choice->population[i]]));
    json_object_set_new(head, "model", text_of(info->model));
    json_object_set_new(head, "command", text_of(info->command));
    json_object_set_new(head, "version", text_of(info->version));
    json_object_set_new(head, "dtMs", number_of(info->dt_ms));
    json_object_set_new(head, "isTimed", json_boolean(scene->is_timed));
    json_object_set_new(head, "isPartial",
                        json_boolean(choice->populations <
                                     scene->recording.populations));
    json_object_set_new(head, "firstToken", json_integer((json_int_t)choice->first));
    json_object_set_new(head, "firstStep",
                        json_integer((json_int_t)scene->start_step[choice->first]));
    json_object_set_new(head, "spikes", json_integer((json_int_t)spikes));
    json_object_set_new(head, "language",
                        choice->language ? text_of(choice->language) : json_null());
    json_object_set_new(head, "populations", populations);
    add_sums(head, choice);
    add_tokens(head, choice);
    return head;
}

enum error_code page_head_add(struct page_bytes *data, const struct page_choice *choice,
                              uint64_t spikes, struct error *err)
{
    static const char open[] = "<script id=\"head\" type=\"application/json\">";
    json_t *head = head_of(choice, spikes);
    char *text =
        json_dumps(head, JSON_COMPACT | JSON_SORT_KEYS | JSON_REAL_PRECISION(12));
    json_decref(head);
    if (!text)
        return error_memory(err, "the head of a page", 0);
    page_bytes_add(data, open, strlen(open));
    for (const char *at = text; *at; at++) /* "</script>" within a text ends nothing */
        if (*at == '<')
            page_bytes_add(data, "\\u003c", strlen("\\u003c"));
        else
            page_bytes_put(data, (uint8_t)*at);
    page_bytes_add(data, "</script>\n", strlen("</script>\n"));
    free(text);
    return OK;
}

void page_head_counters(struct page_bytes *bytes, const struct page_choice *choice)
{
    const struct scene *scene = choice->scene;
    uint32_t all = scene->recording.populations;
    for (uint64_t i = 0; scene->has_counters && i < choice->tokens; i++)
        for (uint32_t p = 0; p < choice->populations; p++) {
            const struct scene_cell *cell =
                &scene->cell[(choice->first + i) * all + choice->population[p]];
            page_bytes_number(bytes, cell->steps);
            page_bytes_number(bytes, cell->silent);
        }
}

void page_head_text(struct page_bytes *bytes, const struct page_choice *choice)
{
    const uint64_t *offset = choice->scene->text_offset;
    uint64_t from = offset[choice->first], to = offset[choice->first + choice->tokens];
    page_bytes_add(bytes, choice->scene->text + from, to - from);
}
