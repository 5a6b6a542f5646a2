/* Published figures that claims are computed from: each with its unit and its source.
 * Nothing else in the claims holds a number of a paper; what follows from these is
 * computed. */
#ifndef EXPERIMENTS_CLAIM_FACTS_H
#define EXPERIMENTS_CLAIM_FACTS_H

enum claim_fact_id {
    /* SpikingBrain: spikes and energy */
    FACT_SPIKES_PER_CHANNEL,
    FACT_SILENT_SHARE,
    FACT_SMALL_SHARE,
    FACT_LARGE_SHARE,
    FACT_SLOT_SPARSITY,
    FACT_PRINTED_SAVING_FP16,
    FACT_PRINTED_SAVING_INT8,
    FACT_PRINTED_RATIO_FP16,
    FACT_PRINTED_RATIO_INT8,
    FACT_PRINTED_SPIKE_PJ,
    FACT_PRESS_COMPUTATIONS,
    FACT_ADD_I8_PJ,
    FACT_ADD_I32_PJ,
    FACT_MULTIPLY_I8_PJ,
    FACT_ADD_F16_PJ,
    FACT_MULTIPLY_F16_PJ,
    /* quality */
    FACT_MMLU_SPIKINGBRAIN,
    FACT_MMLU_LLAMA,
    FACT_MMLU_MISTRAL,
    FACT_MMLU_QWEN,
    FACT_MMLU_QUESTIONS,
    FACT_AVERAGE_7B,
    FACT_AVERAGE_7B_SPIKES,
    FACT_AVERAGE_76B,
    FACT_AVERAGE_76B_SPIKES,
    FACT_ABLATION_BASE,
    FACT_ABLATION_HYBRID,
    FACT_ABLATION_SPIKES,
    /* time to the first token */
    FACT_TTFT_QWEN_256K,
    FACT_TTFT_QWEN_512K,
    FACT_TTFT_QWEN_1M,
    FACT_TTFT_SPIKING_256K,
    FACT_TTFT_SPIKING_512K,
    FACT_TTFT_SPIKING_1M,
    FACT_TTFT_SPIKING_2M,
    FACT_TTFT_SPIKING_4M,
    FACT_PRINTED_SPEEDUP_1M,
    FACT_PRINTED_SPEEDUP_4M,
    FACT_METAX_SPEEDUP_LOW,
    FACT_METAX_SPEEDUP_HIGH,
    /* training */
    FACT_TOKENS_PRESS,
    FACT_TOKENS_PRESS_OTHERS,
    FACT_TOKENS_CONVERSION,
    FACT_TOKENS_SCRATCH,
    FACT_TOKENS_QWEN,
    /* DeepSeek-V3 and Llama-3.1-405B */
    FACT_DEEPSEEK_GFLOP,
    FACT_LLAMA_GFLOP,
    FACT_DEEPSEEK_TOKENS,
    FACT_LLAMA_TOKENS,
    FACT_DEEPSEEK_HOURS,
    FACT_LLAMA_HOURS,
    FACT_DEEPSEEK_ACTIVE,
    FACT_DEEPSEEK_TOTAL,
    FACT_LLAMA_PARAMETERS,
    FACT_DEEPSEEK_CACHE,
    FACT_LLAMA_CACHE,
    FACT_DEEPSEEK_CHIPS,
    FACT_DEEPSEEK_HOUR_PRICE,
    FACT_DEEPSEEK_PRINTED_COST,
    FACT_EXPERTS,
    FACT_EXPERTS_USED,
    FACTS
};

struct claim_fact {
    const char *name, *meaning;
    double value;
    const char *unit, *source; /* unit "share": printed as per cent */
};
extern const struct claim_fact claim_facts[FACTS];

/* The report's table 11: what k does. */
struct published_k {
    double k, score, slot_sparsity, small_share;
};
enum { PUBLISHED_K = 5 };
extern const struct published_k published_k[PUBLISHED_K];
extern const char published_k_source[];

#endif
