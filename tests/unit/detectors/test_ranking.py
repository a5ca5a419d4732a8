from collections import Counter

import numpy as np
import pytest

from detectors.ranking import FLAT, Option, choose, expected_value

DRAWS = np.random.default_rng(0).normal(size=(400, 30))


def option(number, unit_id, value, *, by_lot_only=False, unsure=0.2):
    return Option(unit_id=unit_id, value=value, draws=value + unsure * DRAWS[:, number], by_lot_only=by_lot_only)


LISTED = [option(rank, f"a{rank:02}", 1 - rank / 100) for rank in range(20)]
BELOW = [option(20 + rank, f"b{rank:02}", 0.01, by_lot_only=True) for rank in range(10)]


def units(made, *, explores=None):
    return [one.unit_id for one in made if explores in (None, one.explores)]


def test_worth_is_benefit_where_right_less_cost_where_nothing_is():
    assert expected_value([1.0], np.array([[0.5]]), cost=0.2) == pytest.approx(0.5 - 0.1)
    two = expected_value([1.0, 0.9], np.array([[0.5, 0.0], [0.5, 1.0]]), cost=0.2)
    assert two == pytest.approx([0.5 + 0.45 - 0.05, 0.9])


def test_without_a_lot_the_best_are_taken():
    made = choose(LISTED + BELOW, places=3, explore_share=0, seed=1)
    assert units(made) == ["a00", "a01", "a02"]
    assert {one.chance for one in made} == {1.0}


def test_places_that_nothing_is_worth_stay_free():
    worthless = [option(29, "x", -0.1)]
    assert units(choose(LISTED[:2] + worthless, places=10, explore_share=0, seed=1)) == ["a00", "a01"]
    assert choose(LISTED, places=0, explore_share=0.1, seed=1) == []
    assert choose([], places=10, explore_share=0.1, seed=1) == []


def test_a_tenth_of_the_places_explores_in_the_long_run():
    made = [choose(LISTED + BELOW, places=4, explore_share=0.1, seed=seed) for seed in range(500)]
    assert {len(one) for one in made} == {4}
    exploring = sum(len(units(one, explores=True)) for one in made) / 2000
    assert exploring == pytest.approx(0.1, abs=0.02)


def test_the_chance_is_the_frequency_of_being_chosen():
    rounds, places = 4000, 5
    made = [choose(LISTED + BELOW, places=places, explore_share=0.3, seed=seed) for seed in range(rounds)]
    frequency = Counter(unit for one in made for unit in units(one))
    told = {one.unit_id: one.chance for each in made for one in each}
    assert set(told) == {one.unit_id for one in LISTED + BELOW}
    assert sum(told.values()) == pytest.approx(places)
    for unit, chance in told.items():
        assert frequency[unit] / rounds == pytest.approx(chance, abs=0.03), unit
    assert told["a00"] == 1
    assert min(told.values()) >= FLAT * 1.5 / 27


def test_lots_fall_where_a_visit_may_be_the_best_and_on_everybody_a_little():
    spreads = {"sure": (0.4, 0.01), "unsure": (0.3, 0.3), "no": (-0.5, 0.01)}
    sure, unsure, hopeless = options = [
        option(at, name, value, by_lot_only=True, unsure=spread)
        for at, (name, (value, spread)) in enumerate(spreads.items())
    ]
    drawn = Counter(units(choose(options, places=1, explore_share=1, seed=seed))[0] for seed in range(1000))
    better = float((unsure.draws > sure.draws).mean())
    assert 0.2 < better < 0.5
    assert drawn[unsure.unit_id] / 1000 == pytest.approx((1 - FLAT) * better + FLAT / 3, abs=0.05)
    assert 0 < drawn[hopeless.unit_id] < 1000 * FLAT


def test_a_lot_for_more_than_there_are_takes_everybody():
    made = choose(BELOW[:2], places=50, explore_share=0.1, seed=3)
    assert units(made, explores=True) == ["b00", "b01"]
    assert {one.chance for one in made} == {1.0}


def test_the_order_of_equals_does_not_move_the_lot():
    one = choose(LISTED + BELOW, places=10, explore_share=0.1, seed=9)
    other = choose(LISTED + BELOW[::-1], places=10, explore_share=0.1, seed=9)
    assert units(one) == units(other)
