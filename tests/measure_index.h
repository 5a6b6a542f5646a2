/* What it costs to look at a recording, and how that grows with its events. */
#ifndef TESTS_MEASURE_INDEX_H
#define TESTS_MEASURE_INDEX_H

/* For each number of events: writes a recording into the folder (or takes the one that
 * is there), opens it without and with its index, then zooms and pans. Prints a table;
 * returns the exit status. */
int measure_index(const char *folder, char *const *events, int count);

#endif
