"""A dial that begins again at zero, as every make of meter tells of it: the gateway's rule counts on across it."""

import re
import tomllib
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import numpy as np
import pytest
from fuzz.spoken import Everyone

from device_sim.dialects import MAKES
from device_sim.records import Device
from gateway.codecs.message import Message, UndecodableError
from gateway.codecs.routes import routes_of
from gateway.events import DeviceKind, Reading
from gateway.rollup.use import ELECTRICITY, HOUR_US, WATER, Days, Flag, Meter, Points, meter_days

DOCUMENT = (Path(__file__).parents[3] / "docs" / "simulator.md").read_text("utf-8")
ROUTES = routes_of(tomllib.loads("\n".join(re.findall(r'^    ("\S+" = .+)$', DOCUMENT, re.MULTILINE))))
"""As the documentation of the simulator says."""
FIRST = datetime(2026, 11, 1, tzinfo=UTC)
HOURS, ROLLS_AT = 97, 52
DIGITS = 5
PER_HOUR = {"water": Decimal("0.02"), "electricity": Decimal("0.25")}
METERS = [(name, kind) for name, make in MAKES.items() for kind in make.KINDS if kind != "door"]


def dial(kind: str, hour: int) -> Decimal:
    return (10**DIGITS + (hour - ROLLS_AT) * PER_HOUR[kind] + PER_HOUR[kind] / 2) % 10**DIGITS


def told(name: str, kind: str, number: int) -> dict[int, float]:
    """What is stored of a meter's four days: the register by time in µs, the first message of a time winning."""
    make = MAKES[name]
    device_id = make.device_id(kind, number)
    speaker = make.speaker(Device(device_id, "e1", kind, "u", "b", "1", name, DIGITS, ""))
    site, stored = Everyone(DeviceKind(kind)), {}
    speaker.will()
    says = [(FIRST, say) for say in speaker.hello(FIRST - timedelta(hours=1))]
    for hour in range(HOURS):
        at = FIRST + timedelta(hours=hour, seconds=20)
        says += [(at, say) for say in speaker.reading(at, dial(kind, hour), hour)]
    for at, say in says:
        message = Message(say.topic, say.payload, int(at.timestamp()) * 1_000_000)
        try:
            decoded = ROUTES.find(say.topic).decode(message, site)
        except UndecodableError:
            continue  # damaged on the line, or a word before the first number
        site.memory.update(decoded.remember)
        for event in decoded.events:
            if isinstance(event, Reading):
                stored.setdefault(event.ts_us, event.register)
    return stored


@pytest.mark.parametrize(("name", "kind"), METERS)
def test_a_days_use_is_right_across_the_end_of_the_dial(name, kind):
    commodity = WATER if kind == "water" else ELECTRICITY
    a_day = float(24 * PER_HOUR[kind]) * commodity.per_register
    heard = 0
    for number in range(10):
        stored = sorted(told(name, kind, number).items())
        if not stored:
            continue  # it speaks when it is asked
        heard += 1
        midnights = int(FIRST.timestamp()) * 1_000_000 + np.arange(5) * 24 * HOUR_US
        days = meter_days(
            Points(
                meter=np.zeros(len(stored), "i8"),
                ts_us=np.array([ts_us for ts_us, _ in stored]),
                register=np.array([register for _, register in stored]),
            ),
            Days(meter=np.zeros(4, "i8"), start_us=midnights[:-1], end_us=midnights[1:]),
            [Meter(commodity=commodity, register_digits=DIGITS)],
        )
        assert max(register for _, register in stored) < 10**DIGITS
        assert days.use == pytest.approx([a_day] * 4, rel=0.06), (number, days.use, days.flags)
        assert [day for day in range(4) if days.flags[day] & Flag.ROLL_OVER] in ([2], [3])  # 3: told of whole days
    assert heard
