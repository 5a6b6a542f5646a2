/* What the sections of `lucciola bench` share. A section is one file and one row of
 * bench_command.c; it times entrants that take turns, so that whatever else the machine
 * does falls on all alike, and reports medians and ratios. */
#ifndef EXPERIMENTS_BENCH_H
#define EXPERIMENTS_BENCH_H

#include "experiments/session.h"
#include "experiments/table.h"

#include <stdbool.h>

struct bench {
    const struct options *options;
    struct session session; /* open when a section needs a model */
    const char *model_path;
    unsigned rounds;
    struct token_list prompt; /* of decoding */
    struct token_list text;   /* of prompts, as many as the context has room for */
    size_t whole;             /* tokens of a prompt: 512, or what there is room for */
    int32_t *forced;          /* (forced_count): what the dense network goes on with */
    size_t forced_count;
};

struct bench_section {
    const char *name, *summary;
    bool needs_model;
    const struct column *columns;
    const char *note; /* what the columns mean */
    /* Appends objects to rows, an array. */
    enum error_code (*run)(struct bench *bench, json_t *rows, struct error *err);
};

enum { BENCH_FIGURES = 2, BENCH_BATCH = 512 };

struct bench_median {
    double median, lowest, highest;
};

struct entrant {
    char name[80];
    void *context;
    /* One timing; more is better. The second figure is 0 where there is none. */
    enum error_code (*time)(const struct entrant *entrant, double figure[BENCH_FIGURES],
                            struct error *err);
    struct bench_median figure[BENCH_FIGURES];
};

/* Every entrant once a round, in order; medians over rounds. */
enum error_code bench_turns(struct entrant *entrant, size_t entrants, unsigned rounds,
                            struct error *err);
/* A row for an entrant: name, median, lowest, highest of the first figure. */
json_t *bench_row(const struct entrant *entrant);

/* Projection through another projector, timed at the sites that spike. */
struct timed_projector {
    struct projector projector; /* to run through */
    struct projector *inner;
    const unsigned char *is_timed; /* (sites) */
    double seconds;
};
void timed_projector_init(struct timed_projector *timed, struct projector *inner,
                          const unsigned char *is_timed);

/* What a setting does to the bench's tokens, from a pass that is not timed: shares of all
 * the sites that spike. */
struct bench_silence {
    double silent;  /* channels with count 0 / channels */
    double fetched; /* weights in rows of active channels / weights */
    double sop;     /* a token */
};
enum error_code bench_watch(struct bench *bench, struct bench_silence *silence,
                            struct error *err);
/* The bench's prompt and what follows it through a projector. */
enum error_code bench_generate(struct bench *bench, struct projector *projector,
                               double *tokens_per_second, struct error *err);

/* llama-bench or a program of its manner: tokens per second of a prompt of `prompt`
 * tokens (generate 0) or of generating (prompt 0). */
enum error_code bench_peer(const char *program, const char *model, int threads,
                           unsigned prompt, unsigned generate, double *figure,
                           struct error *err);

#endif
