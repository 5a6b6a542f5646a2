/* See window.h. The picture is drawn by us, so the window takes its pixels as they are:
 * through the window's surface, of which only the boxes that changed are sent. */
#include "viz/window.h"

#include <SDL2/SDL.h>
#include <stdlib.h>
#include <string.h>

enum { LEAST_WIDTH = 320, LEAST_HEIGHT = 240, BOXES = 64 };

struct window {
    SDL_Window *window;
    bool is_full;
    /* As of the event that is handled: SDL knows only how things stand by now. */
    unsigned modifiers;
    int mouse_x, mouse_y;
};

static enum error_code fail(struct error *err, const char *what)
{
    return error_set(err, ERR_IO, "cannot %s: %s", what, SDL_GetError());
}

/* Without a display SDL falls back on drivers that nobody sees; whoever names one in
 * SDL_VIDEODRIVER means it. */
static bool is_seen(void)
{
    static const char *const unseen[] = { "offscreen", "dummy", "evdev" };
    const char *driver = SDL_GetCurrentVideoDriver();
    if (SDL_getenv("SDL_VIDEODRIVER"))
        return true;
    for (size_t i = 0; i < sizeof unseen / sizeof unseen[0]; i++)
        if (!driver || strcmp(driver, unseen[i]) == 0)
            return false;
    return true;
}

enum error_code window_open(struct window **window, const char *title, uint32_t width,
                            uint32_t height, struct error *err)
{
    *window = calloc(1, sizeof **window);
    if (!*window)
        return error_memory(err, "a window", sizeof **window);
    struct window *w = *window;
    if (SDL_Init(SDL_INIT_VIDEO) != 0) {
        fail(err, "open a display");
        goto out;
    }
    if (!is_seen()) {
        error_set(err, ERR_IO, "there is no display");
        goto out;
    }
    w->window = SDL_CreateWindow(title, SDL_WINDOWPOS_CENTERED, SDL_WINDOWPOS_CENTERED,
                                 (int)width, (int)height,
                                 SDL_WINDOW_RESIZABLE | SDL_WINDOW_ALLOW_HIGHDPI);
    if (!w->window || !SDL_GetWindowSurface(w->window)) {
        fail(err, "open a window");
        goto out;
    }
    SDL_SetWindowMinimumSize(w->window, LEAST_WIDTH, LEAST_HEIGHT);
    SDL_StartTextInput();
    return OK;
out:
    window_close(w);
    *window = NULL;
    return err->code;
}

void window_close(struct window *window)
{
    if (!window)
        return;
    if (window->window)
        SDL_DestroyWindow(window->window);
    SDL_Quit();
    free(window);
}

void window_size(struct window *window, uint32_t *width, uint32_t *height)
{
    SDL_Surface *surface = SDL_GetWindowSurface(window->window);
    *width = surface && surface->w > 0 ? (uint32_t)surface->w : 1;
    *height = surface && surface->h > 0 ? (uint32_t)surface->h : 1;
}

void window_toggle_full_screen(struct window *window)
{
    window->is_full = !window->is_full;
    SDL_SetWindowFullscreen(window->window,
                            window->is_full ? SDL_WINDOW_FULLSCREEN_DESKTOP : 0);
}

/* Keys that type nothing; the others come as text, whatever the layout. */
static uint32_t of_key(const SDL_Keysym *key)
{
    switch (key->sym) {
    case SDLK_LEFT: return KEY_LEFT;
    case SDLK_RIGHT: return KEY_RIGHT;
    case SDLK_UP: return KEY_UP;
    case SDLK_DOWN: return KEY_DOWN;
    case SDLK_HOME: return KEY_HOME;
    case SDLK_END: return KEY_END;
    case SDLK_PAGEUP: return KEY_PAGE_UP;
    case SDLK_PAGEDOWN: return KEY_PAGE_DOWN;
    case SDLK_TAB: return key->mod & KMOD_SHIFT ? KEY_BACK_TAB : KEY_TAB;
    case SDLK_ESCAPE: return KEY_ESCAPE;
    case SDLK_F1: return KEY_F1;
    case SDLK_F11: return KEY_F11;
    default: return 0;
    }
}

static void note_modifiers(struct window *window, Uint16 keys)
{
    window->modifiers =
        (keys & KMOD_SHIFT ? INPUT_SHIFT : 0u) | (keys & KMOD_CTRL ? INPUT_CTRL : 0u);
}

