"""POST /v1/send: commands that go up without a WebSocket."""

import http.client as http_client
import json
import threading
import unittest

from rtserver import OwnServerTest, ServerTest
from wsclient import Http, WebSocket, ask, login


def say(id, text="hi", room="#lobby"):
    return {"type": "say", "id": id, "room": room, "text": text}


def history(http, limit=200):
    return http.get("/v1/history?room=%%23lobby&limit=%d" % limit).json["events"]


class Sending(ServerTest):
    options = ("--rate=0",)

    def setUp(self):
        self.user = self.id().rsplit(".", 1)[1][-32:].strip("_")
        self.http = Http(self.port, login(self.port, self.user))
        self.addCleanup(self.http.close)

    def send(self, body, **more):
        return self.http.ask("POST", "/v1/send", body, **more)

    def test_one_command_has_its_receipt(self):
        answer = self.send(say("one"))
        self.assertEqual(answer.status, 200)
        self.assertEqual(answer.headers["Content-Type"], "application/json")
        event = history(self.http)[-1]
        self.assertEqual((event["id"], event["from"]), ("one", self.user))
        self.assertEqual(answer.json, {"type": "receipt", "id": "one", "seq": event["seq"]})

    def test_what_changes_nothing_has_a_receipt_without_seq(self):
        answer = self.send({"type": "join", "id": "j", "room": "#lobby"})
        self.assertEqual((answer.status, answer.json["seq"]), (200, None))

    def test_one_command_is_refused_with_its_errors_status(self):
        for command, status, code in (
                (say("r1", room="#nowhere"), 404, "not_found"),
                (say("r2", room="@nobody"), 404, "not_found"),
                (say("r3", text="x" * 5000), 422, "invalid"),
                ({"type": "say", "room": "#lobby", "text": "x"}, 422, "invalid"),
                ({"type": "dance", "id": "r4"}, 422, "unknown_command")):
            with self.subTest(command=command):
                answer = self.send(command)
                self.assertEqual((answer.status, answer.code), (status, code))
                self.assertEqual((answer.json["type"], answer.json["code"]), ("error", code))
                self.assertEqual(answer.json.get("id"), command.get("id"))

    def test_an_array_is_answered_in_its_order(self):
        answer = self.send([say("a%d" % i, "line %d" % i) for i in range(100)])
        self.assertEqual(answer.status, 200)
        self.assertEqual([member["id"] for member in answer.json], ["a%d" % i for i in range(100)])
        said = history(self.http, 100)
        self.assertEqual([event["text"] for event in said], ["line %d" % i for i in range(100)])
        self.assertEqual([event["seq"] for event in said], [m["seq"] for m in answer.json])

    def test_an_array_of_one_is_an_array(self):
        answer = self.send([say("only")])
        self.assertEqual((answer.status, [m["type"] for m in answer.json]), (200, ["receipt"]))
        answer = self.send([say("not", room="#nowhere")])
        self.assertEqual((answer.status, [m["code"] for m in answer.json]), (207, ["not_found"]))

    def test_an_empty_array_has_an_empty_answer(self):
        answer = self.send([])
        self.assertEqual((answer.status, answer.json), (200, []))

    def test_members_are_refused_one_by_one(self):
        answer = self.send([say("m1"), 7, say("m2", room="#nowhere"), {"type": "x", "id": "m3"},
                            say("m1", "other"), {"type": "ping", "nonce": "n"}, say("m4")])
        self.assertEqual(answer.status, 207)
        self.assertEqual([member.get("code") for member in answer.json],
                         [None, "bad_request", "not_found", "unknown_command", "conflict", None,
                          None])
        self.assertEqual([member.get("id") for member in answer.json],
                         ["m1", None, "m2", "m3", "m1", None, "m4"])
        self.assertEqual(answer.json[5], {"type": "receipt", "nonce": "n"})
        mine = [event["id"] for event in history(self.http) if event["from"] == self.user]
        self.assertEqual(mine[-2:], ["m1", "m4"])

    def test_bodies_that_are_none(self):
        for body, status, code in ((b"", 400, "bad_request"), (b"{", 400, "bad_request"),
                                   (b"7", 400, "bad_request"), (b'"x"', 400, "bad_request"),
                                   (b'{"type":"say"\xff}', 400, "bad_request"),
                                   (json.dumps([say("x")] * 101).encode(), 422, "invalid")):
            with self.subTest(body=body[:20]):
                answer = self.send(body)
                self.assertEqual((answer.status, answer.code), (status, code))
        self.assertNotIn("x", [event["id"] for event in history(self.http)])

    def test_any_content_type_is_taken(self):
        for n, kind in enumerate(("application/x-www-form-urlencoded", "text/plain", "")):
            answer = self.send(say("c%d" % n), headers={"Content-Type": kind})
            self.assertEqual(answer.status, 200)

    def test_a_body_in_chunks_is_411_and_a_large_one_413(self):
        answer = self.http.ask("POST", "/v1/send", b"2\r\n{}\r\n0\r\n\r\n",
                               {"Transfer-Encoding": "chunked"})
        self.assertEqual((answer.status, answer.code), (411, "length_required"))
        answer = ask(self.port, "POST", "/v1/send", b" " * (1024 * 1024 + 1), self.http.token)
        self.assertEqual((answer.status, answer.code), (413, "too_large"))

    def test_without_a_token_it_is_401(self):
        self.assertEqual(ask(self.port, "POST", "/v1/send", say("x")).status, 401)

    def test_a_repeat_has_one_effect_over_both_ways(self):
        stream = WebSocket(self.port, self.http.token)
        first = stream.say("once", id="both")["seq"]
        self.assertEqual(self.send(say("both", "once")).json["seq"], first)
        self.assertEqual(self.send([say("both", "once")] * 2).json[1]["seq"], first)
        second = self.send(say("post", "twice")).json["seq"]
        self.assertEqual(stream.say("twice", id="post")["seq"], second)
        self.assertEqual(stream.say("thrice", id="post")["code"], "conflict")
        self.assertEqual(self.send(say("both", "else")).status, 409)

    def test_readers_get_what_was_posted(self):
        stream = WebSocket(self.port, login(self.port, "reader"))
        seq = self.send(say("seen")).json["seq"]
        self.assertEqual(stream.read_until("message")["seq"], seq)

    def test_a_posted_pings_pong_comes_to_every_reader_of_the_session(self):
        streams = [WebSocket(self.port, self.http.token) for _ in range(4)]
        for stream in streams:
            stream.read_until("hello")
        answer = self.send({"type": "ping", "nonce": "up"})
        self.assertEqual((answer.status, answer.json), (200, {"type": "receipt", "nonce": "up"}))
        for stream in streams:
            self.assertEqual(stream.read_until("pong")["nonce"], "up")

    def test_a_sender_that_goes_away_has_sent_all_the_same(self):
        body = json.dumps(say("gone"))
        self.http.get("/healthz")  # what is left unread when one closes makes a RST, which drops all
        self.http.connection.request("POST", "/v1/send", body,
                                     {"Authorization": "Bearer " + self.http.token})
        self.http.close()
        watcher = Http(self.port, login(self.port, "watcher"))
        stream = WebSocket(self.port, watcher.token, after="0")
        if "gone" not in [event["id"] for event in history(watcher)]:
            stream.read_until(lambda event: event.get("id") == "gone")

    def test_a_logout_while_commands_are_under_way(self):
        """Each request is answered: with its receipts, or with 401 and no effect."""
        threads, answers = [], []
        token = self.http.token

        def post(n):
            answers.append((n, ask(self.port, "POST", "/v1/send",
                                   [say("l%d-%d" % (n, i)) for i in range(20)], token)))

        for n in range(8):
            threads.append(threading.Thread(target=post, args=(n,)))
            threads[-1].start()
        self.assertEqual(ask(self.port, "POST", "/v1/logout", {}, token).status, 200)
        for thread in threads:
            thread.join()
        self.assertEqual(len(answers), 8)
        there = {event["id"] for event in
                 history(Http(self.port, login(self.port, "after")))}
        for n, answer in answers:
            self.assertIn(answer.status, (200, 207, 401))
            if answer.status == 401:
                self.assertNotIn("l%d-0" % n, there)
            else:
                for member in answer.json:
                    self.assertEqual(member["id"] in there, member["type"] == "receipt")


