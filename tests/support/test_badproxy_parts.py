"""The parts of badproxy that need no socket: how faults are written, bodies, lines."""

import unittest

from badproxy import split_address
from badproxy_faults import FAULTS, Fault, FaultSet
from badproxy_http import Chunked, Head, Sized, answer_body, request_body
from badproxy_line import PIECE, Line, Weather
from rawpeer import UPGRADE, get


class FaultTexts(unittest.TestCase):
    def test_what_is_wrong_is_told_with_what_was_wanted(self):
        for text, message in [
            ("nonsense", "unknown fault 'nonsense'; wanted one of ws-block, "),
            ("delay", "delay: no value; wanted delay=VALUE"),
            ("delay=x", "delay=x; wanted a number from 0 to 3600000"),
            ("ws-block=99", "ws-block=99; wanted a number from 200 to 599"),
            ("ws-silent=left", "ws-silent=left; wanted one of up, down, both"),
            ("ws-swallow=1", "ws-swallow=1; wanted no value"),
            ("rate=1000@/v1/*", "rate: is for all connections; wanted no @PATH and no #TIMES"),
            ("post-hole#0", "post-hole: #0; wanted a number from 1"),
        ]:
            with self.subTest(text), self.assertRaises(ValueError) as caught:
                Fault(text)
            self.assertTrue(str(caught.exception).startswith(message), caught.exception)

    def test_every_row_can_be_written(self):
        for name, row in FAULTS.items():
            with self.subTest(name):
                fault = Fault(name if row.default is not None else name + "=250")
                self.assertIsNotNone(fault.value)

    def test_a_fault_strikes_its_path_and_so_often(self):
        faults = FaultSet(["answer=404@/v1/e*#2"])
        hit, other = Head(get("/v1/events?after=a-1")), Head(get("/v1/poll"))
        answers = [faults.plan(head).answer for head in (hit, other, hit, hit)]
        self.assertEqual(answers, [404, None, 404, None])

    def test_a_wrong_one_changes_nothing(self):
        faults = FaultSet(["ws-strip"])
        with self.assertRaises(ValueError):
            faults.add(["delay=5", "nonsense"])
        self.assertEqual(faults.texts, ["ws-strip"])

    def test_addresses(self):
        for text, expected in [("8443", ("127.0.0.1", 8443)), ("a:1", ("a", 1)),
                               ("[::1]:2", ("::1", 2)), (7, ("127.0.0.1", 7))]:
            self.assertEqual(split_address(text), expected)
        for text in ("", "x", "a:", "1:65536"):
            with self.subTest(text), self.assertRaises(ValueError):
                split_address(text)


class Bodies(unittest.TestCase):
    CHUNKS = b"5;x=y\r\nhello\r\n3\r\nyou\r\n0\r\nTrailer: 1\r\n\r\n"

    def test_chunks_end_where_they_end_however_they_are_cut(self):
        for step in (1, 2, 3, 7, 100):
            with self.subTest(step):
                body, used, content = Chunked(), 0, 0
                data = self.CHUNKS + b"HTTP/1.1 200"
                while not body.is_done:
                    piece, fresh = body.feed(data[used:used + step], 100)
                    used, content = used + piece, content + fresh
                self.assertEqual((used, content), (len(self.CHUNKS), 8))

    def test_a_limit_stops_within_a_chunk(self):
        body = Chunked()
        used, content = body.feed(self.CHUNKS, 6)
        self.assertEqual((self.CHUNKS[:used], content), (b"5;x=y\r\nhello\r\n3\r\ny", 6))

    def test_broken_chunks_are_refused(self):
        for data in (b"x\r\n", b"\r\n", b"-1\r\n", b"1\r\nab\r\n", b"f" * 17 + b"\r\n",
                     b"1" * 5000):
            with self.subTest(data[:20]), self.assertRaises(ValueError):
                Chunked().feed(data, 100)

    def test_where_an_answer_ends(self):
        for method, status, field, kind in [
            ("HEAD", 200, "Content-Length: 5", 0), ("GET", 204, "", 0), ("GET", 304, "", 0),
            ("GET", 200, "Content-Length: 5", 5), ("GET", 200, "Transfer-Encoding: chunked", None),
        ]:
            with self.subTest((method, status, field)):
                head = Head(("HTTP/1.1 %d x\r\n%s\r\n\r\n" % (status, field or "A: b")).encode())
                body = answer_body(head, method)
                self.assertEqual(getattr(body, "left", None), kind)

    def test_lengths_that_differ_are_refused(self):
        for fields in (["Content-Length: 5", "Content-Length: 6"], ["Content-Length: -1"],
                       ["Content-Length: 1x"]):
            with self.subTest(fields), self.assertRaises(ValueError):
                request_body(Head(get("/", *fields)))

    def test_a_stripped_upgrade_keeps_the_rest(self):
        head = Head(UPGRADE)
        head.strip_upgrade()
        self.assertFalse(head.is_upgrade)
        self.assertEqual(head.get("connection"), "keep-alive")
        self.assertEqual(head.get("sec-websocket-version"), "13")

    def test_a_log_keeps_no_secret(self):
        head = Head(get("/v1/poll?after=a-7&wait=20&token=s3cret&user=ann"))
        self.assertEqual(head.path, "/v1/poll")
        self.assertEqual(head.query, {"after": "a-7", "wait": "20"})

    def test_a_sized_body_takes_no_more(self):
        self.assertEqual(Sized(3).feed(b"abcdef", 100), (3, 3))


class Lines(unittest.TestCase):
    def setUp(self):
        self.weather = Weather()
        self.line = Line(self.weather)

    def test_a_delay_holds_every_byte_so_long(self):
        self.weather.delay_s = 2
        self.line.put(b"ab", 10)
        self.line.put_end(11)
        self.assertEqual(self.line.take(11.9), (b"", False))
        self.assertEqual(self.line.take(12), (b"ab", False))
        self.assertEqual(self.line.take(13), (b"", True))

    def test_a_rate_spreads_bytes(self):
        self.weather.rate = 1000
        self.line.put(b"x" * 3000, 0)
        self.assertAlmostEqual(len(self.line.take(1)[0]), 1000, delta=40)
        self.assertAlmostEqual(len(self.line.take(2)[0]), 1000, delta=40)
        self.assertAlmostEqual(len(self.line.take(3.01)[0]), 1000, delta=40)
        self.assertTrue(self.line.is_empty)

    def test_a_shorter_delay_overtakes_nothing(self):
        self.weather.delay_s = 5
        self.line.put(b"a", 0)
        self.weather.delay_s = 0
        self.line.put(b"b", 1)
        self.assertEqual(self.line.take(4.9), (b"", False))
        self.assertEqual(self.line.take(5), (b"ab", False))

    def test_it_is_full_when_so_much_is_under_way(self):
        self.line.put(b"x" * PIECE, 0)
        self.assertTrue(self.line.is_full)
        self.line.take(0)
        self.assertFalse(self.line.is_full)


if __name__ == "__main__":
    unittest.main()
