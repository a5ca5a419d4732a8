"""The way that every detector goes, with one that suspects by name."""

from dataclasses import dataclass, field

import numpy as np
import pytest
from unit.detectors.homes import home, panel_of

from detectors.absence import Absence, absence
from detectors.facts import fact, finding
from detectors.findings import Kind
from detectors.judge import Judge, of_rows
from detectors.panel import Panel
from detectors.policy import Policy
from detectors.presence import presence
from detectors.scoring import probability

LOG_ODDS = {"calm": -4.0, "suspected": -1.0, "sure": 2.0}


@dataclass(frozen=True)
class Told:
    panel: Panel
    judged: np.ndarray

    @property
    def reasons(self):
        return [("no_meter", np.array([unit in {"unheard", "free"} for unit in self.panel.unit_ids]))]


@dataclass(frozen=True)
class Parts:
    panel: Panel
    policy: Policy
    away: Absence


@dataclass(frozen=True, slots=True)
class ByName(Judge[Told]):
    policy: Policy = field(default_factory=Policy)
    kind: Kind = Kind.VACANCY
    read: list = field(default_factory=list)
    told: list = field(default_factory=list)

    def _beside(self, panel):
        return [("no_lease", ~panel.leased[:, -1])]

    def _read(self, panel):
        self.read.append(panel.unit_ids)
        return Told(panel, np.float32([LOG_ODDS.get(unit, 0) for unit in panel.unit_ids]))

    def _tell(self, case, chance):
        self.told.append((case.panel.unit_ids, case.judged.tolist()))
        facts = [fact(case.panel, "absent_run", 1, "days", first=0, weight=1)]
        return finding(case.panel, self.policy, kind=self.kind, chance=chance, since=0, facts=facts)


def street():
    free = (home(name).unleased(9) for name in ("free", "left"))
    return panel_of(*free, home("calm"), home("sure"), home("unheard"), home("suspected"))


def test_a_unit_that_is_not_its_concern_is_not_judged_and_that_is_why():
    chance, not_ready = ByName().score(street())
    assert not_ready == {"free": "no_lease", "left": "no_lease", "unheard": "no_meter"}
    expected = probability(np.float32([np.nan, np.nan, -4, 2, np.nan, -1]))
    np.testing.assert_array_equal(chance, expected)


def test_nor_is_it_read_where_few_are():
    judge = ByName()
    free = (home(name).unleased(9) for name in ("unheard", "free", "suspected"))
    chance, not_ready = judge.score(panel_of(*free, home("sure")))
    assert judge.read == [("sure",)]
    assert not_ready == {"unheard": "no_lease", "free": "no_lease", "suspected": "no_lease"}
    np.testing.assert_array_equal(chance, probability(np.float32([np.nan, np.nan, np.nan, 2])))


def test_what_is_told_is_told_of_one_unit_at_a_time_and_read_once():
    judge = ByName()
    verdict = judge(street())
    assert judge.told == [(("sure",), [2.0]), (("suspected",), [-1.0])]
    assert [one.unit_id for one in verdict.findings] == ["sure"]
    assert [one.unit_id for one in verdict.suspicions] == ["suspected"]
    assert len(judge.read) == 1


@pytest.mark.parametrize("kind", [Kind.CARE, Kind.LEAK])
def test_kinds_that_no_visit_teaches_have_no_suspicions(kind):
    verdict = ByName(kind=kind)(street())
    assert [one.unit_id for one in verdict.findings] == ["sure"]
    assert verdict.suspicions == ()


def test_rows_of_a_case_are_taken_from_its_parts_too():
    panel, policy = panel_of(home("a"), home("b").away(30)), Policy()
    case = Parts(panel, policy, absence(panel, presence(panel, policy), policy))
    of_b = of_rows(case, np.array([1]))
    assert (of_b.panel.unit_ids, of_b.policy) == (("b",), policy)
    np.testing.assert_array_equal(of_b.away.run, case.away.run[1:])
    assert of_b.away.run.any()
