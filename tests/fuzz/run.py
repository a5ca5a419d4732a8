"""Damaged messages for every codec: `python tests/fuzz/run.py --messages 1000000 [--dialect NAME]`.

For the byte protocols it is also checked that nothing is taken that no checksum proves, and that a changed frame with a
right checksum is taken for what its bytes say.
"""

import argparse
import random
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from fuzz import edits, oracle
from fuzz.judge import Tally, WrongError, judge, no_hang
from fuzz.spoken import NOW_US, Spoken, names, spoken
from gateway.codecs.message import Decoded, Message

SEED = 20261125
_TOPIC_DAMAGED = 0.05
_AT_A_TIME = 2000
_REPAIRED = 0.25


def fuzz(name: str, messages: int, seed: int = SEED) -> Tally:
    """Let a dialect read so many damaged messages.

    Raises:
        WrongError: it did what no codec may.
    """
    tally = Tally()
    chance = random.Random(f"{name} {seed}")
    ways = spoken(name)
    for begin in range(0, messages, _AT_A_TIME):
        with no_hang():
            for _ in range(min(_AT_A_TIME, messages - begin)):
                one(name, chance.choice(ways), chance, tally)
    return tally


def one(name: str, way: Spoken, chance: random.Random, tally: Tally) -> None:
    """Damage one message, and judge what becomes of it."""
    if name in oracle.SHAPES and chance.random() < _REPAIRED:
        changed_frame(name, way, chance, tally)
        return
    message = chance.choice(way.messages)
    payload = edits.apply(message.payload, edits.some(chance), [other.payload for other in way.messages])
    topic = message.topic
    if chance.random() < _TOPIC_DAMAGED:
        topic = edits.apply(topic.encode(), edits.some(chance)).decode("utf-8", "replace")
    damaged = Message(topic, payload, NOW_US, chance.random() < _TOPIC_DAMAGED)
    decoded = judge(way.route, way.site, damaged, tally)
    if decoded and name in oracle.SHAPES:
        proven(name, damaged, decoded)


def proven(name: str, message: Message, decoded: Decoded) -> None:
    """Every register that was taken is one that a whole frame says, where the message is one of frames."""
    if b"METERSUM" in message.payload:
        return  # a logger's own JSON, which has no checksum
    said = {what for frame in oracle.frames_in(name, message.payload) for what in oracle.says(name, frame)}
    for event in decoded.events:
        taken = {(device_id, float(value)) for device_id, value in (what for what in said if isinstance(what, tuple))}
        if hasattr(event, "register") and (event.device_id, event.register) not in taken:
            raise WrongError(f"{name}: no checksum proves {event!r}: {message!r}")


def changed_frame(name: str, way: Spoken, chance: random.Random, tally: Tally) -> None:
    """Change a frame, give it the checksum that proves it, and see that it is taken for what it says."""
    frames: list[bytes] = []
    while not frames:  # a reply that the simulator has damaged has none
        frames = list(oracle.frames_in(name, chance.choice(way.messages).payload))
    frame = oracle.repaired(name, chance.choice(frames), chance)
    message = Message("a", frame, NOW_US)
    decoded = judge(way.route, way.site, message, tally)
    expected = oracle.says(name, frame)
    if decoded is None:
        found = {oracle.REFUSED}
    else:
        found = {(event.device_id, event.register) for event in decoded.events} or {oracle.NOTHING}
        wrong_time = {event.ts_us for event in decoded.events} - (oracle.times(frame) if name == "cjt188" else {NOW_US})
        if wrong_time:
            raise WrongError(f"{name}: a time that is in no byte of {frame.hex(' ')}")
    if not found <= {what if isinstance(what, str) else (what[0], float(what[1])) for what in expected}:
        raise WrongError(f"{name}: {found} of {frame.hex(' ')}, which says {expected}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--messages", type=int, default=1_000_000)
    parser.add_argument("--dialect", action="append", choices=names())
    parser.add_argument("--seed", type=int, default=SEED)
    options = parser.parse_args()
    for name in options.dialect or names():
        began = time.perf_counter()
        tally = fuzz(name, options.messages, options.seed)
        print(f"{name}: {options.messages} messages in {time.perf_counter() - began:.0f} s: {tally}", flush=True)  # noqa: T201


if __name__ == "__main__":
    main()
