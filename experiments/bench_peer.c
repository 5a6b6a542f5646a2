/* Another program on the same model and threads: llama-bench, whose JSON names tokens
 * per second as avg_ts. */
#include "experiments/bench.h"

#include "experiments/child_program.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

/* Seconds behind a peer. A virtual machine hands freed memory back to its host for two or
 * three, and whoever ran just then would pay for it. */
static const struct timespec rest = { .tv_sec = 3 };

enum error_code bench_peer(const char *program, const char *model, int threads,
                           unsigned prompt, unsigned generate, double *figure,
                           struct error *err)
{
    char team[16], reads[16], writes[16], *text = NULL;
    int status = 0;
    snprintf(team, sizeof team, "%d", threads);
    snprintf(reads, sizeof reads, "%u", prompt);
    snprintf(writes, sizeof writes, "%u", generate);
    const char *const argv[] = { program, "-m",   model, "-t", team, "-p",   reads,
                                 "-n",    writes, "-r",  "1",  "-o", "json", NULL };
    if (child_program_capture(argv, &text, &status, err) != OK)
        return err->code;
    json_t *all = json_loads(text, 0, NULL);
    const json_t *value = json_object_get(json_array_get(all, 0), "avg_ts");
    if (status == 127)
        error_set(err, ERR_ARGUMENT, "--peer: there is no program %s", program);
    else if (status != 0)
        error_set(err, ERR_ARGUMENT, "--peer: %s ended with status %d on %s", program,
                  status, model);
    else if (!json_is_number(value) || json_number_value(value) <= 0)
        error_set(
            err, ERR_FORMAT,
            "--peer: %s: expected llama-bench's JSON with a number avg_ts above 0",
            program);
    else
        *figure = json_number_value(value);
    json_decref(all);
    free(text);
    if (err->code == OK)
        nanosleep(&rest, NULL);
    return err->code;
}
