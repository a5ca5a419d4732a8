"""What is wrong with devices: silent, stuck, reset, its clock wrong, tampered with, run backwards, its battery low.

Pure rules over what the store knows of each device (`gateway.store.devices.Facts`). A condition is shown with the
device; all conditions about one home, or about one shared device, are one finding.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

from detectors.findings import Clearing, Evidence, Finding, Kind, Level
from gateway.alerts.model import Subject
from gateway.codecs.flags import Flag
from gateway.detection import mending
from gateway.detection.habits import DAY_S, HOUR_S, Ears, HabitPolicy
from gateway.detection.silence import Silence, SilencePolicy, Voice, silences
from gateway.store.devices import Facts


class Condition(StrEnum):
    """What a device can suffer from; also the subtype of its alert."""

    SILENT = "silent"
    REPLACED = "replaced"
    CLOCK_AHEAD = "clock_ahead"
    CLOCK_BEHIND = "clock_behind"
    STUCK = "stuck"
    RESET = "reset"
    TAMPERED = "tampered"
    FORCED_OPEN = "forced_open"
    REVERSE_FLOW = "reverse_flow"
    BATTERY_LOW = "battery_low"


_FLAGGED: Mapping[Flag, tuple[Condition, Level, float]] = {
    Flag.TAMPER: (Condition.TAMPERED, Level.RED, 1.4),
    Flag.MAGNETIC: (Condition.TAMPERED, Level.RED, 1.3),
    Flag.REVERSE_FLOW: (Condition.REVERSE_FLOW, Level.YELLOW, 0.7),
    Flag.BATTERY_LOW: (Condition.BATTERY_LOW, Level.YELLOW, 0.3),
}
"""What a meter says of itself that is a condition, its level and the weight of the fact; other flags are only shown."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HealthPolicy:
    """The thresholds of device health, and how sure a finding about a device is."""

    habits: HabitPolicy = field(default_factory=HabitPolicy)
    silence: SilencePolicy = field(default_factory=SilencePolicy)
    held_least: int = 2
    """Messages held for their time, the last of them later than the last good word: one may be a glitch."""
    battery_low: float = 15.0
    """Percent: lithium cells fall off a cliff below about a tenth, and a change takes weeks to plan."""
    probability: float = 0.9


@dataclass(frozen=True, slots=True)
class Part:
    """One condition of one device, as a fact for its finding."""

    condition: Condition
    subtype: str
    subject: Subject
    level: Level
    fact: Evidence
    clears: Clearing


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    """What is wrong in an estate: findings by whom they are about, and conditions by device number."""

    findings: Mapping[Subject, Finding]
    conditions: Mapping[int, tuple[Condition, ...]]
    together: frozenset[int]
    """Devices that are silent with others."""


@dataclass(frozen=True, slots=True)
class _Look:
    """A moment at which an estate is looked at; `at` is in its zone."""

    estate_id: str
    at: datetime
    policy: HealthPolicy

    def day(self, moment_s: float) -> date:
        return datetime.fromtimestamp(moment_s, self.at.tzinfo).date()


def judge(
    estate_id: str,
    devices: Sequence[Facts],
    at: datetime,
    *,
    hearing: Ears,
    behind_s: Mapping[int, float],
    policy: HealthPolicy | None = None,
) -> Health:
    """Judge every device of an estate at a moment in its zone. `behind_s` has the clocks that are behind."""
    look = _Look(estate_id, at, policy or HealthPolicy())
    replaced = {device.device_no for device in devices if _is_replaced(device, devices)}
    heard = [device for device in devices if device.word_s is not None and device.device_no not in replaced]
    quiet = silences([_voice(device, hearing, at) for device in heard], at.timestamp(), look.policy.silence)
    numbers = {device.device_id: device.device_no for device in heard}
    by_number: dict[int, list[Condition]] = defaultdict(list, {number: [Condition.REPLACED] for number in replaced})
    parts = []
    for silence in quiet:
        parts += list(_silent(silence, hearing, look))
        for voice in silence.devices:
            by_number[numbers[voice.device_id]].append(Condition.SILENT)
    for device in heard:
        its = list(_of_one(device, behind_s.get(device.device_no), look))
        parts += its
        by_number[device.device_no] += dict.fromkeys(part.condition for part in its)
    together = [numbers[voice.device_id] for silence in quiet if len(silence.devices) > 1 for voice in silence.devices]
    return Health(
        findings=_findings(parts, look),
        conditions={number: tuple(conditions) for number, conditions in by_number.items() if conditions},
        together=frozenset(together),
    )


