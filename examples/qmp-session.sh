#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# usage: qmp-session.sh [QOM]
#
# A whole QMP session of a program that configures a daemon: an iothread is
# created on the command line, read, changed while it runs, and deleted.  Prints
# what is sent (->) and what is received (<-).
set -eu
qom=${1:-qom}

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkfifo "$work/in" "$work/out"

# receive: read lines from qom up to one that is no event, and show them
receive() {
    while IFS= read -r line <&4; do
        printf '%s\n' "<- $line" | tr -d '\r'
        case $line in
        '{"event"'*) ;;
        *) return ;;
        esac
    done
}

# send COMMENT REQUEST: say what is done, do it, and show the reply
send() {
    printf '\n%s\n-> %s\n' "$1" "$2"
    printf '%s\n' "$2" >&3
    receive
}

echo '$ qom run -object iothread,id=io0,poll-max-ns=4096 -qmp stdio'
"$qom" run -object iothread,id=io0,poll-max-ns=4096 -qmp stdio \
    <"$work/in" >"$work/out" &
pid=$!
exec 3>"$work/in" 4<"$work/out"

receive
send '# Every session begins with this.' \
    '{"execute": "qmp_capabilities"}'
send '# The thread runs already; thread-id is what ps and top show.' \
    '{"execute": "query-iothreads"}'
send '# One property of it.' \
    '{"execute": "qom-get", "arguments": {"path": "/objects/io0", "property": "poll-max-ns"}}'
send '# Change it, while the loop runs.' \
    '{"execute": "qom-set", "arguments": {"path": "/objects/io0", "property": "poll-max-ns", "value": 8192}}'
send '# A value that is refused changes nothing.' \
    '{"execute": "qom-set", "arguments": {"path": "/objects/io0", "property": "poll-max-ns", "value": -1}}'
send '# The end of a path is enough.' \
    '{"execute": "qom-get", "arguments": {"path": "io0", "property": "poll-max-ns"}}'
send '# A second thread.' \
    '{"execute": "object-add", "arguments": {"qom-type": "iothread", "id": "io1", "poll-max-ns": 0}}'
send '# What is there?' \
    '{"execute": "qom-list", "arguments": {"path": "/objects"}}'
send '# Stop and delete the first one.' \
    '{"execute": "object-del", "arguments": {"id": "io0"}}'
send '# The end; the other thread is stopped on the way out.' \
    '{"execute": "quit"}'

wait "$pid"
printf '\nqom has ended with status 0.\n'
