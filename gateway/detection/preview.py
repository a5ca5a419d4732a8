"""What another policy would have changed: both are replayed over the same past, and what they found lives as alerts do.

Pure but for `preview`, which reads and writes nothing. Misses: what people did meanwhile (a dismissed alert stays quiet
for four weeks), levels, devices (no policy field is about them), and lists as they were: they are taken as they are.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum

import numpy as np

from detectors.codes import VOID_CODES
from detectors.evaluation.judging import WARMUP_DAYS, Judgement, replay
from detectors.findings import Explaining, Kind
from detectors.panel import Bools, Floats, Panel
from gateway.alerts.life import has_gone
from gateway.detection.panel import blocks
from gateway.detection.policy import Rules
from gateway.errors import RefusedError
from gateway.store import panels, units, visits
from gateway.store.database import Connection
from gateway.store.units import EstateRow
from gateway.visits.model import Outcome
from gateway.visits.results import CONFIRMS

VISIT_AFTER_DAYS = 28
"""An outcome of so many days after an alert's end still says what was behind it."""
_TELLING = (*CONFIRMS, Outcome.NORMAL)


@dataclass(frozen=True, slots=True)
class Spell:
    """An alert from the look that opened it to the look that ended it; `ended` is None where it still stands."""

    opened: date
    ended: date | None


class Effect(StrEnum):
    """What becomes of an alert under the new policy."""

    SAME = "same"
    NO_LONGER = "no_longer"
    IN_ADDITION = "in_addition"
    EARLIER = "earlier"
    LATER = "later"


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One alert under both policies; at least one of the spells is there.

    `was_found` is what the last visit to it found: the suspicion right, or not; None where nobody came or could say.
    """

    estate_id: str
    kind: Kind
    unit_id: str
    now: Spell | None
    new: Spell | None
    was_found: bool | None = None

    @property
    def effect(self) -> Effect:
        """What becomes of it."""
        if self.now is None or self.new is None:
            return Effect.NO_LONGER if self.now else Effect.IN_ADDITION
        if self.now.opened == self.new.opened:
            return Effect.SAME
        return Effect.EARLIER if self.new.opened < self.now.opened else Effect.LATER

    @property
    def shift_days(self) -> int:
        """Days by which it opens later; 0 where it opens under one policy only."""
        return (self.new.opened - self.now.opened).days if self.now and self.new else 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """What was replayed, first and last look, and every alert under both policies."""

    start: date
    end: date
    every_days: int
    units: int
    alerts: tuple[Difference, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What is asked for: so many days back, a look every so many days, one estate or all."""

    days: int = 90
    every_days: int = 7
    estate_id: str | None = None


def preview(
    conn: Connection, now: Rules, new: Rules, wish: Wish, progress: Callable[[str], None] = lambda _: None
) -> Preview:
    """Replay both policies. `conn` is put into read-only transactions and left so.

    Raises:
        NotFoundError: there is no such estate.
        RefusedError: there is not enough history.
    """
    conn.read_only = True
    looks: set[date] = set()
    count, found = 0, []
    with conn.transaction():
        wanted = [units.estate(conn, wish.estate_id)] if wish.estate_id else units.estates(conn, limit=1_000_000)
        for estate_id, last in _latest(conn, wanted):
            known = _known(conn, estate_id, last - timedelta(days=wish.days))
            for panel in blocks(conn, estate_id, last):
                progress(f"{estate_id}: {count:,} units")
                days, alerts = compared(estate_id, panel, now, new, wish)
                found += [_with_outcome(one, known[one.unit_id], last) for one in alerts]
                looks |= set(days)
                count += len(panel.unit_ids)
    if not looks:
        raise RefusedError(f"there is no history to replay yet: a look needs {WARMUP_DAYS} days of figures before it")
    return Preview(start=min(looks), end=max(looks), every_days=wish.every_days, units=count, alerts=tuple(found))


def _latest(conn: Connection, estates: Sequence[EstateRow]) -> Iterator[tuple[str, date]]:
    """Each estate that has any figures, with the latest day that can be judged."""
    for estate in estates:
        if last := panels.latest_day(conn, estate.estate_id, date.max):
            yield estate.estate_id, last


def _known(conn: Connection, estate_id: str, since: date) -> Mapping[str, Sequence[tuple[date, Outcome]]]:
    """Telling outcomes by unit."""
    known: dict[str, list[tuple[date, Outcome]]] = defaultdict(list)
    for unit_id, day, outcome in visits.outcomes(conn, estate_id, since=since, which=_TELLING):
        known[unit_id].append((day, outcome))
    return known


