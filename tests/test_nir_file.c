/* NIR files: every type of node is read, nothing is lost on the way back, and whatever
 * is wrong is refused with one sentence that names the node. */
#include "sim/nir_file.h"
#include "tests/suites.h"
#include "tests/temporary_path.h"

#include <hdf5.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char every_path[] = "tests/golden/nir/every.nir";
static const char conv1d_path[] = "tests/golden/nir/conv1d.nir";

static struct nir_graph *read_good(const char *path)
{
    struct nir_graph *graph = NULL;
    struct error err = { 0 };
    CU_ASSERT_EQUAL(nir_graph_read(&graph, path, &err), OK);
    if (err.code != OK)
        printf("    %s\n", err.text);
    CU_ASSERT_PTR_NOT_NULL_FATAL(graph);
    return graph;
}

static bool has_shape(const struct nir_shape *shape, const char *text)
{
    return strcmp(nir_shape_text(shape).text, text) == 0;
}

static void every_type_of_node_is_read(void)
{
    struct nir_graph *graph = read_good(every_path);
    bool seen[NIR_TYPES] = { false };
    for (size_t i = 0; i < graph->nodes; i++)
        seen[graph->node[i]->type - nir_types] = true;
    for (int type = 0; type < NIR_TYPES; type++)
        CU_ASSERT(seen[type] || type == NIR_CONV_1D);

    CU_ASSERT_EQUAL(graph->nodes, 19);
    CU_ASSERT_EQUAL(graph->edges, 19);
    CU_ASSERT_STRING_EQUAL(graph->version, "1.0.8");
    const struct nir_node *conv = nir_graph_find(graph, "conv");
    CU_ASSERT_STRING_EQUAL(nir_param(conv, NIR_PADDING)->text, "same");
    CU_ASSERT(has_shape(&conv->out, "[4, 8, 8]"));
    const struct nir_node *lif = nir_graph_find(graph, "lif");
    CU_ASSERT_EQUAL(nir_param(lif, NIR_R)->shape.rank, 0);
    CU_ASSERT_EQUAL(nir_param(lif, NIR_R)->value[0], 1.0);
    CU_ASSERT_EQUAL(nir_param(lif, NIR_TAU)->kind, NIR_F32);
    CU_ASSERT_EQUAL(nir_param(lif, NIR_TAU)->value[5], (double)2e-3f);
    const struct nir_node *cuba = nir_graph_find(graph, "lif.rec");
    CU_ASSERT_PTR_NULL(nir_param(cuba, NIR_V_RESET));
    CU_ASSERT_EQUAL(nir_param(cuba, NIR_TAU_SYN)->kind, NIR_F64);
    CU_ASSERT(has_shape(&nir_graph_find(graph, "flatten")->out, "[16]"));
    CU_ASSERT_EQUAL(nir_graph_find(graph, "inner")->inner->nodes, 3);
    nir_graph_free(graph);

    graph = read_good(conv1d_path);
    CU_ASSERT(has_shape(&nir_graph_find(graph, "conv")->out, "[3, 4]"));
    nir_graph_free(graph);
}

static void files_of_three_tools_are_read(void)
{
    static const struct {
        const char *name;
        size_t nodes, edges;
    } files[] = {
        { "lif_norse.nir", 4, 3 },
        { "braille_noDelay_bias_zero.nir", 7, 7 },
        { "cnn_sinabs.nir", 15, 14 },
    };
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
        const char *path = test_case_path(files[i].name);
        if (!path)
            continue;
        struct nir_graph *graph = read_good(path);
        CU_ASSERT_EQUAL(graph->nodes, files[i].nodes);
        CU_ASSERT_EQUAL(graph->edges, files[i].edges);
        nir_graph_free(graph);
    }
}

/* ---- round trips ---- */

static size_t differences(const struct nir_graph *a, const struct nir_graph *b);

static bool same_param(const struct nir_array *a, const struct nir_array *b)
{
    if (a->kind != b->kind || !nir_shape_equal(&a->shape, &b->shape))
        return false;
    if (a->kind == NIR_TEXT)
        return strcmp(a->text, b->text) == 0;
    return a->count == b->count &&
           (a->count == 0 ||
            memcmp(a->value, b->value, a->count * sizeof(double)) == 0);
}

