/* Tokens on their way from a recorder to its file, spelt out as spikes where asked: written
 * as they are put, or copied into a ring and written by a thread of their own, so that a
 * run waits for the file only when it is a whole ring ahead. One thread writes, in order:
 * the file is the same. */
#ifndef SIM_TOKEN_WRITER_H
#define SIM_TOKEN_WRITER_H

#include "sim/recording.h"
#include "sim/spike_list.h"

struct token_writer;

struct token_writer_settings {
    struct recording_writer *writer;
    const struct population_info *population; /* outlives it */
    uint32_t populations;
    uint64_t channels;   /* 0: no counts are kept */
    const bool *expands; /* (populations): whose spikes follow from counts and are
                           * written; NULL: none */
    bool is_threaded;    /* else each token is written as it is put */
    bool in_bursts;      /* the thread waits for several tokens, then writes them all */
};

/* Without threads where the HDF5 library was built without them. */
enum error_code token_writer_create(struct token_writer **writer,
                                    const struct token_writer_settings *settings,
                                    struct error *err);
/* Writes what is still in the ring; the recording stays open. NULL is allowed. */
void token_writer_free(struct token_writer *writer);
/* A batch of one token, not kept. Its spikes: made of its counts (`expands`), or those of
 * `spike`, which is taken and given back empty; NULL: none. An error may be of a token
 * before this one; nothing is written after it. */
enum error_code token_writer_put(struct token_writer *writer,
                                 const struct token_batch *token, bool expands,
                                 struct spike_list *spike, struct error *err);
/* Whether the thread has a burst to write. */
bool token_writer_is_writing(struct token_writer *writer);
/* Waits until all is written; the recording may then be used until the next put. */
enum error_code token_writer_drain(struct token_writer *writer, struct error *err);

#endif
