/* See pre_tokenizer.h. The expressions make the cuts that the models were trained
 * with, through PCRE2 with Unicode properties. White space is spelt out as
 *
 *     [\t-\r\x{85}\p{Z}]
 *
 * because \s of PCRE2 also takes U+180E, and contractions are spelt in both cases
 * because (?i) also takes the long s. No expression can backtrack over more than a
 * character, so the time is linear in the text. */
#define PCRE2_CODE_UNIT_WIDTH 8
#include "lm/pre_tokenizer.h"

#include "lm/model_format.h"
#include "base/utf8.h"

#include <pcre2.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_STAGES = 6 };

/* Contractions, then words, numbers and other symbols with the space in front of them;
 * of a run of white space the last goes with the word behind it. */
static const char gpt2_words[] = "'(?:[stmd]|re|ve|ll)"
                                 "| ?\\p{L}+"
                                 "| ?\\p{N}+"
                                 "| ?[^\\t-\\r\\x{85}\\p{Z}\\p{L}\\p{N}]+"
                                 "|[\\t-\\r\\x{85}\\p{Z}]+(?![^\\t-\\r\\x{85}\\p{Z}])";

/* Any one character but a digit or line end may lead a word; symbols take the line ends
 * behind them; white space is cut behind its last line end. */
static const char qwen2_words[] = "'(?:[sStTmMdD]|[rR][eE]|[vV][eE]|[lL][lL])"
                                  "|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+"
                                  "|\\p{N}"
                                  "| ?[^\\t-\\r\\x{85}\\p{Z}\\p{L}\\p{N}]+[\\r\\n]*"
                                  "|(?:[\\t\\x0B\\x0C\\x{85}\\p{Z}]*+[\\r\\n]++)++"
                                  "|[\\t-\\r\\x{85}\\p{Z}]+(?![^\\t-\\r\\x{85}\\p{Z}])"
                                  "|[\\t-\\r\\x{85}\\p{Z}]+";

static const char llama3_words[] = "'(?:[sStTmMdD]|[rR][eE]|[vV][eE]|[lL][lL])"
                                   "|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+"
                                   "|\\p{N}{1,3}"
                                   "| ?[^\\t-\\r\\x{85}\\p{Z}\\p{L}\\p{N}]+[\\r\\n]*"
                                   "|(?:[\\t\\x0B\\x0C\\x{85}\\p{Z}]*+[\\r\\n]++)++"
                                   "|[\\t-\\r\\x{85}\\p{Z}]+(?![^\\t-\\r\\x{85}\\p{Z}])"
                                   "|[\\t-\\r\\x{85}\\p{Z}]+";

static const char deepseek3_words[] =
    "[!-/:-@\\[-`{-~][A-Za-z]+"
    "|[^\\r\\n\\p{L}\\p{P}\\p{S}]?[\\p{L}\\p{M}]+"
    "| ?[\\p{P}\\p{S}]+[\\r\\n]*"
    "|(?:[\\t\\x0B\\x0C\\x{85}\\p{Z}]*+[\\r\\n]++)++"
    "|[\\t-\\r\\x{85}\\p{Z}]+(?![^\\t-\\r\\x{85}\\p{Z}])"
    "|[\\t-\\r\\x{85}\\p{Z}]+";

/* Cased letters of the scripts that the model's own list names: those of Unicode less
 * some blocks (Armenian small, Georgian, mathematical ...). */
static const char deepseek_cased[] =
    "[\\t-\\r\\x{85}\\p{Z}]?"
    "[^\\P{L&}\\x{560}-\\x{588}\\x{10C7}-\\x{10FF}\\x{1C80}-\\x{1C8F}"
    "\\x{2D00}-\\x{2D2D}"
    "\\x{A790}-\\x{A7FF}\\x{AB30}-\\x{AB68}\\x{10570}-\\x{105BC}\\x{10D40}-\\x{10DFF}"
    "\\x{16E40}-\\x{16EFF}\\x{1D400}-\\x{1DFFF}]+";

static const char deepseek_symbols[] = "[\\t-\\r\\x{85}\\p{Z}]?"
                                       "[!-/:-~\\x{FF01}-\\x{FF0F}\\x{FF1A}-\\x{FF5E}"
                                       "\\x{2018}-\\x{201F}\\x{3001}\\x{3002}]+";

/* U+0800 to the end of the ideographs, less white space, and Hangul. */
static const char deepseek_asian[] =
    "[\\x{800}-\\x{167F}\\x{1681}-\\x{1FFF}\\x{200B}-\\x{2027}\\x{202A}-\\x{202E}"
    "\\x{2030}-\\x{205E}\\x{2060}-\\x{2FFF}\\x{3001}-\\x{9FA5}\\x{AC00}-\\x{D7FF}]+";

