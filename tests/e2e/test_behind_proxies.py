"""The same conversation behind the proxies that people have: nginx as a first tutorial sets it up;
nginx, HAProxy, Apache and Caddy as contrib/ does; squid by CONNECT. Each transport, and the one that
auto finds."""

from peers import Apache, Caddy, HAProxy, Nginx, Squid
from rtserver import ServerTest
from test_ca import CertificateAuthority
from test_client_plain import Homes, texts

ALL = ("ws", "sse", "longpoll", "poll")
HTTP = ("sse", "longpoll", "poll")
LINES = 20


class ProxyTest(Homes, ServerTest):
    options = ("--heartbeat=2",)

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.ca = cls.enterClassContext(CertificateAuthority())

    def setUp(self):
        self.count = 0

    def behind(self, make, *arguments, **more):
        self.proxy = self.enterContext(make(self.port, *arguments, **more))

    def user(self):
        """Another one each time, who trusts the test's authority and talks to the proxy."""
        self.count += 1
        return self.client("%s-%d" % (self._testMethodName[-20:].replace("_", "-"), self.count),
                           self.proxy, trusted=False)

    def trust(self):
        return ("--ca-file=" + self.ca.cert,)

    def reading(self, *options):
        return self.begin(self.user(), "--follow", "--poll-interval=0.2", *options)

    def talk(self, transport, *options):
        """One writes, one reads, both by this transport: all comes, in order, once."""
        options += ("--transport=" + transport, *self.trust())
        reading = self.reading(*options)
        reading.err.wait_for("^connected " + transport)
        said = ["%s %d" % (transport, i) for i in range(LINES)]
        status, _, errors = self.user().run("\n".join(said) + "\n", "--poll-interval=0.2", *options)
        self.assertEqual(status, 0, errors)
        reading.out.wait_for(said[-1] + "$")
        self.assertEqual(texts(reading.out.lines), said)
        reading.close()

    def find(self):
        """One who reads and writes, and has to find a way by itself."""
        finding = self.begin(self.user(), "--transport=auto", *self.trust())
        finding.err.wait_for("^connected ")
        return finding


class AsContribSays(ProxyTest):
    def check(self, make):
        self.behind(make, self.ca.leaf())
        for transport in ALL:
            with self.subTest(transport=transport):
                self.talk(transport)
        self.find().err.wait_for("^(connected ws|switched .*ws)")

    def test_nginx(self):
        self.check(Nginx)

    def test_haproxy(self):
        self.check(HAProxy)

    def test_apache(self):
        self.check(Apache)

    def test_caddy(self):
        self.check(Caddy)


class AsInAFirstTutorial(ProxyTest):
    """No Upgrade and HTTP/1.0 to the server; buffered, but for answers that ask not to be."""

    def setUp(self):
        super().setUp()
        self.behind(Nginx, self.ca.leaf(), is_default=True)

    def test_all_but_ws_carry_the_conversation(self):
        for transport in HTTP:
            with self.subTest(transport=transport):
                self.talk(transport)

    def test_ws_is_refused_and_says_why(self):
        status, _, errors = self.user().run("hi\n", "--transport=ws", "--timeout=5", *self.trust())
        self.assertEqual(status, 1)
        self.assertRegex("\n".join(errors), "the server answered 400 to the WebSocket")

    def test_auto_finds_the_event_stream(self):
        self.find().err.wait_for("^(connected sse|switched .*sse)")


class BySquid(ProxyTest):
    """Straight to the server, whose certificate is its own, through a proxy that wants a password."""

    def setUp(self):
        super().setUp()
        self.behind(Squid, "ann", "secret")

    def user(self):
        self.count += 1
        return self.client("s-%d" % self.count, self.server)

    def trust(self):
        return ()  # by the fingerprint that the server printed

    def test_every_transport_by_connect(self):
        proxy = "--proxy=http://ann:secret@127.0.0.1:%d" % self.proxy.port
        for transport in ALL:
            with self.subTest(transport=transport):
                self.talk(transport, proxy)
