"""A reader of the chat over each way down, behind one small face: ws, sse, longpoll, poll.

    reader = ROWS["sse"](port, token, after=None, carrier=CARRIERS["h2"])
    reader.hello           what a stream opened there begins with
    reader.read(timeout)   the next event, without hello
    reader.cursor          where it would resume
    reader.cut()           ends without a word; close() politely
"""

import json
import os
import socket
import ssl
import struct
import time
from urllib.parse import quote

import h2frames
from wsclient import TEXT, Closed, WebSocket, connect_tls
from wsstream import WebSocketHttp2

POLL_PAUSE_S = 0.05
HIDES = ("presence", "typing")  # what a reader does not give: it comes when it likes


class Ended(Exception):
    """The stream ended; clean when its framing says that it was whole."""

    def __init__(self, clean):
        super().__init__("clean" if clean else "cut")
        self.clean = clean


class HttpError(Exception):
    def __init__(self, status, body):
        super().__init__("%d %r" % (status, body))
        self.status = status
        self.body = body


class Raw:
    """One HTTP/1.1 connection, by hand: heads, lengths and chunks as they come."""

    websocket = WebSocket

    def __init__(self, port, token, receive_buffer=None):
        self.token = token
        self.buffer = b""
        self.socket = connect_tls(port)
        if receive_buffer:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        self.deadline = None

    def request(self, path, fields=(), version="1.1", method="GET"):
        """What to send for it."""
        lines = ["%s %s HTTP/%s" % (method, path, version), "Host: localhost"]
        if self.token:
            lines.append("Authorization: Bearer " + self.token)
        return "\r\n".join(lines + list(fields) + ["", ""]).encode()

    def send(self, data):
        self.socket.sendall(data)

    def within(self, timeout):
        self.deadline = time.monotonic() + timeout

    def fill(self):
        if self.deadline is not None:
            self.socket.settimeout(max(0.001, self.deadline - time.monotonic()))
        try:
            data = self.socket.recv(65536)
        except TimeoutError:
            raise
        except (ConnectionError, ssl.SSLError):
            raise Ended(False)
        if not data:
            raise Ended(False)
        self.buffer += data

    def receive(self, count):
        """So many bytes off the wire, as if no more had come."""
        while len(self.buffer) < count:
            self.fill()
        self.buffer = self.buffer[:count]

    def take(self, count):
        while len(self.buffer) < count:
            self.fill()
        data, self.buffer = self.buffer[:count], self.buffer[count:]
        return data

    def take_through(self, mark):
        while mark not in self.buffer:
            self.fill()
        data, self.buffer = self.buffer.split(mark, 1)
        return data

    def head(self):
        """(status, fields by lower-cased name)"""
        lines = self.take_through(b"\r\n\r\n").decode().split("\r\n")
        fields = dict(line.split(": ", 1) for line in lines[1:])
        return int(lines[0].split()[1]), {key.lower(): value for key, value in fields.items()}

    def answer(self):
        """(status, fields, body) of one with a length."""
        status, fields = self.head()
        return status, fields, self.rest(fields)

    def rest(self, fields):
        """The body of one with a length."""
        return self.take(int(fields.get("content-length", 0)))

    def chunk(self):
        """The next piece of a body that flows; empty at its end."""
        data = self.take(int(self.take_through(b"\r\n"), 16))
        if self.take(2) != b"\r\n":
            raise AssertionError("a chunk does not end where it said")
        return data

    def reset(self):
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.socket.close()

    def close(self):
        self.socket.close()


