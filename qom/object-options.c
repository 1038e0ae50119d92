/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * ObjectOptions, the type of the arguments of object-add, for introspection.
 *
 * It is built on request, for query-qmp-schema: a union with a branch for each
 * user-creatable class.
 * The members of a branch are read from the property table of the class.
 * Classes that C code or a plugin has registered are therefore described like
 * those of a schema.
 */
#include "qapi/json/json.h"
#include "qapi/schema-info.h"
#include "qom/property-row-internal.h"
#include "qom/user-creatable.h"

#include <string.h>

/* Allocates memory that the caller of object_options() frees with @garbage. */
static gpointer garbage_new(GPtrArray *garbage, size_t n_bytes)
{
    gpointer memory = g_malloc0(n_bytes);

    g_ptr_array_add(garbage, memory);
    return memory;
}

/* Has a text freed with @garbage; returns the text. */
static char *garbage_take(GPtrArray *garbage, char *text)
{
    g_ptr_array_add(garbage, text);
    return text;
}

/* "main-loop" becomes "MainLoopProperties" */
static char *properties_type_name(const char *class_name)
{
    GString *name = g_string_new(NULL);
    bool upper = true;

    for (; *class_name; class_name++) {
        if (!g_ascii_isalnum(*class_name)) {
            upper = true;
            continue;
        }
        g_string_append_c(name, upper ? g_ascii_toupper(*class_name)
                                      : *class_name);
        upper = false;
    }
    g_string_append(name, "Properties");
    return g_string_free(name, FALSE);
}

/* Properties with accessors only have the name of their type. */
static const QapiType *type_of_property(const ObjectProperty *prop)
{
    static const QapiType *const known[] = {
        &qapi_type_bool,   &qapi_type_int,    &qapi_type_int8,
        &qapi_type_int16,  &qapi_type_int32,  &qapi_type_int64,
        &qapi_type_uint8,  &qapi_type_uint16, &qapi_type_uint32,
        &qapi_type_uint64, &qapi_type_size,   &qapi_type_number,
        &qapi_type_str,
    };

    if (prop->row && prop->row->type) {
        return prop->row->type;
    }
    if (!strcmp(prop->type, "string") || g_str_has_prefix(prop->type,
                                                          "link<")) {
        return &qapi_type_str;
    }
    for (size_t i = 0; i < G_N_ELEMENTS(known); i++) {
        if (!strcmp(prop->type, known[i]->name)) {
            return known[i];
        }
    }
    /* Clients may send any value; the setter rejects the wrong ones. */
    return &qapi_type_any;
}

/* The facts of a property that a QAPI member of a struct does not have. */
static const QapiMemberDetails *details_of(const ObjectProperty *prop,
                                           GPtrArray *garbage)
{
    QapiMemberDetails *details = garbage_new(garbage, sizeof(*details));
    const PropertyRow *row = prop->row;

    details->set =
        object_property_mutability(prop) == PROPERTY_SET_CREATE ? "create"
                                                                : "any-time";
    if (prop->defval) {
        GString *text = g_string_new(NULL);

        json_write(text, prop->defval, false);
        details->def = garbage_take(garbage, g_string_free(text, FALSE));
    }
    if (!row) {
        return details;
    }
    details->unit = row->unit;
    if (property_row_flags(row) & PROPERTY_HAS_MIN) {
        details->min = garbage_take(garbage,
                                    property_row_value_text(row, row->min));
    }
    if (property_row_flags(row) & PROPERTY_HAS_MAX) {
        details->max = garbage_take(garbage,
                                    property_row_value_text(row, row->max));
    }
    return details;
}

/*
 * Appends a member for each property that can be set, those of the parents
 * first, as in a struct with a base.
 */
static void add_members(ObjectClass *klass, GArray *members,
                        GPtrArray *garbage)
{
    ObjectClass *parent = object_class_get_parent(klass);
    ObjectPropertyIterator iter;
    ObjectProperty *prop;

    if (parent) {
        add_members(parent, members, garbage);
    }
    object_class_property_iter_init(&iter, klass);
    while ((prop = object_property_iter_next(&iter))) {
        QapiMember member = {
            .name = prop->name,
            .type = type_of_property(prop),
            .optional = true,
            .doc = prop->description,
        };

        if (parent && object_class_property_find(parent, prop->name)) {
            break; /* here the parents' own begin */
        }
        if (prop->set) {
            member.details = details_of(prop, garbage);
            if (prop->row) {
                member.features = prop->row->features;
            }
            g_array_append_val(members, member);
        }
    }
}

/* A struct with a member for each property of the class that can be set. */
static const QapiType *properties_type(ObjectClass *klass, GPtrArray *garbage)
{
    GArray *members = g_array_new(FALSE, TRUE, sizeof(QapiMember));
    QapiType *type = garbage_new(garbage, sizeof(*type));

    add_members(klass, members, garbage);
    type->kind = QAPI_KIND_STRUCT;
    type->name = garbage_take(garbage, properties_type_name(
                                           object_class_get_name(klass)));
    type->n_members = members->len;
    type->members = (QapiMember *)g_array_free(members, FALSE);
    g_ptr_array_add(garbage, (gpointer)type->members);
    return type;
}

/* The enum of the discriminator: the names of the classes. */
static const QapiType *object_type(GSList *classes, GPtrArray *garbage)
{
    guint n_classes = g_slist_length(classes);
    QapiType *type = garbage_new(garbage, sizeof(*type));
    QEnumLookup *lookup = garbage_new(garbage, sizeof(*lookup));
    const char **names = garbage_new(garbage, n_classes * sizeof(*names));

    lookup->array = names;
    lookup->size = n_classes;
    type->name = "ObjectType";
    type->kind = QAPI_KIND_ENUM;
    type->lookup = lookup;
    for (; classes; classes = classes->next) {
        *names++ = object_class_get_name(classes->data);
    }
    return type;
}

/* Builds the union.  Everything that it points to is added to @garbage. */
static const QapiType *object_options(GPtrArray *garbage)
{
    g_autoptr(GSList) classes = object_class_get_list(TYPE_USER_CREATABLE,
                                                      false);
    QapiType *type = garbage_new(garbage, sizeof(*type));
    QapiMember *members = garbage_new(garbage, 2 * sizeof(*members));
    QapiBranch *branches;

    members[0].name = "qom-type";
    members[0].type = object_type(classes, garbage);
    members[1].name = "id";
    members[1].type = &qapi_type_str;
    /* The name and the two members are those of QEMU's schema. */
    type->name = "ObjectOptions";
    type->kind = QAPI_KIND_UNION;
    type->members = members;
    type->n_members = 2;
    type->n_branches = g_slist_length(classes);
    branches = garbage_new(garbage, type->n_branches * sizeof(*branches));
    type->branches = branches;
    for (GSList *l = classes; l; l = l->next, branches++) {
        branches->name = object_class_get_name(l->data);
        /* The index in the list is the value of the enum. */
        branches->value = branches - type->branches;
        branches->type = properties_type(l->data, garbage);
    }
    return type;
}

/* Without this, "qapi/schema-info.h" would know only types of commands. */
static void object_options_register(void)
{
    qapi_schema_info_provide("ObjectOptions", object_options);
}

module_init(object_options_register, MODULE_INIT_QMP)
