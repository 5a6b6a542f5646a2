/* Values of a JSON object by name, with one sentence for what does not fit. The first
 * error stays and later reads return their defaults, so a reader asks for everything
 * and looks once. */
#ifndef LM_JSON_READER_H
#define LM_JSON_READER_H

#include "base/error.h"

#include <stdbool.h>
#include <stdint.h>

struct json_reader {
    const void *object; /* a json_t; NULL: everything is absent */
    const char *within; /* put in front of names in errors: "", "lucciola." */
    struct error *err;
};

/* As default: the key must be there and its number above 0. */
enum { JSON_NEEDED = -1 };

/* Absent and null are the same. */
bool json_reader_has(const struct json_reader *in, const char *key);
/* A whole number from 0 to UINT32_MAX. */
uint32_t json_reader_whole(const struct json_reader *in, const char *key,
                           int64_t initial);
/* A number of at least 0. */
double json_reader_number(const struct json_reader *in, const char *key,
                          double initial);
bool json_reader_flag(const struct json_reader *in, const char *key, bool initial);
/* Valid as long as the object. */
const char *json_reader_text(const struct json_reader *in, const char *key,
                             const char *initial);
/* The object of that name, or one where everything is absent. */
struct json_reader json_reader_within(const struct json_reader *in, const char *key,
                                      const char *within);
/* Sets flag[i] for every i of a list of whole numbers below `count`. */
void json_reader_marks(const struct json_reader *in, const char *key, bool *flag,
                       uint32_t count);
/* Sets flag[i] where the list of `count` texts says `word`; else it must say `other`. */
void json_reader_words(const struct json_reader *in, const char *key, const char *word,
                       const char *other, bool *flag, uint32_t count);

#endif
