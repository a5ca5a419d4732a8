"""What people do day by day: when each is out, at home, asleep; vectorised over a group's people and days."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from device_sim.clock import DAY_MIN, SLOT_MIN, SLOTS_A_DAY, Window
from device_sim.holidays import days_off
from device_sim.moods import Moods, moods
from device_sim.people import Group, Resident, Stay
from device_sim.personas import OUTINGS_A_DAY, day_types, outing_table, sleep_table
from device_sim.seeds import Stream, daily_normals, daily_uniforms, powers_of_e

_MARGIN_MIN = 30.0
_PAUSE_MIN = 20.0
_WAKE_SPREAD_H, _SLEEP_SPREAD_H = 0.35, 0.7
_LATEST_SLEEP_H = 28.0
_GROUPS_A_UNIT = 8


@dataclass(frozen=True)
class Lives:
    """The lives of a group of R people over a window of S ten minutes.

    `leave_min`, `back_min` and `goes` are (W, R, 3): the outings that begin in the window or on the day before it
    (W days), in local minutes; `goes` says which of them take place. `at_home` and `awake` are (R, S).
    """

    key: int
    group: Group
    window: Window
    leave_min: NDArray[np.float64]
    back_min: NDArray[np.float64]
    goes: NDArray[np.bool_]
    at_home: NDArray[np.bool_]
    awake: NDArray[np.bool_]
    moods: Moods
    """Of the window's days."""

    @cached_property
    def people_at_home(self) -> NDArray[np.int64]:
        """(S,) how many are at home."""
        count: NDArray[np.int64] = np.sum(self.at_home, axis=0, dtype=np.int64)
        return count

    @cached_property
    def people_awake(self) -> NDArray[np.int64]:
        """(S,) how many are at home and awake."""
        count: NDArray[np.int64] = np.sum(self.awake, axis=0, dtype=np.int64)
        return count


def live(seed: int, unit_index: int, number: int, group: Group, window: Window) -> Lives:
    """The lives of a unit's group `number` over a window. Days are the same whatever window they are seen in."""
    key = unit_index * _GROUPS_A_UNIT + number
    wide = window.with_day_before()
    people = len(group.residents)
    types = _types(group, wide)
    normals = daily_normals(seed, Stream.LIVES, key, wide, (people, 2 * OUTINGS_A_DAY + 2))
    chances = daily_uniforms(seed, Stream.OUTINGS, key, wide, (people, OUTINGS_A_DAY))
    mood = moods(seed, key, group, wide)
    leave, back = _outings(wide, mood, outing_table(types), normals[..., : 2 * OUTINGS_A_DAY], _usual(group, "shift_h"))
    wanted = chances < _chances(outing_table(types)[..., 0], mood)
    goes = _in_order(leave, back, wanted) & _while_living_here(group, leave, back)
    at_home = _living_here(group, window) & ~_out(window, leave, back, goes)
    shift = _usual(group, "wake_shift_h") + mood.later_h
    awake = at_home & _waking(window, shift, types, normals[..., 2 * OUTINGS_A_DAY :])
    return Lives(key, group, window, leave, back, goes, at_home, awake, mood.from_second_day())


def slot_of(window: Window, minute: NDArray[np.float64]) -> NDArray[np.intp]:
    """Number of the ten minutes that a local minute falls in, kept within the window (S stands for after it)."""
    slots = np.floor((minute - window.start_min) / SLOT_MIN)
    return np.clip(slots, 0, window.slots).astype(np.intp)


def _types(group: Group, window: Window) -> NDArray[np.intp]:
    off = days_off(window)
    columns = [day_types(person.persona, person.phase, window.first_day, off) for person in group.residents]
    return np.stack(columns, axis=1)


def _usual(group: Group, habit: str) -> NDArray[np.float64]:
    return np.array([getattr(person, habit) for person in group.residents])


def _chances(usual: NDArray[np.float64], mood: Moods) -> NDArray[np.float64]:
    first = usual[..., :1] * (1 - mood.stays_in[..., None])
    return np.concatenate([first, usual[..., 1:]], axis=-1)


