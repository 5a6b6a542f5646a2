/* See video_encoder.h. The child's stdin is a socket, for a write to one can be told not
 * to raise SIGPIPE when the child has died; its stderr is a file without a name, so it
 * never waits for us to read it. */
#include "viz/video_encoder.h"

#include <errno.h>
#include <signal.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

enum { NUMBER_ROOM = 40, ARGUMENTS = 40 };

enum video_format video_format_of(const char *path)
{
    const char *dot = strrchr(path, '.');
    if (dot && strcmp(dot, ".mp4") == 0)
        return VIDEO_MP4;
    return dot && strcmp(dot, ".gif") == 0 ? VIDEO_GIF : VIDEO_NONE;
}

/* +bitexact leaves versions and dates out: the same frames give the same file. A GIF
 * has a palette for each picture, so no picture has to wait for the last one. */
static const char *const to_mp4[] = { "-c:v",      "libx264",    "-preset",  "medium",
                                      "-crf",      "18",         "-pix_fmt", "yuv420p",
                                      "-movflags", "+faststart", "-f",       "mp4",
                                      NULL };
static const char *const to_gif[] = {
    "-filter_complex",
    "split[a][b];[a]palettegen=stats_mode=single[p];[b][p]paletteuse=new=1:dither=none",
    "-f",
    "gif",
    NULL,
};

static int start_child(struct video_encoder *encoder, int from, double fps)
{
    char size[NUMBER_ROOM], rate[NUMBER_ROOM];
    snprintf(size, sizeof size, "%ux%u", encoder->width, encoder->height);
    snprintf(rate, sizeof rate, "%.6g", fps);
    const char *argument[ARGUMENTS] = {
        "ffmpeg",  "-loglevel", "error",    "-nostdin",  "-y",
        "-f",      "rawvideo",  "-pix_fmt", "rgb24",     "-s",
        size,      "-r",        rate,       "-i",        "pipe:0",
        "-fflags", "+bitexact", "-flags:v", "+bitexact", "-map_metadata",
        "-1",
    };
    unsigned count = 0;
    while (argument[count])
        count++;
    const char *const *more =
        video_format_of(encoder->path) == VIDEO_GIF ? to_gif : to_mp4;
    while (*more)
        argument[count++] = *more++;
    argument[count] = encoder->partial;

    posix_spawn_file_actions_t actions;
    if (posix_spawn_file_actions_init(&actions) != 0)
        return ENOMEM;
    int failed = posix_spawn_file_actions_adddup2(&actions, from, STDIN_FILENO);
    if (!failed)
        failed = posix_spawn_file_actions_adddup2(&actions, fileno(encoder->said),
                                                  STDERR_FILENO);
    if (!failed)
        failed = posix_spawn_file_actions_addclose(&actions, encoder->pipe);
    if (!failed)
        failed = posix_spawnp(&encoder->child, argument[0], &actions, NULL,
                              (char *const *)argument, environ);
    if (failed)
        encoder->child = 0;
    posix_spawn_file_actions_destroy(&actions);
    return failed;
}

enum error_code video_encoder_start(struct video_encoder *encoder, const char *path,
                                    uint32_t width, uint32_t height, double fps,
                                    struct error *err)
{
    static const char ending[] = ".partial";
    int end[2];
    size_t length = strlen(path);
    *encoder = (struct video_encoder){ .pipe = -1, .width = width, .height = height };
    encoder->path = malloc(length + 1);
    encoder->partial = malloc(length + sizeof ending);
    encoder->row = malloc(3 * (size_t)width);
    if (!encoder->path || !encoder->partial || !encoder->row)
        return error_memory(err, "a video's frame", 3.0 * width);
    memcpy(encoder->path, path, length + 1);
    memcpy(encoder->partial, path, length);
    memcpy(encoder->partial + length, ending, sizeof ending);
    encoder->said = tmpfile();
    if (!encoder->said || socketpair(AF_UNIX, SOCK_STREAM, 0, end) < 0)
        return error_set(err, ERR_IO, "a pipe to ffmpeg: %s", strerror(errno));
    encoder->pipe = end[0];
    int failed = start_child(encoder, end[1], fps);
    close(end[1]);
    if (failed == ENOENT)
        return error_set(err, ERR_IO,
                         "%s: ffmpeg makes the video and is not installed (on Debian: "
                         "apt-get install ffmpeg)",
                         path);
    if (failed)
        return error_set(err, ERR_IO, "ffmpeg cannot be started: %s", strerror(failed));
    return OK;
}

/* The last line the child said, without its end. */
static void last_line(FILE *said, char *line, size_t room)
{
    char next[300];
    snprintf(line, room, "it said nothing");
    rewind(said);
    while (fgets(next, sizeof next, said)) {
        next[strcspn(next, "\r\n")] = '\0';
        if (next[0])
            snprintf(line, room, "%s", next);
    }
}

/* Waits for the child. */
static enum error_code conclude(struct video_encoder *encoder, struct error *err)
{
    int status = 0;
    char line[300];
    close(encoder->pipe);
    encoder->pipe = -1;
    while (waitpid(encoder->child, &status, 0) < 0)
        if (errno != EINTR)
            return error_set(err, ERR_IO, "ffmpeg: %s", strerror(errno));
    encoder->child = 0;
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
        return OK;
    last_line(encoder->said, line, sizeof line);
    return error_set(err, ERR_IO, "%s: ffmpeg failed: %s", encoder->path, line);
}

static bool send_all(int pipe, const unsigned char *bytes, size_t length)
{
    while (length > 0) {
        ssize_t sent = send(pipe, bytes, length, MSG_NOSIGNAL);
        if (sent < 0 && errno == EINTR)
            continue;
        if (sent < 0)
            return false;
        bytes += sent;
        length -= (size_t)sent;
    }
    return true;
}

enum error_code video_encoder_add(struct video_encoder *encoder,
                                  const struct image *image, struct error *err)
{
    for (uint32_t y = 0; y < encoder->height; y++) {
        const uint32_t *pixel = image->pixel + (size_t)y * image->width;
        for (uint32_t x = 0; x < encoder->width; x++) {
            encoder->row[3 * x] = (unsigned char)(pixel[x] >> 16);
            encoder->row[3 * x + 1] = (unsigned char)(pixel[x] >> 8);
            encoder->row[3 * x + 2] = (unsigned char)pixel[x];
        }
        if (send_all(encoder->pipe, encoder->row, 3 * (size_t)encoder->width))
            continue;
        if (conclude(encoder, err) == OK)
            error_set(err, ERR_IO, "%s: ffmpeg ended early", encoder->path);
        return err->code;
    }
    return OK;
}

enum error_code video_encoder_finish(struct video_encoder *encoder, struct error *err)
{
    if (conclude(encoder, err) != OK)
        return err->code;
    if (rename(encoder->partial, encoder->path) != 0)
        return error_set(err, ERR_IO, "%s: %s", encoder->path, strerror(errno));
    return OK;
}

void video_encoder_release(struct video_encoder *encoder)
{
    if (encoder->pipe >= 0)
        close(encoder->pipe);
    if (encoder->child > 0) {
        kill(encoder->child, SIGTERM);
        while (waitpid(encoder->child, NULL, 0) < 0 && errno == EINTR)
            ;
    }
    if (encoder->partial)
        unlink(encoder->partial);
    if (encoder->said)
        fclose(encoder->said);
    free(encoder->path);
    free(encoder->partial);
    free(encoder->row);
    *encoder = (struct video_encoder){ .pipe = -1 };
}
