"""Sublet: people other than the household live there.

A sum of capped log-likelihood ratios over the last weeks against the household's own past, or against what is usual
where it may be older than the panel (`case`): the registered fall silent at a door that used to see them
(`silence`); unknown faces come back on distinct days, and in twos; the meters say lived in; habits changed on
lived-in days; water is too much for the registered size (`signals`). Two readings compete: the household is gone
(`whole`, `short_let`, `group`), or still there with others beside it (`room`). The product of the signals is the point:
meters alone only raise the rank, and so does one newcomer beside a household that stays; several who come in twos for
weeks are told. A household without an enrolled face is judged on what is left.

Misses: a tenant who keeps passing the door for show, people who were registered as relatives before the panel began,
homes whose visitors the door does not attribute to a unit, rooms let to one person. A false alarm accuses a household
of a breach of its lease: a new partner or a grandmother who stays while the household travels looks alike, so that the
visit asks before it accuses.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from detectors.facts import finding, suspected, verdict
from detectors.findings import Finding, Kind, Verdict
from detectors.panel import Floats, Panel
from detectors.policy import Policy
from detectors.readiness import Reasons, data_reasons, first_reason, lease_reasons
from detectors.scoring import pressed, prior_log_odds, probability
from detectors.stats import NAN, any_day, count, first_true, floats, last_true
from detectors.sublet.case import Case, likelihood, read_case, since_when
from detectors.sublet.evidence import facts
from detectors.sublet.signals import LEAST_DAYS, Signals, excess_persons, read_signals

WHOLE, ROOM, SHORT_LET, GROUP = "whole", "room", "short_let", "group"
SUREST = 2.6
"""93 %: a family whose grandmother stays while it travels is never quite ruled out."""
UNSUPPORTED = -1.7
"""15 %: one kind of signal alone is a partner, a grandmother or a household that follows others in, far more often."""
GROUP_PERSONS = 3.0
"""Strangers a day beyond what members without a face explain, from which it is a group."""
SHORT_LET_DAYS, SHORT_LET_SHARE = 6, 0.4
"""Days with new strangers, and their share of all days with strangers, from which guests change."""


@dataclass(frozen=True, slots=True)
class SubletDetector:
    """Judges the last day of a panel."""

    policy: Policy = field(default_factory=Policy)
    kind: Kind = Kind.SUBLET

    def __call__(self, panel: Panel, /) -> Verdict:
        """A probability for every unit whose doors spoke; findings where the signals agree."""
        chance, not_ready = self.score(panel)
        alone = suspected(panel, chance)
        told = (_finding(read_case(unit, self.policy), value) for unit, value in alone)
        return verdict(self.kind, chance, told, not_ready, self.policy)

    def score(self, panel: Panel, /) -> tuple[Floats, dict[str, str]]:
        """(U,) probabilities, and the reasons why there are none."""
        case = read_case(panel, self.policy)
        ready, not_ready = first_reason(_reasons(case), panel.unit_ids)
        dated = list(since_when(case))
        told = [_log_odds(one) + np.float32(np.log(likelihood(one, len(dated)))) for one in dated]
        likely = pressed(np.logaddexp.reduce(told), SUREST)
        return probability(np.where(ready, likely, NAN)), not_ready


def _reasons(case: Case) -> Reasons:
    """Doors that spoke enough will do, and so will meters of enough lived-in weeks; reasons are the doors'."""
    heard = np.asarray(case.panel.door_coverage > 0)
    share = count(case.spoke & case.window) / np.maximum(count(case.window), 1)
    doors = [
        *data_reasons(case.panel, heard, "no_door", case.policy),
        ("too_few_days", np.asarray(share < case.policy.sublet_door_share)),
    ]
    measured = case.changed.known & any_day(case.there.known[:, -case.policy.stale_days :])
    return [*lease_reasons(case.panel, case.policy), *((code, held & ~measured) for code, held in doors)]


def _log_odds(case: Case) -> Floats:
    signals = read_signals(case)
    said = floats(prior_log_odds(case.policy) + signals.best)
    return np.where(signals.supported, said, pressed(said, UNSUPPORTED))


def _finding(found: Case, chance: float) -> Finding:
    """Told for the time at which it most likely began."""
    case = max(since_when(found), key=lambda dated: float(_log_odds(dated)[0]))
    signals = read_signals(case)
    subtype = _subtype(case, signals)
    return finding(
        case.panel,
        case.policy,
        kind=Kind.SUBLET,
        subtype=subtype,
        chance=chance,
        since=_since(case, subtype),
        facts=facts(case, signals, beside=subtype == ROOM),
    )


def _subtype(case: Case, signals: Signals) -> str:
    if signals.stays[0]:
        return ROOM
    window = case.window[0]
    fresh = float((case.fresh[0] & window).sum())
    came = float((case.came[0] & window).sum())
    if fresh >= max(SHORT_LET_DAYS, SHORT_LET_SHARE * came):
        return SHORT_LET
    return GROUP if excess_persons(case)[0] >= GROUP_PERSONS else WHOLE


def _since(case: Case, subtype: str) -> int:
    """The day after the household was last seen, or the first day of the window that strangers were known again.

    What began before the panel holds since its first day.
    """
    last_seen = int(last_true(case.seen)[0])
    silent = case.panel.shape[1] - 1 - last_seen
    if not case.ever and subtype != ROOM and last_seen >= 0 and silent >= LEAST_DAYS:
        return last_seen + 1
    returned = case.window if case.ever else case.returned & case.window
    return int(first_true(returned if returned.any() else case.window)[0])
