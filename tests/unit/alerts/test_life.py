"""Every rule of an alert's life, and every transition that is allowed."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from unit.alerts.made import AS_OF, NOW, SUBJECT, TODAY, alert, evidence, finding

from detectors.findings import Kind, Level
from detectors.taught import RAISED
from gateway.alerts.life import DETECTION, ActionRefusedError, LifePolicy, Request, apply, merge, vanish, wake
from gateway.alerts.model import Action, Event, State


def merged(before, found, *, as_of=AS_OF, now=NOW):
    return merge(before, found, subject=SUBJECT, as_of=as_of, now=now)


def asked(action, **given):
    fields = {"actor": "wang", "reason": "seen"} | given
    return Request(action=action, **fields)


# What is found merges.


def test_a_first_finding_opens_an_alert():
    change = merged(None, finding(level=Level.RED, subtype="whole"))

    assert (change.action, change.actor, change.from_state) == (Event.OPENED, DETECTION, None)
    assert change.reason == "found"
    opened = change.alert
    assert (opened.alert_id, opened.state, opened.level, opened.subtype) == (0, State.OPEN, Level.RED, "whole")
    assert (opened.opened_at, opened.updated_at, opened.last_found_on) == (NOW, NOW, AS_OF)
    assert opened.since == date(2026, 11, 1)


@pytest.mark.parametrize("state", [State.OPEN, State.DISPATCHED, State.CONFIRMED])
def test_a_repeated_finding_refreshes_without_noise(state):
    before = alert(state)
    change = merged(before, finding(probability=0.9, evidence=(evidence(21.0),)))

    assert not change.told
    assert (change.alert.probability, change.alert.evidence[0].value) == (0.9, 21.0)
    assert change.alert.last_found_on == AS_OF
    assert change.alert.updated_at == before.updated_at
    assert change.alert.state is state


def test_the_same_run_twice_changes_nothing():
    before = alert(last_found_on=AS_OF)
    assert merged(before, finding()) is None


def test_a_run_for_the_past_does_not_undo_the_present():
    before = alert(last_found_on=AS_OF)
    assert merged(before, finding(level=Level.RED), as_of=AS_OF - timedelta(days=5)) is None


def test_the_first_day_only_moves_back():
    earlier = merged(alert(), finding(since=date(2026, 10, 1)))
    later = merged(alert(), finding(since=date(2026, 11, 9)))
    assert (earlier.alert.since, later.alert.since) == (date(2026, 10, 1), date(2026, 11, 1))


@pytest.mark.parametrize(
    ("state", "after"),
    [
        (State.OPEN, State.OPEN),
        (State.ACKNOWLEDGED, State.OPEN),
        (State.SNOOZED, State.OPEN),
        (State.DISPATCHED, State.DISPATCHED),
        (State.CONFIRMED, State.CONFIRMED),
    ],
)
def test_a_rise_of_level_is_told_at_once_and_wakes_what_is_muted(state, after):
    change = merged(alert(state, until=TODAY + timedelta(days=9)), finding(level=Level.RED))

    assert (change.action, change.told, change.reason) == (Event.RAISED, True, "level_rose")
    assert (change.from_state, change.alert.state, change.alert.level) == (state, after, Level.RED)
    assert change.alert.updated_at == NOW


def test_the_level_does_not_fall_while_the_alert_lives():
    change = merged(alert(level=Level.RED), finding(level=Level.YELLOW))
    assert change.alert.level is Level.RED
    assert not change.told


def test_a_new_subtype_is_told_and_a_missing_one_is_not():
    told = merged(alert(subtype="room"), finding(subtype="group"))
    quiet = merged(alert(subtype="room"), finding(subtype=None))
    assert (told.action, told.reason, told.alert.subtype) == (Event.UPDATED, "subtype_changed", "group")
    assert not quiet.told
    assert quiet.alert.subtype == "room"


@pytest.mark.parametrize("state", [State.ACKNOWLEDGED, State.SNOOZED])
def test_muted_stays_quiet_through_its_last_day_and_opens_on_the_next(state):
    on_last_day = merged(alert(state, until=TODAY), finding())
    day_after = merged(alert(state, until=TODAY - timedelta(days=1)), finding())

    assert not on_last_day.told
    assert on_last_day.alert.state is state
    assert (day_after.action, day_after.reason) == (Event.REOPENED, "until_passed")
    assert (day_after.alert.state, day_after.alert.until) == (State.OPEN, None)


def test_muted_opens_when_its_date_has_passed_even_where_nothing_was_judged():
    assert wake(alert(State.SNOOZED, until=TODAY), now=NOW) is None
    change = wake(alert(State.SNOOZED, until=TODAY - timedelta(days=1)), now=NOW)
    assert (change.from_state, change.alert.state, change.reason) == (State.SNOOZED, State.OPEN, "until_passed")
    assert wake(alert(State.DISPATCHED, until=date(2026, 1, 1)), now=NOW) is None


def test_a_dismissed_pattern_is_quiet_for_its_pause_unless_it_grows():
    dismissed = alert(State.DISMISSED, until=TODAY)

    assert merged(dismissed, finding()) is None
    grown = merged(dismissed, finding(level=Level.RED))
    later = merged(replace(dismissed, until=TODAY - timedelta(days=1)), finding())
    for change in (grown, later):
        assert (change.action, change.alert.alert_id, change.alert.state) == (Event.OPENED, 0, State.OPEN)


def test_what_resolved_by_itself_opens_anew():
    change = merged(alert(State.RESOLVED), finding())
    assert (change.action, change.alert.alert_id) == (Event.OPENED, 0)


# What is gone ends, after a while.


@pytest.mark.parametrize("kind", list(Kind))
def test_a_pattern_must_be_gone_for_some_days(kind):
    days = LifePolicy().gone_days[kind]
    early = vanish(alert(kind=kind, last_found_on=AS_OF - timedelta(days=days - 1)), as_of=AS_OF, now=NOW)
    due = vanish(alert(kind=kind, last_found_on=AS_OF - timedelta(days=days)), as_of=AS_OF, now=NOW)

    assert early is None
    assert (due.action, due.alert.state, due.reason) == (Event.RESOLVED, State.RESOLVED, "pattern_gone")
    assert due.alert.updated_at == NOW


def test_an_alert_that_outcomes_had_raised_ends_with_a_reason_of_its_own():
    raised = replace(
        alert(last_found_on=AS_OF - timedelta(days=9)), evidence=(evidence(), replace(evidence(), code=RAISED))
    )
    assert vanish(raised, as_of=AS_OF, now=NOW).reason == "no_longer_raised"


@pytest.mark.parametrize(
    ("state", "ends"),
    [
        (State.OPEN, True),
        (State.ACKNOWLEDGED, True),
        (State.SNOOZED, True),
        (State.DISPATCHED, False),
        (State.CONFIRMED, False),
        (State.DISMISSED, False),
        (State.RESOLVED, False),
    ],
)
def test_only_what_nobody_works_on_ends_by_itself(state, ends):
    change = vanish(alert(state, last_found_on=date(2026, 10, 1)), as_of=AS_OF, now=NOW)
    assert (change is not None) is ends


# What people do.

ALLOWED = {
    Action.ACKNOWLEDGE: ("open acknowledged snoozed", State.ACKNOWLEDGED),
    Action.SNOOZE: ("open acknowledged snoozed", State.SNOOZED),
    Action.DISPATCH: ("open acknowledged snoozed", State.DISPATCHED),
    Action.DISMISS: ("open acknowledged snoozed dispatched", State.DISMISSED),
    Action.CONFIRM: ("open acknowledged snoozed dispatched", State.CONFIRMED),
    Action.REOPEN: ("acknowledged snoozed dispatched confirmed dismissed resolved", State.OPEN),
    Action.NOTE: ("open acknowledged snoozed dispatched confirmed dismissed resolved", None),
}


@pytest.mark.parametrize("state", list(State))
@pytest.mark.parametrize("action", list(Action))
def test_transitions(action, state):
    sources, target = ALLOWED[action]
    request = asked(action, until=TODAY + timedelta(days=5) if action is Action.SNOOZE else None)
    if state not in sources.split():
        with pytest.raises(ActionRefusedError) as refused:
            apply(alert(state), request, now=NOW)
        assert (refused.value.code, refused.value.about) == ("state", None)
        return
    change = apply(alert(state), request, now=NOW)
    assert (change.actor, change.action, change.from_state, change.reason) == ("wang", action, state, "seen")
    assert change.alert.state is (target or state)
    assert change.alert.updated_at == NOW
    assert change.told


def test_acknowledging_lasts_two_weeks_unless_told_otherwise():
    usual = apply(alert(), asked(Action.ACKNOWLEDGE), now=NOW)
    chosen = apply(alert(), asked(Action.ACKNOWLEDGE, until=date(2026, 11, 25)), now=NOW)
    assert (usual.alert.until, chosen.alert.until) == (date(2026, 12, 6), date(2026, 11, 25))
    assert chosen.data == {"until": "2026-11-25"}


@pytest.mark.parametrize(
    ("action", "given", "code", "about"),
    [
        (Action.SNOOZE, {"until": None}, "until_missing", "until"),
        (Action.SNOOZE, {"until": TODAY}, "until_past", "until"),
        (Action.SNOOZE, {"until": TODAY + timedelta(days=91)}, "until_far", "until"),
        (Action.ACKNOWLEDGE, {"until": TODAY - timedelta(days=1)}, "until_past", "until"),
        (Action.ACKNOWLEDGE, {"until": TODAY + timedelta(days=91)}, "until_far", "until"),
        (Action.DISPATCH, {"day": TODAY - timedelta(days=2)}, "date_past", "date"),
        (Action.DISMISS, {"reason": " "}, "reason_missing", "reason"),
        (Action.CONFIRM, {"reason": ""}, "reason_missing", "reason"),
        (Action.NOTE, {"reason": ""}, "reason_missing", "reason"),
    ],
)
def test_what_is_missing_or_out_of_range_is_named(action, given, code, about):
    with pytest.raises(ActionRefusedError) as refused:
        apply(alert(), asked(action, **given), now=NOW)
    assert (refused.value.code, refused.value.about) == (code, about)


def test_snoozing_may_last_ninety_days():
    change = apply(alert(), asked(Action.SNOOZE, until=TODAY + timedelta(days=90)), now=NOW)
    assert change.alert.until == TODAY + timedelta(days=90)


def test_dispatching_says_when_and_who():
    change = apply(alert(), asked(Action.DISPATCH, day=TODAY, inspector="li"), now=NOW)
    assert change.data == {"date": "2026-11-22", "inspector": "li"}


def test_dismissing_keeps_the_pattern_quiet_for_four_weeks():
    change = apply(alert(), asked(Action.DISMISS), now=NOW)
    assert change.alert.until == TODAY + timedelta(days=28)


def test_opening_again_forgets_the_date():
    change = apply(alert(State.SNOOZED, until=TODAY), asked(Action.REOPEN, reason=""), now=NOW)
    assert (change.alert.state, change.alert.until) == (State.OPEN, None)
