"""From log-odds to a probability and a level.

Probabilities are first estimates: the prior is the field's, the weights are judgement or taken from lived-in homes.
They are not calibrated until outcomes of visits exist to compare them with.
"""

from __future__ import annotations

import math

import numpy as np

from detectors.findings import Level
from detectors.panel import Bools, Floats
from detectors.policy import Policy
from detectors.stats import floats

MOST_LOG_ODDS = 4.6
"""99 %: nothing that devices say is surer than that."""
JUST_BELOW = 0.1
SUSPECTED_FROM = 0.1
"""Below an alert, a suspicion worth keeping the facts of from here on: twenty times what is usual of homes."""


def prior_log_odds(policy: Policy) -> float:
    """Log-odds before anything is known."""
    return math.log(policy.prior / (1 - policy.prior))


def held_back(log_odds: Floats, complete: Bools, policy: Policy) -> Floats:
    """(U,) the log-odds, pressed below an alert where a rule's conditions are not all met yet; their order stays."""
    alert = math.log(policy.yellow_probability / (1 - policy.yellow_probability))
    return floats(np.where(complete, log_odds, pressed(log_odds, alert - JUST_BELOW)))


def pressed(log_odds: Floats, most: float | Floats) -> Floats:
    """The log-odds, bent so that they come near `most` and never reach it; their order stays."""
    return floats(most - np.log1p(np.exp(np.clip(most - log_odds, -10, 30))))


def probability(log_odds: Floats) -> Floats:
    """(U,) probability of the log-odds, never above 99 %; NaN stays NaN."""
    bounded = np.clip(log_odds, np.float32(-20), np.float32(MOST_LOG_ODDS))
    return floats(1 / (1 + np.exp(-bounded)))


def level(value: float, policy: Policy) -> Level:
    """The level of an alert whose probability is worth one."""
    return Level.RED if value >= policy.red_probability else Level.YELLOW
