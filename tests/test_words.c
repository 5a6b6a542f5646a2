/* The pane of words: lines, scrolling, characters spread over tokens, clicks. */
#include "sim/recording.h"
#include "tests/golden_picture.h"
#include "tests/suites.h"
#include "tests/temporary_path.h"
#include "viz/pane.h"
#include "viz/text_flow.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { STEPS = 4, PROMPT = 3 };

static const struct population_info population = {
    .name = "L00.ffn_in", .role = "ffn_in", .size = 8, .channels = 8
};

struct sheet {
    struct scene scene;
    struct spike_index *index;
    struct stack stack;
    struct view_state view;
    struct font *font;
    struct stage stage;
    struct image image;
    struct canvas canvas;
    struct box box;
};

static void append(struct recording_writer *writer, uint32_t token, const char *word)
{
    struct error err = { 0 };
    struct site_counters site = { 0 };
    struct host_cost host = { 0 };
    int32_t id = (int32_t)token;
    unsigned char kind = token < PROMPT ? TOKEN_PROMPT : TOKEN_GENERATED;
    uint32_t sequence = 0, steps = STEPS;
    double log_probability = token < PROMPT ? (double)NAN : -0.4 * (token % 20);
    uint64_t text_length = strlen(word), spikes = 0;
    struct token_batch batch = { .tokens = 1,
                                 .id = &id,
                                 .kind = &kind,
                                 .sequence = &sequence,
                                 .position = &token,
                                 .steps = &steps,
                                 .log_probability = &log_probability,
                                 .text = word,
                                 .text_length = &text_length,
                                 .site = &site,
                                 .host = &host,
                                 .spike_length = &spikes };
    CU_ASSERT_EQUAL_FATAL(recording_append(writer, &batch, &err), OK);
}

/* Words again and again until there are so many tokens. */
static const char *record(const char *const *word, uint32_t words, uint32_t tokens)
{
    static char config[] = "", command[] = "test";
    struct error err = { 0 };
    struct recording_writer *writer = NULL;
    struct recording_plan plan = {
        .info = { .model = "tiny.gguf",
                  .command = command,
                  .config = config,
                  .dt_ms = 1,
                  .sequences = 1 },
        .population = &population,
        .populations = 1,
        .neurons = 8,
        .channels = 8,
        .spikes = true,
    };
    const char *path = temporary_path("words.h5");
    CU_ASSERT_EQUAL_FATAL(recording_create(&writer, path, &plan, &err), OK);
    for (uint32_t token = 0; token < tokens; token++)
        append(writer, token, word[token % words]);
    CU_ASSERT_EQUAL_FATAL(recording_close(writer, RECORDING_FINISHED, "", &err), OK);
    return path;
}

static struct sheet *sheet_create(const char *path, int width, int height)
{
    struct error err = { 0 };
    const struct stack_filter all = { NULL, -1, -1 };
    struct sheet *sheet = calloc(1, sizeof *sheet);
    CU_ASSERT_PTR_NOT_NULL_FATAL(sheet);
    CU_ASSERT_EQUAL_FATAL(scene_open(&sheet->scene, path, &err), OK);
    CU_ASSERT_EQUAL_FATAL(spike_index_open(&sheet->index, &sheet->scene, true, &err),
                          OK);
    CU_ASSERT_EQUAL_FATAL(stack_build(&sheet->stack, &sheet->scene, &all, &err), OK);
    CU_ASSERT_EQUAL_FATAL(font_open(&sheet->font, &err), OK);
    CU_ASSERT_EQUAL_FATAL(image_create(&sheet->image, (uint32_t)width, (uint32_t)height,
                                       &err),
                          OK);
    canvas_on_image(&sheet->canvas, &sheet->image, sheet->font);
    sheet->box = (struct box){ 10, 8, width - 20, height - 16 };
    sheet->view.selection = (struct selection){ -1, -1, -1, -1 };
    sheet->view.steps = (double)scene_end(&sheet->scene);
    sheet->stage = (struct stage){ .exhibit[0] = { .scene = &sheet->scene,
                                                   .index = sheet->index,
                                                   .stack = &sheet->stack,
                                                   .view = &sheet->view },
                                   .exhibits = 1,
                                   .view = &sheet->view,
                                   .palette = &palette_light,
                                   .cap = 8 };
    return sheet;
}

static void sheet_free(struct sheet *sheet)
{
    canvas_release(&sheet->canvas);
    image_release(&sheet->image);
    font_close(sheet->font);
    stack_release(&sheet->stack);
    spike_index_close(sheet->index);
    scene_release(&sheet->scene);
    free(sheet);
}

static void draw(struct sheet *sheet, double step)
{
    struct error err = { 0 };
    sheet->view.playback.step = step;
    canvas_fill(&sheet->canvas, sheet->canvas.clip, sheet->stage.palette->page);
    CU_ASSERT_EQUAL(panes[PANE_TEXT]->draw(&sheet->stage, 0, &sheet->canvas, sheet->box,
                                           &err),
                    OK);
    CU_ASSERT_EQUAL(sheet->canvas.error.code, OK);
}

