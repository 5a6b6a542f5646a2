/* The recorder: what a projector reports, against a recording written directly. */
#include "encoders/encoder.h"
#include "sim/recorder.h"
#include "tests/suites.h"
#include "tests/synthetic_recording.h"
#include "tests/temporary_path.h"

#include <math.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

enum { CHANNELS = 60, BATCHES = 9, ROWS = 4, TOKENS = BATCHES * ROWS };

/* Four tokens of a synthetic run, held for a batch. */
struct batch {
    int32_t *count[ROWS];
    struct site_counters site[ROWS][4];
    struct host_cost host[ROWS];
    int32_t id[ROWS];
    unsigned char wanted[ROWS], kind[ROWS];
    struct row_id place[ROWS];
};

static void take_batch(struct synthetic *synthetic, struct batch *batch)
{
    size_t bytes = synthetic->plan.channels * sizeof(int32_t);
    for (int row = 0; row < ROWS; row++) {
        synthetic_next(synthetic);
        memcpy(batch->count[row], synthetic->count, bytes);
        memcpy(batch->site[row], synthetic->site, sizeof batch->site[row]);
        batch->host[row] = synthetic->host;
        batch->id[row] = synthetic->id;
        batch->wanted[row] = !isnan(synthetic->site[3].threshold);
        batch->place[row] = (struct row_id){ 0, (uint32_t)synthetic->tokens - 1 };
        batch->kind[row] = batch->place[row].position > 2;
    }
}

/* Events of a row before its site, as the engine `events` sends them. */
static enum error_code send_events(const struct spike_observer *observer, uint32_t site,
                                   size_t row, const struct population_info *population,
                                   const int32_t *count, unsigned steps,
                                   struct error *err)
{
    const struct encoder *code = encoder_find(population->encoder);
    uint32_t per_channel = code->neurons_per_channel;
    struct code_event event[512];
    for (uint64_t i = 0; i < population->channels; i++) {
        uint32_t length = count[i] ? code->train(count[i], steps, event) : 0;
        for (uint32_t k = 0; k < length; k++)
            if (observer->event(observer->context, site, row, event[k].step,
                                (uint32_t)i * per_channel + event[k].neuron,
                                event[k].worth, err) != OK)
                return err->code;
    }
    return OK;
}

/* Site by site, rows in order; the last site sees the wanted rows only. */
static void report(const struct spike_observer *observer, const struct batch *batch,
                   const struct synthetic *synthetic, bool events)
{
    struct error err = { 0 };
    for (uint32_t site = 0; site < 4; site++) {
        const struct population_info *population = &synthetic->population[site];
        size_t reported = 0;
        for (int row = 0; row < ROWS; row++) {
            const struct site_counters *counters = &batch->site[row][site];
            const int32_t *count = batch->count[row] + population->first_channel;
            if (isnan(counters->threshold))
                continue;
            if (events)
                CU_ASSERT_EQUAL(send_events(observer, site, reported, population, count,
                                            (unsigned)counters->n[COUNT_STEPS], &err),
                                OK);
            CU_ASSERT_EQUAL(observer->site(observer->context, site, reported, count,
                                           counters, &err),
                            OK);
            reported++;
        }
    }
}

/* Spikes come from counts, written as they come or several tokens at once, or as
 * events. */
enum way { AT_ONCE, IN_BURSTS, BY_EVENTS };

