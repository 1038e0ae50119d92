/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Formats of messages that clients of QMP may know.  The library words its own
 * messages in the same way where it reports the same error.
 */
#ifndef QOM_COMPAT_QEMU_QERROR_H
#define QOM_COMPAT_QEMU_QERROR_H

#define QERR_BUS_NOT_FOUND "Bus '%s' not found"
#define QERR_DEVICE_HAS_NO_MEDIUM "Device '%s' has no medium"
#define QERR_DEVICE_IN_USE "Device '%s' is in use"
#define QERR_DEVICE_NO_HOTPLUG "Device '%s' does not support hotplugging"
#define QERR_FEATURE_DISABLED "The feature '%s' is not enabled"
#define QERR_INVALID_PARAMETER "Invalid parameter '%s'"
#define QERR_INVALID_PARAMETER_TYPE \
    "Invalid parameter type for '%s', expected: %s"
#define QERR_INVALID_PARAMETER_VALUE "Parameter '%s' expects %s"
#define QERR_IO_ERROR "An IO error has occurred"
#define QERR_MISSING_PARAMETER "Parameter '%s' is missing"
#define QERR_PERMISSION_DENIED \
    "Insufficient permission to perform this operation"
#define QERR_PROPERTY_VALUE_BAD "Property '%s.%s' doesn't take value '%s'"
#define QERR_PROPERTY_VALUE_OUT_OF_RANGE                                \
    "Property %s.%s doesn't take value %" PRId64                        \
    " (minimum: %" PRId64 ", maximum: %" PRId64 ")"
#define QERR_UNSUPPORTED \
    "this feature or command is not currently supported"

#endif
