"""What is told of a database that fails us."""

import pytest
from structlog.testing import capture_logs

from gateway.store import outage
from gateway.store.outage import Outage


@pytest.fixture
def clock(monkeypatch):
    now = [1000.0]
    monkeypatch.setattr(outage.time, "monotonic", lambda: now[0])
    return now


def test_an_outage_is_told_when_it_begins_every_minute_and_when_it_is_over(clock):
    told = Outage()
    with capture_logs() as log:
        told.over()
        for _ in range(150):
            told.goes_on("refused")
            clock[0] += 1
        told.goes_on("starting up")
        told.over()
        told.over()
    assert [(line["action"], line.get("reason"), line.get("lasts_s")) for line in log[:-1]] == [
        ("database_lost", "refused", None),
        ("database_still_lost", "refused", 60),
        ("database_still_lost", "refused", 120),
    ]
    assert (log[-1]["action"], log[-1]["lasted_s"], log[-1]["was"]) == ("database_back", 150.0, "starting up")


def test_the_next_outage_is_another(clock):
    told = Outage()
    with capture_logs() as log:
        for _ in range(2):
            told.goes_on("refused")
            told.over()
    assert [line["action"] for line in log] == ["database_lost", "database_back"] * 2
