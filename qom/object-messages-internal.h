/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The messages of the object model that more than one function reports.
 *
 * Clients compare messages, so each is worded once.  A message is a format
 * for error_setg(); the comment names its arguments.
 */
#ifndef QOM_QOM_OBJECT_MESSAGES_INTERNAL_H
#define QOM_QOM_OBJECT_MESSAGES_INTERNAL_H

/* Objects: the id */
#define OBJECT_CANNOT_BE_DELETED "object '%s' can not be deleted: "
#define OBJECT_IN_USE "object '%s' is in use, can not be deleted"
/* the id, and the holders as PATH.PROPERTY */
#define OBJECT_IN_USE_BY OBJECT_IN_USE ": linked to by %s"

/* Paths: the path; for ERROR_CLASS_DEVICE_NOT_FOUND */
#define DEVICE_NOT_FOUND "Device '%s' not found"

/* Types: the name of the type */
#define TYPE_INVALID "invalid object type: %s"
#define TYPE_ABSTRACT "object type '%s' is abstract"
/* for ERROR_CLASS_DEVICE_NOT_FOUND */
#define CLASS_NOT_FOUND "Class '%s' not found"

/* Properties: the name of the type, and of the property */
#define PROPERTY_NOT_FOUND "Property '%s.%s' not found"
#define PROPERTY_NOT_WRITABLE "Property '%s.%s' is not writable"

/* Values: the name of the property, or its place in the request */
#define PARAMETER_MISSING "Parameter '%s' is missing"
#define PARAMETER_UNEXPECTED "Parameter '%s' is unexpected"
/* and the name of the type */
#define PARAMETER_TYPE "Invalid parameter type for '%s', expected: %s"

#endif
