/* What silence pays: the same tokens at rising dead zones, the projections alone and the
 * whole token, against our own dense INT8 network, with the perplexity of every setting
 * beside its speed where there is a text to measure it on. */
#include "experiments/bench.h"

#include "experiments/drawing.h"
#include "experiments/measuring.h"
#include "experiments/text_input.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

enum { ZONES_MAX = 24 };

struct setting {
    struct bench *bench;
    double dead_zone; /* below 0: the dense network */
    struct bench_silence silence;
    double perplexity, perplexity_error; /* NaN: not measured */
    const char *peer;                    /* model of the peer; NULL: ours */
};

static enum error_code read_zones(const struct options *options, double zone[ZONES_MAX],
                                  size_t *count, struct error *err)
{
    const char *text = option_text(options, "dead-zones");
    *count = 0;
    for (const char *at = text;; at++) {
        char *end = NULL;
        double value = strtod(at, &end);
        if (end == at || (*end != ',' && *end) || !(value >= 0 && value < 1e6) ||
            *count == ZONES_MAX)
            return error_set(err, ERR_ARGUMENT,
                             "--dead-zones: expected up to %d numbers of 0 and more, "
                             "found '%s'",
                             ZONES_MAX, text);
        zone[(*count)++] = value;
        at = end;
        if (!*end)
            return OK;
    }
}

static enum error_code choose(const struct setting *setting, struct error *err)
{
    struct session *session = &setting->bench->session;
    session->precision = setting->dead_zone < 0 ? PRECISION_INT8 : PRECISION_SPIKING;
    if (setting->dead_zone < 0)
        return OK;
    session->spiking_settings.threshold.dead_zone = setting->dead_zone;
    return session_set_k(session, session->spiking_settings.threshold.k, err);
}

/* Projections of sites that spike, and whole tokens, per second. */
static enum error_code time_setting(const struct entrant *entrant,
                                    double figure[BENCH_FIGURES], struct error *err)
{
    const struct setting *setting = entrant->context;
    struct bench *bench = setting->bench;
    struct timed_projector timed;
    if (setting->peer)
        return bench_peer(option_text(bench->options, "peer"), setting->peer,
                          bench->session.threads, 0, (unsigned)bench->forced_count,
                          &figure[1], err);
    if (choose(setting, err) != OK)
        return err->code;
    timed_projector_init(&timed, session_projector(&bench->session),
                         bench->session.spikes);
    if (bench_generate(bench, &timed.projector, &figure[1], err) == OK)
        figure[0] = (double)bench->forced_count / timed.seconds;
    return err->code;
}

static enum error_code measure_text(struct bench *bench, struct setting *setting,
                                    size_t count, struct error *err)
{
    char *bytes = NULL;
    size_t length = 0;
    uint64_t chunks = 0;
    struct scoring_text text = { 0 };
    err->code = OK;
    if (!option_text(bench->options, "file"))
        return OK;
    if (option_whole(bench->options, "chunks", 0, UINT32_MAX, &chunks, err) != OK ||
        text_read(bench->options, &bytes, &length, err) != OK)
        return err->code;
    if (scoring_prepare(&text, &bench->session, bytes, length, (uint32_t)bench->whole,
                        chunks, err) == OK)
        for (size_t i = 0; i < count && err->code == OK; i++) {
            struct scoring_result result = { 0 };
            struct measuring measuring = { .session = &bench->session,
                                           .text = &text,
                                           .record = "counters",
                                           .command = "bench" };
            json_t *row = json_object();
            if (choose(&setting[i], err) == OK)
                measure_setting(&measuring, row, &result, err);
            setting[i].perplexity =
                json_number_value(json_object_get(row, "perplexity"));
            setting[i].perplexity_error =
                json_number_value(json_object_get(row, "perplexity_error"));
            json_decref(row);
            scoring_result_release(&result);
        }
    scoring_release(&text);
    free(bytes);
    return err->code;
}

static json_t *row_of(const struct entrant *entrant, const struct entrant *dense,
                      const struct entrant *peer)
{
    const struct setting *setting = entrant->context;
    double projections = entrant->figure[0].median / dense->figure[0].median;
    bool is_peer = setting->peer != NULL, is_dense = setting->dead_zone < 0;
    json_t *row = json_object();
    json_object_set_new(row, "name", json_string(entrant->name));
    if (!is_peer) {
        double fetched = is_dense ? 1 : setting->silence.fetched;
        json_object_set_new(row, "silent",
                            json_number(is_dense ? 0 : setting->silence.silent));
        json_object_set_new(row, "fetched", json_number(fetched));
        json_object_set_new(row, "perplexity", json_number(setting->perplexity));
        json_object_set_new(row, "perplexity_error",
                            json_number(setting->perplexity_error));
        json_object_set_new(row, "projections", json_number(projections));
        json_object_set_new(row, "of_silence", json_number(projections * fetched));
    }
    json_object_set_new(row, "tokens_per_second",
                        json_number(entrant->figure[1].median));
    json_object_set_new(row, "lowest", json_number(entrant->figure[1].lowest));
    json_object_set_new(row, "to_dense",
                        json_number(entrant->figure[1].median /
                                    dense->figure[1].median));
    if (peer)
        json_object_set_new(row, "to_peer",
                            json_number(entrant->figure[1].median /
                                        peer->figure[1].median));
    return row;
}

