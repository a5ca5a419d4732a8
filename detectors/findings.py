"""What a detector says: a probability for each unit, and findings with the evidence they rest on."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Protocol, runtime_checkable

from detectors.panel import Floats, Panel


class Kind(StrEnum):
    """What is suspected (contract, section 4)."""

    VACANCY = "vacancy"
    SUBLET = "sublet"
    MISUSE = "misuse"
    CARE = "care"
    LEAK = "leak"
    DEVICE = "device"


TAUGHT = (Kind.VACANCY, Kind.SUBLET, Kind.MISUSE)
"""Kinds that an outcome of a visit confirms or refutes."""


class Level(StrEnum):
    """How strongly."""

    YELLOW = "yellow"
    RED = "red"


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """One fact that a finding rests on. The gateway's catalogue turns `code` into words.

    `unit` is the unit of `value` and `baseline` (`L`, `kWh`, `days`, `persons`, `passages`, `L/h`, …);
    `weight` is the fact's share in the finding in log-odds, so that the greatest stands first.
    """

    code: str
    value: float
    unit: str
    baseline: float | None
    start: date
    end: date
    weight: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Clearing:
    """What would make a finding go away: a fact that the days or the lists would have to show (`detectors.clearing`).

    `value` is how much of it is needed, in `unit`; `limit` is what one such day has to reach or to stay below, in
    `limit_unit`. `start` and `end` bound the days it may be shown on, or that the lists would have to cover.
    """

    code: str
    value: float
    unit: str
    limit: float | None = None
    limit_unit: str = ""
    start: date
    end: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One unit, one suspicion. `since` is the first day that the pattern holds; evidence is never empty.

    Of a unit each of `clears` is enough by itself; of a device all of them together.
    """

    unit_id: str
    kind: Kind
    subtype: str | None
    level: Level
    probability: float
    since: date
    evidence: tuple[Evidence, ...]
    clears: tuple[Clearing, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """A detector's word on every unit of a panel.

    `probability` is (U,), NaN where the data do not allow one; then `not_ready` has the reason's code
    for that unit's id (`no_lease`, `moved_in_lately`, `too_few_days`, `no_meter`, …). `suspicions` lie below the line:
    they are no alerts, and their facts are known because outcomes of visits may teach that they are worth one.
    """

    kind: Kind
    probability: Floats
    findings: tuple[Finding, ...]
    not_ready: dict[str, str] = field(default_factory=dict)
    suspicions: tuple[Finding, ...] = ()


class Detector(Protocol):
    """A detector is a callable with a kind: a panel in, a verdict out; its policy is bound beforehand."""

    @property
    def kind(self) -> Kind:
        """What it looks for."""
        ...

    def __call__(self, panel: Panel, /) -> Verdict:
        """Judge the last day of the panel."""
        ...


@runtime_checkable
class Explaining(Detector, Protocol):
    """A detector that also gives its scores without findings, so that it can be asked what would change its mind."""

    def score(self, panel: Panel, /) -> tuple[Floats, dict[str, str]]:
        """(U,) probabilities of the last day, and the reasons why there are none."""
        ...
