"""badproxy forwards faithfully, as a program and as a CONNECT proxy too."""

import asyncio
import json
import os
import signal
import socket
import ssl
import subprocess
import sys
import tempfile
import time
import unittest

from badproxy import BadProxy
from badproxy_wire import connect_tcp
from proxytest import ProxyTest
from rawpeer import QUIET_S, UPGRADE, WAIT_S, Peer, get, post
from test_ca import CertificateAuthority
from upstream import Upstream


class Forwards(ProxyTest):
    def test_many_requests_on_one_connection(self):
        peer = self.peer()
        for _ in range(3):
            self.assertEqual(peer.ask(get("/plain")), (200, b"plain\n"))
        self.assertEqual(peer.ask(post("/v1/send", b"a" * 100000)), (200, b"a" * 100000))
        self.assertEqual(peer.ask(get("/bulk?3000000")), (200, b"x" * 3000000))
        peer.close()
        self.assertEqual(self.closing(), "closed")
        self.assertEqual((self.upstream.connections, self.proxy.count("connection"),
                          self.proxy.count("handshake"), self.proxy.count()), (1, 1, 1, 5))
        bulk = self.proxy.records(path="/bulk")[0]
        self.assertGreater(bulk["down"], 3000000)
        self.assertTrue(bulk["whole"])

    def test_requests_that_do_not_wait_are_answered_in_order(self):
        peer = self.peer()
        peer.send(b"".join(post("/p", b"%d" % i) for i in range(40)))
        for number in range(40):
            head = peer.head()
            self.assertEqual(peer.take(int(head.get("content-length"))), b"%d" % number)

    def test_chunks_both_ways(self):
        peer = self.peer()
        self.assertEqual(peer.ask(
            b"POST /c HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
            b"3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n"), (200, b"abcde"))
        self.upstream.release.set()
        peer.send(get("/stream"))
        peer.head()
        whole = b"9\r\ndata: 1\n\n\r\n9\r\ndata: 2\n\n\r\n0\r\n\r\n"
        self.assertEqual(peer.take(len(whole)), whole)
        self.assertEqual(peer.ask(get("/plain")), (200, b"plain\n"))

    def test_a_stream_comes_as_it_is_written(self):
        peer = self.peer()
        peer.send(get("/stream"))
        peer.head()
        self.assertEqual(peer.take(14), b"9\r\ndata: 1\n\n\r\n")
        self.upstream.release.set()
        self.assertEqual(peer.take(14), b"9\r\ndata: 2\n\n\r\n")

    def test_an_answer_that_ends_with_its_connection(self):
        peer = self.peer()
        peer.send(get("/close"))
        peer.head()
        self.assertEqual(peer.rest(), (b"until the end\n", "clean"))
        self.assertTrue(self.proxy.wait(1, path="/close", whole=True))

    def test_an_upgrade_passes_bytes_as_they_are(self):
        peer = self.open_ws()
        for data in (b"\x81\x02hi", os.urandom(300000)):
            peer.send(data)
            self.assertEqual(peer.take(len(data)), data)
        self.assertEqual(self.proxy.records(path="/v1/ws")[0]["status"], 101)

    def test_bytes_sent_with_the_upgrade_are_not_lost(self):
        peer = self.peer()
        peer.send(UPGRADE + b"early")
        self.assertEqual(peer.head().status, 101)
        self.assertEqual(peer.take(5), b"early")

    def test_a_client_that_leaves_is_told_to_the_server(self):
        peer = self.peer()
        peer.send(get("/stream"))
        peer.head()
        peer.close()
        self.upstream.release.set()
        self.proxy.wait(1, "close")
        self.assertEqual(self.proxy.records(path="/stream")[0]["connection"], 1)

    def test_a_reset_is_passed_on(self):
        peer = self.open_ws()
        peer.reset()
        self.assertIn("reset", self.closing())
        deadline = time.monotonic() + WAIT_S
        while self.upstream.open_count and time.monotonic() < deadline:
            time.sleep(0.005)
        self.assertEqual(self.upstream.open_count, 0)

    def test_what_is_not_http_is_answered_and_ended(self):
        for data in (b"hello\r\n\r\n", b"GET / HTTP/1.1\r\nno colon\r\n\r\n", b"x" * 70000):
            with self.subTest(data[:10]):
                peer = self.peer()
                peer.send(data)
                self.assertEqual(peer.head().status, 400)
                self.assertEqual(peer.rest()[1], "clean")

    def test_a_server_that_is_not_there_is_a_502(self):
        with socket.create_server(("127.0.0.1", 0)) as other:
            port = other.getsockname()[1]
        self.proxy.upstream = port
        peer = self.peer()
        self.assertEqual(peer.ask(get("/plain"))[0], 502)
        self.proxy.upstream = self.upstream.port
        self.assertEqual(peer.ask(get("/plain"))[0], 200)

    def test_a_client_that_takes_nothing_holds_the_server_back(self):
        peer = self.peer()
        peer.send(get("/bulk?30000000"))
        peer.head()
        deadline = time.monotonic() + WAIT_S
        before, now = -1, 0
        while before != now and time.monotonic() < deadline:
            time.sleep(QUIET_S)
            before, now = now, self.proxy.records(path="/bulk")[0]["down"]
        self.assertLess(now, 20000000)
        self.assertEqual(len(peer.take(30000000)), 30000000)


