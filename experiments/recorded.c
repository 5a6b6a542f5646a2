/* See recorded.h. */
#include "experiments/recorded.h"

#include "experiments/spiking_options.h"

#include <stdio.h>
#include <string.h>

static enum error_code read_totals(struct recorded *run, struct error *err)
{
    const struct recording *recording = &run->recording;
    struct run_totals ran = { 0 };
    if (run_totals_init(&ran, recording->population, recording->populations, err) ==
            OK &&
        run_totals_read(&ran, recording, 0, recording->tokens, err) == OK)
        run_totals_complete(&run->totals, &ran, err);
    run_totals_release(&ran);
    return err->code;
}

enum error_code recorded_open(struct recorded *run, const char *path, struct error *err)
{
    static const struct option *const tables[] = { option_model, option_spiking, NULL };
    *run = (struct recorded){ 0 };
    if (recording_open(&run->recording, path, err) != OK)
        return err->code;
    const struct recording *recording = &run->recording;
    if (recording->was_repaired)
        fprintf(stderr, "%s: the run was killed; its flag is cleared\n", path);
    if (recording->tokens == 0)
        return error_set(err, ERR_FORMAT, "%s: no token is recorded", path);
    if (options_recall(&run->options, tables, recording->info.config, err) != OK ||
        spiking_settings_read(&run->options, &run->settings, err) != OK ||
        weights_read(&run->options, &run->weights, err) != OK ||
        read_totals(run, err) != OK)
        return error_wrap(err, "%s", path);
    return OK;
}

void recorded_close(struct recorded *run)
{
    run_totals_release(&run->totals);
    if (run->recording.file)
        recording_close_reader(&run->recording);
    options_release(&run->options);
    *run = (struct recorded){ 0 };
}
