"""The program itself: options, starting, ending, and what it does when the machine is not well."""

import os
import resource
import signal
import socket
import stat
import struct
import threading
import time
import unittest

from rtserver import OwnServerTest, wait_until
from wsclient import Closed, Http, WebSocket, ask, connect_tls, login, tls_context


class Options(OwnServerTest):
    def test_help_and_version_go_to_stdout(self):
        status, out, err = self.run_to_end("--help")
        self.assertEqual((status, err), (0, ""))
        for option in ("--port", "--bind", "--workers", "--heartbeat", "--trusted-proxy"):
            self.assertIn(option, out)
        status, out, err = self.run_to_end("--version")
        self.assertEqual((status, err), (0, ""))
        self.assertRegex(out, r"^rtchat-server \d+\.\d+")

    def test_wrong_usage_is_2_with_one_line(self):
        for options in (("--prot=1",), ("--port=70000",), ("--workers=x",), ("extra",),
                        ("--cert=/x",), ("--trusted-proxy=nowhere",), ("--allow-origin=*",),
                        ("--allow-origin=chat.example",), ("--guests=maybe",),
                        ("--config=/no/such/file",)):
            with self.subTest(options=options):
                status, out, err = self.run_to_end(*options)
                self.assertEqual((status, out), (2, ""))
                self.assertEqual(err.count("\n"), 1, err)

    def test_check_config(self):
        status, out, _ = self.run_to_end("--check-config", "--port=8443")
        self.assertEqual(status, 0)
        self.assertFalse(os.path.exists(os.path.join(self.directory.name, ".local")))
        status, _, err = self.run_to_end("--check-config", "--cert=/no/cert", "--key=/no/key")
        self.assertEqual(status, 1)
        self.assertIn("/no/cert", err)

    def test_the_file_counts_and_flags_win(self):
        path = os.path.join(self.directory.name, "rtchat.conf")
        with open(path, "w") as config:
            config.write("[server]\nguests = no\nheartbeat = 7\n")
        server = self.start("--config=" + path, "--heartbeat=9")
        self.assertEqual(ask(server.port, "POST", "/v1/login", {"user": "a"}).status, 403)
        body = {"user": "ann", "password": "correct horse"}
        token = ask(server.port, "POST", "/v1/register", body).json["token"]
        self.assertEqual(Http(server.port, token).get("/v1/hello").json["heartbeat"], 9)


class Start(OwnServerTest):
    def test_the_lines_on_stdout_and_the_files(self):
        server = self.start()
        self.assertRegex(server.lines[0], r"^rtchat-server: certificate SHA-256 ([0-9A-F]{2}:){31}"
                                          r"[0-9A-F]{2}$")
        self.assertRegex(server.lines[1], r"^rtchat-server: listening on https://localhost:\d+$")
        self.assertEqual(stat.S_IMODE(os.stat(self.data_dir).st_mode), 0o700)
        key = os.stat(os.path.join(self.data_dir, "key.pem"))
        self.assertEqual(stat.S_IMODE(key.st_mode), 0o600)
        self.assertEqual(server.stop(), 0)
        again = self.start()
        self.assertEqual(again.lines[0], server.lines[0])

    def test_the_certificate_names_this_machine(self):
        server = self.start()
        import ssl
        context = ssl.create_default_context(cafile=os.path.join(self.data_dir, "cert.pem"))
        for name in ("localhost", "127.0.0.1"):
            plain = socket.create_connection(("127.0.0.1", server.port))
            context.wrap_socket(plain, server_hostname=name).close()

    def test_a_second_server_on_the_port_is_told(self):
        server = self.start()
        status, out, err = self.run_to_end("--port=%d" % server.port,
                                           "--data-dir=" + self.data_dir + "2")
        self.assertEqual((status, out), (1, ""))
        self.assertIn("taken", err)

    def test_a_second_server_on_the_data_is_told(self):
        self.start()
        status, out, err = self.run_to_end("--port=0", "--data-dir=" + self.data_dir)
        self.assertEqual((status, out), (1, ""))
        self.assertIn("rtchat.db", err)

    def test_a_bad_certificate_is_told(self):
        os.makedirs(self.data_dir)
        path = os.path.join(self.data_dir, "cert.pem")
        self.start().stop()
        with open(path, "w") as cert:
            cert.write("no certificate")
        status, _, err = self.run_to_end("--port=0", "--data-dir=" + self.data_dir)
        self.assertEqual(status, 1)
        self.assertIn(path, err)

    def test_a_data_directory_that_is_none_is_told(self):
        path = os.path.join(self.directory.name, "file")
        open(path, "w").close()
        status, _, err = self.run_to_end("--port=0", "--data-dir=" + path)
        self.assertEqual(status, 1)
        self.assertIn(path, err)

    @unittest.skipIf(os.getuid() == 0, "root may write everywhere")
    def test_a_data_directory_that_is_read_only_is_told(self):
        os.makedirs(self.data_dir, 0o500)
        status, _, err = self.run_to_end("--port=0", "--data-dir=" + self.data_dir)
        self.assertEqual(status, 1)
        self.assertIn(self.data_dir, err)

    def test_bind_takes_several_and_ipv6_where_there_is_one(self):
        server = self.start("--bind=127.0.0.2", "--bind=127.0.0.3")
        self.assertRegex(server.lines[1], r"https://127\.0\.0\.2:\d+$")
        for address in ("127.0.0.2", "127.0.0.3"):
            socket.create_connection((address, server.port), 5).close()
        with self.assertRaises(OSError):
            socket.create_connection(("127.0.0.1", server.port), 5)


