/* Claims about DeepSeek-V3, mostly against Llama-3.1-405B: which denominator gives "a
 * tenth", and which does not. */
#include "experiments/claim_plan.h"
#include "experiments/claim_table.h"

#include <math.h>

static const char family[] = "DeepSeek";
static const double hours_per_day = 24;

enum { TENTH_TRAINING, TENTH_INFERENCE, TENTH_MEMORY, TENTH_CACHE };
static const char *const tenth_scope[CLAIM_SCOPES + 1] = {
    "training",
    "inference, operations",
    "inference, resident memory",
    "inference, cache",
};
static const double tenth = 10;

/* What the configurations alone give. */
static double counted_ratio(struct claim_case *c)
{
    struct plan_figures own, other;
    if (!plan_figures_read("deepseek-v3", &own) ||
        !plan_figures_read("llama-3.1-405b", &other))
        return (double)NAN;
    case_computed(c, "counted from the configurations: operations of training",
                  other.training / own.training, "x");
    case_computed(c, "counted: cache per token", other.cache_bytes / own.cache_bytes,
                  "x");
    return case_computed(c, "counted: operations of a generated token, 4096 positions",
                         other.macs / own.macs, "x");
}

static void tenth_of_the_compute(struct claim_case *c)
{
    double per_token =
        case_input(c, FACT_LLAMA_GFLOP) / case_input(c, FACT_DEEPSEEK_GFLOP);
    double tokens =
        case_input(c, FACT_LLAMA_TOKENS) / case_input(c, FACT_DEEPSEEK_TOKENS);
    double hours = case_input(c, FACT_LLAMA_HOURS) / case_input(c, FACT_DEEPSEEK_HOURS);
    double active =
        case_input(c, FACT_LLAMA_PARAMETERS) / case_input(c, FACT_DEEPSEEK_ACTIVE);
    double resident =
        case_input(c, FACT_DEEPSEEK_TOTAL) / case_input(c, FACT_LLAMA_PARAMETERS);
    double cache = case_input(c, FACT_LLAMA_CACHE) / case_input(c, FACT_DEEPSEEK_CACHE);
    case_computed(c, "training: operations per token", per_token, "x");
    case_computed(c, "training: the same times tokens", per_token * tokens, "x");
    case_computed(c, "training: GPU-hours, H100 over H800", hours, "x");
    case_computed(c, "training: 6 N D, active parameters", active * tokens, "x");
    case_computed(c, "inference: active parameters", active, "x");
    case_computed(c, "resident memory: parameters, DeepSeek / Llama", resident, "x");
    case_computed(c, "cache per token", cache, "x");
    double counted = counted_ratio(c);
    double inference = isfinite(counted) ? counted : active;
    case_verdict(
        c, TENTH_TRAINING, verdict_of_ratio(per_token * tokens, tenth),
        "%.1fx by operations, %.2fx by GPU-hours of different chips and number "
        "formats",
        per_token * tokens, hours);
    case_verdict(
        c, TENTH_INFERENCE, verdict_of_ratio(inference, tenth),
        "%.1fx fewer operations for a token at 4096 positions, %.1fx by active "
        "parameters; many tokens at once meet many experts, and fetch them",
        inference, active);
    case_verdict(c, TENTH_MEMORY, verdict_of_ratio(1 / resident, tenth),
                 "%.2f times as many parameters must be held, not a tenth", resident);
    case_verdict(c, TENTH_CACHE, verdict_of_ratio(cache, tenth),
                 "%.1fx less cache per token", cache);
    case_turns(c, "resident memory: reproduced up to parameters of",
               case_input(c, FACT_LLAMA_PARAMETERS) / tenth * (1 + ratio_slack),
               case_input(c, FACT_DEEPSEEK_TOTAL), "parameters");
    case_turns(c, "training: reproduced up to tokens of",
               per_token * case_input(c, FACT_LLAMA_TOKENS) / tenth * (1 + ratio_slack),
               case_input(c, FACT_DEEPSEEK_TOKENS), "tokens");
}

