#!/usr/bin/env python3
"""A proxy that behaves badly on purpose, between rtchat-client and rtchat-server.

In a test:

    with BadProxy(upstream=port, faults=["ws-swallow", "delay=50"]) as proxy:
        run_client("https://localhost:%d" % proxy.port, "--ca-file=" + proxy.ca_file)
        proxy.add("post-hole=answer#1")
        proxy.count(path="/v1/poll", status=200)

By hand, with `--help` for the options and `--list` for the faults; it prints one line of JSON with
its port, and then takes a command a line on standard input (and on --control=PORT):

    set FAULT...   add FAULT...   drop NAME...   clear   cut   reset   stats   quit

Towards the client it ends TLS with a certificate of a test authority and speaks HTTP/1.1 and ws;
the server it reaches by TLS, unverified or by its fingerprint. With connect it is an HTTP proxy
that knows CONNECT alone, without TLS of its own.
"""

import argparse
import asyncio
import hashlib
import json
import os
import signal
import socket
import ssl
import sys
import threading

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from badproxy_faults import FAULTS, FaultSet  # noqa: E402
from badproxy_line import Weather  # noqa: E402
from badproxy_records import Records  # noqa: E402
from badproxy_relay import Relay  # noqa: E402
from badproxy_tunnel import Tunnel  # noqa: E402
from badproxy_wire import Wire, connect_tcp, connect_tls  # noqa: E402
from test_ca import CertificateAuthority  # noqa: E402

BACKLOG = 1024
COMMANDS = ("set", "add", "drop", "clear", "cut", "reset", "stats", "quit")


def split_address(text, default_host="127.0.0.1"):
    """(host, port) of PORT, HOST:PORT or [HOST]:PORT. Raises ValueError."""
    host, _, port = str(text).rpartition(":")
    if not port.isdigit() or int(port) > 65535:
        raise ValueError("%r; wanted HOST:PORT" % text)
    return host.strip("[]") or default_host, int(port)


