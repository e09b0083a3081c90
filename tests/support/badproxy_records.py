"""What badproxy remembers of its work, for tests to count; in memory and in a file."""

import json
import threading
import time
from collections import deque

KEPT = 100_000


class Records:
    """Any thread may ask; one writes."""

    def __init__(self):
        self._lock = threading.Lock()
        self._done = deque(maxlen=KEPT)
        self._open = {}  # requests under way, by their identity
        self._file = None
        self._began = time.monotonic()

    def write_to(self, path):
        self._file = open(path, "a", buffering=1, encoding="utf-8")

    def close(self):
        """Of the file; what is in memory stays."""
        if self._file is not None:
            self._file.close()
            self._file = None

    def open(self, record):
        """A request that has begun; add it when it has ended."""
        with self._lock:
            self._open[id(record)] = record

    def add(self, record):
        record["at_ms"] = round((time.monotonic() - self._began) * 1000)
        with self._lock:
            self._open.pop(id(record), None)
            self._done.append(record)
        if self._file is not None:
            self._file.write(json.dumps(record) + "\n")

    def find(self, event, **wanted):
        with self._lock:
            found = [dict(record) for record in [*self._done, *self._open.values()]
                     if record["event"] == event]
        return [record for record in found
                if all(record.get(name) == value for name, value in wanted.items())]

    def wait(self, count, event, timeout, **wanted):
        deadline = time.monotonic() + timeout
        while True:
            found = self.find(event, **wanted)
            if len(found) >= count:
                return found
            if time.monotonic() > deadline:
                raise TimeoutError("%d of %d: %s %s" % (len(found), count, event, wanted))
            time.sleep(0.005)

    def stats(self):
        with self._lock:
            events = [record["event"] for record in self._done]
            under_way = [dict(record) for record in self._open.values()]
        return {"connections": events.count("connection"), "handshakes": events.count("handshake"),
                "requests": events.count("request") + len(under_way), "open_requests": under_way}
