/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Static probes, for bpftrace, perf, SystemTap and gdb.
 *
 *     PROBE(qmp_command_begin, name);
 *
 * A probe is an instruction that does nothing, and a note in the ELF file that
 * says where it is and in which registers its arguments are.  A tracer replaces
 * the instruction while it is attached.  The provider is "qom".
 *
 * The library is built with probes if <sys/sdt.h> is installed.  In the code of
 * programs, probes are on if it defines QOM_PROBES.
 *
 * Thread: any
 * Contract: docs/tracing.md
 */
#ifndef QOM_UTIL_PROBE_H
#define QOM_UTIL_PROBE_H

#include "util/macros.h"

#ifdef QOM_PROBES
#define SDT_USE_VARIADIC 1 /* STAP_PROBEV() */
#include <sys/sdt.h>

/**
 * PROBE: a probe with up to ten arguments
 * @name: an identifier
 * @...: integers and pointers that are at hand: computing one costs time also
 *       when nobody traces
 */
#define PROBE(name, ...) STAP_PROBEV(qom, name, ##__VA_ARGS__)
#else
#define PROBE(name, ...) \
    do {                 \
    } while (0)
#endif

#endif
