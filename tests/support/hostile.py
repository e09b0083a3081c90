"""A server that speaks rtchat, but not honestly: it lets anybody in and then sends what a test gives
it, which an honest one would have refused."""

import base64
import hashlib
import json
import os
import socket
import ssl
import struct
import threading

from test_ca import CertificateAuthority

GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
EPOCH = "hostile"


def message(seq, text, **more):
    """A line of somebody's in #lobby."""
    return dict({"type": "message", "seq": seq, "rseq": seq, "room": "#lobby", "from": "mallory",
                 "id": "m%d" % seq, "at": "2026-11-24T09:00:00.000Z", "text": text,
                 "action": False}, **more)


class HostileServer:
    """events: dicts, or bytes that are sent as they are, each in a frame after the hello."""

    def __init__(self, events, topic=""):
        self.events = events
        self.topic = topic
        self.authority = CertificateAuthority()
        leaf = self.authority.leaf("localhost")
        self.fingerprint = leaf.fingerprint
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain(leaf.cert, leaf.key)
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]
        self.peers = []
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        while True:
            try:
                peer, _ = self.socket.accept()
            except OSError:
                return
            self.peers.append(peer)
            threading.Thread(target=self._serve, args=(peer,), daemon=True).start()

    def _serve(self, plain):
        try:
            peer = self.context.wrap_socket(plain, server_side=True)
            stream = peer.makefile("rb")
            while self._answer(peer, stream):
                pass
        except (OSError, ValueError):
            plain.close()

    def _answer(self, peer, stream):
        request = stream.readline().split()
        if len(request) < 2:
            return False
        headers = {}
        for line in iter(stream.readline, b"\r\n"):
            name, _, value = line.decode().partition(":")
            headers[name.lower()] = value.strip()
        stream.read(int(headers.get("content-length", 0)))
        if request[1].startswith(b"/v1/ws"):
            self._stream(peer, stream, headers)
            return False
        self._answer_json(peer, request[1].decode())
        return True

    def _answer_json(self, peer, path):
        if path == "/v1/login":
            answer = {"token": base64.urlsafe_b64encode(os.urandom(32)).decode().rstrip("="),
                      "user": "victim", "guest": True}
        else:
            answer = {"events": [], "more": False, "members": [], "rooms": []}
        body = json.dumps(answer).encode()
        peer.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
                     b"Content-Length: %d\r\n\r\n%s" % (len(body), body))

    def _stream(self, peer, stream, headers):
        key = hashlib.sha1(headers["sec-websocket-key"].encode() + GUID).digest()
        peer.sendall(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"
                     b"Connection: Upgrade\r\nSec-WebSocket-Protocol: rtchat.v1\r\n"
                     b"Sec-WebSocket-Accept: %s\r\n\r\n" % base64.b64encode(key))
        for event in [self._hello(), *self.events]:
            data = event if isinstance(event, bytes) else json.dumps(event).encode()
            head = struct.pack(">BB", 0x81, len(data)) if len(data) < 126 else \
                struct.pack(">BBH", 0x81, 126, len(data))
            peer.sendall(head + data)
        while stream.read(1):
            pass

    def _hello(self):
        return {"type": "hello", "server": "rtchat", "version": "0", "user": "victim",
                "guest": True, "epoch": EPOCH, "cursor": EPOCH + "-0", "head": EPOCH + "-0",
                "result": "new", "heartbeat": 15, "limits": {},
                "rooms": [{"room": "#lobby", "topic": self.topic, "members": 2, "seq": 0}]}

    def close(self):
        self.socket.close()
        for peer in self.peers:
            try:
                peer.close()
            except OSError:
                pass
        self.authority.close()
