"""WebSockets on streams of HTTP/2 (RFC 8441): how one is opened, what its frames do, how it ends. What it
carries is in test_transports."""

import json
import signal
import struct
import unittest

import h2frames
from h2frames import (CANCEL, DATA, END_STREAM, RST_STREAM, SETTINGS, Connection, frame, rst_stream,
                      settings, window_update)
from rtserver import OwnServerTest, ServerTest, wait_until
from wsclient import BINARY, CLOSE, PING, PONG, TEXT, Closed, Refused, login
from wsstream import WebSocketHttp2

PING_COMMAND = b'{"type":"ping","nonce":"n"}'


class Opening(ServerTest):
    options = ("--allow-origin=https://app.example",)

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.token = login(cls.port, "ann")

    def test_it_is_offered(self):
        first = Connection(self.port).read()
        told = dict(struct.unpack(">HI", first.data[at:at + 6])
                    for at in range(0, len(first.data), 6))
        self.assertEqual((first.type, told[8]), (SETTINGS, 1))

    def test_the_answer_is_200_and_names_the_subprotocol_that_was_offered(self):
        stream = WebSocketHttp2(self.port, self.token)
        self.assertEqual(stream.fields, {":status": "200", "sec-websocket-protocol": "rtchat.v1"})
        self.assertEqual(stream.read()["type"], "hello")
        stream = WebSocketHttp2(self.port, self.token, subprotocol=None)
        self.assertEqual(stream.fields, {":status": "200"})
        self.assertEqual(stream.read()["type"], "hello")

    def test_a_first_frame_may_bring_the_token(self):
        stream = WebSocketHttp2(self.port)
        stream.send({"type": "auth", "token": self.token})
        self.assertEqual(stream.read()["user"], "ann")

    def test_what_may_not_be_opened_is_refused(self):
        for status, more in ((400, {"protocol": "chat"}),
                             (400, {"subprotocol": "other"}),
                             (400, {"after": "x"}),
                             (400, {"headers": [("sec-websocket-version", "8")]}),
                             (401, {"token": "f" * 64}),
                             (403, {"headers": [("origin", "https://evil.example")]}),
                             (404, {"path": "/v1/events"}),
                             (404, {"path": "/nowhere"})):
            with self.subTest(**more):
                with self.assertRaises(Refused) as caught:
                    WebSocketHttp2(self.port, **{"token": self.token, **more})
                self.assertEqual(caught.exception.status, status)
                self.assertIn("error", json.loads(caught.exception.body))

    def test_connect_without_a_protocol_opens_nothing(self):
        peer = Connection(self.port)
        peer.send(h2frames.headers(1, [(":method", "CONNECT"), (":authority", "localhost:1")]))
        peer.next_stream = 3
        self.assertEqual(peer.answer(1)[0], 400)
        self.assertTrue(peer.works())

    def test_a_page_of_an_allowed_origin_opens_one(self):
        stream = WebSocketHttp2(self.port, self.token,
                                headers=[("origin", "https://app.example")])
        self.assertEqual(stream.read()["type"], "hello")