class Ends(ProxyTest):
    """Half-close, with a client that can: Wire itself."""

    def talk(self, ragged):
        async def run():
            wire = await connect_tcp("127.0.0.1", self.proxy.port)
            context = ssl.create_default_context(cafile=self.ca.cert)
            await wire.start_tls(context, False, "localhost")
            await wire.send(UPGRADE + b"last words")
            wire.send_eof(ragged)
            try:
                while await wire.more(1 << 20):
                    pass
            except ConnectionResetError:
                pass  # how a ragged end is answered
            else:
                return bytes(wire.buffer).partition(b"\r\n\r\n")[2], wire.ragged
            finally:
                await wire.close()
        return asyncio.run(asyncio.wait_for(run(), WAIT_S))

    def test_the_end_of_one_way_leaves_the_other_open(self):
        self.assertEqual(self.talk(ragged=False), (b"last wordsend of input", False))
        self.assertEqual(self.closing(), "closed")

    def test_a_ragged_end_is_passed_on_as_one(self):
        self.talk(ragged=True)
        self.proxy.wait(1, "close")
        self.assertEqual(self.upstream.ragged, 1)


class Connects(ProxyTest):
    options = {"connect": True, "auth": "ann:secret"}

    CONNECT = b"CONNECT rtchat.test:8443 HTTP/1.1\r\nHost: rtchat.test:8443\r\n"
    AUTH = b"Proxy-Authorization: Basic YW5uOnNlY3JldA==\r\n"

    def ask(self, peer, text):
        peer.send(text)
        head = peer.head()
        peer.take(int(head.get("content-length") or 0))
        return head

    def test_a_tunnel_after_a_407_on_the_same_connection(self):
        peer = self.peer(tls=False)
        head = self.ask(peer, self.CONNECT + b"\r\n")
        self.assertEqual(head.status, 407)
        self.assertEqual(head.get("proxy-authenticate"), 'Basic realm="badproxy"')
        self.assertEqual(self.ask(peer, self.CONNECT + self.AUTH + b"\r\n").status, 200)
        peer.start_tls()
        self.assertEqual(peer.ask(get("/plain")), (200, b"plain\n"))
        peer.close()
        self.assertEqual([(record["method"], record["path"], record["status"])
                          for record in self.proxy.wait(2)],
                         [("CONNECT", "rtchat.test:8443", 407),
                          ("CONNECT", "rtchat.test:8443", 200)])

    def test_only_connect_is_known(self):
        head = self.ask(self.peer(tls=False), b"GET http://x/ HTTP/1.1\r\nHost: x\r\n\r\n")
        self.assertEqual(head.status, 405)

    def test_faults_strike_tunnels_too(self):
        self.proxy.set("ws-kill-ms=50")
        peer = self.peer(tls=False)
        self.assertEqual(self.ask(peer, self.CONNECT + self.AUTH + b"\r\n").status, 200)
        self.assertEqual(peer.rest()[0], b"")
        self.proxy.set("answer=403")
        self.assertEqual(self.ask(self.peer(tls=False), self.CONNECT + b"\r\n").status, 403)

    def test_without_an_upstream_the_client_names_the_port(self):
        with BadProxy(connect=True) as proxy:
            peer = Peer(proxy.port, self.ca.cert, tls=False)
            self.addCleanup(peer.close)
            request = b"CONNECT localhost:%d HTTP/1.1\r\n\r\n" % self.upstream.port
            self.assertEqual(self.ask(peer, request).status, 200)
            peer.start_tls()
            self.assertEqual(peer.ask(get("/plain"))[0], 200)


