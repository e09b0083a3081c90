"""One contract, four ways down: the same cases over every row of transport_rows and every carrier."""

import threading
import unittest

from rtreader import CARRIERS, ROWS, Ended, HttpError, PollReader
from rtserver import OwnServerTest, ServerTest, wait_until
from talk import fresh, read_texts, read_until, write
from wsclient import Http, Refused, WebSocket, login

OPTIONS = ("--burst=1000000", "--rate=1000000", "--heartbeat=600")


def open_reader(row, carrier, port, token, after=None):
    return ROWS[row](port, token, after, carrier=CARRIERS[carrier])


class Cases:
    """What holds for every way down. row: of ROWS, carrier: of CARRIERS."""

    options = OPTIONS

    def setUp(self):
        self.token = login(self.port, fresh("reader"))
        self.writer_token = login(self.port, fresh("writer"))
        self.writer = WebSocket(self.port, self.writer_token)
        self.writer.read_until("hello")
        self.addCleanup(self.writer.cut)

    def open(self, after=None, token=None):
        reader = open_reader(self.row, self.carrier, self.port, token or self.token, after)
        self.addCleanup(reader.close)
        return reader

    def test_it_begins_at_the_head(self):
        write(self.writer, ["before"])
        reader = self.open()
        self.assertEqual(reader.hello["result"], "new")
        write(self.writer, ["after"])
        self.assertEqual(read_texts(reader, "after"), ["after"])

    def test_events_come_in_order_and_once(self):
        reader = self.open()
        texts = ["t%d" % n for n in range(600)]
        writing = threading.Thread(target=write, args=(self.writer, texts))
        writing.start()
        self.assertEqual(read_texts(reader, texts[-1]), texts)
        writing.join()

    def test_it_resumes_where_it_was_cut(self):
        reader = self.open()
        write(self.writer, ["a%d" % n for n in range(40)])
        seen = read_texts(reader, "a25")
        cursor = reader.cursor
        reader.cut()
        write(self.writer, ["b%d" % n for n in range(40)])
        again = self.open(after=cursor)
        self.assertEqual(again.hello["result"], "resumed")
        self.assertEqual(again.hello["cursor"], cursor)
        seen += read_texts(again, "b39")
        self.assertEqual(seen, ["a%d" % n for n in range(40)] + ["b%d" % n for n in range(40)])

    def test_the_oldest_cursor_begins_with_the_joining(self):
        reader = self.open(after="0")
        first = reader.read()
        self.assertEqual(first["type"], "join")
        self.assertEqual(first["room"], "#lobby")

    def test_pages_end_where_they_should(self):
        for count in (255, 256, 257):
            with self.subTest(count=count):
                start = Http(self.port, self.token).get("/v1/hello").json["cursor"]
                texts = ["%d-%d" % (count, n) for n in range(count)]
                write(self.writer, texts)
                reader = self.open(after=start)
                self.assertEqual(read_texts(reader, texts[-1]), texts)
                if isinstance(reader, PollReader):
                    self.assertEqual(reader.pages, [256, 1] if count == 257 else [count])
                    self.assertFalse(reader.more)

    def test_pages_are_bounded_in_bytes(self):
        start = Http(self.port, self.token).get("/v1/hello").json["cursor"]
        texts = ["%d %s" % (n, "x" * 3900) for n in range(150)]
        write(self.writer, texts)
        reader = self.open(after=start)
        sizes = []
        seen = []
        while not seen or seen[-1] != texts[-1]:
            event = reader.read()
            if event["type"] == "message":
                seen.append(event["text"])
            sizes.append(getattr(reader, "size", 0))
        self.assertEqual(seen, texts)
        self.assertLess(max(sizes), 320 * 1024)

    def test_a_long_past_is_read_from_the_store(self):
        start = Http(self.port, self.token).get("/v1/hello").json["cursor"]
        texts = ["p%d" % n for n in range(3000)]
        write(self.writer, texts)
        self.assertEqual(read_texts(self.open(after=start), texts[-1]), texts)

    def test_another_epoch_is_a_gap_and_goes_on_at_the_head(self):
        epoch = Http(self.port, self.token).get("/v1/hello").json["epoch"]
        for after in ("other-1", epoch + "-999999999"):
            with self.subTest(after=after):
                reader = self.open(after=after)
                self.assertEqual(reader.hello["result"], "gap")
                self.assertEqual(reader.hello["cursor"], reader.hello["head"])
                gap = reader.read()
                self.assertEqual((gap["type"], gap["reason"], gap["from"]), ("gap", "epoch", None))
                self.assertEqual("%s-%d" % (epoch, gap["to"]), reader.hello["head"])
                self.assertEqual(reader.cursor, reader.hello["head"])
                write(self.writer, ["on " + after])
                self.assertEqual(read_texts(reader, "on " + after), ["on " + after])

    def test_what_it_may_not_see_moves_the_cursor(self):
        room = "#" + fresh("r")
        self.writer.send({"type": "join", "id": "j", "room": room})
        reader = self.open()
        write(self.writer, ["hidden"] * 3, room)
        head = Http(self.port, self.token).get("/v1/hello").json["head"]
        if isinstance(reader, PollReader):
            # a held poll is not woken by what it may not see; the next one tells
            page = Http(self.port, self.token).get(
                "/v1/poll?wait=0&after=" + reader.hello["cursor"]).json
            self.assertEqual((page["events"], page["cursor"]), ([], head))
            return
        ping = WebSocket(self.port, self.token)
        ping.send({"type": "ping", "nonce": "n"})
        self.assertEqual(read_until(reader, "pong")["cursor"], head)
        self.assertEqual(reader.cursor, head)

    def test_a_cursor_of_the_wrong_form_is_400(self):
        for after in ("x", "", "epoch-", "-5", "e-1-2"):
            with self.subTest(after=after):
                with self.assertRaises((HttpError, Refused)) as caught:
                    self.open(after=after)
                self.assertEqual(caught.exception.status, 400)

    def test_a_token_of_nobody_is_401(self):
        with self.assertRaises((HttpError, Refused)) as caught:
            self.open(token="f" * 64)
        self.assertEqual(caught.exception.status, 401)

    def test_a_pong_comes_down_every_reader_of_the_session(self):
        readers = [self.open() for _ in range(4)]
        other = self.open(token=self.writer_token)
        ping = WebSocket(self.port, self.token)
        ping.read_until("hello")
        ping.send({"type": "ping", "nonce": "n-1"})
        for reader in readers:
            pong = read_until(reader, "pong")
            self.assertEqual(pong["nonce"], "n-1")
            self.assertEqual(pong["head"], Http(self.port, self.token).get("/v1/hello").json["head"])
        write(self.writer, ["no pong for others"])
        event = other.read()
        self.assertEqual(event.get("text"), "no pong for others")

    def test_ways_of_one_session_do_not_take_each_others_pongs(self):
        mine, others = self.open(), [kind(self.port, self.token) for kind in ROWS.values()]
        for reader in others:
            self.addCleanup(reader.close)
        for nonce in ("n-1", "n-2"):
            answer = Http(self.port, self.token).post("/v1/send", {"type": "ping", "nonce": nonce})
            self.assertEqual(answer.json, {"type": "receipt", "nonce": nonce})
            for reader in others + [mine]:
                self.assertEqual(read_until(reader, "pong")["nonce"], nonce)
        write(self.writer, ["no pong twice"])
        for reader in others + [mine]:
            self.assertEqual(reader.read().get("text"), "no pong twice")

    def test_readers_of_all_workers_get_what_one_wrote(self):
        readers = [self.open() for _ in range(8)]
        write(self.writer, ["w%d" % n for n in range(20)])
        for reader in readers:
            self.assertEqual(len(read_texts(reader, "w19")), 20)

    def test_a_slow_reader_gets_everything_later_and_others_notice_nothing(self):
        slow, good = self.open(), self.open()
        pad = "x" * 3000
        texts = ["%d %s" % (n, pad) for n in range(4000)]
        writing = threading.Thread(target=write, args=(self.writer, texts))
        writing.start()
        self.assertEqual(read_texts(good, texts[-1]), texts)
        writing.join()
        self.assertEqual(read_texts(slow, texts[-1], timeout=60), texts)

    def test_an_answer_that_was_cut_loses_nothing(self):
        reader = self.open()
        texts = ["%d %s" % (n, "y" * 2000) for n in range(500)]
        write(self.writer, texts)
        seen = []
        cursor = reader.cursor
        while len(seen) < 500:
            try:
                for _ in range(37):
                    event = reader.read()
                    if event["type"] == "message":
                        seen.append(event["text"])
                    cursor = reader.cursor
                    if len(seen) == 500:
                        break
            finally:
                reader.cut()
            reader = self.open(after=cursor)
        self.assertEqual(seen, texts)


