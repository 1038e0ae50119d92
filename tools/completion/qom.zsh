#compdef qom qapi
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Completion for zsh.  The program on the line itself tells what can stand there
# (`PROGRAM complete`); this file passes it on.

_qom() {
    local line word doc files
    local -a open open_docs whole whole_docs before

    before=("${(@Q)words[2,CURRENT-1]}")
    for line in "${(@f)$("${(Q)words[1]/#\~/$HOME}" complete -- "$before[@]" \
        "${(Q)PREFIX}" 2>/dev/null </dev/null)}"; do
        word=${line%%$'\t'*}
        doc=$word
        [[ $line == *$'\t'* ]] && doc="$word  -- ${line#*$'\t'}"
        case $word in
        '') ;;
        :files) files=1 ;;
        # more follows: no blank after it
        *[=,:/]) open+=("$word") open_docs+=("$doc") ;;
        *) whole+=("$word") whole_docs+=("$doc") ;;
        esac
    done
    compadd -S '' -l -d open_docs -a open
    compadd -l -d whole_docs -a whole
    [[ -n $files ]] && _files
}

_qom "$@"
