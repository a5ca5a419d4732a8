"""Vacancy, told as stories: who is gone, who only travels."""

import numpy as np
import pytest
from unit.detectors.homes import home, panel_of

from detectors.findings import Level
from detectors.policy import Policy
from detectors.vacancy import VacancyDetector

detect = VacancyDetector(Policy(vacancy_clock_days=14, short_absence_log_odds=5.6, absence_log_odds_a_day=0.23))
"""The stories are told with the clock of a stricter authority: two weeks."""


def only(*homes, detector=detect, **panel):
    verdict = detector(panel_of(*homes, **panel))
    return verdict.findings[0] if verdict.findings else None


def probability(one, **panel):
    return float(detect(panel_of(one, **panel)).probability[0])


def codes(finding):
    return {one.code: one for one in finding.evidence}


def test_a_home_that_is_lived_in_is_nearly_certainly_no_vacancy():
    assert probability(home()) < 0.005


def test_nobody_on_two_channels_raises_an_alarm_on_the_fourteenth_day():
    assert only(home().away(13)) is None
    finding = only(home().away(14))
    assert finding.level is Level.YELLOW
    assert str(finding.since) == "2026-05-16"


@pytest.mark.parametrize(
    ("days", "gone"),
    [
        (25, lambda days: home().cleared_out(days)),
        (36, lambda days: home().without("electricity").away(days).without("electricity")),
        (44, lambda days: home().away(days)),
    ],
    ids=["nothing runs on", "what runs is not known", "the fridge runs on"],
)
def test_by_default_it_takes_the_longer_the_more_it_looks_like_a_journey(days, gone):
    finding = only(gone(days), detector=VacancyDetector())
    assert finding.level is Level.YELLOW
    assert codes(finding)["absent_run"].baseline == days
    assert only(gone(days - 1), detector=VacancyDetector()) is None


def test_what_runs_on_is_told_and_weighed():
    fridge = codes(only(home().away(40)))["base_on"]
    assert (fridge.unit, fridge.weight) == ("%", -2.5)
    assert fridge.value == pytest.approx(100, abs=5)
    nothing = codes(only(home().cleared_out(20)))["base_off"]
    assert (nothing.value, nothing.weight) == (0, 2.5)
    assert "base_on" not in codes(only(home().away(20).without("electricity")))


def test_who_switches_the_power_off_on_every_journey_is_known_by_it():
    """Nothing runs on, now as in the week away before."""
    off = {"electricity_kwh": 0, "electricity_min_hour_kwh": 0, "electricity_evening_kwh": 0}
    careful = home().empty(slice(40, 47)).set(slice(40, 47), **off).cleared_out(20)
    assert "base_off" in codes(only(home().cleared_out(20)))
    assert "base_off" not in codes(only(careful))


def test_a_meter_that_stood_still_on_earlier_days_says_nothing_by_standing_still():
    """A boiler's, say, at which nothing runs all day."""
    boiler = home().set(slice(None), electricity_min_hour_kwh=0)
    off = {"electricity_kwh": 0, "electricity_max_hour_kwh": 0, "electricity_evening_kwh": 0}
    idle = boiler.set(slice(20, 24), **off).empty(slice(20, 24)).set(slice(20, 24), **off).cleared_out(40)
    assert only(idle, detector=VacancyDetector()) is None


def test_four_weeks_without_anybody_are_urgent():
    assert only(home().away(28)).level is Level.RED


@pytest.mark.parametrize("silent", [("electricity", "door"), ("water", "door")])
def test_one_meter_alone_needs_twenty_eight_days_and_is_never_urgent(silent):
    assert only(home().away(27).without(*silent)) is None
    assert only(home().away(28).without(*silent)) is not None
    assert only(home().away(60).without(*silent)).level is Level.YELLOW


def test_a_fridge_on_standby_and_nobody_home():
    """Electricity is never zero in an empty home."""
    finding = only(home().away(28).without("water", "door"))
    standby = codes(finding)["electricity_standby"]
    assert standby.value == pytest.approx(1.2, abs=0.1)
    assert standby.baseline > 3 * standby.value


