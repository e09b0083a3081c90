"""rtchat-bench as its users run it: what it measures is whole, what it is told wrongly it refuses,
and Ctrl-C leaves what there is."""

import json
import os
import signal
import subprocess

import badproxy
from rtbench import SMALL, WAYS, BenchTest
from rtclient import fingerprint_of
from rtserver import PROGRAM as SERVER, ServerTest, wait_until


class Compare(BenchTest):
    def test_each_way_is_a_row_and_nothing_is_lost(self):
        result = self.measure("compare", *SMALL)
        kept, _ = self.by_keep_alive(result["rows"])
        self.assertEqual([(row["transport"], row["http"]) for row in kept], WAYS)
        for row in kept:
            messages = 12 if row["transport"] == "poll" else 6  # a whole interval of them
            self.assert_whole(row, [messages * 3] * 2)
            measures = row["measures"]
            for key in ("delivery_p50_ms", "delivery_max_ms", "receipt_p50_ms", "server_cpu_us",
                        "client_cpu_us"):
                self.assertEqual(len(measures[key]), 2, key)
                self.assertGreater(min(measures[key]), 0, key)
            self.assertLessEqual(measures["delivery_p50_ms"][0], measures["delivery_max_ms"][0])
            self.assertEqual(len(measures["recovery_ms"]), 1)
            self.assertGreater(measures["server_rss_bytes"][0], 0)
            self.assert_bytes_add_up(measures)
            self.assert_as_the_transport_is(row["transport"], row["http"], measures)
            self.assertEqual(row["varied"],
                             {"interval_s": 0.3} if row["transport"] == "poll" else {})
        self.assertEqual(result["environment"]["target"], "own")
        self.assertEqual(result["environment"]["tls"], "TLSv1.3")
        self.assertEqual(result["parameters"]["messages"], 6)
        self.assertEqual(self.leftovers(), [])

    @staticmethod
    def by_keep_alive(rows):
        kept = [row for row in rows if "keep_alive" not in row["varied"]]
        return kept, [row for row in rows if row not in kept]

    def test_without_keep_alive_each_request_pays_a_handshake(self):
        result = self.measure("compare", *SMALL, "--poll-interval=0.6", "--transport=longpoll",
                              "--transport=poll", "--transport=sse")
        kept, fresh = self.by_keep_alive(result["rows"])
        self.assertEqual([(row["transport"], row["http"], row["varied"]) for row in fresh],
                         [("longpoll", "1.1", {"keep_alive": "no"}),
                          ("poll", "1.1", {"interval_s": 0.3, "keep_alive": "no"})])
        for row in fresh:
            self.assert_whole(row, [(12 if row["transport"] == "poll" else 6) * 3])
            measures = row["measures"]
            for number, requests in enumerate(measures["requests"]):
                self.assertGreaterEqual(measures["connections"][number], requests)
                self.assertGreaterEqual(measures["handshakes"][number], requests)
            # Some milliseconds each, beside which it does nothing else that takes so long.
            self.assertGreater(min(measures["handshake_cpu_us"]), 0)
            self.assertNotIn("recovery_ms", measures)
        same = [row for row in kept if row["http"] == "1.1" and row["transport"] == "longpoll"]
        self.assertLess(same[0]["measures"]["handshakes"][0], fresh[0]["measures"]["handshakes"][0])

    def test_a_poll_is_late_by_half_its_interval(self):
        result = self.measure("compare", *SMALL, "--transport=poll", "--poll-interval=0.8",
                              "--http=1.1", "--rate=50")
        for late_ms in result["rows"][0]["measures"]["delivery_p50_ms"]:
            self.assertGreater(late_ms, 100)

    def test_the_table_is_for_people(self):
        status, out, errors = self.run_it("compare", *SMALL, "--transport=ws", "--rounds=1")
        self.assertEqual((status, errors), (0, ""))
        self.assertRegex(out, r"(?m)^ *ws +\d+\.\d\d ")

    def test_programs_read_it_as_csv_and_as_markdown(self):
        for form, wanted in (("--csv", r"(?m)^ws,1\.1,,delivery_p50_ms,ms,1,\d"),
                             ("--markdown", r"(?m)^\| ws +\| +\d"), ("--plot", r"(?m)^ *ws +\d")):
            status, out, errors = self.run_it("compare", form, *SMALL, "--transport=ws",
                                              "--rounds=1")
            self.assertEqual((status, errors), (0, ""))
            self.assertRegex(out, wanted)

    def test_ctrl_c_leaves_what_there_is(self):
        process = self.start("compare", "--json", *SMALL, "--transport=ws", "--rounds=100")
        wait_until(lambda: self.leftovers() != [], what="a directory of the server's")
        process.send_signal(signal.SIGINT)
        status, out, errors = self.finish(process)
        self.assertEqual(status, 1, errors)
        self.assertFalse(out and json.loads(out)["complete"])
        self.assertEqual(self.leftovers(), [])

    def test_the_server_is_gone_after_ctrl_c(self):
        process = self.start("compare", *SMALL, "--rounds=100")
        children = "/proc/%d/task/%d/children" % (process.pid, process.pid)

        def server():
            with open(children) as file:
                return file.read().split()

        wait_until(server, what="a server")
        pid = int(server()[0])
        process.send_signal(signal.SIGINT)
        self.finish(process)
        self.assertFalse(os.path.exists("/proc/%d" % pid))


