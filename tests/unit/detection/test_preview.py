"""What another policy would have changed, told as two policies over the same homes."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from unit.detectors.homes import home, panel_of

from detectors.findings import Kind
from detectors.policy import Policy
from detectors.registry import default_detectors
from gateway.detection.policy import Rules
from gateway.detection.preview import Effect, Spell, Wish, compared, paired, spells

START = date(2026, 3, 1)
NOW = Rules()
DAILY = Wish(days=60, every_days=1)


def rules(**changed):
    policy = replace(Policy(), **changed)
    return Rules(policy, default_detectors(policy))


def differences(new, *homes, wish=DAILY):
    days, found = compared("e1", panel_of(*homes), NOW, new, wish)
    return days, {(one.unit_id, str(one.kind)): one for one in found}


def day(number):
    return START + timedelta(days=number)


SOONER = {"vacancy_clock_days": 14, "vacancy_one_channel_days": 16, "absence_log_odds_a_day": 0.5}


def test_a_shorter_clock_raises_some_earlier_and_some_that_would_not_have_been_raised():
    _, found = differences(rules(**SOONER), home("gone").away(50), home("trip").empty(slice(50, 68)), home("lived-in"))
    assert set(found) == {("gone", "vacancy"), ("trip", "vacancy")}
    gone, trip = found["gone", "vacancy"], found["trip", "vacancy"]
    assert (gone.effect, gone.shift_days) == (Effect.EARLIER, -28)
    assert (gone.now, gone.new) == (Spell(day(83), None), Spell(day(55), None))
    assert (trip.effect, trip.now) == (Effect.IN_ADDITION, None)
    assert trip.new.ended == day(68 + 3)  # the second day at home ends the run, three days without it the alert


def test_the_other_way_round_they_are_later_or_no_longer_raised():
    panel = panel_of(home("gone").away(50), home("trip").empty(slice(50, 68)))
    _, found = compared("e1", panel, rules(**SOONER), NOW, DAILY)
    assert {one.unit_id: (one.effect, one.shift_days) for one in found} == {
        "gone": (Effect.LATER, 28),
        "trip": (Effect.NO_LONGER, 0),
    }


def test_a_detector_that_no_longer_runs_raises_nothing_and_the_others_stay():
    fewer = Rules(Policy(), tuple(one for one in default_detectors() if one.kind is not Kind.LEAK))
    _, found = differences(fewer, home("leaky").leak(6, 20), home("gone").away(50))
    assert found["leaky", "leak"].effect is Effect.NO_LONGER
    assert found["gone", "vacancy"].effect is Effect.SAME


@pytest.mark.parametrize(
    ("wish", "count", "first"),
    [
        (Wish(days=60, every_days=7), 9, 89 - 8 * 7),
        (Wish(days=60, every_days=1), 60, 30),
        (Wish(days=365, every_days=7), 9, 33),  # 28 days of figures before the first look
        (Wish(days=1, every_days=7), 1, 89),
    ],
)
def test_looks_end_with_the_last_day_and_reach_back_as_far_as_asked(wish, count, first):
    days, _ = differences(NOW, home(), wish=wish)
    assert (len(days), days[0], days[-1]) == (count, day(first), day(89))


def test_too_short_a_past_is_not_looked_at():
    panel = panel_of(home(days=27))
    assert compared("e1", panel, NOW, NOW, DAILY) == ([], [])


def test_an_alert_ends_when_judged_days_do_not_show_it_for_long_enough():
    days = [day(number) for number in range(8)]

    def lived(found, judged="11111111"):
        return spells(Kind.VACANCY, days, [one == "1" for one in found], [one == "1" for one in judged])

    assert lived("01100000") == [Spell(day(1), day(5))]
    assert lived("01100100") == [Spell(day(1), None)]
    assert lived("01010101") == [Spell(day(1), None)]
    assert lived("01100000", "11100001") == [Spell(day(1), day(7))]
    assert lived("00000000") == []


def test_alerts_that_stood_at_the_same_time_belong_together():
    early, late = Spell(day(0), day(5)), Spell(day(20), None)
    same = Spell(day(3), day(9))
    assert list(paired([early, late], [same])) == [(early, same), (late, None)]
    assert list(paired([early], [late])) == [(early, None), (None, late)]
