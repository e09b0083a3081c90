"""The client over HTTP/2: what shares a connection, what is said of it, and what becomes of streams
that are reset, of servers that go down and of those that have no HTTP/2."""

import json
import re

from badproxy import BadProxy
from peers import Nginx, Squid
from rtclient import Client, fingerprint_of
from rtserver import OwnServerTest, ServerTest, wait_until
from test_ca import CertificateAuthority
from test_client_plain import Homes, texts

WAYS = ("sse", "longpoll", "poll")
LINES = 20


def opened(server):
    """How many connections spoke HTTP/2 so far."""
    return len(re.findall(r" h\d+ open ", server.errors()))


class HttpTest(Homes):
    def begin_on(self, server, user, *options):
        client = self.client(user, server)
        return self.begin(client, "--follow", "--poll-interval=0.2", *options)

    def assert_talks(self, running, user):
        """Each line has its receipt and comes back, one after another."""
        running.err.wait_for("^connected ")
        for i in range(LINES):
            running.say("%s %d\n" % (user, i))
            running.out.wait_for("<%s> %s %d$" % (user, user, i))
        self.assertEqual([text for text in texts(running.out.lines) if text.startswith(user)],
                         ["%s %d" % (user, i) for i in range(LINES)])

    def http_of(self, running):
        """What /transport says of it: "2, by ALPN; TLSv1.3"."""
        before = len(self.told(running))
        running.say("/transport\n")
        wait_until(lambda: len(self.told(running)) > before, what="an answer to /transport")
        return re.search(r"; HTTP ([^;]*);", self.told(running)[-1]).group(1)

    @staticmethod
    def told(running):
        return [line for line in running.err.lines if " times, switched " in line]

    def end(self, running):
        running.signal(15)
        self.assertEqual(running.wait(), 0, running.err.lines)


class OneConnection(HttpTest, ServerTest):
    options = ("--log-level=debug",)

    def tunnels(self, user, *options):
        """How many connections a conversation takes, with its login and its logout."""
        with BadProxy(self.port, connect=True) as proxy:
            client = Client(self.client(user).home, user)
            running = self.begin(
                client, "--follow", "--poll-interval=0.2", "--fingerprint=" +
                fingerprint_of(self.server), "--proxy=http://localhost:%d" % proxy.port,
                *options, "https://127.0.0.1:%d" % self.port)
            self.assert_talks(running, user)
            said = self.http_of(running)
            self.end(running)
            self.assertEqual(proxy.errors, [])
            return proxy.count(method="CONNECT", status=200), said

    def test_http2_takes_one_for_everything(self):
        for http, why in (("auto", "by ALPN"), ("2", "asked for")):
            for way in WAYS:
                with self.subTest(http=http, way=way):
                    before = opened(self.server)
                    self.assertEqual(self.tunnels(way + http, "--transport=" + way, "--http=" + http),
                                     (1, "2, " + why))
                    self.assertEqual(opened(self.server), before + 1)

    def test_http1_takes_two_and_the_login_leaves_its_own(self):
        for way in WAYS:
            with self.subTest(way=way):
                before = opened(self.server)
                count, said = self.tunnels(way + "1", "--transport=" + way, "--http=1.1")
                self.assertLessEqual(count, 2)
                self.assertEqual(said, "1.1, asked for")
                self.assertEqual(opened(self.server), before)

    def test_a_websocket_is_http1_beside_it(self):
        before = opened(self.server)
        count, said = self.tunnels("ws", "--transport=ws", "--http=auto")
        self.assertEqual((count, said), (2, "1.1, as WebSocket is here"))
        self.assertEqual(opened(self.server), before + 1)  # the login's

    def test_a_change_of_transport_stays_on_it(self):
        """The stream that is given up is reset, and the connection goes on."""
        before = opened(self.server)
        running = self.begin_on(self.server, "hop", "--transport=sse", "--log-level=debug")
        running.err.wait_for("^connected sse")
        for way in ("longpoll", "sse", "poll", "sse"):
            running.say("/transport %s\n" % way)
            running.err.wait_for("switched .*→%s: asked for" % way)
            said = "on %s %d" % (way, len(running.err.lines))
            running.say(said + "\n")
            running.out.wait_for(said)
        self.assertEqual(opened(self.server), before + 1)
        self.end(running)
        wait_until(lambda: re.search(r" h\d+ gone", self.server.errors()))

    def test_two_clients_hear_the_same_over_either(self):
        readers = [self.begin_on(self.server, "r%d%s" % (i, way), "--transport=" + way,
                                 "--http=" + http)
                   for i, http in enumerate(("1.1", "2")) for way in WAYS]
        for reader in readers:
            reader.err.wait_for("^connected ")
        writer = self.begin_on(self.server, "w", "--transport=sse", "--http=2")
        writer.err.wait_for("^connected ")
        said = ["line %d" % i for i in range(500)]
        writer.say("".join(text + "\n" for text in said))
        for reader in readers:
            reader.out.wait_for("line 499$", 60)
            self.assertEqual([text for text in texts(reader.out.lines) if text.startswith("line")],
                             said)


