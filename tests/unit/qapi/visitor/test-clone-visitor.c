/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qapi/visitor/clone-visitor.h"
#include "qapi/visitor/dealloc-visitor.h"
#include "tests/unit/test-types.h"
#include "tests/unit/test-util.h"

static const char full_disk[] =
    "{\"id\": \"a\", \"enabled\": true, \"size\": 1, \"ratio\": 0.5,"
    " \"limits\": {\"iops\": [1, 2], \"color\": \"red\", \"burst\": 3},"
    " \"tags\": [\"x\", \"y\"], \"extra\": {\"y\": [1]}, \"nothing\": null,"
    " \"next\": {\"id\": \"b\", \"size\": 2},"
    " \"parts\": [{\"id\": \"c\", \"size\": 3}]}";

static bool visit_type_Disk(Visitor *v, const char *name, Disk **obj,
                            Error **errp)
{
    return qapi_type_visit(v, name, &Disk_type, obj, errp);
}

static bool visit_type_Disk_members(Visitor *v, Disk *obj, Error **errp)
{
    return qapi_type_visit_members(v, &Disk_type, obj, errp);
}

static bool visit_sources(Visitor *v, const char *name, void **obj,
                          Error **errp)
{
    return qapi_type_visit(v, name, &SourceList_type, obj, errp);
}

static void free_by_visit(const QapiType *type, void *slot)
{
    g_autoptr(Visitor) v = qapi_dealloc_visitor_new();

    qapi_type_visit(v, NULL, type, slot, &error_abort);
    g_assert_null(*(void **)slot);
}

static void test_clone_struct(void)
{
    g_autofree char *text = NULL;
    Disk *disk = NULL;
    Disk *copy;

    test_from_json(&Disk_type, full_disk, &disk, &error_abort);
    copy = QAPI_CLONE(Disk, disk);
    free_by_visit(&Disk_type, &disk);
    text = test_to_json(&Disk_type, &copy);
    g_assert_cmpstr(text, ==, full_disk);
    free_by_visit(&Disk_type, &copy);
}

static void test_clone_alternates(void)
{
    static const char json[] = "[\"f\", {\"id\": \"x\"}, [1, 2], null]";
    g_autofree char *text = NULL;
    void *list = NULL;
    void *copy;

    test_from_json(&SourceList_type, json, &list, &error_abort);
    copy = qapi_clone(list, visit_sources);
    free_by_visit(&SourceList_type, &list);
    text = test_to_json(&SourceList_type, &copy);
    g_assert_cmpstr(text, ==, json);
    free_by_visit(&SourceList_type, &copy);
}

static void test_clone_null(void)
{
    g_assert_null(QAPI_CLONE(Disk, (Disk *)NULL));
}

static void test_clone_null_string(void)
{
    Disk disk = { .size = 1 };
    Disk *copy = QAPI_CLONE(Disk, &disk);

    g_assert_cmpstr(copy->id, ==, "");
    g_assert_null(copy->trial);
    free_by_visit(&Disk_type, &copy);
}

static void test_clone_members(void)
{
    g_autofree char *text = NULL;
    Disk *disk = NULL;
    Disk *copy = g_new0(Disk, 1);

    test_from_json(&Disk_type, full_disk, &disk, &error_abort);
    QAPI_CLONE_MEMBERS(Disk, copy, disk);
    free_by_visit(&Disk_type, &disk);
    text = test_to_json(&Disk_type, &copy);
    g_assert_cmpstr(text, ==, full_disk);
    free_by_visit(&Disk_type, &copy);
}

static void test_dealloc_null(void)
{
    Disk *disk = NULL;
    void *list = NULL;
    void *source = NULL;

    free_by_visit(&Disk_type, &disk);
    free_by_visit(&SourceList_type, &list);
    free_by_visit(&Source_type, &source);
}

/* What an input visitor leaves when it stops in the middle. */
static void test_dealloc_half_built(void)
{
    Disk *disk = g_new0(Disk, 1);

    disk->has_tags = true;
    disk->limits = g_new0(Limits, 1);
    disk->limits->has_iops = true;
    disk->has_parts = true;
    disk->parts = g_new0(DiskList, 1);
    free_by_visit(&Disk_type, &disk);
}

static void test_dealloc_alternate_without_type(void)
{
    Source *source = g_new0(Source, 1);

    free_by_visit(&Source_type, &source);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/qapi/clone-visitor/struct", test_clone_struct);
    g_test_add_func("/qapi/clone-visitor/alternates", test_clone_alternates);
    g_test_add_func("/qapi/clone-visitor/null", test_clone_null);
    g_test_add_func("/qapi/clone-visitor/null-string",
                    test_clone_null_string);
    g_test_add_func("/qapi/clone-visitor/members", test_clone_members);
    g_test_add_func("/qapi/dealloc-visitor/null", test_dealloc_null);
    g_test_add_func("/qapi/dealloc-visitor/half-built",
                    test_dealloc_half_built);
    g_test_add_func("/qapi/dealloc-visitor/alternate-without-type",
                    test_dealloc_alternate_without_type);
    return test_run();
}
