from datetime import date

import numpy as np
import pytest
from unit.detectors.homes import home, panel_of

from detectors.facts import by_weight, day, fact, finding, flagged, verdict
from detectors.findings import Kind, Level
from detectors.policy import Policy

PANEL = panel_of(home())


def test_days_stay_within_the_panel():
    assert day(PANEL, 1) == date(2026, 3, 2)
    assert day(PANEL, -5) == date(2026, 3, 1)
    assert day(PANEL, 900) == date(2026, 5, 29)


def test_a_fact_reaches_to_the_day_judged_and_drops_an_unknown_baseline():
    one = fact(PANEL, "absent_run", 3, "days", first=87, baseline=float("nan"), weight=-0.0)
    assert (one.start, one.end) == (date(2026, 5, 27), date(2026, 5, 29))
    assert one.baseline is None
    assert str(one.weight) == "0.0"


def test_the_weightiest_fact_stands_first_and_an_unknown_one_is_left_out():
    light, heavy = (fact(PANEL, "absent_run", 1, "days", first=0, weight=weight) for weight in (1, 2))
    unknown = fact(PANEL, "leak_loss", float("nan"), "L/day", first=0, weight=9)
    assert by_weight([light, unknown, heavy]) == (heavy, light)


@pytest.mark.parametrize(("chance", "level"), [(0.6, Level.YELLOW), (0.95, Level.RED)])
def test_a_finding_takes_its_level_from_the_probability(chance, level):
    facts = [fact(PANEL, "absent_run", 1, "days", first=0, weight=1)]
    found = finding(PANEL, Policy(), kind=Kind.VACANCY, chance=chance, since=3, facts=facts)
    assert (found.unit_id, found.since, found.level) == ("u1", date(2026, 3, 4), level)


def test_flagged_units_stand_alone():
    panel = panel_of(home("a"), home("b"), home("c"))
    found = list(flagged(panel, np.float32([0.7, np.nan, 0.5]), Policy()))
    assert [(unit.unit_ids, round(chance, 1)) for unit, chance in found] == [(("a",), 0.7), (("c",), 0.5)]


def test_what_is_told_is_a_finding_from_the_citys_line_on_and_a_suspicion_below_it():
    facts = [fact(PANEL, "absent_run", 1, "days", first=0, weight=1)]
    policy = Policy(yellow_probability=0.7)
    told = [
        finding(PANEL, policy, kind=Kind.VACANCY, chance=chance, since=0, facts=facts) for chance in (0.6, 0.7, 0.9)
    ]
    said = verdict(Kind.VACANCY, np.float32([0.6, 0.7, 0.9]), iter(told), {"u1": "no_lease"}, policy)
    assert ([one.probability for one in said.findings], said.suspicions) == ([0.7, 0.9], (told[0],))
    assert (said.kind, said.not_ready) == (Kind.VACANCY, {"u1": "no_lease"})
