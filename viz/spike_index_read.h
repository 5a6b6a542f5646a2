/* Reads tokens of a recording as events, in the reader's own thread: it has a copy of
 * the recording's head, so that the recording may be refreshed meanwhile. */
#ifndef VIZ_SPIKE_INDEX_READ_H
#define VIZ_SPIKE_INDEX_READ_H

#include "viz/spike_index_part.h"

/* Tokens [first_token, next_token) with the events of all. */
struct event_reader {
    struct recording recording; /* shares the other's file, and owns nothing */
    uint64_t first_token, next_token;
    uint64_t first_step, end_step; /* of the first's window, of the last's */
    struct raw_event *event;
    size_t events, room;
};

/* Forgets what was read; the next token is `token`. */
void event_reader_restart(struct event_reader *reader, uint64_t token);
/* Gives back the room of its events, which it must not have any more. */
void event_reader_empty(struct event_reader *reader);
void event_reader_release(struct event_reader *reader);
/* Reads the next token. *fits: false when its steps are too far from the first's; then
 * nothing was read. Spikes outside the token's window are left out. */
enum error_code event_reader_next(struct event_reader *reader, bool *fits,
                                  struct error *err);
/* Reads another token's events behind those there are, out of order. */
enum error_code event_reader_take(struct event_reader *reader, uint64_t token,
                                  struct error *err);
/* Makes events taken out of order rise. */
void event_reader_sort(struct event_reader *reader);

#endif
