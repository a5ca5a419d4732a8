from datetime import date, timedelta

import pytest
from unit.detectors.homes import home, panel_of

from detectors.evaluation import Alarm, Span, Truth, assess, judged_span, replay
from detectors.findings import Kind
from detectors.leak import LeakDetector
from detectors.vacancy import VacancyDetector

FIRST = date(2026, 1, 1)
SPAN = Span(units=1000, start=FIRST, end=FIRST + timedelta(days=89))


def day(number):
    return FIRST + timedelta(days=number)


def alarm(unit, number, probability=0.6, kind=Kind.VACANCY):
    return Alarm(unit_id=unit, kind=kind, opened_on=day(number), probability=probability)


def case(unit, start, end=None, kind="vacancy", subtype=""):
    return Truth(unit_id=unit, kind=kind, subtype=subtype, start=day(start), end=None if end is None else day(end))


def test_a_span_counts_units_and_months():
    assert SPAN.thousand_unit_months == 3


def test_recall_delay_and_false_alarms():
    truths = [case("a", 0), case("b", 10), case("c", 20), case("s", 0, kind="sublet")]
    alarms = [alarm("a", 5), alarm("b", 50), alarm("x", 7), alarm("s", 9), alarm("s", 9, kind=Kind.SUBLET)]
    found = assess(Kind.VACANCY, alarms, truths, SPAN)
    assert (found.alarms, found.cases, found.found, found.false_alarms) == (4, 3, 2, 2)
    assert found.recall == pytest.approx(2 / 3)
    assert found.recall_30 == pytest.approx(1 / 3)
    assert found.recall_60 == pytest.approx(2 / 3)
    assert found.median_delay_days == 40
    assert found.false_per_1000_unit_months == pytest.approx(2 / 3)


def test_a_median_among_the_missed_is_endless():
    truths = [case("a", 0), case("b", 0), case("c", 0)]
    assert assess(Kind.VACANCY, [alarm("a", 1)], truths, SPAN).median_delay_days is None


def test_a_case_that_began_too_late_to_be_watched_does_not_lower_early_recall():
    found = assess(Kind.VACANCY, [alarm("a", 20)], [case("a", 0), case("late", 75)], SPAN)
    assert found.recall == 0.5
    assert found.recall_30 == found.recall_60 == 1


def test_a_case_older_than_the_span_is_timed_from_its_first_day():
    found = assess(Kind.VACANCY, [alarm("a", 3)], [case("a", -100)], SPAN)
    assert found.median_delay_days == 3


def test_an_alarm_before_a_case_or_long_after_is_false():
    truths = [case("a", 20, 30)]
    alarms = [alarm("a", 19), alarm("a", 30), alarm("a", 60), alarm("a", 61)]
    assert assess(Kind.VACANCY, alarms, truths, SPAN).false_alarms == 2


def test_cases_outside_the_span_are_not_counted():
    assert assess(Kind.VACANCY, [], [case("a", -50, -1), case("b", 90)], SPAN).cases == 0


def test_precision_at_the_inspectors_budget():
    """Two visits a month: the likeliest two of each month are visited."""
    truths = [case("a", 0), case("b", 0)]
    month = [alarm("a", 1, 0.9), alarm("x", 2, 0.65), alarm("b", 3, 0.7), alarm("y", 4, 0.6)]
    next_month = [alarm("a", 31, 0.5)]
    found = assess(Kind.VACANCY, month + next_month, truths, SPAN)
    assert found.precision_at == {2: 1, 5: pytest.approx(3 / 5), 10: pytest.approx(3 / 5)}


def test_false_alarms_by_what_was_really_so():
    truths = [case("e", 0, kind="honest", subtype="hospital"), case("s", 0, kind="sublet", subtype="room")]
    alarms = [alarm("e", 5), alarm("s", 5), alarm("x", 5), alarm("y", 6)]
    found = assess(Kind.VACANCY, alarms, truths, SPAN)
    assert found.false_by_class == {"honest:hospital": 1, "sublet:room": 1, "none": 2}


def test_nothing_to_divide_by():
    found = assess(Kind.LEAK, [], [], SPAN)
    assert (found.recall, found.recall_30, found.median_delay_days) == (None, None, None)
    assert found.precision_at == {2: None, 5: None, 10: None}


def test_replay_raises_each_alarm_when_it_first_stands():
    panel = panel_of(home("a"), home("b").away(30), home("c").leak(6, 10))
    alarms = list(replay(panel, (VacancyDetector(), LeakDetector()), every_days=1, warmup_days=30))
    assert [(one.unit_id, one.kind, str(one.opened_on)) for one in alarms] == [
        ("b", Kind.VACANCY, "2026-05-13"),
        ("c", Kind.LEAK, "2026-05-22"),
    ]


def test_a_pattern_that_comes_back_is_a_new_alarm():
    one = home("a").empty(slice(40, 60)).empty(slice(66, 90))
    alarms = list(replay(panel_of(one), (VacancyDetector(),), every_days=1, warmup_days=30))
    assert len(alarms) == 2


def test_replay_looks_only_so_often_and_not_before_the_warmup():
    panel = panel_of(home("b").away(30))
    weekly = list(replay(panel, (VacancyDetector(),), every_days=7, warmup_days=30))
    assert [str(one.opened_on) for one in weekly] == ["2026-05-18"]
    assert list(replay(panel, (VacancyDetector(),), every_days=7, warmup_days=91)) == []


def test_a_replay_never_sees_a_later_day():
    seen = []

    class Spy(VacancyDetector):
        def __call__(self, panel, /):
            seen.append(str(panel.as_of))
            return VacancyDetector.__call__(self, panel)

    list(replay(panel_of(home()), (Spy(),), every_days=30, warmup_days=30))
    assert seen == ["2026-03-30", "2026-04-29", "2026-05-29"]


def test_the_span_of_a_replay():
    span = judged_span(panel_of(home("a"), home("b")), warmup_days=30)
    assert (span.units, str(span.start), str(span.end), span.days) == (2, "2026-03-30", "2026-05-29", 61)
