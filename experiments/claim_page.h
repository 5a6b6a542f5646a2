/* Pieces of the HTML page, all written to an open file. */
#ifndef EXPERIMENTS_CLAIM_PAGE_H
#define EXPERIMENTS_CLAIM_PAGE_H

#include <jansson.h>
#include <stdio.h>

/* Text with the characters of markup escaped. */
void page_text(FILE *file, const char *text);
/* A text of an object; nothing if there is none. */
void page_member(FILE *file, const json_t *object, const char *name);
/* A number of an object in its unit, as <data> with the whole value. */
void page_number(FILE *file, const json_t *object, const char *name);

/* A picture of claim_plot_data.c as inline SVG, 340 units wide. */
void page_plot(FILE *file, const json_t *plot);
/* The table of k: the report's table 11 beside each measurement. */
void page_k_table(FILE *file, const json_t *document);

#endif
