"""Was somebody there? Day by day, from each channel against the unit's own past, and fused.

Log-odds above zero say yes. Unknown is NaN: a channel that was not heard says nothing. Presence asks whether anybody
was there, not who: strangers live there too.

Rules. Water, from the literature: a day is lived in when its water is over 25 % of the own mean and its hours with
flow over 25 % of theirs; softened here, the even flow of a leak taken off first. Electricity: the same threshold for
use above the day's own standby (least hour × 24), its highest hour and its evening; without hours, standby is what days
without water use; where there is no day with water, the usual is the policy's. So it is without a lease, where the own
past may be an empty home's or a squatter's. Doors: a registered passage says yes; silence says no as far as the
household is usually seen, and a week of it says more than a day. Use that is as even from day to day as no person's is
a machine's, unless a leak drowns what people draw.

Misses: people who use less than a quarter of their usual (illness, savings); a visitor who uses much.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from weakref import WeakKeyDictionary

import numpy as np

from detectors.panel import Bools, Floats, Panel
from detectors.policy import Policy
from detectors.stats import (
    NAN,
    ZERO,
    any_day,
    count,
    fill,
    floats,
    last_true,
    mean,
    quantile,
    ratio,
    spread,
    spread_back,
    trailing_sum,
)
from detectors.tenancy import tenancy

YES = 4.0
"""Most log-odds that a channel gives for presence: hard to fake."""
NO = -3.0
"""Most against it: a meter may stand still, a person may follow another in."""
MACHINE = -1.5
"""What even, machine-like use says."""
CLEAR = 1.0
"""Log-odds beyond which a day is decided."""
SUSTAINED_DAYS, SUSTAINED = 7, 0.25
STEEPNESS = 2.0
PEAKED = 3.0
"""A day whose highest hour is so many times its mean has people in it, if fewer: the rule's share decides. So it does
without hours, where a summer's cooling would be the usual, and a mild autumn nobody's."""
SPREADS_BELOW, LEAST_SPREAD, SPREAD_OF_STEEPNESS = 3.0, 0.25, 0.4
"""Own spreads of lived-in days below which nobody is there; 1 % of lived-in days of households are so."""
SMALLEST_SHARE = 0.02
LEAST_WATER_L = 10.0
LEAST_USUAL_WATER_L = 20.0
LEAST_ELECTRICITY_KWH = 0.3
UNLEASED_STANDBY_KWH = 1.2
"""A day's refrigerator and router, where a unit without a lease tells no hours and no water (judgement)."""
LEAST_LIVED_IN_DAYS = 7
HIGH = 0.9
OF_HIGH_WATER, OF_HIGH_ELECTRICITY = 0.25, 0.5
"""A day over this share of the high days of the tenancy is fit to say what is usual."""
LEAST_DRY_DAYS = 28
"""So many days without people, and hardly any with them, by water: the tenancy has shown no lived-in day."""
LEAST_QUIET_DAYS, LOW, MOST_STANDBY = 3, 0.25, 0.6
"""So many days on which water says that nobody was there show, by their lower quarter, what electricity is standby."""
HOURS_A_DAY = 24.0
EVENING_HOURS = 6.0
EVEN_ONLY_BELOW = 0.6
SEEN_PRIOR_DAYS = 10.0
SILENT_PRIOR = 0.3
SILENT_NEVER_SEEN = 0.5
SILENT_WHEN_EMPTY = 0.97
NAMELESS = 0.5
LIKELY = 0.5
"""Passages at a shared door are an expected number: from here on somebody rather passed than not."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Presence:
    """Daily log-odds of presence, by channel and fused, and what is usual on a lived-in day of the tenancy."""

    water: Floats
    """(U, D)"""
    electricity: Floats
    """(U, D)"""
    door: Floats
    """(U, D)"""
    meters: Floats
    """(U, D) water and electricity together."""
    fused: Floats
    """(U, D) all channels; NaN where none is known."""
    water_share: Floats
    """(U, D) share of the own usual, however clear that is."""
    electricity_share: Floats
    """(U, D) likewise."""
    usual_water_l: Floats
    """(U,) NaN where the tenancy has shown too few lived-in days."""
    usual_electricity_kwh: Floats
    """(U,) whole days, standby included; NaN likewise."""

    @property
    def present(self) -> Bools:
        """(U, D) days on which somebody clearly was there."""
        return self.fused >= CLEAR

    @property
    def absent(self) -> Bools:
        """(U, D) days on which clearly nobody was there, and no meter clearly says otherwise: another may be stuck."""
        drawn = np.fmax(self.water, self.electricity) >= CLEAR
        return np.asarray((self.fused <= -CLEAR) & ~drawn)

    @property
    def known(self) -> Bools:
        """(U, D) days on which any channel was heard."""
        return ~np.isnan(self.fused)

    @property
    def channels_absent(self) -> Floats:
        """(U, D) how many channels say by themselves that nobody was there."""
        channels = (self.water, self.electricity, self.door)
        return floats(np.sum([channel <= -CLEAR for channel in channels], axis=0, dtype=np.float32))


_ANSWERED: WeakKeyDictionary[Panel, dict[Policy, Presence]] = WeakKeyDictionary()
"""Detectors ask one after another about the same panel, which never changes."""


def presence(panel: Panel, policy: Policy) -> Presence:
    """Presence of every unit on every day of the panel."""
    answered = _ANSWERED.setdefault(panel, {})
    if policy not in answered:
        answered[policy] = _presence(panel, policy)
    return answered[policy]


def _presence(panel: Panel, policy: Policy) -> Presence:
    days = tenancy(panel)
    water, water_share, usual_water = _water(panel, policy, days)
    electricity, electricity_share, usual_electricity = _electricity(panel, policy, days, water_share)
    door = _door(panel, days)
    return Presence(
        water=water,
        electricity=electricity,
        door=door,
        meters=_fuse(water, electricity),
        fused=_fuse(water, electricity, door),
        water_share=water_share,
        electricity_share=electricity_share,
        usual_water_l=usual_water,
        usual_electricity_kwh=usual_electricity,
    )


def known_water(panel: Panel, policy: Policy) -> Floats:
    """(U, D) litres a day where the day is known well enough, else NaN."""
    return np.where(panel.water_coverage >= policy.usable_coverage, panel.water_l, NAN)


def known_electricity(panel: Panel, policy: Policy) -> Floats:
    """(U, D) kilowatt-hours a day where the day is known well enough, else NaN."""
    return np.where(panel.electricity_coverage >= policy.usable_coverage, panel.electricity_kwh, NAN)


def _water(panel: Panel, policy: Policy, days: Bools) -> tuple[Floats, Floats, Floats]:
    litres = known_water(panel, policy)
    least = fill(panel.water_min_hour_l, 0.0)
    drawn = np.maximum(litres - least * HOURS_A_DAY, 0)
    lived_in = _lived_in(drawn, days & panel.leased, LEAST_WATER_L, OF_HIGH_WATER)
    usual = _usual(drawn, lived_in, policy.default_water_l)
    hours = ratio(panel.water_active_hours * HOURS_A_DAY, panel.water_hours_known)
    hours = np.where(least >= 1, NAN, hours)  # a leak fills every hour
    usual_hours = _usual(hours, lived_in, policy.default_active_hours)
    by_volume = drawn / np.maximum(usual, LEAST_USUAL_WATER_L)[:, None]
    by_hours = fill(ratio(hours, np.broadcast_to(usual_hours[:, None], hours.shape)), np.inf)
    share = np.minimum(by_volume, by_hours)
    beside_a_leak = np.maximum(litres / np.maximum(usual, LEAST_USUAL_WATER_L)[:, None], 1)
    uneven = spread(litres, policy.evenness_days) * beside_a_leak
    said = _machine(_by_share(share, policy), uneven < policy.even_water, policy.evenness_days)
    return said, share, _shown(litres, lived_in)


def _electricity(panel: Panel, policy: Policy, days: Bools, water_share: Floats) -> tuple[Floats, Floats, Floats]:
    kwh = known_electricity(panel, policy)
    least = _standby(panel, kwh, days, water_share, policy)
    above = np.maximum(kwh - least * HOURS_A_DAY, 0)
    rise = np.maximum(panel.electricity_max_hour_kwh - least, 0)
    evening = np.maximum(panel.electricity_evening_kwh - least * EVENING_HOURS, 0)
    lived_in = (
        _lived_in(above, days & panel.leased, LEAST_ELECTRICITY_KWH, OF_HIGH_ELECTRICITY)
        & ~_dry(water_share, days, policy)[:, None]
    )
    shares = [
        above / _usual(above, lived_in, policy.default_electricity_kwh)[:, None],
        rise / _usual(rise, lived_in, policy.default_peak_kwh)[:, None],
        evening / _usual(evening, lived_in, policy.default_electricity_kwh / 2)[:, None],
    ]
    share = _geometric_mean(shares)
    flat = np.asarray(panel.electricity_max_hour_kwh * HOURS_A_DAY < PEAKED * kwh)
    said = np.where(flat, _by_spread(share, lived_in, policy), _by_share(share, policy))
    even = spread(kwh, policy.evenness_days) < policy.even_electricity
    said = np.where(share < EVEN_ONLY_BELOW, _machine(said, even, policy.evenness_days), said)
    return _sustained(said), share, _shown(kwh, lived_in)


def _dry(water_share: Floats, days: Bools, policy: Policy) -> Bools:
    """(U,) water knows nobody in the whole tenancy: then no day of it can say what a lived-in day's electricity is."""
    quiet, busy = _by_water(water_share, days, policy)
    return np.asarray((count(quiet) >= LEAST_DRY_DAYS) & (count(busy) < LEAST_LIVED_IN_DAYS))


