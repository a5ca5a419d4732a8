"""Twelve simulated months of visits: do more of the budget's places find something as visits teach?

Each month is a city of its own seed, so that nobody is met twice; its last four weekly lists are visited with a budget
of so many visits per 1,000 units and month, and a model is fitted anew after each list. The months are played in as
many orders as there are cities, each city once in every month of the year, so that a way that learns nothing cannot
rise. The ways on the same months, each learning from its own visits only:

    frozen    the detectors' own probabilities, for ever
    filled    frozen, and free places are filled with suspicions below the line as long as a visit pays (17 %)
    greedy    learns and raises suspicions as the gateway does, without exploring and without weighing for how homes
              were chosen
    ranked    learns and explores, and raises nothing: outcomes only sort the alerts
    feedback  as the gateway does it: a share of the visits explores, outcomes weighed by the chance of being chosen,
              and suspicions below the line join the list where outcomes raise them

What is given is the budget, so the measure of a way of using it is *found per place*: visits that found something, by
all places of the budget, those left free included. It would reward knocking everywhere; so beside it stand *found per
visit*, of the visits made, which says how many doors opened to honest tenants, and *worth per place*, which takes 0.2
off for each visit in vain, as the plan does (`gateway.visits.plan`).

Simulated homes are easier than real ones: what counts is the difference between the ways, not the height. Differences
come with 90 % intervals (the cities drawn again with replacement; what was learnt from them is not learnt anew). Also
told: the expected calibration error after so many outcomes, over all suspicions of the lists that came later, visited
or not, and over those that are alerts.

    python benchmarks/feedback.py [--units 5000] [--months 12] [--budget 5] [--misuse-rate 0.005] [--keep DIR]
"""

from __future__ import annotations

import argparse
import sys
from collections import defaultdict
from dataclasses import dataclass, field, replace
from datetime import date
from functools import partial
from itertools import product
from pathlib import Path

import numpy as np

from detectors.evaluation.calibration import expected_error
from detectors.evaluation.truth import holding
from detectors.findings import TAUGHT
from detectors.learning import Lesson, Model, Signal, fit
from detectors.policy import Policy
from detectors.ranking import Option, choose, expected_value
from detectors.registry import default_detectors
from detectors.taught import signal_of
from gateway.evaluation.worlds import Simulation, simulated_worlds
from gateway.visits.plan import DEFAULT_POLICY, DRAWS

DAYS, WEEKS, ROUNDS = 75, 4, 1000
QUARTERS = 4
LINE = Policy().yellow_probability
MEASURES = "found per place", "found per visit", "worth per place"
DIFFERENCES = (
    ("feedback", "frozen"),
    ("feedback", "greedy"),
    ("feedback", "filled"),
    ("greedy", "frozen"),
    ("ranked", "frozen"),
)


@dataclass(frozen=True, slots=True)
class Suspicion:
    """One kind of a unit on one list: what was known, whether it is an alert, and whether it is so."""

    unit_id: str
    signal: Signal
    is_alert: bool
    so: bool


@dataclass(frozen=True, slots=True)
class Visit:
    """In which month of a way and in which city it was made, whether something was found, and why it was made."""

    month: int
    city: int
    hit: bool
    why: str
    """`alert`, `raised` (by outcomes), `below` (the line, because a visit pays) or `explores`."""


@dataclass
class Way:
    """A way of choosing, with what it has learnt; `seed` draws its visits that explore."""

    name: str
    learns: bool = False
    raises: bool = False
    fills: bool = False
    explore_share: float = 0.0
    seed: int = 0
    model: Model = field(default_factory=Model)
    lessons: list[Lesson] = field(default_factory=list)
    played: list[tuple[int, int]] = field(default_factory=list)
    """Months, and the city of each."""
    visits: list[Visit] = field(default_factory=list)
    told: list[tuple[int, float, Suspicion]] = field(default_factory=list)
    """Outcomes known and probability of every suspicion of every list, visited or not."""

    def month(self, number, city, lists, places):
        """Visit a city's lists, and learn after each."""
        self.played.append((number, city))
        resting = set()
        for week, suspicions in enumerate(lists):
            self._visit(number, city, suspicions, places[week], resting)
            if self.learns:
                known = [lesson if self.explore_share else replace(lesson, chance=1.0) for lesson in self.lessons]
                self.model = fit(known)

    def _visit(self, month, city, suspicions, places, resting):
        candidates = self._candidates(suspicions, resting)
        seed = self.seed * 10_000 + len(self.told)
        drawn = iter(self.model.draws([one.signal for its in candidates.values() for one in its], DRAWS, seed).T)
        options = [_option(unit, its, [next(drawn) for _ in its]) for unit, its in candidates.items()]
        options.sort(key=lambda one: -one.value)
        for choice in choose(options, places=places, explore_share=self.explore_share, seed=seed):
            resting.add(choice.unit_id)
            its = candidates[choice.unit_id]
            why = "explores" if choice.explores else min(one.why for one in its if one.is_listed)
            self.visits.append(Visit(month, city, any(one.so for one in its), why))
            self.lessons += [_lesson(city, one, choice.chance) for one in its]

    def _candidates(self, suspicions, resting):
        """By unit what is known of it, where a visit may be made."""
        signals = [one.signal for one in suspicions]
        said = self.model.probability(signals).tolist()
        self.told += [(len(self.lessons), p, one) for p, one in zip(said, suspicions, strict=True)]
        candidates = defaultdict(list)
        for one, p in zip(suspicions, said, strict=True):
            if one.unit_id not in resting and (one.is_alert or p >= DEFAULT_POLICY.explore_from):
                raised = self.raises and p >= LINE
                why = "alert" if one.is_alert else "raised" if raised else "below" if self.fills else "by lot"
                candidates[one.unit_id].append(Candidate(one.unit_id, one.signal, p, why, one.so))
        return candidates


