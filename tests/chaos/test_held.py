"""Held requests whose peers leave, fall silent, do not read, or say more than one thing at once:
noticed, and never paid for with a loop that goes round.

The full size is run with RTCHAT_SOAK=1."""

import os
import socket
import resource
import sys
import unittest

from rtreader import Raw, ROWS, SseReader
from rtserver import OwnServerTest, wait_until
from wsclient import Http, WebSocket, login

SOAK = bool(os.environ.get("RTCHAT_SOAK"))
_, most = resource.getrlimit(resource.RLIMIT_NOFILE)
resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
PEERS = 1000 if SOAK else 150
READERS = 1000 if SOAK else 100
MEGABYTES = 50 if SOAK else 12
UNLIMITED = ("--connections-per-address=0", "--burst=1000000", "--rate=1000000")


def resident_kib(server):
    with open("/proc/%d/status" % server.process.pid) as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmRSS"))


class Held(OwnServerTest):
    def hold(self, server, token, count):
        """Half of them polls, half SSE, all of them held."""
        cursor = Http(server.port, token).get("/v1/hello").json["cursor"]
        peers = []
        for n in range(count):
            raw = Raw(server.port, token)
            self.addCleanup(raw.close)
            raw.send(raw.request("/v1/events" if n % 2 else "/v1/poll?wait=55&after=" + cursor))
            peers.append(raw)
        for raw in peers[1::2]:
            raw.within(30)
            self.assertEqual(raw.head()[0], 200)
        return peers

    def cost_of_requests(self, server, token, count):
        """What the server takes for as many connections with one request each."""
        before = server.cpu_seconds()
        for _ in range(count):
            http = Http(server.port, token)
            http.get("/v1/poll?wait=0")
            http.close()
        return server.cpu_seconds() - before

    def test_peers_that_leave_are_noticed_at_once_and_cost_no_spin(self):
        server = self.start("--heartbeat=600", *UNLIMITED)
        idle = server.sockets()
        token = login(server.port, "ann")
        cost = self.cost_of_requests(server, token, PEERS)
        for how in ("shut", "reset"):
            with self.subTest(how=how):
                peers = self.hold(server, token, PEERS)
                self.assertGreaterEqual(server.sockets(), idle + PEERS)
                before = server.cpu_seconds()
                for raw in peers:
                    raw.reset() if how == "reset" else raw.close()
                wait_until(lambda: server.sockets() <= idle, 20, "the end of all")
                self.assertLess(server.cpu_seconds() - before, cost + 0.5)
        self.assertEqual(server.stop(), 0)

    def test_peers_that_say_no_more_are_noticed_at_once(self):
        """The FIN alone: their own side still takes bytes."""
        server = self.start("--heartbeat=600", *UNLIMITED)
        idle = server.sockets()
        token = login(server.port, "ann")
        peers = self.hold(server, token, 20)
        for raw in peers:
            socket.socket.shutdown(raw.socket, socket.SHUT_WR)
        wait_until(lambda: server.sockets() <= idle, 20, "the end of all")

    def test_a_request_behind_a_held_one_waits_its_turn_and_costs_nothing(self):
        server = self.start("--heartbeat=600")
        token = login(server.port, "ann")
        cursor = Http(server.port, token).get("/v1/hello").json["cursor"]
        raw = Raw(server.port, token)
        self.addCleanup(raw.close)
        held = raw.request("/v1/poll?wait=2&after=" + cursor)
        for behind in (raw.request("/v1/rooms"), raw.request("/v1/poll?wait=0")):
            for pieces in ([held + behind], [held, behind]):
                with self.subTest(behind=behind[:16], pieces=len(pieces)):
                    before = server.cpu_seconds()
                    for piece in pieces:
                        raw.send(piece)
                    raw.within(20)
                    self.assertEqual(raw.answer()[0], 200)
                    self.assertIn(b"rooms" if b"rooms" in behind else b"events", raw.answer()[2])
                    self.assertLess(server.cpu_seconds() - before, 1.0)

    def test_readers_that_are_silent_cost_no_spin(self):
        server = self.start("--heartbeat=1", *UNLIMITED)
        token = login(server.port, "ann")
        self.hold(server, token, PEERS)
        good = SseReader(server.port, token)
        before = server.cpu_seconds()
        for _ in range(4):
            self.assertEqual(good.read()["type"], "pong")
        self.assertLess(server.cpu_seconds() - before, 2.0)
        self.assertEqual(server.stop(), 0)

    def test_an_old_peer_is_followed_to_the_end_of_its_connection(self):
        """HTTP/1.0 knows no chunks: nginx speaks so to what it stands before, unless told else."""
        server = self.start("--heartbeat=600")
        token = login(server.port, "ann")
        raw = Raw(server.port, token)
        self.addCleanup(raw.close)
        raw.send(raw.request("/v1/events", version="1.0"))
        raw.within(10)
        status, fields = raw.head()
        self.assertEqual((status, fields["connection"]), (200, "close"))
        self.assertNotIn("transfer-encoding", fields)
        self.assertIn(b'"hello"', raw.take_through(b"\n\n") + raw.take_through(b"\n\n"))
        self.assertEqual(server.stop(), 0)
        self.assertIn(b'"bye"', raw.take_through(b"\n\n"))

    def test_the_header_goes_before_the_url(self):
        server = self.start("--heartbeat=600")
        token = login(server.port, "ann")
        writer = WebSocket(server.port, token)
        first, second = writer.say("one")["seq"], writer.say("two")["seq"]
        epoch = Http(server.port, token).get("/v1/hello").json["epoch"]
        reader = SseReader(server.port, token, after="0", header="%s-%d" % (epoch, first))
        self.assertEqual(reader.read()["seq"], second)
        self.assertEqual(reader.fields["content-type"], "text/event-stream")
        self.assertEqual(reader.fields["cache-control"], "no-cache, no-transform")
        self.assertEqual(reader.fields["x-accel-buffering"], "no")
        self.assertGreater(reader.retry, 0)


