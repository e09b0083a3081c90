"""A page of another origin in a real browser: fetch, an event stream, polls and a WebSocket.

The page (page/chat.js) is served from here, does what it can with the server, and posts what came of
it back to where it was served from."""

import base64
import hashlib
import http.server
import json
import os
import queue
import re
import shutil
import ssl
import subprocess
import tempfile
import threading
import unittest
from urllib.parse import urlencode

from rtserver import OwnServerTest
from wsclient import Http, login

PAGES = os.path.join(os.path.dirname(os.path.abspath(__file__)), "page")
BROWSER = next(filter(None, map(shutil.which, (
    "chromium", "chromium-browser", "chromium-headless-shell", "google-chrome"))), None)


class Pages(http.server.ThreadingHTTPServer):
    """An origin of its own. results: what its pages have posted."""

    def __init__(self):
        self.results = queue.Queue()
        super().__init__(("127.0.0.1", 0), Handler)
        self.origin = "http://localhost:%d" % self.server_address[1]
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def close(self):
        self.shutdown()
        self.server_close()


class Handler(http.server.SimpleHTTPRequestHandler):
    def __init__(self, *arguments):
        super().__init__(*arguments, directory=PAGES)

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(204)
        self.end_headers()
        self.server.results.put(json.loads(body))

    def log_message(self, *_):
        pass


def key_hash(port):
    """What the browser is to trust: the hash of the public key in the server's certificate."""
    pem = ssl.get_server_certificate(("127.0.0.1", port)).encode()
    key = subprocess.run(["openssl", "x509", "-noout", "-pubkey"], input=pem,
                         stdout=subprocess.PIPE, check=True).stdout
    der = subprocess.run(["openssl", "pkey", "-pubin", "-outform", "der"], input=key,
                         stdout=subprocess.PIPE, check=True).stdout
    return base64.b64encode(hashlib.sha256(der).digest()).decode()


@unittest.skipIf(BROWSER is None, "no Chromium here; scripts/setup --tests installs it")
class Browser(OwnServerTest):
    def setUp(self):
        super().setUp()
        self.pages = Pages()
        self.addCleanup(self.pages.close)

    def open(self, server, user):
        """What the page makes of the server."""
        with tempfile.TemporaryDirectory(prefix="rtchat-test-", ignore_cleanup_errors=True) as home:
            browser = subprocess.Popen(
                [BROWSER, "--headless=new", "--no-sandbox", "--disable-gpu", "--no-first-run",
                 "--disable-dev-shm-usage", "--disable-background-networking",
                 "--user-data-dir=" + os.path.join(home, "profile"),
                 "--ignore-certificate-errors-spki-list=" + key_hash(server.port),
                 self.pages.origin + "/chat.html?" + urlencode(
                     {"server": "https://localhost:%d" % server.port, "user": user})],
                stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                env=dict(os.environ, HOME=home, XDG_CONFIG_HOME=home))
            try:
                return self.pages.results.get(timeout=120)
            finally:
                browser.terminate()
                browser.wait(30)

    def test_a_page_of_an_allowed_origin_has_all_ways(self):
        server = self.start("--allow-origin=" + self.pages.origin, "--log-level=debug")
        result = self.open(server, "page")
        self.assertEqual(result, {
            "login": "page",
            "send": [200, ["receipt", "receipt"]],
            "refused": [404, "not_found"],
            "socket": ["hello", "message", "receipt"],
            "stream": [["s1"], ["s2", "s3"]],
            "poll": ["l1"],
        })
        # All went by HTTP/2: on one connection what it fetched, streams beside POSTs; on another
        # what had credentials, the WebSocket beside a fetch.
        self.assertEqual(len(re.findall(r"\bh\d+ open ", server.errors())), 2)
        self.assertEqual(server.errors().count("becomes a WebSocket"), 1)
        self.assertEqual(server.stop(), 0)

    def test_a_page_of_another_origin_gets_nothing(self):
        server = self.start("--allow-origin=https://app.example")
        result = self.open(server, "page")
        for step, came in result.items():
            with self.subTest(step=step):
                self.assertRegex(came, "^(TypeError|Error: no WebSocket)")
        http_ = Http(server.port, login(server.port, "ann"))
        events = http_.get("/v1/history?room=%23lobby").json["events"]
        self.assertEqual({event["from"] for event in events}, {"ann"})
        self.assertEqual(server.stop(), 0)


if __name__ == "__main__":
    unittest.main()