@dataclass(frozen=True, slots=True)
class Candidate:
    """A suspicion on a list of a way: what is said of it, and why it may be visited."""

    unit_id: str
    signal: Signal
    said: float
    why: str
    so: bool

    @property
    def is_listed(self):
        """Whether it may be visited for what it is worth, not by lot only."""
        return self.why != "by lot"


def _lesson(city, one, chance):
    return Lesson(unit_id=f"{city}/{one.unit_id}", signal=one.signal, found=one.so, chance=chance, said=one.said)


def _option(unit_id, its, draws):
    """As `gateway.visits.plan` sees a unit: what is on the list, or what lies below the line where nothing is."""
    listed = any(one.is_listed for one in its)
    some = [(one, drawn) for one, drawn in zip(its, draws, strict=True) if one.is_listed == listed]
    benefits = [DEFAULT_POLICY.worth[one.signal.kind] for one, _ in some]
    cost = DEFAULT_POLICY.wrong_visit_cost
    return Option(
        unit_id=unit_id,
        value=float(expected_value(benefits, np.array([[one.said] for one, _ in some]), cost)[0]),
        draws=expected_value(benefits, np.stack([drawn for _, drawn in some]), cost),
        by_lot_only=not listed,
    )


def lists_of(world):
    """The month's weekly lists: every alert, and every suspicion below the line."""
    weeks = [[] for _ in range(WEEKS)]
    for panel, week in product(world.panels, range(WEEKS)):
        seen = panel.until(panel.days[len(panel.days) - 1 - 7 * (WEEKS - 1 - week)])
        for detector in default_detectors():
            if detector.kind in TAUGHT:
                weeks[week] += _suspicions(detector(seen), seen, world.truths)
    return weeks


def _less_doubtful(one, doubt):
    """As other detectors would tell it whose alerts are surer, so that the list teaches less about what lies below."""
    if not one.is_alert:
        return one
    return replace(one, signal=replace(one.signal, score=1 - doubt * (1 - one.signal.score)))


def _suspicions(verdict, panel, truths):
    about = [truth for truth in truths if truth.kind == verdict.kind]
    so = dict(zip(panel.unit_ids, holding(about, panel.unit_ids, panel.days[-1:])[:, 0].tolist(), strict=True))
    return [
        Suspicion(one.unit_id, signal_of(one), is_alert=is_alert, so=so[one.unit_id])
        for is_alert, some in ((True, verdict.findings), (False, verdict.suspicions))
        for one in some
    ]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--units", type=int, default=5000)
    parser.add_argument("--months", type=int, default=12)
    parser.add_argument("--cities", type=int, help="draw each order's months from so many; else as many as months")
    parser.add_argument("--budget", type=float, default=5.0, help="visits per 1,000 units and month")
    parser.add_argument("--misuse-rate", type=float, default=0.005)
    parser.add_argument(
        "--doubt", type=float, default=1.0, help="leave so much of the doubt about alerts (other detectors)"
    )
    parser.add_argument("--orders", type=int, help="orders of the months that are played; else as many as cities")
    parser.add_argument("--first-seed", type=int, default=101)
    parser.add_argument("--keep", type=Path, help="keep simulated worlds there for the next time")
    args = parser.parse_args()
    wish = Simulation(
        seeds=range(args.first_seed, args.first_seed + (args.cities or args.months)),
        units=args.units,
        days=DAYS,
        end=date(2026, 6, 30),
        misuse_rate=args.misuse_rate,
        keep=args.keep,
    )
    monthly = args.budget * args.units / 1000
    places = np.diff(np.ceil(np.linspace(0, monthly, WEEKS + 1)).astype(int)).tolist()
    print(f"{args.months} months, {args.units:,} units each, misuse {args.misuse_rate:.1%}, lists of {places}")
    cities = []
    for world in simulated_worlds(wish):
        cities.append([[_less_doubtful(one, args.doubt) for one in week] for week in lists_of(world)])
        alerts = {one.unit_id: one.so for week in cities[-1] for one in week if one.is_alert}
        print(f"{world.name}: {len(alerts)} units with alerts, {sum(alerts.values())} rightly", flush=True)
    orders = args.orders or len(cities)
    ways = [way for order in range(orders) for way in _year(cities, places, order, args.months)]
    _report(ways, args.months, sum(places), len(cities))


