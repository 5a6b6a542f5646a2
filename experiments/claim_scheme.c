/* Claims about how spiking language models work: speed, sparsity, chips, purity. */
#include "experiments/claim_boundary.h"
#include "experiments/claim_plan.h"
#include "experiments/claim_table.h"

#include <gsl/gsl_fit.h>
#include <math.h>

static const double none = (double)NAN;
static const char family[] = "spiking language models";

enum { FIRST_4M, FIRST_1M, FIRST_CHAT, FIRST_SPIKES, FIRST_HERE };
static const char *const first_scope[CLAIM_SCOPES + 1] = {
    "printed: 4M tokens", "printed: 1M tokens", "counted: chat, 2048 tokens",
    "owed to spikes",     "measured here",
};

static void first_token(struct claim_case *c)
{
    const double k = 1024, chat = 2048;
    const double tokens[] = { 256 * k, 512 * k, 1024 * k };
    const double dense[] = { case_input(c, FACT_TTFT_QWEN_256K),
                             case_input(c, FACT_TTFT_QWEN_512K),
                             case_input(c, FACT_TTFT_QWEN_1M) };
    const double own[] = { case_input(c, FACT_TTFT_SPIKING_256K),
                           case_input(c, FACT_TTFT_SPIKING_512K),
                           case_input(c, FACT_TTFT_SPIKING_1M) };
    double at, slope, c00, c01, c11, rest;
    gsl_fit_linear(tokens, 1, dense, 1, 3, &at, &slope, &c00, &c01, &c11, &rest);
    double far = case_computed(c, "Qwen2.5-7B at 4M, by a line through its times",
                               at + slope * 4096 * k, "ms");
    double claimed = case_input(c, FACT_PRINTED_SPEEDUP_4M);
    double at_4m = far / case_input(c, FACT_TTFT_SPIKING_4M);
    double at_1m = case_against(c, "speed-up at 1M", dense[2] / own[2],
                                FACT_PRINTED_SPEEDUP_1M, 0.05);
    case_computed(c, "speed-up at 256k", dense[0] / own[0], "x");
    case_computed(c, "speed-up at 512k", dense[1] / own[1], "x");
    case_computed(c, "speed-up at 4M, extrapolated", at_4m, "x");
    case_input(c, FACT_METAX_SPEEDUP_LOW);
    case_input(c, FACT_METAX_SPEEDUP_HIGH);
    double ratio_chat = plan_operations_ratio(chat),
           ratio_4m = plan_operations_ratio(4096 * k);
    case_computed(c,
                  "operations per token, Qwen2.5-7B / SpikingBrain-7B, middle of 2048",
                  ratio_chat, "x");
    case_computed(c, "the same, middle of 4M", ratio_4m, "x");
    case_verdict(c, FIRST_4M, at_4m >= claimed ? VERDICT_PARTLY : VERDICT_NOT,
                 "%.0fx, but its denominator was timed and its numerator "
                 "extrapolated",
                 at_4m);
    case_verdict(c, FIRST_1M, verdict_of_ratio(at_1m, claimed),
                 "%.1fx: the longest prompt for which both were timed", at_1m);
    if (isfinite(ratio_chat))
        case_verdict(c, FIRST_CHAT, verdict_of_ratio(ratio_chat, claimed),
                     "%.2fx the operations per token: projections dominate and are "
                     "the same",
                     ratio_chat);
    else
        case_verdict(c, FIRST_CHAT, VERDICT_UNTESTABLE,
                     "the configurations in data/configs cannot be read");
    case_verdict(c, FIRST_SPIKES, VERDICT_NOT,
                 "it comes from linear attention and a sliding window; the timed runs "
                 "work on dense matrices");
    case_verdict(c, FIRST_HERE, VERDICT_UNTESTABLE,
                 "8 to 128 H100 were used; this program runs softmax attention on a "
                 "CPU");
    case_turns(c,
               "no gain at all below tokens of (both lines met, far outside what was "
               "timed)",
               (own[0] - at) / slope, none, "tokens");
    case_turns(c, "reproduced as extrapolated from tokens of",
               (claimed * case_input(c, FACT_TTFT_SPIKING_4M) - at) / slope, none,
               "tokens");
}

