/* Claims about what spikes save: energy, fetches, operations.
 *
 *     saving at additions = 1 - spikes * add / multiply-accumulate
 *     saving at weights   = 1 - (1 - silent share) * 1 byte / bytes of a dense weight
 *
 * The first holds if nothing but additions costs, the second if fetching weights is all
 * that costs; a machine lies between. */
#include "experiments/claim_boundary.h"
#include "experiments/claim_table.h"

#include <gsl/gsl_fit.h>
#include <math.h>

/* Silent share at which the whole token saves `wanted`: a line through the measured k;
 * NaN where the line never gets there. */
static double silence_needed(const struct claim_case *c, enum variant other,
                             double wanted)
{
    double x[CLAIM_SETTINGS], y[CLAIM_SETTINGS], at, slope, c00, c01, c11, rest;
    const struct claim_measurement *m = c->measurement;
    for (unsigned s = 0; s < m->settings; s++) {
        x[s] = m->setting[s].quantity[MEASURED_SILENT_SHARE];
        y[s] = claim_saving(&m->setting[s], PRICES_32_BIT, BOUNDARY_TOKEN, other);
    }
    gsl_fit_linear(x, 1, y, 1, m->settings, &at, &slope, &c00, &c01, &c11, &rest);
    double silent = slope > 0 ? (wanted - at) / slope : (double)NAN;
    return silent <= 1 ? silent : (double)NAN;
}

/* What the prices of the source make of its own counts, and of 32-bit sums. */
struct own_counts {
    double spikes, silent;           /* the report's */
    double add8, add32, mac8, mac32; /* pJ; mac: of the network compared with */
    double saving8, saving32;        /* at additions */
    double weight_bytes;             /* of a dense weight */
};

static struct own_counts own_counts(struct claim_case *c, enum variant other)
{
    struct own_counts own = {
        .spikes = case_input(c, FACT_SPIKES_PER_CHANNEL),
        .silent = case_input(c, FACT_SILENT_SHARE),
        .add8 = case_input(c, FACT_ADD_I8_PJ),
        .add32 = case_input(c, FACT_ADD_I32_PJ),
        .weight_bytes = other == VARIANT_FP16 ? 2 : 1,
    };
    if (other == VARIANT_FP16) {
        own.mac8 = case_input(c, FACT_MULTIPLY_F16_PJ) + case_input(c, FACT_ADD_F16_PJ);
        own.mac32 = own.mac8;
    } else {
        double multiply = case_input(c, FACT_MULTIPLY_I8_PJ);
        own.mac8 = multiply + own.add8;
        own.mac32 = multiply + own.add32;
    }
    own.saving8 = 1 - own.spikes * own.add8 / own.mac8;
    own.saving32 = 1 - own.spikes * own.add32 / own.mac32;
    return own;
}

static void saving_arithmetic(struct claim_case *c, const struct own_counts *own,
                              enum claim_fact_id claimed, enum claim_fact_id ratio)
{
    double share = case_input(c, claimed);
    case_computed(c, "energy in place of a multiply-accumulate",
                  own->spikes * own->add8, "pJ");
    case_computed(c, "saving, 8-bit additions", own->saving8, "share");
    case_against(c, "saving, from the printed energy",
                 1 - case_input(c, FACT_PRINTED_SPIKE_PJ) / own->mac8, claimed, 0.0005);
    case_against(c, "ratio", own->mac8 / (own->spikes * own->add8), ratio, 0.005);
    case_against(c, "ratio taken from the rounded saving", 1 / (1 - share), ratio,
                 0.005);
    case_computed(c, "saving, additions into 32 bits", own->saving32, "share");
    case_computed(c, "saving, if fetching weights is all that costs",
                  1 - (1 - own->silent) / own->weight_bytes, "share");
}

