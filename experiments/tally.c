/* See tally.h. */
#include "experiments/tally.h"

#include "experiments/provenance.h"

#include <omp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* 8-bit products of the sites that do not spike, per row. The head is one of them: a
 * row that wants no logits is counted as if it had been generated. */
static void dense_costs(struct tally *tally)
{
    const struct session *session = tally->session;
    const struct model *model = &session->model;
    for (uint32_t s = 0; s < model->sites; s++) {
        if (session->spikes[s])
            continue;
        struct host_cost *cost = &tally->dense;
        struct dense_cost dense;
        dense_int8_cost(&model->site[s], &session->matrix[s].setting, &dense);
        op_count_add(&cost->ops[HOST_PROJECTION], &dense.ops, 1);
        cost->weight_bytes += dense.weight_bytes;
    }
}

/* The options, and the rows that stand behind --thresholds; malloc'ed. */
static char *configuration(const struct session *session)
{
    const char *rows = session->threshold_text;
    char *text = options_to_config(session->options);
    if (!text || !rows)
        return text;
    size_t length = strlen(text), more = strlen(rows);
    char *whole = realloc(text, length + more + 1);
    if (whole)
        memcpy(whole + length, rows, more + 1);
    else
        free(text);
    return whole;
}

static enum error_code open_file(struct tally *tally, const char *path,
                                 const struct record_selection *selection,
                                 const char *command, struct error *err)
{
    struct recording_plan plan = {
        .population = tally->table.population,
        .populations = tally->table.populations,
        .neurons = tally->table.neurons,
        .channels = tally->table.channels,
        .counts = selection->level >= RECORD_COUNTS,
        .spikes = selection->level >= RECORD_SPIKES,
    };
    if (tally->traces)
        plan.trace = state_traces_info(tally->traces, &plan.traces);
    plan.info.command = strdup(command);
    plan.info.config = configuration(tally->session);
    if (!plan.info.command || !plan.info.config)
        error_memory(err, "a configuration", 0);
    else if (provenance_fill(&plan.info, tally->session, err) == OK)
        recording_create(&tally->writer, path, &plan, err);
    free(plan.info.command);
    free(plan.info.config);
    return err->code;
}

static enum error_code open_traces(struct tally *tally, const char *path,
                                   const char *record, const char *trace,
                                   struct error *err)
{
    const struct spiking_settings *settings = &tally->session->spiking_settings;
    struct trace_selection selection;
    if (!trace)
        return OK;
    if (!path || strcmp(record, "none") == 0 || settings->engine != ENGINE_EVENTS)
        return error_set(err, ERR_ARGUMENT,
                         "--trace follows neurons step by step into a recording: it "
                         "needs --engine events and -o FILE");
    if (trace_selection_parse(&selection, trace, err) != OK)
        return err->code;
    return state_traces_create(&tally->traces, &selection, &tally->table,
                               settings->neuron, settings->dt_ms, tally->rows, err);
}

/* A thread writes on a core that the network leaves free. Spelling spikes out is as much
 * work as half a token, so where the network has every core one of its threads makes
 * room for as long as the writer has a burst; anything less is written between tokens. */
static void choose_thread(struct tally *tally, struct recorder_settings *recording)
{
    const int cores = omp_get_num_procs(), threads = tally->session->threads;
    tally->lends_core =
        recording->selection.level == RECORD_SPIKES && threads == cores && threads > 1;
    recording->has_thread = threads < cores || tally->lends_core;
    recording->in_bursts = tally->lends_core;
}

enum error_code tally_begin(struct tally *tally, struct session *session, size_t rows,
                            const char *path, const char *record, const char *trace,
                            const char *command, struct error *err)
{
    *tally = (struct tally){ .session = session, .rows = rows };
    const struct spiking_settings *settings = &session->spiking_settings;
    struct recorder_settings recording = {
        .table = &tally->table,
        .kernel = session->kernel,
        .rows = rows,
        .threads = session->threads,
        .closed_form = spiking_has_closed_form(settings->neuron, settings->encoder),
    };
    if (record_selection_parse(&recording.selection, record, err) != OK ||
        population_table_init(&tally->table, &session->model, settings, err) != OK ||
        record_selection_check(&recording.selection, tally->table.population,
                               tally->table.populations, err) != OK)
        return err->code;
    if (!path)
        recording.selection.level = RECORD_NONE;
    choose_thread(tally, &recording);
    if (open_traces(tally, path, record, trace, err) != OK)
        return err->code;
    dense_costs(tally);
    tally->host = calloc(rows, sizeof *tally->host);
    tally->text_length = calloc(rows, sizeof *tally->text_length);
    if (!tally->host || !tally->text_length)
        return error_memory(err, "costs", (double)(rows * sizeof *tally->host));
    if (recording.selection.level != RECORD_NONE &&
        open_file(tally, path, &recording.selection, command, err) != OK)
        return err->code;
    recording.writer = tally->writer;
    recording.traces = tally->traces;
    tally->selection = recording.selection;
    if (recorder_create(&tally->recorder, &recording, err) != OK)
        return err->code;
    struct spike_observer observer = recorder_observer(tally->recorder);
    spiking_observe(&session->spiking, &observer);
    return OK;
}

