"""A case goes on step by step; each refusal says why; what opened it can be taken back."""

from datetime import date, timedelta

import pytest
from unit.alerts.made import NOW, TODAY, alert

from detectors.findings import Kind
from gateway.alerts.life import ActionRefusedError, conclude
from gateway.alerts.model import State as AlertState
from gateway.cases.life import Request, apply, doubt, join, open_case
from gateway.cases.model import Action, Basis, Event, Handover, State

DUE = TODAY + timedelta(days=15)
CITY = Handover(body=" 城管执法部门 ", reference="〔2026〕7号")
STEPS = {
    "persuade": (Action.PERSUADE, State.PERSUADED),
    "interview": (Action.INTERVIEW, State.INTERVIEWED),
    "order": (Action.ORDER, State.RECTIFICATION_ORDERED),
    "rectify": (Action.RECTIFY, State.RECTIFIED),
    "transfer": (Action.TRANSFER, State.TRANSFERRED),
    "answer": (Action.ANSWER, State.ANSWERED),
    "close": (Action.CLOSE, State.CLOSED),
}


def basis(*alerts, kind=Kind.VACANCY, **other):
    fields = {"estate_id": "e1", "unit_id": "u1", "actor": "li", "reason": "visit_confirmed"} | other
    return Basis(kind=kind, alerts=alerts or (alert(AlertState.CONFIRMED),), **fields)


def taken(case, action, **given):
    request = {"actor": "wang", "reason": "因为", "due": DUE, "handover": CITY} | given
    return apply(case, Request(action=action, **request), now=NOW)


def led(*path):
    """A case that has come this far."""
    case = open_case(basis(), now=NOW).case
    for name in path:
        case = taken(case, STEPS[name][0]).case
    return case


def test_a_confirmed_alert_opens_a_case_that_keeps_its_facts():
    change = open_case(basis(alert(AlertState.CONFIRMED, subtype=None)), now=NOW)
    assert (change.action, change.from_state, change.case.state) == (Event.OPENED, None, State.FOUND)
    assert change.case.alert_ids == (7,)
    assert change.case.grounds[0].facts == alert().evidence


def test_a_visit_that_finds_something_else_keeps_the_alerts_it_was_made_for():
    case = open_case(basis(alert(kind=Kind.LEAK), kind=Kind.SUBLET, visit_id=3), now=NOW).case
    assert (case.kind, case.alert_ids, case.visit_id) == (Kind.SUBLET, (), 3)
    assert [ground.kind for ground in case.grounds] == [Kind.LEAK]


@pytest.mark.parametrize(
    "path",
    [
        "persuade interview order rectify close",
        "interview transfer answer close",
        "order order rectify order transfer transfer answer close",
        "transfer rectify answer close",
        "close",
    ],
)
def test_a_case_is_carried_on_to_its_end(path):
    case = led()
    for name in path.split():
        action, reached = STEPS[name]
        change = taken(case, action)
        assert (change.from_state, change.case.state, change.actor) == (case.state, reached, "wang")
        case = change.case
    assert case.state is State.CLOSED


@pytest.mark.parametrize(
    ("path", "action"),
    [
        ("interview", Action.PERSUADE),
        ("order", Action.INTERVIEW),
        ("transfer", Action.ORDER),
        ("", Action.ANSWER),
        ("order", Action.ANSWER),
        ("rectify", Action.TRANSFER),
        ("rectify answer", Action.RECTIFY),
        ("close", Action.CLOSE),
        ("close", Action.STATEMENT),
        ("", Action.REOPEN),
    ],
)
def test_a_step_that_does_not_follow_is_refused(path, action):
    with pytest.raises(ActionRefusedError) as refused:
        taken(led(*path.split()), action)
    assert refused.value.code == "case_state"


def test_an_order_has_a_last_day_and_is_overdue_after_it():
    change = taken(led(), Action.ORDER)
    assert change.data == {"due": DUE.isoformat()}
    assert not change.case.is_overdue(DUE)
    assert change.case.is_overdue(DUE + timedelta(days=1))
    assert not taken(change.case, Action.RECTIFY).case.is_overdue(DUE + timedelta(days=1))


@pytest.mark.parametrize(
    ("due", "code"),
    [(None, "due_missing"), (TODAY, "due_past"), (TODAY + timedelta(days=181), "due_far"), (date(1, 1, 1), "due_past")],
)
def test_a_last_day_is_needed_and_lies_ahead(due, code):
    with pytest.raises(ActionRefusedError) as refused:
        taken(led(), Action.ORDER, due=due)
    assert (refused.value.code, refused.value.about) == (code, "due")


def test_a_handover_says_to_whom():
    change = taken(led("interview"), Action.TRANSFER)
    assert change.handover == Handover(body="城管执法部门", reference="〔2026〕7号")
    assert change.data == {"to": "城管执法部门", "reference": "〔2026〕7号"}
    for given in (None, Handover(body="  ")):
        with pytest.raises(ActionRefusedError, match="body"):
            taken(led(), Action.TRANSFER, handover=given)


@pytest.mark.parametrize(
    ("path", "action"),
    [
        ("", Action.RECTIFY),
        ("transfer", Action.ANSWER),
        ("order", Action.CLOSE),
        ("close", Action.REOPEN),
        ("", Action.STATEMENT),
        ("", Action.NOTE),
    ],
)
def test_what_has_to_be_said_is_asked_for(path, action):
    with pytest.raises(ActionRefusedError) as refused:
        taken(led(*path.split()), action, reason=" ")
    assert refused.value.about == "reason"


def test_a_settled_case_closes_without_further_words():
    assert taken(led("rectify"), Action.CLOSE, reason="").case.state is State.CLOSED


def test_reopening_leads_back_to_where_it_was():
    case = taken(led("order", "close"), Action.REOPEN).case
    assert (case.state, case.due, case.closed_from) == (State.RECTIFICATION_ORDERED, DUE, None)


def test_the_tenants_answer_is_kept_and_moves_nothing():
    change = taken(led("order"), Action.STATEMENT, reason=" 住院三个月 ")
    assert (change.case.statement, change.case.statement_at) == ("住院三个月", NOW)
    assert change.case.state is State.RECTIFICATION_ORDERED


def test_a_further_finding_joins_once():
    case = led("persuade")
    second = basis(alert(AlertState.CONFIRMED, alert_id=8), visit_id=5)
    change = join(case, second, now=NOW)
    assert (change.action, change.case.alert_ids, change.case.visit_id) == (Event.JOINED, (7, 8), 5)
    assert change.case.state is State.PERSUADED
    assert join(change.case, second, now=NOW) is None


def test_a_finding_taken_back_ends_what_nobody_acted_on_and_leaves_the_rest_to_a_person():
    fresh = doubt(led(), actor="li", reason="visit_normal", now=NOW)
    assert (fresh.action, fresh.case.state) == (Event.WITHDRAWN, State.CLOSED)
    far = doubt(led("interview"), actor="li", reason="visit_normal", now=NOW)
    assert (far.action, far.case.state) == (Event.DOUBTED, State.INTERVIEWED)


def test_a_closed_case_ends_its_alert():
    confirmed = alert(AlertState.CONFIRMED)
    assert conclude(confirmed, settled=True, actor="w", now=NOW).alert.state is AlertState.RESOLVED
    given_up = conclude(confirmed, settled=False, actor="w", now=NOW).alert
    assert (given_up.state, (given_up.until - TODAY).days) == (AlertState.DISMISSED, 28)
