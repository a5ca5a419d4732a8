"""Messages a second that each dialect's codec reads on one core, without I/O, beside the fastest that reads the same.

The messages are those of the simulator's devices. The gateway finds the route by the topic, decodes, converts units,
looks the device up and makes the events; the others only decode. JSON dialects are measured against a pydantic model
of the fields that matter, by its own JSON parser (in Rust) and by Python's; DL/T 645 against `dlt645`, Sparkplug
against `tahutils`, which `make bench` installs. Times are of the processor, the median of rounds that take turns.

    python benchmarks/codecs.py [--rounds 7] [--only tasmota,shelly] [--profile]
"""

from __future__ import annotations

import argparse
import cProfile
import importlib.util
import json
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal, NamedTuple, TypeAlias

from pydantic import AwareDatetime, BaseModel, Field

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from unit.codecs.site import site

from device_sim import messages
from device_sim.dialects import MAKES, chirpstack, sparkplug, tts
from device_sim.doors import DoorRecord, NumberedEvent
from device_sim.records import Device
from gateway.codecs.catalogue import dialects
from gateway.codecs.message import Message
from gateway.codecs.routes import routes_of
from gateway.events import DeviceKind, Status

Decode: TypeAlias = Callable[[bytes], object]
GOALS = {"JSON": 100_000, "bytes": 50_000}
DEVICES, EACH = 50, 60
FIRST = datetime(2026, 7, 5, tzinfo=UTC)
STEP = timedelta(minutes=15)


# What pydantic is asked to check: the fields that the codec needs.
class Native(BaseModel):
    ts: AwareDatetime
    figure: float = Field(alias="register")
    unit: Literal["m3", "L", "kWh", "Wh"]
    seq: int | None = None
    battery: float | None = Field(None, ge=0, le=100)


class NativeEvent(BaseModel):
    ts: AwareDatetime
    event_id: str = Field(pattern=r"^[A-Za-z0-9._-]{1,64}$")
    kind: Literal["passage", "denied", "held_open", "forced_open", "tamper"]
    method: str
    direction: str
    person_id: str | None
    similarity: float | None = Field(None, ge=0, le=1)


class Tasmota(BaseModel):
    class Energy(BaseModel):
        total: float | list[float] = Field(alias="Total")

    time: datetime = Field(alias="Time")
    energy: Energy = Field(alias="ENERGY")


class Shelly(BaseModel):
    class Counted(BaseModel):
        total: float | None = None

    class Component(BaseModel):
        aenergy: Shelly.Counted | None = None
        total_act: float | None = None

    class Params(BaseModel):
        ts: float | None
        switch: Shelly.Component | None = Field(None, alias="switch:0")
        meter: Shelly.Component | None = Field(None, alias="pm1:0")
        phases: Shelly.Component | None = Field(None, alias="emdata:0")

    src: str | None = None
    params: Params | None = None
    aenergy: Counted | None = None
    total_act: float | None = None


class Zigbee(BaseModel):
    energy: float
    last_seen: AwareDatetime | None = None


class Facesluice(BaseModel):
    class Info(BaseModel):
        custom_id: str = Field("", alias="customId")
        person_id: str | int = Field("", alias="personId")
        record_id: str | int = Field("", alias="RecordID")
        verify_status: str | int = Field("", alias="VerifyStatus")
        similarity: str | float = Field("", alias="similarity1")
        time: datetime

    operator: str
    info: Info


class Hikvision(BaseModel):
    class Event(BaseModel):
        major: int = Field(alias="majorEventType")
        minor: int = Field(alias="subEventType")
        serial: int | None = Field(None, alias="serialNo")
        who: str | int | None = Field(None, alias="employeeNoString")

    time: AwareDatetime = Field(alias="dateTime")
    event: Event = Field(alias="AccessControllerEvent")


class ChirpStack(BaseModel):
    class Device(BaseModel):
        dev_eui: str = Field(alias="devEui")

    time: AwareDatetime
    device: Device = Field(alias="deviceInfo")
    port: int | None = Field(None, alias="fPort")
    content: dict[str, Any] | None = Field(None, alias="object")
    data: str | None = None


class ThingsStack(BaseModel):
    class Uplink(BaseModel):
        f_port: int | None = None
        frm_payload: str | None = None
        decoded_payload: dict[str, Any] | None = None
        received_at: AwareDatetime

    end_device_ids: dict[str, Any]
    uplink_message: Uplink


class Wmbus(BaseModel):
    id: str
    timestamp: AwareDatetime
    total_m3: float | None = None
    total_kwh: float | None = None


