/* The command `lucciola`: a table of subcommands. The only place that prints an error
 * and the only one that picks an exit status: 0 good, 1 failed, 2 wrong usage. */
#include "base/version.h"
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
    fprintf(out, "\nlucciola <command> --help lists the options of a command; "
                 "lucciola --version.\n");
    return status;
}

/* On one line, whatever bytes a name in it brought along. */
static void print_error(const struct command *command, const struct error *err)
{
    fprintf(stderr, "lucciola%s%s: ", command ? " " : "", command ? command->name : "");
    for (const char *c = err->text; *c; c++)
        fputc((unsigned char)*c < ' ' || *c == 127 ? '?' : *c, stderr);
    fputc('\n', stderr);
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
    if (strcmp(argv[1], "--version") == 0) {
        printf("lucciola %s (%s)\n", version_number, version_commit);
        return 0;
    }

    struct error err = { 0 };
    const struct command *command = command_find(argv[1]);
    if (!command) {
        error_set(&err, ERR_ARGUMENT, "no command '%.60s'; lucciola --help lists them",
                  argv[1]);
        print_error(NULL, &err);
        return 2;
    }
    enum error_code code = command->run(argc - 1, argv + 1, &err);
    if (code == OK && (fflush(stdout) != 0 || ferror(stdout)))
        code = error_set(&err, ERR_IO, "standard output cannot be written");
    if (code == OK)
        return 0;
    print_error(command, &err);
    return code == ERR_ARGUMENT ? 2 : 1;
}
