"""A connection on which HTTP/1.1 is spoken, ws too: a pump up, a pump down, a plan an exchange.

The server is reached with the first request that goes there.
"""

import time

from badproxy_connection import Connection, Exchange, Finish
from badproxy_faults import Plan
from badproxy_http import HEAD_MAX, Head, UntilClose, answer_body, page
from badproxy_line import PIECE

NO_LIMIT = 1 << 62


class Relay(Connection):
    async def serve(self):
        began = time.monotonic()
        tls = await self.client.start_tls(self.proxy.server_context, True)
        self.proxy.log({"event": "handshake", "connection": self.number, "version": tls.version(),
                        "resumed": bool(tls.session_reused),
                        "ms": round((time.monotonic() - began) * 1000)})
        # What comes after the server's end is for nobody, unless it is a ws.
        await self._join(self._up(), self._down(), lambda: self._raw is None)

    # -- the pump up

    async def _up(self):
        while True:
            try:
                raw = await self._request_head()
                if not raw:
                    break
                exchange, body = self._plan(raw)
            except ValueError:
                await self._push(self._not_http())
                break
            goes = exchange.plan.answer is None and exchange.plan.hole != "request"
            if goes and not await self._reach_server():
                exchange.plan.answer = 502
                goes = False
            await self._push(exchange)
            head = exchange.head.encode() if exchange.plan.strip else raw
            if not await self._pass_request(exchange, head, body, goes):
                break
            if exchange.is_upgrade and goes:
                await self._settle(exchange)
                if exchange.is_raw:
                    await self._pass_raw(self.client, self.upstream, exchange, "up")
                    return
        self._client_left.set()
        self._news.set()
        if self.upstream is not None:
            self.upstream.send_eof(self.client.ragged)

    async def _request_head(self):
        while await self.client.more_or_held() and self.client.buffer[:1] in (b"\r", b"\n"):
            self.client.take(1)
        return await self.client.take_until(b"\r\n\r\n", HEAD_MAX)

    def _not_http(self):
        plan = Plan()
        plan.answer = 400
        return Exchange(self.number, Head(b"? ? ?\r\n\r\n"), plan)

    async def _reach_server(self):
        if self.upstream is None:
            wire = await self.proxy.connect_upstream()
            if wire is None:
                return False
            wire.on_bytes = self._touched
            wire.watchers.append(self._news)
            self.upstream = wire
        return True

    async def _send_up(self, data):
        # A server that answers early and closes is no reason to drop its answer.
        if self._server_deaf:
            return
        try:
            await self.upstream.send(data)
        except ConnectionError:
            self._server_deaf = True

    async def _pass_request(self, exchange, head, body, goes):
        """The head, with what has come of the body, and the rest; False at an early end."""
        data = head
        while True:
            if not body.is_done and self.client.buffer:
                used, _ = body.feed(self.client.buffer, NO_LIMIT)
                data += self.client.take(used)
            exchange.record["up"] += len(data)
            if goes:
                await self._send_up(data)
            if body.is_done:
                return True
            if not await self.client.more_or_held():
                return False
            data = b""

    async def _settle(self, exchange):
        """Until it is known whether the upgrade was answered by one, or the client leaves."""
        while not exchange.is_settled:
            self._client_news.clear()
            if self.client.poll() and not self.client.buffer:
                return
            await self._client_news.wait()

    # -- the pump down

    async def _down(self):
        while True:
            exchange = await self._next_exchange()
            if exchange is None:
                break
            stays = await self._answer(exchange)
            if exchange.is_raw:
                return  # it ends with the connection
            self._queue.popleft()
            self._room.set()
            self._end_exchange(exchange, exchange.record["whole"])
            if not stays:
                break
        self.client.send_eof(self.upstream is not None and self.upstream.ragged)

    async def _next_exchange(self):
        """The oldest that is to be answered; None when no more can come."""
        while not self._queue:
            self._news.clear()
            if self._client_left.is_set():
                return None
            if self.upstream is not None and self.upstream.poll():
                if not self.upstream.buffer:
                    return None
                await self.client.send(self.upstream.take(PIECE))  # nobody asked for it
                continue
            await self._news.wait()
        return self._queue[0]

    async def _answer(self, exchange):
        """False: the connection ends with it."""
        plan = exchange.plan
        if plan.answer is not None:
            return await self._answer_ourselves(exchange)
        if plan.hole == "request":
            await self._client_left.wait()
            return False
        head, raw = await self._answer_head(exchange)
        if head is None:
            return False
        if plan.hole == "answer":
            await self._lose(exchange, head)
            return False
        if exchange.is_raw:
            await self._send_down(exchange, raw)
            self._client_news.set()
            await self._pass_raw(self.upstream, self.client, exchange, "down")
            return False
        self._client_news.set()
        return await self._pass_answer(exchange, raw, answer_body(head, exchange.head.method))

    async def _answer_ourselves(self, exchange):
        status = exchange.plan.answer
        exchange.record["status"] = status
        fields = [("Retry-After", "1")] if status in (429, 503) else []
        await self._send_down(exchange, page(status, fields))
        exchange.record["whole"] = True
        return True

    async def _answer_head(self, exchange):
        """(head, as it came), or (None, None) when the server ends instead."""
        while True:
            raw = await self.upstream.take_until(b"\r\n\r\n", HEAD_MAX)
            if not raw:
                return None, None
            head = Head(raw)
            if head.status == 101 and exchange.is_upgrade:
                self._open_raw(exchange)
            elif head.status < 200:
                await self._send_down(exchange, raw)
                continue
            exchange.record["status"] = head.status
            exchange.is_settled = True
            return head, raw

    async def _lose(self, exchange, head):
        body = answer_body(head, exchange.head.method)
        while not body.is_done and await self.upstream.more_or_held():
            self.upstream.take(body.feed(self.upstream.buffer, NO_LIMIT)[0])
        await self._client_left.wait()

    async def _pass_answer(self, exchange, raw, body):
        plan = exchange.plan
        held = bytearray(raw)
        content = 0
        waits = plan.hold_head or (not plan.hold and self.upstream.buffer)
        if not waits:
            await self._release(exchange, held)
        while not body.is_done:
            limit = NO_LIMIT if plan.cut_at is None else plan.cut_at - content
            if limit <= 0:
                await self._release(exchange, held)
                raise Finish("cut-body")
            if not await self.upstream.more_or_held():
                break
            used, fresh = body.feed(self.upstream.buffer, limit)
            held += self.upstream.take(used)
            content += fresh
            if len(held) >= plan.hold:
                await self._release(exchange, held)
        await self._release(exchange, held)
        until_close = isinstance(body, UntilClose)
        exchange.record["whole"] = body.is_done or (until_close and not self.upstream.ragged)
        return body.is_done

    async def _release(self, exchange, held):
        if held:
            data = bytes(held)
            held.clear()
            await self._send_down(exchange, data)