def pydantic(model: type[BaseModel]) -> dict[str, Decode]:
    validate = model.model_validate
    return {"pydantic": model.model_validate_json, "json with pydantic": lambda payload: validate(json.loads(payload))}


def dlt645() -> dict[str, Decode]:
    os.chdir(tempfile.mkdtemp())  # importing it opens a log file
    from dlt645.protocol.protocol import DLT645Protocol  # noqa: PLC0415 - installed by `make bench` only
    from loguru import logger  # noqa: PLC0415

    logger.remove()
    return {"dlt645, its log switched off": DLT645Protocol.deserialize}


def tahutils() -> dict[str, Decode]:
    from tahutils.parse import payload_from_string  # noqa: PLC0415

    def values(payload: bytes) -> list[tuple[int, int, float]]:  # its own reader of values knows no aliases
        return [
            (metric.alias, metric.timestamp, metric.double_value) for metric in payload_from_string(payload).metrics
        ]

    return {"tahutils (protobuf in C)": values}


class Case(NamedTuple):
    dialect: str
    kind: str
    made_of: str
    rivals: Callable[[], dict[str, Decode]] = dict
    line: Mapping[str, Any] = MappingProxyType({})
    topics: str = "#"
    only: Callable[[bytes], bool] = bool
    note: str = ""
    voice: str = ""
    """Whose messages they are, where the dialect has no devices of its own."""


CASES = (
    Case("native", "water", "JSON", lambda: pydantic(Native)),
    Case("native", "door", "JSON", lambda: pydantic(NativeEvent)),
    Case("facesluice", "door", "JSON", lambda: pydantic(Facesluice)),
    Case("hikvision", "door", "JSON", lambda: pydantic(Hikvision), topics="hikvision/#",
         only=lambda said: said.startswith(b"{") and b'"AccessControllerEvent":' in said),
    Case("chirpstack", "electricity", "JSON", lambda: pydantic(ChirpStack), {"register": "energy.total", "unit": "Wh"},
         f"application/{chirpstack.APPLICATIONS['electricity']}/device/+/event/+", lambda said: b'"object"' in said),
    Case("chirpstack", "water", "bytes", lambda: pydantic(ChirpStack), {"payload": "axioma_w1"},
         f"application/{chirpstack.APPLICATIONS['water']}/device/+/event/+", lambda said: b'"data"' in said,
         note="frame decoded: 16 hours each"),
    Case("tts", "electricity", "JSON", lambda: pydantic(ThingsStack), {"register": "energy_kwh", "unit": "kWh"},
         f"v3/{tts.APPLICATIONS['electricity']}@city/devices/+/#", lambda said: b'"uplink_message"' in said),
    Case("tts", "water", "bytes", lambda: pydantic(ThingsStack), {"payload": "kamstrup"},
         f"v3/{tts.APPLICATIONS['water']}@city/devices/+/#", lambda said: b'"uplink_message"' in said,
         note="frame decoded"),
    Case("wmbusmeters", "water", "JSON", lambda: pydantic(Wmbus)),
    Case("tasmota", "electricity", "JSON", lambda: pydantic(Tasmota)),
    Case("shelly", "electricity", "JSON", lambda: pydantic(Shelly)),
    Case("zigbee2mqtt", "electricity", "JSON", lambda: pydantic(Zigbee)),
    Case("plain", "electricity", "text", dict, {"device": 3, "unit": "kWh"}),
    Case("sparkplug", "electricity", "bytes", tahutils,
         {"metrics": {sparkplug.METRICS["electricity"]: {"unit": "kWh"}}}),
    Case("dlt645", "electricity", "bytes", dlt645, only=lambda said: said.startswith(b"\xfe"), note="bare frames"),
    Case("dlt645", "electricity", "bytes", note="all loggers"),
    Case("cjt188", "water", "bytes", note="all loggers"),
    Case("serial", "electricity", "bytes", note="both on one line", voice="dlt645"),
)  # fmt: skip


def said_by(case: Case, number: int) -> tuple[str, list[Message]]:
    """A device, and what it says; first come the messages that only lead up to the others."""
    make = MAKES.get(case.voice or case.dialect)
    name = make.device_id(case.kind, number) if make else f"{case.kind}{number}"
    device = Device(name, "e1", case.kind, "u1", "1", "1", case.dialect, 5, "m3" if case.kind == "water" else "kWh")
    heard = []
    for topic, payload, at in spoken(case, device):
        heard.append(Message(topic, payload, round(at.timestamp() * 1e6)))
    return name, heard


