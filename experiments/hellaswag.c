/* See hellaswag.h. */
#include "experiments/hellaswag.h"

#include "base/progress.h"
#include "experiments/table.h"
#include "lm/sampler.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ENDINGS = 4, WINDOW = HELLASWAG_WINDOW, LINE_ROOM = 1 << 14 };

struct task {
    char line[2 + ENDINGS][LINE_ROOM];
    int right;
};

/* False at the end of the file; an error when it ends within a task. */
static bool read_task(FILE *file, struct task *task, size_t number, struct error *err)
{
    for (int i = 0; i < 2 + ENDINGS; i++) {
        if (!fgets(task->line[i], LINE_ROOM, file)) {
            if (i > 0 || ferror(file))
                error_set(err, ERR_FORMAT, "task %zu: expected 6 lines, found %d",
                          number, i);
            return false;
        }
        task->line[i][strcspn(task->line[i], "\r\n")] = '\0';
    }
    const char *index = task->line[1];
    if (strlen(index) != 1 || index[0] < '0' || index[0] > '3') {
        error_set(err, ERR_FORMAT, "task %zu: expected an index 0 to 3, found '%.20s'",
                  number, index);
        return false;
    }
    task->right = index[0] - '0';
    return true;
}

struct scorer {
    struct session *session;
    struct projector *projector;
    struct token_list tokens;
    struct row_id *ids;
    unsigned char *wanted;
    float *logits; /* (WINDOW, vocabulary) */
};

/* Tokens of context and one ending; returns how many belong to the context. */
static enum error_code tokenise(struct scorer *scorer, const struct task *task,
                                int ending, size_t *context, struct error *err)
{
    char text[2 * LINE_ROOM + 2];
    const struct tokenizer *tokenizer = scorer->session->tokenizer;
    snprintf(text, sizeof text, "%s %s", task->line[0], task->line[2 + ending]);
    scorer->tokens.count = 0;
    if (tokenizer_encode(tokenizer, task->line[0], strlen(task->line[0]), true, false,
                         &scorer->tokens, err) != OK)
        return err->code;
    *context = scorer->tokens.count;
    scorer->tokens.count = 0;
    return tokenizer_encode(tokenizer, text, strlen(text), true, false, &scorer->tokens,
                            err);
}

static enum error_code score_ending(struct scorer *scorer, const struct task *task,
                                    int ending, double *score, struct error *err)
{
    struct session *session = scorer->session;
    uint32_t vocabulary = session->model.shape.vocabulary;
    size_t context = 0;
    if (tokenise(scorer, task, ending, &context, err) != OK)
        return err->code;
    size_t count = scorer->tokens.count;
    if (context == 0 || context >= count || count > WINDOW)
        return error_set(
            err, ERR_ARGUMENT,
            "a task of %zu tokens, %zu of them context; expected at most %d", count,
            context, WINDOW);
    for (size_t i = 0; i < count; i++) {
        scorer->ids[i] = (struct row_id){ 0, (uint32_t)i };
        scorer->wanted[i] = i + 1 >= context && i + 1 < count;
    }
    transformer_truncate(session->transformer, scorer->projector, 0, 0);
    if (transformer_run(session->transformer, scorer->projector, scorer->tokens.id,
                        scorer->ids, count, scorer->wanted, scorer->logits, err) != OK)
        return err->code;
    *score = 0;
    for (size_t i = context; i < count; i++)
        *score += log_probability(session->kernel,
                                  scorer->logits + (i - context) * vocabulary,
                                  vocabulary, scorer->tokens.id[i]) /
                  (double)(count - context);
    return OK;
}

static bool put_answer(struct hellaswag_answers *answers, bool is_right)
{
    if (answers->tasks == answers->room) {
        size_t room = answers->room ? 2 * answers->room : 256;
        double *more = realloc(answers->is_right, room * sizeof *more);
        if (!more)
            return false;
        answers->is_right = more;
        answers->room = room;
    }
    answers->is_right[answers->tasks++] = is_right;
    answers->right += is_right;
    return true;
}

