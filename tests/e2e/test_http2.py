"""HTTP/2 on the port of HTTP/1.1: who gets which, and that both say the same."""

import json
import os
import re
import signal
import socket
import ssl
import subprocess
import unittest

import h2frames
import tlstap
from h2frames import (ACK, CANCEL, CONTINUATION, DATA, END_HEADERS, END_STREAM, GOAWAY, HEADERS,
                      NO_ERROR, PADDED, PING, PRIORITY, PRIORITY_FLAG, Connection, Reset, block,
                      frame, headers, request_fields, rst_stream, settings, window_update)
from rtserver import OwnServerTest, ServerTest, wait_until
from wsclient import WebSocket, ask, login, tls_context


def spoken(port, *offered):
    """What the handshake settles on, and the first line that comes for an HTTP/1.1 request."""
    context = tls_context()
    if offered:
        context.set_alpn_protocols(list(offered))
    with socket.create_connection(("127.0.0.1", port), 10) as plain:
        with context.wrap_socket(plain, server_hostname="localhost") as stream:
            stream.sendall(b"GET /healthz HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
            return stream.selected_alpn_protocol(), stream.recv(8)


def client_hello(*offered):
    context = tls_context()
    if offered:
        context.set_alpn_protocols(list(offered))
    out = ssl.MemoryBIO()
    stream = context.wrap_bio(ssl.MemoryBIO(), out, server_hostname="localhost")
    try:
        stream.do_handshake()
    except ssl.SSLWantReadError:
        pass
    return out.read()


def bearer(token):
    return [("authorization", "Bearer " + token)]


class Cut(ServerTest):
    workers = 1

    def test_who_offers_h2_gets_it_and_nobody_else(self):
        self.assertEqual(spoken(self.port, "http/1.1"), ("http/1.1", b"HTTP/1.1"))
        self.assertEqual(spoken(self.port), (None, b"HTTP/1.1"))
        for offered in (["h2"], ["h2", "http/1.1"], ["http/1.1", "h2"]):
            with self.subTest(offered=offered):
                stream = h2frames.connect(self.port, offered)
                self.assertEqual(stream.selected_alpn_protocol(), "h2")
                stream.close()

    def test_what_is_no_tls_is_cut_as_ever(self):
        for said in (b"GET / HTTP/1.1\r\n\r\n", h2frames.PREFACE, b"\x16\x03\x01\x00\x01\x02"):
            with socket.create_connection(("127.0.0.1", self.port), 30) as stream:
                stream.sendall(said)
                try:
                    self.assertNotIn(b"200", stream.recv(1000))
                except ConnectionError:
                    pass

    def test_a_hello_in_pieces_is_put_together(self):
        context = tls_context()
        context.set_alpn_protocols(["h2"])
        came, sent = ssl.MemoryBIO(), ssl.MemoryBIO()
        stream = context.wrap_bio(came, sent, server_hostname="localhost")
        with socket.create_connection(("127.0.0.1", self.port), 10) as plain:
            plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            while True:
                try:
                    stream.do_handshake()
                    break
                except ssl.SSLWantReadError:
                    for byte in sent.read():
                        plain.send(bytes([byte]))
                    came.write(plain.recv(65536))
            self.assertEqual(stream.selected_alpn_protocol(), "h2")

    def test_half_a_hello_wakes_nobody_and_has_ten_seconds(self):
        half = client_hello("h2")[:90]
        streams = [socket.create_connection(("127.0.0.1", self.port), 20) for _ in range(20)]
        for stream in streams:
            stream.sendall(half)
        before = self.server.cpu_seconds()
        with self.assertRaises(ConnectionResetError):  # it was cut with its bytes unread
            streams[0].recv(10)
        self.assertLess(self.server.cpu_seconds() - before, 1.5)
        self.assertTrue(Connection(self.port).works())
        for stream in streams:
            stream.close()

    def test_who_leaves_in_his_hello_is_forgotten(self):
        for _ in range(300):  # more than one address may have at once
            with socket.create_connection(("127.0.0.1", self.port), 10) as stream:
                stream.sendall(client_hello("h2")[:60])
        wait_until(lambda: ask(self.port, "GET", "/healthz").status == 200, what="an answer")

    def test_a_handshake_that_breaks_off_costs_no_other_its_answer(self):
        before = self.server.cpu_seconds()
        for _ in range(20):
            with socket.create_connection(("127.0.0.1", self.port), 10) as stream:
                stream.sendall(client_hello("h2"))
                stream.recv(1)
            h2frames.connect(self.port).close()
        self.assertTrue(Connection(self.port).works())
        self.assertLess(self.server.cpu_seconds() - before, 3)


class Off(ServerTest):
    options = ("--http2=no",)

    def test_h2_is_not_spoken_where_it_is_off(self):
        self.assertEqual(spoken(self.port, "h2", "http/1.1"), ("http/1.1", b"HTTP/1.1"))


class SameAnswers(ServerTest):
    options = ("--allow-origin=https://app.example", "--trusted-proxy=127.0.0.1")

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.token = login(cls.port, "ann")

    def both(self, method, path, body=None, fields=(), token=None):
        """((status, fields, body) over HTTP/1.1, the same over HTTP/2)"""
        fields = list(fields) + ([("Authorization", "Bearer " + token)] if token else [])
        first = ask(self.port, method, path, body, headers=dict(fields))
        peer = Connection(self.port)
        status, got, whole = peer.ask(method, path, [(k.lower(), v) for k, v in fields], body)
        peer.close()
        got.pop(":status")
        return ((first.status, {k.lower(): v for k, v in first.headers.items()
                                if k.lower() != "connection"}, first.body), (status, got, whole))

    def test_every_route_and_refusal_is_the_same(self):
        page = [("Origin", "https://app.example")]
        for method, path, body, fields, token in (
                ("GET", "/healthz", None, (), None), ("HEAD", "/healthz", None, (), None),
                ("GET", "/nowhere", None, (), None), ("DELETE", "/v1/login", None, (), None),
                ("OPTIONS", "/v1/login", None, page, None), ("GET", "/v1/rooms", None, (), None),
                ("GET", "/v1/rooms", None, (), "x" * 900),
                ("GET", "/v1/rooms", None, [("Authorization", "Basic YTpi")], None),
                ("GET", "/v1/rooms", None, page, self.token),
                ("GET", "/v1/rooms/%23lobby/members", None, (), self.token),
                ("GET", "/v1/rooms/lobby/members", None, (), self.token),
                ("GET", "/v1/history?room=%23lobby&limit=1", None, (), self.token),
                ("GET", "/v1/history?room=%23lobby&limit=201", None, (), self.token),
                ("GET", "/v1/events?after=x", None, (), self.token),
                ("GET", "/v1/events", None, [("Last-Event-ID", "y" * 90)], self.token),
                ("HEAD", "/v1/events", None, (), self.token),
                ("GET", "/v1/poll?wait=0", None, (), self.token),
                ("GET", "/v1/poll?wait=99", None, (), self.token),
                ("GET", "/v1/ws", None, (), self.token),
                ("GET", "/healthz", None, [("Origin", "https://evil.example")], None),
                ("GET", "/healthz", None, [("Origin", "x" * 2000)], None),
                ("POST", "/v1/send", b'{"type":"ping","nonce":"n"}', page, self.token),
                ("POST", "/v1/send", b"{", (), self.token),
                ("POST", "/v1/send", b"\xff", (), self.token),
                ("POST", "/v1/send", b"[]", (), self.token)):
            with self.subTest(method=method, path=path, fields=fields):
                first, second = self.both(method, path, body, fields, token)
                self.assertEqual(first, second)

    def test_paths_that_are_malformed_or_too_long_are_400(self):
        peer = Connection(self.port)
        for path in ("/%zz", "/%", "/a%00b", "/" + "a" * 600, "/healthz?" + "a" * 1100,
                     "/healthz?" + "&".join("a%d=1" % n for n in range(17))):
            with self.subTest(path=path[:20]):
                self.assertEqual(peer.ask("GET", path)[0], 400)
        self.assertTrue(peer.works())

    def test_who_asks_is_told_by_a_trusted_proxy(self):
        """Ten failures shut out the address they came from, and that one alone."""
        peer = Connection(self.port)
        wrong = b'{"user":"ann2","password":"no"}'

        def try_login(address):
            return peer.ask("POST", "/v1/login", [("x-forwarded-for", address)], wrong)[0]

        self.assertEqual([try_login("192.0.2.1") for _ in range(11)], [401] * 10 + [429])
        self.assertEqual(try_login("192.0.2.2"), 401)


class Requests(ServerTest):
    workers = 1
    options = ("--burst=100000",)

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.token = login(cls.port, "ann")

    def setUp(self):
        self.peer = Connection(self.port)
        self.peer.send(window_update(0, 1 << 24))
        self.addCleanup(self.peer.close)

    def say(self, text, id, peer=None):
        peer = peer or self.peer
        body = json.dumps({"type": "say", "id": id, "room": "#lobby", "text": text}).encode()
        return peer.ask("POST", "/v1/send", bearer(self.token), body)

    def events(self, more=""):
        stream = self.peer.request("GET", "/v1/events" + more, bearer(self.token))
        status, fields, over = self.peer.head(stream)
        self.assertEqual((status, over, fields["content-type"]), (200, False, "text/event-stream"))
        self.assertNotIn("content-length", fields)
        return stream

    def read_through(self, stream, mark, peer=None):
        peer = peer or self.peer
        text = b""
        while mark.encode() not in text:
            data, over = peer.data(stream)
            self.assertFalse(over)
            text += data
            peer.send(window_update(0, len(data)) + window_update(stream, len(data)))
        return text

    def test_a_body_comes_in_any_slices(self):
        body = json.dumps({"type": "say", "id": "slices", "room": "#lobby",
                           "text": "x" * 300}).encode()
        fields = request_fields("POST", "/v1/send", bearer(self.token))
        for sizes in ([1], [7, 0, 13], [len(body)]):
            stream = self.peer.new_stream()
            self.peer.send(headers(stream, fields, END_HEADERS))
            at, n = 0, 0
            while at < len(body):
                size = sizes[n % len(sizes)]
                self.peer.send(frame(DATA, PADDED, stream,
                                     b"\x03" + body[at:at + size] + b"\0\0\0"))
                at, n = at + size, n + 1
            self.peer.send(frame(DATA, END_STREAM, stream))
            self.assertEqual(self.peer.answer(stream)[0], 200)

    def test_a_body_and_what_follows_it_may_come_in_one_packet(self):
        body = b'{"type":"ping","nonce":"n"}'
        streams = [self.peer.new_stream() for _ in range(50)]
        self.peer.send(b"".join(
            headers(stream, request_fields("POST", "/v1/send", bearer(self.token)), END_HEADERS)
            + frame(DATA, END_STREAM, stream, body) for stream in streams))
        for stream in streams:
            self.assertEqual(self.peer.answer(stream)[0], 200)

    def test_trailers_are_read_past(self):
        stream = self.peer.new_stream()
        self.peer.send(
            headers(stream, request_fields("POST", "/v1/login"), END_HEADERS)
            + frame(DATA, 0, stream, b'{"user":"trailer"}')
            + headers(stream, [("authorization", "Bearer x"), ("x-check", "1")]))
        self.assertEqual(self.peer.answer(stream)[0], 200)

    def test_continuation_padding_and_priority_are_accepted(self):
        stream = self.peer.new_stream()
        data = block(request_fields(more=[("x-long", "y" * 3000)]))
        self.peer.send(
            frame(PRIORITY, 0, stream, b"\0\0\0\0\x10")
            + frame(HEADERS, END_STREAM | PADDED | PRIORITY_FLAG, stream,
                    b"\x04" + b"\x80\0\0\0\xff" + data[:50] + b"\0" * 4)
            + frame(CONTINUATION, 0, stream, data[50:1000])
            + frame(CONTINUATION, END_HEADERS, stream, data[1000:]))
        self.assertEqual(self.peer.answer(stream)[0], 200)

    def test_fields_beyond_16_kib_or_100_are_431_and_the_connection_lives(self):
        for more in ([("cookie", "x" * 15000), ("x-more", "y" * 2000)],
                     [("x-%d" % n, "1") for n in range(100)]):
            stream = self.peer.new_stream()
            data = block(request_fields(more=more))
            self.peer.send(frame(HEADERS, END_STREAM, stream, data[:16000])
                           + frame(CONTINUATION, END_HEADERS, stream, data[16000:]))
            self.assertEqual(self.peer.answer(stream)[0], 431)
        self.assertTrue(self.peer.works())

    def test_a_large_body_is_413_with_and_without_its_length(self):
        body = b" " * (1024 * 1024 + 1)
        for more in ([], [("content-length", str(len(body)))]):
            stream = self.peer.new_stream()
            self.peer.send(headers(stream, request_fields("POST", "/v1/login", more), END_HEADERS))
            left, window = body, 65535
            while left:
                size = min(window, 16384, len(left))
                if size == 0:
                    got = self.peer.read_until(
                        lambda f: f.type == h2frames.WINDOW_UPDATE and f.stream == stream)
                    window += int.from_bytes(got.data, "big")
                    continue
                self.peer.send(frame(DATA, 0 if size < len(left) else END_STREAM, stream,
                                     left[:size]))
                left, window = left[size:], window - size
            self.assertEqual(self.peer.answer(stream)[0], 413)
        self.assertTrue(self.peer.works())

    def test_a_stream_and_posts_share_a_connection(self):
        stream = self.events()
        self.read_through(stream, '"hello"')
        for n in range(30):
            self.assertEqual(self.say("shared %d" % n, "shared-%d" % n)[0], 200)
        self.read_through(stream, "shared 29")

    def test_100_streams_at_once_and_who_opens_one_more_is_out(self):
        held = [self.events("?n=%d" % n) for n in range(100)]
        self.say("to all", "to-all", Connection(self.port))
        for stream in held:
            self.read_through(stream, "to all")
        self.peer.send(rst_stream(held[0]))
        self.assertTrue(self.peer.works())
        self.peer.request("GET", "/v1/events", bearer(self.token))
        self.peer.request()
        self.assertEqual(self.peer.ended(), h2frames.PROTOCOL_ERROR)

    def test_a_reset_stream_is_gone_at_once(self):
        stream = self.events()
        self.read_through(stream, '"hello"')
        before = self.server.errors().count("sse gone")
        self.peer.send(rst_stream(stream))
        wait_until(lambda: self.server.errors().count("sse gone") > before, what="its end")
        self.assertTrue(self.peer.works())

    def test_a_reset_poll_and_a_cut_connection_are_gone_too(self):
        for _ in range(2):
            self.peer.request("GET", "/v1/poll?after=0&wait=50", bearer(self.token))
        stream = self.events()
        self.read_through(stream, '"hello"')
        before = self.server.errors().count("sse gone")
        self.peer.close()
        wait_until(lambda: self.server.errors().count("sse gone") > before, what="its end")

    def test_a_resumed_stream_begins_behind_last_event_id(self):
        self.say("before", "resume-1")
        stream = self.events()
        cursor = re.search(rb"id: (\S+)", self.read_through(stream, '"hello"')).group(1).decode()
        self.say("between", "resume-2")
        peer = Connection(self.port)
        other = peer.request("GET", "/v1/events?after=0",
                             bearer(self.token) + [("last-event-id", cursor)])
        self.assertEqual(peer.head(other)[0], 200)
        text = self.read_through(other, "between", peer)
        self.assertIn(b'"resumed"', text)
        self.assertNotIn(b'"before"', text)

    def test_a_stalled_stream_stalls_no_neighbour_and_catches_up(self):
        peer = Connection(self.port, h2frames.PREFACE + settings((4, 0)))
        peer.send(window_update(0, 1 << 24))
        stalled = peer.request("GET", "/v1/events", bearer(self.token))
        other = peer.request("GET", "/v1/events", bearer(self.token))
        peer.send(window_update(other, 1 << 24))
        peer.head(stalled)
        peer.head(other)
        for n in range(300):
            self.assertEqual(self.say("%d " % n + "z" * 2000, "stall-%d" % n)[0], 200)
        text, over = b"", False
        while b'"299 z' not in text:
            data, over = peer.data(other)
            text += data
        self.assertEqual([f for f in peer.kept if f.stream == stalled and f.type == DATA
                          and f.data], [])
        peer.send(window_update(stalled, 1 << 24))
        text = b""
        while b'"299 z' not in text:
            text += peer.data(stalled)[0]
        seen = [int(n) for n in re.findall(rb'"text":"(\d+) z', text)]
        self.assertEqual(seen, list(range(300)))

    def tapped(self, window):
        """A connection whose records are counted, with a window for each stream."""
        peer = Connection(self.port, h2frames.PREFACE + settings((4, window)),
                          over=tlstap.connect(self.port))
        self.addCleanup(peer.close)
        peer.send(window_update(0, 1 << 24))
        self.assert_quiet(peer)
        return peer

    def assert_quiet(self, peer):
        """Nothing is on its way: what is asked now is answered next."""
        peer.send(frame(PING, data=b"nothing?"))
        peer.read_until(lambda got: got.type == PING and got.flags & ACK)
        self.assertEqual([got for got in peer.kept if got.type == DATA], [])
        peer.kept.clear()

    def say_many(self, mark):
        """One after the other, each committed for itself."""
        for n in range(30):
            self.assertEqual(self.say("%s%d." % (mark, n), "%s-%d" % (mark, n))[0], 200)

    def assert_one_frame(self, peer, stream, mark, before):
        """All of the lines, alone in a record: there were so many before."""
        data = peer.data(stream)[0]
        said = re.findall(rb'"%s(\d+)\."' % mark.encode(), data)
        self.assertEqual([int(n) for n in said], list(range(30)))
        self.assertEqual([type for type, size in peer.socket.records[before:]],
                         [tlstap.APPLICATION_DATA])
        self.assert_quiet(peer)
        self.assertEqual(len(peer.socket.records), before + 2)

    def test_what_waits_for_a_window_leaves_in_one_data_frame_and_one_record(self):
        """The neighbour tells when the lines are with the connection: the worker delivers to both
        in the same turn."""
        peer = self.tapped(0)
        stream = peer.request("GET", "/v1/events", bearer(self.token))
        neighbour = peer.request("GET", "/v1/events", bearer(self.token))
        peer.send(window_update(neighbour, 1 << 24))
        peer.head(stream)
        peer.head(neighbour)
        self.say_many("waits")
        text = b""
        while b'"waits29."' not in text:
            text += peer.data(neighbour)[0]
        self.assert_quiet(peer)
        before = len(peer.socket.records)
        peer.send(window_update(stream, 1 << 24))
        self.assert_one_frame(peer, stream, "waits", before)

    def test_what_was_missed_leaves_in_one_data_frame_and_one_record(self):
        """The head of the answer with it."""
        stream = self.events()
        cursor = re.search(rb"id: (\S+)", self.read_through(stream, '"hello"')).group(1).decode()
        self.say_many("missed")
        peer = self.tapped(65535)
        before = len(peer.socket.records)
        stream = peer.request("GET", "/v1/events?after=" + cursor, bearer(self.token))
        self.assertEqual(peer.head(stream)[0], 200)
        self.assert_one_frame(peer, stream, "missed", before)

    def test_who_takes_each_frame_with_two_window_updates_is_no_flood(self):
        """Even late and all at once, as one does who was away for a while."""
        stream = self.events()
        self.peer.send(window_update(stream, 1 << 24))
        writer = Connection(self.port)
        writer.send(window_update(0, 1 << 24))
        for n in range(700):
            self.say("w%d." % n, "each-%d" % n, writer)
        frames, text = 0, b""
        while b'"w699."' not in text:
            text += self.peer.data(stream)[0]
            frames += 1
        self.assertGreater(frames, 550)
        self.peer.send((window_update(0, 1) + window_update(stream, 1)) * frames)
        self.assertTrue(self.peer.works())

    def test_a_long_answer_comes_whole_through_a_small_window(self):
        for n in range(60):
            self.say("L" * 4000, "long-%d" % n)
        peer = Connection(self.port, h2frames.PREFACE + settings((4, 1000)))
        status, fields, body = peer.ask("GET", "/v1/history?room=%23lobby&limit=200",
                                        bearer(self.token))
        self.assertEqual((status, len(body)), (200, int(fields["content-length"])))
        self.assertGreaterEqual(body.count(b"L" * 4000), 60)

    def test_ws_goes_on_over_http_1_1(self):
        stream = WebSocket(self.port, self.token)
        self.say("to ws", "to-ws")
        while stream.read().get("text") != "to ws":
            pass


class Life(OwnServerTest):
    def test_a_drain_says_bye_goaway_twice_and_ends(self):
        server = self.start(workers=1)
        token = login(server.port, "ann")
        peer = Connection(server.port)
        stream = peer.request("GET", "/v1/events", bearer(token))
        peer.head(stream)
        peer.data(stream)
        idle = Connection(server.port)
        self.assertTrue(idle.works())
        server.signal(signal.SIGTERM)
        text, over = b"", False
        while not over:
            data, over = peer.data(stream)
            text += data
        self.assertIn(b'"bye"', text)
        for each, last in ((peer, stream), (idle, 1)):
            self.assertEqual(each.ended(), NO_ERROR)
            told = [f.last_stream for f in each.kept if f.type == GOAWAY]
            self.assertEqual(told, [0x7fffffff, last])
        self.assertEqual(server.wait(), 0)

    def test_a_held_poll_is_answered_in_a_drain(self):
        server = self.start(workers=1)
        token = login(server.port, "ann")
        peer = Connection(server.port)
        stream = peer.request("GET", "/v1/poll?wait=50", bearer(token))
        peer.answer(stream)
        stream = peer.request("GET", "/v1/poll?after=0&wait=0", bearer(token))
        cursor = json.loads(peer.answer(stream)[2])["cursor"]
        stream = peer.request("GET", "/v1/poll?wait=50&after=" + cursor, bearer(token))
        self.assertTrue(peer.works())
        server.signal(signal.SIGTERM)
        status, _, body = peer.answer(stream)
        self.assertEqual((status, json.loads(body)["events"][-1]["type"]), (200, "bye"))
        self.assertEqual(server.wait(), 0)

    def test_connections_are_counted_by_address(self):
        server = self.start("--connections-per-address=3", workers=1)
        held = [Connection(server.port) for _ in range(3)]
        for peer in held:
            self.assertTrue(peer.works())
        with self.assertRaises((ConnectionError, ssl.SSLError, EOFError)):
            Connection(server.port).ask()
        held[0].close()

        def has_room():
            try:
                return Connection(server.port).works()
            except (ConnectionError, ssl.SSLError, EOFError):
                return False
        wait_until(has_room, what="room for another")

    def test_new_handshakes_get_the_new_certificate(self):
        server = self.start(workers=2)

        def served():
            stream = h2frames.connect(server.port)
            self.assertEqual(stream.selected_alpn_protocol(), "h2")
            with stream:
                return stream.getpeercert(True)

        before, held = served(), Connection(server.port)
        self.assertTrue(held.works())
        cert, key = (os.path.join(self.data_dir, name) for name in ("cert.pem", "key.pem"))
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
                        "ec_paramgen_curve:P-256", "-nodes", "-keyout", key, "-out", cert,
                        "-subj", "/CN=new", "-days", "2"], check=True, capture_output=True)
        server.signal(signal.SIGHUP)
        wait_until(lambda: served() != before, what="the new certificate")
        self.assertTrue(held.works())

    def test_tls_1_2_is_spoken_with_the_ciphers_that_h2_allows(self):
        server = self.start(workers=1)
        for ciphers, good in (("ECDHE-ECDSA-AES128-GCM-SHA256", True),
                              ("ECDHE-ECDSA-CHACHA20-POLY1305", True),
                              ("ECDHE-ECDSA-AES128-SHA256", False)):
            context = tls_context()
            context.maximum_version = ssl.TLSVersion.TLSv1_2
            context.set_ciphers(ciphers)
            context.set_alpn_protocols(["h2"])
            with self.subTest(ciphers=ciphers):
                with socket.create_connection(("127.0.0.1", server.port), 10) as plain:
                    if good:
                        stream = context.wrap_socket(plain, server_hostname="localhost")
                        self.assertEqual(stream.selected_alpn_protocol(), "h2")
                    else:
                        with self.assertRaises(ssl.SSLError):
                            context.wrap_socket(plain, server_hostname="localhost")


if __name__ == "__main__":
    unittest.main()
