"""One contract, four ways down, where something is missing: bytes of an answer, or the log's
beginning. The same cases over every row of transport_rows."""

import os
import random
import sqlite3
import unittest

from rtreader import ROWS
from rtserver import OwnServerTest
from talk import fresh, read_texts, write
from wsclient import Http, WebSocket, login

OPTIONS = ("--burst=1000000", "--rate=1000000", "--heartbeat=600")
PARTS = 12


class Faults(OwnServerTest):
    def begin(self, texts):
        """A server whose log has these."""
        self.server = self.start(*OPTIONS)
        self.port = self.server.port
        self.token = login(self.port, fresh("reader"))
        self.begin_cursor = Http(self.port, self.token).get("/v1/hello").json["cursor"]
        self.write(texts)

    def write(self, texts):
        writer = WebSocket(self.port, login(self.port, fresh("writer")))
        self.addCleanup(writer.cut)
        writer.read_until("hello")
        write(writer, texts)

    def open(self, row, after):
        reader = ROWS[row](self.port, self.token, after)
        self.addCleanup(reader.close)
        return reader

    def trim(self, seq):
        """As a retention would: the server goes on with a log that begins behind seq."""
        self.assertEqual(self.server.stop(), 0)
        with sqlite3.connect(os.path.join(self.data_dir, "rtchat.db")) as log:
            log.execute("DELETE FROM events WHERE seq <= ?", (seq,))
        log.close()
        self.server = self.start(*OPTIONS)
        self.port = self.server.port

    def test_a_cut_within_an_answer_loses_and_doubles_nothing(self):
        texts = ["%d %s" % (n, "y" * 700) for n in range(100)]
        self.begin(texts)
        for row in ROWS:
            with self.subTest(row=row):
                dice = random.Random(row)
                seen, cursor = [], self.begin_cursor
                for _ in range(PARTS):
                    reader = self.open(row, cursor)
                    events = reader.cut_after(dice.randrange(1, 5000))
                    seen += [event["text"] for event in events if event["type"] == "message"]
                    cursor = reader.cursor
                self.assertEqual(bool(seen), reader.stays)  # no part of a poll's answer counts
                seen += read_texts(self.open(row, cursor), texts[-1])
                self.assertEqual(seen, texts)

    def test_a_trimmed_log_is_a_gap_with_what_is_missing(self):
        texts = ["t%d" % n for n in range(600)]
        self.begin(texts)
        page = Http(self.port, self.token).get("/v1/poll?wait=0&after=" + self.begin_cursor).json
        first = next(event for event in page["events"] if event.get("text") == "t0")["seq"]
        epoch, asked = page["epoch"], int(self.begin_cursor.split("-")[1])
        self.trim(first + 99)
        for row in ROWS:
            with self.subTest(row=row):
                reader = self.open(row, self.begin_cursor)
                self.assertEqual(reader.hello["cursor"], self.begin_cursor)
                gap = reader.read()
                self.assertEqual(gap, {
                    "type": "gap", "reason": "trimmed", "from": asked + 1, "to": first + 99,
                    "cursor": "%s-%d" % (epoch, first + 99)})
                self.assertEqual(read_texts(reader, "t599"), texts[100:])
        for row in ROWS:
            with self.subTest(row=row, what="what is kept needs no gap"):
                reader = self.open(row, "%s-%d" % (epoch, first + 99))
                self.assertEqual(read_texts(reader, "t599"), texts[100:])

    def test_a_log_of_which_the_newest_is_kept_is_a_gap_up_to_it(self):
        texts = ["t%d" % n for n in range(20)]
        self.begin(texts)
        head = Http(self.port, self.token).get("/v1/hello").json["head"]
        epoch, seq = head.split("-")[0], int(head.split("-")[1])
        self.trim(seq - 1)
        for row in ROWS:
            with self.subTest(row=row):
                reader = self.open(row, self.begin_cursor)
                gap = reader.read()
                self.assertEqual((gap["reason"], gap["to"], gap["cursor"]),
                                 ("trimmed", seq - 1, "%s-%d" % (epoch, seq - 1)))
                self.assertEqual(read_texts(reader, "t19"), ["t19"])
                self.assertEqual(reader.cursor, head)


if __name__ == "__main__":
    unittest.main()
