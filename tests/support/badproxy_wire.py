"""One end of a TCP connection, in clear or under TLS, with the weather on it.

asyncio's own TLS transport cannot half-close and hides how the other end went; here both show:
a clean end (close_notify), a ragged one (FIN alone) and a reset are told apart and can be made.
"""

import asyncio
import socket
import ssl
import struct

from badproxy_line import CALM, PIECE, Line

CONNECT_S = 10


class Wire(asyncio.Protocol):
    """One end. buffer: what was read and not yet used, at most about 2 * PIECE bytes.

    eof: the other end sends no more. ragged: it did not say so under TLS. received, sent: bytes on
    the socket. Reading is for one task; every wait may be cancelled without a loss of bytes.
    """

    def __init__(self, weather=CALM, on_made=None):
        self._weather = weather
        self._on_made = on_made
        self._in = Line(weather)
        self._out = Line(weather)
        self._timers = {}
        self._input = asyncio.Event()
        self._output = asyncio.Event()
        self._transport = None
        self._tls = None
        self._choked = False
        self._lost = False
        self._reset = None
        self._eof_sent = False
        self._closed = asyncio.get_running_loop().create_future()
        self._loop = asyncio.get_running_loop()
        self.buffer = bytearray()
        self.eof = False
        self.ragged = False
        self.received = 0
        self.sent = 0
        self.watchers = []     # events that are set when something comes in
        self.on_bytes = None   # called when something comes in or goes out

    # -- asyncio's calls

    def connection_made(self, transport):
        self._transport = transport
        transport.set_write_buffer_limits(high=PIECE)
        # The kernel has answered the SYN for us. So far away, a first byte needs a round trip more.
        self._in.hold(self._loop.time() + 3 * self._weather.delay_s)
        if self._on_made is not None:
            self._on_made(self)

    def data_received(self, data):
        self.received += len(data)
        self._touched()
        self._in.put(data, self._loop.time())
        if self._in.is_full:
            self._transport.pause_reading()
        self._arm("in", self._in, self._notify)

    def eof_received(self):
        self._in.put_end(self._loop.time())
        self._arm("in", self._in, self._notify)
        return True  # the way out stays open

    def connection_lost(self, exc):
        self._lost = True
        self._reset = self._reset or exc
        for timer in self._timers.values():
            timer.cancel()
        self._timers.clear()
        self._notify()
        self._output.set()
        if not self._closed.done():
            self._closed.set_result(None)

    def pause_writing(self):
        self._choked = True

    def resume_writing(self):
        self._choked = False
        self._output.set()

    # -- the lines

    def _touched(self):
        if self.on_bytes is not None:
            self.on_bytes()

    def _notify(self):
        self._input.set()
        for watcher in self.watchers:
            watcher.set()

    def _arm(self, name, line, act):
        """Calls act now if something of the line is due, and when the next is."""
        if line.is_empty or name in self._timers:
            return

        if line.next_due <= self._loop.time():
            act()
            return

        def fire():
            self._timers.pop(name, None)
            self._arm(name, line, act)

        self._timers[name] = self._loop.call_at(line.next_due, fire)

    def _put_out(self, data):
        if self._lost or self._transport.is_closing():
            raise ConnectionResetError("the other end is gone")
        if self._out.is_empty and self._weather.is_calm:
            self._write(data)
        else:
            self._out.put(data, self._loop.time())
            self._arm("out", self._out, self._run_out)

    def _run_out(self):
        while not self._lost:
            data, ended = self._out.take(self._loop.time())
            if data:
                self._write(data)
            if ended:
                self._write_eof()
            if not data:
                break
        self._output.set()
        self._arm("out", self._out, self._run_out)

    def _write(self, data):
        self.sent += len(data)
        self._touched()
        self._transport.write(data)

    def _write_eof(self):
        if not self._transport.is_closing():
            try:
                self._transport.write_eof()
            except OSError:
                pass  # it was reset, which the transport has yet to see

    async def _drain(self):
        while (self._choked or self._out.is_full) and not self._lost:
            self._output.clear()
            await self._output.wait()

    # -- TLS

    async def start_tls(self, context, server_side, name=None):
        """The handshake. Raises ssl.SSLError or ConnectionError."""
        incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        tls = context.wrap_bio(incoming, outgoing, server_side, name)
        self._tls = (tls, incoming, outgoing)
        while True:
            try:
                tls.do_handshake()
                self._flush_tls()
                self._decrypt()  # what came in the same piece as the handshake's last word
                return tls
            except ssl.SSLWantReadError:
                self._flush_tls()
            except ssl.SSLError:
                self._flush_tls()
                raise
            await self._wait_raw()

    async def _wait_raw(self):
        incoming = self._tls[1]
        while True:
            self._input.clear()
            data, ended = self._take_raw()
            if data:
                incoming.write(data)
                return
            if ended or self._lost:
                raise ConnectionResetError("ended within the handshake")
            await self._input.wait()

    def _flush_tls(self):
        data = self._tls[2].read()
        if data:
            self._put_out(data)

    def _take_raw(self):
        data, ended = self._in.take(self._loop.time())
        if not self._in.is_full and not self._lost:
            self._transport.resume_reading()
        self._arm("in", self._in, self._notify)
        return data, ended

    def _decrypt(self):
        """Moves what TLS can give into the buffer."""
        tls = self._tls[0]
        try:
            while True:
                data = tls.read(PIECE)
                if not data:
                    self.eof = True
                    return
                self.buffer += data
        except ssl.SSLWantReadError:
            pass
        except ssl.SSLZeroReturnError:
            self.eof = True

    # -- reading

    def poll(self):
        """Takes in what is there, without waiting. True: something can be used, or it ended."""
        while not self.buffer and not self.eof:
            data, ended = self._take_raw()
            if data and self._tls is None:
                self.buffer += data
            elif data:
                self._tls[1].write(data)
                self._decrypt()
                self._flush_quietly()
            if ended and not self.eof:
                self.eof = True
                self.ragged = self._tls is not None
            if not data and not ended:
                break
        if not self.buffer and self._lost and not self.eof:
            if self._reset is not None:
                raise ConnectionResetError("reset by the other end")
            self.eof = self.ragged = True
        return bool(self.buffer) or self.eof

    def _flush_quietly(self):
        # An answer of TLS itself (to a key update): if it cannot go out, the next write tells.
        try:
            self._flush_tls()
        except ConnectionResetError:
            pass

    async def fill(self):
        """Waits until the buffer has something; False at the end.

        Raises ConnectionResetError and ssl.SSLError.
        """
        while True:
            self._input.clear()
            if self.poll():
                return bool(self.buffer)
            await self._input.wait()

    async def more_or_held(self):
        """Waits until the buffer has something, if it has not; False at the end."""
        return bool(self.buffer) or await self.fill()

    async def more(self, limit):
        """Waits for bytes beyond those in the buffer; False at the end or when it has limit."""
        held, self.buffer = self.buffer, bytearray()
        try:
            if len(held) >= limit:
                return False
            return await self.fill()
        finally:
            held += self.buffer
            self.buffer = held

    def take(self, count):
        data = bytes(self.buffer[:count])
        del self.buffer[:count]
        return data

    async def take_until(self, mark, limit):
        """Bytes up to and with the mark; b"" when it ends before the first byte.

        Raises EOFError when it ends within, ValueError when the limit is passed.
        """
        start = 0
        while True:
            at = self.buffer.find(mark, start)
            if at >= 0:
                return self.take(at + len(mark))
            if len(self.buffer) >= limit:
                raise ValueError("no end within %d bytes" % limit)
            start = max(0, len(self.buffer) - len(mark) + 1)
            if not await self.more(limit):
                if not self.buffer:
                    return b""
                raise EOFError("ended within a head")

    # -- writing

    async def send(self, data):
        """Raises ConnectionResetError when the other end is gone."""
        view = memoryview(data)
        for start in range(0, len(view), PIECE):
            piece = view[start:start + PIECE]
            if self._tls is None:
                self._put_out(bytes(piece))
            else:
                self._encrypt(piece)
            await self._drain()

    def _encrypt(self, piece):
        while piece:
            piece = piece[self._tls[0].write(piece):]
        self._flush_tls()

    def send_eof(self, ragged=False):
        """No more from here, after all that was sent; what comes in can still be read."""
        if self._eof_sent or self._lost:
            return

        self._eof_sent = True
        if self._tls is not None and not ragged:
            self._say_close_notify()
        if self._out.is_empty:
            self._write_eof()
        else:
            self._out.put_end(self._loop.time())
            self._arm("out", self._out, self._run_out)

    def _say_close_notify(self):
        try:
            # SSL_shutdown looks for the other's close_notify and drops data that it finds instead.
            self._decrypt()
            self._tls[0].unwrap()
        except ssl.SSLError:
            pass
        self._flush_quietly()

    async def close(self):
        """Closes after what was sent has gone out, and waits until the socket is closed."""
        if self._transport is None:
            return
        while not self._out.is_empty and not self._lost:
            self._output.clear()
            await self._output.wait()
        self._transport.close()
        await asyncio.shield(self._closed)

    def cut(self):
        """Closes at once, with a FIN and no word of TLS; what is under way is lost."""
        self._abort(lambda sock: sock.shutdown(socket.SHUT_WR))

    def reset(self):
        """Closes at once, with a RST."""
        self._abort(lambda sock: sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
                                                 struct.pack("ii", 1, 0)))

    def _abort(self, prepare):
        if self._transport is None or self._lost:
            return
        try:
            prepare(self._transport.get_extra_info("socket"))
        except OSError:
            pass  # it went first
        self._transport.abort()


async def connect_tcp(host, port):
    """A wire, or None."""
    loop = asyncio.get_running_loop()
    try:
        _, wire = await asyncio.wait_for(loop.create_connection(Wire, host, port), CONNECT_S)
        return wire
    except (OSError, asyncio.TimeoutError):
        return None


async def connect_tls(host, port, context, fingerprint_is_good):
    """A wire, or None. fingerprint_is_good: asked with the peer's certificate (DER)."""
    wire = await connect_tcp(host, port)
    if wire is None:
        return None
    try:
        tls = await asyncio.wait_for(wire.start_tls(context, False, "localhost"), CONNECT_S)
        if fingerprint_is_good(tls.getpeercert(True)):
            return wire
    except (OSError, asyncio.TimeoutError):
        pass
    except BaseException:
        wire.reset()
        raise
    wire.reset()
    return None
