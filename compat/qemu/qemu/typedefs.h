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
typedef struct AddressSpace AddressSpace;
typedef struct BlockBackend BlockBackend;
typedef struct BlockDriverState BlockDriverState;
typedef struct BusClass BusClass;
typedef struct BusState BusState;
typedef struct Chardev Chardev;
typedef struct Clock Clock;
typedef struct ConfidentialGuestSupport ConfidentialGuestSupport;
typedef struct CPUState CPUState;
typedef struct DeviceState DeviceState;
typedef struct DriveInfo DriveInfo;
typedef struct DumpState DumpState;
typedef struct FWCfgState FWCfgState;
typedef struct HostMemoryBackend HostMemoryBackend;
typedef struct I2CBus I2CBus;
typedef struct JSONWriter JSONWriter;
typedef struct MACAddr MACAddr;
typedef struct MachineClass MachineClass;
typedef struct MachineState MachineState;
typedef struct MemoryListener MemoryListener;
typedef struct MemoryRegion MemoryRegion;
typedef struct MemoryRegionSection MemoryRegionSection;
typedef struct Monitor Monitor;
typedef struct NetClientState NetClientState;
typedef struct NetFilterState NetFilterState;
typedef struct NICInfo NICInfo;
typedef struct PCIBus PCIBus;
typedef struct PCIDevice PCIDevice;
typedef struct Property Property;
typedef struct PropertyInfo PropertyInfo;
typedef struct QemuConsole QemuConsole;
typedef struct QEMUFile QEMUFile;
typedef struct QemuOpt QemuOpt;
typedef struct QemuOpts QemuOpts;
typedef struct QemuOptsList QemuOptsList;
typedef struct QEMUSGList QEMUSGList;
typedef struct RAMBlock RAMBlock;
typedef struct Range Range;
typedef struct ReservedRegion ReservedRegion;
typedef struct SSIBus SSIBus;
typedef struct VirtIODevice VirtIODevice;
typedef struct VMChangeStateEntry VMChangeStateEntry;
typedef struct VMStateDescription VMStateDescription;
typedef struct IRQState *qemu_irq;
typedef void (*qemu_irq_handler)(void *opaque, int n, int level);

#endif
