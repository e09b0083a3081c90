"""A small TLS and WebSocket client for tests: the standard library only.

It does what it is told and no more: it checks no certificate, answers no ping unless asked, and
sends frames that no honest client would send.
"""

import base64
import http.client
import json
import os
import socket
import ssl
import struct
import time
from urllib.parse import quote

TEXT, BINARY, CLOSE, PING, PONG = 1, 2, 8, 9, 10
HOST = "127.0.0.1"  # where the server is; a test that has a network of its own sets it


def tls_context():
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)  # the default one reads all the system's CAs
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def connect_tls(port, timeout=10):
    plain = socket.create_connection((HOST, port), timeout)
    plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return tls_context().wrap_socket(plain, server_hostname="localhost")


class Answer:
    """What came back for one HTTP request."""

    def __init__(self, response):
        self.status = response.status
        self.headers = response.headers
        self.body = response.read()

    @property
    def json(self):
        return json.loads(self.body)

    @property
    def code(self):
        """The error's code, or None."""
        return self.json.get("error", {}).get("code") if self.body else None


class Http:
    """One keep-alive connection."""

    def __init__(self, port, token=None):
        self.token = token
        self.connection = http.client.HTTPSConnection(
            HOST, port, timeout=20, context=tls_context())

    def ask(self, method, path, body=None, headers=None):
        all_headers = dict(headers or {})
        if self.token:
            all_headers["Authorization"] = "Bearer " + self.token
        if body is not None and not isinstance(body, (bytes, str)):
            body = json.dumps(body)
        self.connection.request(method, path, body, all_headers)
        return Answer(self.connection.getresponse())

    def get(self, path):
        return self.ask("GET", path)

    def post(self, path, body=None, headers=None):
        return self.ask("POST", path, {} if body is None else body, headers)

    def close(self):
        self.connection.close()


def ask(port, method, path, body=None, token=None, headers=None):
    """One request on a connection of its own."""
    http_ = Http(port, token)
    try:
        return http_.ask(method, path, body, headers)
    finally:
        http_.close()


def login(port, user, password=None):
    """The token of a fresh session."""
    body = {"user": user}
    if password is not None:
        body["password"] = password
    answer = ask(port, "POST", "/v1/login", body)
    if answer.status != 200:
        raise AssertionError("login of %s: %d %r" % (user, answer.status, answer.body))
    return answer.json["token"]


class Refused(Exception):
    """The server did not upgrade."""

    def __init__(self, status, body):
        super().__init__("%s %r" % (status, body))
        self.status = status
        self.body = body


class Closed(Exception):
    """The stream ended: by a close frame, or with code None by the socket."""

    def __init__(self, code, reason=""):
        super().__init__("%s %s" % (code, reason))
        self.code = code
        self.reason = reason


