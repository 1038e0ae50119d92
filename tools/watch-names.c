/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Events of any program.  The schema of the program says which there are, so
 * that a misspelt name does not wait without end.  Nothing else of an event is
 * checked: it is printed as it came.
 */
#include "tools/watch-names.h"
#include "qapi/json/json.h"
#include "qapi/suggestion.h"
#include "tools/output.h"
#include "util/safe-text.h"
#include "tools/target-info.h"
#include "tools/target.h"

#include <string.h>

/* Sets an error that there is no such event. */
static void set_unknown(const QapiInfo *info, const char *name, Error **errp)
{
    ERRP_GUARD();
    g_autoptr(GPtrArray) known = qapi_info_names(info, "event");
    Suggestion near;

    suggestion_init(&near, name);
    for (guint i = 0; i < known->len; i++) {
        suggestion_offer(&near, known->pdata[i]);
    }
    error_setg(errp, "'%s' has no event '%s'", target_name(), name);
    suggestion_append_hint(&near, errp);
}

/* Without introspection it is QEMU's guest agent, which has no events. */
bool watch_names_check(char *const *names, Error **errp)
{
    const QapiInfo *info;

    if (!target_info(&info, errp)) {
        return false;
    }
    if (!info) {
        error_set(errp, ERROR_CLASS_COMMAND_NOT_FOUND, "it has no events");
        return false;
    }
    for (; *names; names++) {
        if (!qapi_info_has(info, "event", *names)) {
            set_unknown(info, *names, errp);
            return false;
        }
    }
    return true;
}

/* Returns (borrowed) the event's name; NULL if it has none. */
static const char *name_of(JsonNode *event)
{
    JsonNode *name =
        json_object_get_member(json_node_get_object(event), "event");

    return name && json_qtype(name) == QTYPE_QSTRING
               ? json_node_get_string(name)
               : NULL;
}

/* Events are few, so the names are searched one by one. */
bool watch_names_want(char *const *names, JsonNode *event)
{
    const char *name = name_of(event);

    return name && (!*names || g_strv_contains((const char *const *)names,
                                               name));
}

/* The data is on the same line, so that tools can read lines. */
int watch_names_output(JsonNode *event)
{
    g_autoptr(GString) text = g_string_new(NULL);
    JsonNode *data =
        json_object_get_member(json_node_get_object(event), "data");

    safe_text_append(text, name_of(event), "");
    if (data) {
        g_string_append_c(text, ' ');
        json_write(text, data, false);
    }
    g_string_append_c(text, '\n');
    return output_text(text->str);
}
