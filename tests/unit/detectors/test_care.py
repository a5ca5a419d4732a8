"""Whoever lives alone: when a telephone call is worth while."""

import numpy as np
from unit.detectors.homes import home, panel_of

from detectors.care import CareDetector
from detectors.findings import Level
from detectors.policy import Policy

detect = CareDetector()


def elder(name="u1"):
    """Water alone, so that nothing else explains it."""
    return home(name, size=1).about(lone_elder=True).without("electricity", "door")


def only(one, **panel):
    verdict = detect(panel_of(one, **panel))
    return verdict.findings[0] if verdict.findings else None


def probability(one, **panel):
    return float(detect(panel_of(one, **panel)).probability[0])


def codes(finding):
    return {one.code: one for one in finding.evidence}


def dry(one, last):
    return one.set(slice(90 - last, None), water_l=3, water_active_hours=1)


def test_water_as_ever_is_no_reason_to_call():
    assert probability(elder()) < 0.01


def test_one_whole_day_without_water_is_worth_a_call_and_several_are_urgent():
    first = only(dry(elder(), 1))
    assert first.level is Level.YELLOW
    assert str(first.since) == "2026-05-29"
    assert codes(first)["no_water_days"].value == 1
    assert codes(first)["silent_before"].value == 0
    several = only(dry(elder(), 4))
    assert several.level is Level.RED
    assert codes(several)["no_water_days"].value == 4


def test_a_household_that_is_often_silent_needs_more():
    weekends = elder()
    for day in range(0, 85, 7):
        weekends.set(slice(day, day + 1), water_l=0)
    assert only(dry(weekends, 1)) is None
    assert only(dry(weekends, 5)) is not None


def test_whoever_is_seen_needs_no_call():
    seen = home(size=1).about(lone_elder=True).set(slice(None), registered_passages=2)
    assert only(dry(seen, 2)) is None


def test_a_silence_is_as_long_as_nobody_was_seen():
    """A water meter that stands still while its owner comes and goes."""
    stopped = dry(home(size=1).about(lone_elder=True).unseen(90).without("electricity"), 5)
    assert codes(only(stopped))["no_water_days"].value == 5
    found = only(stopped.set(slice(86, 87), registered_passages=1))
    assert str(found.since) == "2026-05-27"
    assert codes(found)["no_water_days"].value == 3
    assert only(stopped.set(slice(89, 90), registered_passages=1)) is None


def test_a_visit_or_electricity_in_use_calms_and_is_told():
    visited = home(size=1).about(lone_elder=True).set(slice(None), registered_passages=0, visitor_passages=1)
    assert probability(dry(visited, 2)) < probability(dry(elder(), 2))
    long = only(dry(visited.set(slice(80, None), registered_passages=0), 8))
    assert codes(long)["visited"].weight < 0
    assert codes(long)["electricity_in_use"].weight < 0


def test_holidays_and_declared_days_are_expected_to_be_silent():
    assert only(dry(elder(), 1), holidays=slice(85, 90)) is None
    assert only(dry(elder().set(slice(85, 90), declared_absence=True), 3)) is None


def test_a_silence_of_most_of_a_year_is_still_a_number():
    gone = home(size=1, days=365).about(lone_elder=True).without("electricity", "door")
    found = only(gone.set(slice(60, None), water_l=3, water_active_hours=1))
    assert codes(found)["no_water_days"].value == 305
    assert np.isfinite(codes(found)["no_water_days"].weight)


def test_a_silence_that_lasts_as_long_as_the_festival_needs_no_call_and_one_that_outlasts_it_does():
    assert only(dry(elder(), 7), holidays=slice(80, 90)) is None
    assert only(dry(elder(), 7)) is not None
    assert only(dry(elder(), 24), holidays=slice(66, 90)) is not None
    assert only(dry(elder(), 7), holidays=slice(80, 88)) is not None


def test_far_too_much_water():
    assert only(elder().set(slice(89, None), water_l=1500)) is None
    found = only(elder().set(slice(89, None), water_l=2500))
    assert codes(found)["too_much_water"].value == 2500
    assert codes(found)["too_much_water"].baseline < 300
    assert only(elder().lived_in(slice(None), litres=900).set(slice(89, None), water_l=2500)) is None


def test_only_those_who_live_alone_and_only_what_was_heard():
    assert detect(panel_of(dry(home().without("electricity", "door"), 3))).not_ready == {"u1": "not_alone"}
    unheard = dry(elder(), 3).without("water", when=slice(89, None))
    assert detect(panel_of(unheard)).not_ready == {"u1": "data_stale"}
    assert detect(panel_of(dry(elder(), 1).moved_in(10))).not_ready == {"u1": "moved_in_lately"}


def test_a_gap_begins_the_silence_anew():
    gap = dry(elder(), 5).without("water", when=slice(87, 88))
    assert codes(only(gap))["no_water_days"].value == 2


def test_an_authority_sets_how_many_calls_it_can_make():
    shy = CareDetector(Policy(care_calls_a_day=0.003))
    assert not shy(panel_of(dry(elder(), 1))).findings
    assert not np.isnan(shy(panel_of(dry(elder(), 1))).probability[0])
