/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The daemon of the tests `daemon` and `service`.  It has options of its own,
 * and objects whose completion waits for a byte in a FIFO.
 */
#include "aio/aio-wait.h"
#include "aio/aio.h"
#include "qom/object.h"
#include "qom/user-creatable.h"
#include "service/service.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

/* ---- Objects that wait ---- */

#define TYPE_SLEEPER "sleeper"
OBJECT_DECLARE_SIMPLE_TYPE(Sleeper, SLEEPER)

struct Sleeper {
    Object parent_obj;
    char *fifo;
    bool blocks; /* the main loop; otherwise it runs while the object waits */
    bool is_ready;
};

OBJECT_DEFINE_SIMPLE_TYPE_WITH_INTERFACES(Sleeper, sleeper, SLEEPER, OBJECT,
                                          { TYPE_USER_CREATABLE }, { NULL })

static void sleeper_read(void *opaque)
{
    ((Sleeper *)opaque)->is_ready = true;
}

static void sleeper_complete(UserCreatable *uc, Error **errp)
{
    Sleeper *sleeper = SLEEPER(uc);
    AioContext *ctx = aio_get_main_context();
    int fd = open(sleeper->fifo, O_RDONLY | O_CLOEXEC |
                                     (sleeper->blocks ? 0 : O_NONBLOCK));
    char byte;

    if (fd < 0) {
        error_setg_errno(errp, errno, "%s", sleeper->fifo);
        return;
    }
    if (sleeper->blocks) {
        sleeper->is_ready = read(fd, &byte, 1) > 0;
    } else {
        aio_set_fd_handler(ctx, fd, sleeper_read, NULL, NULL, NULL, sleeper);
        AIO_WAIT_WHILE(NULL, !sleeper->is_ready);
        aio_set_fd_handler(ctx, fd, NULL, NULL, NULL, NULL, NULL);
    }
    close(fd);
}

static void sleeper_init(Object *obj)
{
}

static void sleeper_finalize(Object *obj)
{
}

static void sleeper_class_init(ObjectClass *klass, const void *data)
{
    static const PropertyRow rows[] = {
        PROPERTY_STR("fifo", Sleeper, fifo),
        PROPERTY_BOOL("blocks", Sleeper, blocks),
        PROPERTY_END
    };

    USER_CREATABLE_CLASS(klass)->complete = sleeper_complete;
    object_class_add_properties(klass, rows);
}

/* ---- The daemon ---- */

typedef struct Args {
    ServiceOptions service;
    const char *motto;
    const char *book;
    bool loud;
    bool careless;
} Args;

static const Option options[] = {
    SERVICE_MAIN_OPTIONS(Args, service),
    { "motto", OPTION_TEXT, offsetof(Args, motto), "TEXT", "what to say",
      NULL },
    { "book", OPTION_TEXT, offsetof(Args, book), "FILE",
      "where mottos\nare written - \\fB.so", NULL },
    { "loud", OPTION_FLAG, offsetof(Args, loud), NULL, "say it loudly", NULL },
    { "careless", OPTION_FLAG, offsetof(Args, careless), NULL, NULL, NULL },
    { NULL },
};

/* Closes a file descriptor that the main loop watches. */
static void close_too_early(void)
{
    int fds[2];

    if (pipe2(fds, O_CLOEXEC) == 0) {
        aio_set_fd_handler(aio_get_main_context(), fds[0], sleeper_read, NULL,
                           NULL, NULL, NULL);
        close(fds[0]);
        close(fds[1]);
    }
}

static bool start(void *opaque, Error **errp)
{
    const Args *args = opaque;

    if (!args->motto) {
        error_setg(errp, "there is no motto");
        return false;
    }
    printf("%s%s\n", args->motto, args->loud ? "!" : "");
    if (args->careless) {
        close_too_early();
    }
    if (!args->service.config) {
        service_stop();
    }
    return true;
}

int main(int argc, char **argv)
{
    static Args args;
    static const ServiceHooks hooks = { .start = start, .opaque = &args };
    static const ServiceProgram program = {
        .name = "motto",
        .summary = "say something",
        .description = "It says it once.\n\n    motto -motto x\n",
        .options = options,
        .values = &args.service,
        .hooks = &hooks,
    };

    return service_main(&program, argv);
}
