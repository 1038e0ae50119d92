/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * qapi: the schema compiler as a command.
 *
 * This file is the tables of verbs, options and texts from which command lines
 * are parsed and help and man page are written; see tool.h.  qapi-verbs.c has
 * the functions of the verbs.
 */
#include "tools/complete.h"
#include "tools/output.h"
#include "tools/qapi-live.h"
#include "tools/qapi-verbs.h"

#include <stddef.h>
#include <string.h>

/*
 * ---- Options ----
 * A table per verb; options that several verbs have are macros.
 */

#define LIBRARY_OPTION                                                   \
    { "I", OPTION_TEXT, offsetof(QapiArgs, library), "DIR",              \
      "look for included files in DIR, too" }
#define LANGUAGE_OPTION_OF(by_default)                                   \
    { "language", OPTION_TEXT, offsetof(QapiArgs, language), "VERSION",  \
      "check comments by the rules of this version of QEMU, such as\n"   \
      "10.0, if no pragma names one; by default of " by_default }
#define LANGUAGE_OPTION LANGUAGE_OPTION_OF("the newest")
#define READ_LANGUAGE_OPTION LANGUAGE_OPTION_OF("any")
#define SOCKET_DOC                                                       \
    "instead of SCHEMA: ask the program that serves QMP there, as\n"     \
    "QEMU or 'qom run -qmp unix:SOCKET' does (default: $QOM_SOCKET)"
#define SOCKET_OPTION                                                    \
    { "s", OPTION_TEXT, offsetof(QapiArgs, socket), "SOCKET", SOCKET_DOC }
#define HELP_OPTION                                                      \
    { "help", OPTION_FLAG, offsetof(QapiArgs, base.help), NULL,          \
      "print this text" }

/*
 * gen is called by build systems.  -module, -depfile and -target make one
 * target per module possible, which is rebuilt if a file that it includes has
 * changed.  docs/schema-language.md shows a meson.build.
 */
static const Option gen_options[] = {
    { "o", OPTION_TEXT, offsetof(QapiArgs, folder), "DIR",
      "write to DIR, which is created if it does not exist" },
    { "p", OPTION_TEXT, offsetof(QapiArgs, prefix), "PREFIX",
      "what names of files begin with" },
    { "module", OPTION_TEXT, offsetof(QapiArgs, module), "FILE",
      "write the code of this module alone, a file named as below the\n"
      "schema's folder or that of -I" },
    { "depfile", OPTION_TEXT, offsetof(QapiArgs, depfile), "FILE",
      "also write which files the result depends on, for make and ninja" },
    { "target", OPTION_TEXT, offsetof(QapiArgs, target), "NAME",
      "what depends on them; by default all files that are written" },
    { "list", OPTION_FLAG, offsetof(QapiArgs, list), NULL,
      "print the names of the files instead" },
    LIBRARY_OPTION,
    LANGUAGE_OPTION,
    HELP_OPTION,
    { NULL },
};

/*
 * check and lint judge files, by one version of the language.  So they have no
 * option -s, and the newest version is the default.
 */
static const Option check_options[] = {
    LIBRARY_OPTION,
    LANGUAGE_OPTION,
    HELP_OPTION,
    { NULL },
};

static const Option introspect_options[] = {
    { "unmask", OPTION_FLAG, offsetof(QapiArgs, unmask), NULL,
      "give types their names instead of numbers; a program that cannot\n"
      "tells numbers all the same" },
    SOCKET_OPTION,
    LIBRARY_OPTION,
    READ_LANGUAGE_OPTION,
    HELP_OPTION,
    { NULL },
};

static const Option show_options[] = {
    SOCKET_OPTION,
    LIBRARY_OPTION,
    READ_LANGUAGE_OPTION,
    HELP_OPTION,
    { NULL },
};

/* A socket is also an argument, so that it is OLD or NEW by its position. */
static const Option diff_options[] = {
    { "s", OPTION_PLACE, offsetof(QapiArgs, sockets), "SOCKET",
      "instead of OLD, NEW or both: ask the program that serves QMP\n"
      "there, as QEMU or 'qom run -qmp unix:SOCKET' does" },
    LIBRARY_OPTION,
    READ_LANGUAGE_OPTION,
    HELP_OPTION,
    { NULL },
};

