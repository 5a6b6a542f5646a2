/* See energy_meter.h. A domain is a folder: intel-rapl:N is a package (on AMD, too),
 * intel-rapl:N:M a part of it. Of the parts only memory lies outside the package; psys is
 * the whole platform, packages included, and would count them twice. */
#include "sim/energy_meter.h"

#include <dirent.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* First line of a file, without its end. */
static enum error_code read_line(const char *path, char *line, int room,
                                 struct error *err)
{
    FILE *file = fopen(path, "r");
    if (!file)
        return error_set(err, ERR_IO, "%s: %s%s", path, strerror(errno),
                         errno == EACCES ? "; 'chmod a+r' on it, as root, allows it"
                                         : "");
    bool good = fgets(line, room, file) != NULL;
    fclose(file);
    if (!good)
        return error_set(err, ERR_IO, "%s: empty", path);
    line[strcspn(line, "\n")] = '\0';
    return OK;
}

static enum error_code read_number(const char *path, double *value, struct error *err)
{
    char line[64], *end = line;
    if (read_line(path, line, sizeof line, err) != OK)
        return err->code;
    double number = strtod(line, &end);
    if (end == line || *end || !(number >= 0 && number <= 1e18))
        return error_set(err, ERR_FORMAT, "%s: expected microjoules, found '%.30s'",
                         path, line);
    *value = number;
    return OK;
}

/* 1: package, 2: part of one, 0: something else. */
static int depth_of(const char *name)
{
    unsigned package, part;
    char rest;
    if (sscanf(name, "intel-rapl:%u:%u%c", &package, &part, &rest) == 2)
        return 2;
    return sscanf(name, "intel-rapl:%u%c", &package, &rest) == 1 ? 1 : 0;
}

static enum error_code add_domain(struct energy_meter *meter, const char *folder,
                                  const char *entry, struct error *err)
{
    struct meter_domain *domain = &meter->domain[meter->domains];
    char path[320], name[64];
    int depth = depth_of(entry);
    err->code = OK;
    if (depth == 0 || meter->domains == METER_DOMAINS)
        return OK;
    snprintf(path, sizeof path, "%.200s/%.80s/name", folder, entry);
    if (read_line(path, name, sizeof name, err) != OK)
        return err->code;
    if (depth == 1 ? strcmp(name, "psys") == 0 : strcmp(name, "dram") != 0)
        return OK;
    snprintf(path, sizeof path, "%.200s/%.80s/max_energy_range_uj", folder, entry);
    snprintf(domain->path, sizeof domain->path, "%.200s/%.80s/energy_uj", folder,
             entry);
    if (read_number(path, &domain->range_uj, err) == OK &&
        read_number(domain->path, &domain->last_uj, err) == OK)
        meter->domains++;
    return err->code;
}

enum error_code energy_meter_open(struct energy_meter *meter, const char *folder,
                                  struct error *err)
{
    *meter = (struct energy_meter){ 0 };
    if (!folder)
        folder = getenv("LUCCIOLA_POWERCAP");
    if (!folder)
        folder = "/sys/class/powercap";
    DIR *stream = opendir(folder);
    err->code = OK;
    if (stream) {
        for (struct dirent *entry; err->code == OK && (entry = readdir(stream));)
            add_domain(meter, folder, entry->d_name, err);
        closedir(stream);
    }
    if (err->code == OK && meter->domains == 0)
        return error_set(err, ERR_IO,
                         "this machine shows no energy counters: no intel-rapl domain "
                         "in %.200s",
                         folder);
    return err->code;
}

enum error_code energy_meter_read(struct energy_meter *meter, struct error *err)
{
    for (size_t i = 0; i < meter->domains; i++) {
        struct meter_domain *domain = &meter->domain[i];
        double now = 0;
        if (read_number(domain->path, &now, err) != OK)
            return err->code;
        double spent = now - domain->last_uj;
        meter->joules += (spent < 0 ? spent + domain->range_uj : spent) * 1e-6;
        domain->last_uj = now;
    }
    return OK;
}
