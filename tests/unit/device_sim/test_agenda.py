import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from device_sim.agenda import Agenda, SimulatedClock
from device_sim.clock import DAY_S, last_full_hour, local_second, utc_now
from device_sim.switches import Board, Levers, Move
from device_sim.world import build_world


def test_a_faster_clock_catches_up_and_then_is_the_wall_clock():
    now = utc_now()
    behind = SimulatedClock(speed=10, origin=now - timedelta(hours=5), started=now - timedelta(minutes=10))
    assert behind.now_s() == pytest.approx(local_second(now) - 5 * 3600 + 6000, abs=20)
    caught_up = SimulatedClock(speed=100, origin=now - timedelta(hours=5), started=now - timedelta(hours=1))
    assert caught_up.now_s() == pytest.approx(local_second(now), abs=2)
    real = SimulatedClock(speed=1, origin=now - timedelta(hours=5), started=now)
    assert real.now_s() == pytest.approx(local_second(now), abs=2)


class StandingClock:
    """A clock that somebody sets."""

    speed = 2.0

    def __init__(self, now_s: float):
        self.at_s = now_s

    def now_s(self) -> float:
        return self.at_s


async def test_a_move_changes_what_is_still_to_come_and_nothing_before(plan, told):
    dwelling = next(d for d in build_world(replace(plan, units=60)).dwellings if not d.truth and d.persons)
    world = build_world(replace(plan, units=60))
    entrance = next(e for e in world.entrances if dwelling in e.dwellings)
    meter = dwelling.devices[1].device_id
    begins_s, board = plan.end_s, Board(None)
    clock = StandingClock(begins_s + 10 * 3600)
    agenda = Agenda(world.plan, entrance, clock, board, begins_s, {}, asyncio.Semaphore(1))
    registers = []
    async with asyncio.timeout(60):
        async for due in agenda.outgoing():
            if due.due_s > begins_s + 8.9 * 3600 and not board.now.moves:  # meters speak every hour
                board.now = Levers(moves=(Move(dwelling.unit.unit_id, "out", int(clock.at_s)),))
                clock.at_s = begins_s + 3 * DAY_S
            if due.topic.split("/")[4] == meter and due.topic.endswith("reading"):
                registers.append((due.due_s, due.payload))
            if due.due_s > begins_s + 2.5 * DAY_S:
                break
    assert [second for second, _ in registers] == sorted({second for second, _ in registers})
    after = [
        payload.split(b'"register":')[1].split(b",")[0] for at, payload in registers if at > begins_s + 24.1 * 3600
    ]
    assert len(after) > 10
    assert len(set(after)) == 1  # the power is off, the water heater's too after the last day


async def test_days_follow_each_other_without_a_gap(plan):
    now = last_full_hour(utc_now())
    world = build_world(replace(plan, units=40, days=3, end=now - timedelta(days=9, hours=5)))
    begins_s = world.plan.end_s
    clock = SimulatedClock(1, world.plan.end, now)
    agenda = Agenda(world.plan, world.entrances[0], clock, Board(None), begins_s, {}, asyncio.Semaphore(1))
    stamps = set()
    meter = world.entrances[0].dwellings[0].devices[0].device_id
    async with asyncio.timeout(30):
        async for due in agenda.outgoing():
            if due.topic.split("/")[4] == meter:
                stamps |= {part.split(b'"')[0] for part in due.payload.split(b'"ts":"')[1:]}
            if due.due_s >= local_second(now):
                break
    assert len(stamps) >= (9 * 24 + 5) * 0.8
