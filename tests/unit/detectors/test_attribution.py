"""Faces at a shared door, told as stories: whose are they?"""

import numpy as np
import pytest

from detectors.attribution import LEAST_PROBABILITY, Evidence, belonging

DAYS, UNITS = 28, 30
HOURS = DAYS * 24
FREE = np.arange(DAYS) % 7 > 4


def evening_use(random, when=range(7, 23), chance=0.5):
    """(HOURS,) litres of a home that draws water now and then while awake."""
    hour = np.arange(HOURS) % 24
    awake = np.isin(hour, list(when))
    return np.where(awake & (random.random(HOURS) < chance), random.uniform(5, 40, HOURS), 0)


def door(strangers, units=UNITS, **given):
    random = np.random.default_rng(7)
    blank = {
        "named": np.zeros((strangers, units)),
        "company": np.zeros((strangers, units)),
        "by_chance": np.full(units, 0.01),
        "came": np.zeros((strangers, HOURS)),
        "left": np.zeros((strangers, HOURS)),
        "use": (np.stack([evening_use(random) for _ in range(units)]),),
        "free_day": FREE,
    }
    arrays = blank | given
    use = tuple(np.asarray(one, "f4") for one in arrays.pop("use"))
    free = arrays.pop("free_day")
    return Evidence(use=use, free_day=free, **{name: np.asarray(one, "f4") for name, one in arrays.items()})


def passes(hours):
    row = np.zeros((1, HOURS))
    row[0, hours] = 1
    return row


def comings(random, about=18, spread=3):
    """One coming a day, at an hour that differs from day to day."""
    return np.arange(DAYS) * 24 + about + random.integers(-spread, spread + 1, DAYS)


def lives_alone(comes):
    """(HOURS,) water is drawn in the hours after each coming, and in no others."""
    use = np.zeros(HOURS)
    for hour in comes:
        use[hour : hour + 4] = 20
    return use


def test_a_stranger_who_always_comes_in_just_before_the_water_of_302_starts():
    random = np.random.default_rng(1)
    comes = comings(random)
    evidence = door(1, came=passes(comes))
    evidence.use[0][2] = lives_alone(comes)
    chance = belonging(evidence)[0]
    assert chance[2] > 0.8
    assert chance.sum() <= 1 + 1e-6


def test_one_who_leaves_as_the_use_of_a_home_falls():
    random = np.random.default_rng(2)
    comes = comings(random)
    evidence = door(1, left=passes(comes + 3))
    evidence.use[0][2] = lives_alone(comes)
    assert belonging(evidence)[0, 2] > 0.8


def test_a_courier_belongs_to_nobody():
    random = np.random.default_rng(3)
    named = np.zeros((1, UNITS))
    named[0, [1, 4, 9, 17]] = 1, 2, 1, 1
    assert belonging(door(1, named=named, came=passes(comings(random, about=14))))[0].max() < LEAST_PROBABILITY


def test_many_faces_that_have_nothing_to_do_with_any_home_are_given_to_none():
    random = np.random.default_rng(4)
    came = np.concatenate([passes(comings(random, about=random.integers(9, 20))) for _ in range(60)])
    assert (belonging(door(60, came=came)).sum(axis=1) > 0).mean() < 0.1


def test_two_homes_whose_use_coincides_share_the_probability():
    random = np.random.default_rng(5)
    comes = comings(random)
    evidence = door(1, came=passes(comes))
    evidence.use[0][2] = evidence.use[0][11] = lives_alone(comes)
    chance = belonging(evidence)[0]
    assert chance[2] == pytest.approx(chance[11])
    assert 0.4 < chance[2] <= 0.5


def test_a_home_with_the_same_hours_every_day_proves_nothing_by_them():
    """At 18 o'clock sharp half of the building comes home."""
    comes = np.arange(DAYS) * 24 + 18
    evidence = door(1, came=passes(comes))
    evidence.use[0][2] = evidence.use[0][3] = lives_alone(comes)
    assert belonging(evidence)[0].max() < 0.5


def test_the_intercom_of_one_home_on_three_days_is_nearly_sure():
    named = np.zeros((2, UNITS))
    named[0, 5], named[1, 5] = 3, 1
    thrice, once = belonging(door(2, named=named))[:, 5]
    assert thrice > 0.95
    assert once < thrice


def test_company_counts_where_chance_does_not_explain_it():
    random = np.random.default_rng(6)
    company = np.zeros((1, UNITS))
    company[0, [5, 6]] = 12
    often = np.full(UNITS, 0.01)
    often[6] = 0.4
    chance = belonging(door(1, company=company, by_chance=often, came=passes(comings(random))))[0]
    assert chance[5] > 0.5 > chance[6]


def test_whoever_was_seen_twice_is_nobodys():
    assert belonging(door(1, came=passes(np.array([18, 43]))))[0].sum() == 0


def test_hours_that_are_not_known_say_nothing():
    random = np.random.default_rng(1)
    comes = comings(random)
    assert belonging(door(1, came=passes(comes), use=(np.full((UNITS, HOURS), np.nan),)))[0].sum() == 0
    assert belonging(door(1, came=passes(comes), use=()))[0].sum() == 0


def test_a_door_without_strangers_or_units():
    assert belonging(door(0)).shape == (0, UNITS)
    assert belonging(door(1, units=1)).shape == (1, 1)