enum { SPARSE_PRINTED, SPARSE_SLOTS, SPARSE_CHANNELS, SPARSE_FETCHES };
static const char *const sparse_scope[CLAIM_SCOPES + 1] = {
    "printed figures agree",
    "slots, three steps",
    "silent channels",
    "weights not fetched",
};

static void sparsity(struct claim_case *c)
{
    double printed = case_input(c, FACT_SLOT_SPARSITY);
    double spikes = case_input(c, FACT_SPIKES_PER_CHANNEL);
    double small = case_input(c, FACT_SMALL_SHARE);
    double silent = case_input(c, FACT_SILENT_SHARE);
    double from_spikes = case_against(c, "1 - spikes per channel / 3", 1 - spikes / 3,
                                      FACT_SLOT_SPARSITY, 0.005);
    double bits = (spikes - small * 3 * (1 - printed)) / (1 - small);
    case_computed(c, "spikes of a count above 7, if both figures hold", bits, "");
    double slots = c->setting ? case_value(c, MEASURED_SLOT_SPARSITY_3) : from_spikes;
    if (c->setting)
        silent = case_value(c, MEASURED_SILENT_SHARE);
    case_quantity(c, MEASURED_SLOT_SPARSITY_3);
    case_quantity(c, MEASURED_SILENT_SHARE);
    case_quantity(c, MEASURED_SMALL_SHARE);
    case_quantity(c, MEASURED_SPIKES_PER_CHANNEL);
    case_verdict(c, SPARSE_PRINTED, verdict_of_share(from_spikes, printed),
                 "%.1f %% from the spikes per channel, %.2f %% printed: other "
                 "denominators",
                 100 * from_spikes, 100 * printed);
    case_verdict(c, SPARSE_SLOTS, verdict_of_share(slots, printed),
                 "%.1f %% of three slots a channel are empty", 100 * slots);
    case_verdict(c, SPARSE_CHANNELS, verdict_of_share(silent, printed),
                 "%.1f %% of the channels are silent: an empty slot is not a silent "
                 "channel",
                 100 * silent);
    double row =
        1 - case_value(c, MEASURED_WEIGHTS_ROW) / case_value(c, MEASURED_WEIGHTS_INT8);
    double fetched = isfinite(row) ? row : silent;
    case_verdict(c, SPARSE_FETCHES, verdict_of_share(fetched, printed),
                 "%.1f %% of the weight bytes stay where they are", 100 * fetched);
    case_turns(c, "slots: reproduced up to spikes per channel of",
               3 * (1 - share_to_reproduce(printed)),
               c->setting ? case_value(c, MEASURED_SPIKES_PER_CHANNEL) : spikes, "");
    case_turns(c, "weights: reproduced from a silent share of",
               share_to_reproduce(printed), silent, "share");
}

enum { CHIP_TRAINING, CHIP_SPEED, CHIP_CUDA };
static const char *const chip_scope[CLAIM_SCOPES + 1] = { "training",
                                                          "the printed speed",
                                                          "CUDA rewritten" };

static void no_nvidia(struct claim_case *c)
{
    case_verdict(c, CHIP_TRAINING, VERDICT_UNTESTABLE,
                 "the report says MetaX GPUs; who was not there cannot check");
    case_verdict(c, CHIP_SPEED, VERDICT_NOT,
                 "the times behind \"over 100x\" are of Nvidia H100; on MetaX the "
                 "report prints %.2fx to %.2fx at 128k tokens",
                 case_input(c, FACT_METAX_SPEEDUP_LOW),
                 case_input(c, FACT_METAX_SPEEDUP_HIGH));
    case_verdict(c, CHIP_CUDA, VERDICT_UNTESTABLE,
                 "kernels for MetaX are described; this machine has no such GPU");
}

enum { PURE_OPERATIONS, PURE_ATTENTION };
static const char *const pure_scope[CLAIM_SCOPES + 1] = { "pure: operations by spikes",
                                                          "hybrid: attention" };
static const double pure_share = 0.99;

