"""The promise: every event once and in order, whatever ends in between."""

import os
import threading
import unittest

from rtserver import OwnServerTest
from wsclient import Http, WebSocket, login


def texts_until(stream, last, timeout=30):
    """The texts of all messages up to the one that says last; events must come in order."""
    texts, seq = [], 0
    while not texts or texts[-1] != last:
        event = stream.read(timeout)
        if "seq" in event and event["type"] != "receipt":
            if event["seq"] <= seq:
                raise AssertionError("seq %d after %d" % (event["seq"], seq))
            seq = event["seq"]
        if event["type"] == "message":
            texts.append(event["text"])
    return texts


class Resume(OwnServerTest):
    options = ("--burst=1000000", "--rate=1000000")

    def test_a_cursor_goes_on_where_it_was_across_a_restart(self):
        server = self.start(*self.options)
        ann, bob = login(server.port, "ann"), login(server.port, "bob")
        reader = WebSocket(server.port, bob)
        epoch = reader.read()["epoch"]
        writer = WebSocket(server.port, ann)
        writer.say("seen")
        seen = reader.read_until("message")
        reader.cut()
        for n in range(300):
            writer.say("m%d" % n)
        self.assertEqual(server.stop(), 0)
        server = self.start(*self.options)
        reader = WebSocket(server.port, bob, after="%s-%d" % (epoch, seen["seq"]))
        hello = reader.read()
        self.assertEqual(hello["result"], "resumed")
        self.assertEqual(hello["cursor"], "%s-%d" % (epoch, seen["seq"]))
        self.assertEqual(texts_until(reader, "m299"), ["m%d" % n for n in range(300)])

    def test_what_was_receipted_is_there_after_a_kill(self):
        server = self.start(*self.options)
        ann = login(server.port, "ann")
        receipted, stop = [], threading.Event()

        def write(n):
            stream = WebSocket(server.port, ann)
            k = 0
            try:
                while not stop.is_set():
                    text = "w%d-%d" % (n, k)
                    if stream.say(text)["type"] == "receipt":
                        receipted.append(text)
                    k += 1
            except Exception:
                pass

        threads = [threading.Thread(target=write, args=(n,)) for n in range(4)]
        for thread in threads:
            thread.start()
        while len(receipted) < 200:
            pass
        server.kill()
        stop.set()
        for thread in threads:
            thread.join()
        server = self.start(*self.options)
        reader = WebSocket(server.port, ann, after="0")
        WebSocket(server.port, ann).say("the end")
        texts = texts_until(reader, "the end")
        self.assertEqual(len(texts), len(set(texts)))
        self.assertLessEqual(set(receipted), set(texts))

    def test_a_repeat_after_a_restart_has_the_first_seq(self):
        server = self.start(*self.options)
        ann = login(server.port, "ann")
        first = WebSocket(server.port, ann).say("once", id="same")
        server.kill()
        server = self.start(*self.options)
        stream = WebSocket(server.port, ann)
        self.assertEqual(stream.say("once", id="same")["seq"], first["seq"])
        self.assertEqual(stream.say("other", id="same")["code"], "conflict")

    def test_another_epoch_is_a_gap_and_goes_on_at_the_head(self):
        server = self.start(*self.options)
        ann = login(server.port, "ann")
        for after in ("other-1", "hello-999999"):
            with self.subTest(after=after):
                self.check_gap(server, ann, after)
        epoch = Http(server.port, ann).get("/v1/hello").json["epoch"]
        self.check_gap(server, ann, epoch + "-999999")

    def check_gap(self, server, token, after):
        stream = WebSocket(server.port, token, after=after)
        hello, gap = stream.read(), stream.read()
        self.assertEqual((hello["result"], hello["cursor"]), ("gap", hello["head"]))
        self.assertEqual((gap["type"], gap["reason"], gap["from"]), ("gap", "epoch", None))
        self.assertEqual("%s-%d" % (hello["epoch"], gap["to"]), hello["head"])
        receipt = stream.say("on")
        self.assertGreater(receipt["seq"], gap["to"])

    def test_a_memory_store_has_another_epoch_each_time(self):
        server = self.start("--store=memory:")
        token = login(server.port, "ann")
        hello = Http(server.port, token).get("/v1/hello").json
        server.stop()
        server = self.start("--store=memory:")
        token = login(server.port, "ann")
        stream = WebSocket(server.port, token, after=hello["cursor"])
        self.assertEqual(stream.read()["result"], "gap")

    def test_a_replay_from_the_beginning_begins_with_the_joining(self):
        server = self.start(*self.options)
        ann = WebSocket(server.port, login(server.port, "ann"))
        ann.say("before bob")
        bob = login(server.port, "bob")
        ann.say("after bob")
        stream = WebSocket(server.port, bob, after="0")
        self.assertEqual(stream.read()["result"], "resumed")
        first = stream.read()
        self.assertEqual((first["type"], first["from"]), ("join", "bob"))
        self.assertEqual(texts_until(stream, "after bob"), ["after bob"])

    def test_live_and_replay_meet_without_a_hole_or_a_repeat(self):
        server = self.start(*self.options)
        writer = WebSocket(server.port, login(server.port, "ann"))
        token = login(server.port, "bob")
        done = threading.Event()

        def write():
            for n in range(1500):
                writer.send({"type": "say", "id": "i%d" % n, "room": "#lobby", "text": "t%d" % n})
                if n % 100 == 99:
                    writer.read_until(lambda e: e["type"] == "receipt" and e["id"] == "i%d" % n)
            done.set()

        thread = threading.Thread(target=write)
        thread.start()
        expected = ["t%d" % n for n in range(1500)]
        while True:
            last = done.is_set()
            reader = WebSocket(server.port, token, after="0")
            if last:
                self.assertEqual(texts_until(reader, "t1499"), expected)
                break
            first = texts_until(reader, "t%d" % 0) + texts_until(reader, "t1499")
            self.assertEqual(first, expected)
        thread.join()

    def test_a_reader_that_rests_gets_all_later(self):
        server = self.start(*self.options)
        reader = WebSocket(server.port, login(server.port, "bob"))
        reader.read_until("hello")
        writer = WebSocket(server.port, login(server.port, "ann"))
        big = os.urandom(1500).hex()
        for n in range(2500):
            writer.send({"type": "say", "id": "i%d" % n, "room": "#lobby",
                         "text": "%d %s" % (n, big)})
            if n % 50 == 49:
                writer.read_until(lambda e: e["type"] == "receipt" and e["id"] == "i%d" % n, 60)
        texts = texts_until(reader, "2499 " + big)
        self.assertEqual([int(text.split()[0]) for text in texts], list(range(2500)))


if __name__ == "__main__":
    unittest.main()
