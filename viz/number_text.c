/* See number_text.h. */
#include "viz/number_text.h"

#include <math.h>
#include <stdio.h>

enum { LEAST = -12, MOST = 15 }; /* powers of ten that have a prefix */

static int decimals(double value)
{
    double size = fabs(value);
    return size >= 99.95 ? 0 : size >= 9.995 ? 1 : size == 0 ? 0 : 2;
}

void number_text(char text[NUMBER_TEXT], double value, const char *unit)
{
    static const char *const prefix[] = { "p", "n", "µ", "m", "",
                                          "k", "M", "G", "T", "P" };
    if (!isfinite(value)) {
        snprintf(text, NUMBER_TEXT, "-");
        return;
    }
    int power = 0;
    double size = fabs(value);
    /* Without a unit, what lies between 0.01 and 1 reads better as it is. */
    if (size > 0 && !(unit[0] == '\0' && size < 1 && size >= 0.01))
        power = (int)floor(log10(size * 1.0005) / 3) * 3;
    power = power < LEAST ? LEAST : power > MOST ? MOST : power;
    double scaled = value / pow(10, power);
    const char *mark = prefix[(power - LEAST) / 3];
    snprintf(text, NUMBER_TEXT, "%.*f%s%s%.8s", decimals(scaled), scaled,
             *mark || *unit ? " " : "", mark, unit);
}

void count_text(char text[COUNT_TEXT], uint64_t value)
{
    char digits[COUNT_TEXT];
    int length = snprintf(digits, sizeof digits, "%llu", (unsigned long long)value);
    int used = 0;
    for (int i = 0; i < length; i++) {
        if (i > 0 && (length - i) % 3 == 0)
            text[used++] = ',';
        text[used++] = digits[i];
    }
    text[used] = '\0';
}

void hertz_text(char text[NUMBER_TEXT], double hz)
{
    if (isfinite(hz))
        snprintf(text, NUMBER_TEXT, "%.*f Hz", hz == 0 ? 0 : decimals(hz), hz);
    else
        snprintf(text, NUMBER_TEXT, "-");
}

void percent_text(char text[NUMBER_TEXT], double share)
{
    if (isfinite(share))
        snprintf(text, NUMBER_TEXT, "%.1f %%", 100 * share);
    else
        snprintf(text, NUMBER_TEXT, "-");
}

double number_ceiling(double value)
{
    if (!(value > 0) || !isfinite(value))
        return 1;
    double unit = pow(10, floor(log10(value)));
    static const double step[] = { 1, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10 };
    for (size_t i = 0; i < sizeof step / sizeof step[0]; i++)
        if (value <= step[i] * unit * (1 + 1e-9))
            return step[i] * unit;
    return 10 * unit;
}
