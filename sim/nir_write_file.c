/* Writing NIR graphs; see nir_file.h. */
#include "sim/nir_file.h"
#include "sim/recording_layout_file.h"

#include <errno.h>
#include <hdf5.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Smaller arrays are not worth a chunk of their own. */
enum { COMPRESSED_FROM = 1024, DEFLATE_LEVEL = 4 };

/* What the readers of other tools expect of a string. */
static hid_t utf8_type(void)
{
    hid_t type = H5Tcopy(H5T_C_S1);
    H5Tset_size(type, H5T_VARIABLE);
    H5Tset_cset(type, H5T_CSET_UTF8);
    return type;
}

static enum error_code write_strings(hid_t group, const char *name, hid_t space,
                                     const char *const *text, struct error *err)
{
    hid_t type = utf8_type();
    hid_t dataset =
        H5Dcreate2(group, name, type, space, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
    if (dataset < 0 ||
        (H5Sget_simple_extent_npoints(space) > 0 &&
         H5Dwrite(dataset, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, text) < 0))
        hdf5_error(err, ERR_IO, "cannot write %s", name);
    if (dataset >= 0)
        H5Dclose(dataset);
    H5Tclose(type);
    return err->code;
}

static enum error_code write_text(hid_t group, const char *name, const char *text,
                                  struct error *err)
{
    hid_t space = H5Screate(H5S_SCALAR);
    write_strings(group, name, space, &text, err);
    H5Sclose(space);
    return err->code;
}

static hid_t compression(const struct nir_shape *shape)
{
    hid_t plist = H5Pcreate(H5P_DATASET_CREATE);
    hsize_t chunk[NIR_MOST_RANK];
    size_t most = 1 << 18, count = 1; /* values in a chunk */
    if (shape->rank == 0 || nir_shape_count(shape) < COMPRESSED_FROM)
        return plist;
    for (unsigned i = shape->rank; i-- > 0;) {
        size_t room = most / count ? most / count : 1;
        chunk[i] = shape->size[i] < room ? shape->size[i] : room;
        count *= chunk[i];
    }
    H5Pset_chunk(plist, (int)shape->rank, chunk);
    H5Pset_shuffle(plist);
    H5Pset_deflate(plist, DEFLATE_LEVEL);
    return plist;
}

static enum error_code write_array(hid_t group, const char *name,
                                   const struct nir_array *array, struct error *err)
{
    hsize_t size[NIR_MOST_RANK];
    for (unsigned i = 0; i < array->shape.rank; i++)
        size[i] = array->shape.size[i];
    hid_t type = array->kind == NIR_INTEGER ? H5T_STD_I64LE
                 : array->kind == NIR_F32   ? H5T_IEEE_F32LE
                                            : H5T_IEEE_F64LE;
    hid_t space = array->shape.rank
                      ? H5Screate_simple((int)array->shape.rank, size, NULL)
                      : H5Screate(H5S_SCALAR);
    hid_t plist = compression(&array->shape);
    hid_t dataset =
        H5Dcreate2(group, name, type, space, H5P_DEFAULT, plist, H5P_DEFAULT);
    if (dataset < 0 || H5Dwrite(dataset, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL,
                                H5P_DEFAULT, array->value) < 0)
        hdf5_error(err, ERR_IO, "cannot write %s", name);
    if (dataset >= 0)
        H5Dclose(dataset);
    H5Pclose(plist);
    H5Sclose(space);
    return err->code;
}

static enum error_code write_edges(hid_t group, const struct nir_graph *graph,
                                   struct error *err)
{
    const hsize_t size[2] = { graph->edges, 2 };
    const char **text = malloc((2 * graph->edges + 1) * sizeof *text);
    if (!text)
        return error_memory(err, "edges", 2.0 * (double)graph->edges * sizeof *text);
    for (size_t i = 0; i < graph->edges; i++) {
        text[2 * i] = graph->node[graph->edge[i].from]->name;
        text[2 * i + 1] = graph->node[graph->edge[i].to]->name;
    }
    hid_t space = H5Screate_simple(2, size, NULL);
    write_strings(group, "edges", space, text, err);
    H5Sclose(space);
    free(text);
    return err->code;
}

static enum error_code write_graph(hid_t group, const struct nir_graph *graph,
                                   struct error *err);

static enum error_code write_node(hid_t nodes, const struct nir_node *node,
                                  struct error *err)
{
    hid_t group = H5Gcreate2(nodes, node->name, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
    if (group < 0)
        return hdf5_error(err, ERR_IO, "cannot create node '%s'", node->name);
    if (node->inner)
        write_graph(group, node->inner, err);
    else
        write_text(group, "type", node->type->name, err);
    for (unsigned i = 0; i < NIR_PARAMS && err->code == OK; i++) {
        const struct nir_array *array = &node->param[i];
        if (array->kind == NIR_TEXT)
            write_text(group, nir_param_names[i], array->text, err);
        else if (array->kind != NIR_ABSENT)
            write_array(group, nir_param_names[i], array, err);
    }
    H5Gclose(group);
    return err->code == OK ? OK : error_wrap(err, "node '%s'", node->name);
}

static enum error_code write_graph(hid_t group, const struct nir_graph *graph,
                                   struct error *err)
{
    if (write_text(group, "type", nir_types[NIR_GRAPH].name, err) != OK)
        return err->code;
    hid_t nodes = H5Gcreate2(group, "nodes", H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
    if (nodes < 0)
        return hdf5_error(err, ERR_IO, "cannot create nodes");
    for (size_t i = 0; i < graph->nodes && err->code == OK; i++)
        write_node(nodes, graph->node[i], err);
    H5Gclose(nodes);
    return err->code == OK ? write_edges(group, graph, err) : err->code;
}

static enum error_code write_root(hid_t file, const struct nir_graph *graph,
                                  struct error *err)
{
    if (write_text(file, "version", graph->version[0] ? graph->version : "1.0", err) !=
        OK)
        return err->code;
    hid_t group = H5Gcreate2(file, "node", H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
    if (group < 0)
        return hdf5_error(err, ERR_IO, "cannot create node");
    write_graph(group, graph, err);
    H5Gclose(group);
    return err->code;
}

static enum error_code write_file(const struct nir_graph *graph, const char *path,
                                  struct error *err)
{
    hid_t access = H5Pcreate(H5P_FILE_ACCESS);
    H5Pset_fclose_degree(access, H5F_CLOSE_STRONG);
    hid_t file = H5Fcreate(path, H5F_ACC_TRUNC, H5P_DEFAULT, access);
    H5Pclose(access);
    if (file < 0)
        return hdf5_error(err, ERR_IO, "cannot create the file");
    write_root(file, graph, err);
    if (err->code == OK && H5Fflush(file, H5F_SCOPE_LOCAL) < 0)
        hdf5_error(err, ERR_IO, "cannot write the file");
    if (err->code != OK)
        hdf5_abandon(file);
    if (H5Fclose(file) < 0 && err->code == OK)
        hdf5_error(err, ERR_IO, "cannot close the file");
    return err->code;
}

enum error_code nir_graph_write(struct nir_graph *graph, const char *path,
                                struct error *err)
{
    size_t room = strlen(path) + sizeof ".partial";
    char *partial = malloc(room);
    err->code = OK;
    if (!partial)
        return error_memory(err, path, (double)room);
    snprintf(partial, room, "%s.partial", path);
    hdf5_prepare();
    if (nir_graph_check(graph, err) == OK) {
        if (write_file(graph, partial, err) == OK && rename(partial, path) < 0)
            error_set(err, ERR_IO, "cannot rename: %s", strerror(errno));
        if (err->code != OK)
            unlink(partial);
    }
    free(partial);
    return err->code == OK ? OK : error_wrap(err, "%s", path);
}
