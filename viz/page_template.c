/* See page_template.h. */
#include "viz/page_template.h"

#include "base/version.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

enum { NAME_ROOM = 64, PATH_ROOM = 4096 };

static enum error_code read_file(struct page_bytes *bytes, const char *name,
                                 struct error *err)
{
    char path[PATH_ROOM], chunk[4096];
    int length = snprintf(path, sizeof path, "%s/page/%s", version_data_folder(), name);
    if (length < 0 || (size_t)length >= sizeof path)
        return error_set(err, ERR_IO, "the path of data/ is too long");
    FILE *file = fopen(path, "rb");
    if (!file)
        return error_set(err, ERR_IO, "%s: %s", path, strerror(errno));
    size_t got;
    while ((got = fread(chunk, 1, sizeof chunk, file)) > 0)
        page_bytes_add(bytes, chunk, got);
    bool has_failed = ferror(file) != 0;
    fclose(file);
    if (has_failed)
        return error_set(err, ERR_IO, "%s: %s", path, strerror(errno));
    page_bytes_put(bytes, '\0'); /* ends the text for strstr */
    if (bytes->is_short)
        return error_memory(err, "the page's text", (double)bytes->length);
    bytes->length--;
    return OK;
}

/* Adds what the mark at `mark` stands for, the text up to "}}". */
static enum error_code add_part(struct page_bytes *page, const char *mark,
                                size_t length, const struct page_bytes *data,
                                struct error *err)
{
    char name[NAME_ROOM];
    if (length >= sizeof name || memchr(mark, '/', length))
        return error_set(err, ERR_FORMAT,
                         "page.html: '{{%.20s': expected a file's name", mark);
    memcpy(name, mark, length);
    name[length] = '\0';
    if (strcmp(name, "data") == 0) {
        page_bytes_add(page, data->byte, data->length);
        return OK;
    }
    return read_file(page, name, err);
}

enum error_code page_template_fill(struct page_bytes *page,
                                   const struct page_bytes *data, struct error *err)
{
    struct page_bytes frame = { 0 };
    enum error_code code = read_file(&frame, "page.html", err);
    const char *at = (const char *)frame.byte;
    while (code == OK) {
        const char *mark = strstr(at, "{{"), *end = mark ? strstr(mark, "}}") : NULL;
        page_bytes_add(page, at, end ? (size_t)(mark - at) : strlen(at));
        if (!end)
            break;
        code = add_part(page, mark + 2, (size_t)(end - mark - 2), data, err);
        at = end + 2;
    }
    page_bytes_release(&frame);
    if (code == OK && page->is_short)
        code = error_memory(err, "a page", (double)page->length);
    return code;
}
