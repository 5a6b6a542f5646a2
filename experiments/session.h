/* What commands that run a model share: the options they have in common, and the model,
 * tokenizer, weights and projectors built from them. */
#ifndef EXPERIMENTS_SESSION_H
#define EXPERIMENTS_SESSION_H

#include "experiments/options.h"
#include "sim/work.h"
#include "lm/dense_projector.h"
#include "lm/model.h"
#include "lm/tokenizer.h"
#include "lm/transformer.h"
#include "sim/spiking_projector.h"

#include <stdbool.h>

extern const struct option option_model[]; /* -m, --tokenizer, --context, ... */
extern const struct option
    option_spiking[]; /* --neuron, --encoder, --k, --dense, ... */

enum precision { PRECISION_SPIKING, PRECISION_INT8, PRECISION_FLOAT };

struct session {
    const struct options *options;
    struct model model;
    struct tokenizer *tokenizer;
    const struct kernel *kernel;
    struct transformer *transformer;
    struct arena arena;
    struct weight_matrix *matrix; /* (sites), or NULL when nothing needs it */
    struct projector dense_int8, dense_float, spiking;
    struct spiking_settings spiking_settings;
    struct threshold_rule *site_threshold; /* (sites), or NULL: one for all */
    char *threshold_text;                  /* of --thresholds, as a file; NULL: none */
    unsigned char *spikes;                 /* (sites) */
    enum precision precision;              /* what the options ask for */
    uint64_t seed;
    int threads;
    struct thread_team *team;
    struct weight_plan weights;
    bool reads_packed; /* weights beside the model, if they are there */
    double load_seconds;
};

/* -m, or the demo model if it is there; else NULL and an error. */
const char *session_model_path(const struct options *options, struct error *err);
/* The vocabulary of a model file, or of the llama2.c tokenizer beside it. */
enum error_code session_open_tokenizer(struct tokenizer **tokenizer,
                                       const struct options *options,
                                       const struct model_file *file,
                                       struct error *err);
/* Threads, seed and kernels as the options say, without a model. */
enum error_code session_take_machine(struct session *session,
                                     const struct options *options, struct error *err);
/* Model and tokenizer, too. */
enum error_code session_open(struct session *session, const struct options *options,
                             struct error *err);
/* All of it; `batch` rows at once, `context` positions (0: by --context). */
enum error_code session_start(struct session *session, const struct options *options,
                              uint32_t context, uint32_t batch, struct error *err);
/* Of a session that is open, with precision and weights set: buffers and weights;
 * the spiking projector is left to session_set_spiking. On failure close it. */
enum error_code session_load(struct session *session, uint32_t context, uint32_t batch,
                             struct error *err);
void session_close(struct session *session);

/* The projector the options ask for. */
struct projector *session_projector(struct session *session);
/* (Re)builds the spiking projector with another k. */
enum error_code session_set_k(struct session *session, double k, struct error *err);
/* (Re)builds it as other options say, on the weights that are loaded. */
enum error_code session_set_spiking(struct session *session,
                                    const struct options *options, struct error *err);
/* A rule for every site (sites), which is copied; rebuilds it if it is there. */
enum error_code session_set_thresholds(struct session *session,
                                       const struct threshold_rule *rule,
                                       struct error *err);
/* Says on stderr how neurons with thresholds of their own are driven, and how long `tokens`
 * tokens will take, if that is over a minute: from one
 * row through every site of the first spiking layer. Before anything observes it. */
enum error_code session_announce(struct session *session, uint64_t tokens,
                                 struct error *err);
/* Makes the float baseline, if it is not there yet. */
enum error_code session_need_float(struct session *session, struct error *err);

/* "if, bitwise, k 3" or "dense int8": what a row of a table is about. */
void session_describe(const struct session *session, char *text, size_t room);
/* The session's settings applied to totals: see work.h. */
void session_work(const struct session *session, const struct run_totals *totals,
                  struct work *work);

#endif
