/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Completion of a service's command line.
 *
 * - The option table says where a value can stand.  The name of the value in
 *   help, such as FILE, is its kind.
 * - The words of the kind OPTS come from the classes of this very process.
 * - The line is incomplete and may be wrong, so nothing here reports an error.
 */
#include "service/completion-internal.h"

#include "qom/object-property.h"
#include "qom/plugin.h"
#include "qom/user-creatable.h"
#include "util/safe-text.h"

#include <string.h>

typedef struct Completion {
    const char *text; /* what is to be completed */
    const char *head; /* what each word begins with before it: "-option=" */
    GString *out;
} Completion;

/* Offers the word of @parts, one after the other, if the text begins it. */
static void offer(const Completion *c, const char *before, const char *word,
                  const char *after, const char *doc)
{
    g_autofree char *whole = g_strconcat(before, word, after, NULL);

    if (!g_str_has_prefix(whole, c->text)) {
        return;
    }
    g_string_append_printf(c->out, "%s%s", c->head, whole);
    if (doc) {
        g_autofree char *line = g_strndup(doc, strcspn(doc, "\n"));

        g_string_append_c(c->out, '\t');
        safe_text_append(c->out, line, "");
    }
    g_string_append_c(c->out, '\n');
}

/* ---- Objects: TYPE,id=ID,PROPERTY=VALUE ---- */

/* A comma follows, because an object needs an id at least. */
static void offer_types(const Completion *c)
{
    GSList *classes = object_class_get_list(TYPE_USER_CREATABLE, false);

    for (GSList *l = classes; l; l = l->next) {
        offer(c, "", object_class_get_name(l->data), ",", NULL);
    }
    g_slist_free(classes);
}

/* Offers the values of a property if these are few. */
static void offer_values(const Completion *c, const char *before,
                         const ObjectProperty *prop)
{
    const QapiType *type = prop && prop->row ? prop->row->type : NULL;

    if (type && type->kind == QAPI_KIND_ENUM) {
        for (int i = 0; i < type->lookup->size; i++) {
            /* The build leaves values out by their 'if'. */
            if (type->lookup->array[i]) {
                offer(c, before, type->lookup->array[i], "", NULL);
            }
        }
    } else if (type && type->kind == QAPI_KIND_BOOL) {
        offer(c, before, "off", "", NULL);
        offer(c, before, "on", "", NULL);
    }
}

/* Returns true if the text before the last part sets the property already. */
static bool is_given(const char *before, const char *name)
{
    g_autofree char *key = g_strconcat(",", name, "=", NULL);

    return strstr(before, key);
}

/* Offers what the text before does not set yet. */
static void offer_properties(const Completion *c, const char *before,
                             ObjectClass *klass)
{
    ObjectPropertyIterator iter;
    ObjectProperty *prop;

    if (!is_given(before, "id")) {
        offer(c, before, "id", "=", "name of the object");
    }
    object_class_property_iter_init(&iter, klass);
    while ((prop = object_property_iter_next(&iter))) {
        if (prop->set && !is_given(before, prop->name)) {
            offer(c, before, prop->name, "=", prop->description);
        }
    }
}

/* @prefix: (nullable) what an option puts before its value: "iothread," */
static void complete_object(const Completion *c, const char *prefix)
{
    g_autofree char *all = g_strconcat(prefix ? prefix : "", c->text, NULL);
    char *comma = strrchr(all, ',');
    g_autofree char *type = g_strndup(all, strcspn(all, ","));
    ObjectClass *klass = object_class_by_name(type);
    g_autofree char *before = NULL;
    char *equals;

    if (!comma) {
        offer_types(c);
    } else if (klass) {
        equals = strchr(comma, '=');
        before = g_strndup(all, (equals ? equals : comma) + 1 - all);
        if (equals) {
            *equals = '\0';
            offer_values(c, before + strlen(prefix ? prefix : ""),
                         object_class_property_find(klass, comma + 1));
        } else {
            /* The prefix is no part of the word on the line. */
            offer_properties(c, before + strlen(prefix ? prefix : ""), klass);
        }
    }
}

