"""The client without a screen: lines in, lines out, exit codes, and nothing that is lost."""

import os
import re
import signal
import subprocess
import tempfile
import unittest

from badproxy import BadProxy
from rtclient import Client, Terminal, fingerprint_of
from rtserver import OwnServerTest, ServerTest, wait_until
from wsclient import Http, WebSocket, login

STAMP = r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ "


class Homes:
    """Homes for clients, gone with the test."""

    def client(self, user, server=None, **more):
        if not hasattr(self, "homes"):
            self.homes = tempfile.TemporaryDirectory(prefix="rtchat-home-")
            self.addCleanup(self.homes.cleanup)
        return Client(os.path.join(self.homes.name, user), user, server or self.server, **more)

    def begin(self, client, *options, **more):
        running = client.start(*options, **more)
        self.addCleanup(running.close)
        return running

    def following(self, client, *options):
        running = self.begin(client, "--follow", *options)
        running.err.wait_for("^connected ws$")
        return running


def texts(lines):
    """What was said, of lines of output."""
    return [re.sub(STAMP + r"\S+ <\S+> ", "", line) for line in lines if " <" in line]


class Talking(Homes, ServerTest):
    def test_two_clients_talk(self):
        bob = self.following(self.client("bob"))
        status, out, errors = self.client("ann").run("hi bob\n/me waves\n//slash\n")
        self.assertEqual((status, errors), (0, ["connected ws"]))
        bob.out.wait_for(STAMP + "#lobby -- ann joined$")
        bob.out.wait_for(STAMP + "#lobby <ann> hi bob$")
        bob.out.wait_for(STAMP + r"#lobby \* ann waves$")
        bob.out.wait_for(STAMP + "#lobby <ann> /slash$")
        self.assertEqual(texts(out), ["hi bob", "/slash"])

        ann = self.following(self.client("ann"))
        bob.say("/msg ann psst\n")
        bob.out.wait_for(STAMP + "@ann <bob> psst$")
        ann.out.wait_for(STAMP + "@bob <bob> psst$")
        bob.signal(signal.SIGTERM)
        self.assertEqual(bob.wait(), 0)

    def test_the_last_line_needs_no_newline(self):
        status, out, _ = self.client("cy").run("one\r\ntwo")
        self.assertEqual((status, texts(out)), (0, ["one", "two"]))

    def test_a_room_is_joined_before_anything_is_said_in_it(self):
        status, out, _ = self.client("dee").run("first\n", "--room=#dee", "--room=@dee")
        self.assertEqual(status, 0)
        self.assertRegex(out[-2], STAMP + "#dee -- dee joined$")
        self.assertRegex(out[-1], STAMP + "#dee <dee> first$")

    def test_a_file_and_nothing_at_all_are_input_too(self):
        client = self.client("eve")
        with tempfile.TemporaryFile() as file:
            file.write(b"".join(b"line %d\n" % number for number in range(50)))
            file.seek(0)
            running = self.begin(client)
            running.end_input()
            self.assertEqual(running.wait(), 0)
            done = subprocess.run(client.arguments([]), stdin=file, capture_output=True, timeout=60,
                                  env=client.environment(), start_new_session=True)
        self.assertEqual(done.returncode, 0)
        self.assertEqual(texts(done.stdout.decode().splitlines()),
                         ["line %d" % number for number in range(50)])

    def test_after_zero_replays_what_one_may_see(self):
        client = self.client("fay")
        secret = client.secret("correct horse")
        self.assertEqual(client.run("one\ntwo\n", "--room=#fay", "--register", secret)[0], 0)
        status, out, _ = client.run("", "--room=#fay", "--after=0")
        self.assertEqual((status, texts(out)), (0, ["one", "two"]))

    def test_answers_are_printed(self):
        client = self.client("gil")
        status, out, _ = client.run("/topic All of it\nhello\n/list\n/names\n/help join\n",
                                    "--room=#gil")
        self.assertEqual(status, 0)
        self.assertTrue(any(re.match(r"#gil +1  All of it$", line) for line in out), out)
        self.assertIn("gil (owner)", out)
        self.assertTrue(any(line.startswith("/join ROOM") for line in out), out)

    def test_the_transports_are_compared(self):
        client = self.client("hil")
        status, out, errors = client.run("/compare 3\n/list\n", "--poll-interval=0.5")
        self.assertEqual(status, 0, errors)
        figures = r" +(1\.1|2) +\d+\.\d +\d+\.\d +\d+\.\d +\d+ +\d+ +\d+ +\d+$"
        rows = [line.split()[0] for line in out if re.match(r"\w+" + figures, line)]
        self.assertEqual(rows, ["ws", "sse", "longpoll", "poll"], out)
        self.assertTrue(any("lost 0, shown twice 0" in line for line in out), out)
        self.assertFalse([line for line in out if "#compare-hil <" in line])
        state = os.path.join(client.home, ".local", "state", "rtchat")
        self.assertFalse([name for name in os.listdir(state) if name.startswith("rtchat-")])
        status, _, errors = client.run("/compare none\n")
        self.assertIn("wanted 1 to 200", "\n".join(errors))

    def test_history_is_printed_when_it_is_asked_for(self):
        watcher = self.following(self.client("watcher"), "--room=#old")
        watcher.say("from before\n")
        watcher.out.wait_for("from before")
        _, out, _ = self.client("hal").run("/history\n", "--room=#old")
        self.assertIn("from before", texts(out))

    def test_hostile_text_can_only_be_read(self):
        stream = WebSocket(self.port, login(self.port, "mallory"))
        ida = self.following(self.client("ida"))
        stream.say("\u202egnp.exe\u2066\u200b\U000e0041\u0600 a\nb")
        line = ida.out.wait_for("<mallory>")
        self.assertRegex(line, STAMP + "#lobby <mallory> ⟪RLO⟫gnp.exe")
        self.assertTrue(line.endswith("a⏎b"), line)
        self.assertNotRegex(line, "[\x00-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2066-\u2069]")

    def test_output_that_nobody_reads_ends_it(self):
        """With nothing unsent: what others say is what it finds the reader gone by."""
        client = self.client("jo")
        process = subprocess.Popen(client.arguments(["--follow"]), stdin=subprocess.PIPE,
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                   env=client.environment(), start_new_session=True)
        self.assertEqual(process.stderr.readline(), b"connected ws\n")
        process.stdout.close()
        peer = WebSocket(self.port, login(self.port, "joanna"))
        self.addCleanup(peer.cut)
        self.assertEqual(peer.say("anybody there?")["type"], "receipt")
        self.assertEqual(process.wait(60), 0)
        process.stdin.close()
        process.stderr.close()

    def test_a_guest_is_gone_afterwards(self):
        self.assertEqual(self.client("kim").run("hi\n")[0], 0)
        self.assertTrue(login(self.port, "kim"))


