/* See trace_selection.h. */
#include "sim/trace_selection.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { NOT_GIVEN_NEURONS = 10 };

static enum error_code bad(struct error *err, const char *text, size_t length)
{
    return error_set(err, ERR_ARGUMENT,
                     "trace '%.*s': expected POPULATION.VARIABLE, or "
                     "POPULATION.VARIABLE:FIRST-LAST",
                     (int)length, text);
}

static enum error_code parse_one(struct trace_choice *choice, const char *text,
                                 size_t length, struct error *err)
{
    char item[80], *end = NULL;
    if (length >= sizeof item)
        return bad(err, text, length);
    snprintf(item, sizeof item, "%.*s", (int)length, text);
    *choice = (struct trace_choice){ .last = UINT64_MAX };
    char *neurons = strchr(item, ':');
    if (neurons) {
        *neurons++ = '\0';
        if (*neurons < '0' || *neurons > '9')
            return bad(err, text, length);
        choice->first = choice->last = strtoull(neurons, &end, 10);
        if (*end == '-' && end[1] >= '0' && end[1] <= '9')
            choice->last = strtoull(end + 1, &end, 10);
        if (*end || choice->last < choice->first || choice->last == UINT64_MAX)
            return bad(err, text, length);
    }
    char *dot = strrchr(item, '.');
    if (!dot || dot == item || !dot[1] || strlen(dot + 1) >= sizeof choice->variable ||
        (size_t)(dot - item) >= sizeof choice->population)
        return bad(err, text, length);
    *dot = '\0';
    strcpy(choice->population, item);
    strcpy(choice->variable, dot + 1);
    return OK;
}

enum error_code trace_selection_parse(struct trace_selection *selection,
                                      const char *text, struct error *err)
{
    selection->choices = 0;
    while (text && *text) {
        size_t length = strcspn(text, ",");
        if (selection->choices == TRACE_CHOICES)
            return error_set(err, ERR_ARGUMENT, "traces: more than %d", TRACE_CHOICES);
        if (parse_one(&selection->choice[selection->choices++], text, length, err) !=
            OK)
            return err->code;
        text += length + (text[length] == ',');
    }
    return OK;
}

enum error_code trace_choose(struct trace_info *trace,
                             const struct trace_choice *choice, const char *unit,
                             uint64_t first_node, uint64_t size, double interval_ms,
                             struct error *err)
{
    uint64_t last = choice->last;
    *trace = (struct trace_info){ .interval_ms = interval_ms };
    if (last == UINT64_MAX)
        last = size < NOT_GIVEN_NEURONS ? size - 1 : NOT_GIVEN_NEURONS - 1;
    if (last >= size)
        return error_set(err, ERR_ARGUMENT,
                         "trace %s.%s: neuron %" PRIu64 ", expected 0 to %" PRIu64,
                         choice->population, choice->variable, last, size - 1);
    const uint64_t nodes = last - choice->first + 1;
    if (nodes > TRACE_MOST_NEURONS)
        return error_set(err, ERR_ARGUMENT,
                         "trace %s.%s: %" PRIu64 " neurons, expected at most %d",
                         choice->population, choice->variable, nodes,
                         TRACE_MOST_NEURONS);
    uint64_t *node = calloc((size_t)nodes, sizeof *node);
    if (!node)
        return error_memory(err, "a trace", (double)nodes * sizeof *node);
    for (uint64_t i = 0; i < nodes; i++)
        node[i] = first_node + choice->first + i;
    snprintf(trace->name, sizeof trace->name, "%s.%s", choice->population,
             choice->variable);
    strcpy(trace->population, choice->population);
    strcpy(trace->variable, choice->variable);
    snprintf(trace->unit, sizeof trace->unit, "%s", unit);
    trace->node = node;
    trace->nodes = (size_t)nodes;
    return OK;
}
