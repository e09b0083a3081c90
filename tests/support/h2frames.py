"""HTTP/2 by hand (RFC 9113): frames as they are wanted, good or bad, and what comes back.

    peer = Connection(port)              TLS with ALPN h2, preface and SETTINGS sent
    id = peer.request("GET", "/healthz")
    peer.answer(id)                      (status, fields, body)
    peer.send(frame(PING, data=b"12345678"))
    peer.read()                          the next Frame
    peer.ended()                         reads on to the end; the code of the last GOAWAY, or None

Heads go out as literals without indexing (RFC 7541 section 6.2.2); what comes is decoded in full.
"""

import socket
import ssl
import struct
import time

from h2huffman import huffman_decode

DATA, HEADERS, PRIORITY, RST_STREAM, SETTINGS, PUSH_PROMISE = 0, 1, 2, 3, 4, 5
PING, GOAWAY, WINDOW_UPDATE, CONTINUATION = 6, 7, 8, 9
END_STREAM = ACK = 0x1
END_HEADERS, PADDED, PRIORITY_FLAG = 0x4, 0x8, 0x20

NO_ERROR, PROTOCOL_ERROR, INTERNAL_ERROR, FLOW_CONTROL_ERROR, SETTINGS_TIMEOUT = 0, 1, 2, 3, 4
STREAM_CLOSED, FRAME_SIZE_ERROR, REFUSED_STREAM, CANCEL, COMPRESSION_ERROR = 5, 6, 7, 8, 9
ENHANCE_YOUR_CALM = 11

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"

STATIC_TABLE = [
    (":authority", ""), (":method", "GET"), (":method", "POST"), (":path", "/"),
    (":path", "/index.html"), (":scheme", "http"), (":scheme", "https"), (":status", "200"),
    (":status", "204"), (":status", "206"), (":status", "304"), (":status", "400"),
    (":status", "404"), (":status", "500"), ("accept-charset", ""),
    ("accept-encoding", "gzip, deflate"), ("accept-language", ""), ("accept-ranges", ""),
    ("accept", ""), ("access-control-allow-origin", ""), ("age", ""), ("allow", ""),
    ("authorization", ""), ("cache-control", ""), ("content-disposition", ""),
    ("content-encoding", ""), ("content-language", ""), ("content-length", ""),
    ("content-location", ""), ("content-range", ""), ("content-type", ""), ("cookie", ""),
    ("date", ""), ("etag", ""), ("expect", ""), ("expires", ""), ("from", ""), ("host", ""),
    ("if-match", ""), ("if-modified-since", ""), ("if-none-match", ""), ("if-range", ""),
    ("if-unmodified-since", ""), ("last-modified", ""), ("link", ""), ("location", ""),
    ("max-forwards", ""), ("proxy-authenticate", ""), ("proxy-authorization", ""), ("range", ""),
    ("referer", ""), ("refresh", ""), ("retry-after", ""), ("server", ""), ("set-cookie", ""),
    ("strict-transport-security", ""), ("transfer-encoding", ""), ("user-agent", ""), ("vary", ""),
    ("via", ""), ("www-authenticate", "")]


def frame(type, flags=0, stream=0, data=b"", length=None):
    """length: what the head says, where it is not the truth."""
    size = len(data) if length is None else length
    return struct.pack(">I", size)[1:] + struct.pack(">BBI", type, flags, stream) + data


def number(value, bits, first=0):
    """An integer with a prefix of so many bits (RFC 7541 section 5.1)."""
    top = (1 << bits) - 1
    if value < top:
        return bytes([first | value])
    out, value = [first | top], value - top
    while value >= 128:
        out.append(value % 128 + 128)
        value //= 128
    return bytes(out + [value])


def text(value):
    data = value if isinstance(value, bytes) else value.encode()
    return number(len(data), 7) + data


def literal(name, value):
    return b"\0" + text(name) + text(value)


def block(fields):
    return b"".join(literal(name, value) for name, value in fields)


def request_fields(method="GET", path="/healthz", more=(), authority="localhost"):
    return [(":method", method), (":scheme", "https"), (":path", path),
            (":authority", authority), *more]


def headers(stream, fields, flags=END_STREAM | END_HEADERS):
    data = fields if isinstance(fields, bytes) else block(fields)
    return frame(HEADERS, flags, stream, data)


def settings(*pairs):
    return frame(SETTINGS, 0, 0, b"".join(struct.pack(">HI", id, value) for id, value in pairs))


def window_update(stream, size):
    return frame(WINDOW_UPDATE, 0, stream, struct.pack(">I", size))


def rst_stream(stream, code=CANCEL):
    return frame(RST_STREAM, 0, stream, struct.pack(">I", code))


class Frame:
    def __init__(self, type, flags, stream, data):
        self.type, self.flags, self.stream, self.data = type, flags, stream, data
        self.fields = None  # of HEADERS

    @property
    def code(self):
        """Of RST_STREAM and GOAWAY."""
        return struct.unpack(">I", self.data[-4:] if self.type == RST_STREAM else self.data[4:8])[0]

    @property
    def last_stream(self):
        return struct.unpack(">I", self.data[:4])[0]

    def __repr__(self):
        return "Frame(%d, %#x, %d, %r)" % (self.type, self.flags, self.stream, self.data[:40])


