"""From a panel to a verdict, the way that every detector goes.

A detector says whom the lists concern, reads their case, and tells a finding from the case of one unit.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import fields, is_dataclass, replace
from typing import Any, Generic, NamedTuple, Protocol, TypeVar

import numpy as np

from detectors.facts import verdict
from detectors.findings import TAUGHT, Finding, Kind, Verdict
from detectors.panel import Floats, Panel
from detectors.policy import Policy
from detectors.readiness import Reasons, first_reason
from detectors.scoring import SUSPECTED_FROM, probability
from detectors.stats import NAN, Indexes


class Case(Protocol):
    """What a detector knows of some units: a frozen value; its arrays and those of its parts have a row a unit."""

    @property
    def reasons(self) -> Reasons:
        """Why units cannot be judged."""
        ...

    @property
    def judged(self) -> Floats:
        """(U,) log-odds of what is suspected, all conditions weighed."""
        ...


C = TypeVar("C", bound=Case)


class _Said(NamedTuple):
    """A case, of which `rows` it is, and what is said of all units."""

    case: Any
    rows: Indexes
    probability: Floats
    not_ready: dict[str, str]


class Judge(ABC, Generic[C]):
    """Judges the last day of a panel."""

    __slots__ = ()

    policy: Policy
    kind: Kind

    @abstractmethod
    def _beside(self, panel: Panel) -> Reasons:
        """Why units are none of its concern; where few are, the others are not read."""

    @abstractmethod
    def _read(self, panel: Panel) -> C:
        """The case of all units of a panel."""

    @abstractmethod
    def _tell(self, case: C, chance: float) -> Finding:
        """The finding about the only unit of a case."""

    def __call__(self, panel: Panel, /) -> Verdict:
        """A probability for every unit whose data allow one; findings, and suspicions where outcomes may teach."""
        said = self._say(panel)
        chances = said.probability[said.rows]
        least = SUSPECTED_FROM if self.kind in TAUGHT else self.policy.yellow_probability
        alone = np.flatnonzero(chances >= least)
        told = (self._tell(of_rows(said.case, np.array([row])), float(chances[row])) for row in alone)
        return verdict(self.kind, said.probability, told, said.not_ready, self.policy)

    def score(self, panel: Panel, /) -> tuple[Floats, dict[str, str]]:
        """(U,) probabilities, and the reasons why there are none."""
        said = self._say(panel)
        return said.probability, said.not_ready

    def _say(self, panel: Panel) -> _Said:
        concerned, beside = first_reason(self._beside(panel), panel.unit_ids)
        whole = 2 * concerned.sum() > len(concerned)  # copying most of a panel costs more than it saves
        rows = np.arange(len(concerned)) if whole else np.flatnonzero(concerned)
        of_them = panel if whole else panel.take(rows)
        case = self._read(of_them)
        ready, lacking = first_reason(case.reasons, of_them.unit_ids)
        chances = np.full(len(concerned), NAN)
        chances[rows] = probability(np.where(ready & concerned[rows], case.judged, NAN))
        return _Said(case, rows, chances, lacking | beside)


def of_rows(part: Any, rows: Indexes) -> Any:  # noqa: ANN401 - any frozen value
    """The same part of a case with only these rows."""
    if isinstance(part, Panel):
        return part.take(rows)
    if isinstance(part, np.ndarray):
        return part[rows]
    if is_dataclass(part) and not isinstance(part, (type, Policy)):
        return replace(part, **{one.name: of_rows(getattr(part, one.name), rows) for one in fields(part)})
    return part
