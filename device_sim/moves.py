"""People whom somebody moves in or out while the estate lives."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from math import inf

from device_sim.households import draw_kind, draw_strangers
from device_sim.people import Building, Group, Key, away_group
from device_sim.records import Dwelling
from device_sim.seeds import Stream, dice
from device_sim.switches import Move
from device_sim.world import Entrance

_NEWCOMERS = ("single", "couple", "family", "colleagues")
_MOST_GROUPS = 8


def after_moves(seed: int, entrance: Entrance, moves: Iterable[Move]) -> Entrance:
    """The entrance with all moves into and out of its units."""
    of_unit: dict[str, list[Move]] = {}
    for move in moves:
        of_unit.setdefault(move.unit_id, []).append(move)
    dwellings = (_moved(seed, dwelling, of_unit.get(dwelling.unit.unit_id, [])) for dwelling in entrance.dwellings)
    return replace(entrance, dwellings=tuple(dwellings))


def _moved(seed: int, dwelling: Dwelling, moves: list[Move]) -> Dwelling:
    story = dwelling.story
    for number, move in enumerate(sorted(moves, key=lambda move: move.at_s)):
        minute = move.at_s / 60
        if move.way == "out":
            groups = tuple(away_group(group, minute, inf) for group in story.groups)
            story = replace(story, groups=groups, building=_left(story.building, minute))
        elif len(story.groups) < _MOST_GROUPS:
            newcomers = away_group(_strangers(seed, story.index, number), -inf, minute)
            idle = _moved_into(story.building, minute)
            empty = not any(end > minute for group in story.groups for r in group.residents for _, end in r.stays)
            story = replace(story.with_group(newcomers), building=idle if empty else story.building)
    return replace(dwelling, story=story)


def _moved_into(building: Building, minute: float) -> Building:
    """Those who move into an empty unit bring a fridge."""
    building = _as_of(building, minute)
    return replace(building, idle_from=min(building.idle_from, minute), idle_w=45.0)


def _left(building: Building, minute: float) -> Building:
    """What the last one leaves behind: what runs goes on, and nobody comes back to end it."""
    building = _as_of(building, minute)
    return replace(building, power_off_from=min(building.power_off_from, minute), until=inf)


def _as_of(building: Building, minute: float) -> Building:
    """The unit without what was over by then."""
    return Building(building.standby_w, building.fridge_w) if building.until <= minute else building


def _strangers(seed: int, unit_index: int, number: int) -> Group:
    rng = dice(seed, Stream.MOVES, unit_index, number)
    return draw_strangers(rng, draw_kind(rng, _NEWCOMERS), (Key.UNIT_CARD, Key.PIN))
