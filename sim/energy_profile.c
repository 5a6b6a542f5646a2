/* Reading price profiles. Their names carry the unit (`add_i8_pj`), so that a price in
 * nanojoules cannot pass for one in picojoules. */
#include "sim/energy.h"

#include "base/config_text.h"
#include "base/version.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const level_name[MEMORY_LEVELS] = {
    [MEMORY_8K] = "8k",
    [MEMORY_32K] = "32k",
    [MEMORY_1M] = "1m",
    [MEMORY_DRAM] = "dram",
};

const char *const priced_only_name[PRICED_ONLY] = {
    [PRICED_MULTIPLY_I8] = "multiply_i8",
    [PRICED_MAC_I32] = "mac_i32",
    [PRICED_ADD_F16] = "add_f16",
    [PRICED_MULTIPLY_F16] = "multiply_f16",
};

const char *const event_part_name[EVENT_PARTS] = {
    [EVENT_WEIGHTS] = "weights", [EVENT_STATE] = "state",   [EVENT_UPDATES] = "updates",
    [EVENT_SPIKES] = "spikes",   [EVENT_STATIC] = "static",
};

static const double most = 1e15;

static int find_name(const char *const *name, int count, const char *text,
                     size_t length)
{
    for (int i = 0; i < count; i++)
        if (strlen(name[i]) == length && memcmp(name[i], text, length) == 0)
            return i;
    return -1;
}

static enum error_code parse_number(const struct config_entry *entry, double lowest,
                                    double *value, struct error *err)
{
    char *end = NULL;
    double number = strtod(entry->value, &end);
    if (end == entry->value || *end != '\0' || !(number >= lowest && number <= most))
        return error_set(err, ERR_FORMAT,
                         "line %u: %s: expected a number from %g on, "
                         "found '%.40s'",
                         entry->line, entry->name, lowest, entry->value);
    *value = number;
    return OK;
}

static enum error_code parse_level(const struct config_entry *entry,
                                   enum memory_level *level, struct error *err)
{
    int found =
        find_name(level_name, MEMORY_LEVELS, entry->value, strlen(entry->value));
    if (found < 0)
        return error_set(err, ERR_FORMAT,
                         "line %u: %s: expected 8k, 32k, 1m or dram, "
                         "found '%.40s'",
                         entry->line, entry->name, entry->value);
    *level = (enum memory_level)found;
    return OK;
}

static enum error_code parse_spike_op(const struct config_entry *entry,
                                      struct energy_profile *profile, struct error *err)
{
    int found = find_name(op_kind_name, OP_KINDS, entry->value, strlen(entry->value));
    if (found < 0)
        return error_set(err, ERR_FORMAT, "line %u: no operation '%.40s'", entry->line,
                         entry->value);
    profile->spike_op = (enum op_kind)found;
    return OK;
}

/* Words with spaces or commas between. */
static enum error_code parse_event_parts(const struct config_entry *entry,
                                         struct energy_profile *profile,
                                         struct error *err)
{
    static const char between[] = " ,";
    const char *at = entry->value + strspn(entry->value, between);
    while (*at) {
        size_t length = strcspn(at, between);
        int part = find_name(event_part_name, EVENT_PARTS, at, length);
        if (part < 0)
            return error_set(
                err, ERR_FORMAT,
                "line %u: %s: expected weights, state, updates, spikes or static, "
                "found '%.*s'",
                entry->line, entry->name, length < 40 ? (int)length : 40, at);
        profile->event_includes[part] = true;
        at += length;
        at += strspn(at, between);
    }
    return OK;
}

/* The place of a price whose name without its unit is `stem` long; NULL: none. */
static double *find_price(struct energy_profile *profile, const char *name, size_t stem)
{
    static const char access[] = "access_";
    static const char *const event[] = { "synaptic_event", "update_active",
                                         "update_idle", "spike_out", "hop" };
    double *const price[] = { &profile->synaptic_event_pj, &profile->update_active_pj,
                              &profile->update_idle_pj, &profile->spike_out_pj,
                              &profile->hop_pj };
    int found = find_name(op_kind_name, OP_KINDS, name, stem);
    if (found >= 0)
        return &profile->op_pj[found];
    if ((found = find_name(priced_only_name, PRICED_ONLY, name, stem)) >= 0)
        return &profile->only_pj[found];
    if ((found = find_name(event, sizeof event / sizeof event[0], name, stem)) >= 0)
        return price[found];
    if (strncmp(name, access, sizeof access - 1) == 0 && stem >= sizeof access)
        found = find_name(level_name, MEMORY_LEVELS, name + sizeof access - 1,
                          stem - (sizeof access - 1));
    return found >= 0 ? &profile->access_pj[found] : NULL;
}

/* `<operation>_pj`, `<event>_pj`, `access_<level>_pj` and static_mw. */
static enum error_code parse_price(const struct config_entry *entry,
                                   struct energy_profile *profile, struct error *err)
{
    const char *name = entry->name, *unit = strrchr(name, '_'), *expected = "_pj";
    size_t stem = unit ? (size_t)(unit - name) : 0;
    double *price = find_price(profile, name, stem);
    if (stem == strlen("static") && strncmp(name, "static", stem) == 0) {
        price = &profile->static_mw;
        expected = "_mw";
    }
    if (!price)
        return error_set(err, ERR_FORMAT, "line %u: a profile has no '%.60s'",
                         entry->line, name);
    if (strcmp(unit, expected) != 0)
        return error_set(err, ERR_FORMAT,
                         "line %u: %.60s: expected the unit %s, found "
                         "'%.20s'",
                         entry->line, name, expected, unit);
    return parse_number(entry, 0, price, err);
}

