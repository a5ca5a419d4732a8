import numpy as np
import pytest
from unit.detectors.evaluation.made import case, from_look, judgement, watch

from detectors.evaluation.quality import accused_ratio, quality
from detectors.evaluation.tally import pooled, tally
from detectors.findings import Kind


def assessed(seen, word, truths, *, rounds=0):
    return quality(word.kind, tally(word, truths, seen), is_probability=word.is_probability, rounds=rounds)


def test_recall_delay_and_false_alarms():
    seen = watch("a", "b", "c", "s", "x")
    truths = [case("a", 0), case("b", 10), case("c", 20), case("s", 0, kind="sublet")]
    word = judgement(seen, a=from_look(1), b=from_look(8), c=0.1, s=from_look(2), x=from_look(3))
    found = assessed(seen, word, truths)
    assert (found.cases, found.found, found.alarms, found.false_alarms) == (3, 2, 4, 2)
    assert found.figures["recall"] == pytest.approx(2 / 3)
    assert found.figures["recall_30"] == pytest.approx(1 / 3)
    assert found.figures["recall_60"] == pytest.approx(2 / 3)
    assert found.figures["delay_median"] == 46
    assert found.figures["false_alarms"] == pytest.approx(2 / (5 / 1000 * 91 / 30))
    assert found.delays == (7, 46)


def test_a_missed_case_counts_only_as_long_as_it_was_watched():
    seen = watch("a", "late")
    found = assessed(seen, judgement(seen, a=from_look(3), late=0.1), [case("a", 0), case("late", 75)])
    assert found.figures["recall"] == 0.5
    assert found.figures["recall_30"] == 1
    assert found.figures["delay_median"] == 21


def test_cases_watched_too_short_say_nothing_about_sixty_days():
    seen = watch("a", "b", looks=5)
    found = assessed(seen, judgement(seen, a=from_look(1, looks=5), b=0.1), [case("a", 0), case("b", 0)])
    assert found.figures["recall_30"] is None
    assert found.figures["recall_60"] is None


def test_an_endless_median():
    seen = watch("a", "b", "c")
    word = judgement(seen, a=from_look(1), b=0.1, c=0.1)
    assert assessed(seen, word, [case("a", 0), case("b", 0), case("c", 0)]).figures["delay_median"] is None


def test_a_case_older_than_the_looks_is_timed_from_the_first():
    seen = watch("a")
    assert assessed(seen, judgement(seen, a=from_look(1)), [case("a", -100)]).figures["delay_median"] == 7


def test_cases_outside_are_not_counted():
    seen = watch("a", "b")
    word = judgement(seen, a=0.1, b=0.1)
    found = assessed(seen, word, [case("a", -50, -1), case("b", 85), case("elsewhere", 3)])
    assert found.cases == 0
    assert found.figures["recall"] is None


def test_an_alarm_before_a_case_or_long_after_is_false():
    seen = watch("a", looks=10)
    word = judgement(seen, a=0.1, alarms={"a": {2, 4, 9}})  # days 14, 28 and 63
    assert assessed(seen, word, [case("a", 20, 30)]).false_alarms == 2


def test_a_pattern_that_comes_back_is_a_new_alarm():
    seen = watch("a")
    assert assessed(seen, judgement(seen, a=0.1, alarms={"a": {1, 2, 5, 6, 7}}), []).alarms == 2


def test_precision_at_the_budget_and_of_the_highest_scores():
    """So small an estate has one visit in the quarter."""
    seen, truths = watch("a", "x", "b"), [case("a", 0), case("b", 0)]
    first = assessed(seen, judgement(seen, a=from_look(2, 0.9), x=from_look(2, 0.7), b=from_look(6, 0.6)), truths)
    assert (first.figures["precision_5"], first.figures["precision_top"]) == (1, 0.5)
    second = assessed(seen, judgement(seen, a=from_look(2, 0.7), x=from_look(2, 0.9), b=from_look(6, 0.6)), truths)
    assert (second.figures["precision_5"], second.figures["precision_top"]) == (0, 0.5)


def test_recall_where_few_honest_homes_are_above_the_line():
    honest = [f"h{number}" for number in range(100)]
    seen = watch("a", "b", *honest, looks=10)
    scores = dict.fromkeys(honest, 0.1) | {"h0": [0.1] * 9 + [0.8], "h1": [0.3] * 10}
    word = judgement(seen, a=0.7, b=0.2, **scores)
    figures = assessed(seen, word, [case("a", 0), case("b", 0)]).figures
    assert figures["recall_fp_0.1"] == 0.5  # one look of a thousand, h0's, is above 0.7
    assert figures["recall_fp_0.3"] == 0.5
    assert figures["recall_fp_1"] == 0.5
    calmer = judgement(seen, a=0.7, b=0.2, **(scores | {"h1": 0.1}))
    assert assessed(seen, calmer, [case("a", 0), case("b", 0)]).figures["recall_fp_0.1"] == 1