class Limited(OwnServerTest):
    def test_in_an_array_all_after_the_first_limited_one_are_limited(self):
        server = self.start("--rate=1", "--burst=5")
        http = Http(server.port, login(server.port, "ann"))
        answer = http.post("/v1/send", [say("n%d" % i) for i in range(100)])
        self.assertEqual(answer.status, 207)
        codes = [member.get("code") for member in answer.json]
        self.assertEqual(codes, [None] * 5 + ["rate_limited"] * 95)
        for member in answer.json[5:]:
            self.assertGreater(member["retry_after_ms"], 0)
        self.assertEqual([m["id"] for m in answer.json], ["n%d" % i for i in range(100)])
        alone = http.post("/v1/send", say("more"))
        self.assertEqual((alone.status, alone.code), (429, "rate_limited"))
        self.assertGreaterEqual(int(alone.headers["Retry-After"]), 1)
        self.assertGreater(alone.json["retry_after_ms"], 0)

    def test_on_a_connection_nothing_overtakes_a_limited_one(self):
        """Another client of the user takes from the bucket, which fills while lines are under
        way: still the lines of one connection arrive in order, and all of them."""
        server = self.start("--rate=50", "--burst=5")
        token = login(server.port, "ann")
        stream, other = WebSocket(server.port, token), Http(server.port, token)
        waiting = ["w%02d" % i for i in range(60)]
        while waiting:
            for id in waiting:
                stream.send(say(id))
                other.post("/v1/send", say("o" + id))
            answered, refused = 0, []
            while answered < len(waiting):
                event = stream.read()
                if event["type"] in ("receipt", "error"):
                    answered += 1
                    if event["type"] == "error":
                        self.assertEqual(event["code"], "rate_limited")
                        refused.append(event["id"])
            waiting = refused
        mine = [event["id"] for event in history(other) if event["id"].startswith("w")]
        self.assertEqual(mine, ["w%02d" % i for i in range(60)])


class Killed(OwnServerTest):
    def test_what_has_a_receipt_is_there_after_a_kill(self):
        server = self.start("--rate=0")
        token = login(server.port, "ann")
        receipted, sent = [], 0
        http = Http(server.port, token)

        def post():
            nonlocal sent
            try:
                while True:
                    ids = ["k%d" % n for n in range(sent, sent + 10)]
                    sent += 10
                    answer = http.post("/v1/send", [say(id) for id in ids])
                    receipted.extend((m["id"], m["seq"]) for m in answer.json)
            except (OSError, http_client.HTTPException):
                return

        thread = threading.Thread(target=post)
        thread.start()
        while len(receipted) < 100:
            thread.join(0.01)
            self.assertTrue(thread.is_alive())
        server.kill()
        thread.join()
        server = self.start("--rate=0")
        http = Http(server.port, token)
        for id, seq in receipted[-100:]:
            self.assertEqual(http.post("/v1/send", say(id)).json["seq"], seq)


if __name__ == "__main__":
    unittest.main()
