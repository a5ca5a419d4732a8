"""Units that should be empty, told as stories."""

import pytest
from unit.detectors.homes import home, panel_of

from detectors.misuse import MisuseDetector

detect = MisuseDetector()


def only(one):
    verdict = detect(panel_of(one))
    return verdict.findings[0] if verdict.findings else None


def codes(finding):
    return {one.code: one for one in finding.evidence}


def test_the_household_stays_after_its_lease_ended():
    finding = only(home().unleased(40))
    assert str(finding.since) == "2026-04-20"
    facts = codes(finding)
    assert facts["not_leased"].value == 40
    assert facts["lived_in_days"].value == 14
    assert facts["water_used"].baseline == 25
    assert facts["passages_seen"].value > 7


def test_an_empty_flat_with_a_fridge():
    assert only(home().unleased(40).away(40)) is None


def fridge(one):
    """A refrigerator that comes and goes, and nothing else that a meter would tell."""
    one.unleased(90).unseen(90).without("water")
    return one.set(
        slice(None),
        electricity_kwh=1.38 * one.random.uniform(0.9, 1.1, one.days),
        electricity_min_hour_kwh=0.04,
        electricity_max_hour_kwh=0.075,
        electricity_evening_kwh=0.35,
    )


def test_an_empty_flat_that_has_shown_nothing_but_a_fridge():
    assert only(fridge(home())) is None


def test_an_empty_flat_that_has_shown_nothing_but_a_fridge_once_a_day():
    hours = ("min_hour_kwh", "max_hour_kwh", "evening_kwh")
    unknown = {f"electricity_{name}": float("nan") for name in hours}
    assert only(fridge(home()).set(slice(None), **unknown)) is None
    assert only(fridge(home()).set(slice(None), **unknown, electricity_kwh=3)) is not None


def test_whoever_lives_sparingly_lives_there_too():
    sparing = home().unleased(60).away(60).without("electricity")
    sparing.set(slice(60, None), water_l=[29, 38] * 15, water_active_hours=8)
    assert codes(only(sparing))["lived_in_days"].value == 14


def test_a_viewing_long_before_is_no_part_of_it():
    viewed = home().unleased(80).away(80).lived_in(slice(20, 22)).lived_in(slice(70, None))
    assert str(only(viewed).since) == "2026-05-10"


def test_weeks_without_readings_do_not_end_it():
    gap = home().unleased(60).without("water", "electricity", "door", when=slice(45, 65))
    assert str(only(gap).since) == "2026-03-31"


def test_somebody_lives_where_nobody_ever_held_a_lease():
    finding = only(home().unleased(90).about(tenure_leased=False))
    assert codes(finding)["not_leased"].weight > 0


def test_its_own_long_misuse_does_not_make_it_normal():
    """All days look alike, and none has a lease."""
    assert only(home().unleased(90)).probability > 0.9


def test_cleaners_for_three_days():
    cleaned = home().unleased(60).away(60).lived_in(slice(82, 85), litres=80, kwh=2, seen=0)
    assert only(cleaned) is None


def under_repair(one):
    return one.unleased(90).about(tenure_leased=False, under_repair=True)


def test_workmen_in_a_unit_under_repair():
    assert only(under_repair(home()).away(90).workmen(slice(60, None))) is None


def test_workmen_where_nothing_is_under_repair():
    finding = only(home().unleased(90).about(tenure_leased=False).away(90).workmen(slice(60, None)))
    assert codes(finding)["lived_in_days"].value == 14


def test_somebody_spends_the_evenings_in_a_unit_under_repair():
    finding = only(under_repair(home()))
    assert codes(finding)["lived_in_days"].value == 14


def test_a_unit_under_repair_whose_meters_tell_no_evenings():
    unknown = {"water_evening_l": float("nan"), "electricity_evening_kwh": float("nan")}
    assert only(under_repair(home()).set(slice(None), **unknown)) is None


def test_somebody_sneaks_in_with_meters_only():
    squatted = home().unleased(60).away(60).lived_in(slice(78, None), litres=90, kwh=2).without("door")
    finding = only(squatted)
    assert str(finding.since) == "2026-05-18"
    assert "passages_seen" not in codes(finding)


def test_the_household_stays_where_only_a_door_tells():
    finding = only(home().unleased(40).without("water", "electricity"))
    assert 0.5 < finding.probability < only(home().unleased(40)).probability
    assert codes(finding)["lived_in_days"].value == codes(finding)["passages_seen"].value > 7
    assert "water_used" not in codes(finding)


@pytest.mark.parametrize("days", [range(76, 90, 3), range(0)])
def test_few_pass_or_nobody_where_only_a_door_tells(days):
    assert only(home().unleased(60).unseen(60).strangers(days).without("water", "electricity")) is None


def test_unknown_faces_without_a_pseudonym_are_somebody_where_only_a_door_tells():
    squatted = home().unleased(60).unseen(60).unknown_faces(range(60, 90)).without("water", "electricity")
    assert codes(only(squatted))["passages_seen"].value == 14


def test_a_stranger_who_is_hardly_this_units_says_nothing_there():
    squatted = home().unleased(60).unseen(60).strangers(range(60, 90)).without("water", "electricity")
    assert only(squatted).probability > 0.5
    assert only(squatted.set(slice(None), stranger_passages=0.3)) is None


@pytest.mark.parametrize(
    ("one", "reason"),
    [
        (home(), "leased"),
        (home().unleased(14), "moved_out_lately"),
        (home().unleased(18), "too_few_days"),
        (home().unleased(60).without("water", "electricity", "door"), "no_meter"),
        (home().unleased(60).without("water", "electricity", "door", when=slice(70, None)), "data_stale"),
    ],
)
def test_who_is_not_judged(one, reason):
    assert detect(panel_of(one)).not_ready == {"u1": reason}


def test_workmen_who_stay_into_the_evening():
    late = under_repair(home()).away(90).workmen(slice(60, None))
    late.rows["electricity_kwh"][60:] += 6
    late.rows["electricity_evening_kwh"][60:] += 0.5
    assert only(late) is None
