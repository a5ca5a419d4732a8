"""Twelve simulated months of visits: does the hit rate rise with what the visits teach?

Each month is a city of its own seed, so that nobody is met twice; its last four weekly lists are visited with a budget
of so many visits per 1,000 units and month. Three ways on the same months, each learning from its own visits only:

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
    """A way of choosing, with what it has learnt."""

    name: str
    learns: bool = False
    explores: bool = False
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
        options = sorted((_option(unit, its) for unit, its in by_unit.items()), key=lambda o: (-o.value, o.unit_id))
        seed = month * 100 + week
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
    ways = [Way("frozen"), Way("greedy", learns=True), Way("feedback", learns=True, explores=True)]
    monthly = args.budget * args.units / 1000
    places = np.diff(np.ceil(np.linspace(0, monthly, WEEKS + 1)).astype(int)).tolist()
    print(f"{args.months} months, {args.units:,} units each, misuse {args.misuse_rate:.1%}, lists of {places}")
    for month, world in enumerate(simulated_worlds(wish), start=1):
        lists = lists_of(world)
        for way in ways:
            way.month(month, lists, places)
        alerts = {one.unit_id for week in lists for one in week if one.is_alert}
        told = "  ".join(f"{way.name} {_rate([v for v in way.visits if v[0] == month])}" for way in ways)
        print(f"month {month:2}: {len(alerts):3} units with alerts  {told}", flush=True)
    _report(ways, args.months)


def _report(ways, months):
    print(
        f"{'':10}"
        + "".join(f"{f'months {first}-{first + 2}':>22}" for first in range(1, months + 1, 3))
        + f"{'all':>22}"
    )
    for way in ways:
        quarters = [[v for v in way.visits if first <= v[0] < first + 3] for first in range(1, months + 1, 3)]
        print(f"{way.name:10}" + "".join(f"{_rate(part):>22}" for part in [*quarters, way.visits]))
    chosen = [v for v in ways[-1].visits if not v[2]]
    print(f"feedback without its lots: {_rate(chosen)}")
    for way in ways:
        for least in (0, 100, 250, 500):
            told = [(p, so) for labels, p, so in way.told if labels >= least]
            if told:
                said, so = (np.array(column) for column in zip(*told, strict=True))
                error = expected_error(said, so.astype(bool), np.ones(len(said)))
                print(f"{way.name:10}ECE of all suspicions after {least} outcomes: {error:.3f} ({len(said):,})")


def _rate(visits):
    found = sum(hit for _, hit, _ in visits)
    return f"{found}/{len(visits)} = {found / len(visits):.2f}" if visits else "–"


if __name__ == "__main__":
    sys.exit(main())
