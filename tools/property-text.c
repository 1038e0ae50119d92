/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Texts become values of properties.
 *
 * Form    which JSON type a text becomes.  The type of the property says it; if
 *         it is an enumeration or another type that only the program knows, its
 *         present value does.
 */
#include "tools/property-text.h"
#include "qapi/json/json.h"
#include "qapi/scalar-text.h"

#include <string.h>

typedef enum Form {
    FORM_ANY, /* JSON if it is JSON, otherwise a string */
    FORM_STRING,
    FORM_BOOLEAN,
    FORM_INTEGER,
    FORM_SIZE,
    FORM_NUMBER,
} Form;

/* The types that QOM's own accessors give to properties */
static const struct {
    const char *type;
    Form form;
} forms[] = {
    { "string", FORM_STRING },   { "str", FORM_STRING },
    { "bool", FORM_BOOLEAN },    { "int", FORM_INTEGER },
    { "int8", FORM_INTEGER },    { "int16", FORM_INTEGER },
    { "int32", FORM_INTEGER },   { "int64", FORM_INTEGER },
    { "uint8", FORM_INTEGER },   { "uint16", FORM_INTEGER },
    { "uint32", FORM_INTEGER },  { "uint64", FORM_INTEGER },
    { "size", FORM_SIZE },       { "number", FORM_NUMBER },
};

/* Returns the form that the value of a property has at present. */
static Form form_of_value(JsonNode *value)
{
    switch (value ? json_qtype(value) : QTYPE_NONE) {
    case QTYPE_QSTRING:
        return FORM_STRING;
    case QTYPE_QBOOL:
        return FORM_BOOLEAN;
    case QTYPE_QNUM:
        return json_number_is_integer(value) ? FORM_INTEGER : FORM_NUMBER;
    default:
        return FORM_ANY;
    }
}

/* Returns the form of a type; FORM_ANY if only the program knows it. */
static Form form_of_type(const char *type)
{
    if (g_str_has_prefix(type, "link<")) {
        return FORM_STRING;
    }
    for (size_t i = 0; i < G_N_ELEMENTS(forms); i++) {
        if (!strcmp(type, forms[i].type)) {
            return forms[i].form;
        }
    }
    return FORM_ANY;
}

bool property_text_knows(const char *type)
{
    return form_of_type(type) != FORM_ANY;
}

/* Returns (transfer full) NULL if @text has not the form. */
static JsonNode *parse_form(Form form, const char *text)
{
    JsonNode *node;
    bool flag;
    int64_t i;
    uint64_t u;
    double number;

    switch (form) {
    case FORM_STRING:
        return json_text_new(text);
    case FORM_BOOLEAN:
        return scalar_parse_bool(text, &flag)
                   ? json_node_init_boolean(json_node_alloc(), flag)
                   : NULL;
    case FORM_INTEGER:
        if (scalar_parse_int64(text, &i)) {
            return json_number_new_int64(i);
        }
        return scalar_parse_uint64(text, &u) ? json_number_new_uint64(u)
                                             : NULL;
    case FORM_SIZE:
        return scalar_parse_size(text, &u) ? json_number_new_uint64(u) : NULL;
    case FORM_NUMBER:
        return scalar_parse_number(text, &number)
                   ? json_number_new_double(number)
                   : NULL;
    case FORM_ANY:
        node = json_parse(text, -1, NULL);
        return node ? node : json_text_new(text);
    }
    g_assert_not_reached();
}

/*
 * QEMU lists some properties that are lists by the type of their elements, so a
 * list as JSON is accepted for every type but strings.
 */
JsonNode *property_text_parse(const char *name, const char *type,
                              JsonNode *present, const char *text,
                              Error **errp)
{
    static const char *const expected[] = {
        [FORM_BOOLEAN] = "boolean",
        [FORM_INTEGER] = "integer",
        [FORM_SIZE] = "a size value representible as a 64-bit integer",
        [FORM_NUMBER] = "number",
    };
    Form form = form_of_type(type);
    JsonNode *node;

    if (form == FORM_ANY) {
        form = form_of_value(present);
    }
    if (form != FORM_STRING && *text == '[') {
        return json_parse(text, -1, errp);
    }
    node = parse_form(form, text);
    if (!node) {
        error_setg(errp, "Invalid parameter type for '%s', expected: %s", name,
                   expected[form]);
    }
    return node;
}