/* Runs a whole synthetic run through a recorder; `totals` may be NULL. */
static void record(const char *path, const char *selection, enum way way,
                   struct site_total totals[4])
{
    struct synthetic synthetic;
    struct batch batch;
    struct error err = { 0 };
    struct recorder *recorder;
    struct recorder_settings settings = { .kernel = kernels[0],
                                          .rows = ROWS,
                                          .closed_form = way != BY_EVENTS,
                                          .has_thread = way != BY_EVENTS,
                                          .in_bursts = way == IN_BURSTS,
                                          .threads = 3 };
    CU_ASSERT_EQUAL_FATAL(record_selection_parse(&settings.selection, selection, &err),
                          OK);
    CU_ASSERT_FATAL(synthetic_init(&synthetic, "binary", CHANNELS,
                                   settings.selection.level >= RECORD_COUNTS,
                                   settings.selection.level == RECORD_SPIKES));
    synthetic.drops_head = true;
    int32_t of_site[4] = { 0, 1, 2, 3 };
    const struct population_table table = { .population = synthetic.population,
                                            .populations = 4,
                                            .of_site = of_site,
                                            .sites = 4,
                                            .neurons = synthetic.plan.neurons,
                                            .channels = synthetic.plan.channels };
    settings.table = &table;
    if (path)
        CU_ASSERT_EQUAL_FATAL(recording_create(&settings.writer, path, &synthetic.plan,
                                               &err),
                              OK);
    CU_ASSERT_EQUAL_FATAL(recorder_create(&recorder, &settings, &err), OK);
    const struct spike_observer observer = recorder_observer(recorder);
    for (int row = 0; row < ROWS; row++)
        batch.count[row] = malloc(table.channels * sizeof(int32_t));
    for (int i = 0; i < BATCHES; i++) {
        take_batch(&synthetic, &batch);
        const struct recorded_tokens tokens = { .id = batch.id,
                                                .place = batch.place,
                                                .kind = batch.kind,
                                                .host = batch.host,
                                                .text = "abbcccdddd",
                                                .text_length =
                                                    (const uint64_t[]){ 1, 2, 3, 4 } };
        recorder_begin(recorder, ROWS, batch.wanted);
        report(&observer, &batch, &synthetic, way == BY_EVENTS);
        CU_ASSERT_EQUAL(recorder_commit(recorder, &tokens, &err), OK);
    }
    CU_ASSERT_EQUAL(recorder_finish(recorder, &err), OK);
    CU_ASSERT_EQUAL(recorder_totals(recorder)->tokens, TOKENS);
    if (totals)
        memcpy(totals, recorder_totals(recorder)->site, 4 * sizeof *totals);
    CU_ASSERT_EQUAL(recording_close(settings.writer, RECORDING_FINISHED, "", &err), OK);
    for (int row = 0; row < ROWS; row++)
        free(batch.count[row]);
    recorder_free(recorder);
    synthetic_release(&synthetic);
}

static uint64_t differing_spikes(const struct recording *a, const struct recording *b,
                                 uint64_t token)
{
    struct error err = { 0 };
    struct recorded_spike *one = NULL, *other = NULL;
    size_t length = 0, other_length = 1;
    CU_ASSERT_EQUAL(recording_expand(a, token, &one, &length, &err), OK);
    CU_ASSERT_EQUAL(recording_expand(b, token, &other, &other_length, &err), OK);
    uint64_t differ = length != other_length;
    for (size_t i = 0; i < length && !differ; i++)
        differ += one[i].node != other[i].node || one[i].step != other[i].step ||
                  one[i].worth != other[i].worth;
    free(one);
    free(other);
    return differ;
}

/* Counts with overflow, rows the head skipped, text: against the synthetic run. */
static void recorded_counts_are_those_reported(void)
{
    struct recording found;
    struct synthetic synthetic;
    struct error err = { 0 };
    struct site_counters site[4];
    uint64_t wrong = 0, offset[TOKENS + 1];
    char text[11] = "";
    const char *path = temporary_path("recorder.h5");
    record(path, "counts", AT_ONCE, NULL);
    CU_ASSERT_EQUAL_FATAL(recording_open(&found, path, &err), OK);
    CU_ASSERT_EQUAL_FATAL(found.tokens, TOKENS);
    CU_ASSERT(found.overflows > 0 && found.totals_tokens == TOKENS);
    CU_ASSERT(synthetic_init(&synthetic, "binary", CHANNELS, true, false));
    synthetic.drops_head = true;
    int32_t *count = malloc(found.channels * sizeof *count);
    for (uint64_t token = 0; token < TOKENS; token++) {
        synthetic_next(&synthetic);
        CU_ASSERT_EQUAL(recording_read_counts(&found, token, count, &err), OK);
        CU_ASSERT_EQUAL(recording_read_counters(&found, token, 1, site, &err), OK);
        wrong += memcmp(count, synthetic.count, found.channels * sizeof *count) != 0;
        for (int i = 0; i < 4; i++)
            wrong += memcmp(site[i].n, synthetic.site[i].n, sizeof site[i].n) != 0;
        wrong += isnan(site[3].threshold) != (token % 2 == 1);
    }
    CU_ASSERT_EQUAL(wrong, 0);
    struct token_column column = { .text_offset = offset };
    CU_ASSERT_EQUAL(recording_read_tokens(&found, 0, TOKENS, &column, &err), OK);
    CU_ASSERT_EQUAL(offset[TOKENS], 10 * BATCHES);
    CU_ASSERT_EQUAL(recording_read_text(&found, 20, 30, text, &err), OK);
    CU_ASSERT_STRING_EQUAL(text, "abbcccdddd");
    free(count);
    recording_close_reader(&found);
    synthetic_release(&synthetic);
}