def bound_socket(host, port):
    """Bound and not listening: it keeps the port ours while connections are refused."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    sock = socket.socket(family, socket.SOCK_STREAM)
    try:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        sock.bind((host, port))
    except BaseException:
        sock.close()
        raise
    sock.setblocking(False)
    return sock


class BadProxy:
    """upstream: the server's port, or "HOST:PORT"; with connect, None lets a client name any port
    of this machine, and else all tunnels lead to it. auth: "USER:PASSWORD" for CONNECT.
    ca: a CertificateAuthority (else one is made); hosts: names beside localhost on the
    certificate. log: a file for the records, one JSON object a line. control: a port (0: any).

    Records: {"event": "connection" | "handshake" | "request" | "close", "connection": N, ...}; a
    request's has method, path, query (without what may be secret), status, up, down (bytes), ms,
    whole and faults, and is written when it has ended. Calls may come from any thread.
    """

    def __init__(self, upstream=None, faults=(), connect=False, auth=None, listen=0,
                 bind="127.0.0.1", log=None, ca=None, hosts=(), fingerprint=None, control=None):
        self._upstream = None if upstream is None else split_address(upstream)
        if upstream is None and not connect:
            raise ValueError("no upstream")
        self.faults = FaultSet(faults)
        self.climate = self.faults.climate()
        self.weather = Weather()
        self.auth = auth
        self.connect = connect
        self.server_context = None
        self.ca_file = None
        self.fingerprint = None
        self.errors = []        # exceptions that nobody expected
        self._want = (fingerprint or "").replace(":", "").lower()
        self._bind = (bind, listen)
        self._log_path = log
        self._ca = ca
        self._hosts = hosts
        self._control_port = control
        self._owned = []
        self._records = Records()
        self.opened = self._records.open
        self.log = self._records.add
        self._connections = set()
        self._number = 0
        self._loop = None
        self._thread = None
        self._holder = None
        self._server = None
        self._control = None
        self._control_tasks = set()
        self._refusal = None

    # -- life

    def __enter__(self):
        return self.start()

    def __exit__(self, *exc):
        self.stop()

    def start(self):
        try:
            self._holder = bound_socket(*self._bind)
            if self._log_path:
                self._records.write_to(self._log_path)
            if not self.connect:
                self._make_tls()
            self._loop = asyncio.new_event_loop()
            self._thread = threading.Thread(target=self._loop.run_forever, name="badproxy")
            self._thread.start()
            self._await(self._start())
        except BaseException:
            self.stop()
            raise
        return self

    def stop(self):
        """Cuts what is open, closes everything, and waits until it is closed."""
        if self._thread is not None:
            self._await(self._stop())
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join()
            self._thread = None
        if self._loop is not None:
            self._loop.close()
            self._loop = None
        for closable in [self._holder, self._records] + self._owned:
            if closable is not None:
                closable.close()
        self._holder = None
        self._owned = []

    def _make_tls(self):
        if self._ca is None:
            self._ca = CertificateAuthority()
            self._owned.append(self._ca)
        leaf = self._ca.leaf(*self._hosts)
        self.ca_file = self._ca.cert
        self.fingerprint = leaf.fingerprint
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        context.load_cert_chain(leaf.cert, leaf.key)
        context.set_alpn_protocols(["http/1.1"])
        self.server_context = context
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        context.set_alpn_protocols(["http/1.1"])
        self._client_context = context

    async def _start(self):
        await self._climate_changed()
        if self._control_port is not None:
            self._control = await asyncio.start_server(
                self._serve_control, "127.0.0.1", self._control_port)

    async def _stop(self):
        if self._refusal is not None:
            self._refusal.cancel()
        self._unlisten()
        if self._control is not None:
            self._control.close()
        for task in self._control_tasks:
            task.cancel()
        tasks = [connection.task for connection in self._connections]
        for connection in list(self._connections):
            connection.stop("cut", "the proxy ends")
        await asyncio.gather(*tasks, *self._control_tasks, return_exceptions=True)
        await asyncio.sleep(0)  # transports close their sockets in a turn of their own

    def _await(self, coroutine):
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop).result()

    # -- what a test asks and tells

    @property
    def port(self):
        return self._holder.getsockname()[1]

    @property
    def control_port(self):
        return self._control.sockets[0].getsockname()[1] if self._control else None

    @property
    def upstream(self):
        return self._upstream

    @upstream.setter
    def upstream(self, address):
        """For connections to the server that are opened from now on."""
        self._upstream = split_address(address)

    def set(self, *faults):
        """These and no others. Raises ValueError, and then nothing has changed."""
        self._change(self.faults.replace, faults)

    def add(self, *faults):
        """These too; one of the same name and path is replaced."""
        self._change(self.faults.add, faults)

    def drop(self, *names):
        self._change(self.faults.drop, names)

    def clear(self):
        self.set()

    def cut(self):
        """Ends every connection with a FIN, now."""
        self._await(self._stop_all("cut"))

    def reset(self):
        """Ends every connection with a RST, now."""
        self._await(self._stop_all("reset"))

    def records(self, event="request", **wanted):
        """Copies of those records whose fields are as wanted; requests under way too (ms None)."""
        return self._records.find(event, **wanted)

    def count(self, event="request", **wanted):
        return len(self.records(event, **wanted))

    def wait(self, count, event="request", timeout=10, **wanted):
        """The records, when there are so many of them. Raises TimeoutError."""
        return self._records.wait(count, event, timeout, **wanted)

    def stats(self):
        return dict(self._records.stats(), open_connections=len(self._connections),
                    faults=self.faults.texts, errors=[repr(error) for error in self.errors])

    # -- in the loop

    def _change(self, change, arguments):
        async def run():
            change(arguments)
            await self._climate_changed()
        self._await(run())

    async def _climate_changed(self):
        self.climate = self.faults.climate()
        self.weather.delay_s = self.climate.delay_ms / 2000
        self.weather.rate = self.climate.rate
        for connection in list(self._connections):
            connection.faults_changed()
        if self._refusal is not None:
            self._refusal.cancel()
            self._refusal = None
        if self.climate.refuse_ms is None:
            await self._listen()
            return
        self._unlisten()
        if self.climate.refuse_ms:
            self._refusal = asyncio.ensure_future(self._listen_later(self.climate.refuse_ms / 1000))

    async def _listen_later(self, seconds):
        await asyncio.sleep(seconds)
        self._refusal = None
        await self._listen()
        self.faults.drop(["refuse"])

    async def _listen(self):
        if self._server is None:
            sock = bound_socket(*self._holder.getsockname()[:2])
            self._server = await self._loop.create_server(
                lambda: Wire(self.weather, self._accepted), sock=sock, backlog=BACKLOG)

    def _unlisten(self):
        if self._server is not None:
            self._server.close()
            self._server = None

    def _accepted(self, wire):
        self._number += 1
        kind = Tunnel if self.connect else Relay
        connection = kind(self, self._number, wire)
        self._connections.add(connection)
        connection.start()

    async def _stop_all(self, how):
        for connection in list(self._connections):
            connection.stop(how, how)

    # -- what a connection uses

    async def connect_upstream(self):
        def is_good(certificate):
            return self._want in ("", hashlib.sha256(certificate).hexdigest())
        return await connect_tls(*self._upstream, self._client_context, is_good)

    async def connect_target(self, target):
        """Where a CONNECT leads: to the upstream, or else to that port of this machine."""
        try:
            _, port = split_address(target)
        except ValueError:
            return None
        return await connect_tcp(*(self._upstream or ("127.0.0.1", port)))

    def forget(self, connection, error):
        self._connections.discard(connection)
        if error is not None:
            self.errors.append(error)

    # -- commands

    def command(self, line):
        """One line of the control protocol; what is to be answered. Not from the loop's thread."""
        word, *arguments = line.split() or [""]
        if word not in COMMANDS:
            return {"ok": False, "error": "unknown command %r; wanted one of %s" %
                    (word, ", ".join(COMMANDS))}
        if word == "stats":
            return dict(self.stats(), ok=True)
        if word == "quit":
            os.kill(os.getpid(), signal.SIGTERM)
            return {"ok": True}
        try:
            getattr(self, word)(*arguments)
        except (ValueError, TypeError) as error:
            return {"ok": False, "error": str(error)}
        return {"ok": True, "faults": self.faults.texts}

    async def _serve_control(self, reader, writer):
        task = asyncio.current_task()
        self._control_tasks.add(task)
        try:
            while line := await reader.readline():
                answer = await asyncio.to_thread(self.command, line.decode("utf-8", "replace"))
                writer.write((json.dumps(answer) + "\n").encode())
                await writer.drain()
        except (OSError, ValueError, asyncio.CancelledError):
            pass
        finally:
            writer.close()
            self._control_tasks.discard(task)