/* ---- Values and options ---- */

/* Offers words, the last of which is followed by NULL. */
static void offer_list(const Completion *c, const char *const *words)
{
    for (; *words; words++) {
        offer(c, "", *words, "", NULL);
    }
}

/* Values of any other kind have no words. */
static void complete_value(const Completion *c, const Option *option)
{
    static const char *const levels[] = { "error", "warning", "info", "debug",
                                          NULL };
    static const char *const addresses[] = { "stdio", "unix:", "tcp:", "fd:",
                                             NULL };
    static const char *const files[] = { "FILE", "DIR", "SOCKET", NULL };

    if (g_strv_contains(files, option->value)) {
        g_string_append(c->out, ":files\n");
    } else if (!strcmp(option->value, "OPTS")) {
        complete_object(c, option->prefix);
    } else if (!strcmp(option->value, "LEVEL")) {
        offer_list(c, levels);
    } else if (!strcmp(option->value, "ADDR")) {
        offer_list(c, addresses);
    }
}

/* Completes "-name" or, after a '=', a value. */
static void complete_option(const Option *table, const char *text,
                            GString *out)
{
    const char *value = NULL;
    const Option *option = option_is(text) ? options_find(table, text, &value)
                                           : NULL;
    const char *dashes = text[1] == '-' ? "--" : "-";
    Completion c = { text, "", out };

    if (option && value && option->kind != OPTION_FLAG) {
        g_autofree char *head = g_strndup(text, value - text);

        c = (Completion){ value, head, out };
        complete_value(&c, option);
        return;
    }
    for (option = table; option->name; option++) {
        /* Options without a text are not for users. */
        if (option->doc) {
            offer(&c, dashes, option->name, "", option->doc);
        }
    }
}

/* All words but the last say what the last one can be. */
void completion_append_words(const Option *table, char **words, GString *out)
{
    const Option *waiting = NULL; /* its value is the next word */

    for (; *words && words[1]; words++) {
        const char *value = NULL;

        if (waiting) {
            value = *words;
        } else if (option_is(*words)) {
            waiting = options_find(table, *words, &value);
        }
        if (waiting && value && !strcmp(waiting->name, "plugin")) {
            plugin_load(value, NULL);
        }
        if (waiting && (value || waiting->kind == OPTION_FLAG)) {
            waiting = NULL;
        }
    }
    if (*words && waiting) {
        const Completion c = { *words, "", out };

        complete_value(&c, waiting);
    } else if (*words && **words == '-') {
        complete_option(table, *words, out);
    }
}

/* ---- Scripts ---- */

/* The scripts for qom and qapi, as text */
static const char bash_script[] =
#include "service/qom.bash.inc"
    ;
static const char zsh_script[] =
#include "service/qom.zsh.inc"
    ;
static const char fish_script[] =
#include "service/qom.fish.inc"
    ;

/* Replaces all occurrences. */
static void replace(GString *text, const char *from, const char *to)
{
    g_auto(GStrv) parts = g_strsplit(text->str, from, -1);
    g_autofree char *joined = g_strjoinv(to, parts);

    g_string_assign(text, joined);
}

/* Each script names its programs once, and begins its functions with "_qom". */
bool completion_append_script(const char *shell, const char *program,
                              GString *out, Error **errp)
{
    const char *script = !strcmp(shell, "bash")   ? bash_script
                         : !strcmp(shell, "zsh")  ? zsh_script
                         : !strcmp(shell, "fish") ? fish_script
                                                  : NULL;
    g_autofree char *function = g_strconcat("_", program, NULL);
    g_autoptr(GString) text = g_string_new(script);

    if (!script) {
        error_setg(errp, "-completion: unknown shell '%s'; bash, zsh and fish "
                   "are known", shell);
        return false;
    }
    replace(text, "_qom", function);
    replace(text, "qom qapi", program);
    g_string_append(out, text->str);
    return true;
}
