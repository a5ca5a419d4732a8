"""The database fails in every way that it can. Every message is stored once, and one line says what was wrong."""

import time

import psutil
import pytest
from servers.disks import small_disk
from servers.own_postgres import PASSWORD, ROLE, running_postgres
from servers.proxy import proxy_to
from servers.served import served_console
from servers.story import FRESH_S, Story, expect_one_outage, told
from servers.tools import wait_until

from api.routes import health

pytestmark = pytest.mark.slow
SENT = 2000
MOST_GROWTH = 60_000_000
"""Bytes that a process may grow by while the database stands still."""


@pytest.fixture(autouse=True)
def a_short_time_until_a_worker_is_taken_for_gone(monkeypatch):
    monkeypatch.setattr(health, "FRESH_S", FRESH_S)


@pytest.fixture
def proxy(own_postgres):
    with proxy_to(own_postgres.port) as proxy:
        yield proxy


@pytest.fixture
def story(gateway, own_postgres, mosquitto):
    with served_console(own_postgres.url) as console:
        yield Story(gateway, own_postgres.url, mosquitto.url, console)


@pytest.mark.parametrize("how", ["stop", "kill"])
def test_it_is_down_for_a_while(story, own_postgres, how):
    story.begin()
    story.send(SENT)
    getattr(own_postgres, how)()
    story.send(SENT)
    story.expect_unready("database")
    own_postgres.start()
    story.send(SENT)
    story.expect_everything()
    story.expect_ready()
    causes = ("terminating connection", "server closed the connection", "refused")
    expect_one_outage(story.end(), "database_lost", "database_back", *causes)


def test_it_turns_read_only(story, own_postgres):
    # Sessions keep what they were told at their start: only a new connection sees that writing is allowed again.
    story.begin()
    with own_postgres.admin() as admin:
        admin.execute("ALTER DATABASE estate SET default_transaction_read_only = on")
        own_postgres.end_sessions()
        story.send(SENT)
        story.expect_unready("ingest")
        assert story.stored() < story.sent
        admin.execute("ALTER DATABASE estate RESET default_transaction_read_only")
    story.expect_everything()
    story.expect_ready()
    expect_one_outage(story.end(), "database_lost", "database_back", "terminating connection", "read-only")


def test_its_password_is_changed(story, own_postgres):
    story.begin()
    with own_postgres.admin() as admin:
        admin.execute(f"ALTER ROLE {ROLE} PASSWORD 'another'")
        own_postgres.end_sessions()
        story.send(SENT)
        story.expect_unready("database")
        admin.execute(f"ALTER ROLE {ROLE} PASSWORD '{PASSWORD}'")
    story.expect_everything()
    story.expect_ready()
    log = story.end()
    expect_one_outage(log, "database_lost", "database_back", "terminating connection", "password authentication failed")
    assert PASSWORD not in str(log)


def test_its_disk_is_full(gateway, cluster, home, mosquitto):
    with (
        small_disk(160) as disk,
        running_postgres(cluster, home, data=disk.path, wal=home) as server,
        served_console(server.url) as console,
    ):
        story = Story(gateway, server.url, mosquitto.url, console)
        story.begin()
        disk.fill()
        story.send(8 * SENT)
        story.expect_unready("ingest")
        assert story.stored() < story.sent
        disk.free()
        story.expect_everything()
        story.expect_ready()
        expect_one_outage(story.end(), "database_lost", "database_back", "No space left on device")


def test_its_write_ahead_log_is_full(gateway, cluster, home, mosquitto):
    # PostgreSQL panics, and does not come back by itself: the operator makes room and starts it.
    with (
        small_disk(40) as disk,
        running_postgres(cluster, home, wal=disk.path) as server,
        served_console(server.url) as console,
    ):
        story = Story(gateway, server.url, mosquitto.url, console)
        story.begin()
        disk.fill()
        story.send(20 * SENT)
        server.await_end()
        assert "No space left on device" in server.log.read_text("utf-8")
        story.expect_unready("database")
        disk.free()
        server.start()
        story.expect_everything()
        story.expect_ready()
        causes = ("No space left on device", "server closed the connection", "terminating connection")
        expect_one_outage(story.end(), "database_lost", "database_back", *causes)


def test_a_deadlock_costs_one_more_try(story, own_postgres):
    story.begin()
    with own_postgres.admin() as admin:
        admin.execute("ALTER DATABASE estate SET deadlock_timeout = '6s'")
    own_postgres.end_sessions()
    story.send(50)
    story.expect_everything()
    with own_postgres.admin() as first, own_postgres.admin() as look:
        first.execute("SET deadlock_timeout = '1h'")  # so that it is the gateway's transaction that is ended
        first.execute("BEGIN")
        first.execute("SELECT FROM ingest_counters FOR UPDATE")
        key = story.sent
        story.send(50)
        waits = "SELECT 1 FROM pg_stat_activity WHERE usename = %s AND wait_event_type = 'Lock' AND query ~ 'counters'"
        wait_until(lambda: look.execute(waits, (ROLE,)).fetchone(), within_s=30, what="the gateway waits for our row")
        first.execute(
            "INSERT INTO readings SELECT device_no, to_timestamp(%s), 1, 0 FROM devices WHERE device_id = 'w0'",
            (_seconds(key),),
        )
        first.execute("ROLLBACK")
        deadlocks = "SELECT deadlocks FROM pg_stat_database WHERE datname = 'estate'"
        wait_until(lambda: look.execute(deadlocks).fetchone()[0] == 1, within_s=30, what="a deadlock is counted")
    story.expect_everything()
    log = story.end()
    assert [line["was"] for line in told(log, "database_back")].count("deadlock detected") == 1


