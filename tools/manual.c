/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The sections of qom(1) after the options.
 *
 * Only what no table of verbs or options says is here.  man-page.c turns the
 * texts into roff: an empty line separates paragraphs, and lines that begin
 * with four blanks keep their breaks.
 *
 * What the program does at a limit or a signal belongs here, and so does what
 * several verbs have in common; what one option does belongs to its entry.
 */
#include "tools/manual.h"

const ToolSection manual_sections[] = {
    { "CONFIGURATION FILES",
      "A file for apply and for run -config is JSON, a list of objects in "
      "the form of -object, or "
      "an object with such a list:\n"
      "\n"
      "    {\n"
      "        \"objects\": [\n"
      "            // the parameters of the main loop\n"
      "            { \"qom-type\": \"main-loop\", \"id\": \"ml\" }\n"
      "        ]\n"
      "    }\n"
      "\n"
      "Comments begin with // or # and end with the line, or are between "
      "/* and */.  For run -config the object may also have the members "
      "plugin and qmp, arrays of strings, and pidfile, a string.  They mean "
      "the same as the options of these names.\n" },
    { "SIGNALS",
      "SIGINT and SIGTERM end qom run with status 0.  SIGHUP ends it, too, "
      "unless -config is given.  Then qom reads the file again and changes "
      "the objects to what the file and -object describe.  If anything is "
      "wrong, it prints a message and changes nothing.\n" },
    { "OTHER PROGRAMS",
      "SOCKET is the path of a unix socket, or tcp:HOST:PORT.  QEMU, its "
      "storage daemon and its guest agent can be asked as well as qom run; "
      "docs/qmp-servers.md in the source tree says what works there.  What a "
      "program cannot do is an error that names the program and the command "
      "that it lacks.\n"
      "\n"
      "A verb with -s waits at most 10 seconds for each reply, whatever else "
      "the program sends during that time.  It is an error if the program "
      "sends more than 32 MiB or 65,536 events before a reply, or a reply "
      "that does not match the schema.  Members that the schema does not "
      "have are ignored.\n" },
    { "ENVIRONMENT",
      "NOTIFY_SOCKET names the socket of a service manager.  qom run reports "
      "there when it is ready, reads its file again, and stops; see "
      "sd_notify(3).  QOM_SOCKET names the socket that verbs connect to when "
      "neither -s nor -object is given.  QOM_HISTORY names the file with the "
      "history of qom shell; if it is empty, none is kept.  Nothing is "
      "coloured if NO_COLOR is set or standard output is not a terminal.\n" },
    { "EXAMPLES",
      "Objects, controlled over a socket:\n"
      "\n"
      "    qom run -object main-loop,id=ml -qmp unix:/run/demo.qmp\n"
      "\n"
      "Change an object while the program runs, save all objects, and check "
      "the file:\n"
      "\n"
      "    export QOM_SOCKET=/run/demo.qmp\n"
      "    qom set ml.aio-max-batch 8\n"
      "    qom config > demo.conf\n"
      "    qom apply demo.conf -dry-run\n"
      "\n"
      "Print changes when they happen:\n"
      "\n"
      "    qom watch -s /run/demo.qmp ml\n"
      "\n"
      "Describe the properties of a type:\n"
      "\n"
      "    qom props main-loop\n"
      "\n"
      "Read a number in hexadecimal and print it in decimal:\n"
      "\n"
      "    qom get -object main-loop,id=ml,aio-max-batch=0x20 ml "
      "aio-max-batch\n" },
    { "SEE ALSO",
      "qapi(1), and the documents in docs/ of the source tree.\n" },
    { NULL },
};
