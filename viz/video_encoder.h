/* Pictures of one size, one after another, into a video by ffmpeg, a child that reads
 * them through a pipe. No shell is involved. */
#ifndef VIZ_VIDEO_ENCODER_H
#define VIZ_VIDEO_ENCODER_H

#include "viz/image.h"

#include <stdio.h>
#include <sys/types.h>

struct video_encoder {
    pid_t child; /* 0: none */
    int pipe;    /* -1: closed */
    FILE *said;  /* what it wrote to stderr */
    char *path, *partial;
    unsigned char *row; /* bytes of a picture's row */
    uint32_t width, height;
};

/* What a video of such a name can be: .mp4 (even sizes only) or .gif. */
enum video_format { VIDEO_NONE, VIDEO_MP4, VIDEO_GIF };
enum video_format video_format_of(const char *path);

/* An error says what to install where ffmpeg is missing. Release what failed, too. */
enum error_code video_encoder_start(struct video_encoder *encoder, const char *path,
                                    uint32_t width, uint32_t height, double fps,
                                    struct error *err);
enum error_code video_encoder_add(struct video_encoder *encoder,
                                  const struct image *image, struct error *err);
/* The file appears when it is whole. An error holds ffmpeg's last line. */
enum error_code video_encoder_finish(struct video_encoder *encoder, struct error *err);
/* Ends a child that still runs and removes what it wrote. */
void video_encoder_release(struct video_encoder *encoder);

#endif
