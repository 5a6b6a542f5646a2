/* See raster_labels.h. */
#include "viz/raster_labels.h"

#include "base/config_text.h"
#include "viz/stroke_text.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* Digits in threes: 1,234,567. */
static const char *group_digits(uint64_t value, char text[32])
{
    char digits[24];
    int length = snprintf(digits, sizeof digits, "%llu", (unsigned long long)value);
    int used = 0;
    for (int i = 0; i < length; i++) {
        if (i > 0 && (length - i) % 3 == 0)
            text[used++] = ',';
        text[used++] = digits[i];
    }
    text[used] = '\0';
    return text;
}

static void write_at(const struct drawing *drawing, const struct pen *pen, float x,
                     float y, const char *text)
{
    stroke_draw(drawing->image, pen, x, y, text, strlen(text));
}

static void write_to(const struct drawing *drawing, const struct pen *pen, float right,
                     float y, const char *text)
{
    write_at(drawing, pen, right - stroke_width(pen, text, strlen(text)), y, text);
}

static struct pen plain(const struct drawing *drawing)
{
    return (struct pen){ drawing->cap, 0, false, drawing->palette->ink };
}

static struct pen muted(const struct drawing *drawing)
{
    return (struct pen){ drawing->cap * 0.85f, 0, false, drawing->palette->muted };
}

/* Second line of a band's label. */
static void describe_band(const struct population_info *info, char *text, size_t size)
{
    char digits[32];
    const char *dot = strrchr(info->name, '.');
    bool is_said = strcmp(dot ? dot + 1 : info->name, info->role) == 0 ||
                   strcmp(info->role, "neurons") == 0;
    snprintf(text, size, "%s%s%s neurons", is_said ? "" : info->role,
             is_said || !info->role[0] ? "" : ", ", group_digits(info->size, digits));
}

float label_band_width(const struct drawing *drawing)
{
    float widest = 0;
    struct pen name = plain(drawing), detail = muted(drawing);
    for (uint32_t i = 0; i < drawing->source->populations; i++) {
        char text[80];
        const struct population_info *info = drawing->source->population[i].info;
        describe_band(info, text, sizeof text);
        widest = fmaxf(widest, stroke_width(&name, info->name, strlen(info->name)));
        widest = fmaxf(widest, stroke_width(&detail, text, strlen(text)));
    }
    const char *strip = "spikes per step";
    return fmaxf(widest, stroke_width(&name, strip, strlen(strip)));
}

void label_bands(const struct drawing *drawing)
{
    struct pen name = plain(drawing), detail = muted(drawing);
    float cap = drawing->cap, line = 1.6f * cap, free_from = INFINITY;
    float right = (float)(drawing->x + drawing->width) + 0.8f * cap;
    for (uint32_t i = 0; i < drawing->source->populations; i++) {
        const struct raster_population *population = &drawing->source->population[i];
        const struct spike_band *band = &drawing->band[i];
        float middle = (float)(drawing->y + (int)band->top) + (float)band->height / 2;
        bool has_detail = (float)band->height > 2 * line;
        float baseline = middle + cap / 2 - (has_detail ? line / 2 : 0);
        if (baseline + 0.3f * cap > free_from)
            continue;
        free_from = baseline - cap - 0.3f * cap;

        char text[80];
        size_t fits =
            stroke_fit(&name, population->info->name, strlen(population->info->name),
                       (float)(drawing->label_right - drawing->margin));
        stroke_draw(drawing->image, &name, (float)drawing->margin, baseline,
                    population->info->name, fits);
        if (has_detail) {
            describe_band(population->info, text, sizeof text);
            fits = stroke_fit(&detail, text, strlen(text),
                              (float)(drawing->label_right - drawing->margin));
            stroke_draw(drawing->image, &detail, (float)drawing->margin,
                        baseline + line, text, fits);
        }
        if (population->channels > 0) {
            snprintf(text, sizeof text, "%.1f %%",
                     100 * (double)population->silent / (double)population->channels);
            write_at(drawing, &name, right, middle + cap / 2, text);
        }
    }
    if (drawing->source->is_timed)
        return;
    write_at(drawing, &detail, right, (float)drawing->y - 2.1f * cap, "silent");
    write_at(drawing, &detail, right, (float)drawing->y - 0.7f * cap, "channels");
}

/* Spikes per step: positive ones up, negative ones down. */
void label_rates(const struct drawing *drawing)
{
    const struct spike_grid *grid = drawing->grid;
    const struct palette *palette = drawing->palette;
    uint64_t up = 0, down = 0;
    for (uint32_t column = 0; column < grid->columns; column++) {
        up = grid->column_excited[column] > up ? grid->column_excited[column] : up;
        down = grid->column_inhibited[column] > down ? grid->column_inhibited[column]
                                                     : down;
    }
    double scale = (double)drawing->strip_height / (double)(up + down ? up + down : 1);
    int zero = drawing->strip_y + (int)lround(scale * (double)up);
    for (uint32_t column = 0; column < grid->columns; column++) {
        int x = drawing->x + (int)column;
        int above = (int)ceil(scale * (double)grid->column_excited[column]);
        int below = (int)ceil(scale * (double)grid->column_inhibited[column]);
        image_fill(drawing->image, x, zero - above, 1, above, palette->excited);
        image_fill(drawing->image, x, zero, 1, below, palette->inhibited);
    }
    image_fill(drawing->image, drawing->x, zero, drawing->width, 1, palette->rule);

    char text[64], digits[32];
    struct pen name = plain(drawing), detail = muted(drawing);
    double merged = fmax(1, (double)grid->steps / grid->columns);
    float middle = (float)drawing->strip_y + (float)drawing->strip_height / 2;
    write_at(drawing, &name, (float)drawing->margin, middle, "spikes per step");
    double most = (double)(up > down ? up : down) / merged;
    snprintf(text, sizeof text, "up to %s", group_digits((uint64_t)most, digits));
    write_at(drawing, &detail, (float)drawing->margin, middle + 1.6f * drawing->cap,
             text);
}

