/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Visiting the children of an object, and all objects below it.
 *
 * A callback may delete any object.  A walk therefore has a reference to each
 * child that it is still to visit, and skips those that have left their parent.
 */
#include "qom/object-internal.h"

/*
 * Returns the children, each with a reference; NULL for a child that is being
 * finalized and has none.
 */
static GPtrArray *hold_children(Object *obj)
{
    ObjectProperty *prop = obj->extra ? obj->extra->list.first : NULL;
    GPtrArray *children = NULL;

    for (; prop; prop = prop->next) {
        Object *child = prop->opaque;

        if ((prop->state & PROPERTY_IS_CHILD) && child->parent == obj) {
            if (!children) {
                children = g_ptr_array_new_with_free_func(object_unref);
            }
            g_ptr_array_add(children, object_ref(child));
        }
    }
    return children;
}

/*
 * Returns the next entry from *@i on that is still a child; NULL at the end.
 */
static Object *next_child(const Object *obj, GPtrArray *children, guint *i)
{
    while (children && *i < children->len) {
        Object *child = children->pdata[(*i)++];

        if (child->parent == obj) {
            return child;
        }
    }
    return NULL;
}

/* @fn may delete any child, and while it waits, other code may do so. */
int object_child_foreach(Object *obj, int (*fn)(Object *child, void *opaque),
                         void *opaque)
{
    g_autoptr(GPtrArray) children = hold_children(obj);
    Object *child;
    int ret = 0;
    guint i = 0;

    while (!ret && (child = next_child(obj, children, &i))) {
        ret = fn(child, opaque);
    }
    return ret;
}

/*
 * An object whose children are being visited; the frame of its parent has a
 * reference
 */
typedef struct WalkFrame {
    Object *obj;
    GPtrArray *children; /* (nullable) */
    guint next;
} WalkFrame;

static void walk_frame_clear(void *opaque)
{
    WalkFrame *frame = opaque;

    g_clear_pointer(&frame->children, g_ptr_array_unref);
}

/* Begins to visit the children of an object. */
static void walk_push(GArray *stack, Object *obj)
{
    WalkFrame frame = { .obj = obj, .children = hold_children(obj) };

    g_array_append_val(stack, frame);
}

/* The frames are on the heap: a tree may be too deep for recursion. */
bool object_walk(Object *obj, const ObjectWalk *walk, void *opaque)
{
    g_autoptr(GArray) stack = g_array_new(FALSE, FALSE, sizeof(WalkFrame));
    ObjectWalkStep step = OBJECT_WALK_ON;

    g_array_set_clear_func(stack, walk_frame_clear);
    walk_push(stack, obj);
    while (stack->len && step != OBJECT_WALK_STOP) {
        WalkFrame *top = &g_array_index(stack, WalkFrame, stack->len - 1);
        Object *child = next_child(top->obj, top->children, &top->next);

        if (child) {
            step = walk->enter(child, opaque);
            if (step == OBJECT_WALK_ON) {
                walk_push(stack, child);
            }
            continue;
        }
        if (stack->len > 1 && walk->leave) {
            walk->leave(top->obj, opaque);
        }
        g_array_set_size(stack, stack->len - 1);
    }
    return step != OBJECT_WALK_STOP;
}

/* The state of object_child_foreach_recursive(). */
typedef struct ForeachRecursive {
    int (*fn)(Object *child, void *opaque);
    void *opaque;
    int ret;
} ForeachRecursive;

/* Adapts a function of object_child_foreach_recursive() to object_walk(). */
static ObjectWalkStep foreach_enter(Object *child, void *opaque)
{
    ForeachRecursive *foreach = opaque;

    foreach->ret = foreach->fn(child, foreach->opaque);
    return foreach->ret ? OBJECT_WALK_STOP : OBJECT_WALK_ON;
}

int object_child_foreach_recursive(Object *obj,
                                   int (*fn)(Object *child, void *opaque),
                                   void *opaque)
{
    static const ObjectWalk walk = { .enter = foreach_enter };
    ForeachRecursive foreach = { fn, opaque, 0 };

    object_walk(obj, &walk, &foreach);
    return foreach.ret;
}
