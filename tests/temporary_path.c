/* See temporary_path.h. */
#include "tests/temporary_path.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static char folder[1024];
static pid_t owner; /* children made by fork leave the folder alone */

static void remove_folder(void)
{
    char path[1300];
    if (getpid() != owner)
        return;
    DIR *open = opendir(folder);
    struct dirent *entry;
    while (open && (entry = readdir(open)) != NULL) {
        snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
        if (entry->d_name[0] != '.')
            unlink(path);
    }
    if (open)
        closedir(open);
    rmdir(folder);
}

const char *temporary_path(const char *name)
{
    static char path[1300];
    if (!folder[0]) {
        const char *parent = getenv("TMPDIR");
        snprintf(folder, sizeof folder, "%s/lucciola-XXXXXX",
                 parent && parent[0] ? parent : "/tmp");
        owner = getpid();
        if (mkdtemp(folder))
            atexit(remove_folder);
    }
    snprintf(path, sizeof path, "%s/%s", folder, name);
    return path;
}
