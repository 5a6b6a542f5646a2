/* Claims about what silence does: who fires, what is computed, what a data centre pays. */
#include "experiments/claim_boundary.h"
#include "experiments/claim_table.h"

#include <math.h>

/* "Only when needed" is taken as: most channels are silent. */
static const double most_silent = 0.5;

static enum verdict verdict_of_silence(double silent)
{
    if (!isfinite(silent))
        return VERDICT_UNTESTABLE;
    return silent >= most_silent ? VERDICT_REPRODUCED
           : silent > 0          ? VERDICT_PARTLY
                                 : VERDICT_NOT;
}

static void fires_when_needed(struct claim_case *c)
{
    double silent = case_input(c, FACT_SILENT_SHARE);
    case_computed(c, "channels that fire for a token, k = 3", 1 - silent, "share");
    if (c->setting)
        silent = case_value(c, MEASURED_SILENT_SHARE);
    case_quantity(c, MEASURED_SILENT_SHARE);
    case_quantity(c, MEASURED_SPIKES_PER_CHANNEL);
    case_verdict(c, SCOPE_ADDITIONS, verdict_of_silence(silent),
                 "a silent channel costs no addition, but only %.1f %% are silent: "
                 "%.1f %% fire",
                 100 * silent, 100 * (1 - silent));
    case_verdict(c, SCOPE_WEIGHTS, verdict_of_silence(silent),
                 "the weights of %.1f %% of the channels are fetched for a token",
                 100 * (1 - silent));
    double token = case_saving(c, PRICES_32_BIT, BOUNDARY_TOKEN, VARIANT_INT8);
    double kinder = case_kinder_token(c, VARIANT_INT8);
    if (isfinite(token))
        case_verdict(
            c, SCOPE_TOKEN,
            verdict_of_both(verdict_of_silence(token), verdict_of_silence(kinder)),
            "spikes save %.1f %% of a token's energy against INT8 with sums in memory, "
            "%.1f %% with sums in registers; attention and the head never rest",
            100 * token, 100 * kinder);
    else
        case_verdict(c, SCOPE_TOKEN, VERDICT_UNTESTABLE, "%s", claim_no_model);
    double joules = case_saved_joules(c);
    case_joules(c, verdict_of_silence(joules));
    case_turns(c, "reproduced (most channels silent) from a silent share of",
               most_silent, silent, "share");
}

static void data_centres(struct claim_case *c)
{
    static const double worth_building = 0.25;
    double claimed = case_input(c, FACT_PRINTED_SAVING_FP16);
    double token = case_kinder_token(c, VARIANT_INT8);
    case_measured(c, "saved against INT8, whole token, sums in registers", token,
                  "share", (double)NAN);
    case_measured(c, "saved against FP16, whole token, sums in registers",
                  case_kinder_token(c, VARIANT_FP16), "share", (double)NAN);
    case_verdict(
        c, SCOPE_ADDITIONS, VERDICT_NOT,
        "the %.1f %% are of additions alone; no data centre pays for additions "
        "alone",
        100 * claimed);
    case_verdict(c, SCOPE_WEIGHTS, VERDICT_UNTESTABLE,
                 "a server reads weights once for many sequences: then a weight rests "
                 "only where all of them are silent");
    if (isfinite(token))
        case_verdict(c, SCOPE_TOKEN,
                     token >= worth_building ? VERDICT_PARTLY : VERDICT_NOT,
                     "at most %.1f %% of a token against the INT8 that servers already "
                     "run",
                     100 * token);
    else
        case_verdict(c, SCOPE_TOKEN, VERDICT_UNTESTABLE, "%s", claim_no_model);
    case_verdict(c, SCOPE_JOULES, VERDICT_OPINION,
                 "a forecast: no chip that runs this scheme has been measured");
    case_turns(c, "whole token: partly from a saving against INT8 of", worth_building,
               token, "share");
}

static void computations_fewer(struct claim_case *c)
{
    double spikes = case_input(c, FACT_SPIKES_PER_CHANNEL);
    double claimed = case_input(c, FACT_PRESS_COMPUTATIONS);
    case_computed(c, "operations saved, a multiply-accumulate counted once", 1 - spikes,
                  "share");
    case_computed(c, "operations saved, a multiply-accumulate counted as two",
                  1 - spikes / 2, "share");
    double additions =
        c->setting ? case_value(c, MEASURED_SOP) / case_value(c, MEASURED_DENSE_OPS)
                   : spikes;
    case_quantity(c, MEASURED_SOP);
    case_quantity(c, MEASURED_DENSE_OPS);
    case_quantity(c, MEASURED_EVENT_SHARE);
    case_measured(c, "additions per multiply-accumulate", additions, "", (double)NAN);
    case_verdict(c, SCOPE_ADDITIONS, verdict_of_share(1 - additions / 2, claimed),
                 "%.2f additions stand for a multiply-accumulate: %+.0f %% operations, "
                 "or %+.0f %% if that counts as two",
                 additions, 100 * (additions - 1), 100 * (additions / 2 - 1));
    double silent = c->setting ? case_value(c, MEASURED_SILENT_SHARE)
                               : case_input(c, FACT_SILENT_SHARE);
    case_verdict(c, SCOPE_WEIGHTS, verdict_of_share(silent, claimed),
                 "%.1f %% fewer weights are fetched", 100 * silent);
    double share = case_value(c, MEASURED_EVENT_SHARE);
    double token = share * (1 - additions / 2);
    if (isfinite(token))
        case_verdict(c, SCOPE_TOKEN, verdict_of_share(token, claimed),
                     "%.1f %% of a token's operations go through spikes: at most %.1f "
                     "%% fewer in all",
                     100 * share, 100 * token);
    else
        case_verdict(c, SCOPE_TOKEN, VERDICT_UNTESTABLE, "%s", claim_no_model);
    case_joules(c, verdict_of_share(case_saved_joules(c), claimed));
    double most = 1 - share_to_reproduce(claimed);
    case_turns(c,
               "additions only: reproduced up to additions per multiply-accumulate "
               "(counted as two) of",
               2 * most, additions, "");
}

static const char spiking[] = "spiking language models";

const struct claim claims_of_silence[] = {
    { .name = "fires-only-when-needed",
      .family = spiking,
      .says = "Neurons fire only when needed.",
      .who = "press reports on SpikingBrain, 2025",
      .source = "At k = 3 a share of 18.4 % of the channels emits no spike for a token "
                "(report, section 5.5).",
      .not_measured = "Whether a channel was needed: only whether it fired.",
      .scope = energy_scope,
      .judge = fires_when_needed },
    { .name = "computations-70-percent",
      .family = spiking,
      .says = "It makes 70 % fewer computations.",
      .who = "press reports on SpikingBrain, 2025",
      .source =
          "The report prints 69.15 % sparsity, the share of empty time slots, and "
          "1.13 spikes per channel, each an addition for every target (section "
          "5.5). It does not count operations saved.",
      .not_measured = "Operations of hardware that handles the events.",
      .scope = energy_scope,
      .judge = computations_fewer },
    { .name = "data-centres-saved",
      .family = spiking,
      .says = "Data centres will save most of their energy.",
      .who = "press reports on SpikingBrain, 2025",
      .source = "The report has no figure for a data centre: its estimate is of one "
                "operation.",
      .reason = "There is nothing to recompute: no figure is given.",
      .not_measured = "Servers, batches of sequences, cooling, training.",
      .scope = energy_scope,
      .judge = data_centres },
    { 0 },
};
