/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The interface between the files of the object model: the state of objects and
 * properties, finding a property, and a section for each file that others use.
 *
 * Other private headers:
 *
 *     class-internal.h            the seal of a class
 *     property-row-internal.h     rows: slots, ranges, storing a value
 *     object-pending-internal.h   hooks that run, and open change sets
 *     user-creatable-internal.h   what is below /objects
 *     object-apply-internal.h     applying a list of objects
 *
 * Thread: main, except that any thread may drop the last reference, see
 * qom/object.h
 */
#ifndef QOM_QOM_OBJECT_INTERNAL_H
#define QOM_QOM_OBJECT_INTERNAL_H

#include "qapi/qapi-slot.h"
#include "qom/class-internal.h"
#include "qom/object-messages-internal.h"
#include "qom/object-observer.h"
#include "qom/object.h"
#include "qom/property-table-internal.h"
#include "util/log.h"
#include "util/nesting.h"
#include "util/probe.h"

/* Object.state */
enum {
    OBJECT_COMPLETE = 1 << 0, /* PROPERTY_SET_CREATE rows are fixed */
    OBJECT_CHANGING = 1 << 1, /* there is an ObjectPending for it */
    OBJECT_DYING = 1 << 2,
    OBJECT_WATCHED = 1 << 3, /* changes are reported to the observer */
    OBJECT_UNANNOUNCED = 1 << 4, /* not reported to the observer yet */
    OBJECT_BUILTIN = 1 << 5, /* no part of the configuration */
};

/* ObjectProperty.state */
enum {
    PROPERTY_RELEASING = 1 << 0, /* its release hook is running */
    PROPERTY_IS_CHILD = 1 << 1,
    PROPERTY_OWNS_TYPE = 1 << 2, /* type is to be freed */
    PROPERTY_OWNS_DESCRIPTION = 1 << 3,
    PROPERTY_HIDDEN = 1 << 4, /* see object_property_hide() */
    PROPERTY_CREATE_ONLY = 1 << 5, /* of a row: PROPERTY_SET_CREATE */
    PROPERTY_GONE = 1 << 6, /* removed, but held: see object_property_hold() */
    PROPERTY_RELEASED = 1 << 7, /* its release hook has been called */
};

/* A link that has a target; it is in a list of each of the two objects. */
typedef struct LinkRecord {
    Object *holder;
    Object *target;
    ObjectProperty *prop; /* of the holder */
    Object **slot;        /* where the holder keeps the target */
    bool strong;
    struct LinkRecord *holder_next; /* extra->links of the holder */
    struct LinkRecord *target_next; /* extra->holders of the target */
    struct LinkRecord *target_prev;
    struct LinkRecord *prop_next; /* if a class declares it: prop->links */
    struct LinkRecord *prop_prev;
} LinkRecord;

/* Data that only some objects need */
struct ObjectExtra {
    PropertyList list;   /* instance properties, in order of declaration */
    PropertyTable table; /* the same by name */
    GHashTable *wildcards;      /* "name" of name[*] -> lowest index to try */
    LinkRecord *links;          /* links of this object that are set */
    LinkRecord *holders_first;  /* links to this object, oldest first */
    LinkRecord *holders_last;
};

/* object_extra: gets the data, allocating it if necessary */
struct ObjectExtra *object_extra(Object *obj);

/* ---- object-thread.c ---- */

/*
 * object_assert_main_thread: in builds with -Dthread_checks, abort unless the
 * main thread calls, which is the thread that has called it first; @obj is NULL
 * where no one object is concerned
 */
#ifdef QOM_THREAD_CHECKS
extern __thread bool object_in_main_thread
    __attribute__((tls_model("initial-exec")));

void object_check_thread(const char *func, const Object *obj);

#define object_assert_main_thread(obj)               \
    do {                                             \
        if (G_UNLIKELY(!object_in_main_thread)) {    \
            object_check_thread(__func__, obj);      \
        }                                            \
    } while (0)
#else
static inline void object_assert_main_thread(const Object *obj)
{
}
#endif

static inline ObjectProperty *object_find_instance_property(
    const Object *obj, const char *name, size_t name_len, uint32_t hash)
{
    return obj->extra ? property_table_find(&obj->extra->table, name,
                                            name_len, hash)
                      : NULL;
}

