"""What the client says that its connection has cost, against a packet capture of the same."""

import json
import os
import socket
import struct
import tempfile
import threading
import unittest

from rtclient import Client
from rtserver import OwnServerTest

ETH_P_ALL = 3
TRANSPORTS = ("ws", "sse", "longpoll", "poll")
LINES = 20


class Capture:
    """Counts the IP bytes to and from a TCP port on loopback."""

    def __init__(self, port):
        self.port = port
        self.up = self.down = 0
        self.socket = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ETH_P_ALL))
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 8 << 20)
        self.socket.bind(("lo", 0))
        self.socket.settimeout(0.5)
        self.is_over = False
        self.thread = threading.Thread(target=self._read, daemon=True)
        self.thread.start()

    def _read(self):
        while True:
            try:
                data, address = self.socket.recvfrom(1 << 17)
            except TimeoutError:
                if self.is_over:
                    return
                continue
            if address[2] != socket.PACKET_OUTGOING:  # on loopback each comes in again
                self._count(data[14:])

    def _count(self, packet):
        if not packet or packet[0] >> 4 != 4 or packet[9] != socket.IPPROTO_TCP:
            return
        head = (packet[0] & 15) * 4
        length = struct.unpack("!H", packet[2:4])[0] or len(packet)
        source, destination = struct.unpack("!HH", packet[head:head + 4])
        if destination == self.port:
            self.up += length
        elif source == self.port:
            self.down += length

    def end(self):
        """(up, down), when nothing has come for half a second."""
        self.is_over = True
        self.thread.join()
        self.socket.close()
        return self.up, self.down


def can_capture():
    try:
        socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ETH_P_ALL)).close()
    except (AttributeError, PermissionError, OSError):
        return False
    return True


class Stats(OwnServerTest):
    def setUp(self):
        super().setUp()
        self.directory = tempfile.TemporaryDirectory()
        self.addCleanup(self.directory.cleanup)
        self.server = self.start()

    def run_client(self, user, *options, lines=LINES):
        """The statistics of a client that said so many lines and saw them come back."""
        client = Client(os.path.join(self.directory.name, user), user, self.server)
        said = "".join(json.dumps({"type": "say", "id": "%s-%d" % (user, i), "room": "#lobby",
                                   "text": "line %d of some length" % i}) + "\n"
                       for i in range(lines))
        code, _, errors = client.run(said, "--json", "--stats", "--poll-interval=0.2", *options)
        self.assertEqual(code, 0, errors)
        return json.loads(next(line for line in errors if line.startswith('{"type":"stats"')))

    def check(self, stats):
        text = sum(len("line %d of some length" % i) for i in range(LINES))
        for way in ("up", "down"):
            self.assertEqual(stats[way]["messages"], LINES)
            self.assertEqual(stats[way]["text"], text)
            self.assertEqual(stats[way]["wire"], sum(stats[way][layer] for layer in (
                "text", "json", "framing", "tls", "tcpip")))
        self.assertEqual(stats["receipt"]["count"], LINES)
        self.assertEqual(stats["lag"]["count"], LINES)
        self.assertEqual((stats["reconnects"], stats["gaps"], stats["repeats"]), (0, 0, 0))

    def test_every_transport_tells_what_it_cost(self):
        for transport in TRANSPORTS:
            for http in ("1.1", "2"):
                if transport == "ws" and http == "2":
                    continue
                with self.subTest(transport=transport, http=http):
                    user = "t-%s-%s" % (transport, http[0])
                    stats = self.run_client(user, "--transport=" + transport, "--http=" + http)
                    self.check(stats)
                    self.assertEqual(stats["transport"], transport)
                    self.assertEqual(stats["http"], http)
                    self.assertEqual(stats["polls"] > 0, transport in ("longpoll", "poll"))
                    self.assertEqual(stats["posts"] > 0, transport != "ws")
                    if http == "2":
                        self.assertEqual(stats["connections"], 1)

    @unittest.skipUnless(can_capture(), "a packet capture wants the right to it (CAP_NET_RAW)")
    def test_the_sum_is_what_a_capture_shows(self):
        for transport in TRANSPORTS:
            for http in ("1.1", "2"):
                with self.subTest(transport=transport, http=http):
                    capture = Capture(self.server.port)
                    stats = self.run_client("c-%s-%s" % (transport, http[0]),
                                            "--transport=" + transport, "--http=" + http)
                    up, down = capture.end()
                    for way, captured in (("up", up), ("down", down)):
                        told = stats[way]["wire"]
                        self.assertLess(abs(told - captured) / captured, 0.05,
                                        "%s: told %d, captured %d: %r" % (way, told, captured, stats))

    def test_a_table_is_for_people(self):
        client = Client(os.path.join(self.directory.name, "ann"), "ann", self.server)
        code, _, errors = client.run("hello\n", "--stats")
        self.assertEqual(code, 0)
        table = "\n".join(errors)
        self.assertRegex(table, r"(?m)^ws, HTTP/1\.1, TLSv1\.\d$")
        self.assertRegex(table, r"(?m)^messages +1 +1$")
        self.assertRegex(table, r"(?m)^text +5 +5$")
        self.assertRegex(table, r"(?m)^on the wire +\d+ +\d+ bytes$")
        self.assertRegex(table, r"(?m)^send to ack +[\d.]+ +[\d.]+ +[\d.]+ +[\d.]+$")


if __name__ == "__main__":
    unittest.main()