static const char *const chatgpt_scope[CLAIM_SCOPES + 1] = { "measured joules",
                                                             "operations per token" };

static void less_than_chatgpt(struct claim_case *c)
{
    case_computed(c, "operations of a DeepSeek-V3 token, forward",
                  2 * case_input(c, FACT_DEEPSEEK_ACTIVE), "operations");
    case_verdict(c, 0, VERDICT_UNTESTABLE,
                 "no energy per answer is published for either service");
    case_verdict(c, 1, VERDICT_UNTESTABLE,
                 "ChatGPT's size is not published, so there is nothing to divide by");
}

static const char *const giants_scope[CLAIM_SCOPES + 1] = { "published scores",
                                                            "measured here" };

static void quality_of_giants(struct claim_case *c)
{
    case_verdict(c, 0, VERDICT_UNTESTABLE,
                 "its report compares with GPT-4o and Claude 3.5 by its own runs; this "
                 "program has no independent scores");
    case_verdict(c, 1, VERDICT_UNTESTABLE, "%.0f billion parameters do not fit here",
                 case_input(c, FACT_DEEPSEEK_TOTAL) / 1e9);
}

enum { COST_TIME, COST_MONEY, COST_ALL };
static const char *const cost_scope[CLAIM_SCOPES + 1] = {
    "the printed run: chips and days",
    "the printed run: money",
    "all that it took",
};

static void low_training_cost(struct claim_case *c)
{
    double hours = case_input(c, FACT_DEEPSEEK_HOURS);
    double chips = case_input(c, FACT_DEEPSEEK_CHIPS);
    double price = case_input(c, FACT_DEEPSEEK_HOUR_PRICE);
    double days =
        case_computed(c, "days on so many chips", hours / chips / hours_per_day, "d");
    double cost = case_against(c, "hours times price", hours * price,
                               FACT_DEEPSEEK_PRINTED_COST, 1e3);
    double llama = case_computed(c, "Llama-3.1-405B's hours at the same price",
                                 case_input(c, FACT_LLAMA_HOURS) * price, "$");
    double printed = case_input(c, FACT_DEEPSEEK_PRINTED_COST);
    case_verdict(c, COST_TIME,
                 days > 30 && days < 90 ? VERDICT_REPRODUCED : VERDICT_PARTLY,
                 "%.0f chips for %.0f days: two months, and it adds up", chips, days);
    case_verdict(c, COST_MONEY, verdict_of_ratio(cost, printed),
                 "%.2f million $ at an assumed %.0f $ an hour; Llama's hours would be "
                 "%.1f million $",
                 cost / 1e6, price, llama / 1e6);
    case_verdict(c, COST_ALL, VERDICT_UNTESTABLE,
                 "the report leaves out earlier research, trials, salaries and the "
                 "chips themselves");
    case_turns(c, "as dear as Llama's hours from a price per H800-hour of",
               llama / hours, price, "$/h");
}

enum { SELECT_LOSS, SELECT_EXPERTS };
static const char *const selective_scope[CLAIM_SCOPES + 1] = { "the method meant",
                                                               "that it selects" };

static void selective_training(struct claim_case *c)
{
    double experts = case_input(c, FACT_EXPERTS_USED) / case_input(c, FACT_EXPERTS);
    double active =
        case_input(c, FACT_DEEPSEEK_ACTIVE) / case_input(c, FACT_DEEPSEEK_TOTAL);
    case_computed(c, "routed experts used by a token", experts, "share");
    case_computed(c, "parameters used by a token", active, "share");
    case_verdict(c, SELECT_LOSS, VERDICT_NOT,
                 "balancing without an auxiliary loss spreads load over experts; it "
                 "selects nothing to train on");
    case_verdict(c, SELECT_EXPERTS, VERDICT_REPRODUCED,
                 "the router selects: %.1f %% of the experts, %.1f %% of the "
                 "parameters for a token, in training as in use",
                 100 * experts, 100 * active);
}

