# SPDX-License-Identifier: LGPL-2.1-or-later
"""A client of the NBD protocol, for tests.

Written from the protocol's document, so that it shares no code and no
misunderstanding with the server.
"""
import asyncio
import itertools
import struct

TIMEOUT_S = 60

OPTION_MAGIC = 0x49484156454f5054
OPTION_REPLY_MAGIC = 0x3e889045565a9
EXPORT_NAME, ABORT, LIST, INFO, GO = 1, 2, 3, 6, 7
STRUCTURED_REPLY, SET_META_CONTEXT, EXTENDED_HEADERS = 8, 10, 11
ACK = 1

READ, WRITE, DISC, FLUSH, TRIM, CACHE, ZEROES, STATUS = range(8)
FUA, NO_HOLE, DF, REQ_ONE, FAST_ZERO, PAYLOAD_LEN = (1 << i for i in range(6))
EPERM, EIO, EINVAL, ENOSPC, EOVERFLOW = 1, 5, 22, 28, 75

SIMPLE, STRUCTURED, EXTENDED = 'simple', 'structured', 'extended'


class NbdError(Exception):
    def __init__(self, number):
        super().__init__(f'error {number}')
        self.number = number


class NbdClient:
    """One connection.  Each request is answered exactly once."""

    def __init__(self):
        self.form = SIMPLE
        self.cookies = itertools.count(1)
        self.pending = {}  # cookie -> (future, command, size, offset)
        self.reader = None
        self.writer = None
        self.size = None
        self.flags = None
        self._task = None
        self.n_holes = 0  # reads that were answered without data

    async def connect(self, path):
        self.reader, self.writer = await asyncio.open_unix_connection(
            path, limit=1 << 27)
        return self

    async def take(self, n):
        return await asyncio.wait_for(self.reader.readexactly(n), TIMEOUT_S)

    # ---- The handshake ----

    async def greet(self, flags=3):
        magic, option, server = struct.unpack('>8sQH', await self.take(18))
        assert magic == b'NBDMAGIC' and option == OPTION_MAGIC, magic
        assert server == 3, server
        self.writer.write(struct.pack('>I', flags))
        return self

    def send_option(self, option, data=b''):
        self.writer.write(struct.pack('>QII', OPTION_MAGIC, option,
                                      len(data)) + data)

    async def option_reply(self, option):
        """All replies to an option, as pairs of type and data."""
        replies = []
        while True:
            magic, echo, kind, size = struct.unpack('>QIII',
                                                    await self.take(20))
            assert magic == OPTION_REPLY_MAGIC and echo == option, (magic,
                                                                    echo)
            replies.append((kind, await self.take(size)))
            if kind == ACK or kind >> 31:
                return replies

    async def ask(self, option, data=b''):
        self.send_option(option, data)
        return await self.option_reply(option)

    async def go(self, name='disk', form=SIMPLE, context=False):
        encoded = struct.pack('>I', len(name)) + name.encode()
        self.form = form
        if form != SIMPLE:
            option = STRUCTURED_REPLY if form == STRUCTURED \
                else EXTENDED_HEADERS
            assert (await self.ask(option))[-1][0] == ACK
        if context:
            query = b'base:allocation'
            replies = await self.ask(SET_META_CONTEXT, encoded + struct.pack(
                '>II', 1, len(query)) + query)
            assert len(replies) == 2, replies
        replies = await self.ask(GO, encoded + b'\0\0')
        assert replies[-1][0] == ACK, replies
        self.size, self.flags = struct.unpack('>QH', replies[0][1][2:])
        self._task = asyncio.create_task(self._receive())
        return self

    # ---- Transmission ----

    def encode(self, command, offset=0, size=0, data=b'', flags=0, cookie=0):
        if self.form == EXTENDED:
            if command == WRITE:
                flags |= PAYLOAD_LEN
            return struct.pack('>IHHQQQ', 0x21e41c71, flags, command, cookie,
                               offset, size or len(data)) + data
        return struct.pack('>IHHQQI', 0x25609513, flags, command, cookie,
                           offset, size or len(data)) + data

    def start(self, command, offset=0, size=0, data=b'', flags=0):
        """Sends a request.  Returns: a future of the data"""
        cookie = next(self.cookies)
        future = asyncio.get_running_loop().create_future()
        self.pending[cookie] = (future, command, size or len(data), offset)
        self.writer.write(self.encode(command, offset, size, data, flags,
                                      cookie))
        return future

    async def request(self, *args, **kwargs):
        return await asyncio.wait_for(self.start(*args, **kwargs), TIMEOUT_S)

    async def error(self, *args, **kwargs):
        """The number of the error that a request ends with; 0 for none"""
        try:
            await self.request(*args, **kwargs)
        except NbdError as e:
            return e.number
        return 0

    def _finish(self, cookie, data, error):
        future = self.pending.pop(cookie)[0]
        if not future.done():
            if error:
                future.set_exception(NbdError(error))
            else:
                future.set_result(data)

    async def _receive_simple(self, head):
        error, cookie = struct.unpack('>IQ', head + await
                                      self.reader.readexactly(8))
        _, command, size, *_ = self.pending[cookie]
        data = b''
        if command == READ and not error:
            data = await self.reader.readexactly(size)
        self._finish(cookie, data, error)

    async def _receive_chunk(self, head, extended):
        flags, kind = struct.unpack('>HH', head)
        cookie, = struct.unpack('>Q', await self.reader.readexactly(8))
        if extended:
            _, size = struct.unpack('>QQ', await self.reader.readexactly(16))
        else:
            size, = struct.unpack('>I', await self.reader.readexactly(4))
        data = await self.reader.readexactly(size)
        assert flags == 1, flags
        if kind == 0x8001:
            self._finish(cookie, None, struct.unpack('>I', data[:4])[0])
        elif kind == 1:
            self._finish(cookie, data[8:], 0)
        elif kind == 2:
            offset, hole = struct.unpack('>QI', data)
            assert (hole, offset) == self.pending[cookie][2:], (offset, hole)
            self.n_holes += 1
            self._finish(cookie, bytes(hole), 0)
        elif kind == 5:
            self._finish(cookie, list(struct.iter_unpack('>II', data[4:])), 0)
        elif kind == 6:
            self._finish(cookie, list(struct.iter_unpack('>QQ', data[8:])), 0)
        else:
            assert kind == 0 and size == 0, (kind, size)
            self._finish(cookie, b'', 0)

    async def _receive(self):
        magics = {0x67446698: SIMPLE, 0x668e33ef: STRUCTURED,
                  0x6e8a278c: EXTENDED}
        error = EOFError('the connection has ended')
        try:
            while True:
                head = await self.reader.readexactly(8)
                form = magics[struct.unpack('>I', head[:4])[0]]
                if form == SIMPLE:
                    await self._receive_simple(head[4:])
                else:
                    await self._receive_chunk(head[4:], form == EXTENDED)
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        except Exception as e:  # reported by whoever waits for a reply
            error = e
        for future, *_ in self.pending.values():
            if not future.done():
                future.set_exception(error)
                future.exception()

    async def at_end(self):
        """Returns when the server has closed the connection."""
        if self._task:
            await asyncio.wait_for(self._task, TIMEOUT_S)
            return
        try:
            while await asyncio.wait_for(self.reader.read(65536), TIMEOUT_S):
                pass
        except ConnectionError:
            pass

    async def close(self, disconnect=True):
        if disconnect:
            self.writer.write(self.encode(DISC))
            await self.at_end()
        self.abort()

    def abort(self):
        if self._task:
            self._task.cancel()
        self.writer.transport.abort()