static void pure_or_hybrid(struct claim_case *c)
{
    double share = case_value(c, MEASURED_EVENT_SHARE);
    case_quantity(c, MEASURED_EVENT_SHARE);
    if (isfinite(share))
        case_verdict(c, PURE_OPERATIONS,
                     share >= pure_share ? VERDICT_REPRODUCED
                     : share >= 0.5      ? VERDICT_PARTLY
                                         : VERDICT_NOT,
                     "%.1f %% of the dense-equivalent operations of a token go through "
                     "spikes; attention, norms, softmax and head do not",
                     100 * share);
    else
        case_verdict(c, PURE_OPERATIONS, VERDICT_UNTESTABLE, "%s", claim_no_model);
    case_verdict(c, PURE_ATTENTION, VERDICT_REPRODUCED,
                 "hybrid by the report's own layers: linear and sliding-window "
                 "attention in turn (7B), linear and full in parallel (76B)");
    case_turns(c, "pure: reproduced from an event-driven share of", pure_share, share,
               "share");
}

static const char *const opinion_scope[CLAIM_SCOPES + 1] = { "as a whole" };

static void democratic(struct claim_case *c)
{
    case_verdict(c, 0, VERDICT_OPINION,
                 "no measurement decides what is too complex or who may now take part");
}

const struct claim claims_of_scheme[] = {
    { .name = "first-token-100x-sooner",
      .family = family,
      .says = "attains over 100x speedup in Time to First Token for 4M-token sequences",
      .is_quoted = true,
      .who =
          "SpikingBrain report, arXiv 2509.05276, abstract; press without the length",
      .source =
          "1073 ms at 4M tokens on up to 128 H100; the baseline was timed to 1M "
          "(26.5x) and extrapolated from a fitted curve beyond (report, table 7).",
      .not_measured = "Neither model was timed here; operations are counted from their "
                      "configurations.",
      .scope = first_scope,
      .judge = first_token },
    { .name = "sparsity-69-percent",
      .family = family,
      .says = "achieves 69.15 percent sparsity, enabling low-power operation",
      .is_quoted = true,
      .who = "SpikingBrain report, arXiv 2509.05276, abstract",
      .source =
          "Share of empty slots when counts are laid over three bit steps (report, "
          "section 5.5); 18.4 % of the channels emit no spike at all.",
      .not_measured = "The report's own weights.",
      .scope = sparse_scope,
      .judge = sparsity },
    { .name = "no-nvidia-chip",
      .family = family,
      .says = "Both models were trained and tested entirely on MetaX GPUs",
      .is_quoted = true,
      .who = "ainews.com on SpikingBrain, 2025",
      .source =
          "Training on hundreds of MetaX GPUs with operators written for them; the "
          "times to the first token are of H100 (report, table 7).",
      .reason = "Where a model was trained is testimony, not arithmetic.",
      .not_measured = "Anything on MetaX hardware.",
      .turns_if = "The logs of the training, with the names of the chips, and the "
                  "times of table 7 taken on MetaX GPUs.",
      .scope = chip_scope,
      .judge = no_nvidia },
    { .name = "pure-or-hybrid",
      .family = family,
      .says = "It is a spiking network; others say hybrid.",
      .who = "press reports on SpikingBrain, 2025",
      .source = "Spikes are at the inputs of linear projections; the released code "
                "computes counts and calls dense products, and leaves down_proj and "
                "lm_head without spikes (BICLab/SpikingBrain-7B, W8ASpike).",
      .reason = "A share of operations: measured, there is no printed figure.",
      .not_measured = "The released model's own share.",
      .scope = pure_scope,
      .judge = pure_or_hybrid },
    { .name = "too-complex-before-democratic-now",
      .family = family,
      .says = "Too complex until now, it makes artificial intelligence democratic.",
      .who = "press reports on SpikingBrain, 2025",
      .source = "The report claims neither.",
      .reason = "An opinion: there is no figure.",
      .not_measured = "Nothing could be.",
      .turns_if = "Nothing: no figure decides it.",
      .scope = opinion_scope,
      .judge = democratic },
    { 0 },
};