/* Spikes from the closed form, from events, and expanded later are the same. */
static void four_ways_to_the_same_spikes(void)
{
    enum { WAYS = 4 };
    static const struct {
        const char *name, *selection;
        enum way way;
    } ways[WAYS] = { { "closed.h5", "spikes", AT_ONCE },
                     { "bursts.h5", "spikes", IN_BURSTS },
                     { "events.h5", "spikes", BY_EVENTS },
                     { "expanded.h5", "counts", IN_BURSTS } };
    struct recording found[WAYS];
    struct error err = { 0 };
    uint64_t differ = 0;
    for (int i = 0; i < WAYS; i++) {
        const char *path = temporary_path(ways[i].name);
        record(path, ways[i].selection, ways[i].way, NULL);
        CU_ASSERT_EQUAL_FATAL(recording_open(&found[i], path, &err), OK);
    }
    for (uint64_t token = 0; token < TOKENS; token++)
        for (int i = 1; i < WAYS; i++)
            differ += differing_spikes(&found[0], &found[i], token);
    CU_ASSERT_EQUAL(differ, 0);
    CU_ASSERT(found[0].spikes > 1000);

    size_t room = found[0].channels * (COUNT_BINS + 2);
    uint64_t *total[WAYS];
    for (int i = 0; i < WAYS; i++) {
        total[i] = calloc(room, sizeof **total);
        CU_ASSERT_EQUAL(recording_read_totals(&found[i], total[i],
                                              total[i] + found[i].channels,
                                              total[i] + 2 * found[i].channels, &err),
                        OK);
        CU_ASSERT_EQUAL(memcmp(total[i], total[0], room * sizeof **total), 0);
        recording_close_reader(&found[i]);
    }
    for (int i = 0; i < WAYS; i++)
        free(total[i]);
}

static void a_selection_keeps_what_it_names(void)
{
    struct recording all, some;
    struct error err = { 0 };
    record(temporary_path("all.h5"), "spikes", AT_ONCE, NULL);
    record(temporary_path("some.h5"), "spikes:L00,head:3-5", IN_BURSTS, NULL);
    CU_ASSERT_EQUAL_FATAL(recording_open(&all, temporary_path("all.h5"), &err), OK);
    CU_ASSERT_EQUAL_FATAL(recording_open(&some, temporary_path("some.h5"), &err), OK);
    uint64_t from = all.population[2].first_node, to = all.population[3].first_node;
    for (uint64_t token = 0; token < TOKENS; token++) {
        struct recorded_spike *spike, *kept;
        size_t length, kept_length, at = 0;
        CU_ASSERT_EQUAL(recording_expand(&all, token, &spike, &length, &err), OK);
        CU_ASSERT_EQUAL(recording_expand(&some, token, &kept, &kept_length, &err), OK);
        for (size_t i = 0; i < length && token >= 3 && token <= 5; i++)
            if (spike[i].node < from || spike[i].node >= to)
                at += at < kept_length && kept[at].node == spike[i].node;
        CU_ASSERT_EQUAL(at, kept_length);
        free(spike);
        free(kept);
    }
    CU_ASSERT(some.spikes > 0 && some.spikes < all.spikes);
    recording_close_reader(&some);
    recording_close_reader(&all);
}

