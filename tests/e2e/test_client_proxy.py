"""The client through HTTP proxies: by CONNECT, with and without a password, on every way."""

import os

from badproxy import BadProxy
from peers import Squid
from rtclient import Client, fingerprint_of
from rtserver import ServerTest, wait_until
from test_client_plain import Homes

WAYS = ("ws", "sse", "longpoll", "poll")
NAME = "https://chat.example.invalid:4711"  # only the proxy knows where that is


class ProxyTest(Homes, ServerTest):
    def setUp(self):
        for name in ("http", "https", "all", "no"):
            for variable in (name + "_proxy", name.upper() + "_PROXY"):
                os.environ.pop(variable, None)
        self.addCleanup(os.environ.update, dict(os.environ))

    def proxy(self, **options):
        return self.enterContext(BadProxy(self.server.port, connect=True, **options))

    def run_through(self, user, text, *options, url=NAME):
        client = self.client(user)
        client.server = None
        return Client(client.home, user).run(
            text, "--fingerprint=" + fingerprint_of(self.server), *options, url)

    def assert_said(self, result, way):
        self.assertEqual(result[0], 0, result)
        self.assertIn("connected " + way, result[2])


class Connect(ProxyTest):
    def test_each_way_goes_through_it(self):
        proxy = self.proxy()
        for way in WAYS:
            with self.subTest(way):
                before = proxy.count(method="CONNECT", status=200)
                self.assert_said(self.run_through("ann" + way, "hi\n", "--transport=" + way,
                                                  "--proxy=http://localhost:%d" % proxy.port), way)
                self.assertTrue(proxy.count(method="CONNECT", status=200) > before)
                paths = {record["path"] for record in proxy.records()}
                self.assertEqual(paths, {"chat.example.invalid:4711"})

    def test_each_way_names_user_and_password(self):
        proxy = self.proxy(auth="ann:p@ss:w%rd")
        for way in WAYS:
            with self.subTest(way):
                self.assert_said(
                    self.run_through("bob" + way, "hi\n", "--transport=" + way,
                                     "--proxy=http://ann:p%%40ss:w%%25rd@localhost:%d" % proxy.port),
                    way)

    def test_refusals_are_the_proxys(self):
        open_proxy, closed_proxy = self.proxy(), self.proxy(auth="ann:secret")
        cases = ((closed_proxy, "", "wants a user name and a password (407)"),
                 (closed_proxy, "ann:wrong-secret@", "refuses the user name and password (407)"))
        for proxy, who, words in cases:
            status, out, errors = self.run_through(
                "cid", "hi\n", "--timeout=1", "--proxy=http://%slocalhost:%d" % (who, proxy.port))
            self.assertEqual((status, out), (1, []), errors)
            self.assertIn("the proxy localhost:%d %s" % (proxy.port, words), "\n".join(errors))
            self.assertNotIn("secret", "\n".join(errors))
        for fault, words in (("403", "does not allow this server (403)"),
                             ("502", "does not reach the server (502)")):
            open_proxy.set("answer=" + fault)
            status, out, errors = self.run_through(
                "cid", "hi\n", "--timeout=1", "--proxy=localhost:%d" % open_proxy.port)
            self.assertEqual((status, out), (1, []), errors)
            self.assertIn("the proxy localhost:%d %s" % (open_proxy.port, words),
                          "\n".join(errors))

    def test_a_tunnel_that_is_refused_later_is_told_by_each_way(self):
        """The login has gone through, and then the proxy wants a password."""
        for way in WAYS:
            with self.subTest(way):
                proxy = self.proxy()
                client = self.client("dee" + way)
                client.server = None
                running = self.begin(
                    client, "--follow", "--log-level=debug", "--transport=" + way,
                    "--fingerprint=" + fingerprint_of(self.server),
                    "--proxy=http://ann:hidden-word@localhost:%d" % proxy.port, NAME)
                running.err.wait_for("^connected %s$" % way)
                proxy.set("answer=407")
                proxy.cut()
                running.err.wait_for(r"reconnecting .*the proxy localhost:\d+ refuses the user "
                                     r"name and password \(407\)")
                proxy.clear()
                running.say("/reconnect\n")
                wait_until(lambda: running.err.lines.count("connected " + way) == 2, 20, "the way back")
                self.assertNotIn("hidden-word", "\n".join(running.err.lines + running.out.lines))

    def test_the_environment_counts_and_no_proxy_before_it(self):
        proxy = self.proxy()
        os.environ["https_proxy"] = "http://localhost:%d" % proxy.port
        self.assert_said(self.run_through("eve", "hi\n"), "ws")
        before = proxy.count()
        direct = "https://127.0.0.1:%d" % self.server.port
        os.environ["no_proxy"] = "127.0.0.0/8"
        self.assert_said(self.run_through("eve", "hi\n", url=direct), "ws")
        os.environ["no_proxy"] = ""
        self.assert_said(self.run_through("eve", "hi\n", "--proxy=none", url=direct), "ws")
        self.assertEqual(proxy.count(), before)

    def test_a_proxy_that_is_not_there_is_told_so(self):
        for way in WAYS:
            status, _, errors = self.run_through("fay", "hi\n", "--timeout=1",
                                                 "--transport=" + way, "--proxy=localhost:1")
            self.assertEqual(status, 1)
            self.assertIn("the proxy localhost:1: refused", "\n".join(errors))

    def test_what_is_no_proxy_is_wrong_usage(self):
        status, _, errors = self.run_through("fay", "", "--proxy=socks5://ann:secret@localhost:1")
        self.assertEqual(status, 2)
        self.assertEqual(errors, ["rtchat-client: --proxy: proxy begins with \"socks5://\": wanted "
                                  "http://[user:password@]host[:port], or none"])


class RealSquid(ProxyTest):
    def test_each_way_goes_through_it(self):
        url = "https://127.0.0.1:%d" % self.server.port
        with Squid(self.server.port, "ann", "s3:cr@t") as squid:
            for way in WAYS:
                with self.subTest(way):
                    self.assert_said(
                        self.run_through("gus" + way, "hi\n", "--transport=" + way,
                                         "--proxy=http://ann:s3%%3acr%%40t@127.0.0.1:%d" %
                                         squid.port, url=url), way)
            status, _, errors = self.run_through("gus", "hi\n", "--timeout=1",
                                                 "--proxy=127.0.0.1:%d" % squid.port, url=url)
            self.assertEqual(status, 1)
            self.assertIn("wants a user name and a password (407)", "\n".join(errors))
