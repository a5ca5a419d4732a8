"""50,000 messages, and something dies in the middle of them. All rows are there, none twice."""

import time

import psutil
import psycopg
import pytest
from servers.gateway import METERS, lists, publisher, stop
from servers.processes import of_home
from servers.tools import wait_until

from gateway.embedded import database_url
from gateway.settings import Settings

MESSAGES = 50_000
FIRST_MS = int(time.time() * 1000) - 86_400_000


def count(database):
    try:
        with psycopg.connect(database) as conn:
            return conn.execute("SELECT count(*) FROM readings").fetchone()[0]
    except psycopg.OperationalError:
        return -1


def counters(database):
    with psycopg.connect(database) as conn:
        return dict(conn.execute("SELECT name, sum(value)::bigint FROM ingest_counters GROUP BY name").fetchall())


def send(client, first, last):
    """Publish messages `first` to `last`: a reading each, every one of another meter or time."""
    for n in range(first, last):
        topic = f"estate/v1/e1/meter/w{n % METERS}/reading"
        client.publish(topic, f'{{"ts":{FIRST_MS + n // METERS * 1000},"register":{n},"unit":"L"}}', qos=1)


def drained(client):
    return not client._out_messages


@pytest.fixture
def stocked(database):
    with psycopg.connect(database) as conn:
        conn.execute(lists())
    return database


@pytest.fixture(params=["mosquitto", "nats"])
def broker(request):
    server = request.getfixturevalue(request.param)
    return server if isinstance(server, str) else server.url


def expect_everything(database):
    wait_until(lambda: count(database) >= MESSAGES, within_s=120, what="all rows are there")
    told = counters(database)
    with psycopg.connect(database) as conn:
        rows = conn.execute("SELECT count(*), count(DISTINCT (device_no, ts)), sum(register) FROM readings").fetchone()
    assert rows == (MESSAGES, MESSAGES, pytest.approx(sum(range(MESSAGES)) / 1000))
    assert told["readings_stored"] == MESSAGES
    assert not [name for name in told if name.startswith("quarantined")]


@pytest.mark.slow
def test_the_ingest_process_is_killed_and_started_again(gateway, stocked, broker):
    first = gateway.ingest(stocked, broker)
    client = publisher(broker, f"devices-{stocked[-12:-6]}-{id(gateway)}")
    send(client, 0, MESSAGES)
    wait_until(lambda: count(stocked) > MESSAGES // 10, within_s=60, what="a part is stored")
    first.kill()
    first.wait()
    assert count(stocked) < MESSAGES
    second = gateway.ingest(stocked, broker)
    expect_everything(stocked)
    assert wait_until(lambda: drained(client), within_s=30)
    client.disconnect()
    stop(second)


@pytest.mark.slow
def test_the_broker_is_restarted(gateway, stocked, mosquitto):
    process = gateway.ingest(stocked, mosquitto.url)
    client = publisher(mosquitto.url, "devices")
    send(client, 0, MESSAGES)
    wait_until(lambda: count(stocked) > MESSAGES // 10, within_s=60, what="a part is stored")
    mosquitto.restart()
    expect_everything(stocked)
    client.disconnect()
    said = stop(process)
    assert "mqtt_lost" in said
    assert said.count("mqtt_connected") == 2


@pytest.mark.slow
def test_the_database_is_killed_and_comes_back(gateway, home, mosquitto):
    with database_url(Settings(home=home)) as database:
        with psycopg.connect(database) as conn:
            conn.execute(lists())
        process = gateway.ingest(database, mosquitto.url)
        client = publisher(mosquitto.url, "devices")
        send(client, 0, MESSAGES // 2)
        wait_until(lambda: count(database) > MESSAGES // 10, within_s=60, what="a part is stored")
        postmaster = next(found for found in of_home(home) if found.name() == "postgres" and _is_first(found))
        postmaster.kill()
        send(client, MESSAGES // 2, MESSAGES)
        expect_everything(database)
        client.disconnect()
        said = stop(process)
    assert "database_lost" in said
    assert "database_back" in said


def _is_first(process):
    parent = process.parent()
    return parent is None or parent.name() != "postgres" or parent.pid == 1 or not psutil.pid_exists(parent.pid)


def test_a_second_process_on_the_same_topics_is_refused(gateway, stocked, mosquitto):
    gateway.ingest(stocked, mosquitto.url)
    second = gateway.start("ingest", database_url=stocked, mqtt_url=mosquitto.url)
    _, said = second.communicate(timeout=40)
    assert second.returncode == 1
    assert "ESTATE_MQTT_SHARE" in said
    assert "Traceback" not in said


def test_two_processes_share_a_subscription(gateway, stocked, mosquitto):
    processes = [gateway.ingest(stocked, mosquitto.url, mqtt_share="workers") for _ in range(2)]
    client = publisher(mosquitto.url, "devices")
    send(client, 0, 4000)
    wait_until(lambda: count(stocked) == 4000, within_s=30)
    client.disconnect()
    for process in processes:
        stop(process)
    with psycopg.connect(stocked) as conn:
        shares = conn.execute("SELECT value FROM ingest_counters WHERE name = 'readings_stored'").fetchall()
    assert len(shares) == 2
    assert sum(value for (value,) in shares) == 4000
