"""The hop: readers and writers change their transport at random while all connections are cut now
and then, some over HTTP/1.1 and some over HTTP/2. Every line is in the log once, and every reader has
exactly the log, in order.

RTCHAT_HOP_MESSAGES says how many lines are written.
"""

import json
import os
import sys
import time

from badproxy import BadProxy
from chaos import ChaosTest, history
from rtclient import Client, fingerprint_of
from wsclient import login

MESSAGES = int(os.environ.get("RTCHAT_HOP_MESSAGES") or 600)
WAYS = ("ws", "sse", "longpoll", "poll")
WRITERS, READERS = 2, 2
PATIENCE_S = 120 + MESSAGES / 20


class Middle:
    """Two proxies: one ends TLS and speaks HTTP/1.1, the other passes on what it is given."""

    def __init__(self, test, server):
        self.server = server
        self.cuts = 0
        self.ends = test.enterContext(BadProxy(server.port))
        self.passes = test.enterContext(BadProxy(server.port, connect=True))

    def way_through(self, chance):
        """Options and the URL for a client."""
        http = chance.choice((None, "auto", "1.1", "2"))
        if http is None:
            return "--ca-file=" + self.ends.ca_file, "https://localhost:%d" % self.ends.port
        return ("--proxy=http://localhost:%d" % self.passes.port, "--http=" + http,
                "--fingerprint=" + fingerprint_of(self.server),
                "https://localhost:%d" % self.server.port)

    def cut(self, chance):
        self.cuts += 1
        for proxy in (self.ends, self.passes):
            chance.choice((proxy.cut, proxy.reset))()

    @property
    def errors(self):
        return self.ends.errors + self.passes.errors


class Hopper:
    """A client that is told to change its transport every 0.1 to 2 seconds."""

    def __init__(self, test, name, middle, *options):
        self.chance = test.chance
        client = Client(test.home(name), name)
        self.running = client.start(
            "--json", "--follow", "--transport=" + self.chance.choice(WAYS), "--poll-interval=0.1",
            *options, *middle.way_through(self.chance))
        test.addCleanup(self.running.close)
        # A guest whose login's answer is cut finds its own name taken: nothing is cut before it is in.
        self.running.out.wait_for('"type":"hello"', PATIENCE_S)
        self.hop_at = time.monotonic()
        self.read = 0
        self.events = {"hello": [], "message": [], "receipt": [], "error": [], "gap": []}

    def turn(self):
        now = time.monotonic()
        if now >= self.hop_at:
            self.hop_at = now + self.chance.uniform(0.1, 2)
            self.tell({"type": "transport", "to": self.chance.choice(WAYS)})
        lines = self.running.out.lines
        while self.read < len(lines):
            event = json.loads(lines[self.read])
            self.read += 1
            if event["type"] in self.events:
                self.events[event["type"]].append(event)

    def tell(self, object):
        self.running.say(json.dumps(object) + "\n")

    def finish(self, test):
        self.running.end_input()
        self.running.signal(15)
        test.assertEqual(self.running.wait(), 0, self.running.err.lines)


class Writer(Hopper):
    """Says its lines, a few at a time."""

    def __init__(self, test, name, middle, count):
        super().__init__(test, name, middle)
        self.name, self.count, self.said = name, count, 0

    def turn(self):
        super().turn()
        if self.said - len(self.events["receipt"]) > 40:
            return
        for _ in range(min(self.chance.randrange(1, 12), self.count - self.said)):
            self.said += 1
            self.tell({"type": "say", "room": "#lobby", "id": "%s.%d" % (self.name, self.said),
                       "text": "%s %d" % (self.name, self.said)})

    def is_done(self):
        return len(self.events["receipt"]) >= self.count


class Hop(ChaosTest):
    def lines_of_log(self):
        """What the server has."""
        return [(event["seq"], event["text"]) for event in
                history(self.port, login(self.port, "judge")) if event["type"] == "message"]

    def turn_until(self, hoppers, middle, is_so):
        deadline = time.monotonic() + PATIENCE_S
        cut_at = time.monotonic() + self.chance.uniform(0.5, 3)
        while not is_so():
            self.assertLess(time.monotonic(), deadline, [
                (len(hopper.events["message"]), len(hopper.events["receipt"]),
                 hopper.running.err.lines[-3:]) for hopper in hoppers])
            for hopper in hoppers:
                hopper.turn()
            if time.monotonic() > cut_at:
                middle.cut(self.chance)
                cut_at = time.monotonic() + self.chance.uniform(0.5, 3)
            time.sleep(0.02)

    def test_every_reader_has_the_log_whatever_it_hops_to(self):
        middle, began = Middle(self, self.serve()), time.monotonic()
        readers = [Hopper(self, "reader%d" % i, middle, "--after=0") for i in range(READERS)]
        self.turn_until(readers, middle, lambda: all(reader.events["hello"] for reader in readers))
        writers = [Writer(self, "writer%d" % i, middle, MESSAGES // WRITERS)
                   for i in range(WRITERS)]
        hoppers = readers + writers
        self.turn_until(hoppers, middle, lambda: all(writer.is_done() for writer in writers))
        total = WRITERS * (MESSAGES // WRITERS)
        self.turn_until(hoppers, middle,
                        lambda: all(len(reader.events["message"]) >= total for reader in readers))
        log = self.lines_of_log()
        for writer in writers:
            own = ["%s %d" % (writer.name, i + 1) for i in range(writer.count)]
            self.assertEqual([text for _, text in log if text.startswith(writer.name)], own)
            self.assertEqual(len(writer.events["receipt"]), writer.count)
            self.assertEqual(writer.events["error"], [])
        self.assertEqual(len(log), total)
        for reader in readers:
            got = [(event["seq"], event["text"]) for event in reader.events["message"]]
            self.assertEqual(got, log)
            self.assertEqual(reader.events["gap"], [])
        switches = sum(line.startswith("switched ") for hopper in hoppers
                       for line in hopper.running.err.lines)
        self.assertGreater(switches, 0)
        print("%d lines to %d readers, %d switches, %d times all was cut, %d s" % (
            total, READERS, switches, middle.cuts, time.monotonic() - began), file=sys.stderr)
        for hopper in hoppers:
            hopper.finish(self)
        self.assertEqual(middle.errors, [])