static const char *const open_scope[CLAIM_SCOPES + 1] = { "weights and inference code",
                                                          "training data and code",
                                                          "transparent" };

static void open_and_transparent(struct claim_case *c)
{
    case_verdict(c, 0, VERDICT_REPRODUCED,
                 "public: the figures here are read from them");
    case_verdict(c, 1, VERDICT_NOT, "not published: the training cannot be repeated");
    case_verdict(c, 2, VERDICT_OPINION, "depends on which of the two one needs");
}

const struct claim claims_of_deepseek[] = {
    { .name = "deepseek-tenth-of-the-compute",
      .family = family,
      .says = "11X less compute",
      .is_quoted = true,
      .who = "Tom's Hardware headline on DeepSeek-V3, 2024; others round to a tenth of "
             "Llama 3.1",
      .source = "2.788 million H800 hours (DeepSeek-V3, README) against 30.84 million "
                "H100 hours (Llama 3.1 model card); 250 against 2448 GFLOP of training "
                "per token (arXiv 2505.09343).",
      .not_measured = "Neither model was run here.",
      .scope = tenth_scope,
      .judge = tenth_of_the_compute },
    { .name = "deepseek-less-energy-than-chatgpt",
      .family = family,
      .says = "It uses less energy than ChatGPT.",
      .who = "press reports on DeepSeek, 2025",
      .source = "37 billion of 671 billion parameters are active for a token (README); "
                "no source gives joules.",
      .not_measured = "Energy of either service.",
      .turns_if = "Joules for an answer, of the same length and quality, published or "
                  "metered for both services; or ChatGPT's active parameters.",
      .scope = chatgpt_scope,
      .judge = less_than_chatgpt },
    { .name = "deepseek-quality-of-the-giants",
      .family = family,
      .says = "It is as good as the models of the giants.",
      .who = "press reports on DeepSeek, 2025",
      .source = "Benchmarks by its makers (arXiv 2412.19437, section 5).",
      .reason = "Nothing to compute: scores would have to be taken again.",
      .not_measured = "Any score.",
      .turns_if = "The same tests taken by someone who made none of the models, with "
                  "the standard errors of their scores.",
      .scope = giants_scope,
      .judge = quality_of_giants },
    { .name = "deepseek-low-training-cost",
      .family = family,
      .says = "It was trained on 2,000 H800 chips at low cost.",
      .who = "press reports on DeepSeek, 2025",
      .source =
          "2.788 million H800 hours in all, 2.664 million of them pre-training "
          "(README); 5.576 million $ at 2 $ an hour, without earlier research and "
          "trials (arXiv 2412.19437, table 1).",
      .not_measured = "What an hour really cost.",
      .scope = cost_scope,
      .judge = low_training_cost },
    { .name = "deepseek-selective-training",
      .family = family,
      .says = "Selective training: only what is needed is trained.",
      .who = "press reports on DeepSeek, 2025",
      .source = "Balancing without an auxiliary loss: after each step the bias of an "
                "expert moves against its load (arXiv 2408.15664). What selects is the "
                "router: 8 of 256 experts, and one that all tokens share.",
      .not_measured = "Training.",
      .turns_if = "The method meant: a report in which parts of the text or of the "
                  "weights are left out of training by a rule, with what that saved.",
      .scope = selective_scope,
      .judge = selective_training },
    { .name = "deepseek-open-and-transparent",
      .family = family,
      .says = "It is open and transparent.",
      .who = "press reports on DeepSeek, 2025",
      .source = "Weights, configuration and inference code are public "
                "(deepseek-ai/DeepSeek-V3); training data and training code are not.",
      .reason = "What is published is a list, not arithmetic.",
      .not_measured = "Nothing could be.",
      .turns_if = "Training code and the list of training data in public.",
      .scope = open_scope,
      .judge = open_and_transparent },
    { 0 },
};
