/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The hints of errors about types and properties that do not exist: the name
 * that was probably meant.
 *
 * The messages stay as clients know them; only the hint, which QMP appends to
 * the description on a line of its own, has the suggestion.
 */
#include "qapi/suggestion.h"
#include "qom/object-internal.h"

/*
 * /objects may have any number of children, and an error must not take longer
 * the more there are.  No class has as many properties.
 */
#define MAX_PROPERTIES 1000

static void offer_type(ObjectClass *klass, void *opaque)
{
    if (!object_class_is_interface(klass)) {
        suggestion_offer(opaque, object_class_get_name(klass));
    }
}

void suggest_type(const char *name, const char *implements, bool abstract,
                  Error *const *errp)
{
    Suggestion suggestion;

    suggestion_init(&suggestion, name);
    object_class_foreach(offer_type, implements, abstract, &suggestion);
    suggestion_append_hint(&suggestion, errp);
}

static void suggest(ObjectPropertyIterator *iter, const char *name,
                    bool settable, Error *const *errp)
{
    Suggestion suggestion;
    ObjectProperty *prop;

    suggestion_init(&suggestion, name);
    for (int i = 0; i < MAX_PROPERTIES &&
                    (prop = object_property_iter_next(iter)); i++) {
        if (!settable || prop->set) {
            suggestion_offer(&suggestion, prop->name);
        }
    }
    suggestion_append_hint(&suggestion, errp);
}

void suggest_property(Object *obj, const char *name, Error *const *errp)
{
    ObjectPropertyIterator iter;

    object_property_iter_init(&iter, obj);
    suggest(&iter, name, false, errp);
}

void suggest_class_property(ObjectClass *klass, const char *name,
                            bool settable, Error *const *errp)
{
    ObjectPropertyIterator iter;

    object_class_property_iter_init(&iter, klass);
    suggest(&iter, name, settable, errp);
}
