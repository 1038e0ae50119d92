/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The help that `-object help` and `-object TYPE,help` print.  It is read from
 * the classes, so it cannot differ from what they accept.
 */
#include "qapi/json/json.h"
#include "qapi/visitor/keyval.h"
#include "qom/property-row-internal.h"
#include "qom/user-creatable-internal.h"
#include "qom/user-creatable.h"

/* Lists the types that -object can create, abstract ones excepted. */
static char *help_types(void)
{
    GString *text = g_string_new("List of user creatable objects:\n");
    g_autoptr(GSList) list = object_class_get_list_sorted(TYPE_USER_CREATABLE,
                                                          false);

    for (GSList *l = list; l; l = l->next) {
        g_string_append_printf(text, "  %s\n",
                               object_class_get_name(l->data));
    }
    return g_string_free(text, FALSE);
}

/* @flag tells whether the row has this bound; 0 is a valid one. */
static void append_bound(GString *text, const PropertyRow *row,
                         const char *name, unsigned flag, PropertyValue value)
{
    g_autofree char *bound = NULL;

    if (property_row_flags(row) & flag) {
        bound = property_row_value_text(row, value);
        g_string_append_printf(text, ", %s: %s", name, bound);
    }
}

/* Appends ", values: a | b" to the facts, which commas separate. */
static void append_values(GString *text, const QEnumLookup *lookup)
{
    const char *separator = ", values: ";

    for (int i = 0; i < lookup->size; i++) {
        /* The build leaves values out by their 'if'. */
        if (lookup->array[i]) {
            g_string_append_printf(text, "%s%s", separator, lookup->array[i]);
            separator = " | ";
        }
    }
}

/*
 * Appends " (default: 0, min: 0, unit: ns)", if there is anything to append.
 */
static void append_facts(GString *text, const ObjectProperty *prop)
{
    const QEnumLookup *lookup = object_property_enum_lookup(prop);
    g_autoptr(GString) facts = g_string_new(NULL);

    if (prop->defval) {
        g_string_append(facts, ", default: ");
        json_write(facts, prop->defval, false);
    }
    if (lookup) {
        append_values(facts, lookup);
    }
    if (prop->row) {
        append_bound(facts, prop->row, "min", PROPERTY_HAS_MIN, prop->row->min);
        append_bound(facts, prop->row, "max", PROPERTY_HAS_MAX, prop->row->max);
        if (prop->row->unit) {
            g_string_append_printf(facts, ", unit: %s", prop->row->unit);
        }
    }
    if (object_property_mutability(prop) == PROPERTY_SET_CREATE) {
        g_string_append(facts, ", only when it is made");
    }
    if (facts->len) {
        g_string_append_printf(text, " (%s)", facts->str + 2);
    }
}

static gint compare_property_names(gconstpointer a, gconstpointer b)
{
    return g_ascii_strcasecmp(((const ObjectProperty *)a)->name,
                              ((const ObjectProperty *)b)->name);
}

/*
 * Lists what -object can set, sorted by name: users look for a name, not for
 * the order of declaration.
 */
static char *help_properties(ObjectClass *klass)
{
    GString *text = g_string_new(NULL);
    g_autoptr(GSList) list = NULL;
    ObjectPropertyIterator iter;
    ObjectProperty *prop;

    object_class_property_iter_init(&iter, klass);
    while ((prop = object_property_iter_next(&iter))) {
        if (prop->set) {
            list = g_slist_insert_sorted(list, prop, compare_property_names);
        }
    }
    g_string_printf(text, list ? "%s options:\n"
                               : "There are no options for %s.\n",
                    object_class_get_name(klass));
    for (GSList *l = list; l; l = l->next) {
        g_autofree char *head = NULL;

        prop = l->data;
        head = g_strdup_printf("%s=<%s>", prop->name, prop->type);
        g_string_append_printf(text, "  %-24s - %s", head,
                               prop->description ? prop->description : "");
        append_facts(text, prop);
        g_string_append_c(text, '\n');
    }
    return g_string_free(text, FALSE);
}

/* Help about a type that cannot be created is the list of those that can. */
char *user_creatable_help(const char *optarg)
{
    g_autoptr(Keyval) keyval = NULL;
    ObjectClass *klass = NULL;
    bool help = false;

    if (*optarg == '{') {
        return NULL;
    }
    keyval = keyval_parse_entries(optarg, KEY_TYPE, &help, NULL);
    /* Text with an error is no request for help; creating reports the error. */
    if (!keyval || !help) {
        return NULL;
    }
    for (size_t i = 0; i < keyval->n_entries; i++) {
        const KeyvalEntry *entry = &keyval->entries[i];

        if (!strcmp(entry->key, KEY_TYPE) && entry->text) {
            klass = object_class_by_name(entry->text);
        }
    }
    if (!klass || object_class_is_abstract(klass) ||
        !object_class_dynamic_cast(klass, TYPE_USER_CREATABLE)) {
        return help_types();
    }
    return help_properties(klass);
}
