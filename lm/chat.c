/* chat_wrap(): three templates are known by their tokens; a Jinja interpreter is not
 * worth its size here. The default system turn is read out of the template's text.
 * BOS is left to the tokenizer, which adds it by the model's flags. */
#include "lm/model_format.h"
#include "lm/tokenizer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct chat_format {
    const char *token;   /* by which the template is recognised */
    const char *refused; /* a token of relatives that are written otherwise, or NULL */
    const char *system, *user, *answer; /* what stands in front of each turn */
    const char *end;                    /* of a turn */
    const char *gap;                    /* behind the end */
    bool trims;                         /* drops white space around the prompt */
};

static const struct chat_format formats[] = {
    { "<|im_start|>", "<|im_sep|>", "<|im_start|>system\n", "<|im_start|>user\n",
      "<|im_start|>assistant\n", "<|im_end|>", "\n", false },
    { "<|start_header_id|>", NULL, "<|start_header_id|>system<|end_header_id|>\n\n",
      "<|start_header_id|>user<|end_header_id|>\n\n",
      "<|start_header_id|>assistant<|end_header_id|>\n\n", "<|eot_id|>", "", true },
    { "<start_of_turn>", NULL, "<start_of_turn>system\n", "<start_of_turn>user\n",
      "<start_of_turn>model\n", "<end_of_turn>", "\n", true },
};

/* Length of what `wanted` takes at the front of the template, where a line end may also
 * be written as \n; 0 when it does not stand there. */
static size_t match_written(const char *at, const char *wanted)
{
    const char *start = at;
    for (; *wanted; wanted++) {
        if (*wanted == '\n' && at[0] == '\\' && at[1] == 'n')
            at += 2;
        else if (*at == *wanted)
            at++;
        else
            return 0;
    }
    return (size_t)(at - start);
}

/* Copies the literal text up to `end`, undoing escapes. Fails when it is interrupted by
 * the string's closing quote or by template code: then it is not a fixed text. */
static bool copy_literal(const char *from, const char *end, char quote, char *to)
{
    while (from < end) {
        if (*from == quote || strncmp(from, "{{", 2) == 0 ||
            strncmp(from, "{%", 2) == 0 || strncmp(from, "}}", 2) == 0 ||
            strncmp(from, "%}", 2) == 0)
            return false;
        if (*from == '\\' && quote && from + 1 < end) {
            from++;
            *to++ = *from == 'n' ? '\n' : *from == 't' ? '\t' : *from;
            from++;
        } else {
            *to++ = *from++;
        }
    }
    *to = '\0';
    return true;
}

/* The first system turn whose text the template spells out. system has room for the
 * template; it stays empty when there is none. */
static void find_system(const struct chat_format *format, const char *template,
                        char *system)
{
    system[0] = '\0';
    for (const char *at = template; (at = strstr(at, format->token)); at++) {
        size_t length = match_written(at, format->system);
        const char *end = length > 0 ? strstr(at + length, format->end) : NULL;
        if (!end || end == at + length)
            continue;
        char before = at > template ? at[-1] : '\0';
        char quote = before == '\'' || before == '"' ? before : '\0';
        if (copy_literal(at + length, end, quote, system))
            return;
    }
    system[0] = '\0';
}

static const struct chat_format *find_format(const char *template)
{
    for (size_t i = 0; i < sizeof formats / sizeof formats[0]; i++)
        if (strstr(template, formats[i].token) &&
            !(formats[i].refused && strstr(template, formats[i].refused)))
            return &formats[i];
    return NULL;
}

enum error_code chat_wrap(const struct model_file *file, const char *prompt,
                          char **wrapped, struct error *err)
{
    static const char space[] = " \t\n\v\f\r";
    struct text template = { NULL, 0 };
    *wrapped = NULL;
    if (model_file_text(file, "tokenizer.chat_template", &template, err) != OK)
        return err->code;
    if (!template.bytes)
        return error_set(err, ERR_FORMAT, "the model declares no chat template");
    const struct chat_format *format = find_format(template.bytes);
    if (!format)
        return error_set(err, ERR_FORMAT,
                         "the chat template is none of ChatML, Llama 3 and Gemma; it "
                         "begins \"%s\"",
                         printable(template).text);

    size_t length = strlen(prompt);
    if (format->trims) {
        size_t front = strspn(prompt, space);
        prompt += front;
        length -= front;
        while (length > 0 && strchr(space, prompt[length - 1]))
            length--;
    }
    /* Turns and tokens around the texts take less than the 256. */
    size_t room = template.length + length + 256;
    char *system = malloc(template.length + 1), *text = malloc(room);
    if (!system || !text) {
        free(system);
        free(text);
        return error_memory(err, "a prompt", (double)room);
    }
    find_system(format, template.bytes, system);
    size_t used = 0;
    if (system[0])
        used = (size_t)snprintf(text, room, "%s%s%s%s", format->system, system,
                                format->end, format->gap);
    snprintf(text + used, room - used, "%s%.*s%s%s%s", format->user, (int)length,
             prompt, format->end, format->gap, format->answer);
    free(system);
    *wrapped = text;
    return OK;
}
