from datetime import timedelta

import pytest
from unit.alerts.made import TODAY, alert, evidence

from detectors.findings import Kind, Level
from gateway.alerts.model import Subject
from gateway.visits.model import Candidate, LastVisit, Outcome
from gateway.visits.plan import choose, prepare, urgency
from gateway.visits.walk import Place


def candidate(unit_id="u1", *alerts):
    place = Place(estate_id="e1", building="1", entrance="1", floor=1, room=unit_id)
    subject = Subject(estate_id="e1", unit_id=unit_id)
    return Candidate(unit_id=unit_id, place=place, alerts=alerts or (alert(subject=subject),))


def chosen(*candidates, places=10, visited=None):
    return [each.unit_id for each in choose(candidates, day=TODAY, places=places, visited=visited or {})]


def test_the_most_pressing_come_first_and_no_more_than_asked():
    calm = candidate("calm", alert(probability=0.6))
    sure = candidate("sure", alert(probability=0.9))
    urgent = candidate("urgent", alert(probability=0.6, level=Level.RED))
    assert chosen(calm, sure, urgent) == ["urgent", "sure", "calm"]
    assert chosen(calm, sure, urgent, places=2) == ["urgent", "sure"]
    assert chosen(calm, places=0) == []


def test_what_speaks_for_a_unit_adds_up():
    one = candidate("one", alert(probability=0.8))
    two = candidate("two", alert(probability=0.6), alert(kind=Kind.SUBLET, probability=0.6))
    assert chosen(one, two) == ["two", "one"]


@pytest.mark.parametrize(
    ("kind", "is_visited"), [(kind, kind is not Kind.DEVICE) for kind in Kind], ids=[kind.value for kind in Kind]
)
def test_nobody_knocks_because_of_a_device(kind, is_visited):
    assert (chosen(candidate("u1", alert(kind=kind))) == ["u1"]) is is_visited


@pytest.mark.parametrize(
    ("days_ago", "outcome", "is_visited"),
    [
        (27, Outcome.NORMAL, False),
        (28, Outcome.NORMAL, True),
        (10, Outcome.REFUSED, False),
        (1, Outcome.NO_ANSWER, False),
        (2, Outcome.NO_ANSWER, True),
        (0, None, False),
        (-3, None, False),
    ],
)
def test_a_household_is_left_in_peace_after_a_visit_and_tried_again_after_nobody_answered(
    days_ago, outcome, is_visited
):
    last = LastVisit(day=TODAY - timedelta(days=days_ago), outcome=outcome)
    assert (chosen(candidate("u1"), visited={"u1": last}) == ["u1"]) is is_visited


def test_equals_are_taken_in_walking_order():
    assert chosen(candidate("u10"), candidate("u9"), candidate("u2")) == ["u2", "u9", "u10"]


def test_a_visit_says_what_to_ask_about_every_suspicion_once():
    mixed = candidate("u1", alert(kind=Kind.SUBLET), alert(kind=Kind.MISUSE, level=Level.RED))
    visit = prepare(mixed, {})
    assert [each.kind for each in visit.alerts] == [Kind.MISUSE, Kind.SUBLET]
    assert visit.questions == ("who_uses", "use_since", "relation", "household_members", "rent_paid")
    assert visit.best_hours == ((18, 20),)


def test_a_visit_comes_when_the_home_is_used():
    passages = [5.0 if hour == 12 else 0.0 for hour in range(24)]
    assert prepare(candidate("u1"), {"u1": (passages, [0.0] * 24)}).best_hours[0] == (12, 14)


def test_urgency_grows_with_probability_and_level():
    low, high = alert(probability=0.5), alert(probability=0.9, evidence=(evidence(),))
    assert urgency(candidate("u", low)) < urgency(candidate("u", high))
    assert urgency(candidate("u", low)) < urgency(candidate("u", alert(probability=0.5, level=Level.RED)))
