/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What the tests of handlers, iterations and sources share: each of them runs
 * once for each fd monitor.
 */
#ifndef QOM_TESTS_MONITOR_FIXTURE_H
#define QOM_TESTS_MONITOR_FIXTURE_H

#include "aio/context-internal.h"
#include "tests/unit/aio/log-fixture.h"
#include "tests/unit/test-util.h"

typedef void MonitorTest(Fixture *f, const void *data);

typedef struct MonitorRow {
    const char *path;
    MonitorTest *test; /* its data is the FdMonOps */
} MonitorRow;

/*
 * add_monitor_tests: adds @n tests for each monitor that works here, as
 * "@prefix/MONITOR/PATH"
 */
void add_monitor_tests(const char *prefix, const MonitorRow *rows, unsigned n,
                       MonitorTest *set_up);

/* set_up_monitor: set_up(), with the monitor @data */
void set_up_monitor(Fixture *f, const void *data);

/* A notifier whose handler writes a letter to the log. */
typedef struct Ev {
    EventNotifier e; /* first, so that a handler finds the rest */
    Fixture *f;
    char name;
    bool keep; /* do not clear it */
    void (*then)(struct Ev *ev);
    struct Ev *other;
    AioBH *bh;
} Ev;

void ev_cb(EventNotifier *e);
void ev_init(Fixture *f, Ev *ev, char name);
void ev_cleanup(Ev *ev);

/* A pair of sockets; the first one has a handler. */
typedef struct Pair {
    Fixture *f;
    int fd[2];
    bool read_removes;
} Pair;

/* Handlers, which write 'r' and 'w'. */
void pair_read(void *opaque);
void pair_write(void *opaque);
void pair_init(Fixture *f, Pair *p, IOHandler *read, IOHandler *write);
void pair_send(Pair *p);
void pair_cleanup(Pair *p);

/* Callbacks whose argument is the fixture; they write 'b' and 't'. */
void log_bh(void *opaque);
void log_timer(void *opaque);

#endif