def test_an_elder_who_stays_ten_days_with_her_daughter():
    assert only(home(size=1).away(10)) is None


def test_a_lone_elder_has_half_as_long_again():
    def elder(days):
        return home(size=1).about(lone_elder=True).away(days)

    assert only(elder(20)) is None
    assert only(elder(21)) is not None


def test_an_elder_who_lives_on_little_water_is_judged_by_her_own_measure():
    frugal = home(size=1).lived_in(slice(None), litres=25, kwh=1)
    assert probability(frugal) < 0.01


def test_spring_festival_slows_the_clock():
    """Two weeks away of which eight days are holidays, then nearly three of which ten are."""
    assert only(home().away(14), holidays=slice(79, 87)) is None
    assert only(home().away(18), holidays=slice(72, 82)) is None
    finding = only(home().away(19), holidays=slice(72, 82))
    assert codes(finding)["holiday_days"].value == 10
    assert codes(finding)["absent_run"].value == 14


def test_a_declared_absence_does_not_count():
    away = home().away(40).set(slice(50, 80), declared_absence=True)
    assert only(away) is None
    finding = only(home().away(45).set(slice(45, 75), declared_absence=True))
    assert codes(finding)["declared_days"].value == 30


def test_who_moved_in_lately_is_not_judged():
    verdict = detect(panel_of(home().moved_in(20).away(20)))
    assert np.isnan(verdict.probability).all()
    assert verdict.not_ready == {"u1": "moved_in_lately"}


def test_a_home_that_was_never_moved_into():
    finding = only(home().moved_in(40).away(41))
    assert codes(finding)["never_occupied"].value == 40
    assert codes(finding)["water_absent"].baseline is None
    assert codes(finding)["registered_silent"].baseline is None


def test_who_was_not_there_when_the_history_began_is_told_sooner():
    """When the absence began is not known; that of a household seen leaving is."""
    detector = VacancyDetector()
    assert only(home(days=29).away(29), detector=detector) is None
    finding = only(home(days=30).away(30), detector=detector)
    assert codes(finding)["empty_from_the_first"].weight > 0
    assert codes(finding)["absent_run"].baseline == 30
    assert "empty_from_the_first" not in codes(only(home().away(89), detector=detector))


def test_a_household_that_moved_in_within_the_history_was_not_there_before():
    finding = only(home().moved_in(60).away(61), detector=VacancyDetector())
    assert "empty_from_the_first" not in codes(finding)


def test_the_last_household_says_nothing_about_this_one():
    """The flat stood empty before the lease; the new household lives there."""
    assert probability(home().empty(slice(0, 50)).moved_in(39)) < 0.01


def test_the_registered_at_the_door_speak_against_it():
    passing = home().away(20).set(slice(70, None), registered_passages=2)
    assert only(passing) is None
    once = only(home().away(20).set(slice(80, 82), registered_passages=1))
    assert codes(once)["registered_seen"].value == 2
    assert codes(once)["registered_seen"].weight < 0


def test_a_household_that_is_never_seen_is_not_missed_by_the_door():
    """It follows others in; the meters say lived in."""
    assert probability(home().unseen(90)) < 0.01


def test_a_leak_does_not_hide_a_vacancy():
    finding = only(home().away(20).leak(3, 20))
    assert codes(finding)["water_mechanical"].value < 1
    assert finding is not None


def test_a_leak_in_a_home_that_is_lived_in_is_no_vacancy():
    assert probability(home().leak(8, 30)) < 0.01


def test_a_leak_far_above_what_the_household_draws_does_not_make_it_a_machine():
    assert only(home().leak(200, 60).without("electricity", "door"), detector=VacancyDetector()) is None


def test_an_unseen_household_whose_water_meter_stands_still_is_not_accused():
    """Electricity says clearly that somebody is there."""
    still = dict.fromkeys(("water_l", "water_active_hours", "water_min_hour_l", "water_max_hour_l"), 0)
    stuck = home().unseen(60).set(slice(30, None), **still)
    assert probability(stuck) < 0.01


