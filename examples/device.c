/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A type that users make, whose work is done in an iothread: rows with a link
 * to the iothread, a check across properties, and `complete`.  The program
 * makes one as a user would and shows what is refused.
 */
#include "iothread/iothread.h"
#include "qom/user-creatable.h"
#include "util/module.h"

#include <inttypes.h>
#include <stdio.h>

#define TYPE_BLINKER "blinker"
OBJECT_DECLARE_SIMPLE_TYPE(Blinker, BLINKER)

struct Blinker {
    Object parent_obj;

    int64_t on_ns;
    int64_t period_ns;
    IOThread *iothread;
    AioContext *ctx; /* NULL until complete */
};

OBJECT_DEFINE_SIMPLE_TYPE_WITH_INTERFACES(Blinker, blinker, BLINKER, OBJECT,
                                          { TYPE_USER_CREATABLE }, { NULL })

static const PropertyRow blinker_rows[] = {
    PROPERTY_INT("on", Blinker, on_ns, .def = 1000, .min = 0, .unit = "ns",
                 .doc = "how long it is lit, at most period"),
    PROPERTY_INT("period", Blinker, period_ns, .def = 2000, .min = 1,
                 .unit = "ns", .doc = "time from one light to the next"),
    PROPERTY_LINK("iothread", Blinker, iothread, IOThread, TYPE_IOTHREAD,
                  .set = PROPERTY_SET_CREATE,
                  .doc = "the thread that does it"),
    PROPERTY_END
};

/* Called once for a whole change; refusing puts all old values back. */
static bool blinker_changed(Object *obj, Error **errp)
{
    const Blinker *blinker = BLINKER(obj);

    if (blinker->on_ns > blinker->period_ns) {
        error_setg(errp, "'on' must be at most 'period'");
        return false;
    }
    return true;
}

static void blinker_complete(UserCreatable *uc, Error **errp)
{
    Blinker *blinker = BLINKER(uc);

    if (!blinker->iothread) {
        error_setg(errp, "'iothread' must be set");
        return;
    }
    blinker->ctx = iothread_get_aio_context(blinker->iothread);
}

static void blinker_init(Object *obj)
{
}

static void blinker_finalize(Object *obj)
{
}

static void blinker_class_init(ObjectClass *klass, const void *data)
{
    USER_CREATABLE_CLASS(klass)->complete = blinker_complete;
    klass->properties_changed = blinker_changed;
    object_class_add_properties(klass, blinker_rows);
}

static void show(bool ok, Error *err)
{
    printf("%s\n", ok ? "done" : error_get_pretty(err));
    error_free(err);
}

static void make(const char *options)
{
    Error *err = NULL;
    bool ok = user_creatable_add_from_str(options, &err);

    show(ok, err);
}

static void change(Object *obj, const char *on, const char *period)
{
    Error *err = NULL;
    bool ok = object_set_props(obj, &err, "on", on, "period", period, NULL);

    show(ok, err);
}

static void delete(const char *id)
{
    Error *err = NULL;
    bool ok = user_creatable_del(id, &err);

    show(ok, err);
}

int main(void)
{
    Object *obj;

    module_call_init(MODULE_INIT_QOM);
    make("blinker,id=b0");
    make("iothread,id=io0");
    make("blinker,id=b0,iothread=io0,on=5000,period=9000");

    obj = object_resolve_path_type("b0", TYPE_BLINKER, NULL);
    change(obj, "50000", "90000");
    change(obj, "3", "2");
    printf("on=%" PRId64 "\n",
           object_property_get_int(obj, "on", &error_fatal));

    delete("io0");
    delete("b0");
    delete("io0");
    return 0;
}
