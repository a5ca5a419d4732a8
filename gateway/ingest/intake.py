"""From a message to rows: decode, bind to the lists, check the times, put into the batch. All or nothing a message."""

from __future__ import annotations

from collections.abc import Collection

from msgspec import structs

from gateway.codecs import images
from gateway.codecs.dialect import Dialect
from gateway.codecs.message import Answer, Decoded, Message, Reason, UndecodableError
from gateway.codecs.routes import Routes
from gateway.events import Condition, DeviceKind, DoorEvent, Event, Reading, Status
from gateway.ingest.batch import Batch, Flags, Held, StatusRow, Vitals
from gateway.ingest.memory import Memory
from gateway.store.registry import DeviceEntry

_SECOND_US = 1_000_000
AHEAD_US = 10 * 60 * _SECOND_US
"""A time further ahead of the gateway's clock is impossible (contract, section 1)."""
BACKFILL_US = 400 * 86_400 * _SECOND_US
"""A time further back is no backfill any more (contract, section 1)."""

WRONG_TIMES = (Reason.TIME_AHEAD, Reason.TIME_TOO_OLD)
_WORTH_A_SECOND_LOOK = (Reason.UNKNOWN_DEVICE, Reason.UNKNOWN_ALIAS)
"""What fresher lists, or what another process has learnt, may mend."""


class Directory:
    """What the gateway knows when a message comes: the devices of the lists, the routes, what earlier messages told."""

    __slots__ = ("_by_folded_id", "_by_id", "_memory", "routes")

    def __init__(
        self, devices: dict[str, DeviceEntry], routes: Routes | None = None, memory: Memory | None = None
    ) -> None:
        self._by_id = devices
        self._by_folded_id: dict[str, DeviceEntry | None] | None = None
        self._memory = Memory() if memory is None else memory
        self.routes = routes or Routes()

    def entries(self) -> Collection[DeviceEntry]:
        """All devices."""
        return self._by_id.values()

    def lists(self, device_id: str) -> bool:
        """Whether a list has the device."""
        return self._entry(device_id) is not None

    def device(self, device_id: str) -> DeviceEntry:
        """Give the device's entry; case and leading zeros are forgiven where that is unique (`Site.device`)."""
        entry = self._entry(device_id)
        if entry is None:
            raise UndecodableError(Reason.UNKNOWN_DEVICE, device_id[:64])
        return entry

    def recall(self, key: str) -> bytes | None:
        """Give what an earlier message told (`Site.recall`)."""
        return self._memory.recall(key)

    def remember(self, told: tuple[tuple[str, bytes], ...], arrived_us: int) -> None:
        """Keep what a message told for those that follow."""
        for key, value in told:
            self._memory.hear(key, value, arrived_us)

    def find(self, device_id: str, estate_id: str | None) -> DeviceEntry:
        """Give the device's entry; the estate that the topic claims must be its own."""
        entry = self._by_id.get(device_id) or self.device(device_id)
        if estate_id is not None and entry.estate_id != estate_id:
            raise UndecodableError(
                Reason.WRONG_ESTATE, f"{device_id} belongs to {entry.estate_id}, not {estate_id[:64]}"
            )
        return entry

    def _entry(self, device_id: str) -> DeviceEntry | None:
        return self._by_id.get(device_id) or self._folded().get(_folded(device_id))

    def _folded(self) -> dict[str, DeviceEntry | None]:
        if self._by_folded_id is None:
            folded: dict[str, DeviceEntry | None] = {}
            for device_id, entry in self._by_id.items():
                folded[_folded(device_id)] = None if _folded(device_id) in folded else entry
            self._by_folded_id = folded
        return self._by_folded_id


def _folded(device_id: str) -> str:
    return device_id.lower().lstrip("0")


def take_in(
    batch: Batch,
    message: Message,
    directory: Directory,
    *,
    source: str = "mqtt",
    now_us: int = 0,
    lists_are_fresh: bool = False,
) -> None:
    """Add one message to the batch: its rows, or itself for quarantine.

    `now_us` is the gateway's clock where it is later than the arrival (a replay); times are judged by it.
    Unless the lists are fresh, a message of an unknown device is kept aside for a second look.
    """
    batch.messages += 1
    batch.size += len(message.payload)
    batch.taken.append(message)
    judge(batch, message, directory, source=source, now_us=now_us, lists_are_fresh=lists_are_fresh)


def judge(
    batch: Batch,
    message: Message,
    directory: Directory,
    *,
    source: str,
    now_us: int = 0,
    lists_are_fresh: bool,
) -> None:
    """Turn a message that the batch has taken into its rows, or hold it."""
    route = directory.routes.find(message.topic)
    answers: tuple[Answer, ...] = ()
    told: tuple[tuple[str, bytes], ...] = ()
    try:
        decoded = route.decode(message, directory)
        answers, told = decoded.answers, decoded.remember
        bound = bind(decoded, directory, arrived_us=message.arrived_us, now_us=now_us)
    except UndecodableError as error:
        if error.reason in _WORTH_A_SECOND_LOOK and not lists_are_fresh:
            batch.unknown.append(message)
        else:
            batch.answers.extend(answers or error.answers)
            _remember(batch, told or error.remember, directory, message.arrived_us)
            hold(batch, message, source, error, route.dialect)
    except Exception as error:  # noqa: BLE001 - a fault of ours in a codec must neither lose a message nor end the client's thread
        fault = UndecodableError(Reason.PROGRAM_FAULT, f"{type(error).__name__}: {error}")
        hold(batch, message, source, fault, route.dialect)
    else:
        _take(batch, decoded, directory, message.arrived_us)
        if decoded.arrival_serves:
            _note_arrivals(batch, decoded, bound, message.arrived_us)
        put(batch, bound, message.arrived_us)