class Quiet(OwnServerTest):
    def test_it_serves_at_every_log_level(self):
        for level in ("error", "warn", "info", "debug"):
            with self.subTest(level=level):
                server = self.start("--log-level=" + level)
                self.assertEqual(ask(server.port, "GET", "/healthz").status, 200)
                self.assertEqual(server.stop(), 0)


class End(OwnServerTest):
    def test_sigterm_says_bye_closes_with_1012_and_exits_0(self):
        for number in (signal.SIGTERM, signal.SIGINT):
            with self.subTest(signal=number):
                server = self.start()
                streams = [WebSocket(server.port, login(server.port, "u%d-%d" % (n, number)))
                           for n in range(8)]
                idle = Http(server.port)
                idle.get("/healthz")
                server.signal(number)
                delays = set()
                for stream in streams:
                    bye = stream.read_until("bye")
                    self.assertEqual(bye["reason"], "shutdown")
                    self.assertTrue(0 <= bye["delay_ms"] <= 5000)
                    delays.add(bye["delay_ms"])
                    self.assertEqual(stream.read_close(), 1012)
                    stream.cut()
                self.assertGreater(len(delays), 1)
                self.assertEqual(server.wait(10), 0)

    def test_what_was_sent_before_the_end_is_answered_or_not_there(self):
        server = self.start("--burst=100000")
        token = login(server.port, "ann")
        stream = WebSocket(server.port, token)
        for n in range(500):
            stream.send({"type": "say", "id": "s%d" % n, "room": "#lobby", "text": "%d" % n})
        server.signal(signal.SIGTERM)
        receipts = set()
        try:
            while True:
                event = stream.read()
                if event["type"] == "receipt":
                    receipts.add(event["id"])
        except (Closed, OSError):
            pass
        stream.cut()
        self.assertEqual(server.wait(15), 0)
        server = self.start()
        replay = WebSocket(server.port, token, after="0")
        replay.send({"type": "ping", "nonce": "end"})
        seen = []
        last = WebSocket(server.port, token).say("the end")["seq"]
        while not seen or seen[-1].get("seq") != last:
            seen.append(replay.read())
        self.assertLessEqual(receipts, {event.get("id") for event in seen})

    def test_a_second_signal_ends_it_at_once(self):
        server = self.start()
        stream = WebSocket(server.port, login(server.port, "ann"))
        stream.read_until("hello")
        server.signal(signal.SIGTERM)
        stream.read_until("bye")  # it now waits for our close frame
        server.signal(signal.SIGTERM)
        self.assertNotEqual(server.wait(3), 0)

    def test_it_ends_while_peers_are_in_the_middle_of_something(self):
        server = self.start()
        silent = socket.create_connection(("127.0.0.1", server.port))
        half = connect_tls(server.port)
        half.sendall(b"POST /v1/login HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\n{")
        threading.Thread(target=self._register, args=(server.port,), daemon=True).start()
        server.signal(signal.SIGTERM)
        self.assertEqual(server.wait(20), 0)
        silent.close()

    def _register(self, port):
        try:
            ask(port, "POST", "/v1/register", {"user": "ann", "password": "correct horse"})
        except OSError:
            pass


