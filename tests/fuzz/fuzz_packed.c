/* Foreign bytes as the header of packed weights: what is not refused lies in the file,
 * site behind site. */
#include "lm/packed_weights.h"

#include "lm/packed_layout.h"

#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static void look(const struct packed_weights *packed, uint64_t file_size)
{
    uint64_t end = 0;
    for (uint32_t s = 0; s < packed->sites; s++) {
        const struct packed_site *site = &packed->site[s];
        if (site->offset % PACKED_PAGE != 0 || site->offset < end ||
            site->offset > file_size || site->bytes > file_size - site->offset)
            abort();
        end = site->offset + site->bytes;
    }
    if (strlen(packed->layers) >= sizeof packed->layers ||
        strlen(packed->head) >= sizeof packed->head ||
        strlen(packed->model_sha256) != PACKED_SHA256 || packed->descriptor >= 0)
        abort();
}

/* The checksum would stop it: where a first byte asks for it, that is right. */
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct packed_weights packed;
    struct error err;
    if (size < 9)
        return 0;
    uint64_t file_size = 0;
    memcpy(&file_size, bytes + 1, sizeof file_size);
    const size_t front = size - 9;
    uint8_t *copy = malloc(front + 1);
    if (!copy)
        return 0;
    memcpy(copy, bytes + 9, front);
    if (bytes[0] & 1 && front >= PACKED_FIXED + PACKED_SUM) {
        const uint64_t sites = (front - PACKED_FIXED - PACKED_SUM) / PACKED_ROW;
        const size_t end = PACKED_FIXED + (size_t)sites * PACKED_ROW;
        memcpy(copy + PACKED_FIXED - sizeof sites, &sites, sizeof sites);
        const uint64_t sum = XXH3_64bits(copy, end);
        memcpy(copy + end, &sum, sizeof sum);
    }
    if (bytes[0] & 2)
        file_size = front;
    if (packed_weights_parse(&packed, copy, front, file_size, &err) == OK) {
        look(&packed, file_size);
        packed_weights_close(&packed);
    }
    free(copy);
    return 0;
}