/* Searches the class and its parents first, then the object. */
static inline ObjectProperty *object_find_property_len(Object *obj,
                                                       const char *name,
                                                       size_t name_len,
                                                       uint32_t hash)
{
    ObjectProperty *prop = property_table_find(&class_seal(obj->klass)->table,
                                               name, name_len, hash);

    return prop ? prop
                : object_find_instance_property(obj, name, name_len, hash);
}

static inline ObjectProperty *object_find_property(Object *obj,
                                                   const char *name)
{
    ClassSeal *seal = class_seal(obj->klass);
    uintptr_t address = (uintptr_t)name;
    _Atomic(ObjectProperty *) *hint = &seal->recent[(address ^ address >> 4) &
                                                    (CLASS_SEAL_RECENT - 1)];
    /* Relaxed: class properties are complete before the seal is published. */
    ObjectProperty *prop = atomic_load_explicit(hint, memory_order_relaxed);
    size_t len;
    uint32_t hash;

    if (G_LIKELY(prop && !strcmp(prop->name, name))) {
        return prop;
    }
    len = strlen(name);
    hash = qom_name_hash_len(name, len);
    prop = property_table_find(&seal->table, name, len, hash);
    if (prop) {
        atomic_store_explicit(hint, prop, memory_order_relaxed);
        return prop;
    }
    return object_find_instance_property(obj, name, len, hash);
}

/* ---- object-tracking.c ---- */

extern atomic_bool object_tracking;

static inline bool object_is_tracking(void)
{
    return atomic_load_explicit(&object_tracking, memory_order_relaxed);
}

/* While tracking is on: @obj has been created, or is about to be freed. */
void object_tracking_add(Object *obj);
void object_tracking_remove(Object *obj);

/* ---- object-walk.c ---- */

typedef enum ObjectWalkStep {
    OBJECT_WALK_ON,   /* the children next */
    OBJECT_WALK_SKIP, /* but not those below this one */
    OBJECT_WALK_STOP,
} ObjectWalkStep;

typedef struct ObjectWalk {
    ObjectWalkStep (*enter)(Object *obj, void *opaque);
    /* (nullable) after all below @obj; of those that were ON */
    void (*leave)(Object *obj, void *opaque);
} ObjectWalk;

/*
 * object_walk: visits all objects below @obj, parents first, on a stack of its
 * own: a tree may be of any depth
 *
 * Returns: true; false when it was stopped
 */
bool object_walk(Object *obj, const ObjectWalk *walk, void *opaque);

/* ---- object-path.c ---- */

/* The index of properties that paths may follow, by name. */
void path_index_add(ObjectProperty *prop);
void path_index_remove(ObjectProperty *prop);
/*
 * path_index_add_record, path_index_remove_record: an object has set a link
 * that its class declares, or the link changes
 */
void path_index_add_record(LinkRecord *record);
void path_index_remove_record(LinkRecord *record);

/* ---- property-child.c ---- */

/*
 * object_property_take_child: object_property_try_add_child() that consumes
 * the caller's reference to @child on success
 */
ObjectProperty *object_property_take_child(Object *obj, const char *name,
                                           Object *child, Error **errp);

/* object_class_add_child_row: declares a row that is a child */
void object_class_add_child_row(ObjectClass *klass, const PropertyRow *row);

/*
 * property_creates_child: true for a class property that is a child; objects
 * have a property of their own of this name
 */
static inline bool property_creates_child(const ObjectProperty *prop)
{
    return (prop->state & PROPERTY_IS_CHILD) && !prop->owner;
}

/* property_child_row: the row of a property for which the above is true */
static inline const PropertyRow *property_child_row(const ObjectProperty *prop)
{
    return prop->opaque;
}

/* object_children_create: creates the children that the class declares */
void object_children_create(Object *obj);
/* object_children_complete: completes them; false with @errp set on failure */
bool object_children_complete(Object *obj, Error **errp);
/* object_children_drop: drops the references of the fields */
void object_children_drop(Object *obj);
/* object_child_has_field: true if a field of the parent has a reference */
bool object_child_has_field(const Object *child);

/* object_has_child_rows: true if the class or a parent declares children */
static inline bool object_has_child_rows(const Object *obj)
{
    return *class_seal(obj->klass)->children;
}

/* object_complete: ends the creation of an object of any class */
bool object_complete(Object *obj, Error **errp);

/* ---- property-link.c ---- */

/* object_class_add_link_row: declares a row that is a link */
void object_class_add_link_row(ObjectClass *klass, const PropertyRow *row);

