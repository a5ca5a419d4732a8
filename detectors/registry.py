"""Which detectors run."""

from __future__ import annotations

from detectors.care import CareDetector
from detectors.findings import Explaining
from detectors.leak import LeakDetector
from detectors.misuse import MisuseDetector
from detectors.policy import Policy
from detectors.sublet.detector import SubletDetector
from detectors.vacancy import VacancyDetector


def default_detectors(policy: Policy | None = None) -> tuple[Explaining, ...]:
    """Every detector there is, all under one policy."""
    rules = policy or Policy()
    return (
        VacancyDetector(rules),
        SubletDetector(rules),
        MisuseDetector(rules),
        LeakDetector(rules),
        CareDetector(rules),
    )