static const char line_end[] = "[\\r\\n]";
static const char digit[] = "\\p{N}";
static const char digits[] = "\\p{N}+";
static const char three_digits[] = "\\p{N}{1,3}";
static const char ascii_triple[] = "[0-9][0-9][0-9]";
static const char symbols[] = "[\\p{P}$+<=>^~|]+";
static const char falcon_symbols[] = "[\\p{P}$+<=>^~|`]+";
static const char trailing_space[] =
    "(?<![\\t-\\r\\x{85}\\p{Z}])[\\t-\\r\\x{85}\\p{Z}]++\\z";
static const char letters[] = "[\\t-\\r\\x{85}\\p{Z}]?\\p{L}+";
static const char punctuation[] = "[\\t-\\r\\x{85}\\p{Z}]?\\p{P}+";
static const char ideographs_and_kana[] = "[\\x{4E00}-\\x{9FA5}\\x{3040}-\\x{30FF}]+";

enum { WHOLE_WORDS = 1, ADDS_BOS = 2 };

struct recipe {
    const char *name;
    const char *expression[MAX_STAGES];
    unsigned traits;
};

/* The first serves models that name none. */
static const struct recipe recipes[] = {
    { "default", { symbols, gpt2_words, digits, ascii_triple }, 0 },
    { "chatglm-bpe", { llama3_words }, 0 },
    { "codeshell", { digit, gpt2_words }, 0 },
    { "command-r", { digit, gpt2_words }, 0 },
    { "dbrx", { llama3_words }, 0 },
    { "deepseek-coder", { line_end, letters, punctuation, deepseek_asian, digit }, 0 },
    { "deepseek-llm",
      { line_end, deepseek_cased, deepseek_symbols, trailing_space, deepseek_asian,
        digits },
      0 },
    { "deepseek-r1-qwen", { qwen2_words }, 0 },
    { "deepseek-v3", { three_digits, ideographs_and_kana, deepseek3_words }, 0 },
    { "exaone", { digit, gpt2_words }, 0 },
    { "falcon", { falcon_symbols, gpt2_words, ascii_triple }, 0 },
    { "falcon-h1", { llama3_words }, WHOLE_WORDS | ADDS_BOS },
    { "falcon3", { llama3_words }, WHOLE_WORDS | ADDS_BOS },
    { "glm4", { llama3_words }, WHOLE_WORDS },
    { "gpt-2", { gpt2_words }, 0 },
    { "hunyuan", { qwen2_words }, 0 },
    { "lfm2", { llama3_words }, WHOLE_WORDS | ADDS_BOS },
    { "llama-bpe", { llama3_words }, WHOLE_WORDS | ADDS_BOS },
    { "llama-v3", { llama3_words }, WHOLE_WORDS | ADDS_BOS },
    { "llama3", { llama3_words }, WHOLE_WORDS | ADDS_BOS },
    { "megrez", { qwen2_words }, 0 },
    { "minerva-7b", { digit, gpt2_words }, 0 },
    { "mpt", { gpt2_words }, 0 },
    { "olmo", { gpt2_words }, 0 },
    { "phi-2", { gpt2_words }, 0 },
    { "pixtral", { llama3_words }, WHOLE_WORDS | ADDS_BOS },
    { "qwen2", { qwen2_words }, 0 },
    { "refact", { digit, gpt2_words }, 0 },
    { "smaug-bpe", { llama3_words }, 0 },
    { "smollm", { digit, gpt2_words }, 0 },
    { "stablelm2", { qwen2_words }, 0 },
    { "starcoder", { digit, gpt2_words }, 0 },
};

enum { RECIPES = sizeof recipes / sizeof recipes[0] };

struct pre_tokenizer {
    const struct recipe *recipe;
    unsigned stages;
    pcre2_code *code[MAX_STAGES];
};

const char *pre_tokenizer_name(size_t i)
{
    return i < RECIPES ? recipes[i].name : NULL;
}

bool pre_tokenizer_takes_whole_words(const struct pre_tokenizer *pre)
{
    return pre->recipe->traits & WHOLE_WORDS;
}

bool pre_tokenizer_adds_bos(const struct pre_tokenizer *pre)
{
    return pre->recipe->traits & ADDS_BOS;
}

