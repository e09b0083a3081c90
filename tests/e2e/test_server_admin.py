"""Administration on the machine itself: the same commands with a server running and without."""

import os
import pty
import re
import shutil
import stat
import subprocess
import threading
import unittest

from rtclient import Client
from rtserver import PROGRAM, OwnServerTest
from wsclient import Http, WebSocket, ask, login

PASSWORD = "correct horse"
OTHER = "battery staple"


class AdminTest(OwnServerTest):
    def admin(self, *words, status=0):
        """The lines that a command prints, on its standard output or, when it fails, on the other."""
        code, out, errors = self.run_to_end("--data-dir=" + self.data_dir, *words)
        self.assertEqual(code, status, (words, out, errors))
        self.assertNotIn("Sanitizer", errors)
        self.assertEqual(len(errors.splitlines()), 0 if status == 0 else 1, errors)
        return (out if status == 0 else errors).splitlines()

    def password_file(self, password):
        path = os.path.join(self.directory.name, "password")
        with open(path, "w", encoding="utf-8") as file:
            file.write(password + "\n")
        return "--password-file=" + path

    def register(self, port, user, invite=None):
        body = {"user": user, "password": PASSWORD}
        if invite is not None:
            body["invite"] = invite
        return ask(port, "POST", "/v1/register", body)

    def log_once(self):
        """A log that no server has open."""
        self.assertEqual(self.start().stop(), 0)


class Accounts(AdminTest):
    def test_an_account_is_made_once_and_lets_one_in(self):
        def make(name):
            self.assertEqual(self.admin("user", "add", name, self.password_file(PASSWORD)),
                             [name + " has an account"])
            self.admin("user", "add", name, self.password_file(PASSWORD), status=1)

        self.log_once()
        make("off")
        server = self.start()
        make("on")
        for name in ("on", "off"):
            hello = Http(server.port, login(server.port, name, PASSWORD)).get("/v1/hello").json
            self.assertEqual([room["room"] for room in hello["rooms"]], ["#lobby"])

    def test_a_made_password_is_the_last_line(self):
        self.log_once()
        passwords = {"off": self.admin("user", "add", "off", "--generate")[-1]}
        server = self.start()
        passwords["on"] = self.admin("user", "add", "on", "--generate")[-1]
        for name, password in passwords.items():
            self.assertRegex(password, r"^[0-9a-z]{24}$")
            login(server.port, name, password)

    def test_a_new_password_puts_out_who_came_in_with_the_old_one(self):
        server = self.start()
        self.admin("user", "add", "ann", self.password_file(PASSWORD))
        token = login(server.port, "ann", PASSWORD)
        stream = WebSocket(server.port, token)
        stream.read_until("hello")
        said = self.admin("user", "password", "ann", self.password_file(OTHER))
        self.assertEqual(said, ["ann has a new password", "1 session ended"])
        stream.read_until("bye")
        self.assertEqual(stream.read_close(), 1008)
        self.assertEqual(Http(server.port, token).get("/v1/hello").status, 401)
        bad = {"user": "ann", "password": PASSWORD}
        self.assertEqual(ask(server.port, "POST", "/v1/login", bad).status, 401)
        login(server.port, "ann", OTHER)

        self.assertEqual(server.stop(), 0)
        self.admin("user", "password", "ann", self.password_file(PASSWORD))
        login(self.start().port, "ann", PASSWORD)

    def test_a_ban_puts_out_and_keeps_out_until_it_is_lifted(self):
        server = self.start()
        token = self.register(server.port, "ann").json["token"]
        stream = WebSocket(server.port, token)
        stream.read_until("hello")
        self.admin("user", "ban", "ann")
        stream.read_until("bye")
        self.assertEqual(stream.read_close(), 1008)
        self.assertEqual(Http(server.port, token).get("/v1/hello").status, 401)
        good = {"user": "ann", "password": PASSWORD}
        answer = ask(server.port, "POST", "/v1/login", good)
        self.assertEqual((answer.status, answer.code), (403, "forbidden"))

        server.kill()  # before the session was taken out of the log
        server = self.start()
        self.assertEqual(Http(server.port, token).get("/v1/hello").status, 401)
        self.assertEqual(ask(server.port, "POST", "/v1/login", good).status, 403)
        self.admin("user", "unban", "ann")
        self.admin("user", "unban", "ann", status=1)
        login(server.port, "ann", PASSWORD)

    def test_a_ban_without_a_server_holds_for_sessions_and_guests(self):
        server = self.start()
        bob = {"user": "bob", "claim": "0123456789abcdef0123456789abcdef"}
        token = self.register(server.port, "ann").json["token"]
        guest = ask(server.port, "POST", "/v1/login", bob).json["token"]
        self.assertEqual(server.stop(), 0)
        self.admin("user", "ban", "ann")
        self.admin("user", "ban", "bob")
        port = self.start().port
        for ended in (token, guest):
            self.assertEqual(Http(port, ended).get("/v1/hello").status, 401)
        self.assertEqual(ask(port, "POST", "/v1/login", bob).status, 403)
        self.admin("user", "ban", "cyd")
        self.assertEqual(ask(port, "POST", "/v1/login", {"user": "cyd"}).status, 403)
        self.assertEqual(self.register(port, "cyd").status, 403)

    def test_the_list_tells_of_accounts_guests_and_bans(self):
        server = self.start()
        self.register(server.port, "ann")
        login(server.port, "bob")
        self.admin("user", "ban", "cyd")
        stamp = r"\d{4}-\d\d-\d\dT\S+Z"
        wanted = [r"ann +account +%s +1$" % stamp, r"bob +guest +%s +1$" % stamp,
                  r"cyd +nobody +- +0 banned$"]
        for line, pattern in zip(self.admin("user", "list"), wanted, strict=True):
            self.assertRegex(line, pattern)
        self.assertEqual(server.stop(), 0)
        self.assertRegex(self.admin("user", "list")[0], wanted[0])

    def test_the_password_is_asked_for_twice_without_echo(self):
        self.log_once()
        for typed, status in (((PASSWORD, PASSWORD), 0), ((PASSWORD, OTHER), 1), (("2short",), 1)):
            with self.subTest(typed=typed):
                code, seen = self.on_terminal(["user", "add", "ann%d" % len(typed)], typed)
                self.assertEqual(code, status, seen)
                for secret in typed:
                    self.assertNotIn(secret, seen)
        login(self.start().port, "ann2", PASSWORD)

    def on_terminal(self, words, typed):
        """(exit code, all that was seen) with a terminal of its own on which that is typed."""
        pid, master = pty.fork()
        if pid == 0:
            os.execv(PROGRAM, [PROGRAM, "--data-dir=" + self.data_dir, *words])
        seen, typed = "", list(typed)
        while True:
            try:
                seen += os.read(master, 4096).decode()
            except OSError:
                break
            if typed and re.search(r"(New password for \w+|And again): $", seen):
                os.write(master, typed.pop(0).encode() + b"\n")
        os.close(master)
        return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), seen