static size_t differences(const struct nir_graph *a, const struct nir_graph *b)
{
    size_t wrong = (a->nodes != b->nodes) + (a->edges != b->edges) +
                   (strcmp(a->version, b->version) != 0);
    for (size_t i = 0; i < a->nodes && !wrong; i++) {
        const struct nir_node *left = a->node[i], *right = b->node[i];
        wrong += strcmp(left->name, right->name) != 0 || left->type != right->type ||
                 !left->inner != !right->inner;
        for (int param = 0; param < NIR_PARAMS; param++)
            wrong += !same_param(&left->param[param], &right->param[param]);
        if (!wrong && left->inner)
            wrong += differences(left->inner, right->inner);
    }
    for (size_t i = 0; i < a->edges && !wrong; i++)
        wrong += a->edge[i].from != b->edge[i].from || a->edge[i].to != b->edge[i].to;
    return wrong;
}

static void check_round_trip(const char *path)
{
    struct error err = { 0 };
    struct nir_graph *graph = read_good(path);
    const char *copy = temporary_path("copy.nir");
    CU_ASSERT_EQUAL(nir_graph_write(graph, copy, &err), OK);
    struct nir_graph *again = read_good(copy);
    CU_ASSERT_EQUAL(differences(graph, again), 0);
    nir_graph_free(again);
    nir_graph_free(graph);
}

static void nothing_is_lost_on_the_way_back(void)
{
    static const char *const names[] = { "lif_norse.nir", "cnn_sinabs.nir",
                                         "braille_noDelay_bias_zero.nir" };
    check_round_trip(every_path);
    check_round_trip(conv1d_path);
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        const char *path = test_case_path(names[i]);
        if (path)
            check_round_trip(path);
    }
}

static void a_failed_write_leaves_what_was_there(void)
{
    struct error err = { 0 };
    struct nir_graph *graph = read_good(conv1d_path);
    const char *path = temporary_path("kept.nir");
    FILE *file = fopen(path, "w");
    fputs("precious", file);
    fclose(file);
    nir_graph_find(graph, "conv")->param[NIR_WEIGHT].value[0] = (double)NAN;
    CU_ASSERT_NOT_EQUAL(nir_graph_write(graph, path, &err), OK);
    CU_ASSERT_PTR_NOT_NULL(strstr(err.text, "node 'conv': weight: value 0"));
    char text[20] = "";
    file = fopen(path, "r");
    CU_ASSERT_PTR_NOT_NULL_FATAL(fgets(text, sizeof text, file));
    fclose(file);
    CU_ASSERT_STRING_EQUAL(text, "precious");
    nir_graph_free(graph);
}

/* ---- what is refused ---- */

