"""Four minutes of `make soak`, a fault every twenty seconds; in the end every message is where it belongs."""

import pytest
from soak.faults import ALL
from soak.report import as_markdown
from soak.soak import Plan, schedule, soak

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1800)]

PLAN = Plan(minutes=4, rate=1000, fault_every_s=20, seed=10, patient=False)


def test_every_message_is_stored_once_whatever_fails_meanwhile():
    result = soak(PLAN)
    report = as_markdown(result)
    assert result.right, report
    assert len(result.struck) == 12
    assert result.messages == 240_000
    assert result.looks[-1].behind == 0


def test_an_hour_has_every_fault_in_it():
    drawn = {fault.name for _, fault in schedule(Plan(minutes=60, rate=3000))}
    assert drawn == {fault.name for fault in ALL}
