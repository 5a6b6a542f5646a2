/* A Hugging Face config.json as a plan of operations, by its model_type:
 *
 *     llama mistral qwen2 qwen3    grouped-query attention, maybe windowed
 *     gemma3 gemma3_text           every sixth layer global, the others windowed
 *     deepseek_v2 deepseek_v3      latent attention, experts beside shared ones
 *     gla_swa                      SpikingBrain-7B: linear and windowed layers in turn
 *     spikingbrain_moe             SpikingBrain-76B; the name and its keys are ours,
 *                                  since no configuration of it is published
 *
 * Defaults of absent keys are those of the transformers library. The files in
 * data/configs say under "lucciola" where their numbers come from, and what training
 * the model took; there every number needs a source. */
#ifndef LM_HF_CONFIG_H
#define LM_HF_CONFIG_H

#include "lm/operation_plan.h"

#include <stddef.h>

/* What is published about training; 0 and NULL: nothing. */
struct training_facts {
    double tokens, gpu_hours;
    double active_parameters; /* as the authors round them */
    double operations;        /* per token, as reported */
    const char *tokens_source, *gpu_hours_source, *gpu, *active_parameters_source,
        *operations_source;
};

/* Release the plan, whose arena holds the texts, also after a failure. */
enum error_code hf_config_parse(struct operation_plan *plan,
                                struct training_facts *training, const char *bytes,
                                size_t size, struct error *err);
enum error_code hf_config_open(struct operation_plan *plan,
                               struct training_facts *training, const char *path,
                               struct error *err);

#endif
