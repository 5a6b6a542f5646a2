/* See tour_figure.h. A figure that does not exist in a recording is NaN. */
#include "viz/tour_figure.h"

#include "sim/energy.h"
#include "viz/tour.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { DIGITS_ROOM = 48 };

/* What a caption is about. */
struct question {
    const struct show *show;
    uint64_t token;
};

struct figure {
    const char *name, *meaning;
    double (*of)(const struct question *question, int which);
    int which;    /* handed to of() */
    int decimals; /* or how else it is written */
};

/* The word itself; an energy with its unit; a large number in millions. */
enum { AS_WORD = -1, AS_ENERGY = -2, AS_LARGE = -3 };

enum { SPIKES, SOP, MACS, STEPS, SILENT, CHANNELS, COUNTED };

static double none(void)
{
    return (double)NAN;
}

static const struct scene *scene_of(const struct question *question)
{
    return &question->show->scene[0];
}

/* Sums over the cells of tokens [first, end). */
static double cells_sum(const struct scene *scene, uint64_t first, uint64_t end,
                        int counter)
{
    double sum = 0;
    uint32_t populations = scene->recording.populations;
    if (!scene->has_counters)
        return none();
    for (uint64_t i = first * populations; i < end * populations; i++) {
        const struct scene_cell *cell = &scene->cell[i];
        const struct population_info *info =
            &scene->recording.population[i % populations];
        bool ran = !isnan(cell->threshold);
        double value[COUNTED] = {
            [SPIKES] = (double)cell->spikes,
            [SOP] = (double)cell->sop,
            [MACS] = ran ? (double)info->channels * (double)info->fan_out : 0,
            [SILENT] = ran ? cell->silent : 0,
            [CHANNELS] = ran ? (double)info->channels : 0,
        };
        sum += value[counter];
    }
    return sum;
}

static double total(const struct question *question, int which)
{
    return cells_sum(scene_of(question), 0, scene_of(question)->tokens, which);
}

static double per_token(const struct question *question, int which)
{
    const struct scene *scene = scene_of(question);
    double all = which == STEPS ? (double)scene_end(scene) : total(question, which);
    return scene->tokens > 0 && !scene->is_timed ? all / (double)scene->tokens : none();
}

static double at_word(const struct question *question, int which)
{
    const struct scene *scene = scene_of(question);
    uint64_t token = question->token;
    if (token >= scene->tokens || scene->is_timed)
        return none();
    if (which == STEPS)
        return (double)(scene->start_step[token + 1] - scene->start_step[token]);
    if (which == SILENT)
        return 100 * cells_sum(scene, token, token + 1, SILENT) /
               cells_sum(scene, token, token + 1, CHANNELS);
    return cells_sum(scene, token, token + 1, which);
}

static double spikes_per_channel(const struct question *question, int which)
{
    double channels = total(question, CHANNELS);
    return channels > 0 ? total(question, which) / channels : none();
}

static double silent_percent(const struct question *question, int which)
{
    (void)which;
    return 100 * spikes_per_channel(question, SILENT);
}

enum { TOKENS = COUNTED, NEURONS, LAYERS, POPULATIONS, SECONDS, PROMPT };

static double extent(const struct question *question, int which)
{
    const struct scene *scene = scene_of(question);
    double prompt = 0;
    for (uint64_t i = 0; i < scene->tokens; i++)
        prompt += scene->kind[i] == TOKEN_PROMPT;
    double value[] = {
        [TOKENS] = (double)scene->tokens,
        [NEURONS] = (double)scene->rows,
        [LAYERS] = scene->layers,
        [POPULATIONS] = scene->recording.populations,
        [SECONDS] = (double)scene_end(scene) * scene->recording.info.dt_ms / 1000,
        [PROMPT] = prompt,
    };
    return value[which];
}

/* which: boundary * VARIANTS + variant. */
static double energy_nj(const struct question *question, int which)
{
    const struct scene *scene = scene_of(question);
    if (!scene->sum || !scene->profile[0] || scene->tokens == 0)
        return none();
    return scene->sum[scene->tokens].nj[which / VARIANTS][which % VARIANTS];
}

