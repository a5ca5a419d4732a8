"""Twelve simulated months of visits: does the hit rate rise with what the visits teach?

Each month is a city of its own seed, so that nobody is met twice; its last four weekly lists are visited with a budget
of so many visits per 1,000 units and month, and a model is fitted anew after each list. The months are played in
several orders, since one is mostly chance. Three ways on the same months, each learning from its own visits only:

    frozen    the detectors' own probabilities, for ever
    greedy    learns, without exploring and without weighing for how homes were chosen
    feedback  as the gateway does it: a share of the visits explores, outcomes weighed by the chance of being chosen

Simulated homes are easier than real ones: what counts is the difference between the three, not the height. Differences
come with 90 % intervals (the cities drawn again with replacement). Also told: the expected calibration error after so
many outcomes, over all suspicions of the lists that came later, visited or not, and over those that are alerts.

    python benchmarks/feedback.py [--units 5000] [--months 12] [--budget 5] [--misuse-rate 0.005] [--keep DIR]
"""

from __future__ import annotations

import argparse
import sys
from collections import defaultdict
from dataclasses import dataclass, field, replace
from datetime import date
from itertools import product
from pathlib import Path

import numpy as np

from detectors.evaluation.calibration import expected_error
from detectors.evaluation.truth import holding
from detectors.learning import TAUGHT, Lesson, Model, Signal, fit, signal_of
from detectors.ranking import Option, choose, expected_value
from detectors.registry import default_detectors
from gateway.evaluation.worlds import Simulation, simulated_worlds
from gateway.visits.plan import DEFAULT_POLICY, DRAWS

DAYS, WEEKS, ROUNDS = 75, 4, 1000


@dataclass(frozen=True, slots=True)
class Suspicion:
    """One kind of a unit on one list: what was known, whether it is an alert, and whether it is so."""

    unit_id: str
    signal: Signal
    is_alert: bool
    so: bool


@dataclass(frozen=True, slots=True)
class Visit:
    """In which month of a way and in which city it was made, whether something was found, whether it explored."""

    month: int
    city: int
    hit: bool
    explores: bool


@dataclass
class Way:
    """A way of choosing, with what it has learnt; `seed` draws its visits that explore."""

    name: str
    learns: bool = False
    explore_share: float = 0.0
    seed: int = 0
    model: Model = field(default_factory=Model)
    lessons: list[Lesson] = field(default_factory=list)
    visits: list[Visit] = field(default_factory=list)
    told: list[tuple[int, float, Suspicion]] = field(default_factory=list)
    """Outcomes known and probability of every suspicion of every list, visited or not."""

    def month(self, number, city, lists, places):
        """Visit a city's lists, and learn after each."""
        resting = set()
        for week, suspicions in enumerate(lists):
            self._visit(number, city, suspicions, places[week], resting)
            if self.learns:
                known = [lesson if self.explore_share else replace(lesson, chance=1.0) for lesson in self.lessons]
                self.model = fit(known)

    def _visit(self, month, city, suspicions, places, resting):
        signals = [one.signal for one in suspicions]
        said = self.model.probability(signals).tolist()
        self.told += [(len(self.lessons), p, one) for p, one in zip(said, suspicions, strict=True)]
        seed = self.seed * 10_000 + len(self.told)
        drawn = self.model.draws(signals, DRAWS, seed).T
        by_unit = defaultdict(list)
        for one, p, draws in zip(suspicions, said, drawn, strict=True):
            if one.unit_id not in resting and (one.is_alert or p >= DEFAULT_POLICY.explore_from):
                by_unit[one.unit_id].append((one, p, draws))
        options = sorted((_option(unit, its) for unit, its in by_unit.items()), key=lambda one: -one.value)
        for choice in choose(options, places=places, explore_share=self.explore_share, seed=seed):
            resting.add(choice.unit_id)
            its = by_unit[choice.unit_id]
            self.visits.append(Visit(month, city, any(one.so for one, _, _ in its), choice.explores))
            self.lessons += [_lesson(city, one, choice.chance, p) for one, p, _ in its]


def _lesson(city, one, chance, said):
    return Lesson(unit_id=f"{city}/{one.unit_id}", signal=one.signal, found=one.so, chance=chance, said=said)


def _option(unit_id, its):
    """As `gateway.visits.plan` sees a unit: its alerts, or what lies below the line where it has none."""
    alerts = [each for each in its if each[0].is_alert]
    benefits = [DEFAULT_POLICY.worth[one.signal.kind] for one, _, _ in alerts or its]
    said, draws = np.array([[p] for _, p, _ in alerts or its]), np.stack([draws for _, _, draws in alerts or its])
    cost = DEFAULT_POLICY.wrong_visit_cost
    return Option(
        unit_id=unit_id,
        value=float(expected_value(benefits, said, cost)[0]),
        draws=expected_value(benefits, draws, cost),
        by_lot_only=not alerts,
    )


def lists_of(world):
    """The month's weekly lists: every alert, and every unit just below the line."""
    weeks = [[] for _ in range(WEEKS)]
    for panel, week in product(world.panels, range(WEEKS)):
        seen = panel.until(panel.days[len(panel.days) - 1 - 7 * (WEEKS - 1 - week)])
        for detector in default_detectors():
            if detector.kind in TAUGHT:
                weeks[week] += _suspicions(detector(seen), seen, world.truths)
    return weeks


