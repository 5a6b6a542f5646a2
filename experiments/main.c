/* The command `lucciola`: a table of subcommands. The only place that prints an error
 * and the only one that picks an exit status: 0 good, 1 failed, 2 wrong usage. */
#include "experiments/command.h"

#include <gsl/gsl_errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

static int usage(FILE *out, int status)
{
    fprintf(out, "usage: lucciola <command> [options]\n\n");
    for (int i = 0; commands[i]; i++)
        fprintf(out, "  %-9s %-28s %s\n", commands[i]->name, commands[i]->arguments,
                commands[i]->summary);
    fprintf(out, "\nlucciola <command> --help lists the options of a command.\n");
    return status;
}

int main(int argc, char **argv)
{
    gsl_set_error_handler_off();
    /* A size limit is then an error of write(), as a full disk is, not a signal. */
    signal(SIGXFSZ, SIG_IGN);
    if (argc < 2)
        return usage(stderr, 2);
    if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0)
        return usage(stdout, 0);

    const struct command *command = command_find(argv[1]);
    if (!command) {
        fprintf(stderr, "lucciola: no command '%s'\n", argv[1]);
        return usage(stderr, 2);
    }
    struct error err = { 0 };
    enum error_code code = command->run(argc - 1, argv + 1, &err);
    if (code == OK && (fflush(stdout) != 0 || ferror(stdout)))
        code = error_set(&err, ERR_IO, "standard output cannot be written");
    if (code == OK)
        return 0;
    fprintf(stderr, "lucciola %s: %s\n", command->name, err.text);
    return code == ERR_ARGUMENT ? 2 : 1;
}
