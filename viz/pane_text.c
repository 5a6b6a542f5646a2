/* The words of a run, token by token as they are played: what is spoken in full ink, the
 * rest faint, the present token marked. Under a generated word lies a line, the thicker
 * the less the model expected it. */
#include "viz/text_flow.h"

#include "viz/pane.h"

#include <math.h>
#include <stdio.h>

static const float letter = 1.25f, line = 2.5f; /* of plain capitals; of the text's */
static const float present_line =
    0.6f;                           /* of the height, where the present word stands */
static const double most_bits = 12; /* a surprise that is drawn no thicker */

struct words {
    const struct stage *stage;
    const struct scene *scene;
    struct canvas *canvas;
    struct box box;
    struct pen pen;
    struct text_flow flow;
    int line_height;
    uint32_t top; /* the line that stands first */
    uint64_t present;
    bool is_begun; /* the present token is being played */
};

static bool has(const struct scene *scene)
{
    return !scene->is_timed &&
           (scene->tokens == 0 || scene->text_offset[scene->tokens] > 0);
}

static bool is_short(const struct scene *scene)
{
    return scene->tokens == 0 || !has(scene);
}

static enum error_code words_init(struct words *words, const struct stage *stage,
                                  unsigned which, struct canvas *canvas, struct box box,
                                  struct error *err)
{
    *words = (struct words){ .stage = stage,
                             .scene = stage->exhibit[which].scene,
                             .canvas = canvas,
                             .box = box };
    words->pen = (struct pen){ letter * stage->cap, 0, false, stage->palette->ink };
    words->line_height = (int)(line * words->pen.cap_height);
    double step = stage->view->playback.step;
    words->present = scene_token_at(words->scene, step);
    words->is_begun = step < (double)scene_end(words->scene);
    if (text_flow_set(&words->flow, words->scene, canvas, &words->pen, (float)box.width,
                      words->present, err) != OK)
        return err->code;
    uint32_t lines = (uint32_t)(box.height / words->line_height);
    uint32_t at = text_flow_line(&words->flow, words->present);
    uint32_t before = (uint32_t)((float)lines * present_line);
    words->top = at > before ? at - before : 0;
    if (words->top + lines > words->flow.lines)
        words->top = words->flow.lines > lines ? words->flow.lines - lines : 0;
    return OK;
}

/* False: the piece is out of sight. Its place, as high as its line. */
static bool place(const struct words *words, const struct text_piece *piece,
                  struct box *box)
{
    if (piece->line < words->top)
        return false;
    int64_t y = (int64_t)(piece->line - words->top) * words->line_height;
    int left = (int)floorf(piece->x), right = (int)ceilf(piece->x + piece->width);
    *box = (struct box){ words->box.x + left, words->box.y + (int)y, right - left,
                         words->line_height };
    return y + words->line_height <= words->box.height;
}

static void draw_surprise(const struct words *words, const struct text_piece *piece,
                          struct box box, uint32_t colour)
{
    double bits = -words->scene->log_probability[piece->token] / log(2);
    float cap = words->pen.cap_height;
    if (!isfinite(bits) || words->scene->kind[piece->token] == TOKEN_PROMPT)
        return;
    float share = (float)(fmin(fmax(bits, 0), most_bits) / most_bits);
    int most = (int)fmaxf(2, 0.45f * cap);
    int height = 1 + (int)lroundf(share * (float)(most - 1));
    int y = box.y + (int)(0.78f * (float)box.height);
    canvas_fill(words->canvas, (struct box){ box.x, y, box.width - 1, height }, colour);
}

/* The space before a word: what marks the word leaves it out. */
static bool is_blank(const struct words *words, const struct text_piece *piece)
{
    return words->scene->text[piece->from] == ' ' &&
           words->scene->text_offset[piece->token + 1] > piece->to;
}

