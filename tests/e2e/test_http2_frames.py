"""HTTP/2 frame by frame: what RFC 9113 sections 3.4 to 8 and RFC 7541 demand of a server, a row a
case; and peers that ask too much. Each goes on a connection of its own, while another must not notice.
"""

import struct
import unittest

import h2frames
from h2frames import (ACK, COMPRESSION_ERROR, CONTINUATION, DATA, END_HEADERS, END_STREAM,
                      ENHANCE_YOUR_CALM, FLOW_CONTROL_ERROR, FRAME_SIZE_ERROR, GOAWAY, HEADERS,
                      NO_ERROR, PADDED, PING, PREFACE, PRIORITY, PRIORITY_FLAG, PROTOCOL_ERROR,
                      PUSH_PROMISE, REFUSED_STREAM, RST_STREAM, SETTINGS, STREAM_CLOSED,
                      WINDOW_UPDATE, Connection, block, frame, headers, literal, number,
                      request_fields, rst_stream, settings, text, window_update)
from rtserver import ServerTest
from wsclient import login

GET = request_fields()
POST = request_fields("POST", "/v1/login")
OPEN = headers(1, POST, END_HEADERS)  # a stream whose body is to come
HALF = b"stream 1, asked whole, not answered yet"  # in its place: one with a token, which waits


def without(name):
    return [field for field in GET if field[0] != name]


def with_method(fields):
    return headers(1, [(":method", "GET")] + fields)


