/* The claims on a terminal of 100 columns: verdicts first, then who says what, what the
 * source says, what was computed and measured, and what would turn the verdict. */
#include "experiments/claim_document.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

enum { COLUMNS = 100, INDENT = 15 };

static const char *number_of(const json_t *object, const char *name,
                             char room[CLAIM_NUMBER_ROOM])
{
    const json_t *value = json_object_get(object, name);
    return claim_number(json_is_number(value) ? json_number_value(value) : (double)NAN,
                        claim_text(object, "unit"), room);
}

/* Words from `column` on, further lines at `indent`; ends the line. */
static void wrap(const char *text, int column, int indent)
{
    bool is_first = true;
    while (*text) {
        size_t word = strcspn(text, " ");
        int gap = is_first ? 0 : 1;
        if (!is_first && column + gap + (int)word > COLUMNS) {
            printf("\n%*s", indent, "");
            column = indent;
            gap = 0;
        }
        printf("%*s%.*s", gap, "", (int)word, text);
        column += gap + (int)word;
        text += word + (text[word] == ' ');
        is_first = false;
    }
    putchar('\n');
}

static void labelled(const char *label, const char *text)
{
    printf("  %-*s", INDENT - 2, label);
    wrap(text, INDENT, INDENT);
}

static void print_verdicts(const json_t *claim)
{
    enum { WORD = 20, SCOPE = 27 };
    size_t index;
    const json_t *row;
    json_array_foreach(json_object_get(claim, "verdicts"), index, row)
    {
        char word[40];
        const char *scope = claim_text(row, "scope");
        snprintf(word, sizeof word, "%s", claim_text(row, "verdict"));
        for (char *at = word; *at; at++)
            *at = (char)toupper((unsigned char)*at);
        printf("  %-*s%-*s ", WORD, word, SCOPE, scope);
        int column = 3 + WORD + (strlen(scope) > SCOPE ? (int)strlen(scope) : SCOPE);
        wrap(claim_text(row, "reason"), column, 3 + WORD + SCOPE);
    }
}

static void print_computed(const json_t *claim)
{
    size_t index;
    const json_t *row;
    const char *label = "arithmetic";
    char line[400], value[CLAIM_NUMBER_ROOM], printed[CLAIM_NUMBER_ROOM];
    json_array_foreach(json_object_get(claim, "computed"), index, row)
    {
        int used = snprintf(line, sizeof line, "%s: %s", claim_text(row, "what"),
                            number_of(row, "value", value));
        if (json_object_get(row, "printed"))
            snprintf(line + used, sizeof line - (size_t)used, ", printed %s: %s",
                     number_of(row, "printed", printed),
                     json_is_true(json_object_get(row, "agrees")) ? "agrees"
                                                                  : "does not agree");
        labelled(label, line);
        label = "";
    }
    if (json_object_get(claim, "reason"))
        labelled(label, claim_text(claim, "reason"));
}

static void print_measured(const json_t *claim)
{
    size_t m, index;
    const json_t *measurement, *row;
    char line[700], value[CLAIM_NUMBER_ROOM], error[CLAIM_NUMBER_ROOM];
    json_array_foreach(json_object_get(claim, "measured"), m, measurement)
    {
        snprintf(line, sizeof line, "%s, %s, k %g, %lld windows of %lld tokens, %s",
                 claim_text(measurement, "model"), claim_text(measurement, "text"),
                 json_number_value(json_object_get(measurement, "k")),
                 (long long)json_integer_value(json_object_get(measurement, "windows")),
                 (long long)json_integer_value(
                     json_object_get(measurement, "window_tokens")),
                 claim_text(measurement, "date"));
        labelled("measured", line);
        json_array_foreach(json_object_get(measurement, "values"), index, row)
        {
            int used = snprintf(line, sizeof line, "%s: %s", claim_text(row, "what"),
                                number_of(row, "value", value));
            if (json_object_get(row, "error"))
                snprintf(line + used, sizeof line - (size_t)used, " +- %s",
                         number_of(row, "error", error));
            labelled("", line);
        }
        snprintf(line, sizeof line, "by: %s", claim_text(measurement, "command"));
        labelled("", line);
    }
}

static void print_others(const json_t *claim)
{
    size_t m, index;
    const json_t *other, *row;
    json_array_foreach(json_object_get(claim, "others"), m, other)
    {
        char line[400];
        size_t used =
            (size_t)snprintf(line, sizeof line, "%s: ", claim_text(other, "model"));
        json_array_foreach(json_object_get(other, "verdicts"), index, row)
        {
            if (used < sizeof line)
                used += (size_t)snprintf(line + used, sizeof line - used, "%s%s %s",
                                         index ? "; " : "", claim_text(row, "scope"),
                                         claim_text(row, "verdict"));
        }
        labelled("there", line);
    }
}

static void print_turns(const json_t *claim)
{
    size_t index;
    const json_t *row;
    const char *label = "turns";
    char line[400], value[CLAIM_NUMBER_ROOM], now[CLAIM_NUMBER_ROOM];
    json_array_foreach(json_object_get(claim, "turns"), index, row)
    {
        bool never = json_is_null(json_object_get(row, "value"));
        int used = snprintf(line, sizeof line, "%s %s", claim_text(row, "when"),
                            never ? "none" : number_of(row, "value", value));
        if (!json_is_null(json_object_get(row, "now")))
            snprintf(line + used, sizeof line - (size_t)used, " (now %s)",
                     number_of(row, "now", now));
        labelled(label, line);
        label = "";
    }
    if (json_object_get(claim, "turns_if"))
        labelled(label, claim_text(claim, "turns_if"));
}

static void print_claim(const json_t *claim)
{
    char line[600];
    bool quoted = json_is_true(json_object_get(claim, "quoted"));
    printf("%s  (%s)\n", claim_text(claim, "name"), claim_text(claim, "family"));
    print_verdicts(claim);
    snprintf(line, sizeof line, quoted ? "\"%s\"" : "%s (paraphrase)",
             claim_text(claim, "claim"));
    labelled("claim", line);
    labelled("who", claim_text(claim, "who"));
    labelled("source", claim_text(claim, "source"));
    print_computed(claim);
    print_measured(claim);
    print_others(claim);
    print_turns(claim);
    labelled("not measured", claim_text(claim, "not_measured"));
    putchar('\n');
}

void claims_print(const json_t *document)
{
    size_t index;
    const json_t *claim;
    json_array_foreach(json_object_get(document, "claims"), index, claim)
    {
        print_claim(claim);
    }
    if (json_array_size(json_object_get(document, "claims")) > 1)
        claims_print_k(document);
    printf(
        "Verdicts hold at their boundary only. A share is reproduced within two "
        "points of the claim and\npartly from half of it; a ratio within a tenth, and "
        "partly within a factor of two. Prices are\nthose of 45 nm (lucciola "
        "profiles); what nobody prices is listed by lucciola energy.\n");
    if (json_array_size(json_object_get(document, "measurements")) == 0)
        printf("Nothing is measured: give -m MODEL -f TEXT.\n");
}
