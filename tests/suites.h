/* One array of tests per module, listed in suites.c. */
#ifndef TESTS_SUITES_H
#define TESTS_SUITES_H

#include <CUnit/CUnit.h>

extern CU_TestInfo base_tests[];
extern CU_TestInfo dense_tests[];
extern CU_TestInfo kernel_tests[];
extern CU_TestInfo kernel_float_tests[];
extern CU_TestInfo weight_tests[];
extern CU_TestInfo packed_weight_tests[];
extern CU_TestInfo thread_team_tests[];
extern CU_TestInfo train_table_tests[];
extern CU_TestInfo scale_offset_tests[];
extern CU_TestInfo weight_product_tests[];
extern CU_TestInfo neuron_tests[];
extern CU_TestInfo neuron_accuracy_tests[];
extern CU_TestInfo neuron_outcome_tests[];
extern CU_TestInfo neuron_pattern_tests[];
extern CU_TestInfo encoder_tests[];
extern CU_TestInfo code_bound_tests[];
extern CU_TestInfo pre_tokenizer_tests[];
extern CU_TestInfo tokenizer_tests[];
extern CU_TestInfo tokenizer_file_tests[];
extern CU_TestInfo sampler_tests[];
extern CU_TestInfo threshold_tests[];
extern CU_TestInfo event_queue_tests[];
extern CU_TestInfo block_format_tests[];
extern CU_TestInfo llama2c_tests[];
extern CU_TestInfo model_file_tests[];
extern CU_TestInfo model_tests[];
extern CU_TestInfo transformer_tests[];
extern CU_TestInfo operation_plan_tests[];
extern CU_TestInfo hf_config_tests[];
extern CU_TestInfo spiking_tests[];
extern CU_TestInfo spiking_code_tests[];
extern CU_TestInfo spiking_model_tests[];
extern CU_TestInfo recording_tests[];
extern CU_TestInfo network_tests[];
extern CU_TestInfo network_recorder_tests[];
extern CU_TestInfo network_run_tests[];
extern CU_TestInfo network_stdp_tests[];
extern CU_TestInfo network_recording_tests[];
extern CU_TestInfo recorder_tests[];
extern CU_TestInfo trace_tests[];
extern CU_TestInfo kill_tests[];
extern CU_TestInfo export_tests[];
extern CU_TestInfo spike_source_tests[];
extern CU_TestInfo large_spikes_tests[];
extern CU_TestInfo spike_statistics_tests[];
extern CU_TestInfo nir_file_tests[];
extern CU_TestInfo nir_order_tests[];
extern CU_TestInfo nir_export_tests[];
extern CU_TestInfo nir_linear_tests[];
extern CU_TestInfo nir_run_tests[];
extern CU_TestInfo cost_model_tests[];
extern CU_TestInfo energy_meter_tests[];
extern CU_TestInfo energy_tests[];
extern CU_TestInfo slow_count_tests[];
extern CU_TestInfo claim_tests[];
extern CU_TestInfo claim_result_tests[];
extern CU_TestInfo playback_tests[];
extern CU_TestInfo view_state_tests[];
extern CU_TestInfo viewer_tests[];
extern CU_TestInfo canvas_tests[];
extern CU_TestInfo raster_tests[];
extern CU_TestInfo words_tests[];
extern CU_TestInfo scene_tests[];
extern CU_TestInfo spike_index_tests[];
extern CU_TestInfo scene_energy_tests[];
extern CU_TestInfo pane_tests[];
extern CU_TestInfo trace_level_tests[];
extern CU_TestInfo scene_series_tests[];
extern CU_TestInfo page_tests[];
extern CU_TestInfo tour_tests[];
extern CU_TestInfo fi_curve_tests[];
extern CU_TestInfo named_network_tests[];
extern CU_TestInfo sweep_tests[];
extern CU_TestInfo tuning_tests[];

extern CU_SuiteInfo test_suites[]; /* ends with CU_SUITE_INFO_NULL */

/* Path of a file in the folder CASES, or NULL after saying what is skipped. The text
 * stays until the next call. */
const char *test_case_path(const char *name);

#endif
