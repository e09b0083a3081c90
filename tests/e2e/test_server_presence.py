"""Who is online, away or offline, told to those who share a room, whatever the transport."""

import unittest

from rtreader import ROWS
from rtserver import OwnServerTest
from wsclient import Http, WebSocket, login

TRANSPORTS = ("ws", "sse", "longpoll", "poll")
ASIDES = 300  # a page has 256 events at most


def is_of(user):
    return lambda event: event["type"] == "presence" and event["user"] == user


class Watcher:
    """Ann, who sits in the lobby and sees the others."""

    def __init__(self, port):
        self.http = Http(port, login(port, "ann"))
        self.stream = WebSocket(port, self.http.token)
        self.stream.read_until("hello")
        self.stream.hides = ()

    def state(self, user):
        members = self.http.get("/v1/rooms/lobby/members").json["members"]
        return {member["user"]: member["state"] for member in members}[user]

    def next(self, user, timeout=10):
        event = self.stream.read_until(is_of(user), timeout)
        self.check(event)
        return event["state"]

    @staticmethod
    def check(event):
        assert "seq" not in event and "id" not in event and "cursor" not in event, event

    def until_now(self, user):
        """All that came of the user by now: what a round after this has is not among it."""
        seen = []
        self.stream.send({"type": "ping", "nonce": "now"})
        while True:
            event = self.stream.read()
            if event["type"] == "pong" and event.get("nonce") == "now":
                return seen
            if is_of(user)(event):
                seen.append(event["state"])

    def rounds(self, user, count):
        """What comes of the user while that many rounds of news are told."""
        seen = []
        for _ in range(count):
            for text in ("x", None):
                self.stream.send({"type": "away", **({"text": text} if text else {})})
                while True:
                    event = self.stream.read_until("presence")
                    if event["user"] == user:
                        seen.append(event["state"])
                    elif event["user"] == "ann":
                        break
        return seen

    def wait_rounds(self, count=2):
        """Until that many rounds of news have been told: others' coming and going shows them."""
        for _ in range(count):
            for text in ("x", None):
                self.stream.send({"type": "away", **({"text": text} if text else {})})
                self.stream.read_until(is_of("ann"))


class Leases(OwnServerTest):
    def reader(self, server, transport, token, after=None):
        reader = ROWS[transport](server.port, token, after)
        self.addCleanup(reader.close)
        if transport == "longpoll":
            reader.ask(reader.next_path())
        return reader

    def test_a_change_of_transport_and_a_short_drop_make_no_noise(self):
        server = self.start("--presence-grace=30")
        watcher, token = Watcher(server.port), login(server.port, "bob")
        self.assertEqual(watcher.state("bob"), "offline")
        reader = self.reader(server, "ws", token)
        self.assertEqual(watcher.next("bob"), "online")
        for transport in ("sse", "longpoll", "poll", "ws", "poll", "sse"):
            cursor = reader.cursor
            reader.cut()
            reader = self.reader(server, transport, token, cursor)
            self.assertEqual(watcher.state("bob"), "online")
        self.assertEqual(watcher.until_now("bob") + watcher.rounds("bob", 3), [])

    def test_after_the_grace_there_is_one_offline(self):
        for transport in TRANSPORTS:
            with self.subTest(transport=transport):
                server = self.start("--presence-grace=1", data_dir=self.data_dir + transport)
                watcher, token = Watcher(server.port), login(server.port, "bob")
                reader = self.reader(server, transport, token)
                self.assertEqual(watcher.next("bob"), "online")
                reader.cut()
                self.assertEqual(watcher.next("bob"), "offline")
                self.assertEqual(watcher.state("bob"), "offline")
                self.assertEqual(watcher.until_now("bob"), [])
                self.assertEqual(server.stop(), 0)

    def test_polls_that_come_and_go_are_online_all_the_time(self):
        server = self.start("--presence-grace=8")
        watcher, http_ = Watcher(server.port), Http(server.port, login(server.port, "bob"))
        seen = []
        for _ in range(6):  # two seconds each: longer than the grace, all together
            self.assertEqual(http_.get("/v1/poll?wait=0").status, 200)
            seen += watcher.rounds("bob", 1)
        self.assertEqual(seen, ["online"])

    def test_the_logout_of_an_account_is_offline_at_once(self):
        server = self.start("--presence-grace=3600")
        watcher = Watcher(server.port)
        token = Http(server.port).post("/v1/register", {"user": "bob", "password": "long enough"}) \
            .json["token"]
        second = login(server.port, "bob", "long enough")
        self.reader(server, "ws", token)
        self.assertEqual(watcher.next("bob"), "online")
        self.assertEqual(Http(server.port, token).post("/v1/logout").status, 200)
        self.assertEqual(watcher.state("bob"), "online")  # he has another session
        self.assertEqual(Http(server.port, second).post("/v1/logout").status, 200)
        self.assertEqual(watcher.next("bob"), "offline")


