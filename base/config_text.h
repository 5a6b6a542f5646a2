/* Configuration text: lines `name = value`, `#` begins a comment, blank lines are
 * skipped, `[section]` puts "section." in front of the names that follow. Values are
 * kept as text; a value in double quotes keeps its spaces and '#'. */
#ifndef BASE_CONFIG_TEXT_H
#define BASE_CONFIG_TEXT_H

#include "base/arena.h"
#include "base/error.h"

#include <stddef.h>

struct config_entry {
    const char *name, *value;
    unsigned line;
};

struct config_text {
    struct arena arena;
    struct config_entry *entry; /* in file order; names are unique */
    size_t count;
};

/* Errors name the line. Bytes below space other than tab, \n and \r are refused, and so
 * is a name that comes twice. On failure nothing needs to be released. */
enum error_code config_text_parse(struct config_text *config, const char *bytes,
                                  size_t size, struct error *err);
enum error_code config_text_open(struct config_text *config, const char *path,
                                 struct error *err);
void config_text_release(struct config_text *config);
/* The value of a name, or NULL. */
const char *config_text_find(const struct config_text *config, const char *name);

#endif
