/* Playback as a video file: frame i shows the view at from + i speed / fps, drawn as a
 * picture is, so the frames are the same on every machine. */
#ifndef VIZ_VIDEO_H
#define VIZ_VIDEO_H

#include "viz/show.h"

enum { VIDEO_MAX_FRAMES = 100000, VIDEO_FPS = 30, VIDEO_GIF_FPS = 20 };

struct video_settings {
    const char *path;       /* .mp4 or .gif */
    uint32_t width, height; /* made even for .mp4 */
    double fps;             /* 0: the format's */
    double from, to;        /* steps */
    double steps_per_second;
};

/* Completes and checks the settings; what it changes the caller may say. */
enum error_code video_settings_check(struct video_settings *settings,
                                     struct error *err);
uint64_t video_frames(const struct video_settings *settings);
/* Checked settings. The show's cursor moves. */
enum error_code video_write(struct show *show, const struct video_settings *settings,
                            struct error *err);

#endif
