"""Bytes under way: what the weather (a delay, a rate) does to one direction of a connection."""

from collections import deque

PIECE = 65536           # read at once; also what waits in memory before the other end is held back
DELAYED = 1024 * 1024   # what may be under way on a line with a delay
SLICES_PER_S = 50       # how smooth a limited rate is


class Weather:
    """What a line does to bytes. delay_s: one way. rate: bytes a second one way, 0 for any."""

    def __init__(self):
        self.delay_s = 0.0
        self.rate = 0

    @property
    def is_calm(self):
        return not self.delay_s and not self.rate


CALM = Weather()


class Line:
    """Bytes under way in one direction, in order, each with the time at which it arrives."""

    def __init__(self, weather):
        self._weather = weather
        self._pieces = deque()  # (due, bytes); b"" is the end
        self._free_at = 0.0     # when the last byte has left, at the rate
        self._last_due = 0.0
        self.size = 0

    @property
    def is_full(self):
        return self.size >= (DELAYED if self._weather.delay_s else PIECE)

    @property
    def is_empty(self):
        return not self._pieces

    @property
    def next_due(self):
        return self._pieces[0][0]

    def put(self, data, now):
        rate = self._weather.rate
        step = max(1, rate // SLICES_PER_S) if rate else len(data)
        for start in range(0, len(data), step):
            self._put_piece(data[start:start + step], now, rate)

    def hold(self, until):
        """Nothing arrives before that."""
        self._last_due = max(self._last_due, until)

    def put_end(self, now):
        self._put_piece(b"", now, 0)

    def _put_piece(self, piece, now, rate):
        leaves = max(now, self._free_at)
        if rate:
            leaves += len(piece) / rate
            self._free_at = leaves
        self._last_due = max(self._last_due, leaves + self._weather.delay_s)
        self._pieces.append((self._last_due, piece))
        self.size += len(piece)

    def take(self, now):
        """(what has arrived, at most about PIECE bytes; whether the end has arrived after it)"""
        taken = []
        length = 0
        while self._pieces and self._pieces[0][0] <= now and length < PIECE:
            piece = self._pieces.popleft()[1]
            if not piece:
                return b"".join(taken), True
            taken.append(piece)
            length += len(piece)
            self.size -= len(piece)
        return b"".join(taken), False