/* Totals without a file, with counts, and read back are the same numbers. */
static void totals_agree_with_and_without_a_file(void)
{
    struct site_total without[4], with[4];
    struct run_totals read;
    struct recording found;
    struct error err = { 0 };
    struct role_total role[MAX_ROLES], all;
    record(NULL, "none", AT_ONCE, without);
    record(temporary_path("totals.h5"), "counts", AT_ONCE, with);
    CU_ASSERT_EQUAL(memcmp(without, with, sizeof with), 0);
    CU_ASSERT(with[0].tokens == TOKENS && with[3].tokens == TOKENS / 2);
    CU_ASSERT_EQUAL_FATAL(recording_open(&found, temporary_path("totals.h5"), &err),
                          OK);
    CU_ASSERT_EQUAL_FATAL(run_totals_init(&read, found.population, 4, &err), OK);
    CU_ASSERT_EQUAL(run_totals_read(&read, &found, 0, TOKENS, &err), OK);
    CU_ASSERT_EQUAL(memcmp(read.site, with, sizeof with), 0);
    CU_ASSERT_EQUAL(read.tokens, TOKENS);
    CU_ASSERT_EQUAL(run_totals_roles(&read, role, &all), 3);
    CU_ASSERT_STRING_EQUAL(role[0].role, "attn_in");
    CU_ASSERT_EQUAL(role[0].populations, 2);
    CU_ASSERT_EQUAL(role[0].channel_tokens, 2 * CHANNELS * TOKENS);
    CU_ASSERT_EQUAL(all.channel_tokens, role[0].channel_tokens +
                                            role[1].channel_tokens +
                                            role[2].channel_tokens);
    uint64_t channels = 0;
    for (int bin = 0; bin < COUNT_BINS; bin++)
        channels += all.total.histogram[bin];
    CU_ASSERT_EQUAL(channels, all.channel_tokens);
    CU_ASSERT_EQUAL(all.total.histogram[0], all.total.sum.n[COUNT_SILENT]);
    run_totals_release(&read);
    recording_close_reader(&found);
}

/* Lengths around a block, silence, small and large counts, the limits of 32 bits. */
static void totals_bin_every_count(void)
{
    enum { MOST = 1001 };
    static int32_t count[MOST];
    struct error err = { 0 };
    for (uint64_t channels = 0; channels <= MOST; channels += channels < 4 ? 1 : 79)
        for (int32_t reach = 1; reach <= 400; reach = 2 * reach + 5) {
            const struct population_info population = { .channels = channels };
            uint64_t expected[COUNT_BINS] = { 0 };
            struct run_totals totals;
            CU_ASSERT_EQUAL_FATAL(run_totals_init(&totals, &population, 1, &err), OK);
            for (uint64_t i = 0; i < channels; i++) {
                count[i] = (int32_t)(i * 2654435761u >> 8) % reach;
                count[i] = i % 3 ? -count[i] : count[i];
                if (reach > 200 && i % 90 == 1)
                    count[i] = i % 4 ? INT32_MIN : INT32_MAX;
                expected[count_bin(count[i])] += 2;
            }
            run_totals_add_counts(&totals, 0, kernels[0], count);
            run_totals_add_counts(&totals, 0, kernel_find(NULL), count);
            CU_ASSERT_EQUAL(memcmp(totals.site[0].histogram, expected, sizeof expected),
                            0);
            run_totals_release(&totals);
        }
}

static void selections_are_parsed(void)
{
    static const struct {
        const char *text, *populations;
        enum record_level level;
        uint64_t first, last;
    } good[] = {
        { "none", "", RECORD_NONE, 0, UINT64_MAX },
        { "counters", "", RECORD_COUNTERS, 0, UINT64_MAX },
        { "counts", "", RECORD_COUNTS, 0, UINT64_MAX },
        { "spikes", "", RECORD_SPIKES, 0, UINT64_MAX },
        { "spikes:head", "head", RECORD_SPIKES, 0, UINT64_MAX },
        { "spikes:3-9", "", RECORD_SPIKES, 3, 9 },
        { "spikes::3-", "", RECORD_SPIKES, 3, UINT64_MAX },
        { "spikes:L07,ffn_in:7", "L07,ffn_in", RECORD_SPIKES, 7, 7 },
    };
    static const char *const bad[] = { "",
                                       "count",
                                       "spikes:head:x",
                                       "spikes:9-3",
                                       "counts:head",
                                       "spikes:1-2-3",
                                       "spikes::",
                                       "spikes::99999999999999999999" };
    struct record_selection selection;
    struct error err = { 0 };
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        CU_ASSERT_EQUAL(record_selection_parse(&selection, good[i].text, &err), OK);
        CU_ASSERT_EQUAL(selection.level, good[i].level);
        CU_ASSERT_STRING_EQUAL(selection.populations, good[i].populations);
        CU_ASSERT(selection.first_token == good[i].first &&
                  selection.last_token == good[i].last);
    }
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        CU_ASSERT_EQUAL(record_selection_parse(&selection, bad[i], &err), ERR_ARGUMENT);

    const struct population_info population = { .name = "L07.ffn_in",
                                                .role = "ffn_in",
                                                .channels = 100 };
    CU_ASSERT_EQUAL(record_selection_parse(&selection, "spikes:L07,head", &err), OK);
    CU_ASSERT(record_selection_has(&selection, &population));
    CU_ASSERT_EQUAL(record_selection_check(&selection, &population, 1, &err),
                    ERR_ARGUMENT);
    CU_ASSERT_PTR_NOT_NULL(strstr(err.text, "'head'"));
    CU_ASSERT_EQUAL(record_selection_parse(&selection, "spikes:L0", &err), OK);
    CU_ASSERT(!record_selection_has(&selection, &population));
    /* 100 channels, 2 spikes each, 10 tokens, 3 bytes. */
    double without = record_predict_bytes(&selection, &population, 1, 10, 2);
    CU_ASSERT_EQUAL(record_selection_parse(&selection, "spikes:L07", &err), OK);
    CU_ASSERT_EQUAL(record_predict_bytes(&selection, &population, 1, 10, 2) - without,
                    6000);
}

