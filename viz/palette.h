/* Colours of a picture. Excitation is orange and inhibition blue in all, after the
 * colour-blind safe set of Okabe and Ito (2008); the third palette tells by lightness
 * too what the others tell by hue. Ink has a contrast of 4.5 with what it stands on, marks
 * one of 3 (WCAG 2.1, success criteria 1.4.3 and 1.4.11): tests compute them. */
#ifndef VIZ_PALETTE_H
#define VIZ_PALETTE_H

#include <stdint.h>

struct palette {
    uint32_t page, plot, stripe; /* stripe: behind every other token */
    uint32_t rule, ink, muted;
    uint32_t excited, inhibited; /* spikes of positive and negative worth */
    uint32_t prompt, generated;  /* the bar under a token */
    uint32_t both, opposed;      /* of two recordings: the same, of different sign */
    uint32_t chosen;             /* around what is selected */
    float faintest;              /* share of its colour in the weakest spike */
};

extern const struct palette palette_light, palette_dark, palette_colour_blind;

#endif
