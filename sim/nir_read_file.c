/* Reading NIR graphs; see nir_file.h. */
#include "sim/nir_file.h"
#include "sim/recording_layout_file.h"

#include <hdf5.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_TEXT = 4096 };

/* An object of a group; negative with err set. A link out of the file is refused: it
 * would open what the user did not name. */
static hid_t open_object(hid_t group, const char *name, H5I_type_t kind,
                         struct error *err)
{
    H5L_info_t link;
    const char *expected = kind == H5I_GROUP ? "group" : "dataset";
    if (H5Lexists(group, name, H5P_DEFAULT) <= 0) {
        error_set(err, ERR_FORMAT, "%s %.60s is missing", expected, name);
        return -1;
    }
    if (H5Lget_info(group, name, &link, H5P_DEFAULT) < 0 ||
        link.type != H5L_TYPE_HARD) {
        error_set(err, ERR_FORMAT, "%.60s is a link to elsewhere: expected a %s", name,
                  expected);
        return -1;
    }
    hid_t object = H5Oopen(group, name, H5P_DEFAULT);
    if (object < 0) {
        hdf5_error(err, ERR_FORMAT, "cannot open %s %.60s", expected, name);
        return -1;
    }
    if (H5Iget_type(object) != kind) {
        error_set(err, ERR_FORMAT, "%.60s: expected a %s", name, expected);
        H5Oclose(object);
        return -1;
    }
    return object;
}

/* Name of link i, at most NIR_MOST_NAME long; false with err set. */
static bool link_name(hid_t group, hsize_t i, char name[NIR_MOST_NAME + 1],
                      struct error *err)
{
    ssize_t length = H5Lget_name_by_idx(group, ".", H5_INDEX_NAME, H5_ITER_INC, i, name,
                                        NIR_MOST_NAME + 1, H5P_DEFAULT);
    if (length < 0)
        return hdf5_error(err, ERR_FORMAT, "cannot list a group"), false;
    if (length > NIR_MOST_NAME)
        return error_set(err, ERR_FORMAT,
                         "name '%.40s...' of %zd characters: expected at most %d", name,
                         length, NIR_MOST_NAME),
               false;
    return true;
}

/* ---- strings ---- */

/* A type in memory for the strings of a dataset; negative: it holds none. */
static hid_t string_type(hid_t in_file)
{
    if (H5Tget_class(in_file) != H5T_STRING)
        return -1;
    htri_t is_variable = H5Tis_variable_str(in_file);
    size_t size = H5Tget_size(in_file);
    if (is_variable < 0 || size == 0 || size > MOST_TEXT)
        return -1;
    hid_t type = H5Tcopy(H5T_C_S1);
    H5Tset_size(type, is_variable ? H5T_VARIABLE : size + 1);
    H5Tset_cset(type, H5Tget_cset(in_file));
    return type;
}

/* The strings of a dataset whose count is known, one behind another and each ended by
 * NUL, in *text (malloc'ed). */
static enum error_code read_strings(hid_t dataset, size_t count, char **text,
                                    struct error *err)
{
    hid_t in_file = H5Dget_type(dataset), space = H5Dget_space(dataset);
    hid_t type = string_type(in_file);
    bool is_variable = H5Tis_variable_str(in_file) > 0;
    size_t each = is_variable ? sizeof(char *) : type >= 0 ? H5Tget_size(type) : 1;
    char *raw = calloc(count + 1, each), *out = NULL;
    size_t room = count + 1, used = 0;
    if (type < 0)
        error_set(err, ERR_FORMAT, "expected strings");
    else if (!raw)
        error_memory(err, "strings", (double)count * (double)each);
    else if (H5Dread(dataset, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, raw) < 0)
        hdf5_error(err, ERR_FORMAT, "cannot read strings");
    for (size_t i = 0; i < count && err->code == OK; i++) {
        const char *from = is_variable ? ((char **)(void *)raw)[i] : raw + i * each;
        room += from ? strnlen(from, MOST_TEXT) : 0;
    }
    if (err->code == OK && !(out = calloc(room, 1)))
        error_memory(err, "strings", (double)room);
    for (size_t i = 0; i < count && err->code == OK; i++) {
        const char *from = is_variable ? ((char **)(void *)raw)[i] : raw + i * each;
        size_t length = from ? strnlen(from, MOST_TEXT) : 0;
        if (length)
            memcpy(out + used, from, length);
        used += length + 1;
    }
    if (is_variable && type >= 0 && raw)
        H5Dvlen_reclaim(type, space, H5P_DEFAULT, raw);
    free(raw);
    if (type >= 0)
        H5Tclose(type);
    H5Tclose(in_file);
    H5Sclose(space);
    *text = out;
    return err->code;
}

