"""kill -9 of the server at any moment under load, and of the client with lines that wait: what was
receipted is in the log once, what was typed is sent once, and a reader misses nothing."""

import json
import os
import threading
import time
import unittest

from chaos import ROUNDS, ChaosTest, check_log, history
from rtclient import Client
from rtserver import Server, wait_until
from wsclient import Closed, Refused, WebSocket, login

AWAY = (OSError, Closed, Refused, IndexError)


def say(id, text, room="#lobby"):
    return json.dumps({"type": "say", "id": id, "room": room, "text": text}) + "\n"


def ids_kept_in(path):
    """What a file of an outbox holds. A last line that was cut off does not count."""
    ids = []
    try:
        with open(path) as file:
            lines = file.read().split("\n")[:-1]
    except FileNotFoundError:
        return ids  # another client has just taken it over
    for entry in map(json.loads, lines):
        if entry["line"] == "said":
            ids.append(entry["command"]["id"])
        elif entry["line"] == "gone":
            ids.remove(entry["id"])
    return ids


class Peer(threading.Thread):
    """Lives on one session and comes back after each cut, until it is told to stop."""

    def __init__(self, test, user):
        super().__init__(daemon=True)
        self.port, self.user = test.port, user
        self.token = login(test.port, user)
        self.stopping = threading.Event()
        self.fault = None

    def run(self):
        while not self.is_done():
            try:
                self.live()
            except AWAY:
                time.sleep(0.01)  # a server that starts again is not hammered
            except Exception as fault:
                self.fault = fault
                return

    def finish(self, timeout=60):
        self.stopping.set()
        self.join(timeout)
        if self.fault is not None or self.is_alive():
            raise AssertionError("%s did not end well" % self.user) from self.fault


class Writer(Peer):
    """Says numbered lines, a few at a time. After a cut it sends those without a receipt again; or,
    when it is careless, it never does."""

    def __init__(self, test, user, careless=False):
        super().__init__(test, user)
        self.careless = careless
        self.chance = test.chance.__class__(test.chance.random())
        self.count = 0
        self.pending = {}
        self.receipts = {}

    def is_done(self):
        return self.stopping.is_set() and not self.pending

    def live(self):
        stream = WebSocket(self.port, self.token)
        try:
            while not self.is_done():
                if not self.pending:
                    for _ in range(self.chance.randrange(1, 6)):
                        self.count += 1
                        self.pending["i%d" % self.count] = "%s says %d" % (self.user, self.count)
                for id, text in self.pending.items():
                    stream.send(say(id, text))
                self.hear(stream)
        finally:
            stream.cut()
            if self.careless:
                self.pending = {}

    def hear(self, stream):
        while self.pending:
            event = stream.read()
            if event["type"] == "error":
                raise AssertionError(event)
            if event["type"] == "receipt" and event["id"] in self.pending:
                self.receipts[event["id"]] = event["seq"]
                del self.pending[event["id"]]


class Reader(Peer):
    """Goes on from its cursor after each cut."""

    def __init__(self, test, user):
        super().__init__(test, user)
        self.cursor = None
        self.events = []
        self.wanted_seq = None

    def is_done(self):
        return self.stopping.is_set() and self.events and \
            self.events[-1]["seq"] >= self.wanted_seq

    def live(self):
        stream = WebSocket(self.port, self.token, after=self.cursor)
        try:
            while not self.is_done():
                self.take(stream.read(1))
        finally:
            stream.cut()

    def take(self, event):
        if event["type"] == "gap" or event.get("result") == "gap":
            raise AssertionError(event)
        if event["type"] == "hello":
            if self.cursor is not None and event["cursor"] != self.cursor:
                raise AssertionError("asked for %s: %r" % (self.cursor, event))
            self.epoch, self.cursor = event["epoch"], event["cursor"]
        elif "rseq" in event:
            self.events.append(event)
            self.cursor = "%s-%d" % (self.epoch, event["seq"])


