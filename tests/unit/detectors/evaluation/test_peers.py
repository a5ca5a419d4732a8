import numpy as np
from unit.detectors.homes import FIRST as DAY_0
from unit.detectors.homes import home, panel_of

from detectors.evaluation.judging import replay
from detectors.evaluation.peers import (
    StrangersAndSilenceRule,
    YearlyUseRule,
    gradient_boosting,
    isolation_forest,
    rules,
)
from detectors.evaluation.truth import Truth
from detectors.features import FEATURES, features
from detectors.findings import Kind


def alarm(rule, one):
    score, alarms = rule(panel_of(one))
    assert bool(alarms[0]) == bool(score[0] >= 0.5)
    return bool(alarms[0])


def test_every_rule_gives_each_unit_a_score():
    panel = panel_of(home("a"), home("b").away(40), home("c").without("water", "electricity", "door"))
    for rule in rules():
        score, alarms = rule(panel)
        assert score.shape == alarms.shape == (3,)
        assert not alarms[np.isnan(score)].any()
        assert np.isnan(score[2])


def test_twenty_kilowatt_hours_a_year():
    assert alarm(YearlyUseRule(), home(days=90).set(slice(None), electricity_kwh=19 / 365))
    assert not alarm(YearlyUseRule(), home(days=90).set(slice(None), electricity_kwh=21 / 365))
    assert not alarm(YearlyUseRule(), home(days=59).set(slice(None), electricity_kwh=0))
    assert not alarm(YearlyUseRule(), home(days=90).unleased(90).set(slice(None), electricity_kwh=0))


def test_strangers_count_as_far_as_the_registered_are_silent():
    guests = range(62, 90, 2)
    assert alarm(StrangersAndSilenceRule(), home().strangers(guests).unseen(28))
    assert not alarm(StrangersAndSilenceRule(), home().strangers(guests))
    assert alarm(StrangersAndSilenceRule(), home().unknown_faces(guests).unseen(28))
    assert not alarm(StrangersAndSilenceRule(), home().unseen(28))


def test_features_are_finite_where_the_home_is_known_and_survive_where_it_is_not():
    figures = features(panel_of(home("a").away(8), home("b").without("water", "electricity", "door")))
    assert figures.shape == (2, len(FEATURES))
    by_name = dict(zip(FEATURES, figures[0].tolist(), strict=True))
    assert by_name["dry_days"] == 8
    assert by_name["water_7"] == 0
    assert by_name["unseen_days"] == 8
    assert np.isnan(figures[1][: FEATURES.index("enrolled")]).sum() > 15


def street(homes=60, days=60):
    """Every fifth home stands empty for the last 30 days."""
    panel = panel_of(*[
        home(f"u{number}", days=days).away(30) if number % 5 == 0 else home(f"u{number}", days=days)
        for number in range(homes)
    ])  # fmt: skip
    start = (DAY_0 + days - 30).astype(object)
    truths = [Truth(unit_id=f"u{number}", kind="vacancy", start=start) for number in range(0, homes, 5)]
    return replay(panel, [], with_features=True), truths


def test_the_boosting_learns_from_other_units_and_never_from_the_judged_one():
    seen, truths = street()
    ((judged,),) = gradient_boosting([seen], [truths])
    assert judged.kind is Kind.VACANCY
    guilty = np.array([number % 5 == 0 for number in range(60)])
    assert judged.score[guilty, -1].min() > judged.score[~guilty, -1].max()
    ((poisoned,),) = gradient_boosting([seen], [[*truths, Truth(unit_id="u1", kind="vacancy", start=truths[0].start)]])
    np.testing.assert_array_equal(poisoned.score[1], judged.score[1])
    assert (poisoned.score != judged.score).any()


def test_the_boosting_says_nothing_where_cases_are_too_few():
    seen, truths = street()
    assert gradient_boosting([seen], [truths[:5]]) == [[]]


def test_the_forest_needs_no_truth_and_alarms_as_often_as_the_prior():
    seen, _ = street()
    ((vacancy, sublet),) = isolation_forest([seen])
    assert (vacancy.kind, sublet.kind) == (Kind.VACANCY, Kind.SUBLET)
    np.testing.assert_array_equal(vacancy.score, sublet.score)
    assert vacancy.alarm.sum(axis=0).max() == 1  # half a percent of sixty
