"""rtchat-bench on results that were measured before: another form, two of them, what is said, advice."""

import copy
import csv
import io
import json
import os
import subprocess
import tempfile
import unittest

BENCH = os.environ.get("RTCHAT_BENCH", "rtchat-bench")
LAYERS = ("text", "json", "framing", "tls", "tcpip")


def row(transport, use=None, interval=None, **measures):
    varied = {name: value for name, value in (("use", use), ("interval_s", interval)) if value}
    measures = {name: [value, value * 0.99, value * 1.01] for name, value in measures.items()}
    return {"transport": transport, "http": "1.1", "varied": varied, "measures": measures, "words": {}}


def bytes_of(flow, up, down):
    return {f"{flow}_{way}_{layer}_bytes": value
            for way, values in (("up", up), ("down", down)) for layer, value in zip(LAYERS, values)}


def result():
    """A poll costs 700 B, a heartbeat 300 B, a message said by POST four times one by ws."""
    rows = []
    for name, polls, said in (("ws", 0, 100), ("sse", 0, 400), ("longpoll", 144, 400), ("poll", 1200, 400)):
        rows.append(row(name, delivery_p50_ms=1500 if name == "poll" else 1.0,
                        delivery_p99_ms=2970 if name == "poll" else 3.0, delivery_max_ms=3000,
                        read_requests=1 if name == "longpoll" else 0, send_requests=int(said > 100),
                        server_cpu_us=20, server_rss_bytes=20000, kernel_bytes=8000,
                        **bytes_of("send", (100, 100, said, 20, 50), (0, 60, said, 20, 50)),
                        **bytes_of("read", (0, 0, 250 if name == "longpoll" else 0, 0, 50),
                                   (100, 150, 250 if name == "longpoll" else 4, 20, 50))))
        idle = polls or 240
        rows.append(row(name, use="idle", requests_per_hour=polls, server_cpu_ms_per_hour=idle * 0.03,
                        bytes_per_hour=idle * (700 if polls else 300),
                        **bytes_of("hour", (0, 0, idle * (200 if polls else 6), idle * 20, idle * 50),
                                   (0, 0, idle * (300 if polls else 134), idle * 30, idle * 60))))
    return {"format": "rtchat-bench/1", "kind": "compare", "at": "2026-11-24T12:00:00.000Z", "seed": 7,
            "environment": {"cpu": "Example CPU"}, "parameters": {"rate_per_s": 20, "readers": 5},
            "rows": rows, "notes": [], "complete": True}