class Faults(OwnServerTest):
    def rude_close(self, port):
        """Finishes the handshake and resets with the session tickets unread."""
        plain = socket.create_connection(("127.0.0.1", port))
        plain.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        stream = tls_context().wrap_socket(plain, server_hostname="localhost")
        stream.close()

    def plain_close(self, port):
        plain = socket.create_connection(("127.0.0.1", port))
        stream = tls_context().wrap_socket(plain, server_hostname="localhost")
        stream.close()

    def test_rude_closes_do_not_spin(self):
        server = self.start(workers=1)
        for close in (self.rude_close, self.plain_close):
            with self.subTest(close=close.__name__):
                threads = [threading.Thread(target=close, args=(server.port,)) for _ in range(20)]
                for thread in threads:
                    thread.start()
                for thread in threads:
                    thread.join()
                before = server.cpu_seconds()
                time.sleep(2)  # the fact is about time: two seconds of nothing to do
                self.assertLess(server.cpu_seconds() - before, 0.3)

    def test_an_idle_server_is_idle(self):
        server = self.start()
        streams = [WebSocket(server.port, login(server.port, "u%d" % n)) for n in range(20)]
        before = server.cpu_seconds()
        time.sleep(2)
        self.assertLess(server.cpu_seconds() - before, 0.3)
        for stream in streams:
            stream.cut()

    def test_no_descriptors_is_a_wait_and_no_spin(self):
        server = self.start(workers=1)
        pid = server.process.pid
        in_use = len(os.listdir("/proc/%d/fd" % pid))
        resource.prlimit(pid, resource.RLIMIT_NOFILE, (in_use + 4, in_use + 4))
        held = [socket.create_connection(("127.0.0.1", server.port)) for _ in range(12)]
        wait_until(lambda: "accept failed" in server.errors(), what="EMFILE")
        before = server.cpu_seconds()
        time.sleep(2)
        self.assertLess(server.cpu_seconds() - before, 0.3)
        for stream in held:
            stream.close()
        self.assertEqual(ask(server.port, "GET", "/healthz").status, 200)

    def test_a_full_disk_is_503_until_there_is_room_again(self):
        server = self.start("--burst=100000", "--rate=100000")
        stream = WebSocket(server.port, login(server.port, "ann"))
        self.assertEqual(stream.say("fits")["type"], "receipt")
        size = max(os.path.getsize(os.path.join(self.data_dir, name))
                   for name in os.listdir(self.data_dir))
        full = (size + 4096, resource.RLIM_INFINITY)
        resource.prlimit(server.process.pid, resource.RLIMIT_FSIZE, full)
        codes = []
        for n in range(200):
            codes.append(stream.say("x" * 4000, id="f%d" % n).get("code"))
            if codes[-1]:
                break
        self.assertEqual(codes[-1], "unavailable")
        answer = ask(server.port, "POST", "/v1/login", {"user": "bob"})
        if answer.status != 200:
            self.assertEqual((answer.status, answer.code), (503, "unavailable"))
            self.assertIn("Retry-After", answer.headers)
        free = (resource.RLIM_INFINITY, resource.RLIM_INFINITY)
        resource.prlimit(server.process.pid, resource.RLIMIT_FSIZE, free)
        self.assertEqual(stream.say("room again")["type"], "receipt")
        last = stream.say("x" * 4000, id="f%d" % n)
        self.assertEqual(last["type"], "receipt")

    def test_a_new_certificate_is_taken_on_sighup(self):
        server = self.start()
        import subprocess

        def served():
            stream = connect_tls(server.port)
            der = stream.getpeercert(True)
            stream.close()
            return der

        held = WebSocket(server.port, login(server.port, "ann"))
        before = served()
        cert, key = (os.path.join(self.data_dir, name) for name in ("cert.pem", "key.pem"))
        with open(cert) as file:
            old = file.read()
        with open(cert, "w") as file:
            file.write("broken")
        server.signal(signal.SIGHUP)
        wait_until(lambda: "stays as it was" in server.errors(), what="a word about the bad one")
        self.assertEqual(served(), before)
        with open(cert, "w") as file:
            file.write(old)
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
                        "ec_paramgen_curve:P-256", "-nodes", "-keyout", key, "-out", cert,
                        "-subj", "/CN=new", "-days", "2"], check=True, capture_output=True)
        server.signal(signal.SIGHUP)
        wait_until(lambda: served() != before, what="the new certificate")
        self.assertEqual(held.say("still here")["type"], "receipt")


if __name__ == "__main__":
    unittest.main()
