"""Twelve simulated months of visits: does the hit rate rise with what the visits teach?

Each month is a city of its own seed, so that nobody is met twice; its last four weekly lists are visited with a budget
of so many visits per 1,000 units and month. The year is played in several orders of its months, since one is mostly
chance. Three ways on the same months, each learning from its own visits only:

    frozen    the detectors' own probabilities, for ever
    greedy    learns each month, without lots and without weighing for how homes were chosen
    feedback  as the gateway does it: a tenth of the visits by lot, outcomes weighed by the chance of being chosen

Simulated homes are easier than real ones: what counts is the difference between the three, not the height. Also told:
the expected calibration error over all suspicions of the months after so many outcomes, visited or not.

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
from detectors.ranking import Option, any_right, choose, expected_value
from detectors.registry import default_detectors
from gateway.evaluation.worlds import Simulation, simulated_worlds
from gateway.visits.plan import DEFAULT_POLICY

DAYS, WEEKS, RATES = 75, 4, {True: DEFAULT_POLICY.explore_share, False: 0.0}


@dataclass(frozen=True, slots=True)
class Suspicion:
    """One kind of a unit on one list: what was known, whether it is an alert, and whether it is so."""

    unit_id: str
    signal: Signal
    is_alert: bool
    so: bool


@dataclass
class Way:
    """A way of choosing, with what it has learnt; `seed` throws its lots."""

    name: str
    learns: bool = False
    explores: bool = False
    seed: int = 0
    model: Model = field(default_factory=Model)
    lessons: list[Lesson] = field(default_factory=list)
    visits: list[tuple[int, bool, bool]] = field(default_factory=list)
    """Month, whether something was found, whether it was drawn by lot."""
    told: list[tuple[int, float, bool]] = field(default_factory=list)
    """Outcomes known, probability and truth of every suspicion of every list, visited or not."""

    def month(self, number, lists, places):
        resting = set()
        for week, suspicions in enumerate(lists):
            self._visit(number, week, suspicions, places[week], resting)
        if self.learns:
            known = [lesson if self.explores else replace(lesson, chance=1.0) for lesson in self.lessons]
            self.model = fit(known)

    def _visit(self, month, week, suspicions, places, resting):
        said = self.model.probability([one.signal for one in suspicions])
        self.told += [(len(self.lessons), p, one.so) for p, one in zip(said.tolist(), suspicions, strict=True)]
        by_unit = defaultdict(list)
        for one, probability in zip(suspicions, said.tolist(), strict=True):
            if one.unit_id not in resting:
                by_unit[one.unit_id].append((one, probability))
        everyone = (_option(unit, its) for unit, its in by_unit.items())
        near = [one for one in everyone if not one.by_lot_only or one.probability >= DEFAULT_POLICY.explore_from]
        options = sorted(near, key=lambda one: (-one.value, one.unit_id))
        seed = self.seed * 10_000 + month * 100 + week
        for choice in choose(options, places=places, explore_share=RATES[self.explores], seed=seed):
            resting.add(choice.unit_id)
            its = by_unit[choice.unit_id]
            self.visits.append((month, any(one.so for one, _ in its), choice.explores))
            self.lessons += [
                Lesson(unit_id=choice.unit_id, signal=one.signal, found=one.so, chance=choice.chance, said=probability)
                for one, probability in its
            ]


def _option(unit_id, its):
    alerts = [(one, probability) for one, probability in its if one.is_alert]
    worth = [(DEFAULT_POLICY.worth[one.signal.kind], probability) for one, probability in alerts or its]
    value = expected_value(worth, DEFAULT_POLICY.wrong_visit_cost)
    likely = any_right([probability for _, probability in worth])
    return Option(unit_id=unit_id, value=value, probability=likely, by_lot_only=not alerts)


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
    parser.add_argument("--budget", type=float, default=5.0, help="visits per 1,000 units and month")
    parser.add_argument("--misuse-rate", type=float, default=0.005)
    parser.add_argument("--orders", type=int, default=10, help="orders of the months that are played, for less chance")
    parser.add_argument("--first-seed", type=int, default=101)
    parser.add_argument("--keep", type=Path, help="keep simulated worlds there for the next time")
    args = parser.parse_args()
    wish = Simulation(
        seeds=range(args.first_seed, args.first_seed + args.months),
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
        alerts = {one.unit_id for week in cities[-1] for one in week if one.is_alert}
        print(f"city {len(cities)}: {len(alerts)} units with alerts", flush=True)
    ways = [way for order in range(args.orders) for way in _year(cities, places, order)]
    _report(ways, args.months)


def _year(cities, places, order):
    """The three ways through the cities, one a month, in an order of their own."""
    ways = [
        Way("frozen", seed=order),
        Way("greedy", learns=True, seed=order),
        Way("feedback", learns=True, explores=True, seed=order),
    ]
    for month, at in enumerate(np.random.default_rng(order).permutation(len(cities)).tolist(), start=1):
        for way in ways:
            way.month(month, cities[at], places)
    return ways


def _report(ways, months):
    quarters = [range(first, first + 3) for first in range(1, months + 1, 3)]
    titles = [f"months {quarter[0]}-{quarter[-1]}" for quarter in quarters]
    print(f"{'':10}" + "".join(f"{title:>22}" for title in [*titles, "all"]))
    for name in dict.fromkeys(way.name for way in ways):
        its = [way for way in ways if way.name == name]
        visits = [visit for way in its for visit in way.visits]
        parts = [[visit for visit in visits if visit[0] in quarter] for quarter in quarters]
        print(f"{name:10}" + "".join(f"{_rate(part):>22}" for part in [*parts, visits]))
        if any(way.explores for way in its):
            print(f"{name} without what only the lot chose: {_rate([visit for visit in visits if not visit[2]])}")
        _tell_errors(name, [told for way in its for told in way.told])


def _tell_errors(name, told):
    for least in (0, 100, 250, 500):
        if since := [(probability, so) for labels, probability, so in told if labels >= least]:
            said, so = (np.array(column) for column in zip(*since, strict=True))
            error = expected_error(said, so.astype(bool), np.ones(len(said)))
            print(f"{name:10}ECE of all suspicions after {least} outcomes: {error:.3f} ({len(said):,})")


def _rate(visits):
    found = sum(hit for _, hit, _ in visits)
    return f"{found}/{len(visits)} = {found / len(visits):.2f}" if visits else "–"


if __name__ == "__main__":
    sys.exit(main())
