/* See spiking_options.h. */
#include "experiments/spiking_options.h"

#include "experiments/threshold_file.h"

#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const struct option option_spiking[] = {
    { "neuron", 0, "NAME", "neuron model, NAME or NAME:parameter=value,...", "if" },
    { "encoder", 0, "NAME", "spike code, NAME or NAME:parameter=value,...", "bitwise" },
    { "k", 'k', "K", "threshold V = mean|x| / K; a list compares", "3" },
    { "dead-zone", 0, "D", "channels under D * mean|x| stay silent", "0" },
    { "threshold", 0, "V", "one fixed V instead of K", NULL },
    { "clamp", 0, "LOW:HIGH", "limits of V", "1e-5:1e4" },
    { "threshold-group", 0, "N",
      "channels that share a V; 0: all of a site; auto: all, but where a neuron is "
      "read "
      "through its response so few that no count leaves the window",
      "auto" },
    { "thresholds", 0, "FILE",
      "k and dead zone of every site, as 'lucciola tune' writes them", NULL },
    { "window", 0, "T",
      "fixed steps of a token; 0: what the largest count needs, or 64 where a neuron "
      "is "
      "read through its measured response",
      "0" },
    { "engine", 0, "NAME",
      "counts (at once), events (through the queue); auto: counts where the pair of "
      "neuron and code has a closed form",
      "auto" },
    { "spike", 0, "SITES",
      "which projections spike: all, attn, ffn, a role, L07, ...; "
      "all leaves the head to --head",
      "all" },
    { "head", 0, "HOW", "output head: spike or dense (INT8)", "dense" },
    { "dt", 0, "MS", "length of a virtual step", "1" },
    { "dense", 0, NULL, "no spikes: the dense baseline of --precision", NULL },
    { "precision", 0, "FORMAT", "of --dense: int8 or float (as stored)", "int8" },
    { 0 },
};

enum error_code k_list_read(const struct options *options, double k[K_MAX],
                            unsigned *count, struct error *err)
{
    const char *text = option_text(options, "k");
    *count = 0;
    for (const char *at = text;;) {
        char *end = NULL;
        double value = strtod(at, &end);
        if (end == at || (*end != ',' && *end != '\0') || !isfinite(value) ||
            value <= 0)
            return error_set(err, ERR_ARGUMENT,
                             "--k: expected numbers above 0, found '%s'", text);
        if (*count == K_MAX)
            return error_set(err, ERR_ARGUMENT, "--k: more than %d values", K_MAX);
        k[(*count)++] = value;
        if (*end == '\0')
            return OK;
        at = end + 1;
    }
}

/* NAME or NAME:assignments; the name is copied to `name`. */
static const char *split_name(const char *text, char name[64])
{
    size_t length = strcspn(text, ":");
    snprintf(name, 64, "%.*s", (int)(length < 63 ? length : 63), text);
    return text[length] ? text + length + 1 : NULL;
}

static enum error_code read_plugins(const struct options *options,
                                    struct spiking_settings *s, struct error *err)
{
    char name[64];
    const char *assignments = split_name(option_text(options, "neuron"), name);
    s->neuron = neuron_model_find(name);
    if (!s->neuron)
        return error_set(err, ERR_ARGUMENT,
                         "--neuron: no '%s'; 'lucciola neurons' lists them", name);
    field_defaults(s->neuron->params, s->neuron_param);
    if (field_assign(s->neuron->params, assignments, s->neuron_param, err) != OK)
        return error_wrap(err, "--neuron %s", name);

    assignments = split_name(option_text(options, "encoder"), name);
    s->encoder = encoder_find(name);
    if (!s->encoder)
        return error_set(err, ERR_ARGUMENT,
                         "--encoder: no '%s'; 'lucciola encoders' lists them", name);
    field_defaults(s->encoder->params, s->encoder_param);
    if (field_assign(s->encoder->params, assignments, s->encoder_param, err) != OK)
        return error_wrap(err, "--encoder %s", name);
    return OK;
}

static enum error_code read_clamp(const char *text, struct threshold_rule *rule,
                                  struct error *err)
{
    char *middle = NULL, *end = NULL;
    double low = strtod(text, &middle);
    double high = *middle == ':' ? strtod(middle + 1, &end) : 0;
    if (!end || *end || !(low > 0) || !(high >= low) || !isfinite(high))
        return error_set(err, ERR_ARGUMENT,
                         "--clamp: expected LOW:HIGH with 0 < LOW <= HIGH, found '%s'",
                         text);
    rule->lowest = low;
    rule->highest = high;
    return OK;
}

