"""rtchat-bench idle and sweep: what is scaled to an hour, and what is varied."""

import json
import os
import tempfile

from rtbench import SMALL, BenchTest


class Idle(BenchTest):
    def test_an_hour_of_nothing(self):
        result = self.measure_with_notes("idle", *SMALL, "--seconds=3", "--http=1.1",
                                         "--poll-interval=0.3", "--poll-interval=1")
        rows = {(row["transport"], row["varied"].get("interval_s")): row["measures"]
                for row in result["rows"]}
        self.assertEqual(set(rows), {("ws", None), ("sse", None), ("longpoll", None),
                                     ("poll", 0.3), ("poll", 1)})
        self.assertEqual(rows["ws", None]["requests_per_hour"], [0])
        self.assertGreater(rows["poll", 0.3]["requests_per_hour"][0],
                           2 * rows["poll", 1]["requests_per_hour"][0])
        self.assertGreater(rows["poll", 0.3]["empty_share"][0], 50)
        self.assertGreater(rows["poll", 1]["bytes_per_hour"][0],
                           rows["ws", None]["bytes_per_hour"][0])
        for row in result["rows"]:
            self.assertEqual(row["varied"]["use"], "idle")
            self.assertGreater(row["measures"]["server_cpu_ms_per_hour"][0], 0)
        self.assertRegex("\n".join(result["notes"]),
                         r"poll every 1 s: of the requests \d+ an hour ask for news")


class Sweep(BenchTest):
    def test_over_the_rate(self):
        result = self.measure_with_notes("sweep", *SMALL, "--seconds=2", "--values=600,0",
                                         "--transport=ws", "--transport=poll", "--http=1.1")
        self.assertEqual([(row["transport"], row["varied"]["rate_per_min"])
                          for row in result["rows"]],
                         [("ws", 0), ("poll", 0), ("ws", 600), ("poll", 600)])
        ws = [row["measures"]["bytes_per_hour"][0] for row in result["rows"][::2]]
        self.assertLess(ws[0], ws[1])
        for row in result["rows"][2:]:
            self.assert_whole(row, [60])

    def test_over_the_round_trip(self):
        result = self.measure("sweep", *SMALL, "--over=rtt", "--values=0,200", "--transport=ws")
        late = [row["measures"]["delivery_p50_ms"][0] for row in result["rows"]]
        self.assertGreaterEqual(late[1], 200)  # up to the server, and down to the reader

    def test_over_the_readers_and_the_interval(self):
        result = self.measure("sweep", *SMALL, "--over=readers", "--values=1,4", "--transport=sse",
                              "--http=2")
        self.assertEqual([row["measures"]["delivered"] for row in result["rows"]], [[12], [30]])
        result = self.measure("sweep", *SMALL, "--over=poll-interval", "--values=0.2,0.6")
        self.assertEqual([row["varied"]["interval_s"] for row in result["rows"]], [0.2, 0.6])

    def test_over_loss_where_the_kernel_has_it(self):
        """Where it has not, that is said with the reason and with what is wanted."""
        status, out, errors = self.run_it("sweep", "--json", *SMALL, "--over=loss", "--values=0,2",
                                          "--transport=ws")
        if status == 0:
            self.assertEqual([row["varied"] for row in json.loads(out)["rows"]],
                             [{"loss_percent": 0}, {"loss_percent": 2}])
        else:
            self.assertEqual((status, out), (1, ""))
            self.assertRegex(errors, r"^rtchat-bench: loss is left out, nothing was measured: "
                                     r"[^\n]+; wanted [^\n]+\n$")
        self.assertEqual(self.leftovers(), [])

    def with_tc(self, script):
        """Runs it with a tc that does this; (status, output, errors, what tc was told)"""
        directory = tempfile.TemporaryDirectory(prefix="rtchat-test-")
        self.addCleanup(directory.cleanup)
        tc, told = (os.path.join(directory.name, name) for name in ("tc", "told"))
        with open(tc, "w") as file:
            file.write('#!/bin/sh\necho "$@" >> %s\n%s\n' % (told, script))
        os.chmod(tc, 0o700)
        self.environment["PATH"] = directory.name + ":" + os.environ["PATH"]
        answer = self.run_it("sweep", "--json", *SMALL, "--over=loss", "--values=5,0.5",
                             "--transport=ws")
        if answer[0] != 0 and "namespace" in answer[2]:
            self.skipTest(answer[2])
        with open(told) as file:
            return (*answer, file.read().splitlines())

    def test_loss_is_set_for_each_value_in_a_network_of_its_own(self):
        """What the kernel would do with it is not looked at."""
        status, out, errors, told = self.with_tc("readlink /proc/self/ns/net >> $0.net")
        self.assertEqual((status, errors), (0, ""))
        self.assertEqual(told, ["qdisc replace dev lo root netem loss %s%%" % percent
                                for percent in ("0", "0.5", "5")])
        with open(self.environment["PATH"].split(":")[0] + "/tc.net") as file:
            places = set(file.read().split())
        self.assertEqual(len(places), 1)
        self.assertNotIn(os.readlink("/proc/self/ns/net"), places)
        rows = json.loads(out)["rows"]
        self.assertEqual([row["varied"]["loss_percent"] for row in rows], [0.5, 5])
        for row in rows:
            self.assert_whole(row, [18])

    def test_a_loss_that_the_kernel_refuses_later_is_noted(self):
        status, out, errors, told = self.with_tc(
            'case "$*" in *" 5%") echo "Error: no room." >&2; exit 2;; esac')
        result = json.loads(out)
        self.assertEqual((status, result["complete"]), (1, False))
        self.assertEqual([row["varied"]["loss_percent"] for row in result["rows"]], [0.5])
        self.assertIn("netem loss 5%: Error: no room; wanted", "\n".join(result["notes"]))

    def test_values_that_will_not_do(self):
        for over, values in (("rate", "x"), ("rate", "1,,2"), ("rate", "-1"), ("rate", "nan"),
                             ("readers", "0"), ("rtt", "2001"), ("loss", "51"), ("rate", ","), ("rate", "1,2,")):
            status, out, errors = self.run_it("sweep", "--over=" + over, "--values=" + values)
            self.assertEqual((status, out), (2, ""))
            self.assertIn("--values=", errors)


del BenchTest