/* Exactly one of -html, -man and -md is required; qapi_run_doc() checks it. */
static const Option doc_options[] = {
    { "html", OPTION_FLAG, offsetof(QapiArgs, html), NULL,
      "one page of HTML that needs no other file: with an index, a search\n"
      "box, and links from each use of a type to the type" },
    { "man", OPTION_FLAG, offsetof(QapiArgs, man), NULL,
      "a man page of section 7" },
    { "md", OPTION_FLAG, offsetof(QapiArgs, md), NULL, "Markdown" },
    SOCKET_OPTION,
    LIBRARY_OPTION,
    READ_LANGUAGE_OPTION,
    HELP_OPTION,
    { NULL },
};

/*
 * ---- Verbs ----
 * tests/tool/blind runs each example as it is, in an empty folder.
 */

#define A_SCHEMA "echo \"{ 'command': 'quit' }\" >a.json; "
/* The same with a comment, for lint: printf writes a line per argument. */
#define A_COMMENTED_SCHEMA                                               \
    "printf '%s\\n' '##' '# @quit:' '#' '# Stop.' '##' "                 \
    "\"{ 'command': 'quit' }\" >a.json; "

static const Verb verbs[] = {
    {
        .name = "gen",
        .args = "SCHEMA",
        .options = gen_options,
        .min_args = 1,
        .max_args = 1,
        .summary = "write the C code of a schema",
        .doc = "Writes the C code of a schema.  Files that would not change "
               "are left alone;\nnothing is written if the schema has "
               "errors.  -o or -list is needed.\n",
        .example = A_SCHEMA "qapi gen -o build a.json",
        .run = qapi_run_gen,
    },
    {
        .name = "check",
        .args = "SCHEMA",
        .options = check_options,
        .min_args = 1,
        .max_args = 1,
        .summary = "say what is wrong with a schema",
        .doc = "Says what is wrong with a schema; prints nothing if nothing "
               "is.\n",
        .example = A_SCHEMA "qapi check a.json",
        .run = qapi_run_check,
    },
    /* Warnings are the result of the verb, and go to stdout like one. */
    {
        .name = "lint",
        .args = "SCHEMA",
        .options = check_options,
        .min_args = 1,
        .max_args = 1,
        .summary = "check a schema, and warn of what reviewers ask to change",
        .doc = "Checks a schema as check does.  If it is right, warns of what "
               "a reviewer would\nask to change, such as members without a "
               "text, types that nothing uses, and\nnames in comments that "
               "do not exist: a line each, 'FILE:LINE: warning: TEXT\n"
               "[RULE]'.  The exit status is 0 if there is no warning, and 1 "
               "if there is one or\nthe schema has errors.\n",
        .example = A_COMMENTED_SCHEMA "qapi lint a.json",
        .run = qapi_run_lint,
    },
    {
        .name = "introspect",
        .args = "[SCHEMA]",
        .options = introspect_options,
        .max_args = 1,
        .summary = "print what query-qmp-schema tells of a schema",
        .doc = "Prints what query-qmp-schema tells of the schema, as JSON, "
               "an entity a line.\n",
        .example = A_SCHEMA "qapi introspect a.json",
        .run = qapi_run_introspect,
    },
    {
        .name = "show",
        .args = "[NAME] [SCHEMA]",
        .options = show_options,
        .max_args = 2,
        .summary = "show a definition and who uses it, or an overview",
        .doc = "Shows a definition with its documentation and its users, or "
               "an overview of all.\nWithout SCHEMA, $QAPI_SCHEMA names "
               "it.  With -s, NAME may also be a class.\n",
        .example = A_SCHEMA "qapi show quit a.json",
        .run = qapi_run_show,
    },
    {
        .name = "diff",
        .args = "OLD [NEW]",
        .options = diff_options,
        .min_args = 1,
        .max_args = 2,
        .summary = "say what changed for clients; fail if it breaks any",
        .doc = "Says what changed for clients from OLD to NEW, a change a "
               "line that begins with\n'breaks:' or 'fine:'; fails if "
               "anything breaks them.  Each is a schema,\nintrospection data "
               "as JSON, or the reply to query-qmp-schema.  Without NEW,\n"
               "the program at $QOM_SOCKET is asked.\n",
        .example = A_SCHEMA "qapi introspect a.json >b.json; "
                   "qapi diff a.json b.json",
        .run = qapi_run_diff,
    },
    {
        .name = "doc",
        .args = "[SCHEMA]",
        .options = doc_options,
        .max_args = 1,
        .summary = "print the manual of a schema",
        .doc = "Prints the manual of a schema, in the form that an option "
               "says.\n",
        .example = A_SCHEMA "qapi doc -md a.json",
        .run = qapi_run_doc,
    },
    { .name = NULL },
};

