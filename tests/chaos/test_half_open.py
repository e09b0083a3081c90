"""Peers that vanish without a word, as when a train goes into a tunnel: no FIN, no RST, no ACK.

The server stands in a network of its own, at two addresses. To one of them the way back from this
side is cut, so that its peers still get what the server sends, and nobody ever hears of them again.
It needs root. The full size is run with RTCHAT_SOAK=1."""

import ctypes
import os
import resource
import shutil
import subprocess
import sys
import time
import unittest

import wsclient
from rtreader import Raw, ROWS, SseReader
from rtserver import OwnServerTest, wait_until
from wsclient import Http, WebSocket, login

_, most = resource.getrlimit(resource.RLIMIT_NOFILE)
resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
SOAK = bool(os.environ.get("RTCHAT_SOAK"))
PEERS = 1000 if SOAK else 48
HEARTBEAT_S = 20 if SOAK else 3
BEATS = 5  # the good reader's heartbeats until the last one must be gone: 3.5, and what it takes
LINES = 20  # after each heartbeat: what is said is no load, so that a loop that spins shows
CLONE_NEWNET = 0x40000000
HERE, GOOD, LOST = "10.77.0.1", "10.77.0.2", "10.77.0.3"
# The server's side waits for its end of the cable, then becomes the server.
WITHIN = """until ip link show dev there >/dev/null 2>&1; do sleep 0.05; done
ip link set lo up && ip address add %s/24 dev there && ip address add %s/24 dev there &&
ip link set there up && exec "$@"
""" % (GOOD, LOST)


def run(*words):
    subprocess.run(words, check=True, capture_output=True)


def why_not():
    """Why there can be no networks of our own here, or None."""
    if shutil.which("ip") is None or shutil.which("unshare") is None:
        return "ip (iproute2) or unshare is not installed"
    probe = ["unshare", "-n", "sh", "-c", "ip link add here type veth peer name there && ip link set lo up"]
    made = subprocess.run(probe, capture_output=True, text=True)
    return None if made.returncode == 0 else made.stderr.strip() or "no network may be made here"


def has_cable():
    return subprocess.run(("ip", "link", "show", "here"), capture_output=True).returncode == 0


def network_of(pid):
    return os.readlink("/proc/%s/ns/net" % pid)


@unittest.skipIf(why_not(), why_not())
class HalfOpen(OwnServerTest):
    beats = 0

    @classmethod
    def setUpClass(cls):
        """This process too leaves the machine's network, for good: it has no other tests."""
        if ctypes.CDLL(None, use_errno=True).unshare(CLONE_NEWNET) != 0:
            raise OSError(ctypes.get_errno(), "unshare")

    def start_apart(self, *options):
        wait_until(lambda: not has_cable())  # the last server's goes with its network, a little later
        server = self.start("--bind=" + GOOD, "--bind=" + LOST, "--guests=yes", *options, wait=False,
                            within=("unshare", "-n", "sh", "-c", WITHIN, "sh"))
        wait_until(lambda: network_of(server.process.pid) != network_of("self"))
        run("ip", "link", "add", "here", "type", "veth", "peer", "name", "there",
            "netns", str(server.process.pid))
        run("ip", "address", "add", HERE + "/24", "dev", "here")
        run("ip", "link", "set", "here", "up")
        server.wait_until_listening()
        return server

    def hold(self, port, token, count):
        """One in four each: one between two polls, a held poll, an event stream, and a WebSocket;
        these come last, as they do not answer the server's pings."""
        cursor = Http(port, token).get("/v1/hello").json["cursor"]
        for n in range(count):
            kind = n * 4 // count
            if kind < 2:
                peer = Raw(port, token)
                self.addCleanup(peer.close)
                peer.send(peer.request("/v1/poll?wait=%d&after=%s" % (55 * kind, cursor)))
                peer.within(20)
                self.assertTrue(kind == 1 or peer.answer()[0] == 200)
            else:
                peer = ROWS["ws" if kind == 3 else "sse"](port, token)
                self.addCleanup(peer.cut)

    def check_vanishing(self, talks):
        server = self.start_apart("--heartbeat=%d" % HEARTBEAT_S, "--connections-per-address=0",
                                  "--burst=1000000", "--rate=1000000")
        port, quiet = server.port, server.sockets()
        wsclient.HOST = GOOD
        writer, reader = WebSocket(port, login(port, "ann")), SseReader(port, login(port, "bob"))
        writer.read_until("hello")
        wsclient.HOST = LOST
        token = login(port, "eve")
        wait_until(lambda: server.sockets() == quiet + 2, 20, "the end of the logins' connections")
        idle, descriptors = server.sockets(), server.descriptors()
        self.hold(port, token, PEERS)
        wait_until(lambda: server.sockets() == idle + PEERS, 20, "all of them")
        writer.say("-1", room="@bob")
        self.assertEqual(self.next_sign(reader, True), -1)  # what came to it by now is read
        run("ip", "route", "add", "blackhole", LOST + "/32")
        self.addCleanup(run, "ip", "route", "del", "blackhole", LOST + "/32")
        before, began = server.cpu_seconds(), time.monotonic()
        self.beats = said = 0
        while server.sockets() > idle:
            for _ in range(LINES if talks else 0):
                writer.say("%d %s" % (said, "x" * 500))
                self.assertEqual(self.next_sign(reader, True), said)
                said += 1
            self.assertEqual(self.next_sign(reader, False), "pong")
            self.assertLessEqual(self.beats, BEATS, "%d are held for ever" % server.sockets())
        spent, lasted = server.cpu_seconds() - before, time.monotonic() - began
        print("%d peers, %s: all let go within %.1f heartbeats of %d s; %d lines; "
              "%.2f s of CPU, of a second %.1f%%; descriptors %d, %d" % (
                  PEERS, "written to" if talks else "silent", lasted / HEARTBEAT_S, HEARTBEAT_S, said,
                  spent, 100 * spent / lasted, descriptors, server.descriptors()), file=sys.stderr)
        # A loop that spins takes a core while it lasts; all that is said here takes far less.
        self.assertLess(spent, lasted / 2)
        wait_until(lambda: server.descriptors() <= descriptors, 20, "as many descriptors as before")
        wsclient.HOST = GOOD
        self.assertEqual(Http(port).get("/healthz").status, 200)
        self.assertEqual(server.stop(), 0)

    def next_sign(self, reader, talks):
        while True:
            event = reader.read(3 * HEARTBEAT_S + 10)
            self.beats += event["type"] == "pong"
            if not talks and event["type"] == "pong":
                return "pong"
            if talks and event["type"] == "message":
                return int(event["text"].split()[0])

    def test_who_vanishes_in_silence_is_let_go(self):
        self.check_vanishing(talks=False)

    def test_who_vanishes_while_all_talk_is_let_go(self):
        self.check_vanishing(talks=True)


if __name__ == "__main__":
    unittest.main()
