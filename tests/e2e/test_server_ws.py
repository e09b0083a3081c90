"""The WebSocket row: opening, frames that are not well, commands and their answers."""

import json
import time
import unittest

from rtserver import OwnServerTest, ServerTest
from wsclient import (BINARY, CLOSE, PING, PONG, TEXT, Http, Refused, WebSocket, ask, connect_tls,
                      login)


class Opening(ServerTest):
    def test_hello_is_first_and_says_where_one_stands(self):
        stream = WebSocket(self.port, login(self.port, "ann"))
        hello = stream.read()
        self.assertEqual((hello["type"], hello["user"], hello["result"]), ("hello", "ann", "new"))
        self.assertEqual(hello["cursor"], hello["head"])
        self.assertTrue(hello["cursor"].startswith(hello["epoch"] + "-"))
        self.assertEqual(hello["heartbeat"], 15)
        self.assertIn("Sec-WebSocket-Protocol: rtchat.v1", stream.head)

    def test_no_subprotocol_is_taken_too(self):
        stream = WebSocket(self.port, login(self.port, "bob"), subprotocol=None)
        self.assertEqual(stream.read()["type"], "hello")
        self.assertNotIn("Sec-WebSocket-Protocol", stream.head)

    def refused(self, **options):
        with self.assertRaises(Refused) as caught:
            WebSocket(self.port, **options)
        return caught.exception.status, json.loads(caught.exception.body)["error"]["code"]

    def test_what_is_wrong_is_refused_before_the_upgrade(self):
        token = login(self.port, "cat")
        self.assertEqual(self.refused(token="nobody's"), (401, "unauthorized"))
        self.assertEqual(self.refused(token=token, after="x"), (400, "bad_request"))
        self.assertEqual(self.refused(token=token, after=""), (400, "bad_request"))
        self.assertEqual(self.refused(token=token, after="abc-"), (400, "bad_request"))
        self.assertEqual(self.refused(token=token, path="/v1/sse"), (404, "not_found"))
        self.assertEqual(self.refused(token=token, path="/"), (404, "not_found"))
        self.assertEqual(self.refused(token=token, subprotocol="mqtt"), (400, "bad_request"))
        self.assertEqual(self.refused(token=token, upgrade="h2c"), (400, "bad_request"))

    def test_the_path_without_an_upgrade_is_400(self):
        self.assertEqual(ask(self.port, "GET", "/v1/ws").status, 400)

    def test_the_first_frame_may_bring_the_token(self):
        stream = WebSocket(self.port)
        stream.send({"type": "auth", "token": login(self.port, "dan")})
        self.assertEqual(stream.read()["user"], "dan")
        self.assertIsNotNone(stream.say("here")["seq"])

    def test_another_first_frame_is_a_breach(self):
        for frame in ({"type": "auth", "token": "nobody's"}, {"type": "auth"},
                      {"type": "say", "id": "1", "room": "#lobby", "text": "hi"}, []):
            with self.subTest(frame=frame):
                stream = WebSocket(self.port)
                stream.send(frame)
                self.assertEqual(stream.read_close(), 1008)

    def test_no_auth_frame_in_ten_seconds_is_a_breach(self):
        stream = WebSocket(self.port)
        began = time.monotonic()
        self.assertEqual(stream.read_close(20), 1008)
        self.assertLess(9, time.monotonic() - began)
        self.assertLess(time.monotonic() - began, 15)


