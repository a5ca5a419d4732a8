"""An alert's life as a timetable. The clock is the test's; the store is real; detectors are played by hand."""

from datetime import date, datetime, time, timedelta

import numpy as np
import pytest
from integration.little_estate import LISTS, ZONE, finding

from detectors.findings import Kind, Level, Verdict
from gateway.alerts.acting import act
from gateway.alerts.life import Request
from gateway.alerts.model import Action
from gateway.detection.merging import gather, merge_all
from gateway.errors import RefusedError
from gateway.store import alerts, visits
from gateway.store.database import connect
from gateway.visits.model import Outcome
from gateway.visits.planning import Order, plan
from gateway.visits.recording import record
from gateway.visits.results import Result

UNITS = ("a1", "a10", "a9", "b1", "v1")
MONDAY = date(2026, 11, 2)


class Story:
    """Moves the clock, runs detection, lets people act, and tells what stands."""

    def __init__(self, conn):
        self.conn = conn
        self.now = datetime.combine(MONDAY, time(8), ZONE)

    def on(self, day, hour=8):
        self.now = datetime.combine(MONDAY, time(hour), ZONE) + timedelta(days=day)
        return self

    def detect(self, *findings, unknown=()):
        """The detector of vacancy looks at yesterday; it knows nothing of the homes in `unknown`."""
        chances = {unit: np.nan if unit in unknown else 0.01 for unit in UNITS}
        chances |= {found.unit_id: found.probability for found in findings}
        verdict = Verdict(
            kind=Kind.VACANCY,
            probability=np.array([chances[unit] for unit in UNITS], np.float32),
            findings=findings,
            not_ready=dict.fromkeys(unknown, "data_stale"),
        )
        with self.conn.transaction():
            alerts.lock(self.conn)
            found = gather("e1", self.now.date() - timedelta(days=1), [(UNITS, [verdict])])
            return dict(merge_all(self.conn, found, self.now))

    def act(self, action, unit="a1", **given):
        request = Request(action=action, actor="wang", **({"reason": "asked"} | given))
        return act(self.conn, self.latest(unit).alert_id, request, now=self.now)

    def plan(self, places=5, **given):
        done = plan(self.conn, Order(places=places, inspector="li", **given), now=self.now)
        return [row.unit_id for row in visits.page(self.conn, visits.Filter(date=done.day, inspector="li"), limit=50)]

    def visit(self, outcome, unit="a1"):
        row = visits.page(self.conn, visits.Filter(unit_id=unit), limit=1)[0]
        found = Result(outcome=outcome, note="", inspector="li", found_at=self.now)
        return record(self.conn, row.visit_id, f"{self.now}", found, now=self.now)

    def latest(self, unit="a1"):
        its = alerts.page(self.conn, alerts.Filter(unit_id=unit), limit=100)
        return max((stored.alert for stored in its), key=lambda alert: alert.alert_id)

    def state(self, unit="a1"):
        return self.latest(unit).state.value

    def steps(self, unit="a1"):
        return [change.to_state for change in alerts.history(self.conn, self.latest(unit).alert_id)]

    def count(self):
        return len(alerts.page(self.conn, alerts.Filter(), limit=100))


@pytest.fixture
def story(database):
    with connect(database) as conn:
        conn.execute(LISTS)
        yield Story(conn)


EMPTY = finding("a1", probability=0.8)


def test_a_pattern_that_comes_stays_and_goes(story):
    assert story.on(0).detect() == {}
    assert story.on(1).detect(EMPTY) == {"opened": 1}
    assert story.on(1, hour=9).detect(EMPTY) == {}
    assert story.on(2).detect(EMPTY) == {}
    assert story.on(3).detect() == {}
    assert story.state() == "open"
    assert story.on(4).detect(unknown=["a1"]) == {}
    assert story.on(5).detect() == {"resolved": 1}
    assert story.steps() == ["open", "resolved"]

    assert story.on(9).detect(EMPTY) == {"opened": 1}
    assert story.count() == 2


def test_days_without_data_are_not_days_without_the_pattern(story):
    story.on(0).detect(EMPTY)
    for day in range(1, 20):
        story.on(day).detect(unknown=["a1"])
    assert story.state() == "open"


