/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Forward declarations, which qemu/osdep.h includes.
 *
 * The values of QEMU's QObject family are the library's JSON nodes, so that
 * visit_type_any() takes them.  The types of the last group have no
 * implementation here.
 */
#ifndef QOM_COMPAT_QEMU_TYPEDEFS_H
#define QOM_COMPAT_QEMU_TYPEDEFS_H

#include <stdint.h>

typedef struct AioContext AioContext;
typedef struct AioBH QEMUBH;
typedef struct AioTimer QEMUTimer;
typedef struct Coroutine Coroutine;
typedef struct Error Error;
typedef struct EventNotifier EventNotifier;
typedef struct InterfaceClass InterfaceClass;
typedef struct IOThread IOThread;
typedef struct Notifier Notifier;
typedef struct NotifierList NotifierList;
typedef struct NotifierWithReturn NotifierWithReturn;
typedef struct NotifierWithReturnList NotifierWithReturnList;
typedef struct Object Object;
typedef struct ObjectClass ObjectClass;
typedef struct ObjectProperty ObjectProperty;
typedef struct TypeInfo TypeInfo;
typedef struct Visitor Visitor;

typedef struct _JsonNode QBool;
typedef struct _JsonNode QDict;
typedef struct _JsonNode QList;
typedef struct _JsonNode QNull;
typedef struct _JsonNode QNum;
typedef struct _JsonNode QObject;
typedef struct _JsonNode QString;

typedef void IOReadHandler(void *opaque, const uint8_t *buf, int size);
typedef int IOCanReadHandler(void *opaque);

/* Declared only: pointers to these types can be passed on. */
typedef struct BlockBackend BlockBackend;
typedef struct BlockDriverState BlockDriverState;
typedef struct BusState BusState;
typedef struct Chardev Chardev;
typedef struct DeviceState DeviceState;
typedef struct MachineState MachineState;
typedef struct MemoryRegion MemoryRegion;
typedef struct Monitor Monitor;
typedef struct NetClientState NetClientState;
typedef struct QemuOpt QemuOpt;
typedef struct QemuOpts QemuOpts;
typedef struct QemuOptsList QemuOptsList;
typedef struct QEMUFile QEMUFile;

#endif
