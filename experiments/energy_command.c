/* `lucciola energy`: what a recorded run cost. Integer counters first, then each
 * profile applied to them, terms without a price listed. */
#include "experiments/command.h"
#include "experiments/cost_tables.h"
#include "experiments/cost_tokens.h"
#include "experiments/profile_list.h"
#include "experiments/recorded.h"
#include "experiments/report.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct option option_energy[] = {
    { "profile", 0, "NAME",
      "price profiles, NAME,NAME or all, or cpu-measured for this machine; "
      "'lucciola profiles' lists them",
      PROFILES_USUAL },
    { "model", 0, "NAME", "models of cost: all, or one by name; see notes/energy.md",
      NULL },
    { "by", 0, "WHAT", "rows of --model: role or token", "role" },
    { "csv", 0, NULL, "print the rows of --model as CSV", NULL },
    { 0 },
};

static void print_counters(const struct run_totals *totals)
{
    struct role_total role[MAX_ROLES], all;
    run_totals_roles(totals, role, &all);
    printf("counters of %llu tokens, all spiking sites%s\n",
           (unsigned long long)totals->tokens,
           totals->scaled
               ? "; the head ran for some of the tokens, its sums are scaled "
                 "to all"
               : "");
    for (int c = 0; c < SITE_COUNTERS; c++)
        printf("  %-12s %20llu  %s\n", site_counter_info[c].name,
               (unsigned long long)all.total.sum.n[c], site_counter_info[c].meaning);
    printf("  %-12s %20llu  channels times fan-out\n", "dense",
           (unsigned long long)all.dense_operations);
    putchar('\n');
}

static json_t *counters_of(const struct run_totals *totals)
{
    struct role_total role[MAX_ROLES], all;
    run_totals_roles(totals, role, &all);
    json_t *object = json_object();
    for (int c = 0; c < SITE_COUNTERS; c++)
        json_object_set_new(object, site_counter_info[c].name,
                            json_integer((json_int_t)all.total.sum.n[c]));
    json_object_set_new(object, "dense",
                        json_integer((json_int_t)all.dense_operations));
    return object;
}

static enum error_code find_model(const char *name, const struct cost_model **model,
                                  struct error *err)
{
    *model = cost_model_find(name);
    if (*model || strcmp(name, "all") == 0)
        return OK;
    char names[256] = "all";
    size_t used = strlen(names);
    for (const struct cost_model *m = cost_models; m->name && used < sizeof names; m++)
        used += (size_t)snprintf(names + used, sizeof names - used, ", %s", m->name);
    return error_set(err, ERR_ARGUMENT, "--model: expected %s, found '%.40s'", names,
                     name);
}

static enum error_code survey_roles(const struct recorded *run,
                                    const struct cost_model *model,
                                    const struct energy_profile *prices,
                                    json_t **tables, struct error *err)
{
    struct profile_list chips;
    struct cost_survey *survey = malloc(sizeof *survey);
    if (!survey)
        return error_memory(err, "a survey", sizeof *survey);
    if (profile_list_open(&chips, "all", err) == OK) {
        if (cost_survey_make(survey, run, prices, err) == OK)
            *tables = cost_tables(survey, &run->totals, prices, &chips, model);
        profile_list_close(&chips);
    }
    free(survey);
    return err->code;
}

/* Adds "costs", the tables by role, or "by_token" to *all. */
static enum error_code add_models(const struct recorded *run,
                                  const struct options *options, json_t *all,
                                  struct error *err)
{
    const char *by = option_text(options, "by");
    bool by_token = strcmp(by, "token") == 0;
    const struct cost_model *model = NULL;
    struct energy_profile prices;
    json_t *found = NULL;
    if (!by_token && strcmp(by, "role") != 0)
        return error_set(err, ERR_ARGUMENT,
                         "--by: expected role or token, found '%.40s'", by);
    if (find_model(option_text(options, "model"), &model, err) != OK ||
        energy_profile_find(&prices, "horowitz-45nm", err) != OK)
        return err->code;
    if (by_token)
        cost_tokens(run, &prices, model, &found, err);
    else
        survey_roles(run, model, &prices, &found, err);
    energy_profile_release(&prices);
    if (err->code == OK)
        json_object_set(all, by_token ? "by_token" : "costs", found);
    json_decref(found);
    return err->code;
}

