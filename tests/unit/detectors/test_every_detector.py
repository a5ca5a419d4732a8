"""What holds for every detector there is. A new one is found here by its name, without being listed."""

import pickle
from dataclasses import replace
from datetime import date
from importlib import import_module
from itertools import combinations
from pkgutil import walk_packages

import numpy as np
import pytest
from unit.detectors.homes import CHANNELS, arrays, home, nothing_known, panel_of

import detectors
from detectors.codes import EVIDENCE_CODES, NOT_READY_CODES
from detectors.findings import Kind, Level
from detectors.policy import Policy
from detectors.registry import default_detectors


def discovered(ending):
    names = [one.name for one in walk_packages(detectors.__path__, "detectors.")]
    modules = [import_module(name) for name in names if not name.startswith("detectors.evaluation")]
    found = {
        value
        for module in modules
        for name, value in vars(module).items()
        if name.endswith(ending) and isinstance(value, type) and value.__module__ == module.__name__
    }
    return sorted((one for one in found if callable(one) and "kind" in one.__slots__), key=str)


DETECTORS = discovered("Detector")
EVERY = DETECTORS + discovered("Rule")
SUBSETS = [kept for number in (1, 2, 3) for kept in combinations(CHANNELS, number)]


def street(days=90):
    """One of everything that a detector looks for, and honest homes between."""
    return panel_of(
        home("lived-in", days=days),
        home("vacant", days=days).away(50),
        home("leaky", days=days).leak(6, 10),
        home("sublet", days=days).unseen(20).strangers(range(days - 20, days, 2)),
        home("squatted", days=days).unleased(40),
        home("new", days=days).moved_in(10),
        home("elder", size=1, days=days).about(lone_elder=True).away(10),
        home("faceless", days=days).faceless().strangers(range(days)),
        home("dry and leaky", days=days).away(50).leak(3, 25),
        home("silent elder", size=1, days=days).about(lone_elder=True).without("electricity", "door").away(2),
        home("unlisted", days=days).unleased(days).about(tenure_leased=False),
    )


@pytest.fixture(params=EVERY, ids=lambda one: one.__name__)
def detector(request):
    return request.param()


def by_unit(verdict):
    return {one.unit_id: one for one in verdict.findings}


def check_verdict(panel, verdict):
    known = ~np.isnan(verdict.probability)
    assert verdict.probability.shape == (len(panel.unit_ids),)
    assert verdict.probability.dtype == np.float32
    assert ((verdict.probability[known] >= 0) & (verdict.probability[known] <= 1)).all()
    assert {unit for unit, ready in zip(panel.unit_ids, known, strict=True) if not ready} == set(verdict.not_ready)
    assert set(verdict.not_ready.values()) <= set(NOT_READY_CODES)
    for finding in (*verdict.findings, *verdict.suspicions):
        check_finding(panel, verdict, finding)
    assert all(finding.probability < Policy().yellow_probability for finding in verdict.suspicions)


def check_finding(panel, verdict, finding):
    first, last = (date.fromisoformat(str(day)) for day in (panel.days[0], panel.as_of))
    assert finding.kind is verdict.kind
    assert finding.probability == verdict.probability[panel.unit_ids.index(finding.unit_id)]
    assert first <= finding.since <= last
    assert len(finding.evidence) >= 2
    assert {one.code for one in finding.evidence} <= set(EVIDENCE_CODES)
    weights = [one.weight for one in finding.evidence]
    assert weights == sorted(weights, reverse=True)
    for one in finding.evidence:
        assert first <= one.start <= one.end <= last
        assert np.isfinite([one.value, one.weight, one.value if one.baseline is None else one.baseline]).all()
        assert one.unit


def test_discovery_finds_them_and_the_registry_runs_every_detector_once():
    assert len(EVERY) >= 6
    assert sorted((type(one) for one in default_detectors()), key=str) == DETECTORS


def test_the_registry_binds_one_policy_to_all():
    policy = Policy(yellow_probability=0.7)
    assert {one.policy for one in default_detectors(policy)} == {policy}


def test_a_street_with_everything_in_it(detector):
    panel = street()
    verdict = detector(panel)
    check_verdict(panel, verdict)
    assert verdict.findings
    assert "lived-in" not in by_unit(verdict)