class Recover(BenchTest):
    def test_all_come_back_and_miss_nothing(self):
        result = self.measure("recover", *SMALL)
        self.assertEqual([(row["transport"], row["http"]) for row in result["rows"]], WAYS)
        for row in result["rows"]:
            measures = row["measures"]
            self.assertEqual(measures["lost"] + measures["repeated"], [0] * 4, row)
            self.assertGreater(min(measures["recovery_ms"]), 0)


class Matrix(BenchTest):
    PROXY = "--badproxy=" + os.path.abspath(badproxy.__file__)

    def test_what_works_behind_a_fault(self):
        result = self.measure_with_notes("matrix", SMALL[0], self.PROXY, "--fault=none",
                                         "--fault=ws-block=403")
        states = {(row["varied"]["fault"], row["transport"]): row["words"]["state"]
                  for row in result["rows"]}
        for transport in ("ws", "sse", "longpoll", "poll", "auto"):
            self.assertEqual(states["none", transport], "works", result["rows"])
            self.assertEqual(states["ws-block=403", transport],
                             "blocked" if transport == "ws" else "works", result["rows"])
        for row in result["rows"]:
            self.assertEqual("found_after_ms" in row["measures"],
                             row["words"]["state"] == "works")

    def test_without_the_proxy_it_says_what_it_needs(self):
        for options in ((), ("--badproxy=" + os.devnull + "/none",)):
            status, out, errors = self.run_it("matrix", SMALL[0], *options)
            self.assertEqual((status, out), (2, ""))
            self.assertIn("--badproxy=FILE", errors)


class Usage(BenchTest):
    def test_what_is_wrong_is_told_with_what_was_wanted(self):
        for arguments, wanted in (
                ([], "no verb; wanted compare"),
                (["compete"], 'there is no verb "compete"; wanted compare'),
                (["compare", "https://a", "https://b"], "2 operands; wanted compare [URL]"),
                (["compare", "https://localhost"], "--user=NAME"),
                (["compare", "gopher://localhost", "--user=ann"], "https"),
                (["compare", "https://localhost", "--user=ann", "--rate=21"], "--rate=20"),
                (["compare", "https://localhost", "--user=ann", "--readers=21"], "--readers=20"),
                (["compare", "--transport=smoke"], "ws, sse, longpoll, poll"),
                (["compare", "--poll-interval=0"], "0.1-3600"),
                (["compare", "--rounds=0"], "1-100"),
                (["compare", "--json", "--csv"], "one of them"),
                (["compare", "--round=3"], "--rounds")):
            with self.subTest(arguments):
                status, out, errors = self.run_it(*arguments)
                self.assertEqual((status, out), (2, ""), errors)
                self.assertEqual(errors.count("\n"), 1, errors)
                self.assertIn(wanted, errors)

    def test_help_and_version(self):
        for option, wanted in (("--help", "--poll-interval"), ("--version", "rtchat-bench 0.")):
            status, out, errors = self.run_it(option)
            self.assertEqual((status, errors), (0, ""))
            self.assertIn(wanted, out)

    def test_a_server_that_is_not_there(self):
        status, out, errors = self.run_it("compare", "--server=" + self.home.name + "/none")
        self.assertEqual((status, out), (1, ""))
        self.assertIn("No such file", errors)
        self.assertEqual(self.leftovers(), [])


class Elsewhere(BenchTest, ServerTest):
    """Against a server that is not the bench's own."""

    options = ("--guests=no", "--registration=closed")
    PASSWORD = "correct horse battery"

    @classmethod
    def setUpClass(cls):
        ServerTest.setUpClass.__func__(cls)
        cls.secret = os.path.join(cls.directory.name, "secret")
        with open(cls.secret, "w") as file:
            file.write(cls.PASSWORD + "\n")
        subprocess.run([SERVER, "user", "add", "ann", "--data-dir=" + cls.directory.name,
                        "--password-file=" + cls.secret], check=True, capture_output=True)

    def arguments(self, *options):
        return ("compare", *SMALL[1:], "--user=ann",
                "--fingerprint=" + fingerprint_of(self.server), "--rate=20", "--rounds=1",
                *options, "https://127.0.0.1:%d" % self.port)

    def test_an_account_measures_there(self):
        result = self.measure(*self.arguments("--password-file=" + self.secret,
                                              "--transport=ws", "--transport=sse"))
        self.assertEqual([(row["transport"], row["http"]) for row in result["rows"]], WAYS[:3])
        for row in result["rows"]:
            self.assert_whole(row, [18])
            self.assertNotIn("server_cpu_us", row["measures"])
            self.assertNotIn("recovery_ms", row["measures"])
        self.assertEqual(result["environment"]["target"], "https://127.0.0.1:%d" % self.port)

    def test_a_wrong_password_is_told(self):
        wrong = os.path.join(self.home.name, "wrong")
        with open(wrong, "w") as file:
            file.write("guess\n")
        status, out, errors = self.run_it(*self.arguments("--password-file=" + wrong))
        self.assertEqual((status, out), (1, ""))
        self.assertIn("ann", errors)

    def test_nobody_to_ask_for_a_password(self):
        status, out, errors = self.run_it(*self.arguments())
        self.assertEqual((status, out), (1, ""))
        self.assertIn("--password-file=FILE", errors)


del BenchTest