class WebSocket:
    """Over HTTP/1.1; h2frames has one over HTTP/2."""

    def __init__(self, port, token=None, after=None, subprotocol="rtchat.v1", path="/v1/ws",
                 headers=(), upgrade="websocket", timeout=10):
        self._begin()
        self.socket = connect_tls(port, timeout)
        lines = ["Host: localhost:%d" % port, "Upgrade: " + upgrade, "Connection: Upgrade",
                 "Sec-WebSocket-Version: 13",
                 "Sec-WebSocket-Key: " + base64.b64encode(os.urandom(16)).decode()]
        if token:
            lines.append("Authorization: Bearer " + token)
        if subprotocol:
            lines.append("Sec-WebSocket-Protocol: " + subprotocol)
        if after is not None:
            path += "?after=" + quote(after)
        lines.extend(headers)
        request = "GET %s HTTP/1.1\r\n%s\r\n\r\n" % (path, "\r\n".join(lines))
        self.socket.sendall(request.encode())
        self._read_upgrade()

    def _begin(self):
        self.answers_pings = True
        self.hides = ("presence", "typing")  # what read does not give: it comes when it likes
        self.pings = 0
        self.buffer = b""

    def _read_upgrade(self):
        while b"\r\n\r\n" not in self.buffer:
            self._fill()
        head, self.buffer = self.buffer.split(b"\r\n\r\n", 1)
        status = int(head.split(b" ", 2)[1])
        self.head = head.decode()
        if status != 101:
            try:
                while True:
                    self._fill()
            except (Closed, OSError):
                pass
            raise Refused(status, self.buffer)

    def _fill(self):
        data = self.socket.recv(65536)
        if not data:
            raise Closed(None)
        self.buffer += data

    def _take(self, count):
        while len(self.buffer) < count:
            self._fill()
        data, self.buffer = self.buffer[:count], self.buffer[count:]
        return data

    def read_frame(self):
        """(opcode, payload) of the next frame."""
        first, second = self._take(2)
        if first & 0x70 or second & 0x80:
            raise AssertionError("a server's frame has neither RSV bits nor a mask")
        length = second & 0x7F
        if length == 126:
            length, = struct.unpack(">H", self._take(2))
        elif length == 127:
            length, = struct.unpack(">Q", self._take(8))
        return first & 0x0F, self._take(length)

    def read(self, timeout=10):
        """The next event. Raises Closed at a close frame, TimeoutError when none comes."""
        deadline = time.monotonic() + timeout
        while True:
            self.socket.settimeout(max(0.001, deadline - time.monotonic()))
            opcode, payload = self.read_frame()
            if opcode == TEXT:
                event = json.loads(payload)
                if event["type"] not in self.hides:
                    return event
            if opcode == PING:
                self.pings += 1
                if self.answers_pings:
                    self.send_frame(PONG, payload)
            elif opcode == CLOSE:
                code = struct.unpack(">H", payload[:2])[0] if len(payload) >= 2 else 1005
                raise Closed(code, payload[2:].decode())

    def read_until(self, wanted, timeout=10):
        """The next event of that type, or for which wanted(event) holds; others are dropped."""
        deadline = time.monotonic() + timeout
        while True:
            event = self.read(max(0.001, deadline - time.monotonic()))
            if event["type"] == wanted if isinstance(wanted, str) else wanted(event):
                return event

    def read_close(self, timeout=10):
        """The code that the server closes with; None when it only cuts."""
        deadline = time.monotonic() + timeout
        try:
            while True:
                self.read(max(0.001, deadline - time.monotonic()))
        except Closed as closed:
            return closed.code
        except (ConnectionError, ssl.SSLError):
            return None

    def send_frame(self, opcode, payload=b"", fin=True, claim=None):
        self.socket.sendall(self.frame(opcode, payload, fin, claim))

    def frame(self, opcode, payload=b"", fin=True, claim=None):
        """claim: a length that the head tells in place of the true one."""
        length = len(payload) if claim is None else claim
        head = bytes([(0x80 if fin else 0) | opcode])
        if length < 126:
            head += bytes([0x80 | length])
        elif length < 65536:
            head += bytes([0x80 | 126]) + struct.pack(">H", length)
        else:
            head += bytes([0x80 | 127]) + struct.pack(">Q", length)
        mask = os.urandom(4)
        masked = bytes(b ^ mask[i % 4] for i, b in enumerate(payload))
        return head + mask + masked

    def send(self, command):
        text = command if isinstance(command, (bytes, str)) else json.dumps(command)
        self.send_frame(TEXT, text.encode() if isinstance(text, str) else text)

    def say(self, text, room="#lobby", id=None, timeout=10):
        """Says it and waits for its receipt, or the error."""
        id = id or os.urandom(8).hex()
        self.send({"type": "say", "id": id, "room": room, "text": text})
        return self.read_until(
            lambda e: e["type"] in ("receipt", "error") and e.get("id") == id, timeout)

    def close(self, code=1000):
        try:
            self.send_frame(CLOSE, struct.pack(">H", code))
            self.read_close(5)
        except OSError:
            pass
        self.socket.close()

    def cut(self):
        self.socket.close()