static void draw_piece(const struct words *words, const struct text_piece *piece)
{
    const struct palette *palette = words->stage->palette;
    const struct selection *selection = &words->stage->view->selection;
    struct box box;
    if (is_blank(words, piece) || !place(words, piece, &box))
        return;
    struct pen pen = words->pen;
    bool is_prompt = words->scene->kind[piece->token] == TOKEN_PROMPT;
    bool is_present = words->is_begun && piece->token == words->present;
    bool is_spoken = piece->token < words->present || is_present || !words->is_begun;
    uint32_t bar = palette->generated;
    pen.colour = is_prompt ? palette->muted : palette->ink;
    if (!is_spoken) {
        pen.colour = colour_mix(palette->page, palette->ink, 0.28f);
        bar = colour_mix(palette->page, palette->generated, 0.28f);
    }
    int inset = box.height / 10;
    struct box mark = { box.x, box.y + inset, box.width, box.height - 2 * inset };
    if (is_present)
        canvas_fill(words->canvas, mark,
                    colour_mix(palette->page, palette->generated, 0.22f));
    if (selection->token >= 0 && (uint64_t)selection->token == piece->token)
        canvas_outline(words->canvas, mark, palette->chosen);
    draw_surprise(words, piece, box, bar);
    float y = (float)box.y + 0.3f * (float)box.height + pen.cap_height;
    y = roundf(y - 0.1f * pen.cap_height);
    const char *text = words->scene->text + piece->from;
    float x = (float)words->box.x + piece->x;
    if (text[0] == '\n')
        canvas_text(words->canvas, &pen, x, y, "\u21b5");
    else if (text[0] != ' ' && text[0] != '\t' && text[0] != '\r')
        canvas_text_part(words->canvas, &pen, x, y, text,
                         (size_t)(piece->to - piece->from));
}

static enum error_code draw(const struct stage *stage, unsigned which,
                            struct canvas *canvas, struct box box, struct error *err)
{
    struct words words;
    const struct scene *scene = stage->exhibit[which].scene;
    if (is_short(scene)) {
        struct pen pen = { stage->cap, 0, false, stage->palette->muted };
        struct box old = canvas_clip(canvas, box);
        canvas_text_in(canvas, &pen, (float)box.x, (float)box.y + 2 * stage->cap,
                       (float)box.width, "no words yet");
        canvas->clip = old;
        return OK;
    }
    if (words_init(&words, stage, which, canvas, box, err) != OK)
        return err->code;
    struct box old = canvas_clip(canvas, box);
    for (size_t i = 0; i < words.flow.pieces; i++)
        draw_piece(&words, &words.flow.piece[i]);
    canvas->clip = old;
    text_flow_release(&words.flow);
    return OK;
}

static void describe(const struct scene *scene, uint64_t token, char *text, size_t size)
{
    char word[64];
    double bits = -scene->log_probability[token] / log(2);
    scene_token_text(scene, token, word, sizeof word);
    int used = snprintf(text, size, "\u201c%s\u201d, token %llu, %s", word,
                        (unsigned long long)token,
                        scene->kind[token] == TOKEN_PROMPT ? "prompt" : "generated");
    if (used > 0 && (size_t)used < size && isfinite(bits))
        snprintf(text + used, size - (size_t)used, "\nsurprise %.1f bits: 1 in %.3g",
                 bits, exp2(bits));
}

static bool find(const struct stage *stage, unsigned which, struct canvas *canvas,
                 struct box box, int x, int y, struct finding *finding)
{
    struct words words;
    struct error ignored = { 0 };
    bool is_found = false;
    const struct scene *scene = stage->exhibit[which].scene;
    *finding = (struct finding){ .selection = { -1, -1, -1, -1 }, .step = (double)NAN };
    if (is_short(scene) ||
        words_init(&words, stage, which, canvas, box, &ignored) != OK)
        return false;
    for (size_t i = 0; i < words.flow.pieces && !is_found; i++) {
        struct box own;
        const struct text_piece *piece = &words.flow.piece[i];
        if (!place(&words, piece, &own) || x < own.x || y < own.y ||
            x >= own.x + own.width || y >= own.y + own.height)
            continue;
        is_found = true;
        finding->selection.token = (int64_t)piece->token;
        finding->step = (double)scene->start_step[piece->token];
        describe(scene, piece->token, finding->text, sizeof finding->text);
    }
    text_flow_release(&words.flow);
    return is_found;
}

const struct pane text_pane = {
    .name = "text",
    .title = "words",
    .summary =
        "the text as it is played; the thicker the line, the greater the surprise",
    .changes = PANE_BY_TOKEN,
    .has = has,
    .draw = draw,
    .find = find,
};