class Without(HttpTest, OwnServerTest):
    def test_a_server_that_has_none_is_refused_where_it_is_asked_for(self):
        server = self.start("--http2=no")
        for way in WAYS:
            status, out, errors = self.client("ann", server).run(
                "hi\n", "--transport=" + way, "--http=2", "--timeout=5")
            self.assertEqual((status, out), (1, []))
            self.assertIn("the server offers no HTTP/2: wanted what --http=2 asks for",
                          "\n".join(errors))

    def test_a_server_that_has_none_does_for_auto(self):
        server = self.start("--http2=no")
        for way in WAYS:
            running = self.begin_on(server, "bob" + way, "--transport=" + way)
            self.assert_talks(running, "bob" + way)
            self.assertEqual(self.http_of(running), "1.1, the server offers no h2")
            self.end(running)

    def test_a_restart_is_a_bye_and_no_strike(self):
        """It comes back by the same way, whether the new server has HTTP/2 or not."""
        server = self.start("--heartbeat=600")
        port = server.port
        trusted = "--fingerprint=" + fingerprint_of(server)
        clients = []
        for way in WAYS:
            client = Client(self.client("cy" + way, server).home, "cy" + way)
            clients.append(self.begin(client, "--follow", "--poll-interval=0.2", trusted,
                                      "--transport=" + way, "https://127.0.0.1:%d" % port))
            self.assert_talks(clients[-1], "cy" + way)
            self.assertEqual(self.http_of(clients[-1]), "2, by ALPN")
        for options, said in ((("--http2=no",), "1.1, the server offers no h2"),
                              ((), "2, by ALPN")):
            self.assertEqual(server.stop(), 0)
            server = self.start("--port=%d" % port, "--heartbeat=600", *options)
            for running, way in zip(clients, WAYS):
                running.say("after %s, %s\n" % (way, said))
                running.out.wait_for("after %s, %s" % (way, said), 40)
                self.assertEqual(self.http_of(running), said)
                for line in running.err.lines:
                    self.assertRegex(line, "^connected|^reconnecting in .*: (shutdown|refused)|"
                                     " times, switched 0 times; ")


class Dead(HttpTest, ServerTest):
    """A connection on which nothing passes any more, and nobody says so."""

    options = ("--log-level=debug", "--heartbeat=1")

    def test_it_is_left_alone_and_another_one_made(self):
        for way in WAYS:
            with self.subTest(way=way), BadProxy(self.port, connect=True) as proxy:
                before = opened(self.server)
                user = "dead" + way
                client = Client(self.client(user).home, user)
                running = self.begin(
                    client, "--follow", "--poll-interval=0.2", "--transport=" + way, "--http=2",
                    "--fingerprint=" + fingerprint_of(self.server),
                    "--proxy=http://localhost:%d" % proxy.port, "https://127.0.0.1:%d" % self.port)
                self.assert_talks(running, user)
                proxy.set("delay=3600000")  # what is under way then arrives in an hour
                running.err.wait_for("^reconnecting|^nothing heard|^stalled", 40)
                proxy.clear()
                running.say("back again\n")
                running.out.wait_for("back again$", 60)
                self.assertGreater(opened(self.server), before + 1)
                self.end(running)


class Between(HttpTest, ServerTest):
    options = ("--log-level=debug", "--heartbeat=1")

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.ca = cls.enterClassContext(CertificateAuthority())

    def behind(self, proxy, user, *options):
        client = Client(self.client(user).home, user)
        return self.begin(client, "--follow", "--poll-interval=0.2", "--ca-file=" + self.ca.cert,
                          *options, "https://localhost:%d" % proxy.port)

    def test_squid_by_connect(self):
        with Squid(self.port, "ann", "secret") as squid:
            for way in WAYS:
                with self.subTest(way=way):
                    before = opened(self.server)
                    running = self.begin_on(
                        self.server, "sq" + way, "--transport=" + way, "--http=2",
                        "--proxy=http://ann:secret@127.0.0.1:%d" % squid.port)
                    self.assert_talks(running, "sq" + way)
                    self.end(running)
                    self.assertEqual(opened(self.server), before + 1)

    def test_nginx_speaks_it_to_clients(self):
        with Nginx(self.port, self.ca.leaf()) as nginx:
            for way in WAYS:
                with self.subTest(way=way):
                    running = self.behind(nginx, "ng" + way, "--transport=" + way, "--http=2")
                    self.assert_talks(running, "ng" + way)
                    self.assertEqual(self.http_of(running), "2, asked for")
                    self.end(running)

    def test_the_doctor_says_which_and_why(self):
        with Nginx(self.port, self.ca.leaf()) as nginx:
            for options, wanted in ((("--http=auto",), ("2", "by ALPN")),
                                    (("--http=1.1",), ("1.1", "asked for"))):
                client = Client(self.client("doc").home, "doc")
                status, out, errors = client.run(
                    "", "--doctor", "--json", "--ca-file=" + self.ca.cert, *options,
                    "https://localhost:%d" % nginx.port)
                self.assertEqual(status, 0, errors)
                for report in json.loads(out[0])["transports"]:
                    self.assertEqual(report["verdict"], "works", report)
                    self.assertEqual(
                        (report["http"], report["http_why"]),
                        ("1.1", "as WebSocket is here") if report["transport"] == "ws" else wanted)