def compared(
    estate_id: str, panel: Panel, now: Rules, new: Rules, wish: Wish
) -> tuple[list[date], list[Difference]]:  # fmt: skip
    """The days looked at, and every alert on the panel's units under both policies."""
    first = _first_look(len(panel.days), wish)
    if first is None:
        return [], []
    judges = [*(_Seen(one, now) for one in now.detectors), *(_Seen(one, new) for one in new.detectors)]
    seen = replay(panel, judges, every_days=wish.every_days, warmup_days=first + 1)
    days: list[date] = seen.watch.days.tolist()
    half = len(now.detectors)
    was = {one.kind: _spells(one, days, panel.unit_ids) for one in seen.judgements[:half]}
    is_ = {one.kind: _spells(one, days, panel.unit_ids) for one in seen.judgements[half:]}
    return days, [
        Difference(estate_id=estate_id, kind=kind, unit_id=unit_id, now=one, new=other)
        for kind in Kind
        for unit_id in sorted({*was.get(kind, {}), *is_.get(kind, {})})
        for one, other in paired(was.get(kind, {}).get(unit_id, []), is_.get(kind, {}).get(unit_id, []))
    ]


def _first_look(length: int, wish: Wish) -> int | None:
    """Index of the first day looked at, so that the last day of the panel is looked at as well."""
    room = min(wish.days, length - WARMUP_DAYS + 1) - 1
    return None if room < 0 else length - 1 - room // wish.every_days * wish.every_days


@dataclass(frozen=True, slots=True)
class _Seen:
    """A detector as a judge that also tells a suspicion that has lost its object (score 0) from one it cannot judge."""

    detector: Explaining
    rules: Rules
    is_probability: bool = True

    @property
    def name(self) -> str:
        return str(self.detector.kind)

    @property
    def kind(self) -> Kind:
        return self.detector.kind

    def __call__(self, panel: Panel, /) -> tuple[Floats, Bools]:
        chance, not_ready = self.detector.score(panel)
        void = np.array([not_ready.get(unit_id) in VOID_CODES for unit_id in panel.unit_ids], bool)
        return np.where(void, np.float32(0), chance), np.asarray(chance >= self.rules.policy.yellow_probability)


def _spells(judgement: Judgement, days: Sequence[date], unit_ids: Sequence[str]) -> dict[str, list[Spell]]:
    judged = ~np.isnan(judgement.score)
    return {
        unit_ids[row]: spells(judgement.kind, days, judgement.alarm[row].tolist(), judged[row].tolist())
        for row in np.flatnonzero(judgement.alarm.any(axis=1)).tolist()
    }


def spells(kind: Kind, days: Sequence[date], found: Sequence[bool], judged: Sequence[bool]) -> list[Spell]:
    """A unit's alerts of a kind: they open when found, and end by the rule of `gateway.alerts.life`."""
    lived: list[Spell] = []
    opened = last_found = None
    for day, is_found, is_judged in zip(days, found, judged, strict=True):
        if is_found:
            opened, last_found = opened or day, day
        elif opened and last_found and is_judged and has_gone(kind, last_found, day):
            lived.append(Spell(opened, day))
            opened = None
    return lived + ([Spell(opened, None)] if opened else [])


def paired(now: Sequence[Spell], new: Sequence[Spell]) -> Iterator[tuple[Spell | None, Spell | None]]:
    """A unit's alerts of a kind under both policies side by side: what stood at the same time belongs together."""
    left = list(new)
    for one in now:
        twin = next((other for other in left if _overlap(one, other)), None)
        if twin:
            left.remove(twin)
        yield one, twin
    for other in left:
        yield None, other


def _overlap(one: Spell, other: Spell) -> bool:
    return one.opened <= (other.ended or date.max) and other.opened <= (one.ended or date.max)


def _with_outcome(one: Difference, known: Sequence[tuple[date, Outcome]], today: date) -> Difference:
    """Add what the last visit found that was made to the alert, as visits teach: another breach is not this one."""
    stood = [spell for spell in (one.now, one.new) if spell]
    first = min(spell.opened for spell in stood)
    last = max(spell.ended or today for spell in stood) + timedelta(days=VISIT_AFTER_DAYS)
    told = [outcome for day, outcome in known if first <= day <= last]
    if not told or one.kind not in CONFIRMS.values():
        return one
    return replace(one, was_found=CONFIRMS.get(told[-1]) is one.kind)
