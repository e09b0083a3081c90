"""HTTP/2 as others speak it: h2load, nghttp, curl, Node, and HAProxy or nginx in front."""

import json
import os
import re
import subprocess
import tempfile
import unittest

import peers
from peers import HAProxy, Nginx, find_program, read, replaced
from rtreader import SseReader
from rtserver import ServerTest
from test_behind_proxies import ALL, HTTP, ProxyTest
from wsclient import login

NODE_SCRIPT = os.path.join(os.path.dirname(peers.__file__), "http2_client.js")


def run(*command, **more):
    done = subprocess.run(command, capture_output=True, text=True, timeout=100, **more)
    if done.returncode != 0:
        raise AssertionError("%s ended with %d: %s%s" %
                             (command[0], done.returncode, done.stdout, done.stderr))
    return done.stdout


class Programs(ServerTest):
    options = ("--burst=1000000", "--rate=1000000")

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.token = login(cls.port, "ann")
        cls.origin = "https://localhost:%d" % cls.port
        cls.authorization = "authorization: Bearer " + cls.token

    def load(self, streams, *arguments):
        """All are answered, and well."""
        count = 1000
        out = run(find_program("h2load"), "-n", str(count), "-c", "2", "-m", str(streams), "-t", "1",
                  *arguments)
        self.assertRegex(out, r"Application protocol: h2\b")
        self.assertRegex(out, r"%d total, %d started, %d done, %d succeeded, 0 failed, 0 errored, "
                              r"0 timeout" % ((count,) * 4))
        self.assertIn("status codes: %d 2xx" % count, out)

    def test_h2load_gets(self):
        for streams in (1, 10, 100):
            with self.subTest(streams=streams):
                self.load(streams, self.origin + "/healthz")

    def test_h2load_posts(self):
        with tempfile.NamedTemporaryFile("w", suffix=".json") as body:
            json.dump({"type": "say", "id": "load", "room": "#lobby", "text": "x" * 1000}, body)
            body.flush()
            for streams in (1, 10, 100):
                with self.subTest(streams=streams):
                    self.load(streams, "-d", body.name, "-H", self.authorization,
                              self.origin + "/v1/send")

    def test_nghttp_asks_many_things_at_once(self):
        out = run(find_program("nghttp"), "-nv", "--no-verify-peer", "-H", self.authorization,
                  *[self.origin + path for path in ("/healthz", "/v1/rooms", "/v1/hello",
                                                    "/v1/history?room=%23lobby")])
        self.assertEqual(out.count(":status: 200"), 4, out)
        self.assertNotIn("RST_STREAM", out)

    def test_curl_posts_and_reads_the_stream(self):
        curl = find_program("curl")
        out = run(curl, "-sk", "--http2", "-w", " %{http_version} %{num_connects}",
                  "-H", self.authorization, "-d", '{"type":"say","id":"c","room":"#lobby","text":"c"}',
                  self.origin + "/v1/send")
        self.assertRegex(out, r'"type":"receipt".* 2 1$')
        out = run("sh", "-c", '"$0" -skN --http2 -H "$1" "$2" | grep -m1 hello', curl,
                  self.authorization, self.origin + "/v1/events")
        self.assertIn('"user":"ann"', out)

    def test_curl_sends_a_large_body_and_hears_that_it_is_too_large(self):
        with tempfile.NamedTemporaryFile() as body:
            body.write(b" " * (3 << 20))
            body.flush()
            out = run(find_program("curl"), "-sk", "--http2", "-o", os.devnull,
                      "-w", "%{http_code} %{http_version}", "-H", self.authorization,
                      "--data-binary", "@" + body.name, self.origin + "/v1/send")
        self.assertEqual(out, "413 2")

    def test_node_has_its_stream_and_its_posts_on_one_session(self):
        out = run(find_program("node"), NODE_SCRIPT, self.origin, self.token)
        said = json.loads(out)
        self.assertEqual(said["posts"], [200] * 20)
        self.assertEqual(said["texts"], ["node %d" % n for n in range(20)])


class HAProxyHttp2(HAProxy):
    """As in contrib/, but that it speaks HTTP/2 to the server too."""

    def configure(self):
        command = super().configure()
        self.write("site.cfg", replaced(read(command[-1]), [
            ("ssl verify none alpn http/1.1", "ssl verify none alpn h2"),
            ("\nbackend rtchat\n", "\nbackend rtchat\n    http-reuse always\n"),
        ]))
        self.write("main.cfg", read(self.dir, "main.cfg") + "    nbthread 1\n")
        return command


class BehindNginx(ProxyTest):
    def test_every_transport(self):
        self.behind(Nginx, self.ca.leaf())  # which speaks HTTP/2 to clients
        for transport in HTTP:
            with self.subTest(transport=transport):
                self.talk(transport, "--http=2")


class BehindHAProxy(ProxyTest):
    options = ("--heartbeat=2", "--log-level=debug", "--trusted-proxy=127.0.0.1")
    workers = 1

    def setUp(self):
        super().setUp()
        self.behind(HAProxyHttp2, self.ca.leaf())

    def opened(self):
        return len(re.findall(r"\bh\d+ open address=", self.server.errors()))

    def test_every_transport(self):
        for transport in ALL:
            with self.subTest(transport=transport):
                self.talk(transport, *(() if transport == "ws" else ("--http=2",)))
        self.assertGreater(self.opened(), 0)

    def test_a_hundred_streams_share_few_connections(self):
        before = self.opened()
        token = login(self.port, "many")
        readers = [SseReader(self.proxy.port, token) for _ in range(100)]
        for reader in readers:
            self.addCleanup(reader.close)
        login(self.port, "who-joins")
        for reader in readers:
            while reader.read()["type"] != "join":
                pass
        self.assertLessEqual(self.opened() - before, 3)


if __name__ == "__main__":
    unittest.main()