def test_acknowledged_until_a_date_and_asked_again_after_it(story):
    story.on(0).detect(EMPTY)
    story.on(0, hour=10).act(Action.ACKNOWLEDGE, until=MONDAY + timedelta(days=5))
    for day in range(1, 6):
        assert story.on(day).detect(EMPTY) == {}
    assert story.state() == "acknowledged"
    assert story.on(6).detect(EMPTY) == {"reopened": 1}
    assert story.state() == "open"


def test_snoozed_wakes_early_when_it_grows_worse(story):
    story.on(0).detect(EMPTY)
    story.act(Action.SNOOZE, until=MONDAY + timedelta(days=60))
    assert story.on(3).detect(finding("a1", level=Level.RED, probability=0.95)) == {"raised": 1}
    assert (story.state(), story.latest().level.value) == ("open", "red")


def test_dismissed_stays_dismissed_for_four_weeks(story):
    story.on(0).detect(EMPTY)
    story.act(Action.DISMISS, reason="住户探亲")
    assert story.on(1).detect(EMPTY) == {}
    assert story.on(28).detect(EMPTY) == {}
    assert story.on(29).detect(EMPTY) == {"opened": 1}
    assert (story.state(), story.count()) == ("open", 2)


def test_visited_and_confirmed(story):
    story.on(0).detect(EMPTY)
    assert story.on(0, hour=9).plan() == ["a1"]
    assert story.state() == "dispatched"
    assert story.on(0, hour=23).detect() == {}
    assert story.on(0, hour=19).visit(Outcome.CONFIRMED_VACANT).state == "done"
    assert story.state() == "confirmed"
    for day in range(1, 40):
        assert story.on(day).detect() == {}
    assert story.steps() == ["open", "dispatched", "confirmed"]


def test_nobody_answered_twice_then_all_was_well(story):
    story.on(0).detect(EMPTY)
    story.plan()
    story.on(0, hour=18).visit(Outcome.NO_ANSWER)
    assert story.state() == "open"
    story.on(1).detect(EMPTY)
    assert story.plan() == []
    story.on(2).detect(EMPTY)
    assert story.plan() == ["a1"]
    story.visit(Outcome.NO_ANSWER)
    assert story.on(4).plan() == ["a1"]
    story.visit(Outcome.NORMAL)
    assert story.state() == "dismissed"
    story.on(5).detect(EMPTY)
    assert story.on(20).plan() == []


def test_a_visit_that_was_never_made_is_planned_anew(story):
    story.on(0).detect(EMPTY)
    story.plan()
    assert story.on(1).plan() == []
    assert story.on(2).plan() == []
    assert story.on(3).plan() == ["a1"]
    assert story.steps() == ["open", "dispatched", "open", "dispatched"]
    assert story.on(3, hour=18).visit(Outcome.NORMAL).outcome == "normal"


def test_a_phone_that_was_offline_brings_the_result_of_a_visit_given_up(story):
    story.on(0).detect(EMPTY, finding("a9", probability=0.9))
    assert story.plan(places=1) == ["a9"]
    assert story.on(5).plan(places=1, estate_id="e1") == ["a9"]
    first, second = visits.page(story.conn, visits.Filter(unit_id="a9", state="cancelled"), limit=5)[0], "a9"
    found = Result(outcome=Outcome.CONFIRMED_VACANT, note="", inspector="li", found_at=story.now - timedelta(days=5))
    record(story.conn, first.visit_id, "late", found, now=story.now)
    assert visits.one(story.conn, first.visit_id).outcome == "confirmed_vacant"
    assert story.state(second) == "confirmed"


def test_the_lease_ended_so_the_suspicion_has_lost_its_object(story):
    story.on(0).detect(EMPTY)
    verdict = Verdict(
        kind=Kind.VACANCY,
        probability=np.full(len(UNITS), np.nan, np.float32),
        findings=(),
        not_ready=dict.fromkeys(UNITS, "no_lease"),
    )
    with story.conn.transaction():
        alerts.lock(story.conn)
        found = gather("e1", MONDAY + timedelta(days=9), [(UNITS, [verdict])])
        merge_all(story.conn, found, story.on(10).now)
    assert story.state() == "resolved"


def test_a_unit_visited_today_is_not_visited_twice_today(story):
    story.on(0).detect(EMPTY)
    story.plan()
    story.on(0, hour=18).visit(Outcome.NO_ANSWER)
    with pytest.raises(RefusedError, match="already visited"):
        story.act(Action.DISPATCH)
    assert story.state() == "open"
