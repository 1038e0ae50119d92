/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * qapi-gen: what the build of this tree itself generates code with.
 *
 * The tool `qapi` can do more and is linked with the library; this program is
 * built before the library, which needs what it writes.
 *
 * usage: qapi-gen SCHEMA FOLDER DEPFILE TARGET MODULE
 */
#include "qapi/compiler/compiler.h"

#include <stdio.h>

static int fail(Error *err)
{
    fprintf(stderr, "%s\n", error_get_pretty(err));
    error_free(err);
    return 1;
}

int main(int argc, char **argv)
{
    g_autoptr(QapiSchema) schema = NULL;
    QapiGenerate options = { 0 };
    Error *err = NULL;

    if (argc != 6) {
        fprintf(stderr, "usage: %s SCHEMA FOLDER DEPFILE TARGET MODULE\n",
                argv[0]);
        return 2;
    }
    schema = qapi_schema_load(argv[1], &err);
    if (!schema) {
        return fail(err);
    }
    options.folder = argv[2];
    options.depfile = argv[3];
    options.target = argv[4];
    options.module = argv[5];
    if (!qapi_schema_generate(schema, &options, &err)) {
        return fail(err);
    }
    return 0;
}
