"""Each of badproxy's faults does what its row says."""

import time
import unittest

from proxytest import ProxyTest
from rawpeer import UPGRADE, WAIT_S, Peer, get, post


class Faults(ProxyTest):
    def test_ws_block_answers_itself(self):
        for status in (403, 400, 502, 200):
            with self.subTest(status):
                self.proxy.set("ws-block=%d" % status)
                peer = self.peer()
                answer = peer.ask(UPGRADE)
                self.assertEqual(answer[0], status)
                self.assertIn(b"<html>", answer[1])
                self.assertEqual(peer.ask(get("/plain"))[0], 200)
        self.assertEqual([path for _, path, _ in self.upstream.requests], ["/plain"] * 4)

    def test_ws_swallow_never_answers(self):
        self.proxy.set("ws-swallow")
        peer = self.peer()
        peer.send(UPGRADE)
        self.assertTrue(peer.is_quiet())
        peer.close()
        self.assertEqual(self.closing(), "closed")
        self.assertEqual(self.upstream.requests, [])

    def test_ws_strip_leaves_a_plain_get(self):
        self.proxy.set("ws-strip")
        self.assertEqual(self.peer().ask(UPGRADE), (200, b"plain\n"))
        self.assertNotIn("Upgrade", self.upstream.requests[0][2])
        self.assertEqual(self.upstream.requests[0][2]["Connection"], "keep-alive")

    def test_ws_kill_ms_cuts_it(self):
        self.proxy.set("ws-kill-ms=100")
        peer = self.open_ws()
        peer.send(b"hi")
        self.assertEqual(peer.take(2), b"hi")
        self.assertEqual(peer.rest(), (b"", "ragged"))
        self.assertEqual(self.closing(), "ws-kill-ms")
        self.assertGreaterEqual(self.proxy.records("close")[0]["ms"], 100)

    def test_ws_kill_bytes_passes_so_many(self):
        self.proxy.set("ws-kill-bytes=150")
        peer = self.open_ws()
        peer.send(b"a" * 100)
        self.assertEqual(peer.rest(), (b"a" * 50, "ragged"))

    def test_ws_silent_down_and_up(self):
        for way, reaches_server in (("down", True), ("up", False), ("both", False)):
            with self.subTest(way):
                self.proxy.set("ws-silent=" + way)
                peer = self.open_ws()
                peer.send(b"anybody")
                self.assertTrue(peer.is_quiet())
                record = [record for record in self.proxy.records(path="/v1/ws")
                          if record["ms"] is None][-1]
                self.assertEqual(record["up"], len(UPGRADE) + 7)
                peer.reset()

    def test_ws_silent_strikes_one_that_is_open(self):
        peer = self.open_ws()
        peer.send(b"one")
        self.assertEqual(peer.take(3), b"one")
        self.proxy.add("ws-silent=down")
        peer.send(b"two")
        self.assertTrue(peer.is_quiet())
        self.proxy.add("ws-kill-ms=0")
        self.assertEqual(peer.rest(), (b"", "ragged"))

    def test_buffer_holds_a_stream_until_it_ends(self):
        for fault, head_waits in (("buffer", True), ("buffer-body", False)):
            with self.subTest(fault):
                self.upstream.release.clear()
                self.proxy.set(fault + "@/stream")
                peer = self.peer()
                peer.send(get("/stream"))
                if not head_waits:
                    self.assertEqual(peer.head().status, 200)
                self.assertTrue(peer.is_quiet())
                self.upstream.release.set()
                if head_waits:
                    self.assertEqual(peer.head().status, 200)
                whole = b"9\r\ndata: 1\n\n\r\n9\r\ndata: 2\n\n\r\n0\r\n\r\n"
                self.assertEqual(peer.take(len(whole)), whole)

    def test_buffer_lets_go_at_so_many_bytes(self):
        self.proxy.set("buffer-body=14@/stream")
        peer = self.peer()
        peer.send(get("/stream"))
        peer.head()
        self.assertEqual(peer.take(14), b"9\r\ndata: 1\n\n\r\n")

    def test_cut_body_cuts_at_that_byte(self):
        for path, wanted in (("/bulk?1000", b"x" * 7), ("/stream", b"9\r\ndata: 1")):
            with self.subTest(path):
                self.proxy.set("cut-body=7@/bulk", "cut-body=7@/stream")
                peer = self.peer()
                peer.send(get(path))
                peer.head()
                self.assertEqual(peer.rest(), (wanted, "ragged"))
        self.assertFalse(self.proxy.wait(1, path="/bulk", whole=False)[0]["whole"])

    def test_a_body_that_is_shorter_is_not_cut(self):
        self.proxy.set("cut-body=6@/plain", "cut-body=7@/bulk")
        self.assertEqual(self.peer().ask(get("/plain")), (200, b"plain\n"))

    def test_post_hole_loses_the_request_or_its_answer(self):
        for way, seen in (("request", 0), ("answer", 1)):
            with self.subTest(way):
                self.proxy.set("post-hole=%s#1" % way)
                before = len(self.upstream.requests)
                peer = self.peer()
                peer.send(post("/v1/send", b"x" * 200000))
                self.assertTrue(peer.is_quiet())
                self.assertEqual(len(self.upstream.requests) - before, seen)
                other = self.peer()
                self.assertEqual(other.ask(post("/v1/login", b"x")), (200, b"x"))
                self.assertEqual(other.ask(post("/v1/send", b"again")), (200, b"again"))

    def test_post_error_answers_after_it_has_read(self):
        self.proxy.set("post-error")
        peer = self.peer()
        self.assertEqual(peer.ask(post("/v1/send", b"x" * 200000))[0], 502)
        self.assertEqual(peer.ask(get("/plain"))[0], 200)
        self.assertEqual(len(self.upstream.requests), 1)

    def test_answer_says_when_to_come_again(self):
        self.proxy.set("answer=503@/pl*")
        peer = self.peer()
        peer.send(get("/plain"))
        self.assertEqual(peer.head().get("retry-after"), "1")

    def test_idle_cut(self):
        self.proxy.set("idle-cut=150")
        peer = self.open_ws()
        began = time.monotonic()
        self.assertEqual(peer.rest(), (b"", "ragged"))
        self.assertGreater(time.monotonic() - began, 0.1)
        self.assertEqual(self.closing(), "idle-cut")

    def test_idle_cut_strikes_what_is_open_and_spares_what_talks(self):
        peer = self.open_ws()
        self.proxy.set("idle-cut=400")
        end = time.monotonic() + 0.8
        while time.monotonic() < end:
            peer.send(b"x")
            self.assertEqual(peer.take(1), b"x")
            time.sleep(0.02)  # a talk, not a wait
        self.assertEqual(peer.rest(), (b"", "ragged"))

    def test_a_delay_costs_a_round_trip_each(self):
        self.proxy.set("delay=120")
        began = time.monotonic()
        peer = self.peer()
        connected = time.monotonic()
        self.assertEqual(peer.ask(get("/plain"))[0], 200)
        answered = time.monotonic()
        self.assertGreater(connected - began, 0.23)  # TCP's and TLS's
        self.assertGreater(answered - connected, 0.115)
        self.assertEqual(peer.ask(get("/bulk?3000000")), (200, b"x" * 3000000))

    def test_a_rate_is_kept_both_ways(self):
        self.proxy.set("rate=50000")
        peer = self.peer()
        for ask in (get("/bulk?20000"), post("/v1/send", b"x" * 20000)):
            began = time.monotonic()
            self.assertEqual(peer.ask(ask), (200, b"x" * 20000))
            self.assertGreater(time.monotonic() - began, 0.35)
        self.proxy.clear()
        began = time.monotonic()
        peer.ask(get("/bulk?20000"))
        self.assertLess(time.monotonic() - began, 0.35)

    def test_reset_and_cut_at_a_word(self):
        for order, how in (("cut", "ragged"), ("reset", "reset")):
            with self.subTest(order):
                peer = self.open_ws()
                getattr(self.proxy, order)()
                self.assertEqual(peer.rest(), (b"", how))

    def test_reset_after_a_while(self):
        self.proxy.set("reset=150")
        peer = self.open_ws()
        self.assertEqual(peer.rest(), (b"", "reset"))

    def test_refuse_for_a_while_and_on_the_same_port(self):
        peer = self.open_ws()
        port = self.proxy.port
        self.proxy.add("refuse")
        with self.assertRaises(ConnectionRefusedError):
            Peer(port, self.ca.cert)
        peer.send(b"still")
        self.assertEqual(peer.take(5), b"still")
        self.proxy.set("refuse=200")
        with self.assertRaises(ConnectionRefusedError):
            Peer(port, self.ca.cert)
        deadline = time.monotonic() + WAIT_S
        while self.proxy.stats()["faults"] and time.monotonic() < deadline:
            time.sleep(0.01)
        self.assertEqual(self.proxy.port, port)
        self.assertEqual(self.peer().ask(get("/plain"))[0], 200)

    def test_hang_takes_a_connection_and_is_silent(self):
        self.proxy.set("hang")
        peer = self.peer(tls=False)
        peer.send(b"\x16\x03\x01")
        self.assertTrue(peer.is_quiet())
        self.assertEqual(self.proxy.count("handshake"), 0)

    def test_faults_combine(self):
        self.proxy.set("ws-block=403", "delay=60", "post-hole=answer#1", "buffer@/stream")
        peer = self.peer()
        began = time.monotonic()
        self.assertEqual(peer.ask(UPGRADE)[0], 403)
        self.assertGreater(time.monotonic() - began, 0.055)
        self.assertEqual(self.proxy.wait(1, status=403)[0]["faults"], ["ws-block"])

    def test_stopping_ends_whatever_is_open(self):
        self.proxy.set("post-hole")
        peers = [self.open_ws() for _ in range(3)] + [self.peer() for _ in range(3)]
        peers.append(self.peer(tls=False))
        peers[3].send(get("/held"))
        peers[4].send(post("/v1/send", b"x"))
        peers[5].send(get("/bulk?20000000"))
        self.proxy.wait(6)
        self.proxy.stop()
        for peer in peers[:5]:
            self.assertEqual(peer.rest()[1], "ragged")
        self.assertEqual(self.proxy.count("close"), 7)


class Fingerprint(ProxyTest):
    options = {"fingerprint": "00" * 32}

    def test_another_server_is_not_talked_to(self):
        self.assertEqual(self.peer().ask(get("/plain"))[0], 502)
        self.assertEqual(self.upstream.requests, [])


if __name__ == "__main__":
    unittest.main()
