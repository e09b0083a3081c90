"""How long a change of transport takes, and how soon after a cut the first missed event is there: the
real client and server, with a line between them that adds a round trip.

    changes.py --server rtchat-server --client rtchat-client [--rtt MS] [--rounds N]

A change is from the command to "switched", when the new transport has proved itself; the longest
pause is between two events while it goes on, at one event in 20 ms. A recovery is from the moment in
which the client has sent the last of its TLS handshake to the first event that it had missed. Each
figure is the median of the rounds. Where a change needs a new connection, TCP and TLS take a round
trip each, which no transport can spare: they are shown beside it and not counted.
"""

import argparse
import json
import os
import statistics
import sys
import tempfile
import threading
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "..", "tests", "support"))

import badproxy  # noqa: E402
import rtclient  # noqa: E402
import rtserver  # noqa: E402
from badproxy_connection import Connection  # noqa: E402
from wsclient import WebSocket, login  # noqa: E402

ROWS = [("ws", "1.1"), ("sse", "1.1"), ("sse", "2"), ("longpoll", "1.1"), ("longpoll", "2"),
        ("poll", "1.1"), ("poll", "2")]
EVENT_S = 0.02
SWITCH_RTTS, RECOVERY_RTTS = 2, 1
OWN_MS = 100        # what the programs may take beside the round trips
CONNECTION_RTTS = 2
PATIENCE_S = 40
CHANGE_CIPHER, APPLICATION = 0x14, 0x17


class Line(Connection):
    """A connection to the upstream, byte for byte, whose handshakes are seen."""

    handshakes = []  # when the client had sent the last of each, monotonic
    opened = []      # when each connection was taken

    async def serve(self):
        exchange, _ = self._plan(b"CONNECT upstream HTTP/1.1\r\nHost: upstream\r\n\r\n")
        await self._push(exchange)
        self.upstream = await self.proxy.connect_target("localhost:1")
        self.upstream.on_bytes = self._touched
        self._open_raw(exchange)
        await self._join(self._pass_up(exchange),
                         self._pass_raw(self.upstream, self.client, exchange, "down"),
                         lambda: False)

    async def _pass_up(self, exchange):
        """As the other way, with an eye on the types of the first records (RFC 8446 section 5.1)."""
        took = self._loop.time()
        seen, left, at = b"", 0, None
        while await self.client.more_or_held():
            data = self.client.take(65536)
            if at is None:
                seen += data
                while len(seen) >= 5 and at is None:
                    if seen[0] in (CHANGE_CIPHER, APPLICATION):
                        at = self._loop.time() - self.proxy.weather.delay_s
                        Line.handshakes.append(at)
                    left = 5 + int.from_bytes(seen[3:5], "big")
                    if len(seen) < left:
                        break
                    seen = seen[left:]
            await self.upstream.send(data)
        self.upstream.send_eof(self.client.ragged)
        Line.opened.append(took)


badproxy.Tunnel = Line


class Reader:
    """A client whose lines have the time at which they came."""

    def __init__(self, home, name, port, fingerprint, transport, http):
        self.client = rtclient.Client(home, name)
        self.events, self.notes = [], []
        self.changed = threading.Condition()
        self.running = self.client.start(
            "--json", "--follow", "--transport=" + transport, "--http=" + http,
            "--poll-interval=0.1", "--fingerprint=" + fingerprint, "https://localhost:%d" % port)
        self._watch(self.running.out, self.events)
        self._watch(self.running.err, self.notes)

    def _watch(self, stream, into):
        def run():
            count = 0
            while True:
                with stream.changed:
                    stream.changed.wait_for(lambda: len(stream.lines) > count or stream.ended)
                    now, lines, ended = time.monotonic(), stream.lines[count:], stream.ended
                count += len(lines)
                with self.changed:
                    into.extend((now, line) for line in lines)
                    self.changed.notify_all()
                if ended and not lines:
                    return
        threading.Thread(target=run, daemon=True).start()

    def wait(self, into, is_it, start=0):
        """(time, line) of the first from there on."""
        def found():
            return next((pair for pair in into[start:] if is_it(pair[1])), None)

        with self.changed:
            if not self.changed.wait_for(found, PATIENCE_S):
                raise AssertionError("nothing came; %r" % self.notes[-5:])
            return found()

    def texts(self, start=0):
        got = []
        for at, line in list(self.events[start:]):
            event = json.loads(line)
            if event["type"] == "message":
                got.append((at, event["seq"]))
        return got

    def switch(self, way):
        """(seconds until it has switched, longest pause of the events meanwhile)"""
        notes, events, began = len(self.notes), len(self.events), time.monotonic()
        self.running.say(json.dumps({"type": "transport", "to": way}) + "\n")
        at, line = self.wait(self.notes, lambda line: line.startswith(("switched", way)), notes)
        if not line.startswith("switched"):
            raise AssertionError(line)
        time.sleep(0.3)
        times = [began] + [when for when, _ in self.texts(events) if when < at + 0.25]
        return at - began, max(b - a for a, b in zip(times, times[1:] + [at]))