# (name, what is said after the preface and SETTINGS, which codes may end the connection)
ENDS = [
    ("4.1 a frame of 16385 bytes", frame(DATA, 0, 1, b"x" * 16385), FRAME_SIZE_ERROR),
    ("4.2 a head of more than 16384 bytes", frame(HEADERS, 5, 1, b"x" * 16385), FRAME_SIZE_ERROR),
    ("4.3 a head that is no HPACK", headers(1, b"\xff\xff\xff\xff\xff\xff"), COMPRESSION_ERROR),
    ("4.3 another frame inside of a head",
     headers(1, GET, END_STREAM) + frame(PRIORITY, 0, 1, b"\0\0\0\0\1"), PROTOCOL_ERROR),
    ("4.3 another stream's head inside of a head",
     headers(1, GET, END_STREAM) + headers(3, GET), PROTOCOL_ERROR),
    ("5.1 DATA on an idle stream", frame(DATA, END_STREAM, 1, b"x"), PROTOCOL_ERROR),
    ("5.1 RST_STREAM on an idle stream", rst_stream(1), PROTOCOL_ERROR),
    ("5.1 WINDOW_UPDATE on an idle stream", window_update(1, 100), PROTOCOL_ERROR),
    ("5.1 CONTINUATION on an idle stream", frame(CONTINUATION, END_HEADERS, 1, block(GET)),
     PROTOCOL_ERROR),
    ("5.1 CONTINUATION behind a whole head",
     OPEN + frame(CONTINUATION, END_HEADERS, 1, block(GET)), PROTOCOL_ERROR),
    ("5.1.1 a stream of an even number", headers(2, GET), PROTOCOL_ERROR),
    ("5.1.1 a stream of a lower number", headers(5, GET) + headers(3, GET),
     (PROTOCOL_ERROR, STREAM_CLOSED)),
    # A fault of the stream, and of the connection as section 5.4.1 allows: nghttp2 says so.
    ("5.1 DATA on a stream that is closed half", HALF + frame(DATA, END_STREAM, 1, b"x"),
     STREAM_CLOSED),
    ("6.9 WINDOW_UPDATE of 0 on a stream", HALF + window_update(1, 0), PROTOCOL_ERROR),
    ("5.1 HEADERS on a stream that is closed half", HALF + headers(1, GET), STREAM_CLOSED),
    ("6.1 DATA on stream 0", frame(DATA, 0, 0, b"x"), PROTOCOL_ERROR),
    ("6.1 padding as long as the DATA", OPEN + frame(DATA, PADDED, 1, b"\x05abcd"), PROTOCOL_ERROR),
    ("6.1 padded DATA without a length", OPEN + frame(DATA, PADDED, 1), (PROTOCOL_ERROR,
                                                                        FRAME_SIZE_ERROR)),
    ("6.2 HEADERS on stream 0", headers(0, GET), PROTOCOL_ERROR),
    ("6.2 padding longer than the head", frame(HEADERS, PADDED | 5, 1, b"\xff" + block(GET)[:20]),
     PROTOCOL_ERROR),
    ("6.2 a priority that is cut", frame(HEADERS, PRIORITY_FLAG | 5, 1, b"\0\0"),
     (FRAME_SIZE_ERROR, PROTOCOL_ERROR)),
    ("6.3 PRIORITY on stream 0", frame(PRIORITY, 0, 0, b"\0\0\0\0\1"), PROTOCOL_ERROR),
    ("6.4 RST_STREAM on stream 0", rst_stream(0), PROTOCOL_ERROR),
    ("6.4 RST_STREAM of 3 bytes", OPEN + frame(RST_STREAM, 0, 1, b"\0\0\0"), FRAME_SIZE_ERROR),
    ("6.5 an acknowledgement with bytes", frame(SETTINGS, ACK, 0, b"\0"), FRAME_SIZE_ERROR),
    ("6.5 SETTINGS on a stream", frame(SETTINGS, 0, 1, b""), PROTOCOL_ERROR),
    ("6.5 SETTINGS of 3 bytes", frame(SETTINGS, 0, 0, b"\0\1\0"), FRAME_SIZE_ERROR),
    ("6.5.2 ENABLE_PUSH of 2", settings((2, 2)), PROTOCOL_ERROR),
    ("6.5.2 a window beyond 2^31-1", settings((4, 1 << 31)), FLOW_CONTROL_ERROR),
    ("6.5.2 frames below 16384", settings((5, 16383)), PROTOCOL_ERROR),
    ("6.5.2 frames beyond 2^24-1", settings((5, 1 << 24)), PROTOCOL_ERROR),
    ("6.5.3 an acknowledgement of nothing", frame(SETTINGS, ACK) * 3, PROTOCOL_ERROR),
    ("6.6 PUSH_PROMISE by a client", OPEN + frame(PUSH_PROMISE, END_HEADERS, 1,
                                                  b"\0\0\0\2" + block(GET)), PROTOCOL_ERROR),
    ("6.7 PING of 6 bytes", frame(PING, 0, 0, b"\0" * 6), FRAME_SIZE_ERROR),
    ("6.7 PING on a stream", frame(PING, 0, 1, b"\0" * 8), PROTOCOL_ERROR),
    ("6.8 GOAWAY on a stream", frame(GOAWAY, 0, 1, b"\0" * 8), PROTOCOL_ERROR),
    ("6.8 GOAWAY of 4 bytes", frame(GOAWAY, 0, 0, b"\0" * 4), (FRAME_SIZE_ERROR, PROTOCOL_ERROR)),
    ("6.9 WINDOW_UPDATE of 0 on the connection", window_update(0, 0), PROTOCOL_ERROR),
    ("6.9 WINDOW_UPDATE of 3 bytes", frame(WINDOW_UPDATE, 0, 0, b"\0\0\1"), FRAME_SIZE_ERROR),
    ("6.9.1 the connection's window beyond 2^31-1", window_update(0, (1 << 31) - 1),
     FLOW_CONTROL_ERROR),
    ("6.10 CONTINUATION on stream 0",
     headers(1, GET, END_STREAM) + frame(CONTINUATION, END_HEADERS, 0, b""), PROTOCOL_ERROR),
    ("6.10 CONTINUATION behind DATA",
     OPEN + frame(DATA, 0, 1, b"x") + frame(CONTINUATION, END_HEADERS, 1, b""), PROTOCOL_ERROR),
    ("7541 2.3.3 an index beyond the tables", headers(1, block(GET) + number(70, 7, 0x80)),
     COMPRESSION_ERROR),
    ("7541 4.2 a table update behind a field", headers(1, block(GET) + b"\x20"), COMPRESSION_ERROR),
    ("7541 5.2 padding of a Huffman text of over 7 bits",
     headers(1, block(GET) + b"\0\x01x\x82\x1f\xff"), COMPRESSION_ERROR),
    ("7541 5.2 padding of zeroes", headers(1, block(GET) + b"\0\x01x\x81\x18"), COMPRESSION_ERROR),
    ("7541 5.2 the end in a Huffman text", headers(1, block(GET) + b"\0\x01x\x84\xff\xff\xff\xff"),
     COMPRESSION_ERROR),
    ("7541 6.1 the index 0", headers(1, block(GET) + b"\x80"), COMPRESSION_ERROR),
    ("7541 6.3 a table beyond what was allowed", headers(1, number(4097, 5, 0x20) + block(GET)),
     COMPRESSION_ERROR),
]