class LostLogin(Homes, ServerTest):
    def test_a_guest_whose_logins_answer_is_lost_gets_in_again(self):
        for fault in ("cut-body=0@/v1/login#1", "cut-body=40@/v1/login#2"):
            with self.subTest(fault), BadProxy(self.server.port, faults=[fault]) as proxy:
                client = self.client("lost" + fault[-1])
                client.server = None
                running = self.begin(client, "--log-level=debug", "--ca-file=" + proxy.ca_file,
                                     "https://localhost:%d" % proxy.port)
                running.say("in at last\n")
                running.out.wait_for("<%s> in at last$" % client.user)
                running.end_input()
                self.assertEqual(running.wait(), 0, running.err.lines)
                times = int(fault[-1]) + 1
                self.assertEqual(proxy.count(path="/v1/login", status=200), times)
                self.assertNotIn("claim", "\n".join(running.err.lines))


    def test_a_registration_whose_answer_is_lost_is_good(self):
        with BadProxy(self.server.port, faults=["cut-body=0@/v1/register#1"]) as proxy:
            client = self.client("reglost")
            client.server = None
            secret = os.path.join(client.home, "password")
            with open(secret, "w", encoding="utf-8") as file:
                file.write("correct horse\n")
            os.chmod(secret, 0o600)
            running = self.begin(client, "--register", "--password-file=" + secret,
                                 "--ca-file=" + proxy.ca_file, "https://localhost:%d" % proxy.port)
            running.say("registered at last\n")
            running.out.wait_for("<reglost> registered at last$")
            running.end_input()
            self.assertEqual(running.wait(), 0, running.err.lines)
            self.assertEqual(proxy.count(path="/v1/register", status=200), 1)
            self.assertEqual(proxy.count(path="/v1/register", status=409), 1)