class Words(OwnServerTest):
    def test_away_and_back_with_and_without_an_id(self):
        server = self.start()
        watcher, bob = Watcher(server.port), WebSocket(server.port, login(server.port, "bob"))
        self.assertEqual(watcher.next("bob"), "online")
        bob.send({"type": "away", "id": "a1", "text": "at lunch"})
        self.assertEqual(bob.read_until("receipt"), {"type": "receipt", "id": "a1", "seq": None})
        event = watcher.stream.read_until(is_of("bob"))
        self.assertEqual((event["state"], event["text"]), ("away", "at lunch"))
        members = watcher.http.get("/v1/rooms/lobby/members").json["members"]
        self.assertEqual([(m["state"], m.get("text")) for m in members if m["user"] == "bob"],
                         [("away", "at lunch")])
        bob.send({"type": "away"})
        self.assertEqual(watcher.next("bob"), "online")
        bob.send({"type": "ping", "nonce": "n"})
        self.assertEqual(bob.read_until(lambda e: e["type"] in ("receipt", "error", "pong"))["type"],
                         "pong")  # no answer before it
        too_long = {"type": "away", "id": "a2", "text": "x" * 201}
        bob.send(too_long)
        self.assertEqual(bob.read_until("error")["code"], "invalid")
        http_ = Http(server.port, login(server.port, "cat"))
        self.assertEqual(http_.post("/v1/send", {"type": "away"}).json,
                         {"type": "receipt", "seq": None})

    def test_away_moves_no_cursor_and_is_not_in_the_log(self):
        server = self.start()
        watcher = Watcher(server.port)
        head = watcher.http.get("/v1/hello").json["head"]
        watcher.http.post("/v1/send", {"type": "away", "id": "a", "text": "x"})
        watcher.stream.read_until(is_of("ann"))
        self.assertEqual(watcher.http.get("/v1/hello").json["head"], head)

    def test_only_those_who_share_a_room_or_a_conversation_are_told(self):
        server = self.start()
        watcher, http_ = Watcher(server.port), Http(server.port, login(server.port, "bob"))
        http_.post("/v1/send", {"type": "part", "id": "p", "room": "#lobby"})
        stream = WebSocket(server.port, http_.token)
        stream.read_until("hello")
        http_.post("/v1/send", {"type": "away", "text": "alone"})
        watcher.wait_rounds()
        self.assertEqual(watcher.until_now("bob"), [])
        http_.post("/v1/send", {"type": "say", "id": "d", "room": "@ann", "text": "hi"})
        http_.post("/v1/send", {"type": "away"})
        self.assertEqual(watcher.next("bob"), "online")

    def test_a_room_of_many_is_told_nothing(self):
        server = self.start("--rate=0", "--connections-per-address=0")
        watcher = Watcher(server.port)
        tokens = [login(server.port, "u%d" % n) for n in range(101)]
        stream = WebSocket(server.port, tokens[100])
        stream.read_until("hello")
        watcher.wait_rounds()
        self.assertEqual(watcher.until_now("u100"), [])
        self.assertEqual(watcher.state("u100"), "online")  # the list tells all the same
        stream.send({"type": "typing", "room": "#lobby"})
        stream.say("so the word before this was read")
        self.assertEqual(watcher.stream.read_until(
            lambda e: e["type"] in ("typing", "message"))["type"], "message")

    def test_typing_is_relayed_once_in_a_while(self):
        server = self.start()
        watcher, bob = Watcher(server.port), WebSocket(server.port, login(server.port, "bob"))
        bob.read_until("hello")
        for room, seen in (("#lobby", "#lobby"), ("@ann", "@bob")):
            for _ in range(3):
                bob.send({"type": "typing", "room": room})
            bob.say("done", room=room)
            came = []
            while not came or came[-1]["type"] != "message":
                came.append(watcher.stream.read_until(
                    lambda e: e["type"] in ("typing", "message")))
            self.assertEqual(came[0], {"type": "typing", "room": seen, "user": "bob"})
            self.assertEqual(len(came), 2)
        bob.send({"type": "typing", "room": "#nowhere", "id": "t"})
        self.assertEqual(bob.read_until("error")["code"], "not_found")
        bob.send({"type": "typing", "room": "#lobby", "id": "t2"})
        self.assertEqual(bob.read_until("receipt"), {"type": "receipt", "id": "t2", "seq": None})

    def test_a_page_that_is_full_of_asides_is_answered(self):
        """It takes no more of the log then: the question after it does."""
        server = self.start("--rate=0", "--heartbeat=0", workers=1)
        ann, bob = (Http(server.port, login(server.port, name)) for name in ("ann", "bob"))
        for http in (bob, ann):
            self.in_rooms(http, "join")
        poll = ROWS["longpoll"](server.port, ann.token, hides=())
        poll.wait = 50
        poll.ask(poll.next_path())
        self.in_rooms(bob, "typing")
        said = [bob.post("/v1/send", {"type": "say", "id": "s%d" % n, "room": "#r1",
                                      "text": "x"}).json["seq"] for n in range(70)]
        before = server.cpu_seconds()
        self.assertEqual([self.next_message(poll)["seq"] for _ in said], said)
        self.assertLess(server.cpu_seconds() - before, 2)

    def in_rooms(self, http, what):
        for n in range(0, ASIDES, 100):
            answer = http.post("/v1/send", [
                {"type": what, "id": "%s%d" % (what, m), "room": "#r%d" % m}
                for m in range(n, n + 100)])
            self.assertEqual(answer.status, 200, answer.body[:200])

    def next_message(self, reader):
        while True:
            event = reader.read(20)
            if event["type"] == "message":
                return event

    def test_presence_rides_along_on_a_poll_and_ends_no_wait(self):
        server = self.start()
        watcher = Watcher(server.port)
        poll = ROWS["longpoll"](server.port, login(server.port, "bob"), hides=())
        poll.ask(poll.next_path())
        self.assertEqual(watcher.next("bob"), "online")
        watcher.stream.send({"type": "away", "text": "x"})
        self.assertEqual(watcher.stream.read_until(is_of("ann"))["state"], "away")
        said = watcher.stream.say("now")
        page = poll.take_page(poll.next_path())
        self.assertEqual([event["type"] for event in page["events"]][-1], "message")
        self.assertIn(("presence", "ann", "away"), [
            (event["type"], event.get("user"), event.get("state")) for event in page["events"]])
        self.assertTrue(page["cursor"].endswith("-%d" % said["seq"]))


if __name__ == "__main__":
    unittest.main()
