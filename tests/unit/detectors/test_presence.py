from weakref import ref

import numpy as np
import pytest
from unit.detectors.homes import home, panel_of

from detectors.policy import Policy
from detectors.presence import NO, YES, _by_spread, presence

POLICY = Policy()


def days_of(one):
    return presence(panel_of(one), POLICY)


def last(one, channel="fused"):
    return float(getattr(days_of(one), channel)[0, -1])


def test_a_normal_day_and_an_empty_one():
    lived_in, empty = days_of(home()), days_of(home().away(20))
    assert lived_in.present.mean() > 0.97
    assert not lived_in.absent.any()
    assert empty.absent[0, -20:].all()
    assert not empty.absent[0, :-20].any()
    assert (empty.channels_absent[0, -20:] == 3).all()


def test_log_odds_are_bounded_by_channel():
    there = days_of(home().away(20))
    for channel in (there.water, there.electricity, there.door):
        assert ((channel >= NO) & (channel <= YES)).all()


@pytest.mark.parametrize("channel", ["water", "electricity", "door"])
def test_what_was_not_heard_is_unknown(channel):
    there = days_of(home().without(channel))
    assert np.isnan(getattr(there, channel)).all()
    assert there.known.all()
    assert there.absent.mean() < 0.02


def test_nothing_heard_is_unknown_not_absent():
    there = days_of(home().without("water", "electricity", "door", when=slice(80, None)))
    assert not there.known[0, 80:].any()
    assert not (there.absent | there.present)[0, 80:].any()


def test_a_quarter_of_the_usual_water_is_the_line_of_a_home_whose_days_differ():
    def using(litres):
        days = 200 * np.exp(np.random.default_rng(4).normal(0, 0.5, 90))
        varied = home().set(slice(None), water_l=days, water_active_hours=12).without("electricity", "door")
        return last(varied.set(slice(89, None), water_l=litres, water_active_hours=12), "water")

    assert using(100) > 0 > using(35)


HOURLY = ("min_hour", "max_hour", "evening", "roughness")


def by_days(one):
    """Electricity that is read once a day; its base of 2.4 kWh is near half of the usual day."""
    one.rows["electricity_kwh"] += 1.2
    return one.set(slice(None), **{f"electricity_{name}_kwh": np.nan for name in HOURLY})


def test_without_hours_the_days_that_water_calls_empty_show_what_is_standby():
    there = days_of(by_days(home().away(20)))
    assert (there.electricity[0, -20:] < 0).all()
    assert (there.electricity[0, :-20] > 0).mean() > 0.9


def test_a_water_meter_that_stands_still_does_not_turn_use_into_standby():
    stuck = by_days(home()).set(slice(60, None), water_l=0, water_active_hours=0)
    assert (days_of(stuck).electricity[0, 60:] > 0).mean() > 0.9


def test_what_runs_in_a_home_that_was_always_empty_is_not_taken_for_its_usual_day():
    """Its fridge draws more on some days than on others, and no water is ever drawn."""
    draw = np.random.default_rng(4).uniform(0.6, 1.4, 90)
    always = home().away(90).set(slice(None), electricity_kwh=2 * draw, electricity_min_hour_kwh=0.05)
    assert days_of(always).absent.mean() > 0.9
    assert (days_of(home().set(slice(None), water_l=0, water_active_hours=0)).electricity[0] > 0).mean() > 0.9


def test_water_that_is_even_does_not_make_a_home_dry():
    """As even as a machine's for weeks, yet as much as people draw: electricity keeps its own usual days."""
    even = home().set(slice(None), water_l=140, water_active_hours=7).lived_in(slice(0, 0))
    sparing = even.set(slice(80, None), electricity_kwh=1.6, electricity_max_hour_kwh=0.1, electricity_evening_kwh=0.4)
    assert np.isfinite(days_of(sparing).usual_electricity_kwh[0])


def flat_days(spread):
    """Electricity alone, even within the day, whose days differ by so much."""
    draw = np.random.default_rng(4).normal(0, spread, 90)
    return (
        home()
        .without("water", "door")
        .set(
            slice(None),
            electricity_kwh=6 * np.exp(draw),
            electricity_min_hour_kwh=0.1,
            electricity_max_hour_kwh=0.6 * np.exp(draw),
            electricity_evening_kwh=2 * np.exp(draw),
        )
    )


def test_a_home_whose_days_are_alike_is_missed_sooner():
    draw = np.random.default_rng(4).normal(0, 1, 90)
    shares = np.exp(np.array([[0.1], [0.5]]) * draw).astype(np.float32)
    shares[:, -1] = 0.4
    lived_in = np.ones((2, 90), bool)
    lived_in[:, -1] = False
    steady, varied = _by_spread(shares, lived_in, Policy())[:, -1]
    assert steady < 0 < varied


def test_a_low_day_with_a_peak_has_people_in_it():
    low = {"electricity_kwh": 4, "electricity_evening_kwh": 0.9}
    flat, peaked = (flat_days(0.1).set(slice(89, None), electricity_max_hour_kwh=most, **low) for most in (0.4, 0.52))
    assert last(flat, "electricity") < 0 < last(peaked, "electricity")