static double saved_percent(const struct question *question, int which)
{
    int spiking = which / VARIANTS * VARIANTS + VARIANT_SPIKING;
    return 100 * (1 - energy_nj(question, spiking) / energy_nj(question, which));
}

/* Of the whole with spikes, what this boundary adds to the one before. */
static double share_percent(const struct question *question, int which)
{
    double whole = energy_nj(question, BOUNDARY_TOKEN * VARIANTS + VARIANT_SPIKING);
    double inner = which > 0 ? energy_nj(question, (which - 1) * VARIANTS) : 0;
    return 100 * (energy_nj(question, which * VARIANTS) - inner) / whole;
}

enum { CHOSEN_INDEX, CHOSEN_SPIKES, CHOSEN_HZ };

static double chosen_neuron(const struct question *question, int which)
{
    const struct scene *scene = scene_of(question);
    const struct selection *chosen = &question->show->view.selection;
    double spikes = 0, seconds = extent(question, SECONDS);
    if (chosen->neuron < 0 || chosen->population < 0)
        return none();
    const struct population_info *info =
        &scene->recording.population[chosen->population];
    if (which == CHOSEN_INDEX)
        return (double)((uint64_t)chosen->neuron - info->first_node);
    for (uint64_t token = 0; token < scene->tokens; token++) {
        struct recorded_spike *spike = NULL;
        size_t length = 0;
        struct error err = { 0 };
        if (recording_expand(&scene->recording, token, &spike, &length, &err) != OK)
            return none();
        for (size_t i = 0; i < length; i++)
            spikes += spike[i].node == (uint64_t)chosen->neuron;
        free(spike);
    }
    return which == CHOSEN_SPIKES ? spikes : spikes / seconds;
}

/* Neurons, spikes, channels of the selected population, layer, or everything. */
static double chosen_part(const struct question *question, int which)
{
    const struct scene *scene = scene_of(question);
    const struct selection *chosen = &question->show->view.selection;
    double sum = 0;
    uint32_t populations = scene->recording.populations;
    for (uint32_t p = 0; p < populations; p++) {
        const struct population_info *info = &scene->recording.population[p];
        bool is_in = chosen->population >= 0 ? p == (uint32_t)chosen->population
                     : chosen->layer >= 0    ? info->layer == chosen->layer
                                             : true;
        if (is_in && which == NEURONS)
            sum += (double)info->size;
        for (uint64_t t = 0; is_in && which != NEURONS && t < scene->tokens; t++) {
            if (!scene->has_counters)
                return none();
            const struct scene_cell *cell = &scene->cell[t * populations + p];
            double channels = isnan(cell->threshold) ? 0 : (double)info->channels;
            sum += which == SPIKES   ? (double)cell->spikes
                   : which == SILENT ? cell->silent
                                     : channels;
        }
    }
    return sum;
}

static double chosen_silent(const struct question *question, int which)
{
    (void)which;
    return 100 * chosen_part(question, SILENT) / chosen_part(question, CHANNELS);
}

static const struct figure figures[] = {
    { "tokens", "tokens", extent, TOKENS, 0 },
    { "prompt_tokens", "tokens of the prompt", extent, PROMPT, 0 },
    { "neurons", "neurons", extent, NEURONS, 0 },
    { "layers", "layers", extent, LAYERS, 0 },
    { "populations", "populations", extent, POPULATIONS, 0 },
    { "seconds", "length, in the network's time", extent, SECONDS, 0 },
    { "spikes", "spikes of all tokens", total, SPIKES, 0 },
    { "spikes_per_channel", "spikes / channels, all tokens", spikes_per_channel, SPIKES,
      2 },
    { "silent_percent", "channels with count 0 / channels", silent_percent, 0, 0 },
    { "spikes_per_token", "mean", per_token, SPIKES, 0 },
    { "additions", "spikes times fan-out, all tokens", total, SOP, AS_LARGE },
    { "multiplications", "of a dense model for them", total, MACS, AS_LARGE },
    { "additions_per_token", "the same, mean", per_token, SOP, AS_LARGE },
    { "multiplications_per_token", "likewise", per_token, MACS, AS_LARGE },
    { "steps_per_token", "mean length of a window", per_token, STEPS, 1 },
    { "word", "the word a stop is about", NULL, 0, AS_WORD },
    { "word_spikes", "spikes of that token", at_word, SPIKES, 0 },
    { "word_silent_percent", "its silent channels", at_word, SILENT, 0 },
    { "word_steps", "length of its window", at_word, STEPS, 0 },
    { "neuron", "the selected one's place in its population", chosen_neuron,
      CHOSEN_INDEX, 0 },
    { "neuron_spikes", "its spikes", chosen_neuron, CHOSEN_SPIKES, 0 },
    { "neuron_hz", "its rate", chosen_neuron, CHOSEN_HZ, 1 },
    { "selected_neurons", "neurons of what is selected", chosen_part, NEURONS, 0 },
    { "selected_spikes", "its spikes", chosen_part, SPIKES, 0 },
    { "selected_silent_percent", "its silent channels", chosen_silent, 0, 0 },
};