/* In a group of n channels |x| / V is at most k n: the largest power of two that keeps
 * that within the window. One outlier among all channels of a site would have every
 * other channel speak in few steps, or be cut itself. */
static uint64_t group_within(double k, unsigned window)
{
    uint64_t group = 1;
    while (2 * k * (double)group <= window)
        group *= 2;
    return group;
}

static enum error_code read_group(const struct options *options,
                                  struct spiking_settings *s, double k,
                                  struct error *err)
{
    uint64_t group = 0;
    bool is_auto = strcmp(option_text(options, "threshold-group"), "auto") == 0;
    if (!is_auto &&
        option_whole(options, "threshold-group", 0, 1 << 20, &group, err) != OK)
        return err->code;
    if (is_auto && s->window > 0 && s->threshold.fixed == 0 &&
        response_is_needed(s->neuron, s->encoder, s->window))
        group = group_within(k, s->window);
    s->threshold.group = (uint32_t)group;
    return OK;
}

static enum error_code read_threshold(const struct options *options,
                                      struct spiking_settings *s, struct error *err)
{
    struct threshold_rule *rule = &s->threshold;
    double k[K_MAX];
    unsigned count = 0;
    *rule = threshold_default;
    if (k_list_read(options, k, &count, err) != OK ||
        option_number(options, "dead-zone", 0, 1e6, &rule->dead_zone, err) != OK ||
        read_clamp(option_text(options, "clamp"), rule, err) != OK)
        return err->code;
    if (option_text(options, "threshold") &&
        option_number(options, "threshold", 1e-30, 1e30, &rule->fixed, err) != OK)
        return err->code;
    if (option_text(options, "thresholds") &&
        (option_is_given(options, "threshold") || count > 1))
        return error_set(err, ERR_ARGUMENT,
                         "--thresholds gives every site its k, %s excludes it",
                         count > 1 ? "a list of --k" : "--threshold");
    /* What coding costs is told from this rule: a comparison, where rows may have dead
     * zones. It silences nothing. */
    if (option_text(options, "thresholds") && rule->dead_zone == 0)
        rule->dead_zone = DBL_MIN;
    rule->k = k[0];
    for (unsigned i = 1; i < count; i++)
        if (k[i] > k[0])
            k[0] = k[i];
    return read_group(options, s, k[0], err);
}

/* One word of --spike; false: it names no site. */
static bool mark(const struct model *model, const char *word, unsigned char *spikes)
{
    bool found = false;
    for (uint32_t s = 0; s < model->sites; s++) {
        const struct site *site = &model->site[s];
        char layer[16];
        snprintf(layer, sizeof layer, "L%02d", site->layer);
        const char *role = site_role_name[site->role];
        bool is_family = (strcmp(word, "attn") == 0 && strncmp(role, "attn", 4) == 0) ||
                         (strcmp(word, "ffn") == 0 && strncmp(role, "ffn", 3) == 0);
        if (site->role == ROLE_HEAD)
            continue;
        if (is_family || strcmp(word, "all") == 0 || strcmp(word, role) == 0 ||
            strcmp(word, layer) == 0 || strcmp(word, site->name) == 0) {
            spikes[s] = 1;
            found = true;
        }
    }
    return found || strcmp(word, "none") == 0;
}

static enum error_code read_sites(struct session *session, struct error *err)
{
    const struct model *model = &session->model;
    if (!session->spikes)
        session->spikes = arena_array(&session->arena, model->sites, 1);
    if (!session->spikes)
        return error_memory(err, "sites", model->sites);
    memset(session->spikes, 0, model->sites);
    for (const char *at = option_text(session->options, "spike"); *at;) {
        char word[64];
        size_t length = strcspn(at, ",");
        snprintf(word, sizeof word, "%.*s", (int)(length < 63 ? length : 63), at);
        if (!mark(model, word, session->spikes))
            return error_set(err, ERR_ARGUMENT,
                             "--spike: '%s' is no site of this model (all, none, attn, "
                             "ffn, attn_in, L07, L07.ffn_down, ...)",
                             word);
        at += length + (at[length] == ',');
    }
    const char *head = option_text(session->options, "head");
    if (strcmp(head, "spike") != 0 && strcmp(head, "dense") != 0)
        return error_set(err, ERR_ARGUMENT,
                         "--head: expected spike or dense, found '%s'", head);
    session->spikes[model->sites - 1] = strcmp(head, "spike") == 0;
    session->spiking_settings.spikes = session->spikes;
    return OK;
}

