"""A WebSocket over a stream of HTTP/2 (RFC 8441), with the face of wsclient.WebSocket."""

import socket
import struct
from urllib.parse import quote

import h2frames
from wsclient import Refused, WebSocket

WINDOW = 1 << 20


class Stream:
    """What WebSocket takes for its socket: bytes are DATA."""

    def __init__(self, peer, id):
        self.peer = peer
        self.id = id
        self.over = False

    def settimeout(self, timeout):
        self.peer.timeout = timeout

    def recv(self, _):
        """b"" at its end; what was reset is a ConnectionError."""
        data = b""
        while not data and not self.over:
            try:
                data, self.over = self.peer.data(self.id)
            except (h2frames.Reset, EOFError) as error:
                raise ConnectionResetError(str(error))
        if data:
            self.peer.send(h2frames.window_update(0, len(data)))
            if not self.over:
                self.peer.send(h2frames.window_update(self.id, len(data)))
        return data

    def sendall(self, data):
        for at in range(0, len(data), 16384):
            self.peer.send(h2frames.frame(h2frames.DATA, 0, self.id, data[at:at + 16384]))

    def end(self):
        self.peer.send(h2frames.frame(h2frames.DATA, h2frames.END_STREAM, self.id))

    def close(self):
        self.peer.close()


class WebSocketHttp2(WebSocket):
    """peer: a connection that it shares; None: one of its own."""

    def __init__(self, port, token=None, after=None, subprotocol="rtchat.v1", path="/v1/ws",
                 headers=(), protocol="websocket", timeout=10, peer=None):
        self._begin()
        if peer is None:
            peer = h2frames.Connection(port, timeout=timeout, opens=(
                h2frames.PREFACE + h2frames.settings((4, WINDOW))
                + h2frames.window_update(0, WINDOW - 65535)))
        if after is not None:
            path += "?after=" + quote(after)
        fields = [(":method", "CONNECT"), (":protocol", protocol), (":scheme", "https"),
                  (":path", path), (":authority", "localhost"), ("sec-websocket-version", "13")]
        if subprotocol:
            fields.append(("sec-websocket-protocol", subprotocol))
        if token:
            fields.append(("authorization", "Bearer " + token))
        self.socket = Stream(peer, peer.new_stream())
        peer.send(h2frames.headers(self.socket.id, fields + list(headers), h2frames.END_HEADERS))
        status, self.fields, self.socket.over = peer.head(self.socket.id)
        if status != 200:
            body = b""
            while not self.socket.over:
                body += self.socket.recv(0)
            raise Refused(status, body)

    def cut(self):
        plain = self.socket.peer.socket
        plain.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.socket.close()
