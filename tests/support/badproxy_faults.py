"""The faults that badproxy knows: one row each.

A fault is written NAME[=VALUE][@PATH][#TIMES]: PATH is a pattern (post-hole@/v1/*), TIMES is how
often it strikes before it is used up. A row tells which requests it can strike, and writes down
what is to become of one in its plan; or it changes the weather, which is for every connection.
"""

from fnmatch import fnmatchcase

HELD_MAX = 64 * 1024 * 1024


class Plan:
    """What becomes of one exchange."""

    def __init__(self):
        self.answer = None        # the status that the proxy answers with by itself
        self.hole = None          # "request" never reaches the server, "answer" not the client
        self.strip = False        # without its Upgrade
        self.hold = 0             # an answer's bytes to gather before they go on, 0 for none
        self.hold_head = False    # its head waits with them
        self.cut_at = None        # after so many bytes of the answer's body the connection is cut
        self.kill_ms = None       # after the upgrade, so long
        self.kill_bytes = None    # after the upgrade, so many bytes, both ways together
        self.silent = frozenset()  # after the upgrade, ways on which all is lost: "up", "down"
        self.faults = []          # their names
        self.struck = []          # themselves


class Climate:
    """What holds for every connection."""

    def __init__(self):
        self.delay_ms = 0      # there and back
        self.rate = 0          # bytes a second each way, 0 for any
        self.idle_ms = None
        self.reset_ms = None
        self.refuse_ms = None  # 0: until the fault goes
        self.hangs = False     # a connection is taken, and that is all


def _any(head):
    return True


def _upgrade(head):
    return head.is_upgrade


def _tunnel(head):
    return head.is_upgrade or head.method == "CONNECT"


def _post(head):
    return head.method == "POST"


def _number(low, high):
    def parse(text):
        if not text.isdigit() or not low <= int(text) <= high:
            raise ValueError("a number from %d to %d" % (low, high))
        return int(text)
    return parse


def _choice(*names):
    def parse(text):
        if text not in names:
            raise ValueError("one of " + ", ".join(names))
        return text
    return parse


def _nothing(text):
    if text:
        raise ValueError("no value")
    return True


_status = _number(200, 599)
_ms = _number(0, 3_600_000)
_count = _number(0, 1 << 40)
_held = _number(1, HELD_MAX)


def _hold(plan, count, head_too):
    plan.hold = count
    plan.hold_head = head_too


def _silence(plan, way):
    plan.silent = plan.silent | (frozenset(("up", "down")) if way == "both" else frozenset((way,)))


class Row:
    """default: the value when none is given, None when one has to be. path: the pattern when none
    is given. strikes: which requests, None for the weather. act: (plan or climate, value)."""

    def __init__(self, parse, default, strikes, act, help, path="*"):
        self.parse = parse
        self.default = default
        self.strikes = strikes
        self.act = act
        self.help = help
        self.path = path


def _set(name):
    def act(target, value):
        setattr(target, name, value)
    return act


FAULTS = {
    "ws-block": Row(_status, "403", _upgrade, _set("answer"),
                    "answers an upgrade itself (200: with a page)"),
    "ws-swallow": Row(_nothing, "", _upgrade, lambda plan, _: setattr(plan, "hole", "request"),
                      "takes an upgrade and never answers"),
    "ws-strip": Row(_nothing, "", _upgrade, _set("strip"),
                    "drops the Upgrade field: a plain GET reaches the server"),
    "ws-kill-ms": Row(_ms, None, _tunnel, _set("kill_ms"),
                      "cuts a ws (or tunnel) that long after it opened"),
    "ws-kill-bytes": Row(_count, None, _tunnel, _set("kill_bytes"),
                         "cuts a ws (or tunnel) after so many bytes, both ways together"),
    "ws-silent": Row(_choice("up", "down", "both"), "both", _tunnel, _silence,
                     "a ws (or tunnel) opens and then nothing passes that way, no end either"),
    "buffer": Row(_held, str(HELD_MAX), _any, lambda plan, n: _hold(plan, n, True),
                  "holds an answer until it ends or has so many bytes", "/v1/events"),
    "buffer-body": Row(_held, str(HELD_MAX), _any, lambda plan, n: _hold(plan, n, False),
                       "the same, and its head goes on at once", "/v1/events"),
    "cut-body": Row(_count, None, _any, _set("cut_at"),
                    "cuts the connection at that byte of an answer's body", "/v1/poll"),
    "post-hole": Row(_choice("request", "answer"), "request", _post, _set("hole"),
                     "a POST is taken and never answered; it (request) or its answer is lost",
                     "/v1/send"),
    "post-error": Row(_status, "502", _post, _set("answer"),
                      "answers a POST itself, and the server has not seen it", "/v1/send"),
    "answer": Row(_status, "503", _any, _set("answer"),
                  "answers any request itself (503 and 429 with Retry-After: 1)"),
    "delay": Row(_ms, None, None, _set("delay_ms"), "milliseconds of round trip that it adds"),
    "rate": Row(_number(1, 1 << 40), None, None, _set("rate"),
                "bytes a second that a connection passes each way"),
    "idle-cut": Row(_ms, None, None, _set("idle_ms"),
                    "cuts a connection on which nothing came or went for that long"),
    "reset": Row(_ms, None, None, _set("reset_ms"),
                 "resets a connection (RST) that long after it was taken"),
    "refuse": Row(_ms, "0", None, _set("refuse_ms"),
                  "refuses connections for that long (0: until the fault goes)"),
    "hang": Row(_nothing, "", None, _set("hangs"), "takes a connection and says nothing"),
}