static const char *const story[] = { "Once", " upon",      " a",   " time", ",",
                                     " the", " fireflies", " lit", "\n",    " up" };

/* The token found at any place; -1: none. */
static int64_t token_at(struct sheet *sheet, int x, int y)
{
    struct finding finding;
    bool is_found = panes[PANE_TEXT]->find(&sheet->stage, 0, &sheet->canvas, sheet->box,
                                           x, y, &finding);
    if (is_found)
        CU_ASSERT_EQUAL(finding.step, (double)(finding.selection.token * STEPS));
    return is_found ? finding.selection.token : -1;
}

static void the_present_word_is_in_sight(void)
{
    struct sheet *sheet = sheet_create(record(story, 10, 3000), 400, 120);
    for (uint64_t token = 0; token < 3000; token += 397) {
        bool is_seen = false;
        draw(sheet, (double)(token * STEPS));
        for (int y = sheet->box.y; y < sheet->box.y + sheet->box.height; y += 12)
            for (int x = sheet->box.x; x < sheet->box.x + sheet->box.width; x += 9)
                is_seen = is_seen || token_at(sheet, x, y) == (int64_t)token;
        CU_ASSERT_TRUE(is_seen);
    }
    sheet_free(sheet);
}

static bool is_within(const struct sheet *sheet, int x, int y)
{
    const struct box *box = &sheet->box;
    return x >= box->x && y >= box->y && x < box->x + box->width &&
           y < box->y + box->height;
}

static void words_stay_in_their_box(void)
{
    for (int width = 30; width < 300; width += 23) {
        struct sheet *sheet = sheet_create(record(story, 10, 60), width, 90);
        bool is_clean = true;
        draw(sheet, 30 * STEPS);
        for (int y = 0; y < 90; y++)
            for (int x = 0; x < width; x++)
                is_clean = is_clean && (is_within(sheet, x, y) ||
                                        sheet->image.pixel[y * width + x] ==
                                            sheet->stage.palette->page);
        CU_ASSERT_TRUE(is_clean);
        sheet_free(sheet);
    }
}

/* No line is wider than the box, and a word that fits a line is not divided. */
static void lines_break_between_words(void)
{
    struct sheet *sheet = sheet_create(record(story, 10, 200), 400, 120);
    struct pen pen = { .cap_height = 10 };
    struct error err = { 0 };
    for (float width = 4; width < 500; width *= 1.5f) {
        struct text_flow flow;
        CU_ASSERT_EQUAL_FATAL(text_flow_set(&flow, &sheet->scene, &sheet->canvas, &pen,
                                            width, 0, &err),
                              OK);
        for (size_t i = 0; i < flow.pieces; i++) {
            const struct text_piece *piece = &flow.piece[i];
            CU_ASSERT(piece->x + piece->width <= width || piece->x == 0);
            if (i == 0 || width < 110)
                continue;
            const struct text_piece *before = piece - 1;
            bool is_one = before->to == piece->from &&
                          sheet->scene.text[piece->from] > ' ' &&
                          sheet->scene.text[before->to - 1] > ' ';
            CU_ASSERT(!is_one || before->line == piece->line);
        }
        text_flow_release(&flow);
    }
    sheet_free(sheet);
}

/* The four bytes of a glow-worm's star over three tokens, and bytes that are none. */
static void characters_spread_over_tokens_are_whole(void)
{
    static const char *const spread[] = { "a ", "\xe2", "\x9c\xb6", "b", "\xff", " c" };
    struct sheet *sheet = sheet_create(record(spread, 6, 6), 300, 60);
    struct pen pen = { .cap_height = 10 };
    struct text_flow flow;
    struct error err = { 0 };
    size_t stars = 0;
    CU_ASSERT_EQUAL_FATAL(text_flow_set(&flow, &sheet->scene, &sheet->canvas, &pen, 280,
                                        0, &err),
                          OK);
    for (size_t i = 0; i < flow.pieces; i++)
        if (flow.piece[i].to - flow.piece[i].from == 3) {
            CU_ASSERT_EQUAL(flow.piece[i].token, 2); /* which completes it */
            CU_ASSERT_EQUAL(flow.piece[i].width,
                            font_width(sheet->font, &pen, "\xe2\x9c\xb6", 3));
            stars++;
        }
    CU_ASSERT_EQUAL(stars, 1);
    text_flow_release(&flow);
    draw(sheet, 0);
    sheet_free(sheet);
}

static void words_are_spoken_one_by_one(void)
{
    struct sheet *sheet = sheet_create(record(story, 10, 40), 480, 140);
    sheet->view.selection.token = 6;
    draw(sheet, 13.5 * STEPS);
    CU_ASSERT_TRUE(golden_matches(&sheet->image, "words.png"));
    sheet_free(sheet);
}

CU_TestInfo words_tests[] = {
    { "the present word is in sight", the_present_word_is_in_sight },
    { "words stay in their box", words_stay_in_their_box },
    { "lines break between words", lines_break_between_words },
    { "characters spread over tokens are whole",
      characters_spread_over_tokens_are_whole },
    { "words are spoken one by one", words_are_spoken_one_by_one },
    CU_TEST_INFO_NULL,
};
