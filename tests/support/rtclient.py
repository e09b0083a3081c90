"""Runs the real rtchat-client for tests: a home of its own, no terminal unless one is given, and
every line of its output as it comes. The program's path is in RTCHAT_CLIENT."""

import fcntl
import os
import pty
import re
import select
import signal
import subprocess
import termios
import threading
import time

PROGRAM = os.environ.get("RTCHAT_CLIENT", "rtchat-client")


class Stream:
    """What comes down a pipe, by lines, read in the background."""

    def __init__(self, pipe):
        self.pipe = pipe
        self.lines = []
        self.changed = threading.Condition()
        self.ended = False
        self.thread = threading.Thread(target=self._read, daemon=True)
        self.thread.start()

    def _read(self):
        for line in self.pipe:
            with self.changed:
                self.lines.append(line.decode(errors="surrogateescape").rstrip("\n"))
                self.changed.notify_all()
        with self.changed:
            self.ended = True
            self.changed.notify_all()

    def wait_for(self, pattern, timeout=20):
        """The first line that matches."""
        def found():
            return next((line for line in self.lines if re.search(pattern, line)), None)

        with self.changed:
            if not self.changed.wait_for(lambda: found() or self.ended, timeout) or not found():
                raise AssertionError("no line like %r in %r" % (pattern, self.lines))
            return found()


def by_ws(options):
    """What is no test of the choice of transport goes by ws."""
    return [] if any(option.startswith("--transport") for option in options) else ["--transport=ws"]


class Client:
    """One account on one machine: its home is kept from run to run."""

    def __init__(self, home, user, server=None, trusted=True):
        self.home = str(home)
        self.user = user
        self.server = server
        self.trusted = trusted
        os.makedirs(self.home, exist_ok=True)

    def secret(self, password):
        """The option that names a file with it."""
        path = os.path.join(self.home, "secret")
        with open(path, "w") as file:
            file.write(password + "\n")
        return "--password-file=" + path

    def environment(self):
        environment = {key: value for key, value in os.environ.items()
                       if not key.startswith(("XDG_", "LC_", "LANG"))}
        return dict(environment, HOME=self.home, LANG="C.UTF-8")

    def arguments(self, options):
        given = [PROGRAM, "--user=" + self.user, *by_ws(options)]
        if self.trusted and self.server is not None:
            given.append("--fingerprint=" + fingerprint_of(self.server))
        given += options
        if self.server is not None:
            given.append("https://127.0.0.1:%d" % self.server.port)
        return given

    def run(self, text, *options, timeout=60):
        """(status, lines of output, lines of errors) of a run with this input to its end."""
        data = text if isinstance(text, bytes) else text.encode()
        done = subprocess.run(self.arguments(list(options)), input=data, capture_output=True,
                              timeout=timeout, env=self.environment(), start_new_session=True)
        check(done.stderr)
        return (done.returncode, done.stdout.decode(errors="surrogateescape").splitlines(),
                done.stderr.decode(errors="surrogateescape").splitlines())

    def start(self, *options, **more):
        return Running(self.arguments(list(options)), self.environment(), **more)


class Running:
    """A client that is being talked with."""

    def __init__(self, arguments, environment, **more):
        self.process = subprocess.Popen(arguments, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        stderr=subprocess.PIPE, env=environment,
                                        start_new_session=True, **more)
        self.out = Stream(self.process.stdout)
        self.err = Stream(self.process.stderr)

    def say(self, text):
        self.process.stdin.write(text.encode())
        self.process.stdin.flush()

    def end_input(self):
        self.process.stdin.close()

    def signal(self, number):
        self.process.send_signal(number)

    def wait(self, timeout=60):
        status = self.process.wait(timeout)
        self.err.thread.join(5)
        self.out.thread.join(5)
        check("\n".join(self.err.lines).encode(errors="surrogateescape"))
        return status

    def close(self):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        for pipe in (self.process.stdin, self.process.stdout, self.process.stderr):
            try:
                pipe.close()
            except BrokenPipeError:
                pass


class Terminal:
    """A person's terminal: the client's controlling one, whatever its standard streams are."""

    def __init__(self):
        self.master, self.slave = pty.openpty()
        self.seen = b""

    def take(self):
        """For preexec_fn: makes it the controlling terminal of the new session."""
        fcntl.ioctl(self.slave, termios.TIOCSCTTY, 0)

    def wait_for(self, text, timeout=20):
        deadline = time.monotonic() + timeout
        while text.encode() not in self.seen:
            ready, _, _ = select.select([self.master], [], [], deadline - time.monotonic())
            if not ready:
                raise AssertionError("no %r on the terminal: %r" % (text, self.seen))
            self.seen += os.read(self.master, 4096)

    def type(self, text):
        os.write(self.master, text.encode())

    def echoes(self):
        return bool(termios.tcgetattr(self.slave)[3] & termios.ECHO)

    def close(self):
        os.close(self.master)
        os.close(self.slave)


def check(errors):
    if b"Sanitizer" in errors or b"runtime error" in errors:
        raise AssertionError(errors.decode(errors="replace")[-8000:])


def fingerprint_of(server):
    """The SHA-256 that the server printed when it made its certificate."""
    found = re.search(r"(?:[0-9A-F]{2}:){31}[0-9A-F]{2}", server.errors() + "\n".join(server.lines))
    if found is None:
        raise AssertionError("the server printed no fingerprint: %s" % server.errors())
    return found.group(0)