def _take(batch: Batch, decoded: Decoded, directory: Directory, arrived_us: int) -> None:
    """Take from a message what is beside its events."""
    batch.images_removed += decoded.images_removed
    if decoded.answers:
        batch.answers.extend(decoded.answers)
    if decoded.passed_over:
        batch.passed_over[decoded.passed_over] += 1
    _remember(batch, decoded.remember, directory, arrived_us)


def _remember(batch: Batch, told: tuple[tuple[str, bytes], ...], directory: Directory, arrived_us: int) -> None:
    if told:
        batch.remember.learn((key, value, arrived_us) for key, value in told)
        directory.remember(told, arrived_us)


def bind(
    decoded: Decoded, directory: Directory, *, arrived_us: int, now_us: int = 0
) -> list[tuple[DeviceEntry, Event]]:
    """Match every event to its device and check it against the lists and the clock.

    Raises:
        UndecodableError: one event does not fit; then none is taken.
    """
    newest = max(arrived_us, now_us) + AHEAD_US
    oldest = arrived_us - BACKFILL_US
    bound = []
    for event in decoded.events:
        entry = directory.find(event.device_id, decoded.estate_id)
        _check_kind(event, entry)
        if fault := _fault_of_time(event, oldest, newest):
            if not decoded.arrival_serves or len(decoded.events) > 1:
                raise fault
            event = structs.replace(event, ts_us=arrived_us)  # noqa: PLW2901 - the same event at another time
        bound.append((entry, event))
    return bound


def put(batch: Batch, bound: list[tuple[DeviceEntry, Event]], arrived_us: int) -> None:
    """Spread checked events over the batch's columns."""
    for entry, event in bound:
        number = entry.device_no
        if type(event) is Reading:
            columns = batch.readings
            columns.device_no.append(number)
            columns.ts_us.append(event.ts_us)
            columns.register.append(event.register)
            columns.arrived_us.append(arrived_us)
            if event.battery is not None or event.rssi is not None:
                _put_vitals(batch, number, event.battery, event.rssi, arrived_us)
            if event.flags is not None:
                _put_flags(batch, number, Flags(event.flags, event.ts_us, arrived_us))
        elif type(event) is DoorEvent:
            batch.doors.device_no.append(number)
            batch.doors.event.append(event)
            batch.doors.arrived_us.append(arrived_us)
        elif type(event) is Condition:
            if event.battery is not None:
                _put_vitals(batch, number, event.battery, None, arrived_us)
            if event.flags is not None:
                _put_flags(batch, number, Flags(event.flags, event.ts_us, arrived_us))
        elif type(event) is Status:
            _put_status(batch, number, event, arrived_us)


def hold(batch: Batch, message: Message, source: str, error: UndecodableError, dialect: Dialect) -> None:
    """Put a message, free of images and of what is about a person, on its way to quarantine."""
    payload, removed = images.strip_for(dialect, message.payload)
    batch.images_removed += removed
    held = Held(message.topic, payload, source, error.reason, error.detail[:500], message.arrived_us, error.device_id)
    batch.held.append(held)


def _note_arrivals(batch: Batch, decoded: Decoded, bound: list[tuple[DeviceEntry, Event]], arrived_us: int) -> None:
    for said, (_, taken) in zip(decoded.events, bound, strict=True):
        if taken is not said:
            batch.arrivals[taken.device_id] = arrived_us


def _put_vitals(batch: Batch, number: int, battery: float | None, rssi: float | None, arrived_us: int) -> None:
    """Keep the last figure of each; one that is not told takes away none that is."""
    if told := batch.vitals.get(number):
        battery, rssi = told.battery if battery is None else battery, told.rssi if rssi is None else rssi
    batch.vitals[number] = Vitals(battery, rssi, arrived_us)


def _put_flags(batch: Batch, number: int, flags: Flags) -> None:
    """Keep the newest by the device's own time, since backfill tells of what was."""
    told = batch.flags.get(number)
    if told is None or flags.ts_us >= told.ts_us:
        batch.flags[number] = flags


def _put_status(batch: Batch, number: int, event: Status, arrived_us: int) -> None:
    ts_us = arrived_us if event.ts_us is None else event.ts_us
    batch.statuses[number] = StatusRow(event.online, event.firmware, ts_us, arrived_us)


def _check_kind(event: Event, entry: DeviceEntry) -> None:
    if type(event) is Reading and event.kind is not entry.kind:
        raise UndecodableError(Reason.WRONG_KIND, f"a reading of {event.kind}, the lists say {entry.kind}")
    if type(event) is DoorEvent and entry.kind is not DeviceKind.DOOR:
        raise UndecodableError(Reason.WRONG_KIND, f"a door event, the lists say {entry.kind}")


def _fault_of_time(event: Event, oldest_us: int, newest_us: int) -> UndecodableError | None:
    ts_us = event.ts_us
    if ts_us is None or oldest_us <= ts_us <= newest_us:
        return None
    if ts_us > newest_us:
        ahead_s = (ts_us - newest_us + AHEAD_US) // _SECOND_US
        detail = f"{ahead_s} s ahead of the gateway's clock, 600 allowed"
        return UndecodableError(Reason.TIME_AHEAD, detail, device_id=event.device_id)
    days = (oldest_us + BACKFILL_US - ts_us) // (86_400 * _SECOND_US)
    return UndecodableError(Reason.TIME_TOO_OLD, f"{days} days old, 400 allowed", device_id=event.device_id)