/* Reproduced only if it holds at both widths of the sum. */
static void judge_additions(struct claim_case *c, const struct own_counts *own,
                            enum variant other, double claimed)
{
    double at8 = case_saving(c, PRICES_REPORT, BOUNDARY_SUMS, other);
    double at32 = case_saving(c, PRICES_32_BIT, BOUNDARY_SUMS, other);
    const char *whose = "measured counts";
    if (!isfinite(at8)) {
        at8 = own->saving8;
        at32 = own->saving32;
        whose = "the report's own counts";
    }
    enum verdict narrow = verdict_of_share(at8, claimed);
    enum verdict wide = verdict_of_share(at32, claimed);
    enum verdict both = narrow == wide                                 ? wide
                        : narrow == VERDICT_NOT && wide == VERDICT_NOT ? VERDICT_NOT
                                                                       : VERDICT_PARTLY;
    case_verdict(c, SCOPE_ADDITIONS, both,
                 "at %s %.1f %% with 8-bit sums, %.1f %% with the 32-bit sums that a "
                 "projection needs",
                 whose, 100 * at8, 100 * at32);
    double most = 1 - share_to_reproduce(claimed);
    double now = c->setting ? case_value(c, MEASURED_SPIKES_PER_CHANNEL) : own->spikes;
    case_turns(c, "additions only, 8-bit sums: reproduced up to spikes per channel of",
               most * own->mac8 / own->add8, now, "");
    case_turns(c, "additions only, 32-bit sums: reproduced up to spikes per channel of",
               most * own->mac32 / own->add32, now, "");
    case_turns(c,
               "additions only: reproduced up to a price of addition / "
               "multiply-accumulate of",
               most / now, own->add32 / own->mac32, "");
}

static void judge_fetches(struct claim_case *c, const struct own_counts *own,
                          enum variant other, double claimed)
{
    double weights = case_saving(c, PRICES_32_BIT, BOUNDARY_WEIGHTS, other);
    double token = case_saving(c, PRICES_32_BIT, BOUNDARY_TOKEN, other);
    double kinder = case_kinder_token(c, other);
    const char *whose = "measured, weights in DRAM, dense head included";
    if (!isfinite(weights)) {
        weights = 1 - (1 - own->silent) / own->weight_bytes;
        whose = "at the report's silent share";
    }
    case_verdict(c, SCOPE_WEIGHTS, verdict_of_share(weights, claimed), "%.1f %%, %s",
                 100 * weights, whose);
    if (isfinite(token))
        case_verdict(c, SCOPE_TOKEN,
                     verdict_of_both(verdict_of_share(token, claimed),
                                     verdict_of_share(kinder, claimed)),
                     "%.1f %% with sums in memory, %.1f %% with sums in registers; "
                     "attention, cache, norms and the head cost both alike",
                     100 * token, 100 * kinder);
    else
        case_verdict(c, SCOPE_TOKEN, VERDICT_UNTESTABLE, "%s", claim_no_model);
    double wanted = share_to_reproduce(claimed);
    double now = c->setting ? case_value(c, MEASURED_SILENT_SHARE) : own->silent;
    case_turns(c, "with weight fetches: reproduced from a silent share of",
               1 - (1 - wanted) * own->weight_bytes, now, "share");
    if (c->measurement && c->measurement->settings > 1)
        case_turns(c,
                   "whole token, sums in memory: reproduced from a silent share (line "
                   "through the k measured) of",
                   silence_needed(c, other, wanted), now, "share");
}

