/* `lucciola sweep`: a grid of settings on a text, into a folder that the next run goes on
 * from; tables or CSV or JSON, and pictures. */
#include "experiments/command.h"
#include "experiments/sweep.h"
#include "experiments/sweep_pictures.h"
#include "experiments/sweep_table.h"
#include "experiments/text_input.h"

#include <stdio.h>
#include <stdlib.h>

static enum error_code show(const struct sweep *sweep, const struct options *options,
                            size_t measured, struct error *err)
{
    uint64_t chosen = 1;
    const char *folder = option_text(options, "output");
    json_t *lines = sweep_lines(sweep), *rows = sweep_rows(&sweep->grid, lines);
    option_whole(options, "chosen", 1, SWEEP_POINTS_MAX, &chosen, err);
    if (option_flag(options, "json")) {
        json_print(json_incref(lines), err);
    } else if (option_flag(options, "csv")) {
        table_print_csv(rows);
    } else {
        printf("%zu windows of %u tokens, %zu scored; %zu points, %zu of them measured "
               "now\n\n",
               sweep->text.chunks, sweep->text.window,
               scoring_per_chunk(&sweep->text) * sweep->text.chunks,
               json_array_size(lines), measured);
        sweep_print_tables(rows, lines);
    }
    if (err->code == OK)
        sweep_draw(folder, &sweep->grid, lines, rows, (size_t)chosen, err);
    json_decref(lines);
    json_decref(rows);
    return err->code;
}

static enum error_code run(int argc, char **argv, struct error *err)
{
    static const struct option *const tables[] = { option_sweep, option_model,
                                                   option_spiking, option_common,
                                                   NULL };
    struct options options;
    struct sweep sweep = { 0 };
    size_t measured = 0;
    char *command = join_words(argc, argv);
    if (options_read(&options, tables, "sweep -f FILE -o FOLDER [options]",
                     "A grid of settings on a text, each point measured as 'ppl --kl' "
                     "does, with energy.\nThe options from --neuron to --dt take "
                     "lists, as --k 2,3,4 --encoder bitwise,latency;\nthe grid is "
                     "their product. --neuron all and --encoder all are all there are; "
                     "'+' joins\nsites: --spike all,attn_in+ffn_down. A second run "
                     "does what is missing: see notes/sweeps.md.",
                     0, argc, argv, err) == OK &&
        !options.help_shown) {
        if (sweep_open(&sweep, &options, command ? command : "", err) == OK &&
            sweep_run(&sweep, &measured, err) == OK)
            show(&sweep, &options, measured, err);
        sweep_close(&sweep);
    }
    free(command);
    options_release(&options);
    return err->code;
}

const struct command sweep_command = {
    .name = "sweep",
    .arguments = "-f FILE -o FOLDER --k 2,3,4",
    .summary = "a grid of settings: perplexity, sparsity, energy",
    .run = run,
};