static enum error_code compile(struct pre_tokenizer *pre, struct error *err)
{
    const struct recipe *recipe = pre->recipe;
    for (; pre->stages < MAX_STAGES && recipe->expression[pre->stages]; pre->stages++) {
        int code;
        PCRE2_SIZE offset;
        pcre2_code *compiled =
            pcre2_compile((PCRE2_SPTR)recipe->expression[pre->stages],
                          PCRE2_ZERO_TERMINATED, PCRE2_UTF | PCRE2_UCP, &code, &offset,
                          NULL);
        if (!compiled) {
            PCRE2_UCHAR reason[120];
            pcre2_get_error_message(code, reason, sizeof reason);
            return error_set(err, ERR_FORMAT,
                             "pre-tokenizer %s, expression %u: %s at %zu", recipe->name,
                             pre->stages, (const char *)reason, (size_t)offset);
        }
        /* Where there is no JIT, pcre2_match interprets. */
        pcre2_jit_compile(compiled, PCRE2_JIT_COMPLETE);
        pre->code[pre->stages] = compiled;
    }
    return OK;
}

enum error_code pre_tokenizer_create(struct pre_tokenizer **pre, const char *name,
                                     struct error *err)
{
    *pre = NULL;
    const struct recipe *recipe = &recipes[0];
    while (name && recipe < recipes + RECIPES && strcmp(recipe->name, name) != 0)
        recipe++;
    if (recipe == recipes + RECIPES)
        return error_set(err, ERR_FORMAT, "unknown pre-tokenizer \"%s\"",
                         printable((struct text){ name, strlen(name) }).text);

    struct pre_tokenizer *made = calloc(1, sizeof *made);
    if (!made)
        return error_memory(err, "a pre-tokenizer", sizeof *made);
    made->recipe = recipe;
    if (compile(made, err) != OK) {
        pre_tokenizer_free(made);
        return err->code;
    }
    *pre = made;
    return OK;
}

void pre_tokenizer_free(struct pre_tokenizer *pre)
{
    if (!pre)
        return;
    for (unsigned stage = 0; stage < pre->stages; stage++)
        pcre2_code_free(pre->code[stage]);
    free(pre);
}

/* One call's view: a match block for every stage, since stages nest. */
struct splitter {
    const struct pre_tokenizer *pre;
    const struct word_sink *sink;
    pcre2_match_data *match[MAX_STAGES];
};

static enum error_code split(struct splitter *splitter, unsigned stage,
                             const char *text, size_t length, struct error *err)
{
    if (length == 0)
        return OK;
    if (stage == splitter->pre->stages)
        return splitter->sink->word(splitter->sink->self, text, length, err);

    size_t done = 0;
    while (done < length) {
        int found = pcre2_match(splitter->pre->code[stage], (PCRE2_SPTR)text, length,
                                done, PCRE2_NO_UTF_CHECK, splitter->match[stage], NULL);
        if (found == PCRE2_ERROR_NOMATCH)
            break;
        if (found < 0)
            return error_set(err, ERR_FORMAT, "pre-tokenizer %s: PCRE2 error %d",
                             splitter->pre->recipe->name, found);
        const PCRE2_SIZE *range = pcre2_get_ovector_pointer(splitter->match[stage]);
        size_t first = range[0], end = range[1];
        if (split(splitter, stage + 1, text + done, first - done, err) != OK ||
            split(splitter, stage + 1, text + first, end - first, err) != OK)
            return err->code;
        done = end;
    }
    return split(splitter, stage + 1, text + done, length - done, err);
}

/* Bytes at the front that are (or, `valid` false, are not) UTF-8. */
static size_t run_length(const char *text, size_t length, bool valid)
{
    size_t run = 0;
    while (run < length) {
        size_t size = utf8_read(text + run, length - run, NULL);
        if ((size > 0) != valid)
            break;
        run += valid ? size : 1;
    }
    return run;
}

enum error_code pre_tokenizer_split(const struct pre_tokenizer *pre, const char *text,
                                    size_t length, const struct word_sink *sink,
                                    struct error *err)
{
    struct splitter splitter = { .pre = pre, .sink = sink };
    err->code = OK;
    for (unsigned stage = 0; stage < pre->stages; stage++) {
        splitter.match[stage] = pcre2_match_data_create(1, NULL);
        if (!splitter.match[stage]) {
            error_memory(err, "a match", 100);
            goto out;
        }
    }
    /* Valid stretches are found here and not by PCRE2_MATCH_INVALID_UTF, whose
     * interpreter checks the rest of the text anew for every match. */
    while (length > 0) {
        size_t valid = run_length(text, length, true);
        size_t invalid = run_length(text + valid, length - valid, false);
        if (split(&splitter, 0, text, valid, err) != OK ||
            (invalid > 0 && sink->word(sink->self, text + valid, invalid, err) != OK))
            break;
        text += valid + invalid;
        length -= valid + invalid;
    }
out:
    for (unsigned stage = 0; stage < pre->stages; stage++)
        pcre2_match_data_free(splitter.match[stage]);
    return err->code;
}
