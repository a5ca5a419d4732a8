import sys
from dataclasses import asdict, replace
from datetime import date
from types import SimpleNamespace

import numpy as np
import pytest
from unit.detectors.homes import arrays, home, panel_of

from detectors.evaluation.truth import Truth
from detectors.features import FEATURES
from detectors.findings import Kind
from detectors.panel import Panel
from detectors.registry import default_detectors
from detectors.vacancy import VacancyDetector
from gateway.errors import InputFileError
from gateway.evaluation.bench import OWN, evaluate
from gateway.evaluation.worlds import World

TRUTHS = (
    Truth(unit_id="b", kind="vacancy", start=date(2026, 4, 20)),
    Truth(unit_id="c", kind="leak", start=date(2026, 5, 19)),
    Truth(unit_id="elsewhere", kind="vacancy", start=date(2026, 4, 20)),
)


def world(name="w", truths=TRUTHS, prefix=""):
    street = (home("a"), home("b").away(50), home("c").leak(6, 11), home("d"))
    panel = panel_of(*street)
    return World(name=name, panels=[replace(panel, unit_ids=tuple(prefix + unit for unit in "abcd"))], truths=truths)


def judged(worlds, **more):
    found = evaluate(worlds, default_detectors(), rounds=0, **more)
    return found, {(one.name, one.quality.kind): one.quality for one in found.results}


def test_detectors_first_and_their_peers_beside_them():
    found, by_name = judged([world()])
    own = [one.quality.kind for one in found.results if one.name == OWN]
    assert own == [detector.kind for detector in default_detectors()]
    assert (by_name[OWN, Kind.VACANCY].cases, by_name[OWN, Kind.VACANCY].found) == (1, 1)
    assert (by_name[OWN, Kind.LEAK].cases, by_name[OWN, Kind.LEAK].found) == (1, 1)
    names = {name for name, _ in by_name}
    assert {"rule: dry 14 days", "rule: strangers × silence", "IsolationForest"} <= names
    assert {name for name, _ in judged([world()], with_peers=False)[1]} == {OWN}


def test_the_span_and_each_world_of_several():
    found, _ = judged([world("one"), world("two", prefix="z")], with_peers=False)
    assert (found.span.units, str(found.span.start), str(found.span.end)) == (8, "2026-03-28", "2026-05-29")
    assert [(each.name, each.units, each.looks) for each in found.worlds] == [("one", 4, 63), ("two", 4, 63)]
    vacancy = found.of(Kind.VACANCY)[0]
    assert (vacancy.by_world["one"]["recall"], vacancy.by_world["two"]["recall"]) == (1, None)


def test_truth_never_reaches_a_judge():
    """Whatever the truth says, the detectors are shown the same panels, and nothing but panels."""

    def shown(truths):
        seen = []

        class Spy(VacancyDetector):
            def __call__(self, *given):
                (panel,) = given
                assert type(panel) is Panel
                seen.append({name: values.copy() for name, values in arrays(panel).items()})
                return VacancyDetector.__call__(self, panel)

        found = evaluate([world(truths=truths)], [Spy()], every_days=7, rounds=0)
        own = asdict(next(one for one in found.results if one.name == OWN))
        return seen, own["quality"]["alarms"]

    (one, alarms), (other, others) = shown(TRUTHS), shown([replace(TRUTHS[0], unit_id="a")])
    assert alarms == others
    assert len(one) == len(other) == 9
    for left, right in zip(one, other, strict=True):
        for name, values in left.items():
            np.testing.assert_array_equal(values, right[name], err_msg=name)


def test_a_short_history_is_refused_in_one_line():
    short = World(name="w", panels=[panel_of(home(days=20))], truths=())
    with pytest.raises(InputFileError, match="28 days"):
        judged([short])


def test_ecod_is_judged_where_pyod_is_installed(monkeypatch):
    class ECOD:
        def fit(self, figures):
            assert not np.isnan(figures).any()
            self.decision_scores_ = figures[:, FEATURES.index("dry_days")]
            return self

    monkeypatch.setattr("gateway.evaluation.ecod.find_spec", lambda _: object())
    monkeypatch.setitem(sys.modules, "pyod.models.ecod", SimpleNamespace(ECOD=ECOD))
    outliers = judged([world()])[1]["PyOD ECOD", Kind.VACANCY]
    assert outliers.found == 1
    monkeypatch.setattr("gateway.evaluation.ecod.find_spec", lambda _: None)
    assert "PyOD ECOD" not in {name for name, _ in judged([world()])[1]}