WAYS = [(row, carrier) for carrier in CARRIERS for row in ROWS]


def case_of(row, carrier):
    return type("Test_%s_%s" % (row, carrier), (Cases, ServerTest), {"row": row, "carrier": carrier})


for way in WAYS:
    globals()["Test_%s_%s" % way] = case_of(*way)


class Alive(OwnServerTest):
    """What needs a server of its own: time and its end."""

    def open_all(self, server, token):
        """A reader a way that holds, each of which waits."""
        readers = {way: open_reader(*way, server.port, token) for way in WAYS if ROWS[way[0]].holds}
        polls = [reader for reader in readers.values() if not reader.stays]
        for reader in polls:
            reader.ask(reader.next_path())
        wait_until(lambda: server.errors().count(" longpoll open user=ann") == 2 * len(polls))
        return readers

    def test_an_idle_reader_hears_a_pong_every_heartbeat(self):
        server = self.start("--heartbeat=1")
        token = login(server.port, "ann")
        for row, carrier in WAYS:
            if not ROWS[row].stays:
                continue
            with self.subTest(row=row, carrier=carrier):
                reader = open_reader(row, carrier, server.port, token)
                for _ in range(3):
                    pong = reader.read(10)
                    self.assertEqual(pong["type"], "pong")
                    self.assertEqual(pong["head"], reader.hello["head"])
                self.assertGreaterEqual(reader.signs, 3)
                reader.close()

    def test_readers_hear_of_the_end(self):
        server = self.start("--heartbeat=600", "--log-level=debug")
        token = login(server.port, "ann")
        readers = self.open_all(server, token)
        stopping = threading.Thread(target=server.stop)
        stopping.start()
        for way, reader in readers.items():
            with self.subTest(way=way):
                bye = read_until(reader, "bye")
                self.assertEqual(bye["reason"], "shutdown")
                self.assertGreaterEqual(bye["delay_ms"], 0)
                if reader.stays:
                    with self.assertRaises(Ended) as caught:
                        reader.read()
                    self.assertTrue(caught.exception.clean)
        stopping.join()
        self.assertEqual(server.wait(), 0)

    def test_readers_of_a_session_end_with_it(self):
        server = self.start("--heartbeat=600", "--log-level=debug")
        token = login(server.port, "ann")
        readers = self.open_all(server, token)
        Http(server.port, token).post("/v1/logout")
        for way, reader in readers.items():
            with self.subTest(way=way):
                # A poll may be answered with the guest's part before; its next one is refused then.
                try:
                    self.assertEqual(read_until(reader, "bye")["reason"], "logged_out")
                except HttpError as error:
                    self.assertEqual((error.status, reader.stays), (401, False))


if __name__ == "__main__":
    unittest.main()
