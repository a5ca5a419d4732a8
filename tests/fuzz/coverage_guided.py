"""A dialect under atheris, which looks for messages that reach new lines: `coverage_guided.py NAME -runs=100000`.

A process of its own, since atheris instruments what it imports and ends the process when it is done.
"""

import sys
from pathlib import Path

import atheris

sys.path[:0] = [str(Path(__file__).parents[2]), str(Path(__file__).parents[1])]

with atheris.instrument_imports(include=["gateway.codecs"]):
    from gateway.codecs import catalogue  # noqa: F401

from fuzz.judge import Tally, judge  # noqa: E402 - after what is instrumented
from fuzz.run import proven  # noqa: E402
from fuzz.spoken import NOW_US, spoken  # noqa: E402
from gateway.codecs.message import Message  # noqa: E402


def main() -> None:
    name = sys.argv.pop(1)
    way, tally = spoken(name)[0], Tally()

    def one(payload: bytes) -> None:
        message = Message(way.messages[0].topic, payload, NOW_US)
        if decoded := judge(way.route, way.site, message, tally):
            proven(name, message, decoded)

    atheris.Setup(sys.argv, one)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