class Typist(threading.Thread):
    """Feeds a real client."""

    def __init__(self, running, user, pause=0.01):
        super().__init__(daemon=True)
        self.running, self.user, self.pause = running, user, pause
        self.count = 0
        self.stopping = threading.Event()

    def run(self):
        try:
            while not self.stopping.wait(self.pause):
                self.running.say(say("i%d" % (self.count + 1),
                                     "%s types %d" % (self.user, self.count + 1)))
                self.count += 1
        except (OSError, ValueError):
            pass  # the client is no more

    def finish(self):
        self.stopping.set()
        self.join(10)


class ServerKilled(ChaosTest):
    def kill_and_restart(self, server):
        time.sleep(self.chance.uniform(0.1, 1.0))
        server.kill()
        while self.chance.random() < 0.3:  # once more, while it starts
            half = Server(self.data_dir, "--port=%d" % self.port, wait=False)
            time.sleep(self.chance.uniform(0, 0.5))
            half.kill()
            half.close()
        return self.serve()

    def test_what_was_receipted_is_there_once_and_readers_miss_nothing(self):
        server = self.serve()
        reader = Reader(self, "reader")
        writers = [Writer(self, "writer%d" % n, careless=n == 2) for n in range(3)]
        clients = [Client(self.home(user), user, server) for user in ("ann", "bob")]
        running = [client.start("--json") for client in clients]
        for each in running:
            self.addCleanup(each.close)
            each.out.wait_for('"hello"')
        typists = [Typist(each, client.user) for each, client in zip(running, clients)]
        for thread in (reader, *writers, *typists):
            thread.start()
        for _ in range(ROUNDS):
            server = self.kill_and_restart(server)

        for thread in (*writers, *typists):
            thread.finish()
        for each in running:
            each.end_input()
            self.assertEqual(each.wait(90), 0, each.err.lines[-5:])
        reader.wanted_seq = max(seq for writer in writers for seq in writer.receipts.values())
        reader.finish()
        server.kill()
        self.serve()

        events = history(self.port, reader.token)
        log = check_log(self, events)
        for writer in writers:
            self.check_writer(writer, log)
        for each, typist in zip(running, typists):
            self.check_client(each, typist, log)
        self.check_reader(reader.events, events)

    def check_writer(self, writer, log):
        self.assertGreater(len(writer.receipts), 0)
        for id, seq in writer.receipts.items():
            event = log.get((writer.user, id))
            self.assertIsNotNone(event, "%s of %s was receipted" % (id, writer.user))
            self.assertEqual((event["seq"], event["text"]),
                             (seq, "%s says %s" % (writer.user, id[1:])))

    def check_client(self, running, typist, log):
        """Every line once, in the order it was typed; and the client saw the log as it is."""
        self.assertGreater(typist.count, 0)
        own = [event["id"] for (user, _), event in log.items() if user == typist.user]
        self.assertEqual(own, ["i%d" % (n + 1) for n in range(typist.count)])
        out = [json.loads(line) for line in running.out.lines]
        seen = [event["seq"] for event in out if event["type"] == "message"]
        receipts = {event["id"] for event in out if event["type"] == "receipt"}
        self.assertEqual(receipts, set(own))
        self.assertEqual(seen, [event["seq"] for event in log.values()
                                if seen[0] <= event["seq"] <= seen[-1]])

    def check_reader(self, seen, events):
        first, last = seen[0]["seq"], seen[-1]["seq"]
        self.assertEqual([event["seq"] for event in seen if event["room"] == "#lobby"],
                         [event["seq"] for event in events if first <= event["seq"] <= last])


