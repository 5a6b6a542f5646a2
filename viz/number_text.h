/* Numbers as they are read from the back of a room: three digits and a prefix. */
#ifndef VIZ_NUMBER_TEXT_H
#define VIZ_NUMBER_TEXT_H

#include <stdint.h>

enum { NUMBER_TEXT = 24, COUNT_TEXT = 32 };

/* "128 M", "0.31", "0"; unit may be "", else it stands behind the prefix: "12.8 mJ". Not
 * a number: "-". */
void number_text(char text[NUMBER_TEXT], double value, const char *unit);
/* Digits in threes: "1,234,567". */
void count_text(char text[COUNT_TEXT], uint64_t value);
/* "0.85 Hz", "7.2 Hz", "130 Hz". */
void hertz_text(char text[NUMBER_TEXT], double hz);
/* "59.7 %", of a share of 1. */
void percent_text(char text[NUMBER_TEXT], double share);
/* The end of an axis that holds the value: a round number not far above it. */
double number_ceiling(double value);

#endif
