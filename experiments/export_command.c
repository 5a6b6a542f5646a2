/* `lucciola export`: the spikes of a recording, or the matrices of a model, in formats of
 * other tools. */
#include "experiments/command.h"
#include "experiments/nir_export.h"
#include "experiments/options.h"
#include "sim/export.h"
#include "sim/recording.h"

#include <stdio.h>
#include <string.h>

static const struct option option_export[] = {
    { "to", 0, "FORMAT", "sonata, csv, nirdata or nest; of a model: nir", NULL },
    { "site", 0, "LIST", "of a model: L07.ffn_down,... (with --to nir)", NULL },
    { "output", 'o', "FILE",
      "where to (default: the recording's name with another ending)", NULL },
    { 0 },
};

struct format {
    const char *name, *ending;
    enum error_code (*write)(const struct recording *recording, const char *path,
                             struct error *err);
};

static const struct format formats[] = {
    { "csv", ".csv", export_csv },
    { "nest", ".dat", export_nest },
    { "nirdata", ".nirdata.h5", export_nirdata },
    { "sonata", ".sonata.h5", export_sonata },
};

static const struct format *find(const char *name)
{
    for (size_t i = 0; name && i < sizeof formats / sizeof formats[0]; i++)
        if (strcmp(formats[i].name, name) == 0)
            return &formats[i];
    return NULL;
}

static enum error_code convert(const struct options *options, struct error *err)
{
    const char *name = option_text(options, "to");
    const struct format *format = find(name);
    if (options->operands != 1)
        return error_set(err, ERR_ARGUMENT, "a recording is needed");
    if (name && strcmp(name, "nir") == 0)
        return nir_export(options, err);
    if (option_is_given(options, "site"))
        return error_set(err, ERR_ARGUMENT, "--site has a meaning with --to nir only");
    if (!format)
        return error_set(err, ERR_ARGUMENT,
                         "--to: expected sonata, csv, nirdata, nest or nir, found "
                         "'%s'",
                         name ? name : "nothing");
    const char *from = options->operand[0], *to = option_text(options, "output");
    char path[1024];
    size_t length = strlen(from);
    if (length > 3 && strcmp(from + length - 3, ".h5") == 0)
        length -= 3;
    if (!to && (size_t)snprintf(path, sizeof path, "%.*s%s", (int)length, from,
                                format->ending) >= sizeof path)
        return error_set(err, ERR_ARGUMENT, "name the output with -o");
    to = to ? to : path;

    struct recording recording;
    if (recording_open(&recording, from, err) != OK)
        return err->code;
    if (recording.was_repaired)
        fprintf(stderr, "%s: the run was killed; its flag is cleared\n", from);
    if (format->write(&recording, to, err) == OK)
        printf("%s\n", to);
    recording_close_reader(&recording);
    return err->code;
}

static enum error_code run(int argc, char **argv, struct error *err)
{
    static const struct option *const tables[] = { option_export, option_common, NULL };
    struct options options;
    if (options_read(
            &options, tables, "export RUN.h5 --to FORMAT",
            "Writes the spikes of a recording, or the matrices of a model, for "
            "other tools.",
            1, argc, argv, err) == OK &&
        !options.help_shown)
        convert(&options, err);
    options_release(&options);
    return err->code;
}

const struct command export_command = {
    .name = "export",
    .arguments = "RUN.h5 --to FORMAT",
    .summary = "write the spikes for other tools",
    .run = run,
};
