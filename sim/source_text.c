/* Spikes as lines of text; the rules are in spike_source.h. */
#include "sim/source_reader.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { LINE = 1024, COLUMNS = 32 };
enum role { ROLE_NONE, ROLE_TIME, ROLE_NODE, ROLE_POPULATION, ROLE_VALUE, ROLES };

struct column_name {
    const char *name;
    enum role role;
    double scale;  /* of times */
    int64_t first; /* of nodes */
};

static const struct column_name names[] = {
    { "time_ms", ROLE_TIME, 1, 0 },    { "timestamp_ms", ROLE_TIME, 1, 0 },
    { "timestamps", ROLE_TIME, 1, 0 }, { "time_s", ROLE_TIME, 1000, 0 },
    { "node", ROLE_NODE, 0, 0 },       { "node_id", ROLE_NODE, 0, 0 },
    { "node_ids", ROLE_NODE, 0, 0 },   { "neuron", ROLE_NODE, 0, 0 },
    { "sender", ROLE_NODE, 0, 1 },     { "population", ROLE_POPULATION, 0, 0 },
    { "value", ROLE_VALUE, 0, 0 },     { "worth", ROLE_VALUE, 0, 0 },
};

/* Nodes of a population as far as they were seen. */
struct text_range {
    int64_t lowest, highest;
};

struct source_state {
    FILE *file;
    int column[ROLES]; /* -1: not there */
    double scale;
    int64_t first;
    bool has_layout, is_settled;
    uint64_t line, spikes;
    struct text_range *range; /* (populations), room doubling with them */
    uint32_t last;            /* population of the last spike */
};

static void close(struct source_state *state)
{
    if (state->file)
        fclose(state->file);
    free(state->range);
    free(state);
}

static enum error_code open(struct spike_source *source, struct error *err)
{
    struct source_state *state = source->state = calloc(1, sizeof *state);
    if (!state)
        return error_memory(err, "a text", sizeof *state);
    state->file = fopen(source->path, "r");
    if (!state->file)
        return error_set(err, ERR_IO, "%s", strerror(errno));
    return OK;
}

/* Cuts a line into fields in place; returns how many, at most COLUMNS. */
static unsigned cut(char *line, char *field[COLUMNS])
{
    const char *separators = strchr(line, ',') ? "," : strchr(line, ';') ? ";" : " \t";
    bool is_white = separators[0] == ' ';
    unsigned fields = 0;
    while (fields < COLUMNS) {
        line += strspn(line, " \t");
        if (is_white && !*line)
            break;
        field[fields++] = line;
        size_t length = strcspn(line, separators);
        bool is_last = line[length] == '\0';
        line[length] = '\0';
        for (size_t end = length; end && strchr(" \t", line[end - 1]); end--)
            line[end - 1] = '\0';
        if (is_last)
            break;
        line += length + 1;
    }
    return fields;
}

static const struct column_name *find_column(const char *name)
{
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (strcasecmp(names[i].name, name) == 0)
            return &names[i];
    return NULL;
}

/* Takes the columns from a line of names; false: it is none. */
static bool take_layout(struct source_state *state, char *field[], unsigned fields)
{
    int column[ROLES] = { -1, -1, -1, -1, -1 };
    for (unsigned i = 0; i < fields; i++) {
        const struct column_name *name = find_column(field[i]);
        if (!name || column[name->role] >= 0)
            continue;
        column[name->role] = (int)i;
        if (name->role == ROLE_TIME)
            state->scale = name->scale;
        if (name->role == ROLE_NODE)
            state->first = name->first;
    }
    if (column[ROLE_TIME] < 0 || column[ROLE_NODE] < 0)
        return false;
    memcpy(state->column, column, sizeof column);
    state->has_layout = true;
    return true;
}

