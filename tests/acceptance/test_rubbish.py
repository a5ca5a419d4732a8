"""Whatever is published, the process lives, good messages around it are stored, and nothing vanishes."""

import json
import time

import psycopg
from servers.gateway import lists, publisher, stop
from servers.tools import wait_until

NOW = time.time()
METER = "estate/v1/e1/meter/w1/reading"
DOOR = "estate/v1/e1/door/d1/event"
PICTURE = "/9j/4AAQSkZJRgABAQ" + "QUJDREVGR0hJSktM" * 400

RUBBISH = [
    (METER, b"not json", "not_json"),
    (METER, b"\xff\xfe\x00\x01", "not_json"),
    (METER, json.dumps({"ts": NOW, "register": "many", "unit": "m3"}), "wrong_shape"),
    (METER, f'{{"ts": {NOW}, "register": NaN, "unit": "m3"}}', "not_json"),
    (METER, f'{{"ts": {NOW}, "register": Infinity, "unit": "m3"}}', "not_json"),
    (METER, f'{{"ts": {NOW}, "register": 1e999, "unit": "m3"}}', "impossible_value"),
    (METER, json.dumps({"ts": NOW, "register": -1, "unit": "m3"}), "impossible_value"),
    (METER, json.dumps({"ts": NOW + 366 * 86_400, "register": 1, "unit": "m3"}), "time_ahead"),
    (METER, json.dumps({"ts": NOW - 500 * 86_400, "register": 1, "unit": "m3"}), "time_too_old"),
    (METER, json.dumps({"ts": NOW, "register": 1, "unit": "kWh"}), "wrong_kind"),
    ("estate/v1/e1/meter/nobody/reading", json.dumps({"ts": NOW, "register": 1, "unit": "m3"}), "unknown_device"),
    ("estate/v1/e9/meter/w1/reading", json.dumps({"ts": NOW, "register": 1, "unit": "m3"}), "wrong_estate"),
    ("estate/v1/e1/meter/w1/nonsense", b"{}", "unknown_topic"),
    (METER, b"x" * 1_000_000, "too_large"),
    (DOOR, json.dumps({"kind": "passage", "pic": PICTURE}), "wrong_shape"),
    (DOOR, json.dumps({"events": [{"pic": "x" * 2_000_000}]}), "too_large"),
]


def good(n):
    return METER, json.dumps({"ts": NOW - 86_400 + n, "register": n, "unit": "m3"})


def test_rubbish_is_held_with_its_reason_and_the_rest_is_stored(gateway, database, mosquitto):
    with psycopg.connect(database) as conn:
        conn.execute(lists())
    process = gateway.ingest(database, mosquitto.url)
    client = publisher(mosquitto.url, "devices")
    with_picture = {"ts": NOW, "event_id": "e1", "kind": "passage", "snapshot": PICTURE}
    client.publish(DOOR, json.dumps(with_picture), qos=1)
    for n, (topic, payload, _) in enumerate(RUBBISH):
        client.publish(*good(n), qos=1)
        client.publish(topic, payload, qos=1)
    client.publish(*good(len(RUBBISH)), qos=1)

    with psycopg.connect(database, autocommit=True) as conn:
        wait_until(lambda: conn.execute("SELECT count(*) FROM readings").fetchone()[0] == len(RUBBISH) + 1, within_s=30)
        held = conn.execute("SELECT topic, payload, reason, detail FROM quarantine ORDER BY quarantine_id").fetchall()
        assert {(topic, reason) for topic, _, reason, _ in held} == {(topic, reason) for topic, _, reason in RUBBISH}
        assert len(held) == len(RUBBISH)
        assert all(detail for *_, detail in held)
        assert not [payload for _, payload, *_ in held if b"QUJD" in payload or b'xxxxx"' in payload]
        assert bytes(held[0][1]) == b"not json"
        assert conn.execute("SELECT count(*) FROM door_events").fetchone() == (1,)
        assert "QUJD" not in str(conn.execute("SELECT * FROM door_events").fetchall())
        told = dict(conn.execute("SELECT name, value FROM ingest_counters").fetchall())
    assert told["images_removed"] >= 3
    assert told["messages_received"] == 2 * len(RUBBISH) + 2
    assert process.poll() is None
    client.disconnect()
    said = stop(process)
    assert "QUJD" not in said
    assert "Traceback" not in said
