"""Several ingest processes share the load, and one of them dies. All rows are there, none twice."""

import time

import psycopg
import pytest
from servers.gateway import METERS, lists, publisher, stop
from servers.tools import wait_until

MESSAGES = 20_000
FIRST_MS = int(time.time() * 1000) - 86_400_000


@pytest.fixture
def stocked(database):
    with psycopg.connect(database) as conn:
        conn.execute(lists())
        conn.execute("INSERT INTO estates VALUES ('e2', 'Second', 'Asia/Shanghai')")
        conn.execute("INSERT INTO devices (device_id, estate_id, kind) VALUES ('v1', 'e2', 'water')")
    return database


def send(client, first, last):
    for n in range(first, last):
        topic = f"estate/v1/e1/meter/w{n % METERS}/reading"
        client.publish(topic, f'{{"ts":{FIRST_MS + n // METERS * 1000},"register":{n},"unit":"L"}}', qos=1)


def rows(database):
    with psycopg.connect(database) as conn:
        return conn.execute("SELECT count(*), count(DISTINCT (device_no, ts)), sum(register) FROM readings").fetchone()


def ask(database, query):
    with psycopg.connect(database) as conn:
        return conn.execute(query).fetchall()


def expect_everything(database, within_s):
    wait_until(lambda: rows(database)[0] >= MESSAGES, within_s=within_s, what="all rows are there")
    assert rows(database) == (MESSAGES, MESSAGES, pytest.approx(sum(range(MESSAGES)) / 1000))


def sessions(database):
    return [slot for (slot,) in ask(database, "SELECT slot FROM shared_sessions ORDER BY slot")]


@pytest.mark.slow
def test_one_of_two_is_killed_for_good_and_the_other_empties_its_session(gateway, stocked, mosquitto):
    survivor = gateway.ingest(stocked, mosquitto.url, mqtt_share="workers")
    victim = gateway.ingest(stocked, mosquitto.url, mqtt_share="workers")
    client = publisher(mosquitto.url, "devices")
    send(client, 0, MESSAGES // 2)
    wait_until(lambda: rows(stocked)[0] > MESSAGES // 10, within_s=60, what="a part is stored")
    victim.kill()
    victim.wait()
    send(client, MESSAGES // 2, MESSAGES)
    wait_until(lambda: not client._out_messages, within_s=60, what="the broker has all messages")
    assert sessions(stocked) == [0, 1]
    with psycopg.connect(stocked) as conn:  # as if it had been gone for long
        conn.execute("UPDATE shared_sessions SET seen_at = seen_at - interval '1 minute' WHERE slot = 1")
    expect_everything(stocked, within_s=120)
    wait_until(lambda: sessions(stocked) == [0], within_s=60, what="the session of the victim is ended")
    client.disconnect()
    said = stop(survivor)
    assert said.count("session_adopted") == 1
    assert said.count("session_emptied") == 1


@pytest.mark.slow
def test_one_that_comes_back_goes_on_with_its_own_session(gateway, stocked, mosquitto):
    other = gateway.ingest(stocked, mosquitto.url, mqtt_share="workers")
    first = gateway.ingest(stocked, mosquitto.url, mqtt_share="workers")
    client = publisher(mosquitto.url, "devices")
    send(client, 0, MESSAGES)
    wait_until(lambda: rows(stocked)[0] > MESSAGES // 10, within_s=60, what="a part is stored")
    first.kill()
    first.wait()
    second = gateway.ingest(stocked, mosquitto.url, mqtt_share="workers")
    expect_everything(stocked, within_s=60)
    client.disconnect()
    stop(second)
    assert "session_adopted" not in stop(other)
    assert sessions(stocked) == [0, 1]


@pytest.mark.slow
def test_estates_are_divided_by_topic_where_the_broker_has_no_shared_subscriptions(gateway, stocked, nats):
    ours = gateway.ingest(stocked, nats, mqtt_topics="estate/v1/e1/#")
    theirs = gateway.ingest(stocked, nats, mqtt_topics="estate/v1/e2/#")
    client = publisher(nats, f"devices-{stocked[-12:-6]}")
    send(client, 0, MESSAGES // 2)
    client.publish("estate/v1/e2/meter/v1/reading", f'{{"ts":{FIRST_MS},"register":7,"unit":"m3"}}', qos=1)
    wait_until(lambda: rows(stocked)[0] > MESSAGES // 10, within_s=60, what="a part is stored")
    ours.kill()
    ours.wait()
    send(client, MESSAGES // 2, MESSAGES)
    again = gateway.ingest(stocked, nats, mqtt_topics="estate/v1/e1/#")
    wait_until(lambda: rows(stocked)[0] == MESSAGES + 1, within_s=120, what="all rows are there")
    assert rows(stocked)[:2] == (MESSAGES + 1, MESSAGES + 1)
    client.disconnect()
    stop(again)
    stop(theirs)
    assert ask(stocked, "SELECT register FROM readings JOIN devices USING (device_no) WHERE estate_id = 'e2'") == [
        (7.0,)
    ]
    assert sessions(stocked) == []