enum { FIGURES = sizeof figures / sizeof figures[0] };

static const char *const boundary_word[BOUNDARIES] = { "sums", "projections", "weights",
                                                       "state", "token" };
static const char *const variant_word[VARIANTS] = { "spiking", "int8", "fp16" };

/* Names of these are made: energy_sums_int8, saved_sums_int8, share_sums. */
static const struct family {
    const char *stem, *meaning;
    double (*of)(const struct question *question, int which);
    int first_variant, variants, decimals; /* variants 0: no variant in the name */
} families[] = {
    { "energy", "of all tokens within the boundary", energy_nj, 0, VARIANTS,
      AS_ENERGY },
    { "saved", "percent saved against the variant", saved_percent, VARIANT_INT8, 2, 1 },
    { "share", "percent of the whole, with spikes", share_percent, 0, 0, 1 },
};

enum { FAMILIES = sizeof families / sizeof families[0] };

/* Goes through all figures; false: no more. name: room for TOUR_FIGURE_NAME. */
static bool figure_at(size_t index, struct figure *figure, char *name)
{
    if (index < FIGURES) {
        *figure = figures[index];
        snprintf(name, TOUR_FIGURE_NAME, "%s", figure->name);
        return true;
    }
    index -= FIGURES;
    for (size_t f = 0; f < FAMILIES; f++) {
        const struct family *family = &families[f];
        size_t each = family->variants ? (size_t)family->variants : 1;
        if (index >= BOUNDARIES * each) {
            index -= BOUNDARIES * each;
            continue;
        }
        int boundary = (int)(index / each);
        int variant = family->first_variant + (int)(index % each);
        *figure = (struct figure){ NULL, family->meaning, family->of,
                                   family->variants ? boundary * VARIANTS + variant
                                                    : boundary,
                                   family->decimals };
        snprintf(name, TOUR_FIGURE_NAME, "%s_%s%s%s", family->stem,
                 boundary_word[boundary], family->variants ? "_" : "",
                 family->variants ? variant_word[variant] : "");
        return true;
    }
    return false;
}

static bool find_figure(const char *text, size_t length, struct figure *figure)
{
    char name[TOUR_FIGURE_NAME];
    for (size_t i = 0; figure_at(i, figure, name); i++)
        if (strlen(name) == length && memcmp(name, text, length) == 0)
            return true;
    return false;
}

bool tour_figure_list(size_t index, char name[TOUR_FIGURE_NAME], const char **meaning)
{
    struct figure figure;
    if (!figure_at(index, &figure, name))
        return false;
    *meaning = figure.meaning;
    return true;
}

enum error_code tour_figure_check(const struct config_entry *entry, struct error *err)
{
    const char *text = entry->value;
    struct figure figure;
    while ((text = strchr(text, '{'))) {
        size_t length = strcspn(++text, "}");
        if (text[length] == '\0')
            return error_set(err, ERR_FORMAT, "line %u: a '{' without '}'",
                             entry->line);
        if (!find_figure(text, length, &figure))
            return error_set(err, ERR_FORMAT, "line %u: no figure '{%.*s}'",
                             entry->line,
                             length < TOUR_FIGURE_NAME ? (int)length : TOUR_FIGURE_NAME,
                             text);
        text += length;
    }
    return OK;
}

