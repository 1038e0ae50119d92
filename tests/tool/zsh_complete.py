# SPDX-License-Identifier: LGPL-2.1-or-later
"""usage: zsh_complete.py FOLDER PATH LINE

Prints what zsh makes of LINE when the tabulator key is pressed at its end.
FOLDER has the file _qom; PATH is put before $PATH.
"""
import os
import pty
import select
import sys

FOLDER, PATH, LINE = sys.argv[1:]
TIMEOUT_S = 30

# The widget prints the line after the completion; the terminal shows more.
SETUP = r'''
PS1= PS2= ; unsetopt zle_bracketed_paste 2>/dev/null; unset zle_bracketed_paste
fpath=("$QOM_FOLDER" $fpath)
autoload -Uz compinit; compinit -u -D
setopt no_list_beep no_auto_menu
report() { zle complete-word; print -r -- "<<$BUFFER>>"; exit }
zle -N report
bindkey '^I' report
print ready
'''


def read_until(fd, mark):
    text = b''
    while mark not in text:
        if not select.select([fd], [], [], TIMEOUT_S)[0]:
            sys.exit(f'zsh does not answer: {text}')
        try:
            data = os.read(fd, 4096)
        except OSError:
            data = b''
        if not data:
            sys.exit(f'zsh has ended: {text}')
        text += data
    return text


def main():
    pid, fd = pty.fork()
    if not pid:
        environment = dict(os.environ, TERM='dumb', COLUMNS='1000',
                           QOM_FOLDER=FOLDER, HOME=FOLDER,
                           PATH=f'{PATH}:{os.environ["PATH"]}')
        os.execvpe('zsh', ['zsh', '-f', '-i'], environment)
    setup = os.path.join(FOLDER, 'setup')
    with open(setup, 'w', encoding='utf-8') as out:
        out.write(SETUP)
    os.write(fd, f'source {setup}\n'.encode())
    read_until(fd, b'\nready')
    os.write(fd, f'{LINE}\t'.encode())
    text = read_until(fd, b'>>')
    print(text[text.index(b'<<') + 2:text.index(b'>>')].decode())


main()