class ExitCodes(Homes, ServerTest):
    def test_help_and_version_come_on_standard_output(self):
        for option, expected in (("--help", "Usage: rtchat-client"), ("--version", "rtchat-client ")):
            status, out, errors = self.client("ann").run("", option)
            self.assertEqual((status, errors), (0, []))
            self.assertTrue(out[0].startswith(expected), out)

    def test_wrong_usage_is_one_line_and_two(self):
        for option in ("--nonsense", "--room=bad", "--timeout=x", "--transport=pigeon",
                       "--after=here", "--user=-"):
            with self.subTest(option=option):
                status, out, errors = self.client("ann").run("", option)
                self.assertEqual((status, out, len(errors)), (2, [], 1))
                self.assertTrue(errors[0].startswith("rtchat-client: "), errors)

    def test_what_the_server_refuses_is_said_and_ends_in_one(self):
        status, out, errors = self.client("bea").run(
            "/join #bea\n/part #bea\n/part #never\nfine\n", "--room=#lobby")
        self.assertEqual(status, 1)
        self.assertTrue(any("cannot leave #never" in line for line in errors), errors)

    def test_what_the_client_refuses_is_said_and_the_rest_is_sent(self):
        bad = {b"/jion #x\n": "did you mean /join?", b"x" * 4097 + b"\n": "line 2: ",
               b"\xff\n": "UTF-8", b"a\0b\n": "NUL", b"\x07\n": "control",
               b"y" * 70000 + b"\n": "too long: at most 65536 bytes"}
        for line, why in bad.items():
            with self.subTest(why=why):
                status, out, errors = self.client("cal").run(b"before\n" + line + b"behind\n")
                self.assertEqual((status, texts(out)), (1, ["before", "behind"]))
                self.assertTrue(any(why in error for error in errors), errors)
                self.assertTrue(any("line 2: " in error for error in errors), errors)

    def test_the_longest_line_is_sent(self):
        status, out, _ = self.client("dan").run("x" * 4096 + "\n")
        self.assertEqual((status, texts(out)), (0, ["x" * 4096]))

    def test_an_unknown_certificate_is_not_believed_where_nobody_can_be_asked(self):
        status, out, errors = self.client("eli", trusted=False).run("hi\n")
        shown = fingerprint_of(self.server)
        self.assertEqual((status, out), (1, []))
        self.assertTrue(any("--fingerprint=" + shown in line for line in errors), errors)
        self.assertTrue(any("1 line unsent" in line for line in errors), errors)

    def test_another_certificate_is_refused_with_both_fingerprints(self):
        status, _, errors = self.client("flo", trusted=False).run(
            "hi\n", "--fingerprint=" + "ab" * 32)
        self.assertEqual(status, 1)
        self.assertTrue(any(":".join(["AB"] * 32) in line for line in errors), errors)
        self.assertTrue(any(fingerprint_of(self.server) in line for line in errors), errors)

    def test_a_fingerprint_is_taken_as_it_is_shown_and_as_bare_digits(self):
        shown = fingerprint_of(self.server)
        for n, form in enumerate((shown, shown.lower(), shown.replace(":", ""),
                                  shown.replace(":", "").lower())):
            client = self.client("form%d" % n, trusted=False)
            self.assertEqual(client.run("hi\n", "--fingerprint=" + form)[0], 0, form)

    def test_a_registered_name_wants_its_password(self):
        client = self.client("gus")
        secret = client.secret("correct horse")
        self.assertEqual(client.run("hi\n", "--register", secret)[0], 0)
        self.assertEqual(client.run("again\n")[0], 0)  # by the token that is kept

        stranger = self.client("gus2")
        stranger.user = "gus"
        status, _, errors = stranger.run("hi\n")
        self.assertEqual(status, 1)
        self.assertTrue(any("--password-file=FILE" in line for line in errors), errors)
        self.assertEqual(stranger.run("", secret)[0], 0)

    def test_an_empty_or_missing_password_file_is_said(self):
        client = self.client("hob")
        empty = os.path.join(client.home, "empty")
        open(empty, "w").close()
        for path in (empty, "/nonexistent"):
            status, _, errors = client.run("hi\n", "--password-file=" + path)
            self.assertEqual(status, 1)
            self.assertTrue(any(path in line for line in errors), errors)


