import numpy as np

from device_sim.clock import DAY_S, Window
from device_sim.engine import simulate


def said(days):
    readings = {
        heard.device.device_id: list(zip(heard.seconds.tolist(), heard.steps.tolist(), strict=True))
        for heard in days.readings
    }
    return readings, list(days.events)


def test_days_simulated_apart_are_the_days_simulated_together(plan, world, window):
    entrance = world.entrances[1]
    first, rest = Window(window.first_day, 17), Window(window.first_day + 17, 6)
    readings, events = said(simulate(plan.seed, entrance, Window(window.first_day, 23), {}))
    before = simulate(plan.seed, entrance, first, {})
    after = simulate(plan.seed, entrance, rest, before.used)
    readings_1, events_1 = said(before)
    readings_2, events_2 = said(after)
    assert {device: readings_1[device] + readings_2[device] for device in readings} == readings
    order = lambda numbered: (numbered.record.device_id, numbered.event_id)  # noqa: E731
    assert sorted(events_1 + events_2, key=order) == sorted(events, key=order)


def test_registers_never_fall(plan, world, window):
    for heard in simulate(plan.seed, world.entrances[0], window, {}).readings:
        assert (np.diff(heard.steps) >= 0).all()
        assert (np.diff(heard.seconds) >= 0).all()


def test_event_ids_are_unique_and_in_order_of_time(plan, world, window):
    entrance = next(entrance for entrance in world.entrances if not entrance.dead_doors)
    events = simulate(plan.seed, entrance, window, {}).events
    ids = [event.event_id for event in events]
    assert len(ids) == len(set(ids)) > 1000
    of_door = [e for e in events if e.record.device_id == entrance.door.device_id]
    seconds = [event.record.second for event in of_door]
    assert seconds == sorted(seconds)
    assert {second // DAY_S for second in seconds} == set(range(window.first_day, window.first_day + window.days))


def test_events_name_only_people_and_units_of_the_entrance(plan, world, window):
    entrance = world.entrances[0]
    units = {dwelling.unit.unit_id for dwelling in entrance.dwellings} | {None}
    persons = {person.person_id for dwelling in entrance.dwellings for person in dwelling.persons}
    persons |= {person.person_id for person in entrance.staff} | {None}
    for event in simulate(plan.seed, entrance, window, {}).events:
        assert event.record.unit_id in units
        assert event.record.person_id in persons


def test_most_known_people_are_seen_by_face_and_strangers_come_too(plan, world, window):
    records = [event.record for event in simulate(plan.seed, world.entrances[0], window, {}).events]
    named = [record for record in records if record.person_id and record.direction == "in"]
    assert np.mean([record.method == "face" for record in named]) > 0.5
    assert 0.02 < np.mean([record.stranger_id is not None for record in records]) < 0.4