def test_whatever_it_says_is_tried_again(story, own_postgres):
    """Each error once, from the server itself: the next try meets the next one."""
    states = ["40001", "40P01", "55P03", "57014", "53200", "53100", "58030", "25006", "42501", "0A000", "XX000"]
    story.begin()
    with own_postgres.admin() as admin:
        admin.execute("CREATE SEQUENCE tries")
        admin.execute("GRANT ALL ON SEQUENCE tries TO PUBLIC")
        admin.execute(f"""
            CREATE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql AS $$
            DECLARE states text[] := '{{{",".join(states)}}}'; tried int := nextval('tries');
            BEGIN
                IF tried <= array_length(states, 1) THEN
                    RAISE EXCEPTION 'refused with %', states[tried] USING ERRCODE = states[tried];
                END IF;
                RETURN NULL;
            END $$""")
        admin.execute("CREATE TRIGGER fail AFTER INSERT ON readings FOR EACH STATEMENT EXECUTE FUNCTION fail()")
        story.send(SENT)
        story.expect_everything()
        assert admin.execute("SELECT last_value FROM tries").fetchone()[0] > len(states)
    expect_one_outage(story.end(), "database_lost", "database_back", "refused with 40001")


def test_somebody_holds_a_lock(story, own_postgres):
    story.begin()
    with own_postgres.admin() as other:
        other.execute("BEGIN")
        other.execute("LOCK TABLE readings")
        story.send(SENT)
        story.expect_unready("ingest")
        other.execute("COMMIT")
    story.expect_everything()
    story.expect_ready()
    expect_one_outage(story.end(), "database_lost", "database_back", "no answer for")


@pytest.mark.parametrize(("count", "padding"), [(25_000, 0), (1500, 60_000)], ids=["many", "large"])
def test_a_flood_meets_a_database_that_stands_still(story, own_postgres, count, padding):
    """More than the process may hold: the rest waits in the socket and at the broker. 90 MB would show."""
    story.begin(constants={"gateway.ingest.subscriber._KEEPALIVE_S": 60})
    gateway = psutil.Process(story.process.pid)
    before = gateway.memory_info().rss
    with own_postgres.admin() as other:
        other.execute("BEGIN")
        other.execute("LOCK TABLE readings")
        story.send(count, padding=padding)
        story.expect_acknowledged()
        story.expect_unready("ingest")
        grown = settled(gateway) - before
        other.execute("COMMIT")
    story.expect_everything()
    assert max(grown, gateway.memory_info().rss - before) < MOST_GROWTH
    expect_one_outage(story.end(), "database_lost", "database_back", "no answer for")


def test_the_connection_is_cut_while_idle(story, own_postgres):
    story.begin()
    own_postgres.end_sessions()
    story.send(SENT)
    story.expect_everything()
    expect_one_outage(story.end(), "database_lost", "database_back", "terminating connection")


@pytest.mark.parametrize("moment", ["before", "after"])
def test_the_connection_is_cut_in_a_commit(story, own_postgres, proxy, moment):
    """Whether it was committed nobody knows, so the batch is written again: what is there counts as duplicate."""
    story.begin(database=proxy.through(own_postgres.url))
    assert "readings_duplicate" not in story.counters()
    proxy.cut_at = moment
    story.send(SENT)
    story.expect_everything()

    def repeated():
        return story.counters().get("readings_duplicate", 0) > 0

    assert proxy.cuts == 1
    if moment == "after":
        wait_until(repeated, what="the batch is written again")
    expect_one_outage(story.end(), "database_lost", "database_back", "server closed the connection", "reset")
    assert repeated() == (moment == "after")


def test_the_way_to_it_is_stalled_and_slow(story, own_postgres, proxy):
    story.begin(database=proxy.through(own_postgres.url))
    proxy.stall()
    story.send(SENT)
    story.expect_unready("ingest")
    proxy.delay_s = 0.05
    proxy.resume()
    story.send(SENT)
    story.expect_everything()
    story.expect_ready()
    log = story.end()
    assert told(log, "database_lost")[0]["reason"].startswith("no answer for")
    assert len(told(log, "database_lost")) == len(told(log, "database_back"))


def test_its_answers_are_lost_on_the_way(story, own_postgres, proxy):
    """What was sent is gone for good, and no reset says so: the server is asked on another connection."""
    story.begin(database=proxy.through(own_postgres.url))
    proxy.swallow()
    story.send(SENT)
    story.expect_everything()
    story.expect_ready()
    expect_one_outage(story.end(), "database_lost", "database_back", "no answer for")


def settled(process):
    """Bytes of memory of a process, once they have not grown for three seconds."""
    seen = []

    def is_flat():
        seen.append((time.monotonic(), process.memory_info().rss))
        since = [size for at, size in seen if at >= seen[-1][0] - 3]
        return seen[-1][0] - seen[0][0] > 3 and max(since) - min(since) < 500_000

    wait_until(is_flat, within_s=60, what="the process stops growing")
    return seen[-1][1]


def _seconds(n):
    from servers.gateway import METERS
    from servers.story import FIRST_MS

    return (FIRST_MS + n // METERS * 1000) / 1000
