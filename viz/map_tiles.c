/* See map_tiles.h. Tiles of a network are laid in strips, left to right and top to
 * bottom in the order of populations (Bederson, Shneiderman and Wattenberg, ACM Trans.
 * Graphics 21 (2002) 833), in as many as make them most square. */
#include "viz/map_tiles.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { LEAST_LIGHT = 2 /* pixels */, MOST_STRIPS = 40 };

void map_part(int from, int length, uint32_t i, uint32_t n, int *begin, int *extent)
{
    int64_t left = (int64_t)length * i / n, right = (int64_t)length * (i + 1) / n;
    *begin = from + (int)left;
    *extent = (int)(right - left);
}

static uint32_t role_of(struct map_tiles *map, const char *role)
{
    uint32_t at = 0;
    while (at < map->roles && strcmp(map->role[at], role) != 0)
        at++;
    if (at == map->roles && at < MAP_ROLES)
        map->role[map->roles++] = role;
    return at < MAP_ROLES ? at : MAP_ROLES - 1;
}

static struct box shrink(struct box box)
{
    int x = box.width >= 6 ? box.width >= 24 ? 2 : 1 : 0;
    int y = box.height >= 6 ? box.height >= 24 ? 2 : 1 : 0;
    return (struct box){ box.x, box.y, box.width - x, box.height - y };
}

static struct box part_across(struct box box, uint32_t i, uint32_t n)
{
    struct box part = box;
    map_part(box.x, box.width, i, n, &part.x, &part.width);
    return part;
}

static struct box part_up(struct box box, uint32_t i, uint32_t n)
{
    struct box part = box;
    map_part(box.y, box.height, n - 1 - i, n, &part.y, &part.height);
    return part;
}

/* Populations [from, to) of one layer; those of one role share a cell. */
static void place_layer(struct map_tiles *map, const struct population_info *population,
                        uint32_t from, uint32_t to)
{
    uint32_t sharing[MAP_ROLES] = { 0 }, placed[MAP_ROLES] = { 0 };
    struct box column =
        part_across(map->field, (uint32_t)population[from].layer, map->columns);
    for (uint32_t i = from; i < to; i++)
        sharing[role_of(map, population[i].role)]++;
    for (uint32_t i = from; i < to; i++) {
        uint32_t role = role_of(map, population[i].role);
        struct box cell = part_up(column, role, map->roles);
        map->tile[i] = shrink(part_up(cell, placed[role]++, sharing[role]));
    }
}

/* What has no layer stands in columns of its own, over the whole height. */
static void place_layers(struct map_tiles *map, const struct scene *scene)
{
    const struct population_info *population = scene->recording.population;
    const uint32_t populations = scene->recording.populations;
    uint32_t lone = 0, column = scene->layers;
    for (uint32_t i = 0; i < populations; i++)
        if (population[i].layer < 0)
            lone++;
        else
            role_of(map, population[i].role);
    map->columns = scene->layers + lone;
    for (uint32_t from = 0, to; from < populations; from = to) {
        to = from + 1;
        if (population[from].layer < 0) {
            map->tile[from] = shrink(part_across(map->field, column++, map->columns));
            continue;
        }
        while (to < populations && population[to].layer == population[from].layer)
            to++;
        place_layer(map, population, from, to);
    }
}

/* Where the strip that begins with tile `from` ends, the i-th of n of about one size. */
static uint32_t strip_end(const struct scene *scene, uint32_t from, double above,
                          uint32_t i, uint32_t n, double *neurons)
{
    const struct population_info *population = scene->recording.population;
    double goal = (double)scene->rows * (i + 1) / n - above;
    uint32_t to = from;
    *neurons = 0;
    while (to < scene->recording.populations &&
           (i + 1 == n || to == from ||
            *neurons + (double)population[to].size / 2 <= goal))
        *neurons += (double)population[to++].size;
    return to;
}

/* Sum over tiles of the longer side over the shorter, in n strips. */
static double elongation(const struct scene *scene, struct box field, uint32_t n)
{
    double sum = 0, above = 0, all = (double)scene->rows;
    uint32_t from = 0, to;
    for (uint32_t i = 0; i < n && from < scene->recording.populations; i++, from = to) {
        double neurons;
        to = strip_end(scene, from, above, i, n, &neurons);
        double height = fmax(0.01, neurons / all * field.height);
        for (uint32_t p = from; p < to; p++) {
            double size = (double)scene->recording.population[p].size;
            double width = fmax(0.01, size / fmax(1, neurons) * field.width);
            sum += fmax(width / height, height / width);
        }
        above += neurons;
    }
    return sum;
}

