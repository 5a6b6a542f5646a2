/* Spikes of our own recordings, expanded from counts where they are not stored. */
#include "sim/recording.h"
#include "sim/source_reader.h"

#include <stdio.h>
#include <stdlib.h>

struct source_state {
    struct recording recording;
    uint64_t token, start_step; /* the next token; of the one that is open */
    struct recorded_spike *spike;
    size_t length, at;
};

static void close(struct source_state *state)
{
    free(state->spike);
    if (state->recording.file)
        recording_close_reader(&state->recording);
    free(state);
}

static enum error_code open(struct spike_source *source, struct error *err)
{
    struct source_state *state = source->state = calloc(1, sizeof *state);
    if (!state)
        return error_memory(err, "a recording", sizeof *state);
    struct recording *recording = &state->recording;
    if (recording_open(recording, source->path, err) != OK)
        return err->code;
    for (uint32_t i = 0; i < recording->populations; i++) {
        struct source_population *population =
            source_add_population(source, recording->population[i].name, err);
        if (!population)
            return err->code;
        population->neurons = recording->population[i].size;
    }
    source->is_ordered = true;
    source->spikes = recording->spikes;
    source->dt_ms = recording->info.dt_ms;
    if (recording->tokens == 0)
        return OK;
    uint64_t start;
    uint32_t steps;
    struct token_column last = { .start_step = &start, .steps = &steps };
    if (recording_read_tokens(recording, recording->tokens - 1, 1, &last, err) == OK)
        source->end_ms = (double)(start + steps) * recording->info.dt_ms;
    source->has_end = true;
    return err->code;
}

static enum error_code next_token(struct source_state *state, struct error *err)
{
    struct token_column column = { .start_step = &state->start_step };
    free(state->spike);
    state->spike = NULL;
    state->length = state->at = 0;
    if (recording_read_tokens(&state->recording, state->token, 1, &column, err) != OK)
        return err->code;
    return recording_expand(&state->recording, state->token++, &state->spike,
                            &state->length, err);
}

static uint32_t population_of(const struct recording *recording, uint64_t node)
{
    uint32_t first = 0, last = recording->populations - 1;
    while (first < last) {
        uint32_t middle = first + (last - first + 1) / 2;
        if (recording->population[middle].first_node <= node)
            first = middle;
        else
            last = middle - 1;
    }
    return first;
}

static enum error_code read(struct spike_source *source, struct source_spike *spike,
                            size_t room, size_t *count, struct error *err)
{
    struct source_state *state = source->state;
    const struct recording *recording = &state->recording;
    *count = 0;
    while (*count < room) {
        if (state->at == state->length) {
            if (state->token >= recording->tokens)
                break;
            if (next_token(state, err) != OK)
                return err->code;
            continue;
        }
        const struct recorded_spike *from = &state->spike[state->at++];
        uint32_t population = population_of(recording, from->node);
        spike[(*count)++] = (struct source_spike){
            .population = population,
            .neuron = from->node - recording->population[population].first_node,
            .time_ms = (double)(state->start_step + from->step) * recording->info.dt_ms,
            .value = from->worth,
        };
    }
    return OK;
}

static enum error_code start_anew(struct spike_source *source, struct error *err)
{
    (void)err;
    struct source_state *state = source->state;
    state->token = 0;
    state->length = state->at = 0;
    return OK;
}

const struct source_reader recording_reader = {
    .format = "recording",
    .open = open,
    .read = read,
    .rewind = start_anew,
    .close = close,
    .is_surveyed = true,
};
