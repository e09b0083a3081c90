"""The screen and its terminal: what it sends to poor ones, and how it leaves any."""

import os
import re
import signal
import unittest

from rtscreen import Peers, Screens
from rtserver import ServerTest, wait_until


class Terminals(Screens, Peers, ServerTest):
    def test_d24_plain_terminals_get_plain_ascii(self):
        peer = self.peer("d24-peer", "#d24")
        screen = self.bytes("d24", "--room=#d24", columns=120, rows=40,
                            environment={"NO_COLOR": "1", "TERM": "vt100", "LANG": "C"})
        screen.wait(rb"\*ws")
        self.say_all(peer, ["d24: 日本 👍 é"], "#d24")
        screen.wait(rb"U\+65E5")
        screen.type("draft \u00e9")
        screen.wait(rb"U\+00E9")
        screen.type(b"\x15\x04")
        self.assertEqual(screen.end(), 0)
        self.assertNotRegex(screen.seen, rb"[\x80-\xff]")
        for parameters in re.findall(rb"\x1b\[([0-9;]*)m", screen.seen):
            for number in parameters.split(b";"):
                self.assertFalse(30 <= int(number or 0) <= 49 or 90 <= int(number or 0) <= 107)

    def test_d24_no_color_is_heeded(self):
        screen = self.bytes("d24-mono", environment={"NO_COLOR": "1"})
        screen.wait("●ws".encode())
        screen.type(b"\x04")
        self.assertEqual(screen.end(), 0)
        for parameters in re.findall(rb"\x1b\[([0-9;]*)m", screen.seen):
            for number in parameters.split(b";"):
                self.assertFalse(30 <= int(number or 0) <= 49 or 90 <= int(number or 0) <= 107)

    def test_d25_signals_leave_the_terminal_clean(self):
        for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGSEGV, signal.SIGABRT,
                       signal.SIGINT):
            with self.subTest(number):
                screen = self.bytes("d25-%d" % number)
                screen.wait("●ws".encode())
                self.assertIn(2004, screen.modes())
                self.assertFalse(screen.is_cooked())
                screen.process.send_signal(number)
                self.assertEqual(screen.end(), -number)
                self.assertEqual(screen.modes(), set())
                self.assertTrue(screen.is_cooked())
                said = screen.seen.rsplit(b"\x1b[?1049l", 1)[1]
                self.assertIn(b"ended by " + signal.Signals(number).name.encode(), said)

    def test_d25_quitting_leaves_the_terminal_clean(self):
        screen = self.bytes("d25-quit")
        screen.wait("●ws".encode())
        screen.type(b"\x04")
        self.assertEqual(screen.end(), 0)
        self.assertEqual(screen.modes(), set())
        self.assertTrue(screen.is_cooked())

    def test_d25_stop_and_continue(self):
        screen = self.bytes("d25-stop")
        screen.wait("●ws".encode())
        # A shell that waits for its job, so that the job may be stopped at all, is done without:
        # this group is nobody's, and the kernel lets it go on at once.
        screen.type(b"\x1a")
        wait_until(lambda: screen.seen.count(b"\x1b[?2004h") >= 2)
        self.assertGreaterEqual(screen.seen.count(b"\x1b[?2004l"), 1)
        screen.type(b"\x04")
        self.assertEqual(screen.end(), 0)
        self.assertEqual(screen.modes(), set())

    def test_d25_job_control(self):
        shell = "env PS1='shell> ' bash --norc --noprofile -i"
        screen = self.screen("d25-job", live=False, shell=shell)
        screen.wait(r"^shell>")
        screen.say(screen.command)
        screen.wait_live()
        screen.type("a draft")
        screen.wait(r"^#lobby> a draft$")
        screen.press("C-z")
        screen.wait("Stopped")
        self.assertEqual((screen.ask("alternate_on"), screen.ask("cursor_flag")), ("0", "1"))
        screen.say("echo typed | tr a-z A-Z")
        screen.wait(r"echo typed.*\nTYPED")
        screen.say("fg")
        screen.wait_live()
        screen.wait(r"^#lobby> a draft$")
        self.assertEqual(screen.ask("alternate_on"), "1")
        screen.press("C-u", "C-d")
        screen.wait(r"^shell>")

    def test_d25_dead_terminal_ends_the_client(self):
        screen = self.bytes("d25-dead", environment={"TERM": "xterm"})
        screen.wait("●ws".encode())
        os.close(screen.master)
        screen.process.wait(20)
        screen.master = os.open("/dev/null", os.O_RDONLY)

    def test_terminal_without_a_cursor_falls_back_to_lines(self):
        screen = self.bytes("dumb", environment={"TERM": "dumb"})
        screen.wait(rb"no screen on TERM=dumb")
        screen.wait(rb"connected ws")


if __name__ == "__main__":
    unittest.main()
