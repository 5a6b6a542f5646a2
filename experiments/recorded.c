/* See recorded.h. */
#include "experiments/recorded.h"

#include "experiments/spiking_options.h"

#include <stdio.h>
#include <string.h>

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
        weight_group_read(&run->options, &run->weight_group, err) != OK ||
        run_totals_init(&run->totals, recording->population, recording->populations,
                        err) != OK ||
        run_totals_read(&run->totals, recording, 0, recording->tokens, err) != OK)
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
