/* SPDX-License-Identifier: LGPL-2.1-or-later */
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
      "There may be comments: from // or # to the end of the line, and "
      "between /* and */.  For run -config the object may also have the "
      "members plugin and qmp, lists of texts, and pidfile, a text, which "
      "are as the options.\n" },
    { "SIGNALS",
      "SIGINT and SIGTERM end qom run with status 0.  SIGHUP does, too; with "
      "-config it reads the file again instead, and makes the objects what "
      "the file and -object say, or, if anything is wrong, says so and "
      "leaves them.\n" },
    { "OTHER PROGRAMS",
      "A verb with -s waits at most 10 seconds for each reply, whatever the "
      "program sends meanwhile.  More than 32 MiB or 65,536 events before a "
      "reply, and a reply in another form than the schema says, are errors.  "
      "Members that the schema does not have are ignored.\n" },
    { "ENVIRONMENT",
      "NOTIFY_SOCKET names the socket of a service manager that is told when "
      "qom run is ready, reads its file again, and stops; see "
      "sd_notify(3).  QOM_SOCKET names the socket that verbs ask when "
      "neither -s nor "
      "-object is given.  With NO_COLOR set, or when standard output is no "
      "terminal, nothing is coloured.\n" },
    { "EXAMPLES",
      "Objects, controlled over a socket:\n"
      "\n"
      "    qom run -object main-loop,id=ml -qmp unix:/run/demo.qmp\n"
      "\n"
      "A change while it runs, and how the whole can be made again:\n"
      "\n"
      "    export QOM_SOCKET=/run/demo.qmp\n"
      "    qom set ml.aio-max-batch 8\n"
      "    qom config > demo.conf\n"
      "    qom apply demo.conf -dry-run\n"
      "\n"
      "What others change, as it happens:\n"
      "\n"
      "    qom watch -s /run/demo.qmp ml\n"
      "\n"
      "What can be said about a type:\n"
      "\n"
      "    qom props main-loop\n"
      "\n"
      "A number in hexadecimal, and what it is:\n"
      "\n"
      "    qom get -object main-loop,id=ml,aio-max-batch=0x20 ml "
      "aio-max-batch\n" },
    { "SEE ALSO",
      "qapi(1), and the documents in docs/ of the source tree.\n" },
    { NULL },
};
