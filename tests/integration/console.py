"""The application without a socket: an HTTP client that calls it straight, inside its own event loop."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial

import httpx
from anyio.from_thread import BlockingPortal, start_blocking_portal
from fastapi import FastAPI

HOME = "http://127.0.0.1:8080"


class Client:
    """Asks the application; an error of its own comes as its answer, as it would over a socket."""

    def __init__(self, portal: BlockingPortal, client: httpx.AsyncClient) -> None:
        self._portal = portal
        self._client = client

    def request(self, method: str, path: str, **asked) -> httpx.Response:
        return self._portal.call(partial(self._client.request, method, path, **asked))

    def get(self, path: str, **asked) -> httpx.Response:
        return self.request("GET", path, **asked)

    def post(self, path: str, **asked) -> httpx.Response:
        return self.request("POST", path, **asked)


@contextmanager
def served(app: FastAPI) -> Iterator[Client]:
    """Run the application for as long as the block lasts."""
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    with (
        start_blocking_portal() as portal,
        portal.wrap_async_context_manager(app.router.lifespan_context(app)),
        portal.wrap_async_context_manager(httpx.AsyncClient(transport=transport, base_url=HOME)) as client,
    ):
        yield Client(portal, client)