class Frames(ServerTest):
    def setUp(self):
        self.stream = WebSocket(self.port, login(self.port, self.id().rsplit(".", 1)[1][:32]))
        self.stream.read_until("hello")

    def tearDown(self):
        self.stream.cut()
        self.assertEqual(ask(self.port, "GET", "/healthz").status, 200)

    def test_binary(self):
        self.stream.send_frame(BINARY, b"{}")
        self.assertEqual(self.stream.read_close(), 1003)

    def test_not_json(self):
        self.stream.send("{nonsense")
        self.assertEqual(self.stream.read_close(), 1007)

    def test_empty(self):
        self.stream.send("")
        self.assertEqual(self.stream.read_close(), 1007)

    def test_not_utf8(self):
        self.stream.send(b'{"type":"say","id":"1","room":"#lobby","text":"\xff"}')
        self.assertEqual(self.stream.read_close(), 1007)

    def test_too_big(self):
        self.stream.send("x" * 65537)
        self.assertEqual(self.stream.read_close(), 1009)

    def test_too_big_in_fragments(self):
        self.stream.send_frame(TEXT, b" " * 40000, fin=False)
        self.stream.send_frame(0, b" " * 40000, fin=False)
        self.assertEqual(self.stream.read_close(), 1009)

    def test_a_claim_of_a_terabyte(self):
        self.stream.send_frame(TEXT, b"x" * 100, claim=2 ** 40)
        self.assertEqual(self.stream.read_close(), 1009)

    def test_at_the_bound(self):
        text = json.dumps({"type": "ping", "nonce": "n"})
        self.stream.send(text + " " * (65536 - len(text)))
        self.assertEqual(self.stream.read()["type"], "pong")

    def test_fragments_with_a_ping_between(self):
        text = json.dumps({"type": "ping", "nonce": "split"}).encode()
        self.stream.send_frame(TEXT, text[:5], fin=False)
        self.stream.send_frame(PING, b"between")
        self.stream.send_frame(0, text[5:9], fin=False)
        self.stream.send_frame(0, text[9:])
        frames = []
        while len(frames) < 2:
            frame = self.stream.read_frame()
            if b'"presence"' not in frame[1]:
                frames.append(frame)
        self.assertIn((PONG, b"between"), frames)
        self.assertTrue(any(opcode == TEXT and b"split" in data for opcode, data in frames))

    def test_reserved_opcode(self):
        self.stream.send_frame(5, b"x")
        self.assertIn(self.stream.read_close(), (1002, None))

    def test_continuation_of_nothing(self):
        self.stream.send_frame(0, b"{}")
        self.assertIn(self.stream.read_close(), (1002, 1007, None))

    def test_close_is_answered(self):
        self.stream.send_frame(CLOSE, b"\x03\xe8")
        self.assertEqual(self.stream.read_close(), 1000)

    def test_a_cut_in_the_middle_of_a_frame(self):
        self.stream.send_frame(TEXT, b"{", claim=1000)


class Commands(ServerTest):
    options = ("--burst=100000",)

    def open(self, user, **options):
        stream = WebSocket(self.port, login(self.port, user), **options)
        stream.read_until("hello")
        return stream

    def test_a_message_reaches_readers_on_all_workers(self):
        streams = [self.open("reader%d" % n) for n in range(8)]
        sent = streams[0].say("to all")["seq"]
        for stream in streams:
            event = stream.read_until(lambda e: e.get("text") == "to all") \
                if stream is not streams[0] else {"seq": sent}
            self.assertEqual(event["seq"], sent)

    def test_the_sender_gets_its_event_and_a_receipt(self):
        stream = self.open("ann")
        stream.send({"type": "say", "id": "one", "room": "#lobby", "text": "hi"})
        got = {}
        while len(got) < 2:
            event = stream.read()
            if event.get("id") == "one":
                got[event["type"]] = event
        self.assertEqual(got["receipt"]["seq"], got["message"]["seq"])

    def test_answers_come_in_the_order_of_the_commands(self):
        stream = self.open("bob")
        for n in range(100):
            kind = n % 4
            if kind == 0:
                stream.send({"type": "say", "id": "c%d" % n, "room": "#lobby", "text": "x"})
            elif kind == 1:
                stream.send({"type": "say", "id": "c%d" % n, "room": "#lobby"})
            elif kind == 2:
                stream.send({"type": "ping", "nonce": "c%d" % n})
            else:
                stream.send({"type": "join", "id": "c%d" % n, "room": "#lobby"})
        answers = []
        while len(answers) < 100:
            event = stream.read()
            if event["type"] in ("receipt", "error", "pong"):
                answers.append(event.get("nonce") or event["id"])
        self.assertEqual(answers, ["c%d" % n for n in range(100)])

    def test_refusals_name_the_command_and_change_nothing(self):
        stream = self.open("cid")
        head = Http(self.port, login(self.port, "cid2")).get("/v1/hello").json["head"]
        cases = (
            ({"type": "fly", "id": "r1"}, "unknown_command"),
            ({"type": "say", "id": "r2", "room": "#lobby"}, "invalid"),
            ({"type": "say", "id": "r3", "room": "#lobby", "text": "x" * 4097}, "invalid"),
            ({"type": "say", "id": "r4", "room": "#lobby", "text": "\u0007"}, "invalid"),
            ({"type": "say", "id": "r5", "room": "#nowhere", "text": "x"}, None),
            ({"type": "say", "id": "r6", "room": "@nobody", "text": "x"}, "not_found"),
            ({"type": "say", "id": "r7", "room": "lobby", "text": "x"}, "invalid"),
        )
        for command, code in cases:
            with self.subTest(command=command["id"]):
                stream.send(command)
                error = stream.read_until("error")
                self.assertEqual(error["id"], command["id"])
                if code:
                    self.assertEqual(error["code"], code)
        after = Http(self.port, login(self.port, "cid3")).get("/v1/hello").json["head"]
        epoch_head, epoch_after = head.split("-"), after.split("-")
        self.assertEqual(int(epoch_after[1]), int(epoch_head[1]) + 1)  # cid3's own join

    def test_json_that_is_no_object_is_an_error_and_no_end(self):
        stream = self.open("dot")
        stream.send([])
        self.assertEqual(stream.read_until("error")["code"], "bad_request")
        self.assertIsNotNone(stream.say("still here")["seq"])

    def test_a_repeat_has_one_effect_and_the_first_seq(self):
        stream = self.open("eli")
        first = stream.say("once", id="same")
        self.assertEqual(stream.say("once", id="same")["seq"], first["seq"])
        other = stream.say("twice", id="same")
        self.assertEqual((other["type"], other["code"]), ("error", "conflict"))

    def test_a_pong_comes_to_every_reader_of_the_session(self):
        token = login(self.port, "fox")
        streams = [WebSocket(self.port, token) for _ in range(6)]
        streams[3].send({"type": "ping", "nonce": "hear"})
        for stream in streams:
            pong = stream.read_until("pong")
            self.assertEqual(pong["nonce"], "hear")
            self.assertIn("-", pong["cursor"])

    def test_join_part_and_topic(self):
        stream, other = self.open("gil"), self.open("hue")
        for command in ({"type": "join", "room": "#den"},
                        {"type": "topic", "room": "#den", "text": "quiet"},
                        {"type": "part", "room": "#den"}):
            command["id"] = command["type"] + "1"
            stream.send(command)
            event = stream.read_until(
                lambda e: e["type"] == command["type"] and e["room"] == "#den")
            self.assertEqual((event["id"], event["from"]), (command["id"], "gil"))
        other.send({"type": "ping", "nonce": "p"})
        seen = []
        while not seen or seen[-1]["type"] != "pong":
            seen.append(other.read())
        self.assertNotIn("#den", [event.get("room") for event in seen])

    def test_a_flood_that_is_not_read_is_answered_when_it_is(self):
        stream = self.open("ivy")
        count = 3000
        for n in range(count):
            stream.send({"type": "ping", "nonce": "f%d" % n})
        for n in range(count):
            self.assertEqual(stream.read_until("pong", 30)["nonce"], "f%d" % n)


