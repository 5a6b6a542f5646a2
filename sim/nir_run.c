/* See nir_run.h. */
#include "sim/nir_order.h"
#include "sim/nir_unit.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

struct nir_run {
    struct arena arena;
    struct nir_order order;
    struct nir_settings settings;
    struct nir_unit *unit; /* by place */
    uint64_t steps;
};

bool nir_graph_has_time(const struct nir_graph *graph)
{
    static const enum nir_param_id times[] = { NIR_TAU, NIR_TAU_MEM, NIR_TAU_SYN,
                                               NIR_DELAY_TIME };
    for (size_t i = 0; i < graph->nodes; i++) {
        for (size_t k = 0; k < sizeof times / sizeof times[0]; k++)
            if (nir_param(graph->node[i], times[k]))
                return true;
        if (graph->node[i]->inner && nir_graph_has_time(graph->node[i]->inner))
            return true;
    }
    return false;
}

double nir_run_bytes(const struct nir_graph *graph)
{
    double values = 0;
    for (size_t i = 0; i < graph->nodes; i++) {
        const struct nir_node *node = graph->node[i];
        const struct nir_array *weight = nir_param(node, NIR_WEIGHT);
        bool has_membrane = node->type->has_state;
        if (node->inner)
            values += nir_run_bytes(node->inner) / sizeof(double);
        values += 2.0 * (double)nir_shape_count(&node->in) +
                  (has_membrane ? 3.0 + NIR_MOST_COLUMNS : 3.0) *
                      (double)nir_shape_count(&node->out);
        values += weight ? (double)weight->count : 0;
    }
    return values * sizeof(double);
}

/* Whether all that reaches a place are spikes. */
static bool passes_spikes(const struct nir_run *run, const struct nir_place *place)
{
    enum nir_type_id type = (enum nir_type_id)(place->node->type - nir_types);
    if (place->node->type->is_spiking)
        return true;
    if ((type != NIR_INPUT && type != NIR_OUTPUT && type != NIR_FLATTEN &&
         type != NIR_DELAY) ||
        place->in_edges != 1)
        return false;
    return run->unit[run->order.link[place->in_edge[0]].from].is_spiking;
}

static enum error_code create_unit(struct nir_run *run, uint32_t index,
                                   struct error *err)
{
    const struct nir_place *place = &run->order.place[index];
    struct nir_unit *unit = &run->unit[index];
    enum nir_type_id type = (enum nir_type_id)(place->node->type - nir_types);
    struct arena *arena = &run->arena;
    unit->node = place->node;
    unit->name = place->name;
    unit->operation = nir_operation(type);
    unit->is_early = place->is_early;
    unit->is_input = type == NIR_INPUT && place->depth == 0;
    unit->is_output = type == NIR_OUTPUT && place->depth == 0;
    unit->is_spiking = passes_spikes(run, place);
    unit->size_in = nir_shape_count(&place->node->in);
    unit->size = nir_shape_count(&place->node->out);
    unit->threads = run->settings.threads > 1 ? run->settings.threads : 1;
    unit->worth = nir_run_worth(run);
    unit->out = arena_array(arena, unit->size, sizeof *unit->out);
    unit->sum = arena_array(arena, unit->size, sizeof *unit->sum);
    unit->sources = place->in_edges;
    unit->source = arena_array(arena, unit->sources, sizeof *unit->source);
    if (unit->sources != 1)
        unit->own_in = arena_array(arena, unit->size_in, sizeof *unit->own_in);
    if (!unit->out || !unit->sum || !unit->source ||
        (unit->sources != 1 && !unit->own_in))
        return error_memory(err, unit->name, (double)unit->size * sizeof *unit->out);
    if (!unit->operation->prepare)
        return OK;
    return unit->operation->prepare(unit, arena, &run->settings, err);
}

/* Room for what a unit gave one step before, where a link asks for it. */
static enum error_code connect_units(struct nir_run *run, struct error *err)
{
    for (size_t i = 0; i < run->order.places; i++) {
        const struct nir_place *place = &run->order.place[i];
        struct nir_unit *unit = &run->unit[i];
        for (size_t k = 0; k < place->in_edges; k++) {
            const struct nir_link *link = &run->order.link[place->in_edge[k]];
            struct nir_unit *from = &run->unit[link->from];
            if (link->is_late && !from->before)
                from->before =
                    arena_array(&run->arena, from->size, sizeof *from->before);
            unit->source[k].value = link->is_late ? from->before : from->out;
            if (!unit->source[k].value)
                return error_memory(err, from->name,
                                    (double)from->size * sizeof *from->before);
        }
        unit->in = unit->own_in ? unit->own_in : unit->source[0].value;
    }
    return OK;
}

/* Goes back along single edges to what fires; an Input may. Loops of them have no end,
 * so no more steps than there are places. */
