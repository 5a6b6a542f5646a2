/* All that is known about the claims as one JSON document. The terminal and the page
 * print it and nothing else, so every figure they show is in it. */
#ifndef EXPERIMENTS_CLAIM_DOCUMENT_H
#define EXPERIMENTS_CLAIM_DOCUMENT_H

#include "experiments/claim_table.h"

/* One claim judged by the first measurement, the others beside it. */
json_t *claim_to_json(const struct claim *claim,
                      const struct claim_measurements *measurements);
/* {"claims", "measurements", "plots", "k_table"}; only: one claim, NULL: all. */
json_t *claims_document(const struct claim_measurements *measurements,
                        const struct claim *only);

/* The pictures of the page, as data: see claim_plot_data.c. */
json_t *claim_plots(const struct claim_measurements *measurements);
/* The report's table 11 beside each measurement. */
json_t *claim_k_table(const struct claim_measurements *measurements);

void claims_print(const json_t *document);
void claims_print_k(const json_t *document); /* the table of k alone */
/* One page without anything outside it; replaces the file or leaves it as it was. */
enum error_code claims_page(const json_t *document, const char *path,
                            struct error *err);

#endif
