/* The order of nodes within a step, and which edge of a loop waits. */
#include "sim/nir_file.h"
#include "sim/nir_order.h"
#include "tests/nir_builder.h"
#include "tests/suites.h"

#include <string.h>

static size_t position(const struct nir_order *order, const char *name)
{
    for (size_t i = 0; i < order->places; i++)
        if (strcmp(order->place[order->sequence[i]].name, name) == 0)
            return i;
    return SIZE_MAX;
}

static bool is_late(const struct nir_order *order, const char *from, const char *to)
{
    for (size_t i = 0; i < order->links; i++)
        if (strcmp(order->place[order->link[i].from].name, from) == 0 &&
            strcmp(order->place[order->link[i].to].name, to) == 0)
            return order->link[i].is_late;
    CU_FAIL("no such link");
    return false;
}

static void the_edge_that_closes_a_loop_waits_a_step(void)
{
    struct error err = { 0 };
    struct nir_order order;
    struct nir_graph *graph = NULL;
    CU_ASSERT_EQUAL_FATAL(nir_graph_read(&graph, "tests/golden/nir/every.nir", &err),
                          OK);
    CU_ASSERT_EQUAL_FATAL(nir_order_init(&order, graph, 1e-3, &err), OK);
    CU_ASSERT_EQUAL(order.places, 21); /* 18, and 3 of the nested graph */
    for (size_t i = 0; i < order.links; i++) {
        const struct nir_link *link = &order.link[i];
        const char *from = order.place[link->from].name,
                   *to = order.place[link->to].name;
        CU_ASSERT_EQUAL(link->is_late,
                        strcmp(from, "lif.rec") == 0 && strcmp(to, "lif.w_rec") == 0);
        CU_ASSERT(link->is_late || position(&order, from) < position(&order, to));
    }
    CU_ASSERT(position(&order, "inner/linear") < position(&order, "output"));
    nir_order_release(&order);
    nir_graph_free(graph);
}

/* in -> a -> b -> out with b -> w -> a back: only the way back is late, whatever the
 * order of nodes in the file. */
static void two_layers_in_a_loop_keep_the_forward_edge(void)
{
    static const char *const names[][2] = { { "a", "b" }, { "z", "b" } };
    for (int i = 0; i < 2; i++) {
        const char *first = names[i][0], *second = names[i][1];
        struct error err = { 0 };
        struct nir_order order;
        struct nir_graph *graph = nir_graph_create();
        nir_build_node(graph, "in", NIR_INPUT, &(struct nir_value){ NIR_SHAPE, 1 }, 1);
        nir_build_node(graph, second, NIR_I, &(struct nir_value){ NIR_R, 1 }, 1);
        nir_build_node(graph, first, NIR_I, &(struct nir_value){ NIR_R, 1 }, 1);
        nir_build_node(graph, "w", NIR_SCALE,
                       &(struct nir_value){ NIR_SCALE_FACTOR, 1 }, 1);
        nir_build_node(graph, "out", NIR_OUTPUT, &(struct nir_value){ NIR_SHAPE, 1 },
                       1);
        nir_build_edge(graph, "in", first);
        nir_build_edge(graph, first, second);
        nir_build_edge(graph, second, "w");
        nir_build_edge(graph, "w", first);
        nir_build_edge(graph, second, "out");
        CU_ASSERT_EQUAL(nir_graph_check(graph, &err), OK);
        CU_ASSERT_EQUAL(nir_order_init(&order, graph, 1, &err), OK);
        CU_ASSERT(is_late(&order, second, "w"));
        CU_ASSERT(!is_late(&order, first, second));
        CU_ASSERT(!is_late(&order, second, "out"));
        nir_order_release(&order);
        nir_graph_free(graph);
    }
}

/* in -> sum -> delay -> sum: the loop is open where the delay is a step or more. */
static void a_delay_opens_a_loop_if_it_lasts_a_step(void)
{
    struct error err = { 0 };
    struct nir_order order;
    struct nir_graph *graph = nir_graph_create();
    nir_build_node(graph, "in", NIR_INPUT, &(struct nir_value){ NIR_SHAPE, 1 }, 1);
    nir_build_node(graph, "sum", NIR_SCALE,
                   &(struct nir_value){ NIR_SCALE_FACTOR, 0.5 }, 1);
    nir_build_node(graph, "delay", NIR_DELAY,
                   &(struct nir_value){ NIR_DELAY_TIME, 0.001 }, 1);
    nir_build_node(graph, "out", NIR_OUTPUT, &(struct nir_value){ NIR_SHAPE, 1 }, 1);
    nir_build_edge(graph, "in", "sum");
    nir_build_edge(graph, "sum", "delay");
    nir_build_edge(graph, "delay", "sum");
    nir_build_edge(graph, "sum", "out");
    CU_ASSERT_EQUAL(nir_graph_check(graph, &err), OK);
    CU_ASSERT_EQUAL(nir_order_init(&order, graph, 0.001, &err), OK);
    CU_ASSERT(!is_late(&order, "delay", "sum"));
    nir_order_release(&order);
    CU_ASSERT_NOT_EQUAL(nir_order_init(&order, graph, 0.01, &err), OK);
    CU_ASSERT_PTR_NOT_NULL(strstr(err.text, "without a delay of a step or more"));
    nir_order_release(&order);
    nir_graph_free(graph);
}

CU_TestInfo nir_order_tests[] = {
    { "the edge that closes a loop waits a step",
      the_edge_that_closes_a_loop_waits_a_step },
    { "two layers in a loop keep the forward edge",
      two_layers_in_a_loop_keep_the_forward_edge },
    { "a delay opens a loop if it lasts a step",
      a_delay_opens_a_loop_if_it_lasts_a_step },
    CU_TEST_INFO_NULL,
};
