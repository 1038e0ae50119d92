/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The version of QEMU for which a source file was written.
 *
 * QOM_COMPAT_QEMU is 100 times the major version plus the minor one: 212 is
 * 2.12, 401 is 4.1, 1000 is 10.0.  It is defined on the command line and
 * selects the forms of calls that differ between versions.
 *
 * Contract: docs/porting-from-qemu.md
 */
#ifndef QOM_COMPAT_QEMU_VERSION_H
#define QOM_COMPAT_QEMU_VERSION_H

#ifndef QOM_COMPAT_QEMU
#define QOM_COMPAT_QEMU 1000
#endif

#if QOM_COMPAT_QEMU < 209 || QOM_COMPAT_QEMU % 100 > 12
#error "QOM_COMPAT_QEMU is 100 * MAJOR + MINOR of QEMU, from 209 on"
#endif

#endif
