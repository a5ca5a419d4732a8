"""What the gateway's ingestion is measured against: others that take MQTT messages into the same table.

mq-bridge copies: MQTT in, INSERT out, in Rust. The plain loop is what a careful hour with paho and psycopg makes.
Neither checks a value, looks at a list, holds what it cannot read, or counts; both acknowledge what is not yet stored
or rely on their client's own order. Both are given the device's number in the payload, which saves them a look-up.

    python benchmarks/rivals.py loop|bridge|bridge-single DATABASE_URL BROKER_URL TOPIC_PREFIX
"""

from __future__ import annotations

import json
import sys
import time

import paho.mqtt.client as mqtt
import psycopg
from paho.mqtt.enums import CallbackAPIVersion

INSERT = """
    INSERT INTO readings (device_no, ts, register, delay_ms)
    VALUES ({device_no}, to_timestamp({ts} / 1000.0), {register}, 0) ON CONFLICT DO NOTHING
"""
ROWS = 1000
AGE_S = 0.2


def plain_loop(database: str, broker: str, prefix: str) -> None:
    """Decode, collect a thousand rows, executemany, commit; paho acknowledges as it likes."""
    rows: list[dict[str, object]] = []
    client = mqtt.Client(CallbackAPIVersion.VERSION2, client_id=prefix, clean_session=False)
    client.on_message = lambda _client, _data, message: rows.append(json.loads(message.payload))
    host, port = broker.removeprefix("mqtt://").split(":")
    client.connect(host, int(port))
    client.subscribe(f"{prefix}/#", qos=1)
    statement = INSERT.format(device_no="%(device_no)s", ts="%(ts)s::float8", register="%(register)s")
    with psycopg.connect(database) as conn:
        written = time.monotonic()
        while client.loop(timeout=AGE_S) == mqtt.MQTT_ERR_SUCCESS:
            if rows and (len(rows) >= ROWS or time.monotonic() - written > AGE_S):
                conn.cursor().executemany(statement, rows)
                conn.commit()
                rows.clear()
                written = time.monotonic()


def bridge(database: str, broker: str, prefix: str, *, batch: int) -> None:
    """mq-bridge as its documentation has it, with the broker's whole window in flight; `batch` rows an INSERT."""
    from mq_bridge import Route  # noqa: PLC0415 - installed by `make bench` only

    tokens = {
        "device_no": "CAST(${payload:device_no} AS int)",
        "ts": "CAST(${payload:ts} AS float8)",
        "register": "CAST(${payload:register} AS float8)",
    }
    consumer = {
        "url": broker.replace("mqtt://", "tcp://"),
        "topic": f"{prefix}/#",
        "client_id": prefix,
        "protocol": "v3",
        "qos": 1,
        "max_inflight": 20_000,
        "queue_capacity": 20_000,
    }
    store = {"url": database.replace("@/", "@localhost/"), "table": "readings", "insert_query": INSERT.format(**tokens)}
    Route.from_config({"input": {"mqtt": consumer}, "output": {"sqlx": store}, "batch_size": batch}).run()


def main() -> None:
    kind, database, broker, prefix = sys.argv[1:]
    if kind == "loop":
        plain_loop(database, broker, prefix)
    else:
        bridge(database, broker, prefix, batch=1 if kind == "bridge-single" else 512)


if __name__ == "__main__":
    main()
