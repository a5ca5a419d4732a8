import json
from dataclasses import replace

import numpy as np
import pytest

from detectors.evaluation.calibration import expected_error
from detectors.findings import Kind
from detectors.learning import ISOTONIC_FROM, Lesson, Model, Signal, drift, fit


def log_odds(score):
    return np.log(score / (1 - score))


def outcomes(number, *, truth, seed=0, chance=1.0, codes=("absent_run", "short_visits")):
    """Suspicions of vacancy whose frequency of being right is `truth(score, evidence)`."""
    random = np.random.default_rng(seed)
    made = []
    for at in range(number):
        score = float(random.uniform(0.3, 0.97))
        evidence = {code: float(random.uniform(0, 3)) for code in codes if random.random() < 0.5}
        found = bool(random.random() < truth(score, evidence))
        signal = Signal(kind=Kind.VACANCY, score=score, evidence=evidence)
        made.append(Lesson(unit_id=f"u{at}", signal=signal, found=found, chance=chance, said=score))
    return made


def overconfident(score, _evidence):
    return 1 / (1 + np.exp(-(0.5 * log_odds(score) - 1.0)))


def misled(score, evidence):
    """Short visits mean that somebody lives there."""
    return 0.05 if "short_visits" in evidence else min(score + 0.1, 0.99)


def test_nothing_learnt_changes_nothing():
    model = fit([])
    signals = [lesson.signal for lesson in outcomes(5, truth=misled)]
    assert model.changes_nothing
    assert model.probability(signals).tolist() == [signal.score for signal in signals]


def test_few_outcomes_change_little():
    said = fit(outcomes(3, truth=lambda *_: 0.0)).probability([Signal(kind=Kind.VACANCY, score=0.9)])
    assert 0.6 < said[0] < 0.9


@pytest.mark.parametrize("number", [500, 2 * ISOTONIC_FROM])
@pytest.mark.parametrize("truth", [overconfident, misled])
def test_probabilities_mean_what_they_say_after_enough_outcomes(number, truth):
    model = fit(outcomes(number, truth=truth))
    fresh = outcomes(5000, truth=truth, seed=1)
    said = model.probability([lesson.signal for lesson in fresh])
    found = np.array([lesson.found for lesson in fresh])
    before = np.array([lesson.signal.score for lesson in fresh])
    assert expected_error(before, found, np.ones(len(fresh))) > 0.1
    assert expected_error(said, found, np.ones(len(fresh))) <= 0.05
    assert bool(model.curve) is (number >= ISOTONIC_FROM)


def test_evidence_that_misleads_loses_its_weight():
    model = fit(outcomes(300, truth=misled))
    plain = Signal(kind=Kind.VACANCY, score=0.8, evidence={"absent_run": 2.0})
    visited = replace(plain, evidence={"absent_run": 2.0, "short_visits": 2.0})
    trusted, doubted = model.probability([plain, visited])
    assert trusted > 0.7
    assert doubted < 0.3


def test_an_isotonic_curve_keeps_the_order():
    model = fit(outcomes(1500, truth=overconfident))
    said = model.probability([Signal(kind=Kind.VACANCY, score=score) for score in np.linspace(0.05, 0.95, 300)])
    assert (np.diff(said) > 0).all()


def test_kinds_learn_apart():
    model = fit(outcomes(200, truth=lambda *_: 0.1))
    vacancy, sublet = model.probability([Signal(kind=kind, score=0.7) for kind in (Kind.VACANCY, Kind.SUBLET)])
    assert vacancy < 0.3
    assert sublet > 0.5 * vacancy


def test_homes_drawn_by_a_small_chance_count_for_those_that_were_not():
    """On top are homes of one sort, nearly always right; of the others few were visited, and most were honest."""
    top = [replace(lesson, chance=1.0) for lesson in outcomes(200, truth=lambda *_: 0.9, codes=())]
    lot = [replace(lesson, chance=0.05) for lesson in outcomes(40, truth=lambda *_: 0.1, seed=2, codes=())]
    weighed = fit(top + lot).probability([Signal(kind=Kind.VACANCY, score=0.8)])[0]
    plain = fit([replace(lesson, chance=1.0) for lesson in top + lot]).probability([
        Signal(kind=Kind.VACANCY, score=0.8)
    ])[0]  # fmt: skip
    everybody = (200 * 0.9 + 40 * 5 * 0.1) / (200 + 40 * 5)  # the weight is bounded at five
    assert abs(weighed - everybody) < 0.12 < plain - everybody


def test_a_model_is_kept_as_plain_json():
    for number in (10, 200, 1200):
        model = fit(outcomes(number, truth=overconfident))
        again = Model.from_columns(json.loads(json.dumps(model.to_columns())))
        assert again == model


def test_draws_are_wide_on_day_one_and_close_around_what_many_outcomes_say():
    known = Signal(kind=Kind.VACANCY, score=0.7, evidence={"absent_run": 2.0})
    first = fit([]).draws([known], 500, seed=1)
    late = fit(outcomes(400, truth=overconfident)).draws([known], 500, seed=1)
    assert first.shape == (500, 1)
    assert np.median(first) == pytest.approx(0.7, abs=0.1)
    assert np.std(first) > 4 * np.std(late)
    assert np.median(late) == pytest.approx(fit(outcomes(400, truth=overconfident)).probability([known])[0], abs=0.02)


def test_what_no_outcome_was_about_stays_unsure():
    model = fit(outcomes(400, truth=overconfident))
    known, new = Signal(kind=Kind.VACANCY, score=0.7), Signal(kind=Kind.MISUSE, score=0.7)
    drawn = model.draws([known, new], 500, seed=1)
    assert np.std(drawn[:, 1]) > 2 * np.std(drawn[:, 0])


def test_draws_are_the_same_for_the_same_seed_and_none_for_nobody():
    model, signals = fit(outcomes(60, truth=misled)), [lesson.signal for lesson in outcomes(5, truth=misled, seed=2)]
    assert np.array_equal(model.draws(signals, 20, seed=3), model.draws(signals, 20, seed=3))
    assert not np.array_equal(model.draws(signals, 20, seed=3), model.draws(signals, 20, seed=4))
    assert model.draws([], 20, seed=3).shape == (20, 0)


def test_a_model_of_an_earlier_version_is_read_and_is_unsure():
    columns = fit(outcomes(300, truth=misled)).to_columns()
    del columns["covariance"]
    old, signals = Model.from_columns(columns), [Signal(kind=Kind.VACANCY, score=0.7)]
    assert old.probability(signals) == pytest.approx(fit(outcomes(300, truth=misled)).probability(signals))
    assert np.std(old.draws(signals, 200, seed=0)) > 0.1


def test_drift_is_told_where_the_newest_outcomes_differ_by_more_than_chance():
    fair = drift(outcomes(300, truth=lambda score, _: score))
    assert not fair.has_drifted
    assert fair.outcomes == 100
    assert fair.ece < 0.2
    gone = drift(outcomes(300, truth=lambda score, _: score) + outcomes(100, truth=lambda *_: 0.2, seed=5))
    assert gone.has_drifted
    assert drift([]).ece is None
    assert not drift([]).has_drifted