class Invitations(AdminTest):
    def test_a_code_registers_one_account(self):
        server = self.start("--registration=invite")
        code, = self.admin("invite")
        answer = self.register(server.port, "ann", "no-such-code")
        self.assertEqual((answer.status, answer.code), (403, "forbidden"))
        self.assertEqual(self.register(server.port, "ann").status, 403)
        self.assertEqual(self.register(server.port, "ann", code.upper()).status, 200)
        self.assertEqual(self.register(server.port, "bob", code).status, 403)
        self.assertEqual(self.admin("invite", "list"), [])

    def test_the_client_registers_by_invitation(self):
        server = self.start("--registration=invite", "--guests=no")
        code, = self.admin("invite")
        for user, wanted in (("ann", 0), ("bob", 1)):
            client = Client(os.path.join(self.directory.name, user), user, server)
            status, _, errors = client.run("hi\n", "--register", "--invite=" + code,
                                           self.password_file(PASSWORD))
            self.assertEqual(status, wanted, errors)
        self.assertIn("invitation", errors[0])

    def test_a_failed_registration_uses_nothing_up(self):
        server = self.start("--registration=invite")
        self.admin("user", "add", "ann", self.password_file(PASSWORD))
        code, = self.admin("invite")
        self.assertEqual(self.register(server.port, "ann", code).status, 409)
        body = {"user": "bob", "password": "short", "invite": code}
        self.assertEqual(ask(server.port, "POST", "/v1/register", body).status, 422)
        self.assertEqual(self.register(server.port, "bob", code).status, 200)

    def test_a_code_made_without_a_server_is_good_and_can_be_revoked(self):
        self.log_once()
        good, bad = self.admin("invite")[0], self.admin("invite", "--days=1")[0]
        lines = self.admin("invite", "list")
        self.assertEqual([line.split()[0] for line in lines], [good[:6], bad[:6]])
        self.admin("invite", "revoke", bad[:6])
        self.admin("invite", "revoke", bad[:6], status=1)
        server = self.start("--registration=invite")
        self.assertEqual(self.register(server.port, "ann", bad).status, 403)
        self.assertEqual(self.register(server.port, "ann", good).status, 200)

    def test_two_who_use_one_code_at_once_have_one_winner(self):
        server = self.start("--registration=invite")
        code, = self.admin("invite")
        statuses = []
        threads = [threading.Thread(target=lambda name=name: statuses.append(
            self.register(server.port, name, code).status)) for name in ("a", "b", "c", "d")]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(sorted(statuses), [200, 403, 403, 403])

    def test_codes_cannot_be_tried_until_one_is_right(self):
        server = self.start("--registration=invite")
        statuses = [self.register(server.port, "ann", "guess-%d" % n).status for n in range(11)]
        self.assertEqual(statuses, [403] * 10 + [429])

    def test_neither_code_nor_password_is_written_anywhere(self):
        server = self.start("--log-level=debug", "--registration=invite")
        code, = self.admin("invite")
        self.admin("user", "add", "bob", self.password_file(PASSWORD))
        self.register(server.port, "ann", code)
        self.admin("invite")
        self.assertEqual(server.stop(), 0)
        self.assertIn("user_add name=bob", server.errors())
        kept = b"".join(open(os.path.join(self.data_dir, name), "rb").read()
                        for name in os.listdir(self.data_dir))
        for secret in (code, code[7:], PASSWORD):
            self.assertNotIn(secret, server.errors())
            self.assertNotIn(secret.encode(), kept)