def test_brier_and_calibration_of_probabilities_only():
    seen = watch("a", "b", looks=2)
    word = judgement(seen, a=0.75, b=0.25)
    figures = assessed(seen, word, [case("a", 0)]).figures
    assert figures["brier"] == pytest.approx(0.0625)
    assert figures["ece"] == pytest.approx(0.25)
    assert figures["ece_alarms"] == pytest.approx(0.25)
    assert "brier" not in assessed(seen, judgement(seen, a=0.75, b=0.25, is_probability=False), []).figures


def test_false_alarms_by_what_was_really_so():
    seen = watch("e", "s", "x", "y")
    truths = [case("e", 0, kind="honest", subtype="hospital"), case("s", 0, kind="sublet", subtype="room")]
    word = judgement(seen, **dict.fromkeys("esxy", 0.9))
    assert assessed(seen, word, truths).false_by_name == {"none": 2, "honest:hospital": 1, "sublet:room": 1}


def test_who_is_wrongly_accused():
    seen = watch("e1", "e2", "e3", "n1", "n2", "c", elders=("e1", "e2", "c"))
    truths = [
        case("c", 0),
        case("e1", 0, kind="honest", subtype="hospital"),
        case("n1", 50, 60, kind="honest", subtype="trip"),
    ]
    word = judgement(seen, e1=0.9, e2=0.1, e3=0.1, n1=[0.9, *[0.1] * 12], n2=0.1, c=0.9)
    found = assessed(seen, word, truths)
    assert found.accused == {"hospital": (1, 1), "trip": (1, 0), "lone_elder": (2, 1), "all": (5, 2)}
    assert accused_ratio(found, "lone_elder") == pytest.approx(0.5 / 0.4)
    assert accused_ratio(found, "nobody") is None


def test_false_alarms_after_a_long_holiday_beside_other_times():
    seen = watch("a", "b", "c", looks=10, holiday_looks=(3, 4))
    word = judgement(seen, a=0.1, b=0.1, c=0.1, alarms={"a": {3}, "b": {6}, "c": {8}})
    assert assessed(seen, word, []).figures["after_holiday"] == pytest.approx((1 / 2) / (2 / 8))


def test_recall_by_subtype_and_disguise():
    seen = watch("a", "b")
    truths = [case("a", 0, subtype="timer", disguise="registered"), case("b", 0, subtype="cleared", disguise="plain")]
    found = assessed(seen, judgement(seen, a=0.1, b=0.9), truths)
    assert found.recall_by_subtype == {"cleared": (1, 1), "timer": (1, 0)}
    assert found.recall_by_disguise == {"plain": (1, 1), "registered": (1, 0)}


def test_nothing_to_divide_by():
    seen = watch()
    found = assessed(seen, judgement(seen), [], rounds=5)
    assert set(found.figures.values()) == {None}


def test_intervals_hold_the_figure_and_narrow_with_more_homes():
    def width(homes):
        units = [f"u{number}" for number in range(homes)]
        seen = watch(*units)
        truths = [case(unit, 0) for unit in units[: homes // 2]]
        word = judgement(seen, **{unit: 0.9 if number % 4 == 0 else 0.1 for number, unit in enumerate(units)})
        found = assessed(seen, word, truths, rounds=100)
        low, high = found.intervals["recall"]
        assert low <= found.figures["recall"] <= high
        return high - low

    assert width(400) < width(40) / 2


def test_pooling_counts_everybody_once():
    one, two = watch("a", "x"), watch("b", "y", "z")
    words = [judgement(one, a=from_look(1), x=from_look(3)), judgement(two, b=0.1, y=from_look(2), z=0.1)]
    truths = [case("a", 0), case("b", 0)]
    both = pooled([tally(word, truths, seen) for word, seen in zip(words, (one, two), strict=True)])
    found = quality(Kind.VACANCY, both, is_probability=True, rounds=0)
    assert (found.units, found.cases, found.found, found.false_alarms) == (5, 2, 1, 2)
    assert both.cases.unit.tolist() == [0, 2]
    assert found.accused["all"] == (3, 2)
    np.testing.assert_array_equal(np.unique(both.looks.unit), np.arange(5))