static enum error_code refuse(const struct source_state *state, const char *what,
                              const char *found, struct error *err)
{
    return error_set(err, ERR_FORMAT, "line %llu: expected %s, found '%.40s'",
                     (unsigned long long)state->line, what, found);
}

/* The next line that is not empty, cut; *fields is 0 at the end of the file. */
static enum error_code next_line(struct source_state *state, char line[LINE],
                                 char *field[COLUMNS], unsigned *fields,
                                 struct error *err)
{
    for (*fields = 0; *fields == 0;) {
        if (!fgets(line, LINE, state->file)) {
            if (ferror(state->file))
                return error_set(err, ERR_IO, "cannot read: %s", strerror(errno));
            return OK;
        }
        state->line++;
        size_t length = strcspn(line, "\r\n");
        if (line[length] == '\0' && !feof(state->file))
            return error_set(err, ERR_FORMAT,
                             "line %llu: not text, or longer than %d bytes",
                             (unsigned long long)state->line, LINE - 2);
        line[length] = '\0';
        bool is_comment = line[0] == '#';
        *fields = cut(line + is_comment, field);
        if (*fields == 1 && !field[0][0])
            *fields = 0;
        if (is_comment) {
            if (!state->has_layout)
                take_layout(state, field, *fields);
            *fields = 0;
        }
    }
    return OK;
}

/* Without names: a time and a node. */
static enum error_code assume_layout(struct source_state *state, char *field[],
                                     unsigned fields, struct error *err)
{
    static const int plain[ROLES] = { -1, 0, 1, -1, -1 };
    char *end;
    strtod(field[0], &end);
    if (fields != 2 || *end || end == field[0])
        return refuse(state, "columns time_ms and node", field[0], err);
    memcpy(state->column, plain, sizeof plain);
    state->scale = 1;
    state->first = 0;
    state->has_layout = true;
    return OK;
}

static enum error_code find_population(struct spike_source *source, const char *name,
                                       struct error *err)
{
    struct source_state *state = source->state;
    if (source->populations &&
        strncmp(source->population[state->last].name, name, SOURCE_NAME - 1) == 0)
        return OK;
    for (uint32_t i = 0; i < source->populations; i++)
        if (strncmp(source->population[i].name, name, SOURCE_NAME - 1) == 0) {
            state->last = i;
            return OK;
        }
    uint32_t count = source->populations;
    if (!source_add_population(source, name, err))
        return err->code;
    if ((count & (count - 1)) == 0) {
        size_t room = count ? 2 * (size_t)count : 1;
        void *grown = realloc(state->range, room * sizeof *state->range);
        if (!grown)
            return error_memory(err, "populations",
                                (double)room * sizeof *state->range);
        state->range = grown;
    }
    state->range[count] = (struct text_range){ INT64_MAX, -1 };
    state->last = count;
    return OK;
}

static const char *get(const struct source_state *state, char *field[], unsigned fields,
                       enum role role)
{
    int column = state->column[role];
    return column >= 0 && (unsigned)column < fields ? field[column] : "";
}

static enum error_code take_spike(struct spike_source *source, char *field[],
                                  unsigned fields, struct source_spike *spike,
                                  struct error *err)
{
    struct source_state *state = source->state;
    const char *time = get(state, field, fields, ROLE_TIME);
    const char *node = get(state, field, fields, ROLE_NODE);
    char *end;
    double time_ms = strtod(time, &end) * state->scale;
    if (*end || end == time)
        return refuse(state, "a time", time, err);
    errno = 0;
    long long number = strtoll(node, &end, 10);
    if (*end || end == node || errno || number == INT64_MIN)
        return refuse(state, "the number of a neuron", node, err);
    number -= state->first;
    long value = 1;
    if (state->column[ROLE_VALUE] >= 0) {
        const char *text = get(state, field, fields, ROLE_VALUE);
        value = strtol(text, &end, 10);
        if (*end || end == text || errno || value > INT32_MAX || value < INT32_MIN)
            return refuse(state, "a whole value", text, err);
    }
    if (source_check_spike(state->spikes, number, time_ms, err) != OK ||
        find_population(source,
                        state->column[ROLE_POPULATION] >= 0
                            ? get(state, field, fields, ROLE_POPULATION)
                            : "neurons",
                        err) != OK)
        return err->code;
    struct text_range *range = &state->range[state->last];
    if (!state->is_settled) {
        range->lowest = number < range->lowest ? number : range->lowest;
        range->highest = number > range->highest ? number : range->highest;
    } else if (number < range->lowest || number > range->highest) {
        return error_set(err, ERR_FORMAT, "the file changed while it was read");
    }
    *spike = (struct source_spike){
        .population = state->last,
        .neuron = (uint64_t)(state->is_settled ? number - range->lowest : number),
        .time_ms = time_ms,
        .value = (int32_t)value,
    };
    state->spikes++;
    return OK;
}