def _by_water(water_share: Floats, days: Bools, policy: Policy) -> tuple[Bools, Bools]:
    """(U, D) days of the tenancy with less than the rule's share of water, and the other ones that are known."""
    return days & (water_share < policy.lived_in_share), days & (water_share >= policy.lived_in_share)


def _standby(panel: Panel, kwh: Floats, days: Bools, water_share: Floats, policy: Policy) -> Floats:
    """(U, D) the least hour of the day; where no hours are known, the mean hour of days on which water says nobody.

    Those have to lie well below the days on which water says somebody: a water meter may stand still.
    """
    quiet, busy = _by_water(water_share, days & ~np.isnan(kwh), policy)
    lowest, usual = quantile(kwh, quiet, LOW), quantile(kwh, busy, 0.5)
    usual = np.where(count(busy) >= LEAST_LIVED_IN_DAYS, usual, np.float32(policy.default_electricity_kwh))
    enough = (count(quiet) >= LEAST_QUIET_DAYS) & (lowest < MOST_STANDBY * usual)
    unknown = np.where(panel.leased[:, -1], ZERO, np.float32(UNLEASED_STANDBY_KWH))
    lowest = np.where(enough, lowest, unknown)
    known = panel.electricity_min_hour_kwh
    return floats(np.where(np.isnan(known), lowest[:, None] / HOURS_A_DAY, known))


