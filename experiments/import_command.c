/* `lucciola import`: spikes of other tools as a recording of ours. */
#include "experiments/command.h"
#include "experiments/foreign_spikes.h"
#include "experiments/options.h"

#include <stdio.h>
#include <stdlib.h>

static const struct option option_import[] = {
    { "output", 'o', "FILE", "the recording to write", NULL },
    { "dt", 0, "MS", "step that times are rounded to (default: the file's, else 0.1)",
      NULL },
    { "size", 0, "N",
      "neurons of every population (default: as the file says or shows)", NULL },
    { "memory", 0, "MB", "most memory for sorting a file that is not in order of time",
      "1024" },
    { 0 },
};

static enum error_code convert(const struct options *options, struct error *err)
{
    const char *to = option_text(options, "output");
    if (options->operands != 1)
        return error_set(err, ERR_ARGUMENT, "a file of spikes is needed");
    if (!to)
        return error_set(err, ERR_ARGUMENT, "name the recording with -o");
    struct import_settings settings = { .dt_ms = 0 };
    uint64_t megabytes;
    if ((option_is_given(options, "dt") &&
         option_number(options, "dt", 1e-6, 1e6, &settings.dt_ms, err) != OK) ||
        (option_is_given(options, "size") &&
         option_whole(options, "size", 1, SOURCE_MOST_NEURONS, &settings.neurons,
                      err) != OK) ||
        option_whole(options, "memory", 1, 1 << 24, &megabytes, err) != OK)
        return err->code;
    settings.sort_bytes = megabytes << 20;

    struct spike_source source;
    struct import_result result;
    if (spike_source_open(&source, options->operand[0], err) != OK)
        return err->code;
    char command[] = "lucciola import";
    settings.info.command = command;
    settings.info.config = options_to_config(options);
    if (!settings.info.config)
        error_memory(err, "a configuration", 0);
    else if (foreign_import(&source, to, &settings, &result, err) == OK) {
        foreign_describe(&source, &result);
        printf("%s\n", to);
    }
    free(settings.info.config);
    spike_source_close(&source);
    return err->code;
}

static enum error_code run(int argc, char **argv, struct error *err)
{
    static const struct option *const tables[] = { option_import, option_common, NULL };
    struct options options;
    if (options_read(&options, tables, "import FILE -o RUN.h5",
                     "Makes a recording of spikes in SONATA, NIRData, CSV or NEST's "
                     "ASCII.",
                     1, argc, argv, err) == OK &&
        !options.help_shown)
        convert(&options, err);
    options_release(&options);
    return err->code;
}

const struct command import_command = {
    .name = "import",
    .arguments = "FILE -o RUN.h5",
    .summary = "make a recording of another tool's spikes",
    .run = run,
};
