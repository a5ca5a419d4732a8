"""What is said to clear a finding clears it: each remedy is put on the panel, and the alert ends as alerts do."""

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta

import numpy as np
import pytest
from unit.detectors.homes import home, panel_of

from detectors import coming
from detectors.clearing import REMEDIES, TYPICAL, Way, _case, explained
from detectors.codes import CLEARING_CODES
from detectors.findings import Kind
from detectors.policy import Policy
from detectors.registry import default_detectors
from detectors.searching import FORTNIGHT_DAYS
from gateway.alerts.life import DEFAULT_POLICY, merge
from gateway.alerts.model import State, Subject
from gateway.detection.merging import gather, without_finding

POLICY = Policy()
DETECTORS = {one.kind: one for one in default_detectors()}
LATELY = range(70, 90, 2)
ME = Subject(estate_id="e1", unit_id="u1")


def elder():
    return home(size=1).about(lone_elder=True)


def now_and_then_silent():
    one = elder().without("electricity")
    for day in (0, 30, 60):
        one.set(slice(day, day + 1), water_l=0)
    return one.away(1)


UNKNOWN = home().lived_in(slice(62), seen=0.5).lived_in(slice(62, None), 500, 9, seen=0).unknown_faces(range(62, 90))
GUESTS = home().unseen(28).strangers(range(62, 90), 2, returning=False).lived_in(slice(62, None), 700, seen=0)
STORIES = {
    "vacant": (Kind.VACANCY, home().away(50)),
    "vacant over a leak": (Kind.VACANCY, home().away(50).leak(3, 25)),
    "never moved in": (Kind.VACANCY, home().moved_in(40).away(41)),
    "one meter": (Kind.VACANCY, home().away(45).without("electricity", "door")),
    "an elder's": (Kind.VACANCY, elder().away(72)),
    "whole": (Kind.SUBLET, home().unseen(28).strangers(LATELY, 1)),
    "short let": (Kind.SUBLET, GUESTS),
    "unknown faces": (Kind.SUBLET, UNKNOWN),
    "never seen": (Kind.SUBLET, home().unseen(90).strangers(range(60, 90))),
    "room": (Kind.SUBLET, home(size=1).lived_in(slice(69, None), 520, 12).strangers(range(69, 90), 3)),
    "overstay": (Kind.MISUSE, home().unleased(40)),
    "squatted": (Kind.MISUSE, home().unleased(90).about(tenure_leased=False)),
    "leak": (Kind.LEAK, home().leak(4, 6)),
    "burst": (Kind.LEAK, home().leak(12, 20)),
    "silent": (Kind.CARE, elder().without("electricity", "door").away(2)),
    "silent now and then": (Kind.CARE, now_and_then_silent()),
    "flood": (Kind.CARE, elder().set(slice(89, None), water_l=2500)),
}


def found(kind, one, detector=None):
    panel = panel_of(one)
    detector = detector or DETECTORS[kind]
    gone_days = DEFAULT_POLICY.gone_days[kind]
    verdict = explained(detector, panel, detector(panel), detector.policy, gone_days=gone_days)
    return panel, verdict.findings[0]


def told(kind, one):
    return {clearing.code: clearing for clearing in found(kind, one)[1].clears}


def ends(detector, panel, finding, last):
    """Play every day after the finding as runs do; whether its alert ended by itself on `last` or before."""
    as_of = finding.evidence[0].end
    alert = merge(None, finding, subject=ME, as_of=as_of, now=noon(as_of)).alert
    for number in range(1, (last - as_of).days + 1):
        day = as_of + timedelta(days=number)
        alert = next_day(detector, panel.until(np.datetime64(day)), alert, day)
        if alert.state is State.RESOLVED:
            return True
    return False


def next_day(detector, panel, alert, day):
    run = gather("e1", day, [(panel.unit_ids, [detector(panel)])])
    if (ME, alert.kind) in run.findings:
        change = merge(alert, run.findings[ME, alert.kind], subject=ME, as_of=day, now=noon(day))
    else:
        change = without_finding(alert, (ME, alert.kind) in run.judged, day, noon(day))
    return change.alert if change else alert


def noon(day):
    return datetime.combine(day + timedelta(days=1), time(12), UTC)


def remedied(kind, panel, finding, clearing, days):
    """The panel as it goes on, with the remedy on these days (numbers from tomorrow on, or None: on the lists)."""
    remedy = next(one for one in REMEDIES[kind] if one.code == clearing.code)
    case = _case(panel, POLICY, (finding,))
    longer = coming.go_on(panel, TYPICAL[kind](case), 40)
    index = np.arange(longer.shape[1])[None, :]
    lists = {
        Way.COVERED: (index >= case.since[:, None]) & (index < case.length),
        Way.SINCE: index >= case.since[:, None],
        Way.FROM_NOW: index >= case.length,
    }
    mask = np.isin(index, case.length + np.array(days)) if days is not None else lists[remedy.way]
    return remedy.change(longer, mask, case)


@pytest.mark.parametrize("story", STORIES)
def test_whatever_is_told_makes_the_alert_end(story):
    kind, one = STORIES[story]
    panel, finding = found(kind, one)
    wait = timedelta(days=DEFAULT_POLICY.gone_days[kind])
    assert finding.clears
    for clearing in finding.clears:
        way = next(remedy.way for remedy in REMEDIES[kind] if remedy.code == clearing.code)
        last = clearing.end if way is Way.IN_A_ROW else max(clearing.end, panel.as_of.item()) + wait
        for days in placed(way, int(clearing.value)):
            after = remedied(kind, panel, finding, clearing, days)
            assert ends(DETECTORS[kind], after, finding, last), (clearing.code, days)


