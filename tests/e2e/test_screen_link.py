"""The screen and the way to the server: cuts, certificates, logins, and servers that are not honest."""

import os
import signal
import socket
import unittest

from hostile import HostileServer, message
from rtscreen import MARKED, Peers, Screens
from rtserver import OwnServerTest, ServerTest, wait_until
from test_ca import CertificateAuthority
from wsclient import WebSocket, login


class Comparison(Screens, ServerTest):
    def test_b02_the_transports_are_compared_beside_the_chat(self):
        screen = self.screen("b02", "--poll-interval=0.5")
        screen.say("/compare 3")
        screen.wait("comparing: ws")
        screen.say("/compare")
        screen.wait("one comparison is under way")
        screen.press("C-u")
        screen.type("a draft")
        screen.wait("─ Comparison ─", timeout=60)
        for way in ("ws", "sse", "longpoll", "poll"):
            screen.wait(r"^  %s +(1\.1|2) +\d" % way)
        screen.wait("lost 0, shown twice 0")
        screen.press("Escape")
        screen.wait_gone("─ Comparison ─")
        screen.wait(r"^#lobby> a draft$")
        self.assertIsNone(screen.has(r"\d:#compare-b02"))


class Cuts(Screens, Peers, OwnServerTest):
    def setUp(self):
        super().setUp()
        self.server = self.start("--heartbeat=2")

    def test_d04_stall_is_told_and_nothing_is_acknowledged(self):
        screen = self.screen("d04")
        self.server.signal(signal.SIGSTOP)
        self.addCleanup(self.server.signal, signal.SIGCONT)
        screen.say("one")
        screen.wait(MARKED % ("one", "◌"))
        screen.wait(r"●ws STALLED \ds", timeout=8)
        self.assertIsNotNone(screen.has(MARKED % ("one", "[◌↻].*")))
        self.server.signal(signal.SIGCONT)
        screen.wait(MARKED % ("one", "✓"))
        screen.wait_gone("STALLED")

    def again(self, server):
        """Starts the server anew where it was."""
        return self.start("--heartbeat=2", "--port=%d" % server.port)

    def test_d05_to_d07_cut_and_return(self):
        screen = self.screen("d05", "--room=#d05")
        peer = self.peer("d05-peer", "#d05")
        peer.say("before", "#d05")
        screen.wait("before")
        screen.type("half")
        screen.press("Left")
        screen.wait(r"^#d05> half$")
        screen.wait_for("cursor_x", "9")
        self.server.kill()
        screen.wait(r"○ws RECONNECTING in \d+s \(try \d+: \S.*\)")
        screen.wait(r"^#d05> half$")
        screen.wait_for("cursor_x", "9")

        screen.press("C-u")
        screen.press("C-k")
        screen.say("two")
        screen.say("three")
        screen.wait(MARKED % ("two", "↻ queued"))
        screen.wait(MARKED % ("three", "↻ queued"))
        screen.wait(r"○ws .* out 2 *$")
        screen.wait(r"^ 2 queued, nothing lost")
        first = screen.wait(r"RECONNECTING in (\d+)s").group(1)
        wait_until(lambda: not screen.has(r"RECONNECTING in %ss" % first))
        screen.type("draft")

        server = self.again(self.server)
        screen.wait("RECONNECTED", timeout=60)
        screen.wait(MARKED % ("two", "✓") + r"\n.*" + MARKED % ("three", "✓"))
        screen.wait(r"^#d05> draft$")
        self.assertIsNone(screen.has("queued"))
        reader = WebSocket(server.port, login(server.port, "d05-late"), after="0")
        self.addCleanup(reader.cut)
        reader.send({"type": "join", "id": "j", "room": "#d05"})
        # What was missed is told once.
        self.assertIsNone(screen.has(r"two.*\n.*two"))

    def test_d06_missed_lines_are_recovered_and_counted(self):
        home = self.home("d06")
        screen = self.screen("d06", "--room=#d06", home=home)
        peer = self.peer("d06-peer", "#d06")
        peer.say("here", "#d06")
        screen.wait("here")
        screen.signal(signal.SIGSTOP)
        self.addCleanup(lambda: os.path.exists("/proc/%d" % screen.pid) and
                        screen.signal(signal.SIGCONT))
        self.server.kill()
        server = self.again(self.server)
        other = self.peer("d06-other", "#d06", server=server)
        self.say_all(other, ["missed %d" % i for i in range(4)], "#d06")
        screen.signal(signal.SIGCONT)
        screen.wait(r"missed 0.*\n.*missed 1.*\n.*missed 2.*\n.*missed 3", timeout=60)
        screen.wait(r"gap: 4 messages recovered")

    def test_d08_killed_client_has_lost_nothing(self):
        home = self.home("d08")
        screen = self.screen("d08", "--room=#d08", home=home)
        self.server.kill()
        screen.wait("RECONNECTING")
        screen.say("queued one")
        screen.say("queued two")
        screen.wait(MARKED % ("queued two", "↻ queued"))
        screen.type("a draft")
        screen.wait(r"^#d08> a draft$")
        drafts = os.path.join(home.path, ".local", "state", "rtchat")
        wait_until(lambda: any("a draft" in open(os.path.join(directory, name), "rb").read().decode(
            errors="replace") for directory, _, names in os.walk(drafts) for name in names))
        screen.signal(signal.SIGKILL)
        screen.wait("code=137=")

        again = self.screen("d08", "--room=#d08", home=home, live=False)
        again.wait(MARKED % ("queued one", "↻ queued"))
        again.wait(MARKED % ("queued two", "↻ queued"))
        again.wait(r"^#d08> a draft$")
        self.again(self.server)
        again.wait(MARKED % ("queued one", "✓") + r"\n.*" + MARKED % ("queued two", "✓"), timeout=60)