# (name, what is said, which codes may reset stream 1); the connection lives
RESETS = [
    ("6.9.1 a stream's window beyond 2^31-1", HALF + window_update(1, (1 << 31) - 1),
     FLOW_CONTROL_ERROR),
    ("8.1 trailers that do not end the stream",
     OPEN + headers(1, [("x-check", "1")], END_HEADERS), PROTOCOL_ERROR),
    ("8.1 a pseudo field among trailers", OPEN + headers(1, [(":method", "GET")]), PROTOCOL_ERROR),
    ("8.2.1 a name with a capital letter", headers(1, GET + [("X-Test", "1")]), PROTOCOL_ERROR),
    ("8.2.2 Connection", headers(1, GET + [("connection", "keep-alive")]), PROTOCOL_ERROR),
    ("8.2.2 Transfer-Encoding", headers(1, GET + [("transfer-encoding", "chunked")]),
     PROTOCOL_ERROR),
    ("8.2.2 TE of another value", headers(1, GET + [("te", "gzip")]), PROTOCOL_ERROR),
    ("8.3 a pseudo field that nobody knows", headers(1, GET + [(":test", "1")]), PROTOCOL_ERROR),
    ("8.3 a pseudo field of answers", headers(1, GET + [(":status", "200")]), PROTOCOL_ERROR),
    ("8.3 a pseudo field behind another",
     headers(1, without(":path") + [("x-test", "1"), (":path", "/")]), PROTOCOL_ERROR),
    ("8.3.1 no method", headers(1, without(":method")), PROTOCOL_ERROR),
    ("8.3.1 no scheme", headers(1, without(":scheme")), PROTOCOL_ERROR),
    ("8.3.1 no path", headers(1, without(":path")), PROTOCOL_ERROR),
    ("8.3.1 an empty path", headers(1, without(":path") + [(":path", "")]), PROTOCOL_ERROR),
    ("8.3.1 two methods", with_method(GET), PROTOCOL_ERROR),
    ("8.3.1 two schemes", headers(1, GET + [(":scheme", "https")]), PROTOCOL_ERROR),
    ("8.3.1 two paths", headers(1, GET + [(":path", "/")]), PROTOCOL_ERROR),
    ("8.1.1 a body shorter than its length",
     headers(1, POST + [("content-length", "4")], END_HEADERS) + frame(DATA, END_STREAM, 1, b"{}"),
     PROTOCOL_ERROR),
    ("8.1.1 a body longer than its length in two frames",
     headers(1, POST + [("content-length", "1")], END_HEADERS) + frame(DATA, 0, 1, b"{")
     + frame(DATA, END_STREAM, 1, b"}"), PROTOCOL_ERROR),
    ("8.2.1 a value with a line's end", headers(1, GET + [("x-test", "a\r\nb")]), PROTOCOL_ERROR),
    ("8.5 CONNECT with a scheme and a path", headers(1, request_fields("CONNECT")),
     PROTOCOL_ERROR),
]