class Fault:
    """One that is on."""

    def __init__(self, text):
        """Raises ValueError with what was wrong and what was wanted."""
        rest, hash_, times = text.partition("#")
        rest, at, path = rest.partition("@")
        self.name, equals, value = rest.partition("=")
        self.text = text
        row = FAULTS.get(self.name)
        if row is None:
            raise ValueError("unknown fault %r; wanted one of %s" % (self.name, ", ".join(FAULTS)))
        if not equals and row.default is None:
            raise ValueError("%s: no value; wanted %s=VALUE" % (self.name, self.name))
        if (at or hash_) and row.strikes is None:
            raise ValueError("%s: is for all connections; wanted no @PATH and no #TIMES" %
                             self.name)
        if hash_ and (not times.isdigit() or int(times) < 1):
            raise ValueError("%s: #%s; wanted a number from 1" % (self.name, times))
        try:
            self.value = row.parse(value if equals else row.default)
        except ValueError as wanted:
            raise ValueError("%s=%s; wanted %s" % (self.name, value, wanted)) from None
        self.row = row
        self.path = path if at else row.path
        self.left = int(times) if hash_ else None

    def strikes(self, head):
        return (self.row.strikes is not None and self.left != 0 and self.row.strikes(head) and
                fnmatchcase(head.path, self.path))


class FaultSet:
    """Those that are on, in the order in which they were given; a later one wins."""

    def __init__(self, texts=()):
        self.faults = [Fault(text) for text in texts]

    def replace(self, texts):
        """All or none of them. Raises ValueError."""
        self.faults = [Fault(text) for text in texts]

    def add(self, texts):
        """A fault of the same name and path is replaced."""
        new = [Fault(text) for text in texts]
        keys = {(fault.name, fault.path) for fault in new}
        self.faults = [fault for fault in self.faults
                       if (fault.name, fault.path) not in keys] + new

    def drop(self, names):
        unknown = [name for name in names if name not in FAULTS]
        if unknown:
            raise ValueError("unknown fault %r" % unknown[0])
        self.faults = [fault for fault in self.faults if fault.name not in names]

    @property
    def texts(self):
        return [fault.text for fault in self.faults]

    def plan(self, head):
        """For a request that has come; counts down the faults that strike it."""
        plan = Plan()
        for fault in self.faults:
            self._strike(fault, plan, head)
        return plan

    def plan_again(self, plan, head):
        """For what is already open, after a change: what is new and strikes open ones."""
        for fault in self.faults:
            if fault.row.strikes is _tunnel and fault not in plan.struck:
                self._strike(fault, plan, head)

    @staticmethod
    def _strike(fault, plan, head):
        if not fault.strikes(head):
            return
        fault.row.act(plan, fault.value)
        plan.faults.append(fault.name)
        plan.struck.append(fault)
        if fault.left is not None:
            fault.left -= 1

    def climate(self):
        climate = Climate()
        for fault in self.faults:
            if fault.row.strikes is None:
                fault.row.act(climate, fault.value)
        return climate
