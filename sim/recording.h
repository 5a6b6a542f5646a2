/* A recording of a run on disk: what notes/recording.md lays down, in HDF5 and
 * readable as SONATA. Written as the run goes (single writer, many readers); after a
 * kill it holds all that was flushed. No HDF5 type crosses this header. */
#ifndef SIM_RECORDING_H
#define SIM_RECORDING_H

#include "base/channel_counts.h"
#include "base/error.h"
#include "lm/transformer.h"
#include "sim/site_counters.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { COUNT_BINS = 13 }; /* |count| = 0..7, 8-15, 16-31, 32-63, 64-127, 128 up */
unsigned count_bin(int32_t count);
/* The least size of every bin. */
void count_bin_bounds(unsigned char least[COUNT_BINS]);

enum { RECORD_TEXT = 64 }; /* fixed-length strings, NUL included */

/* One row of /populations. A population without a spike code has no channels. */
struct population_info {
    char name[32], role[16], neuron[24], encoder[24], parameters[160];
    int32_t layer;
    uint64_t first_node, size; /* global ids of the neurons */
    uint64_t channels, fan_out;
    uint64_t first_channel; /* column of /counts/values */
};

struct recording_info {
    char version[RECORD_TEXT], commit[RECORD_TEXT], engine[RECORD_TEXT];
    char generator[RECORD_TEXT], model[256], host_cpu[RECORD_TEXT * 2];
    char libraries[256], start[RECORD_TEXT];
    char *command, *config; /* any length; the caller's, or the reader's */
    uint64_t seed, model_size;
    int64_t model_modified;
    int32_t threads, sequences;
    double dt_ms;
};

/* A variable of some neurons over time; sample k is of time k interval_ms. Kept as a
 * SONATA report, /report/<name>. */
struct trace_info {
    char name[RECORD_TEXT]; /* "population.variable" */
    char population[32], variable[24], unit[16];
    const uint64_t *node; /* (nodes), global ids */
    size_t nodes;
    double interval_ms;
};

enum recording_state { RECORDING_RUNNING, RECORDING_FINISHED, RECORDING_FAILED };
enum token_kind { TOKEN_PROMPT, TOKEN_GENERATED };

struct recording_plan {
    struct recording_info info;
    const struct population_info *population;
    uint32_t populations;
    uint64_t neurons, channels; /* totals */
    bool counts;                /* /counts and /by_neuron */
    bool spikes;                /* /spikes/model */
    const struct trace_info *trace;
    uint32_t traces;
};

struct recorded_overflow { /* a count beyond int8 */
    uint64_t token;
    uint64_t channel;
    int32_t count;
};

struct recorded_spike {
    uint64_t node;
    uint32_t step; /* of its token's window */
    int32_t worth;
};

/* Consecutive tokens in one write. */
struct token_batch {
    size_t tokens;
    const int32_t *id;
    const unsigned char *kind;
    const uint32_t *sequence, *position;
    const uint32_t *steps;            /* window of each token */
    const double *log_probability;    /* NaN: not known */
    const char *text;                 /* bytes of all, one behind another */
    const uint64_t *text_length;      /* (tokens) */
    const struct site_counters *site; /* (tokens, populations); threshold NaN:
                                         * the site did not run for the token */
    const struct host_cost *host;     /* (tokens) */
    const int8_t *count;              /* (tokens, channels), packed; NULL: none */
    const struct recorded_overflow *overflow;
    size_t overflows;
    const struct recorded_spike *spike; /* by token, then step, then node; NULL */
    const uint64_t *spike_length;       /* (tokens) */
};

/* "hdf5 1.10.8": what writes the file. */
void recording_library(char text[32]);

/* To be called first in every further thread that works on recordings. False: the
 * library was built for one thread alone. */
bool recording_prepare_thread(void);

struct recording_writer;

/* Writes beside the path first and renames when the file's objects stand, so a failure
 * leaves whatever was there. Refuses a path that a living run writes. */
enum error_code recording_create(struct recording_writer **writer, const char *path,
                                 const struct recording_plan *plan, struct error *err);
/* Buffers, and flushes twice a second. After a failure the file holds what was flushed;
 * only recording_close may follow. */
enum error_code recording_append(struct recording_writer *writer,
                                 const struct token_batch *batch, struct error *err);
