"""An installer on site: what does this device say, and which devices has nobody listed yet?"""

import csv
import io
import json
import os
import subprocess
import sys
import time

import psycopg
import pytest
from servers.gateway import lists, publisher
from servers.tools import wait_until

READING = {"ts": round(time.time()), "register": 1234, "unit": "L"}


@pytest.fixture
def estate(home, database):
    with psycopg.connect(database) as conn:
        conn.execute(lists(3))

    def run(*arguments, **settings):
        environment = os.environ | {f"ESTATE_{name.upper()}": value for name, value in settings.items()}
        return subprocess.run(
            [sys.executable, "-m", "gateway", "device", *arguments],
            env=environment | {"ESTATE_HOME": str(home), "ESTATE_DATABASE_URL": database},
            capture_output=True, text=True, check=False, timeout=60,
        )  # fmt: skip

    return run


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "message.json"
    path.write_text(json.dumps(READING))
    return path


def test_a_file_is_decoded_and_nothing_is_stored(estate, file, database):
    done = estate("try", str(file), "--topic", "estate/v1/e1/meter/w1/reading")
    assert "dialect   native" in done.stdout
    assert "1.234 m³ of water" in done.stdout
    assert done.returncode == 0
    with psycopg.connect(database) as conn:
        assert conn.execute(
            "SELECT (SELECT count(*) FROM readings) + (SELECT count(*) FROM quarantine)"
        ).fetchone() == (0,)


def test_what_would_be_held_says_why_and_ends_with_1(estate, file):
    done = estate("try", str(file), "--topic", "estate/v1/e1/meter/w99/reading")
    assert "1.234 m³ of water" in done.stdout
    assert "held      unknown_device: w99" in done.stdout
    assert done.returncode == 1


def test_a_damaged_frame_of_no_known_topic_is_known_by_its_form(estate, tmp_path):
    frame = tmp_path / "frame.bin"
    frame.write_bytes(bytes.fromhex("fefe 68 129078563412 68 91 08 33333433 89674533 00 16"))
    done = estate("try", str(frame))
    assert "dialect   dlt645\n  held      wrong_checksum" in done.stdout
    assert "wmbusmeters" not in done.stdout
    assert done.returncode == 1


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["nowhere.json"], "nowhere.json: No such file"),
        ([], "give a FILE, or --topic"),
        (["--topic", "a/#/b"], "'a/#/b' is not an MQTT topic filter"),
        (["{file}", "--dialect", "morse"], "morse is not one of"),
    ],
)
def test_a_mistake_is_one_line(estate, file, arguments, says):
    done = estate("try", *[part.format(file=file) for part in arguments])
    assert done.returncode in {1, 2}
    assert len(done.stderr.splitlines()) == 1
    assert says in done.stderr


def test_the_live_broker_is_listened_to_beside_whoever_ingests(estate, mosquitto):
    client = publisher(mosquitto.url, "meter")
    client.publish("estate/v1/e1/meter/w2/reading", json.dumps(READING), qos=1, retain=True)
    done = estate("try", "--topic", "estate/v1/+/meter/#", "--messages", "1", mqtt_url=mosquitto.url)
    client.disconnect()
    assert "estate/v1/e1/meter/w2/reading  (" in done.stdout
    assert "retained" in done.stdout
    assert "reading   w2" in done.stdout


def test_devices_that_speak_and_are_in_no_list_are_learnt(estate, gateway, database, mosquitto):
    gateway.ingest(database, mosquitto.url)
    client = publisher(mosquitto.url, "devices")
    client.publish("estate/v1/e1/meter/new-meter/reading", json.dumps(READING), qos=1)
    event = {"ts": READING["ts"], "event_id": "1", "kind": "passage"}
    client.publish("estate/v1/e1/door/new-door/event", json.dumps(event), qos=1)
    with psycopg.connect(database, autocommit=True) as conn:
        wait_until(lambda: conn.execute("SELECT count(*) FROM quarantine").fetchone() == (2,), within_s=30)
    client.disconnect()
    done = estate("learn")
    rows = list(csv.DictReader(io.StringIO(done.stdout)))
    told = [(row["device_id"], row["estate_id"], row["kind"], row["codec"]) for row in rows]
    assert told == [("new-door", "e1", "door", "native"), ("new-meter", "e1", "water", "native")]
    assert "2 devices" in done.stderr