class Burst(OwnServerTest):
    def test_a_thousand_commands_in_one_write_are_all_answered_in_order(self):
        server = self.start("--rate=0")
        stream = WebSocket(server.port, login(server.port, "ann"))
        says = ({"type": "say", "id": "m%d" % i, "room": "#lobby", "text": "x"} for i in range(1000))
        stream.socket.sendall(b"".join(stream.frame(TEXT, json.dumps(say).encode()) for say in says))
        receipts = []
        while len(receipts) < 1000:
            event = stream.read()
            if event["type"] == "receipt":
                receipts.append(event["id"])
        self.assertEqual(receipts, ["m%d" % i for i in range(1000)])
        self.assertEqual(server.stop(), 0)


class Limits(OwnServerTest):
    def test_commands_beyond_the_rate_are_refused_with_a_time(self):
        server = self.start("--rate=5", "--burst=10")
        stream = WebSocket(server.port, login(server.port, "ann"))
        codes = []
        for n in range(20):
            answer = stream.say("x%d" % n)
            codes.append(answer.get("code"))
            if answer["type"] == "error":
                self.assertGreater(answer["retry_after_ms"], 0)
        self.assertEqual(codes[:10], [None] * 10)
        self.assertIn("rate_limited", codes)

    def test_a_heartbeat_has_a_ping_and_a_pong_with_the_head(self):
        server = self.start("--heartbeat=1")
        stream = WebSocket(server.port, login(server.port, "ann"))
        for _ in range(2):
            pong = stream.read_until("pong", 5)
            self.assertNotIn("nonce", pong)
            self.assertEqual(pong["cursor"], pong["head"])
        self.assertGreaterEqual(stream.pings, 2)

    def test_a_half_open_connection_is_closed(self):
        server = self.start("--heartbeat=1")
        stream = WebSocket(server.port, login(server.port, "ann"))
        stream.answers_pings = False
        began = time.monotonic()
        self.assertIsNone(stream.read_close(15))
        self.assertLess(time.monotonic() - began, 8)

    def test_one_that_answers_stays(self):
        server = self.start("--heartbeat=1")
        stream = WebSocket(server.port, login(server.port, "ann"))
        began = time.monotonic()
        while time.monotonic() - began < 5:
            stream.read_until("pong", 5)


if __name__ == "__main__":
    unittest.main()
