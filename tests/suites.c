/* See suites.h. */
#include "tests/suites.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* Designated: CUnit 2.1-3 put two fields before pTests. */
CU_SuiteInfo test_suites[] = {
    { .pName = "base", .pTests = base_tests },
    { .pName = "dense", .pTests = dense_tests },
    { .pName = "kernel", .pTests = kernel_tests },
    { .pName = "kernel floats", .pTests = kernel_float_tests },
    { .pName = "weights", .pTests = weight_tests },
    { .pName = "packed weights", .pTests = packed_weight_tests },
    { .pName = "thread team", .pTests = thread_team_tests },
    { .pName = "train table", .pTests = train_table_tests },
    { .pName = "scale offset", .pTests = scale_offset_tests },
    { .pName = "weight product", .pTests = weight_product_tests },
    { .pName = "neurons", .pTests = neuron_tests },
    { .pName = "neuron accuracy", .pTests = neuron_accuracy_tests },
    { .pName = "neuron outcomes", .pTests = neuron_outcome_tests },
    { .pName = "neuron patterns", .pTests = neuron_pattern_tests },
    { .pName = "encoders", .pTests = encoder_tests },
    { .pName = "code bounds", .pTests = code_bound_tests },
    { .pName = "pre-tokenizer", .pTests = pre_tokenizer_tests },
    { .pName = "tokenizer", .pTests = tokenizer_tests },
    { .pName = "tokenizer file", .pTests = tokenizer_file_tests },
    { .pName = "sampler", .pTests = sampler_tests },
    { .pName = "threshold", .pTests = threshold_tests },
    { .pName = "event queue", .pTests = event_queue_tests },
    { .pName = "block format", .pTests = block_format_tests },
    { .pName = "llama2.c", .pTests = llama2c_tests },
    { .pName = "model file", .pTests = model_file_tests },
    { .pName = "model", .pTests = model_tests },
    { .pName = "transformer", .pTests = transformer_tests },
    { .pName = "operation plan", .pTests = operation_plan_tests },
    { .pName = "configuration", .pTests = hf_config_tests },
    { .pName = "spiking", .pTests = spiking_tests },
    { .pName = "spiking codes", .pTests = spiking_code_tests },
    { .pName = "spiking model", .pTests = spiking_model_tests },
    { .pName = "recording", .pTests = recording_tests },
    { .pName = "network", .pTests = network_tests },
    { .pName = "network recorder", .pTests = network_recorder_tests },
    { .pName = "network run", .pTests = network_run_tests },
    { .pName = "network stdp", .pTests = network_stdp_tests },
    { .pName = "network recording", .pTests = network_recording_tests },
    { .pName = "recorder", .pTests = recorder_tests },
    { .pName = "traces", .pTests = trace_tests },
    { .pName = "kills", .pTests = kill_tests },
    { .pName = "export", .pTests = export_tests },
    { .pName = "spike source", .pTests = spike_source_tests },
    { .pName = "large spikes", .pTests = large_spikes_tests },
    { .pName = "spike statistics", .pTests = spike_statistics_tests },
    { .pName = "NIR files", .pTests = nir_file_tests },
    { .pName = "NIR order", .pTests = nir_order_tests },
    { .pName = "NIR export", .pTests = nir_export_tests },
    { .pName = "NIR linear", .pTests = nir_linear_tests },
    { .pName = "NIR runs", .pTests = nir_run_tests },
    { .pName = "cost_model", .pTests = cost_model_tests },
    { .pName = "energy_meter", .pTests = energy_meter_tests },
    { .pName = "energy", .pTests = energy_tests },
    { .pName = "slow count", .pTests = slow_count_tests },
    { .pName = "claims", .pTests = claim_tests },
    { .pName = "claim results", .pTests = claim_result_tests },
    { .pName = "playback", .pTests = playback_tests },
    { .pName = "view state", .pTests = view_state_tests },
    { .pName = "viewer", .pTests = viewer_tests },
    { .pName = "canvas", .pTests = canvas_tests },
    { .pName = "raster", .pTests = raster_tests },
    { .pName = "words", .pTests = words_tests },
    { .pName = "scene", .pTests = scene_tests },
    { .pName = "spike index", .pTests = spike_index_tests },
    { .pName = "scene energy", .pTests = scene_energy_tests },
    { .pName = "panes", .pTests = pane_tests },
    { .pName = "trace levels", .pTests = trace_level_tests },
    { .pName = "scene series", .pTests = scene_series_tests },
    { .pName = "page", .pTests = page_tests },
    { .pName = "tour", .pTests = tour_tests },
    { .pName = "f-I curve", .pTests = fi_curve_tests },
    { .pName = "named networks", .pTests = named_network_tests },
    { .pName = "sweep", .pTests = sweep_tests },
    { .pName = "tuning", .pTests = tuning_tests },
    CU_SUITE_INFO_NULL,
};

const char *test_case_path(const char *name)
{
    static char path[1024];
    const char *folder = getenv("CASES");
    if (folder && folder[0]) {
        snprintf(path, sizeof path, "%s/%s", folder, name);
        if (access(path, R_OK) == 0)
            return path;
    }
    printf("    skipped: no %s in the folder CASES\n", name);
    return NULL;
}
