"""The broker fails in every way that it can. Every message is stored once, and one line says what was wrong."""

import json
import signal
from contextlib import ExitStack

import psycopg
import pytest
from servers.gateway import lists
from servers.processes import of_home
from servers.proxy import proxy_to
from servers.served import served_console
from servers.story import FRESH_S, Story, expect_one_outage, told
from servers.tools import wait_until

from api.routes import health
from gateway.embedded import broker_url
from gateway.settings import Settings

pytestmark = pytest.mark.slow
SENT = 2000
METER = "estate/v1/e1/meter/w1/reading"


@pytest.fixture(autouse=True)
def a_short_time_until_a_worker_is_taken_for_gone(monkeypatch):
    monkeypatch.setattr(health, "FRESH_S", FRESH_S)


@pytest.fixture
def stocked(database):
    with psycopg.connect(database) as conn:
        conn.execute(lists())
    return database


@pytest.fixture
def mosquitto(mosquitto):
    mosquitto.saved_every_s = 1
    mosquitto.restart()
    return mosquitto


@pytest.fixture
def story(gateway, stocked, mosquitto):
    with served_console(stocked) as console:
        yield Story(gateway, stocked, mosquitto.url, console)


@pytest.mark.parametrize("how", ["stop", "kill"])
def test_it_is_down_for_a_while(story, mosquitto, how):
    story.begin()
    story.send(SENT)
    if how == "kill":  # then what it alone holds, and has not written down, is lost
        story.expect_everything()
        mosquitto.await_save()
    getattr(mosquitto, how)()
    story.send(SENT)
    story.expect_unready("ingest")
    mosquitto.start()
    story.expect_ready()
    story.send(SENT)
    story.expect_everything()
    expect_one_outage(story.end(), "mqtt_lost", "mqtt_connected", "Unspecified error")


def test_it_is_killed_with_what_it_has_written_down(story, mosquitto):
    """What waited for a gateway that was down is there again, but for what came since the broker last saved."""
    story.begin()
    story.stop_gateway()
    story.send(SENT)
    story.expect_acknowledged()
    mosquitto.await_save()
    mosquitto.kill()
    mosquitto.start()
    story.start_gateway()
    story.expect_everything()
    story.end()


def test_it_has_forgotten_our_session(story, mosquitto):
    story.begin()
    mosquitto.stop()
    mosquitto.forget()
    mosquitto.start()
    story.expect_ready()
    story.send(SENT)
    story.expect_everything()
    log = story.end()
    loud = [line["action"] for line in log if line["level"] == "warning"]
    assert loud == ["mqtt_lost", "mqtt_session_lost"]
    assert len(told(log, "mqtt_connected")) == 2


def test_a_message_is_too_large(story, stocked):
    """Above the dialect's limit it is held; above the broker's the broker drops it, and says nothing to anybody."""
    story.begin()
    reading = {"ts": 1, "register": 1, "unit": "m3", "flags": ["x" * 100]}
    for length, limit in ((700, 64 * 1024), (90_000, 8 * 1024 * 1024)):
        payload = json.dumps(reading | {"flags": reading["flags"] * length})
        assert len(payload) > limit
        story.client.publish(METER, payload, qos=1)
    story.send(SENT)
    wait_until(lambda: story.stored() == story.sent, within_s=60)
    counted = story.counters()
    assert counted["quarantined.too_large"] == 1
    assert counted["messages_received"] == story.sent + 1
    with psycopg.connect(stocked) as conn:
        assert conn.execute("SELECT reason, length(payload) > 65536 FROM quarantine").fetchall() == [
            ("too_large", True)
        ]
    log = story.end()
    assert [line["action"] for line in log if line["level"] == "warning"] == ["quarantined"]


def test_the_gateway_is_frozen_until_the_broker_gives_it_up(story, mosquitto):
    story.begin()
    story.process.send_signal(signal.SIGSTOP)
    story.send(SENT)
    story.expect_unready("ingest")
    wait_until(lambda: "exceeded timeout" in mosquitto.log(), within_s=60, what="the broker gives the gateway up")
    story.send(SENT)
    story.expect_acknowledged()
    story.process.send_signal(signal.SIGCONT)
    story.expect_everything()
    story.expect_ready()
    assert "outgoing messages are being dropped" not in mosquitto.log().lower()
    expect_one_outage(story.end(), "mqtt_lost", "mqtt_connected", "Keep alive", "Unspecified error")


def test_what_it_says_is_lost_on_the_way(story, mosquitto):
    """Nobody resets the connection: the missing answer to our keep-alive tells."""
    with proxy_to(mosquitto.port) as proxy:
        story.begin(broker=proxy.through(mosquitto.url))
        proxy.swallow()
        story.send(SENT)
        story.expect_everything()
        story.expect_ready()
        expect_one_outage(story.end(), "mqtt_lost", "mqtt_connected", "Keep alive")


def test_the_way_to_it_is_closed_for_a_while(story, mosquitto):
    with proxy_to(mosquitto.port) as proxy:
        story.begin(broker=proxy.through(mosquitto.url))
        proxy.go_away()
        story.send(SENT)
        story.expect_unready("ingest")
        proxy.come_back()
        story.expect_everything()
        story.expect_ready()
        expect_one_outage(story.end(), "mqtt_lost", "mqtt_connected", "Unspecified error")


def test_its_password_is_changed(story, mosquitto):
    story.begin()
    mosquitto.require_password("somebody", "else")
    story.send(SENT)
    story.expect_unready("ingest")
    wait_until(lambda: "not authorised" in mosquitto.log().lower(), within_s=60, what="the broker refuses somebody")
    mosquitto.allow_anyone()
    story.expect_everything()
    story.expect_ready()
    log = story.end()
    assert [line["action"] for line in log if line["level"] == "warning"][:2] == ["mqtt_lost", "mqtt_refused"]
    assert len(told(log, "mqtt_refused")) == 1
    assert told(log, "mqtt_connected")[-1]["lost_s"] > 0


def test_the_embedded_one_is_killed(gateway, stocked, home):
    with ExitStack() as stack:
        url = stack.enter_context(broker_url(Settings(home=home)))
        console = stack.enter_context(served_console(stocked))
        story = Story(gateway, stocked, url, console)
        story.begin()
        next(found for found in of_home(home) if found.name() == "nats-server").kill()
        story.send(SENT)
        story.expect_everything()
        story.expect_ready()
        expect_one_outage(story.end(), "mqtt_lost", "mqtt_connected", "Unspecified error")
