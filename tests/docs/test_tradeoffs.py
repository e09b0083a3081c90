"""doc/tradeoffs.md says what bench/profile.json has measured, figure by figure; so does rtchat(7) of
what works behind which fault.

    test_tradeoffs.py DOC MANUAL PROFILE           compares
    test_tradeoffs.py DOC MANUAL PROFILE --write   puts the profile's figures in their places
"""
import json
import re
import statistics
import sys
from itertools import zip_longest

LAYERS = ("text", "json", "framing", "tls", "tcpip")
FAULTS = {
    "none": "none",
    "Upgrade refused with 403": "ws-block=403",
    "Upgrade stripped": "ws-strip",
    "Upgrade swallowed": "ws-swallow",
    "opens, then silent": "ws-silent",
    "answers held back until they end": "buffer",
    "POSTs swallowed": "post-hole",
    "POSTs refused with 403": "post-error=403",
}
NAMES = {
    "ws-block=403": "Upgrade refused by 403",
    "ws-strip": "Upgrade stripped",
    "ws-swallow": "Upgrade swallowed",
    "ws-silent": "opens, then silent",
    "ws-kill-ms=1000": "WebSockets cut after 1 s",
    "buffer": "answers held back",
    "post-hole": "POSTs swallowed",
    "post-error=403": "POSTs refused by 403",
    "idle-cut=1500": "cut when 1.5 s idle",
    "delay=200": "200 ms more each way",
}
WAYS = {"ws": "ws", "sse": "sse", "long poll": "longpoll", "poll": "poll", "auto": "auto"}


class Profile:
    def __init__(self, path):
        with open(path, encoding="utf-8") as file:
            self.rows = json.load(file)["rows"]

    def row(self, transport, http="1.1", **varied):
        for row in self.rows:
            if (row["transport"], row["http"], row["varied"]) == (transport, http, varied):
                return row
        raise SystemExit("the profile has no row %s, HTTP/%s, %s" % (transport, http, varied))

    def figure(self, measure, *way, **varied):
        return statistics.median(self.row(*way, **varied)["measures"][measure])

    def layers(self, prefix, *way, **varied):
        return [self.figure("%s_%s_bytes" % (prefix, layer), *way, **varied) for layer in LAYERS]

    def whole(self, direction, *way, **varied):
        """What a message costs up and down: to say it ("send") or to read it ("read")."""
        return sum(sum(self.layers("%s_%s" % (direction, to), *way, **varied))
                   for to in ("up", "down"))


def number(value):
    return "{:,.0f}".format(value)


def way_of(label, **varied):
    """"poll every 1 s, HTTP/1.1" -> ("poll", "1.1"), {"interval_s": 1.0}"""
    match = re.fullmatch(r"(ws|sse|long poll|poll)(?: or long poll)?(?: every (\d+) s)?"
                         r"(?:, HTTP/([\d.]+))?", label)
    if match is None:
        return None
    if match.group(2):
        varied["interval_s"] = float(match.group(2))
    return (WAYS[match.group(1)], match.group(3) or "1.1"), varied


def said(profile, label):
    way, varied = way_of(label)
    layers = [round(x) for x in profile.layers("send_up", *way, **varied)]
    return [number(x) for x in [sum(layers)] + layers]


def read(profile, label):
    way, varied = way_of(label)
    layers = [round(x) for x in profile.layers("read_down", *way, **varied)]
    requests = profile.figure("read_requests", *way, **varied)
    return [number(x) for x in [sum(layers)] + layers] + ["%.2g" % requests]


def silence(profile, label):
    way, varied = way_of(label, use="idle")

    def figure(name):
        return profile.figure(name, *way, **varied)

    pings = figure("pings_per_hour")
    return [number(round(figure("requests_per_hour"), -1)),
            number(round(pings, -1)) if pings else "–", number(figure("bytes_per_hour")),
            number(figure("server_cpu_ms_per_hour"))]


def delay(profile, label):
    way, varied = way_of(label)
    return [number(profile.figure(name, *way, **varied)) + " ms"
            for name in ("delivery_p50_ms", "delivery_p99_ms")]


def behind(profile, label):
    cells = []
    for transport in WAYS.values():
        row = profile.row(transport, fault=FAULTS[label])
        found = row["measures"].get("found_after_ms")
        cells.append(row["words"]["state"] if found is None else "%.1f s" % (found[0] / 1000))
    return cells


def manual_table(profile):
    """The rows of a .Bl -column list: a fault, and what became of each transport."""
    faults = [row["varied"]["fault"] for row in profile.rows
              if row["transport"] == "ws" and "fault" in row["varied"]]
    return "".join(".It %s\n" % " Ta ".join(
        [NAMES.get(fault, fault)] +
        [profile.row(transport, fault=fault)["words"]["state"].split(",")[0]
         for transport in WAYS.values()]) for fault in faults)


