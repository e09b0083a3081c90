"""A TLS connection that sees its own records on the wire: how many came, and of which size.

    tap = tlstap.connect(port)           as h2frames.connect
    tap.records                          (type, length) of each that came, in order
"""

import socket
import ssl

APPLICATION_DATA = 23  # in TLS 1.3 also what the handshake encrypts


class Tap:
    """As much of an SSLSocket as h2frames needs."""

    def __init__(self, plain, context):
        self.plain = plain
        self.came, self.sent = ssl.MemoryBIO(), ssl.MemoryBIO()
        self.tls = context.wrap_bio(self.came, self.sent, server_hostname="localhost")
        self.records = []
        self.wire = bytearray()  # behind the last whole record
        self._work(self.tls.do_handshake)

    def _work(self, step, *arguments):
        while True:
            try:
                result = step(*arguments)
                self._flush()
                return result
            except ssl.SSLWantReadError:
                self._flush()
                if not self._fill():
                    return b""

    def _flush(self):
        if self.sent.pending:
            self.plain.sendall(self.sent.read())

    def _fill(self):
        data = self.plain.recv(65536)
        self.came.write(data)
        self.wire += data
        while len(self.wire) >= 5 + int.from_bytes(self.wire[3:5], "big"):
            size = int.from_bytes(self.wire[3:5], "big")
            self.records.append((self.wire[0], size))
            del self.wire[:5 + size]
        return data

    def sendall(self, data):
        self._work(self.tls.write, data)

    def recv(self, size):
        return self._work(self.tls.read, size)

    def settimeout(self, timeout):
        self.plain.settimeout(timeout)

    def close(self):
        self.plain.close()


def connect(port, timeout=10):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    context.set_alpn_protocols(["h2"])
    plain = socket.create_connection(("127.0.0.1", port), timeout)
    plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return Tap(plain, context)
