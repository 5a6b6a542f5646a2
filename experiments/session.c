/* See session.h. */
#include "experiments/session.h"

#include "base/progress.h"
#include "base/version.h"
#include "experiments/session_weights.h"
#include "experiments/spiking_options.h"

#include <omp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { DEFAULT_CONTEXT = 2048, MAX_THREADS = 256 };

const struct option option_model[] = {
    { "model", 'm', "MODEL", "GGUF or llama2.c file (default: the demo model)", NULL },
    { "tokenizer", 0, "FILE",
      "llama2.c tokenizer (default: tok<vocabulary>.bin or "
      "tokenizer.bin beside the model)",
      NULL },
    { "context", 'c', "N", "positions kept; 0: 2048 or the model's, if less", "0" },
    { "weights", 0, "FORM",
      "of 8 bits: output (one scale per output) or how many inputs share a scale; of 4 "
      "bits: 4bit (64 inputs share a multiple of the output's scale), 4bit:N, or "
      "4bit:N:min (and a minimum)",
      "output" },
    { "head-weights", 0, "FORM", "the same for the output head (default: as --weights)",
      NULL },
    { "packed", 0, "HOW",
      "auto: weights of 'lucciola pack', where they lie beside the model; or off",
      "auto" },
    { "kernel", 0, "NAME", "inner loops; auto: the fastest this CPU has", "auto" },
    { 0 },
};

const char *session_model_path(const struct options *options, struct error *err)
{
    static const char demo[] = "models/SmolLM2-135M-Instruct.Q4_1.gguf";
    static char path[1024];
    const char *given = option_text(options, "model");
    if (given)
        return given;
    snprintf(path, sizeof path, "%s/%s", version_data_folder(), demo);
    if (access(path, R_OK) == 0)
        return path;
    error_set(err, ERR_ARGUMENT,
              "no model given with -m, and the demo model is not "
              "there; 'make demo' fetches it");
    return NULL;
}

/* A llama2.c model has no vocabulary of its own: its tokenizer file lies beside it. */
static enum error_code open_llama2c_tokenizer(struct tokenizer **tokenizer,
                                              const struct options *options,
                                              const struct model_file *file,
                                              struct error *err)
{
    const char *given = option_text(options, "tokenizer");
    const char *model = file->path;
    uint32_t vocabulary = 0;
    char path[1100];
    if (model_file_u32(file, "llama.vocab_size", &vocabulary, err) != OK)
        return err->code;
    if (given)
        return tokenizer_create_llama2c(tokenizer, given, vocabulary, err);

    const char *slash = strrchr(model, '/');
    int folder = slash ? (int)(slash - model) + 1 : 0;
    snprintf(path, sizeof path, "%.*stok%u.bin", folder, model, vocabulary);
    if (access(path, R_OK) != 0)
        snprintf(path, sizeof path, "%.*stokenizer.bin", folder, model);
    if (access(path, R_OK) != 0)
        return error_set(err, ERR_ARGUMENT,
                         "%s has no vocabulary of its own; name its tokenizer with "
                         "--tokenizer",
                         model);
    return tokenizer_create_llama2c(tokenizer, path, vocabulary, err);
}

enum error_code session_open_tokenizer(struct tokenizer **tokenizer,
                                       const struct options *options,
                                       const struct model_file *file, struct error *err)
{
    if (!model_file_find(file, "tokenizer.ggml.tokens"))
        return open_llama2c_tokenizer(tokenizer, options, file, err);
    if (tokenizer_create(tokenizer, file, err) != OK)
        error_wrap(err, "%s", file->path);
    return err->code;
}

enum error_code session_take_machine(struct session *session,
                                     const struct options *options, struct error *err)
{
    *session = (struct session){ .options = options };
    uint64_t threads = 0;
    if (option_whole(options, "threads", 0, MAX_THREADS, &threads, err) != OK ||
        option_whole(options, "seed", 0, UINT64_MAX, &session->seed, err) != OK)
        return err->code;
    session->threads = threads ? (int)threads : omp_get_num_procs();

    const char *kernel = option_text(options, "kernel");
    session->kernel = kernel_find(strcmp(kernel, "auto") == 0 ? NULL : kernel);
    if (!session->kernel)
        return error_set(err, ERR_ARGUMENT, "--kernel: no '%s' on this machine",
                         kernel);
    return OK;
}