static enum error_code read(struct spike_source *source, struct source_spike *spike,
                            size_t room, size_t *count, struct error *err)
{
    struct source_state *state = source->state;
    char line[LINE], *field[COLUMNS];
    unsigned fields;
    *count = 0;
    while (*count < room) {
        if (next_line(state, line, field, &fields, err) != OK)
            return err->code;
        if (fields == 0)
            break;
        if (!state->has_layout) {
            if (take_layout(state, field, fields))
                continue;
            if (assume_layout(state, field, fields, err) != OK)
                return err->code;
        }
        if (take_spike(source, field, fields, &spike[*count], err) != OK)
            return err->code;
        (*count)++;
    }
    return OK;
}

static enum error_code start_anew(struct spike_source *source, struct error *err)
{
    struct source_state *state = source->state;
    if (fseek(state->file, 0, SEEK_SET) < 0)
        return error_set(err, ERR_IO, "cannot read again: %s", strerror(errno));
    state->line = state->spikes = 0;
    state->has_layout = false;
    return OK;
}

struct placed {
    struct text_range range;
    struct source_population population;
};

static int compare_placed(const void *a, const void *b)
{
    int64_t left = ((const struct placed *)a)->range.lowest;
    int64_t right = ((const struct placed *)b)->range.lowest;
    return (left > right) - (left < right);
}

/* Sorts populations by their first neuron; false: they overlap, or memory is short. */
static bool put_apart(struct spike_source *source)
{
    struct text_range *range = source->state->range;
    uint32_t count = source->populations;
    struct placed *placed = malloc((count ? count : 1) * sizeof *placed);
    if (!placed)
        return false;
    for (uint32_t i = 0; i < count; i++)
        placed[i] = (struct placed){ range[i], source->population[i] };
    qsort(placed, count, sizeof *placed, compare_placed);
    bool is_apart = true;
    for (uint32_t i = 1; i < count; i++)
        is_apart = is_apart && placed[i - 1].range.highest < placed[i].range.lowest;
    for (uint32_t i = 0; is_apart && i < count; i++) {
        range[i] = placed[i].range;
        source->population[i] = placed[i].population;
    }
    free(placed);
    return is_apart;
}

/* Numbers that never overlap were given over all populations together. */
static void settle(struct spike_source *source)
{
    struct source_state *state = source->state;
    bool is_apart = put_apart(source);
    for (uint32_t i = 0; i < source->populations; i++) {
        struct text_range *range = &state->range[i];
        if (!is_apart || i == 0)
            range->lowest = 0;
        if (is_apart && i + 1 < source->populations)
            range->highest = state->range[i + 1].lowest - 1;
        source->population[i].neurons = (uint64_t)(range->highest - range->lowest) + 1;
    }
    state->last = 0;
    state->is_settled = true;
}

const struct source_reader text_reader = {
    .format = "text",
    .open = open,
    .read = read,
    .rewind = start_anew,
    .settle = settle,
    .close = close,
};
