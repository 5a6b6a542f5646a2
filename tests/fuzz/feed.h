/* For fuzzers whose bytes say what is written into a file. */
#ifndef TESTS_FUZZ_FEED_H
#define TESTS_FUZZ_FEED_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <unistd.h>

struct feed {
    const uint8_t *bytes;
    size_t size;
};

/* The next byte; 0 behind the last. */
static inline uint8_t next(struct feed *feed)
{
    if (feed->size == 0)
        return 0;
    feed->size--;
    return *feed->bytes++;
}

/* A file of this process, in memory where the system has a folder for that. */
static inline void feed_path(char *path, size_t room, const char *name)
{
    const char *folder = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp";
    snprintf(path, room, "%s/%s.%ld", folder, name, (long)getpid());
}

#endif