/* Speed against perplexity, the peer as a line. */
static enum error_code draw(const struct bench *bench, const json_t *rows,
                            struct error *err)
{
    struct drawing drawing;
    const char *png = option_text(bench->options, "png");
    if (!png || !option_text(bench->options, "file"))
        return OK;
    if (drawing_open(&drawing, png, 1200, 750, err) != OK)
        return err->code;
    FILE *file = drawing.file;
    fprintf(file,
            "set xlabel 'perplexity (lower is better)'\n"
            "set ylabel 'decoding, tokens per second / dense INT8'\nset key top left\n"
            "$spiking << E\n");
    size_t i;
    json_t *row;
    double peer = (double)NAN, dense = (double)NAN, lowest = (double)NAN;
    json_array_foreach(rows, i, row)
    {
        const double speed = json_number_value(json_object_get(row, "to_dense"));
        const json_t *perplexity = json_object_get(row, "perplexity");
        if (!perplexity) {
            peer = isnan(peer) ? speed : peer;
            continue;
        }
        lowest = fmin(lowest, json_number_value(perplexity));
        if (i == 0)
            dense = json_number_value(perplexity);
        else
            fprintf(file, "%g %g %.0f%%\n", json_number_value(perplexity), speed,
                    100 * json_number_value(json_object_get(row, "silent")));
    }
    /* Beyond four times as much nobody would call it a language model. */
    fprintf(file, "E\nset logscale x\nset xrange [%g:%g]\n", 0.95 * lowest, 4 * dense);
    fprintf(file,
            "set xtics (5,7,10,15,20,25,30,40,50,60,80,100,150,200,300,500,1000)\n");
    fprintf(file, "set label 1 '' at %g,1 point pt 5 ps 2\n", dense);
    fprintf(
        file,
        "plot $spiking using 1:2 with linespoints lw 2 pt 7 title 'spiking, by share "
        "of silent channels', '' using 1:2:3 with labels left offset 1,-0.5 notitle, 1 "
        "with "
        "lines dt 2 title 'dense INT8'");
    if (!isnan(peer))
        fprintf(file, ", %g with lines dt 3 lw 2 title 'peer'", peer);
    fputc('\n', file);
    return drawing_finish(&drawing, err);
}

static enum error_code run(struct bench *bench, json_t *rows, struct error *err)
{
    struct setting setting[ZONES_MAX + 2];
    struct entrant entrant[ZONES_MAX + 2] = { 0 };
    double zone[ZONES_MAX];
    size_t zones = 0, count;
    if (drawing_check(option_text(bench->options, "png"), err) != OK ||
        read_zones(bench->options, zone, &zones, err) != OK)
        return err->code;
    count = 1 + zones;
    for (size_t i = 0; i < count; i++) {
        setting[i] = (struct setting){ .bench = bench,
                                       .dead_zone = i ? zone[i - 1] : -1,
                                       .perplexity = (double)NAN,
                                       .perplexity_error = (double)NAN };
        snprintf(entrant[i].name, sizeof entrant[i].name,
                 i ? "k %g, dead zone %g" : "dense INT8",
                 bench->session.spiking_settings.threshold.k, setting[i].dead_zone);
        if (i > 0 && (choose(&setting[i], err) != OK ||
                      bench_watch(bench, &setting[i].silence, err) != OK))
            return err->code;
    }
    if (measure_text(bench, setting, count, err) != OK)
        return err->code;
    if (option_text(bench->options, "peer")) {
        const char *model = option_text(bench->options, "peer-model");
        setting[count] =
            (struct setting){ bench, .peer = model ? model : bench->model_path };
        snprintf(entrant[count++].name, sizeof entrant[0].name, "peer");
    }
    for (size_t i = 0; i < count; i++) {
        entrant[i].context = &setting[i];
        entrant[i].time = time_setting;
    }
    if (bench_turns(entrant, count, bench->rounds, err) != OK)
        return err->code;
    for (size_t i = 0; i < count; i++)
        json_array_append_new(rows,
                              row_of(&entrant[i], &entrant[0],
                                     count > 1 + zones ? &entrant[count - 1] : NULL));
    return draw(bench, rows, err);
}

static const struct column columns[] = {
    { "name", "setting", -24, -1, false },
    { "silent", "silent", 8, 1, true },
    { "fetched", "fetched", 8, 1, true },
    { "perplexity", "perplexity", 10, 2, false },
    { "perplexity_error", "+-", 6, 2, false },
    { "projections", "projections", 11, 2, false },
    { "of_silence", "x fetched", 9, 3, false },
    { "tokens_per_second", "tokens/s", 9, 1, false },
    { "to_dense", "to dense", 9, 2, false },
    { "to_peer", "to peer", 8, 2, false },
    { 0 },
};

const struct bench_section bench_silence = {
    .name = "silence",
    .summary = "what silence pays, with its perplexity where -f names a text",
    .needs_model = true,
    .columns = columns,
    .note =
        "silent: channels with count 0 / channels; fetched: weights in rows of active "
        "channels / weights, both of the sites that spike; projections: their speed "
        "to the dense network's; x fetched: that times fetched, 1 would be in full "
        "proportion to the silence",
    .run = run,
};