enum error_code session_open(struct session *session, const struct options *options,
                             struct error *err)
{
    if (session_take_machine(session, options, err) != OK)
        return err->code;

    const char *packed = option_text(options, "packed");
    session->reads_packed = packed && strcmp(packed, "auto") == 0;
    if (packed && !session->reads_packed && strcmp(packed, "off") != 0)
        return error_set(err, ERR_ARGUMENT,
                         "--packed: expected auto or off, found '%s'", packed);

    const char *path = session_model_path(options, err);
    if (!path || model_open(&session->model, path, err) != OK)
        return err->code;
    if (session_open_tokenizer(&session->tokenizer, options, &session->model.file,
                               err) != OK)
        session_close(session);
    return err->code;
}

static enum error_code load_matrices(struct session *session, struct error *err)
{
    const struct model *model = &session->model;
    if (weights_allocate(&session->matrix, &session->arena, model, &session->weights,
                         err) != OK ||
        (session->reads_packed
             ? weights_load(session->matrix, model, &session->weights, session->threads,
                            err)
             : weights_make(session->matrix, model, session->threads, err)) != OK)
        return err->code;
    return dense_int8_create(&session->dense_int8, model, session->matrix,
                             session->kernel, session->team, err);
}

static enum error_code make_spiking(struct session *session, struct error *err)
{
    session->spiking_settings.team = session->team;
    return spiking_create(&session->spiking, &session->model, session->matrix,
                          &session->dense_int8, session->kernel,
                          &session->spiking_settings, err);
}

enum error_code session_load(struct session *session, uint32_t context, uint32_t batch,
                             struct error *err)
{
    if (thread_team_create(&session->team, session->threads, err) != OK ||
        (option_flag(session->options, "pin") &&
         thread_team_pin(session->team, err) != OK))
        return err->code;
    struct transformer_settings settings = {
        .sequences = 1,
        .context = context,
        .batch = batch,
        .team = session->team,
    };
    if (transformer_create(&session->transformer, &session->model, session->kernel,
                           &settings, err) != OK)
        return err->code;
    return session->precision == PRECISION_FLOAT ? session_need_float(session, err)
                                                 : load_matrices(session, err);
}

enum error_code session_start(struct session *session, const struct options *options,
                              uint32_t context, uint32_t batch, struct error *err)
{
    double started = clock_seconds();
    uint64_t asked = 0;
    if (session_open(session, options, err) != OK)
        return err->code;
    if (option_whole(options, "context", 0, UINT32_MAX, &asked, err) != OK ||
        spiking_options_read(session, err) != OK)
        goto failed;

    uint32_t most = session->model.shape.context;
    if (context == 0)
        context = asked ? (uint32_t)(asked > UINT32_MAX ? UINT32_MAX : asked)
                  : most < DEFAULT_CONTEXT ? most
                                           : DEFAULT_CONTEXT;
    if (session_load(session, context, batch, err) != OK ||
        (session->precision == PRECISION_SPIKING && make_spiking(session, err) != OK))
        goto failed;
    session->load_seconds = clock_seconds() - started;
    return OK;
failed:
    session_close(session);
    return err->code;
}

void session_close(struct session *session)
{
    projector_release(&session->spiking);
    projector_release(&session->dense_int8);
    projector_release(&session->dense_float);
    transformer_free(session->transformer);
    thread_team_free(session->team);
    tokenizer_free(session->tokenizer);
    model_close(&session->model);
    free(session->threshold_text);
    arena_free(&session->arena);
    *session = (struct session){ 0 };
}

struct projector *session_projector(struct session *session)
{
    switch (session->precision) {
    case PRECISION_INT8: return &session->dense_int8;
    case PRECISION_FLOAT: return &session->dense_float;
    case PRECISION_SPIKING: break;
    }
    return &session->spiking;
}

enum error_code session_set_k(struct session *session, double k, struct error *err)
{
    session->spiking_settings.threshold.k = k;
    if (session->precision != PRECISION_SPIKING)
        return OK;
    projector_release(&session->spiking);
    return make_spiking(session, err);
}

enum error_code session_set_spiking(struct session *session,
                                    const struct options *options, struct error *err)
{
    session->options = options;
    projector_release(&session->spiking);
    if (spiking_options_read(session, err) != OK)
        return err->code;
    return make_spiking(session, err);
}