class Backup(AdminTest):
    options = ("--burst=1000000", "--rate=1000000")

    def back_up(self, name="copy.db"):
        path = os.path.join(self.directory.name, name)
        self.admin("backup", path)
        return path

    def test_a_backup_under_load_holds_all_that_was_receipted_and_has_a_new_epoch(self):
        server = self.start(*self.options)
        ann = login(server.port, "ann")
        epoch = Http(server.port, ann).get("/v1/hello").json["epoch"]
        receipted, stop = [], threading.Event()

        def write(n):
            stream = WebSocket(server.port, ann)
            while not stop.is_set():
                text = "w%d-%d" % (n, len(receipted))
                self.assertEqual(stream.say(text)["type"], "receipt")
                receipted.append(text)
            stream.cut()

        writers = [threading.Thread(target=write, args=(n,)) for n in range(3)]
        for thread in writers:
            thread.start()
        while len(receipted) < 100:
            stop.wait(0.01)
        before = list(receipted)
        copy = self.back_up()
        while len(receipted) < len(before) + 50:
            stop.wait(0.01)
        stop.set()
        for thread in writers:
            thread.join()
        last = Http(server.port, ann).get("/v1/hello").json["head"]
        self.assertEqual(server.stop(), 0)

        self.assertEqual(stat.S_IMODE(os.stat(copy).st_mode), 0o600)
        restored = os.path.join(self.directory.name, "restored")
        os.mkdir(restored, 0o700)
        shutil.copy(copy, os.path.join(restored, "rtchat.db"))
        server = self.start(*self.options, data_dir=restored)
        stream = WebSocket(server.port, ann, after=last)
        hello = stream.read_until("hello")
        self.assertEqual(hello["result"], "gap")
        self.assertNotEqual(hello["epoch"], epoch)
        gap = stream.read_until("gap")
        self.assertEqual((gap["reason"], gap["from"]), ("epoch", None))

        replay = WebSocket(server.port, ann, after="0")
        replay.send({"type": "ping", "nonce": "end"})
        seen = set()
        end = WebSocket(server.port, ann).say("the end")["seq"]
        event = {}
        while event.get("seq") != end:
            event = replay.read(30)
            seen.add(event.get("text"))
        self.assertLessEqual(set(before), seen)
        self.assertEqual(server.stop(), 0)
        server = self.start(*self.options, data_dir=restored)
        again = Http(server.port, ann).get("/v1/hello").json["epoch"]
        self.assertEqual(again, hello["epoch"])

    def test_a_backup_without_a_server_overwrites_nothing(self):
        server = self.start()
        self.register(server.port, "ann")
        self.assertEqual(server.stop(), 0)
        copy = self.back_up()
        size = os.path.getsize(copy)
        line, = self.admin("backup", copy, status=1)
        self.assertIn("is there already", line)
        self.assertEqual(os.path.getsize(copy), size)
        self.assertEqual([name for name in os.listdir(self.directory.name) if "copy" in name],
                         ["copy.db"])
        shutil.copy(copy, os.path.join(self.data_dir, "rtchat.db"))
        login(self.start().port, "ann", PASSWORD)

    def test_what_cannot_be_backed_up_says_so(self):
        path = os.path.join(self.directory.name, "copy.db")
        self.admin("backup", path, status=1)
        line, = self.admin("--store=memory:", "backup", path, status=1)
        self.assertIn("cannot be copied", line)
        self.log_once()
        self.admin("backup", os.path.join(self.directory.name, "none", "copy.db"), status=1)
        self.assertFalse(os.path.exists(path))