class BenchResultTest(unittest.TestCase):
    def setUp(self):
        self.home = tempfile.TemporaryDirectory(prefix="rtchat-test-")
        self.addCleanup(self.home.cleanup)

    def path(self, name, content):
        path = os.path.join(self.home.name, name)
        with open(path, "w", encoding="utf-8") as file:
            file.write(content if isinstance(content, str) else json.dumps(content))
        return path

    def run_it(self, *arguments, status=0):
        done = subprocess.run([BENCH, *arguments], stdin=subprocess.DEVNULL, capture_output=True, text=True,
                              env=dict(os.environ, HOME=self.home.name, XDG_CONFIG_HOME=self.home.name,
                                       LANG="C.UTF-8"), timeout=60)
        self.assertNotIn("Sanitizer", done.stderr)
        self.assertEqual(done.returncode, status, done.stdout + done.stderr)
        return done.stdout if status == 0 or done.stdout else done.stderr

    def test_show_has_every_form(self):
        path = self.path("a.json", result())
        self.assertIn("Example CPU", self.run_it("show", path))
        self.assertEqual(json.loads(self.run_it("show", "--json", path))["rows"][0]["measures"]["read_requests"],
                         [0, 0, 0])
        lines = list(csv.DictReader(io.StringIO(self.run_it("show", "--csv", path))))
        self.assertIn(("poll", "requests_per_hour", "1200"),
                      [(line["transport"], line["measure"], line["median"]) for line in lines])
        self.assertIn("| way |", self.run_it("show", "--markdown", path))
        self.assertIn("Delivery, from ", self.run_it("show", "--plot", path))
        self.run_it("show", "--ascii", path).encode("ascii")
        self.assertIn("±", self.run_it("show", path))

    def test_page_is_written_besides(self):
        page = os.path.join(self.home.name, "page.html")
        self.assertIn("Example CPU", self.run_it("show", "--html=" + page, self.path("a.json", result())))
        with open(page, encoding="utf-8") as file:
            self.assertIn("</html>", file.read())

    def test_page_that_cannot_be_written_is_told(self):
        path = self.path("a.json", result())
        done = subprocess.run([BENCH, "show", "--html=/nowhere/page.html", path], capture_output=True, text=True,
                              timeout=60)
        self.assertEqual(done.returncode, 1)
        self.assertIn("--html=/nowhere/page.html: No such file", done.stderr)

    def test_files_are_taken_together(self):
        whole = result()
        idle = [one for one in whole["rows"] if one["varied"]]
        compare = self.path("compare.json", dict(whole, rows=[one for one in whole["rows"] if not one["varied"]]))
        idle = self.path("idle.json", dict(whole, kind="idle", rows=idle))
        out = self.run_it("claims", compare, idle)
        self.assertIn("far fewer requests than short polling: holds", out.replace("\n  ", " "))
        self.assertNotIn("far fewer requests than short polling: holds",
                         self.run_it("claims", compare).replace("\n  ", " "))
        choice = json.loads(self.run_it("advise", "--json", "--profile=" + compare, "--profile=" + idle))["choice"]
        self.assertEqual(choice["transport"], "sse")

    def test_diff_says_what_changed(self):
        slower = copy.deepcopy(result())
        slower["environment"]["cpu"] = "Other CPU"
        slower["rows"][0]["measures"]["delivery_p50_ms"] = [4, 4.1, 4.2]
        out = self.run_it("diff", self.path("a.json", result()), self.path("b.json", slower))
        self.assertIn("cpu: Example CPU -> Other CPU", out)
        self.assertIn("worse", out)
        self.assertIn("0 better, 1 worse, ", out)

    def test_claims_tell_by_their_status_whether_they_hold(self):
        path = self.path("a.json", result())
        verdicts = {claim["number"]: claim["verdict"]
                    for claim in json.loads(self.run_it("claims", "--json", path))["claims"]}
        self.assertEqual(len(verdicts), 11)
        self.assertEqual((verdicts[2], verdicts[4], verdicts[8]), ("holds", "holds", "holds"))
        self.assertEqual(verdicts[10], "not measured")
        wrong = result()
        wrong["rows"][0]["measures"]["send_requests"] = [1, 1, 1]
        self.assertIn("8. WebSocket says a message without an HTTP exchange: does not hold",
                      self.run_it("claims", self.path("b.json", wrong), status=1))

    def test_published_figures_stand_beside_ours(self):
        self.assertIn("SockJS long poll", self.run_it("published", self.path("a.json", result())))

    def test_advice_follows_the_question(self):
        profile = "--profile=" + self.path("a.json", result())
        chosen = lambda *options: json.loads(self.run_it("advise", "--json", profile, *options))["choice"]
        self.assertEqual(chosen("--rate=0.03", "--read-only", "--delay=600")["transport"], "poll")
        self.assertEqual(chosen("--rate=20", "--read-only")["transport"], "sse")
        self.assertEqual(chosen("--rate=60", "--said=60")["transport"], "ws")
        self.assertNotEqual(chosen("--rate=60", "--said=60", "--network=proxied")["transport"], "ws")
        out = self.run_it("advise", profile, "--users=10000", "--rate=20", "--read-only", "--explain")
        self.assertIn("take sse", out)
        self.assertIn("10,000 users", out)
        self.assertIn("down = told 1200 x ", out)

    def test_installed_profile_bears_out_what_is_said(self):
        path = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../bench/profile.json")
        verdicts = {claim["number"]: claim["verdict"]
                    for claim in json.loads(self.run_it("claims", "--json", path))["claims"]}
        self.assertEqual(set(verdicts.values()), {"holds"})
        self.assertIn("take ", self.run_it("advise", "--profile=" + path, "--network=hostile"))
        with open(path, encoding="utf-8") as file:
            environment = json.load(file)["environment"]
        self.assertLessEqual({"cpu", "kernel", "cores", "rtchat", "tls"}, environment.keys())

    def test_what_is_no_profile_is_told(self):
        self.assertIn("bytes a delivery", self.run_it("advise", "--profile=" + self.path("a.json", dict(
            result(), rows=[])), status=1))
        self.assertIn("No such file", self.run_it("advise", "--profile=/nowhere/a.json", status=1))
        self.assertIn("not a result of rtchat-bench", self.run_it("show", self.path("b.json", "{}"), status=1))
        self.assertIn("wanted diff FILE FILE", self.run_it("diff", "a.json", status=2))


if __name__ == "__main__":
    unittest.main()
