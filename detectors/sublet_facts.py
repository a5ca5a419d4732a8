"""The evidence of a suspected sublet: what each signal rests on."""

from __future__ import annotations

import numpy as np

from detectors.facts import fact
from detectors.findings import Evidence
from detectors.stats import first_true, mean
from detectors.sublet_signals import (
    STILL_SEEN,
    Case,
    Signals,
    enrolled,
    excess_persons,
    faceless,
    fresh_habit,
    returning_habit,
    seen_habit,
    usual_for_size,
)


def facts(case: Case, signals: Signals, row: int, *, beside: bool) -> list[Evidence]:
    """All facts about one unit; `beside` where the household is said to live there still."""
    who = _still_seen(case, row) if beside else _silent(case, signals, row)
    return [
        *(who if enrolled(case.panel)[row] else _no_face(case, row)),
        *_strangers(case, signals, row, beside=beside),
        *_meters(case, signals, row, beside=beside),
    ]


def _first(case: Case, row: int) -> int:
    return int(first_true(case.window[row : row + 1])[0])


def _no_face(case: Case, row: int) -> list[Evidence]:
    size = float(case.panel.household_size[row])
    return [fact(case.panel, "no_enrolled_face", 0, "persons", first=_first(case, row), baseline=size, weight=0)]


def _still_seen(case: Case, row: int) -> list[Evidence]:
    window, first = case.window[row], _first(case, row)
    seen, heard = float((case.seen[row] & window).sum()), float((case.spoke[row] & window).sum())
    return [fact(case.panel, "registered_seen", seen, "days", first=first, baseline=heard, weight=STILL_SEEN)]


def _silent(case: Case, signals: Signals, row: int) -> list[Evidence]:
    weight = float(signals.silence[row])
    if signals.never_seen[row]:
        days, start = float(case.watched[row].sum()), int(first_true(case.watched[row : row + 1])[0])
        return [fact(case.panel, "registered_never_seen", days, "days", first=start, weight=weight)]
    watched, first = case.watched[row] & case.window[row], _first(case, row)
    seen, usual = float((case.seen[row] & watched).sum()), float(seen_habit(case)[row]) * float(watched.sum())
    less = fact(case.panel, "registered_less_seen", seen, "days", first=first, baseline=usual, weight=weight)
    return [less, *_cards(case, signals, row)]


def _cards(case: Case, signals: Signals, row: int) -> list[Evidence]:
    weight, one = float(signals.cards[row]), slice(row, row + 1)
    if weight >= 0:
        return []
    passages, spoke = case.panel.unidentified_passages[one], case.spoke[one]
    now = float(mean(passages, spoke & case.window[one])[0])
    before = float(mean(passages, spoke & case.past[one])[0])
    first = _first(case, row)
    return [fact(case.panel, "cards_instead", now, "passages/day", first=first, baseline=before, weight=weight)]


def _strangers(case: Case, signals: Signals, row: int, *, beside: bool) -> list[Evidence]:
    """The stronger of both ways in which strangers come carries the weight."""
    window, first = case.window[row], _first(case, row)
    days = float((case.spoke[row] & window).sum())
    by_return = beside or bool(signals.returning[row] >= signals.fresh[row])
    returned, fresh = float((case.returned[row] & window).sum()), float((case.fresh[row] & window).sum())
    usual, usual_fresh = float(returning_habit(case)[row]) * days, float(fresh_habit(case)[row]) * days
    weight, weight_fresh = float(signals.returning[row]) * by_return, float(signals.fresh[row]) * (not by_return)
    told = []
    if returned or by_return:
        told.append(fact(case.panel, "strangers_return", returned, "days", first=first, baseline=usual, weight=weight))
    if not by_return:
        new = fact(
            case.panel, "strangers_change", fresh, "days", first=first, baseline=usual_fresh, weight=weight_fresh
        )
        told.append(new)
    return told + _many(case, signals, row, beside=beside)


def _many(case: Case, signals: Signals, row: int, *, beside: bool) -> list[Evidence]:
    without, excess, first = float(faceless(case.panel)[row]), float(excess_persons(case)[row]), _first(case, row)
    if not excess > 0:
        return []
    weight = float(signals.many[row]) * beside
    number = excess + without
    return [fact(case.panel, "strangers_many", number, "persons", first=first, baseline=without, weight=weight)]


def _meters(case: Case, signals: Signals, row: int, *, beside: bool) -> list[Evidence]:
    one, first, panel = slice(row, row + 1), _first(case, row), case.panel
    window, lived_in = case.window[one], case.lived_in[one]
    now, before = lived_in & window, lived_in & case.past[one]
    heard = float((~np.isnan(case.there.meters[one]) & window).sum())
    water, kwh = case.water_l[one], case.electricity_kwh[one]
    litres, usual = float(mean(water, now)[0]), float(usual_for_size(case)[row])
    power = float(signals.electricity[row])
    told = (
        ("water_changed", litres, "L/day", float(mean(water, before)[0]), float(signals.water[row])),
        ("electricity_changed", float(mean(kwh, now)[0]), "kWh/day", float(mean(kwh, before)[0]), power),
        ("size_mismatch", litres, "L/day", usual, float(signals.size[row])),
    )
    changes = [
        fact(panel, code, value, unit, first=first, baseline=baseline, weight=weight)
        for code, value, unit, baseline, weight in told
        if weight > 0
    ]
    if not heard:
        return changes
    weight = float(signals.lived_in[row])
    days, weight = float(now.sum()), min(weight, 0) if beside else weight
    return [fact(panel, "meters_lived_in", days, "days", first=first, baseline=heard, weight=weight), *changes]
