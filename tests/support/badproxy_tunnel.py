"""A connection of an HTTP proxy that knows CONNECT alone."""

import base64
import hmac

from badproxy_connection import Connection
from badproxy_http import HEAD_MAX, page


class Tunnel(Connection):
    async def serve(self):
        while True:
            raw = await self.client.take_until(b"\r\n\r\n", HEAD_MAX)
            if not raw:
                return
            exchange, _ = self._plan(raw)
            exchange.record["up"] += len(raw)
            await self._push(exchange)
            if await self._open_tunnel(exchange):
                break
            self._queue.popleft()
            self._end_exchange(exchange, True)
        await self._join(self._pass_raw(self.client, self.upstream, exchange, "up"),
                         self._pass_raw(self.upstream, self.client, exchange, "down"),
                         lambda: False)

    async def _open_tunnel(self, exchange):
        refusal, fields = await self._refusal(exchange)
        if refusal is not None:
            exchange.record["status"] = refusal
            await self._send_down(exchange, page(refusal, fields))
            return False
        exchange.record["status"] = 200
        await self._send_down(exchange, b"HTTP/1.1 200 Connection established\r\n\r\n")
        self._open_raw(exchange)
        return True

    async def _refusal(self, exchange):
        """(status, fields), status None when there is a tunnel now."""
        head, plan = exchange.head, exchange.plan
        if plan.answer is not None:
            return plan.answer, ()
        if plan.hole is not None:
            await self._hang()
            raise EOFError("gone without an answer")
        if head.method != "CONNECT":
            return 405, [("Allow", "CONNECT")]
        if not self._is_known(head):
            return 407, [("Proxy-Authenticate", 'Basic realm="badproxy"')]
        self.upstream = await self.proxy.connect_target(head.path)
        if self.upstream is None:
            return 502, ()
        self.upstream.on_bytes = self._touched
        return None, ()

    def _is_known(self, head):
        if self.proxy.auth is None:
            return True
        wanted = base64.b64encode(self.proxy.auth.encode()).decode()
        scheme, _, given = head.get("proxy-authorization").partition(" ")
        return scheme.lower() == "basic" and hmac.compare_digest(given, wanted)