class Stalled(OwnServerTest):
    def setUp(self):
        """What a sanitizer keeps of freed memory, to find who uses it, is no growth."""
        super().setUp()
        kept = os.environ.get("ASAN_OPTIONS", "")
        self.addCleanup(os.environ.__setitem__, "ASAN_OPTIONS", kept)
        os.environ["ASAN_OPTIONS"] = (kept + ":" if kept else "") + "quarantine_size_mb=1"

    def test_readers_that_never_read_cost_a_position(self):
        server = self.start("--heartbeat=600", *UNLIMITED)
        token, writer_token = login(server.port, "ann"), login(server.port, "bob")
        good = ROWS["sse"](server.port, token)
        stalled = [ROWS["sse" if n % 2 else "ws"](server.port, token) for n in range(READERS)]
        writer = WebSocket(server.port, writer_token)
        pad = "x" * 4000
        before = resident_kib(server)
        count = MEGABYTES * 1000 * 1000 // 4000
        for n in range(count):
            writer.send({"type": "say", "id": "i%d" % n, "room": "#lobby", "text": "%d %s" % (n, pad)})
            if n % 50 == 49 or n == count - 1:
                writer.read_until(lambda e: e["type"] == "receipt" and e["id"] == "i%d" % n, 60)
                while int(good.read(60)["text"].split()[0]) < n:
                    pass
        grown = resident_kib(server) - before
        print("grown by %d KiB for %d readers and %d MB" % (grown, READERS, MEGABYTES),
              file=sys.stderr)
        self.assertLess(grown, 50 * 1000 if SOAK else 80 * 1000)
        for reader in stalled[:2]:
            seen = [int(reader.read(60)["text"].split()[0]) for _ in range(count)]
            self.assertEqual(seen, list(range(count)))


if __name__ == "__main__":
    unittest.main()
