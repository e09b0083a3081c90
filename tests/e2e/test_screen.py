"""The ncurses screen, row by row of what its users want of it: what is typed, and what must then be
on the screen."""

import re
import time
import unicodedata
import unittest

from rtscreen import MARKED, Peers, Screens
from rtserver import ServerTest, wait_until


def columns_of(character):
    """As tmux counts."""
    if unicodedata.combining(character) or character in "\u200d\ufe0f" or \
            unicodedata.category(character) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


class Typing(Screens, Peers, ServerTest):
    def test_d02_first_screen_says_how_it_is_connected(self):
        screen = self.screen("d02", "--transport=ws")
        self.assertEqual(screen.ask("alternate_on"), "1")
        screen.wait(r"^#lobby>")
        screen.wait(r"^ #lobby +\d+ member")
        screen.wait(r"^ F1 help")

    def test_d03_line_gets_its_mark_and_the_peer_sees_it_once(self):
        screen, peer = self.screen("d03"), self.peer("d03-peer")
        screen.say("hello")
        screen.wait(MARKED % ("hello", "✓"))
        event = peer.read_until(lambda e: e["type"] == "message")
        self.assertEqual((event["from"], event["text"]), ("d03", "hello"))
        peer.send({"type": "say", "id": "end", "room": "#lobby", "text": "end of d03"})
        seen = []
        peer.read_until(lambda e: seen.append(e) or e.get("text") == "end of d03")
        self.assertNotIn("hello", [event.get("text") for event in seen])

    def test_d07_what_is_typed_stays_with_its_window(self):
        screen = self.screen("d07", "--room=#d07")
        screen.type("half a li")
        screen.press("Left", "Left")
        screen.wait(r"^#d07> half a li$")
        screen.wait_for("cursor_x", "13")
        screen.press("M-1")
        screen.wait(r"^home>$")
        screen.press("M-/")
        screen.wait(r"^#d07> half a li$")
        screen.wait_for("cursor_x", "13")

    def test_d09_paste_of_lines_asks_first(self):
        screen, peer = self.screen("d09", "--room=#d09"), self.peer("d09-peer", "#d09")
        lines = ["line %d" % i for i in range(7)]
        question = (r"Paste 7 lines\? \[Enter\] one message  \[l\] 7 messages  \[e\] edit  "
                    r"\[Esc\] drop")

        screen.paste("\n".join(lines) + "\n")
        screen.wait(question)
        screen.press("Escape")
        screen.wait_gone("Paste 7 lines")
        screen.paste("\n".join(lines))
        screen.wait(question)
        screen.press("x")
        screen.press("Enter")
        event = peer.read_until("message")
        self.assertEqual(event["text"], "\n".join(lines))
        screen.wait_gone("Paste 7 lines")

        screen.paste("\n".join(lines))
        screen.wait(question)
        screen.press("l")
        self.assertEqual([peer.read_until("message")["text"] for _ in lines], lines)

        screen.paste("one line\n")
        screen.wait(r"^#d09> one line$")
        screen.press("C-u")
        screen.paste("a\nb")
        screen.wait(r"Paste 2 lines")
        screen.press("e")
        screen.wait(r"^#d09> a\n +⏎ b$")

    def test_d09_pasted_slash_is_said_and_not_obeyed(self):
        screen, peer = self.screen("d09-slash"), self.peer("d09-slashed")
        screen.paste("/quit\n/part")
        screen.wait("Paste 2 lines")
        screen.press("l")
        self.assertEqual(peer.read_until("message")["text"], "/quit")
        self.assertEqual(peer.read_until("message")["text"], "/part")

    def test_d10_paste_without_end_ends_by_itself(self):
        screen = self.bytes("d10")
        screen.wait(rb"#lobby>")
        screen.type(b"\033[200~")
        # Two seconds is what people waited before they lost patience with other clients.
        screen.type(b"pasted")
        screen.wait(rb"pasted")
        screen.type(b"x\r")
        screen.wait(rb"pastedx")

    def test_d10_mark_torn_apart_is_put_together(self):
        screen, peer = self.bytes("d10-torn"), self.peer("d10-peer")
        screen.wait(rb"#lobby>")
        for piece in (b"\033", b"[20", b"0~", b"torn\rapart", b"\033", b"[201~"):
            sent = time.monotonic()
            screen.type(piece)
            # Longer than an escape sequence is waited for, shorter than a mark is.
            wait_until(lambda: time.monotonic() - sent > 0.04)
        screen.wait(rb"Paste 2 lines")
        screen.type(b"\r")
        self.assertEqual(peer.read_until("message")["text"], "torn\napart")

    def test_d11_newlines_grow_the_input_up_to_five_rows(self):
        screen, peer = self.screen("d11"), self.peer("d11-peer")
        screen.type("one")
        screen.press("M-Enter")
        screen.type("two")
        screen.press("C-j")
        screen.type("three")
        screen.wait(r"^#lobby> one\n +⏎ two\n +⏎ three$")
        for word in ("four", "five", "six"):
            screen.press("C-j")
            screen.type(word)
        screen.wait(r"⏎ two\n.*⏎ three\n.*⏎ four\n.*⏎ five\n.*⏎ six\n")
        self.assertIsNone(screen.has(r"^#lobby> one"))
        screen.press("Enter")
        self.assertEqual(peer.read_until("message")["text"], "one\ntwo\nthree\nfour\nfive\nsix")
        screen.wait(r"^#lobby>$")

    def test_d13_what_hides_is_shown(self):
        screen, peer = self.screen("d13", "--room=#d13"), self.peer("d13-peer", "#d13")
        self.say_all(peer, ["a\u202egnp.exe", "b\u2066c", "d\u200be", "f\U000E0041g"], "#d13")
        screen.wait(r"│ a⟪RLO⟫gnp\.exe *$")
        screen.wait(r"│ b⟪LRI⟫c *$")
        screen.wait(r"│ d⟪ZWSP⟫e *$")
        screen.wait(r"│ f⟪\S+⟫g *$")
        coloured = next(line for line in screen.coloured().split("\n") if "gnp" in line)
        self.assertRegex(coloured, "\x1b\\[2m⟪RLO⟫\x1b\\[0m")

    def test_d14_borders_stand_in_one_column(self):
        screen = self.screen("d14", "--room=#d14", columns=120, rows=40)
        peer = self.peer("d14-peer", "#d14")
        words = ["👨‍👩‍👧‍👦 family", "❤️ heart", "🇩🇪 flag", "👍🏽 thumb", "日本 land", "é e", "🫨 shaking",
                 "क्षि ksi", "🏳️‍🌈 rainbow", "1️⃣ one", "x" + "\u0301" * 9]
        self.say_all(peer, words + ["日本語テスト👨‍👩‍👧‍👦🇩🇪" * 12, "end of it"], "#d14")
        screen.wait("end of it")
        screen.wait(r"U\+1FAE8")
        screen.press("C-l")
        screen.wait("end of it")

        # tmux tells each cell: a border is there, whatever stands before it.
        left, right = 18, 120 - 17
        for row in range(2, 36):
            for column in (left, right):
                with self.subTest(row=row, column=column):
                    self.assertEqual(self.cell(screen, row, column), "│")

    @staticmethod
    def cell(screen, row, column):
        """What stands in one cell: the text to its end less the text behind it."""
        line = screen.lines()[row]
        width = 0
        for character in line:
            if width == column:
                return character
            width += columns_of(character)
        return ""

    def test_d15_every_size_is_survived(self):
        screen, peer = self.screen("d15", "--room=#d15"), self.peer("d15-peer", "#d15")
        self.say_all(peer, ["number %d" % i for i in range(40)], "#d15")
        screen.wait("number 39")
        screen.type("draft")
        screen.wait(r"^#d15> draft")
        for size in ((40, 10), (10, 3), (1, 1), (3, 50), (200, 2), (80, 24)):
            screen.resize(*size)
        screen.wait(r"number 39 *\n ●ws")
        screen.wait(r"^#d15> draft$")
        self.assertEqual(len(screen.lines()), 24)

        screen.resize(40, 10)
        screen.wait(r"number 39 *\n ●ws")
        screen.wait(r"\A #d15")
        screen.resize(19, 5)
        screen.wait(r"number 39 *\n#d15> draft\Z|number 39 *\n#d15> draft\n\Z")
        self.assertEqual(len([line for line in screen.lines() if line]), 2)
        screen.resize(1, 1)
        screen.press("C-u")
        screen.say("still here")
        self.assertEqual(peer.read_until(lambda e: e.get("from") == "d15" and "text" in e)["text"],
                         "still here")

    def test_d16_tab_completes_names(self):
        screen = self.screen("d16", "--room=#d16")
        alice, alina = self.peer("alice", "#d16"), self.peer("alina", "#d16")
        alina.say("first", "#d16")
        alice.say("second", "#d16")
        screen.wait("second")
        screen.type("ali")
        screen.press("Tab")
        screen.wait(r"^#d16> alice: *$")
        screen.press("Tab")
        screen.wait(r"^#d16> alina: *$")
        screen.press("BTab")
        screen.wait(r"^#d16> alice: *$")
        screen.press("C-u")
        screen.type("hi ali")
        screen.press("Tab")
        screen.type("!")
        screen.wait(r"^#d16> hi alice !$")

    def test_d17_wrong_command_says_what_was_meant(self):
        screen = self.screen("d17")
        screen.say("/jion #x")
        screen.wait(r"unknown command /jion — did you mean /join\?")
        screen.wait(r"^#lobby> /jion #x$")

    def test_d19_news_elsewhere_are_told(self):
        screen = self.screen("d19", "--room=#d19", "--room=#ops")
        peer = self.peer("d19-peer", "#ops")
        screen.press("M-2")
        screen.wait(r"^#d19>|^#ops>|^#lobby>")
        screen.say("/window #d19")
        screen.wait(r"^#d19>")
        self.say_all(peer, ["one", "two", "three", "four"], "#ops")
        number = screen.wait(r"(\d+):#ops\(4\)").group(1)
        self.assertEqual(screen.ask("window_bell_flag"), "0")
        screen.wait_for("pane_title", r"^rtchat #d19$")

        # A bell is told of a window that nobody looks at.
        self.tmux.run("new-window", "-d", "-t", screen.name, "sleep 100")
        self.tmux.run("select-window", "-t", screen.name + ":+1")
        peer.say("d19: look", "#ops")
        wait_until(lambda: "1" in self.tmux.run("list-windows", "-t", screen.name, "-F",
                                                "#{window_bell_flag}"))
        self.tmux.run("select-window", "-t", screen.name + ":0")
        screen.wait(r"%s:#ops\(5!\)" % number)
        screen.wait_for("pane_title", r"^rtchat #d19 \(\+1!\)$")
        screen.press("M-a")
        screen.wait(r"^#ops>")
        screen.wait_for("pane_title", r"^rtchat #ops$")

    def test_d20_news_begin_behind_a_rule(self):
        screen = self.screen("d20", "--room=#d20")
        peer = self.peer("d20-peer", "#d20")
        self.say_all(peer, ["seen %d" % i for i in range(30)], "#d20")
        screen.wait("seen 29")
        screen.press("M-1")
        screen.wait(r"^home>")
        self.say_all(peer, ["news %d" % i for i in range(3)], "#d20")
        screen.wait(r"#d20\(3\)")
        screen.press("M-/")
        screen.wait(r"^- - .*- 3 new messages - .*\n.*news 0 *\n.*news 1 *\n.*news 2 *$")

        screen.press("M-1")
        screen.wait(r"^home>")
        self.say_all(peer, ["flood %d" % i for i in range(60)], "#d20")
        screen.wait(r"#d20\(60\)")
        screen.press("M-/")
        screen.wait("flood 59")
        self.assertIsNone(screen.has("60 new messages"))
        screen.press("M-u")
        screen.wait(r"\A.*\n- - .* 60 new messages .*\n.*flood 0 *$")

    def test_d21_scrolled_view_stays_and_keeps_the_newest_below(self):
        screen = self.screen("d21", "--room=#d21")
        peer = self.peer("d21-peer", "#d21")
        self.say_all(peer, ["row %03d." % i for i in range(100)], "#d21")
        screen.wait(r"row 099\.")
        screen.press("PPage", "PPage", "PPage")
        more = screen.wait(r"^─+ ↓ (\d+) more ─+$((?:\n.*row 09\d\. *){5})\n ●ws")
        self.assertEqual(re.findall(r"row (\d+)", more.group(2)), ["095", "096", "097", "098", "099"])
        upper = screen.text().split("more")[0]
        last = int(re.findall(r"row (\d+)", upper)[-1])
        self.assertEqual(int(more.group(1)), 99 - last)

        self.say_all(peer, ["fresh %d" % i for i in range(4)], "#d21")
        screen.wait(r"↓ %d more[^↓]*fresh 3" % (99 - last + 4))
        self.assertEqual(re.findall(r"row (\d+)", screen.text().split("more")[0]),
                         re.findall(r"row (\d+)", upper))
        screen.press("Escape")
        screen.wait_gone("↓")
        screen.wait(r"fresh 3 *\n ●ws")
        screen.press("PPage")
        screen.wait("↓")
        screen.press("End")
        screen.wait_gone("↓")

    def test_d21_older_lines_come_from_the_server(self):
        peer = self.peer("d21-old", "#d21-old")
        self.say_all(peer, ["old %03d." % i for i in range(150)], "#d21-old")
        screen = self.screen("d21-reader", "--room=#d21-old")
        screen.wait(r"old 149\.")
        for _ in range(40):
            screen.press("PPage")
            if screen.has(r"old 000\."):
                break
        screen.press("M-Home")
        wait_until(lambda: screen.press("M-Home") or screen.has(r"old 000\."))

    def test_d23_days_are_told_apart(self):
        screen = self.screen("d23", "--room=#d23", environment={"TZ": "UTC"})
        screen.say("today")
        now = time.gmtime()
        screen.wait(r"^─+ %s %d %s %d ─+$" % (time.strftime("%a", now), now.tm_mday,
                                              time.strftime("%b", now), now.tm_year))

    def test_d26_ways_to_leave(self):
        for name, leave in (("quit", lambda s: s.say("/quit")),
                            ("interrupt", lambda s: (s.press("C-c"), s.wait("once more"),
                                                     s.press("C-c"))),
                            ("end", lambda s: s.press("C-d"))):
            with self.subTest(name):
                screen = self.screen("d26-" + name)
                leave(screen)
                screen.wait("^code=0=$")
                self.assert_clean(screen)

    def assert_clean(self, screen):
        screen.wait(r"[^-]echo\b")
        for wanted in (r"(^|[^-])\bicanon\b", r"(^|[^-])\bisig\b", r"(^|[^-])\becho\b"):
            self.assertIsNotNone(screen.has(wanted), screen.text())
        self.assertEqual(screen.ask("alternate_on"), "0")
        self.assertEqual(screen.ask("cursor_flag"), "1")

    def test_d26_one_interrupt_empties_the_input(self):
        screen = self.screen("d26-once")
        screen.type("never mind")
        screen.press("C-c")
        screen.wait(r"^#lobby>$")
        screen.wait("Ctrl-c twice quits")
        screen.type("go on")
        screen.wait(r"^#lobby> go on$")
        screen.press("C-d")
        screen.wait(r"^#lobby> go on$")

    def test_d27_help_lists_every_key_and_command(self):
        screen = self.screen("d27", rows=60)
        for open_it in (lambda: screen.press("F1"), lambda: screen.say("/help")):
            open_it()
            screen.wait("─ Help ─")
            seen = set()
            while "Any unique beginning" not in screen.text():
                seen.update(screen.lines())
                screen.press("Down")
            text = "\n".join(seen) + screen.text()
            for wanted in ("Alt-a", "Ctrl-j", "PgUp", "F8", "/join", "/quit", "/topic"):
                self.assertIn(wanted, text)
            screen.press("Escape")
            screen.wait_gone("─ Help ─")
        screen.say("/help join")
        screen.wait("/join ROOM")
        screen.press("Escape")
        screen.wait_gone("Esc closes")


if __name__ == "__main__":
    unittest.main()
