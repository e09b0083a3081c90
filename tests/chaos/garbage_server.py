"""A server for clients that says what it should not. Each function in KINDS gets the connection,
TLS or plain, and says its piece; SECURE tells which."""

import base64
import hashlib
import json
import random
import re
import socket
import ssl
import struct
import threading

GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
ENOUGH = 1024 * 1024  # bytes; what a client reads of it without end it would read of more


def read_request(stream):
    """(path, headers) with the body read."""
    data = b""
    while b"\r\n\r\n" not in data:
        more = stream.recv(65536)
        if not more:
            raise OSError("gone")
        data += more
    head, _, body = data.partition(b"\r\n\r\n")
    length = re.search(rb"(?i)\r\ncontent-length: *(\d+)", head)
    while length and len(body) < int(length.group(1)):
        body += stream.recv(65536)
    return head.split(b" ")[1].decode(), head


def answer(stream, body, status="200 OK", kind="application/json", extra=""):
    body = body if isinstance(body, bytes) else body.encode()
    stream.sendall(("HTTP/1.1 %s\r\nContent-Type: %s\r\nContent-Length: %d\r\n%s\r\n"
                    % (status, kind, len(body), extra)).encode() + body)


def let_in(stream):
    """Answers the login, and returns the head of what comes then: the upgrade."""
    while True:
        path, head = read_request(stream)
        if path.startswith("/v1/ws"):
            return head
        answer(stream, json.dumps({"token": "t" * 64, "user": "ann", "guest": True}))


def upgrade(stream):
    key = re.search(rb"(?i)\r\nsec-websocket-key: *(\S+)", let_in(stream)).group(1)
    accept = base64.b64encode(hashlib.sha1(key + GUID).digest()).decode()
    stream.sendall(("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"
                    "Connection: Upgrade\r\nSec-WebSocket-Accept: %s\r\n"
                    "Sec-WebSocket-Protocol: rtchat.v1\r\n\r\n" % accept).encode())


def frame(payload, first=0x81):
    payload = payload if isinstance(payload, bytes) else payload.encode()
    if len(payload) < 126:
        return bytes([first, len(payload)]) + payload
    return bytes([first, 126]) + struct.pack(">H", len(payload)) + payload


HELLO = {"type": "hello", "server": "rtchat", "version": "1", "user": "ann", "epoch": "e",
         "cursor": "e-1", "head": "e-1", "result": "new", "heartbeat": 15,
         "rooms": [{"room": "#lobby", "topic": "", "members": 1}], "limits": {}}


def pour(stream, chance, count=ENOUGH):
    for _ in range(0, count, 65536):
        stream.sendall(chance.randbytes(65536))


def noise(stream, chance):
    pour(stream, chance)


def silence(stream, chance):
    stream.recv(65536)
    while stream.recv(65536):
        pass


def html(stream, chance):
    while True:
        read_request(stream)
        answer(stream, "<html><body>\x1b[2JWelcome to nginx!</body></html>", kind="text/html")


def endless_head(stream, chance):
    read_request(stream)
    stream.sendall(b"HTTP/1.1 200 OK\r\n")
    for n in range(0, ENOUGH, 64):
        stream.sendall(b"X-Header-%08d: %s\r\n" % (n, b"y" * 40))


def endless_body(stream, chance):
    read_request(stream)
    stream.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000000000\r\n\r\n")
    for _ in range(0, 32 * ENOUGH, 65536):
        stream.sendall(b" " * 65536)


def token_of_another_kind(stream, chance):
    read_request(stream)
    answer(stream, '{"token":{"a":["\\u001b"]},"user":7}')
    read_request(stream)


def no_upgrade(stream, chance):
    let_in(stream)
    answer(stream, "<html>no chat here</html>", kind="text/html")


def junk_frames(stream, chance):
    upgrade(stream)
    pour(stream, chance)


def binary_frames(stream, chance):
    upgrade(stream)
    for _ in range(16):
        stream.sendall(frame(chance.randbytes(1000), first=0x82))
    silence(stream, chance)


def huge_frame(stream, chance):
    upgrade(stream)
    stream.sendall(bytes([0x81, 127]) + struct.pack(">Q", 1 << 40))
    for _ in range(0, 32 * ENOUGH, 65536):
        stream.sendall(b" " * 65536)


def endless_pieces(stream, chance):
    upgrade(stream)
    stream.sendall(frame('{"type":"', first=0x01))
    for _ in range(0, 32 * ENOUGH, 60000):
        stream.sendall(frame("x" * 60000, first=0x00))


def not_json(stream, chance):
    upgrade(stream)
    stream.sendall(frame(json.dumps(HELLO)) + frame("hello, \x1b]0;world\x07"))
    silence(stream, chance)


def hostile_events(stream, chance):
    """JSON, and nothing that a server should say."""
    upgrade(stream)
    rows = ['[]', '{}', '{"type":7}', "[" * 40000, '{"type":"message"}', '{"type":"bye"}',
            '{"type":"message","seq":1,"rseq":1,"room":"\\u001b","from":"x y","id":"","at":"now"}',
            '{"type":"hello"}', '{"type":"pong","cursor":"x","head":"y"}']
    stream.sendall(frame(json.dumps(HELLO)) + frame(chance.choice(rows)))
    silence(stream, chance)


def mad_history(stream, chance):
    """A good hello; what is asked for then is answered with anything."""
    upgrade(stream)
    stream.sendall(frame(json.dumps(HELLO)))
    event = {"type": "message", "rseq": 1, "room": "#lobby", "from": "bob", "action": False,
             "at": "2026-01-31T12:00:00Z", "text": "x" * 4000}
    for n in range(200, 0, -1):
        stream.sendall(frame(json.dumps(dict(event, seq=n, id="i%d" % n))))
    stream.sendall(frame(json.dumps({"type": "receipt", "id": "never-said", "seq": 1 << 62})))
    silence(stream, chance)


SECURE = (noise, silence, html, endless_head, endless_body, token_of_another_kind, no_upgrade,
          junk_frames, binary_frames, huge_frame, endless_pieces, not_json, hostile_events,
          mad_history)
PLAIN = (noise, silence, html)


class GarbageServer:
    """What rtclient.Client wants to know of a server, and a thread a connection."""

    def __init__(self, real, data_dir, speak, secure, seed):
        self.lines, self.errors = real.lines, real.errors
        self.speak, self.chance = speak, random.Random(seed)
        self.context = None
        if secure:
            self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self.context.load_cert_chain(data_dir + "/cert.pem", data_dir + "/key.pem")
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.connections = 0
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        while True:
            try:
                plain, _ = self.listener.accept()
            except OSError:
                return
            self.connections += 1
            threading.Thread(target=self._serve, args=(plain,), daemon=True).start()

    def _serve(self, plain):
        plain.settimeout(30)
        try:
            stream = plain
            if self.context is not None:
                stream = self.context.wrap_socket(plain, server_side=True)
            self.speak(stream, self.chance)
            stream.close()
        except (OSError, IndexError, AttributeError):
            pass  # the client has gone
        finally:
            plain.close()

    def close(self):
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
