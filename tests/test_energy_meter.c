/* Energy counters, in a folder made up like that of the system. */
#include "experiments/cpu_profile.h"
#include "sim/energy_meter.h"
#include "tests/suites.h"
#include "tests/temporary_path.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

static char folder[512];

static void put(const char *domain, const char *name, const char *value)
{
    char path[1024];
    snprintf(path, sizeof path, "%s/%s", folder, domain);
    mkdir(path, 0700);
    snprintf(path, sizeof path, "%s/%s/%s", folder, domain, name);
    FILE *file = fopen(path, "w");
    CU_ASSERT_PTR_NOT_NULL_FATAL(file);
    fprintf(file, "%s\n", value);
    fclose(file);
}

static void put_domain(const char *domain, const char *name, const char *value)
{
    put(domain, "name", name);
    put(domain, "energy_uj", value);
    put(domain, "max_energy_range_uj", "1000000");
}

static void begin(const char *name)
{
    snprintf(folder, sizeof folder, "%s", temporary_path(name));
    mkdir(folder, 0700);
}

/* Package 0 goes from 900,000 around to 100,000: 0.2 J; package 1 adds 0.3 J, memory
 * 0.05 J. Core (in the package), psys (twice) and the other interface count for
 * nothing. */
static void packages_and_memory_are_summed(void)
{
    struct energy_meter meter;
    struct error err = { 0 };
    begin("powercap");
    put_domain("intel-rapl:0", "package-0", "900000");
    put_domain("intel-rapl:0:0", "core", "1");
    put_domain("intel-rapl:0:1", "dram", "10");
    put_domain("intel-rapl:1", "package-1", "0");
    put_domain("intel-rapl:2", "psys", "5");
    put_domain("intel-rapl-mmio:0", "package-0", "7");
    put_domain("dtpm", "other", "7");
    CU_ASSERT_EQUAL(energy_meter_open(&meter, folder, &err), OK);
    CU_ASSERT_EQUAL(meter.domains, 3);
    CU_ASSERT(meter.joules == 0);
    put("intel-rapl:0", "energy_uj", "100000");
    put("intel-rapl:0:0", "energy_uj", "900000");
    put("intel-rapl:0:1", "energy_uj", "50010");
    put("intel-rapl:1", "energy_uj", "300000");
    put("intel-rapl:2", "energy_uj", "999999");
    CU_ASSERT_EQUAL(energy_meter_read(&meter, &err), OK);
    CU_ASSERT_DOUBLE_EQUAL(meter.joules, 0.55, 1e-12);
    CU_ASSERT_EQUAL(energy_meter_read(&meter, &err), OK);
    CU_ASSERT_DOUBLE_EQUAL(meter.joules, 0.55, 1e-12);
    put("intel-rapl:1", "energy_uj", "many");
    CU_ASSERT_EQUAL(energy_meter_read(&meter, &err), ERR_FORMAT);
    CU_ASSERT_PTR_NOT_NULL(strstr(err.text, "expected microjoules, found 'many'"));
}

static void a_machine_without_counters_says_so(void)
{
    struct energy_meter meter;
    struct error err = { 0 };
    begin("powercap-empty");
    CU_ASSERT_EQUAL(energy_meter_open(&meter, folder, &err), ERR_IO);
    CU_ASSERT_PTR_NOT_NULL(strstr(err.text, "shows no energy counters"));
    CU_ASSERT_EQUAL(energy_meter_open(&meter, "/no/such/folder", &err), ERR_IO);
    put("intel-rapl:0", "name", "package-0");
    CU_ASSERT_EQUAL(energy_meter_open(&meter, folder, &err), ERR_IO);
    CU_ASSERT_PTR_NOT_NULL(strstr(err.text, "max_energy_range_uj"));
    put_domain("intel-rapl:0", "package-0", "-3");
    CU_ASSERT_EQUAL(energy_meter_open(&meter, folder, &err), ERR_FORMAT);
}

static void a_measurement_becomes_a_profile(void)
{
    const struct cpu_measurement measured = { 12.5, 30, 4000 };
    struct energy_profile profile;
    struct error err = { 0 };
    CU_ASSERT_EQUAL_FATAL(cpu_profile_make(&profile, &measured, "A \"CPU\" # 3", 2025,
                                           &err),
                          OK);
    CU_ASSERT_STRING_EQUAL(profile.name, "cpu-measured");
    CU_ASSERT_STRING_EQUAL(profile.process, "A  CPU  # 3");
    CU_ASSERT(profile.year == 2025 && strstr(profile.basis, "measured"));
    CU_ASSERT_EQUAL(profile.op_pj[OP_MAC_I8_I32], 12.5);
    CU_ASSERT_EQUAL(profile.op_pj[profile.spike_op], 12.5);
    CU_ASSERT_EQUAL(profile.op_pj[OP_MAC_F32], 30);
    CU_ASSERT_EQUAL(profile.access_pj[MEMORY_DRAM], 4000);
    CU_ASSERT_EQUAL(profile.access_bytes, 64);
    CU_ASSERT(isnan(profile.op_pj[OP_MAC_F16]));
    energy_profile_release(&profile);
}

CU_TestInfo energy_meter_tests[] = {
    { "packages and memory are summed", packages_and_memory_are_summed },
    { "a machine without counters says so", a_machine_without_counters_says_so },
    { "a measurement becomes a profile", a_measurement_becomes_a_profile },
    CU_TEST_INFO_NULL,
};
