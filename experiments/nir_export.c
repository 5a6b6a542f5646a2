/* See nir_export.h. */
#include "experiments/nir_export.h"

#include "lm/model.h"
#include "sim/nir_file.h"
#include "sim/site_nir.h"

#include <stdio.h>
#include <string.h>

static const struct site *find_site(const struct model *model, const char *name,
                                    size_t length)
{
    for (uint32_t i = 0; i < model->sites; i++)
        if (strncmp(model->site[i].name, name, length) == 0 &&
            !model->site[i].name[length])
            return &model->site[i];
    return NULL;
}

static enum error_code add_sites(struct nir_graph *graph, const struct model *model,
                                 const char *list, struct error *err)
{
    for (const char *name = list; *name && err->code == OK;) {
        const size_t length = strcspn(name, ",");
        const struct site *site = find_site(model, name, length);
        if (!site)
            return error_set(err, ERR_ARGUMENT,
                             "--site: no site '%.*s': expected L00.%s to %s",
                             (int)(length < 40 ? length : 40), name,
                             strchr(model->site[0].name, '.') + 1,
                             model->site[model->sites - 1].name);
        nir_graph_add_site(graph, &model->file, site, err);
        name += length + (name[length] == ',');
    }
    return err->code;
}

enum error_code nir_export(const struct options *options, struct error *err)
{
    const char *list = option_text(options, "site"),
               *to = option_text(options, "output");
    struct model model = { 0 };
    struct nir_graph *graph = NULL;
    err->code = OK;
    if (!list || !to)
        return error_set(err, ERR_ARGUMENT,
                         "--to nir writes sites of a model: it expects --site and -o");
    if (model_open(&model, options->operand[0], err) != OK)
        goto out;
    if (!(graph = nir_graph_create()))
        error_memory(err, "a graph", sizeof *graph);
    else if (add_sites(graph, &model, list, err) == OK &&
             nir_graph_write(graph, to, err) == OK) {
        printf("%s\n", to);
        fprintf(stderr,
                "%s: the linear part alone: NIR's neurons neither count nor fire "
                "both signs; what goes in is count times threshold\n",
                to);
    }
out:
    nir_graph_free(graph);
    model_close(&model);
    return err->code;
}