/* One row for every model and role, the model's name in front. */
static json_t *rows_by_role(const json_t *models)
{
    json_t *rows = json_array(), *model, *row;
    size_t m, r;
    json_array_foreach(models, m, model)
        json_array_foreach(json_object_get(model, "rows"), r, row)
    {
        json_t *flat = json_object();
        json_object_set(flat, "model", json_object_get(model, "model"));
        json_object_set(flat, "other", json_object_get(model, "other"));
        json_object_update(flat, row);
        json_array_append_new(rows, flat);
    }
    return rows;
}

static void print_csv(const json_t *all)
{
    json_t *tokens = json_object_get(all, "by_token");
    json_t *rows =
        tokens ? json_incref(tokens)
               : rows_by_role(json_object_get(json_object_get(all, "costs"), "models"));
    table_print_csv(rows);
    json_decref(rows);
}

static enum error_code check_options(const struct options *options, struct error *err)
{
    bool has_model = option_text(options, "model") != NULL;
    if (!has_model && (option_is_given(options, "by") || option_flag(options, "csv")))
        return error_set(err, ERR_ARGUMENT,
                         "--by and --csv are about the rows of --model: name one, or "
                         "all");
    if (option_flag(options, "csv") && option_flag(options, "json"))
        return error_set(err, ERR_ARGUMENT, "--csv and --json exclude each other");
    return OK;
}

static void print_all(const struct recorded *run, const struct work *work,
                      const json_t *all)
{
    printf("%s, %s\n\n", run->recording.info.model, run->recording.info.command);
    print_counters(&run->totals);
    report_print_roles(json_object_get(all, "roles"));
    report_print_energy(json_object_get(all, "energy"));
    printf("\nevent-driven share: %.1f %% of the dense-equivalent operations of whole "
           "tokens\n",
           100 * work_event_driven_share(work));
    if (json_object_get(all, "costs"))
        cost_tables_print(json_object_get(all, "costs"));
    if (json_object_get(all, "by_token"))
        cost_tokens_print(json_object_get(all, "by_token"));
}

static enum error_code price(const struct recorded *run, const struct options *options,
                             struct error *err)
{
    struct profile_list profiles;
    struct work work;
    if (run->recording.channels == 0)
        return error_set(err, ERR_ARGUMENT,
                         "%s: the recording of a network: prices are those of a "
                         "language model's tokens",
                         run->recording.info.model);
    if (check_options(options, err) != OK ||
        profile_list_open(&profiles, option_text(options, "profile"), err) != OK)
        return err->code;
    work_of(&work, &run->totals, &run->settings, &run->weights);
    json_t *all =
        json_pack("{s:s, s:I, s:o, s:o, s:o, s:f}", "model", run->recording.info.model,
                  "tokens", (json_int_t)run->totals.tokens, "counters",
                  counters_of(&run->totals), "roles",
                  report_roles(&run->totals, run->recording.info.dt_ms), "energy",
                  report_energy(&work, profiles.profile, profiles.count),
                  "event_driven_share", work_event_driven_share(&work));
    profile_list_close(&profiles);
    if (option_text(options, "model") && add_models(run, options, all, err) != OK) {
        json_decref(all);
        return err->code;
    }
    if (option_flag(options, "json"))
        return json_print(all, err);
    if (option_flag(options, "csv"))
        print_csv(all);
    else
        print_all(run, &work, all);
    json_decref(all);
    return OK;
}

static enum error_code run(int argc, char **argv, struct error *err)
{
    static const struct option *const tables[] = { option_energy, option_common, NULL };
    struct options options;
    struct recorded recorded = { 0 };
    if (options_read(&options, tables, "energy RUN.h5",
                     "What a recorded run cost: counters first, then prices.", 1, argc,
                     argv, err) == OK &&
        !options.help_shown) {
        if (options.operands != 1)
            error_set(err, ERR_ARGUMENT, "a recording is needed");
        else if (recorded_open(&recorded, options.operand[0], err) == OK)
            price(&recorded, &options, err);
        recorded_close(&recorded);
    }
    options_release(&options);
    return err->code;
}

const struct command energy_command = {
    .name = "energy",
    .arguments = "RUN.h5 [--profile NAME] [--model NAME [--by token]]",
    .summary = "price a recording",
    .run = run,
};
