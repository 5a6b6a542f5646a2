/* See view_report.h. */
#include "viz/view_report.h"

#include <errno.h>
#include <jansson.h>
#include <string.h>

static json_t *name_of(const struct show *show, int32_t population)
{
    if (population < 0)
        return json_null();
    return json_string(show->scene[0].recording.population[population].name);
}

static json_t *number_of(int64_t number)
{
    return number < 0 ? json_null() : json_integer(number);
}

static json_t *pane_names(const struct view_state *view,
                          const struct view_extent *extent)
{
    json_t *names = json_array();
    for (unsigned p = 0; p < VIEW_PANES; p++)
        if (view->is_shown[p] && extent->has[p])
            json_array_append_new(names, json_string(panes[p]->name));
    return names;
}

static json_t *report(const struct show *show)
{
    const struct view_state *v = &show->view;
    const struct selection *s = &v->selection;
    json_t *all = json_object();
    json_object_set_new(all, "step", json_real(v->playback.step));
    json_object_set_new(all, "token",
                        json_integer((json_int_t)playback_token(&v->playback)));
    json_object_set_new(all, "end", json_real(playback_end(&v->playback)));
    json_object_set_new(all, "paused", json_boolean(v->playback.is_paused));
    json_object_set_new(all, "speed", json_real(playback_speed(&v->playback)));
    json_object_set_new(all, "time", json_pack("[f, f]", v->first_step, v->steps));
    json_object_set_new(all, "neurons", json_pack("[f, f]", v->first_unit, v->units));
    json_object_set_new(all, "loop", json_pack("[f, f]", v->loop_from, v->loop_to));
    json_object_set_new(all, "selection",
                        json_pack("{s:o, s:o, s:o, s:o}", "layer", number_of(s->layer),
                                  "population", name_of(show, s->population), "neuron",
                                  number_of(s->neuron), "token", number_of(s->token)));
    json_object_set_new(all, "panes", pane_names(v, &show->extent));
    json_object_set_new(all, "enlarged",
                        v->enlarged == VIEW_PANES
                            ? json_null()
                            : json_string(panes[v->enlarged]->name));
    json_object_set_new(all, "palette", json_string(view_palette_names[v->palette]));
    json_object_set_new(all, "compare", json_string(compare_mode_names[v->compare]));
    json_object_set_new(all, "font_scale", json_real((double)v->font_scale));
    json_object_set_new(all, "keeps_up", json_boolean(v->keeps_up));
    json_object_set_new(all, "help", json_boolean(v->shows_help));
    json_object_set_new(all, "pointer",
                        json_pack("[i, i]", v->pointer_x, v->pointer_y));
    json_object_set_new(all, "notice", json_string(show->notice));
    return all;
}

enum error_code view_report_write(const struct show *show, const char *path,
                                  struct error *err)
{
    json_t *all = report(show);
    bool is_written = json_dump_file(all, path, JSON_INDENT(2)) == 0;
    json_decref(all);
    if (!is_written)
        return error_set(err, ERR_IO, "%s: %s", path, strerror(errno));
    return OK;
}