/*
 * ---- The man page ----
 * Only what no table of verbs or options says.
 */

/* In the order of the page; lines after four blanks keep their breaks. */
static const ToolSection sections[] = {
    { "RUNNING PROGRAMS",
      "With -s a program that runs is asked instead of files: the one that "
      "serves QMP at this unix socket, for example QEMU or its storage "
      "daemon.  It has no more to tell than introspection does: the options "
      "of classes appear as structs, with default, range, unit and "
      "mutability in their text; conditions and where a definition stands "
      "are unknown.  show asks for classes in addition: qom-describe-type, "
      "or in QEMU qom-list-properties, which knows less.\n\n"
      "A program that can neither unmask nor tell details, such as QEMU, is "
      "asked without: types are then called Type and their number.  What "
      "they contain is shown where they are used.  QEMU's guest agent has "
      "no introspection.  A program that takes longer than ten seconds to "
      "answer is given up.\n" },
    { "ENVIRONMENT",
      "QAPI_SCHEMA names the schema for show.\n\n"
      "QOM_SOCKET names the socket of the program that introspect, show and "
      "doc ask if there is neither a schema nor -s, and with which diff "
      "compares OLD if there is no NEW.\n" },
    { "EXAMPLES",
      "    qapi check main.json\n"
      "    qapi gen -o build main.json\n"
      "    qapi show object-add main.json\n"
      "    qapi diff main-1.0.json main.json\n"
      "    qapi diff -s /run/main.sock main.json\n"
      "    qapi show object-add -s /run/main.sock\n"
      "    qapi show main-loop -s /run/main.sock\n" },
    { "SEE ALSO",
      "qom(1), and docs/schema-language.md in the source tree.\n" },
    { NULL },
};

/*
 * All verbs work alike, so this calls the function.  `qom` chooses a target
 * here.
 */
static int call(const Verb *verb, void *args)
{
    return verb->run(args);
}

/*
 * Tool.complete: a name that show can show.  Names of a file are not known,
 * because the file comes after the name.
 */
static void complete(const CompletionLine *line, const char *kind,
                     Completions *out)
{
    const char *socket =
        line->verb ? completion_option(line, "s", 0) : NULL;
    g_autoptr(GPtrArray) names = NULL;

    if (strcmp(kind, "NAME") || line->option) {
        return;
    }
    if (!socket && !g_getenv("QAPI_SCHEMA")) {
        socket = g_getenv("QOM_SOCKET");
    }
    names = socket && *socket ? live_names(socket) : NULL;
    for (guint i = 0; names && i < names->len; i++) {
        completions_add(out, names->pdata[i], NULL);
    }
}

static const Tool qapi_tool = {
    .name = "qapi",
    .version = QOM_VERSION,
    .summary = "check schemas, generate code and show what is in them",
    .intro = "Checks schemas, generates code from them and shows what is in "
             "them.\n",
    .description = "qapi compiles schemas, which describe types, commands, "
                   "events and classes of objects.\n",
    .verbs = verbs,
    .sections = sections,
    .args_size = sizeof(QapiArgs),
    .call = call,
    .complete = complete,
};

int main(int argc, char **argv)
{
    output_init("qapi");
    return tool_main(&qapi_tool, argc ? argv + 1 : argv);
}
