/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The C types of qmp/control.json, as the schema compiler writes them.
 */
#ifndef QOM_QMP_QMP_TYPES_INTERNAL_H
#define QOM_QMP_QMP_TYPES_INTERNAL_H

#include "qapi/qapi-type.h"

typedef enum QMPCapability {
    QMP_CAPABILITY_OOB,
    QMP_CAPABILITY__MAX,
} QMPCapability;

extern const QEnumLookup QMPCapability_lookup;

typedef struct QMPCapabilityList QMPCapabilityList;
struct QMPCapabilityList {
    QMPCapabilityList *next;
    QMPCapability value;
};

typedef struct VersionTriple {
    int64_t micro;
    int64_t minor;
    int64_t major;
} VersionTriple;

typedef struct VersionInfo {
    VersionTriple *qemu;
    char *package;
} VersionInfo;

typedef struct CommandInfo {
    char *name;
} CommandInfo;

typedef struct CommandInfoList CommandInfoList;
struct CommandInfoList {
    CommandInfoList *next;
    CommandInfo *value;
};

extern const QapiType qapi_type_QMPCapability;
extern const QapiType qapi_type_QMPCapabilityList;
extern const QapiType qapi_type_VersionTriple;
extern const QapiType qapi_type_VersionInfo;
extern const QapiType qapi_type_CommandInfo;
extern const QapiType qapi_type_CommandInfoList;

static inline void qapi_free_VersionInfo(VersionInfo *obj)
{
    qapi_type_free(&qapi_type_VersionInfo, &obj);
}

static inline void qapi_free_CommandInfoList(CommandInfoList *obj)
{
    qapi_type_free(&qapi_type_CommandInfoList, &obj);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC(VersionInfo, qapi_free_VersionInfo)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(CommandInfoList, qapi_free_CommandInfoList)

/* The commands' handlers, of the form that the field fixed. */
void qmp_qmp_capabilities(bool has_enable, QMPCapabilityList *enable,
                          Error **errp);
VersionInfo *qmp_query_version(Error **errp);
CommandInfoList *qmp_query_commands(Error **errp);
void qmp_quit(Error **errp);

#endif
