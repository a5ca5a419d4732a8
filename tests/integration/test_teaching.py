"""From a visit's outcome to the next run's probabilities, and back."""

from datetime import datetime, timedelta

import numpy as np
import pytest
from integration.console import served
from integration.little_estate import LISTS, ZONE, finding, opened
from integration.test_detection import LAST, NOW, Says, lived_in
from structlog.testing import capture_logs
from typer.testing import CliRunner

from api.app import create_app
from detectors.findings import Kind
from detectors.learning import Model
from gateway.cli import app
from gateway.detection import teaching
from gateway.detection.run import run
from gateway.errors import ConfigError, RefusedError
from gateway.settings import Settings
from gateway.store import alerts, models, units, visits
from gateway.store.database import connect
from gateway.visits.model import Outcome
from gateway.visits.planning import Order, plan
from gateway.visits.reasons import reason_text
from gateway.visits.recording import record
from gateway.visits.results import Result

DAY = NOW.date()


@pytest.fixture
def conn(database):
    with connect(database) as conn:
        conn.execute(LISTS)
        devices = dict(conn.execute("SELECT device_id, device_no FROM devices").fetchall())
        lived_in(conn, devices)
        yield conn


def planned(conn, *, day=DAY, places=8):
    plan(conn, Order(day=day, estate_id="e1", places=places), now=NOW)
    return visits.page(conn, visits.Filter(date=day), limit=50)


def made(conn, visit, outcome, key=None):
    found = Result(outcome=outcome, note="", inspector="li", found_at=NOW)
    return record(conn, visit.visit_id, key or f"k{visit.visit_id}", found, now=NOW)


def outcomes(conn, number, *, found, unit="a1", score=0.75):
    """Visits as they would lie there after months, all for the same sort of suspicion."""
    signals = [{"kind": "vacancy", "score": score, "said": score, "subtype": None, "evidence": {"absent_run": 2.0}}]
    for at in range(number):
        conn.execute(
            'INSERT INTO visits (date, estate_id, unit_id, "order", alert_ids, reasons, questions, best_hours, state,'
            " outcome, chance, signals) VALUES (%s, 'e1', %s, 1, '{}', '[]', '[]', '[]', 'done', %s, 1, %s)",
            (
                DAY - timedelta(days=30 + at),
                unit,
                "confirmed_vacant" if at < found else "normal",
                visits.Jsonb(signals),
            ),
        )


def near():
    """A detector that holds a9's suspicion below the line."""
    return Says(suspicions=[finding("a9", probability=0.3)])


def test_a_visit_keeps_what_was_known_when_it_was_planned(conn):
    run(conn, now=NOW, estate_id="e1", detectors=[Says(finding("a1", probability=0.75))])
    (visit,) = planned(conn)
    assert (visit.explores, visit.chance) == (False, 1.0)
    assert visit.signals == [
        {
            "kind": "vacancy",
            "score": pytest.approx(0.75),
            "said": 0.75,
            "subtype": None,
            "evidence": {"water_absent": 0.5, "absent_run": 2.0},
        }
    ]


def test_outcomes_that_tell_something_are_lessons_and_no_others(conn):
    for unit, kind in (("a1", Kind.VACANCY), ("a9", Kind.SUBLET), ("a10", Kind.VACANCY), ("b1", Kind.LEAK)):
        opened(conn, finding(unit, kind), now=NOW)
    told = {
        "a1": Outcome.CONFIRMED_VACANT,
        "a9": Outcome.CONFIRMED_VACANT,
        "a10": Outcome.NO_ANSWER,
        "b1": Outcome.NORMAL,
    }
    for visit in planned(conn):
        made(conn, visit, told[visit.unit_id])
    learnt = {(one.unit_id, one.signal.kind): one.found for one in teaching.lessons(conn)}
    assert learnt == {("a1", Kind.VACANCY): True, ("a9", Kind.SUBLET): False}
    (corrected,) = [visit for visit in planned(conn) if visit.unit_id == "a1"]
    made(conn, corrected, Outcome.REFUSED, "later")
    assert ("a1", Kind.VACANCY) not in {(one.unit_id, one.signal.kind) for one in teaching.lessons(conn)}


def test_a_visit_that_a_person_ordered_was_not_drawn_by_chance(conn):
    from gateway.visits.planning import add_alert

    alert_id = opened(conn, finding("a1"), now=NOW)
    with conn.transaction():
        alerts.lock(conn)
        add_alert(conn, alerts.one(conn, alert_id).alert, day=DAY, inspector="li", now=NOW)
    (visit,) = visits.page(conn, visits.Filter(date=DAY), limit=9)
    assert visit.chance is None
    made(conn, visit, Outcome.NORMAL)
    assert teaching.lessons(conn)[0].chance == 1