class Decoder:
    """Of what the server sends (RFC 7541)."""

    def __init__(self):
        self.table = []

    def decode(self, data):
        fields, at = [], 0
        while at < len(data):
            first = data[at]
            if first & 0x80:
                index, at = self._number(data, at, 7)
                fields.append(self._entry(index))
            elif first & 0xe0 == 0x20:
                _, at = self._number(data, at, 5)
            else:
                kept = first & 0x40
                index, at = self._number(data, at, 6 if kept else 4)
                name, at = (self._entry(index)[0], at) if index else self._text(data, at)
                value, at = self._text(data, at)
                fields.append((name, value))
                if kept:
                    self.table.insert(0, (name, value))
        return fields

    def _entry(self, index):
        return (STATIC_TABLE + self.table)[index - 1]

    @staticmethod
    def _number(data, at, bits):
        top = (1 << bits) - 1
        value, shift, at = data[at] & top, 0, at + 1
        if value == top:
            while True:
                value += (data[at] & 127) << shift
                shift, at = shift + 7, at + 1
                if data[at - 1] < 128:
                    break
        return value, at

    def _text(self, data, at):
        packed = data[at] & 0x80
        size, at = self._number(data, at, 7)
        raw = data[at:at + size]
        return (huffman_decode(raw) if packed else raw).decode(), at + size


def connect(port, alpn=("h2",), timeout=10, receive_buffer=None):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    context.set_alpn_protocols(list(alpn))
    plain = socket.socket()
    if receive_buffer:
        plain.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
    plain.settimeout(timeout)
    plain.connect(("127.0.0.1", port))
    plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return context.wrap_socket(plain, server_hostname="localhost")


class Connection:
    """opens: what is sent at first; None for the preface and empty SETTINGS. over: a TLS connection
    that is there already."""

    def __init__(self, port, opens=None, acknowledges=True, receive_buffer=None, timeout=10,
                 over=None):
        self.socket = over or connect(port, timeout=timeout, receive_buffer=receive_buffer)
        self.timeout = timeout
        self.acknowledges = acknowledges
        self.buffer = bytearray()
        self.decoder = Decoder()
        self.next_stream = 1
        self.kept = []
        self.send(PREFACE + settings() if opens is None else opens)

    def send(self, data):
        """False when the other side has closed already."""
        try:
            self.socket.sendall(data)
            return True
        except (ConnectionError, ssl.SSLError):
            return False

    def _fill(self):
        data = self.socket.recv(65536)
        if not data:
            raise EOFError("ended")
        self.buffer += data

    def read(self, timeout=None):
        """The next frame; SETTINGS and PINGs are acknowledged on the way. EOFError at the end."""
        deadline = time.monotonic() + (self.timeout if timeout is None else timeout)
        while True:
            size = int.from_bytes(self.buffer[:3], "big") + 9
            if len(self.buffer) >= max(9, size):
                break
            self.socket.settimeout(max(0.001, deadline - time.monotonic()))
            self._fill()
        type, flags, stream = struct.unpack(">BBI", self.buffer[3:9])
        got = Frame(type, flags, stream & 0x7fffffff, bytes(self.buffer[9:size]))
        del self.buffer[:size]
        if got.type == HEADERS:
            got.fields = self.decoder.decode(got.data)
        if self.acknowledges and not got.flags & ACK and got.type in (SETTINGS, PING):
            self.send(frame(got.type, ACK, 0, got.data if got.type == PING else b""))
        return got

    def read_until(self, wanted, timeout=None):
        """The first frame for which wanted is true; those before it are kept for other readers."""
        for index, got in enumerate(self.kept):
            if wanted(got):
                return self.kept.pop(index)
        deadline = time.monotonic() + (self.timeout if timeout is None else timeout)
        while True:
            got = self.read(max(0.001, deadline - time.monotonic()))
            if wanted(got):
                return got
            self.kept.append(got)

    def new_stream(self):
        self.next_stream += 2
        return self.next_stream - 2

    def request(self, method="GET", path="/healthz", more=(), body=None):
        """Its stream."""
        stream = self.new_stream()
        flags = END_HEADERS | (END_STREAM if body is None else 0)
        self.send(headers(stream, request_fields(method, path, more), flags))
        if body is not None:
            for at in range(0, max(1, len(body)), 16384):
                end = END_STREAM if at + 16384 >= len(body) else 0
                self.send(frame(DATA, end, stream, body[at:at + 16384]))
        return stream

    def head(self, stream):
        """(status, fields by name, whether that was all)"""
        got = self.read_until(lambda f: f.stream == stream and f.type in (HEADERS, RST_STREAM))
        if got.type == RST_STREAM:
            raise Reset(got.code)
        fields = dict(got.fields)
        return int(fields[":status"]), fields, bool(got.flags & END_STREAM)

    def data(self, stream, timeout=None):
        """(bytes, whether they were the last)"""
        got = self.read_until(lambda f: f.stream == stream and f.type in (DATA, RST_STREAM),
                              timeout)
        if got.type == RST_STREAM:
            raise Reset(got.code)
        return got.data, bool(got.flags & END_STREAM)

    def answer(self, stream):
        status, fields, over = self.head(stream)
        body = b""
        while not over:
            data, over = self.data(stream)
            body += data
            if data:  # the connection's window has to be opened for the last ones too
                self.send(window_update(0, len(data)))
            if data and not over:
                self.send(window_update(stream, len(data)))
        return status, fields, body

    def ask(self, *args, **more):
        return self.answer(self.request(*args, **more))

    def reset_code(self, stream):
        return self.read_until(lambda f: f.type == RST_STREAM and f.stream == stream).code

    def ended(self):
        """Reads on to the end of the connection."""
        code = next((f.code for f in reversed(self.kept) if f.type == GOAWAY), None)
        try:
            while True:
                got = self.read()
                self.kept.append(got)
                if got.type == GOAWAY:
                    code = got.code
        except (EOFError, ConnectionError, ssl.SSLError):
            return code

    def works(self):
        """It still answers."""
        return self.ask()[0] == 200

    def close(self):
        self.socket.close()


class Reset(Exception):
    """The stream was reset."""

    def __init__(self, code):
        super().__init__("RST_STREAM with code %d" % code)
        self.code = code