# -- as a program

def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--upstream", help="the server, HOST:PORT or PORT")
    parser.add_argument("--fingerprint", help="SHA-256 of the server's certificate; else any")
    parser.add_argument("--bind", default="127.0.0.1")
    parser.add_argument("--listen", type=int, default=0, metavar="PORT")
    parser.add_argument("--host", action="append", default=[], help="a name for the certificate")
    parser.add_argument("--fault", action="append", default=[], metavar="FAULT")
    parser.add_argument("--connect", action="store_true", help="be an HTTP proxy for CONNECT")
    parser.add_argument("--auth", metavar="USER:PASSWORD", help="407 without, with --connect")
    parser.add_argument("--log", metavar="FILE", help="a JSON object a line, appended")
    parser.add_argument("--control", type=int, metavar="PORT")
    parser.add_argument("--list", action="store_true", help="prints the faults and ends")
    arguments = parser.parse_args()
    if not arguments.list and not arguments.connect and not arguments.upstream:
        parser.error("no --upstream; wanted HOST:PORT of the server")
    return arguments


def print_faults():
    for name, row in FAULTS.items():
        value = "" if row.default == "" else "=VALUE" if row.default is None else "[=VALUE]"
        scope = "" if row.path == "*" else " (%s)" % row.path
        print("%-22s %s%s" % (name + value, row.help, scope))


def read_commands(proxy):
    """From standard input, until it ends; the proxy goes on then."""
    rest = b""
    while data := os.read(0, 4096):
        *lines, rest = (rest + data).split(b"\n")
        for line in lines:
            print(json.dumps(proxy.command(line.decode("utf-8", "replace"))), flush=True)


def main():
    arguments = parse_arguments()
    if arguments.list:
        print_faults()
        return 0

    signals = {signal.SIGINT, signal.SIGTERM}
    signal.pthread_sigmask(signal.SIG_BLOCK, signals)
    try:
        proxy = BadProxy(arguments.upstream, arguments.fault, arguments.connect, arguments.auth,
                         arguments.listen, arguments.bind, arguments.log, None, arguments.host,
                         arguments.fingerprint, arguments.control)
        proxy.start()
    except (OSError, ValueError, RuntimeError) as error:
        print("badproxy: %s" % error, file=sys.stderr)
        return 1
    print(json.dumps({"port": proxy.port, "ca": proxy.ca_file, "pid": os.getpid(),
                      "fingerprint": proxy.fingerprint, "control": proxy.control_port}), flush=True)
    threading.Thread(target=read_commands, args=(proxy,), daemon=True).start()
    signal.sigwait(signals)
    proxy.stop()
    return 0


if __name__ == "__main__":
    sys.exit(main())
