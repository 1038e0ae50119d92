# SPDX-License-Identifier: LGPL-2.1-or-later
"""A gateway of the tool argv[1], and a monitor that a test plays."""
import asyncio
import json
import os
import socket
import subprocess
import sys
import tempfile

from qmp_client import Program, QmpError, equal

QOM = sys.argv[1]
LONG = 'x' * 3_000_000


class Monitor:
    """A monitor whose commands do what the tests need."""

    def __init__(self, path):
        self.path = path
        self.server = None
        self.writers = []
        self.seen = []       # commands, in their order
        self.hanging = []    # ids of requests that get no reply

    async def start(self):
        self.server = await asyncio.start_unix_server(
            self.serve, self.path, limit=1 << 26)
        return self

    def write(self, writer, message):
        writer.write(json.dumps(message).encode() + b'\r\n')

    async def serve(self, reader, writer):
        self.writers.append(writer)
        self.write(writer, {'QMP': {
            'version': {'qemu': {'major': 9, 'minor': 8, 'micro': 7},
                        'package': 'fake'}, 'capabilities': ['oob']}})
        # as QEMU does before the negotiation has ended
        self.event('EARLY', {})
        try:
            while line := await reader.readline():
                self.handle(writer, json.loads(line))
                await writer.drain()
        except (ConnectionError, asyncio.CancelledError):
            pass

    def handle(self, writer, request):
        command = request.get('execute') or request['exec-oob']
        arguments = request.get('arguments', {})
        self.seen.append(command)
        if command == 'hang':
            self.hanging.append((writer, request['id']))
            return
        reply = {'id': request['id']}
        if command == 'echo':
            reply['return'] = arguments
        elif command == 'long':
            reply['return'] = LONG
        elif command == 'query-qmp-schema':
            reply['return'] = [{'name': 'a', 'meta-type': 'enum'}]
        elif command == 'emit':
            for i in range(arguments['n']):
                self.event('TICK', {'i': i, 'fill': arguments.get('fill')})
            reply['return'] = {}
        elif command in ('qmp_capabilities', 'oob-ping'):
            reply['return'] = {}
        else:
            reply['error'] = {'class': 'CommandNotFound',
                              'desc': f'no {command}'}
        self.write(writer, reply)

    def event(self, name, data):
        for writer in self.writers:
            self.write(writer, {
                'timestamp': {'seconds': 1, 'microseconds': 2},
                'event': name, 'data': data})

    def release(self):
        for writer, number in self.hanging:
            self.write(writer, {'return': 'late', 'id': number})
        self.hanging = []

    def stop(self):
        """As a program that is killed: its clients and its socket are gone."""
        self.server.close()
        for writer in self.writers:
            writer.transport.abort()
        self.writers = []
        if os.path.exists(self.path):
            os.unlink(self.path)


class Gateway(Program):
    """`qom gateway` with one address; its options follow the path."""

    def __init__(self, monitor, *args, options='', address=None):
        self.dir = tempfile.TemporaryDirectory()
        self.path = os.path.join(self.dir.name, 'gw')
        self.log = os.path.join(self.dir.name, 'log')
        self.process = subprocess.Popen(
            [QOM, 'gateway', '-to', address or f'unix:{monitor}',
             '-log', self.log,
             '-qmp', f'unix:{self.path}{options}', *args],
            stdin=subprocess.DEVNULL)

    def log_lines(self):
        with open(self.log, encoding='ascii') as file:
            return file.read().splitlines()


class Setup:
    """A monitor, a gateway before it, and clients that are closed at the end."""

    def __init__(self, options=''):
        self.options = options
        self.dir = tempfile.TemporaryDirectory()
        self.monitor = Monitor(os.path.join(self.dir.name, 'mon'))
        self.gateway = None
        self.clients = []

    async def __aenter__(self):
        await self.monitor.start()
        self.gateway = Gateway(self.monitor.path, options=self.options)
        await self.gateway.wait_ready()
        return self

    async def client(self, **kwargs):
        client = await self.gateway.client(**kwargs)
        self.clients.append(client)
        return client

    async def __aexit__(self, *args):
        try:
            for client in self.clients:
                client.abort()
            equal(self.gateway.stop(), 0)
        finally:
            self.gateway.kill()
            self.monitor.stop()
            self.dir.cleanup()


async def refused(client, command, desc, **kwargs):
    try:
        await client.execute(command, **kwargs)
    except QmpError as e:
        equal(e.desc, desc)
        return e.qmp_class
    raise AssertionError(f'{command} succeeded')


async def ask_with_fd(client, request, fds):
    """Sends a request with file descriptors, and returns the reply."""
    await client.writer.drain()
    raw = client.writer.get_extra_info('socket').fileno()
    with socket.socket(fileno=os.dup(raw)) as sock:
        socket.send_fds(sock, [json.dumps(request).encode() + b'\n'], fds)
    return await client.reply()