static size_t find_driver(const struct nir_run *run, size_t index)
{
    const struct nir_place *place = &run->order.place[index];
    for (size_t n = 0; n < run->order.places && place->in_edges == 1; n++) {
        uint32_t from = run->order.link[place->in_edge[0]].from;
        place = &run->order.place[from];
        if (run->unit[from].operation == &nir_matrix_operation ||
            run->unit[from].operation == &nir_convolution_operation)
            return SIZE_MAX;
        if (!place->node->type->is_spiking && !run->unit[from].is_input)
            continue;
        for (size_t i = 0; i < run->order.places; i++)
            if (run->order.sequence[i] == from)
                return i;
    }
    return SIZE_MAX;
}

enum error_code nir_run_create(struct nir_run **run, const struct nir_graph *graph,
                               const struct nir_settings *settings, struct error *err)
{
    struct nir_run *made = calloc(1, sizeof *made);
    *run = NULL;
    err->code = OK;
    if (!made)
        return error_memory(err, "a run", sizeof *made);
    made->settings = *settings;
    if (!(settings->dt > 0 && isfinite(settings->dt)))
        error_set(err, ERR_ARGUMENT, "time step: expected more than 0, found %g",
                  settings->dt);
    else if (nir_order_init(&made->order, graph, settings->dt, err) == OK &&
             !(made->unit =
                   arena_array(&made->arena, made->order.places, sizeof *made->unit)))
        error_memory(err, "nodes", (double)made->order.places * sizeof *made->unit);
    for (size_t i = 0; i < made->order.places && err->code == OK; i++)
        create_unit(made, made->order.sequence[i], err);
    if (err->code == OK)
        connect_units(made, err);
    for (size_t i = 0; i < made->order.places && err->code == OK; i++)
        made->unit[i].driver = find_driver(made, i);
    if (err->code != OK) {
        nir_run_free(made);
        return err->code;
    }
    *run = made;
    return OK;
}

void nir_run_free(struct nir_run *run)
{
    if (!run)
        return;
    nir_order_release(&run->order);
    arena_free(&run->arena);
    free(run);
}

size_t nir_run_units(const struct nir_run *run)
{
    return run->order.places;
}

static struct nir_unit *unit_at(const struct nir_run *run, size_t unit)
{
    return &run->unit[run->order.sequence[unit]];
}

struct nir_unit_info nir_run_unit(const struct nir_run *run, size_t unit)
{
    const struct nir_unit *at = unit_at(run, unit);
    return (struct nir_unit_info){
        .name = at->name,
        .type = at->node->type->name,
        .size = at->size,
        .shape = at->node->out,
        .is_spiking = at->is_spiking,
        .is_input = at->is_input,
        .is_output = at->is_output,
        .out = at->out,
        .sum = at->sum,
        .spikes = at->spikes,
        .additions = at->additions,
        .driver = at->driver,
    };
}

double nir_run_worth(const struct nir_run *run)
{
    return run->settings.spike == SPIKE_IMPULSE ? 1 / run->settings.dt : 1;
}

double *nir_run_input(struct nir_run *run, size_t unit)
{
    struct nir_unit *at = unit_at(run, unit);
    return at->is_input ? at->out : NULL;
}

const double *nir_run_membrane(const struct nir_run *run, size_t unit)
{
    const struct nir_unit *at = unit_at(run, unit);
    return at->operation == &nir_neuron_operation ? at->column[0] : NULL;
}

static void gather(struct nir_unit *unit)
{
    if (!unit->own_in)
        return;
    memset(unit->own_in, 0, unit->size_in * sizeof *unit->own_in);
    for (size_t k = 0; k < unit->sources; k++)
        for (size_t i = 0; i < unit->size_in; i++)
            unit->own_in[i] += unit->source[k].value[i];
}

/* Adds the step to the sums; false: a value, or a membrane behind it, is not finite. */
static bool count(struct nir_unit *unit)
{
    const bool has_membrane = unit->operation == &nir_neuron_operation;
    double check = 0;
    for (size_t i = 0; i < unit->size; i++) {
        const double value = unit->out[i];
        check += value - value; /* NaN for infinities and NaN, else 0 */
        if (has_membrane)
            check += unit->column[0][i] - unit->column[0][i];
        if (unit->is_spiking) {
            unit->sum[i] += value != 0;
            unit->spikes += value != 0;
        } else {
            unit->sum[i] += value;
        }
    }
    return check == 0;
}

enum error_code nir_run_step(struct nir_run *run, struct error *err)
{
    for (size_t i = 0; i < run->order.places; i++) {
        struct nir_unit *unit = &run->unit[i];
        if (unit->before)
            memcpy(unit->before, unit->out, unit->size * sizeof *unit->out);
        if (unit->operation->begin)
            unit->operation->begin(unit);
    }
    for (size_t i = 0; i < run->order.places; i++) {
        struct nir_unit *unit = unit_at(run, i);
        gather(unit);
        unit->operation->step(unit);
        if (!count(unit))
            return error_set(err, ERR_ARGUMENT,
                             "node '%s': a value is not finite at step %llu",
                             unit->name, (unsigned long long)run->steps);
    }
    run->steps++;
    return OK;
}