def test_what_each_detector_finds_in_the_street():
    found = {one().kind: set(by_unit(one()(street()))) for one in DETECTORS}
    assert found == {
        Kind.VACANCY: {"vacant", "dry and leaky"},
        Kind.SUBLET: {"sublet"},
        Kind.MISUSE: {"squatted", "unlisted"},
        Kind.LEAK: {"leaky", "dry and leaky"},
        Kind.CARE: {"elder", "silent elder"},
    }


def test_an_alert_is_a_probability_above_the_line_and_the_other_way_round(detector):
    panel = street()
    verdict = detector(panel)
    above = {
        unit
        for unit, value in zip(panel.unit_ids, verdict.probability, strict=True)
        if value >= Policy().yellow_probability
    }
    assert above == set(by_unit(verdict))


def test_red_is_for_the_surest(detector):
    for finding in detector(street()).findings:
        if finding.kind is not Kind.LEAK:  # a leak is urgent by its flow
            assert (finding.level is Level.RED) == (finding.probability >= Policy().red_probability)


def test_inputs_are_left_alone(detector):
    panel = street()
    before = {name: values.copy() for name, values in arrays(panel).items()}
    for values in arrays(panel).values():
        values.flags.writeable = False
    detector(panel)
    for name, values in arrays(panel).items():
        np.testing.assert_array_equal(values, before[name], err_msg=name)


def test_the_same_panel_gives_the_same_verdict(detector):
    one, two = detector(street()), detector(street())
    np.testing.assert_array_equal(one.probability, two.probability)
    assert (one.findings, one.not_ready) == (two.findings, two.not_ready)


def test_the_order_of_units_does_not_matter(detector):
    panel = street()
    order = np.random.default_rng(3).permutation(len(panel.unit_ids))
    straight, shuffled = detector(panel), detector(panel.take(order))
    np.testing.assert_array_equal(shuffled.probability, straight.probability[order])
    assert by_unit(shuffled) == by_unit(straight)
    assert shuffled.not_ready == straight.not_ready


def test_a_unit_alone_is_judged_as_in_company(detector):
    panel = street()
    together = detector(panel)
    for row, unit in enumerate(panel.unit_ids):
        alone = detector(panel.take(np.array([row])))
        np.testing.assert_array_equal(alone.probability, together.probability[row : row + 1])
        assert by_unit(alone).get(unit) == by_unit(together).get(unit)


@pytest.mark.parametrize("kept", SUBSETS, ids="+".join)
def test_any_subset_of_channels_will_do(detector, kept):
    missing = [name for name in CHANNELS if name not in kept]
    homes = [home("lived-in"), home("vacant").away(50), home("sublet").unseen(20).strangers(range(70, 90))]
    panel = panel_of(*[one.without(*missing) for one in homes])
    check_verdict(panel, detector(panel))


def test_nothing_known_is_never_a_suspicion(detector):
    panel = nothing_known(street())
    verdict = detector(panel)
    check_verdict(panel, verdict)
    assert np.isnan(verdict.probability).all()
    assert verdict.findings == ()


def test_no_units_no_verdict(detector):
    verdict = detector(street().take(np.array([], dtype=int)))
    assert verdict.probability.shape == (0,)
    assert verdict.findings == ()


@pytest.mark.parametrize("length", [1, 2, 6, 15])
def test_a_short_past_is_not_ready_or_calm(detector, length):
    panel = street()
    panel = panel.until(panel.days[length - 1])
    check_verdict(panel, detector(panel))


@pytest.mark.parametrize("seed", range(4))
def test_any_nonsense_in_any_gap_is_survived(detector, seed):
    """Figures of any size, days missing at random, channels out of step: no warning, no guess out of bounds."""
    random = np.random.default_rng(seed)
    panel = street()
    broken = {}
    for name, values in arrays(panel).items():
        if values.dtype == np.float32 and values.ndim == 2 and not name.endswith(("coverage", "hours_known")):
            wild = values * random.choice([0, 1, 1, 1e4], values.shape)
            broken[name] = np.where(random.random(values.shape) < 0.3, np.nan, wild).astype(np.float32)
    panel = replace(panel, **broken)
    check_verdict(panel, detector(panel))


def test_a_detector_travels_to_another_process(detector):
    panel = street()
    copy = pickle.loads(pickle.dumps(detector))
    np.testing.assert_array_equal(copy(panel).probability, detector(panel).probability)
