/* The event queue's rate: synaptic operations (a spike reaching a target) per second and
 * thread, everything the engine does included: coding, neurons, queue, decoding. */
#include "experiments/bench.h"

#include <stdio.h>

struct counted {
    struct bench *bench;
    enum engine engine;
    double sop; /* a token */
};

static enum error_code set_engine(const struct counted *counted, struct error *err)
{
    struct session *session = &counted->bench->session;
    session->spiking_settings.engine = counted->engine;
    return session_set_k(session, session->spiking_settings.threshold.k, err);
}

static enum error_code time_engine(const struct entrant *entrant,
                                   double figure[BENCH_FIGURES], struct error *err)
{
    const struct counted *counted = entrant->context;
    struct bench *bench = counted->bench;
    struct timed_projector timed;
    if (set_engine(counted, err) != OK)
        return err->code;
    timed_projector_init(&timed, &bench->session.spiking, bench->session.spikes);
    if (bench_generate(bench, &timed.projector, &figure[1], err) == OK)
        figure[0] = counted->sop * (double)bench->forced_count / timed.seconds /
                    bench->session.threads / 1e9;
    return err->code;
}

static enum error_code run(struct bench *bench, json_t *rows, struct error *err)
{
    struct counted counted[] = { { bench, ENGINE_EVENTS, 0 },
                                 { bench, ENGINE_COUNTS, 0 } };
    enum { ENGINES = sizeof counted / sizeof counted[0] };
    struct entrant entrant[ENGINES] = { 0 };
    struct session *session = &bench->session;
    const struct spiking_settings *settings = &session->spiking_settings;
    const enum engine asked = settings->engine;
    struct bench_silence silence;
    const size_t count =
        spiking_has_closed_form(settings->neuron, settings->encoder) ? ENGINES : 1;
    session->precision = PRECISION_SPIKING;
    if (bench_watch(bench, &silence, err) != OK)
        return err->code;
    for (size_t i = 0; i < count; i++) {
        counted[i].sop = silence.sop;
        entrant[i].context = &counted[i];
        entrant[i].time = time_engine;
        snprintf(entrant[i].name, sizeof entrant[i].name, "%s, %s, %s",
                 i ? "counts" : "events", settings->neuron->name,
                 settings->encoder->name);
    }
    if (bench_turns(entrant, count, bench->rounds, err) != OK)
        return err->code;
    for (size_t i = 0; i < count; i++) {
        json_t *row = bench_row(&entrant[i]);
        json_object_set_new(row, "sop", json_number(counted[i].sop));
        json_object_set_new(row, "tokens_per_second",
                            json_number(entrant[i].figure[1].median));
        json_array_append_new(rows, row);
    }
    session->spiking_settings.engine = asked;
    return session_set_k(session, settings->threshold.k, err);
}

static const struct column columns[] = {
    { "name", "engine", -32, -1, false },
    { "median", "GSOP/s/thread", 13, 2, false },
    { "lowest", "lowest", 8, 2, false },
    { "highest", "highest", 8, 2, false },
    { "sop", "SOP/token", 11, 0, false },
    { "tokens_per_second", "tokens/s", 9, 1, false },
    { 0 },
};

const struct bench_section bench_events = {
    .name = "events",
    .summary = "synaptic operations per second of the event queue",
    .needs_model = true,
    .columns = columns,
    .note =
        "SOP: spikes times fan-out, by the code and not by the engine; GSOP/s/thread: "
        "10^9 of them over the time of the sites that spike and the threads",
    .run = run,
};
