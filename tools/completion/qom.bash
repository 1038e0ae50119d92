# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Completion for bash.  The program on the line itself tells what can stand there
# (`PROGRAM complete`); this file passes it on.

_qom() {
    local line=${COMP_LINE:0:COMP_POINT} words current program head word
    local files=

    # bash splits a line at '=' and ':', too; here a word is what blanks part
    read -ra words <<<"$line"
    [[ $line == *[[:space:]] ]] && words+=('')
    current=${words[-1]}
    program=${words[0]/#\~/$HOME}

    COMPREPLY=()
    while IFS=$'\t' read -r word _; do
        if [[ $word == :files ]]; then
            files=1
        else
            COMPREPLY+=("$word")
        fi
    done < <("$program" complete -- "${words[@]:1}" 2>/dev/null </dev/null)
    # only what follows the last '=' or ':' is replaced
    head=${current%"${current##*[=:]}"}
    if [[ $files ]]; then
        compopt -o filenames 2>/dev/null
        mapfile -t -O "${#COMPREPLY[@]}" COMPREPLY \
            < <(compgen -P "$head" -f -- "${current#"$head"}")
    fi
    COMPREPLY=("${COMPREPLY[@]#"$head"}")
    case ${COMPREPLY[0]:-} in
    *[=,:/]) compopt -o nospace 2>/dev/null ;;
    esac
    # a name may have brackets, which bash would expand
    [[ $files ]] || COMPREPLY=("${COMPREPLY[@]//[/\\[}")
    [[ $files ]] || COMPREPLY=("${COMPREPLY[@]//]/\\]}")
}

complete -F _qom qom qapi
