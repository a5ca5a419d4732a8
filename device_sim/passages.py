"""Comings and goings of one unit over a window, and the door records that they leave."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from device_sim.clock import DAY_MIN, Window
from device_sim.doors import Chances, DoorRecord, Way, chances, come_in, go_out, leave_after_visit, new_face, visit
from device_sim.holidays import days_off
from device_sim.lives import Lives, slot_of
from device_sim.people import Resident, Story
from device_sim.personas import OUTINGS_A_DAY
from device_sim.seeds import Stream, daily_uniforms, dice

_DRAWS = 6
_CALLS = 3
_COURIER_CHANCE, _COURIER_BY_INTERCOM, _COURIER_TAILGATES = 0.22, 0.4, 0.3
_VISIT_CHANCE, _VISIT_CHANCE_FREE_DAY = 0.05, 0.11
_KNOWN_FRIEND = 0.75
_FACE_SEEN = 0.8
_FIRST_CALL_H, _CALLING_HOURS = 9.0, 11.0
_LONGEST_VISIT_MIN = 180.0
_SHORTEST_VISIT_MIN = 25.0


def passages(seed: int, way: Way, lives: Lives) -> Iterator[DoorRecord]:
    """Records of a group's outings, and of the beginning and end of its stays, within the window."""
    yield from _outings(seed, way, lives)
    yield from _stays(seed, way, lives)


def callers(seed: int, way: Way, story: Story, window: Window, at_home: NDArray[np.bool_]) -> Iterator[DoorRecord]:
    """Records of couriers and visitors; `at_home` is (S,), whether somebody is there to open."""
    draws = daily_uniforms(seed, Stream.CALLERS, story.index, window, (_CALLS, _DRAWS))
    free = days_off(window)
    for number, (day_draws, off) in enumerate(zip(draws, free.tolist(), strict=True)):
        courier, visitor, when = day_draws.tolist()
        day_min = (window.first_day + number) * DAY_MIN
        minute = day_min + (_FIRST_CALL_H + _CALLING_HOURS * when[0]) * 60
        if courier[0] < _COURIER_CHANCE * story.couriers_at(minute):
            yield from _courier(way, minute, courier, there=_there(window, at_home, minute))
        if visitor[0] < (_VISIT_CHANCE_FREE_DAY if off else _VISIT_CHANCE) * story.calls:
            minute = day_min + (_FIRST_CALL_H + _CALLING_HOURS * when[1]) * 60
            if _there(window, at_home, minute):
                yield from _visitor(way, story, minute, visitor)


def _outings(seed: int, way: Way, lives: Lives) -> Iterator[DoorRecord]:
    wide = lives.window.with_day_before()
    people = len(lives.group.residents)
    shape = (people, OUTINGS_A_DAY, 2, _DRAWS)
    draws = daily_uniforms(seed, Stream.PASSAGES, lives.key, wide, shape)
    for side, minutes in enumerate((lives.leave_min, lives.back_min)):
        kept = lives.goes & _inside(lives.window, minutes)
        rows = np.nonzero(kept)[1].tolist()
        seconds = (minutes[kept] * 60).astype(np.int64).tolist()
        for row, second, chance in zip(rows, seconds, chances(draws[:, :, :, side][kept]), strict=True):
            yield from _cross(way, lives.group.residents[row], second, chance, going_in=side == 1)


def _stays(seed: int, way: Way, lives: Lives) -> Iterator[DoorRecord]:
    source = dice(seed, Stream.ENDS_OF_STAYS, lives.key)
    for resident in lives.group.residents:
        ends = np.array(resident.stays).reshape(-1, 2)
        numbers = [source.random() for _ in range(2 * _DRAWS * len(ends))]
        for row, side in np.argwhere(_inside(lives.window, ends)).tolist():
            first = (2 * row + side) * _DRAWS
            chance = Chances(*numbers[first : first + _DRAWS])
            yield from _cross(way, resident, int(ends[row, side] * 60), chance, going_in=side == 0)


def _cross(way: Way, resident: Resident, second: int, chance: Chances, *, going_in: bool) -> Iterator[DoorRecord]:
    if resident.new_face_each_stay:
        resident = replace(resident, pseudonyms=(_face_of_stay(resident, second),))
    return (come_in if going_in else go_out)(way, resident, second, chance)


def _face_of_stay(resident: Resident, second: int) -> str:
    number = sum(begins * 60 <= second + 1 for begins, _ in resident.stays)
    return dice(number, Stream.PASSAGES, int(resident.pseudonyms[0][1:], 16)).face()


def _inside(window: Window, minutes: NDArray[np.float64]) -> NDArray[np.bool_]:
    return (minutes >= window.start_min) & (minutes < window.start_min + window.days * DAY_MIN)


def _there(window: Window, at_home: NDArray[np.bool_], minute: float) -> bool:
    return bool(at_home[slot_of(window, np.array(minute))])


def _courier(way: Way, minute: float, draw: list[float], *, there: bool) -> Iterator[DoorRecord]:
    if draw[1] < _COURIER_TAILGATES:
        return
    who = way.couriers[int(draw[2] ** 2 * len(way.couriers))]
    intercom = there and draw[3] < _COURIER_BY_INTERCOM
    yield visit(way, who, int(minute * 60), intercom=intercom, seen=draw[4] < _FACE_SEEN)


def _visitor(way: Way, story: Story, minute: float, draw: list[float]) -> Iterator[DoorRecord]:
    known = draw[1] < _KNOWN_FRIEND
    who = story.friends[int(draw[2] * len(story.friends))] if known else new_face(draw[2])
    yield visit(way, who, int(minute * 60), intercom=True, seen=draw[3] < _FACE_SEEN)
    if way.two_way:
        leaves = minute + _SHORTEST_VISIT_MIN + _LONGEST_VISIT_MIN * draw[4]
        yield leave_after_visit(way, who, int(leaves * 60))
