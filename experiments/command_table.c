/* See command.h. */
#include "experiments/command.h"

#include <stddef.h>
#include <string.h>

extern const struct command tokens_command;

const struct command *const commands[] = {
    &tokens_command,
    NULL,
};

const struct command *command_find(const char *name)
{
    for (int i = 0; commands[i]; i++)
        if (strcmp(commands[i]->name, name) == 0)
            return commands[i];
    return NULL;
}
