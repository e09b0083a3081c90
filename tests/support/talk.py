"""Says things and reads what was said: what tests of all ways down have in common."""

import os


def fresh(name):
    return name + os.urandom(4).hex()


def write(stream, texts, room="#lobby"):
    """Says them all, and returns when all are receipted. It reads now and then: one who does not is
    not read from for ever either."""
    for n, text in enumerate(texts):
        last = os.urandom(8).hex()
        stream.send({"type": "say", "id": last, "room": room, "text": text})
        if n % 50 == 49 or n == len(texts) - 1:
            stream.read_until(lambda e: e["type"] == "receipt" and e["id"] == last, 60)


def read_texts(reader, last, room=None, timeout=30):
    """The texts up to the one that says last; all must come in order of seq."""
    texts, seq = [], 0
    while not texts or texts[-1] != last:
        event = reader.read(timeout)
        if not event.get("rseq"):
            continue
        if event["seq"] <= seq:
            raise AssertionError("seq %d after %d" % (event["seq"], seq))
        seq = event["seq"]
        if event["type"] == "message" and room in (None, event["room"]):
            texts.append(event["text"])
    return texts


def read_until(reader, type, timeout=15):
    while True:
        event = reader.read(timeout)
        if event["type"] == type:
            return event
