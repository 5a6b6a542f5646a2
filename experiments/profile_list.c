/* See profile_list.h. */
#include "experiments/profile_list.h"

#include "base/version.h"
#include "experiments/cpu_profile.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PROFILES_MAX = 64, PATH_ROOM = 1200 };

static bool is_profile(const char *name)
{
    size_t length = strlen(name);
    return length > 5 && strcmp(name + length - 5, ".conf") == 0;
}

static int by_name(const void *a, const void *b)
{
    return strcmp(a, b);
}

/* Paths of all files of data/profiles, by name. */
static enum error_code list_folder(char path[PROFILES_MAX][PATH_ROOM], size_t *count,
                                   struct error *err)
{
    char folder[1024];
    snprintf(folder, sizeof folder, "%s/profiles", version_data_folder());
    DIR *stream = opendir(folder);
    if (!stream)
        return error_set(err, ERR_IO, "%s: %s", folder, strerror(errno));
    for (struct dirent *entry; (entry = readdir(stream)) && *count < PROFILES_MAX;)
        if (is_profile(entry->d_name))
            snprintf(path[(*count)++], PATH_ROOM, "%s/%.150s", folder, entry->d_name);
    closedir(stream);
    qsort(path, *count, PATH_ROOM, by_name);
    return OK;
}

/* Names or paths with commas between. */
static enum error_code list_names(char path[PROFILES_MAX][PATH_ROOM], size_t *count,
                                  const char *names, struct error *err)
{
    for (const char *at = names; *at;) {
        size_t length = strcspn(at, ",");
        if (length == 0 || length >= PATH_ROOM || *count == PROFILES_MAX)
            return error_set(
                err, ERR_ARGUMENT,
                "--profile: expected names with commas between, found '%s'", names);
        snprintf(path[(*count)++], PATH_ROOM, "%.*s", (int)length, at);
        at += length + (at[length] == ',');
    }
    return OK;
}

static enum error_code open_one(struct energy_profile *profile, const char *name,
                                struct error *err)
{
    return strcmp(name, "cpu-measured") == 0 ? cpu_profile_open(profile, err)
                                             : energy_profile_find(profile, name, err);
}

enum error_code profile_list_open(struct profile_list *list, const char *names,
                                  struct error *err)
{
    char(*path)[PATH_ROOM] = calloc(PROFILES_MAX, sizeof *path);
    size_t count = 0;
    *list =
        (struct profile_list){ .profile = calloc(PROFILES_MAX, sizeof *list->profile) };
    err->code = OK;
    if (!path || !list->profile)
        error_memory(err, "profiles", (double)PROFILES_MAX * PATH_ROOM);
    else if (strcmp(names, "all") == 0)
        list_folder(path, &count, err);
    else
        list_names(path, &count, names, err);
    for (size_t i = 0; i < count && err->code == OK; i++)
        if (open_one(&list->profile[list->count], path[i], err) == OK)
            list->count++;
    free(path);
    if (err->code != OK)
        profile_list_close(list);
    return err->code;
}

void profile_list_close(struct profile_list *list)
{
    for (size_t i = 0; i < list->count; i++)
        energy_profile_release(&list->profile[i]);
    free(list->profile);
    *list = (struct profile_list){ 0 };
}