# (name, what is said): it harms nobody, and stream 1 is answered with 200
GOOD = [
    ("3.4 SETTINGS of every kind",
     settings((1, 0), (2, 0), (3, 5), (4, 65535), (5, 16384), (6, 100000)) + headers(1, GET)),
    ("4.1 a frame of a type that nobody knows", frame(0x77, 0xff, 0, b"any") + headers(1, GET)),
    ("5.5 and on a stream", OPEN + frame(0x77, 0, 1, b"any")
     + frame(DATA, END_STREAM, 1, b'{"user":"frames1"}')),
    ("4.1 flags that nobody knows", frame(PING, 0x16, 0, b"\0" * 8) + headers(1, GET)),
    ("4.1 the reserved bit", headers(1 | 1 << 31, GET)),
    ("5.1 PRIORITY on an idle stream", frame(PRIORITY, 0, 7, b"\0\0\0\0\1") + headers(1, GET)),
    ("5.3 a stream that depends on itself, which means nothing any more",
     frame(HEADERS, PRIORITY_FLAG | 5, 1, struct.pack(">IB", 3, 5) + block(GET))),
    ("6.1 DATA with padding", OPEN + frame(DATA, PADDED | END_STREAM, 1,
                                           b'\x03{"user":"frames2"}\0\0\0')),
    ("6.1 DATA of padding alone", OPEN + frame(DATA, PADDED, 1, b"\x03\0\0\0")
     + frame(DATA, END_STREAM, 1, b'{"user":"frames3"}')),
    ("6.2 a head with padding", frame(HEADERS, PADDED | 5, 1, b"\x02" + block(GET) + b"\0\0")),
    ("6.5.2 a setting that nobody knows", settings((0x99, 7)) + headers(1, GET)),
    ("6.5.2 the last one of its kind counts", settings((4, 0), (4, 65535)) + headers(1, GET)),
    ("6.9.2 a window that is given later", settings((4, 0)) + headers(1, GET)
     + settings((4, 65535))),
    ("6.9.2 a window below zero", settings((4, 10)) + headers(1, GET) + settings((4, 0))
     + settings((4, 200000))),
    ("6.10 a head in pieces of a byte each, at most seven",
     headers(1, block(GET)[:-6], END_STREAM)
     + b"".join(frame(CONTINUATION, 0, 1, block(GET)[-6 + n:len(block(GET)) - 5 + n])
                for n in range(6)) + frame(CONTINUATION, END_HEADERS, 1)),
    ("8.1 trailers", OPEN + frame(DATA, 0, 1, b'{"user":"frames4"}') + headers(1, [("x-sum", "1")])),
    ("8.1.1 a body of its length",
     headers(1, POST + [("content-length", "18")], END_HEADERS)
     + frame(DATA, END_STREAM, 1, b'{"user":"frames5"}')),
    ("8.2.2 TE: trailers", headers(1, GET + [("te", "trailers")])),
    ("8.3.1 host in place of :authority", headers(1, without(":authority") + [("host", "a")])),
    ("8.2.3 cookies in crumbs", headers(1, GET + [("cookie", "a=1"), ("cookie", "b=2")])),
    ("7541 4.2 a table of size 0", headers(1, b"\x20" + block(GET))),
    ("7541 6.1 fields by index", headers(1, b"\x82\x87" + block([(":path", "/healthz")])
                                         + b"\x01" + text("localhost"))),
    ("7541 6.2.1 fields that are kept", headers(1, b"\x82\x87\x44" + text("/healthz")
                                                + b"\x41" + text("localhost"))),
    ("7541 6.2.3 fields that are never kept", headers(1, b"\x82\x87\x14" + text("/healthz")
                                                      + b"\x11" + text("localhost"))),
    ("8.1 DATA of no bytes ends a request", headers(1, request_fields("GET"), END_HEADERS)
     + frame(DATA, END_STREAM, 1)),
]


