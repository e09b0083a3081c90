"""Just enough HTTP/1.1 to forward it: heads as they were spelled, and where a body ends."""

from urllib.parse import parse_qsl, urlsplit

HEAD_MAX = 65536
LINE_MAX = 4096

# What of a query may stand in a log; nothing else is known to be without secrets.
PLAIN_KEYS = ("after", "wait", "room", "before", "limit")

REASONS = {200: "OK", 400: "Bad Request", 403: "Forbidden", 404: "Not Found",
           405: "Method Not Allowed", 407: "Proxy Authentication Required",
           426: "Upgrade Required", 429: "Too Many Requests", 500: "Internal Server Error",
           501: "Not Implemented", 502: "Bad Gateway", 503: "Service Unavailable",
           504: "Gateway Timeout"}


class Head:
    """A request's or an answer's first line and fields. Fields keep their order and spelling."""

    def __init__(self, raw):
        """raw: up to and with the empty line. Raises ValueError."""
        lines = raw.decode("latin-1").split("\r\n")[:-2]
        self.first = lines[0]
        self.fields = []
        for line in lines[1:]:
            name, colon, value = line.partition(":")
            if not colon or not name or name != name.strip():
                raise ValueError("not a field: %.40r" % line)
            self.fields.append((name, value.strip()))
        words = self.first.split(" ", 2)
        if len(words) < 2:
            raise ValueError("not a first line: %.40r" % self.first)
        self.words = words

    def values(self, name):
        return [value for field, value in self.fields if field.lower() == name]

    def get(self, name):
        """The field's value, of several the first; "" when there is none."""
        return next(iter(self.values(name)), "")

    def tokens(self, name):
        """The members of a list field, in lower case."""
        members = ",".join(self.values(name)).split(",")
        return [member.strip().lower() for member in members if member.strip()]

    def drop(self, name):
        self.fields = [field for field in self.fields if field[0].lower() != name]

    def encode(self):
        lines = [self.first] + ["%s: %s" % field for field in self.fields]
        return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")

    # -- a request

    @property
    def method(self):
        return self.words[0]

    @property
    def path(self):
        if self.method == "CONNECT":
            return self.words[1]
        return urlsplit(self.words[1]).path

    @property
    def query(self):
        """Of the query what is known to hold no secret."""
        return {key: value for key, value in parse_qsl(urlsplit(self.words[1]).query)
                if key in PLAIN_KEYS}

    @property
    def is_upgrade(self):
        return "websocket" in self.tokens("upgrade")

    def strip_upgrade(self):
        """What an HTTP/1.0 proxy leaves of it: a plain GET."""
        kept = [token for token in self.tokens("connection") if token != "upgrade"]
        self.drop("upgrade")
        self.drop("connection")
        if kept:
            self.fields.append(("Connection", ", ".join(kept)))

    # -- an answer

    @property
    def status(self):
        try:
            return int(self.words[1])
        except ValueError:
            raise ValueError("not a status: %.40r" % self.first) from None


class Sized:
    """A body of so many bytes."""

    def __init__(self, length):
        self.left = length

    @property
    def is_done(self):
        return self.left == 0

    def feed(self, data, limit):
        """How many bytes of data belong to it (some, unless it is done or limit is 0), and how
        many of those are content, which is never more than limit."""
        used = min(self.left, len(data), limit)
        self.left -= used
        return used, used


class UntilClose:
    """A body that ends with its connection."""

    is_done = False

    def feed(self, data, limit):
        used = min(len(data), limit)
        return used, used


class Chunked:
    """A body in chunks, passed on as they were cut."""

    def __init__(self):
        self._state = self._size_line
        self._line = bytearray()
        self._left = 0
        self.is_done = False

    def feed(self, data, limit):
        used = content = 0
        while used < len(data) and not self.is_done:
            if self._state == self._content:
                step = min(self._left, len(data) - used, limit - content)
                if step == 0:
                    break
                self._content(step)
                content += step
            else:
                step = self._state(data, used)
            used += step
        return used, content

    def _take_line(self, data, start):
        """(bytes used, the line when it is whole)"""
        end = data.find(b"\n", start)
        stop = len(data) if end < 0 else end + 1
        self._line += data[start:stop]
        if len(self._line) > LINE_MAX:
            raise ValueError("a chunk's head or trailer is too long")
        if end < 0:
            return stop - start, None
        line, self._line = bytes(self._line).strip(), bytearray()
        return stop - start, line

    def _size_line(self, data, start):
        used, line = self._take_line(data, start)
        if line is not None:
            digits = line.split(b";")[0].strip()
            if not digits or len(digits) > 16 or digits.strip(b"0123456789abcdefABCDEF"):
                raise ValueError("not a chunk's size: %.40r" % line)
            self._left = int(digits, 16)
            self._state = self._content if self._left else self._trailer
        return used

    def _content(self, count):
        self._left -= count
        if self._left == 0:
            self._state = self._after_content

    def _after_content(self, data, start):
        used, line = self._take_line(data, start)
        if line:
            raise ValueError("a chunk is longer than it said")
        if line is not None:
            self._state = self._size_line
        return used

    def _trailer(self, data, start):
        used, line = self._take_line(data, start)
        self.is_done = line == b""
        return used


def _length(head):
    lengths = set(head.values("content-length"))
    if not lengths:
        return None
    text = lengths.pop()
    if lengths or not text.isdigit():
        raise ValueError("not a length: %.40r" % text)
    return int(text)


def request_body(head):
    """Where the request's body ends. Raises ValueError."""
    if "chunked" in head.tokens("transfer-encoding"):
        return Chunked()
    return Sized(_length(head) or 0)


def answer_body(head, method):
    """Where the answer's body ends. Raises ValueError."""
    if method == "HEAD" or head.status < 200 or head.status in (204, 304):
        return Sized(0)
    if "chunked" in head.tokens("transfer-encoding"):
        return Chunked()
    length = _length(head)
    return UntilClose() if length is None else Sized(length)


def page(status, fields=(), close=False):
    """A proxy's own answer: a page for a person where a program asked."""
    reason = REASONS.get(status, "Unknown")
    title = "Sign in to this network" if status == 200 else "%d %s" % (status, reason)
    body = ("<!DOCTYPE html>\n<html><head><title>%s</title></head>"
            "<body><h1>%s</h1></body></html>\n" % (title, title)).encode()
    head = Head(("HTTP/1.1 %d %s\r\n\r\n" % (status, reason)).encode())
    head.fields += [("Content-Type", "text/html"), ("Content-Length", str(len(body)))]
    head.fields += list(fields)
    if close:
        head.fields.append(("Connection", "close"))
    return head.encode() + body