class Socket(AdminTest):
    def test_it_is_private_goes_at_the_end_and_may_be_left_behind(self):
        server = self.start()
        path = os.path.join(self.data_dir, "admin.sock")
        self.assertEqual(stat.S_IMODE(os.stat(path).st_mode), 0o600)
        self.assertEqual(stat.S_IMODE(os.stat(self.data_dir).st_mode), 0o700)
        server.kill()
        self.assertTrue(os.path.exists(path))
        self.admin("user", "list")  # nobody answers there: the log is opened
        server = self.start()
        self.admin("user", "list")
        self.assertEqual(server.stop(), 0)
        self.assertFalse(os.path.exists(path))

    def test_a_memory_store_is_administered_in_its_server_only(self):
        line, = self.admin("--store=memory:", "user", "list", status=1)
        self.assertIn("no server runs", line)
        server = self.start("--store=memory:")
        code, = self.admin("invite")
        self.assertEqual(self.admin("invite", "list")[0].split()[0], code[:6])
        self.assertEqual(server.stop(), 0)

    def test_a_server_with_another_log_is_not_meant(self):
        self.log_once()
        self.start("--store=memory:")
        line, = self.admin("user", "ban", "ann", status=1)
        self.assertIn("give --store", line)

    def test_nonsense_and_idle_visitors_do_no_harm(self):
        import socket
        server = self.start()
        path = os.path.join(self.data_dir, "admin.sock")
        visitors = []
        for bytes_ in (b"", b"{", b"GET / HTTP/1.1\r\n\r\n", b"x" * 10000, b"\0\n", b"{}\n",
                       b'{"deed":"user_add","name":"ann","hash":"\\""}\n'):
            visitor = socket.socket(socket.AF_UNIX)
            visitor.settimeout(10)
            visitor.connect(path)
            try:
                visitor.sendall(bytes_)
            except OSError:
                pass
            visitors.append(visitor)
        self.assertEqual(self.admin("user", "list"), [])
        self.assertIn(b'"error"', visitors[-1].recv(1000))
        self.assertEqual(server.stop(), 0)
        for visitor in visitors:
            visitor.close()


class WrongUse(AdminTest):
    def test_wrong_uses_give_one_line_and_exit_2(self):
        for words in (["usr"], ["user"], ["user", "fly"], ["user", "add"], ["user", "add", "-a"],
                      ["user", "add", "two words"], ["user", "add", "x" * 33],
                      ["user", "list", "ann"], ["user", "list", "--generate"], ["--days=1"],
                      ["invite", "--days=0"], ["invite", "--days=x"], ["invite", "revoke"],
                      ["backup"], ["backup", "a", "b"],
                      ["user", "add", "ann", "--generate", "--password-file=x"]):
            with self.subTest(words=words):
                self.admin(*words, status=2)
        self.assertFalse(os.path.exists(self.data_dir))

    def test_what_fails_gives_one_line_and_exit_1(self):
        line, = self.admin("user", "list", status=1)
        self.assertIn("no log", line)
        self.assertFalse(os.path.exists(self.data_dir))
        self.log_once()
        for words in (["user", "password", "ann", "--generate"], ["user", "unban", "ann"],
                      ["user", "add", "ann", "--password-file=/nonexistent"],
                      ["user", "add", "ann", self.password_file("short")],
                      ["invite", "revoke", "abc"]):
            with self.subTest(words=words):
                self.admin(*words, status=1)

    def test_a_password_can_come_down_a_pipe(self):
        self.log_once()
        done = subprocess.run([PROGRAM, "--data-dir=" + self.data_dir, "user", "add", "ann",
                               "--password-file=-"], input=PASSWORD.encode(), capture_output=True,
                              timeout=30)
        self.assertEqual(done.returncode, 0, done.stderr)
        login(self.start().port, "ann", PASSWORD)


if __name__ == "__main__":
    unittest.main()
