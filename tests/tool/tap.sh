# SPDX-License-Identifier: LGPL-2.1-or-later
#
# To be read by test scripts: run `qom` and report in TAP.  The script has set
# $qom, and ends with `finish`.
#
#     run get -object main-loop,id=x,aio-max-batch=8 x aio-max-batch
#     check 'get prints a number' 0 8 ''

work=$(mktemp -d)
children=
trap 'cleanup' EXIT
n=0
failures=0

# The tests set what they need themselves.
unset QOM_SOCKET G_DEBUG || :

cleanup() {
    for pid in $children; do
        kill -KILL "$pid" 2>/dev/null || :
    done
    rm -rf "$work"
}

# report STATUS NAME: a line of TAP
report() {
    n=$((n + 1))
    if [ "$1" = 0 ]; then
        echo "ok $n - $2"
    else
        echo "not ok $n - $2"
        failures=$((failures + 1))
    fi
}

# run ARG...: qom with these arguments; what it did is for check
run() {
    status=0
    "$qom" "$@" </dev/null >"$work/out" 2>"$work/err" || status=$?
}

# lines TEXT: the text as lines; nothing when it is empty
lines() {
    [ -z "$1" ] || printf '%s\n' "$1"
}

# check NAME STATUS STDOUT STDERR: what the last run did, to the letter
check() {
    result=0
    if [ "$status" != "$2" ]; then
        echo "# exit status $status, expected $2" >&2
        result=1
    fi
    lines "$3" | diff - "$work/out" >"$work/diff" || {
        sed 's/^/# stdout: /' "$work/diff" >&2
        result=1
    }
    lines "$4" | diff - "$work/err" >"$work/diff" || {
        sed 's/^/# stderr: /' "$work/diff" >&2
        result=1
    }
    report $result "$1"
}

# is NAME EXPECTED ACTUAL: two texts are the same
is() {
    result=0
    if [ "$2" != "$3" ]; then
        printf '%s\n' "expected: $2" "found:    $3" | sed 's/^/# /' >&2
        result=1
    fi
    report $result "$1"
}

# ok NAME COMMAND...: a command succeeds
ok() {
    name=$1
    shift
    result=0
    "$@" >"$work/log" 2>&1 || {
        result=1
        sed 's/^/# /' "$work/log" >&2
    }
    report $result "$name"
}

# wait_until COMMAND...: up to 20 seconds, until a command succeeds
wait_until() {
    tries=400
    until "$@" >/dev/null 2>&1; do
        tries=$((tries - 1))
        [ $tries -gt 0 ] || return 1
        sleep 0.05
    done
}

# start ARG...: qom with these arguments in the background; its id is $pid
start() {
    "$qom" "$@" </dev/null >"$work/started.out" 2>"$work/started.err" &
    pid=$!
    children="$children $pid"
}

# ended: wait for the last started one; its exit status is for check
ended() {
    status=0
    wait "$pid" || status=$?
    mv "$work/started.out" "$work/out"
    mv "$work/started.err" "$work/err"
    children=
}

# count_tasks: threads of the last started one; count_fds: its descriptors
count_tasks() {
    find "/proc/$pid/task" -mindepth 1 -maxdepth 1 | wc -l
}

count_fds() {
    find "/proc/$pid/fd" -mindepth 1 -maxdepth 1 | wc -l
}

finish() {
    echo "1..$n"
    [ $failures = 0 ]
    exit
}