class ClientKilled(ChaosTest):
    def outbox(self, home):
        """The ids that each file of the outbox holds, by path."""
        return {os.path.join(directory, name): ids_kept_in(os.path.join(directory, name))
                for directory, _, names in os.walk(home)
                for name in names if name.endswith(".jsonl")}

    def kept(self, home):
        return sum(len(ids) for ids in self.outbox(home).values())

    def test_lines_that_wait_are_sent_once_by_the_next_client(self):
        server = self.serve()
        client = Client(self.home("ann"), "ann", server)
        watcher = login(self.port, "watcher")
        server.kill()
        running = client.start("--json")
        self.addCleanup(running.close)
        ids = ["w%d" % n for n in range(30)]
        running.say("".join(say(id, "waiting " + id) for id in ids))
        wait_until(lambda: self.kept(client.home) == 30, 20, "the outbox")
        running.process.kill()
        running.wait()

        self.serve()
        for _ in range(2):
            status, _, errors = client.run("", "--json")
            self.assertEqual(status, 0, errors)
        log = check_log(self, history(self.port, watcher))
        self.assertEqual([id for user, id in log if user == "ann"], ids)
        self.assertEqual(self.kept(client.home), 0)

    def test_what_was_kept_when_it_was_killed_is_sent_once(self):
        server = self.serve()
        client = Client(self.home("ann"), "ann", server)
        watcher = login(self.port, "watcher")
        wanted = set()
        for n in range(ROUNDS):
            wanted |= self.one_life(client, n)
        status, _, errors = client.run("", "--json")
        self.assertEqual(status, 0, errors)
        log = check_log(self, history(self.port, watcher))
        self.assertLessEqual(wanted, {id for user, id in log if user == "ann"})
        self.assertEqual(self.kept(client.home), 0)

    def one_life(self, client, number):
        """What it had kept or was receipted when it was killed at some moment."""
        running = client.start("--json")
        self.addCleanup(running.close)
        running.out.wait_for('"hello"')
        try:
            running.say("".join(say("r%d-%d" % (number, n), "line %d" % n) for n in range(200)))
        except BrokenPipeError:
            pass
        running.out.wait_for('"receipt"')
        time.sleep(self.chance.uniform(0, 0.2))
        running.process.kill()
        running.wait()
        kept = {id for ids in self.outbox(client.home).values() for id in ids}
        out = [json.loads(line) for line in running.out.lines if line.endswith("}")]
        return kept | {event["id"] for event in out if event["type"] == "receipt"}

    def test_a_second_client_of_the_account_has_an_outbox_of_its_own(self):
        server = self.serve()
        password = os.path.join(self.directory.name, "password")
        with open(password, "w") as file:
            file.write("correct horse\n")
        client = Client(self.home("ann"), "ann", server)
        given = ("--json", "--password-file=" + password)
        self.assertEqual(client.run("", "--register", *given)[0], 0)
        watcher = login(self.port, "watcher")
        server.kill()
        pair = [client.start(*given) for _ in range(2)]
        for name, running in zip("ab", pair):
            self.addCleanup(running.close)
            running.say("".join(say("%s%d" % (name, n), "from " + name) for n in range(10)))
        wait_until(lambda: self.kept(client.home) == 20, 20, "the outboxes")
        files = sorted(ids[0][0] + str(len(ids)) for ids in self.outbox(client.home).values() if ids)
        self.assertEqual(files, ["a10", "b10"])

        self.serve()
        for running in pair:
            running.end_input()
        self.assertEqual([running.wait() for running in pair], [0, 0])
        log = check_log(self, history(self.port, watcher))
        ids = [id for user, id in log if user == "ann"]
        for name in "ab":
            self.assertEqual([id for id in ids if id[0] == name],
                             ["%s%d" % (name, n) for n in range(10)])


class Second(ChaosTest):
    def test_a_second_server_refuses_with_a_sentence_and_the_first_goes_on(self):
        server = self.serve()
        stream = WebSocket(self.port, login(self.port, "ann"))
        for _ in range(ROUNDS):
            self.check_told(*self.run_to_end("--port=0", "--data-dir=" + self.data_dir),
                            "in use by another")
            self.check_told(*self.run_to_end("--port=%d" % self.port,
                                             "--data-dir=" + self.data_dir + "2"),
                            "port %d" % self.port)
            self.assertEqual(stream.say("still here")["type"], "receipt")
        server.kill()
        self.serve()  # a lock does not outlive its server


if __name__ == "__main__":
    unittest.main()
