/* Claims about how good spiking language models are and what their training took. */
#include "experiments/claim_boundary.h"
#include "experiments/claim_table.h"

#include <math.h>

static const double none = (double)NAN;
static const char family[] = "spiking language models";

/* Points of MMLU, with the standard error of a difference of two models that answer the
 * same number of questions independently. */
static double mmlu_error(struct claim_case *c, double a, double b)
{
    double questions = case_input(c, FACT_MMLU_QUESTIONS);
    double p = a / 100, q = b / 100;
    return 100 * sqrt((p * (1 - p) + q * (1 - q)) / questions);
}

static enum verdict verdict_of_lead(double lead, double error)
{
    return lead > 2 * error     ? VERDICT_REPRODUCED
           : lead >= -2 * error ? VERDICT_PARTLY
                                : VERDICT_NOT;
}

enum { LEAD_MISTRAL, LEAD_LLAMA, LEAD_SPIKES, LEAD_START, LEAD_HERE };
static const char *const lead_scope[CLAIM_SCOPES + 1] = {
    "printed: Mistral, no spikes",
    "printed: Llama, no spikes",
    "with spikes, against Llama",
    "against where it started",
    "measured here",
};

static void better_than(struct claim_case *c)
{
    double own = case_input(c, FACT_MMLU_SPIKINGBRAIN);
    double mistral = own - case_input(c, FACT_MMLU_MISTRAL);
    double llama = own - case_input(c, FACT_MMLU_LLAMA);
    double start = own - case_input(c, FACT_MMLU_QWEN);
    double error = mmlu_error(c, own, own - llama);
    double kept =
        case_input(c, FACT_AVERAGE_7B_SPIKES) / case_input(c, FACT_AVERAGE_7B);
    double spiking = own * kept - (own - llama);
    case_computed(c, "lead over Mistral-7B", mistral, "points");
    case_computed(c, "lead over Llama-3.1-8B", llama, "points");
    case_computed(c, "standard error of such a difference", error, "points");
    case_computed(c, "lead over Qwen2.5-7B", start, "points");
    case_computed(c, "kept by the 8-task mean when spikes are on", kept, "share");
    case_computed(c, "lead over Llama-3.1-8B, if MMLU keeps as much", spiking,
                  "points");
    case_verdict(c, LEAD_MISTRAL, verdict_of_lead(mistral, error),
                 "%+.2f points of MMLU, %.0f standard errors", mistral,
                 mistral / error);
    case_verdict(c, LEAD_LLAMA, verdict_of_lead(llama, error),
                 "%+.2f points of MMLU with a standard error of %.2f: a tie", llama,
                 error);
    case_verdict(
        c, LEAD_SPIKES, verdict_of_lead(spiking, error),
        "%+.2f points, estimated from the 8-task mean; MMLU with spikes is not "
        "printed",
        spiking);
    case_verdict(c, LEAD_START, verdict_of_lead(start, error),
                 "%+.2f points against Qwen2.5-7B, whose weights it was made from",
                 start);
    case_verdict(c, LEAD_HERE, VERDICT_UNTESTABLE,
                 "its weights have 7 billion parameters and linear attention; see "
                 "notes/claims.md");
    case_turns(c, "against Llama: reproduced from a lead of", 2 * error, llama,
               "points");
}

enum { LOSS_PRINTED, LOSS_START, LOSS_PERPLEXITY, LOSS_TASKS };
static const char *const loss_scope[CLAIM_SCOPES + 1] = {
    "printed: 8 tasks",
    "printed: since its start",
    "perplexity here",
    "HellaSwag here",
};
static const double accepted_loss = 0.02;

/* Reproduced: at most the claimed loss; partly: at most twice as much. */
static enum verdict verdict_of_loss(double loss)
{
    if (!isfinite(loss))
        return VERDICT_UNTESTABLE;
    return loss <= accepted_loss + 1e-9 ? VERDICT_REPRODUCED
           : loss <= 2 * accepted_loss  ? VERDICT_PARTLY
                                        : VERDICT_NOT;
}