/* One string, in the arena of the graph. */
static enum error_code read_text(hid_t group, const char *name, struct nir_graph *graph,
                                 const char **text, struct error *err)
{
    char *found = NULL;
    hid_t dataset = open_object(group, name, H5I_DATASET, err);
    if (dataset < 0)
        return err->code;
    hid_t space = H5Dget_space(dataset);
    if (H5Sget_simple_extent_npoints(space) != 1)
        error_set(err, ERR_FORMAT, "expected one string");
    else
        read_strings(dataset, 1, &found, err);
    H5Sclose(space);
    H5Dclose(dataset);
    if (err->code == OK &&
        !(*text = arena_text(&graph->root->arena, found, strlen(found))))
        error_memory(err, name, MOST_TEXT);
    free(found);
    return err->code == OK ? OK : error_wrap(err, "%s", name);
}

/* ---- numbers ---- */

static enum error_code dataset_shape(hid_t space, struct nir_shape *shape,
                                     struct error *err)
{
    hsize_t size[H5S_MAX_RANK];
    int rank = H5Sget_simple_extent_dims(space, size, NULL);
    if (H5Sget_simple_extent_type(space) == H5S_NULL)
        return error_set(err, ERR_FORMAT, "has no values");
    if (rank < 0 || rank > NIR_MOST_RANK)
        return error_set(err, ERR_FORMAT, "expected at most %d dimensions, found %d",
                         NIR_MOST_RANK, rank);
    *shape = (struct nir_shape){ .rank = (unsigned)rank };
    for (int i = 0; i < rank; i++)
        shape->size[i] = size[i];
    return OK;
}

/* Values that lie in the file itself, not in others that it names. */
static bool is_inside(hid_t dataset)
{
    hid_t layout = H5Dget_create_plist(dataset);
    bool inside =
        H5Pget_layout(layout) != H5D_VIRTUAL && H5Pget_external_count(layout) == 0;
    H5Pclose(layout);
    return inside;
}

static enum error_code read_values(hid_t dataset, hid_t in_file, hid_t space,
                                   struct nir_graph *graph, struct nir_node *node,
                                   enum nir_param_id param, struct error *err)
{
    struct nir_shape shape;
    H5T_class_t class = H5Tget_class(in_file);
    size_t bytes = H5Tget_size(in_file);
    if ((class != H5T_FLOAT && class != H5T_INTEGER) || bytes > sizeof(double))
        return error_set(err, ERR_FORMAT, "expected numbers of at most 8 bytes");
    if (!is_inside(dataset))
        return error_set(err, ERR_FORMAT, "its values lie outside the file");
    if (dataset_shape(space, &shape, err) != OK)
        return err->code;
    enum nir_kind kind = class == H5T_INTEGER     ? NIR_INTEGER
                         : bytes <= sizeof(float) ? NIR_F32
                                                  : NIR_F64;
    double *value = nir_param_room(graph, node, param, kind, &shape, err);
    if (!value)
        return err->code;
    if (node->param[param].count &&
        H5Dread(dataset, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, value) < 0)
        return hdf5_error(err, ERR_FORMAT, "cannot read its values");
    return OK;
}

static enum error_code read_param(hid_t group, struct nir_graph *graph,
                                  struct nir_node *node, enum nir_param_id param,
                                  struct error *err)
{
    const char *name = nir_param_names[param], *text;
    hid_t dataset = open_object(group, name, H5I_DATASET, err);
    if (dataset < 0)
        return err->code;
    hid_t in_file = H5Dget_type(dataset), space = H5Dget_space(dataset);
    bool is_text = H5Tget_class(in_file) == H5T_STRING;
    if (!is_text && read_values(dataset, in_file, space, graph, node, param, err) != OK)
        error_wrap(err, "%s", name);
    H5Tclose(in_file);
    H5Sclose(space);
    H5Dclose(dataset);
    if (is_text && read_text(group, name, graph, &text, err) == OK)
        nir_param_text(graph, node, param, text, err);
    return err->code;
}

