/* What a window tells: keys and the mouse, in pixels of the picture. No SDL here: tests
 * make such events themselves. */
#ifndef VIZ_INPUT_H
#define VIZ_INPUT_H

#include <stdint.h>

/* A key that types something is its character, whatever the keyboard's layout. */
enum input_key {
    KEY_LEFT = 0x110000, /* beyond Unicode */
    KEY_RIGHT,
    KEY_UP,
    KEY_DOWN,
    KEY_HOME,
    KEY_END,
    KEY_PAGE_UP,
    KEY_PAGE_DOWN,
    KEY_TAB,
    KEY_BACK_TAB, /* with Shift */
    KEY_ESCAPE,
    KEY_F1,
    KEY_F11
};

enum input_modifier { INPUT_SHIFT = 1, INPUT_CTRL = 2 };

enum input_kind {
    INPUT_NONE,
    INPUT_CLOSE,
    INPUT_REDRAW, /* the size changed, or what was shown is lost */
    INPUT_KEY,
    INPUT_MOVE,
    INPUT_LEAVE,
    INPUT_PRESS,
    INPUT_RELEASE,
    INPUT_WHEEL
};

enum input_button { BUTTON_LEFT = 1, BUTTON_RIGHT = 3 };

struct input {
    enum input_kind kind;
    uint32_t key;             /* a character or enum input_key */
    unsigned modifiers;       /* of the mouse */
    int x, y, button, clicks; /* clicks 2: a double click */
    float wheel_x, wheel_y;   /* notches: right and away from the user */
};

#endif