static enum error_code parse_year(const struct config_entry *entry,
                                  struct energy_profile *profile, struct error *err)
{
    double year = 0;
    if (parse_number(entry, 1900, &year, err) != OK)
        return err->code;
    if (year > 2200 || year != floor(year))
        return error_set(err, ERR_FORMAT, "line %u: no year %g", entry->line, year);
    profile->year = (int)year;
    return OK;
}

struct text_key {
    const char *name;
    const char **value;
};

static enum error_code parse_entry(const struct config_entry *entry,
                                   const struct text_key *text,
                                   struct energy_profile *profile, struct error *err)
{
    const char *name = entry->name;
    for (int i = 0; text[i].name; i++) {
        if (strcmp(name, text[i].name) == 0) {
            *text[i].value = entry->value;
            return OK;
        }
    }
    if (strcmp(name, "year") == 0)
        return parse_year(entry, profile, err);
    if (strcmp(name, "voltage_v") == 0)
        return parse_number(entry, 0, &profile->voltage, err);
    if (strcmp(name, "access_bytes") == 0)
        return parse_number(entry, 1, &profile->access_bytes, err);
    if (strcmp(name, "weight_level") == 0)
        return parse_level(entry, &profile->weight_level, err);
    if (strcmp(name, "state_level") == 0)
        return parse_level(entry, &profile->state_level, err);
    if (strcmp(name, "cache_level") == 0)
        return parse_level(entry, &profile->cache_level, err);
    if (strcmp(name, "spike_op") == 0)
        return parse_spike_op(entry, profile, err);
    if (strcmp(name, "event_includes") == 0)
        return parse_event_parts(entry, profile, err);
    return parse_price(entry, profile, err);
}

static void set_defaults(struct energy_profile *profile)
{
    *profile = (struct energy_profile){ .summary = "",
                                        .note = "",
                                        .voltage = (double)NAN,
                                        .access_bytes = 8,
                                        .weight_level = MEMORY_DRAM,
                                        .state_level = MEMORY_32K,
                                        .cache_level = MEMORY_DRAM,
                                        .spike_op = OP_ADD_I32,
                                        .synaptic_event_pj = (double)NAN,
                                        .update_active_pj = (double)NAN,
                                        .update_idle_pj = (double)NAN,
                                        .spike_out_pj = (double)NAN,
                                        .hop_pj = (double)NAN,
                                        .static_mw = (double)NAN };
    for (int kind = 0; kind < PRICED_ONLY; kind++)
        profile->only_pj[kind] = (double)NAN;
    for (int kind = 0; kind < OP_KINDS; kind++)
        profile->op_pj[kind] = (double)NAN;
    for (int level = 0; level < MEMORY_LEVELS; level++)
        profile->access_pj[level] = (double)NAN;
}

/* Takes the configuration over, or releases it. */
static enum error_code take(struct energy_profile *profile, struct config_text *config,
                            struct error *err)
{
    enum { REQUIRED = 4 };
    const struct text_key text[] = { { "name", &profile->name },
                                     { "source", &profile->source },
                                     { "process", &profile->process },
                                     { "basis", &profile->basis },
                                     { "summary", &profile->summary },
                                     { "note", &profile->note },
                                     { NULL, NULL } };
    err->code = OK;
    for (size_t i = 0; i < config->count && err->code == OK; i++)
        parse_entry(&config->entry[i], text, profile, err);
    for (int i = 0; i < REQUIRED && err->code == OK; i++)
        if (!*text[i].value || !(*text[i].value)[0])
            error_set(err, ERR_FORMAT, "a profile needs a %s", text[i].name);
    if (err->code == OK && !profile->year)
        error_set(err, ERR_FORMAT, "a profile needs a year");
    for (int part = 0; part < EVENT_PARTS && err->code == OK; part++)
        if (profile->event_includes[part] && isnan(profile->synaptic_event_pj))
            error_set(err, ERR_FORMAT,
                      "event_includes: expected a synaptic_event_pj, found none");
    if (err->code != OK) {
        config_text_release(config);
        set_defaults(profile);
        return err->code;
    }
    profile->arena = config->arena; /* the texts stay where they are */
    return OK;
}

enum error_code energy_profile_parse(struct energy_profile *profile, const char *bytes,
                                     size_t size, struct error *err)
{
    struct config_text config;
    set_defaults(profile);
    if (config_text_parse(&config, bytes, size, err) != OK)
        return err->code;
    return take(profile, &config, err);
}

enum error_code energy_profile_open(struct energy_profile *profile, const char *path,
                                    struct error *err)
{
    struct config_text config;
    set_defaults(profile);
    if (config_text_open(&config, path, err) != OK)
        return err->code;
    if (take(profile, &config, err) != OK)
        return error_wrap(err, "%s", path);
    return OK;
}

void energy_profile_release(struct energy_profile *profile)
{
    arena_free(&profile->arena);
    set_defaults(profile);
}

enum error_code energy_profile_find(struct energy_profile *profile, const char *name,
                                    struct error *err)
{
    static const char suffix[] = ".conf";
    size_t length = strlen(name);
    bool is_path =
        strchr(name, '/') || (length >= sizeof suffix - 1 &&
                              strcmp(name + length - (sizeof suffix - 1), suffix) == 0);
    if (is_path)
        return energy_profile_open(profile, name, err);
    char path[1024];
    int used = snprintf(path, sizeof path, "%s/profiles/%s%s", version_data_folder(),
                        name, suffix);
    if (used < 0 || (size_t)used >= sizeof path)
        return error_set(err, ERR_ARGUMENT,
                         "the name of profile '%.40s...' is too long", name);
    return energy_profile_open(profile, path, err);
}