class Frames(ServerTest):
    workers = 1
    options = ("--log-level=debug", "--burst=100000", "--rate=100000")

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.token = login(cls.port, "ann")

    def setUp(self):
        # Else the last test's end would be counted as this one's.
        wait_until(lambda: self.gone() == self.server.errors().count(" ws open "),
                   what="the end of what was open")
        self.peer = Connection(self.port)
        self.addCleanup(self.peer.close)
        self.stream = self.open()

    def open(self, peer=None):
        stream = WebSocketHttp2(self.port, self.token, peer=peer or self.peer)
        self.assertEqual(stream.read()["type"], "hello")
        return stream

    def gone(self):
        return self.server.errors().count(" ws gone")

    def assert_answered(self, stream=None):
        stream = stream or self.stream
        stream.send(PING_COMMAND)
        self.read_pong(stream)

    def read_pong(self, stream):
        """The answer to PING_COMMAND; a heartbeat's has no nonce."""
        stream.read_until(lambda event: event["type"] == "pong" and event.get("nonce") == "n")

    def test_a_frame_in_any_slices(self):
        for size in (1, 3, 1000):
            said = self.stream.frame(TEXT, PING_COMMAND)
            for at in range(0, len(said), size):
                self.stream.socket.sendall(said[at:at + size])
            self.read_pong(self.stream)

    def test_many_frames_in_one_piece(self):
        self.stream.socket.sendall(self.stream.frame(TEXT, PING_COMMAND) * 200)
        for _ in range(200):
            self.read_pong(self.stream)

    def test_a_message_in_fragments_with_a_ping_between(self):
        stream = self.stream
        stream.send_frame(TEXT, PING_COMMAND[:5], fin=False)
        stream.send_frame(PING, b"now")
        stream.send_frame(0, b"", fin=False)
        stream.send_frame(0, PING_COMMAND[5:], fin=False)
        stream.send_frame(0, b"")
        self.assertEqual(stream.read_frame(), (PONG, b"now"))
        self.read_pong(stream)

    def test_a_message_of_64_kib_is_taken(self):
        self.peer.send(window_update(0, 1 << 20))
        text = b'{"type":"ping","nonce":"n"' + b" " * (65536 - 27) + b"}"
        self.stream.send_frame(TEXT, text[:40000], fin=False)
        self.assert_window_is_given_back(30000)
        self.stream.send_frame(0, text[40000:])
        self.read_pong(self.stream)

    def assert_window_is_given_back(self, least):
        got = self.peer.read_until(lambda f: f.type == h2frames.WINDOW_UPDATE
                                   and f.stream == self.stream.socket.id)
        self.assertGreaterEqual(int.from_bytes(got.data, "big"), least)

    def test_what_closes_it(self):
        stream = self.stream
        for code, said in ((1000, stream.frame(CLOSE, struct.pack(">H", 1000))),
                           (1002, b"\x81\x02{}"),  # not masked
                           (1002, b"\xc1\x80\0\0\0\0"),  # RSV1
                           (1002, stream.frame(3, b"")),
                           (1002, stream.frame(0, b"")),
                           (1002, stream.frame(PING, b"x" * 126)),
                           (1002, stream.frame(PING, b"x") + stream.frame(CLOSE, b"x" * 126)),
                           (1002, b"\x81\xfe\0\x02\0\0\0\0{}"),  # a length of too many bytes
                           (1003, stream.frame(BINARY, b"x")),
                           (1007, stream.frame(TEXT, b"x")),
                           (1007, stream.frame(TEXT, b"\xff\xfe")),
                           (1007, stream.frame(TEXT, b'"\xc3')),
                           (1009, stream.frame(TEXT, b"{", claim=65537)),
                           (1009, stream.frame(TEXT, b"{", claim=1 << 62)),
                           (1009, stream.frame(TEXT, b"x" * 4000, fin=False)
                            + stream.frame(0, b"x", claim=65000))):
            with self.subTest(code=code, said=said[:12]):
                one = self.open()
                before = self.gone()
                one.socket.sendall(said)
                self.assertEqual(one.read_close(), code)
                if code in (1003, 1007, 1009) and not one.socket.over:
                    one.send_frame(CLOSE, struct.pack(">H", code))
                while not one.socket.over:
                    one.socket.recv(0)
                one.socket.end()
                wait_until(lambda: self.gone() > before, what="its end")
        self.assert_answered()

    def test_the_end_of_the_stream_is_its_end(self):
        before = self.gone()
        one = self.open()
        one.socket.end()
        with self.assertRaises(Closed):
            one.read()
        wait_until(lambda: self.gone() == before + 1, what="its end")
        self.assert_answered()

    def test_a_reset_stream_is_gone_at_once(self):
        before = self.gone()
        self.peer.send(rst_stream(self.open().socket.id))
        wait_until(lambda: self.gone() == before + 1, what="its end")
        self.assert_answered()

    def test_who_does_not_answer_a_close_is_reset(self):
        one = self.open()
        one.send_frame(BINARY, b"x")
        with self.assertRaises(Closed):
            one.read()
        got = self.peer.read_until(lambda f: f.stream == one.socket.id and f.type == RST_STREAM, 20)
        self.assertEqual(got.code, CANCEL)
        self.assert_answered()

    def test_many_share_a_connection_with_a_stream_and_posts(self):
        bearer = [("authorization", "Bearer " + self.token)]
        events = self.peer.request("GET", "/v1/events", bearer)
        self.assertEqual(self.peer.head(events)[0], 200)
        streams = [self.open() for _ in range(50)]
        body = b'{"type":"say","id":"many","room":"#lobby","text":"many"}'
        self.peer.send(window_update(0, 1 << 20))
        self.assertEqual(self.peer.ask("POST", "/v1/send", bearer, body)[0], 200)
        for stream in streams:
            self.assertEqual(stream.read_until("message")["text"], "many")
        self.assertIn(b'"many"', self.peer.data(events)[0] + self.peer.data(events)[0])

    def test_pings_whose_answers_are_not_read_are_not_read_either(self):
        """Only so much is taken as may wait for the peer, and its neighbours do not notice."""
        peer = Connection(self.port, h2frames.PREFACE + settings((4, 0)))
        stream = WebSocketHttp2(self.port, self.token, peer=peer)
        ping = stream.frame(PING, b"x" * 125) * 8
        window, sent = 65535, 0
        while sent < 1 << 20:
            if window >= len(ping):
                peer.send(frame(DATA, 0, stream.socket.id, ping))
                window, sent = window - len(ping), sent + len(ping)
                continue
            try:
                got = peer.read_until(lambda f: f.type == h2frames.WINDOW_UPDATE
                                      and f.stream == stream.socket.id, 1)
            except TimeoutError:
                break
            window += int.from_bytes(got.data, "big")
        self.assertLess(sent, 256 << 10)
        self.assert_answered()
        peer.send(window_update(0, 1 << 20) + window_update(stream.socket.id, 1 << 20))
        for _ in range(sent // len(ping) * 8):
            while stream.read_frame()[0] != PONG:
                pass
        self.assert_answered(stream)
        peer.close()


class Life(OwnServerTest):
    def test_a_drain_says_bye_closes_with_1012_and_ends(self):
        server = self.start(workers=1)
        token = login(server.port, "ann")
        stream = WebSocketHttp2(server.port, token)
        stream.read_until("hello")
        server.signal(signal.SIGTERM)
        self.assertEqual(stream.read_until("bye")["reason"], "shutdown")
        self.assertEqual(stream.read_close(), 1012)
        stream.send_frame(CLOSE, struct.pack(">H", 1012))
        while not stream.socket.over:
            stream.socket.recv(0)
        stream.socket.end()
        self.assertEqual(stream.socket.peer.ended(), h2frames.NO_ERROR)
        self.assertEqual(server.wait(), 0)

    def test_who_does_not_pong_is_dead(self):
        server = self.start("--heartbeat=1", workers=1)
        stream = WebSocketHttp2(server.port, login(server.port, "ann"))
        stream.answers_pings = False
        with self.assertRaises((Closed, ConnectionError)):
            while True:
                stream.read(30)


if __name__ == "__main__":
    unittest.main()