class Asking(Homes, ServerTest):
    """A person at the terminal of a script."""

    def person(self, client, *options):
        terminal = Terminal()
        self.addCleanup(terminal.close)
        running = self.begin(client, *options, preexec_fn=terminal.take,
                             pass_fds=(terminal.slave,))
        return terminal, running

    def test_a_certificate_is_believed_after_a_yes_and_from_then_on(self):
        client = self.client("ann", trusted=False)
        terminal, running = self.person(client)
        terminal.wait_for("[yes/no]")
        self.assertIn(fingerprint_of(self.server).encode(), terminal.seen)
        terminal.type("yes\n")
        running.say("hi\n")
        running.end_input()
        self.assertEqual(running.wait(), 0)
        self.assertEqual(client.run("again\n")[0], 0)

    def test_a_certificate_is_not_believed_after_a_no(self):
        terminal, running = self.person(self.client("bob", trusted=False))
        terminal.wait_for("[yes/no]")
        terminal.type("no\n")
        self.assertEqual(running.wait(), 1)

    def test_a_password_is_asked_for_without_echo(self):
        client = self.client("cat")
        secret = client.secret("correct horse")
        self.assertEqual(client.run("", "--register", secret)[0], 0)

        stranger = self.client("cat2")
        stranger.user = "cat"
        terminal, running = self.person(stranger)
        terminal.wait_for("Password of cat: ")
        wait_until(lambda: not terminal.echoes(), what="no echo")
        terminal.type("wrong horse!\n")
        terminal.wait_for("Password of cat: \r\nPassword of cat: ")
        terminal.type("correct horse\n")
        running.say("hi\n")
        running.end_input()
        self.assertEqual(running.wait(), 0)
        self.assertTrue(terminal.echoes())
        self.assertNotIn(b"horse", terminal.seen)

    def test_a_signal_ends_the_question(self):
        terminal, running = self.person(self.client("dot", trusted=False))
        terminal.wait_for("[yes/no]")
        running.signal(signal.SIGTERM)
        running.wait()
        self.assertTrue(terminal.echoes())


