/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The arguments of QEMU's command device_add, which depend on the device. */
#ifndef QOM_TOOLS_DEVICE_ADD_H
#define QOM_TOOLS_DEVICE_ADD_H

#include "qapi/compiler/introspection.h"

/*
 * device_add_properties: returns (transfer full) the properties that a device
 * can be created with, a list like that of qom-list-properties; NULL with @errp
 * set
 */
JsonNode *device_add_properties(const char *driver, Error **errp);

/**
 * device_add_parse: like qapi_info_parse_arguments() for device_add
 * @info: the schema of the target
 * @given: the arguments; borrowed
 * @errp: set if the device has no such property, or if an argument is wrong
 *
 * Returns: (transfer full) an object; NULL with @errp set
 */
JsonNode *device_add_parse(const QapiInfo *info, const Keyval *given,
                           Error **errp);

#endif
