"""The transport panel (F2): what the way to the server costs, live, at every size of the screen."""

import os
import re
import time
import unittest

from rtscreen import MARKED, Peers, Screens
from rtserver import ServerTest, wait_until
from test_screen import columns_of


def width_of(line):
    return sum(columns_of(character) for character in line)


class Typing(Screens, Peers, ServerTest):
    def test_who_types_is_shown_until_it_is_said(self):
        for transport in ("ws", "longpoll"):
            with self.subTest(transport=transport):
                room = "#typing-" + transport
                reader = self.screen("reads-" + transport, "--room=" + room)
                writer = self.screen("types-" + transport, "--room=" + room,
                                     "--transport=" + transport, live=False)
                writer.wait(r"^ ●%s( |$)" % transport)
                reader.wait("types-%s joined" % transport)
                writer.type("a")
                reader.wait(r"^ ●ws .*types-%s is typing…" % transport)
                writer.type(" line")
                writer.press("Enter")
                writer.wait(MARKED % ("a line", "✓"))
                reader.wait("a line")
                reader.wait_gone("is typing")

    def test_nobody_is_told_who_wants_it_not(self):
        reader = self.screen("quiet-r", "--room=#quiet")
        writer = self.screen("quiet-w", "--room=#quiet", "--typing=no")
        other = self.screen("quiet-o", "--room=#quiet")
        reader.wait("quiet-o joined")
        writer.type("hidden")
        writer.wait("> hidden")
        other.type("seen")
        reader.wait("quiet-o is typing")
        self.assertIsNone(reader.has("quiet-w is typing|are typing"))


class Panel(Screens, Peers, ServerTest):
    def test_d28_f2_shows_and_hides_it(self):
        screen = self.screen("p28", "--transport=ws")
        screen.wait(r"^ F1 help  F2 transport ")
        screen.press("F2")
        screen.wait(r"^─ Transport ─+ F2 hide *$")
        screen.wait(r"^ ● ws  HTTP/1\.1 · TLS 1\.\d · up \d+:\d\d *$")
        screen.wait(r"^ reconnects 0 · recovered 0 · gaps 0 · repeats 0 *$")
        screen.wait(r"^ +now +p50 +p95 +max  last 60 s *$")
        screen.wait(r"^ requests \d+ \(0 poll \+ 0 send, 0 empty\) · TCP 2 · TLS 2 full \+ 0 resumed")
        screen.wait(r"^ 0 msgs: ws \S+ measured · sse \S+ est · longpoll \S+ est · poll \S+ est *$")
        screen.wait(r"^#lobby>")
        screen.press("F2")
        screen.wait_gone("Transport ─")
        screen.wait(r"^ ●ws RTT")

    def test_d28_figures_move_with_what_is_said(self):
        screen, peer = self.screen("p29", "--room=#p29"), self.peer("p29-peer", "#p29")
        screen.press("F2")
        screen.wait(r"^ push lag ± +– +– +– +–")
        screen.say("twelve bytes")
        screen.wait(r"^ send→ack +[\d.]+m?s +[\d.]+m?s +[\d.]+m?s +[\d.]+m?s +[▁▂▃▄▅▆▇█]")
        screen.wait(r"^ push lag ± +[\d.]+m?s ")
        screen.wait(r"^ 2 msgs: ws ")
        screen.wait(r"^ ↑ payload \d[\d ]* B · on the wire \d[\d ]* B · overhead \d[\d ]* B/msg")
        peer.say("and another", "#p29")
        screen.wait(r"^ 3 msgs: ws ")
        first = screen.wait(r" · up (\d+:\d\d)").group(1)
        wait_until(lambda: not screen.has(r" · up %s" % first))

    def test_d28_at_120_columns_both_halves_stand_beside_each_other(self):
        screen = self.screen("p30", "--transport=longpoll", columns=120, rows=40, live=False)
        screen.press("F2")
        screen.wait(r"^─ Transport ─+┴─+┴─+ F2 hide *$")
        screen.wait(r"^ ● longpoll  HTTP/\S+ · TLS 1\.\d · up \S+ · poll held \d\d/\d+ s +"
                    r"reconnects 0 · recovered 0 · gaps 0 · repeats 0 *$")
        screen.wait(r"^ +now +p50 +p95 +max  last 60 s +↑ up +↓ down *$")
        screen.wait(r"^ send→ack .* payload +[\d ]+ B +[\d ]+ B *$")
        screen.wait(r"^ push lag ± .* on the wire +[\d ]+ B +[\d ]+ B *$")
        screen.wait(r"^ requests .* resumed +overhead ")
        screen.wait(r"^ overhead of the same 0 msgs: ws \S+ \(est\) · sse \S+ \(est\) · "
                    r"longpoll \S+ \(measured\) · poll \S+ \(est\) *$")
        top = next(i for i, line in enumerate(screen.lines()) if "Transport" in line)
        for line in screen.lines()[top:top + 8]:
            self.assertLessEqual(width_of(line), 120)
        self.assertRegex(screen.lines()[top + 7], r"^─{120}$")

    def test_d28_it_falls_away_where_there_is_no_room(self):
        screen = self.screen("p31")
        screen.press("F2")
        screen.wait("Transport ─")
        screen.resize(80, 15)
        screen.wait_gone("Transport ─")
        screen.wait(r"^#lobby>")
        screen.resize(30, 24)
        screen.wait("Transport ─")
        self.assertTrue(all(width_of(line) <= 30 for line in screen.lines()))
        screen.resize(80, 24)
        screen.wait(r"^─ Transport ─+ F2 hide *$")
        low = self.screen("p35", rows=15)
        low.press("F2")
        low.wait("too low for the panel")

    def test_d28_in_ascii_it_is_ascii(self):
        screen = self.screen("p32", "--ascii", "--room=#p32", live=False)
        screen.wait(r"^ \*ws RTT")
        screen.press("F2")
        screen.say("hello")
        screen.wait(r"^- Transport -+ F2 hide *$")
        screen.wait(r"^ send->ack +[\d.]+m?s .* [_.:=+*#-] *$")
        top = next(i for i, line in enumerate(screen.lines()) if "Transport" in line)
        self.assertTrue("\n".join(screen.lines()[top:]).isascii())

    def test_an_open_panel_costs_next_to_nothing(self):
        screen = self.screen("p33")
        screen.press("F2")
        screen.wait("Transport ─")

        def spent():
            with open("/proc/%d/stat" % screen.pid) as stat:
                fields = stat.read().rsplit(")", 1)[1].split()
            return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

        before, began = spent(), time.monotonic()
        first = int(re.sub(r"\D", "", screen.wait(r" · up (\d+:\d\d)").group(1)))
        wait_until(lambda: int(re.sub(r"\D", "", screen.wait(r" · up (\d+:\d\d)").group(1))) >=
                   first + 4)
        self.assertLess(spent() - before, 0.1 * (time.monotonic() - began))

    def test_stats_are_a_command_too(self):
        screen = self.screen("p34")
        screen.say("hello")
        screen.say("/stats")
        screen.wait(r"What the connection has cost")
        screen.wait(r"messages +1 +1 *$")
        screen.press("Escape")
        screen.wait_gone("What the connection has cost")


if __name__ == "__main__":
    unittest.main()