def spoken(case: Case, device: Device) -> Iterator[tuple[str, bytes, datetime]]:
    if case.dialect == "native":
        yield from spoken_natively(device)
        return
    voice = MAKES[case.voice or case.dialect].speaker(device)
    for topic, payload, _ in voice.hello(FIRST):
        yield topic, payload, FIRST
    for number in range(1, EACH):
        at = FIRST + number * STEP
        said = voice.event(event(number), at) if case.kind == "door" else voice.reading(at, register(number), number)
        for topic, payload, _ in [*said, *(voice.due(at) if case.kind == "door" else [])]:
            yield topic, payload, at


def spoken_natively(device: Device) -> Iterator[tuple[str, bytes, datetime]]:
    for number in range(EACH):
        at = FIRST + number * STEP
        ts = at.isoformat()
        if device.kind == "door":
            yield messages.event_topic(device), messages.event(event(number), ts), at
        else:
            said = messages.reading(device, ts, str(register(number)), number, {"battery": 87})
            yield messages.reading_topic(device), said, at


def register(number: int) -> Decimal:
    return Decimal("123.456") + number * Decimal("0.137")


def event(number: int) -> NumberedEvent:
    record = DoorRecord(0, "d1", "passage", "face", "in", person_id="p000123", similarity=0.94)
    return NumberedEvent(f"d1-{number:06d}", record)


def prepared(case: Case) -> tuple[Callable[[], None], list[Message]]:
    """What reads all messages that count, and these."""
    spoke = [said_by(case, number) for number in range(DEVICES)]
    lists = site(*(name for name, _ in spoke), kind=DeviceKind(case.kind))
    find = routes_of({case.topics: {"dialect": case.dialect, **case.line}}).find
    counted = []
    for message in (message for _, said in spoke for message in said):
        decoded = find(message.topic).decode(message, lists)
        lists.remember(decoded.remember, message.arrived_us)
        told = any(type(said) is not Status for said in decoded.events)
        if told and not decoded.remember and case.only(message.payload):
            counted.append(message)

    def read() -> None:
        for message in counted:
            find(message.topic).decode(message, lists)

    return read, counted


def timed(read: Callable[[], None], count: int) -> float:
    """Messages a second."""
    began = time.process_time()
    rounds = 0
    while time.process_time() - began < 0.2:
        read()
        rounds += 1
    return rounds * count / (time.process_time() - began)


def rivals_of(case: Case, counted: list[Message]) -> dict[str, Callable[[], None]]:
    try:
        found = case.rivals()
    except ImportError:
        return {}
    payloads = [message.payload for message in counted]

    def reader(decode: Decode) -> Callable[[], None]:
        def read() -> None:
            for payload in payloads:
                decode(payload)

        return read

    return {name: reader(decode) for name, decode in found.items()}


def row(case: Case, rounds: int) -> str:
    read, counted = prepared(case)
    rivals = rivals_of(case, counted)
    ours: list[float] = []
    theirs: dict[str, list[float]] = {name: [] for name in rivals}
    for _ in range(rounds):
        ours.append(timed(read, len(counted)))
        for name, other in rivals.items():
            theirs[name].append(timed(other, len(counted)))
    speed = statistics.median(ours)
    size = sum(len(message.payload) for message in counted) / len(counted)
    label = f"{case.dialect}, {case.kind}" + (f" ({case.note})" if case.note else "")
    short = " (below the goal)" if speed < GOALS.get(case.made_of, 0) else ""
    beside = "; ".join(f"{speed / statistics.median(times):.2f} {name}" for name, times in theirs.items())
    return f"| {label} | {size:,.0f} | {speed:,.0f}{short} | {beside or 'none'} |"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--only", default="", help="names of dialects")
    parser.add_argument("--profile", action="store_true", help="where the time goes instead")
    asked = parser.parse_args()
    if missing := [name for name in ("dlt645", "tahutils") if importlib.util.find_spec(name) is None]:
        print(f"not beside {', '.join(missing)}: make bench installs them", file=sys.stderr)
    if unmeasured := set(dialects()) - {case.dialect for case in CASES}:
        print(f"no line here: {', '.join(sorted(unmeasured))}", file=sys.stderr)
    print("| dialect | bytes | messages/s | times as fast as decoding alone with |\n| --- | --- | --- | --- |")
    for case in CASES:
        if asked.only and case.dialect not in asked.only.split(","):
            continue
        if asked.profile:
            read, _ = prepared(case)
            cProfile.runctx("[read() for _ in range(10)]", {"read": read}, {}, sort="tottime")
        else:
            print(row(case, asked.rounds), flush=True)


if __name__ == "__main__":
    main()
