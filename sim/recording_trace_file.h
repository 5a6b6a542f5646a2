/* Traces inside a recording. A trace is a SONATA report: /report/<name>/data (samples,
 * nodes) with @units, and /mapping with node_ids, index_pointers, element_ids and time
 * (start, stop, step). The stop is written after the samples before it are flushed, so
 * it tells how many of them are whole. */
#ifndef SIM_RECORDING_TRACE_FILE_H
#define SIM_RECORDING_TRACE_FILE_H

#include "sim/appender_file.h"
#include "sim/recording_handle_file.h"

/* What mapping/time holds. */
enum time_part { TIME_START, TIME_STOP, TIME_STEP, TIME_PARTS };

/* What of a plan's trace cannot be recorded. */
enum error_code trace_check(const struct trace_info *trace,
                            const struct recording_plan *plan, struct error *err);
enum error_code trace_create(hid_t file, const struct trace_info *trace,
                             struct error *err);

struct trace_writer {
    struct column_layout layout;
    struct appender data;
    hid_t time;
    double interval_ms;
};
/* Release what failed, too. */
enum error_code trace_writer_init(struct trace_writer *writer, hid_t file,
                                  const struct trace_info *trace, struct error *err);
void trace_writer_release(struct trace_writer *writer);
/* Writes the stop: what the appender holds has been flushed. */
enum error_code trace_writer_mark(struct trace_writer *writer, struct error *err);

enum error_code traces_open(struct recording *recording, struct error *err);
/* Sets trace_length. */
enum error_code traces_measure(struct recording *recording, struct error *err);
void traces_close(struct recording_file *handle);

#endif
