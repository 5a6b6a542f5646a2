/* The whole picture: panes by their layout, title, state, caption, hover and help. What
 * a window shows is what is written here, pixel for pixel. It has two coats: the ground,
 * which stays while a view plays but for the panes that follow it, and over it the
 * cursor and whatever else moves in every frame. */
#ifndef VIZ_PICTURE_H
#define VIZ_PICTURE_H

#include "viz/layout.h"

/* Draws everything anew. layout may be NULL. */
enum error_code picture_draw(const struct stage *stage, struct canvas *canvas,
                             uint32_t width, uint32_t height, struct layout *layout,
                             struct error *err);

/* Its parts. The ground without panes: page, title, names of recordings. */
void picture_ground(const struct stage *stage, struct canvas *canvas,
                    const struct layout *layout, uint32_t width, uint32_t height);
/* A pane with its title, over an empty ground. */
enum error_code picture_pane(const struct stage *stage, struct canvas *canvas,
                             const struct layout *layout, unsigned which,
                             enum view_pane pane, struct error *err);
/* What lies at a point; false: nothing. */
bool picture_find(const struct stage *stage, struct canvas *canvas,
                  const struct layout *layout, int x, int y, struct finding *finding);
/* What a pane draws in: below its title. */
struct box picture_body(const struct layout *layout, unsigned which,
                        enum view_pane pane);
/* Where the axis of time stands in a pane; width 0: it has none. */
struct box picture_plot(const struct stage *stage, struct canvas *canvas,
                        const struct layout *layout, unsigned which,
                        enum view_pane pane);

#endif