/* Samples of a trace of the plan, behind those before: value (samples, nodes). Flushed
 * with the rest. */
enum error_code recording_append_trace(struct recording_writer *writer,
                                       uint32_t trace_index, const float *value,
                                       size_t samples, struct error *err);
/* Per-neuron totals so far: tokens_fired (channels), spikes (channels),
 * histogram (channels, COUNT_BINS). Replaces what stood there. */
enum error_code recording_totals(struct recording_writer *writer,
                                 const uint64_t *tokens_fired, const uint64_t *spikes,
                                 const uint64_t *histogram, struct error *err);
enum error_code recording_flush(struct recording_writer *writer, struct error *err);
/* Sets state, end and the model's SHA-256 (may be ""), closes. The writer is freed
 * whatever happens; NULL is allowed. */
enum error_code recording_close(struct recording_writer *writer,
                                enum recording_state state, const char *model_sha256,
                                struct error *err);

struct recording {
    struct recording_info info;
    enum recording_state state;
    bool was_repaired; /* a killed run's flag was cleared on opening */
    bool is_live;      /* its writer lives; see recording_refresh */
    bool has_counts, has_spikes;
    char end[RECORD_TEXT], model_sha256[72];
    struct population_info *population;
    uint32_t populations;
    uint64_t tokens, neurons, channels, overflows, spikes;
    uint64_t totals_tokens;   /* tokens that /by_neuron covers */
    struct trace_info *trace; /* by name */
    uint64_t *trace_length;   /* (traces), samples */
    uint32_t traces;
    struct recording_file *file;
};

/* Clears the flag a killed writer left (and sets was_repaired); a file whose writer
 * lives is opened as it stands, from another process than the writer's. */
enum error_code recording_open(struct recording *recording, const char *path,
                               struct error *err);
void recording_close_reader(struct recording *recording);
/* What a living writer added since: tokens, overflows, spikes, samples, state. Once it has
 * gone, is_live is false: a state that still says RUNNING then means it was killed. */
enum error_code recording_refresh(struct recording *recording, struct error *err);

/* What /tokens holds, for [first, first + count); arrays owned by the caller, any
 * NULL. */
struct token_column {
    int32_t *id;
    unsigned char *kind;
    uint32_t *sequence, *position, *steps;
    uint64_t *start_step;
    double *log_probability;
    uint64_t *text_offset; /* (count + 1) */
};
enum error_code recording_read_tokens(const struct recording *recording, uint64_t first,
                                      uint64_t count, struct token_column *column,
                                      struct error *err);
/* Bytes [from, to) of /tokens/text. */
enum error_code recording_read_text(const struct recording *recording, uint64_t from,
                                    uint64_t to, char *text, struct error *err);
/* (count, populations) */
enum error_code recording_read_counters(const struct recording *recording,
                                        uint64_t first, uint64_t count,
                                        struct site_counters *site, struct error *err);
enum error_code recording_read_host(const struct recording *recording, uint64_t first,
                                    uint64_t count, struct host_cost *host,
                                    struct error *err);
/* Counts of one token, overflow applied: count (channels). */
enum error_code recording_read_counts(const struct recording *recording, uint64_t token,
                                      int32_t *count, struct error *err);
/* Spikes of one token: *length on input the room, on output how many there are. */
enum error_code recording_read_spikes(const struct recording *recording, uint64_t token,
                                      struct recorded_spike *spike, size_t *length,
                                      struct error *err);
/* Arrays as in recording_totals, any NULL. Of a run that was killed or still runs they
 * are summed anew from its counts; spikes of codes without closed form then cover only
 * totals_tokens tokens. */
enum error_code recording_read_totals(const struct recording *recording,
                                      uint64_t *tokens_fired, uint64_t *spikes,
                                      uint64_t *histogram, struct error *err);
/* Samples [first, first + count) of a trace: value (count, nodes). */
enum error_code recording_read_trace(const struct recording *recording,
                                     uint32_t trace_index, uint64_t first,
                                     uint64_t count, float *value, struct error *err);
/* Spikes of one token, from /spikes if stored, else expanded from counts and the code's
 * closed form. *spike is malloc'ed. Rising step, then node. */
enum error_code recording_expand(const struct recording *recording, uint64_t token,
                                 struct recorded_spike **spike, size_t *length,
                                 struct error *err);

#endif
