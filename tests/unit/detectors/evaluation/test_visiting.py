import numpy as np

from detectors.evaluation.visiting import visit

LOOKS = 13


def arrays(*rows):
    return np.array(rows, np.float32)


def visits(score, *, right=None, budget=1000, every_days=7):
    alarm = np.nan_to_num(score) >= 0.5
    right = np.zeros(score.shape, bool) if right is None else right
    made = visit(score, alarm, right, budget=budget, every_days=every_days)
    return list(zip(made.turn.tolist(), made.unit.tolist(), made.right.tolist(), strict=True))


def test_the_likeliest_first_and_no_more_than_the_budget():
    score = arrays([0.6] * 2, [0.9] * 2, [0.7] * 2, [0.4] * 2)
    made = visits(score, budget=1250)  # five a month, a little more than one a week
    assert [(turn, unit) for turn, unit, _ in made] == [(0, 1), (0, 2), (1, 0)]


def test_lists_are_not_filled_with_units_that_raise_no_alarm():
    assert visits(arrays([0.4] * LOOKS)) == []


def test_a_household_rests_four_weeks_after_a_visit_in_vain():
    assert [turn for turn, *_ in visits(arrays([0.9] * LOOKS), budget=2000)] == [0, 4, 8, 12]


def test_a_list_is_made_once_a_week_however_often_it_is_looked():
    nights = visits(arrays([0.9] * 64, [*[0.1] * 8, *[0.9] * 3, *[0.1] * 53]), budget=2000, every_days=1)
    assert nights == [(turn, 0, False) for turn in (0, 28, 56)]  # the second was gone again before the next list


def test_what_was_found_is_not_visited_again():
    assert visits(arrays([0.9] * LOOKS), right=np.ones((1, LOOKS), bool)) == [(0, 0, True)]


def test_visits_not_needed_are_made_later_within_a_month():
    calm = [0.1] * 6
    score = arrays(*[[*calm, 0.9] for _ in range(10)])
    assert len(visits(score, budget=1000)) == 10
    assert len(visits(score, budget=300)) == 3


def test_a_small_estate_has_one_visit_to_begin_with():
    assert len(visits(arrays(*[[0.9] * 3] * 40), budget=5)) == 1
