"""What a server hears that is no client, and what a client hears that is no server: nobody falls,
nobody spins, and who is honest goes on being served."""

import json
import os
import socket
import ssl
import struct
import time
import unittest

import garbage_server
from chaos import ChaosTest
from rtclient import Client
from wsclient import WebSocket, connect_tls, login, tls_context

HEADERS_S = 10  # a server waits that long for a request's head
CLIENT_S = 5    # how long the client tries
CLIENT_CPU_S = 2.5
NO_SERVER = (r"(?m)^(this is no rtchat server: \w|rtchat-client: time is up: not connected: \w"
             r"|rtchat-client: time is up: the server did not answer)")


def client_hello():
    outgoing = ssl.MemoryBIO()
    tls = tls_context().wrap_bio(ssl.MemoryBIO(), outgoing, server_hostname="localhost")
    try:
        tls.do_handshake()
    except ssl.SSLWantReadError:
        pass
    return outgoing.read()


class ServerHears(ChaosTest):
    def setUp(self):
        super().setUp()
        self.server = self.serve()
        self.stream = WebSocket(self.port, login(self.port, "honest"))
        self.open = []
        self.addCleanup(lambda: [each.close() for each in self.open])

    def check_serving(self):
        self.assertEqual(self.stream.say("is anybody there?", timeout=10)["type"], "receipt")
        another = WebSocket(self.port, self.stream_token())
        another.close()
        self.assertIsNone(self.server.process.poll())

    def stream_token(self):
        self.logins = getattr(self, "logins", 0) + 1
        return login(self.port, "honest%d" % self.logins)

    def check_idle(self):
        """What is over costs nothing any more."""
        before = self.server.cpu_seconds()
        time.sleep(1.5)
        self.assertLess(self.server.cpu_seconds() - before, 0.5)

    def connect(self, kept=False):
        plain = socket.create_connection(("127.0.0.1", self.port), 10)
        if kept:
            self.open.append(plain)
        return plain

    def leave(self, stream):
        """Politely or not."""
        if self.chance.random() < 0.5:
            try:
                stream.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            except OSError:
                pass
        stream.close()

    def send(self, stream, data):
        try:
            stream.sendall(data)
        except OSError:
            pass  # it was cut while it still spoke

    def is_over(self, stream, timeout):
        """Whether the server ends it in that time."""
        stream.settimeout(timeout)
        try:
            while stream.recv(65536):
                pass
        except TimeoutError:
            return False
        except OSError:
            pass
        return True

    def test_noise_before_and_within_a_handshake(self):
        hello = client_hello()
        for _ in range(20):
            stream = self.connect()
            self.send(stream, self.chance.randbytes(self.chance.randrange(1, 20000)))
            self.leave(stream)
            stream = self.connect()
            self.send(stream, hello[:self.chance.randrange(1, len(hello))])
            self.leave(stream)
            stream = self.connect()
            at = self.chance.randrange(5, len(hello))
            self.send(stream, hello[:at] + self.chance.randbytes(300) + hello[at:])
            self.leave(stream)
        self.check_serving()
        self.check_idle()

    def test_a_rude_end_right_behind_the_handshake(self):
        for _ in range(20):
            stream = connect_tls(self.port)
            if self.chance.random() < 0.3:
                self.send(stream, self.chance.randbytes(100))
            self.leave(stream)
        self.check_serving()
        self.check_idle()

    def test_noise_in_place_of_requests_and_frames(self):
        for _ in range(10):
            stream = connect_tls(self.port)
            self.send(stream, self.chance.randbytes(self.chance.randrange(1, 50000)))
            self.leave(stream)
            stream = connect_tls(self.port)
            self.send(stream, b"GET /%s HTTP/1.1\r\n\x00: \xff\r\n\r\n" % self.chance.randbytes(30))
            self.leave(stream)
            ws = WebSocket(self.port, self.stream_token())
            self.send(ws.socket, self.chance.randbytes(self.chance.randrange(1, 50000)))
            self.leave(ws.socket)
        self.check_serving()
        self.check_idle()

    def test_a_head_of_100_kib_is_refused(self):
        heads = (b"GET /healthz HTTP/1.1\r\nHost: x\r\nX-Long: " + b"y" * 102400 + b"\r\n\r\n",
                 b"GET /healthz HTTP/1.1\r\nHost: x\r\n" + b"X-Many: 1234567890\r\n" * 5120 + b"\r\n",
                 b"GET /" + b"z" * 102400 + b" HTTP/1.1\r\nHost: x\r\n\r\n")
        for head in heads:
            stream = connect_tls(self.port)
            self.send(stream, head)
            got = b""
            try:
                while more := stream.recv(65536):
                    got += more
            except OSError:
                pass
            stream.close()
            self.assertFalse(got.startswith(b"HTTP/1.1 200"), got[:100])
        self.check_serving()
        self.check_idle()

    def test_who_is_slow_is_cut_and_holds_nobody_up(self):
        hello = client_hello()
        slow = [self.connect(kept=True) for _ in range(20)]
        for stream in slow[::2]:
            self.send(stream, hello[:50])
        dripping = []
        for _ in range(20):
            stream = connect_tls(self.port)
            self.send(stream, b"GET /healthz HTTP/1.1\r\nX-Slow: ")
            dripping.append(stream)
        self.open += dripping

        began = time.monotonic()
        while time.monotonic() - began < HEADERS_S + 2:
            for stream in dripping:
                self.send(stream, b"y")
            self.check_serving()
            time.sleep(0.5)
        for stream in dripping:
            self.assertTrue(self.is_over(stream, 1), "a head that drips is waited for")
        for stream in slow:
            left = 3 * HEADERS_S - (time.monotonic() - began)
            self.assertTrue(self.is_over(stream, max(left, 1)), "a handshake is waited for")
        self.check_idle()


class ClientHears(ChaosTest):
    def setUp(self):
        super().setUp()
        self.real = self.serve()
        self.real.kill()

    def start_client(self, name, speak, secure):
        server = garbage_server.GarbageServer(self.real, self.data_dir, speak, secure,
                                              self.chance.random())
        self.addCleanup(server.close)
        client = Client(self.home(name), "ann", server)
        running = client.start("--json", "--timeout=%d" % CLIENT_S)
        self.addCleanup(running.close)
        running.say('{"type":"say","id":"a","room":"#lobby","text":"hi"}\n')
        running.end_input()
        return server, running

    def check(self, server, running):
        _, status, usage = os.wait4(running.process.pid, 0)
        running.process.returncode = os.waitstatus_to_exitcode(status)
        running.wait(10)
        errors = "\n".join(running.err.lines)
        self.assertEqual(running.process.returncode, 1, errors)
        self.assertGreater(server.connections, 0)
        self.assertRegex(errors, NO_SERVER)
        self.assertFalse([c for c in errors if c < " " and c != "\n"], repr(errors))
        self.assertIn("1 line unsent", errors)
        self.assertLess(usage.ru_utime + usage.ru_stime, CLIENT_CPU_S, errors)
        for line in running.out.lines:
            json.loads(line)

    def test_it_says_what_is_wrong_and_neither_falls_nor_spins(self):
        rows = {speak.__name__: (speak, True) for speak in garbage_server.SECURE}
        rows.update(("plain_" + speak.__name__, (speak, False)) for speak in garbage_server.PLAIN)
        started = {name: self.start_client(name, *row) for name, row in rows.items()}
        for name, (server, running) in started.items():
            with self.subTest(server=name):
                self.check(server, running)


if __name__ == "__main__":
    unittest.main()