static enum error_code run_tasks(struct scorer *scorer, FILE *file, size_t most,
                                 struct hellaswag_answers *answers, struct error *err)
{
    struct task *task = malloc(sizeof *task);
    struct progress progress;
    if (!task)
        return error_memory(err, "a task", sizeof *task);
    progress_begin(&progress, "hellaswag");
    while ((most == 0 || answers->tasks < most) &&
           read_task(file, task, answers->tasks, err)) {
        int best = 0;
        double score[ENDINGS];
        for (int e = 0; e < ENDINGS && err->code == OK; e++) {
            score_ending(scorer, task, e, &score[e], err);
            if (err->code == OK && score[e] > score[best])
                best = e;
        }
        if (err->code != OK) {
            error_wrap(err, "task %zu", answers->tasks);
            break;
        }
        if (!put_answer(answers, best == task->right)) {
            error_memory(err, "answers", 8.0 * (double)answers->tasks);
            break;
        }
        progress_update(&progress, (double)answers->tasks, most ? (double)most : 10042,
                        NULL);
    }
    progress_end(&progress);
    free(task);
    return err->code;
}

static enum error_code report(const struct session *session, size_t tasks, size_t right,
                              struct error *err)
{
    double share = (double)right / (double)tasks;
    double error = sqrt(share * (1 - share) / (double)tasks);
    char setting[96];
    session_describe(session, setting, sizeof setting);
    if (option_flag(session->options, "json"))
        return json_print(json_pack("{s:s, s:I, s:I, s:f, s:f}", "setting", setting,
                                    "tasks", (json_int_t)tasks, "right",
                                    (json_int_t)right, "accuracy", share,
                                    "accuracy_error", error),
                          err);
    printf("%s: %.2f %% +- %.2f of %zu tasks (mean log probability of an ending's "
           "tokens)\n",
           setting, 100 * share, 100 * error, tasks);
    return OK;
}

enum error_code hellaswag_score(struct session *session, struct projector *projector,
                                const char *path, size_t most,
                                struct hellaswag_answers *answers, struct error *err)
{
    struct scorer scorer = { .session = session, .projector = projector };
    size_t row = sizeof(float) * session->model.shape.vocabulary;
    *answers = (struct hellaswag_answers){ 0 };
    FILE *file = fopen(path, "r");
    if (!file)
        return error_set(err, ERR_IO, "%s: %s", path, strerror(errno));
    err->code = OK;
    scorer.ids = calloc(WINDOW, sizeof *scorer.ids);
    scorer.wanted = calloc(WINDOW, 1);
    scorer.logits = malloc(WINDOW * row);
    if (!scorer.ids || !scorer.wanted || !scorer.logits)
        error_memory(err, "logits", (double)WINDOW * (double)row);
    else if (run_tasks(&scorer, file, most, answers, err) != OK)
        error_wrap(err, "%s", path);
    else if (answers->tasks == 0)
        error_set(err, ERR_FORMAT, "%s: no task in it", path);
    fclose(file);
    token_list_release(&scorer.tokens);
    free(scorer.ids);
    free(scorer.wanted);
    free(scorer.logits);
    return err->code;
}

enum error_code hellaswag_run(struct session *session, const struct options *options,
                              struct error *err)
{
    uint64_t most = 0;
    struct hellaswag_answers answers = { 0 };
    if (option_whole(options, "tasks", 0, UINT32_MAX, &most, err) == OK &&
        session_start(session, options, WINDOW, WINDOW, err) == OK &&
        hellaswag_score(session, session_projector(session),
                        option_text(options, "hellaswag"), (size_t)most, &answers,
                        err) == OK)
        report(session, answers.tasks, answers.right, err);
    free(answers.is_right);
    return err->code;
}
