"""The client's screen as a person sees it: inside tmux, typed at and looked at. And as a terminal
gets it: the bytes, on a pseudo terminal. The program's path is in RTCHAT_CLIENT."""

import fcntl
import os
import pty
import re
import shlex
import struct
import subprocess
import tempfile
import termios
import threading
import time

from rtclient import PROGRAM, by_ws, check, fingerprint_of
from rtserver import wait_until
from wsclient import WebSocket, login


# A line of one's own: its text and its mark.
MARKED = r"│ %s %s *$"


class Tmux:
    """A tmux of one's own, by its socket's name."""

    count = 0

    def __init__(self):
        Tmux.count += 1
        self.name = "rtchat-test-%d-%d" % (os.getpid(), Tmux.count)

    def run(self, *arguments, data=None):
        done = subprocess.run(["tmux", "-L", self.name, "-f", "/dev/null", *arguments],
                              input=data, capture_output=True, timeout=30)
        if done.returncode != 0:
            raise AssertionError("tmux %s: %s" % (arguments, done.stderr.decode()))
        return done.stdout.decode()

    def close(self):
        subprocess.run(["tmux", "-L", self.name, "kill-server"], capture_output=True, timeout=30)


class Home:
    """What one account has on its machine, kept from run to run."""

    def __init__(self, directory, user):
        self.path = os.path.join(directory, user)
        self.user = user
        os.makedirs(self.path, exist_ok=True)

    @property
    def errors(self):
        return os.path.join(self.path, "errors")

    def command(self, *options, url=None, server=None, environment=None):
        """(environment, arguments) of a client of this account."""
        given = {key: value for key, value in os.environ.items()
                 if key in ("PATH", "TZ", "ASAN_OPTIONS", "UBSAN_OPTIONS")}
        given.update({"HOME": self.path, "LANG": "C.UTF-8", **(environment or {})})
        arguments = [PROGRAM, "--user=" + self.user, "--log-file=" + self.errors,
                     *by_ws(options), *options]
        if server is not None:
            arguments.append("--fingerprint=" + fingerprint_of(server))
            url = "https://localhost:%d" % server.port
        if url is not None:
            arguments.append(url)
        return given, arguments

    def check(self):
        """The client found no fault with itself."""
        if os.path.exists(self.errors):
            with open(self.errors, "rb") as errors:
                check(errors.read())


class Screen:
    """A client in tmux. After its end its exit code stands there, and what stty says."""

    def __init__(self, tmux, home, *options, columns=80, rows=24, shell=None, **more):
        """shell: runs that in its place; command is then what is to be typed there."""
        self.tmux = tmux
        self.home = home
        environment, arguments = home.command(*options, **more)
        if "TERM" not in (more.get("environment") or {}):
            environment["TERM"] = "tmux-256color"
        self.pid_file = os.path.join(home.path, "pid")
        self.name = "s%d" % len(self.sessions(tmux))
        client = ["env", "-i", *("%s=%s" % item for item in environment.items()),
                  "sh", "-c", 'echo $$ >"$0"; exec "$@"', self.pid_file, *arguments]
        self.command = " ".join(map(shlex.quote, client))
        script = "%s; code=$?; echo; echo code=$code=; stty -a; exec sleep 1000" % self.command
        tmux.run("new-session", "-d", "-s", self.name, "-x", str(columns), "-y", str(rows),
                 shell or script)

    @staticmethod
    def sessions(tmux):
        try:
            return tmux.run("list-sessions", "-F", "#{session_name}").split()
        except AssertionError:
            return []

    @property
    def pid(self):
        with open(self.pid_file) as file:
            return int(file.read())

    def signal(self, number):
        os.kill(self.pid, number)

    def press(self, *keys):
        self.tmux.run("send-keys", "-t", self.name, *keys)

    def type(self, text):
        self.tmux.run("send-keys", "-t", self.name, "-l", text)

    def say(self, text):
        self.type(text)
        self.press("Enter")

    def paste(self, text):
        self.tmux.run("load-buffer", "-", data=text.encode())
        self.tmux.run("paste-buffer", "-p", "-t", self.name)

    def resize(self, columns, rows):
        self.tmux.run("resize-window", "-t", self.name, "-x", str(columns), "-y", str(rows))

    def text(self):
        return self.tmux.run("capture-pane", "-p", "-t", self.name)

    def coloured(self):
        return self.tmux.run("capture-pane", "-p", "-e", "-t", self.name)

    def lines(self):
        return self.text().rstrip("\n").split("\n")

    def ask(self, name):
        """What tmux knows: alternate_on, cursor_x, pane_title, ..."""
        return self.tmux.run("display-message", "-p", "-t", self.name, "#{%s}" % name).rstrip("\n")

    def has(self, pattern):
        return re.search(pattern, self.text(), re.MULTILINE)

    def wait(self, pattern, timeout=20):
        """The match of pattern, once it is on the screen."""
        found = []

        def look():
            found[:] = [self.has(pattern)]
            return found[0]

        try:
            wait_until(look, timeout)
        except AssertionError:
            raise AssertionError("no %r on the screen:\n%s" % (pattern, self.text())) from None
        return found[0]

    def wait_gone(self, pattern, timeout=20):
        try:
            wait_until(lambda: not self.has(pattern), timeout)
        except AssertionError:
            raise AssertionError("%r is still there:\n%s" % (pattern, self.text())) from None

    def wait_for(self, name, value, timeout=20):
        try:
            wait_until(lambda: re.search(value, self.ask(name)), timeout)
        except AssertionError:
            raise AssertionError("%s is %r, wanted %r:\n%s"
                                 % (name, self.ask(name), value, self.text())) from None

    def wait_live(self):
        return self.wait(r"^ ●ws( |$)")