def placed(way, number):
    """Days ahead as they may fall: at once, at the end, at random; or all in a row; or none, where lists change."""
    if way is Way.ANYWHERE:
        random = np.random.default_rng(7)
        drawn = [random.choice(FORTNIGHT_DAYS, number, replace=False) for _ in range(2)]
        return [range(number), range(FORTNIGHT_DAYS - number, FORTNIGHT_DAYS), *drawn]
    return [range(number)] if way is Way.IN_A_ROW else [None]


@pytest.mark.parametrize("story", [name for name in STORIES if name != "flood"])
def test_if_nothing_changes_the_alert_stays(story):
    kind, one = STORIES[story]
    panel, finding = found(kind, one)
    same = coming.go_on(panel, TYPICAL[kind](_case(panel, POLICY, (finding,))), 20)
    assert not ends(DETECTORS[kind], same, finding, panel.as_of.item() + timedelta(days=16))


def test_two_days_at_home_within_a_fortnight_clear_a_vacancy_and_one_is_a_visit():
    panel, finding = found(Kind.VACANCY, home().away(50))
    clearing = {one.code: one for one in finding.clears}["lived_in"]
    assert (clearing.value, clearing.unit) == (2, "days")
    assert (str(clearing.start), str(clearing.end)) == ("2026-05-30", "2026-06-12")
    once = remedied(Kind.VACANCY, panel, finding, clearing, [4])
    assert not ends(DETECTORS[Kind.VACANCY], once, finding, clearing.end + timedelta(days=3))


def test_at_the_door_a_day_is_told_to_spare_and_one_less_than_the_least_is_not_enough():
    panel, finding = found(*STORIES["whole"])
    clearing = {one.code: one for one in finding.clears}["registered_at_door"]
    fewer = range(FORTNIGHT_DAYS - int(clearing.value) + 2, FORTNIGHT_DAYS)
    after = remedied(Kind.SUBLET, panel, finding, clearing, fewer)
    assert not ends(DETECTORS[Kind.SUBLET], after, finding, clearing.end + timedelta(days=7))


def test_a_declared_absence_covers_the_days_of_the_pattern():
    clearing = told(Kind.VACANCY, home().away(50))["absence_declared"]
    assert (clearing.value, str(clearing.start), str(clearing.end)) == (50, "2026-04-10", "2026-05-29")


def test_a_leak_asks_for_an_hour_below_the_policys_flow():
    clearing = told(Kind.LEAK, home().leak(4, 6))["hour_without_flow"]
    assert (clearing.value, clearing.limit, clearing.limit_unit) == (1, 2.0, "L/h")


def test_whoever_lives_alone_is_well_when_water_is_drawn():
    clearing = told(*STORIES["silent"])["water_drawn"]
    assert (clearing.value, clearing.limit, clearing.limit_unit) == (1, 10.0, "L")
    usual = told(*STORIES["flood"])["water_as_usual"]
    assert 50 < usual.limit < 300


def test_what_devices_cannot_show_is_not_asked_for():
    changed = home().lived_in(slice(68, None), 800, 16).faceless().strangers(range(68, 90), 5)
    assert "registered_at_door" not in told(Kind.SUBLET, changed)
    assert "registered_at_door" in told(*STORIES["whole"])
    assert {"registered_daily", "visited_daily"} & set(told(*STORIES["silent"])) == set()
    assert {"registered_daily", "visited_daily"} <= set(told(*STORIES["silent now and then"]))


def test_unknown_faces_without_a_pseudonym_may_be_registered_too():
    assert "no_strangers" in told(Kind.SUBLET, UNKNOWN)


def test_a_household_that_was_seen_is_not_said_to_be_away():
    assert "absence_declared" not in told(*STORIES["room"])


def test_another_policy_asks_for_other_figures():
    strict = replace(POLICY, vacancy_clock_days=14, short_absence_log_odds=5.6, absence_log_odds_a_day=0.23)
    detector = type(DETECTORS[Kind.VACANCY])(strict)
    _, finding = found(Kind.VACANCY, home().away(16), detector)
    assert {one.code for one in finding.clears} >= {"lived_in", "absence_declared"}
    drip = type(DETECTORS[Kind.LEAK])(replace(POLICY, leak_l_per_h=1.0))
    assert found(Kind.LEAK, home().leak(1.5, 10), drip)[1].clears[0].limit == 1.0


def test_what_is_told_of_a_unit_does_not_depend_on_the_others():
    homes = [home(f"u{number}").away(36 + 5 * number) for number in range(4)]
    detector = DETECTORS[Kind.VACANCY]

    def clears(*some):
        panel = panel_of(*some)
        verdict = explained(detector, panel, detector(panel), POLICY, gone_days=3)
        return {finding.unit_id: finding.clears for finding in verdict.findings}

    together = clears(*homes)
    assert together == {unit: its for one in homes for unit, its in clears(one).items()}


def test_every_remedy_has_a_code_and_every_code_a_remedy():
    assert {remedy.code for remedies in REMEDIES.values() for remedy in remedies} == set(CLEARING_CODES)
    assert set(REMEDIES) == set(TYPICAL) == set(DETECTORS)
