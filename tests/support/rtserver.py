"""Runs the real rtchat-server for tests: a fresh directory, a free port, and a look at what it
said when it ends. The program's path is in RTCHAT_SERVER."""

import os
import re
import signal
import subprocess
import tempfile
import threading
import time
import unittest

PROGRAM = os.environ.get("RTCHAT_SERVER", "rtchat-server")


class Server:
    def __init__(self, data_dir, *options, workers=2, wait=True, within=()):
        """within: what runs it, as words in front."""
        self.data_dir = data_dir
        self.lines = []
        self.listening = threading.Event()
        environment = dict(os.environ, XDG_CONFIG_HOME=data_dir, HOME=data_dir)
        self.log = tempfile.TemporaryFile(mode="w+b")
        self.process = subprocess.Popen(
            [*within, PROGRAM, "--port=0", "--data-dir=" + data_dir, "--workers=%d" % workers, *options],
            stdout=subprocess.PIPE, stderr=self.log, env=environment)
        self.reader = threading.Thread(target=self._read_stdout, daemon=True)
        self.reader.start()
        if wait:
            self.wait_until_listening()

    def _read_stdout(self):
        for line in self.process.stdout:
            self.lines.append(line.decode().rstrip("\n"))
            if "listening on" in self.lines[-1]:
                self.listening.set()
        self.listening.set()

    def wait_until_listening(self, timeout=30):
        if not self.listening.wait(timeout) or not self.is_listening():
            raise AssertionError("the server does not serve: %s" % self.errors())

    def is_listening(self):
        return any("listening on" in line for line in self.lines)

    @property
    def port(self):
        return int(re.search(r":(\d+)$", self.lines[-1]).group(1))

    def errors(self):
        """All that stands on standard error by now. The place where the server writes is this
        file's too, so it is not moved."""
        log = self.log.fileno()
        return os.pread(log, os.fstat(log).st_size, 0).decode(errors="replace")

    def cpu_seconds(self):
        with open("/proc/%d/stat" % self.process.pid) as stat:
            fields = stat.read().rsplit(") ", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def descriptors(self):
        return len(os.listdir("/proc/%d/fd" % self.process.pid))

    def sockets(self):
        """How many it has open, its listeners among them."""
        count, path = 0, "/proc/%d/fd/" % self.process.pid
        for name in os.listdir(path):
            try:
                count += os.readlink(path + name).startswith("socket:")
            except FileNotFoundError:
                pass  # closed meanwhile
        return count

    def signal(self, number):
        self.process.send_signal(number)

    def wait(self, timeout=30):
        status = self.process.wait(timeout)
        self.reader.join(5)
        return status

    def stop(self):
        """Ends it as an init system would; says how."""
        if self.process.poll() is None:
            self.signal(signal.SIGTERM)
        return self.wait()

    def kill(self):
        self.process.kill()
        self.wait()

    def close(self):
        if self.process.poll() is None:
            self.kill()
        self.process.stdout.close()
        self.log.close()


class ServerTest(unittest.TestCase):
    """A test class with one server for all its tests. options and workers may be overridden."""

    options = ()
    workers = 2

    @classmethod
    def setUpClass(cls):
        cls.directory = tempfile.TemporaryDirectory(prefix="rtchat-test-")
        cls.server = Server(cls.directory.name, *cls.options, workers=cls.workers)
        cls.port = cls.server.port

    @classmethod
    def tearDownClass(cls):
        status = cls.server.stop()
        errors = cls.server.errors()
        cls.server.close()
        cls.directory.cleanup()
        if status != 0 or "Sanitizer" in errors or "runtime error" in errors:
            raise AssertionError("the server ended with %d: %s" % (status, errors[-8000:]))


class OwnServerTest(unittest.TestCase):
    """A test class whose tests start servers of their own."""

    def setUp(self):
        self.directory = tempfile.TemporaryDirectory(prefix="rtchat-test-")
        self.addCleanup(self.directory.cleanup)
        self.data_dir = os.path.join(self.directory.name, "data")

    def start(self, *options, data_dir=None, **more):
        server = Server(data_dir or self.data_dir, *options, **more)
        self.addCleanup(self._end, server)
        return server

    def _end(self, server):
        errors = server.errors()
        server.close()
        self.assertNotIn("Sanitizer", errors, errors)
        self.assertNotIn("runtime error", errors)

    def run_to_end(self, *options, timeout=30):
        """(status, stdout, stderr) of a run that is expected to end by itself."""
        done = subprocess.run([PROGRAM, *options], capture_output=True, timeout=timeout,
                              env=dict(os.environ, HOME=self.directory.name,
                                       XDG_CONFIG_HOME=self.directory.name))
        return done.returncode, done.stdout.decode(), done.stderr.decode()


def wait_until(condition, timeout=10, what="the condition"):
    """Polls: for conditions outside of this process that nothing tells of."""
    deadline = time.monotonic() + timeout
    while not condition():
        if time.monotonic() > deadline:
            raise AssertionError("%s did not come true in %s s" % (what, timeout))
        time.sleep(0.02)
