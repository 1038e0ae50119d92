/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The servers that list an export.
 *
 * `server` is a link.  `servers` has names, which are resolved when the export
 * is completed; the links `servers[N]` then make the export a holder of each
 * server, so that none of them can be deleted before the export.
 */
#include "nbd-internal.h"

static void check_link(const Object *obj, const char *name, Object *target,
                       Error **errp)
{
    if (!NBD_EXPORT(obj)->is_linking) {
        error_setg(errp, "'%s' follows 'servers'", name);
    }
}

static bool add_link(NbdExport *export, unsigned index, NbdServer *server,
                     Error **errp)
{
    g_autofree char *name = g_strdup_printf("servers[%u]", index);
    bool ok;

    object_property_add_link(OBJECT(export), name, TYPE_NBD_SERVER,
                             &export->server_links[index], check_link,
                             OBJ_PROP_LINK_STRONG);
    export->is_linking = true;
    ok = object_property_set_link(OBJECT(export), name, OBJECT(server), errp);
    export->is_linking = false;
    return ok;
}

static bool add_server(NbdExport *export, const char *name, Error **errp)
{
    Object *server = object_resolve_path_type(name, TYPE_NBD_SERVER, NULL);
    unsigned index = export->n_servers;

    if (!server) {
        error_setg(errp, "servers[%u]: nbd-server '%s' not found", index,
                   name);
        return false;
    }
    if (!nbd_server_add_export(NBD_SERVER(server), export, errp)) {
        error_prepend(errp, "servers[%u]: ", index);
        return false;
    }
    if (!add_link(export, index, NBD_SERVER(server), errp)) {
        nbd_server_del_export(NBD_SERVER(server), export);
        return false;
    }
    export->n_servers++;
    return true;
}

static unsigned count_names(const strList *names)
{
    unsigned n = 0;

    for (; names; names = names->next) {
        n++;
    }
    return n;
}

bool nbd_export_publish(NbdExport *export, Error **errp)
{
    ERRP_GUARD();

    if (export->server && export->servers) {
        error_setg(errp, "'server' and 'servers' exclude each other");
        return false;
    }
    if (export->server) {
        return nbd_server_add_export(export->server, export, errp);
    }
    if (!export->servers) {
        error_setg(errp, "'server' must be set");
        return false;
    }
    export->server_links = g_new0(Object *, count_names(export->servers));
    for (strList *name = export->servers; name; name = name->next) {
        if (!add_server(export, name->value, errp)) {
            nbd_export_unpublish(export);
            return false;
        }
    }
    return true;
}

/* The links go with the object. */
void nbd_export_unpublish(NbdExport *export)
{
    if (export->server) {
        nbd_server_del_export(export->server, export);
    }
    for (unsigned i = 0; i < export->n_servers; i++) {
        nbd_server_del_export(NBD_SERVER(export->server_links[i]), export);
    }
    export->n_servers = 0;
}