class Hostile(Screens, unittest.TestCase):
    def serve(self, events, **more):
        server = HostileServer(events, **more)
        self.addCleanup(server.close)
        return server

    def victim(self, server, **more):
        return self.screen("victim", "--fingerprint=" + server.fingerprint,
                           url="https://localhost:%d" % server.port, **more)

    def test_d12_codes_are_shown_and_not_obeyed(self):
        server = self.serve([message(1, "\x1b]0;PWN\a\x1b[2J\x9b31m."), message(2, "\r\x08\x7f."),
                             message(3, "harmless"),
                             {"type": "topic", "seq": 4, "rseq": 4, "room": "#lobby", "from": "eve",
                              "id": "t", "at": "2026-11-24T09:00:00.000Z",
                              "text": "\x1b[31mtopic\x07"}])
        screen = self.victim(server)
        screen.wait("harmless")
        screen.wait(r"│ ␛\]0;PWN␇␛\[2J\S+31m\. *$")
        screen.wait(r"│ ␍␈␡\. *$")
        screen.wait(r"\A #lobby  ␛\[31mtopic␇")
        screen.wait(r"eve set the topic: ␛\[31mtopic␇")
        screen.wait_for("pane_title", "^rtchat #lobby$")
        self.assertNotIn("\x1b[31m", screen.coloured())
        self.assertEqual(screen.ask("window_bell_flag"), "0")

    def test_d12_formats_are_text(self):
        screen = self.victim(self.serve([message(1, "%s%n%d %5$s 100%")], topic="%n%s"))
        screen.wait(r"│ %s%n%d %5\$s 100% *$")
        screen.wait(r"\A #lobby  %n%s")

    def test_garbage_is_survived(self):
        screen = self.victim(self.serve([
            b"not JSON", b"{}", b"[1]", b'{"type":"message"}', b"\xff\xfe",
            message(1, "x", **{"from": "\x1b[2J"}), message(2, "y", room="\x1b]0;x\a")]),
            live=False)
        screen.wait(r"^ [●○]ws")
        screen.press("C-u")
        screen.type("alive")
        screen.wait(r"> alive$")
        screen.press("C-u", "C-d")
        screen.wait("code=0=")