enum error_code session_set_thresholds(struct session *session,
                                       const struct threshold_rule *rule,
                                       struct error *err)
{
    const uint32_t sites = session->model.sites;
    if (!session->site_threshold)
        session->site_threshold =
            arena_array(&session->arena, sites, sizeof *session->site_threshold);
    if (!session->site_threshold)
        return error_memory(err, "thresholds", sites * sizeof *rule);
    memcpy(session->site_threshold, rule, sites * sizeof *rule);
    session->spiking_settings.site_threshold = session->site_threshold;
    if (session->precision != PRECISION_SPIKING || !session->spiking.apply)
        return OK;
    projector_release(&session->spiking);
    return make_spiking(session, err);
}

/* One row at a site: what a token asks of it, at typical counts. */
static enum error_code try_site(struct session *session, uint32_t s, struct error *err)
{
    const struct site *site = &session->model.site[s];
    const struct row_id id = { 0, 0 };
    float *x = calloc((size_t)site->inputs + site->outputs, sizeof *x);
    if (!x)
        return error_memory(err, "a row", site->inputs * sizeof *x);
    for (uint32_t i = 0; i < site->inputs; i++)
        x[i] = (float)(i % 13) - 6;
    session->spiking.apply(session->spiking.self, s, x, 1, &id, x + site->inputs, err);
    free(x);
    return err->code;
}

/* How a neuron with a threshold of its own is driven: what the pair's worths rest on. */
static void announce_drive(const struct session *session)
{
    const struct spiking_settings *settings = &session->spiking_settings;
    const struct neuron_model *neuron = settings->neuron;
    const struct response *response = spiking_response(&session->spiking);
    if (!response || neuron->follows_levels)
        return;
    fprintf(
        stderr,
        "neuron %s: counts up to %u are drives above %.4g, up to %.4g %s, that is %.0f "
        "to %.0f Hz when held\n",
        neuron->name, response->steps, response->rheobase, response->top,
        neuron->inputs[neuron->drive].unit, response->rheobase_hz, response->top_hz);
}

enum error_code session_announce(struct session *session, uint64_t tokens,
                                 struct error *err)
{
    enum { WORTH_SAYING = 60 }; /* seconds */
    const struct model *model = &session->model;
    const struct spiking_settings *settings = &session->spiking_settings;
    double rows = 0, tried = 0; /* channels */
    int layer = -1;
    double started = clock_seconds();
    err->code = OK;
    if (session->precision != PRECISION_SPIKING || settings->engine != ENGINE_EVENTS)
        return OK;
    for (uint32_t s = 0; s < model->sites; s++) {
        if (!session->spikes[s])
            continue;
        rows += model->site[s].inputs;
        if (tried == 0)
            layer = model->site[s].layer;
        if (model->site[s].layer != layer)
            continue;
        tried += model->site[s].inputs;
        if (try_site(session, s, err) != OK)
            return err->code;
    }
    announce_drive(session);
    double seconds = tried > 0 ? (clock_seconds() - started) * rows / tried : 0;
    seconds *= (double)tokens;
    if (session->spiking.begin_sequence)
        session->spiking.begin_sequence(session->spiking.self, 0);
    if (seconds > WORTH_SAYING)
        fprintf(stderr,
                "neuron %s with encoder %s, step by step: about %.0f minutes for %llu "
                "tokens\n",
                settings->neuron->name, settings->encoder->name, seconds / 60,
                (unsigned long long)tokens);
    return OK;
}

enum error_code session_need_float(struct session *session, struct error *err)
{
    if (session->dense_float.apply)
        return OK;
    return dense_float_create(&session->dense_float, &session->model, session->kernel,
                              session->team, err);
}

void session_describe(const struct session *session, char *text, size_t room)
{
    const struct spiking_settings *s = &session->spiking_settings;
    if (session->precision != PRECISION_SPIKING)
        snprintf(text, room, "dense %s",
                 session->precision == PRECISION_FLOAT ? "float" : "int8");
    else if (s->site_threshold)
        snprintf(text, room, "%s, %s, thresholds by site", s->neuron->name,
                 s->encoder->name);
    else if (s->threshold.fixed > 0)
        snprintf(text, room, "%s, %s, V %g", s->neuron->name, s->encoder->name,
                 s->threshold.fixed);
    else
        snprintf(text, room, "%s, %s, k %g", s->neuron->name, s->encoder->name,
                 s->threshold.k);
}

void session_work(const struct session *session, const struct run_totals *totals,
                  struct work *work)
{
    work_of(work, totals, &session->spiking_settings, &session->weights);
}
