/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The command query-qmp-schema.  It reads its own arguments, because its schema
 * says 'gen': false.
 */
#include "qapi/visitor/json-visitor.h"
#include "qapi/schema-info.h"
#include "qmp/qapi-commands-introspect.h"

static bool visit_flag(Visitor *v, const char *name, bool *flag, Error **errp)
{
    bool present = false;

    return !visit_optional(v, name, &present) ||
           visit_type_bool(v, name, flag, errp);
}

bool qmp_query_qmp_schema(JsonNode *args, JsonNode **ret, Error **errp)
{
    g_autoptr(Visitor) v = json_input_visitor_new(args);
    bool unmask = false;
    bool details = false;
    bool ok;

    if (!visit_start_struct(v, NULL, NULL, 0, errp)) {
        return false;
    }
    ok = visit_flag(v, "unmask", &unmask, errp) &&
         visit_flag(v, "details", &details, errp) &&
         visit_check_struct(v, errp);
    visit_end_struct(v, NULL);
    if (ok) {
        *ret = qapi_schema_info(unmask, details);
    }
    return ok;
}
