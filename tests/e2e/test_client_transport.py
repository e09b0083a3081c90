"""How auto finds a way through what stands between: whatever it begins with and whatever is broken,
it ends on a transport that works, and nothing is lost or shown twice. What rtchat-client(1) says of
it is held against what the program does."""

import os
import re
import time
import unittest

from badproxy import BadProxy
from rtclient import Client
from rtserver import OwnServerTest, wait_until

WAYS = ("ws", "sse", "longpoll", "poll")
PATIENCE_S = 100
MANUAL = os.path.join(os.path.dirname(__file__), "..", "..", "man", "rtchat-client.1")

# What rtchat-client(1) calls it, and how badproxy does it.
BROKEN = {
    "nothing": (),
    "a WebSocket is refused": ("ws-block=502",),
    "a WebSocket is taken and never answered": ("ws-swallow",),
    "a WebSocket opens and nothing passes": ("ws-silent",),
    "a WebSocket is answered with a page and 403": ("ws-block=403",),
    "an event stream and a WebSocket are": ("ws-block=401", "answer=403@/v1/events"),
    "an event stream is held back": ("buffer",),
    "both of these": ("ws-silent", "buffer"),
    "a POST is never answered": ("post-hole",),
    "answers to polls are cut": ("cut-body=1",),
}


def promised():
    """The rows of the manual's table: {what is broken: where auto ends}."""
    with open(MANUAL) as manual:
        rows = re.findall(r"(?m)^\.It (.+) Ta Cm (\w+)$", manual.read())
    return dict(rows)


class Auto(OwnServerTest):
    def setUp(self):
        super().setUp()
        self.server = self.start("--rate=0")

    def begin(self, name, proxy, first):
        """A client that remembers that this way worked."""
        client = Client(os.path.join(self.directory.name, name), name)
        memory = os.path.join(client.home, ".local/state/rtchat/transports")
        os.makedirs(memory)
        with open(os.path.join(memory, "localhost:%d" % proxy.port), "w") as file:
            file.write("first %s %d\n" % (first, time.time() * 1000))
        running = client.start("--plain", "--after=0", "--transport=auto",
                               "--poll-interval=0.2", "--ca-file=" + proxy.ca_file,
                               "https://localhost:%d" % proxy.port)
        self.addCleanup(running.close)
        return running

    def told(self, running):
        return [line for line in running.err.lines if " times, switched " in line]

    def in_use(self, running):
        """The transport that the client says it uses, or None while it has none that is proven."""
        before = len(self.told(running))
        running.say("/transport\n")
        wait_until(lambda: len(self.told(running)) > before, what="an answer to /transport")
        found = re.match(r"connected (\w+), round trip", self.told(running)[-1])
        return found and found.group(1)

    def check_row(self, row, expected):
        with BadProxy(self.server.port, faults=BROKEN[row]) as proxy:
            names = ["%s%d" % (way, len(row)) for way in WAYS]
            clients = [self.begin(name, proxy, way) for name, way in zip(names, WAYS)]
            for running in clients:  # each is told what is said from its joining on
                running.err.wait_for("^connected", PATIENCE_S)
            for running, name in zip(clients, names):
                running.say("".join("%s says %d\n" % (name, i) for i in range(10)))
            deadline = time.monotonic() + PATIENCE_S
            while True:
                ends = [self.in_use(running) for running in clients]
                if ends == [expected] * len(WAYS):
                    break
                self.assertLess(time.monotonic(), deadline, (
                    row, ends, [running.err.lines[-9:] for running in clients]))
                time.sleep(0.2)
            for running in clients:
                running.out.wait_for("says 9$")
                running.say("the end\n")
            self.assert_same(clients, names)
            for running in clients:
                running.signal(15)
                self.assertEqual(running.wait(), 0, running.err.lines)
            self.assertEqual(proxy.errors, [])

    def assert_same(self, clients, names):
        """All have all lines, once, in one order."""
        deadline = time.monotonic() + PATIENCE_S
        wanted = sorted("<%s> %s" % (name, text) for name in names for text in
                        ["%s says %d" % (name, i) for i in range(10)] + ["the end"])
        while True:
            got = [[line.split(" ", 2)[2] for line in running.out.lines
                    if any("<%s>" % name in line for name in names)] for running in clients]
            if all(len(lines) >= len(wanted) for lines in got):
                break
            self.assertLess(time.monotonic(), deadline, [len(lines) for lines in got])
            time.sleep(0.1)
        self.assertEqual(sorted(got[0]), wanted)
        for lines in got[1:]:
            self.assertEqual(lines, got[0])


class Manual(unittest.TestCase):
    def test_the_manual_has_these_rows(self):
        self.assertEqual(list(promised()), list(BROKEN))


def add_test(number, row):
    def test(self):
        self.check_row(row, promised()[row])
    name = "test_%d_%s" % (number, re.sub(r"\W+", "_", row))
    setattr(Auto, name, test)


for number, row in enumerate(BROKEN):
    add_test(number, row)