def test_days_that_each_say_little_say_much_together():
    lower = home().without("water", "door")
    names = ("electricity_kwh", "electricity_max_hour_kwh", "electricity_evening_kwh")
    for name in names:
        lower.rows[name][:] = np.median(lower.rows[name])
        lower.rows[name][70:] *= 0.46
    there = days_of(lower)
    assert there.absent[0, 70:].all()
    assert there.present[0, :70].all()
    one = home().without("water", "door")
    for name in names:
        one.rows[name][:] = np.median(one.rows[name])
        one.rows[name][80] *= 0.46
    assert not days_of(one).absent.any()


def test_water_of_one_hour_only_is_no_day_at_home():
    """Both the volume and the hours with flow must be over a quarter."""
    burst = home().set(slice(89, None), water_l=300, water_active_hours=1)
    assert last(burst, "water") < 0


def test_a_leak_is_taken_off_first():
    assert last(home().away(10).leak(4, 10), "water") == NO
    assert last(home().leak(4, 10), "water") > 1


def test_a_long_vacancy_does_not_become_the_usual():
    there = days_of(home().away(70))
    assert there.usual_water_l[0] == pytest.approx(228, rel=0.3)
    assert there.absent[0, -70:].all()


def test_small_daily_use_of_somebody_who_waters_the_plants_does_not_become_the_usual():
    litres = np.random.default_rng(2).uniform(11, 25, 70)
    there = days_of(home().away(70).set(slice(20, None), water_l=litres, water_active_hours=1))
    assert there.usual_water_l[0] == pytest.approx(228, rel=0.3)


def test_hours_of_a_long_leak_do_not_become_the_usual():
    mended = home().set(slice(0, 80), water_active_hours=24, water_min_hour_l=3)
    assert last(mended.set(slice(89, None), water_l=228, water_active_hours=5), "water") > 1


def test_a_home_that_never_showed_a_lived_in_day_is_measured_by_the_default():
    there = days_of(home().away(90))
    assert np.isnan(there.usual_water_l[0])
    assert there.absent.all()


def test_registered_passages_say_yes_and_unnamed_ones_a_little():
    quiet = home().without("water", "electricity").unseen(1)
    assert last(quiet) < 0
    assert 0 < last(quiet.set(slice(89, None), unidentified_passages=1)) < 1
    quiet.set(slice(89, None), unidentified_passages=0, unnamed_face_passages=1)
    assert 0 < last(quiet) < 1
    quiet.set(slice(89, None), unnamed_face_passages=0, visitor_passages=1)
    assert 0 < last(quiet) < 1
    quiet.set(slice(89, None), visitor_passages=0, strangers=1)
    assert 0 < last(quiet) < 1
    quiet.set(slice(89, None), strangers=0.3)
    assert last(quiet) < 0, "a few in ten of a passage are nobody"
    assert last(home().without("water", "electricity").set(slice(89, None), registered_passages=1)) == YES


def test_a_mild_autumn_after_a_summer_of_cooling_is_lived_in_where_no_hours_tell():
    cooled = home().without("water", "door").lived_in(slice(None), kwh=9.5).lived_in(slice(60, None), kwh=3.4)
    cooled.set(slice(None), electricity_max_hour_kwh=np.nan, electricity_min_hour_kwh=np.nan)
    cooled.set(slice(None), electricity_evening_kwh=np.nan, water_coverage=0, water_l=np.nan, door_coverage=0)
    assert not days_of(cooled).absent[0, 61:].any()


def test_silence_of_a_door_says_what_the_household_has_shown_of_itself():
    def silence(seen):
        return last(home().lived_in(slice(None), seen=seen).unseen(5), "door")

    assert silence(0.95) < silence(0.5) < silence(0.1) < 0


def test_a_door_says_nothing_of_people_it_cannot_know():
    assert np.isnan(days_of(home().faceless()).door).all()


def test_half_a_day_of_readings_is_no_day():
    partly = home().set(slice(89, None), water_coverage=0.5, water_l=10)
    assert np.isnan(last(partly, "water"))


def test_use_as_even_as_a_machines_is_no_presence():
    even = home().away(20).set(slice(70, None), water_l=120, water_active_hours=10, water_min_hour_l=0)
    there = days_of(even)
    assert (there.water[0, 70:] < 0).all()
    assert (there.water[0, :70] > 0).all()


def test_a_daily_electricity_meter_without_hours_still_speaks():
    daily = home().away(10)
    for name in ("electricity_min_hour_kwh", "electricity_max_hour_kwh", "electricity_evening_kwh"):
        daily.rows[name][:] = np.nan
    daily.rows["electricity_kwh"][80:] = 0.2
    there = days_of(daily)
    assert (there.electricity[0, 80:] < 0).all()
    assert (there.electricity[0, :80] > 0).all()


def test_what_was_asked_of_a_panel_is_known_as_long_as_the_panel_is():
    panel = panel_of(home())
    strict = Policy(lived_in_share=0.5)
    there = presence(panel, POLICY)
    assert presence(panel, Policy()) is there
    assert (presence(panel, strict).water < there.water).any()
    np.testing.assert_array_equal(presence(panel.take(np.array([0])), POLICY).fused, there.fused)
    kept = ref(panel)
    del panel
    assert kept() is None
