"""The demonstration's world: whoever starts it sees an alert of every kind."""

from datetime import datetime

from device_sim.clock import ZONE
from device_sim.plan import Plan
from device_sim.world import build_world
from gateway.demo.record import Record

OLD_DAYS = 21
"""A case that has gone on for so long can be found (docs/detectors.md has the clocks)."""


def test_of_every_kind_a_case_has_gone_on_long_enough_to_be_found():
    made = Record()
    plan = Plan(made.seed, made.units, made.days, datetime(2026, 11, 26, 8, tzinfo=ZONE), misuse_rate=0.06)
    found = {
        row.kind
        for dwelling in build_world(plan).dwellings
        for row in dwelling.truth
        if row.kind != "honest"
        and plan.first_day + 7 <= row.start <= plan.end_day - OLD_DAYS
        and (row.end is None or row.end >= plan.end_day)
    }
    assert found == {"vacancy", "sublet", "leak", "misuse"}
