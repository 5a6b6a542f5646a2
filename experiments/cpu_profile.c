/* See cpu_profile.h. */
#include "experiments/cpu_profile.h"

#include "base/progress.h"
#include "experiments/provenance.h"
#include "lm/kernel.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Rows and vectors that stay in the nearest cache, and a buffer that fits in none. */
enum { ROWS = 32, WIDTH = 512, VECTOR = 2048, BUFFER = 256 << 20 };

struct bench {
    const struct kernel *kernel;
    int8_t *weight; /* (ROWS, WIDTH) */
    float *vector;  /* (VECTOR) */
    unsigned char *buffer;
    double kept; /* of results, so that no pass can be left out */
};

static double pass_rows(struct bench *bench)
{
    uint32_t row[ROWS];
    int8_t factor[ROWS];
    int32_t sum[WIDTH] = { 0 };
    for (uint32_t i = 0; i < ROWS; i++) {
        row[i] = i;
        factor[i] = 1;
    }
    for (int i = 0; i < 1000; i++)
        bench->kernel->add_rows(sum, bench->weight, WIDTH, WIDTH, row, factor, ROWS);
    bench->kept += sum[0];
    return 1000.0 * ROWS * WIDTH;
}

static double pass_dot(struct bench *bench)
{
    for (int i = 0; i < 1000; i++) {
        bench->vector[0] = (float)i;
        bench->kept += (double)bench->kernel->dot(bench->vector, bench->vector, VECTOR);
    }
    return 1000.0 * VECTOR;
}

static double pass_lines(struct bench *bench)
{
    uint64_t sum = 0;
    for (size_t i = 0; i < BUFFER; i += MEMORY_LINE)
        sum += bench->buffer[i];
    bench->kept += (double)sum;
    return (double)BUFFER / MEMORY_LINE;
}

/* pJ of one operation over at least a second. */
static enum error_code measure(struct bench *bench, double (*pass)(struct bench *),
                               struct energy_meter *meter, double *pj,
                               struct error *err)
{
    double operations = 0, before;
    if (energy_meter_read(meter, err) != OK)
        return err->code;
    before = meter->joules;
    for (double start = clock_seconds(); clock_seconds() - start < 1;)
        operations += pass(bench);
    if (energy_meter_read(meter, err) != OK)
        return err->code;
    if (!(meter->joules > before))
        return error_set(err, ERR_IO, "the energy counters stand still: %s",
                         meter->domain[0].path);
    *pj = (meter->joules - before) / operations * 1e12;
    return OK;
}

enum error_code cpu_measure(struct cpu_measurement *measured,
                            struct energy_meter *meter, struct error *err)
{
    struct bench bench = { .kernel = kernel_find(NULL),
                           .weight = malloc(ROWS * WIDTH),
                           .vector = malloc(VECTOR * sizeof *bench.vector),
                           .buffer = malloc(BUFFER) };
    err->code = OK;
    if (!bench.weight || !bench.vector || !bench.buffer) {
        error_memory(err, "a measurement", BUFFER);
    } else {
        memset(bench.weight, 1, ROWS * WIDTH);
        memset(bench.buffer, 1, BUFFER);
        for (int i = 0; i < VECTOR; i++)
            bench.vector[i] = 1;
        if (measure(&bench, pass_rows, meter, &measured->mac_i8_pj, err) == OK &&
            measure(&bench, pass_dot, meter, &measured->mac_f32_pj, err) == OK)
            measure(&bench, pass_lines, meter, &measured->line_pj, err);
    }
    free(bench.weight);
    free(bench.vector);
    free(bench.buffer);
    return err->code;
}

enum error_code cpu_profile_make(struct energy_profile *profile,
                                 const struct cpu_measurement *measured,
                                 const char *cpu, int year, struct error *err)
{
    char name[128], text[2048];
    snprintf(name, sizeof name, "%s", cpu && cpu[0] ? cpu : "this CPU");
    for (char *at = name; *at; at++)
        if (*at == '"' || (unsigned char)*at < ' ')
            *at = ' ';
    int used = snprintf(
        text, sizeof text,
        "name = cpu-measured\nsummary = \"this machine, measured now\"\n"
        "source = \"this machine's energy counters (RAPL through powercap)\"\n"
        "year = %d\nprocess = \"%s\"\n"
        "basis = \"measured: packages and memory, one core at work, idle power and all "
        "else that ran included\"\n"
        "note = \"An integer addition is priced as the multiply-accumulate it is in "
        "the "
        "kernel that adds rows. Arithmetic in the nearest cache; memory by whole "
        "lines, "
        "one after another. Elementary functions and 16-bit products were not "
        "measured.\"\n"
        "mac_i8_i32_pj = %.6g\nadd_i32_pj = %.6g\nmac_f32_pj = %.6g\n"
        "access_bytes = %d\naccess_dram_pj = %.6g\n",
        year, name, measured->mac_i8_pj, measured->mac_i8_pj, measured->mac_f32_pj,
        MEMORY_LINE, measured->line_pj);
    return energy_profile_parse(profile, text, (size_t)used, err);
}

enum error_code cpu_profile_open(struct energy_profile *profile, struct error *err)
{
    struct energy_meter meter;
    struct cpu_measurement measured;
    struct recording_info host = { 0 };
    if (energy_meter_open(&meter, NULL, err) != OK ||
        cpu_measure(&measured, &meter, err) != OK || provenance_host(&host, err) != OK)
        return error_wrap(err, "profile cpu-measured");
    return cpu_profile_make(profile, &measured, host.host_cpu, atoi(host.start), err);
}
