/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A user-creatable type with properties of many kinds, for the tests of
 * user-creatable objects.
 */
#ifndef QOM_TESTS_THING_FIXTURE_H
#define QOM_TESTS_THING_FIXTURE_H

#include "qapi/qapi-builtin-types.h"
#include "qom/object.h"
#include "qom/user-creatable.h"
#include "tests/unit/test-util.h"

typedef struct Thing {
    Object parent_obj;
    int64_t number;
    int64_t low;
    int64_t high;
    char *text;
    intList *ints;
    strList *names;
    uint16List *cpus; /* of a property without a row */
    bool fail;
    bool pinned;
    int64_t at_birth;
    uint64_t size;
    double ratio;
    Object *friend;
    Object *admirer; /* weak */
} Thing;

DECLARE_INSTANCE_CHECKER(Thing, THING, "thing")

extern int n_things; /* alive */

/* A text that must fail, with its message and hint. */
typedef struct ErrorRow {
    const char *name;
    const char *text;
    const char *message;
    const char *hint;
} ErrorRow;

/* thing_register: registers the type and those derived from it */
void thing_register(void);

/* add_str: user_creatable_add_from_str() that aborts on failure */
Object *add_str(const char *text);

/* find_thing: returns a child of /objects; NULL if there is none */
Object *find_thing(const char *id);

/* count_objects: returns the number of children of /objects */
int count_objects(void);

/*
 * add_test: adds "/qom/user-creatable/@path"; no thing is alive before
 * and after
 */
void add_test(const char *path, const void *data,
              void (*test)(void *fixture, const void *data));

#endif
