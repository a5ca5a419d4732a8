"""The console, served for real in a thread of the tests."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn

from api.app import create_app
from gateway.settings import Settings
from servers.tools import free_port, wait_until


@contextmanager
def served_console(database: str) -> Iterator[str]:
    """Host and port of a console that listens."""
    port = free_port()
    app = create_app(Settings(), database)
    server = uvicorn.Server(uvicorn.Config(app, port=port, log_level="warning", timeout_graceful_shutdown=1))
    thread = threading.Thread(target=server.run, name="console")
    thread.start()
    wait_until(lambda: server.started or not thread.is_alive(), what="the console listens")
    try:
        yield f"127.0.0.1:{port}"
    finally:
        server.should_exit = True
        thread.join(10)
