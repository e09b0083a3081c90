"""A trivial server over TLS (or in clear) for tests of what stands in front of one.

    GET  /plain       a body with its length
    GET  /close       a body that ends with the connection
    GET  /held        waits for release, then answers
    GET  /stream      SSE in chunks: "data: 1" at once, "data: 2" at release, then its end
    GET  /bulk?BYTES  so many bytes, with their length
    POST any          gives back what it was sent
    GET  any, Upgrade 101, then gives back every byte; when input ends "end of input"
"""

import base64
import hashlib
import socket
import socketserver
import ssl
import threading
from http.server import BaseHTTPRequestHandler
from urllib.parse import urlsplit

HELD_S = 10


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = 65536

    def setup(self):
        upstream = self.server.upstream
        if upstream.context is not None:
            self.request.settimeout(HELD_S)
            self.request = upstream.context.wrap_socket(self.request, server_side=True,
                                                        suppress_ragged_eofs=False)
            self.request.settimeout(None)
        self.request.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        super().setup()
        upstream.add(self.request)

    def finish(self):
        try:
            super().finish()
        except OSError:
            pass  # what is left to flush has nobody to go to
        finally:
            self.server.upstream.drop(self.request)

    def log_message(self, *_):
        pass

    def parse_request(self):
        good = super().parse_request()
        if good:
            self.server.upstream.note(self.command, self.path, dict(self.headers))
        return good

    def do_GET(self):
        if "websocket" in self.headers.get("Upgrade", "").lower():
            self._echo()
            return
        page = getattr(self, "_get_" + urlsplit(self.path).path.strip("/"), self._get_plain)
        page()
        self.wfile.flush()

    def do_POST(self):
        if "chunked" in self.headers.get("Transfer-Encoding", ""):
            body = self._read_chunks()
        else:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self._answer(body)

    def _answer(self, body):
        self.send_response(200)
        self.send_header("Content-Type", "text/plain")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _read_chunks(self):
        body = b""
        while size := int(self.rfile.readline(), 16):
            body += self.rfile.read(size)
            self.rfile.readline()
        self.rfile.readline()
        return body

    def _get_plain(self):
        self._answer(b"plain\n")

    def _get_bulk(self):
        self._answer(b"x" * int(urlsplit(self.path).query))

    def _get_held(self):
        self.server.upstream.release.wait(HELD_S)
        self._answer(b"held\n")

    def _get_close(self):
        self.close_connection = True
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"until the end\n")

    def _get_stream(self):
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Cache-Control", "no-cache, no-transform")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        self._chunk(b"data: 1\n\n")
        self.server.upstream.release.wait(HELD_S)
        self._chunk(b"data: 2\n\n")
        self._chunk(b"")

    def _chunk(self, data):
        self.wfile.write(b"%x\r\n%s\r\n" % (len(data), data))
        self.wfile.flush()

    def _echo(self):
        self.close_connection = True
        key = self.headers.get("Sec-WebSocket-Key", "") + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
        accept = base64.b64encode(hashlib.sha1(key.encode()).digest())
        self.wfile.write(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"
                         b"Connection: Upgrade\r\nSec-WebSocket-Accept: %s\r\n\r\n" % accept)
        self.wfile.flush()
        try:
            while data := self.rfile.read1(65536):
                self.wfile.write(data)
                self.wfile.flush()
        except ssl.SSLError:
            self.server.upstream.ragged += 1  # and OpenSSL writes no more
            return
        self.wfile.write(b"end of input")
        self.wfile.flush()


class Server(socketserver.ThreadingMixIn, socketserver.TCPServer):
    allow_reuse_address = True
    daemon_threads = False
    request_queue_size = 128

    def handle_error(self, request, client_address):
        pass  # peers go as they like here

    def shutdown_request(self, request):
        # Closed by the handler's own socket, in TLS with a close_notify.
        try:
            self.upstream.say_goodbye(request)
        finally:
            self.close_request(request)


class Upstream:
    """leaf: its certificate, None to speak in clear. requests: (method, path, fields) of each.
    release: what /held and /stream wait for. ragged: ws that ended without a word of TLS."""

    def __init__(self, leaf):
        self.context = None
        if leaf is not None:
            self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self.context.load_cert_chain(leaf.cert, leaf.key)
            self.context.options &= ~ssl.OP_IGNORE_UNEXPECTED_EOF
        self.release = threading.Event()
        self.requests = []
        self.connections = 0
        self.ragged = 0
        self._open = {}
        self._lock = threading.Lock()
        self._server = Server(("127.0.0.1", 0), Handler)
        self._server.upstream = self
        self.port = self._server.server_address[1]
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,))

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *exc):
        self.release.set()
        self._server.shutdown()
        self._thread.join()
        with self._lock:
            for sock in self._open.values():
                try:
                    sock.shutdown(socket.SHUT_RDWR)
                except OSError:
                    pass
        self._server.server_close()

    @property
    def open_count(self):
        with self._lock:
            return len(self._open)

    def note(self, method, path, fields):
        with self._lock:
            self.requests.append((method, path, fields))

    def add(self, sock):
        with self._lock:
            self.connections += 1
            self._open[threading.get_ident()] = sock

    def drop(self, sock):
        with self._lock:
            self._open.pop(threading.get_ident(), None)
        self.say_goodbye(sock)
        sock.close()

    @staticmethod
    def say_goodbye(sock):
        if isinstance(sock, ssl.SSLSocket):
            try:
                sock.settimeout(1)
                sock.unwrap()
            except (OSError, ValueError):
                pass
        try:
            sock.shutdown(socket.SHUT_WR)
        except OSError:
            pass
