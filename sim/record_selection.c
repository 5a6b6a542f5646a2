/* See record_selection.h. */
#include "sim/record_selection.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

static enum error_code parse_tokens(struct record_selection *selection,
                                    const char *text, struct error *err)
{
    char *end = NULL;
    errno = 0;
    selection->first_token = strtoull(text, &end, 10);
    selection->last_token = selection->first_token;
    if (*end == '-') {
        const char *last = end + 1;
        selection->last_token = UINT64_MAX;
        if (isdigit((unsigned char)*last))
            selection->last_token = strtoull(last, &end, 10);
        else
            end++;
    }
    if (!isdigit((unsigned char)*text) || *end != '\0' || errno ||
        selection->last_token < selection->first_token)
        return error_set(err, ERR_ARGUMENT, "tokens: expected first-last, found '%s'",
                         text);
    return OK;
}

enum error_code record_selection_parse(struct record_selection *selection,
                                       const char *text, struct error *err)
{
    static const char *const level[] = { "none", "counters", "counts", "spikes" };
    *selection = (struct record_selection){ .last_token = UINT64_MAX };
    size_t length = strcspn(text, ":");
    int found = -1;
    for (int i = 0; i <= RECORD_SPIKES; i++)
        if (strlen(level[i]) == length && strncmp(text, level[i], length) == 0)
            found = i;
    if (found < 0 || (text[length] && found != RECORD_SPIKES))
        return error_set(err, ERR_ARGUMENT,
                         "expected none, counters, counts or "
                         "spikes[:populations][:tokens], found '%s'",
                         text);
    selection->level = (enum record_level)found;
    text += length;
    if (*text == ':' && !isdigit((unsigned char)text[1])) {
        text++;
        length = strcspn(text, ":");
        if (length >= sizeof selection->populations)
            return error_set(err, ERR_ARGUMENT, "populations '%.40s...' are too many",
                             text);
        memcpy(selection->populations, text, length);
        text += length;
    }
    return *text ? parse_tokens(selection, text + 1, err) : OK;
}

static bool names(const char *item, size_t length,
                  const struct population_info *population)
{
    const char *name = population->name;
    bool is_name = strlen(name) == length && memcmp(name, item, length) == 0;
    bool is_role = strlen(population->role) == length &&
                   memcmp(population->role, item, length) == 0;
    bool is_layer = length < sizeof population->name &&
                    strncmp(name, item, length) == 0 && name[length] == '.';
    return is_name || is_role || is_layer;
}

/* Moves *list past the item that it returns. */
static const char *next_item(const char **list, size_t *length)
{
    const char *item = *list;
    *length = strcspn(item, ",");
    *list = item + *length + (item[*length] == ',');
    return item;
}

bool record_selection_has(const struct record_selection *selection,
                          const struct population_info *population)
{
    const char *list = selection->populations;
    size_t length;
    if (!*list)
        return true;
    while (*list) {
        const char *item = next_item(&list, &length);
        if (names(item, length, population))
            return true;
    }
    return false;
}

bool record_selection_has_token(const struct record_selection *selection,
                                uint64_t token)
{
    return token >= selection->first_token && token <= selection->last_token;
}

enum error_code record_selection_check(const struct record_selection *selection,
                                       const struct population_info *population,
                                       uint32_t populations, struct error *err)
{
    const char *list = selection->populations;
    size_t length;
    while (*list) {
        const char *item = next_item(&list, &length);
        uint32_t i = 0;
        while (i < populations && !names(item, length, &population[i]))
            i++;
        if (i == populations)
            return error_set(err, ERR_ARGUMENT, "no population, role or layer '%.*s'",
                             (int)length, item);
    }
    return OK;
}

double record_predict_bytes(const struct record_selection *selection,
                            const struct population_info *population,
                            uint32_t populations, uint64_t tokens,
                            double spikes_per_channel)
{
    enum { NUMBERS = 60, SPIKE = 3 }; /* a spike packed: 2.5 to 2.9 measured */
    double host = HOST_PARTS * OP_KINDS * sizeof(uint64_t);
    double per_token = NUMBERS + host, fixed = 0;
    uint64_t first = selection->first_token, last = selection->last_token;
    double chosen = first >= tokens  ? 0
                    : last >= tokens ? (double)(tokens - first)
                                     : (double)(last - first + 1);
    for (uint32_t i = 0; i < populations; i++) {
        double channels = (double)population[i].channels;
        per_token += (SITE_COUNTERS + 1) * sizeof(uint64_t);
        if (selection->level >= RECORD_COUNTS) {
            per_token += channels;
            fixed += channels * (COUNT_BINS + 2) * sizeof(uint64_t);
        }
        if (selection->level == RECORD_SPIKES &&
            record_selection_has(selection, &population[i]))
            fixed += channels * spikes_per_channel * SPIKE * chosen;
    }
    return selection->level == RECORD_NONE ? 0 : per_token * (double)tokens + fixed;
}
