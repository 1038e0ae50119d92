/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What goes to a QMP server and comes back, as the tests of it spell it. */
#ifndef QOM_TESTS_QMP_TEXTS_H
#define QOM_TESTS_QMP_TEXTS_H

#define NEGOTIATE "{\"execute\": \"qmp_capabilities\"}\n"
#define ENABLE_OOB \
    "{'execute': 'qmp_capabilities', 'arguments': {'enable': ['oob']}}"
#define IN(command, id) "{'execute': '" command "', 'id': " id "}"
#define OOB(command, id) "{'exec-oob': '" command "', 'id': " id "}"

#define OK "{\"return\": {}}\r\n"
#define OK_ID(id) "{\"return\": {}, \"id\": " id "}\r\n"
#define ERROR(class, desc) \
    "{\"error\": {\"class\": \"" class "\", \"desc\": \"" desc "\"}}\r\n"
#define GENERIC(desc) ERROR("GenericError", desc)

#endif