def _outings(
    window: Window,
    mood: Moods,
    table: NDArray[np.float64],
    normals: NDArray[np.float64],
    usual_h: NDArray[np.float64],
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    shift = (usual_h + mood.later_h)[..., None]
    days = np.arange(window.first_day, window.first_day + window.days)[:, None, None]
    leave_h = table[..., 1] + shift + table[..., 2] * normals[..., :OUTINGS_A_DAY]
    length_h = table[..., 3] * mood.length[..., None] * powers_of_e(table[..., 4] * normals[..., OUTINGS_A_DAY:])
    leave = days * DAY_MIN + leave_h * 60
    return leave, leave + length_h * 60


def _in_order(leave: NDArray[np.float64], back: NDArray[np.float64], wanted: NDArray[np.bool_]) -> NDArray[np.bool_]:
    goes = wanted.copy()
    latest = np.full(leave.shape[:2], -np.inf)
    for number in range(OUTINGS_A_DAY):
        goes[..., number] &= leave[..., number] > latest + _PAUSE_MIN
        latest = np.where(goes[..., number], back[..., number], latest)
    return goes


def _while_living_here(group: Group, leave: NDArray[np.float64], back: NDArray[np.float64]) -> NDArray[np.bool_]:
    return np.stack([_within(person, leave[:, n], back[:, n]) for n, person in enumerate(group.residents)], axis=1)


def _within(person: Resident, leave: NDArray[np.float64], back: NDArray[np.float64]) -> NDArray[np.bool_]:
    if not person.stays:
        return np.zeros(leave.shape, dtype=np.bool_)
    bounds = np.array(person.stays)
    stay = np.searchsorted(bounds[:, 0], leave, side="right") - 1
    begins, ends = bounds[np.maximum(stay, 0)].transpose(2, 0, 1)
    lives: NDArray[np.bool_] = (stay >= 0) & (leave > begins + _MARGIN_MIN) & (back < ends - _MARGIN_MIN)
    return lives


def _living_here(group: Group, window: Window) -> NDArray[np.bool_]:
    turns = np.zeros((len(group.residents), window.slots + 1), dtype=np.int8)
    for row, person in enumerate(group.residents):
        for begins, ends in _seen(person.stays, window):
            turns[row, slot_of(window, np.array(begins))] += 1
            turns[row, slot_of(window, np.array(ends))] -= 1
    return np.cumsum(turns[:, :-1], axis=1) > 0


def _seen(stays: tuple[Stay, ...], window: Window) -> list[Stay]:
    ends = window.start_min + window.days * DAY_MIN
    return [stay for stay in stays if stay[1] > window.start_min and stay[0] < ends]


def _out(
    window: Window, leave: NDArray[np.float64], back: NDArray[np.float64], goes: NDArray[np.bool_]
) -> NDArray[np.bool_]:
    _, rows, _ = np.nonzero(goes)
    turns = np.zeros((leave.shape[1], window.slots + 1), dtype=np.int8)
    np.add.at(turns, (rows, slot_of(window, leave[goes])), 1)
    np.add.at(turns, (rows, slot_of(window, back[goes])), -1)
    return np.cumsum(turns[:, :-1], axis=1) > 0


def _waking(
    window: Window, shift: NDArray[np.float64], types: NDArray[np.intp], normals: NDArray[np.float64]
) -> NDArray[np.bool_]:
    hours = sleep_table(types)
    wake = hours[..., 0] + shift + _WAKE_SPREAD_H * normals[..., 0]
    sleep = np.minimum(hours[..., 1] + shift + _SLEEP_SPREAD_H * normals[..., 1], _LATEST_SLEEP_H)
    clock = np.arange(SLOTS_A_DAY) * SLOT_MIN / 60
    waking: NDArray[np.bool_] = (clock >= wake[1:, :, None]) & (clock < sleep[1:, :, None])
    waking |= clock < sleep[:-1, :, None] - 24  # those who went to bed after midnight
    return waking.transpose(1, 0, 2).reshape(shift.shape[1], window.slots)
