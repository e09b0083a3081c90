"""A test of badproxy: a server, the proxy in front of it, and a look at what is left of them."""

import os
import time
import unittest

from badproxy import BadProxy
from rawpeer import UPGRADE, WAIT_S, Peer
from test_ca import CertificateAuthority
from upstream import Upstream


def open_files():
    return len(os.listdir("/proc/self/fd"))


class ProxyTest(unittest.TestCase):
    """A server, and a proxy in front of it, both fresh."""

    options = {}

    @classmethod
    def setUpClass(cls):
        cls.ca = cls.enterClassContext(CertificateAuthority())

    def setUp(self):
        self.files = open_files()
        self.addCleanup(self._check)
        self.upstream = self.enterContext(Upstream(self.ca.leaf()))
        self.proxy = self.enterContext(BadProxy(self.upstream.port, ca=self.ca, **self.options))

    def _check(self):
        self.assertEqual(self.proxy.errors, [])
        deadline = time.monotonic() + WAIT_S
        while open_files() > self.files and time.monotonic() < deadline:
            time.sleep(0.01)
        self.assertEqual(open_files(), self.files, "a socket is left")

    def peer(self, **more):
        peer = Peer(self.proxy.port, self.ca.cert, **more)
        self.addCleanup(peer.close)
        return peer

    def open_ws(self):
        peer = self.peer()
        peer.send(UPGRADE)
        self.assertEqual(peer.head().status, 101)
        return peer

    def closing(self):
        """The log's word for the end of the only connection."""
        return self.proxy.wait(1, "close")[0]["why"]
