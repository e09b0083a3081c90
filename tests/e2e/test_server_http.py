"""HTTP/1.1 as the contract has it: the asks, the errors, and requests that are not well."""

import json
import socket
import ssl
import unittest

from rtserver import OwnServerTest, ServerTest
from wsclient import Http, WebSocket, ask, connect_tls, login


def talk(port, data, until_closed=True, timeout=10):
    """Sends bytes as they are; all that comes back until the server closes or rests."""
    stream = connect_tls(port, timeout)
    stream.sendall(data)
    received = b""
    try:
        while True:
            piece = stream.recv(65536)
            if not piece:
                break
            received += piece
            if not until_closed:
                break
    except (socket.timeout, ConnectionError, ssl.SSLError):
        pass
    stream.close()
    return received


def status_of(received):
    return int(received.split(b" ", 2)[1]) if received else None


class Requests(ServerTest):
    def test_errors_are_json_and_nothing_is_cached(self):
        answer = ask(self.port, "GET", "/nowhere")
        self.assertEqual((answer.status, answer.code), (404, "not_found"))
        self.assertEqual(answer.headers["Content-Type"], "application/json")
        self.assertEqual(answer.headers["Cache-Control"], "no-store")
        self.assertTrue(answer.json["error"]["message"])

    def test_a_known_path_with_another_method_is_405_with_allow(self):
        for method, path, allow in (("DELETE", "/v1/login", "POST"), ("POST", "/healthz", "GET"),
                                    ("PUT", "/v1/rooms", "GET"), ("GET", "/v1/logout", "POST")):
            with self.subTest(method=method, path=path):
                answer = ask(self.port, method, path)
                self.assertEqual(answer.status, 405)
                self.assertIn(allow, answer.headers["Allow"])

    def test_options_tells_what_is_allowed(self):
        answer = ask(self.port, "OPTIONS", "/v1/login")
        self.assertEqual((answer.status, answer.body), (204, b""))
        self.assertEqual(answer.headers["Allow"], "POST, OPTIONS")

    def test_head_has_the_length_and_no_body(self):
        whole = ask(self.port, "GET", "/healthz")
        head = ask(self.port, "HEAD", "/healthz")
        self.assertEqual((head.status, head.body), (200, b""))
        self.assertEqual(head.headers["Content-Length"], str(len(whole.body)))

    def test_many_requests_go_over_one_connection(self):
        http = Http(self.port, login(self.port, "kim"))
        first = None
        for _ in range(20):
            self.assertEqual(http.get("/v1/rooms").status, 200)
            self.assertEqual(http.post("/v1/login", {"user": "no dash"}).status, 422)
            first = first or http.connection.sock
            self.assertIs(http.connection.sock, first)

    def test_requests_in_one_packet_are_answered_in_order(self):
        received = talk(self.port, b"GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n"
                        b"HEAD /healthz HTTP/1.1\r\nHost: a\r\n\r\n"
                        b"GET /nowhere HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
        statuses = [int(part[:3]) for part in received.split(b"HTTP/1.1 ")[1:]]
        self.assertEqual(statuses, [200, 200, 404])

    def test_a_post_behind_another_request_in_one_packet_is_cut_at_worst(self):
        body = b'{"user":"-"}'
        before = self.server.cpu_seconds()
        received = talk(self.port, b"GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n"
                        b"POST /v1/login HTTP/1.1\r\nHost: a\r\nContent-Length: %d\r\n\r\n%s"
                        b"GET /nowhere HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
                        % (len(body), body), timeout=3)
        statuses = [int(part[:3]) for part in received.split(b"HTTP/1.1 ")[1:]]
        self.assertIn(statuses, ([200], [200, 422, 404]))
        self.assertLess(self.server.cpu_seconds() - before, 1)

    def test_a_request_behind_one_that_takes_long_waits_for_it(self):
        body = json.dumps({"user": "lou", "password": "correct horse"}).encode()
        received = talk(self.port, b"POST /v1/register HTTP/1.1\r\nHost: a\r\nContent-Length: %d"
                        b"\r\n\r\n%sGET /nowhere HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
                        % (len(body), body))
        statuses = [int(part[:3]) for part in received.split(b"HTTP/1.1 ")[1:]]
        self.assertEqual(statuses, [200, 404])

    def test_a_body_in_chunks_is_411(self):
        received = talk(self.port, b"POST /v1/login HTTP/1.1\r\nHost: a\r\n"
                        b"Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n")
        self.assertEqual(status_of(received), 411)

    def test_a_length_and_chunks_together_are_411_and_end_the_connection(self):
        received = talk(self.port, b"POST /v1/login HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n"
                        b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /healthz HTTP/1.1\r\n\r\n")
        self.assertEqual(status_of(received), 411)
        self.assertEqual(received.count(b"HTTP/1.1 "), 1)

    def test_a_length_that_is_no_number_is_400(self):
        for length in (b"-1", b"abc", b"1,1", b"99999999999999999999999"):
            with self.subTest(length=length):
                received = talk(self.port, b"POST /v1/login HTTP/1.1\r\nHost: a\r\n"
                                b"Content-Length: " + length + b"\r\n\r\n{}")
                self.assertEqual(status_of(received), 400)

    def test_a_large_body_is_413(self):
        answer = ask(self.port, "POST", "/v1/login", b" " * (1024 * 1024 + 1))
        self.assertEqual((answer.status, answer.code), (413, "too_large"))

    def test_a_body_at_the_bound_is_read(self):
        body = b'{"user":"max","pad":"' + b"x" * (1024 * 1024 - 23) + b'"}'
        self.assertEqual(len(body), 1024 * 1024)
        self.assertEqual(ask(self.port, "POST", "/v1/login", body).status, 200)

    def test_a_body_that_is_no_object_is_400(self):
        for body in (b"", b"{", b"[]", b"7", b"\xff\xfe", b'{"user":"\xff"}', b"{} {}",
                     b"[" * 100000):
            with self.subTest(body=body[:20]):
                answer = ask(self.port, "POST", "/v1/login", body)
                self.assertEqual((answer.status, answer.code), (400, "bad_request"))

    def test_a_post_without_length_and_body_is_served(self):
        token = login(self.port, "mia")
        received = talk(self.port, b"POST /v1/logout HTTP/1.1\r\nHost: a\r\n"
                        b"Authorization: Bearer " + token.encode() + b"\r\n\r\n")
        self.assertEqual(status_of(received), 200)
        self.assertIn(b"Connection: close", received)

    def test_headers_beyond_16_kib_are_cut_or_431(self):
        received = talk(self.port, b"GET /healthz HTTP/1.1\r\nHost: a\r\nCookie: "
                        + b"x" * 20000 + b"\r\n\r\n")
        self.assertIn(status_of(received), (None, 431, 400, 403))
        self.assertEqual(ask(self.port, "GET", "/healthz").status, 200)

    def test_http_1_0_is_answered_and_closed(self):
        received = talk(self.port, b"GET /healthz HTTP/1.0\r\n\r\n")
        self.assertEqual(status_of(received), 200)

    def test_garbage_is_cut(self):
        for garbage in (b"\x00" * 100, b"HELLO\r\n\r\n", b"GET\r\n\r\n", b"\x16\x03\x01" * 50):
            with self.subTest(garbage=garbage[:8]):
                self.assertNotEqual(status_of(talk(self.port, garbage, timeout=3)), 200)
        self.assertEqual(ask(self.port, "GET", "/healthz").status, 200)

    def test_no_token_and_a_wrong_one_are_401(self):
        for path in ("/v1/hello", "/v1/rooms", "/v1/history?room=%23lobby"):
            self.assertEqual(ask(self.port, "GET", path).status, 401)
            for token in ("x", "0" * 64, "x" * 900):
                self.assertEqual(ask(self.port, "GET", path, token=token).status, 401)
        basic = ask(self.port, "GET", "/v1/hello", headers={"Authorization": "Basic YTpi"})
        self.assertEqual(basic.status, 401)

    def test_tls_below_1_2_is_refused(self):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        context.set_ciphers("ALL:@SECLEVEL=0")
        context.minimum_version = ssl.TLSVersion.TLSv1
        context.maximum_version = ssl.TLSVersion.TLSv1_1
        with self.assertRaises((ssl.SSLError, ConnectionError)):
            context.wrap_socket(socket.create_connection(("127.0.0.1", self.port), 10))


class Asks(ServerTest):
    options = ("--burst=100000",)

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.ann = Http(cls.port, login(cls.port, "ann"))
        cls.bob = Http(cls.port, login(cls.port, "bob"))
        cls.stream = WebSocket(cls.port, cls.ann.token)
        cls.seqs = [cls.stream.say("n%d" % n)["seq"] for n in range(120)]

    def history(self, more=""):
        return self.ann.get("/v1/history?room=%23lobby" + more)

    def test_history_gives_the_newest_page_oldest_first(self):
        page = self.history("&limit=10").json
        seqs = [event["seq"] for event in page["events"]]
        self.assertEqual((len(seqs), seqs), (10, sorted(seqs)))
        self.assertGreaterEqual(seqs[-1], self.seqs[-1])
        self.assertTrue(page["more"])

    def test_history_by_pages_reaches_the_beginning(self):
        texts, before = [], ""
        while True:
            page = self.history("&limit=50" + before).json
            texts = [event.get("text") for event in page["events"]] + texts
            if not page["more"]:
                break
            before = "&before=%d" % page["events"][0]["seq"]
        self.assertEqual([text for text in texts if text], ["n%d" % n for n in range(120)])

    def test_history_checks_what_it_is_asked(self):
        for more in ("&limit=0", "&limit=201", "&limit=x", "&before=0", "&before=-1", "&before="):
            with self.subTest(more=more):
                self.assertEqual(self.history(more).status, 422)
        self.assertEqual(self.ann.get("/v1/history").status, 422)
        self.assertEqual(self.ann.get("/v1/history?room=%23no%20room").status, 422)

    def test_rooms_of_others_are_closed_to_who_is_not_in_them(self):
        self.stream.send({"type": "join", "id": "j1", "room": "#ops"})
        self.stream.read_until("receipt")
        for path in ("/v1/history?room=%23ops", "/v1/rooms/%23ops/members"):
            self.assertEqual(self.ann.get(path).status, 200)
            answer = self.bob.get(path)
            self.assertEqual((answer.status, answer.code), (403, "not_member"))
        self.assertEqual(self.bob.get("/v1/history?room=%23none").status, 404)

    def test_a_direct_conversation_is_the_two_s_alone(self):
        eve = Http(self.port, login(self.port, "eve"))
        self.stream.say("for bob", room="@bob")
        texts = [e.get("text") for e in self.bob.get("/v1/history?room=@ann").json["events"]]
        self.assertIn("for bob", texts)
        self.assertEqual(eve.get("/v1/history?room=@ann").json["events"], [])
        event = self.bob.get("/v1/history?room=@ann").json["events"][-1]
        self.assertEqual(event["room"], "@ann")

    def test_rooms_and_members(self):
        rooms = {room["room"]: room for room in self.ann.get("/v1/rooms").json["rooms"]}
        self.assertTrue(rooms["#lobby"]["member"])
        members = self.ann.get("/v1/rooms/lobby/members").json["members"]
        self.assertLessEqual({"ann", "bob"}, {member["user"] for member in members})

    def test_a_long_answer_comes_whole(self):
        big = "x" * 4000
        self.stream.send({"type": "join", "id": "j2", "room": "#big"})
        self.stream.read_until("receipt")
        for _ in range(60):
            self.stream.say(big, room="#big")
        page = self.ann.get("/v1/history?room=%23big&limit=200").json
        self.assertGreaterEqual([e.get("text") for e in page["events"]].count(big), 60)


class Slow(OwnServerTest):
    def test_a_handshake_that_stays_away_costs_no_other_its_answer(self):
        server = self.start(workers=1)
        silent = [socket.create_connection(("127.0.0.1", server.port)) for _ in range(20)]
        self.assertEqual(ask(server.port, "GET", "/healthz").status, 200)
        for stream in silent:
            stream.close()

    def test_a_head_has_ten_seconds(self):
        server = self.start(workers=1)
        slow_head = connect_tls(server.port, 20)
        slow_head.sendall(b"GET /healthz HTTP/1.1\r\n")
        self.assertEqual(slow_head.recv(1000), b"")


if __name__ == "__main__":
    unittest.main()