class Losing(Homes, OwnServerTest):
    """Servers that go away."""

    server = None

    def restart(self, server):
        port = server.port
        if server.process.poll() is None:
            server.kill()
        return self.start("--port=%d" % port)

    def test_what_is_unsent_is_kept_and_sent_once_by_the_next_start(self):
        server = self.start()
        client = self.client("ann", server)
        self.assertEqual(client.run("zero\n")[0], 0)
        server.kill()
        status, out, errors = client.run("one\ntwo\n", "--timeout=1")
        self.assertEqual((status, out), (1, []))
        self.assertIn("2 lines unsent: kept for the next start", errors)
        self.assertTrue(any(line.startswith("reconnecting in ") for line in errors), errors)

        client.server = server = self.restart(server)
        status, out, errors = client.run("three\n")
        self.assertEqual((status, texts(out)), (0, ["one", "two", "three"]))
        self.assertEqual(self.said(server), ["zero", "one", "two", "three"])

    def said(self, server):
        page = Http(server.port, login(server.port, "judge")).get("/v1/history?room=%23lobby&limit=200").json
        return [event["text"] for event in page["events"] if event["type"] == "message"]

    def test_a_killed_server_costs_nothing(self):
        server = self.start()
        client = self.client("bob", server)
        running = self.following(client)
        expected = []
        for round_number in range(3):
            for number in range(20):
                expected.append("round %d line %d" % (round_number, number))
                running.say(expected[-1] + "\n")
                if number == 10:
                    server.kill()
            server = self.restart(server)
        running.say("end\n")
        running.end_input()
        running.out.wait_for("<bob> end$")
        running.signal(signal.SIGTERM)
        self.assertEqual(running.wait(), 0)
        self.assertEqual(self.said(server), expected + ["end"])
        self.assertEqual(texts(running.out.lines), expected + ["end"])

    def test_a_stalled_server_gets_it_once_whatever_it_had(self):
        server = self.start()
        client = self.client("cy", server)
        running = self.following(client)
        server.signal(signal.SIGSTOP)
        running.say("into the void\n")
        running.signal(signal.SIGTERM)
        self.assertEqual(running.wait(), 1)
        running.err.wait_for("1 line unsent")
        server.signal(signal.SIGCONT)
        status, out, _ = client.run("behind it\n")
        self.assertEqual(status, 0)
        self.assertEqual(self.said(server), ["into the void", "behind it"])

    def test_a_killed_client_loses_nothing(self):
        server = self.start()
        client = self.client("dee", server)
        client.run("zero\n")
        server.kill()
        running = self.begin(client, "--follow")
        running.err.wait_for("^reconnecting")
        running.say("one\ntwo\n/outbox\n")
        running.out.wait_for("^  2  queued")
        running.signal(signal.SIGKILL)
        running.wait()
        client.server = self.restart(server)
        self.assertEqual(client.run("")[0], 0)
        self.assertEqual(self.said(client.server), ["zero", "one", "two"])

    def test_what_was_missed_is_told(self):
        server = self.start()
        eve = self.following(self.client("eve", server))
        token = login(server.port, "bob")
        port = server.port
        eve.signal(signal.SIGSTOP)
        stream = WebSocket(port, token)
        stream.say("one")
        server.kill()
        server = self.restart(server)
        stream = WebSocket(port, token)
        stream.say("two")
        eve.signal(signal.SIGCONT)
        eve.out.wait_for("<bob> two$")
        eve.err.wait_for("^gap: [12] messages? recovered$")
        self.assertEqual(texts(eve.out.lines), ["one", "two"])

    def test_a_bad_url_and_no_server_are_told_apart(self):
        client = self.client("fay", self.start())
        client.server = None
        self.assertEqual(client.run("", "http://localhost")[0], 2)
        status, _, errors = client.run("", "--timeout=1", "https://127.0.0.1:1")
        self.assertEqual(status, 1)
        self.assertTrue(any("not connected: refused" in line for line in errors), errors)

    def test_a_question_to_no_server_holds_the_lines_behind_it_and_says_so(self):
        client = self.client("gil", self.start())
        client.server = None
        status, _, errors = client.run("kept\n/list\nnot read\n", "--timeout=1",
                                       "https://127.0.0.1:1")
        self.assertEqual(status, 1)
        self.assertIn("rtchat-client: line 2 and what follows it were not taken", errors)
        self.assertIn("1 line unsent: kept for the next start", errors)

    def test_closed_standard_input_is_at_its_end(self):
        client = self.client("hob", self.start())
        process = subprocess.Popen(client.arguments([]), stdout=subprocess.PIPE,
                                   stderr=subprocess.DEVNULL, env=client.environment(),
                                   start_new_session=True, preexec_fn=lambda: os.close(0))
        process.communicate(timeout=60)
        self.assertEqual(process.returncode, 0)


if __name__ == "__main__":
    unittest.main()
