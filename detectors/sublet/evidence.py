"""The evidence of a suspected sublet: what each signal rests on."""

from __future__ import annotations

import numpy as np

from detectors.facts import fact
from detectors.findings import Evidence
from detectors.stats import count, first_true, mean, ratio
from detectors.sublet.case import Case, enrolled, faceless
from detectors.sublet.signals import (
    Signals,
    excess_persons,
    others_habit,
    returning_habit,
    unnamed_habit,
    usual_for_size,
)
from detectors.sublet.silence import BOTH_SEEN, TOGETHER_DAYS, both_seen, days_together, never_seen, only_one


def facts(case: Case, signals: Signals, *, beside: bool) -> list[Evidence]:
    """All facts about one unit; `beside` where the household is said to live there still."""
    who = _still_seen(case) if beside else _silent(case, signals)
    return [
        *(who if enrolled(case.panel)[0] else _no_face(case)),
        *_strangers(case, signals, beside=beside),
        *([] if beside else _listed_lately(case, signals)),
        *_meters(case, signals, beside=beside),
    ]


def _first(case: Case) -> int:
    return int(first_true(case.window)[0])


def _no_face(case: Case) -> list[Evidence]:
    size = float(case.panel.household_size[0])
    return [fact(case.panel, "no_enrolled_face", 0, "persons", first=_first(case), baseline=size, weight=0)]


def _still_seen(case: Case) -> list[Evidence]:
    window, first = case.window[0], _first(case)
    seen, heard = float((case.seen[0] & window).sum()), float((case.spoke[0] & window).sum())
    return [fact(case.panel, "registered_seen", seen, "days", first=first, baseline=heard, weight=0)]


def _silent(case: Case, signals: Signals) -> list[Evidence]:
    weight = float(signals.silence[0])
    if never_seen(case)[0]:
        days, start = float(case.watched[0].sum()), int(first_true(case.watched)[0])
        return [fact(case.panel, "registered_never_seen", days, "days", first=start, weight=weight)]
    if weight > 0 and only_one(case)[0] >= weight:
        return [_only_one(case, weight)]
    watched, first = case.watched[0] & case.window[0], _first(case)
    before = case.watched & case.past
    seen, usual = float((case.seen[0] & watched).sum()), float(ratio(count(case.traced & before), count(before))[0])
    usual_days = usual * float(watched.sum())
    less = fact(case.panel, "registered_less_seen", seen, "days", first=first, baseline=usual_days, weight=weight)
    return [less, *_together(case, signals)]


def _only_one(case: Case, weight: float) -> Evidence:
    seen = float((case.watched[0] & case.seen[0]).sum())
    days = float(both_seen(case)[0].sum())
    return fact(
        case.panel, "registered_only_one", days, "days", first=_first(case), baseline=BOTH_SEEN * seen, weight=weight
    )


def _together(case: Case, signals: Signals) -> list[Evidence]:
    weight, first = float(signals.together[0]), int(first_true(case.past | case.window)[0])
    if weight >= 0:
        return []
    days, allowed = float(days_together(case)[0]), TOGETHER_DAYS
    return [fact(case.panel, "came_together", days, "days", first=first, baseline=allowed, weight=weight)]


def _listed_lately(case: Case, signals: Signals) -> list[Evidence]:
    days, first = float((case.late_listed[0] & case.window[0]).sum()), _first(case)
    without = np.max([signals.changing, signals.unnamed, signals.others], axis=0)
    weight = float(np.maximum(signals.replacing - without, 0)[0])
    return [fact(case.panel, "listed_lately", days, "days", first=first, weight=weight)] if days else []


def _strangers(case: Case, signals: Signals, *, beside: bool) -> list[Evidence]:
    """The stronger of the ways in which strangers come carries the weight."""
    if not beside and signals.others[0] > max(signals.changing[0], signals.unnamed[0]):
        return [_others(case, signals)]
    if not beside and signals.unnamed[0] > signals.changing[0]:
        return [_unnamed(case, signals)]
    return _known_apart(case, signals, beside=beside)


def _others(case: Case, signals: Signals) -> Evidence:
    spoke, first = case.spoke[0] & case.window[0], _first(case)
    days, usual = float((case.others[0] & spoke).sum()), float(others_habit(case)[0]) * float(spoke.sum())
    weight = float(signals.others[0])
    return fact(case.panel, "others_pass", days, "days", first=first, baseline=usual, weight=weight)


def _unnamed(case: Case, signals: Signals) -> Evidence:
    told, first = case.told[0] & case.window[0], _first(case)
    days, usual = float((case.unnamed[0] & told).sum()), float(unnamed_habit(case)[0]) * float(told.sum())
    weight = float(signals.unnamed[0])
    return fact(case.panel, "strangers_unnamed", days, "days", first=first, baseline=usual, weight=weight)


def _known_apart(case: Case, signals: Signals, *, beside: bool) -> list[Evidence]:
    window, first = case.window[0], _first(case)
    returned, fresh = float((case.returned[0] & window).sum()), float((case.fresh[0] & window).sum())
    usual = float(returning_habit(case)[0]) * float((case.spoke[0] & window).sum())
    least = 0.0 if signals.vanished[0] else -np.inf
    weight = float(signals.beside_once[0]) if beside else max(float(signals.returning[0]), least)
    again = fact(case.panel, "strangers_return", returned, "days", first=first, baseline=usual, weight=weight)
    more = 0.0 if beside else max(float(signals.changing[0]) - weight, 0)
    new = fact(case.panel, "strangers_change", fresh, "days", first=first, weight=more)
    return [*([again] if returned or weight else []), *([new] if fresh else []), *_many(case, signals)]


def _many(case: Case, signals: Signals) -> list[Evidence]:
    without, excess, first = float(faceless(case.panel)[0]), float(excess_persons(case)[0]), _first(case)
    weight, number = float(signals.pairs[0]), excess + without
    if not (excess > 0 or weight > 0):
        return []
    return [fact(case.panel, "strangers_many", number, "persons", first=first, baseline=without, weight=weight)]


def _meters(case: Case, signals: Signals, *, beside: bool) -> list[Evidence]:
    first, panel = _first(case), case.panel
    window, lived_in = case.window, case.lived_in
    now, before = lived_in & window, lived_in & case.past
    heard = float((~np.isnan(case.there.meters) & window).sum())
    water, kwh = case.water_l, case.electricity_kwh
    litres, usual = float(mean(water, now)[0]), float(usual_for_size(case)[0])
    drawn, power = (0.0 if beside else float(changed[0]) for changed in (signals.water, signals.electricity))
    told = (
        ("water_changed", litres, "L/day", float(mean(water, before)[0]), drawn),
        ("electricity_changed", float(mean(kwh, now)[0]), "kWh/day", float(mean(kwh, before)[0]), power),
        ("size_mismatch", litres, "L/day", usual, float(signals.size[0])),
    )
    changes = [
        fact(panel, code, value, unit, first=first, baseline=baseline, weight=weight)
        for code, value, unit, baseline, weight in told
        if weight > 0
    ]
    if not heard:
        return changes
    weight = float(signals.lived_in[0])
    days, weight = float(now.sum()), min(weight, 0) if beside else weight
    return [fact(panel, "meters_lived_in", days, "days", first=first, baseline=heard, weight=weight), *changes]
