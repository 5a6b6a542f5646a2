/* See window.h. */
#include "viz/window.h"

#include <SDL2/SDL.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

struct window {
    SDL_Window *window;
    SDL_Renderer *renderer;
    SDL_Texture *texture;
};

enum { LEAST_WIDTH = 480, LEAST_HEIGHT = 320 };

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
    if (w->window)
        w->renderer = SDL_CreateRenderer(w->window, -1, SDL_RENDERER_PRESENTVSYNC);
    if (!w->renderer) {
        fail(err, "open a window");
        goto out;
    }
    SDL_SetWindowMinimumSize(w->window, LEAST_WIDTH, LEAST_HEIGHT);
    SDL_SetRenderDrawBlendMode(w->renderer, SDL_BLENDMODE_BLEND);
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
    if (window->texture)
        SDL_DestroyTexture(window->texture);
    if (window->renderer)
        SDL_DestroyRenderer(window->renderer);
    if (window->window)
        SDL_DestroyWindow(window->window);
    SDL_Quit();
    free(window);
}

static enum window_event of_key(SDL_Keycode key)
{
    switch (key) {
    case SDLK_q:
    case SDLK_ESCAPE: return WINDOW_QUIT;
    case SDLK_SPACE: return WINDOW_PAUSE;
    case SDLK_LEFT: return WINDOW_BACK;
    case SDLK_RIGHT: return WINDOW_FORWARD;
    case SDLK_UP: return WINDOW_FASTER;
    case SDLK_DOWN: return WINDOW_SLOWER;
    case SDLK_HOME: return WINDOW_HOME;
    default: return WINDOW_NOTHING;
    }
}

static enum window_event of_event(const SDL_Event *event)
{
    if (event->type == SDL_QUIT)
        return WINDOW_QUIT;
    if (event->type == SDL_KEYDOWN)
        return of_key(event->key.keysym.sym);
    if (event->type == SDL_WINDOWEVENT &&
        event->window.event == SDL_WINDOWEVENT_SIZE_CHANGED)
        return WINDOW_RESIZED;
    return WINDOW_NOTHING;
}

enum window_event window_next(struct window *window, int milliseconds)
{
    (void)window;
    SDL_Event event;
    if (!SDL_WaitEventTimeout(&event, milliseconds))
        return WINDOW_NOTHING;
    do {
        enum window_event kind = of_event(&event);
        if (kind != WINDOW_NOTHING)
            return kind;
    } while (SDL_PollEvent(&event));
    return WINDOW_NOTHING;
}

void window_size(const struct window *window, uint32_t *width, uint32_t *height)
{
    int w = 0, h = 0;
    SDL_GetRendererOutputSize(window->renderer, &w, &h);
    *width = (uint32_t)w;
    *height = (uint32_t)h;
}

enum error_code window_upload(struct window *window, const struct image *image,
                              struct error *err)
{
    if (window->texture)
        SDL_DestroyTexture(window->texture);
    window->texture = SDL_CreateTexture(window->renderer, SDL_PIXELFORMAT_ARGB8888,
                                        SDL_TEXTUREACCESS_STATIC, (int)image->width,
                                        (int)image->height);
    if (!window->texture ||
        SDL_UpdateTexture(window->texture, NULL, image->pixel,
                          (int)(image->width * sizeof *image->pixel)) != 0)
        return fail(err, "show the picture");
    return OK;
}

static void set_colour(SDL_Renderer *renderer, uint32_t colour)
{
    SDL_SetRenderDrawColor(renderer, (Uint8)(colour >> 16), (Uint8)(colour >> 8),
                           (Uint8)colour, (Uint8)(colour >> 24));
}

void window_draw(struct window *window, const struct window_veil *veil)
{
    SDL_Rect area = { veil->x, veil->y, veil->width, veil->height };
    SDL_Rect line = { veil->x, veil->y, 2, veil->height };
    SDL_RenderCopy(window->renderer, window->texture, NULL, NULL);
    set_colour(window->renderer, veil->colour);
    SDL_RenderFillRect(window->renderer, &area);
    if (veil->width > 0) {
        set_colour(window->renderer, veil->line);
        SDL_RenderFillRect(window->renderer, &line);
    }
    SDL_RenderPresent(window->renderer);
}
