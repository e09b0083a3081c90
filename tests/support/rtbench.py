"""Runs the real rtchat-bench for tests. The program's path is in RTCHAT_BENCH."""

import json
import os
import subprocess
import tempfile
import unittest

from rtserver import PROGRAM as SERVER

BENCH = os.environ.get("RTCHAT_BENCH", "rtchat-bench")
SMALL = ("--server=" + SERVER, "--messages=6", "--rate=40", "--readers=2", "--rounds=2",
         "--poll-interval=0.3")
WAYS = [("ws", "1.1"), ("sse", "1.1"), ("sse", "2"), ("longpoll", "1.1"), ("longpoll", "2"),
        ("poll", "1.1"), ("poll", "2")]


class BenchTest(unittest.TestCase):
    def setUp(self):
        self.home = tempfile.TemporaryDirectory(prefix="rtchat-test-")
        self.addCleanup(self.home.cleanup)
        self.environment = dict(os.environ, HOME=self.home.name, XDG_CONFIG_HOME=self.home.name,
                                LANG="C.UTF-8")

    def start(self, *arguments):
        process = subprocess.Popen(
            [BENCH, "--dir=" + self.home.name, *arguments], stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=self.environment,
            start_new_session=True)
        self.addCleanup(self.end, process)
        return process

    @staticmethod
    def end(process):
        if process.poll() is None:
            process.kill()
        process.communicate()

    def finish(self, process, timeout=120):
        """(status, stdout, stderr)"""
        out, errors = process.communicate(timeout=timeout)
        errors = errors.decode()
        self.assertNotIn("Sanitizer", errors, errors)
        self.assertNotIn("runtime error", errors)
        return process.returncode, out.decode(), errors

    def run_it(self, *arguments):
        return self.finish(self.start(*arguments))

    def measure(self, *arguments):
        result = self.measure_with_notes(*arguments)
        self.assertEqual([note for note in result["notes"] if "kernel" not in note], [])
        return result

    def measure_with_notes(self, *arguments):
        status, out, errors = self.run_it("--json", *arguments)
        self.assertEqual((status, errors), (0, ""), out)
        result = json.loads(out)
        self.assertEqual(result["format"], "rtchat-bench/1")
        self.assertTrue(result["complete"])
        return result

    def assert_whole(self, row, copies):
        """Each of its runs brought so many, and nothing was lost or shown twice."""
        measures = row["measures"]
        self.assertEqual(measures["delivered"], copies, row)
        self.assertEqual(set(measures["lost"]) | set(measures["repeated"]), {0}, row)

    def assert_bytes_add_up(self, measures):
        """What is counted by message is no more than what went over the wire in all."""
        for way in ("up", "down"):
            for number, wire in enumerate(measures[way + "_wire_bytes"]):
                layers = {flow: sum(measures["%s_%s_%s_bytes" % (flow, way, layer)][number]
                                    for layer in ("text", "json", "framing", "tls", "tcpip"))
                          for flow in ("send", "read")}
                messages = measures["delivered"][number] / 3
                total = messages * layers["send"] + 3 * messages * layers["read"]
                self.assertAlmostEqual(total / wire, 1, delta=0.25)
        self.assertEqual(set(measures["send_up_text_bytes"]), {64})
        self.assertEqual(set(measures["read_down_text_bytes"]), {64})

    def assert_as_the_transport_is(self, transport, http, measures):
        if transport in ("ws", "sse"):
            self.assertEqual(measures["read_requests"][0], 0)
            # What waits leaves together: on a busy machine a request says more than one.
            self.assertEqual(measures["send_requests"][0] > 0, transport == "sse")
            self.assertLessEqual(measures["send_requests"][0], 1)
        else:
            self.assertGreater(measures["read_requests"][0], 0)
        self.assertEqual("empty_share" in measures, transport in ("longpoll", "poll"))
        if http == "2" or transport == "ws":
            self.assertEqual(set(measures["connections"]), {3})

    def leftovers(self):
        return os.listdir(self.home.name)
