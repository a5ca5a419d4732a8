"""`estate ingest`: from the broker into the store."""

from __future__ import annotations

import signal

import typer

from gateway.embedded import broker_url, database_url
from gateway.ingest.worker import Worker
from gateway.settings import load

app = typer.Typer()


@app.command()
def ingest() -> None:
    """Take messages from the broker, store them once, acknowledge what is durable.

    Several processes share the load with ESTATE_MQTT_SHARE (a shared subscription), or each with its own
    ESTATE_MQTT_TOPICS.
    """
    settings = load()
    with database_url(settings) as database, broker_url(settings) as broker:
        worker = Worker(settings, database, broker)
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: worker.stop())
        worker.run()
