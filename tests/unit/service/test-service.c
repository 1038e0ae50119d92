/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What a program finds when service_run() has returned.
 */
#include "service/service.h"

#include "aio/aio.h"
#include "tests/unit/test-util.h"
#include "util/module.h"

#include <signal.h>

static bool start(void *opaque, Error **errp)
{
    service_stop();
    return true;
}

/* Sends a signal to this thread.  If it is not blocked, the process ends. */
static void take_late_signal(int signum)
{
    sigset_t set;

    raise(signum);
    sigemptyset(&set);
    sigaddset(&set, signum);
    g_assert_cmpint(sigwaitinfo(&set, NULL), ==, signum);
    pthread_sigmask(SIG_UNBLOCK, &set, NULL);
}

/* One that arrives before exit() does not change the exit status. */
static void test_late_signals(void)
{
    static const ServiceHooks hooks = { .start = start };
    ServiceOptions options = { 0 };

    signal(SIGHUP, SIG_DFL); /* nohup ignores it, and then so does a service */
    g_assert_cmpint(service_run(&options, &hooks, &error_abort), ==,
                    SERVICE_STOPPED);
    take_late_signal(SIGTERM);
    take_late_signal(SIGINT);
    take_late_signal(SIGHUP);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    module_call_init(MODULE_INIT_QOM);
    aio_main_context_init(&error_abort);
    g_test_add_func("/service/late-signals", test_late_signals);
    return test_run();
}
