"""What the chaos tests share: chance that can be had again, a server that comes back on its port,
and what the log says in the end.

RTCHAT_CHAOS_SEED repeats a run's choices; RTCHAT_CHAOS_ROUNDS says how many rounds there are.
"""

import os
import random
import sys

from rtserver import OwnServerTest
from wsclient import Http

SEED = int(os.environ.get("RTCHAT_CHAOS_SEED") or random.SystemRandom().randrange(2 ** 32))
ROUNDS = int(os.environ.get("RTCHAT_CHAOS_ROUNDS") or 3)
UNLIMITED = ("--rate=0", "--burst=0", "--connections-per-address=0")

print("RTCHAT_CHAOS_SEED=%d RTCHAT_CHAOS_ROUNDS=%d" % (SEED, ROUNDS), file=sys.stderr)


class ChaosTest(OwnServerTest):
    def setUp(self):
        super().setUp()
        self.chance = random.Random("%d %s" % (SEED, self.id()))
        self.port = 0

    def serve(self, *options, **more):
        """Starts the server; after the first time on the same port, which clients come back to."""
        server = self.start("--port=%d" % self.port, *UNLIMITED, *options, **more)
        if server.is_listening():
            self.port = server.port
        return server

    def home(self, name):
        return os.path.join(self.directory.name, name)

    def check_told(self, status, out, errors, *words):
        """A start that failed did so with a sentence."""
        self.assertEqual((status, out), (1, ""), errors)
        last = errors.rstrip("\n").rsplit("\n", 1)[-1]
        self.assertRegex(last, r"^rtchat-server: \S.*")
        for word in words:
            self.assertIn(word, last)


def history(port, token, room="%23lobby"):
    """All events of a room, oldest first, asked for by pages."""
    events, before, http = [], None, Http(port, token)
    try:
        while True:
            path = "/v1/history?room=%s&limit=200" % room
            answer = http.get(path + ("" if before is None else "&before=%d" % before))
            if answer.status != 200:
                raise AssertionError("history: %d %r" % (answer.status, answer.body))
            events = answer.json["events"] + events
            if not answer.json["more"]:
                return events
            before = events[0]["seq"]
    finally:
        http.close()


def check_log(test, events):
    """Whole, in order, nothing twice. Returns the messages as {(from, id): event}."""
    test.assertEqual([event["rseq"] for event in events], list(range(1, len(events) + 1)))
    seqs = [event["seq"] for event in events]
    test.assertEqual(seqs, sorted(set(seqs)))
    messages = [event for event in events if event["type"] == "message"]
    by_id = {(event["from"], event["id"]): event for event in messages}
    test.assertEqual(len(by_id), len(messages), "an id is there twice")
    return by_id
