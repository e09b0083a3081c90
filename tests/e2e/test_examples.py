"""The examples of rtchat-protocol(7), run as they stand in the page."""

import contextlib
import json
import os
import re
import signal
import subprocess
import sys
import tempfile

from rtserver import ServerTest, wait_until

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.join(HERE, "..", "..")
sys.path.insert(0, os.path.join(ROOT, "tests", "docs"))

import manual  # noqa: E402

PAGE = os.path.join(ROOT, "man", "rtchat-protocol.7")


def examples():
    """What a reader would copy, block by block."""
    text = manual.read(PAGE, "EXAMPLES")
    blocks = re.findall(r"^\.Bd -literal\n(.*?)^\.Ed$", text, re.M | re.S)
    return [block.replace("\\e", "\\") for block in blocks]


def children(pid):
    """Of all its threads; none when it has ended."""
    try:
        with open("/proc/%d/task/%d/children" % (pid, pid), encoding="ascii") as file:
            return [int(child) for child in file.read().split()]
    except FileNotFoundError:
        return []


def command_of(pid):
    try:
        with open("/proc/%d/comm" % pid, encoding="utf-8") as file:
            return file.read()
    except FileNotFoundError:
        return None


class Examples(ServerTest):
    def setUp(self):
        self.place = tempfile.TemporaryDirectory(prefix="rtchat-examples-")
        self.addCleanup(self.place.cleanup)
        self.environment = dict(os.environ, URL="https://localhost:%d" % self.port,
                                CERT=os.path.join(self.directory.name, "cert.pem"))
        self.log_in, self.say, self.follow, self.poll = examples()

    def run_block(self, block):
        done = subprocess.run(["sh", "-c", block], cwd=self.place.name, env=self.environment,
                              capture_output=True, text=True, timeout=30)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        return done.stdout

    def path(self, name):
        return os.path.join(self.place.name, name)

    @contextlib.contextmanager
    def going(self, block):
        """One that goes on for ever, until the end of the with; its output to a file."""
        with open(self.path("output"), "w", encoding="utf-8") as output:
            loop = subprocess.Popen(["sh", "-c", block], cwd=self.place.name, stdout=output,
                                    env=self.environment, start_new_session=True)
        try:
            yield loop
        finally:
            os.killpg(loop.pid, signal.SIGKILL)
            loop.wait()

    def events(self):
        """Of the lines that are whole: objects of the stream, or those in the polls' pages."""
        with open(self.path("output"), encoding="utf-8") as output:
            lines = output.read().split("\n")[:-1]
        objects = [json.loads(line) for line in lines if line]
        return [event for one in objects for event in one.get("events", [one])]

    def texts(self):
        return [event["text"] for event in self.events() if event["type"] == "message"]

    def say_also(self, name, text):
        """Another line, said as the example says it."""
        block = self.say.replace("greeting-1", name).replace("hello", text)
        return self.run_block(block)

    def cut(self, loop):
        """Ends the curl that runs below the loop."""
        wait_until(lambda: self.curls(loop), what="a curl")
        os.kill(self.curls(loop)[0], signal.SIGKILL)

    def curls(self, loop):
        return [pid for pid in children(loop.pid) if command_of(pid) == "curl\n"]

    def check_loop(self, block, name):
        """Nothing is lost and nothing comes twice, though its connection is cut in between."""
        before = self.texts_of_history()
        said = ["%s while it is cut" % name, "%s once more" % name]
        with self.going(block) as loop:
            wait_until(lambda: self.texts() == before, what="what was said before")
            self.cut(loop)
            for i, text in enumerate(said):
                self.say_also("%s-%d" % (name, i), text)
            wait_until(lambda: len(self.texts()) >= len(before + said), 20, "what came after")
            self.assertEqual(self.texts(), before + said)

    def texts_of_history(self):
        block = 'curl -sf --cacert "$CERT" -H @token "$URL/v1/history?room=%23lobby&limit=200"'
        page = json.loads(self.run_block(block))
        return [event["text"] for event in page["events"] if event["type"] == "message"]

    def test_as_they_stand_in_the_page(self):
        self.assertEqual(self.run_block(self.log_in), "")
        self.assertEqual(os.stat(self.path("token")).st_mode & 0o777, 0o600)
        receipt = json.loads(self.run_block(self.say))
        self.assertEqual((receipt["type"], receipt["id"]), ("receipt", "greeting-1"))
        self.assertEqual(json.loads(self.run_block(self.say)), receipt)
        self.assertEqual(self.texts_of_history(), ["hello"])
        with self.subTest("follow"):
            self.check_loop(self.follow, "follow")
        with self.subTest("poll"):
            self.check_loop(self.poll, "poll")