class Program(unittest.TestCase):
    def setUp(self):
        ca = self.enterContext(CertificateAuthority())
        self.upstream = self.enterContext(Upstream(ca.leaf()))
        self.home = self.enterContext(tempfile.TemporaryDirectory())
        self.log = os.path.join(self.home, "log")
        here = os.path.dirname(os.path.abspath(__file__))
        self.process = subprocess.Popen(
            [sys.executable, os.path.join(here, "badproxy.py"), "--fault=ws-block", "--control=0",
             "--upstream=%d" % self.upstream.port, "--log=" + self.log],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.addCleanup(self._end)
        self.ready = json.loads(self.process.stdout.readline())

    def _end(self):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        self.process.stdin.close()
        self.process.stdout.close()

    def ask(self, path):
        context = ssl.create_default_context(cafile=self.ready["ca"])
        raw = socket.create_connection(("127.0.0.1", self.ready["port"]), WAIT_S)
        with context.wrap_socket(raw, server_hostname="localhost") as sock:
            sock.sendall(get(path, "Connection: close"))
            return sock.recv(65536).split(b" ")[1]

    def command(self, line):
        self.process.stdin.write(line.encode() + b"\n")
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline())

    def test_commands_logs_and_a_clean_end(self):
        self.assertEqual(self.ask("/plain"), b"200")
        self.assertEqual(self.command("set answer=404#1 delay=1"),
                         {"ok": True, "faults": ["answer=404#1", "delay=1"]})
        self.assertEqual(self.ask("/plain?token=s3cret"), b"404")
        self.assertFalse(self.command("set nonsense")["ok"])
        self.assertFalse(self.command("dance")["ok"])
        with socket.create_connection(("127.0.0.1", self.ready["control"]), WAIT_S) as control:
            file = control.makefile("rw")
            file.write("clear\nstats\n")
            file.flush()
            self.assertEqual(json.loads(file.readline())["faults"], [])
            self.assertEqual(json.loads(file.readline())["connections"], 2)
            file.close()
        self.process.stdin.close()  # its end is not ours
        self.assertEqual(self.ask("/plain"), b"200")
        self.process.send_signal(signal.SIGTERM)
        self.assertEqual(self.process.wait(WAIT_S), 0)
        self.assertFalse(os.path.exists(self.ready["ca"]))
        with open(self.log, encoding="utf-8") as file:
            text = file.read()
        self.assertNotIn("s3cret", text)
        records = [json.loads(line) for line in text.splitlines()]
        self.assertEqual([record["status"] for record in records if record["event"] == "request"],
                         [200, 404, 200])
        self.assertEqual(sum(record["event"] == "handshake" for record in records), 3)

    def test_quit(self):
        self.command("quit")
        self.assertEqual(self.process.wait(WAIT_S), 0)


if __name__ == "__main__":
    unittest.main()
