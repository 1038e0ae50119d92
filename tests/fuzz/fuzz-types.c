/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tests/fuzz/fuzz-types.h"

#include "qom/qapi-types-qom.h"
#include "qom/user-creatable.h"
#include "util/module.h"

#include <errno.h>
#include <sched.h>
#include <string.h>

typedef struct FuzzChoice {
    QType type;
    union {
        int64_t n;
        char *s;
    } u;
} FuzzChoice;

typedef struct Fuzz {
    Object parent_obj;
    bool flag;
    int64_t count;
    uint8_t small;
    int16_t narrow;
    uint64_t big;
    uint64_t bytes;
    double number;
    char *text;
    char *fixed;
    int64_t state;
    ObjectApplyAction action;
    intList *list;
    strList *names;
    ObjectTypeInfo *info;
    FuzzChoice *choice;
    JsonNode *anything;
    Object *mate;
    Object *peer;
    Object *weak;
} Fuzz;

static unsigned n_alive;

int __real_sched_setscheduler(pid_t pid, int policy,
                              const struct sched_param *param);
int __wrap_sched_setscheduler(pid_t pid, int policy,
                              const struct sched_param *param);

int __wrap_sched_setscheduler(pid_t pid, int policy,
                              const struct sched_param *param)
{
    if (policy == SCHED_FIFO || policy == SCHED_RR) {
        errno = EPERM;
        return -1;
    }
    return __real_sched_setscheduler(pid, policy, param);
}

/* ---- fuzz ---- */

static const QapiBranch choice_branches[] = {
    { .name = "n", .value = QTYPE_QNUM, .type = &qapi_type_int },
    { .name = "s", .value = QTYPE_QSTRING, .type = &qapi_type_str },
};

static const QapiType qapi_type_FuzzChoice = {
    .name = "FuzzChoice",
    .kind = QAPI_KIND_ALTERNATE,
    .size = sizeof(FuzzChoice),
    .u_offset = offsetof(FuzzChoice, u),
    .branches = choice_branches,
    .n_branches = G_N_ELEMENTS(choice_branches),
};

static const PropertyRow fuzz_rows[] = {
    PROPERTY_BOOL("flag", Fuzz, flag),
    PROPERTY_INT("count", Fuzz, count, .def = 1, .min = 0),
    PROPERTY_UINT8("small", Fuzz, small),
    PROPERTY_INT16("narrow", Fuzz, narrow, .max = 1000),
    PROPERTY_UINT64("big", Fuzz, big),
    PROPERTY_SIZE("bytes", Fuzz, bytes),
    PROPERTY_NUMBER("number", Fuzz, number),
    PROPERTY_STR("text", Fuzz, text),
    PROPERTY_STR("fixed", Fuzz, fixed, .set = PROPERTY_SET_CREATE),
    PROPERTY_INT("state", Fuzz, state, .set = PROPERTY_SET_NEVER),
    PROPERTY_ENUM("action", Fuzz, action, ObjectApplyAction),
    PROPERTY_LIST("list", Fuzz, list, intList),
    PROPERTY_LIST("names", Fuzz, names, strList),
    PROPERTY_STRUCT("info", Fuzz, info, ObjectTypeInfo),
    PROPERTY_ALTERNATE("choice", Fuzz, choice, FuzzChoice),
    PROPERTY_ANY("anything", Fuzz, anything),
    PROPERTY_LINK("mate", Fuzz, mate, Fuzz, TYPE_FUZZ),
    PROPERTY_END
};

static bool fuzz_changed(Object *obj, Error **errp)
{
    Fuzz *fuzz = (Fuzz *)obj;

    if (fuzz->flag && fuzz->small > fuzz->count) {
        error_setg(errp, "'small' must be at most 'count' with 'flag'");
        return false;
    }
    fuzz->state++;
    return true;
}

static void fuzz_init(Object *obj)
{
    n_alive++;
}

static void fuzz_finalize(Object *obj)
{
    n_alive--;
}

static void fuzz_class_init(ObjectClass *klass, const void *data)
{
    klass->properties_changed = fuzz_changed;
    object_class_add_properties(klass, fuzz_rows);
    object_class_property_add_link(klass, "peer", TYPE_FUZZ,
                                   offsetof(Fuzz, peer),
                                   object_property_allow_set_link,
                                   OBJ_PROP_LINK_STRONG);
    object_class_property_add_link(klass, "weak", TYPE_OBJECT,
                                   offsetof(Fuzz, weak),
                                   object_property_allow_set_link, 0);
}

/* ---- fuzz-stubborn ---- */

static void stubborn_complete(UserCreatable *uc, Error **errp)
{
    Fuzz *fuzz = (Fuzz *)uc;

    if (fuzz->small == 1) {
        error_setg(errp, "'small' must not be 1");
    }
}

static bool stubborn_can_be_deleted(UserCreatable *uc)
{
    Fuzz *fuzz = (Fuzz *)uc;

    return !fuzz->flag;
}

static void stubborn_class_init(ObjectClass *klass, const void *data)
{
    UserCreatableClass *ucc = USER_CREATABLE_CLASS(klass);

    ucc->complete = stubborn_complete;
    ucc->can_be_deleted = stubborn_can_be_deleted;
}

static const TypeInfo fuzz_types[] = {
    { .name = TYPE_FUZZ, .parent = TYPE_OBJECT,
      .instance_size = sizeof(Fuzz), .class_init = fuzz_class_init,
      .instance_init = fuzz_init, .instance_finalize = fuzz_finalize,
      .interfaces = (const InterfaceInfo[]) { { TYPE_USER_CREATABLE },
                                              { } } },
    { .name = "fuzz-stubborn", .parent = TYPE_FUZZ,
      .class_init = stubborn_class_init },
};

DEFINE_TYPES(fuzz_types)

/* ---- Life ---- */

void fuzz_types_init(void)
{
    module_call_init(MODULE_INIT_QOM);
    module_call_init(MODULE_INIT_QMP);
}

static int fail_on_child(Object *child, void *opaque)
{
    g_error("an object is left: %s", object_get_typename(child));
    return 1;
}

void fuzz_types_cleanup(void)
{
    user_creatable_cleanup();
    object_child_foreach(object_get_objects_root(), fail_on_child, NULL);
    g_assert_cmpuint(n_alive, ==, 0);
}
