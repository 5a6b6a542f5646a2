/* See view_options.h. */
#include "viz/view_options.h"

#include "viz/help_overlay.h"
#include "viz/tour.h"

#include <errno.h>
#include <math.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

struct row {
    const char *name, *argument, *meaning;
    enum error_code (*read)(struct view_options *options, const char *text,
                            struct error *err);
};

static enum error_code read_png(struct view_options *options, const char *text,
                                struct error *err)
{
    (void)err;
    options->png = text;
    return OK;
}

static enum error_code read_svg(struct view_options *options, const char *text,
                                struct error *err)
{
    (void)err;
    options->svg = text;
    return OK;
}

static enum error_code read_html(struct view_options *options, const char *text,
                                 struct error *err)
{
    (void)err;
    options->html = text;
    return OK;
}

static enum error_code read_video(struct view_options *options, const char *text,
                                  struct error *err)
{
    (void)err;
    options->video = text;
    return OK;
}

static enum error_code read_tour(struct view_options *options, const char *text,
                                 struct error *err)
{
    (void)err;
    options->tour = text;
    return OK;
}

static enum error_code read_language(struct view_options *options, const char *text,
                                     struct error *err)
{
    options->language = tour_language_find(text);
    if (options->language >= 0)
        return OK;
    return error_set(err, ERR_ARGUMENT, "--language '%s': expected en or it", text);
}

static enum error_code read_state(struct view_options *options, const char *text,
                                  struct error *err)
{
    (void)err;
    options->state = text;
    return OK;
}

static enum error_code read_select(struct view_options *options, const char *text,
                                   struct error *err)
{
    (void)err;
    options->select = text;
    return OK;
}

static bool read_number(const char *text, double lowest, double highest, double *value)
{
    char *end;
    if (*text < '0' || *text > '9')
        return false;
    *value = strtod(text, &end);
    return *end == '\0' && *value >= lowest && *value <= highest;
}

/* Digits only: strtoull alone would take signs and spaces. */
static bool read_whole(const char **text, uint64_t highest, uint64_t *value)
{
    char *end;
    if (**text < '0' || **text > '9')
        return false;
    errno = 0;
    unsigned long long number = strtoull(*text, &end, 10);
    if (errno != 0 || number > highest)
        return false;
    *value = number;
    *text = end;
    return true;
}

static enum error_code read_size(struct view_options *options, const char *text,
                                 struct error *err)
{
    const char *rest = text;
    uint64_t width = 0, height = 0;
    bool is_read = read_whole(&rest, 32768, &width) && *rest++ == 'x' &&
                   read_whole(&rest, 32768, &height) && *rest == '\0';
    if (!is_read || width == 0 || height == 0)
        return error_set(err, ERR_ARGUMENT,
                         "--size '%s': expected WIDTHxHEIGHT in "
                         "pixels, such as 1600x1000, each at most 32768",
                         text);
    options->width = (uint32_t)width;
    options->height = (uint32_t)height;
    return OK;
}

/* "3-7", "5", and "8-" with *is_open. */
static bool read_span(const char *text, uint64_t *first, uint64_t *last, bool *is_open)
{
    const char *rest = text;
    bool is_read = read_whole(&rest, UINT64_MAX - 1, first);
    *last = *first;
    *is_open = false;
    if (is_read && *rest == '-') {
        rest++;
        *is_open = *rest == '\0';
        is_read = *is_open || read_whole(&rest, UINT64_MAX - 1, last);
    }
    return is_read && *rest == '\0' && *last >= *first;
}

static enum error_code read_tokens(struct view_options *options, const char *text,
                                   struct error *err)
{
    uint64_t first, last;
    bool is_open;
    if (!read_span(text, &first, &last, &is_open))
        return error_set(err, ERR_ARGUMENT,
                         "--tokens '%s': expected the first and the "
                         "last, counted from 0, such as 0-31, 8- or 5",
                         text);
    options->first_token = first;
    options->tokens = is_open ? 0 : last - first + 1;
    return OK;
}

