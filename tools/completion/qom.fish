# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Completion for fish.  The program on the line itself tells what can stand there
# (`PROGRAM complete`); this file passes it on.

function __qom_complete
    set -l words (commandline -opc)
    set -l current (commandline -ct)
    for line in ($words[1] complete -- $words[2..-1] "$current" \
            2>/dev/null </dev/null)
        if test "$line" = ':files'
            __fish_complete_path "$current"
        else
            printf '%s\n' $line
        end
    end
end

for program in qom qapi
    complete -c $program -f -a '(__qom_complete)'
end