static void place_mouse(struct window *window, struct input *input, int x, int y)
{
    int width = 0, height = 0;
    uint32_t pixels = 0, lines = 0;
    SDL_GetWindowSize(window->window, &width, &height);
    window_size(window, &pixels, &lines);
    window->mouse_x = x;
    window->mouse_y = y;
    input->x = width > 0 ? (int)((int64_t)x * (int64_t)pixels / width) : x;
    input->y = height > 0 ? (int)((int64_t)y * (int64_t)lines / height) : y;
    input->modifiers = window->modifiers;
}

static void of_wheel(struct window *window, const SDL_MouseWheelEvent *wheel,
                     struct input *input)
{
    place_mouse(window, input, window->mouse_x, window->mouse_y);
    input->kind = INPUT_WHEEL;
    input->wheel_x = wheel->preciseX;
    input->wheel_y = wheel->preciseY;
}

static void of_window(const SDL_WindowEvent *event, struct input *input)
{
    switch (event->event) {
    case SDL_WINDOWEVENT_SIZE_CHANGED:
    case SDL_WINDOWEVENT_EXPOSED: input->kind = INPUT_REDRAW; break;
    case SDL_WINDOWEVENT_LEAVE: input->kind = INPUT_LEAVE; break;
    default: break;
    }
}

static void of_event(struct window *window, const SDL_Event *event, struct input *input)
{
    *input = (struct input){ .kind = INPUT_NONE };
    switch (event->type) {
    case SDL_QUIT: input->kind = INPUT_CLOSE; break;
    case SDL_WINDOWEVENT: of_window(&event->window, input); break;
    case SDL_KEYUP: note_modifiers(window, event->key.keysym.mod); break;
    case SDL_KEYDOWN:
        note_modifiers(window, event->key.keysym.mod);
        input->key = of_key(&event->key.keysym);
        break;
    case SDL_TEXTINPUT: /* every key bound is ASCII */
        if (!event->text.text[1])
            input->key = (unsigned char)event->text.text[0];
        break;
    case SDL_MOUSEMOTION:
        place_mouse(window, input, event->motion.x, event->motion.y);
        input->kind = INPUT_MOVE;
        break;
    case SDL_MOUSEBUTTONDOWN:
    case SDL_MOUSEBUTTONUP:
        place_mouse(window, input, event->button.x, event->button.y);
        input->kind = event->type == SDL_MOUSEBUTTONDOWN ? INPUT_PRESS : INPUT_RELEASE;
        input->button = event->button.button;
        input->clicks = event->button.clicks;
        break;
    case SDL_MOUSEWHEEL: of_wheel(window, &event->wheel, input); break;
    default: break;
    }
    if (input->key)
        input->kind = INPUT_KEY;
}

bool window_next(struct window *window, int milliseconds, struct input *input)
{
    SDL_Event event;
    int came = milliseconds < 0    ? SDL_WaitEvent(&event)
               : milliseconds == 0 ? SDL_PollEvent(&event)
                                   : SDL_WaitEventTimeout(&event, milliseconds);
    if (!came)
        return false;
    of_event(window, &event, input);
    return true;
}

enum error_code window_show(struct window *window, const struct image *image,
                            const struct box *box, unsigned boxes, struct error *err)
{
    SDL_Surface *surface = SDL_GetWindowSurface(window->window);
    SDL_Rect rects[BOXES];
    int count = 0, pitch = (int)(image->width * sizeof *image->pixel);
    if (!surface)
        return fail(err, "show the picture");
    if ((uint32_t)surface->w != image->width || (uint32_t)surface->h != image->height)
        return OK; /* resized meanwhile: the event for it is on its way */
    for (unsigned i = 0; i < boxes && count < BOXES; i++) {
        struct box b = box[i];
        if (b.width <= 0 || b.height <= 0)
            continue;
        const uint32_t *from = image->pixel + (size_t)b.y * image->width + b.x;
        unsigned char *to = (unsigned char *)surface->pixels +
                            (size_t)b.y * (size_t)surface->pitch +
                            (size_t)b.x * surface->format->BytesPerPixel;
        if (SDL_ConvertPixels(b.width, b.height, SDL_PIXELFORMAT_ARGB8888, from, pitch,
                              surface->format->format, to, surface->pitch) != 0)
            return fail(err, "show the picture");
        rects[count++] = (SDL_Rect){ b.x, b.y, b.width, b.height };
    }
    if (count > 0 && SDL_UpdateWindowSurfaceRects(window->window, rects, count) != 0)
        return fail(err, "show the picture");
    return OK;
}