static void judge_hellaswag(struct claim_case *c)
{
    const struct claim_measurement *m = c->measurement;
    if (!m || !m->tasks) {
        case_verdict(c, LOSS_TASKS, VERDICT_UNTESTABLE,
                     "not run: give --hellaswag FILE");
        return;
    }
    double loss = 1 - m->accuracy / m->float_accuracy;
    case_measured(c, "HellaSwag tasks", m->tasks, "", none);
    case_measured(c, "HellaSwag, float", m->float_accuracy, "share", none);
    if (isfinite(m->int8_accuracy_error))
        case_measured(c, "HellaSwag, dense INT8", m->int8_accuracy, "share", none);
    case_measured(c, "HellaSwag, spiking", m->accuracy, "share", none);
    case_measured(c, "HellaSwag, spiking less float", m->accuracy - m->float_accuracy,
                  "share", m->accuracy_error);
    if (isfinite(m->int8_accuracy_error))
        case_measured(c, "HellaSwag, spiking less INT8", m->accuracy - m->int8_accuracy,
                      "share", m->int8_accuracy_error);
    double error = m->accuracy_error / m->float_accuracy;
    bool is_clear = fabs(loss - accepted_loss) > 2 * error;
    case_verdict(c, LOSS_TASKS, is_clear ? verdict_of_loss(loss) : VERDICT_PARTLY,
                 "%.1f %% of the accuracy lost, standard error %.1f: %s", 100 * loss,
                 100 * error,
                 is_clear ? "clear of the claim's 2 %" : "too few tasks to decide");
}

static void accuracy_lost(struct claim_case *c)
{
    double small =
        1 - case_input(c, FACT_AVERAGE_7B_SPIKES) / case_input(c, FACT_AVERAGE_7B);
    double large =
        1 - case_input(c, FACT_AVERAGE_76B_SPIKES) / case_input(c, FACT_AVERAGE_76B);
    double start =
        1 - case_input(c, FACT_MMLU_SPIKINGBRAIN) / case_input(c, FACT_MMLU_QWEN);
    double base = case_input(c, FACT_ABLATION_BASE);
    case_computed(c, "lost by 7B", small, "share");
    case_computed(c, "lost by 76B", large, "share");
    case_computed(c, "MMLU lost since Qwen2.5-7B, before spikes", start, "share");
    case_computed(c, "ablation: MMLU lost to spikes alone",
                  1 - case_input(c, FACT_ABLATION_SPIKES) / base, "share");
    case_computed(c, "ablation: MMLU lost to hybrid attention",
                  1 - case_input(c, FACT_ABLATION_HYBRID) / base, "share");
    case_quantity(c, MEASURED_PERPLEXITY);
    case_quantity(c, MEASURED_RATIO);
    case_quantity(c, MEASURED_INT8_RATIO);
    double mean = (small + large) / 2;
    case_verdict(c, LOSS_PRINTED,
                 fabs(mean - accepted_loss) < 0.005 ? VERDICT_REPRODUCED
                                                    : verdict_of_loss(mean),
                 "%.2f %% (7B) and %.2f %% (76B) of the mean score", 100 * small,
                 100 * large);
    case_verdict(c, LOSS_START, verdict_of_loss(start),
                 "%.1f %% of MMLU went with the conversion, before any spike",
                 100 * start);
    double ratio = case_value(c, MEASURED_RATIO);
    if (isfinite(ratio))
        case_verdict(
            c, LOSS_PERPLEXITY, verdict_of_loss(ratio - 1),
            "perplexity grows by %.2f %%, standard error %.2f; the INT8 network "
            "without spikes: %.2f %%",
            100 * (ratio - 1), 100 * case_value(c, MEASURED_RATIO_ERROR),
            100 * (case_value(c, MEASURED_INT8_RATIO) - 1));
    else
        case_verdict(c, LOSS_PERPLEXITY, VERDICT_UNTESTABLE, "%s", claim_no_model);
    judge_hellaswag(c);
    case_turns(c, "perplexity: reproduced up to a ratio of", 1 + accepted_loss, ratio,
               "x");
}

