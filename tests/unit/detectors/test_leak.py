"""Leaks, told as stories."""

import pytest
from unit.detectors.homes import home, panel_of

from detectors.findings import Level
from detectors.leak import LeakDetector
from detectors.policy import Policy

detect = LeakDetector()


def only(one):
    verdict = detect(panel_of(one))
    return verdict.findings[0] if verdict.findings else None


def codes(finding):
    return {one.code: one for one in finding.evidence}


def test_a_home_where_every_night_is_dry():
    assert detect(panel_of(home())).probability[0] < 0.001


def test_four_litres_an_hour_for_three_days():
    finding = only(home().leak(4, 3))
    assert finding.level is Level.YELLOW
    assert str(finding.since) == "2026-05-27"
    facts = codes(finding)
    assert facts["flow_never_stops"].value == 4
    assert facts["flow_never_stops"].baseline == 0
    assert facts["leak_days"].value == 3
    assert facts["leak_loss"].value == 96
    assert facts["leak_loss"].baseline == pytest.approx(228, rel=0.2)


def test_two_days_are_not_yet_a_leak():
    assert only(home().leak(20, 2)) is None


def test_a_tap_that_drips_is_left_alone():
    assert only(home().leak(1.5, 30)) is None


def test_five_litres_or_a_fortnight_are_urgent():
    assert only(home().leak(5, 3)).level is Level.RED
    assert only(home().leak(2.5, 13)).level is Level.YELLOW
    assert only(home().leak(2.5, 14)).level is Level.RED


def test_a_leak_that_grows_becomes_urgent():
    growing = home().leak(2.5, 9).leak(10, 3)
    assert only(growing).level is Level.RED
    assert codes(only(growing))["flow_never_stops"].value == 12.5
    assert codes(only(home().leak(2.5, 9).leak(10, 2)))["flow_never_stops"].value == 2.5


def test_a_leak_that_stopped_is_over():
    mended = home().leak(4, 10).set(slice(89, None), water_least_flow_l_per_h=0)
    assert only(mended) is None


def test_what_always_flowed_at_half_the_rate_is_no_news():
    assert only(home().leak(1.8, 90).leak(1.2, 5)) is None
    assert only(home().leak(1.2, 90).leak(1.8, 5)) is not None


def test_two_silent_days_do_not_end_a_leak_and_three_do():
    assert codes(only(home().leak(4, 10).without("water", when=slice(85, 87))))["leak_days"].value == 8
    assert codes(only(home().leak(4, 10).without("water", when=slice(83, 86))))["leak_days"].value == 4


def test_the_last_households_leak_is_not_this_ones_past():
    old = home().leak(4, 90).set(slice(69, 85), water_least_flow_l_per_h=0).moved_in(20)
    assert codes(only(old))["flow_never_stops"].baseline == 0


def test_a_leak_over_a_vacancy_says_that_nobody_is_there():
    finding = only(home().away(20).leak(4, 10))
    assert codes(finding)["leak_unoccupied"].value == 10
    assert "leak_unoccupied" not in codes(only(home().leak(4, 10)))


def test_also_where_nobody_holds_a_lease():
    assert only(home().unleased(40).away(40).leak(4, 10)) is not None


def four_hourly(one):
    return one.set(slice(None), water_hours_known=0, water_min_hour_l=float("nan"))


def test_a_meter_that_is_read_every_four_hours_tells_what_has_grown():
    assert codes(only(four_hourly(home().leak(4, 3))))["flow_never_stops"].value == 4
    assert only(four_hourly(home())) is None


def test_four_hours_that_were_never_dry_are_a_leak_only_where_hours_are_known():
    assert only(home().leak(4, 90)) is not None
    assert only(four_hourly(home().leak(4, 90))) is None


def test_a_meter_heard_once_a_day_knows_no_hours():
    daily = home().set(slice(None), water_hours_known=0, water_least_flow_l_per_h=float("nan"))
    assert detect(panel_of(daily)).not_ready == {"u1": "too_few_hours"}


def test_a_meter_that_is_silent_now_or_was_never_there():
    assert detect(panel_of(home().without("water", when=slice(80, None)))).not_ready == {"u1": "data_stale"}
    assert detect(panel_of(home().without("water"))).not_ready == {"u1": "no_meter"}


def test_the_policy_sets_the_flow():
    strict = LeakDetector(Policy(leak_l_per_h=1.0))
    assert strict(panel_of(home().leak(1.5, 10))).findings


def daily(one):
    return one.set(
        slice(None), water_hours_known=0, water_min_hour_l=float("nan"), water_least_flow_l_per_h=float("nan")
    )


def test_a_meter_read_once_a_day_tells_what_runs_where_nobody_is():
    finding = only(daily(home().unleased(40).away(40).leak(4, 10)))
    facts = codes(finding)
    assert "flow_never_stops" not in facts
    assert facts["flow_while_empty"].value == 4
    assert facts["leak_days"].value == 10


def test_nobody_holds_the_home_and_it_leaked_before_the_past_is_known():
    assert only(four_hourly(home().unleased(90).away(90).leak(4, 90))) is not None


def test_whole_days_say_nothing_where_somebody_is():
    assert only(daily(home().leak(10, 10))) is None
    assert only(daily(home().unleased(40).leak(4, 10))) is None


def test_somebody_who_passes_may_have_drawn_it():
    assert only(daily(home().unleased(40).away(40).leak(4, 10).set(slice(80, None), unidentified_passages=1))) is None


def test_a_household_that_is_away_and_whose_water_runs_evenly():
    assert only(daily(home().away(20).leak(4, 18))) is not None
