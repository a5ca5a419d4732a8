"""What outcomes make of a verdict: corrected probabilities, and suspicions that they raise or drop."""

import numpy as np
import pytest
from unit.detectors.homes import home, panel_of
from unit.detectors.test_learning import outcomes

from detectors.findings import Kind, Level
from detectors.learning import Model, fit
from detectors.policy import Policy
from detectors.taught import RAISED, signal_of, taught, weights_of
from detectors.vacancy import VacancyDetector


def test_nothing_learnt_leaves_the_verdict_alone():
    panel = panel_of(home("a"), home("b").away(50))
    verdict = VacancyDetector()(panel)
    assert taught(Model(), verdict, panel.unit_ids, Policy()) is verdict


def test_what_is_taught_reaches_every_unit_and_its_finding():
    panel = panel_of(home("lived in"), home("empty").away(50), home("silent").without("water", "electricity", "door"))
    own = VacancyDetector()(panel)
    model = fit(outcomes(300, truth=lambda *_: 0.05))
    verdict = taught(model, own, panel.unit_ids, Policy())
    assert np.isnan(verdict.probability[2])
    (finding,) = verdict.findings
    assert finding.probability < 0.5 < own.findings[0].probability
    assert finding.level is Level.YELLOW
    assert finding.evidence == own.findings[0].evidence
    assert verdict.probability[1] == np.float32(finding.probability)
    assert verdict.probability.dtype == np.float32
    assert (verdict.not_ready, own.probability[0] != verdict.probability[0]) == (own.not_ready, True)


def below_the_line():
    """A home that stands empty for not quite long enough, and what the detector says of it."""
    panel = panel_of(home("lived in"), home("away").away(32))
    verdict = VacancyDetector()(panel)
    assert (verdict.findings, [one.unit_id for one in verdict.suspicions]) == ((), ["away"])
    return panel, verdict


def test_a_suspicion_that_outcomes_raise_to_the_line_becomes_a_finding_and_says_so():
    panel, own = below_the_line()
    verdict = taught(fit(outcomes(300, truth=lambda *_: 0.98)), own, panel.unit_ids, Policy(red_probability=0.6))
    (finding,), (suspicion,) = verdict.findings, own.suspicions
    assert verdict.suspicions == ()
    assert finding.probability > 0.6 > suspicion.probability
    assert finding.level is Level.YELLOW
    *facts, said = finding.evidence
    assert tuple(facts) == suspicion.evidence
    assert (said.code, said.unit) == (RAISED, "%")
    assert (said.value, said.baseline) == (100 * finding.probability, 100 * suspicion.probability)
    assert weights_of(finding.evidence) == weights_of(suspicion.evidence)
    assert verdict.probability[1] == np.float32(finding.probability)


@pytest.mark.parametrize("truth", [0.02, 0.4])
def test_a_suspicion_falls_out_again_where_outcomes_say_otherwise(truth):
    panel, own = below_the_line()
    verdict = taught(fit(outcomes(300, truth=lambda *_: truth)), own, panel.unit_ids, Policy())
    assert verdict.findings == ()
    (suspicion,) = verdict.suspicions
    assert suspicion.evidence == own.suspicions[0].evidence


def test_a_home_where_a_visit_found_nothing_lately_is_spared():
    panel, own = below_the_line()
    model = fit(outcomes(300, truth=lambda *_: 0.98))
    assert not taught(model, own, panel.unit_ids, Policy(), spared={"away"}).findings
    assert taught(model, own, panel.unit_ids, Policy(), spared={"lived in"}).findings


def test_a_finding_tells_its_evidence_by_code():
    (finding,) = VacancyDetector()(panel_of(home("b").away(50))).findings
    signal = signal_of(finding)
    assert signal.evidence["absent_run"] == pytest.approx(sum(
        one.weight for one in finding.evidence if one.code == "absent_run"
    ))  # fmt: skip
    assert (signal.kind, signal.score) == (Kind.VACANCY, finding.probability)