def passed(*passages: Floats) -> Bools:
    """(U, D) days on which somebody rather passed than not, by any of these kinds of passages."""
    return np.asarray(np.any([fill(kind, 0.0) >= LIKELY for kind in passages], axis=0))


def _door(panel: Panel, days: Bools) -> Floats:
    """A household that follows others in is silent on many days, so one day says little of it, and a week more."""
    spoke = panel.door_coverage > 0
    seen = spoke & (panel.registered_passages > 0)
    expected = spoke & days & (panel.enrolled_persons > 0)
    until_last_seen = expected & (np.arange(seen.shape[1])[None, :] <= last_true(seen & days)[:, None])
    silent = count(until_last_seen & ~seen) + SILENT_PRIOR * SEEN_PRIOR_DAYS
    habit = silent / (count(until_last_seen) + SEEN_PRIOR_DAYS)
    habit = np.where(any_day(seen & days), habit, SILENT_NEVER_SEEN)
    silence = floats(np.clip(np.log(habit / SILENT_WHEN_EMPTY), NO, 0))
    said = np.where(expected, silence[:, None], NAN)
    others = (panel.unidentified_passages, panel.unnamed_face_passages, panel.visitor_passages, panel.strangers)
    said = np.where(spoke & passed(*others), np.float32(NAMELESS), said)
    said = np.where(seen, np.float32(YES), said)
    return np.where(said < 0, _sustained(said), said)


