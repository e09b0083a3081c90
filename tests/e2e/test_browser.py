"""A page in a real browser: fetch, an event stream, polls and a WebSocket.

A page of another origin (page/chat.html) is served from here, does what it can with the server, and
posts what came of it back to where it was served from. Its script runs in a page of the server's own
origin, too."""

import base64
import contextlib
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

ALL_WORKS = {
    "login": "page",
    "send": [200, ["receipt", "receipt"]],
    "refused": [404, "not_found"],
    "socket": ["hello", "message", "receipt"],
    "stream": [["s1"], ["s2", "s3"]],
    "poll": ["l1"],
}


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


class Devtools:
    """One tab of a browser, by the DevTools protocol over a pair of pipes."""

    def __init__(self, stdin, stdout):
        self.stdin, self.stdout = stdin, stdout
        self.last = 0
        self.session = None
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        self.session = self.call("Target.attachToTarget", targetId=target,
                                 flatten=True)["sessionId"]

    def call(self, method, **parameters):
        self.last += 1
        message = {"id": self.last, "method": method, "params": parameters}
        if self.session is not None:
            message["sessionId"] = self.session
        self.stdin.write(json.dumps(message).encode() + b"\0")
        self.stdin.flush()
        return self.read(lambda said: said.get("id") == self.last)["result"]

    def read(self, is_it):
        text = b""
        while True:
            byte = self.stdout.read(1)
            if byte == b"":
                raise AssertionError("the browser has gone")
            if byte != b"\0":
                text += byte
                continue
            said, text = json.loads(text), b""
            if is_it(said):
                return said

    def go(self, url):
        self.call("Page.enable")
        self.call("Page.navigate", url=url)
        self.read(lambda said: said.get("method") == "Page.loadEventFired")

    def run(self, script):
        """What the promise comes to that is the value of script."""
        result = self.call("Runtime.evaluate", expression=script, awaitPromise=True,
                           returnByValue=True)
        if "exceptionDetails" in result:
            raise AssertionError(result["exceptionDetails"])
        return result["result"]["value"]


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

    @contextlib.contextmanager
    def browser(self, server, *arguments, wrapper=(), **options):
        with tempfile.TemporaryDirectory(prefix="rtchat-test-", ignore_cleanup_errors=True) as home:
            process = subprocess.Popen(
                [*wrapper, BROWSER, "--headless=new", "--no-sandbox", "--disable-gpu",
                 "--no-first-run", "--disable-dev-shm-usage", "--disable-background-networking",
                 "--user-data-dir=" + os.path.join(home, "profile"),
                 "--ignore-certificate-errors-spki-list=" + key_hash(server.port), *arguments],
                stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                env=dict(os.environ, HOME=home, XDG_CONFIG_HOME=home), **options)
            try:
                yield process
            finally:
                process.terminate()
                process.wait(30)

    def open(self, server, user):
        """What the page makes of the server."""
        page = self.pages.origin + "/chat.html?" + urlencode(
            {"server": "https://localhost:%d" % server.port, "user": user})
        with self.browser(server, page):
            return self.pages.results.get(timeout=120)

    def run_within(self, server, user):
        """What the same script makes of it from a page of the server's own."""
        there, here = os.pipe(), os.pipe()
        with open(os.path.join(PAGES, "chat.js"), encoding="utf-8") as file:
            script = file.read()
        with contextlib.ExitStack() as stack:
            stdin = stack.enter_context(os.fdopen(there[1], "wb"))
            stdout = stack.enter_context(os.fdopen(here[0], "rb"))
            stack.enter_context(self.browser(
                server, "--remote-debugging-pipe", pass_fds=(there[0], here[1]),
                wrapper=("bash", "-c", 'exec 3<&%d 4>&%d; exec "$@"' % (there[0], here[1]), "-")))
            os.close(there[0])
            os.close(here[1])
            tab = Devtools(stdin, stdout)
            origin = "https://localhost:%d" % server.port
            tab.go(origin + "/healthz?" + urlencode({"server": origin, "user": user}))
            return tab.run("(async () => {%s\nreturn all();})()" % script)

    def test_a_page_of_an_allowed_origin_has_all_ways(self):
        server = self.start("--allow-origin=" + self.pages.origin, "--log-level=debug")
        self.assertEqual(self.open(server, "page"), ALL_WORKS)
        # All went by HTTP/2: on one connection what it fetched, streams beside POSTs; on another
        # what had credentials, the WebSocket beside a fetch.
        self.assertEqual(len(re.findall(r"\bh\d+ open ", server.errors())), 2)
        self.assertEqual(server.errors().count("becomes a WebSocket"), 1)
        self.assertEqual(server.stop(), 0)

    def test_a_page_of_the_server_itself_has_all_on_one_connection(self):
        server = self.start("--log-level=debug")
        self.assertEqual(self.run_within(server, "page"), ALL_WORKS)
        self.assertEqual(server.errors().count("becomes a WebSocket"), 1)
        self.assertEqual(server.stop(), 0)
        # A browser may open a spare one before it knows that this is HTTP/2, and asks nothing there.
        asked = re.findall(r"\bh\d+ gone last_stream=([1-9]\d*)", server.errors())
        self.assertEqual(len(asked), 1, asked)
        self.assertGreater(int(asked[0]), 20)

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