static enum error_code read_loop(struct view_options *options, const char *text,
                                 struct error *err)
{
    bool is_open;
    if (!read_span(text, &options->loop_first, &options->loop_last, &is_open))
        return error_set(err, ERR_ARGUMENT,
                         "--loop '%s': expected the first and the "
                         "last token, counted from 0, such as 3-7, 8- or 5",
                         text);
    if (is_open)
        options->loop_last = UINT64_MAX;
    options->loops = true;
    return OK;
}

static enum error_code read_at(struct view_options *options, const char *text,
                               struct error *err)
{
    if (!read_number(text, 0, 1e15, &options->at))
        return error_set(err, ERR_ARGUMENT,
                         "--at '%s': expected a token, counted from 0, such as 12",
                         text);
    return OK;
}

static enum error_code read_step(struct view_options *options, const char *text,
                                 struct error *err)
{
    if (!read_number(text, 0, 1e15, &options->step))
        return error_set(err, ERR_ARGUMENT,
                         "--step '%s': expected a virtual step, counted from 0", text);
    return OK;
}

static enum error_code read_speed(struct view_options *options, const char *text,
                                  struct error *err)
{
    if (!read_number(text, 1e-3, 1e3, &options->speed))
        return error_set(err, ERR_ARGUMENT, "--speed '%s': expected 0.001 to 1000",
                         text);
    return OK;
}

static enum error_code read_font_scale(struct view_options *options, const char *text,
                                       struct error *err)
{
    if (!read_number(text, 0.5, 4, &options->font_scale))
        return error_set(err, ERR_ARGUMENT, "--font-scale '%s': expected 0.5 to 4",
                         text);
    return OK;
}

static enum error_code read_measure(struct view_options *options, const char *text,
                                    struct error *err)
{
    if (!read_number(text, 0.1, 3600, &options->measure))
        return error_set(err, ERR_ARGUMENT,
                         "--measure '%s': expected seconds, 0.1 to 3600", text);
    return OK;
}

static enum error_code read_palette(struct view_options *options, const char *text,
                                    struct error *err)
{
    for (unsigned i = 0; i < VIEW_PALETTES; i++)
        if (strcmp(view_palette_names[i], text) == 0) {
            options->palette = (enum view_palette)i;
            return OK;
        }
    return error_set(err, ERR_ARGUMENT,
                     "--palette '%s': expected light, dark or colour-blind", text);
}

static enum error_code read_compare(struct view_options *options, const char *text,
                                    struct error *err)
{
    for (unsigned i = 0; i < COMPARE_MODES; i++)
        if (strcmp(compare_mode_names[i], text) == 0) {
            options->compare = (enum compare_mode)i;
            return OK;
        }
    return error_set(err, ERR_ARGUMENT, "--compare '%s': expected sides or difference",
                     text);
}

static enum view_pane find_pane(const char *name, size_t length)
{
    unsigned p = 0;
    while (p < VIEW_PANES && (!panes[p] || strlen(panes[p]->name) != length ||
                              strncmp(panes[p]->name, name, length) != 0))
        p++;
    return (enum view_pane)p;
}

static enum error_code no_pane(struct error *err, const char *option, const char *text)
{
    char names[160] = "";
    for (unsigned p = 0; p < VIEW_PANES && panes[p]; p++) {
        size_t used = strlen(names);
        snprintf(names + used, sizeof names - used, "%s%s", p ? ", " : "",
                 panes[p]->name);
    }
    return error_set(err, ERR_ARGUMENT, "%s '%s': expected names of %s", option, text,
                     names);
}

static enum error_code read_panes(struct view_options *options, const char *text,
                                  struct error *err)
{
    memset(options->is_shown, 0, sizeof options->is_shown);
    for (const char *name = text; *name;) {
        size_t length = strcspn(name, ", ");
        enum view_pane pane = find_pane(name, length);
        if (pane == VIEW_PANES)
            return no_pane(err, "--panes", text);
        options->is_shown[pane] = options->has_panes = true;
        name += length;
        name += strspn(name, ", ");
    }
    return options->has_panes ? OK : no_pane(err, "--panes", text);
}

