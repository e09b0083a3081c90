"""The 11 statements about the transports, on a small run of this machine: where counts decide, the
direction holds on any machine and under any load; what CPU and time decide is measured, no more."""

import json
import os

import badproxy
from rtbench import SMALL, BenchTest

# Requests, connections, handshakes, bytes, what was lost, what carried; and waiting for the next
# question, which takes hundreds of milliseconds.
COUNTED = (1, 2, 4, 5, 6, 7, 8, 10)
WEIGHED = (3, 9, 11)  # in part by the CPU, the time and the memory that others leave on the machine

LOAD = (SMALL[0], "--rounds=1", "--readers=2", "--rate=8", "--messages=16")
# So that an idle poller asks thrice in it at least: the next question waits for the last answer.
IDLE_SECONDS = "9.5"
RUNS = (
    # Those that mostly wait run at the same time.
    {"push": ("compare", *LOAD, "--transport=ws", "--transport=sse"),
     "idle": ("idle", SMALL[0], "--readers=1", "--http=1.1", "--seconds=" + IDLE_SECONDS,
              "--poll-interval=3"),
     "sweep": ("sweep", SMALL[0], "--readers=1", "--http=1.1", "--seconds=3", "--values=0,600",
               "--transport=ws", "--transport=poll", "--poll-interval=1")},
    {"polls": ("compare", *LOAD, "--transport=longpoll", "--transport=poll", "--http=1.1",
               "--poll-interval=1", "--poll-interval=3"),
     "matrix": ("matrix", SMALL[0], "--badproxy=" + os.path.abspath(badproxy.__file__),
                "--fault=ws-block=403")},
)


class Claims(BenchTest):
    def measure_all(self):
        """{name: the result}, each in a file of its own."""
        results = {}
        for together in RUNS:
            processes = {name: self.start("--json", *arguments)
                         for name, arguments in together.items()}
            for name, process in processes.items():
                status, out, errors = self.finish(process)
                self.assertEqual((status, errors), (0, ""), (name, out))
                results[name] = json.loads(out)
                self.assertTrue(results[name]["complete"], name)
                with open(self.file(name), "w") as file:
                    file.write(out)
        return results

    def file(self, name):
        return os.path.join(self.home.name, name + ".json")

    def judge(self, *names):
        """{number: (verdict, its figures)}"""
        status, out, errors = self.run_it("claims", "--json", *map(self.file, names))
        self.assertIn(status, (0, 1), errors)
        self.assertEqual(errors, "")
        return {claim["number"]: (claim["verdict"], "\n".join(claim["figures"]))
                for claim in json.loads(out)["claims"]}

    def test_what_is_counted_holds_and_the_rest_is_measured(self):
        results = self.measure_all()
        claims = self.judge(*results)
        self.assertEqual(sorted(claims), sorted(COUNTED + WEIGHED))
        for number in COUNTED:
            with self.subTest(number):
                self.assertEqual(claims[number][0], "holds", claims[number][1])
        for number in WEIGHED:
            with self.subTest(number):
                self.assertIn(claims[number][0], ("holds", "does not hold"))
                self.assertNotEqual(claims[number][1], "")
        with self.subTest("what of the weighed ones is counted"):
            self.check_rates(results["sweep"])
            self.check_reading(results["push"])
            self.check_keep_alive(results["polls"])
            self.check_choice(claims[11][1])
        with self.subTest("a run that says otherwise"):
            self.check_that_it_can_fail(results["idle"])

    def check_rates(self, result):
        """With no news a poll takes many times the bytes of ws; of much, one answer brings much."""
        rows = {(row["transport"], row["varied"]["rate_per_min"]): row["measures"]
                for row in result["rows"]}
        self.assertGreater(rows["poll", 0]["bytes_per_hour"][0],
                           2 * rows["ws", 0]["bytes_per_hour"][0])
        self.assertLess(rows["poll", 600]["read_requests"][0], 0.5)

    def check_reading(self, result):
        """A reader's bytes over SSE are about those over ws."""
        ws, sse = ([sum(values[0] for key, values in row["measures"].items()
                        if key.startswith("read_") and key.endswith("_bytes"))
                    for row in result["rows"] if row["transport"] == name][0]
                   for name in ("ws", "sse"))
        self.assertLessEqual(sse, 1.5 * ws)

    def check_keep_alive(self, result):
        """Without it each request of those who ask pays a handshake."""
        for transport in ("longpoll", "poll"):
            kept, fresh = ([row["measures"] for row in result["rows"]
                            if row["transport"] == transport and
                            ("keep_alive" in row["varied"]) is is_fresh][0] for is_fresh in (False, True))
            self.assertGreaterEqual(fresh["handshakes"][0], fresh["requests"][0])
            self.assertLess(kept["handshakes"][0], kept["requests"][0])

    def check_choice(self, figures):
        """What costs tens of times as much, and what does not get through."""
        self.assertRegex(figures, r"(?m)^told twice an hour, ten minutes late: poll;")
        self.assertRegex(figures, r"(?m)^the same over a hostile network: (sse|longpoll)\b")

    def check_that_it_can_fail(self, idle):
        for row in idle["rows"]:
            if row["transport"] == "longpoll":
                row["measures"]["requests_per_hour"] = [1100]
        with open(self.file("turned"), "w") as file:
            json.dump(idle, file)
        self.assertEqual(self.judge("turned")[4][0], "does not hold")


del BenchTest
