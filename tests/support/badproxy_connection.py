"""A connection through badproxy, whatever is spoken on it: its exchanges, timers and its end.

One client's connection is one connection to the server; the end of one side, and how it ended, is
passed on to the other.
"""

import asyncio
import time
from collections import deque

from badproxy_http import Head, request_body
from badproxy_line import PIECE

LINGER_S = 2  # for the other end to read the last of it
PIPELINED_MAX = 16


class Finish(Exception):
    """What was sent goes out, and then the connection is cut."""


class Exchange:
    """A request and its answer. record is what is logged of it when it ends."""

    def __init__(self, connection, head, plan):
        self.head = head
        self.plan = plan
        self.is_upgrade = head.is_upgrade and not plan.strip
        self.is_settled = False  # the answer's head is here
        self.is_raw = False      # bytes pass as they are from here on
        self.raw_bytes = 0
        self.kill_at = None
        self._began = time.monotonic()
        self.record = {"event": "request", "connection": connection, "method": head.method,
                       "path": head.path, "query": head.query, "status": None, "up": 0,
                       "down": 0, "ms": None, "whole": None, "faults": plan.faults}

    def end(self, whole):
        self.record["ms"] = round((time.monotonic() - self._began) * 1000)
        self.record["whole"] = whole


class Connection:
    """What Relay and Tunnel have in common; they bring serve().

    client: the wire to it, just accepted. proxy: see BadProxy; what is used of it here are
    faults, climate, weather, auth, server_context, connect_*, opened, log and forget."""

    def __init__(self, proxy, number, client):
        self.proxy = proxy
        self.number = number
        self.client = client
        self.upstream = None
        self.task = None
        self._loop = asyncio.get_running_loop()
        self._queue = deque()  # exchanges of which the answer is to come, oldest first
        self._news = asyncio.Event()       # for the pump down
        self._client_news = asyncio.Event()  # for the pump up, while an upgrade is open
        self._room = asyncio.Event()
        self._client_left = asyncio.Event()
        self._server_deaf = False
        self._raw = None
        self._how = None
        self._why = None
        self._last_bytes = self._loop.time()
        self._timers = {}

    def start(self):
        self.task = self._loop.create_task(self._run())
        self.task.add_done_callback(self._gone)

    def _gone(self, task):
        for wire in (self.client, self.upstream):
            if wire is not None:
                wire.cut()  # a task that was cancelled before it ran has closed nothing
        self.proxy.forget(self, None if task.cancelled() else task.exception())

    # -- its end

    def stop(self, how, why):
        """how: cut (FIN) or reset (RST). At once; the task ends soon after."""
        self._how = self._how or how
        self._why = self._why or why
        self.task.cancel()

    async def _run(self):
        began = time.monotonic()
        self.proxy.log({"event": "connection", "connection": self.number})
        self.client.on_bytes = self._touched
        self.client.watchers.append(self._client_news)
        self._watch_idle()
        self._reset_later()
        try:
            await (self._hang() if self.proxy.climate.hangs else self.serve())
            how, why = "finish", "closed"
        except asyncio.CancelledError:
            how, why = self._how or "cut", self._why or "cancelled"
        except Finish as finish:
            how, why = "cut after all", str(finish)
        except (ValueError, EOFError, OSError) as error:  # of OSError: reset, SSLError
            how, why = "reset", str(error) or type(error).__name__
        try:
            await self._end(how)
        except asyncio.CancelledError:
            await self._end("reset")
        self.proxy.log({"event": "close", "connection": self.number, "why": why,
                        "up": self.client.received, "down": self.client.sent,
                        "ms": round((time.monotonic() - began) * 1000)})

    async def _end(self, how):
        for timer in self._timers.values():
            timer.cancel()
        for exchange in self._queue:
            self._end_exchange(exchange, exchange.is_raw and how == "finish")
        self._queue.clear()
        wires = [wire for wire in (self.client, self.upstream) if wire is not None]
        if how in ("finish", "cut after all"):
            await asyncio.gather(*(self._linger(wire, how != "finish") for wire in wires))
        for wire in wires:
            # Those that ended quietly are closed by now.
            (wire.reset if how == "reset" else wire.cut)()
            await wire.close()

    async def _linger(self, wire, ragged):
        """Says the end and waits until the other has said it too, so that it reads all."""
        async def drain():
            while await wire.fill():
                wire.buffer.clear()
        try:
            wire.send_eof(ragged)
            await asyncio.wait_for(drain(), LINGER_S)
            await asyncio.wait_for(wire.close(), LINGER_S)
        except (asyncio.TimeoutError, OSError):
            pass

    def _end_exchange(self, exchange, whole):
        exchange.end(whole)
        self.proxy.log(exchange.record)

    # -- timers

    def _later(self, name, seconds, act):
        if name in self._timers:
            self._timers[name].cancel()
        self._timers[name] = self._loop.call_later(seconds, act)

    def _touched(self):
        self._last_bytes = self._loop.time()

    def _watch_idle(self):
        limit = self.proxy.climate.idle_ms
        if limit is None:
            return
        left = self._last_bytes + limit / 1000 - self._loop.time()
        if left <= 0:
            self.stop("cut", "idle-cut")
        else:
            self._later("idle", left, self._watch_idle)

    def _reset_later(self):
        limit = self.proxy.climate.reset_ms
        if limit is not None:
            self._later("reset", limit / 1000, lambda: self.stop("reset", "reset"))

    def faults_changed(self):
        """Those for what is already open: the idle cut, and all that strikes an open ws."""
        self._touched()
        self._watch_idle()
        if self._raw is not None:
            self.proxy.faults.plan_again(self._raw.plan, self._raw.head)
            self._arm_kills(self._raw)

    def _arm_kills(self, exchange):
        plan = exchange.plan
        if plan.kill_ms is not None:
            self._later("kill", plan.kill_ms / 1000, lambda: self.stop("cut", "ws-kill-ms"))
            plan.kill_ms = None
        if plan.kill_bytes is not None:
            exchange.kill_at = exchange.raw_bytes + plan.kill_bytes
            plan.kill_bytes = None

    # -- bytes as they are

    def _open_raw(self, exchange):
        exchange.is_raw = True
        self._raw = exchange
        self._arm_kills(exchange)

    async def _pass_raw(self, source, target, exchange, way):
        while await source.more_or_held():
            data = source.take(PIECE)
            exchange.record[way] += len(data)
            if way in exchange.plan.silent:
                continue
            if exchange.kill_at is not None:
                data = data[:max(0, exchange.kill_at - exchange.raw_bytes)]
            exchange.raw_bytes += len(data)
            await target.send(data)
            if exchange.kill_at is not None and exchange.raw_bytes >= exchange.kill_at:
                raise Finish("ws-kill-bytes")
        if way not in exchange.plan.silent:
            target.send_eof(source.ragged)

    async def _hang(self):
        while await self.client.fill():
            self.client.buffer.clear()

    async def _join(self, up, down, is_over):
        """Waits for both pumps; when down has ended and is_over(), no longer for up."""
        tasks = [self._loop.create_task(up), self._loop.create_task(down)]
        left = set(tasks)
        try:
            while left:
                done, left = await asyncio.wait(left, return_when=asyncio.FIRST_COMPLETED)
                for task in done:
                    task.result()
                if tasks[1] in done and is_over():
                    return
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    # -- exchanges

    def _plan(self, raw):
        """(exchange, its request's body)"""
        head = Head(raw)
        body = request_body(head)
        plan = self.proxy.faults.plan(head)
        if plan.strip:
            head.strip_upgrade()
        return Exchange(self.number, head, plan), body

    async def _push(self, exchange):
        while len(self._queue) >= PIPELINED_MAX:
            self._room.clear()
            await self._room.wait()
        self._queue.append(exchange)
        self.proxy.opened(exchange.record)
        self._news.set()

    async def _send_down(self, exchange, data):
        await self.client.send(data)
        exchange.record["down"] += len(data)