def _year(cities, places, order, months):
    """The ways through so many of the cities, one a month; `order` turns a drawn order by one month more."""
    share = DEFAULT_POLICY.explore_share
    ways = [
        Way("frozen", seed=order),
        Way("filled", fills=True, seed=order),
        Way("greedy", learns=True, raises=True, seed=order),
        Way("ranked", learns=True, explore_share=share, seed=order),
        Way("feedback", learns=True, raises=True, explore_share=share, seed=order),
    ]
    turns, turn = divmod(order, len(cities))
    drawn = np.random.default_rng(turns).permutation(len(cities))
    for month, at in enumerate(np.roll(drawn, turn).tolist()[:months], start=1):
        for way in ways:
            way.month(month, at, cities[at], places)
    return ways


@dataclass(frozen=True)
class Tally:
    """(C, Q) places, visits and finds of a way, by city and quarter of the year."""

    places: np.ndarray
    made: np.ndarray
    found: np.ndarray

    def rate(self, measure, times, quarters=slice(None)):
        """(R,) of one measure with each of the cities counted so many times: `times` is (R, C)."""
        places, made, found = (
            times @ one[:, quarters].sum(axis=1) for one in (self.places, self.made, self.found)
        )  # fmt: skip
        worth = found - DEFAULT_POLICY.wrong_visit_cost * (made - found)
        return dict(zip(MEASURES, (found / places, found / made, worth / places), strict=True))[measure]


def _tally(ways, months, monthly, cities):
    shape = cities, QUARTERS
    made, found, places = (np.zeros(shape) for _ in range(3))
    for way in ways:
        for month, city in way.played:
            places[city, (month - 1) * QUARTERS // months] += monthly
        for visit in way.visits:
            at = visit.city, (visit.month - 1) * QUARTERS // months
            made[at] += 1
            found[at] += visit.hit
    return Tally(places, made, found)


def _report(ways, months, monthly, cities):
    by_name = defaultdict(list)
    for way in ways:
        by_name[way.name].append(way)
    tallies = {name: _tally(its, months, monthly, cities) for name, its in by_name.items()}
    for measure in MEASURES:
        _tell_rates(measure, tallies, cities)
    for name, its in by_name.items():
        _tell_visits(name, its, tallies[name])
    for name, its in by_name.items():
        _tell_errors(name, [told for way in its for told in way.told])


def _tell_rates(measure, tallies, cities):
    print(f"\n{measure}, by quarter")
    once = np.ones((1, cities))
    for name, tally in tallies.items():
        rates = [tally.rate(measure, once, [quarter])[0] for quarter in range(QUARTERS)]
        print(f"{name:10}" + "".join(f"{rate:8.3f}" for rate in rates) + f"   year {tally.rate(measure, once)[0]:.3f}")
    for one, other in DIFFERENCES:
        print(f"  {one} - {other}: {_between(partial(_gap, measure, tallies[one], tallies[other]), cities)}")
    ours, theirs = tallies["feedback"], tallies["frozen"]
    print(f"  rise of feedback, last quarter - first: {_between(partial(_rise, measure, ours), cities)}")
    print(f"  that - the rise of frozen: {_between(partial(_rise_beyond, measure, ours, theirs), cities)}")


def _gap(measure, ours, theirs, times):
    return ours.rate(measure, times) - theirs.rate(measure, times)


def _rise(measure, tally, times):
    return tally.rate(measure, times, [-1]) - tally.rate(measure, times, [0])


def _rise_beyond(measure, ours, theirs, times):
    return _rise(measure, ours, times) - _rise(measure, theirs, times)


def _between(figure, cities):
    """A figure over all cities, with a 90 % interval (the cities drawn again with replacement)."""
    drawn = np.random.default_rng(0).multinomial(cities, np.full(cities, 1 / cities), size=ROUNDS)
    low, high = np.quantile(figure(drawn), (0.05, 0.95))
    return f"{figure(np.ones((1, cities)))[0]:+.3f} ({low:+.3f} to {high:+.3f})"


def _tell_visits(name, ways, tally):
    """A year's visits, and what each sort of them found."""
    years = len(ways)
    visits = [visit for way in ways for visit in way.visits]
    made, found = tally.made.sum() / years, tally.found.sum() / years
    sorts = defaultdict(list)
    for visit in visits:
        sorts[visit.why].append(visit.hit)
    told = "; ".join(f"{why} {sum(hits) / years:.1f} of {len(hits) / years:.1f}" for why, hits in sorted(sorts.items()))
    print(f"{name:10}a year: {found:.1f} found, {made - found:.1f} in vain ({told})")


def _tell_errors(name, told):
    for least in (0, 100, 250, 500):
        since = [(p, one) for outcomes, p, one in told if outcomes >= least]
        for what, some in (("suspicions", since), ("alerts", [(p, one) for p, one in since if one.is_alert])):
            if some:
                said, so = np.array([p for p, _ in some]), np.array([one.so for _, one in some], bool)
                error = expected_error(said, so, np.ones(len(said)))
                print(f"{name:10}ECE of all {what} after {least} outcomes: {error:.3f} ({len(said):,})")


if __name__ == "__main__":
    sys.exit(main())
