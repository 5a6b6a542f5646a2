/* See measure_index.h. */
#include "tests/measure_index.h"

#include "tests/large_recording.h"
#include "viz/spike_index.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { NEURONS = 100000, STEPS = 100000, FRAMES = 240, BANDS = 6 };

static double now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

/* Of all threads: what other programs on the machine do is not in it. */
static double busy(void)
{
    struct timespec time;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
    return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

static int compare(const void *a, const void *b)
{
    double left = *(const double *)a, right = *(const double *)b;
    return (left > right) - (left < right);
}

/* Part of the time and of the neurons, [0, 1] each. */
struct sight {
    double time, times, neuron, neurons;
};

/* Of one population after another, at the height its neurons take. */
static uint32_t find_bands(const struct scene *scene, const struct sight *sight,
                           uint32_t height, struct spike_band *band)
{
    uint32_t bands = 0;
    double first = sight->neuron * (double)scene->rows;
    double end = first + sight->neurons * (double)scene->rows;
    for (uint32_t p = 0; p < scene->recording.populations; p++) {
        const struct population_info *info = &scene->recording.population[p];
        double low = fmax(first, (double)info->first_node);
        double high = fmin(end, (double)(info->first_node + info->size));
        uint64_t from = (uint64_t)low, to = (uint64_t)ceil(high);
        if (low >= high)
            continue;
        double bottom = (low - first) / (end - first) * height;
        double top = (high - first) / (end - first) * height;
        uint32_t upper = height - (uint32_t)top, lower = height - (uint32_t)bottom;
        if (upper == lower)
            continue;
        band[bands++] = (struct spike_band){ from, to - from, upper, lower - upper };
    }
    return bands;
}

/* As a raster is painted: one colour a cell. */
static uint32_t paint(const struct spike_grid *grid, uint32_t *pixel)
{
    uint32_t lit = 0;
#pragma omp parallel for reduction(+ : lit)
    for (uint32_t b = 0; b < grid->bands; b++) {
        const struct spike_band *band = &grid->band[b];
        float scale = spike_grid_scale(grid, band);
        for (uint32_t row = band->top; row < band->top + band->height; row++)
            for (uint32_t column = 0; column < grid->columns; column++) {
                size_t cell = (size_t)row * grid->columns + column;
                float sum = grid->excited[cell] + grid->inhibited[cell];
                if (sum > 0) {
                    float share = spike_grid_strength(scale, sum);
                    pixel[cell] = (uint32_t)(255 * share) << 8;
                    lit++;
                }
            }
    }
    return lit;
}

static double draw(struct spike_index *index, const struct scene *scene,
                   const struct sight *sight, uint32_t width, uint32_t height,
                   uint32_t *pixel, uint32_t *lit)
{
    struct spike_band band[BANDS];
    struct spike_grid grid;
    struct error err = { 0 };
    double begun = now();
    if (spike_grid_create(&grid, width, height, &err) != OK)
        return (double)NAN;
    grid.band = band;
    grid.bands = find_bands(scene, sight, height, band);
    grid.first_step = (uint64_t)(sight->time * (double)scene_end(scene));
    grid.steps = (uint64_t)(sight->times * (double)scene_end(scene)) + 1;
    if (spike_index_fill(index, &grid, &err) != OK)
        fprintf(stderr, "%s\n", err.text);
    *lit = paint(&grid, pixel);
    spike_grid_release(&grid);
    return now() - begun;
}

/* In from the whole to a thousandth and out again, then along. */
static struct sight script(int frame)
{
    double part = (double)frame / FRAMES, zoom, at = 0.3;
    if (part < 0.6) {
        zoom = pow(10, -3 * fabs(1 - fabs(part / 0.3 - 1)));
        double other = pow(10, -3 * fabs(sin(9 * part)));
        return (struct sight){ at * (1 - zoom), zoom, at * (1 - other), other };
    }
    zoom = part < 0.8 ? 0.2 : 0.02;
    return (struct sight){ (1 - zoom) * (part - 0.6) * 2.5, zoom, 0.1,
                           part < 0.9 ? 0.8 : 0.05 };
}

static void measure_frames(struct spike_index *index, const struct scene *scene,
                           uint32_t width, uint32_t height)
{
    double seconds[FRAMES], worked[FRAMES];
    uint32_t lit;
    uint32_t *pixel = calloc((size_t)width * height, sizeof *pixel);
    if (!pixel)
        return;
    for (int frame = 0; frame < FRAMES; frame++) {
        const struct sight sight = script(frame);
        double begun = busy();
        seconds[frame] = draw(index, scene, &sight, width, height, pixel, &lit);
        worked[frame] = busy() - begun;
        if (getenv("MEASURE_ALL"))
            printf("%d time %.4f neurons %.4f: %.1f ms, %.1f ms busy\n", frame,
                   sight.times, sight.neurons, 1000 * seconds[frame],
                   1000 * worked[frame]);
    }
    qsort(seconds, FRAMES, sizeof *seconds, compare);
    qsort(worked, FRAMES, sizeof *worked, compare);
    printf(
        "  %ux%u: frame median %.1f ms, 95 %% %.1f ms, most %.1f ms; processors busy "
        "%.1f, %.1f, %.1f ms\n",
        width, height, 1000 * seconds[FRAMES / 2], 1000 * seconds[FRAMES * 95 / 100],
        1000 * seconds[FRAMES - 1], 1000 * worked[FRAMES / 2],
        1000 * worked[FRAMES * 95 / 100], 1000 * worked[FRAMES - 1]);
    free(pixel);
}

static double peak_mb(void)
{
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return (double)usage.ru_maxrss / 1024;
}

static double file_mb(const char *path)
{
    struct stat found;
    return stat(path, &found) == 0 ? (double)found.st_size / 1e6 : 0;
}

static int look(const char *path)
{
    struct scene scene;
    struct spike_index *index;
    struct error err = { 0 };
    const struct sight all = { 0, 1, 0, 1 };
    uint32_t lit = 0;
    uint32_t *pixel = calloc(1280 * 720, sizeof *pixel);
    double begun = now();
    if (!pixel || scene_open(&scene, path, &err) != OK ||
        spike_index_open(&index, &scene, false, &err) != OK) {
        fprintf(stderr, "%s\n", err.text);
        free(pixel);
        return 1;
    }
    double opened = now() - begun, most = 0;
    while (lit == 0 && (spike_index_progress(index) < 1 || now() - begun < 1)) {
        draw(index, &scene, &all, 1280, 720, pixel, &lit);
        if (lit == 0)
            nanosleep(&(struct timespec){ .tv_nsec = 5000000 }, NULL);
    }
    double first = now() - begun;
    while (spike_index_progress(index) < 1) {
        double took = draw(index, &scene, &all, 1280, 720, pixel, &lit);
        most = took > most ? took : most;
        nanosleep(&(struct timespec){ .tv_nsec = 20000000 }, NULL);
    }
    printf("  opened %.2f s, first picture %.2f s, whole %.2f s, slowest frame "
           "meanwhile %.0f ms, memory at most %.0f MB\n",
           opened, first, now() - begun, 1000 * most, peak_mb());
    measure_frames(index, &scene, 1280, 720);
    measure_frames(index, &scene, 3840, 2160);
    printf("  memory at most %.0f MB\n", peak_mb());
    spike_index_close(index);
    scene_release(&scene);
    free(pixel);
    return 0;
}

int measure_index(const char *folder, char *const *events, int count)
{
    char path[512], cache[520];
    struct error err = { 0 };
    int status = 0;
    for (int i = 0; i < count && status == 0; i++) {
        const struct large_plan plan = { strtoull(events[i], NULL, 10), NEURONS, STEPS,
                                         7, 0 };
        snprintf(path, sizeof path, "%s/%s.h5", folder, events[i]);
        snprintf(cache, sizeof cache, "%s.index", path);
        if (access(path, R_OK) != 0 && large_recording_write(path, &plan, &err) != OK) {
            fprintf(stderr, "%s\n", err.text);
            return 1;
        }
        bool was_indexed = access(cache, R_OK) == 0;
        printf("%s events, %s:\n", events[i],
               was_indexed ? "with its index" : "without index");
        status = look(path);
        printf("  recording %.0f MB, index %.0f MB\n", file_mb(path), file_mb(cache));
    }
    return status;
}