static void measured_savings(struct claim_case *c, enum variant other)
{
    if (!c->setting)
        return;
    const double none = (double)NAN;
    case_quantity(c, MEASURED_SPIKES_PER_CHANNEL);
    case_quantity(c, MEASURED_SILENT_SHARE);
    case_measured(c, "saved, additions, 8-bit sums",
                  case_saving(c, PRICES_REPORT, BOUNDARY_SUMS, other), "share", none);
    case_measured(c, "saved, additions, 32-bit sums",
                  case_saving(c, PRICES_32_BIT, BOUNDARY_SUMS, other), "share", none);
    double dense =
        case_value(c, MEASURED_WEIGHTS_INT8) * (other == VARIANT_FP16 ? 2 : 1);
    case_measured(c, "weight bytes saved, spiking projections, a fetch per channel",
                  1 - case_value(c, MEASURED_WEIGHTS_ROW) / dense, "share", none);
    case_measured(c, "the same, a fetch per spike",
                  1 - case_value(c, MEASURED_WEIGHTS_SPIKE) / dense, "share", none);
    case_measured(c, "saved with weight fetches, all projections",
                  case_saving(c, PRICES_32_BIT, BOUNDARY_WEIGHTS, other), "share",
                  none);
    case_measured(c, "saved, whole token, sums in memory",
                  case_saving(c, PRICES_32_BIT, BOUNDARY_TOKEN, other), "share", none);
    case_measured(c, "saved, whole token, sums in registers",
                  case_kinder_token(c, other), "share", none);
}

static const char no_fp16[] =
    "no FP16 network runs here to be metered; energy-85-percent-int8 has the joules "
    "against INT8";

static void energy_against_fp16(struct claim_case *c)
{
    struct own_counts own = own_counts(c, VARIANT_FP16);
    saving_arithmetic(c, &own, FACT_PRINTED_SAVING_FP16, FACT_PRINTED_RATIO_FP16);
    double claimed = case_input(c, FACT_PRINTED_SAVING_FP16);
    double int8 = case_input(c, FACT_MULTIPLY_I8_PJ) + own.add8;
    case_computed(c, "of the saving: FP16 to INT8, without any spike",
                  1 - int8 / own.mac8, "share");
    case_computed(c, "of the saving: spikes", own.saving8 - (1 - int8 / own.mac8),
                  "share");
    measured_savings(c, VARIANT_FP16);
    judge_additions(c, &own, VARIANT_FP16, claimed);
    judge_fetches(c, &own, VARIANT_FP16, claimed);
    case_verdict(c, SCOPE_JOULES, VERDICT_UNTESTABLE, "%s",
                 isfinite(case_saved_joules(c)) ? no_fp16 : claim_no_joules);
}

static void energy_against_int8(struct claim_case *c)
{
    struct own_counts own = own_counts(c, VARIANT_INT8);
    saving_arithmetic(c, &own, FACT_PRINTED_SAVING_INT8, FACT_PRINTED_RATIO_INT8);
    double claimed = case_input(c, FACT_PRINTED_SAVING_INT8);
    measured_savings(c, VARIANT_INT8);
    judge_additions(c, &own, VARIANT_INT8, claimed);
    judge_fetches(c, &own, VARIANT_INT8, claimed);
    double joules = case_saved_joules(c);
    case_joules(c, verdict_of_share(joules, claimed));
}

static const char spiking[] = "spiking language models";

const struct claim claims_of_energy[] = {
    { .name = "energy-97-percent",
      .family = spiking,
      .says = "It needs 97 % less energy.",
      .who = "press reports on SpikingBrain, 2025",
      .source = "97.7 % less energy per multiply-accumulate than FP16: mean spikes per "
                "channel times the price of an 8-bit addition at 45 nm, additions of "
                "linear projections alone, on ideal asynchronous hardware (report, "
                "section 5.5; appendix C.2 lists what is left out).",
      .not_measured = "No chip was measured by anyone; control, clock, addressing and "
                      "transport have no price here either.",
      .scope = energy_scope,
      .judge = energy_against_fp16 },
    { .name = "energy-85-percent-int8",
      .family = spiking,
      .says = "It needs 85 % less energy than an 8-bit network.",
      .who = "SpikingBrain report, arXiv 2509.05276",
      .source =
          "85.2 % less than INT8, computed as for FP16 from 0.23 pJ, in which the "
          "addition is taken as 8 bits wide (report, section 5.5).",
      .not_measured = "As for energy-97-percent.",
      .scope = energy_scope,
      .judge = energy_against_int8 },
    { 0 },
};
