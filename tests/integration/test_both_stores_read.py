"""What the console reads is the same on plain PostgreSQL and on TimescaleDB."""

import json
from datetime import datetime, timedelta

import pytest
from integration.little_estate import LISTS, ZONE, finding, opened

from gateway.codecs.message import Message
from gateway.detection.panel import build
from gateway.detection.run import run
from gateway.ingest.batch import Batch
from gateway.ingest.intake import take_in
from gateway.ingest.writer import Writer
from gateway.reports.month import Month
from gateway.reports.monthly import monthly
from gateway.store import alerts, devices, units, visits
from gateway.store.database import connect
from gateway.store.migrate import check
from gateway.visits.planning import Order, plan

DAYS = 4


@pytest.fixture
def now():
    return datetime.now(ZONE)


@pytest.fixture
def conn(both_stores, now):
    """Four days of a home: hourly registers, electricity at noon, the tenant home at seven in the evening."""
    with connect(both_stores) as conn:
        conn.execute(LISTS)
        send(conn, now, *messages(midnight(now) - timedelta(days=DAYS)))
        yield conn


def midnight(now):
    return now.replace(hour=0, minute=0, second=0, microsecond=0)


def messages(start):
    for hour in range(DAYS * 24 + 1):
        ts = start + timedelta(hours=hour)
        noons = (hour + 11) // 24
        for device, register, unit in (("w1", hour * 0.01, "m3"), ("m1", noons * 2.0, "kWh")):
            said = {"ts": ts.isoformat(), "register": register, "unit": unit}
            yield f"estate/v1/e1/meter/{device}/reading", said
        if ts.hour == 19:
            said = {"ts": ts.isoformat(), "event_id": f"x{hour}", "kind": "passage", "person_id": "p1"}
            yield "estate/v1/e1/door/d0/event", said | {"method": "face", "direction": "in"}


def send(conn, now, *said):
    writer = Writer(conn, check(conn), "test")
    writer.refresh_directory()
    batch = Batch()
    for topic, body in said:
        message = Message(topic, json.dumps(body).encode(), round(now.timestamp() * 1e6))
        take_in(batch, message, writer.directory)
    assert not batch.held
    writer.write(batch)


def test_days_hours_alerts_and_devices(conn, now):
    (done, _) = run(conn, now=now)
    yesterday = now.date() - timedelta(days=1)
    assert (done.as_of, done.units) == (yesterday, 5)

    panel = build(conn, "e1", yesterday)
    assert panel.water_l[0, 1:].round(1).tolist() == [240.0] * (DAYS - 1)
    assert panel.registered_passages[0].tolist() == [1.0] * DAYS
    (day,) = units.timeline(conn, "a1", start=yesterday, end=yesterday)
    assert (round(day.water_l, 1), round(day.electricity_kwh, 1), day.registered, day.door_spoke) == (
        240.0,
        2.0,
        1,
        True,
    )

    use = units.hours_of_use(conn, ["a1", "a9"], start=now - timedelta(days=28), end=now)
    assert [hour for hour, count in enumerate(use["a1"].passages) if count] == [19]
    assert max(range(24), key=lambda hour: use["a1"].electricity_kwh[hour]) in (12, 13)
    assert sum(use["a9"].passages) == 0

    opened(conn, finding("a1"), now=now)
    assert plan(conn, Order(), now=now).added == 1
    (visit,) = visits.page(conn, visits.Filter(), limit=9)
    assert visit.best_hours[0] in ([18, 20], [19, 21])
    (last,) = [change.action for change in alerts.changes(conn, alerts.last_seq(conn) - 1, limit=9)]
    assert last == "dispatch"

    month = monthly(conn, Month.parse(f"{yesterday:%Y-%m}"), now=midnight(now), passages_days=180).estates[0]
    known_days = min(DAYS, yesterday.day)  # all of them, but for those of the month before
    assert month.devices.coverage["water"] == pytest.approx(known_days / yesterday.day, abs=0.05 / yesterday.day)

    heard = {row.device_id: row.last_device_time for row in devices.page(conn, limit=9)}
    assert heard["w1"] == midnight(now)
    assert heard["d0"] == midnight(now) - timedelta(hours=5)