/* ---- nodes and graphs ---- */

static int find_param(const struct nir_type *type, const char *name)
{
    for (int param = 0; param < NIR_PARAMS; param++)
        if (((type->required | type->optional) & UINT32_C(1) << param) &&
            strcmp(nir_param_names[param], name) == 0)
            return param;
    return -1;
}

static enum error_code count_links(hid_t group, hsize_t *links, struct error *err)
{
    H5G_info_t info;
    if (H5Gget_info(group, &info) < 0)
        return hdf5_error(err, ERR_FORMAT, "cannot list a group");
    *links = info.nlinks;
    return OK;
}

static enum error_code read_params(hid_t group, struct nir_graph *graph,
                                   struct nir_node *node, struct error *err)
{
    hsize_t links = 0;
    if (count_links(group, &links, err) != OK)
        return err->code;
    for (hsize_t i = 0; i < links; i++) {
        char name[NIR_MOST_NAME + 1];
        if (!link_name(group, i, name, err))
            return err->code;
        int param = find_param(node->type, name);
        if (strcmp(name, "metadata") == 0)
            graph->root->dropped_metadata++;
        else if (param < 0 && strcmp(name, "type") != 0)
            return error_set(err, ERR_FORMAT,
                             "unknown dataset %.60s in a node of type %s", name,
                             node->type->name);
        else if (param >= 0 && read_param(group, graph, node, param, err) != OK)
            return err->code;
    }
    return OK;
}

static enum error_code read_graph(hid_t group, struct nir_graph *graph,
                                  struct error *err);

static enum error_code read_node(hid_t nodes, const char *name, struct nir_graph *graph,
                                 struct error *err)
{
    const char *type_name;
    hid_t group = open_object(nodes, name, H5I_GROUP, err);
    if (group < 0)
        return err->code;
    struct nir_node *node = NULL;
    if (read_text(group, "type", graph, &type_name, err) == OK) {
        const struct nir_type *type = nir_type_find(type_name);
        if (!type)
            error_set(err, ERR_FORMAT, "unknown type of node '%.60s'", type_name);
        else
            node = nir_graph_add(graph, name, type - nir_types, err);
    }
    if (node && node->inner)
        read_graph(group, node->inner, err);
    else if (node)
        read_params(group, graph, node, err);
    H5Gclose(group);
    return err->code == OK ? OK : error_wrap(err, "node '%s'", name);
}

static enum error_code read_nodes(hid_t group, struct nir_graph *graph,
                                  struct error *err)
{
    hsize_t links = 0;
    hid_t nodes = open_object(group, "nodes", H5I_GROUP, err);
    if (nodes < 0)
        return err->code;
    count_links(nodes, &links, err);
    for (hsize_t i = 0; i < links && err->code == OK; i++) {
        char name[NIR_MOST_NAME + 1];
        if (link_name(nodes, i, name, err))
            read_node(nodes, name, graph, err);
    }
    H5Gclose(nodes);
    return err->code;
}

static enum error_code connect_all(struct nir_graph *graph, const char *text,
                                   size_t edges, struct error *err)
{
    for (size_t i = 0; i < edges; i++) {
        const char *from = text, *to = from + strlen(from) + 1;
        text = to + strlen(to) + 1;
        if (nir_graph_connect(graph, from, to, err) != OK)
            return err->code;
    }
    return OK;
}

static enum error_code read_edges(hid_t group, struct nir_graph *graph,
                                  struct error *err)
{
    struct nir_shape shape = { 0 };
    char *text = NULL;
    hid_t dataset = open_object(group, "edges", H5I_DATASET, err);
    if (dataset < 0)
        return err->code;
    hid_t space = H5Dget_space(dataset);
    dataset_shape(space, &shape, err);
    bool is_empty = shape.rank > 0 && shape.size[0] == 0; /* of any type: h5py's [] */
    if (err->code == OK && !is_empty && (shape.rank != 2 || shape.size[1] != 2))
        error_set(err, ERR_FORMAT, "edges: expected (edges, 2) strings, found %s",
                  nir_shape_text(&shape).text);
    else if (err->code == OK && !is_empty && shape.size[0] > NIR_MOST_EDGES)
        error_set(err, ERR_FORMAT, "more than %d edges", NIR_MOST_EDGES);
    else if (err->code == OK && !is_empty &&
             read_strings(dataset, 2 * shape.size[0], &text, err) != OK)
        error_wrap(err, "edges");
    H5Sclose(space);
    H5Dclose(dataset);
    if (err->code == OK && text)
        connect_all(graph, text, shape.size[0], err);
    free(text);
    return err->code;
}

