"""The proxies of others do in front of a trivial server what the tests of rtchat count on."""

import os
import unittest

from peers import Apache, Caddy, HAProxy, Nginx, Squid
from rawpeer import UPGRADE, Peer, get, post
from test_ca import CertificateAuthority
from upstream import Upstream


class PeerTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.ca = cls.enterClassContext(CertificateAuthority())

    def setUp(self):
        self.upstream = self.enterContext(Upstream(self.ca.leaf()))

    def begin(self, make, *arguments, **more):
        self.proxy = self.enterContext(make(self.upstream.port, *arguments, **more))

    def peer(self, **more):
        peer = Peer(self.proxy.port, self.ca.cert, **more)
        self.addCleanup(peer.close)
        return peer

    def check_plain(self):
        peer = self.peer()
        self.assertEqual(peer.ask(get("/plain")), (200, b"plain\n"))
        self.assertEqual(peer.ask(post("/v1/send", b"x" * 50000)), (200, b"x" * 50000))

    def check_upgrade_passes(self):
        peer = self.peer()
        peer.send(UPGRADE)
        self.assertEqual(peer.head().status, 101)
        for data in (b"hi", os.urandom(100000)):
            peer.send(data)
            self.assertEqual(peer.take(len(data)), data)

    def begin_stream(self):
        peer = self.peer()
        peer.send(get("/stream"))
        return peer

    def check_stream_comes_at_once(self):
        peer = self.begin_stream()
        peer.read_until(b"data: 1")
        self.assertNotIn(b"data: 2", peer.buffer)
        self.upstream.release.set()
        peer.read_until(b"data: 2")


class Right(PeerTest):
    """What contrib/ recommends."""

    makers = (Nginx, HAProxy, Apache, Caddy)

    def test_all_passes_at_once(self):
        for make in self.makers:
            with self.subTest(make.name):
                self.upstream.release.clear()
                self.begin(make, self.ca.leaf())
                self.check_plain()
                self.check_upgrade_passes()
                self.check_stream_comes_at_once()

    def test_the_client_is_named(self):
        for make in self.makers:
            with self.subTest(make.name):
                self.begin(make, self.ca.leaf())
                self.peer().ask(get("/plain"))
                fields = {name.lower(): value
                          for name, value in self.upstream.requests[-1][2].items()}
                self.assertEqual(fields["x-forwarded-for"], "127.0.0.1")
                self.assertEqual(fields["host"], "localhost")


class Default(PeerTest):
    def setUp(self):
        super().setUp()
        self.begin(Nginx, self.ca.leaf(), is_default=True)

    def test_plain_requests_pass(self):
        self.check_plain()

    def test_an_upgrade_does_not_pass(self):
        self.assertEqual(self.peer().ask(UPGRADE), (200, b"plain\n"))
        self.assertNotIn("Upgrade", self.upstream.requests[-1][2])

    def test_a_stream_is_held_until_it_ends(self):
        peer = self.begin_stream()
        self.assertTrue(peer.is_quiet())
        self.upstream.release.set()
        peer.read_until(b"data: 2")
        self.assertIn(b"data: 1", peer.buffer)


class Connect(PeerTest):
    AUTH = b"Proxy-Authorization: Basic YW5uOnNlY3JldA==\r\n"

    def setUp(self):
        super().setUp()
        self.begin(Squid, "ann", "secret")

    def connect(self, port, fields=b""):
        peer = self.peer(tls=False)
        peer.send(b"CONNECT 127.0.0.1:%d HTTP/1.1\r\nHost: 127.0.0.1\r\n%s\r\n" % (port, fields))
        return peer, peer.head()

    def tunnel(self):
        peer, head = self.connect(self.upstream.port, self.AUTH)
        self.assertEqual(head.status, 200)
        peer.start_tls()
        return peer

    def test_who_is_not_known_gets_407(self):
        wrong = b"Proxy-Authorization: Basic YW5uOndyb25n\r\n"
        for fields in (b"", wrong):
            _, head = self.connect(self.upstream.port, fields)
            self.assertEqual(head.status, 407)
            self.assertIn("Basic", head.get("proxy-authenticate"))

    def test_no_other_port(self):
        self.assertEqual(self.connect(self.proxy.port, self.AUTH)[1].status, 403)

    def test_a_tunnel_passes_all(self):
        self.assertEqual(self.tunnel().ask(get("/plain")), (200, b"plain\n"))
        peer = self.tunnel()
        peer.send(UPGRADE)
        self.assertEqual(peer.head().status, 101)
        peer.send(b"hi")
        self.assertEqual(peer.take(2), b"hi")
        peer = self.tunnel()
        peer.send(get("/stream"))
        peer.read_until(b"data: 1")
        self.upstream.release.set()
        peer.read_until(b"data: 2")


if __name__ == "__main__":
    unittest.main()
