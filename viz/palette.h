/* Colours of a picture. Excitation is orange and inhibition blue in both, after the
 * colour-blind safe set of Okabe and Ito (2008). */
#ifndef VIZ_PALETTE_H
#define VIZ_PALETTE_H

#include <stdint.h>

struct palette {
    uint32_t page, plot, stripe; /* stripe: behind every other token */
    uint32_t rule, ink, muted;
    uint32_t excited, inhibited; /* spikes of positive and negative worth */
    uint32_t prompt, generated;  /* the bar under a token */
    float faintest;              /* share of its colour in the weakest spike */
};

extern const struct palette palette_light, palette_dark;

#endif
