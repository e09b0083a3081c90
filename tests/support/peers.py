"""nginx, HAProxy, Apache, Caddy and squid in front of a port, each in a directory of its own,
without rights.

    with Nginx(server.port, ca.leaf()) as proxy:                 # as in contrib/nginx.conf
    with Nginx(server.port, ca.leaf(), is_default=True) as proxy:  # no Upgrade, and it buffers
    with HAProxy(server.port, ca.leaf()) as proxy:               # as in contrib/haproxy.cfg
    with Apache(server.port, ca.leaf()) as proxy:                # as in contrib/apache.conf
    with Caddy(server.port, ca.leaf()) as proxy:                 # as in contrib/Caddyfile
    with Squid(server.port, "ann", "secret") as proxy:           # CONNECT alone, to that port alone
        proxy.port

What is not installed skips the test that wants it. The ends are in the files of contrib/, in which
only ports and paths are replaced: what is tried is what is recommended.
"""

import os
import shutil
import socket
import subprocess
import tempfile
import time
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
TEMPLATES = os.path.join(HERE, "peers")
CONTRIB = os.path.join(HERE, "..", "..", "contrib")
ALIASES = {"apache2": ("httpd",)}  # as Fedora and Arch call it
APACHE_MODULES = ("/usr/lib/apache2/modules", "/usr/lib64/httpd/modules", "/usr/lib/httpd/modules")
START_S = 20
END_S = 10
TRIES = 3

SQUID_HELPERS = ("/usr/lib/squid/basic_ncsa_auth", "/usr/lib64/squid/basic_ncsa_auth",
                 "/usr/libexec/squid/basic_ncsa_auth")


def find_program(name):
    """Its path. Skips the test when it is not installed."""
    places = os.environ.get("PATH", "") + ":/usr/sbin:/usr/local/sbin:/sbin"
    for alias in (name, *ALIASES.get(name, ())):
        path = shutil.which(alias, path=places)
        if path is not None:
            return path
    raise unittest.SkipTest("%s is not installed; scripts/setup --tests installs it" % name)


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as sock:
        return sock.getsockname()[1]


def read(*path):
    with open(os.path.join(*path), encoding="utf-8") as file:
        return file.read()


def replaced(text, pairs):
    """Each of them once, so that a file that has changed is noticed."""
    for old, new in pairs:
        if text.count(old) != 1:
            raise AssertionError("%r stands %d times; wanted once in:\n%s" %
                                 (old, text.count(old), text))
        text = text.replace(old, new)
    return text


def filled(name, **values):
    """A template, with @name@ replaced wherever it stands."""
    text = read(TEMPLATES, name)
    for key, value in values.items():
        text = text.replace("@%s@" % key, str(value))
    return text


class Program:
    """One of them, as a process in the foreground. name: the program's."""

    name = None

    def __init__(self, upstream):
        self.path = find_program(self.name)
        self.upstream = upstream
        self.port = None
        self.dir = None
        self._home = None
        self._process = None
        self._output = None

    # -- for the rows

    def configure(self):
        """Writes the files and returns the command."""
        raise NotImplementedError

    def write(self, name, text, mode=0o644):
        path = os.path.join(self.dir, name)
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        os.chmod(path, mode)
        return path

    # -- life

    def __enter__(self):
        for left in reversed(range(TRIES)):
            try:
                return self._start()
            except RuntimeError:
                # Somebody else may have taken the port since it was seen to be free.
                if left == 0:
                    raise

    def __exit__(self, *exc):
        self.stop()

    def _start(self):
        self._home = tempfile.TemporaryDirectory(prefix="rtchat-%s-" % self.name)
        self.dir = self._home.name
        self.port = free_port()
        try:
            command = self.configure()
            self._output = open(os.path.join(self.dir, "output"), "w", encoding="utf-8")
            self._process = subprocess.Popen(command, cwd=self.dir, stdin=subprocess.DEVNULL,
                                             stdout=self._output, stderr=subprocess.STDOUT)
            self._wait_until_it_listens()
        except BaseException:
            self.stop()
            raise
        return self

    def _wait_until_it_listens(self):
        deadline = time.monotonic() + START_S
        while time.monotonic() < deadline:
            if self._process.poll() is not None:
                raise RuntimeError("%s ended by itself:\n%s" % (self.name, self.output()))
            try:
                socket.create_connection(("127.0.0.1", self.port), 1).close()
                return
            except OSError:
                time.sleep(0.02)
        raise RuntimeError("%s does not listen:\n%s" % (self.name, self.output()))

    def output(self):
        """What it has said so far."""
        return read(self.dir, "output")

    @property
    def pid(self):
        return self._process.pid

    def stop(self):
        if self._process is not None:
            self._process.terminate()
            try:
                self._process.wait(END_S)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
            self._process = None
        if self._output is not None:
            self._output.close()
            self._output = None
        if self._home is not None:
            self._home.cleanup()
            self._home = None