class RawHttp2:
    """The same face over an HTTP/2 connection, one stream after the other."""

    websocket = WebSocketHttp2
    WINDOW = 1 << 20

    def __init__(self, port, token, receive_buffer=None):
        self.token = token
        self.peer = h2frames.Connection(port, receive_buffer=receive_buffer, opens=(
            h2frames.PREFACE + h2frames.settings((4, self.WINDOW))
            + h2frames.window_update(0, self.WINDOW - 65535)))
        self.stream = None
        self.over = False
        self.deadline = None

    def request(self, path, fields=(), method="GET"):
        self.stream = self.peer.new_stream()
        more = [tuple(field.split(": ", 1)) for field in fields]
        if self.token:
            more.append(("authorization", "Bearer " + self.token))
        return h2frames.headers(self.stream, h2frames.request_fields(
            method, path, [(name.lower(), value) for name, value in more]))

    def send(self, data):
        self.peer.send(data)

    def within(self, timeout):
        self.deadline = time.monotonic() + timeout

    def _left(self):
        return 10 if self.deadline is None else max(0.001, self.deadline - time.monotonic())

    def _read(self, read):
        self.peer.timeout = self._left()
        try:
            return read(self.stream)
        except TimeoutError:
            raise
        except (ConnectionError, EOFError, ssl.SSLError, h2frames.Reset):
            raise Ended(False)

    def head(self):
        status, fields, self.over = self._read(self.peer.head)
        return status, fields

    def answer(self):
        status, fields = self.head()
        return status, fields, self.rest(fields)

    def rest(self, fields):
        body = b""
        while not self.over:
            body += self.chunk()
        if len(body) != int(fields.get("content-length", 0)):
            raise AssertionError("%d bytes with %r" % (len(body), fields))
        return body

    def chunk(self):
        data = b""
        while not data and not self.over:
            data, self.over = self._read(self.peer.data)
        if data:
            self.send(h2frames.window_update(0, len(data)))
            if not self.over:
                self.send(h2frames.window_update(self.stream, len(data)))
        return data

    def reset(self):
        self.peer.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.peer.close()

    def close(self):
        self.peer.close()


CARRIERS = {"h1": Raw, "h2": RawHttp2}


def dechunk(data):
    """What is in these chunks, the last of which may be cut."""
    text = b""
    while b"\r\n" in data:
        size, data = data.split(b"\r\n", 1)
        text += data[:int(size, 16)]
        data = data[int(size, 16) + 2:]
    return text


def with_after(path, after):
    mark = "&" if "?" in path else "?"
    return path if after is None else path + mark + "after=" + quote(after)


class WsReader:
    holds = stays = True

    def __init__(self, port, token, after=None, hides=HIDES, carrier=Raw):
        self.stream = carrier.websocket(port, token, after=after)
        self.stream.hides = hides
        self.hello = self.stream.read()
        self.cursor = self.hello["cursor"]

    def read(self, timeout=10):
        try:
            return self.note(self.stream.read(timeout))
        except Closed as closed:
            raise Ended(closed.code is not None)

    def cut_after(self, count):
        """Cuts after so many bytes more, wherever that is; the events that were whole by then."""
        events = []
        while len(self.stream.buffer) < count:
            self.stream._fill()
        self.stream.buffer = self.stream.buffer[:count]
        self.stream.cut()
        try:
            while True:
                opcode, payload = self.stream.read_frame()
                if opcode == TEXT:
                    events.append(self.note(json.loads(payload)))
        except OSError:
            return events

    def note(self, event):
        if "cursor" in event:
            self.cursor = event["cursor"]
        elif event.get("rseq"):
            self.cursor = "%s-%d" % (self.hello["epoch"], event["seq"])
        return event

    @property
    def signs(self):
        """How often something kept it alive beside the pong."""
        return self.stream.pings

    def cut(self):
        self.stream.cut()

    def close(self):
        self.stream.close()