def _voice(device: Facts, hearing: Ears, at: datetime) -> Voice:
    word_s = device.word_s or 0.0
    return Voice(
        device_id=device.device_id,
        kind=device.kind,
        unit_id=device.unit_id,
        building=device.building,
        entrance=device.entrance,
        word_s=word_s,
        quiet_s=hearing.listened_s(word_s, at.timestamp()),
        patience_s=device.patience_s,
        online=device.online,
        together_s=device.together_s,
    )


def _is_replaced(device: Facts, devices: Sequence[Facts]) -> bool:
    """Whether another meter of its kind took its place: it began when this one ended, and speaks still."""
    if device.first_day is None or device.last_day is None:  # known only where a home has two of a kind
        return False
    return any(
        other.device_no != device.device_no
        and (other.unit_id, other.kind) == (device.unit_id, device.kind)
        and other.first_day is not None
        and other.first_day >= device.last_day
        and (other.word_s or 0.0) > (device.word_s or 0.0)
        for other in devices
    )


def _silent(silence: Silence, hearing: Ears, look: _Look) -> Iterator[Part]:
    """A group is one part, under the first device of the place; one alone is a part of its home."""
    rules = look.policy.silence
    if len(silence.devices) == 1:
        (voice,) = silence.devices
        level = Level.RED if voice.quiet_s >= rules.red_alone_s else Level.YELLOW
        subject = _subject(look, voice.unit_id, voice.device_id)
        yield Part(Condition.SILENT, Condition.SILENT, subject, level, _quiet(voice, look), mending.reports(look.at))
        return
    since_s = max(voice.word_s for voice in silence.devices)
    level = Level.RED if hearing.listened_s(since_s, look.at.timestamp()) >= rules.red_together_s else Level.YELLOW
    subject = Subject(estate_id=look.estate_id, device_id=silence.known)
    fact = _fact("devices_silent_together", len(silence.devices), "devices", since_s, look, weight=2.0)
    mended = mending.reports(look.at, devices=len(silence.devices))
    yield Part(Condition.SILENT, silence.scope, subject, level, fact, mended)


