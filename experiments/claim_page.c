/* The claims as one HTML page: style and pictures inside, no script, nothing fetched.
 * Every figure on it is in the JSON document that it is made of. */
#include "experiments/claim_page.h"

#include "experiments/claim_document.h"

#include <errno.h>
#include <math.h>
#include <string.h>

static const char style[] =
    ":root{color-scheme:light dark;--bg:#fdfcf8;--ink:#1d1c1a;--soft:#5d5a54;"
    "--line:#dcd8cf;--card:#fff;--bar:#3d6fb4;--mark:#b3261e;--good:#1f6b35;"
    "--part:#7a5200;--bad:#a1261d;--grey:#55524c;--view:#6a3d9a}\n"
    "@media(prefers-color-scheme:dark){:root{--bg:#15161a;--ink:#e9e6df;--soft:#a9a59c;"
    "--line:#3a3b42;--card:#1d1f25;--bar:#7aa7e6;--mark:#ff8a80;--good:#7fd493;"
    "--part:#e8b95a;--bad:#ff9a90;--grey:#bab6ad;--view:#c9a4f0}}\n"
    "*{box-sizing:border-box}body{margin:0;background:var(--bg);color:var(--ink);"
    "font:16px/1.5 system-ui,sans-serif;overflow-wrap:anywhere}\n"
    "main{max-width:70rem;margin:0 "
    "auto;padding:1rem}h1{font-size:1.6rem;line-height:1.2}"
    "h2{margin-top:2.5rem}h3{margin:0 0 .3rem;font-size:1.1rem}a{color:var(--bar)}"
    "p{margin:.4rem 0;max-width:46rem}small,.soft,figcaption{color:var(--soft)}\n"
    "article{background:var(--card);border:1px solid var(--line);border-radius:8px;"
    "padding:1rem;margin:1rem 0}article h4{margin:1rem 0 .2rem;font-size:.95rem}\n"
    "ul.plain{list-style:none;padding:0;margin:.5rem 0}ul.plain>li{margin:.45rem 0}"
    ".chip{display:inline-block;border:1px solid currentColor;border-radius:4px;"
    "padding:0 .4em;font-size:.85rem;font-weight:600;white-space:nowrap}\n"
    ".v0{color:var(--good)}.v1{color:var(--part)}.v2{color:var(--bad)}"
    ".v3{color:var(--grey)}.v4{color:var(--view)}\n"
    "table{border-collapse:collapse;width:100%;font-size:.9rem}th,td{text-align:left;"
    "vertical-align:top;padding:.25rem .5rem .25rem 0;border-bottom:1px solid "
    "var(--line)}"
    "td.n,th.n{text-align:right}td.n,th{overflow-wrap:normal}"
    "@media(min-width:30rem){data{white-space:nowrap}}"
    "table.k{font-size:.8rem}table.k "
    "td{white-space:nowrap}@media(max-width:40rem){table.k{font-size:.64rem}"
    "table.k td,table.k th{padding:.2rem .15rem .2rem 0}}"
    "@media(max-width:22rem){table.k{display:block;overflow-x:auto}}\n"
    ".plots{display:flex;flex-wrap:wrap;gap:1.5rem}figure{margin:0;flex:1 1 19rem;"
    "max-width:25rem;min-width:0}svg{display:block;width:100%;height:auto}"
    "svg text{font:11px system-ui,sans-serif;fill:var(--ink)}.bar{fill:var(--bar)}"
    ".mark{stroke:var(--mark);stroke-width:2}.grid{stroke:var(--line)}"
    ".series{fill:none;stroke-width:2}\n"
    ".s0{stroke:var(--mark);color:var(--mark)}.s1{stroke:var(--bar);color:var(--bar)}"
    ".s2{stroke:var(--good);color:var(--good)}.s3{stroke:var(--view);color:var(--view)}"
    ".s4{stroke:var(--part);color:var(--part)}.s5{stroke:var(--grey);color:var(--grey)}"
    ".dot{fill:currentColor;stroke:none}code{font-size:.85em}\n"
    "@media(min-width:56rem){.two{columns:2;column-gap:2.5rem}"
    ".two>li,.two tr,.two p{break-inside:avoid}}h4{break-after:avoid}\n"
    "@media "
    "print{:root{color-scheme:light;--bg:#fff;--ink:#000;--soft:#333;--card:#fff;"
    "--line:#bbb;--bar:#3d6fb4;--mark:#b3261e;--good:#1f6b35;--part:#7a5200;"
    "--bad:#a1261d;--grey:#444;--view:#6a3d9a}article,figure{break-inside:avoid-page}"
    "body{font-size:11pt}main{padding:0}}\n";

