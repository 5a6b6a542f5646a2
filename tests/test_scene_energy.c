/* Energies of a scene against those of `lucciola energy`. */
#include "experiments/recorded.h"
#include "sim/work.h"
#include "tests/suites.h"
#include "tests/synthetic_recording.h"
#include "tests/temporary_path.h"
#include "viz/scene_energy.h"

#include <math.h>
#include <stdlib.h>

enum { TOKENS = 70, CHANNELS = 300 }; /* more than one batch of 64 */

static void write_recording(const char *path, const char *encoder, char *config,
                            bool drops_head)
{
    struct error err = { 0 };
    struct synthetic synthetic;
    struct recording_writer *writer = NULL;
    CU_ASSERT_TRUE_FATAL(synthetic_init(&synthetic, encoder, CHANNELS, true, false));
    synthetic.plan.info.config = config;
    synthetic.drops_head = drops_head;
    CU_ASSERT_EQUAL_FATAL(recording_create(&writer, path, &synthetic.plan, &err), OK);
    CU_ASSERT_EQUAL_FATAL(synthetic_append(&synthetic, writer, TOKENS, &err), OK);
    CU_ASSERT_EQUAL_FATAL(recording_close(writer, RECORDING_FINISHED, "", &err), OK);
    synthetic_release(&synthetic);
}

/* What scene_energy() needs of a scene, for the first `tokens`. */
static void make_scene(struct scene *scene, const struct recording *recording,
                       uint64_t tokens)
{
    struct error err = { 0 };
    size_t cells = (size_t)tokens * recording->populations;
    struct site_counters *site = malloc(cells * sizeof *site);
    struct scene_sum *sum = scene->sum;
    free(scene->cell);
    *scene = (struct scene){
        .recording = *recording, .tokens = tokens, .sum = sum, .has_counters = true
    };
    scene->cell = calloc(cells, sizeof *scene->cell);
    CU_ASSERT_FATAL(site && scene->cell);
    CU_ASSERT_EQUAL_FATAL(recording_read_counters(recording, 0, tokens, site, &err),
                          OK);
    for (size_t i = 0; i < cells; i++) {
        scene->cell[i].threshold = (float)site[i].threshold;
        scene->cell[i].spikes = site[i].n[COUNT_SPIKES];
        scene->cell[i].sop = site[i].n[COUNT_SOP];
    }
    free(site);
}

static void compare(const struct scene *scene, const struct recorded *run,
                    double tolerance)
{
    struct error err = { 0 };
    struct energy_profile profile;
    struct work work;
    CU_ASSERT_EQUAL_FATAL(energy_profile_find(&profile, scene->profile, &err), OK);
    work_of(&work, &run->totals, &run->settings, &run->weights);
    for (int boundary = 0; boundary < BOUNDARIES; boundary++)
        for (int variant = 0; variant < VARIANTS; variant++) {
            double nj = work_price_pj(&work, &profile, variant, boundary) / 1000;
            double shown = scene->sum[TOKENS].nj[boundary][variant];
            CU_ASSERT_TRUE(nj > 0);
            CU_ASSERT_DOUBLE_EQUAL(shown, nj, tolerance * nj);
        }
    CU_ASSERT_EQUAL((uint64_t)scene->sum[TOKENS].dense_macs, work.spiking_macs);
    CU_ASSERT_DOUBLE_EQUAL(scene->sum[TOKENS].sop, (double)work.spiking_sop,
                           tolerance * (double)work.spiking_sop);
    CU_ASSERT_EQUAL(scene->is_graded, work.spike_additions == 0);
    energy_profile_release(&profile);
}

static void check_run(const char *encoder, char *config, bool drops_head)
{
    struct error err = { 0 };
    struct recorded run;
    struct scene scene = { 0 };
    const char *path = temporary_path("energies.h5");
    write_recording(path, encoder, config, drops_head);
    CU_ASSERT_EQUAL_FATAL(recorded_open(&run, path, &err), OK);
    make_scene(&scene, &run.recording, 5); /* as it grows while a run is followed */
    CU_ASSERT_EQUAL_FATAL(scene_energy(&scene, 0, &err), OK);
    make_scene(&scene, &run.recording, TOKENS);
    CU_ASSERT_EQUAL_FATAL(scene_energy(&scene, 5, &err), OK);
    /* Sums of 70 doubles against one price; where the head did not run its mean stands in,
     * rounded: steps, of 8 or so, weigh least. */
    compare(&scene, &run, drops_head ? 1e-3 : 1e-12);
    free(scene.cell);
    free(scene.sum);
    recorded_close(&run);
}

static void energies_are_the_commands(void)
{
    static char plain[] = "neuron = \"if\"\nencoder = \"bitwise\"\n";
    static char graded[] = "encoder = graded\nweights = 128\n";
    static char fixed[] = "encoder = ternary\nthreshold = 0.2\ndead-zone = 0.5\n";
    static char window[] = "encoder = sigma_delta\nwindow = 7\nthresholds = \"a b\"\n";
    check_run("bitwise", plain, false);
    check_run("bitwise", plain, true);
    check_run("graded", graded, false);
    check_run("ternary", fixed, true);
    check_run("sigma_delta", window, false);
}

/* Where a code is unknown here, spikes and operations are counted all the same. */
static void without_prices_there_are_counts(void)
{
    static char config[] = "encoder = bitwise\n";
    struct error err = { 0 };
    struct recorded run;
    struct scene scene = { 0 };
    const char *path = temporary_path("unpriced.h5");
    write_recording(path, "bitwise", config, false);
    CU_ASSERT_EQUAL_FATAL(recorded_open(&run, path, &err), OK);
    make_scene(&scene, &run.recording, TOKENS);
    snprintf(run.recording.population[0].encoder, 24, "of-tomorrow");
    CU_ASSERT_EQUAL(scene_energy(&scene, 0, &err), OK);
    CU_ASSERT_STRING_EQUAL(scene.unpriced,
                           "population L00.attn_in: no spike code 'of-tomorrow' here");
    CU_ASSERT_STRING_EQUAL(scene.profile, "");
    CU_ASSERT_TRUE(isnan(scene.sum[TOKENS].nj[BOUNDARY_SUMS][VARIANT_SPIKING]));
    CU_ASSERT_TRUE(scene.sum[TOKENS].sop > 0);
    free(scene.cell);
    free(scene.sum);
    recorded_close(&run);
}

CU_TestInfo scene_energy_tests[] = {
    { "energies of a scene are those of the command", energies_are_the_commands },
    { "without prices there are counts", without_prices_there_are_counts },
    CU_TEST_INFO_NULL,
};