static enum error_code read_graph(hid_t group, struct nir_graph *graph,
                                  struct error *err)
{
    static const char *const known[] = { "type", "nodes", "edges", "metadata" };
    hsize_t links = 0;
    if (count_links(group, &links, err) != OK)
        return err->code;
    for (hsize_t i = 0; i < links; i++) {
        char name[NIR_MOST_NAME + 1];
        bool is_known = false;
        if (!link_name(group, i, name, err))
            return err->code;
        for (size_t k = 0; k < sizeof known / sizeof known[0]; k++)
            is_known |= strcmp(known[k], name) == 0;
        if (!is_known)
            return error_set(err, ERR_FORMAT, "unknown dataset %.60s in a NIRGraph",
                             name);
        graph->root->dropped_metadata += strcmp(name, "metadata") == 0;
    }
    if (read_nodes(group, graph, err) != OK)
        return err->code;
    return read_edges(group, graph, err);
}

static enum error_code read_root(hid_t file, struct nir_graph *graph, struct error *err)
{
    const char *type;
    if (H5Lexists(file, "node", H5P_DEFAULT) <= 0 && H5Aexists(file, "__type__") > 0)
        return error_set(err, ERR_FORMAT, "holds NIR data (events), not a NIR graph");
    hid_t group = open_object(file, "node", H5I_GROUP, err);
    if (group < 0)
        return err->code;
    if (read_text(group, "type", graph, &type, err) == OK) {
        if (strcmp(type, "NIRGraph") != 0)
            error_set(err, ERR_FORMAT, "type: expected NIRGraph, found '%.60s'", type);
        else
            read_graph(group, graph, err);
    }
    H5Gclose(group);
    if (err->code == OK && H5Lexists(file, "version", H5P_DEFAULT) > 0)
        read_text(file, "version", graph, &graph->version, err);
    return err->code;
}

static enum error_code read_file(struct nir_graph **graph, const char *name,
                                 hid_t access, struct error *err)
{
    H5Pset_fclose_degree(access, H5F_CLOSE_STRONG);
    hid_t file = H5Fopen(name, H5F_ACC_RDONLY, access);
    if (file < 0)
        return hdf5_error(err, ERR_FORMAT, "cannot be opened as HDF5");
    *graph = nir_graph_create();
    if (!*graph)
        error_memory(err, "a graph", sizeof **graph);
    else if (read_root(file, *graph, err) == OK)
        nir_graph_check(*graph, err);
    H5Fclose(file);
    if (err->code != OK) {
        nir_graph_free(*graph);
        *graph = NULL;
    }
    return err->code;
}

enum error_code nir_graph_read(struct nir_graph **graph, const char *path,
                               struct error *err)
{
    *graph = NULL;
    err->code = OK;
    hdf5_prepare();
    hid_t access = H5Pcreate(H5P_FILE_ACCESS);
    if (read_file(graph, path, access, err) != OK)
        error_wrap(err, "%s", path);
    H5Pclose(access);
    return err->code;
}

enum error_code nir_graph_parse(struct nir_graph **graph, const void *bytes,
                                size_t size, struct error *err)
{
    *graph = NULL;
    err->code = OK;
    hdf5_prepare();
    hid_t access = H5Pcreate(H5P_FILE_ACCESS);
    /* The image is copied: the library wants to own what it is given. */
    if (H5Pset_fapl_core(access, 1 << 16, false) < 0 ||
        H5Pset_file_image(access, (void *)(uintptr_t)bytes, size) < 0)
        hdf5_error(err, ERR_FORMAT, "cannot be opened as HDF5");
    else
        read_file(graph, "image.nir", access, err);
    H5Pclose(access);
    return err->code;
}