def test_weeks_of_a_silent_door_tell_of_a_household_that_follows_others_in():
    """Each day says little: it is seen on four days of ten."""
    seldom = home().set(slice(None), registered_passages=np.arange(90) % 5 % 2).without("water", "electricity")
    assert only(seldom, detector=VacancyDetector()) is None
    assert only(seldom.unseen(45), detector=VacancyDetector()) is not None


def test_a_cistern_that_fills_all_day_is_a_machine():
    """Some hours rest, so that the least hour is zero; but each day is as the last."""
    dripping = home().away(30).set(slice(60, None), water_l=90, water_active_hours=12)
    assert only(dripping) is not None


def test_a_lamp_on_a_timer_does_not_hide_a_vacancy():
    lamp = home().away(30)
    for name, kwh in (("electricity_kwh", 0.3), ("electricity_evening_kwh", 0.3)):
        lamp.rows[name][60:] += kwh
    lamp.rows["electricity_max_hour_kwh"][60:] += 0.06
    assert only(lamp) is not None


def test_somebody_who_looks_in_once_a_fortnight_does_not_end_it():
    watered = home().away(30).lived_in(slice(75, 76))
    finding = only(watered)
    assert codes(finding)["short_visits"].value == 1
    assert str(finding.since) == "2026-04-30"


def test_somebody_who_comes_every_week_does():
    weekly = home().away(35)
    for day in range(57, 90, 7):
        weekly.lived_in(slice(day, day + 1))
    assert only(weekly) is None


def test_coming_home_ends_it():
    assert only(home().empty(slice(50, 87))) is None


def test_a_week_of_which_nothing_is_known_starts_the_count_anew():
    gap = home().away(40).without("water", "electricity", "door", when=slice(70, 78))
    assert only(gap) is None
    short = home().away(40).without("water", "electricity", "door", when=slice(70, 74))
    assert only(short) is not None


def test_silent_devices_are_not_an_empty_home():
    verdict = detect(panel_of(home().without("water", "electricity", "door", when=slice(60, None))))
    assert verdict.not_ready == {"u1": "data_stale"}


def test_without_meters_and_enrolled_faces_nothing_can_be_said():
    verdict = detect(panel_of(home().without("water", "electricity", "door")))
    assert verdict.not_ready == {"u1": "no_meter"}


def test_too_few_days_are_too_few():
    verdict = detect(panel_of(home().without("water", "electricity", "door", when=slice(0, 78))))
    assert verdict.not_ready == {"u1": "too_few_days"}


def test_without_a_lease_there_is_no_vacancy():
    verdict = detect(panel_of(home().unleased(30).away(30)))
    assert verdict.not_ready == {"u1": "no_lease"}


def test_one_meter_that_never_showed_anybody_may_be_dead():
    assert only(home().away(90).without("water", "door")) is None
    assert only(home().away(90).without("door")) is not None


@pytest.mark.parametrize(("lived_in", "told"), [(2, False), (3, True)])
def test_one_meter_has_to_have_shown_somebody_on_three_days(lived_in, told):
    hardly = home().away(90).lived_in(slice(20, 20 + lived_in)).without("electricity", "door")
    assert (only(hardly) is not None) == told


def test_one_meter_that_showed_the_last_household_works():
    assert only(home().moved_in(70).away(71).without("water", "door")) is not None


def test_the_policy_sets_the_clock():
    assert only(home().away(20), detector=VacancyDetector(Policy(vacancy_clock_days=21))) is None


def test_evidence_adds_up_to_what_the_days_say():
    finding = only(home().away(20))
    away = codes(finding)
    meters = away["water_absent"].weight + away["electricity_standby"].weight + away["registered_silent"].weight
    assert meters == pytest.approx(away["absent_run"].weight, rel=1e-4)
    less_known = codes(only(home().away(28).without("electricity")))
    meters = less_known["water_absent"].weight + less_known["registered_silent"].weight
    assert less_known["absent_run"].weight == pytest.approx(meters - 1.25, rel=1e-4)
    assert away["absent_run"].value == 20
    assert away["absent_run"].baseline == 14
    assert away["registered_silent"].baseline < 14
