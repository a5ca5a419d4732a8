"""Changes as they happen, over a real server: no gap, no double, resumed with the last `seq` seen."""

import json
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime

import httpx
import psycopg
import pytest
from integration.little_estate import LISTS, ZONE, finding, opened
from servers.served import served_console
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect as open_socket

from api import live
from gateway.alerts.acting import act
from gateway.alerts.life import Request
from gateway.alerts.model import Action
from gateway.store.alerts import last_seq
from gateway.store.database import connect

CHANGES = 60


@pytest.fixture
def conn(database):
    with connect(database) as conn:
        conn.execute(LISTS)
        yield conn


@pytest.fixture
def address(conn, database):
    """Host and port of a served console."""
    with served_console(database) as address:
        yield address


def socket(address, since=None, **more):
    """A client that may leave with messages unread: with a bounded queue it would not hear the server say goodbye."""
    query = "" if since is None else f"?since={since}"
    return open_socket(f"ws://{address}/api/v1/alerts/live{query}", **{"max_queue": None, **more})


def note(conn, alert_id, text="seen"):
    act(conn, alert_id, Request(action=Action.NOTE, actor="wang", reason=text), now=datetime.now(ZONE))


def read(ws, count, timeout=20):
    return [json.loads(ws.recv(timeout=timeout)) for _ in range(count)]


def test_history_comes_first_and_then_what_happens(conn, address):
    alert_id = opened(conn, finding("a1"))
    note(conn, alert_id, "one")
    with socket(address, since=0) as ws:
        old = read(ws, 2)
        note(conn, alert_id, "two")
        (new,) = read(ws, 1)
    assert [one["action"] for one in old] == ["opened", "note"]
    assert (new["reason"], new["alert"]["id"], new["alert_id"]) == ("two", alert_id, alert_id)
    assert old[0]["seq"] < old[1]["seq"] < new["seq"] == last_seq(conn)


def test_without_since_only_what_happens_from_now_on(conn, address):
    alert_id = opened(conn, finding("a1"))
    with socket(address) as ws:
        note(conn, alert_id, "new")
        assert read(ws, 1)[0]["reason"] == "new"


def test_nothing_is_missed_or_doubled_while_many_write_and_sockets_come_and_go(conn, address, database):
    alerts = [opened(conn, finding(unit_id)) for unit_id in ("a1", "a9", "a10")]
    start = last_seq(conn)

    def write(alert_id):
        with connect(database) as mine:
            for number in range(CHANGES):
                note(mine, alert_id, str(number))

    def follow(reconnect_every):
        seen, since = [], start
        while len(seen) < CHANGES * len(alerts):
            with socket(address, since) as ws:
                for change in read(ws, min(reconnect_every, CHANGES * len(alerts) - len(seen))):
                    seen.append(change["seq"])
                    since = change["seq"]
        return seen

    with ThreadPoolExecutor(8) as pool:
        readers = [pool.submit(follow, every) for every in (1000, 7, 23)]
        writers = [pool.submit(write, alert_id) for alert_id in alerts]
        seen = [reader.result(60) for reader in readers]
        for writer in writers:
            writer.result(60)
    expected = [row[0] for row in conn.execute("SELECT seq FROM alert_changes WHERE seq > %s ORDER BY seq", (start,))]
    assert len(expected) == CHANGES * len(alerts)
    assert seen == [expected] * 3


def test_a_change_is_seen_only_when_it_is_committed_and_then_in_order(conn, address, database):
    first, second = opened(conn, finding("a1")), opened(conn, finding("a9"))
    with socket(address, since=last_seq(conn)) as ws, connect(database) as slow, ThreadPoolExecutor(1) as pool:
        with slow.transaction():
            note(slow, first, "slow")
            quick = pool.submit(lambda: note(conn, second, "quick"))
            with pytest.raises(TimeoutError):
                ws.recv(timeout=0.3)
        quick.result(10)
        assert [one["reason"] for one in read(ws, 2)] == ["slow", "quick"]


@pytest.fixture
def old_alert(conn):
    """An alert from before the console started."""
    return opened(conn, finding("a1"))


@pytest.fixture
def small_hand(monkeypatch):
    """A feed that keeps little in hand and reads little at once."""
    monkeypatch.setattr(live, "_IN_HAND", 3)
    monkeypatch.setattr(live, "_AT_ONCE", 2)


def test_what_happened_before_the_console_started_is_read_from_the_database(conn, old_alert, address):
    with socket(address, since=0) as ws:
        assert read(ws, 1)[0]["alert_id"] == old_alert


def test_one_who_fell_behind_what_is_in_hand_reads_on_from_the_database(conn, old_alert, small_hand, address):
    with socket(address) as first:
        for number in range(12):
            note(conn, old_alert, str(number))
        assert [one["reason"] for one in read(first, 12)] == [str(number) for number in range(12)]
    with socket(address, since=0) as late:
        seen = [one["reason"] for one in read(late, 13)]
        note(conn, old_alert, "last")
        assert read(late, 1)[0]["reason"] == "last"
    assert seen[1:] == [str(number) for number in range(12)]


def test_a_long_poll_wakes_when_something_happens(conn, address):
    alert_id = opened(conn, finding("a1"))
    since = last_seq(conn)
    with ThreadPoolExecutor(1) as pool:
        url = f"http://{address}/api/v1/alerts/changes"
        answer = pool.submit(lambda: httpx.get(url, params={"since": since, "wait": 20}, timeout=30))
        time.sleep(0.3)  # it should be waiting by now; if it is not, it only answers at once
        assert not answer.done()
        began = time.monotonic()
        note(conn, alert_id, "now")
        items = answer.result(10).json()["items"]
    assert [one["reason"] for one in items] == ["now"]
    assert time.monotonic() - began < 5


def test_a_long_poll_ends_empty_when_nothing_happens(conn, address):
    opened(conn, finding("a1"))
    params = {"since": last_seq(conn), "wait": 0.3}
    assert httpx.get(f"http://{address}/api/v1/alerts/changes", params=params).json() == {"items": [], "next": None}


def test_the_feed_goes_on_after_the_database_cut_its_connections(conn, address, database):
    alert_id = opened(conn, finding("a1"))
    with socket(address, since=last_seq(conn)) as ws, psycopg.connect(database, autocommit=True) as other:
        other.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid NOT IN (pg_backend_pid(), %s)",
            (conn.info.backend_pid,),
        )
        note(conn, alert_id, "after")
        assert read(ws, 1)[0]["reason"] == "after"


def test_a_seq_from_another_life_of_the_database_starts_at_the_present(conn, address):
    alert_id = opened(conn, finding("a1"))
    with socket(address, since=10_000) as ws:
        note(conn, alert_id, "here")
        assert read(ws, 1)[0]["reason"] == "here"


def test_other_web_sites_get_no_socket(conn, address):
    with pytest.raises(InvalidStatus) as refused, socket(address, since=0, origin="http://evil.example"):
        pass
    assert refused.value.response.status_code == 403
    with socket(address, since=0, origin=f"http://{address}"):
        pass
