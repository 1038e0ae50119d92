# SPDX-License-Identifier: LGPL-2.1-or-later
"""bpftrace, for tests of the library's probes."""
import json
import os
import select
import shutil
import signal
import subprocess

ATTACH_S = 60


class Tracer:
    """bpftrace with a script for one process; LIBRARY stands for the library.

    The script collects in maps: to print an event, bpftrace must run, which
    keeps the program waiting that is measured.  why_not is a text if bpftrace
    cannot be used here, and None otherwise.
    """

    def __init__(self, pid, script):
        self.why_not = None
        self.process = None
        if os.geteuid() != 0 or not shutil.which('bpftrace'):
            self.why_not = 'bpftrace needs root, and must be installed'
            return
        script = 'BEGIN { printf("attached\\n"); }\n' + script.replace(
            'LIBRARY', library_of(pid))
        self.process = subprocess.Popen(
            ['bpftrace', '-f', 'json', '-p', str(pid), '-e', script],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, text=True, bufsize=1)
        if not self.await_attached():
            self.process.kill()
            self.why_not = 'bpftrace cannot attach: ' + ' '.join(
                self.process.communicate()[1].split())

    def await_attached(self):
        """Another line tells how many probes it attaches."""
        while select.select([self.process.stdout], [], [], ATTACH_S)[0]:
            line = self.process.stdout.readline()
            if 'attached\\n' in line or not line:
                return bool(line)
        return False

    def stop(self):
        """Returns: its maps by name, without the '@'."""
        self.process.send_signal(signal.SIGINT)
        maps = {}
        for line in self.process.communicate()[0].splitlines():
            event = json.loads(line) if line else {}
            if event.get('type') in ('map', 'hist', 'stats'):
                maps.update(event['data'])
        return {name[1:]: value for name, value in maps.items()}


def library_of(pid):
    """The file that the process has mapped."""
    with open(f'/proc/{pid}/maps', encoding='utf-8') as maps:
        files = [line.split()[-1] for line in maps if 'libqom-1.so' in line]
    return files[0] if files else f'/proc/{pid}/exe'