class Frames(ServerTest):
    workers = 1

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.token = login(cls.port, "frames")
        cls.witness = Connection(cls.port)

    @classmethod
    def tearDownClass(cls):
        works = cls.witness.works()
        cls.witness.close()
        super().tearDownClass()
        if not works:
            raise AssertionError("another connection noticed")

    def speak(self, said):
        peer = Connection(self.port)
        self.addCleanup(peer.close)
        peer.send(said.replace(HALF, headers(1, request_fields(
            "GET", "/v1/events", [("authorization", "Bearer " + self.token)]))))
        return peer

    def test_what_ends_a_connection(self):
        for name, said, codes in ENDS:
            with self.subTest(name):
                codes = codes if isinstance(codes, tuple) else (codes,)
                self.assertIn(self.speak(said).ended(), codes)

    def test_what_resets_a_stream(self):
        for name, said, codes in RESETS:
            with self.subTest(name):
                peer = self.speak(said)
                self.assertEqual(peer.reset_code(1), codes)
                peer.next_stream = 9
                self.assertTrue(peer.works())

    def test_what_harms_nobody(self):
        for name, said in GOOD:
            with self.subTest(name):
                peer = self.speak(said)
                self.assertEqual(peer.answer(1)[0], 200)

    def test_3_4_what_is_no_preface_ends_the_connection(self):
        for opens in (b"GET / HTTP/1.1\r\nHost: a\r\n\r\n\r\n\r\n", PREFACE[:-1] + b"x",
                      b"PRI * HTTP/2.0\r\n\r\nXX\r\n\r\n", b"\0" * 30):
            with self.subTest(opens):
                peer = Connection(self.port, opens)
                self.assertIn(peer.ended(), (None, PROTOCOL_ERROR))

    def test_3_4_the_first_frame_is_settings(self):
        self.assertEqual(Connection(self.port, PREFACE + headers(1, GET)).ended(), PROTOCOL_ERROR)

    def test_3_4_and_6_5_the_server_begins_with_settings_and_acknowledges(self):
        peer = Connection(self.port)
        first = peer.read()
        self.assertEqual((first.type, first.flags, first.stream), (SETTINGS, 0, 0))
        told = dict(struct.unpack(">HI", first.data[at:at + 6])
                    for at in range(0, len(first.data), 6))
        self.assertEqual((told[3], told[6]), (100, 16384))
        self.assertLessEqual(told.get(1, 4096), 4096)
        self.assertEqual(peer.read_until(lambda f: f.type == SETTINGS).flags, ACK)

    def test_6_7_a_ping_is_answered_with_its_bytes_and_an_answer_is_not(self):
        peer = Connection(self.port)
        peer.send(frame(PING, ACK, 0, b"no reply") + frame(PING, 0, 0, b"12345678"))
        got = peer.read_until(lambda f: f.type == PING)
        self.assertEqual((got.flags, got.data), (ACK, b"12345678"))

    def test_6_8_after_a_goaway_of_the_peer_its_streams_are_answered(self):
        peer = Connection(self.port)
        peer.send(headers(1, GET) + frame(GOAWAY, 0, 0, b"\0" * 8))
        self.assertEqual(peer.answer(1)[0], 200)
        self.assertIn(peer.ended(), (None, NO_ERROR))

    def test_6_9_nothing_goes_beyond_a_window(self):
        peer = Connection(self.port, PREFACE + settings((4, 1)))
        stream = peer.request()
        peer.head(stream)
        self.assertEqual(peer.data(stream), (b"{", False))
        peer.send(window_update(stream, 3))
        self.assertEqual(peer.data(stream), (b'"st', False))
        peer.send(window_update(stream, 100))
        self.assertTrue(peer.data(stream)[1])

    def test_6_9_2_a_window_that_shrank_below_zero_is_waited_for(self):
        peer = Connection(self.port, PREFACE + settings((4, 4)))
        stream = peer.request()
        peer.head(stream)
        self.assertEqual(len(peer.data(stream)[0]), 4)
        peer.send(settings((4, 0)) + window_update(stream, 3) + frame(PING, 0, 0, b"to see.."))
        peer.read_until(lambda f: f.type == PING)
        self.assertEqual([f for f in peer.kept if f.type == DATA], [])
        peer.send(window_update(stream, 100))
        self.assertTrue(peer.data(stream)[1])

    def test_5_1_1_a_head_on_a_stream_that_has_ended_ends_the_connection(self):
        peer = Connection(self.port)
        self.assertEqual(peer.answer(peer.request())[0], 200)
        peer.send(headers(1, GET))
        self.assertEqual(peer.ended(), PROTOCOL_ERROR)

    def test_5_1_trailers_that_cross_with_a_reset_are_read_past(self):
        peer = Connection(self.port)
        peer.send(headers(1, POST + [("content-length", "1")], END_HEADERS)
                  + frame(DATA, 0, 1, b"{}"))
        self.assertEqual(peer.reset_code(1), PROTOCOL_ERROR)
        peer.send(headers(1, [("x-sum", "1")]))
        peer.next_stream = 3
        self.assertTrue(peer.works())

    def test_5_1_data_on_a_stream_that_has_ended_is_dropped(self):
        """It may be from before the end was heard of."""
        peer = Connection(self.port)
        self.assertEqual(peer.answer(peer.request())[0], 200)
        peer.send(frame(DATA, END_STREAM, 1, b"x"))
        self.assertTrue(peer.works())

    def test_4_2_frames_are_no_longer_than_the_peer_takes(self):
        peer = Connection(self.port)
        stream = peer.request("GET", "/v1/events", [("authorization", "Bearer " + self.token)])
        peer.head(stream)
        self.assertLessEqual(len(peer.data(stream)[0]), 16384)