enum { TOKENS_RATIO, TOKENS_ALL, TOKENS_QUALITY, TOKENS_HERE };
static const char *const tokens_scope[CLAIM_SCOPES + 1] = {
    "printed ratio",
    "tokens behind the weights",
    "equal quality",
    "measured here",
};

static void training_tokens(struct claim_case *c)
{
    double said =
        case_input(c, FACT_TOKENS_PRESS) / case_input(c, FACT_TOKENS_PRESS_OTHERS);
    double conversion = case_input(c, FACT_TOKENS_CONVERSION);
    double printed = conversion / case_input(c, FACT_TOKENS_SCRATCH);
    double start = case_input(c, FACT_TOKENS_QWEN);
    double behind = (conversion + start) / case_input(c, FACT_TOKENS_PRESS_OTHERS);
    double own = case_input(c, FACT_MMLU_SPIKINGBRAIN);
    double lost = case_input(c, FACT_MMLU_QWEN) - own;
    case_computed(c, "130 / 7,000 billion", said, "share");
    case_computed(c, "conversion / from scratch, as the report compares", printed,
                  "share");
    case_computed(c, "tokens behind SpikingBrain-7B", conversion + start, "tokens");
    case_computed(c, "the same / 7,000 billion", behind, "x");
    case_verdict(c, TOKENS_RATIO, verdict_of_ratio(printed, said),
                 "%.2f %% as the press has it, %.2f %% by the report's figures",
                 100 * said, 100 * printed);
    case_verdict(c, TOKENS_ALL, behind <= 1 ? VERDICT_REPRODUCED : VERDICT_NOT,
                 "the weights come from Qwen2.5-7B: %.2f trillion tokens in all, %.1f "
                 "times 7,000 billion",
                 (conversion + start) / 1e12, behind);
    case_verdict(c, TOKENS_QUALITY,
                 lost <= 2 * mmlu_error(c, own, own + lost) ? VERDICT_REPRODUCED
                                                            : VERDICT_NOT,
                 "conversion lost %.2f points of MMLU", lost);
    case_verdict(c, TOKENS_HERE, VERDICT_UNTESTABLE,
                 "training is not what this program does");
    case_turns(c, "tokens behind the weights: reproduced if the start had seen at most",
               case_input(c, FACT_TOKENS_PRESS_OTHERS) - conversion, start, "tokens");
}

const struct claim claims_of_quality[] = {
    { .name = "better-than-llama-and-mistral",
      .family = family,
      .says = "matched or outperformed many traditional systems in evaluations",
      .is_quoted = true,
      .who = "ainews.com on SpikingBrain, 2025; others name Llama and Mistral",
      .source =
          "MMLU 65.84 for SpikingBrain-7B without spikes, 65.74 for Llama-3.1-8B, "
          "62.56 for Mistral-7B, 74.21 for Qwen2.5-7B (report, base models).",
      .not_measured = "No score of these models was taken here.",
      .scope = lead_scope,
      .judge = better_than },
    { .name = "accuracy-2-percent-lost",
      .family = family,
      .says = "Spikes cost about 2 % of the accuracy.",
      .who = "SpikingBrain report, arXiv 2509.05276",
      .source = "Mean of 8 tasks 0.6998 to 0.6875 (7B) and 0.7304 to 0.7133 (76B) when "
                "W8ASpike is switched on, calibrated on 128 texts (report, table 3).",
      .not_measured =
          "The 8 tasks on the report's weights. Perplexity is no accuracy: "
          "it moves before an answer does, and small models, as here, stand "
          "coarse numbers less than large ones.",
      .scope = loss_scope,
      .judge = accuracy_lost },
    { .name = "tokens-130-against-7000-billion",
      .family = family,
      .says = "130 billion training tokens give what others need 7,000 billion for.",
      .who = "press reports on SpikingBrain, 2025",
      .source =
          "About 150 billion tokens of conversion training, about 2 % of training "
          "from scratch, which the report takes as 10 trillion; the start, "
          "Qwen2.5-7B, had seen 18 trillion.",
      .not_measured = "What the conversion would give from a weaker start.",
      .scope = tokens_scope,
      .judge = training_tokens },
    { 0 },
};