static void put(hid_t file, const char *path, hid_t type, int rank, const hsize_t *size,
                const void *value)
{
    if (H5Lexists(file, path, H5P_DEFAULT) > 0)
        H5Ldelete(file, path, H5P_DEFAULT);
    hid_t space = H5Screate_simple(rank, size, NULL);
    hid_t set =
        H5Dcreate2(file, path, type, space, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
    if (value)
        H5Dwrite(set, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, value);
    H5Dclose(set);
    H5Sclose(space);
}

static void put_numbers(hid_t file, const char *path, size_t count, double value)
{
    double values[64];
    for (size_t i = 0; i < count; i++)
        values[i] = value;
    put(file, path, H5T_NATIVE_DOUBLE, 1, &(hsize_t){ count }, values);
}

static void put_text(hid_t file, const char *path, const char *text)
{
    hid_t type = H5Tcopy(H5T_C_S1);
    H5Tset_size(type, strlen(text) + 1);
    put(file, path, type, 0, NULL, text);
    H5Tclose(type);
}

/* The last edges of every.nir are those of the recurrent loop. */
static void put_edges(hid_t file, size_t pairs, const char text[][2][16])
{
    hid_t type = H5Tcopy(H5T_C_S1);
    H5Tset_size(type, 16);
    put(file, "node/edges", type, 2, (const hsize_t[]){ pairs, 2 }, text);
    H5Tclose(type);
}

static void missing_dataset(hid_t file)
{
    H5Ldelete(file, "node/nodes/lif/tau", H5P_DEFAULT);
}

static void unknown_dataset(hid_t file)
{
    put_numbers(file, "node/nodes/lif/tau_ref", 6, 1);
}

static void unknown_type(hid_t file)
{
    put_text(file, "node/nodes/lif/type", "AdEx");
}

static void missing_type(hid_t file)
{
    H5Ldelete(file, "node/nodes/lif/type", H5P_DEFAULT);
}

static void wrong_shape(hid_t file)
{
    put_numbers(file, "node/nodes/lif/v_threshold", 7, 1);
}

static void wrong_edge_shape(hid_t file)
{
    put_numbers(file, "node/nodes/scale/scale", 5, 1);
}

static void wrong_rank(hid_t file)
{
    put_numbers(file, "node/nodes/affine/weight", 36, 1);
}

static void not_a_number(hid_t file)
{
    put_numbers(file, "node/nodes/lif/v_leak", 6, (double)NAN);
}

static void infinite(hid_t file)
{
    put_numbers(file, "node/nodes/lif/v_threshold", 6, HUGE_VAL);
}

static void no_time_constant(hid_t file)
{
    put_numbers(file, "node/nodes/lif.rec/tau_mem", 6, 0);
}

static void negative_delay(hid_t file)
{
    put_numbers(file, "node/nodes/delay/delay", 6, -1e-3);
}

static void text_for_numbers(hid_t file)
{
    put_text(file, "node/nodes/lif/tau", "slow");
}

static void unknown_padding(hid_t file)
{
    put_text(file, "node/nodes/conv/padding", "circular");
}

static void fraction_of_a_stride(hid_t file)
{
    put_numbers(file, "node/nodes/conv/stride", 1, 1.5);
}

static void same_with_stride(hid_t file)
{
    put(file, "node/nodes/conv/stride", H5T_NATIVE_LONG, 0, NULL, &(long){ 2 });
}

static void no_stride(hid_t file)
{
    put(file, "node/nodes/sum/stride", H5T_NATIVE_LONG, 0, NULL, &(long){ 0 });
}

static void huge_kernel(hid_t file)
{
    put(file, "node/nodes/sum/kernel_size", H5T_NATIVE_LONG, 0, NULL,
        &(long){ 1L << 62 });
}

static void too_wide_kernel(hid_t file)
{
    put(file, "node/nodes/sum/kernel_size", H5T_NATIVE_LONG, 0, NULL, &(long){ 9 });
}

static void odd_groups(hid_t file)
{
    put(file, "node/nodes/conv/groups", H5T_NATIVE_LONG, 0, NULL, &(long){ 3 });
}

static void flatten_beyond(hid_t file)
{
    put(file, "node/nodes/flatten/end_dim", H5T_NATIVE_LONG, 0, NULL, &(long){ 3 });
}

static void too_large(hid_t file)
{
    H5Ldelete(file, "node/nodes/affine/weight", H5P_DEFAULT);
    put(file, "node/nodes/affine/weight", H5T_NATIVE_FLOAT, 0, NULL, &(float){ 0 });
    H5Ldelete(file, "node/nodes/affine/weight", H5P_DEFAULT);
    hid_t space = H5Screate_simple(2, (const hsize_t[]){ 1u << 31, 1u << 31 }, NULL);
    hid_t plist = H5Pcreate(H5P_DATASET_CREATE);
    H5Pset_chunk(plist, 2, (const hsize_t[]){ 64, 64 });
    hid_t set = H5Dcreate2(file, "node/nodes/affine/weight", H5T_NATIVE_FLOAT, space,
                           H5P_DEFAULT, plist, H5P_DEFAULT);
    H5Dclose(set);
    H5Pclose(plist);
    H5Sclose(space);
}

static void no_edges(hid_t file)
{
    H5Ldelete(file, "node/edges", H5P_DEFAULT);
}

static void edge_to_nowhere(hid_t file)
{
    put_edges(file, 1, (const char[][2][16]){ { "input", "nowhere" } });
}

static void edge_twice(hid_t file)
{
    put_edges(file, 2,
              (const char[][2][16]){ { "lif", "affine" }, { "lif", "affine" } });
}

static void edge_out_of_output(hid_t file)
{
    put_edges(file, 1, (const char[][2][16]){ { "output", "inner" } });
}

static void shape_of_nothing(hid_t file)
{
    put_edges(file, 1, (const char[][2][16]){ { "input", "conv" } });
}

static void algebraic_loop(hid_t file)
{
    put_edges(file, 18,
              (const char[][2][16]){ { "input", "conv" },
                                     { "conv", "if" },
                                     { "if", "sum" },
                                     { "sum", "average" },
                                     { "average", "flatten" },
                                     { "flatten", "linear" },
                                     { "linear", "lif" },
                                     { "lif", "affine" },
                                     { "affine", "scale" },
                                     { "scale", "affine" },
                                     { "affine", "lif.rec" },
                                     { "lif.rec", "li" },
                                     { "li", "cuba" },
                                     { "cuba", "i" },
                                     { "i", "threshold" },
                                     { "threshold", "delay" },
                                     { "delay", "inner" },
                                     { "inner", "output" } });
}

static void link_elsewhere(hid_t file)
{
    H5Ldelete(file, "node/nodes/lif", H5P_DEFAULT);
    H5Lcreate_external("/etc/passwd", "/", file, "node/nodes/lif", H5P_DEFAULT,
                       H5P_DEFAULT);
}

static void loop_of_groups(hid_t file)
{
    H5Ldelete(file, "node/nodes/inner/nodes", H5P_DEFAULT);
    H5Lcreate_hard(file, "node/nodes", file, "node/nodes/inner/nodes", H5P_DEFAULT,
                   H5P_DEFAULT);
}

static void two_nested_outputs(hid_t file)
{
    H5Ocopy(file, "node/nodes/inner/nodes/output", file, "node/nodes/inner/nodes/again",
            H5P_DEFAULT, H5P_DEFAULT);
}

static void not_a_graph(hid_t file)
{
    put_text(file, "node/type", "LIF");
}

static const struct {
    void (*spoil)(hid_t file);
    const char *sentence;
} refusals[] = {
    { missing_dataset, "node 'lif' (LIF): dataset tau is missing" },
    { unknown_dataset, "node 'lif': unknown dataset tau_ref in a node of type LIF" },
    { unknown_type, "node 'lif': unknown type of node 'AdEx'" },
    { missing_type, "node 'lif': dataset type is missing" },
    { wrong_shape, "node 'lif': tau: expected [7], found [6]" },
    { wrong_edge_shape, "edge from 'lif.rec' to 'scale': expected [5], found [6]" },
    { wrong_rank, "node 'affine': weight: expected (out, in), found [36]" },
    { not_a_number, "node 'lif': v_leak: value 0 is nan: expected a finite number" },
    { infinite, "node 'lif': v_threshold: value 0 is inf: expected a finite number" },
    { no_time_constant, "node 'lif.rec': tau_mem: value 0 is 0: expected more than 0" },
    { negative_delay, "node 'delay': delay: value 0 is -0.001: expected 0 or more" },
    { text_for_numbers, "node 'lif': tau: expected numbers, found text" },
    { unknown_padding,
      "node 'conv': padding: expected numbers, 'same' or 'valid', found 'circular'" },
    { fraction_of_a_stride, "node 'conv': stride: expected integers" },
    { same_with_stride, "node 'conv': padding 'same' needs stride 1, found 2" },
    { no_stride, "node 'sum': stride: value 0 is 0: expected 1 or more" },
    { huge_kernel, "node 'sum': kernel_size: value 0 is 4.61169e+18" },
    { too_wide_kernel, "node 'sum': a window of 9 on an input of 8 with padding" },
    { odd_groups, "node 'conv': 4 outputs do not divide into 3 groups" },
    { flatten_beyond, "node 'flatten': dimensions 0 to 3 of an input of [4, 2, 2]" },
    { too_large, "node 'affine': weight of shape [2147483648, 2147483648]: the graph "
                 "would hold more than 134217728 values" },
    { no_edges, "dataset edges is missing" },
    { edge_to_nowhere, "edge from 'input' to 'nowhere': no node 'nowhere'" },
    { edge_twice, "the edge from 'lif' to 'affine' is there twice" },
    { edge_out_of_output, "'output' (Output) to 'inner' (NIRGraph) leads out of" },
    { shape_of_nothing, "node 'average' (AvgPool2d): its shape follows from nothing" },
    { algebraic_loop, "is in a loop without a node that has state" },
    { link_elsewhere, "lif is a link to elsewhere: expected a group" },
    { loop_of_groups, "nested more than 16 deep" },
    { two_nested_outputs, "graph 'inner': a nested graph: expected one Input and one" },
    { not_a_graph, "type: expected NIRGraph, found 'LIF'" },
};

static void copy_file(const char *from, const char *to)
{
    FILE *in = fopen(from, "rb"), *out = fopen(to, "wb");
    CU_ASSERT_FATAL(in && out);
    for (int c; (c = getc(in)) != EOF;)
        putc(c, out);
    fclose(in);
    fclose(out);
}

static void what_is_wrong_is_refused_by_name(void)
{
    for (size_t i = 0; i < sizeof refusals / sizeof refusals[0]; i++) {
        struct nir_graph *graph = NULL;
        struct error err = { 0 };
        const char *path = temporary_path("spoilt.nir");
        copy_file(every_path, path);
        hid_t file = H5Fopen(path, H5F_ACC_RDWR, H5P_DEFAULT);
        refusals[i].spoil(file);
        H5Fclose(file);
        CU_ASSERT_NOT_EQUAL(nir_graph_read(&graph, path, &err), OK);
        CU_ASSERT_PTR_NULL(graph);
        bool is_named = strstr(err.text, refusals[i].sentence) != NULL;
        CU_ASSERT(is_named);
        if (!is_named)
            printf("    expected '%s' in: %s\n", refusals[i].sentence, err.text);
        CU_ASSERT_PTR_NULL(strchr(err.text, '\n'));
        nir_graph_free(graph);
    }
}

static void other_files_are_refused(void)
{
    struct nir_graph *graph = NULL;
    struct error err = { 0 };
    CU_ASSERT_EQUAL(nir_graph_read(&graph, "tests/suites.c", &err), ERR_FORMAT);
    CU_ASSERT_EQUAL(nir_graph_read(&graph, "tests/golden/none.nir", &err), ERR_FORMAT);
    CU_ASSERT_PTR_NOT_NULL(strstr(err.text, "No such file"));

    const char *path = temporary_path("data.nir");
    hid_t file = H5Fcreate(path, H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT);
    hid_t space = H5Screate(H5S_SCALAR);
    H5Aclose(H5Acreate2(file, "__type__", H5T_C_S1, space, H5P_DEFAULT, H5P_DEFAULT));
    H5Sclose(space);
    H5Fclose(file);
    CU_ASSERT_EQUAL(nir_graph_read(&graph, path, &err), ERR_FORMAT);
    CU_ASSERT_PTR_NOT_NULL(strstr(err.text, "holds NIR data (events)"));
}

static void metadata_is_counted_and_passed_over(void)
{
    const char *path = temporary_path("metadata.nir");
    copy_file(every_path, path);
    hid_t file = H5Fopen(path, H5F_ACC_RDWR, H5P_DEFAULT);
    H5Gclose(H5Gcreate2(file, "node/nodes/lif/metadata", H5P_DEFAULT, H5P_DEFAULT,
                        H5P_DEFAULT));
    put_text(file, "node/nodes/lif/metadata/made_by", "hand");
    H5Fclose(file);
    struct nir_graph *graph = read_good(path);
    CU_ASSERT_EQUAL(graph->dropped_metadata, 1);
    nir_graph_free(graph);
}

static void names_are_checked(void)
{
    struct error err = { 0 };
    struct nir_graph *graph = nir_graph_create();
    CU_ASSERT_PTR_NULL(nir_graph_add(graph, "a/b", NIR_I, &err));
    CU_ASSERT_PTR_NULL(nir_graph_add(graph, "", NIR_I, &err));
    CU_ASSERT_PTR_NOT_NULL(nir_graph_add(graph, "a.b", NIR_I, &err));
    CU_ASSERT_PTR_NULL(nir_graph_add(graph, "a.b", NIR_I, &err));
    CU_ASSERT_PTR_NOT_NULL(strstr(err.text, "'a.b' is there twice"));
    nir_graph_free(graph);
}

CU_TestInfo nir_file_tests[] = {
    { "every type of node is read", every_type_of_node_is_read },
    { "files of three tools are read", files_of_three_tools_are_read },
    { "nothing is lost on the way back", nothing_is_lost_on_the_way_back },
    { "a failed write leaves what was there", a_failed_write_leaves_what_was_there },
    { "what is wrong is refused by name", what_is_wrong_is_refused_by_name },
    { "other files are refused", other_files_are_refused },
    { "metadata is counted and passed over", metadata_is_counted_and_passed_over },
    { "names are checked", names_are_checked },
    CU_TEST_INFO_NULL,
};
