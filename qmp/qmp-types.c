/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * qmp/control.json as data: the types, and a row and an unpacking function
 * per command.  The order and the documentation are the schema's.
 */
#include "qmp/qmp-types-internal.h"

#include "qapi/qapi-command.h"
#include "util/module.h"

static const char *const capability_names[QMP_CAPABILITY__MAX] = {
    [QMP_CAPABILITY_OOB] = "oob",
};

const QEnumLookup QMPCapability_lookup = {
    .array = capability_names,
    .size = QMP_CAPABILITY__MAX,
};

static const char *const capability_docs[QMP_CAPABILITY__MAX] = {
    [QMP_CAPABILITY_OOB] = "commands may be executed out of band",
};

const QapiType qapi_type_QMPCapability = {
    .name = "QMPCapability",
    .kind = QAPI_KIND_ENUM,
    .size = sizeof(QMPCapability),
    .lookup = &QMPCapability_lookup,
    .value_docs = capability_docs,
    .doc = "What a client and the server may agree on",
};

const QapiType qapi_type_QMPCapabilityList = {
    .name = "QMPCapabilityList",
    .kind = QAPI_KIND_LIST,
    .size = sizeof(QMPCapabilityList),
    .element = &qapi_type_QMPCapability,
    .value_offset = offsetof(QMPCapabilityList, value),
};

static const QapiMember version_triple_members[] = {
    { .name = "micro", .type = &qapi_type_int,
      .offset = offsetof(VersionTriple, micro), .doc = "corrections" },
    { .name = "minor", .type = &qapi_type_int,
      .offset = offsetof(VersionTriple, minor), .doc = "compatible growth" },
    { .name = "major", .type = &qapi_type_int,
      .offset = offsetof(VersionTriple, major), .doc = "generation" },
};

const QapiType qapi_type_VersionTriple = {
    .name = "VersionTriple",
    .kind = QAPI_KIND_STRUCT,
    .size = sizeof(VersionTriple),
    .members = version_triple_members,
    .n_members = G_N_ELEMENTS(version_triple_members),
    .doc = "A version in three numbers",
};

static const QapiMember version_info_members[] = {
    { .name = "qemu", .type = &qapi_type_VersionTriple,
      .offset = offsetof(VersionInfo, qemu),
      .doc = "level of the protocol and of its commands" },
    { .name = "package", .type = &qapi_type_str,
      .offset = offsetof(VersionInfo, package),
      .doc = "name and version of the program's library" },
};

const QapiType qapi_type_VersionInfo = {
    .name = "VersionInfo",
    .kind = QAPI_KIND_STRUCT,
    .size = sizeof(VersionInfo),
    .members = version_info_members,
    .n_members = G_N_ELEMENTS(version_info_members),
    .doc = "What the client talks to",
};

static const QapiMember command_info_members[] = {
    { .name = "name", .type = &qapi_type_str,
      .offset = offsetof(CommandInfo, name), .doc = "the command's name" },
};

const QapiType qapi_type_CommandInfo = {
    .name = "CommandInfo",
    .kind = QAPI_KIND_STRUCT,
    .size = sizeof(CommandInfo),
    .members = command_info_members,
    .n_members = G_N_ELEMENTS(command_info_members),
    .doc = "A command that can be executed",
};

const QapiType qapi_type_CommandInfoList = {
    .name = "CommandInfoList",
    .kind = QAPI_KIND_LIST,
    .size = sizeof(CommandInfoList),
    .element = &qapi_type_CommandInfo,
    .value_offset = offsetof(CommandInfoList, value),
};

/* The value comes first, as an offset of 0 says that there is no has_. */
typedef struct QmpCapabilitiesArg {
    QMPCapabilityList *enable;
    bool has_enable;
} QmpCapabilitiesArg;

static const QapiMember qmp_capabilities_members[] = {
    { .name = "enable", .type = &qapi_type_QMPCapabilityList,
      .offset = offsetof(QmpCapabilitiesArg, enable),
      .has_offset = offsetof(QmpCapabilitiesArg, has_enable),
      .optional = true, .doc = "capabilities to turn on" },
};

static const QapiType qmp_capabilities_arg = {
    .name = "q_obj_qmp_capabilities-arg",
    .kind = QAPI_KIND_STRUCT,
    .size = sizeof(QmpCapabilitiesArg),
    .members = qmp_capabilities_members,
    .n_members = G_N_ELEMENTS(qmp_capabilities_members),
};

static bool run_qmp_capabilities(void *opaque, void *ret, Error **errp)
{
    ERRP_GUARD();
    QmpCapabilitiesArg *arg = opaque;

    qmp_qmp_capabilities(arg->has_enable, arg->enable, errp);
    return !*errp;
}

static bool run_query_version(void *opaque, void *ret, Error **errp)
{
    ERRP_GUARD();

    *(VersionInfo **)ret = qmp_query_version(errp);
    return !*errp;
}

static bool run_query_commands(void *opaque, void *ret, Error **errp)
{
    ERRP_GUARD();

    *(CommandInfoList **)ret = qmp_query_commands(errp);
    return !*errp;
}

static bool run_quit(void *opaque, void *ret, Error **errp)
{
    ERRP_GUARD();

    qmp_quit(errp);
    return !*errp;
}

static const QapiCommand control_commands[] = {
    {
        .name = "qmp_capabilities",
        .arg_type = &qmp_capabilities_arg,
        .run = run_qmp_capabilities,
        .flags = QCO_ALLOW_PRECONFIG,
        .doc = "Begin to execute commands",
    },
    {
        .name = "query-version",
        .ret_type = &qapi_type_VersionInfo,
        .run = run_query_version,
        .flags = QCO_ALLOW_PRECONFIG,
        .doc = "The versions of the protocol and of the library",
    },
    {
        .name = "query-commands",
        .ret_type = &qapi_type_CommandInfoList,
        .run = run_query_commands,
        .flags = QCO_ALLOW_PRECONFIG,
        .doc = "The commands there are, by name",
    },
    {
        .name = "quit",
        .run = run_quit,
        .flags = QCO_ALLOW_PRECONFIG,
        .doc = "Ask the program to end",
    },
};

static void register_control_commands(void)
{
    qapi_register_commands(control_commands, G_N_ELEMENTS(control_commands));
}

module_init(register_control_commands, MODULE_INIT_QMP)
