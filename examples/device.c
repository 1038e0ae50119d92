/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A device that users create, whose connection is served in an iothread.
 *
 * The class derives from LoopObject, which has the property `iothread`.  A
 * coroutine reads from the connection and answers.  When the user sets another
 * iothread, the stream moves there with its coroutine while it waits for input.
 */
#include "aio/aio-wait.h"
#include "aio/net/stream.h"
#include "iothread/loop-object.h"
#include "qom/user-creatable.h"
#include "util/module.h"

#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#define TYPE_ECHO "echo"
OBJECT_DECLARE_SIMPLE_TYPE(Echo, ECHO)

struct Echo {
    LoopObject parent_obj;

    int64_t fd;        /* property */
    CoGroup *group;    /* of the one coroutine */
    AioStream *stream; /* NULL until complete */
    AioContext *to;    /* where move() moves the stream */
};

OBJECT_DEFINE_SIMPLE_TYPE(Echo, echo, ECHO, LOOP_OBJECT)

static const PropertyRow echo_rows[] = {
    PROPERTY_INT("fd", Echo, fd, .def = -1, .min = -1,
                 .set = PROPERTY_SET_CREATE,
                 .doc = "a connected socket; the object closes it"),
    PROPERTY_END
};

/* Answers with the name of the thread and what was sent. */
static int coroutine_fn serve(void *opaque)
{
    AioStream *stream = ((Echo *)opaque)->stream;
    char name[16]; /* as much as the kernel keeps */
    ssize_t n;

    while ((n = aio_stream_fill(stream, 1, -1)) > 0) {
        const void *input = aio_stream_peek(stream, &(size_t) { 0 });

        prctl(PR_GET_NAME, name);
        aio_stream_queue(stream, name, strlen(name));
        aio_stream_queue(stream, input, n);
        aio_stream_consume(stream, n);
    }
    return n;
}

/* In the thread that the stream is in: one call moves it and what waits. */
static void move(void *opaque)
{
    Echo *echo = opaque;

    aio_stream_move(echo->stream, echo->to);
}

static void echo_complete(LoopObject *obj, Error **errp)
{
    Echo *echo = ECHO(obj);

    if (echo->fd < 0) {
        error_setg(errp, "'fd' must be set");
        return;
    }
    echo->stream = aio_stream_new(aio_get_main_context(), echo->fd);
    co_group_spawn(echo->group, NULL, serve, echo);
}

/* From the main loop to the iothread, and back. */
static void echo_attach(LoopObject *obj)
{
    ECHO(obj)->to = loop_object_get_loop(obj, 0);
    move(obj);
}

static void echo_detach(LoopObject *obj)
{
    ECHO(obj)->to = aio_get_main_context();
    aio_wait_bh_oneshot(loop_object_get_loop(obj, 0), move, obj);
}

static void echo_init(Object *obj)
{
    ECHO(obj)->group = co_group_new();
}

static void echo_finalize(Object *obj)
{
    Echo *echo = ECHO(obj);

    co_group_cancel(echo->group);
    co_group_wait(echo->group);
    co_group_free(echo->group);
    aio_stream_free(echo->stream);
}

static void echo_class_init(ObjectClass *klass, const void *data)
{
    LoopObjectClass *lc = LOOP_OBJECT_CLASS(klass);

    lc->complete = echo_complete;
    lc->attach = echo_attach;
    lc->detach = echo_detach;
    object_class_add_properties(klass, echo_rows);
}

/* ---- The user ---- */

static void ask(int fd)
{
    char answer[64];
    ssize_t n = write(fd, ": hello", 7);

    n = n < 0 ? n : read(fd, answer, sizeof(answer));
    printf("%.*s\n", (int)MAX(n, 0), answer);
}

int main(void)
{
    g_autofree char *options = NULL;
    int fd[2];

    module_call_init(MODULE_INIT_QOM);
    aio_main_context_init(&error_fatal);
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fd) < 0) {
        return 1;
    }
    options = g_strdup_printf("echo,id=e0,fd=%d,iothread=io0", fd[0]);
    user_creatable_add_from_str("iothread,id=io0", &error_fatal);
    user_creatable_add_from_str("iothread,id=io1", &error_fatal);
    user_creatable_add_from_str(options, &error_fatal);
    ask(fd[1]);
    object_set_props(object_resolve_path("e0", NULL), &error_fatal,
                     "iothread", "io1", NULL);
    ask(fd[1]);
    user_creatable_del("e0", &error_fatal);
    return 0;
}
