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

enum { ENDINGS = 4, WINDOW = 512, LINE_ROOM = 1 << 14 };

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
    struct projector *projector = session_projector(session);
    transformer_truncate(session->transformer, projector, 0, 0);
    if (transformer_run(session->transformer, projector, scorer->tokens.id, scorer->ids,
                        count, scorer->wanted, scorer->logits, err) != OK)
        return err->code;
    *score = 0;
    for (size_t i = context; i < count; i++)
        *score += log_probability(scorer->logits + (i - context) * vocabulary,
                                  vocabulary, scorer->tokens.id[i]) /
                  (double)(count - context);
    return OK;
}

static enum error_code run_tasks(struct scorer *scorer, FILE *file, size_t most,
                                 size_t *tasks, size_t *right, struct error *err)
{
    struct task *task = malloc(sizeof *task);
    struct progress progress;
    if (!task)
        return error_memory(err, "a task", sizeof *task);
    progress_begin(&progress, "hellaswag");
    while ((most == 0 || *tasks < most) && read_task(file, task, *tasks, err)) {
        int best = 0;
        double score[ENDINGS];
        for (int e = 0; e < ENDINGS && err->code == OK; e++) {
            score_ending(scorer, task, e, &score[e], err);
            if (err->code == OK && score[e] > score[best])
                best = e;
        }
        if (err->code != OK) {
            error_wrap(err, "task %zu", *tasks);
            break;
        }
        ++*tasks;
        *right += best == task->right;
        progress_update(&progress, (double)*tasks, most ? (double)most : 10042, NULL);
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

enum error_code hellaswag_run(struct session *session, const struct options *options,
                              struct error *err)
{
    const char *path = option_text(options, "hellaswag");
    uint64_t most = 0;
    struct scorer scorer = { .session = session };
    FILE *file = fopen(path, "r");
    size_t tasks = 0, right = 0;
    err->code = OK;
    if (!file) {
        error_set(err, ERR_IO, "%s: %s", path, strerror(errno));
    } else if (option_whole(options, "tasks", 0, UINT32_MAX, &most, err) == OK &&
               session_start(session, options, WINDOW, WINDOW, err) == OK) {
        scorer.ids = calloc(WINDOW, sizeof *scorer.ids);
        scorer.wanted = calloc(WINDOW, 1);
        scorer.logits =
            malloc(sizeof(float) * WINDOW * session->model.shape.vocabulary);
        if (!scorer.ids || !scorer.wanted || !scorer.logits)
            error_memory(err, "logits", 4.0 * WINDOW * session->model.shape.vocabulary);
        else if (run_tasks(&scorer, file, (size_t)most, &tasks, &right, err) != OK)
            error_wrap(err, "%s", path);
        else if (tasks == 0)
            error_set(err, ERR_FORMAT, "%s: no task in it", path);
        else
            report(session, tasks, right, err);
    }
    if (file)
        fclose(file);
    token_list_release(&scorer.tokens);
    free(scorer.ids);
    free(scorer.wanted);
    free(scorer.logits);
    return err->code;
}