class Nginx(Program):
    """leaf: its certificate. is_default: as in a first tutorial, else as in contrib/."""

    name = "nginx"

    def __init__(self, upstream, leaf, is_default=False):
        super().__init__(upstream)
        self._leaf = leaf
        self._is_default = is_default

    def configure(self):
        site = (read(TEMPLATES, "nginx-default.conf.in") if self._is_default
                else read(CONTRIB, "nginx.conf"))
        self.write("site.conf", replaced(site, [
            ("listen 443 ssl", "listen 127.0.0.1:%d ssl" % self.port),
            ("/etc/ssl/certs/chat.example.org.pem", self._leaf.cert),
            ("/etc/ssl/private/chat.example.org.key", self._leaf.key),
            ("https://127.0.0.1:8443;", "https://127.0.0.1:%d;" % self.upstream),
        ]))
        # Started by root, its worker would be somebody who may not enter the directory.
        user = "user root;" if os.geteuid() == 0 else ""
        main = self.write("nginx.conf", filled("nginx.conf.in", dir=self.dir, user=user))
        return [self.path, "-p", self.dir, "-c", main, "-e", "stderr"]


class HAProxy(Program):
    """leaf: its certificate. As in contrib/."""

    name = "haproxy"

    def __init__(self, upstream, leaf):
        super().__init__(upstream)
        self._leaf = leaf

    def configure(self):
        pair = self.write("pair.pem", read(self._leaf.cert) + read(self._leaf.key), 0o600)
        main = self.write("main.cfg", filled("haproxy.cfg.in"))
        site = self.write("site.cfg", replaced(read(CONTRIB, "haproxy.cfg"), [
            ("bind :443 ssl", "bind 127.0.0.1:%d ssl" % self.port),
            ("/etc/haproxy/chat.example.org.pem", pair),
            ("server rtchat 127.0.0.1:8443", "server rtchat 127.0.0.1:%d" % self.upstream),
        ]))
        return [self.path, "-db", "-f", main, "-f", site]


class Apache(Program):
    """leaf: its certificate. As in contrib/."""

    name = "apache2"

    def __init__(self, upstream, leaf):
        super().__init__(upstream)
        self._leaf = leaf
        self._modules = next(filter(os.path.exists, APACHE_MODULES), None)
        if self._modules is None:
            raise unittest.SkipTest("apache2 is installed without its modules")

    def configure(self):
        self.write("site.conf", replaced(read(CONTRIB, "apache.conf"), [
            ("<VirtualHost *:443>", "<VirtualHost *:%d>" % self.port),
            ("/etc/ssl/certs/chat.example.org.pem", self._leaf.cert),
            ("/etc/ssl/private/chat.example.org.key", self._leaf.key),
            ("https://127.0.0.1:8443/", "https://127.0.0.1:%d/" % self.upstream),
        ]))
        main = self.write("main.conf", filled("apache.conf.in", dir=self.dir, port=self.port,
                                              modules=self._modules))
        return [self.path, "-X" if os.geteuid() == 0 else "-DFOREGROUND", "-f", main]

    def output(self):
        error_log = os.path.join(self.dir, "error.log")
        return super().output() + (read(error_log) if os.path.exists(error_log) else "")


class Caddy(Program):
    """leaf: its certificate. As in contrib/, but for the certificate, which it does not get."""

    name = "caddy"

    def __init__(self, upstream, leaf):
        super().__init__(upstream)
        self._leaf = leaf

    def configure(self):
        site = replaced(read(CONTRIB, "Caddyfile"), [
            ("chat.example.org {\n", "https://:%d {\n\ttls %s %s\n" % (
                self.port, self._leaf.cert, self._leaf.key)),
            ("https://127.0.0.1:8443", "https://127.0.0.1:%d" % self.upstream),
        ])
        main = self.write("Caddyfile", filled("Caddyfile.in") + site)
        homes = ["%s=%s" % (name, self.dir) for name in ("XDG_CONFIG_HOME", "XDG_DATA_HOME")]
        return ["env", *homes, self.path, "run", "--adapter", "caddyfile", "--config", main]


class Squid(Program):
    """CONNECT to the upstream's port, for that user; 407 without, 403 to any other port."""

    name = "squid"

    def __init__(self, upstream, user, password):
        super().__init__(upstream)
        self._user = user
        self._password = password
        self._helper = next(filter(os.path.exists, SQUID_HELPERS), None)
        if self._helper is None:
            raise unittest.SkipTest("squid is installed without basic_ncsa_auth")

    def configure(self):
        coded = subprocess.run(["openssl", "passwd", "-apr1", "-stdin"], check=True, text=True,
                               input=self._password + "\n", capture_output=True).stdout
        self.write("passwd", "%s:%s" % (self._user, coded))
        conf = self.write("squid.conf", filled("squid.conf.in", dir=self.dir, port=self.port,
                                               upstream=self.upstream, helper=self._helper))
        if os.geteuid() == 0:
            self._give_away()  # squid does not stay root
        return [self.path, "-N", "-f", conf]

    def _give_away(self):
        for name in ("proxy", "squid", "nobody"):
            try:
                shutil.chown(self.dir, name)
                break
            except LookupError:
                pass

    def output(self):
        cache_log = os.path.join(self.dir, "cache.log")
        return super().output() + (read(cache_log) if os.path.exists(cache_log) else "")