class SseReader:
    holds = stays = True

    def __init__(self, port, token, after=None, header=None, path="/v1/events", receive_buffer=None,
                 hides=HIDES, carrier=Raw):
        self.hides = hides
        self.raw = carrier(port, token, receive_buffer)
        self.raw.within(10)
        self.text = b""
        self.signs = 0
        self.cursor = None
        self.retry = None
        fields = ["Accept: text/event-stream"]
        if header is not None:
            fields.append("Last-Event-ID: " + header)
        self.raw.send(self.raw.request(with_after(path, after), fields))
        status, self.fields = self.raw.head()
        if status != 200:
            raise HttpError(status, self.raw.rest(self.fields))
        self.hello = self.read()

    def read(self, timeout=10):
        self.raw.within(timeout)
        while True:
            while b"\n\n" not in self.text:
                piece = self.raw.chunk()
                if piece == b"":
                    raise Ended(True)
                self.text += piece
            block, self.text = self.text.split(b"\n\n", 1)
            event = self.parse(block.decode())
            if event is not None:
                return event

    def parse(self, block):
        data, id = [], None
        for line in block.split("\n"):
            name, _, value = line.partition(":")
            value = value.removeprefix(" ")
            if name == "":
                self.signs += 1
            elif name == "id":
                id = value
            elif name == "retry":
                self.retry = int(value)
            elif name == "data":
                data.append(value)
        if not data:
            return None
        event = json.loads("\n".join(data))
        self.check_id(event, id)
        if id is not None:
            self.cursor = id
        return None if event["type"] in self.hides else event

    def check_id(self, event, id):
        """What has an id, and which, is the contract's."""
        wanted = event.get("cursor")
        if event.get("rseq"):
            wanted = "%s-%d" % (self.hello["epoch"], event["seq"])
        if id != wanted:
            raise AssertionError("id %r of %r" % (id, event))

    def cut_after(self, count):
        """The same; the bytes may end within a chunk, or within its head."""
        self.raw.receive(max(0, count - len(self.text)))
        self.cut()
        blocks = (self.text + dechunk(self.raw.buffer))[:count].split(b"\n\n")[:-1]
        return [event for event in map(self.parse, map(bytes.decode, blocks)) if event is not None]

    def cut(self):
        self.raw.reset()

    def close(self):
        self.raw.close()


class PollReader:
    holds = stays = False
    wait = 0

    def __init__(self, port, token, after=None, hides=HIDES, carrier=Raw):
        self.hides = hides
        self.name = os.urandom(8).hex()
        self.raw = carrier(port, token)
        self.events = []
        self.pages = []  # of every answer: how many events it had
        self.signs = 0
        self.more = False
        self.asked = False
        self.raw.send(self.raw.request(with_after("/v1/hello", after)))
        self.raw.within(10)
        status, _, body = self.raw.answer()
        if status != 200:
            raise HttpError(status, body)
        self.hello = json.loads(body)
        self.position = self.given = after or self.hello["cursor"]
        if after is None:
            self.take_page("/v1/poll?wait=%d" % self.wait)

    @property
    def cursor(self):
        """Of what was read; what came in a page and was not read yet is asked for again."""
        return self.given

    def ask(self, path):
        self.raw.send(self.raw.request(path))
        self.asked = True

    def take_page(self, path):
        if not self.asked:
            self.ask(path)
        status, self.fields, body = self.raw.answer()
        self.asked = False
        if status != 200:
            raise HttpError(status, body)
        page = json.loads(body)
        page["events"] = [event for event in page["events"] if event["type"] not in self.hides]
        self.size = len(body)
        self.pages.append(len(page["events"]))
        self.events = page["events"]
        self.position = page["cursor"]
        self.more = page["more"]
        self.signs += not self.events
        if not self.events:
            self.given = self.position
        return page

    def next_path(self):
        return with_after("/v1/poll?wait=%d&reader=%s" % (self.wait, self.name), self.position)

    def read(self, timeout=10):
        self.raw.within(timeout)
        while not self.events:
            self.take_page(self.next_path())
            if not self.events and not self.holds:
                if time.monotonic() > self.raw.deadline:
                    raise TimeoutError
                time.sleep(POLL_PAUSE_S)
        event = self.events.pop(0)
        if event.get("rseq"):
            self.given = "%s-%d" % (self.hello["epoch"], event["seq"])
        if not self.events:
            self.given = self.position
        return event

    def cut_after(self, count):
        """Within the body of the next answer, so that no event of it is whole."""
        self.ask(self.next_path())
        _, fields = self.raw.head()
        length = int(fields["content-length"])
        self.raw.receive(min(count, length - 1))
        self.cut()
        return []

    def cut(self):
        self.raw.reset()

    def close(self):
        self.raw.close()


class LongPollReader(PollReader):
    holds = True
    wait = 25


ROWS = {"ws": WsReader, "sse": SseReader, "longpoll": LongPollReader, "poll": PollReader}
