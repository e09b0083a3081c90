"""--doctor: what works is said to work, and each known fault is named with what mends it."""

import json

from badproxy import BadProxy
from peers import Nginx
from rtclient import Client
from rtserver import ServerTest
from test_ca import CertificateAuthority
from test_client_plain import Homes

WAYS = ("ws", "sse", "longpoll", "poll")


class DoctorTest(Homes, ServerTest):
    options = ("--heartbeat=1", "--guests=yes")

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.ca = cls.enterClassContext(CertificateAuthority())

    def examine(self, port, user="ann", *options):
        """The reports by transport, and the exit code."""
        home = self.client(user).home
        status, out, errors = Client(home, user).run(
            "", "--doctor", "--json", "--ca-file=" + self.ca.cert, *options,
            "https://localhost:%d" % port)
        self.assertEqual(len(out), 1, errors)
        found = json.loads(out[0])
        self.assertEqual(found["url"], "https://localhost:%d" % port)
        self.assertEqual([report["transport"] for report in found["transports"]], list(WAYS))
        return {report["transport"]: report for report in found["transports"]}, status

    def through(self, *faults):
        proxy = self.enterContext(BadProxy(self.server.port, ca=self.ca, faults=faults))
        return self.examine(proxy.port)

    def assert_works(self, reports, *ways, http="1.1"):
        for way in ways:
            self.assertEqual(reports[way]["verdict"], "works", reports[way])
            self.assertGreater(reports[way]["rtt_ms"], 0)
            self.assertGreaterEqual(reports[way]["first_byte_ms"], 0)
            self.assertEqual(reports[way]["http"], http)
            self.assertIn(reports[way]["tls"], ("TLSv1.2", "TLSv1.3"))
            self.assertIsNone(reports[way]["advice"])


class Doctor(DoctorTest):
    def test_a_good_way_works_on_each_transport(self):
        reports, status = self.through()
        self.assert_works(reports, *WAYS)
        self.assertEqual(status, 0)
        for way in WAYS:
            self.assertGreaterEqual(reports[way]["watched_ms"], 2000)

    def test_a_refused_upgrade_is_named(self):
        for fault, number in (("ws-block=403", 403), ("ws-block=200", 200), ("ws-strip", None)):
            with self.subTest(fault):
                reports, status = self.through(fault)
                self.assert_works(reports, "sse", "longpoll", "poll")
                self.assertEqual(reports["ws"]["verdict"], "blocked")
                if number is not None:
                    self.assertEqual(reports["ws"]["status"], number)
                self.assertIn("proxy_set_header Upgrade", reports["ws"]["advice"]["nginx"])
                self.assertIn("upgrade=websocket", reports["ws"]["advice"]["Apache"])
                self.assertEqual(status, 0)

    def test_a_buffered_stream_is_named(self):
        for fault in ("buffer", "buffer-body"):
            with self.subTest(fault):
                reports, status = self.through(fault)
                self.assert_works(reports, "ws", "longpoll", "poll")
                self.assertEqual(reports["sse"]["verdict"], "buffered")
                self.assertEqual(reports["sse"]["advice"]["nginx"], "proxy_buffering off;")
                self.assertEqual(status, 0)

    def test_a_cut_is_named_with_its_time(self):
        reports, _ = self.through("ws-kill-ms=1200")
        self.assert_works(reports, "sse", "longpoll", "poll")
        self.assertEqual(reports["ws"]["verdict"], "cut")
        self.assertGreaterEqual(reports["ws"]["cut_ms"], 500)
        self.assertIn("proxy_read_timeout", reports["ws"]["advice"]["nginx"])

    def test_where_nothing_goes_up_nothing_works(self):
        reports, status = self.through("ws-block", "post-error=403")
        self.assertEqual(status, 1)
        for way in WAYS:
            self.assertNotEqual(reports[way]["verdict"], "works")

    def test_the_table_is_for_people(self):
        proxy = self.enterContext(BadProxy(self.server.port, ca=self.ca, faults=["ws-block=404"]))
        client = self.client("bob")
        status, out, errors = Client(client.home, "bob").run(
            "", "--doctor", "--ca-file=" + self.ca.cert, "https://localhost:%d" % proxy.port)
        self.assertEqual(status, 0, errors)
        self.assertRegex(out[0], "^TRANSPORT +VERDICT +FIRST BYTE +RTT +TLS +IDLE CUT +HTTP$")
        self.assertRegex(out[1], "^ws +blocked +- ")
        self.assertRegex(out[2], r"^sse +works +\d+ ms +\d+\.\d ms +TLSv1\.3 +none in \d+ s +"
                                 r"1\.1, the server offers no h2$")
        self.assertIn("ws: the server answered 404 to the WebSocket", out)
        self.assertTrue(any("nginx    proxy_http_version 1.1;" in line for line in out), out)

    def test_who_cannot_log_in_is_told_why(self):
        client = self.client("cid")
        status, out, errors = Client(client.home, "cid").run(
            "", "--doctor", "--ca-file=" + self.ca.cert, "https://localhost:1")
        self.assertEqual((status, out), (1, []))
        self.assertEqual(errors, ["rtchat-client: refused"])

    def test_it_leaves_nothing_behind(self):
        self.through()
        proxy = self.enterContext(BadProxy(self.server.port, ca=self.ca))
        self.examine(proxy.port)  # the guest's name is free again


class DefaultNginx(DoctorTest):
    def test_its_first_tutorial_has_no_upgrade(self):
        with Nginx(self.server.port, self.ca.leaf(), is_default=True) as nginx:
            reports, status = self.examine(nginx.port)
        self.assertEqual(status, 0)
        self.assertEqual(reports["ws"]["verdict"], "blocked")
        self.assertIn("proxy_set_header Upgrade", reports["ws"]["advice"]["nginx"])
        self.assert_works(reports, "longpoll", "poll")

    def test_ours_is_good(self):
        with Nginx(self.server.port, self.ca.leaf()) as nginx:
            reports, status = self.examine(nginx.port)
        self.assert_works(reports, "ws")
        self.assert_works(reports, *(way for way in WAYS if way != "ws"), http="2")
        self.assertEqual(status, 0)