def _quiet(voice: Voice, look: _Look) -> Evidence:
    """Tell a silence in days, a short one in hours; its patience beside it where that is worth a figure."""
    wall_s = look.at.timestamp() - voice.word_s
    unit_s, unit = (DAY_S, "days") if wall_s >= 2 * DAY_S else (HOUR_S, "hours")
    usual = voice.patience_s / unit_s if voice.patience_s and voice.patience_s >= unit_s else None
    code = f"device_silent_{voice.kind}"
    return _fact(code, wall_s // unit_s, unit, voice.word_s, look, weight=1.0, baseline=usual and round(usual, 1))


def _of_one(device: Facts, behind_s: float | None, look: _Look) -> Iterator[Part]:
    """Whatever else is wrong with a device."""

    def part(condition: Condition, level: Level, fact: Evidence, clears: Clearing) -> Part:
        return Part(condition, condition, _subject(look, device.unit_id, device.device_id), level, fact, clears)

    now_s = look.at.timestamp()
    if behind_s is not None:
        fact = _fact("device_clock_behind", behind_s / HOUR_S, "hours", now_s, look, weight=0.9)
        yield part(Condition.CLOCK_BEHIND, Level.YELLOW, fact, mending.punctual(look.at, look.policy.habits))
    elif device.held >= look.policy.held_least and (device.held_s or 0.0) >= (device.row_s or 0.0):
        ahead = device.held_reason == "time_ahead"
        code = "device_clock_ahead" if ahead else "device_clock_old"
        fact = _fact(code, device.held, "messages", device.held_s or now_s, look, weight=0.9)
        condition = Condition.CLOCK_AHEAD if ahead else Condition.CLOCK_BEHIND
        yield part(condition, Level.YELLOW, fact, mending.on_time(look.at))
    for condition, day in ((Condition.STUCK, device.stuck_day), (Condition.RESET, device.reset_day)):
        if day is not None:
            mended = mending.moves(look.at) if condition is Condition.STUCK else mending.no_reset(look.at, day)
            fact = Evidence(
                code=f"device_{condition}", value=1, unit="days", baseline=None, start=day, end=day, weight=0.8
            )
            yield part(condition, Level.YELLOW, fact, mended)
    if device.tampered:
        fact = _fact("device_tampered", device.tampered, "alarms", now_s, look, weight=1.5)
        yield part(Condition.TAMPERED, Level.RED, fact, mending.no_alarm(look.at))
    if device.forced:
        fact = _fact("device_forced_open", device.forced, "alarms", now_s, look, weight=1.2)
        yield part(Condition.FORCED_OPEN, Level.YELLOW, fact, mending.no_alarm(look.at))
    for flag in _told(device):
        condition, level, weight = _FLAGGED[flag]
        fact = _fact(f"meter_{flag}", 1, "messages", device.flags_s or now_s, look, weight=weight)
        yield part(condition, level, fact, mending.unflagged(look.at))
    if device.battery is not None and device.battery < look.policy.battery_low:
        fact = _fact("device_battery_low", device.battery, "%", now_s, look, weight=0.3)
        mended = mending.battery_changed(look.at, look.policy.battery_low)
        yield part(Condition.BATTERY_LOW, Level.YELLOW, fact, mended)


def _told(device: Facts) -> list[Flag]:
    """Give the flags that are conditions; a battery that has a figure is judged by that."""
    return [
        flag
        for flag in _FLAGGED
        if flag in device.flags and not (flag is Flag.BATTERY_LOW and device.battery is not None)
    ]


def _subject(look: _Look, unit_id: str | None, device_id: str) -> Subject:
    return Subject(estate_id=look.estate_id, unit_id=unit_id, device_id=None if unit_id else device_id)


def _fact(
    code: str, value: float, unit: str, since_s: float, look: _Look, *, weight: float, baseline: float | None = None
) -> Evidence:
    """A fact that has held from a moment until now."""
    return Evidence(
        code=code,
        value=round(value, 1),
        unit=unit,
        baseline=baseline,
        start=look.day(since_s),
        end=look.at.date(),
        weight=weight,
    )


def _findings(parts: Sequence[Part], look: _Look) -> dict[Subject, Finding]:
    by_subject: dict[Subject, list[Part]] = defaultdict(list)
    for part in parts:
        by_subject[part.subject].append(part)
    return {subject: _finding(its, look) for subject, its in by_subject.items()}


def _finding(parts: Sequence[Part], look: _Look) -> Finding:
    """The weightiest condition gives its name, the worst its level."""
    first = max(parts, key=lambda part: part.fact.weight)
    return Finding(
        unit_id="",
        kind=Kind.DEVICE,
        subtype=first.subtype,
        level=Level.RED if any(part.level is Level.RED for part in parts) else Level.YELLOW,
        probability=look.policy.probability,
        since=min(part.fact.start for part in parts),
        evidence=tuple(part.fact for part in parts),
        clears=tuple(dict.fromkeys(part.clears for part in parts)),
    )
