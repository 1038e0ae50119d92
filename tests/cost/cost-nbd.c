/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Cases of the exports of one NBD server.
 *
 * The exports are not completed, because a loop that opens a drive takes as
 * many instructions as it waits.  They are listed by the server, and one
 * replaces another as object_apply() does it: it hides the old one.
 */
#include "plugins/nbd/nbd-internal.h"
#include "qom/object-internal.h"
#include "qom/user-creatable.h"
#include "tests/cost/cost.h"

static NbdServer *server;
static GPtrArray *added; /* NbdExport, in order of creation */

static void add_exports(unsigned n)
{
    for (unsigned i = 0; i < n; i++) {
        g_autofree char *id = g_strdup_printf("e%u", i);
        NbdExport *export = NBD_EXPORT(object_new(TYPE_NBD_EXPORT));

        object_property_set_str(OBJECT(export), "drive", "d0", &error_abort);
        object_property_set_str(OBJECT(export), "server", "s0", &error_abort);
        object_property_add_child(object_get_objects_root(), id,
                                  OBJECT(export));
        nbd_server_add_export(server, export, &error_abort);
        g_ptr_array_add(added, export);
    }
}

static void start_with_exports(unsigned n)
{
    aio_main_context_init(&error_abort); /* waiting needs it */
    user_creatable_add_from_str("block-null,id=d0,size=1M", &error_abort);
    server = NBD_SERVER(object_new(TYPE_NBD_SERVER));
    object_property_add_child(object_get_objects_root(), "s0", OBJECT(server));
    object_unref(OBJECT(server));
    added = g_ptr_array_new_with_free_func(object_unref);
    add_exports(n);
}

/* They take the places of those that exist. */
static void start_with_replaced(unsigned n)
{
    start_with_exports(n);
    for (unsigned i = 0; i < n; i++) {
        object_property_hide(OBJECT(added->pdata[i])->parent_link);
    }
    add_exports(n);
}

static void make_nothing(GString *text, unsigned n)
{
}

/* Deletes the newest n first, as object_apply() does after a failure. */
static void delete_newest(const char *text)
{
    unsigned n = added->len;

    for (unsigned i = n; i > n / 2; i--) {
        object_unparent(added->pdata[i - 1]);
    }
}

static void delete_oldest(const char *text)
{
    for (unsigned i = 0; i < added->len / 2; i++) {
        object_unparent(added->pdata[i]);
    }
}

static void stop(void)
{
    for (guint i = 0; i < added->len; i++) {
        object_unparent(added->pdata[i]);
    }
    g_clear_pointer(&added, g_ptr_array_unref);
    object_unparent(OBJECT(server));
    user_creatable_del("d0", &error_abort);
}

const CostCase cost_nbd_cases[] = {
    { "nbd/delete-newest", 250, make_nothing, delete_newest,
      start_with_exports, stop, true },
    { "nbd/delete-replacing", 250, make_nothing, delete_newest,
      start_with_replaced, stop, true },
    { "nbd/delete-replaced", 250, make_nothing, delete_oldest,
      start_with_replaced, stop, true },
    { }
};
