/* See error.h. */
#include "base/error.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum error_code error_set(struct error *err, enum error_code code, const char *format,
                          ...)
{
    va_list args;
    va_start(args, format);
    vsnprintf(err->text, sizeof err->text, format, args);
    va_end(args);
    err->code = code;
    return code;
}

enum error_code error_wrap(struct error *err, const char *format, ...)
{
    char inner[sizeof err->text];
    memcpy(inner, err->text, sizeof inner);

    va_list args;
    va_start(args, format);
    int used = vsnprintf(err->text, sizeof err->text, format, args);
    va_end(args);
    size_t room = sizeof err->text - (size_t)used;
    if (used < 0 || (size_t)used >= sizeof err->text)
        return err->code;
    if ((size_t)snprintf(err->text + used, room, ": %s", inner) >= room)
        memcpy(err->text + sizeof err->text - 4, "...", 4); /* cut, and shown */
    return err->code;
}

enum error_code error_memory(struct error *err, const char *what, double bytes)
{
    return error_set(err, ERR_MEMORY, "no memory for %s (%.1f MB)", what, bytes / 1e6);
}
