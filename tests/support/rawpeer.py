"""A client that says bytes and tells how the other side ended; and requests to say."""

import socket
import ssl
import struct

from badproxy_http import Head

QUIET_S = 0.25  # how long nothing has to come to be called nothing
WAIT_S = 10

UPGRADE = (b"GET /v1/ws HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\n"
           b"Connection: keep-alive, Upgrade\r\nSec-WebSocket-Version: 13\r\n"
           b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n")


def get(path, *fields):
    lines = ["GET %s HTTP/1.1" % path, "Host: localhost"] + list(fields)
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


def post(path, body):
    return b"POST %s HTTP/1.1\r\nHost: localhost\r\nContent-Length: %d\r\n\r\n%s" % (
        path.encode(), len(body), body)


class Peer:
    """ca_file: whose certificate the other has to have. Without tls, until start_tls, in clear."""

    def __init__(self, port, ca_file, tls=True):
        self.buffer = bytearray()
        self._ca_file = ca_file
        self.socket = socket.create_connection(("127.0.0.1", port), WAIT_S)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if tls:
            self.start_tls()

    def start_tls(self):
        context = ssl.create_default_context(cafile=self._ca_file)
        context.options &= ~ssl.OP_IGNORE_UNEXPECTED_EOF
        try:
            self.socket = context.wrap_socket(self.socket, server_hostname="localhost",
                                              suppress_ragged_eofs=False)
        except BaseException:
            self.socket.close()
            raise

    def send(self, data):
        self.socket.sendall(data)

    def head(self):
        while b"\r\n\r\n" not in self.buffer:
            self._fill()
        return Head(self._drop(self.buffer.index(b"\r\n\r\n") + 4))

    def take(self, count):
        while len(self.buffer) < count:
            self._fill()
        return self._drop(count)

    def _drop(self, count):
        data = bytes(self.buffer[:count])
        del self.buffer[:count]
        return data

    def ask(self, request):
        """(status, body) of an answer with its length."""
        self.send(request)
        head = self.head()
        return head.status, self.take(int(head.get("content-length")))

    def _fill(self):
        data = self.socket.recv(65536)
        if not data:
            raise EOFError("ended, clean")
        self.buffer += data

    def rest(self):
        """(all that still comes, how it ended)"""
        try:
            while True:
                self._fill()
        except EOFError:
            how = "clean"
        except ConnectionResetError:
            how = "reset"
        except ssl.SSLError as error:
            # Python's word for a reset here is an "EOF in violation of protocol".
            how = "ragged" if error.reason == "UNEXPECTED_EOF_WHILE_READING" else "reset"
        return self._drop(len(self.buffer)), how

    def read_until(self, mark):
        """Until the buffer has it."""
        while mark not in self.buffer:
            self._fill()

    def is_quiet(self):
        self.socket.settimeout(QUIET_S)
        try:
            self._fill()
            return False
        except (TimeoutError, ssl.SSLWantReadError):
            return True
        finally:
            self.socket.settimeout(WAIT_S)

    def reset(self):
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.socket.close()

    def close(self):
        self.socket.close()