double tally_predict_bytes(const struct tally *tally, uint64_t tokens)
{
    /* 1.2 spikes per channel: what the bitwise code sends at k = 3. */
    return record_predict_bytes(&tally->selection, tally->table.population,
                                tally->table.populations, tokens, 1.2);
}

void tally_before(struct tally *tally, size_t rows, const unsigned char *wanted)
{
    if (tally->lends_core)
        thread_team_lend(tally->session->team, recorder_is_writing(tally->recorder));
    recorder_begin(tally->recorder, rows, wanted);
}

/* The bytes of the tokens, one behind another. */
static bool gather_text(struct tally *tally, size_t rows, const int32_t *token)
{
    size_t used = 0;
    for (size_t row = 0; row < rows; row++) {
        struct text text =
            tokenizer_decode(tally->session->tokenizer, token[row], true);
        if (used + text.length > tally->text_room) {
            size_t room = 2 * (used + text.length) + 4096;
            char *more = realloc(tally->text, room);
            if (!more)
                return false;
            tally->text = more;
            tally->text_room = room;
        }
        memcpy(tally->text + used, text.bytes, text.length);
        used += text.length;
        tally->text_length[row] = text.length;
    }
    return true;
}

static bool keep_spikes(struct tally *tally, size_t rows)
{
    if (tally->tokens + rows > tally->tokens_room) {
        size_t room = 2 * (tally->tokens + rows);
        double *more = realloc(tally->spikes, room * sizeof *more);
        if (!more)
            return false;
        tally->spikes = more;
        tally->tokens_room = room;
    }
    for (size_t row = 0; row < rows; row++)
        tally->spikes[tally->tokens++] =
            (double)recorder_row_spikes(tally->recorder, row);
    return true;
}

static void add_host(struct host_cost *total, const struct host_cost *part)
{
    op_count_add(&total->ops[HOST_PROJECTION], &part->ops[HOST_PROJECTION], 1);
    total->weight_bytes += part->weight_bytes;
}

enum error_code tally_after(struct tally *tally, size_t rows, const int32_t *token,
                            const struct row_id *ids, const unsigned char *kind,
                            const double *log_probability, struct error *err)
{
    for (size_t row = 0; row < rows; row++) {
        transformer_host_cost(&tally->session->model, ids[row].position,
                              &tally->host[row]);
        add_host(&tally->host[row], &tally->dense);
        if (kind[row] == TOKEN_GENERATED)
            op_count_add(&tally->host[row].ops[HOST_SAMPLING], &tally->sampling, 1);
    }
    if (!gather_text(tally, rows, token))
        return error_memory(err, "text", (double)tally->text_room);
    struct recorded_tokens tokens = {
        .id = token,
        .place = ids,
        .kind = kind,
        .log_probability = log_probability,
        .host = tally->host,
        .text = tally->text,
        .text_length = tally->text_length,
    };
    if (recorder_commit(tally->recorder, &tokens, err) != OK)
        return err->code;
    return keep_spikes(tally, rows)
               ? OK
               : error_memory(err, "spikes of tokens", 8.0 * (double)tally->tokens);
}

enum error_code tally_totals(struct tally *tally, const struct run_totals **totals,
                             struct error *err)
{
    run_totals_release(&tally->complete);
    *totals = &tally->complete;
    return run_totals_complete(&tally->complete, recorder_totals(tally->recorder), err);
}

enum error_code tally_end(struct tally *tally, struct error *err)
{
    struct error late = { 0 };
    char sha256[65] = "";
    if (tally->session && tally->session->spiking.self)
        spiking_observe(&tally->session->spiking, NULL);
    if (tally->lends_core)
        thread_team_lend(tally->session->team, 0);
    if (tally->writer) {
        enum recording_state state = RECORDING_FAILED;
        if (err->code == OK && recorder_finish(tally->recorder, &late) == OK &&
            model_file_sha256(&tally->session->model.file, sha256, &late) == OK)
            state = RECORDING_FINISHED;
        recorder_free(tally->recorder);
        tally->recorder = NULL;
        struct error closing = { 0 };
        if (recording_close(tally->writer, state, sha256, &closing) != OK &&
            late.code == OK)
            late = closing;
    }
    recorder_free(tally->recorder);
    state_traces_free(tally->traces);
    population_table_release(&tally->table);
    free(tally->host);
    free(tally->text);
    free(tally->text_length);
    free(tally->spikes);
    run_totals_release(&tally->complete);
    *tally = (struct tally){ 0 };
    if (err->code == OK && late.code != OK)
        *err = late;
    return err->code;
}
