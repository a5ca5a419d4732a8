"""Water that really runs for days in an honest home is a leak, and the truth says so."""

from dataclasses import replace
from itertools import islice

import numpy as np

from device_sim.clock import DAY_MIN, SLOTS_A_DAY
from device_sim.records import TruthRow
from device_sim.taps import running_taps
from device_sim.water import dripping_l


def taps_within(world, window):
    """Homes of a world and a tap of theirs that runs and stops within the history."""
    for dwelling in world.dwellings:
        for row in running_taps(world.plan, dwelling):
            if window.first_day <= row.start and row.end < window.first_day + window.days:
                yield dwelling, row


def test_a_tap_that_is_told_runs_two_litres_an_hour_for_three_days_and_more(world, window):
    found = list(taps_within(world, window))
    assert len(found) > 10
    for dwelling, row in found:
        story = dwelling.story
        flow = dripping_l(world.plan.seed, story.index, story.building, window).reshape(-1, SLOTS_A_DAY).sum(axis=1)
        first, last = row.start - window.first_day, row.end - window.first_day
        assert last - first >= 2
        assert flow[first : last + 1].min() >= 48
        assert (flow[[first - 1, min(last + 1, window.days - 1)]] < 48).any()


def test_no_flow_of_that_kind_goes_untold(world, window):
    for dwelling in islice(world.dwellings, 200):
        story = dwelling.story
        if not story.registered or any(row.kind == "leak" for row in dwelling.truth):
            continue
        flow = dripping_l(world.plan.seed, story.index, story.building, window).reshape(-1, SLOTS_A_DAY).min(axis=1)
        runs = np.convolve(flow * 6 >= 2, np.ones(3), "valid") == 3
        told = list(running_taps(world.plan, dwelling))
        for day in (window.first_day + np.flatnonzero(runs)).tolist():
            assert any(row.start <= day and day + 2 <= row.end for row in told)


def test_an_empty_home_has_no_tap_and_a_leak_is_told_once(world, window):
    dwelling, row = next(taps_within(world, window))
    building = replace(dwelling.story.building, power_off_from=(row.start - 1) * DAY_MIN)
    empty = replace(dwelling, story=replace(dwelling.story, building=building))
    assert row not in list(running_taps(world.plan, empty))
    leak = TruthRow(row.unit_id, "leak", "pipe", row.end, None)
    assert row not in list(running_taps(world.plan, replace(dwelling, truth=(leak,))))
    assert row in list(world.truth)