static enum error_code read_enlarge(struct view_options *options, const char *text,
                                    struct error *err)
{
    options->enlarged = find_pane(text, strlen(text));
    return options->enlarged == VIEW_PANES ? no_pane(err, "--enlarge", text) : OK;
}

static enum error_code read_populations(struct view_options *options, const char *text,
                                        struct error *err)
{
    size_t count = 0;
    char *rest = NULL;
    free(options->names);
    options->names = strdup(text);
    if (!options->names)
        return error_memory(err, "names of populations", (double)strlen(text));
    for (char *name = strtok_r(options->names, ", ", &rest); name;
         name = strtok_r(NULL, ", ", &rest)) {
        if (count == VIEW_MAX_NAMES)
            return error_set(err, ERR_ARGUMENT, "--populations takes %d names at most",
                             VIEW_MAX_NAMES);
        options->population[count++] = name;
    }
    options->population[count] = NULL;
    if (count == 0)
        return error_set(err, ERR_ARGUMENT, "--populations '%s' names none", text);
    return OK;
}

static enum error_code set_dark(struct view_options *options, const char *text,
                                struct error *err)
{
    (void)text;
    (void)err;
    options->palette = VIEW_DARK;
    return OK;
}

static enum error_code set_paused(struct view_options *options, const char *text,
                                  struct error *err)
{
    (void)text;
    (void)err;
    options->paused = true;
    return OK;
}

static enum error_code set_follow(struct view_options *options, const char *text,
                                  struct error *err)
{
    (void)text;
    (void)err;
    options->follow = true;
    return OK;
}

static enum error_code set_operands(struct view_options *options, const char *text,
                                    struct error *err)
{
    (void)text;
    (void)err;
    options->operands = true;
    return OK;
}

static enum error_code read_fps(struct view_options *options, const char *text,
                                struct error *err)
{
    if (read_number(text, 1, 240, &options->fps))
        return OK;
    return error_set(err, ERR_ARGUMENT, "--fps '%s': expected 1 to 240", text);
}

static enum error_code read_from(struct view_options *options, const char *text,
                                 struct error *err)
{
    if (read_number(text, 0, HUGE_VAL, &options->from))
        return OK;
    return error_set(err, ERR_ARGUMENT, "--from '%s': expected a virtual step", text);
}

static enum error_code read_to(struct view_options *options, const char *text,
                               struct error *err)
{
    if (read_number(text, 0, HUGE_VAL, &options->to))
        return OK;
    return error_set(err, ERR_ARGUMENT, "--to '%s': expected a virtual step", text);
}

static enum error_code set_json(struct view_options *options, const char *text,
                                struct error *err)
{
    (void)text;
    (void)err;
    options->json = true;
    return OK;
}

static enum error_code set_help(struct view_options *options, const char *text,
                                struct error *err)
{
    (void)text;
    (void)err;
    options->help = true;
    return OK;
}