class Abuse(ServerTest):
    workers = 1

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.token = login(cls.port, "ann")

    def setUp(self):
        self.witness = Connection(self.port)
        self.stream = self.witness.request("GET", "/v1/events",
                                           [("authorization", "Bearer " + self.token)])
        self.witness.send(window_update(0, 1 << 24) + window_update(self.stream, 1 << 24))
        self.witness.head(self.stream)

    def tearDown(self):
        """Others do not notice."""
        self.assertTrue(self.witness.works())
        self.assertEqual([f for f in self.witness.kept if f.type in (GOAWAY, RST_STREAM)], [])
        self.witness.close()

    def assert_calmed(self, floods, opens=None):
        """floods: what is sent, as long as the other side takes it."""
        peer = Connection(self.port, opens)
        self.addCleanup(peer.close)
        for piece in floods:
            if not peer.send(piece):
                break
        self.assertEqual(peer.ended(), ENHANCE_YOUR_CALM)

    def test_rapid_resets(self):
        self.assert_calmed(headers(n, GET) + rst_stream(n) for n in range(1, 2001, 2))

    def test_resets_that_the_server_is_made_to_send(self):
        """By a window that is too large (CVE-2025-8671)."""
        self.assert_calmed(headers(n, GET) + window_update(n, (1 << 31) - 1)
                           for n in range(1, 2001, 2))

    def test_bad_requests_without_end(self):
        self.assert_calmed(headers(n, GET + [("X", "1")]) for n in range(1, 2001, 2))

    def test_pings(self):
        self.assert_calmed(frame(PING, 0, 0, b"\0" * 8) for _ in range(2000))

    def test_ping_answers_that_nobody_asked_for(self):
        self.assert_calmed(frame(PING, ACK, 0, b"\0" * 8) for _ in range(2000))

    def test_settings(self):
        self.assert_calmed(settings((4, 65535 + n)) for n in range(1000))

    def test_many_settings_in_one_frame(self):
        self.assert_calmed([settings(*[(4, 65535)] * 2000)])

    def test_empty_data(self):
        self.assert_calmed([OPEN] + [frame(DATA, 0, 1)] * 2000)

    def test_data_of_padding_alone(self):
        self.assert_calmed([OPEN] + [frame(DATA, PADDED, 1, b"\x03\0\0\0")] * 2000)

    def test_window_updates_of_a_byte(self):
        self.assert_calmed([self.held()] + [window_update(1, 1) * 10] * 1000)

    def held(self):
        return headers(1, request_fields("GET", "/v1/events",
                                         [("authorization", "Bearer " + self.token)]))

    def test_priorities(self):
        self.assert_calmed(frame(PRIORITY, 0, 2 * n + 1, b"\0\0\0\0\1") * 10 for n in range(500))

    def test_continuations_without_end(self):
        peer = Connection(self.port)
        peer.send(frame(HEADERS, END_STREAM, 1, block(GET)))
        for _ in range(2000):
            if not peer.send(frame(CONTINUATION, 0, 1, literal("x", "y" * 100))):
                break
        self.assertEqual(peer.ended(), ENHANCE_YOUR_CALM)

    def test_empty_continuations_without_end(self):
        peer = Connection(self.port)
        peer.send(frame(HEADERS, END_STREAM, 1, block(GET)))
        for _ in range(2000):
            if not peer.send(frame(CONTINUATION, 0, 1) * 10):
                break
        self.assertEqual(peer.ended(), ENHANCE_YOUR_CALM)

    def test_a_small_head_that_unpacks_to_a_large_one(self):
        kept = b"\x40" + text("x-bomb") + text("y" * 3900)
        self.assert_calmed([headers(1, block(GET) + kept + b"\xbe" * 4000)])

    def test_answers_that_nobody_reads_are_kept_up_to_a_bound(self):
        """With a window of nothing each answer waits; beyond 4 MiB and a body nothing is kept."""
        token = [("authorization", "Bearer " + self.token)]
        for n in range(40):
            self.witness.ask("POST", "/v1/send", token, b'{"type":"say","id":"b%d",'
                             b'"room":"#lobby","text":"%s"}' % (n, b"x" * 3000))
        peer = Connection(self.port, PREFACE + settings((4, 0)))
        streams = [peer.request("GET", "/v1/history?room=%23lobby&limit=200", token)
                   for _ in range(99)]
        kept, codes = 0, set()
        for stream in streams:
            try:
                kept += int(peer.head(stream)[1]["content-length"])
            except h2frames.Reset as reset:
                codes.add(reset.code)
        self.assertTrue(4 << 20 < kept <= 5 << 20, kept)
        self.assertTrue(codes and codes <= {ENHANCE_YOUR_CALM, REFUSED_STREAM}, codes)
        peer.close()


if __name__ == "__main__":
    unittest.main()
