/* See claim_boundary.h. */
#include "experiments/claim_boundary.h"

#include <math.h>

const char claim_no_joules[] =
    "no reading: this machine shows no energy counter, or the run was not metered "
    "(notes/claims.md says how to allow it); the sources estimate, none measured";

const char claim_no_model[] = "no measurement: give -m and -f";

double case_value(const struct claim_case *c, enum claim_quantity which)
{
    return c->setting ? c->setting->quantity[which] : (double)NAN;
}

double case_saving(const struct claim_case *c, enum claim_prices prices,
                   enum boundary boundary, enum variant other)
{
    return c->setting ? claim_saving(c->setting, prices, boundary, other) : (double)NAN;
}

double case_kinder_token(const struct claim_case *c, enum variant other)
{
    if (!c->setting)
        return (double)NAN;
    const double(*nj)[VARIANTS] = c->setting->nj[PRICES_32_BIT];
    double state =
        nj[BOUNDARY_STATE][VARIANT_SPIKING] - nj[BOUNDARY_WEIGHTS][VARIANT_SPIKING];
    return 1 -
           (nj[BOUNDARY_TOKEN][VARIANT_SPIKING] - state) / nj[BOUNDARY_TOKEN][other];
}

double case_saved_joules(const struct claim_case *c)
{
    return 1 -
           case_value(c, MEASURED_JOULES_SPIKING) / case_value(c, MEASURED_JOULES_INT8);
}

void case_joules(struct claim_case *c, enum verdict verdict)
{
    double saved = case_saved_joules(c);
    if (isfinite(saved))
        case_verdict(c, SCOPE_JOULES, verdict,
                     "%.1f %% less than INT8 by this machine's counters, idle power "
                     "included",
                     100 * saved);
    else
        case_verdict(c, SCOPE_JOULES, VERDICT_UNTESTABLE, "%s", claim_no_joules);
}