static void place_strip(struct map_tiles *map, const struct scene *scene, uint32_t from,
                        uint32_t to, double neurons, int top, int foot)
{
    const struct box field = map->field;
    double left = 0;
    for (uint32_t i = from; i < to && neurons > 0; i++) {
        int x = field.x + (int)lround(left / neurons * field.width);
        left += (double)scene->recording.population[i].size;
        int end = field.x + (int)lround(left / neurons * field.width);
        map->tile[i] = shrink((struct box){ x, top, end - x, foot - top });
    }
}

static void place_tiles(struct map_tiles *map, const struct scene *scene)
{
    const uint32_t populations = scene->recording.populations;
    const struct box field = map->field;
    double least = HUGE_VAL, above = 0, all = fmax(1, (double)scene->rows);
    uint32_t strips = 1, from = 0, to;
    for (uint32_t n = 1; n <= populations && n <= MOST_STRIPS; n++) {
        double own = elongation(scene, field, n);
        strips = own < least ? n : strips;
        least = fmin(least, own);
    }
    for (uint32_t i = 0; i < strips && from < populations; i++, from = to) {
        double neurons;
        to = strip_end(scene, from, above, i, strips, &neurons);
        int top = field.y + (int)lround(above / all * field.height);
        above += neurons;
        int foot = field.y + (int)lround(above / all * field.height);
        place_strip(map, scene, from, to, neurons, top, foot);
    }
}

enum error_code map_tiles_init(struct map_tiles *map, const struct scene *scene,
                               struct box box, struct error *err)
{
    const size_t populations = scene->recording.populations;
    *map = (struct map_tiles){ .field = box };
    map->tile = calloc(populations ? populations : 1, sizeof *map->tile);
    if (!map->tile)
        return error_memory(err, "the tiles of a map",
                            (double)populations * sizeof *map->tile);
    if (box.width <= 0 || box.height <= 0)
        return OK;
    if (scene->is_timed)
        place_tiles(map, scene);
    else
        place_layers(map, scene);
    return OK;
}

void map_tiles_release(struct map_tiles *map)
{
    free(map->tile);
    *map = (struct map_tiles){ 0 };
}

int32_t map_tiles_at(const struct map_tiles *map, const struct scene *scene, int x,
                     int y)
{
    for (uint32_t i = 0; i < scene->recording.populations; i++) {
        const struct box *tile = &map->tile[i];
        if (x >= tile->x && x < tile->x + tile->width && y >= tile->y &&
            y < tile->y + tile->height)
            return (int32_t)i;
    }
    return -1;
}

struct light_grid light_grid_of(struct box tile, uint64_t neurons)
{
    struct light_grid grid = { .field = tile };
    double side = round(sqrt((double)neurons));
    if (neurons == 0 || tile.width < LEAST_LIGHT || tile.height < LEAST_LIGHT)
        return grid;
    double columns = ceil(sqrt((double)neurons * tile.width / tile.height));
    if (side * side == (double)neurons) {
        int most = tile.width < tile.height ? tile.width : tile.height;
        int each = most / (int)side, edge = each * (int)side;
        grid.field = (struct box){ tile.x + (tile.width - edge) / 2,
                                   tile.y + (tile.height - edge) / 2, edge, edge };
        columns = side;
    }
    double rows = ceil((double)neurons / columns);
    if (grid.field.width < columns * LEAST_LIGHT ||
        grid.field.height < rows * LEAST_LIGHT)
        return grid;
    grid.columns = (uint32_t)columns;
    grid.rows = (uint32_t)rows;
    return grid;
}

struct box light_grid_cell(const struct light_grid *grid, uint64_t neuron)
{
    struct box cell = grid->field;
    uint32_t column = (uint32_t)(neuron % grid->columns);
    uint32_t row = (uint32_t)(neuron / grid->columns);
    map_part(grid->field.x, grid->field.width, column, grid->columns, &cell.x,
             &cell.width);
    map_part(grid->field.y, grid->field.height, row, grid->rows, &cell.y, &cell.height);
    cell.width -= cell.width > 3;
    cell.height -= cell.height > 3;
    return cell;
}

bool light_grid_at(const struct light_grid *grid, uint64_t neurons, int x, int y,
                   uint64_t *neuron)
{
    int64_t right = x - grid->field.x, down = y - grid->field.y;
    if (grid->columns == 0 || right < 0 || down < 0 || right >= grid->field.width ||
        down >= grid->field.height)
        return false;
    *neuron = (uint64_t)(down * grid->rows / grid->field.height) * grid->columns +
              (uint64_t)(right * grid->columns / grid->field.width);
    return *neuron < neurons;
}
