/* See command.h. */
#include "experiments/command.h"

#include <stddef.h>
#include <string.h>

extern const struct command bench_command, claims_command, encoders_command,
    energy_command, export_command, import_command, info_command, network_command,
    neurons_command, pack_command, ppl_command, profiles_command, run_command,
    stats_command, sweep_command, tokens_command, tune_command, view_command;

const struct command *const commands[] = {
    &bench_command,
    &claims_command,
    &encoders_command,
    &energy_command,
    &export_command,
    &import_command,
    &info_command,
    &network_command,
    &neurons_command,
    &pack_command,
    &ppl_command,
    &profiles_command,
    &run_command,
    &stats_command,
    &sweep_command,
    &tokens_command,
    &tune_command,
    &view_command,
    NULL, /* the end */
};

const struct command *command_find(const char *name)
{
    for (int i = 0; commands[i]; i++)
        if (strcmp(commands[i]->name, name) == 0)
            return commands[i];
    return NULL;
}
