/* What one model did on one text, at each k: what claims are judged by. Filled by
 * measuring (claim_measure.h) or from the file of stored results. */
#ifndef EXPERIMENTS_CLAIM_MEASUREMENT_H
#define EXPERIMENTS_CLAIM_MEASUREMENT_H

#include "sim/work.h"

#include <jansson.h>

/* Of one k. Per-token quantities are means over all tokens. */
enum claim_quantity {
    MEASURED_K,
    MEASURED_PERPLEXITY,
    MEASURED_RATIO,       /* perplexity / that of the float model, paired */
    MEASURED_RATIO_ERROR, /* standard error */
    MEASURED_INT8_RATIO,  /* the same of the dense INT8 network */
    MEASURED_INT8_RATIO_ERROR,
    MEASURED_SILENT_SHARE,
    MEASURED_SMALL_SHARE,
    MEASURED_SPIKES_PER_CHANNEL,
    MEASURED_SLOT_SPARSITY_3,
    MEASURED_SOP,            /* per token */
    MEASURED_DENSE_OPS,      /* of the spiking projections, per token */
    MEASURED_EVENT_SHARE,    /* event-driven share */
    MEASURED_WEIGHTS_INT8,   /* bytes per token, spiking projections, dense INT8 */
    MEASURED_WEIGHTS_ROW,    /* one fetch per active channel */
    MEASURED_WEIGHTS_SPIKE,  /* one fetch per spike */
    MEASURED_JOULES_SPIKING, /* per token, by the machine's counter; NaN: none */
    MEASURED_JOULES_INT8,
    CLAIM_QUANTITIES
};
struct claim_quantity_info {
    const char *name, *unit, *meaning;
    bool is_optional;
};
extern const struct claim_quantity_info claim_quantity_info[CLAIM_QUANTITIES];

/* The two price lists that energy claims are judged by. */
enum claim_prices { PRICES_REPORT, PRICES_32_BIT, CLAIM_PRICES };
extern const char *const claim_prices_name[CLAIM_PRICES]; /* of the profiles */

struct claim_setting {
    double quantity[CLAIM_QUANTITIES];
    double nj[CLAIM_PRICES][BOUNDARIES][VARIANTS]; /* per token; NaN: unpriced */
};

enum { CLAIM_SETTINGS = 16, CLAIM_MEASUREMENTS = 8 };

struct claim_measurement {
    /* file names, ISO date, command line, version and commit, processor, which
     * projections spike and how, inputs that share a weight scale */
    char model[96], text[96], date[32], command[400], version[80], cpu[80], how[160];
    unsigned windows, window_tokens;
    unsigned settings;
    struct claim_setting setting[CLAIM_SETTINGS];
    unsigned tasks; /* HellaSwag; 0: not measured */
    /* Shares right; errors of spiking less float and of spiking less INT8, NaN where
     * INT8 was not run. */
    double float_accuracy, int8_accuracy, accuracy;
    double accuracy_error, int8_accuracy_error;
};

struct claim_measurements {
    struct claim_measurement *at;
    unsigned count;
};

/* The setting that claims are judged by, k = 3, or the first. */
const struct claim_setting *claim_judged(const struct claim_measurement *measurement);
/* 1 - spiking / other, at a boundary; NaN: unpriced. */
double claim_saving(const struct claim_setting *setting, enum claim_prices prices,
                    enum boundary boundary, enum variant other);

json_t *claim_measurement_to_json(const struct claim_measurement *measurement);
/* Release in any case. */
enum error_code claim_measurements_parse(struct claim_measurements *measurements,
                                         const char *bytes, size_t size,
                                         struct error *err);
/* A file that is not there is an error, unless `may_miss`: then there are none. */
enum error_code claim_measurements_open(struct claim_measurements *measurements,
                                        const char *path, bool may_miss,
                                        struct error *err);
void claim_measurements_release(struct claim_measurements *measurements);
/* Puts one in front, in the place of an earlier one of the same model and text. */
enum error_code claim_measurements_put(struct claim_measurements *measurements,
                                       const struct claim_measurement *measurement,
                                       struct error *err);
/* Replaces the file, or leaves it as it was. */
enum error_code claim_measurements_store(const struct claim_measurements *measurements,
                                         const char *path, struct error *err);

#endif
