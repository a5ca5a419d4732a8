from collections import Counter

import pytest

from detectors.ranking import Option, choose, expected_value

LISTED = [Option(unit_id=f"a{rank:02}", value=1 - rank / 100, probability=0.8) for rank in range(20)]
BELOW = [Option(unit_id=f"b{rank:02}", value=0.01, probability=0.2, by_lot_only=True) for rank in range(10)]


def units(made, *, explores=None):
    return [one.unit_id for one in made if explores in (None, one.explores)]


def test_worth_is_benefit_where_right_less_cost_where_nothing_is():
    assert expected_value([(1.0, 0.5)], cost=0.2) == pytest.approx(0.5 - 0.1)
    assert expected_value([(1.0, 0.5), (0.9, 0.5)], cost=0.2) == pytest.approx(0.5 + 0.45 - 0.05)


def test_without_a_lot_the_best_are_taken():
    made = choose(LISTED + BELOW, places=3, explore_share=0, seed=1)
    assert units(made) == ["a00", "a01", "a02"]
    assert {one.chance for one in made} == {1.0}


def test_places_that_nothing_is_worth_stay_free():
    worthless = [Option(unit_id="x", value=-0.1, probability=0.1)]
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
    assert told["a19"] == pytest.approx(16 * told["b00"])


def test_a_lot_for_more_than_there_are_takes_everybody():
    made = choose(BELOW[:2], places=50, explore_share=0.1, seed=3)
    assert units(made, explores=True) == ["b00", "b01"]
    assert {one.chance for one in made} == {1.0}


def test_the_order_of_equals_does_not_move_the_lot():
    one = choose(LISTED + BELOW, places=10, explore_share=0.1, seed=9)
    other = choose(LISTED + BELOW[::-1], places=10, explore_share=0.1, seed=9)
    assert units(one) == units(other)
