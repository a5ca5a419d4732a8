"""`estate serve`: the console, JSON API and pages."""

from __future__ import annotations

import signal

import structlog
import typer
import uvicorn

from gateway.bind import check_accounts, check_bind, console_address
from gateway.detection.policy import read_rules
from gateway.embedded import database_url
from gateway.settings import Settings, load
from gateway.store.database import connect
from gateway.store.migrate import check

app = typer.Typer()
_log = structlog.get_logger()

_APPLICATION = "api.app:from_environment"
"""By name, since the gateway does not import the API that stands on it."""
_FAREWELL_S = 3


@app.command()
def serve() -> None:
    """Serve the console on ESTATE_HTTP_HOST and ESTATE_HTTP_PORT until Ctrl-C or SIGTERM."""
    settings = load()
    check_bind(settings)
    read_rules(settings.policy_file)  # the application reads it again, where a fault would be a traceback
    with database_url(settings) as url:
        with connect(url) as conn:
            check(conn)
            check_accounts(settings, conn)
        _log.info("console", action="serve", address=console_address(settings))
        _serve(settings)


def _serve(settings: Settings) -> None:
    """Let uvicorn end by itself on a signal; it raises the signal again when it has, which must not end us."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: None)
    config = uvicorn.Config(
        _APPLICATION,
        factory=True,
        host=settings.http_host,
        port=settings.http_port,
        log_level="warning",
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=_FAREWELL_S,
    )
    uvicorn.Server(config).run()
