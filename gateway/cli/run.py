"""`estate run`: the whole gateway on one machine."""

from __future__ import annotations

import structlog
import typer

from gateway.bind import check_accounts, check_bind, console_address, without_password
from gateway.embedded import broker_url, database_url
from gateway.embedded.home import sole_gateway
from gateway.settings import load
from gateway.signals import StopSignals
from gateway.store.database import connect
from gateway.store.migrate import migrate
from gateway.store.retention import set_policies
from gateway.supervisor import Supervisor, gateway_parts

app = typer.Typer()
_log = structlog.get_logger()


@app.command("run")
def run_command() -> None:
    """Run the whole gateway: ingest, detection and the console, until Ctrl-C or SIGTERM.

    Broker and database are the configured ones; the embedded ones where there is no ESTATE_MQTT_URL or no
    ESTATE_DATABASE_URL.
    """
    settings = load()
    check_bind(settings)
    with StopSignals() as signals, sole_gateway(settings.home), database_url(settings) as database:
        with connect(database) as conn:
            migrate(conn)
            check_accounts(settings, conn)
            set_policies(conn, settings)
        with broker_url(settings) as broker, Supervisor(gateway_parts(settings, database, broker), signals) as parts:
            _log.info("gateway runs", action="run", console=console_address(settings), broker=without_password(broker))
            parts.watch()
            _log.info("gateway stops", action="stop")