class Trust(Screens, Peers, ServerTest):
    def url(self):
        return "https://localhost:%d" % self.port

    def test_d32_unknown_certificate_is_asked_about_once(self):
        home = self.home("d32")
        screen = self.screen("d32", home=home, url=self.url(), live=False)
        screen.wait("Unknown certificate")
        screen.wait(r"name wanted  localhost")
        screen.wait(r"([0-9A-F]{2}:){15}[0-9A-F]{2} *\n +([0-9A-F]{2}:){15}[0-9A-F]{2} *$")
        screen.say("yes")
        screen.wait_live()
        screen.press("C-d")
        screen.wait("code=0=")
        self.screen("d32", home=home, url=self.url())

    def test_d32_no_is_no(self):
        screen = self.screen("d32-no", url=self.url(), live=False)
        screen.wait("Unknown certificate")
        screen.say("hello everybody")
        screen.wait_gone("Unknown certificate")
        screen.wait("○ws OFFLINE")
        screen.say("/reconnect")
        screen.wait("Unknown certificate")

    def test_d32_other_fingerprint_is_refused(self):
        wrong = "ab" * 32
        screen = self.screen("d32-pin", "--fingerprint=" + wrong, url=self.url(), live=False)
        screen.wait("Certificate refused")
        screen.wait("SHA-256 wanted\n +AB:AB:AB")
        screen.wait("SHA-256 shown")
        screen.wait("--fingerprint=SHA256")
        screen.press("Escape")
        screen.wait("○ws OFFLINE")

    def test_d32_certificate_has_to_verify_by_the_ca_file(self):
        with CertificateAuthority() as authority:
            screen = self.screen("d32-ca", "--ca-file=" + authority.cert, url=self.url(),
                                 live=False)
            screen.wait("Certificate refused")
            screen.wait("name wanted  localhost")
            screen.wait("name shown   localhost")
            screen.wait("SHA-256 shown")
            screen.wait("--ca-file")
            screen.press("Escape")
            screen.wait("○ws OFFLINE")

    def test_login_asks_for_what_the_server_wants(self):
        taken = self.peer("taken")
        screen = self.screen("taken", live=False)
        screen.wait("─ Log in ─")
        screen.wait(r"User: +taken")
        screen.type("secret")
        screen.press("BTab")
        screen.press("C-u")
        screen.type("free")
        screen.wait(r"User: +free")
        self.assertNotIn("secret", screen.text())
        screen.press("Enter")
        screen.press("C-u")
        screen.press("Enter")
        screen.wait_live()
        screen.wait(r"\bfree$")
        self.assertEqual(taken.read()["type"], "hello")


def something_listens(port):
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


class Welcome(Screens, ServerTest):
    @unittest.skipIf(something_listens(8443), "there is a server on the default port")
    def test_d01_nobody_there_asks_which_server(self):
        screen = self.screen("d01", alone=True, live=False)
        screen.wait("Welcome to rtchat")
        screen.wait(r"Server: https://localhost:8443")
        screen.wait(r"Nick: +d01")
        screen.press("C-c")
        screen.wait("code=0=")
        self.assertEqual(screen.ask("alternate_on"), "0")

    @unittest.skipIf(something_listens(8443), "there is a server on the default port")
    def test_d01_answers_are_taken(self):
        screen = self.screen("d01", alone=True, live=False)
        screen.wait("Welcome to rtchat")
        screen.press("C-u")
        screen.type("localhost:%d" % self.port)
        screen.press("Enter")
        screen.press("C-u")
        screen.say("not a name")
        screen.wait("a user's name|name")
        screen.wait("Welcome to rtchat")
        screen.press("Enter")
        screen.press("C-u")
        screen.say("D01-Nick")
        screen.wait("Unknown certificate")
        screen.say("yes")
        screen.wait_live()
        screen.wait(r" d01-nick$")


if __name__ == "__main__":
    unittest.main()
