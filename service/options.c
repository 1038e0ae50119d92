/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The functions that walk tables of options.
 *
 * Values are not copied: they point into argv, which exists as long as the
 * process.  A value with a prefix is interned, so it exists as long, too.
 */
#include "service/options.h"
#include "qapi/suggestion.h"

#include <string.h>

/* Where the text of an option begins in help; longer options are not cut. */
#define HELP_COLUMN 20

/* "-" is an argument: it means standard input. */
bool option_is(const char *arg)
{
    return arg[0] == '-' && (g_ascii_isalpha(arg[1]) || arg[1] == '-');
}

const Option *options_find(const Option *table, const char *arg,
                           const char **value)
{
    const char *name = arg + (arg[1] == '-' ? 2 : 1);
    size_t len = strcspn(name, "=");

    *value = name[len] ? name + len + 1 : NULL;
    for (const Option *option = table; option->name; option++) {
        if (strlen(option->name) == len && !strncmp(option->name, name, len)) {
            return option;
        }
    }
    return NULL;
}

/*
 * Names the option that was probably meant.  @arg: the option, with its dashes
 * and perhaps "=VALUE"
 */
static void refuse_option(const Option *table, const char *arg, Error **errp)
{
    ERRP_GUARD();
    g_autofree char *text = g_strndup(arg, strcspn(arg, "="));
    Suggestion suggestion;

    error_setg(errp, "unknown option '%s'", text);
    suggestion_init(&suggestion, text + strspn(text, "-"));
    for (const Option *option = table; option->name; option++) {
        /* Options without a text are not for users. */
        if (option->doc) {
            suggestion_offer(&suggestion, option->name);
        }
    }
    if (suggestion.best) {
        error_append_hint(errp, "Did you mean '-%s'?\n", suggestion.best);
    }
}

/* A second value would silently replace the first, so it is an error. */
static bool store_text(const Option *option, const char **field,
                       const char *value, Error **errp)
{
    if (*field) {
        error_setg(errp, "option '-%s' is given twice", option->name);
        return false;
    }
    *field = value;
    return true;
}

/* Appends a value to a list, which the first value creates. */
static void store_list(const Option *option, GPtrArray **field, char *value)
{
    if (!*field) {
        *field = g_ptr_array_new();
    }
    if (option->prefix) {
        g_autofree char *text = g_strconcat(option->prefix, value, NULL);

        value = (char *)g_intern_string(text);
    }
    g_ptr_array_add(*field, value);
}

/* Stores a value in the field of its option; @value is NULL for a flag. */
static bool store(const Option *option, void *values, char *value,
                  GPtrArray *rest, Error **errp)
{
    void *field = (char *)values + option->offset;

    switch (option->kind) {
    case OPTION_FLAG:
        *(bool *)field = true;
        return true;
    case OPTION_TEXT:
        return store_text(option, field, value, errp);
    case OPTION_LIST:
        store_list(option, field, value);
        return true;
    case OPTION_PLACE: /* its position among the arguments has a meaning */
        store_list(option, field, value);
        g_ptr_array_add(rest, value);
        return true;
    }
    g_assert_not_reached();
}

/*
 * Parses the option **@argv.  If its value is the next argument, *@argv is
 * advanced to it.
 */
static bool parse_option(const Option *table, char ***argv, void *values,
                         GPtrArray *rest, Error **errp)
{
    const char *value;
    const Option *option = options_find(table, **argv, &value);

    if (!option) {
        refuse_option(table, **argv, errp);
        return false;
    }
    if (option->kind == OPTION_FLAG) {
        if (value) {
            error_setg(errp, "option '-%s' takes no value", option->name);
            return false;
        }
        return store(option, values, NULL, rest, errp);
    }
    if (!value && !(*argv)[1]) {
        error_setg(errp, "option '-%s' needs a value", option->name);
        return false;
    }
    return store(option, values, value ? (char *)value : *++*argv, rest,
                 errp);
}

bool options_parse(const Option *table, char **argv, void *values,
                   GPtrArray *rest, Error **errp)
{
    bool only_rest = false;

    /* After "--" every text is an argument, with or without a dash. */
    for (; *argv; argv++) {
        if (only_rest || !option_is(*argv)) {
            g_ptr_array_add(rest, *argv);
        } else if (!strcmp(*argv, "--")) {
            only_rest = true;
        } else if (!parse_option(table, &argv, values, rest, errp)) {
            return false;
        }
    }
    return true;
}

/* Only lists own memory; all other values point into argv. */
void options_clear(const Option *table, void *values)
{
    for (const Option *option = table; option->name; option++) {
        if (option->kind == OPTION_LIST || option->kind == OPTION_PLACE) {
            GPtrArray **list = (void *)((char *)values + option->offset);

            g_clear_pointer(list, g_ptr_array_unref);
        }
    }
}

void options_append_synopsis(const Option *table, GString *out)
{
    for (const Option *option = table; option->name; option++) {
        /* Options without a text are not for users. */
        if (option->doc) {
            g_string_append_printf(out, " [-%s%s%s]%s", option->name,
                                   option->value ? " " : "",
                                   option->value ? option->value : "",
                                   option->kind == OPTION_LIST ? "..." : "");
        }
    }
}

/* Appends lines; all but the first are indented to HELP_COLUMN. */
static void append_doc(GString *out, const char *doc)
{
    g_auto(GStrv) lines = g_strsplit(doc, "\n", -1);

    for (char **line = lines; *line; line++) {
        g_string_append_printf(out, "%*s%s\n",
                               line == lines ? 0 : HELP_COLUMN, "", *line);
    }
}

void options_append_help(const Option *table, GString *out)
{
    for (const Option *option = table; option->name; option++) {
        g_autofree char *head = NULL;

        /* Options without a text are not for users. */
        if (!option->doc) {
            continue;
        }
        head = g_strdup_printf("  -%s%s%s", option->name,
                               option->value ? " " : "",
                               option->value ? option->value : "");
        g_string_append_printf(out, "%-*s", HELP_COLUMN, head);
        append_doc(out, option->doc);
    }
}