def _fuse(*channels: Floats) -> Floats:
    known = np.any([~np.isnan(channel) for channel in channels], axis=0)
    total = np.sum([fill(channel, 0.0) for channel in channels], axis=0, dtype=np.float32)
    return floats(np.where(known, total, NAN))


def _lived_in(values: Floats, days: Bools, least: float, of_high: float) -> Bools:
    """Days of the tenancy that are fit to say what is usual, however long the unit has stood empty since."""
    high = quantile(values, days, HIGH)
    return np.asarray(days & (values > np.maximum(fill(high, 0.0) * of_high, least)[:, None]))


def _usual(values: Floats, lived_in: Bools, default: float) -> Floats:
    """(U,) median of lived-in days, or the policy's default where there are too few."""
    middle = quantile(values, lived_in, 0.5)
    enough = (count(lived_in & ~np.isnan(values)) >= LEAST_LIVED_IN_DAYS) & (middle > 0)
    return np.where(enough, middle, np.float32(default))


def _shown(values: Floats, lived_in: Bools) -> Floats:
    """(U,) mean lived-in day, NaN where there are too few."""
    return np.where(count(lived_in) >= LEAST_LIVED_IN_DAYS, mean(values, lived_in), NAN)


def _geometric_mean(shares: list[Floats]) -> Floats:
    """Over those that are known; NaN where the first is not."""
    logs = [np.log(share + SMALLEST_SHARE) for share in shares]
    known = np.sum([~np.isnan(log) for log in logs], axis=0)
    total = np.sum([fill(log, 0.0) for log in logs], axis=0)
    return floats(np.where(np.isnan(shares[0]), NAN, np.exp(total / np.maximum(known, 1))))


def _by_share(share: Floats, policy: Policy) -> Floats:
    """Log-odds of a share of the usual: zero at the rule's share."""
    return floats(np.clip(STEEPNESS * (np.log(share + SMALLEST_SHARE) - math.log(policy.lived_in_share)), NO, YES))


def _by_spread(share: Floats, lived_in: Bools, policy: Policy) -> Floats:
    """Log-odds of a share of the usual: zero so many own spreads below it, at most down to the rule's share.

    A household whose lived-in days are much alike is missed sooner than one whose days differ.
    """
    logs, lowest = np.log(share + SMALLEST_SHARE), math.log(policy.lived_in_share)
    own = _own_spread(logs, lived_in, -lowest / SPREADS_BELOW)[:, None]
    threshold = np.maximum(-SPREADS_BELOW * own, lowest)
    odds = STEEPNESS * (logs - threshold) / np.clip(own / SPREAD_OF_STEEPNESS, 0.5, 1)
    return floats(np.clip(odds, NO, YES))


def _own_spread(logs: Floats, lived_in: Bools, otherwise: float) -> Floats:
    """(U,) standard deviation over lived-in days, at least `LEAST_SPREAD`; `otherwise` where there are too few."""
    days = lived_in & ~np.isnan(logs)
    middle = mean(logs, days)[:, None]
    deviation = np.sqrt(np.maximum(mean((logs - middle) ** 2, days), 0))
    enough = count(days) >= 2 * LEAST_LIVED_IN_DAYS
    return floats(np.where(enough, np.maximum(deviation, LEAST_SPREAD), otherwise))


def _sustained(said: Floats) -> Floats:
    """Days that each say little say much together: in a week that leans towards nobody, unclear days are absent."""
    known = ~np.isnan(said)
    total = trailing_sum(fill(said, 0.0), SUSTAINED_DAYS) / np.maximum(trailing_sum(known, SUSTAINED_DAYS), 1)
    week = spread_back(np.asarray((total <= -SUSTAINED) & known), SUSTAINED_DAYS)
    return np.where(week & (said < CLEAR), np.minimum(said, np.float32(-CLEAR)), said)


def _machine(said: Floats, even: Bools, days: int) -> Floats:
    """Take back what days said whose use, so many days long, is as even as no person's."""
    return np.where(spread_back(even, days), np.minimum(said, np.float32(MACHINE)), said)
