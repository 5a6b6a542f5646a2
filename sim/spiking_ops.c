/* Operations of a site, from its counters and what the plug-ins declare. */
#include "sim/spiking_projector.h"
#include "sim/spiking_site.h"

static void add_decode(const struct spiking_site *s, struct op_count *ops)
{
    const uint64_t outputs = s->site->outputs, sums = outputs * s->segments;
    const uint64_t products =
        outputs * weight_group_products(&s->matrix->setting, s->site->inputs);
    ops->n[OP_MULTIPLY_I32] += products;
    ops->n[OP_ADD_I32] += products;
    ops->n[OP_MULTIPLY_F32] += 2 * sums; /* V * scale * sum */
    ops->n[OP_ADD_F32] += sums - outputs + (s->site->bias ? outputs : 0);
}

struct op_count spiking_event_cost(const struct spiking_settings *settings)
{
    if (!response_is_needed(settings->neuron, settings->encoder, settings->window))
        return settings->encoder->event_cost;
    return (struct op_count){ .n = { [OP_MAC_I8_I32] = 1 } };
}

/* The change, its mean, what the receiver then holds, and its output. */
static void add_receiver(const struct site *site, const struct threshold_rule *rule,
                         struct op_count *ops)
{
    const uint64_t channels = site->inputs;
    ops->n[OP_ADD_F32] += 2 * channels + site->outputs;
    ops->n[OP_MULTIPLY_F32] += channels;
    if (rule->fixed == 0)
        ops->n[OP_ADD_F32] += channels;
}

void spiking_ops(const struct spiking_settings *settings, const struct site *site,
                 const struct weight_matrix *matrix,
                 const struct site_counters *counters, uint64_t tokens,
                 struct op_count *ops)
{
    const struct encoder *encoder = settings->encoder;
    const struct threshold_rule *rule = &settings->threshold;
    struct op_count token = { 0 };
    struct spiking_site s;
    struct error ignored;
    *ops = (struct op_count){ 0 };
    if (spiking_site_init(&s, site, matrix, rule, encoder, settings->window,
                          &ignored) != OK)
        return;

    /* Where T is adaptive, the clip is no more than the width of an integer. */
    threshold_cost(settings->window ? &s.rule : rule, site->inputs, &token);
    if (settings->window == 0 && encoder->max_steps > 1)
        token.n[OP_COMPARE_F32] += site->inputs; /* the largest count */
    add_decode(&s, &token);
    if (encoder->is_stateful)
        add_receiver(site, rule, &token);
    op_count_add(ops, &token, tokens);

    const uint64_t steps = counters->n[COUNT_STEPS];
    op_count_add(ops, &settings->neuron->cost, counters->n[COUNT_UPDATES]);
    const struct op_count event = spiking_event_cost(settings);
    op_count_add(ops, &event, counters->n[COUNT_SOP]);
    if (steps > tokens) /* every segment has an accumulator of its own */
        op_count_add(ops, &encoder->target_step_cost,
                     (steps - tokens) * site->outputs * s.segments);
}
