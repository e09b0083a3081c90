"""rtchat-bench idle and sweep: what is scaled to an hour, and what is varied."""

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

    def test_values_that_will_not_do(self):
        for over, values in (("rate", "x"), ("rate", "1,,2"), ("rate", "-1"), ("rate", "nan"),
                             ("readers", "0"), ("rtt", "2001"), ("rate", ","), ("rate", "1,2,")):
            status, out, errors = self.run_it("sweep", "--over=" + over, "--values=" + values)
            self.assertEqual((status, out), (2, ""))
            self.assertIn("--values=", errors)


del BenchTest
