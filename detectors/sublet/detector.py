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
from itertools import islice

import numpy as np

from detectors.facts import finding
from detectors.findings import Finding, Kind
from detectors.judge import Judge
from detectors.panel import Floats, Panel
from detectors.policy import Policy
from detectors.readiness import Reasons, data_reasons, lease_reasons
from detectors.scoring import pressed, prior_log_odds
from detectors.stats import any_day, count, first_true, floats, last_true
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
class _Weighed:
    """A case and what it says for each time at which it may have begun."""

    case: Case
    by_time: Floats
    """(U, S) log-odds."""

    @property
    def reasons(self) -> Reasons:
        """Doors that spoke enough will do, and so will meters of enough lived-in weeks; reasons are the doors'."""
        case = self.case
        heard = np.asarray(case.panel.door_coverage > 0)
        share = count(case.spoke & case.window) / np.maximum(count(case.window), 1)
        doors = [
            *data_reasons(case.panel, heard, "no_door", case.policy),
            ("too_few_days", np.asarray(share < case.policy.sublet_door_share)),
        ]
        measured = case.changed.known & any_day(case.there.known[:, -case.policy.stale_days :])
        return [(code, held & ~measured) for code, held in doors]

    @property
    def judged(self) -> Floats:
        """(U,) at any of these times."""
        dated = list(since_when(self.case))
        how_likely = floats([np.log(likelihood(one, len(dated))) for one in dated])
        return pressed(np.logaddexp.reduce(self.by_time + how_likely, axis=1), SUREST)

    @property
    def likeliest(self) -> Case:
        """The only unit's case for the time at which it most likely began."""
        return next(islice(since_when(self.case), int(np.argmax(self.by_time[0])), None))


@dataclass(frozen=True, slots=True)
class SubletDetector(Judge[_Weighed]):
    """Judges the last day of a panel."""

    policy: Policy = field(default_factory=Policy)
    kind: Kind = Kind.SUBLET

    def _beside(self, panel: Panel) -> Reasons:
        return lease_reasons(panel, self.policy)

    def _read(self, panel: Panel) -> _Weighed:
        case = read_case(panel, self.policy)
        return _Weighed(case, np.stack([_log_odds(one) for one in since_when(case)], axis=1))

    def _tell(self, case: _Weighed, chance: float) -> Finding:
        dated = case.likeliest
        signals = read_signals(dated)
        subtype = _subtype(dated, signals)
        return finding(
            dated.panel,
            self.policy,
            kind=self.kind,
            subtype=subtype,
            chance=chance,
            since=_since(dated, subtype),
            facts=facts(dated, signals, beside=subtype == ROOM),
        )


def _log_odds(case: Case) -> Floats:
    signals = read_signals(case)
    said = floats(prior_log_odds(case.policy) + signals.best)
    return np.where(signals.supported, said, pressed(said, UNSUPPORTED))


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
