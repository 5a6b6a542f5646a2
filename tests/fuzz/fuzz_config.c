/* Configuration text from hostile bytes: what is read can be found under its name. */
#include "base/config_text.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct config_text config;
    struct error err;
    if (config_text_parse(&config, (const char *)bytes, size, &err) != OK)
        return 0;
    for (size_t i = 0; i < config.count; i++) {
        const struct config_entry *entry = &config.entry[i];
        if (config_text_find(&config, entry->name) != entry->value ||
            strchr(entry->value, '\n') || entry->line == 0)
            abort();
    }
    config_text_release(&config);
    return 0;
}