void label_legend(const struct drawing *drawing)
{
    const struct palette *palette = drawing->palette;
    const struct {
        const char *text;
        uint32_t colour;
    } entry[] = {
        { "negative", palette->inhibited },
        { "positive", palette->excited },
    };
    struct pen pen = plain(drawing);
    float right = (float)(drawing->x + drawing->width);
    int y = drawing->margin + (int)(0.2f * drawing->cap), bar = (int)(6 * drawing->cap);
    for (int i = 0; i < 2; i++) {
        write_to(drawing, &pen, right, (float)y + drawing->cap, entry[i].text);
        right -= stroke_width(&pen, entry[i].text, strlen(entry[i].text));
        right -= 0.7f * drawing->cap;
        for (int x = 0; x < bar; x++) {
            float share =
                palette->faintest + (1 - palette->faintest) * (float)x / (float)bar;
            image_fill(drawing->image, (int)right - bar + x, y, 1, (int)drawing->cap,
                       colour_mix(palette->plot, entry[i].colour, share));
        }
        right -= (float)bar + 2 * drawing->cap;
    }
    struct pen small = muted(drawing);
    write_to(drawing, &small, (float)(drawing->x + drawing->width),
             (float)y + 2.8f * drawing->cap, "spikes, pale to strong by their worth");
}

/* The value of k in the run's configuration, or "". */
static void find_k(const struct recording *recording, char *text, size_t size)
{
    struct config_text config;
    struct error err = { 0 };
    text[0] = '\0';
    if (!recording->info.config ||
        config_text_parse(&config, recording->info.config,
                          strlen(recording->info.config), &err) != OK)
        return;
    const char *k = config_text_find(&config, "k");
    if (k)
        snprintf(text, size, " \u00b7 k = %s", k);
    config_text_release(&config);
}

void label_title(const struct drawing *drawing)
{
    const struct recording *recording = drawing->source->recording;
    const struct recording_info *info = &recording->info;
    const char *slash = strrchr(info->model, '/');
    const char *model = slash ? slash + 1 : info->model;
    const char *suffix = strrchr(model, '.');
    bool is_suffixed = suffix && suffix != model;
    size_t length = is_suffixed ? (size_t)(suffix - model) : strlen(model);
    struct pen title = plain(drawing), detail = muted(drawing);
    title.cap_height *= 1.45f;
    title.is_bold = true;
    detail.cap_height = drawing->cap;
    stroke_draw(drawing->image, &title, (float)drawing->margin,
                (float)drawing->margin + title.cap_height, model, length);

    char k[64], digits[32], text[256];
    find_k(recording, k, sizeof k);
    if (drawing->source->populations == 0)
        return;
    const struct population_info *first = drawing->source->population[0].info;
    const char *spikes = group_digits(drawing->grid->spikes, digits);
    if (first->encoder[0])
        snprintf(text, sizeof text,
                 "%s neurons \u00b7 %s code%s \u00b7 %s spikes shown", first->neuron,
                 first->encoder, k, spikes);
    else
        snprintf(text, sizeof text, "%s%s%s spikes shown", first->neuron,
                 first->neuron[0] ? " neurons \u00b7 " : "", spikes);
    write_at(drawing, &detail, (float)drawing->margin,
             (float)drawing->margin + title.cap_height + 2 * drawing->cap, text);
}

void label_caption(const struct drawing *drawing)
{
    const struct raster_source *source = drawing->source;
    uint64_t prompt = 0;
    for (uint64_t token = 0; token < source->tokens; token++)
        prompt += source->kind[token] == TOKEN_PROMPT;

    char steps[32], text[200];
    struct pen pen = muted(drawing);
    double dt_ms = source->recording->info.dt_ms;
    if (source->is_timed)
        snprintf(text, sizeof text, "%g ms in steps of %g ms.",
                 (double)drawing->grid->steps * dt_ms, dt_ms);
    else
        snprintf(text, sizeof text,
                 "%llu tokens: %llu of the prompt, %llu generated. "
                 "%s virtual steps of %g ms.",
                 (unsigned long long)source->tokens, (unsigned long long)prompt,
                 (unsigned long long)(source->tokens - prompt),
                 group_digits(drawing->grid->steps, steps), dt_ms);
    write_at(drawing, &pen, (float)drawing->x,
             (float)drawing->image->height - (float)drawing->margin, text);
}

void label_empty(const struct drawing *drawing)
{
    struct pen pen = plain(drawing);
    write_at(drawing, &pen, (float)drawing->x,
             (float)drawing->y + (float)drawing->height / 2, "no spikes recorded");
}