void page_text(FILE *file, const char *text)
{
    for (; *text; text++)
        switch (*text) {
        case '&': fputs("&amp;", file); break;
        case '<': fputs("&lt;", file); break;
        case '>': fputs("&gt;", file); break;
        case '"': fputs("&quot;", file); break;
        default: fputc(*text, file);
        }
}

void page_member(FILE *file, const json_t *object, const char *name)
{
    page_text(file, claim_text(object, name));
}

void page_number(FILE *file, const json_t *object, const char *name)
{
    char text[CLAIM_NUMBER_ROOM];
    const json_t *value = json_object_get(object, name);
    if (!json_is_number(value)) {
        fputs("-", file);
        return;
    }
    double number = json_number_value(value);
    fprintf(file, "<data value=\"%.10g\">", number);
    claim_number(number, claim_text(object, "unit"), text);
    size_t whole = strcspn(text, " ");
    fprintf(file, "%.*s", (int)whole, text); /* digits: nothing to escape */
    if (text[whole]) {
        fputs("&#160;", file); /* no line ends between a number and its unit */
        page_text(file, text + whole + 1);
    }
    fprintf(file, "</data>");
}

static int verdict_of(const json_t *row)
{
    int v = 0;
    while (v < VERDICTS - 1 &&
           strcmp(verdict_words[v], claim_text(row, "verdict")) != 0)
        v++;
    return v;
}

static void put_verdicts(FILE *file, const json_t *claim)
{
    size_t index;
    const json_t *row;
    fprintf(file, "<ul class=\"plain\">\n");
    json_array_foreach(json_object_get(claim, "verdicts"), index, row)
    {
        fprintf(file, "<li><span class=\"chip v%d\">", verdict_of(row));
        page_member(file, row, "verdict");
        fprintf(file, "</span> <b>");
        page_member(file, row, "scope");
        fprintf(file, "</b>: ");
        page_member(file, row, "reason");
        fprintf(file, "</li>\n");
    }
    fprintf(file, "</ul>\n");
}

static void put_computed(FILE *file, const json_t *claim)
{
    const json_t *rows = json_object_get(claim, "computed"), *row;
    size_t index;
    fprintf(file, "<h4>Arithmetic</h4>\n");
    if (json_object_get(claim, "reason")) {
        fprintf(file, "<p>");
        page_member(file, claim, "reason");
        fprintf(file, "</p>\n");
    }
    if (json_array_size(rows) == 0)
        return;
    fprintf(file, "<table>\n");
    json_array_foreach(rows, index, row)
    {
        fprintf(file, "<tr><td>");
        page_member(file, row, "what");
        if (json_object_get(row, "printed")) {
            fprintf(file, "<br><small>printed ");
            page_number(file, row, "printed");
            fprintf(file, ": %s</small>",
                    json_is_true(json_object_get(row, "agrees")) ? "agrees"
                                                                 : "does not agree");
        }
        fprintf(file, "</td><td class=\"n\">");
        page_number(file, row, "value");
        fprintf(file, "</td></tr>\n");
    }
    fprintf(file, "</table>\n");
}