def _suspicions(verdict, panel, truths):
    about = [truth for truth in truths if truth.kind == verdict.kind]
    so = dict(zip(panel.unit_ids, holding(about, panel.unit_ids, panel.days[-1:])[:, 0].tolist(), strict=True))
    alerts = {finding.unit_id: finding for finding in verdict.findings}
    near = np.flatnonzero(np.nan_to_num(verdict.probability) >= DEFAULT_POLICY.explore_from).tolist()
    below = [(panel.unit_ids[row], float(verdict.probability[row])) for row in near]
    return [Suspicion(unit, signal_of(finding), is_alert=True, so=so[unit]) for unit, finding in alerts.items()] + [
        Suspicion(unit, Signal(kind=verdict.kind, score=score), is_alert=False, so=so[unit])
        for unit, score in below
        if unit not in alerts
    ]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--units", type=int, default=5000)
    parser.add_argument("--months", type=int, default=12)
    parser.add_argument("--cities", type=int, help="draw each order's months from so many; else as many as months")
    parser.add_argument("--budget", type=float, default=5.0, help="visits per 1,000 units and month")
    parser.add_argument("--misuse-rate", type=float, default=0.005)
    parser.add_argument("--orders", type=int, default=10, help="orders of the months that are played, for less chance")
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
        cities.append(lists_of(world))
        alerts = {one.unit_id: one.so for week in cities[-1] for one in week if one.is_alert}
        print(f"{world.name}: {len(alerts)} units with alerts, {sum(alerts.values())} rightly", flush=True)
    ways = [way for order in range(args.orders) for way in _year(cities, places, order, args.months)]
    _report(ways, args.months, args.orders)


def _year(cities, places, order, months):
    """The three ways through so many of the cities, one a month, in an order of their own."""
    ways = [
        Way("frozen", seed=order),
        Way("greedy", learns=True, seed=order),
        Way("feedback", learns=True, explore_share=DEFAULT_POLICY.explore_share, seed=order),
    ]
    chosen = np.random.default_rng(order).permutation(len(cities)).tolist()[:months]
    for month, at in enumerate(chosen, start=1):
        for way in ways:
            way.month(month, at, cities[at], places)
    return ways


def _report(ways, months, orders):
    quarters = [range(first, first + 3) for first in range(1, months + 1, 3)]
    titles = [f"months {quarter[0]}-{quarter[-1]}" for quarter in quarters]
    print(f"{'':10}" + "".join(f"{title:>22}" for title in [*titles, "all"]) + "   found an order")
    made = {name: [visit for way in ways if way.name == name for visit in way.visits] for name in _names(ways)}
    for name, visits in made.items():
        parts = [[visit for visit in visits if visit.month in quarter] for quarter in quarters]
        hits = sum(visit.hit for visit in visits) / orders
        print(f"{name:10}" + "".join(f"{_rate(part):>22}" for part in [*parts, visits]) + f"{hits:>17.1f}")
        if explored := [visit for visit in visits if visit.explores]:
            listed = [visit for visit in visits if not visit.explores]
            print(f"  explored: {_rate(explored)}; the list: {_rate(listed)}")
    for one, other in (("greedy", "frozen"), ("feedback", "frozen"), ("feedback", "greedy")):
        print(f"{one} - {other}: {_difference(made[one], made[other])}")
    for name in made:
        _tell_errors(name, [told for way in ways if way.name == name for told in way.told])


def _names(ways):
    return dict.fromkeys(way.name for way in ways)


def _difference(ours, theirs):
    """Of the two hit rates, with a 90 % interval over the cities."""
    cities = sorted({visit.city for visit in [*ours, *theirs]})
    drawn = np.random.default_rng(0).multinomial(len(cities), np.full(len(cities), 1 / len(cities)), size=ROUNDS)
    low, high = np.quantile(_over(ours, cities, drawn) - _over(theirs, cities, drawn), (0.05, 0.95))
    everywhere = np.ones((1, len(cities)))
    middle = _over(ours, cities, everywhere)[0] - _over(theirs, cities, everywhere)[0]
    return f"{middle:+.3f} ({low:+.3f} to {high:+.3f})"


def _over(visits, cities, times):
    """(R,) hit rate with each of the cities counted so many times: `times` is (R, C)."""
    hits = np.array([sum(visit.hit for visit in visits if visit.city == city) for city in cities])
    made = np.array([sum(visit.city == city for visit in visits) for city in cities])
    return times @ hits / (times @ made)


def _tell_errors(name, told):
    for least in (0, 100, 250, 500):
        since = [(p, one) for outcomes, p, one in told if outcomes >= least]
        for what, some in (("suspicions", since), ("alerts", [(p, one) for p, one in since if one.is_alert])):
            if some:
                said, so = np.array([p for p, _ in some]), np.array([one.so for _, one in some], bool)
                error = expected_error(said, so, np.ones(len(said)))
                print(f"{name:10}ECE of all {what} after {least} outcomes: {error:.3f} ({len(said):,})")


def _rate(visits):
    found = sum(visit.hit for visit in visits)
    return f"{found}/{len(visits)} = {found / len(visits):.2f}" if visits else "–"


if __name__ == "__main__":
    sys.exit(main())
