/* See palette.h. */
#include "viz/palette.h"

const struct palette palette_light = {
    .page = 0xffffffff,
    .plot = 0xfffafaf8,
    .stripe = 0xfff2f2ee,
    .rule = 0xffc9ccd1,
    .ink = 0xff1d2733,
    .muted = 0xff6b7684,
    .excited = 0xffd55e00,
    .inhibited = 0xff0072b2,
    .prompt = 0xffb4bac2,
    .generated = 0xff2f9e6e,
    .faintest = 0.30f,
};

const struct palette palette_dark = {
    .page = 0xff0b0f17,
    .plot = 0xff0e131d,
    .stripe = 0xff131a27,
    .rule = 0xff2c3748,
    .ink = 0xffe8ecf2,
    .muted = 0xff8793a5,
    .excited = 0xffffb000,
    .inhibited = 0xff56b4e9,
    .prompt = 0xff4b586b,
    .generated = 0xff3fbf8a,
    .faintest = 0.32f,
};
