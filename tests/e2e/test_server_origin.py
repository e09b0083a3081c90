"""Which web pages may speak to the server: Origin against --allow-origin, as headers."""

import json
import unittest

from rtserver import ServerTest
from wsclient import Http, Refused, WebSocket, ask, login

PAGE, OTHER = "https://app.example", "http://localhost:3000"
STRANGERS = ("https://evil.example", "null", "https://app.example.evil.example",
             "http://app.example", "https://app.example, https://evil.example", "x" * 2000)


class Origins(ServerTest):
    options = ("--allow-origin=" + PAGE, "--allow-origin=" + OTHER)

    def setUp(self):
        self.token = login(self.port, self.id().rsplit(".", 1)[1][-32:].strip("_"))

    def ask(self, method, path, origin, body=None, token=None, **headers):
        return ask(self.port, method, path, body, token, dict(headers, Origin=origin))

    def assert_open(self, answer, origin):
        self.assertEqual(answer.headers["Access-Control-Allow-Origin"], origin)
        self.assertEqual(answer.headers["Vary"], "Origin")

    def test_answers_and_errors_can_be_read_by_an_allowed_page(self):
        for method, path, body, status in (
                ("GET", "/v1/hello", None, 200), ("GET", "/nowhere", None, 404),
                ("GET", "/v1/history?room=%23none", None, 404), ("PUT", "/v1/rooms", None, 405),
                ("POST", "/v1/send", {"type": "ping", "nonce": "n"}, 200),
                ("POST", "/v1/send", "{", 400), ("HEAD", "/healthz", None, 200),
                ("POST", "/v1/send", " " * (1024 * 1024 + 1), 413),
                ("GET", "/v1/ws", None, 400)):
            for origin in (PAGE, OTHER):
                with self.subTest(method=method, path=path, origin=origin):
                    answer = self.ask(method, path, origin, body, self.token)
                    self.assertEqual(answer.status, status)
                    self.assert_open(answer, origin)
        answer = self.ask("GET", "/v1/hello", PAGE)
        self.assertEqual(answer.status, 401)
        self.assert_open(answer, PAGE)

    def test_a_preflight_is_told_methods_headers_and_for_how_long(self):
        wanted = {"Access-Control-Request-Method": "POST",
                  "Access-Control-Request-Headers": "authorization,content-type"}
        answer = self.ask("OPTIONS", "/v1/send", PAGE, **wanted)
        self.assertEqual((answer.status, answer.body), (204, b""))
        self.assert_open(answer, PAGE)
        self.assertEqual(answer.headers["Access-Control-Allow-Methods"], "POST, OPTIONS")
        self.assertEqual(answer.headers["Access-Control-Allow-Headers"],
                         "Authorization, Content-Type, Last-Event-ID")
        self.assertGreater(int(answer.headers["Access-Control-Max-Age"]), 0)
        self.assertIn("GET", self.ask("OPTIONS", "/v1/hello", PAGE, **wanted)
                      .headers["Access-Control-Allow-Methods"])

    def test_a_strangers_page_is_refused_and_has_no_effect(self):
        say = {"type": "say", "id": "stranger", "room": "#lobby", "text": "x"}
        for origin in STRANGERS:
            for method, path, body in (("GET", "/v1/hello", None), ("POST", "/v1/send", say),
                                       ("OPTIONS", "/v1/send", None), ("GET", "/healthz", None),
                                       ("POST", "/v1/login", {"user": "stranger"})):
                with self.subTest(origin=origin[:40], path=path):
                    answer = self.ask(method, path, origin, body, self.token)
                    self.assertEqual((answer.status, answer.code), (403, "forbidden"))
                    self.assertNotIn("Access-Control-Allow-Origin", answer.headers)
        events = Http(self.port, self.token).get("/v1/history?room=%23lobby").json["events"]
        self.assertNotIn("stranger", [event["id"] for event in events])
        self.assertNotIn("stranger", [event["from"] for event in events])

    def test_a_strangers_page_gets_no_websocket(self):
        for origin in STRANGERS:
            with self.subTest(origin=origin[:40]), self.assertRaises(Refused) as caught:
                WebSocket(self.port, self.token, headers=["Origin: " + origin])
            self.assertEqual(caught.exception.status, 403)
            self.assertEqual(json.loads(caught.exception.body)["error"]["code"], "forbidden")

    def test_an_allowed_page_has_its_websocket(self):
        stream = WebSocket(self.port, headers=["Origin: " + PAGE])
        stream.send({"type": "auth", "token": self.token})
        self.assertEqual(stream.read()["type"], "hello")
        self.assertIsNotNone(stream.say("from a page")["seq"])

    def test_the_servers_own_pages_need_no_leave(self):
        own = "https://localhost:%d" % self.port
        WebSocket(self.port, self.token, headers=["Origin: " + own]).read_until("hello")
        answer = self.ask("GET", "/v1/hello", "https://127.0.0.1:%d" % self.port, None, self.token)
        self.assertEqual(answer.status, 200)

    def test_who_is_no_browser_sees_nothing_of_it(self):
        answer = ask(self.port, "GET", "/v1/hello", None, self.token)
        self.assertEqual(answer.status, 200)
        self.assertFalse([name for name in answer.headers if name.startswith("Access-Control")])
        self.assertNotIn("Vary", answer.headers)


class NoneAllowed(ServerTest):
    def test_without_the_option_every_page_is_a_stranger(self):
        token = login(self.port, "ann")
        answer = ask(self.port, "GET", "/v1/hello", None, token, {"Origin": PAGE})
        self.assertEqual(answer.status, 403)
        with self.assertRaises(Refused):
            WebSocket(self.port, token, headers=["Origin: " + PAGE])


if __name__ == "__main__":
    unittest.main()
