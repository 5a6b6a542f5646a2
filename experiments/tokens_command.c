/* `lucciola tokens`: text to ids on one line, and back. Works on files that hold
 * nothing but a vocabulary. */
#include "experiments/command.h"
#include "experiments/session.h"
#include "experiments/table.h"
#include "experiments/text_input.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct option option_tokens[] = {
    { "model", 'm', "MODEL", "GGUF or llama2.c file (default: the demo model)", NULL },
    { "tokenizer", 0, "FILE", "llama2.c tokenizer", NULL },
    { "prompt", 'p', "TEXT", "what to convert", NULL },
    { "file", 'f', "FILE", "or the file that holds it", NULL },
    { "decode", 0, NULL, "ids to text", NULL },
    { "special", 0, NULL,
      "add what the model adds and read control tokens in the text; with --decode: "
      "show them",
      NULL },
    { 0 },
};

/* A growing array of bytes; `failed` when memory ran out. */
struct output {
    char *bytes;
    size_t length, room;
    bool failed;
};

static void output_add(struct output *output, const char *bytes, size_t length)
{
    if (length >= output->room - output->length && !output->failed) {
        size_t room = 2 * output->room + length + 1;
        char *larger = realloc(output->bytes, room);
        output->failed = !larger;
        if (larger) {
            output->bytes = larger;
            output->room = room;
        }
    }
    if (output->failed)
        return;
    memcpy(output->bytes + output->length, bytes, length);
    output->length += length;
    output->bytes[output->length] = '\0';
}

static enum error_code open_tokenizer(struct tokenizer **tokenizer,
                                      const struct options *options, struct error *err)
{
    const char *path = session_model_path(options, err);
    struct model_file file;
    if (!path || model_file_open(&file, path, err) != OK)
        return err->code;
    session_open_tokenizer(tokenizer, options, &file, err);
    model_file_close(&file);
    return err->code;
}

/* Ids with blanks, commas or brackets between them. */
static enum error_code read_ids(const struct tokenizer *tokenizer, const char *text,
                                size_t length, struct token_list *list,
                                struct error *err)
{
    for (size_t at = 0; at < length;) {
        size_t digits = strspn(text + at, "0123456789");
        if (digits == 0) {
            if (!text[at] || !strchr(" \t\r\n,[]", text[at]))
                return error_set(err, ERR_ARGUMENT,
                                 "byte %zu: expected the numbers of tokens", at);
            at++;
            continue;
        }
        unsigned long long id = strtoull(text + at, NULL, 10);
        if (id >= tokenizer_size(tokenizer))
            return error_set(err, ERR_ARGUMENT, "no token %.*s, the vocabulary has %u",
                             (int)(digits > 20 ? 20 : digits), text + at,
                             tokenizer_size(tokenizer));
        if (!token_list_add(list, (int32_t)id))
            return error_memory(err, "ids", 4.0 * (double)list->count);
        at += digits;
    }
    return OK;
}

/* Joins the tokens' bytes, less the space that the tokenizer puts in front of a
 * text. */
static void join(const struct tokenizer *tokenizer, const struct token_list *list,
                 bool special, struct output *text)
{
    bool is_first = tokenizer_adds_space(tokenizer);
    for (size_t i = 0; i < list->count; i++) {
        struct text piece = tokenizer_decode(tokenizer, list->id[i], special);
        bool is_control = tokenizer_decode(tokenizer, list->id[i], false).length == 0;
        size_t skip = is_first && !is_control && piece.bytes[0] == ' ';
        output_add(text, piece.bytes + skip, piece.length - skip);
        is_first = is_first && is_control;
    }
}

/* {"text", "bytes"}: bytes in hexadecimal; text is null where they are not UTF-8. */
static json_t *describe(const char *bytes, size_t length)
{
    struct output hex = { 0 };
    output_add(&hex, "", 0);
    for (size_t i = 0; i < length; i++) {
        char digits[3];
        snprintf(digits, sizeof digits, "%02x", (unsigned)(unsigned char)bytes[i]);
        output_add(&hex, digits, 2);
    }
    json_t *text = json_stringn(bytes, length);
    json_t *object = hex.failed
                         ? NULL
                         : json_pack("{s:o, s:s}", "text", text ? text : json_null(),
                                     "bytes", hex.bytes);
    free(hex.bytes);
    return object;
}

static enum error_code print_ids(const struct tokenizer *tokenizer,
                                 const struct token_list *list, bool as_json,
                                 struct error *err)
{
    if (as_json) {
        json_t *tokens = json_array();
        for (size_t i = 0; i < list->count; i++) {
            struct text piece = tokenizer_decode(tokenizer, list->id[i], true);
            json_t *token = describe(piece.bytes, piece.length);
            json_object_set_new(token, "id", json_integer(list->id[i]));
            json_array_append_new(tokens, token);
        }
        return json_print(json_pack("{s:s, s:I, s:I, s:o}", "tokenizer",
                                    tokenizer_kind(tokenizer), "count",
                                    (json_int_t)list->count, "lost_bytes",
                                    (json_int_t)list->lost, "tokens", tokens),
                          err);
    }
    for (size_t i = 0; i < list->count; i++)
        printf("%s%d", i > 0 ? " " : "", list->id[i]);
    putchar('\n');
    return OK;
}

static enum error_code convert(const struct tokenizer *tokenizer,
                               const struct options *options, const char *text,
                               size_t length, struct token_list *list,
                               struct error *err)
{
    bool special = option_flag(options, "special"),
         as_json = option_flag(options, "json");
    if (!option_flag(options, "decode")) {
        if (tokenizer_encode(tokenizer, text, length, special, special, list, err) !=
            OK)
            return err->code;
        if (list->lost > 0)
            fprintf(stderr, "no token for %zu bytes of the text\n", list->lost);
        return print_ids(tokenizer, list, as_json, err);
    }

    struct output joined = { 0 };
    if (read_ids(tokenizer, text, length, list, err) != OK)
        return err->code;
    output_add(&joined, "", 0);
    join(tokenizer, list, special, &joined);
    err->code = OK;
    if (joined.failed)
        error_memory(err, "the text", (double)joined.length);
    else if (as_json)
        json_print(describe(joined.bytes, joined.length), err);
    else
        fwrite(joined.bytes, 1, joined.length, stdout);
    free(joined.bytes);
    return err->code;
}

static enum error_code run(int argc, char **argv, struct error *err)
{
    static const struct option *const tables[] = { option_tokens, option_common, NULL };
    struct options options;
    char *text = NULL;
    size_t length = 0;
    struct token_list list = { 0 };
    struct tokenizer *tokenizer = NULL;
    if (options_read(&options, tables, "tokens [-m MODEL] (-p TEXT | -f FILE)",
                     "Text to ids on one line; with --decode, ids to exact bytes.", 0,
                     argc, argv, err) == OK &&
        !options.help_shown && text_read(&options, &text, &length, err) == OK &&
        open_tokenizer(&tokenizer, &options, err) == OK)
        convert(tokenizer, &options, text, length, &list, err);
    token_list_release(&list);
    tokenizer_free(tokenizer);
    free(text);
    options_release(&options);
    return err->code;
}

const struct command tokens_command = {
    .name = "tokens",
    .arguments = "-p TEXT | -f FILE",
    .summary = "text to token ids and back",
    .run = run,
};
