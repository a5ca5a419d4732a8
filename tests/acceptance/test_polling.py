"""Meters behind a logger that only carries bytes: the gateway asks them, over real Mosquitto and a real database."""

import json
from collections import Counter
from datetime import UTC, datetime
from decimal import Decimal

import paho.mqtt.client as mqtt
import psycopg
import pytest
from paho.mqtt.enums import CallbackAPIVersion
from servers.gateway import stop
from servers.story import told
from servers.tools import wait_until

from device_sim.dialects.cjt188 import Meter as WaterMeter
from device_sim.dialects.dlt645 import Meter
from device_sim.dialects.logger import Logger
from device_sim.records import Device

POWER, OLD_POWER, WATER, MUTE = "202100000001", "202100000097", "00002021000002", "202100000666"
REGISTERS = {POWER: 1234.56, OLD_POWER: 77.01, WATER: 321.09}
CODECS = json.dumps({"dtu/1-1/up": "dlt645", "dtu/1-2/up": "cjt188"})
DOWN = "dtu/{building}-{entrance}/down"


def polls(**changes):
    common = {"down": DOWN, "every_s": 2, "timeout_s": 2} | changes
    return json.dumps([{"dialect": dialect, **common} for dialect in ("dlt645", "cjt188")])


@pytest.fixture
def stocked(database):
    devices = [(POWER, "electricity", "1", "dlt645"), (OLD_POWER, "electricity", "1", "dlt645")]
    devices += [(MUTE, "electricity", "1", "dlt645"), (WATER, "water", "2", "cjt188")]
    with psycopg.connect(database) as conn:
        conn.execute("INSERT INTO estates VALUES ('e1', 'Estate', 'Asia/Shanghai')")
        for device_id, kind, entrance, codec in devices:
            conn.execute(
                "INSERT INTO devices (device_id, estate_id, kind, building, entrance, codec)"
                " VALUES (%s, 'e1', %s, '1', %s, %s)",
                (device_id, kind, entrance, codec),
            )
        conn.execute("INSERT INTO registry_imports (source, counts) VALUES ('test', '{}')")
    return database


class Lines:
    """The logger of both entrances: it lets its meters hear every question and passes on what they answer."""

    def __init__(self, url):
        self.asked = Counter()
        meters = [
            (POWER, "1", Meter(POWER), "electricity"),
            (OLD_POWER, "1", Meter(OLD_POWER), "electricity"),
            (WATER, "2", WaterMeter(WATER), "water"),
        ]
        self._loggers = []
        for device_id, entrance, meter, kind in meters:
            device = Device(device_id, "e1", kind, "", "1", entrance, "", None, "")
            logger = Logger(device, meter, pushes=False)
            logger.reading(datetime.now(UTC), Decimal(str(REGISTERS[device_id])), 1)
            self._loggers.append(logger)
        self._addresses = {bytes.fromhex(one)[::-1]: one for one in (*REGISTERS, MUTE)}
        self._client = mqtt.Client(CallbackAPIVersion.VERSION2, client_id="logger")
        self._client.on_message = self._hear
        self._client.connect(*_place(url))
        self._client.subscribe([(topic, 1) for logger in self._loggers for topic in logger.listens()])
        self._client.loop_start()

    def _hear(self, client, _data, message):
        for address, device_id in self._addresses.items():
            self.asked[device_id] += address in message.payload
        for logger in self._loggers:
            if message.topic in logger.listens():
                for say in logger.hear(message.topic, message.payload, datetime.now(UTC)):
                    client.publish(say.topic, say.payload, qos=1)

    def close(self):
        self._client.disconnect()
        self._client.loop_stop()


def _place(url):
    host, port = url.removeprefix("mqtt://").split(":")
    return host, int(port)


@pytest.fixture
def lines(mosquitto):
    logger = Lines(mosquitto.url)
    yield logger
    logger.close()


def query(database, text, *values):
    with psycopg.connect(database) as conn:
        return conn.execute(text, values).fetchall()


def registers(database):
    return dict(query(database, "SELECT DISTINCT device_id, register FROM readings JOIN devices USING (device_no)"))


def counter(database, name):
    return query(database, "SELECT coalesce(sum(value), 0) FROM ingest_counters WHERE name = %s", name)[0][0]


def workers(database, name):
    return query(database, "SELECT worker FROM ingest_counters WHERE name = %s AND value > 0", name)


@pytest.mark.slow
def test_registers_arrive_and_a_mute_meter_is_asked_less(gateway, stocked, mosquitto, lines):
    ingest = gateway.ingest(stocked, mosquitto.url, codecs=CODECS, polls=polls())
    wait_until(lambda: registers(stocked) == REGISTERS, within_s=40, what="all registers are there")
    # The meter of 1997 does not understand the first question, the mute one none of three.
    wait_until(lambda: counter(stocked, "polls_timed_out") >= 4, within_s=60, what="the mute meter has missed three")
    log = [json.loads(line) for line in stop(ingest).splitlines()]
    assert [line["device_id"] for line in told(log, "poll_mute") if line["device_id"] == MUTE] == [MUTE]
    assert 3 <= lines.asked[MUTE] < lines.asked[POWER]
    assert counter(stocked, "polls_answered") >= 3


@pytest.mark.slow
def test_of_two_processes_one_polls_and_the_other_goes_on_where_it_dies(gateway, stocked, mosquitto, lines):
    settings = {"codecs": CODECS, "polls": polls(encoding="hex"), "mqtt_share": "workers"}
    first = gateway.ingest(stocked, mosquitto.url, **settings)
    second = gateway.ingest(stocked, mosquitto.url, **settings)
    wait_until(lambda: len(workers(stocked, "readings_stored")) == 2, within_s=60, what="each has taken an answer")
    wait_until(lambda: counter(stocked, "polls_answered") >= 4, within_s=60, what="answers count, whoever took them")
    assert len(workers(stocked, "polls_asked")) == 1
    first.kill()
    first.wait()
    before = counter(stocked, "polls_answered")
    wait_until(lambda: counter(stocked, "polls_answered") >= before + 2, within_s=60, what="the other one polls")
    assert told([json.loads(line) for line in stop(second).splitlines()], "polls")
