/* See palette.h. */
#include "viz/palette.h"

const struct palette palette_light = {
    .page = 0xffffffff,
    .plot = 0xfffafaf8,
    .stripe = 0xfff0f0eb,
    .rule = 0xffc9ccd1,
    .ink = 0xff1d2733,
    .muted = 0xff5b6572,
    .excited = 0xffd55e00,
    .inhibited = 0xff0072b2,
    .prompt = 0xff7d858f,
    .generated = 0xff16845a,
    .both = 0xff7b8490,
    .opposed = 0xffb0459a,
    .chosen = 0xff16845a,
    .faintest = 0.34f,
};

const struct palette palette_dark = {
    .page = 0xff0b0f17,
    .plot = 0xff0e131d,
    .stripe = 0xff151d2b,
    .rule = 0xff2c3748,
    .ink = 0xffe8ecf2,
    .muted = 0xff98a3b4,
    .excited = 0xffffb000,
    .inhibited = 0xff56b4e9,
    .prompt = 0xff6b7a90,
    .generated = 0xff3fbf8a,
    .both = 0xff8c97a6,
    .opposed = 0xffe07fc8,
    .chosen = 0xff3fbf8a,
    .faintest = 0.42f,
};

/* The blue is darker and the orange lighter than above, so that they stay apart in grey
 * and for whoever sees no red. */
const struct palette palette_colour_blind = {
    .page = 0xffffffff,
    .plot = 0xffffffff,
    .stripe = 0xfff1f1f1,
    .rule = 0xffbdbdbd,
    .ink = 0xff000000,
    .muted = 0xff595959,
    .excited = 0xffd55e00,
    .inhibited = 0xff00426b,
    .prompt = 0xff8a8a8a,
    .generated = 0xff000000,
    .both = 0xff8a8a8a,
    .opposed = 0xffb9639a,
    .chosen = 0xff000000,
    .faintest = 0.40f,
};
