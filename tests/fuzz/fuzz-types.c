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

static const QapiType choice_type = {
    .name = "FuzzChoice",
    .kind = QAPI_KIND_ALTERNATE,
    .size = sizeof(FuzzChoice),
    .u_offset = offsetof(FuzzChoice, u),
    .branches = choice_branches,
    .n_branches = G_N_ELEMENTS(choice_branches),
};

#define ROW(member, row_type) \
    .name = #member, .type = (row_type), .offset = offsetof(Fuzz, member)

static const PropertyRow fuzz_rows[] = {
    { ROW(flag, &qapi_type_bool) },
    { ROW(count, &qapi_type_int),
      .flags = PROPERTY_HAS_DEFAULT | PROPERTY_HAS_MIN, .def = { .i = 1 } },
    { ROW(small, &qapi_type_uint8) },
    { ROW(narrow, &qapi_type_int16),
      .flags = PROPERTY_HAS_MAX, .max = { .i = 1000 } },
    { ROW(big, &qapi_type_uint64) },
    { ROW(bytes, &qapi_type_size) },
    { ROW(number, &qapi_type_number) },
    { ROW(text, &qapi_type_str) },
    { ROW(fixed, &qapi_type_str), .set = PROPERTY_SET_CREATE },
    { ROW(state, &qapi_type_int), .set = PROPERTY_SET_NEVER },
    { ROW(action, &qapi_type_ObjectApplyAction) },
    { ROW(list, &qapi_type_intList) },
    { ROW(names, &qapi_type_strList) },
    { ROW(info, &qapi_type_ObjectTypeInfo) },
    { ROW(choice, &choice_type) },
    { ROW(anything, &qapi_type_any) },
    { .name = "mate", .link = TYPE_FUZZ, .offset = offsetof(Fuzz, mate) },
    { }
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
