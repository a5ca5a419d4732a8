import pytest
from unit.detectors.homes import home, panel_of

from detectors.rules import DryRunRule, StrangersRule


def found(rule, one):
    return bool(rule(panel_of(one)).findings)


@pytest.mark.parametrize(("days", "alarm"), [(13, False), (14, True)])
def test_a_dry_fortnight(days, alarm):
    assert found(DryRunRule(), home().away(days)) is alarm


def test_three_litres_are_dry_and_four_are_not():
    assert found(DryRunRule(), home().set(slice(70, None), water_l=3))
    assert not found(DryRunRule(), home().set(slice(70, None), water_l=4))


def test_unknown_days_do_not_count_as_dry():
    assert not found(DryRunRule(), home().away(16).without("water", when=slice(76, 79)))


def test_strangers_are_counted_whoever_they_are():
    assert found(StrangersRule(), home().strangers(range(62, 90), 1))
    assert not found(StrangersRule(), home().strangers(range(62, 89), 1))
    assert not found(StrangersRule(), home().strangers(range(30, 58), 4))
    assert found(StrangersRule(), home().unknown_faces(range(62, 90), 4))  # at least one a day
    assert not found(StrangersRule(), home().unknown_faces(range(62, 89), 4))


def test_score_is_one_half_at_the_threshold():
    assert DryRunRule()(panel_of(home().away(14))).probability[0] == 0.5
    assert StrangersRule()(panel_of(home().strangers(range(62, 90), 1))).probability[0] == 0.5


def test_who_is_not_judged():
    assert DryRunRule()(panel_of(home().without("water"))).not_ready == {"u1": "no_meter"}
    assert StrangersRule()(panel_of(home().without("door"))).not_ready == {"u1": "no_door"}
    assert DryRunRule()(panel_of(home().unleased(3))).not_ready == {"u1": "no_lease"}