class Writer(threading.Thread):
    """One event in 20 ms, straight to the server."""

    def __init__(self, port):
        super().__init__(daemon=True)
        self.stream = WebSocket(port, login(port, "writer"))
        self.stream.read_until("hello")
        self.over = False

    def run(self):
        number = 0
        while not self.over:
            number += 1
            self.stream.send({"type": "say", "id": "w%d" % number, "room": "#lobby", "text": "x"})
            if number % 20 == 0:
                last = "w%d" % number
                self.stream.read_until(lambda e: e["type"] == "receipt" and e["id"] == last, 30)
            time.sleep(EVENT_S)


def median_ms(values):
    return statistics.median(values) * 1000


def measure(rig, way, http):
    """{figure: ms} of one row."""
    base = "sse" if way != "sse" else "ws"
    reader = Reader(os.path.join(rig.directory, way + http), way + http.replace(".", ""),
                    rig.proxy.port, rig.fingerprint, base, http)
    reader.wait(reader.events, lambda line: '"message"' in line)
    time.sleep(6 * rig.rtt_s)  # its first ping may open a connection
    switches, pauses, opened, recoveries = [], [], [], []
    for _ in range(rig.rounds):
        before = len(Line.handshakes)
        took, pause = reader.switch(way)
        switches.append(took)
        pauses.append(pause)
        opened.append(len(Line.handshakes) - before)
        recoveries.append(recover(rig, reader))
        reader.switch(base)
        time.sleep(6 * rig.rtt_s)
    seqs = [seq for _, seq in reader.texts()]
    reader.running.signal(15)
    reader.running.wait()
    reader.running.close()
    return {"switch": median_ms(switches), "pause": median_ms(pauses), "opened": max(opened),
            "recovery": median_ms(recoveries), "doubled": len(seqs) - len(set(seqs)),
            "lost": sum(b - a - 1 for a, b in zip(seqs, seqs[1:]))}


def recover(rig, reader):
    """From the first handshake after a cut to the first event after that."""
    time.sleep(0.3)
    rig.proxy.reset()
    cut, handshakes = time.monotonic(), len(Line.handshakes)
    deadline = cut + PATIENCE_S
    while len(Line.handshakes) == handshakes:
        if time.monotonic() > deadline:
            raise AssertionError("it did not come back: %r" % reader.notes[-5:])
        time.sleep(0.002)
    shaken = Line.handshakes[handshakes]
    while not any(at > shaken for at, _ in reader.texts(-200)):
        if time.monotonic() > deadline:
            raise AssertionError("no event came: %r" % reader.notes[-5:])
        time.sleep(0.002)
    first = next(at for at, _ in reader.texts(-200) if at > shaken)
    time.sleep(0.5)
    return first - shaken


class Rig:
    def __init__(self, options, directory):
        self.rounds, self.rtt_s, self.directory = options.rounds, options.rtt / 1000, directory
        self.server = rtserver.Server(os.path.join(directory, "server"), "--rate=0", "--burst=0",
                                      "--store=memory:", workers=1)
        self.fingerprint = rtclient.fingerprint_of(self.server)
        self.proxy = badproxy.BadProxy(self.server.port, connect=True,
                                       faults=["delay=%d" % options.rtt]).start()
        self.writer = Writer(self.server.port)
        self.writer.start()

    def close(self):
        self.writer.over = True
        self.writer.join()
        self.proxy.stop()
        self.server.stop()
        self.server.close()


def verdict(value, bound):
    return "%s: at most %d" % ("good  " if value <= bound else "MISSED", bound)


def show(way, http, figures, rtt):
    new = CONNECTION_RTTS * rtt if figures["opened"] else 0
    print("  %-23s change %5.0f ms%-26s %s" % (
        "%s over HTTP/%s" % (way, http), figures["switch"],
        ", %d for a connection" % new if new else "",
        verdict(figures["switch"] - new, SWITCH_RTTS * rtt + OWN_MS)))
    print("  %-23s longest pause %4.0f ms, lost %d, doubled %d      %s" % (
        "", figures["pause"], figures["lost"], figures["doubled"],
        verdict(figures["lost"] + figures["doubled"], 0)))
    print("  %-23s recovery %4.0f ms behind the handshake     %s" % (
        "", figures["recovery"], verdict(figures["recovery"], RECOVERY_RTTS * rtt + OWN_MS)),
          flush=True)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--server", required=True)
    parser.add_argument("--client", required=True)
    parser.add_argument("--rtt", type=int, default=100)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    rtserver.PROGRAM, rtclient.PROGRAM = options.server, options.client
    print("changes: round trip %d ms" % options.rtt)
    with tempfile.TemporaryDirectory(prefix="rtchat-changes-") as directory:
        rig = Rig(options, directory)
        try:
            for way, http in ROWS:
                show(way, http, measure(rig, way, http), options.rtt)
        finally:
            rig.close()


if __name__ == "__main__":
    main()