def test_what_was_learnt_reaches_the_next_run_and_the_detectors_own_word_is_kept(conn):
    outcomes(conn, 40, found=2)
    teaching.refit(conn, NOW)
    run(conn, now=NOW, estate_id="e1", detectors=[Says(finding("a1", probability=0.75))])
    (score,) = units.one(conn, "a1").scores
    assert score["probability"] < 0.5
    assert visits.raw_scores(conn, ["a1"])["a1", Kind.VACANCY] == pytest.approx(0.75)
    (stored,) = alerts.page(conn, alerts.Filter(unit_id="a1"), limit=5)
    assert stored.alert.probability < 0.3
    assert stored.alert.state == "open"
    (visit,) = planned(conn)
    assert visit.signals[0]["score"] == pytest.approx(0.75)
    assert visit.signals[0]["said"] == pytest.approx(stored.alert.probability)


def test_a_new_model_each_night_where_there_are_new_outcomes(conn):
    assert teaching.refit_if_due(conn, NOW) is None
    outcomes(conn, 5, found=2)
    assert teaching.refit_if_due(conn, NOW).model.labels == 5
    assert teaching.refit_if_due(conn, NOW + timedelta(hours=12)) is None  # the same day
    tomorrow = NOW.replace(hour=2) + timedelta(days=1)
    outcomes(conn, 1, found=1, unit="a9")
    assert teaching.refit_if_due(conn, tomorrow) is None  # not night yet
    assert teaching.refit_if_due(conn, tomorrow + timedelta(hours=2)).model.labels == 6
    assert teaching.refit_if_due(conn, tomorrow + timedelta(days=1, hours=2)) is None  # nothing new


def test_one_step_back_and_it_stays_there_until_a_person_asks(conn):
    outcomes(conn, 20, found=2)
    teaching.refit(conn, NOW)
    first = teaching.current(conn)
    outcomes(conn, 20, found=18, unit="a9")
    teaching.refit(conn, NOW)
    assert teaching.current(conn) != first
    assert teaching.back(conn, NOW).labels == 20
    assert teaching.current(conn) == first
    outcomes(conn, 1, found=1, unit="b1")
    assert teaching.refit_if_due(conn, NOW + timedelta(days=2)) is None
    assert teaching.back(conn, NOW) is None
    assert teaching.current(conn) == Model()
    with pytest.raises(RefusedError, match="no model"):
        teaching.back(conn, NOW)
    assert teaching.refit(conn, NOW).model.labels == 41
    assert [row.copy_of for row in models.newest(conn, limit=9)] == [None, 0, 1, None, None]


def test_drift_is_a_warning(conn):
    outcomes(conn, 60, found=5)
    with capture_logs() as logs:
        assert teaching.refit(conn, NOW).drift.has_drifted
    (line,) = [line for line in logs if line["action"] == "model_fitted"]
    assert (line["log_level"], line["found"], line["outcomes"]) == ("warning", 5, 60)


def test_a_lot_falls_on_units_below_the_line_and_an_outcome_there_teaches(conn):
    """a9 is at 0.3, without an alert; a10's alert was dismissed and rests; v1 has no score."""

    run(conn, now=NOW, estate_id="e1", detectors=[near()])
    drawn = [visit for day in range(14) for visit in planned(conn, day=DAY + timedelta(days=day), places=5)]
    (visit,) = drawn
    assert (visit.unit_id, visit.explores, visit.alert_ids) == ("a9", True, [])
    assert visit.chance == pytest.approx(0.5)
    assert visit.reasons == [{"code": "exploration"}]
    assert visit.standing_reasons == visit.reasons
    made(conn, visit, Outcome.CONFIRMED_VACANT)
    (lesson,) = teaching.lessons(conn)
    assert (lesson.found, lesson.signal.score) == (True, pytest.approx(0.3))
    assert lesson.signal.evidence == {"water_absent": 0.5, "absent_run": 2.0}


def test_outcomes_raise_a_suspicion_from_below_the_line_into_the_list_and_drop_it_again(conn):
    before = LAST - timedelta(days=4)
    outcomes(conn, 40, found=38, score=0.35)
    teaching.refit(conn, NOW)
    run(conn, now=NOW, as_of=before, estate_id="e1", detectors=[near()])
    (stored,) = alerts.page(conn, alerts.Filter(unit_id="a9"), limit=5)
    assert (stored.alert.is_raised, stored.alert.level, stored.alert.state) == (True, "yellow", "open")
    assert units.one(conn, "a9").scores[0]["probability"] == pytest.approx(stored.alert.probability)
    outcomes(conn, 90, found=2, score=0.35, unit="b1")
    teaching.refit(conn, NOW)
    run(conn, now=NOW, as_of=before + timedelta(days=2), estate_id="e1", detectors=[near()])
    assert alerts.one(conn, stored.alert.alert_id).alert.state == "open"  # it may only be a pause
    run(conn, now=NOW, as_of=LAST, estate_id="e1", detectors=[near()])
    assert alerts.one(conn, stored.alert.alert_id).alert.state == "resolved"
    assert alerts.history(conn, stored.alert.alert_id)[-1].reason == "no_longer_raised"


