/* Whole models as spiking networks: both engines, threads and batches give the same
 * spikes and the same logits, bit for bit, for every pair with a closed form. And a
 * trained model that still writes English. */
#include "lm/dense_projector.h"
#include "lm/tokenizer.h"
#include "tests/machine.h"
#include "tests/suites.h"

#include <stdio.h>
#include <stdlib.h>

/* What was seen of one site and token. */
struct seen {
    struct site_counters counters;
    uint64_t counts; /* hash of them, in order */
    uint64_t events; /* sum of hashes: in any order */
};

struct watcher {
    const struct machine *machine;
    const struct encoder *encoder;
    struct seen *seen;        /* (TOKENS, sites) */
    size_t first;             /* token of row 0 */
    bool expands;             /* events are made from the counts */
    struct code_event *train; /* (CODE_MAX_WINDOW) */
};

static uint64_t mixed(uint64_t x)
{
    x = (x ^ x >> 31) * 0x7fb5d329728ea185u;
    x = (x ^ x >> 27) * 0x81dadef4bc2dd44du;
    return x ^ x >> 33;
}

static uint64_t event_hash(unsigned step, uint32_t neuron, int32_t worth)
{
    return mixed(mixed((uint64_t)step << 32 | neuron) + (uint32_t)worth);
}

static struct seen *seen_at(const struct watcher *w, uint32_t site, size_t row)
{
    return &w->seen[(w->first + row) * w->machine->model.sites + site];
}

static enum error_code watch_site(void *context, uint32_t site, size_t row,
                                  const int32_t *count,
                                  const struct site_counters *counters,
                                  struct error *err)
{
    const struct watcher *w = context;
    struct seen *seen = seen_at(w, site, row);
    uint32_t channels = w->machine->model.site[site].inputs;
    unsigned steps = (unsigned)counters->n[COUNT_STEPS];
    (void)err;
    seen->counters = *counters;
    for (uint32_t c = 0; c < channels; c++) {
        seen->counts = mixed(seen->counts + (uint32_t)count[c]);
        uint32_t spikes = w->expands ? w->encoder->train(count[c], steps, w->train) : 0;
        for (uint32_t i = 0; i < spikes; i++)
            seen->events +=
                event_hash(w->train[i].step,
                           c * w->encoder->neurons_per_channel + w->train[i].neuron,
                           w->train[i].worth);
    }
    return OK;
}

static enum error_code watch_event(void *context, uint32_t site, size_t row,
                                   unsigned step, uint32_t neuron, int32_t worth,
                                   struct error *err)
{
    (void)err;
    seen_at(context, site, row)->events += event_hash(step, neuron, worth);
    return OK;
}

/* One run of TOKENS tokens. */
struct variant {
    enum engine engine;
    int threads;
    size_t batch;
};

static void run_variant(struct machine *m, struct spiking_settings settings,
                        const struct variant *variant, struct seen *seen, float *logits)
{
    struct watcher w = {
        .machine = m,
        .encoder = settings.encoder,
        .seen = seen,
        .expands = variant->engine == ENGINE_COUNTS,
        .train = malloc(CODE_MAX_WINDOW * sizeof *w.train),
    };
    struct spike_observer observer = { &w, watch_site, watch_event, NULL };
    CU_ASSERT_PTR_NOT_NULL_FATAL(w.train);
    settings.engine = variant->engine;
    machine_start(m, SPIKING, variant->threads, &settings);
    spiking_observe(&m->projector, &observer);
    for (; w.first < TOKENS; w.first += variant->batch)
        machine_run(m, 0, w.first, w.first + variant->batch, 0, variant->batch, logits);
    free(w.train);
}

static void check_pair(struct machine *m, const struct spiking_settings *settings)
{
    static const struct variant variants[] = {
        { ENGINE_EVENTS, 1, 1 },  { ENGINE_EVENTS, 1, TOKENS },
        { ENGINE_EVENTS, 2, 1 },  { ENGINE_EVENTS, 2, TOKENS },
        { ENGINE_COUNTS, 1, 1 },  { ENGINE_COUNTS, 1, TOKENS },
        { ENGINE_COUNTS, 2, 1 },  { ENGINE_COUNTS, 2, TOKENS },
        { ENGINE_COUNTS, 2, 16 },
    };
    struct seen *seen[2];
    float *logits[2];
    size_t cells = (size_t)TOKENS * m->model.sites;
    for (size_t v = 0; v < sizeof variants / sizeof variants[0]; v++) {
        int which = v > 0;
        if (v < 2) {
            seen[v] = calloc(cells, sizeof *seen[v]);
            logits[v] = machine_logits(m);
        }
        CU_ASSERT_PTR_NOT_NULL_FATAL(seen[which]);
        memset(seen[which], 0, cells * sizeof *seen[which]);
        run_variant(m, *settings, &variants[v], seen[which], logits[which]);
        bool is_same = memcmp(seen[0], seen[which], cells * sizeof *seen[0]) == 0 &&
                       memcmp(logits[0], logits[which], machine_logits_size(m)) == 0;
        CU_ASSERT(is_same);
        CU_ASSERT(seen[which][cells - 1].counters.n[COUNT_SPIKES] > 0);
        if (!is_same)
            printf("    %s, variant %zu differs\n", settings->encoder->name, v);
    }
    for (int i = 0; i < 2; i++) {
        free(seen[i]);
        free(logits[i]);
    }
}