static const struct row rows[] = {
    { "--png", "FILE", "draw into a file instead of a window", read_png },
    { "--svg", "FILE", "the same as SVG", read_svg },
    { "--html", "FILE", "a page that plays it in any browser, without this program",
      read_html },
    { "--video", "FILE", "what plays as .mp4 or .gif, by ffmpeg", read_video },
    { "--fps", "N", "pictures a second of a video (30, of a .gif 20)", read_fps },
    { "--from", "STEP", "where a video begins (what is in sight)", read_from },
    { "--to", "STEP", "where it ends", read_to },
    { "--tour", "NAME",
      "a guided tour: neuron, sentence, energy or a file; --png takes a folder",
      read_tour },
    { "--language", "NAME", "of tours and pages: en or it", read_language },
    { "--size", "WxH", "pixels of the picture or the window (1280x720)", read_size },
    { "--tokens", "A-B", "see these tokens, counted from 0; A- goes to the end",
      read_tokens },
    { "--at", "TOKEN", "begin there; a picture without it is of the end", read_at },
    { "--step", "STEP", "the same by virtual steps", read_step },
    { "--populations", "NAMES",
      "show only these names, layers (L07) or roles (ffn_down), by commas",
      read_populations },
    { "--select", "WHAT",
      "L07, L07.ffn_down, its neuron L07.ffn_down:17, or a token @5; by commas",
      read_select },
    { "--panes", "NAMES", "text, raster, map, rates, histogram, energy, trace",
      read_panes },
    { "--enlarge", "NAME", "one of them over the whole window", read_enlarge },
    { "--compare", "HOW", "two recordings: sides or difference", read_compare },
    { "--palette", "NAME", "light, dark or colour-blind", read_palette },
    { "--dark", NULL, "--palette dark", set_dark },
    { "--font-scale", "F", "size of letters, 0.5 to 4", read_font_scale },
    { "--speed", "F", "0.001 to 1000 times the normal one", read_speed },
    { "--paused", NULL, "do not begin to play", set_paused },
    { "--loop", "A-B", "play these tokens again and again", read_loop },
    { "--follow", NULL, "keep up with a run that is still written", set_follow },
    { "--measure", "S", "play, zoom and pan for S seconds, print frames per second",
      read_measure },
    { "--json", NULL, "what --measure prints, as JSON", set_json },
    { "--state", "FILE", "write what is looked at in the end, as JSON", read_state },
    { "--operands", NULL, "print which arguments are recordings, and stop",
      set_operands },
    { "--help", NULL, "this list", set_help },
};

enum { ROWS = sizeof rows / sizeof rows[0] };

static enum error_code take_recording(struct view_options *options, const char *word,
                                      int place, struct error *err)
{
    unsigned count = options->recording[0] ? 1 : 0;
    if (options->recording[1])
        return error_set(err, ERR_ARGUMENT,
                         "takes two recordings at most, found '%s', '%s' and '%s'",
                         options->recording[0], options->recording[1], word);
    options->place[count] = (unsigned)place;
    options->recording[count] = word;
    return OK;
}

static enum error_code read_words(struct view_options *options, int argc, char **argv,
                                  struct error *err)
{
    for (int i = 1; i < argc; i++) {
        const char *word = strcmp(argv[i], "-h") == 0 ? "--help" : argv[i];
        if (word[0] != '-') {
            if (take_recording(options, word, i, err) != OK)
                return err->code;
            continue;
        }
        const struct row *row = rows;
        while (row < rows + ROWS && strcmp(row->name, word) != 0)
            row++;
        if (row == rows + ROWS)
            return error_set(err, ERR_ARGUMENT, "no option '%s' (--help lists them)",
                             word);
        if (row->argument && ++i == argc)
            return error_set(err, ERR_ARGUMENT, "%s needs %s", word, row->argument);
        if (row->read(options, argv[i], err) != OK)
            return err->code;
    }
    return OK;
}

enum error_code view_options_read(struct view_options *options, int argc, char **argv,
                                  struct error *err)
{
    *options = (struct view_options){ .at = (double)NAN,
                                      .step = (double)NAN,
                                      .speed = (double)NAN,
                                      .font_scale = (double)NAN,
                                      .from = (double)NAN,
                                      .to = (double)NAN,
                                      .language = -1,
                                      .enlarged = VIEW_PANES };
    if (read_words(options, argc, argv, err) != OK)
        return err->code;
    if (!options->recording[0] && !options->help && !options->tour)
        return error_set(err, ERR_ARGUMENT, "needs a recording, such as run.h5");
    return OK;
}

void view_options_release(struct view_options *options)
{
    free(options->names);
    *options = (struct view_options){ 0 };
}

void view_options_help(FILE *out)
{
    fprintf(out, "usage: lucciola-view RECORDING [RECORDING] [options]\n\n"
                 "Plays the spikes of a recording in a window, or draws them; two "
                 "recordings are compared.\n\n");
    for (const struct row *row = rows; row < rows + ROWS; row++)
        fprintf(out, "  %-13s %-6s %s\n", row->name, row->argument ? row->argument : "",
                row->meaning);
    help_overlay_print(out);
}
