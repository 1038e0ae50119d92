# SPDX-License-Identifier: LGPL-2.1-or-later
"""A client of QMP, and a program that serves it, for tests.

Written from the protocol's documents, with Python's own JSON and asyncio, so
that it shares no code and no misunderstanding with the server.
"""
import asyncio
import json
import os
import signal
import socket
import struct
import subprocess
import sys
import tempfile

TIMEOUT_S = 60


class QmpError(Exception):
    """A command was answered with an error."""

    def __init__(self, error):
        super().__init__(f'{error["class"]}: {error["desc"]}')
        self.qmp_class = error['class']
        self.desc = error['desc']


class QmpClient:
    """One connection: replies and events, each in the order of arrival."""

    def __init__(self):
        self.greeting = None
        self.replies = asyncio.Queue()
        self.events = asyncio.Queue()
        self.reader = None
        self.writer = None
        self._task = None

    async def connect(self, path, negotiate=True, enable=None):
        self.reader, self.writer = await asyncio.open_unix_connection(
            path, limit=1 << 26)
        self.greeting = await self._receive()
        self._task = asyncio.create_task(self._run())
        if negotiate:
            args = {'enable': enable} if enable is not None else None
            await self.execute('qmp_capabilities', args)
        return self

    async def _receive(self):
        line = await self.reader.readline()
        if not line.endswith(b'\r\n'):
            raise EOFError('the connection has ended')
        line.decode('ascii')
        return json.loads(line)

    async def _run(self):
        try:
            while True:
                message = await self._receive()
                queue = self.events if 'event' in message else self.replies
                queue.put_nowait(message)
        except (EOFError, ConnectionError):
            self.replies.put_nowait(None)
            self.events.put_nowait(None)

    def send(self, data):
        """Bytes, or anything that has a JSON form."""
        if not isinstance(data, bytes):
            data = json.dumps(data).encode() + b'\n'
        self.writer.write(data)

    async def reply(self):
        """The next reply; None at the end of the connection."""
        return await asyncio.wait_for(self.replies.get(), TIMEOUT_S)

    async def event(self, timeout=TIMEOUT_S):
        return await asyncio.wait_for(self.events.get(), timeout)

    async def ask(self, request):
        """Send something, and return the whole reply."""
        self.send(request)
        await self.writer.drain()
        return await self.reply()

    async def execute(self, command, arguments=None, oob=False):
        request = {'exec-oob' if oob else 'execute': command}
        if arguments is not None:
            request['arguments'] = arguments
        reply = await self.ask(request)
        if reply is None:
            raise EOFError('the connection has ended')
        if 'error' in reply:
            raise QmpError(reply['error'])
        return reply['return']

    async def close(self):
        if self._task:
            self._task.cancel()
        self.writer.close()
        try:
            await self.writer.wait_closed()
        except ConnectionError:
            pass

    def abort(self):
        """Away at once, with a reset where the transport knows one."""
        sock = self.writer.get_extra_info('socket')
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
                        struct.pack('ii', 1, 0))
        if self._task:
            self._task.cancel()
        self.writer.transport.abort()


class Program:
    """`qom run` with a socket."""

    def __init__(self, qom, *args, **popen):
        self.dir = tempfile.TemporaryDirectory()
        self.path = os.path.join(self.dir.name, 'qmp')
        self.process = subprocess.Popen(
            [qom, 'run', '-qmp', f'unix:{self.path}', *args],
            stdin=subprocess.DEVNULL, **popen)

    async def wait_ready(self):
        for _ in range(TIMEOUT_S * 100):
            try:
                client = await QmpClient().connect(self.path)
                await client.close()
                return self
            except (FileNotFoundError, ConnectionRefusedError):
                if self.process.poll() is not None:
                    raise RuntimeError('the program has ended') from None
                await asyncio.sleep(0.01)
        raise TimeoutError('the program does not serve')

    async def client(self, **kwargs):
        return await QmpClient().connect(self.path, **kwargs)

    def status(self, key):
        """A number of /proc/PID/status: VmRSS (kB), Threads."""
        with open(f'/proc/{self.process.pid}/status', encoding='ascii') as f:
            for line in f:
                if line.startswith(key + ':'):
                    return int(line.split()[1])
        raise KeyError(key)

    def n_fds(self):
        return len(os.listdir(f'/proc/{self.process.pid}/fd'))

    def stop(self):
        """End it as a user would.  Returns: its exit status."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        status = self.process.wait(TIMEOUT_S)
        self.dir.cleanup()
        return status

    def kill(self):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()


class Tap:
    """Tests are coroutines; their results are TAP."""

    def __init__(self):
        self.n = 0
        self.failed = 0

    async def run(self, name, coroutine):
        self.n += 1
        try:
            await asyncio.wait_for(coroutine, 4 * TIMEOUT_S)
            print(f'ok {self.n} - {name}', flush=True)
        except Exception as e:  # a test may fail in any way
            self.failed += 1
            print(f'not ok {self.n} - {name}', flush=True)
            print(f'# {name}: {type(e).__name__}: {e}', file=sys.stderr)

    def check(self, name, ok):
        self.n += 1
        self.failed += not ok
        print(f'{"ok" if ok else "not ok"} {self.n} - {name}', flush=True)

    def skip(self, name, reason):
        self.n += 1
        print(f'ok {self.n} - {name} # SKIP {reason}', flush=True)

    def finish(self):
        print(f'1..{self.n}')
        return 1 if self.failed else 0


def equal(got, expected):
    """Fails with both values in the message."""
    if got != expected:
        raise AssertionError(f'{got!r} is not {expected!r}')
