import numpy as np
from unit.detectors.homes import home, panel_of

from detectors.evaluation.judging import DetectorJudge, replay
from detectors.findings import Kind
from detectors.leak import LeakDetector
from detectors.vacancy import VacancyDetector


def stood(judgement, unit, watch):
    days = watch.days[judgement.alarm[watch.unit_ids.index(unit)]]
    return [str(day) for day in days]


def test_each_look_has_every_unit_score_and_alarm():
    panel = panel_of(home("a"), home("b").away(55), home("c").leak(6, 10))
    judges = [DetectorJudge(VacancyDetector()), DetectorJudge(LeakDetector())]
    seen = replay(panel, judges, every_days=7, warmup_days=30)
    vacancy, leak = seen.judgements
    assert [str(day) for day in seen.watch.days] == [
        *("2026-03-30", "2026-04-06", "2026-04-13", "2026-04-20", "2026-04-27"),
        *("2026-05-04", "2026-05-11", "2026-05-18", "2026-05-25"),
    ]
    assert stood(vacancy, "b", seen.watch) == ["2026-05-18", "2026-05-25"]
    assert stood(leak, "c", seen.watch) == ["2026-05-25"]
    assert not vacancy.alarm[0].any()
    last = VacancyDetector()(panel.until(seen.watch.days[-1]))
    np.testing.assert_array_equal(vacancy.score[:, -1], last.probability)
    assert vacancy.kind is Kind.VACANCY


def test_who_looks_once_a_week_keeps_the_word_for_the_week():
    panel = panel_of(home("a"), home("b").away(55))
    (weekly,) = replay(panel, [DetectorJudge(VacancyDetector())], every_days=7, warmup_days=30).judgements
    held = weekly.held(7, 61)
    assert held.alarm.shape == held.score.shape == (2, 61)
    np.testing.assert_array_equal(held.alarm[:, ::7], weekly.alarm)
    np.testing.assert_array_equal(np.flatnonzero(held.alarm[1]), np.arange(49, 61))


def test_a_replay_never_sees_a_later_day():
    seen = []

    class Spy(VacancyDetector):
        def __call__(self, panel, /):
            seen.append((str(panel.as_of), panel.shape[1], len(panel.holiday)))
            return VacancyDetector.__call__(self, panel)

    replay(panel_of(home()), [DetectorJudge(Spy())], every_days=30, warmup_days=30)
    assert seen == [("2026-03-30", 30, 30), ("2026-04-29", 60, 60), ("2026-05-29", 90, 90)]


def test_features_are_those_of_the_day_judged():
    panel = panel_of(home("a").away(10))
    seen = replay(panel, [], every_days=10, warmup_days=60, with_features=True)
    shorter = replay(panel.until(panel.days[69]), [], every_days=10, warmup_days=60, with_features=True)
    np.testing.assert_array_equal(seen.features[:, :2], shorter.features)
    assert seen.features.shape[:2] == (1, 4)


def test_a_panel_shorter_than_the_warmup_has_no_looks():
    seen = replay(panel_of(home()), [DetectorJudge(VacancyDetector())], warmup_days=91)
    assert seen.watch.days.shape == (0,)
    assert seen.watch.watched_days == 0


def test_looks_in_and_after_a_long_holiday_are_marked_and_a_long_weekend_is_none():
    panel = panel_of(home(), holidays=slice(40, 50))
    marked = replay(panel, [], every_days=10, warmup_days=30).watch.long_holiday.tolist()
    assert marked == [False, False, True, True, True, False, False]  # the holiday is a week old on day 46
    weekend = panel_of(home(), holidays=slice(40, 43))
    assert not replay(weekend, [], every_days=10, warmup_days=30).watch.long_holiday.any()
