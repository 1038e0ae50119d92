/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * - The *table* has each tracked object, with its number in the order of
 *   creation.  Any thread may create and free objects, so it has a lock.
 * - The *holders* of an object are its parent and the objects with strong links
 *   to it.  The count of references tells how many others there are.
 */
#include "qom/object-tracking.h"
#include "qom/object-internal.h"

/* Tested when an object is created or freed; never reset. */
atomic_bool object_tracking;

static GMutex lock;
static GHashTable *table; /* Object -> its number, uint64_t */
static uint64_t n_tracked;

uint64_t object_tracking_start(void)
{
    uint64_t since;

    g_mutex_lock(&lock);
    if (!table) {
        table = g_hash_table_new_full(NULL, NULL, NULL, g_free);
        atomic_store_explicit(&object_tracking, true, memory_order_relaxed);
    }
    since = n_tracked;
    g_mutex_unlock(&lock);
    return since;
}

void object_tracking_add(Object *obj)
{
    g_mutex_lock(&lock);
    n_tracked++;
    g_hash_table_insert(table, obj, g_memdup2(&n_tracked, sizeof(n_tracked)));
    g_mutex_unlock(&lock);
}

void object_tracking_remove(Object *obj)
{
    g_mutex_lock(&lock);
    g_hash_table_remove(table, obj);
    g_mutex_unlock(&lock);
}

/* ---- The report ---- */

/* Containers of the two trees stay until the process ends. */
static bool is_permanent(Object *obj)
{
    const Object *top = obj;

    while (top->parent) {
        top = top->parent;
    }
    return g_str_equal(object_get_typename(obj), TYPE_CONTAINER) &&
           (top == object_get_root() || top == object_get_internal_root());
}

/* Returns: (transfer full) its path, or its address if it has none */
static char *describe(Object *obj)
{
    char *path = object_get_canonical_path(obj);

    return path ? path : g_strdup_printf("%p", (void *)obj);
}

/*
 * Counts the references that are known, to find out whether there are others.
 * A weak link holds no reference.
 */
static void append_line(GString *text, Object *obj)
{
    uint32_t n_refs = atomic_load_explicit(&obj->ref, memory_order_relaxed);
    uint32_t n_known = 0;
    g_autofree char *name = describe(obj);
    const char *separator = ": ";

    g_string_append_printf(text, "%s (%s): %u reference%s", name,
                           object_get_typename(obj), n_refs,
                           n_refs == 1 ? "" : "s");
    if (obj->parent) {
        g_string_append(text, ": its parent");
        separator = ", ";
        n_known += object_child_has_field(obj) ? 2 : 1;
    }
    for (LinkRecord *link = obj->extra ? obj->extra->holders_first : NULL;
         link; link = link->target_next) {
        g_autofree char *holder = NULL;

        if (link->strong) {
            holder = describe(link->holder);
            g_string_append_printf(text, "%s%s.%s", separator, holder,
                                   link->prop->name);
            separator = ", ";
            n_known++;
        }
    }
    /* References of C code have no name. */
    if (n_known < n_refs) {
        g_string_append_printf(text, "%sunknown", separator);
    }
    g_string_append_c(text, '\n');
}

/* The order of a hash table differs between runs, that of creation does not. */
static int compare_numbers(const void *a, const void *b)
{
    uint64_t x = *(uint64_t *)g_hash_table_lookup(table, *(Object **)a);
    uint64_t y = *(uint64_t *)g_hash_table_lookup(table, *(Object **)b);

    return x < y ? -1 : x > y;
}

char *object_tracking_report(uint64_t since)
{
    GPtrArray *objects;
    GString *text;
    GHashTableIter iter;
    void *obj;
    void *number;

    /* A program may ask before it has registered the types of the roots. */
    if (object_tracking_start() == since) {
        return NULL;
    }
    /* If these create the roots, they take the lock. */
    object_get_root();
    object_get_internal_root();
    objects = g_ptr_array_new();
    text = g_string_new(NULL);
    g_mutex_lock(&lock);
    g_hash_table_iter_init(&iter, table);
    while (g_hash_table_iter_next(&iter, &obj, &number)) {
        if (*(uint64_t *)number > since && !is_permanent(obj)) {
            g_ptr_array_add(objects, obj);
        }
    }
    g_ptr_array_sort(objects, compare_numbers);
    for (guint i = 0; i < objects->len; i++) {
        append_line(text, objects->pdata[i]);
    }
    g_mutex_unlock(&lock);
    g_ptr_array_unref(objects);
    return g_string_free(text, text->len == 0);
}