class Bytes:
    """A client on a pseudo terminal, with every byte it sends."""

    def __init__(self, home, *options, rows=24, columns=80, term="xterm-256color", **more):
        environment, arguments = home.command(*options, **more)
        if "TERM" not in (more.get("environment") or {}):
            environment["TERM"] = term
        self.master, self.slave = pty.openpty()
        fcntl.ioctl(self.slave, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        self.before = termios.tcgetattr(self.slave)
        self.seen = b""
        self.process = subprocess.Popen(
            arguments, stdin=self.slave, stdout=self.slave, stderr=self.slave, env=environment,
            start_new_session=True,
            preexec_fn=lambda: fcntl.ioctl(self.slave, termios.TIOCSCTTY, 0))
        self.thread = threading.Thread(target=self._read, daemon=True)
        self.thread.start()

    def _read(self):
        try:
            while True:
                self.seen += os.read(self.master, 65536)
        except OSError:
            pass

    def type(self, data):
        os.write(self.master, data if isinstance(data, bytes) else data.encode())

    def wait(self, pattern, timeout=20):
        wait_until(lambda: re.search(pattern, self.seen), timeout, "%r" % pattern)

    def end(self, timeout=20):
        """Its exit status, once all it wrote has been read."""
        status = self.process.wait(timeout)
        marker = b"<end of the test>"
        os.write(self.slave, marker)
        wait_until(lambda: marker in self.seen, timeout, "the end")
        self.seen = self.seen.replace(marker, b"")
        return status

    def modes(self):
        """Private modes that are on now by what was sent, those on at first (7, 25) left out where
        they are on, and told as -25 where they are off."""
        state = {b"7": True, b"25": True}
        for numbers, action in re.findall(rb"\x1b\[\?([0-9;]+)([hl])", self.seen):
            for number in numbers.split(b";"):
                state[number] = action == b"h"
        odd = {int(number) for number, on in state.items() if on and number not in (b"7", b"25")}
        return odd | {-int(number) for number in (b"7", b"25") if not state[number]}

    def is_cooked(self):
        return termios.tcgetattr(self.slave)[:4] == self.before[:4]

    def close(self):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        os.close(self.slave)
        os.close(self.master)


class Screens:
    """For test classes: clients that are gone when the test is."""

    def setUp(self):
        super().setUp()
        self.homes = tempfile.TemporaryDirectory(prefix="rtchat-home-")
        self.addCleanup(self.homes.cleanup)

    @property
    def tmux(self):
        if not hasattr(self, "_tmux"):
            self._tmux = Tmux()
            self.addCleanup(self._tmux.close)
        return self._tmux

    def home(self, user):
        home = Home(self.homes.name, user)
        self.addCleanup(home.check)
        return home

    def screen(self, user, *options, home=None, live=True, server=None, **more):
        """A client of user, connected unless live is False."""
        server = server or getattr(self, "server", None)
        if "url" in more or more.pop("alone", False):
            server = None
        screen = Screen(self.tmux, home or self.home(user), *options, server=server, **more)
        if live:
            screen.wait_live()
        return screen

    def bytes(self, user, *options, **more):
        server = None if "url" in more else self.server
        screen = Bytes(self.home(user), *options, server=server, **more)
        self.addCleanup(screen.close)
        return screen


class Peers:
    """People without a screen."""

    def peer(self, user, room=None, server=None):
        stream = WebSocket((server or self.server).port, login((server or self.server).port, user))
        self.addCleanup(stream.cut)
        if room is not None:
            stream.send({"type": "join", "id": "j" + room[1:], "room": room})
            stream.read_until("receipt")
        return stream

    def say_all(self, stream, texts, room="#lobby"):
        for text in texts:
            answer = stream.say(text, room)
            self.assertEqual(answer["type"], "receipt", answer)