/* property_link_row: the row that declared a link; NULL if none did */
const PropertyRow *property_link_row(const ObjectProperty *prop);

/*
 * object_row_link_finish: ends a change of a link of a row: drops the reference
 * to @old if @keep is true; otherwise restores @old and drops the reference to
 * the present target
 */
void object_row_link_finish(Object *obj, const PropertyRow *row, Object *old,
                            bool keep);

/* ---- link-record.c ---- */

/* object_links_release: forgets all links that @obj has set */
void object_links_release(Object *obj);

/* object_links_clear: sets all links of @obj to nothing; hold a reference */
void object_links_clear(Object *obj);

/* object_holders_release: @obj is going: clear the weak links to it */
void object_holders_release(Object *obj);

/* ---- property-accessors.c ---- */

/*
 * object_property_enum_lookup: the names of the values that the property, or
 * each element of its list, can have; NULL if that is no enumeration
 */
const QEnumLookup *object_property_enum_lookup(const ObjectProperty *prop);

/* ---- suggestions.c ---- */

/*
 * The functions below append "Did you mean 'x'?" to the hint of an error about
 * a name that does not exist, if there is a similar one; *@errp is set, and
 * the caller has used ERRP_GUARD().
 */

/* suggest_type: of the types that object_class_foreach() returns */
void suggest_type(const char *name, const char *implements, bool abstract,
                  Error *const *errp);

/* suggest_property: of the properties of @obj and its class */
void suggest_property(Object *obj, const char *name, Error *const *errp);

/* suggest_class_property: if @settable, of those that can be set */
void suggest_class_property(ObjectClass *klass, const char *name,
                            bool settable, Error *const *errp);

/* ---- property.c ---- */

/* object_property_remove: calls the release hook, then delete @prop */
void object_property_remove(Object *obj, ObjectProperty *prop);

/*
 * object_property_insert: a new instance property, with nothing but its name,
 * type and opaque set; NULL with @errp set when the name is taken
 */
ObjectProperty *object_property_insert(Object *obj, const char *name,
                                       const char *type, Error **errp);

/* object_class_property_insert: the same for a class; aborts */
ObjectProperty *object_class_property_insert(ObjectClass *klass,
                                             const char *name,
                                             const char *type);

/*
 * object_property_hide: takes an instance property out of its object, so that
 * no name, path or iteration leads to it; a child keeps its canonical path
 */
void object_property_hide(ObjectProperty *prop);

/* object_property_show: undoes hiding; it is the last one, its name is free */
void object_property_show(ObjectProperty *prop);

/* object_property_move_last: makes it the last one in order of declaration */
void object_property_move_last(ObjectProperty *prop);

/*
 * object_property_hold: keeps a property while its accessor runs, even if it is
 * removed in the meantime: its release hook, unless it is a child, and its
 * memory then wait for object_property_drop().  Hold the object, too.
 */
static inline void object_property_hold(ObjectProperty *prop)
{
    if (prop->owner) { /* properties of classes stay */
        prop->n_holders++;
    }
}

void object_property_drop(ObjectProperty *prop);

/*
 * object_property_hold_all: the properties of @obj, each of them held, in the
 * order of iteration; for functions that call accessors on the way.  Those
 * with PROPERTY_GONE have been removed since.  (transfer full)
 */
GPtrArray *object_property_hold_all(Object *obj);

/* object_property_set_prop: writes a property that has been found */
bool object_property_set_prop(Object *obj, ObjectProperty *prop, Visitor *v,
                              Error **errp);

/* ---- object-observer.c ---- */

extern const ObjectObserver *object_observer;
extern LogArea qom_log;

/* object_is_observed: true if new and deleted objects are reported or logged */
static inline bool object_is_observed(void)
{
    return G_UNLIKELY(object_observer) || log_is_on(&qom_log, LOG_LEVEL_INFO);
}

/* If objects are observed: @obj has got a parent or is complete */
void object_observe_added(Object *obj);
/* If objects are observed: @obj is about to lose its parent */
void object_observe_deleted(Object *obj);

/* object_report_changed: object_property_changed() in the main thread */
void object_report_changed_slow(Object *obj, const char *name);
static inline void object_report_changed(Object *obj, const char *name)
{
    PROBE(property_changed, obj, name);
    if (G_UNLIKELY(obj->state & OBJECT_WATCHED) ||
        log_is_on(&qom_log, LOG_LEVEL_DEBUG)) {
        object_report_changed_slow(obj, name);
    }
}

#endif