/* Thousands apart and decimals, as the language writes them. */
static void write_number(double value, int decimals, int language, char *text)
{
    char plain[DIGITS_ROOM];
    const char thousands = language == 0 ? ',' : '.', point = language == 0 ? '.' : ',';
    int length = snprintf(plain, sizeof plain, "%.*f", decimals, fabs(value));
    int whole = length - (decimals > 0 ? decimals + 1 : 0), used = 0;
    if (length < 0 || (size_t)length >= sizeof plain || 2 * length >= DIGITS_ROOM)
        whole = length = 0; /* beyond 10^23: nothing here counts that far */
    if (value < 0)
        text[used++] = '-';
    for (int i = 0; i < length; i++) {
        if (i > 0 && i < whole && (whole - i) % 3 == 0)
            text[used++] = thousands;
        text[used++] = plain[i] == '.' ? point : plain[i];
    }
    text[used] = '\0';
}

/* Three digits that count: 12.8, 1.56, 950. */
static int decimals_of(double value)
{
    return value < 9.995 ? 2 : value < 99.95 ? 1 : 0;
}

static void write_energy(double nanojoules, int language, char *text)
{
    static const char *const unit[] = { "nJ", "\u00b5J", "mJ", "J" };
    unsigned u = 0;
    for (; fabs(nanojoules) >= 999.5 && u < 3; u++)
        nanojoules /= 1000;
    write_number(nanojoules, decimals_of(nanojoules), language, text);
    size_t used = strlen(text);
    snprintf(text + used, DIGITS_ROOM - used, " %s", unit[u]);
}

static void write_large(double value, int language, char *text)
{
    static const char *const word[TOUR_LANGUAGES][2] = { { "million", "billion" },
                                                         { "milioni", "miliardi" } };
    if (value < 1e6) {
        write_number(value, 0, language, text);
        return;
    }
    bool is_billion = value >= 1e9;
    value /= is_billion ? 1e9 : 1e6;
    write_number(value, decimals_of(value), language, text);
    size_t used = strlen(text);
    snprintf(text + used, DIGITS_ROOM - used, " %s", word[language][is_billion]);
}

static enum error_code write_figure(const char *name, size_t length, int language,
                                    const struct question *question,
                                    char text[DIGITS_ROOM], struct error *err)
{
    struct figure figure = { 0 };
    if (!find_figure(name, length, &figure))
        return error_set(err, ERR_FORMAT, "no figure '{%.*s}'", (int)length, name);
    if (figure.decimals == AS_WORD) {
        if (scene_of(question)->tokens == 0 || scene_of(question)->is_timed)
            return error_set(err, ERR_ARGUMENT, "{word}: the recording has no words");
        scene_token_text(scene_of(question), question->token, text, DIGITS_ROOM);
        return OK;
    }
    double value = figure.of(question, figure.which);
    if (!isfinite(value))
        return error_set(err, ERR_ARGUMENT,
                         "{%.*s}: the recording, or what is selected, has none",
                         (int)length, name);
    if (figure.decimals == AS_ENERGY)
        write_energy(value, language, text);
    else if (figure.decimals == AS_LARGE)
        write_large(value, language, text);
    else
        write_number(value, figure.decimals, language, text);
    return OK;
}

enum error_code tour_figure_fill(const char *caption, int language,
                                 const struct show *show, uint64_t token, char *text,
                                 size_t size, struct error *err)
{
    struct question question = { show, token };
    size_t used = 0;
    while (*caption) {
        char figure[DIGITS_ROOM];
        const char *piece = caption;
        size_t taken = strcspn(caption, "{"), length = taken;
        if (*caption == '{') {
            size_t name = strcspn(caption, "}") - 1;
            if (write_figure(caption + 1, name, language, &question, figure, err) != OK)
                return err->code;
            piece = figure;
            length = strlen(figure);
            taken = name + 2;
        }
        if (length >= size - used)
            return error_set(err, ERR_ARGUMENT,
                             "a caption takes at most %zu bytes with its figures",
                             size - 1);
        memcpy(text + used, piece, length);
        used += length;
        caption += taken;
    }
    text[used] = '\0';
    return OK;
}