static void put_measured(FILE *file, const json_t *claim)
{
    size_t m, index;
    const json_t *measurement, *row;
    json_array_foreach(json_object_get(claim, "measured"), m, measurement)
    {
        fprintf(file, "<h4>Measured: ");
        page_member(file, measurement, "model");
        fprintf(file, ", k ");
        page_number(file, measurement, "k");
        fprintf(file, "</h4>\n<p><small>");
        page_member(file, measurement, "text");
        fprintf(file, ", ");
        page_number(file, measurement, "windows");
        fprintf(file, " windows of ");
        page_number(file, measurement, "window_tokens");
        fprintf(file, " tokens, ");
        page_member(file, measurement, "date");
        fprintf(file, ": <code>");
        page_member(file, measurement, "command");
        fprintf(file, "</code></small></p>\n<table>\n");
        json_array_foreach(json_object_get(measurement, "values"), index, row)
        {
            fprintf(file, "<tr><td>");
            page_member(file, row, "what");
            fprintf(file, "</td><td class=\"n\">");
            page_number(file, row, "value");
            if (json_object_get(row, "error")) {
                fprintf(file, " &#177; ");
                page_number(file, row, "error");
            }
            fprintf(file, "</td></tr>\n");
        }
        fprintf(file, "</table>\n");
    }
}

static void put_others(FILE *file, const json_t *claim)
{
    size_t m, index;
    const json_t *other, *row;
    json_array_foreach(json_object_get(claim, "others"), m, other)
    {
        fprintf(file, "<p>With ");
        page_member(file, other, "model");
        fprintf(file, ": ");
        json_array_foreach(json_object_get(other, "verdicts"), index, row)
        {
            fprintf(file, "%s", index ? "; " : "");
            page_member(file, row, "scope");
            fprintf(file, " <span class=\"v%d\">", verdict_of(row));
            page_member(file, row, "verdict");
            fprintf(file, "</span>");
        }
        fprintf(file, "</p>\n");
    }
}

static void put_turns(FILE *file, const json_t *claim)
{
    const json_t *rows = json_object_get(claim, "turns"), *row;
    size_t index;
    if (json_array_size(rows) == 0)
        return;
    fprintf(file, "<h4>What would turn a verdict</h4>\n<table>\n");
    json_array_foreach(rows, index, row)
    {
        fprintf(file, "<tr><td>");
        page_member(file, row, "when");
        if (!json_is_null(json_object_get(row, "now"))) {
            fprintf(file, "<br><small>now ");
            page_number(file, row, "now");
            fprintf(file, "</small>");
        }
        fprintf(file, "</td><td class=\"n\">");
        if (json_is_null(json_object_get(row, "value")))
            fprintf(file, "none");
        else
            page_number(file, row, "value");
        fprintf(file, "</td></tr>\n");
    }
    fprintf(file, "</table>\n");
}

static void put_inputs(FILE *file, const json_t *claim)
{
    const json_t *rows = json_object_get(claim, "inputs"), *row;
    size_t index;
    if (json_array_size(rows) == 0)
        return;
    fprintf(file, "<h4>Published figures it is computed from</h4>\n<table>\n");
    json_array_foreach(rows, index, row)
    {
        fprintf(file, "<tr><td>");
        page_member(file, row, "what");
        fprintf(file, "<br><small>");
        page_member(file, row, "source");
        fprintf(file, "</small></td><td class=\"n\">");
        page_number(file, row, "value");
        fprintf(file, "</td></tr>\n");
    }
    fprintf(file, "</table>\n");
}

