import pytest
from unit.alerts.made import NOW, TODAY, alert

from detectors.findings import Kind
from gateway.alerts.model import State
from gateway.visits.model import Outcome
from gateway.visits.results import Result, settle


def settled(before, outcome, *, corrects=False, note=""):
    result = Result(outcome=outcome, note=note, inspector="li", found_at=NOW)
    return settle(before, result, corrects=corrects, now=NOW)


CONFIRMS = {
    Outcome.CONFIRMED_SUBLET: Kind.SUBLET,
    Outcome.CONFIRMED_VACANT: Kind.VACANCY,
    Outcome.CONFIRMED_MISUSE: Kind.MISUSE,
}


@pytest.mark.parametrize("outcome", list(Outcome))
@pytest.mark.parametrize("kind", [Kind.SUBLET, Kind.VACANCY, Kind.MISUSE, Kind.LEAK])
def test_what_a_finding_does_to_a_dispatched_alert(outcome, kind):
    (change,) = settled(alert(State.DISPATCHED, kind=kind), outcome)

    if outcome in CONFIRMS:
        expected = State.CONFIRMED if CONFIRMS[outcome] is kind else State.OPEN
    else:
        expected = State.DISMISSED if outcome is Outcome.NORMAL else State.OPEN
    assert change.alert.state is expected
    assert change.actor == "li"
    assert change.reason.startswith("visit_")


def test_the_inspectors_own_words_are_the_reason():
    (change,) = settled(alert(State.DISPATCHED), Outcome.NORMAL, note=" a daughter visits ")
    assert change.reason == "a daughter visits"


def test_a_normal_home_is_left_in_peace():
    (change,) = settled(alert(State.DISPATCHED), Outcome.NORMAL)
    assert (change.alert.until - TODAY).days == 28


@pytest.mark.parametrize("outcome", [Outcome.NO_ANSWER, Outcome.REFUSED, Outcome.OTHER])
@pytest.mark.parametrize("state", [State.SNOOZED, State.DISMISSED, State.CONFIRMED, State.RESOLVED])
def test_what_a_person_decided_meanwhile_is_not_opened_by_a_visit_without_finding(outcome, state):
    assert settled(alert(state, until=TODAY), outcome) == []


@pytest.mark.parametrize(
    ("state", "outcome", "path"),
    [
        (State.DISMISSED, Outcome.CONFIRMED_VACANT, [State.OPEN, State.CONFIRMED]),
        (State.CONFIRMED, Outcome.NORMAL, [State.OPEN, State.DISMISSED]),
        (State.DISMISSED, Outcome.NO_ANSWER, [State.OPEN]),
        (State.CONFIRMED, Outcome.CONFIRMED_VACANT, []),
        (State.OPEN, Outcome.REFUSED, []),
        (State.RESOLVED, Outcome.NORMAL, []),
        (State.RESOLVED, Outcome.CONFIRMED_VACANT, [State.OPEN, State.CONFIRMED]),
    ],
)
def test_a_correction_shows_its_steps(state, outcome, path):
    changes = settled(alert(state), outcome, corrects=True)
    assert [change.alert.state for change in changes] == path