/* Tokens are written by a thread: what it meets comes back to the run. */
static void stop_for_a_file_that_cannot_grow(bool in_bursts)
{
    struct synthetic synthetic;
    struct error err = { 0 };
    struct recorder *recorder;
    struct rlimit old, small;
    struct recorder_settings settings = { .kernel = kernels[0],
                                          .rows = 1,
                                          .closed_form = true,
                                          .has_thread = true,
                                          .in_bursts = in_bursts };
    const int32_t id = 1;
    const unsigned char kind = TOKEN_PROMPT;
    const struct row_id place = { 0, 0 };
    int32_t of_site[4] = { 0, 1, 2, 3 };
    settings.selection.level = RECORD_SPIKES;
    settings.selection.last_token = UINT64_MAX;
    CU_ASSERT_FATAL(synthetic_init(&synthetic, "binary", 4000, true, true));
    const struct population_table table = { .population = synthetic.population,
                                            .populations = 4,
                                            .of_site = of_site,
                                            .sites = 4,
                                            .neurons = synthetic.plan.neurons,
                                            .channels = synthetic.plan.channels };
    settings.table = &table;
    CU_ASSERT_EQUAL_FATAL(recording_create(&settings.writer, temporary_path("full.h5"),
                                           &synthetic.plan, &err),
                          OK);
    CU_ASSERT_EQUAL_FATAL(recorder_create(&recorder, &settings, &err), OK);
    const struct spike_observer observer = recorder_observer(recorder);
    signal(SIGXFSZ, SIG_IGN);
    getrlimit(RLIMIT_FSIZE, &old);
    small = old;
    small.rlim_cur = 3 << 20;
    setrlimit(RLIMIT_FSIZE, &small);
    int tokens = 0;
    for (; tokens < 2000 && err.code == OK; tokens++) {
        const struct recorded_tokens token = {
            .id = &id, .place = &place, .kind = &kind, .host = &synthetic.host
        };
        synthetic_next(&synthetic);
        recorder_begin(recorder, 1, (const unsigned char[]){ 1 });
        for (uint32_t site = 0; site < 4; site++)
            observer.site(observer.context, site, 0,
                          synthetic.count + synthetic.population[site].first_channel,
                          &synthetic.site[site], &err);
        recorder_commit(recorder, &token, &err);
    }
    CU_ASSERT(tokens < 2000);
    CU_ASSERT_EQUAL(err.code, ERR_IO);
    CU_ASSERT(strstr(err.text, "full.h5") != NULL);
    struct error again = { 0 };
    CU_ASSERT_EQUAL(recorder_finish(recorder, &again), ERR_IO);
    recorder_free(recorder);
    recording_close(settings.writer, RECORDING_FAILED, "", &again);
    setrlimit(RLIMIT_FSIZE, &old);
    signal(SIGXFSZ, SIG_DFL);
    synthetic_release(&synthetic);
}

static void a_file_that_cannot_grow_stops_the_run(void)
{
    stop_for_a_file_that_cannot_grow(false);
    stop_for_a_file_that_cannot_grow(true);
}

CU_TestInfo recorder_tests[] = {
    { "recorded counts are those reported", recorded_counts_are_those_reported },
    { "four ways to the same spikes", four_ways_to_the_same_spikes },
    { "a selection keeps what it names", a_selection_keeps_what_it_names },
    { "totals agree with and without a file", totals_agree_with_and_without_a_file },
    { "totals bin every count", totals_bin_every_count },
    { "selections are parsed", selections_are_parsed },
    { "a file that cannot grow stops the run", a_file_that_cannot_grow_stops_the_run },
    CU_TEST_INFO_NULL,
};