def with_table(manual, profile):
    start = manual.index(".It Sy fault ")
    start = manual.index("\n", start) + 1
    return manual[:start] + manual_table(profile) + manual[manual.index(".El", start):]


# The first row of a table -> what stands behind the first cell of each that follows.
TABLES = {
    "| way | in all | text | JSON | framing | TLS | TCP/IP |": said,
    "| way | in all | text | JSON | framing | TLS | TCP/IP | requests |": read,
    "| way | requests | of them pings | bytes | the server's CPU, ms |": silence,
    "| way | half of the messages within | 99 in 100 within |": delay,
    "| fault in between | ws | sse | long poll | poll | auto |": behind,
}

# What stands in sentences: the words around each figure, and the figure.
SENTENCES = (
    (r"([\d,]+) bytes a delivery against [\d,]+ by WebSocket", lambda p: p.whole("read", "sse")),
    (r"bytes a delivery against ([\d,]+) by WebSocket", lambda p: p.whole("read", "ws")),
    (r"([\d,]+) bytes and no request a message said", lambda p: p.whole("send", "ws")),
    (r"no request a message said, against ([\d,]+) and one by SSE", lambda p: p.whole("send", "sse")),
    (r"([\d,]+) in 100 \(every 1 s\)",
     lambda p: p.figure("empty_share", "poll", use="idle", interval_s=1.0)),
    (r"([\d,]+) in 100 \(every 3 s\)",
     lambda p: p.figure("empty_share", "poll", use="idle", interval_s=3.0)),
    (r"ask every 3 s keep ([\d,]+) % of a core",
     lambda p: p.figure("server_cpu_ms_per_hour", "poll", use="idle", interval_s=3.0) / 36),
    (r"memory \(([\d,]+) bytes a\s+connection", lambda p: p.figure("server_rss_bytes", "sse")),
    (r"connection against ([\d,]+), where", lambda p: p.figure("server_rss_bytes", "ws")),
    (r"long poll then took ([\d,]+) bytes", lambda p: p.whole("read", "longpoll", keep_alive="no")),
    (r"both ways, against ([\d,]+) with it", lambda p: p.whole("read", "longpoll")),
    (r"with it, ([\d,]+) handshakes", lambda p: p.figure("handshakes", "longpoll", keep_alive="no")),
    (r"handshakes against ([\d,]+) for the same", lambda p: p.figure("handshakes", "longpoll")),
    (r"([\d,]+) µs of the server's CPU a delivery",
     lambda p: p.figure("server_cpu_us", "longpoll", keep_alive="no")),
    (r"CPU a delivery against ([\d,]+);", lambda p: p.figure("server_cpu_us", "longpoll")),
    (r"that is ([\d,]+) µs a handshake",
     lambda p: p.figure("handshake_cpu_us", "longpoll", keep_alive="no")),
    (r"([\d,]+) bytes more a delivery, the same delay",
     lambda p: sum(p.layers("read_down", "sse")) - sum(p.layers("read_down", "ws"))),
)


def with_tables(text, profile):
    lines, cells_of = [], None

    for line in text.split("\n"):
        if not line.startswith("|"):
            cells_of = None
        elif cells_of is not None and not line.startswith("|---"):
            label = line.split("|")[1].strip()
            line = "| %s |" % " | ".join([label] + cells_of(profile, label))
        cells_of = TABLES.get(line, cells_of)
        lines.append(line)
    return "\n".join(lines)


def with_sentences(text, profile):
    for pattern, figure in SENTENCES:
        found = list(re.finditer(pattern, text))
        if len(found) != 1:
            raise SystemExit("%d times in the page, wanted once: %s" % (len(found), pattern))
        start, end = found[0].span(1)
        text = text[:start] + number(figure(profile)) + text[end:]
    return text


def differences(is_text, wanted):
    return ["it says   %s\nmeasured  %s" % pair
            for pair in zip_longest(is_text.split("\n"), wanted.split("\n"), fillvalue="")
            if pair[0] != pair[1]]


def main():
    doc, manual, profile = sys.argv[1], sys.argv[2], Profile(sys.argv[3])
    texts = {}
    for path in (doc, manual):
        with open(path, encoding="utf-8") as file:
            texts[path] = file.read()

    missing = [head for head in TABLES if head not in texts[doc].split("\n")]
    if missing:
        raise SystemExit("tables that are not in the page: %s" % missing)
    wanted = {doc: with_sentences(with_tables(texts[doc], profile), profile),
              manual: with_table(texts[manual], profile)}
    if sys.argv[4:] == ["--write"]:
        for path, text in wanted.items():
            with open(path, "w", encoding="utf-8") as file:
                file.write(text)
        return
    wrong = [line for path in wanted for line in differences(texts[path], wanted[path])]
    if wrong:
        raise SystemExit("\n".join(wrong))


main()