enum error_code spiking_settings_read(const struct options *options,
                                      struct spiking_settings *s, struct error *err)
{
    const char *engine = option_text(options, "engine");
    uint64_t window = 0;
    if (read_plugins(options, s, err) != OK ||
        option_whole(options, "window", 0, CODE_MAX_WINDOW, &window, err) != OK ||
        option_number(options, "dt", 1e-6, 1e6, &s->dt_ms, err) != OK)
        return err->code;
    s->window = (unsigned)window;
    if (window == 0 && response_is_needed(s->neuron, s->encoder, 0))
        s->window = RESPONSE_WINDOW;
    if (read_threshold(options, s, err) != OK)
        return err->code;
    const bool is_auto = strcmp(engine, "auto") == 0;
    if (!is_auto && strcmp(engine, "counts") != 0 && strcmp(engine, "events") != 0)
        return error_set(err, ERR_ARGUMENT,
                         "--engine: expected auto, counts or events, found '%s'",
                         engine);
    s->engine = ENGINE_COUNTS;
    if (is_auto ? !spiking_has_closed_form(s->neuron, s->encoder)
                : strcmp(engine, "events") == 0)
        s->engine = ENGINE_EVENTS;
    return OK;
}

enum error_code weights_read(const struct options *options, struct weight_plan *weights,
                             struct error *err)
{
    if (weight_setting_read(&weights->layers, option_text(options, "weights"), err) !=
        OK)
        return error_wrap(err, "--weights");
    weights->head = weights->layers;
    const char *head = option_text(options, "head-weights");
    if (head && weight_setting_read(&weights->head, head, err) != OK)
        return error_wrap(err, "--head-weights");
    return OK;
}

/* The rows of --thresholds: those that a recording holds, where the option itself comes
 * from it, since the file may have changed since. */
static enum error_code read_thresholds(struct session *session, struct error *err)
{
    const struct options *options = session->options;
    const struct model *model = &session->model;
    const char *path = option_text(options, "thresholds");
    free(session->threshold_text);
    session->threshold_text = NULL;
    session->spiking_settings.site_threshold = NULL;
    if (!path)
        return OK;
    const bool is_recorded = path == config_text_find(&options->config, "thresholds") &&
                             threshold_file_is(&options->config);
    struct config_text file = { 0 };
    if (!is_recorded && config_text_open(&file, path, err) != OK)
        return err->code;
    struct threshold_rule *rule = calloc(model->sites, sizeof *rule);
    for (uint32_t s = 0; rule && s < model->sites; s++)
        rule[s] = session->spiking_settings.threshold;
    if (!rule)
        error_memory(err, "thresholds", model->sites * sizeof *rule);
    else if (threshold_file_apply(is_recorded ? &options->config : &file, path, model,
                                  rule, err) == OK &&
             session_set_thresholds(session, rule, err) == OK) {
        session->threshold_text = threshold_file_text(model, rule, NULL, "");
        if (!session->threshold_text)
            error_memory(err, "thresholds", model->sites * sizeof *rule);
    }
    free(rule);
    config_text_release(&file);
    return err->code;
}

enum error_code spiking_options_read(struct session *session, struct error *err)
{
    const struct options *options = session->options;
    const char *precision = option_text(options, "precision");
    if (spiking_settings_read(options, &session->spiking_settings, err) != OK ||
        weights_read(options, &session->weights, err) != OK ||
        read_sites(session, err) != OK || read_thresholds(session, err) != OK)
        return err->code;
    bool is_float = strcmp(precision, "float") == 0;
    if (!is_float && strcmp(precision, "int8") != 0)
        return error_set(err, ERR_ARGUMENT,
                         "--precision: expected int8 or float, found '%s'", precision);
    session->spiking_settings.seed = session->seed;
    session->precision = !option_flag(options, "dense") ? PRECISION_SPIKING
                         : is_float                     ? PRECISION_FLOAT
                                                        : PRECISION_INT8;
    return OK;
}