static void put_claim(FILE *file, const json_t *claim)
{
    bool quoted = json_is_true(json_object_get(claim, "quoted"));
    fprintf(file, "<article id=\"");
    page_member(file, claim, "name");
    fprintf(file, "\">\n<h3>%s", quoted ? "&#8220;" : "");
    page_member(file, claim, "claim");
    fprintf(file, "%s</h3>\n<p class=\"soft\">%s", quoted ? "&#8221;" : "",
            quoted ? "" : "Paraphrase; ");
    page_member(file, claim, "who");
    fprintf(file, " &#183; <code>");
    page_member(file, claim, "name");
    fprintf(file, "</code></p>\n");
    put_verdicts(file, claim);
    put_others(file, claim);
    fprintf(file, "<div class=\"two\">\n<h4>The primary source</h4>\n<p>");
    page_member(file, claim, "source");
    fprintf(file, "</p>\n");
    put_computed(file, claim);
    put_measured(file, claim);
    put_turns(file, claim);
    if (json_object_get(claim, "turns_if")) {
        fprintf(file, "<h4>What would turn a verdict</h4>\n<p>");
        page_member(file, claim, "turns_if");
        fprintf(file, "</p>\n");
    }
    fprintf(file, "<h4>Not measured</h4>\n<p>");
    page_member(file, claim, "not_measured");
    fprintf(file, "</p>\n");
    put_inputs(file, claim);
    fprintf(file, "</div></article>\n");
}

static void put_overview(FILE *file, const json_t *claims)
{
    size_t index, v;
    const json_t *claim, *row;
    fprintf(file, "<h2>Verdicts</h2>\n<ul class=\"plain two\">\n");
    json_array_foreach(claims, index, claim)
    {
        fprintf(file, "<li><a href=\"#");
        page_member(file, claim, "name");
        fprintf(file, "\">");
        page_member(file, claim, "claim");
        fprintf(file, "</a> <small>(");
        page_member(file, claim, "family");
        fprintf(file, ")</small><br><small>");
        json_array_foreach(json_object_get(claim, "verdicts"), v, row)
        {
            fprintf(file, "%s", v ? "; " : "");
            page_member(file, row, "scope");
            fprintf(file, ": <b class=\"v%d\">", verdict_of(row));
            page_member(file, row, "verdict");
            fprintf(file, "</b>");
        }
        fprintf(file, "</small></li>\n");
    }
    fprintf(file, "</ul>\n");
}

static void put_page(FILE *file, const json_t *document)
{
    const json_t *claims = json_object_get(document, "claims"), *one;
    size_t index;
    fprintf(
        file,
        "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\n"
        "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
        "<title>Energy and claims</title>\n<style>\n%s</style></head>\n<body><main>\n"
        "<h1>Energy and claims: the numbers anyone can check</h1>\n<p>Promises of the "
        "press and of the papers, each with its source, its arithmetic done again, "
        "what was measured on a real model, and a verdict at each boundary. Counters "
        "are the result; prices are an opinion about them.</p>\n<p><small>Lucciola ",
        style);
    page_member(file, document, "version");
    fprintf(file, " ");
    page_member(file, document, "commit");
    fprintf(file, "</small></p>\n");
    put_overview(file, claims);
    fprintf(file, "<h2>Pictures</h2>\n<div class=\"plots\">\n");
    json_array_foreach(json_object_get(document, "plots"), index, one)
    {
        page_plot(file, one);
    }
    fprintf(file, "</div>\n");
    page_k_table(file, document);
    fprintf(file, "<h2>Claims</h2>\n");
    json_array_foreach(claims, index, one)
    {
        put_claim(file, one);
    }
    fprintf(file, "</main></body></html>\n");
}

enum error_code claims_page(const json_t *document, const char *path, struct error *err)
{
    char beside[1200];
    if (snprintf(beside, sizeof beside, "%s.partial", path) >= (int)sizeof beside)
        return error_set(err, ERR_ARGUMENT, "%.60s...: the path is too long", path);
    FILE *file = fopen(beside, "w");
    if (!file)
        return error_set(err, ERR_IO, "%s: %s", beside, strerror(errno));
    put_page(file, document);
    bool failed = ferror(file) != 0;
    failed |= fclose(file) != 0;
    if (failed || rename(beside, path) != 0) {
        error_set(err, ERR_IO, "%s: %s", path, strerror(errno));
        remove(beside);
        return err->code;
    }
    return OK;
}