static void check_every_closed_form(struct machine *m)
{
    int pairs = 0;
    for (size_t n = 0; neuron_models[n]; n++)
        for (size_t e = 0; encoders[e]; e++) {
            if (!spiking_has_closed_form(neuron_models[n], encoders[e]))
                continue;
            struct spiking_settings settings = {
                .neuron = neuron_models[n],
                .encoder = encoders[e],
                .threshold = threshold_default,
                .dt_ms = 1,
            };
            field_defaults(settings.neuron->params, settings.neuron_param);
            field_defaults(settings.encoder->params, settings.encoder_param);
            check_pair(m, &settings);
            pairs++;
        }
    CU_ASSERT(pairs >= 6);
}

static void engines_agree_on_a_random_model(void)
{
    struct machine m;
    machine_open_plan(&m, model_plan_find("llama"));
    check_every_closed_form(&m);
    machine_close(&m);
}

static void engines_agree_on_a_trained_model(void)
{
    const char *path = test_case_path("stories260K.bin");
    struct machine m;
    if (!path)
        return;
    machine_open(&m, path);
    check_every_closed_form(&m);
    machine_close(&m);
}

/* The likeliest token, again and again, through the float weights. */
static void continue_text(struct machine *m, const struct tokenizer *tokenizer,
                          const char *prompt, char *text, size_t room)
{
    struct token_list list = { 0 };
    struct error err = { 0 };
    uint32_t vocabulary = m->model.shape.vocabulary;
    float *logits = machine_logits(m);
    size_t used = 0;
    tokenizer_encode(tokenizer, prompt, strlen(prompt), true, false, &list, &err);
    CU_ASSERT_EQUAL_FATAL(err.code, OK);
    for (uint32_t i = 0; i < TOKENS; i++) {
        struct row_id id = { 0, i };
        transformer_run(m->transformer, &m->projector, &list.id[i], &id, 1,
                        (unsigned char[]){ 1 }, logits, &err);
        CU_ASSERT_EQUAL_FATAL(err.code, OK);
        struct text piece = tokenizer_decode(tokenizer, list.id[i], false);
        used += (size_t)snprintf(text + used, room - used, "%s", piece.bytes);
        int32_t likeliest = 0;
        for (uint32_t t = 1; t < vocabulary; t++)
            if (logits[t] > logits[likeliest])
                likeliest = (int32_t)t;
        if (i + 1 == list.count)
            CU_ASSERT_FATAL(token_list_add(&list, likeliest));
    }
    token_list_release(&list);
    free(logits);
}

static void a_trained_model_writes_english(void)
{
    static const char expected[] =
        " Once upon a time, there was a little girl named Lily. She loved to play "
        "outside in the park. One day, she saw a big, red ball. She wanted to play "
        "with "
        "it, but it was too high.\nL";
    char tokenizer_path[1024], text[2048];
    struct tokenizer *tokenizer;
    struct machine m;
    struct error err = { 0 };
    const char *path = test_case_path("tok512.bin");
    snprintf(tokenizer_path, sizeof tokenizer_path, "%s", path ? path : "");
    path = path ? test_case_path("stories260K.bin") : NULL;
    if (!path)
        return;
    machine_open(&m, path);
    CU_ASSERT_EQUAL_FATAL(tokenizer_create_llama2c(&tokenizer, tokenizer_path,
                                                   m.model.shape.vocabulary, &err),
                          OK);
    machine_start(&m, DENSE_FLOAT, 1, NULL);
    continue_text(&m, tokenizer, "Once upon a time", text, sizeof text);
    CU_ASSERT_STRING_EQUAL(text, expected);
    if (strcmp(text, expected) != 0)
        printf("    '%s'\n", text);
    tokenizer_free(tokenizer);
    machine_close(&m);
}

CU_TestInfo spiking_model_tests[] = {
    { "engines agree on a random model", engines_agree_on_a_random_model },
    { "engines agree on a trained model", engines_agree_on_a_trained_model },
    { "a trained model writes English", a_trained_model_writes_english },
    CU_TEST_INFO_NULL,
};