def test_a_raised_suspicion_is_visited_for_its_facts_and_says_what_raised_it(conn):
    outcomes(conn, 40, found=38, score=0.35)
    teaching.refit(conn, NOW)
    run(conn, now=NOW, estate_id="e1", detectors=[near()])
    (visit,) = planned(conn)
    (signal,), (reason,) = visit.signals, visit.reasons
    assert (visit.unit_id, visit.explores) == ("a9", False)
    assert (signal["score"], signal["evidence"]) == (pytest.approx(0.3), {"water_absent": 0.5, "absent_run": 2.0})
    assert signal["said"] > 0.5
    assert reason["fact"]["code"] == "absent_run"
    assert reason_text("zh-CN", reason).endswith("（依据以往核查结果列入：系统自身研判未达预警线，请先核实）")
    assert reason_text("en", reason | {"raised": False}) in reason_text("en", reason)


def test_a_home_found_normal_lately_is_not_raised_by_what_others_visits_found(conn):
    run(conn, now=NOW, estate_id="e1", detectors=[near()])
    drawn = (visit for day in range(14) for visit in planned(conn, day=DAY + timedelta(days=day), places=5))
    made(conn, next(drawn), Outcome.NORMAL)
    outcomes(conn, 40, found=38, score=0.35)
    teaching.refit(conn, NOW)
    run(conn, now=NOW, estate_id="e1", detectors=[near()])
    assert units.one(conn, "a9").scores[0]["probability"] > 0.5
    assert not alerts.page(conn, alerts.Filter(unit_id="a9"), limit=5)


@pytest.fixture
def city(conn, database, monkeypatch, tmp_path):
    """The command line over the test's database, and the city's policy; a9 is just below the line."""
    from gateway import settings

    conn.execute(
        "INSERT INTO unit_scores (unit_id, kind, as_of, probability, raw) VALUES ('a9', 'vacancy', %s, 0.3, 0.3)",
        (datetime.now(ZONE).date(),),
    )
    path = tmp_path / "city.toml"
    monkeypatch.setenv("ESTATE_DATABASE_URL", database)
    monkeypatch.setenv("ESTATE_POLICY_FILE", str(path))

    def runs(policy, *words):
        path.write_text(policy, "utf-8")
        settings.load.cache_clear()
        return CliRunner().invoke(app, words)

    yield runs
    settings.load.cache_clear()


def test_the_citys_share_of_visits_explores_from_the_shell(city):
    assert "0 new" in city("explore_share = 0", "visits", "plan", "--k", "50").output
    assert "1 new" in city("explore_share = 1", "visits", "plan", "--k", "50").output


def test_a_share_that_is_none_stops_planning_and_serving_with_one_line(city):
    for words in (("visits", "plan"), ("serve",)):
        told = city("explore_share = 2", *words)
        assert (told.exit_code, told.exception.__class__) == (1, ConfigError)
        assert "explore_share must lie between 0 and 1" in str(told.exception)


@pytest.mark.parametrize(("share", "added"), [(0, 0), (1, 1)])
def test_the_citys_share_of_visits_explores_over_http(city, database, tmp_path, share, added):
    city(f"explore_share = {share}", "visits", "--help")
    with served(create_app(Settings(policy_file=tmp_path / "city.toml"), database)) as client:
        assert client.post("/api/v1/visits/plan", json={"k": 50}).json()["added"] == added


def test_models_are_shown_and_taken_back_from_the_shell(conn, database, monkeypatch):
    from gateway import settings

    monkeypatch.setenv("ESTATE_DATABASE_URL", database)
    settings.load.cache_clear()

    def model(*words):
        return CliRunner().invoke(app, ["detect", "model", *words], catch_exceptions=False).output

    assert "detectors' own" in model("list")
    outcomes(conn, 60, found=5)
    assert "60 outcomes" in model("refit")
    shown = model("list")
    assert "in force" in shown
    assert "5 of 60" in shown
    assert "detectors' own" in model("back")
    assert "back to none" in model("list")
    settings.load.cache_clear()


def test_a_model_that_learnt_from_nobody_is_the_untouched_score(conn):
    detector = Says(finding("a1", probability=0.75))
    run(conn, now=NOW, estate_id="e1", detectors=[detector])
    before = units.one(conn, "a1").scores
    teaching.refit(conn, NOW)
    run(conn, now=NOW, estate_id="e1", detectors=[detector])
    assert units.one(conn, "a1").scores == before
    assert np.isclose(before[0]["probability"], 0.75)
